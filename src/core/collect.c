/*
 * The cycle collector. Its lists are described in object_state.h, its
 * operations in collect.h.
 *
 * Trial deletion works on one list. rh_gcref starts as a copy of the counts;
 * after subtracting the references that members hold to members, what is left
 * is held from outside. The scan then goes through the list from left to
 * right. A member of the list with rh_gcref > 0 is known to be reachable, one
 * with rh_gcref == 0 is not known to be; scanning a reachable one makes what
 * it refers to reachable. One that is not known to be reachable when the scan
 * comes to it moves to the list of the unreachable, for the time being.
 */
#include "core/collect.h"
#include "core/object_state.h"

enum { SCRATCH = RH_LISTS - 1 };

uint8_t rh_list[RH_OBJECTS];
uint32_t rh_pos[RH_OBJECTS];
uint32_t rh_member[RH_LISTS][RH_MEMBERS];
uint32_t rh_end[RH_LISTS];
uint32_t rh_size[RH_LISTS];

uint32_t rh_gcref[RH_OBJECTS];

/*@ ghost uint8_t rh_done[RH_SLOTS]; */
/*@ ghost uint8_t rh_mark[RH_OBJECTS]; */

/* ---- lists ---- */

/* Is entry i of list g a member, or a hole? */
/*@ requires range: g < RH_LISTS && i < rh_end[g] && rh_end[g] <= RH_MEMBERS;
    requires entries: list_entries;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures member: \result <==> rh_list[rh_member[g][i]] == g + 1 && rh_pos[rh_member[g][i]] == i;
*/
static inline bool is_member(uint32_t g, uint32_t i) {
  uint32_t o = rh_member[g][i];
  return rh_list[o] == g + 1 && rh_pos[o] == i;
}

/*@ ghost
  /@ requires range: g < RH_LISTS && rh_end[g] <= RH_MEMBERS;
     requires places: list_places;
     requires dense: dense(g);
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures full: rh_end[g] == listed(g + 1, RH_OBJECTS);
  @/
  static void dense_is_full(uint32_t g) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant none: placed(g + 1, 0, i) == 0;
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
    /@ loop invariant range: 0 <= k <= rh_end[g];
       loop invariant placed: placed(g + 1, k, RH_OBJECTS) == k;
       loop assigns k;
       loop variant rh_end[g] - k;
    @/
    for (uint32_t k = 0; k < rh_end[g]; k++) {
      /@ loop invariant range: 0 <= i <= RH_OBJECTS;
         loop invariant one: placed(g + 1, k + 1, i) == placed(g + 1, k, i) + (i > rh_member[g][k] ? 1 : 0);
         loop assigns i;
         loop variant RH_OBJECTS - i;
      @/
      for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
    }
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant all: placed(g + 1, rh_end[g], i) == listed(g + 1, i);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/* Closes the holes of list g. */
/*@ requires range: g < RH_LISTS;
    requires lists: lists;
    requires nothing: rh_list[0] == 0;
    terminates \true;
    assigns rh_member[g][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_end[g];
    exits \false;
    RH_ENSURES_LISTS;
    ensures dense: dense(g);
    ensures full: rh_end[g] == rh_size[g];
    ensures order: list_order_kept{Pre, Here}(g);
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_pos[o] == \old(rh_pos[o]);
*/
static void compact(uint32_t g) {
  uint32_t w = 0;
  /*@ loop invariant range: 0 <= w <= i <= rh_end[g];
      loop invariant done: \forall integer k; 0 <= k < w ==> 1 <= rh_member[g][k] < RH_OBJECTS &&
        rh_list[rh_member[g][k]] == g + 1 && rh_pos[rh_member[g][k]] == k;
      loop invariant placed: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && \at(rh_pos[o], Pre) < i ==>
        rh_pos[o] < w && rh_member[g][rh_pos[o]] == o;
      loop invariant rest: \forall integer o; 0 <= o < RH_OBJECTS && (rh_list[o] != g + 1 || i <= \at(rh_pos[o], Pre)) ==>
        rh_pos[o] == \at(rh_pos[o], Pre);
      loop invariant ahead: \forall integer k; i <= k < RH_MEMBERS ==> rh_member[g][k] == \at(rh_member[g][k], Pre);
      loop invariant order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == g + 1 &&
        rh_list[p] == g + 1 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) < i ==> rh_pos[o] < rh_pos[p];
      loop invariant entries: list_entries;
      loop assigns i, w, rh_member[g][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1];
      loop variant rh_end[g] - i;
  */
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    if (is_member(g, i)) {
      uint32_t o = rh_member[g][i];
      rh_member[g][w] = o;
      rh_pos[o] = w;
      w++;
    }
  }
  rh_end[g] = w;
  //@ assert places: list_places;
  //@ ghost dense_is_full(g);
}

/* Writes o, which is in no list, behind the last entry of list g; there must
 * be room. */
/*@ requires range: g < RH_LISTS && 1 <= o < RH_OBJECTS && rh_list[o] == 0 && rh_end[g] < RH_MEMBERS;
    requires lists: lists;
    terminates \true;
    assigns rh_member[g][rh_end[g]], rh_pos[o], rh_list[o], rh_end[g], rh_size[g];
    exits \false;
    RH_ENSURES_LISTS;
    ensures put: rh_list[o] == g + 1 && rh_pos[o] == \old(rh_end[g]) && rh_end[g] == \old(rh_end[g]) + 1 &&
      rh_member[g][\old(rh_end[g])] == o;
*/
static inline void put(uint32_t o, uint32_t g) {
  //@ ghost rh_listed_facts();
  rh_member[g][rh_end[g]] = o;
  rh_pos[o] = rh_end[g];
  rh_list_write(o, g + 1);
  rh_end[g]++;
  rh_size[g]++;
}

/* The same, making room: a list is compacted when more than half of it is
 * holes, so that the cost per object is constant on average. */
