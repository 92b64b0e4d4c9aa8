/*
 * Objects: a reference count and a row of slots, each empty or a counted
 * reference to an object. Objects are named by handles, 32-bit numbers; 0 is
 * no object.
 *
 * Ownership. The count of an object is the number of slots of live objects
 * that refer to it plus the number of external references, those its users
 * hold (R1). rh_object_new and rh_object_retain give the caller an external
 * reference, rh_object_release takes one back, rh_slot_swap moves one into a
 * slot and one out. An object dies when its count reaches zero, at once, and
 * with it everything that only it held (R2).
 *
 * Every function takes every number: a handle that names no live object, or a
 * slot outside the object, is refused as documented and nothing changes. What
 * cannot be checked is ownership: only release, or swap in, references you hold.
 *
 * Counts saturate: at RH_COUNT_IMMORTAL an object is immortal, its count no
 * longer moves and it is never freed. R1 speaks of counts below that.
 */
#ifndef RH_CORE_OBJECT_H
#define RH_CORE_OBJECT_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __FRAMAC__
#include "core/object_state.h" /* what the contracts speak of */
#endif

/*@ // Class c holds n slots and no smaller one does; no_span: it has neither a dead object nor room for a new span.
    predicate smallest_class{L}(integer c, integer n) =
      0 <= c < RH_CLASSES && n <= rh_capacity[c] && (\forall integer d; 0 <= d < c ==> rh_capacity[d] < n);
    predicate no_span{L}(integer c) =
      rh_free[c] == 0 && (rh_nobj == RH_OBJECTS || rh_capacity[c] > RH_SLOTS - rh_nedge);
*/

enum { RH_SLOT_REFUSED = 0x7fffffff }; /* never a handle */

/* A new object with `slots` empty slots, untracked, whose only reference is
 * the caller's. 0 when out of objects or slots; nothing changed then. O(1). */
/*@ requires heap: heap;
    terminates \true;
    assigns rh_free[0 .. RH_CLASSES - 1], rh_prev[0 .. RH_OBJECTS - 1], rh_nobj, rh_nedge,
            rh_span[0 .. RH_OBJECTS - 1], rh_class[0 .. RH_OBJECTS - 1], rh_own[0 .. RH_SLOTS - 1],
            rh_refcnt[0 .. RH_OBJECTS - 1], rh_roots[0 .. RH_OBJECTS - 1], rh_total;
    exits \false;
    RH_ENSURES_HEAP;
    ensures made: \result != 0 ==> 1 <= \result < rh_nobj && \old(rh_refcnt[\result]) == 0 &&
      rh_refcnt[\result] == 1 && rh_roots[\result] == 1 && rh_span[\result].len == slots && rh_list[\result] == 0;
    ensures empty: \result != 0 ==> \forall integer j; 0 <= j < rh_nedge && rh_own[j] == \result ==> rh_slot[j] == 0;
    ensures total: rh_total == \old(rh_total) + (\result != 0 ? 1 : 0);
    ensures others: \forall integer o; 1 <= o < RH_OBJECTS && o != \result ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) && rh_roots[o] == \old(rh_roots[o]);
    ensures spans_kept: \forall integer o; 1 <= o < \old(rh_nobj) && o != \result ==>
      rh_span[o] == \old(rh_span[o]) && rh_class[o] == \old(rh_class[o]);
    ensures refused: \result == 0 ==> rh_nobj == \old(rh_nobj) && rh_nedge == \old(rh_nedge) &&
      (\forall integer c; 0 <= c < RH_CLASSES ==> rh_free[c] == \old(rh_free[c]));
    ensures exhausted: \result == 0 ==> \forall integer c; smallest_class(c, slots) ==> \old(no_span(c));
*/
uint32_t rh_object_new(uint32_t slots);

/* Does o name a live object? */
/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures live: \result <==> o < RH_OBJECTS && rh_refcnt[o] != 0;
*/
bool rh_object_live(uint32_t o);

/* The count of o; RH_COUNT_IMMORTAL for an immortal, 0 if o is not live. */
/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures count: \result == (o < RH_OBJECTS ? rh_refcnt[o] : 0);
*/
uint32_t rh_object_count(uint32_t o);

