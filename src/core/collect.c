/*
 * The cycle collector. Its lists are described in object_state.h, its
 * operations in collect.h.
 *
 * Trial deletion works on one list. It counts in rh_gcref how often members
 * refer to each member; where the count of an object is larger, something
 * outside holds it. The scan then goes through the list from left to right. A
 * member with rh_gcref != rh_refcnt is known to be reachable; scanning it makes
 * what it refers to known to be, which is to say rh_gcref == 0. One that is not
 * known to be reachable when the scan comes to it is passed over, and comes back
 * behind the list should a scanned one refer to it. What never came back is
 * found to be unreachable. In the end rh_gcref is zero again.
 */
#include "core/collect.h"
#include "core/object.h"
#include "core/object_state.h"
#include "core/prefetch.h"

enum {
  SCRATCH = RH_LISTS - 1,
  PASSED = 0x7fffffff /* in rh_gcref: passed over; no count is as large */
};

uint8_t rh_list[RH_OBJECTS];
uint32_t rh_pos[RH_OBJECTS];
uint32_t rh_member[RH_LISTS][RH_MEMBERS];
uint32_t rh_end[RH_LISTS];
uint32_t rh_size[RH_LISTS];

uint32_t rh_gcref[RH_OBJECTS];

/*@ ghost uint8_t rh_done[RH_SLOTS]; */
/*@ ghost uint8_t rh_mark[RH_OBJECTS]; */
/*@ ghost uint32_t rh_via[RH_OBJECTS]; */
/*@ ghost uint8_t rh_garbage[RH_OBJECTS]; */

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

/*@ ghost
  /@ requires range: g < RH_LISTS && rh_end[g] <= RH_MEMBERS;
     requires nothing: rh_list[0] == 0;
     requires entries: list_entries;
     requires places: list_places;
     requires full: rh_end[g] == listed(g + 1, RH_OBJECTS);
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures dense: dense(g);
  @/
  static void full_is_dense(uint32_t g) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant none: placed(g + 1, 0, i) == 0;
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
    /@ loop invariant range: 0 <= k <= rh_end[g];
       loop invariant placed: placed(g + 1, k, RH_OBJECTS) <= k;
       loop invariant holes: \forall integer h; 0 <= h < k &&
         !(rh_list[rh_member[g][h]] == g + 1 && rh_pos[rh_member[g][h]] == h) ==> placed(g + 1, k, RH_OBJECTS) < k;
       loop assigns k;
       loop variant rh_end[g] - k;
    @/
    for (uint32_t k = 0; k < rh_end[g]; k++) {
      /@ loop invariant range: 0 <= i <= RH_OBJECTS;
         loop invariant one: placed(g + 1, k + 1, i) == placed(g + 1, k, i) +
           (rh_list[rh_member[g][k]] == g + 1 && rh_pos[rh_member[g][k]] == k && i > rh_member[g][k] ? 1 : 0);
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

/* Closes the holes of list g; at once when there are none. */
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
  if (rh_end[g] == rh_size[g]) {
    //@ ghost full_is_dense(g);
    return;
  }
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
  //@ ghost rh_listed_facts();
  if (rh_end[to] + rh_size[from] > RH_MEMBERS) compact(to);
  uint32_t n = rh_end[from], end = rh_end[to];
  /*@ loop invariant range: 0 <= i <= n && rh_end[to] <= end;
      loop invariant room: end + listed(from + 1, RH_OBJECTS) <= RH_MEMBERS;
      loop invariant counted: \forall integer l; listed(l, RH_OBJECTS) == listed{Pre}(l, RH_OBJECTS) +
        (l == to + 1 ? end - rh_end[to] : 0) - (l == from + 1 ? end - rh_end[to] : 0);
      loop invariant list_entries: list_entries;
      loop invariant appended: \forall integer k; rh_end[to] <= k < end ==> rh_member[to][k] < RH_OBJECTS;
      loop invariant places: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != 0 ==>
        rh_list[o] <= RH_LISTS && rh_pos[o] < (rh_list[o] == to + 1 ? end : rh_end[rh_list[o] - 1]) &&
        rh_member[rh_list[o] - 1][rh_pos[o]] == o;
      loop invariant list_live: list_live;
      loop invariant moved: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == from + 1 ==>
        rh_list[o] == (\at(rh_pos[o], Pre) < i ? to + 1 : from + 1);
      loop invariant kept: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) != from + 1 ==>
        rh_list[o] == \at(rh_list[o], Pre);
      loop invariant waiting: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != to + 1 ==>
        rh_pos[o] == \at(rh_pos[o], Pre);
      loop invariant order_to: list_order_kept{Pre, Here}(to);
      loop invariant before: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == to + 1 ==>
        rh_pos[o] < rh_end[to];
      loop invariant behind: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == from + 1 &&
        \at(rh_pos[o], Pre) < i ==> rh_end[to] <= rh_pos[o];
      loop invariant order_from: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        \at(rh_list[o], Pre) == from + 1 && \at(rh_list[p], Pre) == from + 1 &&
        \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) < i ==> rh_pos[o] < rh_pos[p];
      loop assigns i, end, rh_member[to][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1];
      loop variant n - i;
  */
  for (uint32_t i = 0; i < n; i++) {
    if (is_member(from, i)) {
      uint32_t o = rh_member[from][i];
      //@ ghost rh_listed_facts();
      rh_member[to][end] = o;
      rh_pos[o] = end;
      rh_list_write(o, to + 1);
      end++;
    }
  }
  /*@ assert gone: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] != from + 1; */
  rh_end[to] = end;
  rh_end[from] = 0;
  rh_size[to] += rh_size[from];
  rh_size[from] = 0;
  //@ assert places: list_places;
  //@ ghost dense_is_full(from);
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
      loop invariant order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        rh_list[o] == RH_FROZEN + 1 && rh_list[p] == RH_FROZEN + 1 && joins_before{Pre}(3, o, p) ==> rh_pos[o] < rh_pos[p];
      loop invariant elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != RH_FROZEN + 1 ==>
        rh_pos[o] == \at(rh_pos[o], Pre);
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

#define RH_TRIAL_STATE                                                                                                 \
  RH_LIST_STATE, rh_gcref[0..RH_OBJECTS - 1], rh_done[0..RH_SLOTS - 1], rh_mark[0..RH_OBJECTS - 1],                    \
      rh_place[0..RH_OBJECTS - 1], rh_via[0..RH_OBJECTS - 1]

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