/*@ requires range: g < RH_LISTS && 1 <= o < RH_OBJECTS && rh_list[o] == 0;
    requires lists: lists;
    requires nothing: rh_list[0] == 0;
    terminates \true;
    assigns rh_member[g][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[o], rh_end[g], rh_size[g];
    exits \false;
    RH_ENSURES_LISTS;
    ensures put: rh_list[o] == g + 1;
    ensures order: list_order_kept{Pre, Here}(g);
    ensures last: \forall integer p; 0 <= p < RH_OBJECTS && p != o && rh_list[p] == g + 1 ==> rh_pos[p] < rh_pos[o];
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] != g + 1 ==> rh_pos[p] == \old(rh_pos[p]);
*/
static inline void append(uint32_t o, uint32_t g) {
  //@ ghost rh_listed_facts();
  if (rh_end[g] >= 2 * rh_size[g] + RH_SLACK) compact(g);
  put(o, g);
}

/* Moves all members of list `from`, in order, to the end of list `to`. */
/*@ requires range: from < RH_LISTS && to < RH_LISTS && from != to;
    requires lists: lists;
    requires live: rh_refcnt[0] == 0 && list_live;
    terminates \true;
    assigns rh_member[to][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1], rh_end[from],
            rh_end[to], rh_size[from], rh_size[to];
    exits \false;
    RH_ENSURES_LISTS;
    ensures list_live: list_live;
    ensures moved: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_list[o] == (\old(rh_list[o]) == from + 1 ? to + 1 : \old(rh_list[o]));
    ensures empty: rh_end[from] == 0;
    ensures order_to: list_order_kept{Pre, Here}(to);
    ensures order_from: list_order_kept{Pre, Here}(from);
    ensures behind: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && \old(rh_list[o]) == to + 1 &&
      \old(rh_list[p]) == from + 1 ==> rh_pos[o] < rh_pos[p];
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] != to + 1 ==> rh_pos[p] == \old(rh_pos[p]);
*/
static void append_list(uint32_t from, uint32_t to) {
  /*@ loop invariant range: 0 <= i <= rh_end[from] && rh_end[from] == \at(rh_end[from], Pre);
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant list_live: list_live;
      loop invariant moved: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == from + 1 ==>
        rh_list[o] == (\at(rh_pos[o], Pre) < i ? to + 1 : from + 1);
      loop invariant kept: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) != from + 1 ==>
        rh_list[o] == \at(rh_list[o], Pre);
      loop invariant waiting: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != to + 1 ==>
        rh_pos[o] == \at(rh_pos[o], Pre);
      loop invariant order_to: list_order_kept{Pre, Here}(to);
      loop invariant order_from: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        \at(rh_list[o], Pre) == from + 1 && \at(rh_list[p], Pre) == from + 1 &&
        \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) < i ==> rh_pos[o] < rh_pos[p];
      loop invariant behind: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        \at(rh_list[o], Pre) == to + 1 && \at(rh_list[p], Pre) == from + 1 && \at(rh_pos[p], Pre) < i ==>
        rh_pos[o] < rh_pos[p];
      loop assigns i, rh_member[to][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1],
                   rh_end[to], rh_size[from], rh_size[to];
      loop variant rh_end[from] - i;
  */
  for (uint32_t i = 0; i < rh_end[from]; i++) {
    if (is_member(from, i)) {
      uint32_t o = rh_member[from][i];
      rh_list_remove(o);
      append(o, to);
    }
  }
  rh_end[from] = 0;
}

void rh_gc_track(uint32_t o) {
  if (rh_is_live(o) && rh_list[o] == 0) append(o, 0);
}

void rh_gc_untrack(uint32_t o) {
  if (rh_is_live(o) && rh_list[o] != 0) rh_list_remove(o);
}

uint32_t rh_gc_generation(uint32_t o) {
  return rh_is_live(o) && rh_list[o] != 0 ? rh_list[o] - 1u : RH_UNTRACKED;
}

uint32_t rh_gc_size(uint32_t list) {
  return list <= RH_FOUND ? rh_size[list] : 0;
}

/* The first member of list g at position i or later; 0 if there is none. */
/*@ requires range: g < RH_LISTS;
    requires lists: lists;
    requires nothing: rh_list[0] == 0;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures first: \result != 0 ==> \result < RH_OBJECTS && rh_list[\result] == g + 1 && i <= rh_pos[\result];
    ensures none_before: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && i <= rh_pos[o] ==>
      \result != 0 && rh_pos[\result] <= rh_pos[o];
*/
static uint32_t member_from(uint32_t g, uint32_t i) {
  /*@ loop invariant range: \at(i, Pre) <= i;
      loop invariant holes: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 &&
        \at(i, Pre) <= rh_pos[o] ==> i <= rh_pos[o];
      loop assigns i;
      loop variant RH_MEMBERS - i;
  */
  while (i < rh_end[g] && !is_member(g, i)) i++;
  return i < rh_end[g] ? rh_member[g][i] : 0;
}

uint32_t rh_gc_first(uint32_t list) {
  return list <= RH_FOUND ? member_from(list, 0) : 0;
}

uint32_t rh_gc_next(uint32_t o) {
  return rh_is_live(o) && rh_list[o] != 0 ? member_from(rh_list[o] - 1u, rh_pos[o] + 1) : 0;
}

void rh_gc_move(uint32_t o, uint32_t list) {
  if (!rh_is_live(o) || rh_list[o] == 0 || list > RH_FOUND) return;
  rh_list_remove(o);
  append(o, list);
}

void rh_gc_promote(uint32_t k) {
  if (k < 2) append_list(k, k + 1);
}

