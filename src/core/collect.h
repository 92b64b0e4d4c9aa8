/*
 * The cycle collector: generation lists, trial deletion, clearing.
 *
 * Tracked objects are in exactly one list. Lists keep an order that users of
 * the collector can observe (GC, GEN and FIN rules; O1), so every operation
 * states where it puts an object. New members go to the end. An object that
 * is freed leaves its list by itself; one in no list is never collected, and
 * the references it holds count as external.
 *
 * A collection is made of phases, so that finalizers can run in between:
 *
 *   rh_gc_find(k)        what nothing outside generations 0..k holds -> RH_FOUND
 *   rh_gc_promote(k)     survivors become one generation older
 *   ... finalizers ...
 *   rh_gc_confirm(g)     what they resurrected -> generation g
 *   rh_gc_clear()        frees the rest
 *
 * The heap may be changed in any way between phases. Every function takes
 * every number; bad handles and lists are refused and nothing changes.
 */
#ifndef RH_CORE_COLLECT_H
#define RH_CORE_COLLECT_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

#ifdef __FRAMAC__
#include "core/object_state.h" /* what the contracts speak of */

#include "acsl/held.h"
#endif

/* Lists besides the generations 0, 1 and 2. */
enum {
  RH_FROZEN = 3,   /* tracked, but roots: never collected */
  RH_FOUND = 4,    /* found unreachable, not yet cleared */
  RH_UNTRACKED = 5 /* in no list */
};

/* Appends the untracked object o to generation 0. O(1) amortised. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    ensures tracked: o < RH_OBJECTS && rh_refcnt[o] != 0 && \old(rh_list[o]) == 0 ==> rh_list[o] == 1 &&
      \forall integer p; 0 <= p < RH_OBJECTS && p != o && rh_list[p] == 1 ==> rh_pos[p] < rh_pos[o];
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && (p != o || rh_refcnt[p] == 0 || \old(rh_list[p]) != 0) ==>
      rh_list[p] == \old(rh_list[p]);
    ensures order: \forall integer g; 0 <= g < RH_LISTS ==> list_order_kept{Pre, Here}(g);
*/
void rh_gc_track(uint32_t o);

/* Takes o out of its list. O(1). */
/*@ requires heap: heap;
    terminates \true;
    assigns rh_list[0 .. RH_OBJECTS - 1], rh_size[0 .. RH_LISTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures untracked: o < RH_OBJECTS ==> rh_list[o] == 0;
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && p != o ==> rh_list[p] == \old(rh_list[p]);
*/
void rh_gc_untrack(uint32_t o);

/* The list o is in: 0, 1, 2, RH_FROZEN, RH_FOUND; RH_UNTRACKED also for a bad handle. */
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures list: \result == (o < RH_OBJECTS && rh_list[o] != 0 ? rh_list[o] - 1 : RH_UNTRACKED);
*/
uint32_t rh_gc_generation(uint32_t o);

/* Number of members of a list (0 .. RH_FOUND). */
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures size: \result == (list <= RH_FOUND ? listed(list + 1, RH_OBJECTS) : 0);
*/
uint32_t rh_gc_size(uint32_t list);

/* Walks a list in order: the first member, and the one after o in the list of
 * o; 0 at the end. The list may change during the walk, as long as o stays a
 * member. O(holes skipped). */
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures member: \result != 0 ==> list <= RH_FOUND && \result < RH_OBJECTS && rh_list[\result] == list + 1;
    ensures first: list <= RH_FOUND ==> \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == list + 1 ==>
      \result != 0 && rh_pos[\result] <= rh_pos[o];
*/
uint32_t rh_gc_first(uint32_t list);
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures member: \result != 0 ==> o < RH_OBJECTS && \result < RH_OBJECTS && rh_list[\result] == rh_list[o] &&
      rh_pos[o] < rh_pos[\result];
    ensures next: o < RH_OBJECTS && rh_list[o] != 0 ==> \forall integer p; 0 <= p < RH_OBJECTS &&
      rh_list[p] == rh_list[o] && rh_pos[o] < rh_pos[p] ==> \result != 0 && rh_pos[\result] <= rh_pos[p];
*/
uint32_t rh_gc_next(uint32_t o);