/* How often members of g refer to a member of g, in rh_gcref, which was zero (C1). */
/*@ requires range: g < RH_LISTS && rh_end[g] <= RH_MEMBERS;
    requires dense: dense(g);
    requires places: list_places && list_live && rh_list[0] == 0;
    requires heap: spans && slots_valid && lengths && unused_empty && counts;
    requires zero: gcrefs_zero;
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
    exits \false;
    ensures counted: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
      rh_gcref[o] == inner(g + 1, o, RH_SLOTS);
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_gcref[o] == 0;
*/
static void count_inner(uint32_t g) {
  //@ ghost done_reset();
  /*@ loop invariant range: 0 <= i <= rh_end[g];
      loop invariant counted: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
        rh_gcref[o] == subtracted(o, RH_SLOTS);
      loop invariant others: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_gcref[o] == 0;
      loop invariant done: \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==>
        (rh_done[j] != 0 <==> rh_list[rh_own[j]] == g + 1 && rh_pos[rh_own[j]] < i);
      loop invariant clean: \forall integer j; 0 <= j < rh_nedge && rh_done[j] != 0 ==>
        rh_list[rh_own[j]] == g + 1 && rh_pos[rh_own[j]] < i;
      loop assigns i, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
      loop variant rh_end[g] - i;
  */
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    uint32_t end = rh_span[o].first + rh_span[o].len;
    /*@ loop invariant range: rh_span[o].first <= j <= end;
        loop invariant counted: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] == g + 1 ==>
          rh_gcref[p] == subtracted(p, RH_SLOTS);
        loop invariant others: \forall integer p; 0 <= p < RH_OBJECTS && rh_list[p] != g + 1 ==> rh_gcref[p] == 0;
        loop invariant done: \forall integer k; 0 <= k < rh_nedge && rh_slot[k] != 0 ==>
          (rh_done[k] != 0 <==> rh_list[rh_own[k]] == g + 1 && (rh_pos[rh_own[k]] < i || (rh_own[k] == o && k < j)));
        loop invariant clean: \forall integer k; 0 <= k < rh_nedge && rh_done[k] != 0 ==>
          rh_list[rh_own[k]] == g + 1 && (rh_pos[rh_own[k]] < i || (rh_own[k] == o && k < j));
        loop assigns j, rh_gcref[0 .. RH_OBJECTS - 1], rh_done[0 .. RH_SLOTS - 1];
        loop variant end - j;
    */
    for (uint32_t j = rh_span[o].first; j < end; j++) {
      uint32_t t = rh_slot[j];
      //@ ghost done_write(j);
      //@ ghost inner_facts(g + 1);
      if (rh_list[t] == g + 1) rh_gcref[t]++;
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
     ensures bounds: 0 <= marked(2, RH_OBJECTS) && 0 <= marked(4, RH_OBJECTS) &&
       marked(2, RH_OBJECTS) + marked(4, RH_OBJECTS) < RH_OBJECTS;
  @/
  static void mark_facts(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant bounds: 0 <= marked(2, i) && 0 <= marked(4, i) &&
         marked(2, i) + marked(4, i) <= (i == 0 ? 0 : i - 1);
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
     ensures counted: marked(2, RH_OBJECTS) == 0 && marked(4, RH_OBJECTS) == 0;
  @/
  static void mark_reset(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant none: \forall integer o; 0 <= o < i ==> rh_mark[o] == 0;
       loop assigns i, rh_mark[0 .. RH_OBJECTS - 1];
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) rh_mark[i] = 0;
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant counted: marked(2, i) == 0 && marked(4, i) == 0;
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/*@ // During a scan of g every member has a mark: 0 ahead of the scan, 1 passed
    // over, 2 came back and waits behind the list, 3 scanned in its turn, 4 came
    // back and was scanned.
    predicate marks{L}(integer g) =
      rh_mark[0] == 0 && rh_list[0] == 0 && rh_gcref[0] == 0 &&
      (\forall integer o; 0 <= o < RH_OBJECTS ==> rh_mark[o] <= 4) &&
      (\forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] != 0 ==> rh_list[o] == g + 1) &&
      (\forall integer o; 0 <= o < RH_OBJECTS ==> (rh_mark[o] == 1 <==> rh_gcref[o] == PASSED)) &&
      (\forall integer o; 0 <= o < RH_OBJECTS && 2 <= rh_mark[o] ==> rh_gcref[o] == 0) &&
      (\forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_gcref[o] == 0);
    // Nobody comes back twice: that bounds the list.
    predicate marks_room{L}(integer end) =
      end <= RH_OBJECTS - 1 + marked(2, RH_OBJECTS) + marked(4, RH_OBJECTS);

    // Entries i .. n - 1 of g are ahead of the scan, i .. end - 1 came back, 0 .. w - 1 were
    // scanned; entries 0 .. f - 1 of u were passed over, and some of them came back.
    predicate ahead{L}(integer g, integer i, integer n) =
      \forall integer k; i <= k < n ==>
        1 <= rh_member[g][k] < RH_OBJECTS && rh_list[rh_member[g][k]] == g + 1 && rh_mark[rh_member[g][k]] == 0 &&
        rh_pos[rh_member[g][k]] == k;
    predicate came_back{L}(integer g, integer i, integer end) =
      \forall integer k; i <= k < end ==>
        1 <= rh_member[g][k] < RH_OBJECTS && rh_mark[rh_member[g][k]] == 2 && rh_place[rh_member[g][k]] == k;
    predicate scanned{L}(integer g, integer w) =
      \forall integer k; 0 <= k < w ==>
        1 <= rh_member[g][k] < RH_OBJECTS && 3 <= rh_mark[rh_member[g][k]] && rh_pos[rh_member[g][k]] == k;
    predicate passed{L}(integer u, integer f) =
      \forall integer k; 0 <= k < f ==>
        1 <= rh_member[u][k] < RH_OBJECTS && rh_mark[rh_member[u][k]] != 0 &&
        (rh_mark[rh_member[u][k]] == 1 ==> rh_pos[rh_member[u][k]] == k);

    // And every member is where its mark says.
    predicate places_ahead{L}(integer g, integer i, integer n) =
      \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 && rh_mark[o] == 0 ==>
        i <= rh_pos[o] < n && rh_member[g][rh_pos[o]] == o;
    predicate places_passed{L}(integer u, integer f) =
      \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 1 ==> rh_pos[o] < f && rh_member[u][rh_pos[o]] == o;
    predicate places_back{L}(integer g, integer i, integer end) =
      \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 2 ==>
        i <= rh_place[o] < end && rh_member[g][rh_place[o]] == o;
    predicate places_scanned{L}(integer g, integer w) =
      \forall integer o; 0 <= o < RH_OBJECTS && 3 <= rh_mark[o] ==> rh_pos[o] < w && rh_member[g][rh_pos[o]] == o;

    // What is held from outside is known to be, what is known to be reachable is, and what
    // scanned members refer to is known to be reachable.
    predicate known{L}(integer g, integer o) =
      rh_list[o] == g + 1 && rh_mark[o] != 1 && rh_gcref[o] != rh_refcnt[o];
    predicate seeds_known{L}(integer g) = \forall integer o; seed(g + 1, o) ==> known(g, o);
    predicate known_reachable{L}(integer g) =
      \forall integer o; 1 <= o < RH_OBJECTS && known(g, o) ==> reachable(g + 1, o);
    predicate scanned_closed{L} =
      \forall integer j; 0 <= j < rh_nedge && 3 <= rh_mark[rh_own[j]] ==> rh_gcref[rh_slot[j]] == 0;

    // What came back did so through slot rh_via, the first of the scanned members' that refers to
    // it, and in the order of these slots.
    predicate returned{L}(integer o) = rh_mark[o] == 2 || rh_mark[o] == 4;
    predicate via_scanned{L} =
      \forall integer o; 0 <= o < RH_OBJECTS && returned(o) ==>
        rh_via[o] < rh_nedge && rh_slot[rh_via[o]] == o && 3 <= rh_mark[rh_own[rh_via[o]]];
    predicate via_first{L} =
      \forall integer o, j; 0 <= o < RH_OBJECTS && returned(o) && 0 <= j < rh_nedge && rh_slot[j] == o &&
        3 <= rh_mark[rh_own[j]] && j != rh_via[o] ==> slot_before(rh_via[o], j);
    predicate via_order{L}(integer end) =
      (\forall integer o; 0 <= o < RH_OBJECTS && returned(o) ==> rh_place[o] < end) &&
      (\forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && returned(o) && returned(p) &&
         slot_before(rh_via[o], rh_via[p]) ==> rh_place[o] < rh_place[p]);

    // Of all scanned members o is the last; what the others refer to is known to be reachable.
    predicate last_scanned{L}(integer o) =
      3 <= rh_mark[o] && \forall integer p; 0 <= p < RH_OBJECTS && 3 <= rh_mark[p] && p != o ==> rh_pos[p] < rh_pos[o];
    predicate others_closed{L}(integer o) =
      \forall integer j; 0 <= j < rh_nedge && 3 <= rh_mark[rh_own[j]] && rh_own[j] != o ==> rh_gcref[rh_slot[j]] == 0;
*/
#define RH_SCAN_STATE(clause)                                                                                          \
  clause marks : marks(g);                                                                                             \
  clause seeds : seeds_known(g);                                                                                       \
  clause sound : known_reachable(g);                                                                                   \
  clause closed : scanned_closed;                                                                                      \
  clause via : via_scanned;                                                                                            \
  clause via_first : via_first

/* Makes known to be reachable what the scanned member o of list g refers to;
 * what the scan has passed over is written behind entry `end` - 1 of the list.
 * Returns the new end. */
/*@ requires range: 1 <= o < rh_nobj <= RH_OBJECTS && g < RH_LISTS;
    requires heap: spans && lengths && slots_valid;
    requires marks: marks(g);
    requires room: marks_room(end);
    requires last: last_scanned(o);
    requires closed: others_closed(o);
    requires via: via_scanned && via_first && via_order(end);
    requires unread: \forall integer p; 0 <= p < RH_OBJECTS && returned(p) ==> rh_own[rh_via[p]] != o;
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_member[g][end .. RH_MEMBERS - 1], rh_mark[0 .. RH_OBJECTS - 1],
            rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    ensures marks: marks(g);
    ensures room: marks_room(\result);
    ensures via: via_scanned;
    ensures via_first: via_first;
    ensures via_order: via_order(\result);
    ensures grows: end <= \result;
    ensures back: came_back(g, end, \result);
    ensures moved: \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] != \old(rh_mark[p]) ==>
      \old(rh_mark[p]) == 1 && rh_mark[p] == 2 && end <= rh_place[p] < \result && rh_member[g][rh_place[p]] == p;
    ensures stays: \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] == \old(rh_mark[p]) ==>
      rh_place[p] == \old(rh_place[p]);
    ensures sound: \forall integer p; 0 <= p < RH_OBJECTS && rh_gcref[p] != \old(rh_gcref[p]) ==>
      rh_gcref[p] == 0 &&
      \exists integer j; rh_span[o].first <= j < rh_span[o].first + rh_span[o].len && rh_slot[j] == p;
    ensures complete: \forall integer j; rh_span[o].first <= j < rh_span[o].first + rh_span[o].len ==>
      rh_gcref[rh_slot[j]] == 0;
*/
static inline uint32_t reach_all(uint32_t o, uint32_t g, uint32_t end) {
  uint32_t last = rh_span[o].first + rh_span[o].len;
  /*@ loop invariant range: rh_span[o].first <= j <= last;
      loop invariant marks: marks(g);
      loop invariant room: marks_room(end);
      loop invariant last: last_scanned(o);
      loop invariant closed: others_closed(o);
      loop invariant via: via_scanned;
      loop invariant via_first: via_first;
      loop invariant via_order: via_order(end);
      loop invariant unread: \forall integer p; 0 <= p < RH_OBJECTS && returned(p) && rh_own[rh_via[p]] == o ==> rh_via[p] < j;
      loop invariant grows: \at(end, Pre) <= end;
      loop invariant back: came_back(g, \at(end, Pre), end);
      loop invariant moved: \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] != \at(rh_mark[p], Pre) ==>
        \at(rh_mark[p], Pre) == 1 && rh_mark[p] == 2 && \at(end, Pre) <= rh_place[p] < end &&
        rh_member[g][rh_place[p]] == p;
      loop invariant stays: \forall integer p; 0 <= p < RH_OBJECTS && rh_mark[p] == \at(rh_mark[p], Pre) ==>
        rh_place[p] == \at(rh_place[p], Pre);
      loop invariant sound: \forall integer p; 0 <= p < RH_OBJECTS && rh_gcref[p] != \at(rh_gcref[p], Pre) ==>
        rh_gcref[p] == 0 && \exists integer k; rh_span[o].first <= k < j && rh_slot[k] == p;
      loop invariant complete: \forall integer k; rh_span[o].first <= k < j ==> rh_gcref[rh_slot[k]] == 0;
      loop assigns j, end, rh_gcref[0 .. RH_OBJECTS - 1], rh_member[g][\at(end, Pre) .. RH_MEMBERS - 1],
                   rh_mark[0 .. RH_OBJECTS - 1], rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
      loop variant last - j;
  */
  for (uint32_t j = rh_span[o].first; j < last; j++) {
    uint32_t t = rh_slot[j];
    if (t != 0) {
      //@ ghost mark_facts();
      rh_member[g][end] = t;
      /*@ ghost
          if (rh_gcref[t] == PASSED) {
            rh_place[t] = end;
            rh_via[t] = j;
            mark_write(t, 2);
          }
      */
      end += rh_gcref[t] == PASSED; /* no branch: which way it goes is random */
      rh_gcref[t] = 0;
    }
  }
  return end;
}

/* The scan of the members that list g, which has no holes, has at the start:
 * those known to be reachable move up to the front, those passed over to list
 * `unreachable`. Returns the number of the former; rh_end[g] is the end of
 * those that came back since. */
/*@ requires range: g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires heap: spans && lengths && slots_valid && unused_empty && list_live;
    requires lists: list_entries && list_places;
    requires nothing: rh_list[0] == 0 && rh_nobj <= RH_OBJECTS;
    requires made: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> 1 <= o < rh_nobj;
    requires dense: dense(g) && rh_end[g] < RH_OBJECTS;
    requires counted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
      rh_gcref[o] <= rh_refcnt[o] < PASSED && (rh_gcref[o] != rh_refcnt[o] <==> seed(g + 1, o));
    requires others: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_gcref[o] == 0;
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_member[g][0 .. RH_MEMBERS - 1],
            rh_member[unreachable][0 .. RH_MEMBERS - 1], rh_end[g], rh_mark[0 .. RH_OBJECTS - 1],
            rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_SCAN_STATE(ensures);
    ensures via_order: via_order(rh_end[g]);
    ensures range: \result <= \old(rh_end[g]) <= rh_end[g];
    ensures room: marks_room(rh_end[g]);
    ensures none_ahead: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_mark[o] != 0;
    ensures none_back: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_mark[o] != 4;
    ensures scanned: scanned(g, \result) && places_scanned(g, \result);
    ensures passed: passed(unreachable, \old(rh_end[g]) - \result) && places_passed(unreachable, \old(rh_end[g]) - \result);
    ensures back: came_back(g, \old(rh_end[g]), rh_end[g]) && places_back(g, \old(rh_end[g]), rh_end[g]);
    ensures order_found: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 1 &&
      rh_mark[p] == 1 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> rh_pos[o] < rh_pos[p];
    ensures order_kept: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 3 &&
      rh_mark[p] == 3 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> rh_pos[o] < rh_pos[p];
    ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_pos[o] == \old(rh_pos[o]);
*/
static uint32_t sweep(uint32_t g, uint32_t unreachable) {
  uint32_t w = 0, n = rh_end[g], end = n;
  //@ ghost mark_reset();
  /*@ loop invariant range: 0 <= w <= i <= n <= end;
      RH_SCAN_STATE(loop invariant);
      loop invariant via_order: via_order(end);
      loop invariant room: marks_room(end);
      loop invariant none_back: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_mark[o] != 4;
      loop invariant ahead: ahead(g, i, n);
      loop invariant places_ahead: places_ahead(g, i, n);
      loop invariant back: came_back(g, n, end);
      loop invariant places_back: places_back(g, n, end);
      loop invariant scanned: scanned(g, w);
      loop invariant places_scanned: places_scanned(g, w);
      loop invariant passed: passed(unreachable, i - w);
      loop invariant places_passed: places_passed(unreachable, i - w);
      loop invariant still: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 0 ==> rh_pos[o] == \at(rh_pos[o], Pre);
      loop invariant behind: \forall integer o; 0 <= o < RH_OBJECTS && (rh_mark[o] == 1 || rh_mark[o] == 3) ==>
        \at(rh_pos[o], Pre) < i;
      loop invariant order_found: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 1 &&
        rh_mark[p] == 1 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) ==> rh_pos[o] < rh_pos[p];
      loop invariant order_kept: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 3 &&
        rh_mark[p] == 3 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) ==> rh_pos[o] < rh_pos[p];
      loop assigns i, w, end, rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
                   rh_member[g][0 .. RH_MEMBERS - 1], rh_member[unreachable][0 .. RH_MEMBERS - 1],
                   rh_mark[0 .. RH_OBJECTS - 1], rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
      loop variant n - i;
  */
  for (uint32_t i = 0; i < n; i++) {
    uint32_t o = rh_member[g][i];
    //@ ghost mark_facts();
    if (rh_gcref[o] == rh_refcnt[o]) {
      rh_gcref[o] = PASSED;
      rh_member[unreachable][i - w] = o;
      rh_pos[o] = i - w;
      //@ ghost mark_write(o, 1);
    } else {
      rh_gcref[o] = 0;
      rh_member[g][w] = o;
      rh_pos[o] = w;
      w++;
      //@ ghost mark_write(o, 3);
      //@ assert source: reachable(g + 1, o);
      /*@ assert targets: \forall integer j; rh_span[o].first <= j < rh_span[o].first + rh_span[o].len &&
            rh_slot[j] != 0 && rh_list[rh_slot[j]] == g + 1 ==> reachable(g + 1, rh_slot[j]); */
      //@ assert via_scanned: via_scanned;
      //@ assert via_first: via_first;
      //@ assert via_order: via_order(end);
      end = reach_all(o, g, end);
    }
  }
  rh_end[g] = end;
  return w;
}

enum { AHEAD = 8 }; /* entries to look ahead: memory is slow */

/* Scans what came back to list g, from entry i on, and what comes back
 * meanwhile, and writes it behind the w members already scanned. */
/*@ requires range: g < RH_LISTS && w <= i <= rh_end[g];
    requires heap: spans && lengths && slots_valid && unused_empty;
    requires nothing: rh_nobj <= RH_OBJECTS;
    requires made: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> 1 <= o < rh_nobj && rh_refcnt[o] != 0;
    RH_SCAN_STATE(requires);
    requires via_order: via_order(rh_end[g]);
    requires room: marks_room(rh_end[g]);
    requires none_ahead: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_mark[o] != 0;
    requires none_back: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_mark[o] != 4;
    requires scanned: scanned(g, w) && places_scanned(g, w);
    requires back: came_back(g, i, rh_end[g]) && places_back(g, i, rh_end[g]);
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_member[g][0 .. RH_MEMBERS - 1], rh_end[g],
            rh_mark[0 .. RH_OBJECTS - 1], rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_SCAN_STATE(ensures);
    ensures range: w <= rh_end[g] <= RH_MEMBERS;
    ensures all: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_mark[o] == 1 || 3 <= rh_mark[o];
    ensures scanned: scanned(g, rh_end[g]) && places_scanned(g, rh_end[g]);
    ensures marked: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_mark[o]) != 0 ==> rh_mark[o] != 0;
    ensures still: \forall integer o; 0 <= o < RH_OBJECTS && (rh_list[o] != g + 1 || rh_mark[o] == 1 || rh_mark[o] == 3) ==>
      rh_pos[o] == \old(rh_pos[o]) && rh_mark[o] == \old(rh_mark[o]);
    ensures behind: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> w <= rh_pos[o];
    ensures via_before: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> rh_pos[rh_own[rh_via[o]]] < rh_pos[o];
    ensures order_back: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 &&
      rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> rh_pos[o] < rh_pos[p];
*/
static void follow(uint32_t g, uint32_t i, uint32_t w) {
  uint32_t end = rh_end[g];
  /*@ loop invariant range: \at(w, Pre) <= w <= i <= end && w - \at(w, Pre) == i - \at(i, Pre) && \at(i, Pre) <= i;
      RH_SCAN_STATE(loop invariant);
      loop invariant via_order: via_order(end);
      loop invariant room: marks_room(end);
      loop invariant none_ahead: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_mark[o] != 0;
      loop invariant back: came_back(g, i, end);
      loop invariant places_back: places_back(g, i, end);
      loop invariant scanned: scanned(g, w);
      loop invariant places_scanned: places_scanned(g, w);
      loop invariant marked: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_mark[o], Pre) != 0 ==> rh_mark[o] != 0;
      loop invariant still: \forall integer o; 0 <= o < RH_OBJECTS &&
        (rh_list[o] != g + 1 || rh_mark[o] == 1 || rh_mark[o] == 3) ==>
        rh_pos[o] == \at(rh_pos[o], Pre) && rh_mark[o] == \at(rh_mark[o], Pre);
      loop invariant behind: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> \at(w, Pre) <= rh_pos[o];
      loop invariant via_before: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==>
        rh_pos[rh_own[rh_via[o]]] < rh_pos[o];
      loop invariant placed: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==>
        rh_place[o] - rh_pos[o] == \at(i, Pre) - \at(w, Pre);
      loop assigns i, w, end, rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
                   rh_member[g][0 .. RH_MEMBERS - 1], rh_mark[0 .. RH_OBJECTS - 1], rh_place[0 .. RH_OBJECTS - 1],
                   rh_via[0 .. RH_OBJECTS - 1];
      loop variant 2 * RH_OBJECTS - i;
  */
  for (; i < end; i++) {
    //@ ghost mark_facts();
    //@ assert inside: w <= i < end <= RH_MEMBERS;
    uint32_t o = rh_member[g][i];
    //@ assert unread: \forall integer p; 0 <= p < RH_OBJECTS && returned(p) ==> rh_own[rh_via[p]] != o;
    if (end - i > 2 * AHEAD) {
      rh_prefetch_object(rh_member[g][i + 2 * AHEAD]);
      rh_prefetch_slots(rh_member[g][i + AHEAD]);
    }
    rh_member[g][w] = o;
    rh_pos[o] = w;
    w++;
    //@ ghost mark_write(o, 4);
    //@ assert source: reachable(g + 1, o);
    /*@ assert targets: \forall integer j; rh_span[o].first <= j < rh_span[o].first + rh_span[o].len &&
          rh_slot[j] != 0 && rh_list[rh_slot[j]] == g + 1 ==> reachable(g + 1, rh_slot[j]); */
    //@ assert via_scanned: via_scanned;
    //@ assert via_first: via_first;
    /*@ assert owners: \forall integer p; 0 <= p < RH_OBJECTS && returned(p) ==>
          rh_pos[rh_own[rh_via[p]]] == \at(rh_pos[rh_own[rh_via[p]]], LoopCurrent) &&
          rh_place[p] == \at(rh_place[p], LoopCurrent) && \at(returned(p), LoopCurrent); */
    /*@ assert before: \forall integer p, q; 0 <= p < RH_OBJECTS && 0 <= q < RH_OBJECTS && returned(p) && returned(q) &&
          slot_before(rh_via[p], rh_via[q]) ==> \at(slot_before(rh_via[p], rh_via[q]), LoopCurrent); */
    /*@ assert ordered: \forall integer p, q; 0 <= p < RH_OBJECTS && 0 <= q < RH_OBJECTS && returned(p) && returned(q) &&
          slot_before(rh_via[p], rh_via[q]) ==> rh_place[p] < rh_place[q]; */
    //@ assert via_order: via_order(end);
    end = reach_all(o, g, end);
  }
  //@ ghost mark_facts();
  rh_end[g] = w;
}

/* Gives list `unreachable`, which was empty, what the scan passed over and
 * nothing reached, out of its first f entries. */
/*@ requires range: g < RH_LISTS && unreachable < RH_LISTS && g != unreachable && f <= RH_OBJECTS;
    requires sizes: list_room && list_sizes && rh_end[unreachable] == 0 && rh_size[unreachable] == 0;
    requires marks: marks(g);
    requires all: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> rh_mark[o] == 1 || 3 <= rh_mark[o];
    requires scanned: scanned(g, rh_end[g]) && places_scanned(g, rh_end[g]);
    requires passed: passed(unreachable, f) && places_passed(unreachable, f);
    requires elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != 0 && rh_list[o] != g + 1 ==>
      rh_list[o] <= RH_LISTS && rh_pos[o] < rh_end[rh_list[o] - 1] && rh_member[rh_list[o] - 1][rh_pos[o]] == o;
    requires entries: list_entries;
    terminates \true;
    assigns rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_member[unreachable][0 .. RH_MEMBERS - 1],
            rh_list[0 .. RH_OBJECTS - 1], rh_end[unreachable], rh_size[g], rh_size[unreachable];
    exits \false;
    RH_ENSURES_LISTS;
    ensures zero: gcrefs_zero;
    ensures found: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_list[o] == (rh_mark[o] == 1 ? unreachable + 1 : \old(rh_list[o]));
    ensures order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 1 &&
      rh_mark[p] == 1 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> rh_pos[o] < rh_pos[p];
    ensures others: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] != 1 ==> rh_pos[o] == \old(rh_pos[o]);
*/
static void take_found(uint32_t g, uint32_t unreachable, uint32_t f) {
  uint32_t v = 0;
  //@ ghost rh_listed_facts();
  /*@ assert none: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] != unreachable + 1; */
  /*@ loop invariant range: 0 <= v <= k <= f;
      loop invariant gcrefs: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_gcref[o] == 0 || rh_gcref[o] == PASSED;
      loop invariant unmarked: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] != 1 ==>
        rh_gcref[o] == 0 && rh_list[o] == \at(rh_list[o], Pre) && rh_pos[o] == \at(rh_pos[o], Pre);
      loop invariant waiting: \forall integer o; 0 <= o < RH_OBJECTS && rh_gcref[o] == PASSED ==>
        rh_list[o] == g + 1 && k <= rh_pos[o] < f && rh_pos[o] == \at(rh_pos[o], Pre) &&
        rh_member[unreachable][rh_pos[o]] == o;
      loop invariant taken: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 1 && rh_gcref[o] == 0 ==>
        rh_list[o] == unreachable + 1 && rh_pos[o] < v && rh_member[unreachable][rh_pos[o]] == o &&
        \at(rh_pos[o], Pre) < k;
      loop invariant entries: \forall integer q; 0 <= q < v ==> rh_member[unreachable][q] < RH_OBJECTS;
      loop invariant ahead: \forall integer q; k <= q < f ==>
        rh_member[unreachable][q] == \at(rh_member[unreachable][q], Pre);
      loop invariant order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 1 &&
        rh_mark[p] == 1 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) && rh_gcref[p] == 0 ==> rh_pos[o] < rh_pos[p];
      loop invariant counted: \forall integer l; listed(l, RH_OBJECTS) == listed{Pre}(l, RH_OBJECTS) +
        (l == unreachable + 1 ? v : 0) - (l == g + 1 ? v : 0);
      loop assigns k, v, rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
                   rh_member[unreachable][0 .. RH_MEMBERS - 1], rh_list[0 .. RH_OBJECTS - 1];
      loop variant f - k;
  */
  for (uint32_t k = 0; k < f; k++) {
    uint32_t o = rh_member[unreachable][k];
    if (rh_gcref[o] == PASSED) {
      rh_gcref[o] = 0;
      rh_list_write(o, unreachable + 1);
      rh_member[unreachable][v] = o;
      rh_pos[o] = v;
      v++;
    }
  }
  //@ ghost rh_listed_facts();
  rh_size[g] -= v;
  rh_size[unreachable] = v;
  rh_end[unreachable] = v;
}

/* What trial deletion promises of the members of list g: who stays, and in what order. */
/* clang-format off */
#define RH_ENSURES_SEPARATED \
  ensures others: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) != g + 1 ==> \
    rh_list[o] == \old(rh_list[o]); \
  ensures separated: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) == g + 1 ==> \
    rh_list[o] == g + 1 || rh_list[o] == unreachable + 1; \
  ensures sound: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==> reachable{Pre}(g + 1, o); \
  ensures complete: \forall integer o; 0 <= o < RH_OBJECTS && reachable{Pre}(g + 1, o) ==> rh_list[o] == g + 1; \
  ensures order_found: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && \
    rh_list[o] == unreachable + 1 && rh_list[p] == unreachable + 1 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> \
    rh_pos[o] < rh_pos[p]; \
  ensures order_kept: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == g + 1 && \
    rh_list[p] == g + 1 && rh_mark[o] != 4 && rh_mark[p] != 4 && \old(rh_pos[o]) < \old(rh_pos[p]) ==> \
    rh_pos[o] < rh_pos[p]; \
  ensures order_back: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == g + 1 && \
    rh_list[p] == g + 1 && rh_mark[o] != 4 && rh_mark[p] == 4 ==> rh_pos[o] < rh_pos[p]; \
  ensures came_back: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> rh_list[o] == g + 1; \
  ensures via: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==> rh_via[o] < rh_nedge && \
    rh_slot[rh_via[o]] == o && rh_list[rh_own[rh_via[o]]] == g + 1 && rh_pos[rh_own[rh_via[o]]] < rh_pos[o]; \
  ensures via_first: \forall integer o, j; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 && 0 <= j < rh_nedge && \
    rh_slot[j] == o && rh_list[rh_own[j]] == g + 1 && j != rh_via[o] ==> slot_before(rh_via[o], j); \
  ensures via_order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 && \
    rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> rh_pos[o] < rh_pos[p]; \
  ensures elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_list[o]) != g + 1 ==> rh_pos[o] == \old(rh_pos[o])