void rh_gc_freeze(void) {
  /*@ loop invariant range: 0 <= g <= 3;
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant list_live: list_live;
      loop invariant scratch: scratch_empty;
      loop invariant moved: \forall integer o; 0 <= o < RH_OBJECTS ==>
        rh_list[o] == (1 <= \at(rh_list[o], Pre) <= g ? RH_FROZEN + 1 : \at(rh_list[o], Pre));
      loop assigns g, RH_LIST_STATE;
      loop variant 3 - g;
  */
  for (uint32_t g = 0; g <= 2; g++) append_list(g, RH_FROZEN);
}

void rh_gc_unfreeze(void) {
  append_list(RH_FROZEN, 2);
}

void rh_gc_reset(void) {
  /*@ loop invariant range: 0 <= g <= RH_LISTS;
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant list_live: list_live;
      loop invariant unlisted: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] == 0 || g < rh_list[o];
      loop invariant empty: \forall integer k; 0 <= k < g ==> rh_end[k] == 0;
      loop assigns g, rh_list[0 .. RH_OBJECTS - 1], rh_end[0 .. RH_LISTS - 1], rh_size[0 .. RH_LISTS - 1];
      loop variant RH_LISTS - g;
  */
  for (uint32_t g = 0; g < RH_LISTS; g++) {
    /*@ loop invariant range: 0 <= i <= rh_end[g];
        loop invariant list_entries: list_entries;
        loop invariant list_places: list_places;
        loop invariant list_sizes: list_sizes;
        loop invariant list_live: list_live;
        loop invariant gone: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> i <= rh_pos[o];
        loop invariant unlisted: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] == 0 || g < rh_list[o];
        loop assigns i, rh_list[0 .. RH_OBJECTS - 1], rh_size[0 .. RH_LISTS - 1];
        loop variant rh_end[g] - i;
    */
    for (uint32_t i = 0; i < rh_end[g]; i++)
      if (is_member(g, i)) rh_list_remove(rh_member[g][i]);
    rh_end[g] = 0;
  }
}

/* ---- trial deletion ---- */

#define RH_TRIAL_STATE RH_LIST_STATE, rh_gcref[0..RH_OBJECTS - 1], rh_done[0..RH_SLOTS - 1], rh_mark[0..RH_OBJECTS - 1]

/*@ ghost
  /@ requires range: j < RH_SLOTS && rh_done[j] == 0;
     terminates \true;
     assigns rh_done[j];
     exits \false;
     ensures done: rh_done[j] == 1;
     ensures counted: \forall integer o; subtracted(o, RH_SLOTS) ==
       \old(subtracted(o, RH_SLOTS)) + (rh_slot[j] == o ? 1 : 0);
     ensures bound: \forall integer o; subtracted(o, RH_SLOTS) <= refs(o, RH_SLOTS);
  @/
  static void done_write(uint32_t j) {
    rh_done[j] = 1;
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant counted: \forall integer o; subtracted(o, i) == subtracted{Pre}(o, i)
         + (i > j ? (rh_slot[j] == o ? 1 : 0) : 0);
       loop invariant bound: \forall integer o; subtracted(o, i) <= refs(o, i);
       loop assigns i;
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  }
*/

/*@ ghost
  /@ terminates \true;
     assigns rh_done[0 .. RH_SLOTS - 1];
     exits \false;
     ensures none: \forall integer j; 0 <= j < RH_SLOTS ==> rh_done[j] == 0;
     ensures counted: \forall integer o; subtracted(o, RH_SLOTS) == 0;
  @/
  static void done_reset(void) {
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant none: \forall integer j; 0 <= j < i ==> rh_done[j] == 0;
       loop assigns i, rh_done[0 .. RH_SLOTS - 1];
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) rh_done[i] = 0;
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant counted: \forall integer o; subtracted(o, i) == 0;
       loop assigns i;
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  }
*/

/*@ ghost
  /@ requires done: \forall integer j; 0 <= j < RH_SLOTS && rh_slot[j] != 0 ==>
       (rh_done[j] != 0 <==> rh_list[rh_own[j]] == l);
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures inner: \forall integer o; 1 <= o ==> subtracted(o, RH_SLOTS) == inner(l, o, RH_SLOTS);
  @/
  static void done_is_inner(uint32_t l) {
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant inner: \forall integer o; 1 <= o ==> subtracted(o, i) == inner(l, o, i);
       loop assigns i;
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  }
*/

/*@ ghost
  /@ terminates \true;
     assigns \nothing;
     exits \false;
     ensures bound: \forall integer o; 0 <= inner(l, o, RH_SLOTS) <= refs(o, RH_SLOTS) <= RH_SLOTS;
     ensures some: \forall integer j; 0 <= j < RH_SLOTS ==> 0 < refs(rh_slot[j], RH_SLOTS);
     ensures none: \forall integer o; refs(o, RH_SLOTS) == 0 ||
       (\exists integer j; 0 <= j < RH_SLOTS && rh_slot[j] == o);
     ensures outside: \forall integer j; 0 <= j < RH_SLOTS && rh_list[rh_own[j]] != l ==>
       inner(l, rh_slot[j], RH_SLOTS) < refs(rh_slot[j], RH_SLOTS);
     ensures inside: \forall integer o; inner(l, o, RH_SLOTS) == refs(o, RH_SLOTS) ||
       (\exists integer j; 0 <= j < RH_SLOTS && rh_slot[j] == o && rh_list[rh_own[j]] != l);
  @/
  static void inner_facts(uint32_t l) {
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant bound: \forall integer o; 0 <= inner(l, o, i) <= refs(o, i) <= i;
       loop invariant some: \forall integer j; 0 <= j < i ==> 0 < refs(rh_slot[j], i);
       loop invariant none: \forall integer o; refs(o, i) == 0 || (\exists integer j; 0 <= j < i && rh_slot[j] == o);
       loop invariant outside: \forall integer j; 0 <= j < i && rh_list[rh_own[j]] != l ==>
         inner(l, rh_slot[j], i) < refs(rh_slot[j], i);
       loop invariant inside: \forall integer o; inner(l, o, i) == refs(o, i) ||
         (\exists integer j; 0 <= j < i && rh_slot[j] == o && rh_list[rh_own[j]] != l);
       loop assigns i;
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  }
*/