/* One more external reference to o. */
/*@ requires heap: heap;
    terminates \true;
    assigns rh_refcnt[0 .. RH_OBJECTS - 1], rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures mortal: o < RH_OBJECTS && 0 < \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) + 1 && rh_roots[o] == \old(rh_roots[o]) + 1;
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && (p != o || \old(rh_refcnt[p]) == 0 || \old(rh_refcnt[p]) == RH_COUNT_IMMORTAL) ==>
      rh_refcnt[p] == \old(rh_refcnt[p]) && rh_roots[p] == \old(rh_roots[p]);
*/
void rh_object_retain(uint32_t o);

/* Gives back one external reference to o. At zero frees o and exactly what
 * nothing else holds; freed objects leave their generation list.
 * O(1 + slots of what is freed), no recursion. */
/*@ requires heap: heap;
    requires owned: o < RH_OBJECTS && 0 < rh_refcnt[o] < RH_COUNT_IMMORTAL ==> 0 < rh_roots[o];
    terminates \true;
    assigns RH_RELEASE_STATE, rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures given_back: \forall integer p; 0 <= p < RH_OBJECTS ==> rh_roots[p] == \old(rh_roots[p]) -
      (p == o && 0 < \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL ? 1 : 0);
    ensures survivors: \forall integer i; 0 <= i < rh_nedge && rh_refcnt[rh_own[i]] != 0 ==>
      rh_slot[i] == \old(rh_slot[i]);
    ensures refused: !(o < RH_OBJECTS && 0 < \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL) ==>
      \forall integer p; 0 <= p < RH_OBJECTS ==> rh_refcnt[p] == \old(rh_refcnt[p]);
    ensures sound: \forall integer p; 1 <= p < rh_nobj && \old(rh_refcnt[p]) != 0 && rh_refcnt[p] == 0 ==>
      \old(dies(p, o));
    ensures complete: o < RH_OBJECTS && 0 < \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL ==>
      \forall integer p; 1 <= p < rh_nobj && \old(dies(p, o)) ==> rh_refcnt[p] == 0;
    ensures no_dangling: no_dangling;
*/
void rh_object_release(uint32_t o);

/* Makes o immortal. */
/*@ requires heap: heap;
    terminates \true;
    assigns rh_refcnt[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures immortal: o < RH_OBJECTS && \old(rh_refcnt[o]) != 0 ==> rh_refcnt[o] == RH_COUNT_IMMORTAL;
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && (p != o || \old(rh_refcnt[p]) == 0) ==>
      rh_refcnt[p] == \old(rh_refcnt[p]);
*/
void rh_object_immortalize(uint32_t o);

/* Number of slots of o; 0 if o is not live. */
/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures length: \result == (o < RH_OBJECTS && rh_refcnt[o] != 0 ? rh_span[o].len : 0);
*/
uint32_t rh_object_length(uint32_t o);

/* What slot i of o refers to, borrowed; 0 if it is empty or does not exist. */
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures value: o < RH_OBJECTS && rh_refcnt[o] != 0 && i < rh_span[o].len ==>
      \result == rh_slot[rh_span[o].first + i];
    ensures nothing: !(o < RH_OBJECTS && rh_refcnt[o] != 0 && i < rh_span[o].len) ==> \result == 0;
    ensures borrowed: \result != 0 ==> \result < rh_nobj && rh_refcnt[\result] != 0;
*/
uint32_t rh_slot_get(uint32_t o, uint32_t i);

/* Stores v (0: nothing) in slot i of o and returns what was there. The
 * caller's reference to v becomes the slot's, the slot's former reference the
 * caller's: no count changes. RH_SLOT_REFUSED, nothing changed, when slot i of
 * o does not exist or v is neither 0 nor live. */