/* clang-format on */

/* Separates list g, which has no holes and whose rh_gcref are counted: what is
 * reachable from outside stays, in the order described in collect.h, the rest
 * goes to list `unreachable`, which was empty (C2). */
/*@ requires range: g < RH_LISTS && unreachable < RH_LISTS && g != unreachable;
    requires heap: spans && lengths && slots_valid && unused_empty && counts && list_live && rh_nobj <= RH_OBJECTS;
    requires lists: lists;
    requires nothing: rh_list[0] == 0;
    requires dense: dense(g) && rh_end[g] < RH_OBJECTS;
    requires empty: rh_end[unreachable] == 0;
    requires counted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
      rh_gcref[o] <= rh_refcnt[o] && (rh_gcref[o] != rh_refcnt[o] <==> seed(g + 1, o));
    requires others: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != g + 1 ==> rh_gcref[o] == 0;
    terminates \true;
    assigns rh_list[0 .. RH_OBJECTS - 1], rh_gcref[0 .. RH_OBJECTS - 1], rh_pos[0 .. RH_OBJECTS - 1],
            rh_member[g][0 .. RH_MEMBERS - 1], rh_member[unreachable][0 .. RH_MEMBERS - 1], rh_end[g],
            rh_end[unreachable], rh_size[g], rh_size[unreachable], rh_mark[0 .. RH_OBJECTS - 1],
            rh_place[0 .. RH_OBJECTS - 1], rh_via[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_LISTS;
    ensures list_live: list_live;
    ensures zero: gcrefs_zero;
    RH_ENSURES_SEPARATED;
*/
static void scan(uint32_t g, uint32_t unreachable) {
  uint32_t n = rh_end[g];
  //@ ghost dense_is_full(unreachable);
  /*@ assert made: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
        1 <= o < rh_nobj && rh_refcnt[o] != 0; */
  uint32_t w = sweep(g, unreachable);
  /*@ ghost Swept:; */
  follow(g, n, w);
  /*@ assert kept_in_place: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 3 ==>
        \at(rh_mark[o], Swept) == 3 && rh_pos[o] < w; */
  /*@ assert found_in_order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 1 &&
        rh_mark[p] == 1 && \at(rh_pos[o], Pre) < \at(rh_pos[p], Pre) ==> rh_pos[o] < rh_pos[p]; */
  take_found(g, unreachable, n - w);
  /*@ assert closed: kept_closed{Pre, Here}(g + 1); */
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
    ensures zero: gcrefs_zero;
    ensures ends: \forall integer h; 0 <= h < RH_LISTS && h != g && h != unreachable ==> rh_end[h] == \old(rh_end[h]);
    RH_ENSURES_SEPARATED;
*/
static void trial_deletion(uint32_t g, uint32_t unreachable) {
  compact(g);
  //@ ghost rh_listed_facts();
  count_inner(g);
  //@ ghost inner_facts(g + 1);
  /*@ assert counted: \forall integer o; 1 <= o < RH_OBJECTS && rh_list[o] == g + 1 ==>
        rh_gcref[o] <= rh_refcnt[o] && (rh_gcref[o] != rh_refcnt[o] <==> seed(g + 1, o)); */
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
      loop invariant order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == k + 1 &&
        rh_list[p] == k + 1 && joins_before{Pre}(k, o, p) ==> rh_pos[o] < rh_pos[p];
      loop invariant elsewhere: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != k + 1 ==>
        rh_pos[o] == \at(rh_pos[o], Pre);
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
    /*@ ghost Separated:; */
    append_list(RH_FOUND, list);
    /*@ assert same_order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
          \at(rh_list[o], Separated) == RH_FOUND + 1 && \at(rh_list[p], Separated) == RH_FOUND + 1 ==>
          (rh_pos[o] < rh_pos[p] <==> \at(rh_pos[o], Separated) < \at(rh_pos[p], Separated)); */
    append_list(SCRATCH, RH_FOUND);
    /*@ assert order_stays: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
          \at(rh_list[o], Separated) == RH_FOUND + 1 && \at(rh_list[p], Separated) == RH_FOUND + 1 ==>
          (rh_pos[o] < rh_pos[p] <==> \at(rh_pos[o], Separated) < \at(rh_pos[p], Separated)); */
    /*@ assert owners: \forall integer o; 0 <= o < RH_OBJECTS && rh_mark[o] == 4 ==>
          \at(rh_list[o], Separated) == RH_FOUND + 1 && rh_own[rh_via[o]] < RH_OBJECTS &&
          \at(rh_list[rh_own[rh_via[o]]], Separated) == RH_FOUND + 1; */
    /*@ assert read_before: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 &&
          rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> slot_before{Separated}(rh_via[o], rh_via[p]); */
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
    ensures holders_first: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==> dies_first{Pre, Here}(i);
*/
static void drop_slots(uint32_t o) {
  uint32_t end = rh_span[o].first + rh_span[o].len;
  //@ ghost inner_facts(RH_FOUND + 1);
  /*@ loop invariant range: rh_span[o].first <= j <= end;
      loop invariant heap: heap;
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant emptied: \forall integer i; rh_span[o].first <= i < j ==> rh_slot[i] == 0;
      loop invariant kept: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==>
        rh_slot[i] == \at(rh_slot[i], Pre) || (rh_slot[i] == 0 && rh_refcnt[rh_own[i]] == 0);
      loop invariant dated: dated{Pre, Here};
      loop invariant holders_first: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==> dies_first{Pre, Here}(i);
      loop assigns j, RH_RELEASE_STATE;
      loop variant end - j;
  */
  for (uint32_t j = rh_span[o].first; j < end; j++)
    if (rh_slot[j] != 0) rh_slot_drop(j);
}

/* Empties the slots of every member of RH_FOUND, in order. */
/*@ requires heap: heap;
    terminates \true;
    assigns RH_RELEASE_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures emptied: \forall integer j; 0 <= j < rh_nedge && \old(rh_list[rh_own[j]]) == RH_FOUND + 1 ==> rh_slot[j] == 0;
    ensures kept: \forall integer j; 0 <= j < rh_nedge ==> rh_slot[j] == \old(rh_slot[j]) ||
      (rh_slot[j] == 0 && (rh_refcnt[rh_own[j]] == 0 || \old(rh_list[rh_own[j]]) == RH_FOUND + 1));
    ensures holders_first: \forall integer j; 0 <= j < rh_nedge && \old(rh_list[rh_own[j]]) != RH_FOUND + 1 ==>
      dies_first{Pre, Here}(j);
*/
static void drop_found(void) {
  //@ ghost inner_facts(RH_FOUND + 1);
  /*@ loop invariant range: 0 <= i <= rh_end[RH_FOUND];
      loop invariant heap: heap;
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant emptied: \forall integer j; 0 <= j < rh_nedge && \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1 &&
        rh_pos[rh_own[j]] < i ==> rh_slot[j] == 0;
      loop invariant kept: \forall integer j; 0 <= j < rh_nedge ==> rh_slot[j] == \at(rh_slot[j], Pre) ||
        (rh_slot[j] == 0 && (rh_refcnt[rh_own[j]] == 0 || \at(rh_list[rh_own[j]], Pre) == RH_FOUND + 1));
      loop invariant dated: dated{Pre, Here};
      loop invariant holders_first: \forall integer j; 0 <= j < rh_nedge &&
        \at(rh_list[rh_own[j]], Pre) != RH_FOUND + 1 ==> dies_first{Pre, Here}(j);
      loop assigns i, RH_RELEASE_STATE;
      loop variant rh_end[RH_FOUND] - i;
  */
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++)
    if (is_member(RH_FOUND, i)) drop_slots(rh_member[RH_FOUND][i]);
}

/* Can every member of RH_FOUND take one reference more and stay mortal? */
/*@ requires heap: heap;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures holdable: \result ==> \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
      rh_refcnt[o] < RH_COUNT_IMMORTAL - 1;
*/
static bool found_holdable(void) {
  /*@ loop invariant range: 0 <= i <= rh_end[RH_FOUND];
      loop invariant holdable: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 && rh_pos[o] < i ==>
        rh_refcnt[o] < RH_COUNT_IMMORTAL - 1;
      loop assigns i;
      loop variant rh_end[RH_FOUND] - i;
  */
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++)
    if (rh_refcnt[rh_member[RH_FOUND][i]] >= RH_COUNT_IMMORTAL - 1) return false;
  return true;
}