/* rh_gcref of every member of g: its count. */
/*@ requires range: g < RH_LISTS && rh_end[g] <= RH_MEMBERS;
    requires dense: dense(g);
    requires places: list_places;
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1];
    exits \false;
    ensures copied: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_gcref[o] == rh_refcnt[o];
*/
static void copy_counts(uint32_t g) {
  /*@ loop invariant range: 0 <= i <= rh_end[g];
      loop invariant copied: \forall integer k; 0 <= k < i ==> rh_gcref[rh_member[g][k]] == rh_refcnt[rh_member[g][k]];
      loop assigns i, rh_gcref[0 .. RH_OBJECTS - 1];
      loop variant rh_end[g] - i;
  */
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    rh_gcref[o] = rh_refcnt[o];
  }
}

/* Subtracts the references that members of g hold to members of g (C1). */
/*@ requires range: g < RH_LISTS && rh_end[g] <= RH_MEMBERS;
    requires dense: dense(g);
    requires places: list_places && list_live && rh_list[0] == 0;
    requires heap: spans && slots_valid && lengths && unused_empty && counts;
    requires copied: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_gcref[o] == rh_refcnt[o];
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
    exits \false;
    ensures subtracted: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
      rh_gcref[o] == rh_refcnt[o] - inner(g + 1, o, RH_SLOTS);
*/
static void subtract_refs(uint32_t g) {
  //@ ghost inner_facts(g + 1);
  //@ ghost done_reset();
  /*@ loop invariant range: 0 <= i <= rh_end[g];
      loop invariant counted: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
        rh_gcref[o] == rh_refcnt[o] - subtracted(o, RH_SLOTS);
      loop invariant done: \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==>
        (rh_done[j] != 0 <==> rh_list[rh_own[j]] == g + 1 && rh_pos[rh_own[j]] < i);
      loop invariant clean: \forall integer j; 0 <= j < rh_nedge && rh_done[j] != 0 ==>
        rh_list[rh_own[j]] == g + 1 && rh_pos[rh_own[j]] < i;
      loop assigns i, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
      loop variant rh_end[g] - i;
  */
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    uint32_t end = rh_first[o] + rh_len[o];
    /*@ loop invariant range: rh_first[o] <= j <= end;
        loop invariant counted: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] == g + 1 ==>
          rh_gcref[p] == rh_refcnt[p] - subtracted(p, RH_SLOTS);
        loop invariant done: \forall integer k; 0 <= k < rh_nedge && rh_slot[k] != 0 ==>
          (rh_done[k] != 0 <==> rh_list[rh_own[k]] == g + 1 && (rh_pos[rh_own[k]] < i || (rh_own[k] == o && k < j)));
        loop invariant clean: \forall integer k; 0 <= k < rh_nedge && rh_done[k] != 0 ==>
          rh_list[rh_own[k]] == g + 1 && (rh_pos[rh_own[k]] < i || (rh_own[k] == o && k < j));
        loop assigns j, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
        loop variant end - j;
    */
    for (uint32_t j = rh_first[o]; j < end; j++) {
      uint32_t t = rh_slot[j];
      //@ ghost done_write(j);
      //@ ghost inner_facts(g + 1);
      if (rh_list[t] == g + 1) rh_gcref[t]--;
    }
  }
  //@ ghost done_is_inner(g + 1);
}

/*@ ghost
  /@ requires range: o < RH_OBJECTS;
     terminates \true;
     assigns rh_mark[o];
     exits \false;
     ensures written: rh_mark[o] == v;
     ensures counted: \forall integer k; marked(k, RH_OBJECTS) ==
       \old(marked(k, RH_OBJECTS)) - (\old(rh_mark[o]) == k ? 1 : 0) + (v == k ? 1 : 0);
  @/
  static void mark_write(uint32_t o, uint8_t v) {
    rh_mark[o] = v;
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant counted: \forall integer k; marked(k, i) == marked{Pre}(k, i)
         + (i > o ? (v == k ? 1 : 0) - (\at(rh_mark[o], Pre) == k ? 1 : 0) : 0);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/*@ ghost
  /@ requires none: rh_mark[0] == 0;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures bounds: 0 <= marked(1, RH_OBJECTS) && 0 <= marked(2, RH_OBJECTS) &&
       marked(1, RH_OBJECTS) + marked(2, RH_OBJECTS) < RH_OBJECTS;
  @/
  static void mark_facts(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant bounds: 0 <= marked(1, i) && 0 <= marked(2, i) &&
         marked(1, i) + marked(2, i) <= (i == 0 ? 0 : i - 1);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/*@ ghost
  /@ terminates \true;
     assigns rh_mark[0 .. RH_OBJECTS - 1];
     exits \false;
     ensures none: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_mark[o] == 0;
     ensures counted: marked(1, RH_OBJECTS) == 0 && marked(2, RH_OBJECTS) == 0;
  @/
  static void mark_reset(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant none: \forall integer o; 0 <= o < i ==> rh_mark[o] == 0;
       loop assigns i, rh_mark[0 .. RH_OBJECTS - 1];
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) rh_mark[i] = 0;
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant counted: marked(1, i) == 0 && marked(2, i) == 0;
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/*@ // During a scan of g: mark 1 is membership of list u; mark 2 remembers who
    // came back from there. Nobody goes there twice, which bounds both lists.
    predicate marks{L}(integer g, integer u) =
      rh_mark[0] == 0 && rh_list[0] == 0 &&
      (\forall integer o; 0 <= o < RH_OBJECTS ==> (rh_mark[o] == 1 <==> rh_list[o] == u + 1)) &&
      (\forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 1 ==> rh_gcref[o] == 0) &&
      (\forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 2 ==> rh_list[o] == g + 1 && rh_gcref[o] != 0);
    predicate scan_room{L}(integer g, integer u) =
      rh_end[g] <= RH_OBJECTS + marked(2, RH_OBJECTS) &&
      rh_end[u] == marked(1, RH_OBJECTS) + marked(2, RH_OBJECTS);

    // Entries from i on are members.
    predicate dense_from{L}(integer g, integer i) =
      \forall integer k; i <= k < rh_end[g] ==>
        1 <= rh_member[g][k] < RH_OBJECTS && rh_list[rh_member[g][k]] == g + 1 && rh_pos[rh_member[g][k]] == k;
*/