/* Appends the tracked object o to the end of `list` (0 .. RH_FOUND). */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    ensures moved: o < RH_OBJECTS && \old(rh_list[o]) != 0 && list <= RH_FOUND ==> rh_list[o] == list + 1 &&
      \forall integer p; 0 <= p < RH_OBJECTS && p != o && rh_list[p] == list + 1 ==> rh_pos[p] < rh_pos[o];
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && (p != o || \old(rh_list[p]) == 0 || list > RH_FOUND) ==>
      rh_list[p] == \old(rh_list[p]);
    ensures order: \forall integer p, q; 0 <= p < RH_OBJECTS && 0 <= q < RH_OBJECTS && p != o && q != o &&
      rh_list[p] != 0 && rh_list[p] == rh_list[q] && \old(rh_pos[p]) < \old(rh_pos[q]) ==> rh_pos[p] < rh_pos[q];
*/
void rh_gc_move(uint32_t o, uint32_t list);

/*@ ghost extern uint32_t rh_via[RH_OBJECTS]; */
/*@ // The scan reads slot i before slot j: owners in the order of their list, slots of one owner from the first on.
    predicate slot_before{L}(integer i, integer j) =
      rh_own[i] == rh_own[j] ? i < j : rh_pos[rh_own[i]] < rh_pos[rh_own[j]];
*/