/* A reference of the collector's own to every member of RH_FOUND. */
/*@ requires heap: heap;
    requires holdable: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
      rh_refcnt[o] < RH_COUNT_IMMORTAL - 1;
    terminates \true;
    assigns rh_refcnt[0 .. RH_OBJECTS - 1], rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    ensures held: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) + (rh_list[o] == RH_FOUND + 1 ? 1 : 0) &&
      rh_roots[o] == \old(rh_roots[o]) + (rh_list[o] == RH_FOUND + 1 ? 1 : 0);
*/
static void hold_found(void) {
  /*@ loop invariant range: 0 <= i <= rh_end[RH_FOUND];
      loop invariant heap: heap;
      loop invariant held: \forall integer o; 0 <= o < RH_OBJECTS ==>
        rh_refcnt[o] == \at(rh_refcnt[o], Pre) + (rh_list[o] == RH_FOUND + 1 && rh_pos[o] < i ? 1 : 0) &&
        rh_roots[o] == \at(rh_roots[o], Pre) + (rh_list[o] == RH_FOUND + 1 && rh_pos[o] < i ? 1 : 0);
      loop assigns i, rh_refcnt[0 .. RH_OBJECTS - 1], rh_roots[0 .. RH_OBJECTS - 1];
      loop variant rh_end[RH_FOUND] - i;
  */
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++)
    if (is_member(RH_FOUND, i)) rh_object_retain(rh_member[RH_FOUND][i]);
}