/* A scanned survivor of list g refers to t, which is therefore reachable. */
/*@ requires range: t < RH_OBJECTS && g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires lists: lists;
    requires marks: marks(g, unreachable);
    requires room: scan_room(g, unreachable);
    terminates \true;
    assigns rh_list[t], rh_gcref[t], rh_pos[t], rh_member[g][rh_end[g]], rh_end[g], rh_size[g], rh_size[unreachable],
            rh_mark[t];
    exits \false;
    RH_ENSURES_LISTS;
    ensures marks: marks(g, unreachable);
    ensures room: scan_room(g, unreachable);
    ensures reached: \old(rh_list[t]) == g + 1 || \old(rh_list[t]) == unreachable + 1 ==>
      rh_list[t] == g + 1 && rh_gcref[t] != 0;
    ensures other: \old(rh_list[t]) != g + 1 && \old(rh_list[t]) != unreachable + 1 ==>
      rh_list[t] == \old(rh_list[t]) && rh_gcref[t] == \old(rh_gcref[t]);
    ensures stays: \old(rh_list[t]) != unreachable + 1 ==>
      rh_pos[t] == \old(rh_pos[t]) && rh_mark[t] == \old(rh_mark[t]) && rh_end[g] == \old(rh_end[g]) &&
      rh_member[g][rh_end[g]] == \old(rh_member[g][rh_end[g]]);
    ensures back: \old(rh_list[t]) == unreachable + 1 ==>
      rh_pos[t] == \old(rh_end[g]) && rh_mark[t] == 2 && rh_end[g] == \old(rh_end[g]) + 1 &&
      rh_member[g][\old(rh_end[g])] == t;
*/
static inline void reach(uint32_t t, uint32_t g, uint32_t unreachable) {
  if (rh_list[t] == g + 1) {
    if (rh_gcref[t] == 0) rh_gcref[t] = 1;
  } else if (rh_list[t] == unreachable + 1) {
    //@ ghost mark_facts();
    rh_list_remove(t);
    rh_gcref[t] = 1;
    put(t, g);
    //@ ghost mark_write(t, 2);
  }
}

/* Makes everything the scanned survivor o of list g refers to reachable. */
/*@ requires range: 1 <= o < rh_nobj <= RH_OBJECTS && g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires heap: span_bounds && lengths && slots_valid;
    requires lists: lists;
    requires marks: marks(g, unreachable);
    requires room: scan_room(g, unreachable);
    terminates \true;
    assigns rh_list[0 .. RH_OBJECTS - 1], rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
            rh_member[g][0 .. RH_MEMBERS - 1], rh_end[g], rh_size[g], rh_size[unreachable], rh_mark[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_LISTS;
    ensures marks: marks(g, unreachable);
    ensures room: scan_room(g, unreachable);
    ensures grows: \old(rh_end[g]) <= rh_end[g];
    ensures entries: \forall integer k; 0 <= k < \old(rh_end[g]) ==> rh_member[g][k] == \old(rh_member[g][k]);
    ensures tail: dense_from(g, \old(rh_end[g]));
    ensures members: \forall integer p; 0 <= p < RH_OBJECTS && \old(rh_list[p]) == g + 1 ==>
      rh_list[p] == g + 1 && rh_pos[p] == \old(rh_pos[p]) && rh_mark[p] == \old(rh_mark[p]);
    ensures waiting: \forall integer p; 0 <= p < RH_OBJECTS && \old(rh_list[p]) == unreachable + 1 ==>
      (rh_list[p] == unreachable + 1 && rh_pos[p] == \old(rh_pos[p])) ||
      (rh_list[p] == g + 1 && rh_mark[p] == 2 && \old(rh_end[g]) <= rh_pos[p] < rh_end[g]);
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && \old(rh_list[p]) != g + 1 &&
      \old(rh_list[p]) != unreachable + 1 ==> rh_list[p] == \old(rh_list[p]);
    ensures stays: \forall integer p; 0 <= p < RH_OBJECTS && \old(rh_list[p]) == g + 1 && \old(rh_gcref[p]) != 0 ==>
      rh_gcref[p] != 0;
    ensures sound: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] == g + 1 && rh_gcref[p] != 0 ==>
      (\old(rh_list[p]) == g + 1 && \old(rh_gcref[p]) != 0) ||
      (\exists integer j; rh_first[o] <= j < rh_first[o] + rh_len[o] && rh_slot[j] == p);
    ensures complete: \forall integer j; rh_first[o] <= j < rh_first[o] + rh_len[o] &&
      (\old(rh_list[rh_slot[j]]) == g + 1 || \old(rh_list[rh_slot[j]]) == unreachable + 1) ==>
      rh_list[rh_slot[j]] == g + 1 && rh_gcref[rh_slot[j]] != 0;
*/
static inline void reach_all(uint32_t o, uint32_t g, uint32_t unreachable) {
  uint32_t end = rh_first[o] + rh_len[o];
  /*@ loop invariant range: rh_first[o] <= j <= end;
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant marks: marks(g, unreachable);
      loop invariant room: scan_room(g, unreachable);
      loop invariant grows: \at(rh_end[g], Pre) <= rh_end[g];
      loop invariant entries: \forall integer k; 0 <= k < \at(rh_end[g], Pre) ==>
        rh_member[g][k] == \at(rh_member[g][k], Pre);
      loop invariant tail: dense_from(g, \at(rh_end[g], Pre));
      loop invariant members: \forall integer p; 0 <= p < RH_OBJECTS && \at(rh_list[p], Pre) == g + 1 ==>
        rh_list[p] == g + 1 && rh_pos[p] == \at(rh_pos[p], Pre) && rh_mark[p] == \at(rh_mark[p], Pre);
      loop invariant waiting: \forall integer p; 0 <= p < RH_OBJECTS && \at(rh_list[p], Pre) == unreachable + 1 ==>
        (rh_list[p] == unreachable + 1 && rh_pos[p] == \at(rh_pos[p], Pre)) ||
        (rh_list[p] == g + 1 && rh_mark[p] == 2 && \at(rh_end[g], Pre) <= rh_pos[p] < rh_end[g]);
      loop invariant others: \forall integer p; 0 <= p < RH_OBJECTS && \at(rh_list[p], Pre) != g + 1 &&
        \at(rh_list[p], Pre) != unreachable + 1 ==> rh_list[p] == \at(rh_list[p], Pre);
      loop invariant stays: \forall integer p; 0 <= p < RH_OBJECTS && \at(rh_list[p], Pre) == g + 1 &&
        \at(rh_gcref[p], Pre) != 0 ==> rh_gcref[p] != 0;
      loop invariant sound: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] == g + 1 && rh_gcref[p] != 0 ==>
        (\at(rh_list[p], Pre) == g + 1 && \at(rh_gcref[p], Pre) != 0) ||
        (\exists integer k; rh_first[o] <= k < j && rh_slot[k] == p);
      loop invariant complete: \forall integer k; rh_first[o] <= k < j &&
        (\at(rh_list[rh_slot[k]], Pre) == g + 1 || \at(rh_list[rh_slot[k]], Pre) == unreachable + 1) ==>
        rh_list[rh_slot[k]] == g + 1 && rh_gcref[rh_slot[k]] != 0;
      loop assigns j, rh_list[0 .. RH_OBJECTS - 1], rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
                   rh_member[g][0 .. RH_MEMBERS - 1], rh_end[g], rh_size[g], rh_size[unreachable],
                   rh_mark[0 .. RH_OBJECTS - 1];
      loop variant end - j;
  */
  for (uint32_t j = rh_first[o]; j < end; j++) reach(rh_slot[j], g, unreachable);
}