/* Trial deletion (8.6, steps 2-4). What an earlier collection left in RH_FOUND
 * and generations 0 .. k-1, in this order, join the end of generation k (0, 1
 * or 2). Members that an external reference, an immortal's count or an object
 * outside generation k reaches stay, all others move to RH_FOUND. A survivor
 * known to be one when the scan comes to it keeps its place; one that was
 * already passed over is appended when the first survivor that refers to it is
 * scanned, behind what earlier slots appended (to the proof those have rh_mark
 * 4, and rh_via is that survivor's first slot that refers to them).
 * O(members + their slots). */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1], rh_mark[0 .. RH_OBJECTS - 1],
            rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures kept: k <= 2 ==> \forall integer o; 0 <= o < RH_OBJECTS && \old(collected(k, o)) ==>
      (rh_list[o] == k + 1 <==> \old(collected_reachable(k, o)));
    ensures found: k <= 2 ==> \forall integer o; 0 <= o < RH_OBJECTS && \old(collected(k, o)) ==>
      rh_list[o] == k + 1 || rh_list[o] == RH_FOUND + 1;
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && (k > 2 || !\old(collected(k, o))) ==>
      rh_list[o] == \old(rh_list[o]);
    ensures unheld: k <= 2 ==> unheld(RH_FOUND + 1);
    ensures order_found: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      rh_list[o] == RH_FOUND + 1 && rh_list[p] == RH_FOUND + 1 && \old(joins_before(k, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures order_kept: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == k + 1 &&
      rh_list[p] == k + 1 && rh_mark[o] != 4 && rh_mark[p] != 4 && \old(joins_before(k, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures order_back: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == k + 1 &&
      rh_list[p] == k + 1 && rh_mark[o] != 4 && rh_mark[p] == 4 ==> rh_pos[o] < rh_pos[p];
    ensures via: k <= 2 ==> \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> rh_list[o] == k + 1 &&
      rh_via[o] < rh_nedge && rh_slot[rh_via[o]] == o && rh_list[rh_own[rh_via[o]]] == k + 1 &&
      rh_pos[rh_own[rh_via[o]]] < rh_pos[o];
    ensures via_first: k <= 2 ==> \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 && 0 <= j < rh_nedge &&
      rh_slot[j] == o && rh_list[rh_own[j]] == k + 1 && j != rh_via[o] ==> slot_before(rh_via[o], j);
    ensures via_order: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 &&
      rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && (k > 2 || !\old(collected(k, o))) ==> rh_pos[o] == \old(rh_pos[o]);
*/
void rh_gc_find(uint32_t k);

/* Appends generation k to generation k + 1 (nothing for k = 2). */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    ensures moved: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_list[o] == (k < 2 && \old(rh_list[o]) == k + 1 ? k + 2 : \old(rh_list[o]));
    ensures order: k < 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == k + 2 &&
      rh_list[p] == k + 2 && \old(joins_before(k + 1, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != k + 2 ==> rh_pos[o] == \old(rh_pos[o]);
*/
void rh_gc_promote(uint32_t k);

/* Trial deletion on RH_FOUND alone: members reachable from outside it go, in
 * the order of rh_gc_find, to the end of `list` (0 .. RH_FROZEN). Returns how
 * many stay in RH_FOUND; a bad list changes nothing. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1], rh_mark[0 .. RH_OBJECTS - 1],
            rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures confirmed: list <= RH_FROZEN ==> \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) == RH_FOUND + 1 ==>
      (rh_list[o] == RH_FOUND + 1 && !\old(reachable(RH_FOUND + 1, o))) ||
      (rh_list[o] == list + 1 && \old(reachable(RH_FOUND + 1, o)));
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && (list > RH_FROZEN || \old(rh_list[o]) != RH_FOUND + 1) ==>
      rh_list[o] == \old(rh_list[o]);
    ensures unheld: list <= RH_FROZEN ==> unheld(RH_FOUND + 1);
    ensures size: \result == listed(RH_FOUND + 1, RH_OBJECTS);
    ensures order_left: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 &&
      rh_list[p] == RH_FOUND + 1 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> rh_pos[o] < rh_pos[p];
    ensures order_taken: list <= RH_FROZEN ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      rh_list[o] == list + 1 && rh_list[p] == list + 1 && rh_mark[o] != 4 && rh_mark[p] != 4 &&
      \old(rh_list[o]) == \old(rh_list[p]) && \old(rh_pos[o]) < \old(rh_pos[p]) ==> rh_pos[o] < rh_pos[p];
    ensures behind: list <= RH_FROZEN ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      \old(rh_list[o]) == list + 1 && \old(rh_list[p]) == RH_FOUND + 1 && rh_list[p] == list + 1 ==> rh_pos[o] < rh_pos[p];
    ensures order_back: list <= RH_FROZEN ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      \old(rh_list[o]) == RH_FOUND + 1 && rh_list[o] == list + 1 && rh_list[p] == list + 1 && rh_mark[o] != 4 &&
      rh_mark[p] == 4 ==> rh_pos[o] < rh_pos[p];
    ensures via: list <= RH_FROZEN ==> \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 && j == rh_via[o] ==>
      rh_list[o] == list + 1 && j < rh_nedge && rh_slot[j] == o && \old(rh_list[rh_own[j]]) == RH_FOUND + 1 &&
      rh_list[rh_own[j]] == list + 1 && rh_pos[rh_own[j]] < rh_pos[o];
    ensures via_first: list <= RH_FROZEN ==> \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 &&
      0 <= j < rh_nedge && rh_slot[j] == o && \old(rh_list[rh_own[j]]) == RH_FOUND + 1 && rh_list[rh_own[j]] == list + 1 &&
      j != rh_via[o] ==> slot_before(rh_via[o], j);
    ensures via_order: list <= RH_FROZEN ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
      rh_mark[o] == 4 && rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && (list > RH_FROZEN || (\old(rh_list[o]) != RH_FOUND + 1 && rh_list[o] != list + 1)) ==> rh_pos[o] == \old(rh_pos[o]);
*/
uint32_t rh_gc_confirm(uint32_t list);

/* Empties the slots of every member of RH_FOUND, in order. Members that
 * nothing outside holds are then freed, in order, with what only they held; one that is still
 * held stays in RH_FOUND with empty slots. Returns the number of objects
 * freed. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_RELEASE_STATE, rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures roots: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_roots[o] == \old(rh_roots[o]);
    ensures freed: \result == \old(rh_total) - rh_total;
    ensures cleared: \old(unheld(RH_FOUND + 1)) ==> \forall integer o; 0 <= o < RH_OBJECTS &&
      \old(rh_list[o]) == RH_FOUND + 1 ==> rh_refcnt[o] == 0;
    ensures kept: \forall integer j; 0 <= j < rh_nedge ==> rh_slot[j] == \old(rh_slot[j]) ||
      (rh_slot[j] == 0 && (rh_refcnt[rh_own[j]] == 0 || \old(rh_list[rh_own[j]]) == RH_FOUND + 1));
    ensures holders_first: \forall integer j; 0 <= j < rh_nedge && \old(rh_list[rh_own[j]]) != RH_FOUND + 1 &&
      \old(rh_list[rh_slot[j]]) != RH_FOUND + 1 ==> dies_first{Pre, Here}(j);
*/
uint32_t rh_gc_clear(void);

/* What the last call of rh_gc_collect found, and how many that were. */
/*@ ghost extern uint8_t rh_garbage[RH_OBJECTS]; */
/*@ logic integer garbage{L}(integer n) = n <= 0 ? 0 : garbage{L}(n - 1) + (rh_garbage[n - 1] == 1 ? 1 : 0); */

/* A whole collection without finalizers: find, promote, clear. Returns the
 * number found; 0 for a bad k. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE, RH_RELEASE_STATE, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1],
            rh_mark[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1], rh_roots[0 .. RH_OBJECTS - 1],
            rh_garbage[0 .. RH_OBJECTS - 1];
    exits \false;
    ensures bad: k > 2 ==> \result == 0;
    ensures garbage: k <= 2 ==> \forall integer o; 0 <= o < RH_OBJECTS ==>
      (rh_garbage[o] == 1 <==> \old(collected(k, o)) && !\old(collected_reachable(k, o)));
    ensures number: k <= 2 ==> \result == garbage(RH_OBJECTS);
    RH_ENSURES_HEAP;
    ensures roots: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_roots[o] == \old(rh_roots[o]);
    ensures freed: k <= 2 ==> \forall integer o; 1 <= o < rh_nobj && \old(collected(k, o)) &&
      !\old(collected_reachable(k, o)) ==> rh_refcnt[o] == 0;
    ensures kept: k <= 2 ==> \forall integer j; 0 <= j < rh_nedge && rh_refcnt[rh_own[j]] != 0 ==>
      rh_slot[j] == \old(rh_slot[j]);
    ensures nothing_lost: k <= 2 ==> \forall integer o; \old(held(o)) ==> rh_refcnt[o] != 0;
    ensures exact: k == 2 && \old(\forall integer o; 1 <= o < RH_OBJECTS && rh_refcnt[o] != 0 ==> collected(2, o)) ==>
      \forall integer o; 1 <= o < RH_OBJECTS ==> (rh_refcnt[o] != 0 <==> \old(held(o)));
    ensures only: \forall integer o; 1 <= o < RH_OBJECTS && \old(rh_refcnt[o]) != 0 && rh_refcnt[o] == 0 ==>
      \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL && \old(rh_roots[o]) == 0 &&
      (\exists integer j; 0 <= j < rh_nedge && \old(rh_slot[j]) == o) &&
      (\forall integer j; 0 <= j < rh_nedge && \old(rh_slot[j]) == o ==>
         \old(rh_refcnt[rh_own[j]]) != 0 && rh_refcnt[rh_own[j]] == 0);
    ensures spread: k <= 2 ==> \forall integer o; 1 <= o < RH_OBJECTS && \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL &&
      \old(rh_roots[o]) == 0 && (\forall integer j; 0 <= j < rh_nedge && \old(rh_slot[j]) == o ==>
        rh_refcnt[rh_own[j]] == 0) ==> rh_refcnt[o] == 0;
    ensures least: k <= 2 ==> \forall integer o; 1 <= o < RH_OBJECTS && \old(rh_refcnt[o]) != 0 ==>
      (rh_refcnt[o] == 0 <==> \old(falls(k, o)));
    ensures no_dangling: no_dangling;
    ensures order: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_refcnt[o] != 0 &&
      rh_refcnt[p] != 0 && \old(collected(k, o)) && \old(collected(k, p)) && rh_mark[o] != 4 && rh_mark[p] != 4 &&
      \old(joins_before(k, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures order_back: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_refcnt[o] != 0 &&
      rh_refcnt[p] != 0 && \old(collected(k, o)) && \old(collected(k, p)) && rh_mark[o] != 4 && rh_mark[p] == 4 ==>
      rh_pos[o] < rh_pos[p];
    ensures via: k <= 2 ==> \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 && j == rh_via[o] ==>
      j < rh_nedge && \old(rh_slot[j]) == o && \old(collected_reachable(k, rh_own[j])) && rh_pos[rh_own[j]] < rh_pos[o];
    ensures via_first: k <= 2 ==> \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 && 0 <= j < rh_nedge &&
      \old(rh_slot[j]) == o && \old(collected_reachable(k, rh_own[j])) && j != rh_via[o] ==> slot_before(rh_via[o], j);
    ensures via_order: k <= 2 ==> \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 &&
      rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> rh_pos[o] < rh_pos[p];
    ensures promoted: k <= 2 ==> \forall integer o; 1 <= o < rh_nobj && \old(collected(k, o)) && rh_refcnt[o] != 0 ==>
      rh_list[o] == (k < 2 ? k + 2 : 3);
*/
uint32_t rh_gc_collect(uint32_t k);

/* Appends generations 0, 1 and 2 to RH_FROZEN, and RH_FROZEN to generation 2. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    ensures moved: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_list[o] == (1 <= \old(rh_list[o]) <= 3 ? RH_FROZEN + 1 : \old(rh_list[o]));
    ensures order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == RH_FROZEN + 1 &&
      rh_list[p] == RH_FROZEN + 1 && \old(joins_before(3, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != RH_FROZEN + 1 ==> rh_pos[o] == \old(rh_pos[o]);
*/
void rh_gc_freeze(void);
/*@ requires heap: heap;
    terminates \true;
    assigns RH_LIST_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    ensures moved: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_list[o] == (\old(rh_list[o]) == RH_FROZEN + 1 ? 3 : \old(rh_list[o]));
    ensures order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == 3 &&
      rh_list[p] == 3 && \old(joins_before(2, o, p)) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != 3 ==> rh_pos[o] == \old(rh_pos[o]);
*/
void rh_gc_unfreeze(void);

#endif
