/*
 * The state of the object heap, shared by object.c, collect.c and intern.c and
 * by nothing else.
 *
 * Objects are 1 .. rh_nobj - 1; an object is live while its count is not zero.
 * Object o owns for good the span of rh_capacity[rh_class[o]] slots that
 * begins at rh_span[o].first, and uses the first rh_span[o].len of them; spans tile
 * 0 .. rh_nedge - 1. Only rh_object_resize exchanges the spans of two objects.
 * A dead object keeps its span and waits on the free stack of its class
 * (rh_free[c], linked through rh_next). A slot that is not in use is 0.
 *
 * The generation lists are arrays of objects in list order with holes: a
 * member o of list g has rh_list[o] == g + 1 and rh_member[g][rh_pos[o]] == o;
 * rh_list[o] is 0 for objects in no list. To leave a list is to say so in
 * rh_list alone: entry k of list g is a hole when its object is not in g, or
 * is but has its place elsewhere.
 * Invariants are suspended only inside the functions of these two files:
 * between a count reaching zero and the end of rh_drain, dead objects wait in
 * rh_dead and may still have slots in use.
 */
#ifndef RH_CORE_OBJECT_STATE_H
#define RH_CORE_OBJECT_STATE_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

enum {
  RH_LISTS = 6, /* generations 0-2, frozen, found, scratch */
#ifdef RH_MICRO
  RH_SLACK = 1,
  RH_MEMBERS = 2 * RH_OBJECTS - 1,
#else
  RH_SLACK = 64,                    /* holes a list may always have */
  RH_MEMBERS = 2 * RH_OBJECTS + 64, /* room of one list, holes included */
#endif
};

/* Of an object: the first of its slots, and how many it uses. Together: who reads one reads the other. */
struct rh_span {
  uint32_t first, len;
};

extern uint32_t rh_nobj;  /* objects ever made, plus one */
extern uint32_t rh_nedge; /* slots ever handed out */
extern uint32_t rh_total; /* live objects */
extern uint32_t rh_refcnt[RH_OBJECTS];
extern struct rh_span rh_span[RH_OBJECTS];
extern uint8_t rh_class[RH_OBJECTS];
extern uint32_t rh_slot[RH_SLOTS];
extern uint32_t rh_free[RH_CLASSES];
extern uint32_t rh_next[RH_OBJECTS];

/* The objects that died in the release under way, in that order. */
extern uint32_t rh_dead[RH_OBJECTS];
extern uint32_t rh_ndead;

extern uint8_t rh_list[RH_OBJECTS];
extern uint32_t rh_pos[RH_OBJECTS];
extern uint32_t rh_member[RH_LISTS][RH_MEMBERS];
extern uint32_t rh_end[RH_LISTS];     /* entries, holes included */
extern uint32_t rh_size[RH_LISTS];    /* members */
extern uint32_t rh_gcref[RH_OBJECTS]; /* of the collector alone; zero while it does not work */

extern const uint32_t rh_capacity[RH_CLASSES]; /* slots of a span, by class */

/*
 * What the proof knows besides: the external references to an object, the owner
 * of a slot, what points to a dead object on its free stack, the place of an
 * object in rh_dead, or behind the list that the collector scans; when it died,
 * as the number of objects that were not live then.
 */
/*@ ghost extern uint32_t rh_roots[RH_OBJECTS]; */
/*@ ghost extern uint32_t rh_own[RH_SLOTS]; */
/*@ ghost extern uint32_t rh_prev[RH_OBJECTS]; */
/*@ ghost extern uint32_t rh_place[RH_OBJECTS]; */
/*@ ghost extern uint32_t rh_died[RH_OBJECTS]; */

/*
 * And while the collector works: the slots already counted; how far it is with
 * a member of the list it scans (collect.c).
 */
/*@ ghost extern uint8_t rh_done[RH_SLOTS]; */
/*@ ghost extern uint8_t rh_mark[RH_OBJECTS]; */

#ifdef __FRAMAC__
#include "acsl/lists.h"
#include "acsl/objects.h"
#include "acsl/reach.h"
#include "acsl/release.h"
#endif

/* rh_refcnt[0] is never anything but zero: no test for 0 is needed. */
/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures live: \result <==> o < RH_OBJECTS && rh_refcnt[o] != 0;
*/
static inline bool rh_is_live(uint32_t o) {
  return o < RH_OBJECTS && rh_refcnt[o] != 0;
}