/* Separates list g, which has no holes and whose rh_gcref are known: what is
 * reachable from outside stays, in the order described in collect.h, the rest
 * goes to the end of `unreachable`, which was empty (C2). */
/*@ requires range: g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires heap: spans && lengths && slots_valid && unused_empty && rh_refcnt[0] == 0 && list_live &&
      (\forall integer o; rh_nobj <= o < RH_OBJECTS ==> rh_refcnt[o] == 0);
    requires lists: lists;
    requires dense: dense(g) && rh_end[g] <= RH_OBJECTS;
    requires empty: rh_end[unreachable] == 0;
    requires seeds: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
      (rh_gcref[o] != 0 <==> seed(g + 1, o));
    terminates \true;
    assigns rh_list[0 .. RH_OBJECTS - 1], rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
            rh_member[g][0 .. RH_MEMBERS - 1], rh_member[unreachable][0 .. RH_MEMBERS - 1], rh_end[g],
            rh_end[unreachable], rh_size[g], rh_size[unreachable], rh_mark[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_LISTS;
    ensures list_live: list_live;
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) != g + 1 ==>
      rh_list[o] == \old(rh_list[o]);
    ensures separated: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) == g + 1 ==>
      rh_list[o] == g + 1 || rh_list[o] == unreachable + 1;
    ensures sound: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> reachable{Pre}(g + 1, o);
    ensures complete: \forall integer o; 0 <= o < RH_OBJECTS && reachable{Pre}(g + 1, o) ==> rh_list[o] == g + 1;
    ensures order_found: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      rh_list[o] == unreachable + 1 && rh_list[p] == unreachable + 1 && \old(rh_pos[o]) < \old(rh_pos[p]) ==>
      rh_pos[o] < rh_pos[p];
    ensures order_kept: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == g + 1 &&
      rh_list[p] == g + 1 && rh_mark[o] != 2 && rh_mark[p] != 2 && \old(rh_pos[o]) < \old(rh_pos[p]) ==>
      rh_pos[o] < rh_pos[p];
    ensures order_back: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == g + 1 &&
      rh_mark[o] != 2 && rh_mark[p] == 2 ==> rh_pos[o] < rh_pos[p];
*/
static void scan(uint32_t g, uint32_t unreachable) {
  uint32_t w = 0;
  //@ ghost mark_reset();
  /*@ assert none: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] != unreachable + 1; */
  /*@ loop invariant range: 0 <= w <= i <= rh_end[g] && w + rh_end[unreachable] == i && \at(rh_end[g], Pre) <= rh_end[g];
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant marks: marks(g, unreachable);
      loop invariant room: scan_room(g, unreachable);
      loop invariant separated: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == g + 1 ==>
        rh_list[o] == g + 1 || rh_list[o] == unreachable + 1;
      loop invariant others: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) != g + 1 ==>
        rh_list[o] == \at(rh_list[o], Pre);
      loop invariant ahead: dense_from(g, i);
      loop invariant places: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_pos[o] < w || i <= rh_pos[o];
      loop invariant scanned: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && rh_pos[o] < w ==>
        rh_gcref[o] != 0;
      loop invariant seeds: \forall integer o; seed{Pre}(g + 1, o) ==> rh_list[o] == g + 1 && rh_gcref[o] != 0;
      loop invariant sound: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && rh_gcref[o] != 0 ==>
        reachable{Pre}(g + 1, o);
      loop invariant closed: \forall integer j; 0 <= j < rh_nedge && rh_list[rh_own[j]] == g + 1 &&
        rh_pos[rh_own[j]] < w && \at(rh_list[rh_slot[j]], Pre) == g + 1 ==>
        rh_list[rh_slot[j]] == g + 1 && rh_gcref[rh_slot[j]] != 0;
      loop invariant unmoved: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && rh_mark[o] != 2 ==>
        (rh_pos[o] < w ? \at(rh_pos[o], Pre) < i : rh_pos[o] == \at(rh_pos[o], Pre));
      loop invariant back: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 2 && i <= rh_pos[o] ==>
        \at(rh_end[g], Pre) <= rh_pos[o];
      loop invariant back_first: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 2 && rh_pos[o] < w ==>
        \at(rh_end[g], Pre) <= i;
      loop invariant order_found: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        rh_list[o] == unreachable + 1 && rh_list[p] == unreachable + 1 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) ==>
        rh_pos[o] < rh_pos[p];
      loop invariant found: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == unreachable + 1 ==>
        \at(rh_pos[o], Pre) < i;
      loop invariant order_kept: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        rh_list[o] == g + 1 && rh_list[p] == g + 1 && rh_mark[o] != 2 && rh_mark[p] != 2 && rh_pos[p] < w &&
        \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) ==> rh_pos[o] < rh_pos[p];
      loop invariant order_back: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        rh_list[o] == g + 1 && rh_mark[o] != 2 && rh_mark[p] == 2 && rh_pos[p] < w ==> rh_pos[o] < rh_pos[p];
      loop assigns i, w, rh_list[0 .. RH_OBJECTS - 1], rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
                   rh_member[g][0 .. RH_MEMBERS - 1], rh_member[unreachable][0 .. RH_MEMBERS - 1], rh_end[g],
                   rh_end[unreachable], rh_size[g], rh_size[unreachable], rh_mark[0 .. RH_OBJECTS - 1];
      loop variant 2 * RH_OBJECTS - i;
  */
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    //@ ghost mark_facts();
    if (rh_gcref[o] == 0) {
      rh_list_remove(o);
      put(o, unreachable);
      //@ ghost mark_write(o, 1);
    } else {
      /*@ assert back_last: rh_mark[o] == 2 ==> \forall integer q; 0 <= q < RH_OBJECTS && rh_list[q] == g + 1 &&
            rh_mark[q] != 2 ==> rh_pos[q] < w; */
      /*@ assert back_none: rh_mark[o] != 2 ==> \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] == 2 ==>
            w <= rh_pos[p]; */
      /*@ assert vacant: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] == g + 1 && p != o ==> rh_pos[p] != w; */
      rh_member[g][w] = o;
      rh_pos[o] = w;
      w++;
      /*@ assert back_behind: \forall integer q, p; 0 <= q < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[q] == g + 1 &&
            rh_mark[q] != 2 && rh_mark[p] == 2 && rh_pos[p] < w ==> rh_pos[q] < rh_pos[p]; */
      //@ assert entries: list_entries;
      //@ assert placed: list_places;
      //@ ghost Scanned:;
      reach_all(o, g, unreachable);
      /*@ assert back_known: \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] == 2 && rh_pos[p] < w ==>
            \at(rh_mark[p], Scanned) == 2 && \at(rh_pos[p], Scanned) == rh_pos[p]; */
    }
    //@ ghost mark_facts();
  }
  rh_end[g] = w;
  //@ assert closed: kept_closed{Pre, Here}(g + 1);
}