/* Gives these references back, in order; who had no other dies. */
/*@ requires heap: heap;
    requires emptied: \forall integer j; 0 <= j < rh_nedge && rh_list[rh_own[j]] == RH_FOUND + 1 ==> rh_slot[j] == 0;
    requires held: \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == RH_FOUND + 1 ==>
      0 < rh_roots[o] && rh_refcnt[o] < RH_COUNT_IMMORTAL;
    terminates \true;
    assigns RH_DYING_STATE, rh_roots[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures given_back: \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) - (\old(rh_list[o]) == RH_FOUND + 1 ? 1 : 0) &&
      rh_roots[o] == \old(rh_roots[o]) - (\old(rh_list[o]) == RH_FOUND + 1 ? 1 : 0);
*/
static void let_go_found(void) {
  /*@ loop invariant range: 0 <= i <= rh_end[RH_FOUND];
      loop invariant heap: heap;
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant dated: dated{Pre, Here};
      loop invariant lists: \forall integer o; 0 <= o < RH_OBJECTS ==> rh_list[o] == \at(rh_list[o], Pre) ||
        (rh_list[o] == 0 && \at(rh_list[o], Pre) == RH_FOUND + 1 && rh_pos[o] < i);
      loop invariant given_back: \forall integer o; 0 <= o < RH_OBJECTS ==>
        rh_refcnt[o] == \at(rh_refcnt[o], Pre) - (\at(rh_list[o], Pre) == RH_FOUND + 1 && rh_pos[o] < i ? 1 : 0) &&
        rh_roots[o] == \at(rh_roots[o], Pre) - (\at(rh_list[o], Pre) == RH_FOUND + 1 && rh_pos[o] < i ? 1 : 0);
      loop assigns i, RH_DYING_STATE, rh_roots[0 .. RH_OBJECTS - 1];
      loop variant rh_end[RH_FOUND] - i;
  */
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++)
    if (is_member(RH_FOUND, i)) rh_release_empty(rh_member[RH_FOUND][i]);
}