/*@ requires heap: heap;
    requires owned: v < RH_OBJECTS && 0 < rh_refcnt[v] < RH_COUNT_IMMORTAL ==> 0 < rh_roots[v];
    terminates \true;
    assigns rh_slot[0 .. RH_SLOTS - 1], rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures refused: \result == RH_SLOT_REFUSED <==> !(o < RH_OBJECTS && rh_refcnt[o] != 0 && i < rh_span[o].len &&
      (v == 0 || (v < RH_OBJECTS && rh_refcnt[v] != 0)));
    ensures unchanged: \result == RH_SLOT_REFUSED ==>
      (\forall integer j; 0 <= j < RH_SLOTS ==> rh_slot[j] == \old(rh_slot[j])) &&
      (\forall integer p; 0 <= p < RH_OBJECTS ==> rh_roots[p] == \old(rh_roots[p]));
    ensures stored: \result != RH_SLOT_REFUSED ==> rh_slot[rh_span[o].first + i] == v;
    ensures former: \result != RH_SLOT_REFUSED ==> \result == \old(rh_slot[rh_span[o].first + i]) < rh_nobj;
    ensures others: \result != RH_SLOT_REFUSED ==> \forall integer j; 0 <= j < RH_SLOTS && j != rh_span[o].first + i ==>
      rh_slot[j] == \old(rh_slot[j]);
    ensures moved: \result != RH_SLOT_REFUSED ==> \forall integer p; 1 <= p < RH_OBJECTS && rh_refcnt[p] < RH_COUNT_IMMORTAL ==>
      rh_roots[p] == \old(rh_roots[p]) - (p == v ? 1 : 0) + (p == \result ? 1 : 0);
*/
uint32_t rh_slot_swap(uint32_t o, uint32_t i, uint32_t v);

/* Gives o `slots` slots: the first ones keep their content, new ones are
 * empty. False, nothing changed, when o is not live, when a slot to be cut off
 * is not empty, or when there is no room to grow (shrinking finds room always).
 * O(slots moved), and O(1) within the span the object already has. */
/*@ requires heap: heap;
    terminates \true;
    assigns rh_free[0 .. RH_CLASSES - 1], rh_next[0 .. RH_OBJECTS - 1], rh_prev[0 .. RH_OBJECTS - 1], rh_nobj,
            rh_nedge, rh_span[0 .. RH_OBJECTS - 1], rh_class[0 .. RH_OBJECTS - 1], rh_own[0 .. RH_SLOTS - 1],
            rh_slot[0 .. RH_SLOTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures resized: \result ==> o < RH_OBJECTS && rh_refcnt[o] != 0 && rh_span[o].len == slots;
    ensures prefix: \result ==> \forall integer i; 0 <= i < slots && i < \old(rh_span[o].len) ==>
      rh_slot[rh_span[o].first + i] == \old(rh_slot[rh_span[o].first + i]);
    ensures fresh: \result ==> \forall integer i; \old(rh_span[o].len) <= i < slots ==>
      rh_slot[rh_span[o].first + i] == 0;
    ensures cut: \result ==> \forall integer i; slots <= i < \old(rh_span[o].len) ==>
      \old(rh_slot[rh_span[o].first + i]) == 0;
    ensures others: \forall integer p; 1 <= p < \old(rh_nobj) && p != o && rh_refcnt[p] != 0 ==>
      rh_span[p] == \old(rh_span[p]) && rh_class[p] == \old(rh_class[p]);
    ensures others_slots: \forall integer j; 0 <= j < \old(rh_nedge) && \old(rh_own[j]) != o && \old(rh_slot[j]) != 0 ==>
      rh_slot[j] == \old(rh_slot[j]) && rh_own[j] == \old(rh_own[j]);
    ensures refused: !\result ==> rh_nobj == \old(rh_nobj) && rh_nedge == \old(rh_nedge) &&
      (\forall integer p; 0 <= p < RH_OBJECTS ==> rh_span[p] == \old(rh_span[p]) && rh_class[p] == \old(rh_class[p])) &&
      (\forall integer j; 0 <= j < RH_SLOTS ==> rh_slot[j] == \old(rh_slot[j]));
    ensures failure: !\result && o < RH_OBJECTS && rh_refcnt[o] != 0 ==>
      (\exists integer j; \old(rh_span[o].first + slots) <= j < \old(rh_span[o].first + rh_span[o].len) &&
         \old(rh_slot[j]) != 0) ||
      (slots > \old(rh_capacity[rh_class[o]]) && \forall integer c; smallest_class(c, slots) ==> \old(no_span(c)));
*/
bool rh_object_resize(uint32_t o, uint32_t slots);

/* Number of live objects. */
/*@ requires total_exact: total_exact;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures total: \result == alive(RH_OBJECTS);
*/
uint32_t rh_object_total(void);

#endif