/* The whole of it: list g keeps what is reachable from outside it. */
/*@ requires range: g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires heap: heap;
    requires empty: rh_end[unreachable] == 0;
    terminates \true;
    assigns RH_TRIAL_STATE;
    exits \false;
    RH_ENSURES_LISTS;
    ensures list_live: list_live;
    ensures ends: \forall integer h; 0 <= h < RH_LISTS && h != g && h != unreachable ==> rh_end[h] == \old(rh_end[h]);
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) != g + 1 ==>
      rh_list[o] == \old(rh_list[o]);
    ensures separated: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) == g + 1 ==>
      rh_list[o] == g + 1 || rh_list[o] == unreachable + 1;
    ensures sound: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> reachable{Pre}(g + 1, o);
    ensures complete: \forall integer o; 0 <= o < RH_OBJECTS && reachable{Pre}(g + 1, o) ==> rh_list[o] == g + 1;
*/
static void trial_deletion(uint32_t g, uint32_t unreachable) {
  compact(g);
  copy_counts(g);
  subtract_refs(g);
  //@ ghost inner_facts(g + 1);
  //@ ghost rh_listed_facts();
  /*@ assert seeds: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
        (rh_gcref[o] != 0 <==> seed(g + 1, o)); */
  scan(g, unreachable);
}

void rh_gc_find(uint32_t k) {
  if (k > 2) return;
  append_list(RH_FOUND, k);
  /*@ loop invariant range: 0 <= g <= k;
      loop invariant list_entries: list_entries;
      loop invariant list_places: list_places;
      loop invariant list_room: list_room;
      loop invariant list_sizes: list_sizes;
      loop invariant list_live: list_live;
      loop invariant scratch: scratch_empty;
      loop invariant found: rh_end[RH_FOUND] == 0;
      loop invariant joined: \forall integer o; 0 <= o < RH_OBJECTS ==>
        rh_list[o] == (1 <= \at(rh_list[o], Pre) <= g || \at(rh_list[o], Pre) == RH_FOUND + 1 ? k + 1
                                                                                           : \at(rh_list[o], Pre));
      loop assigns g, rh_member[k][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1],
                   rh_end[0 .. RH_LISTS - 1], rh_size[0 .. RH_LISTS - 1];
      loop variant k - g;
  */
  for (uint32_t g = 0; g < k; g++) append_list(g, k);
  //@ assert same: same_collected{Pre, Here}(k);
  //@ assert paths: collected_paths_same{Pre, Here}(k);
  trial_deletion(k, RH_FOUND);
  /*@ assert found: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
        collected{Pre}(k, o) && !collected_reachable{Pre}(k, o); */
  /*@ assert holders: \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 && rh_list[rh_slot[j]] == RH_FOUND + 1 ==>
        collected{Pre}(k, rh_own[j]) && !collected_reachable{Pre}(k, rh_own[j]); */
  /*@ assert unrooted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
        rh_roots[o] == 0 && rh_refcnt[o] < RH_COUNT_IMMORTAL; */
}