/* Members are held while slots are emptied: they die in order, when all is
 * done, and not each when the last reference to it happens to go. That keeps
 * the free stacks in order of the list, and with them the handles of what is
 * made next. */
uint32_t rh_gc_clear(void) {
  uint32_t before = rh_total;
  if (found_holdable()) {
    hold_found();
    drop_found();
    //@ ghost inner_facts(RH_FOUND + 1);
    /*@ assert held: \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_list[o], Pre) == RH_FOUND + 1 ==>
          rh_refcnt[o] != 0 && rh_list[o] == RH_FOUND + 1; */
    let_go_found();
  } else {
    drop_found();
  }
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

/*@ ghost
  /@ terminates \true;
     assigns rh_garbage[0 .. RH_OBJECTS - 1];
     exits \false;
     ensures found: \forall integer o; 0 <= o < RH_OBJECTS ==> (rh_garbage[o] == 1 <==> rh_list[o] == RH_FOUND + 1);
     ensures counted: garbage(RH_OBJECTS) == listed(RH_FOUND + 1, RH_OBJECTS);
  @/
  static void note_garbage(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant found: \forall integer o; 0 <= o < i ==> (rh_garbage[o] == 1 <==> rh_list[o] == RH_FOUND + 1);
       loop assigns i, rh_garbage[0 .. RH_OBJECTS - 1];
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {
      rh_garbage[i] = 0;
      if (rh_list[i] == RH_FOUND + 1) rh_garbage[i] = 1;
    }
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant counted: garbage(i) == listed(RH_FOUND + 1, i);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

uint32_t rh_gc_collect(uint32_t k) {
  //@ ghost inner_facts(RH_FOUND + 1);
  if (k > 2) return 0;
  rh_gc_find(k);
  /*@ assert apart: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_list[o] == k + 1 &&
        rh_list[p] == k + 1 && o != p ==> rh_pos[o] != rh_pos[p]; */
  /*@ ghost Separated:; */
  rh_gc_promote(k);
  /*@ assert forward: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        \at(rh_list[o], Separated) == k + 1 && \at(rh_list[p], Separated) == k + 1 &&
        \at(rh_pos[o], Separated) < \at(rh_pos[p], Separated) ==> rh_pos[o] < rh_pos[p]; */
  /*@ assert same_order: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS &&
        \at(rh_list[o], Separated) == k + 1 && \at(rh_list[p], Separated) == k + 1 ==>
        (rh_pos[o] < rh_pos[p] <==> \at(rh_pos[o], Separated) < \at(rh_pos[p], Separated)); */
  /*@ assert read_before: \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && rh_mark[o] == 4 &&
        rh_mark[p] == 4 && slot_before(rh_via[o], rh_via[p]) ==> slot_before{Separated}(rh_via[o], rh_via[p]); */
  uint32_t found = rh_size[RH_FOUND];
  //@ ghost note_garbage();
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
  /*@ assert found_alone: \forall integer o; 1 <= o < RH_OBJECTS && \at(rh_refcnt[o], Pre) != 0 && rh_refcnt[o] == 0 &&
        !unreached{Pre}(k, o) ==> \forall integer j; 0 <= j < rh_nedge && \at(rh_slot[j], Pre) == o ==>
        !unreached{Pre}(k, rh_own[j]) ==> dies_first{Pre, Here}(j); */
  //@ assert justified: k <= 2 ==> fallen_justified{Pre, Here}(k);
  //@ assert fallen: k <= 2 ==> fallen_closed{Pre, Here}(k);
  /*@ assert owners: (\forall integer o; 1 <= o < RH_OBJECTS && \at(rh_refcnt[o], Pre) != 0 ==> collected{Pre}(k, o)) ==>
        all_collected{Pre}(k); */
  return found;
}