/* Every write to rh_list: the proof counts the members of each list. */
/*@ requires range: o < RH_OBJECTS && l <= RH_LISTS;
    terminates \true;
    assigns rh_list[o];
    exits \false;
    ensures written: rh_list[o] == l;
    ensures counted: \forall integer k; listed(k, RH_OBJECTS) ==
      \old(listed(k, RH_OBJECTS)) - (\old(rh_list[o]) == k ? 1 : 0) + (k == l ? 1 : 0);
*/
static inline void rh_list_write(uint32_t o, uint32_t l) {
  rh_list[o] = (uint8_t)l;
  /*@ ghost
      /@ loop invariant range: 0 <= i <= RH_OBJECTS;
         loop invariant counted: \forall integer k; listed(k, i) == listed{Pre}(k, i)
           + (i > o ? (k == l ? 1 : 0) - (\at(rh_list[o], Pre) == k ? 1 : 0) : 0);
         loop assigns i;
         loop variant RH_OBJECTS - i;
      @/
      for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  */
}

/*@ ghost
  /@ terminates \true;
     assigns \nothing;
     exits \false;
     ensures bounds: \forall integer l; 0 <= listed(l, RH_OBJECTS) <= RH_OBJECTS;
     ensures bounds0: \forall integer l; rh_list[0] != l ==> listed(l, RH_OBJECTS) < RH_OBJECTS;
     ensures member: \forall integer o; 0 <= o < RH_OBJECTS ==> 0 < listed(rh_list[o], RH_OBJECTS);
  @/
  static inline void rh_listed_facts(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant bounds: \forall integer l; 0 <= listed(l, i) <= i;
       loop invariant bounds0: \forall integer l; 0 < i && rh_list[0] != l ==> listed(l, i) < i;
       loop invariant member: \forall integer o; 0 <= o < i ==> 0 < listed(rh_list[o], i);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/* Takes the listed object o out of its list; its entry becomes a hole. */
/*@ requires lists: lists;
    requires listed: o < RH_OBJECTS && rh_list[o] != 0;
    terminates \true;
    assigns rh_size[rh_list[o] - 1], rh_list[o];
    exits \false;
    RH_ENSURES_LISTS;
    ensures gone: rh_list[o] == 0;
*/
static inline void rh_list_remove(uint32_t o) {
  //@ ghost rh_listed_facts();
  rh_size[rh_list[o] - 1u]--;
  rh_list_write(o, 0);
}

/* Empties slot j and releases what it referred to; j is below rh_nedge. */
/*@ requires heap: heap;
    requires range: j < rh_nedge;
    terminates \true;
    assigns RH_RELEASE_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures emptied: rh_slot[j] == 0;
    ensures kept: \forall integer i; 0 <= i < rh_nedge && i != j ==>
      rh_slot[i] == \old(rh_slot[i]) || (rh_slot[i] == 0 && rh_refcnt[rh_own[i]] == 0);
    ensures holders_first: \forall integer i; 0 <= i < rh_nedge && i != j ==> dies_first{Pre, Here}(i);
*/
void rh_slot_drop(uint32_t j);

/* rh_object_release for a live object whose slots are empty. */
/*@ requires heap: heap;
    requires live: 1 <= o < rh_nobj && rh_refcnt[o] != 0;
    requires owned: rh_refcnt[o] < RH_COUNT_IMMORTAL ==> 0 < rh_roots[o];
    requires empty: \forall integer j; 0 <= j < rh_nedge && rh_own[j] == o ==> rh_slot[j] == 0;
    terminates \true;
    assigns RH_DYING_STATE, rh_roots[o];
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures given_back: \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) - 1 && rh_roots[o] == \old(rh_roots[o]) - 1;
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && p != o ==> rh_refcnt[p] == \old(rh_refcnt[p]);
*/
void rh_release_empty(uint32_t o);

/* Back to the first state. rh_gc_reset comes first: it empties the lists. */
/*@ requires heap: heap;
    requires unlisted: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] == 0;
    terminates \true;
    assigns rh_refcnt[0 .. RH_OBJECTS - 1], rh_slot[0 .. RH_SLOTS - 1], rh_free[0 .. RH_CLASSES - 1], rh_nobj, rh_nedge,
            rh_total, rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures first: rh_nobj == 1 && rh_nedge == 0 && rh_total == 0;
*/
void rh_object_reset(void);
/*@ requires heap: heap;
    terminates \true;
    assigns rh_list[0 .. RH_OBJECTS - 1], rh_end[0 .. RH_LISTS - 1], rh_size[0 .. RH_LISTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures unlisted: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] == 0;
    ensures empty: \forall integer g; 0 <= g < RH_LISTS ==> rh_end[g] == 0;
*/
void rh_gc_reset(void);

#ifdef RH_CHECKS
/* The walk of the object heap: see rh_core_check. */
bool rh_object_check(const char **why);
#endif

#endif