uint32_t rh_gc_confirm(uint32_t list) {
  if (list <= RH_FROZEN) {
    trial_deletion(RH_FOUND, SCRATCH);
    append_list(RH_FOUND, list);
    append_list(SCRATCH, RH_FOUND);
    /*@ assert found: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
          \at(rh_list[o], Pre) == RH_FOUND + 1 && !reachable{Pre}(RH_FOUND + 1, o); */
    /*@ assert holders: \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 && rh_list[rh_slot[j]] == RH_FOUND + 1 ==>
          \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1 && !reachable{Pre}(RH_FOUND + 1, rh_own[j]); */
    /*@ assert unrooted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
          rh_roots[o] == 0 && rh_refcnt[o] < RH_COUNT_IMMORTAL; */
  }
  return rh_size[RH_FOUND];
}

/* ---- clearing ---- */

/* Empties the slots of the member o of RH_FOUND. */
/*@ requires heap: heap;
    requires range: 1 <= o < rh_nobj;
    terminates \true;
    assigns RH_RELEASE_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures emptied: \forall integer i; 0 <= i < rh_nedge && rh_own[i] == o ==> rh_slot[i] == 0;
    ensures kept: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==>
      rh_slot[i] == \old(rh_slot[i]) || (rh_slot[i] == 0 && rh_refcnt[rh_own[i]] == 0);
*/
static void drop_slots(uint32_t o) {
  uint32_t end = rh_first[o] + rh_len[o];
  /*@ loop invariant range: rh_first[o] <= j <= end;
      loop invariant heap: heap;
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant emptied: \forall integer i; rh_first[o] <= i < j ==> rh_slot[i] == 0;
      loop invariant kept: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==>
        rh_slot[i] == \at(rh_slot[i], Pre) || (rh_slot[i] == 0 && rh_refcnt[rh_own[i]] == 0);
      loop assigns j, RH_RELEASE_STATE;
      loop variant end - j;
  */
  for (uint32_t j = rh_first[o]; j < end; j++) rh_slot_drop(j);
}

uint32_t rh_gc_clear(void) {
  uint32_t before = rh_total;
  /*@ loop invariant range: 0 <= i <= rh_end[RH_FOUND];
      loop invariant heap: heap;
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant emptied: \forall integer j; 0 <= j < rh_nedge && \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1 &&
        rh_pos[rh_own[j]] < i ==> rh_slot[j] == 0;
      loop invariant kept: \forall integer j; 0 <= j < rh_nedge ==> rh_slot[j] == \at(rh_slot[j], Pre) ||
        (rh_slot[j] == 0 && (rh_refcnt[rh_own[j]] == 0 || \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1));
      loop assigns i, RH_RELEASE_STATE;
      loop variant rh_end[RH_FOUND] - i;
  */
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++)
    if (is_member(RH_FOUND, i)) drop_slots(rh_member[RH_FOUND][i]);
  /*@ ghost
      /@ loop invariant range: 0 <= i <= RH_OBJECTS;
         loop invariant fewer: alive(i) <= alive{Pre}(i);
         loop assigns i;
         loop variant RH_OBJECTS - i;
      @/
      for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  */
  //@ ghost inner_facts(RH_FOUND + 1);
  /*@ assert emptied: \forall integer j; 0 <= j < rh_nedge && \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1 ==>
        rh_slot[j] == 0; */
  /*@ assert unreferred: unheld{Pre}(RH_FOUND + 1) ==> \forall integer o, j; 1 <= o < RH_OBJECTS &&
        \at(rh_list[o], Pre) == RH_FOUND + 1 && 0 <= j < RH_SLOTS ==> rh_slot[j] != o; */
  /*@ assert uncounted: unheld{Pre}(RH_FOUND + 1) ==> \forall integer o; 1 <= o < RH_OBJECTS &&
        \at(rh_list[o], Pre) == RH_FOUND + 1 ==> refs(o, RH_SLOTS) == 0; */
  return before - rh_total;
}

uint32_t rh_gc_collect(uint32_t k) {
  //@ ghost inner_facts(RH_FOUND + 1);
  if (k > 2) return 0;
  rh_gc_find(k);
  rh_gc_promote(k);
  uint32_t found = rh_size[RH_FOUND];
  /*@ assert found: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
        collected{Pre}(k, o) && !collected_reachable{Pre}(k, o); */
  /*@ assert holders: \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 && rh_list[rh_slot[j]] == RH_FOUND + 1 ==>
        collected{Pre}(k, rh_own[j]) && !collected_reachable{Pre}(k, rh_own[j]); */
  /*@ assert unrooted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
        rh_roots[o] == 0 && rh_refcnt[o] < RH_COUNT_IMMORTAL; */
  //@ assert unheld: unheld(RH_FOUND + 1);
  rh_gc_clear();
  //@ ghost inner_facts(RH_FOUND + 1);
  /*@ assert slots_kept: \forall integer j; 0 <= j < rh_nedge && rh_refcnt[rh_own[j]] != 0 ==>
        rh_slot[j] == \at(rh_slot[j], Pre); */
  /*@ assert none_dangling: no_dangling; */
  /*@ assert rooted: \forall integer o; held_n{Pre}(0, o) ==> rh_refcnt[o] != 0; */
  //@ assert closed: survivors_closed{Pre, Here};
  /*@ assert owners: (\forall integer o; 1 <= o < RH_OBJECTS && \at(rh_refcnt[o], Pre) != 0 ==> collected{Pre}(k, o)) ==>
        all_collected{Pre}(k); */
  return found;
}
