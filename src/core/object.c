/*
 * Objects, counts and spans. The state and its invariants are described in
 * object_state.h, the operations in object.h.
 */
#include "core/object.h"
#include "core/object_state.h"

uint32_t rh_nobj = 1;
uint32_t rh_nedge;
uint32_t rh_total;
uint32_t rh_refcnt[RH_OBJECTS];
struct rh_span rh_span[RH_OBJECTS];
uint8_t rh_class[RH_OBJECTS];
uint32_t rh_slot[RH_SLOTS];
uint32_t rh_free[RH_CLASSES];
uint32_t rh_next[RH_OBJECTS];
uint32_t rh_dead[RH_OBJECTS];
uint32_t rh_ndead;

const uint32_t rh_capacity[RH_CLASSES] = {
    0,    1,     2,     4,     8,      16,     32,     64,      128,     256,     512,     1024,     2048,     4096,
    8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216, 33554432,
};

/*@ ghost uint32_t rh_roots[RH_OBJECTS]; */
/*@ ghost uint32_t rh_own[RH_SLOTS]; */
/*@ ghost uint32_t rh_prev[RH_OBJECTS]; */
/*@ ghost uint32_t rh_place[RH_OBJECTS]; */
/*@ ghost uint32_t rh_died[RH_OBJECTS]; */

/* ---- the only writes to slots and counts: the proof counts ---- */

/*@ requires range: j < RH_SLOTS;
    terminates \true;
    assigns rh_slot[j];
    exits \false;
    ensures written: rh_slot[j] == v;
    ensures counted: \forall integer o; refs(o, RH_SLOTS) ==
      \old(refs(o, RH_SLOTS)) - (\old(rh_slot[j]) == o ? 1 : 0) + (v == o ? 1 : 0);
*/
static inline void slot_write(uint32_t j, uint32_t v) {
  rh_slot[j] = v;
  /*@ ghost
      /@ loop invariant range: 0 <= i <= RH_SLOTS;
         loop invariant counted: \forall integer o; refs(o, i) == refs{Pre}(o, i)
           + (i > j ? (v == o ? 1 : 0) - (\at(rh_slot[j], Pre) == o ? 1 : 0) : 0);
         loop assigns i;
         loop variant RH_SLOTS - i;
      @/
      for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  */
}

/*@ requires range: o < RH_OBJECTS;
    terminates \true;
    assigns rh_refcnt[o];
    exits \false;
    ensures written: rh_refcnt[o] == n;
    ensures counted: alive(RH_OBJECTS) ==
      \old(alive(RH_OBJECTS)) - (\old(rh_refcnt[o]) != 0 ? 1 : 0) + (n != 0 ? 1 : 0);
*/
static inline void count_write(uint32_t o, uint32_t n) {
  rh_refcnt[o] = n;
  /*@ ghost
      /@ loop invariant range: 0 <= i <= RH_OBJECTS;
         loop invariant counted: alive(i) == alive{Pre}(i)
           + (i > o ? (n != 0 ? 1 : 0) - (\at(rh_refcnt[o], Pre) != 0 ? 1 : 0) : 0);
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
     ensures positive: \forall integer o; 0 <= refs(o, RH_SLOTS);
     ensures some: \forall integer j; 0 <= j < RH_SLOTS ==> 0 < refs(rh_slot[j], RH_SLOTS);
     ensures none: \forall integer o; refs(o, RH_SLOTS) == 0 ||
       (\exists integer j; 0 <= j < RH_SLOTS && rh_slot[j] == o);
     ensures bound: \forall integer o; refs(o, RH_SLOTS) <= RH_SLOTS;
  @/
  static void refs_facts(void) {
    /@ loop invariant range: 0 <= i <= RH_SLOTS;
       loop invariant positive: \forall integer o; 0 <= refs(o, i) <= i;
       loop invariant some: \forall integer j; 0 <= j < i ==> 0 < refs(rh_slot[j], i);
       loop invariant none: \forall integer o; refs(o, i) == 0 || (\exists integer j; 0 <= j < i && rh_slot[j] == o);
       loop assigns i;
       loop variant RH_SLOTS - i;
    @/
    for (uint32_t i = 0; i < RH_SLOTS; i++) {}
  }
*/

/*@ ghost
  /@ requires none: rh_refcnt[0] == 0;
     requires beyond: 1 <= rh_nobj <= RH_OBJECTS &&
       \forall integer o; rh_nobj <= o < RH_OBJECTS ==> rh_refcnt[o] == 0;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures bounds: 0 <= alive(RH_OBJECTS) <= rh_nobj - 1;
     ensures some: \forall integer o; 0 <= o < RH_OBJECTS && rh_refcnt[o] != 0 ==> 0 < alive(RH_OBJECTS);
     ensures full: \forall integer o; 1 <= o < rh_nobj && rh_refcnt[o] == 0 ==> alive(RH_OBJECTS) < rh_nobj - 1;
  @/
  static void alive_facts(void) {
    /@ loop invariant range: 0 <= i <= RH_OBJECTS;
       loop invariant bounds: 0 <= alive(i) <= (i == 0 ? 0 : i <= rh_nobj ? i - 1 : rh_nobj - 1);
       loop invariant some: \forall integer o; 0 <= o < i && rh_refcnt[o] != 0 ==> 0 < alive(i);
       loop invariant full: \forall integer o; 1 <= o < i && o < rh_nobj && rh_refcnt[o] == 0 ==>
         alive(i) < (i <= rh_nobj ? i - 1 : rh_nobj - 1);
       loop assigns i;
       loop variant RH_OBJECTS - i;
    @/
    for (uint32_t i = 0; i < RH_OBJECTS; i++) {}
  }
*/

/* ---- spans ---- */

/* The smallest class whose spans hold n slots; RH_CLASSES if there is none. */
/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures range: \result <= RH_CLASSES;
    ensures fits: \result < RH_CLASSES ==> n <= rh_capacity[\result];
    ensures smallest: \forall integer c; 0 <= c < \result ==> rh_capacity[c] < n;
*/
static inline uint32_t span_class(uint32_t n) {
  uint32_t c = 0;
  /*@ loop invariant range: c <= RH_CLASSES;
      loop invariant smaller: \forall integer k; 0 <= k < c ==> rh_capacity[k] < n;
      loop assigns c;
      loop variant RH_CLASSES - c;
  */
  while (c < RH_CLASSES && rh_capacity[c] < n) c++;
  return c;
}

/* Puts the dead object o, which is on no free stack, on that of its class. */
/*@ requires range: 1 <= o < rh_nobj <= RH_OBJECTS && rh_class[o] < RH_CLASSES && rh_refcnt[o] == 0;
    requires heads: free_heads(o);
    requires links: free_links(o);
    terminates \true;
    assigns rh_next[o], rh_free[rh_class[o]], rh_prev[o], rh_prev[rh_free[rh_class[o]]];
    exits \false;
    ensures heads: free_heads(0);
    ensures links: free_links(0);
*/
static inline void free_push(uint32_t o) {
  uint32_t c = rh_class[o];
  rh_next[o] = rh_free[c];
  //@ ghost rh_prev[rh_free[c]] = o;
  //@ ghost rh_prev[o] = 0;
  rh_free[c] = o;
}

/* A dead object of class c that is on no free stack: the last one freed, else
 * one with a new span. 0 when there is neither; nothing changed then. */
/*@ requires range: c < RH_CLASSES;
    requires heap: heap;
    terminates \true;
    assigns rh_free[c], rh_prev[0 .. RH_OBJECTS - 1], rh_nobj, rh_nedge, rh_span[rh_nobj], rh_class[rh_nobj],
            rh_own[0 .. RH_SLOTS - 1];
    exits \false;
    ensures span_bounds: span_bounds;
    ensures span_owned: span_owned;
    ensures span_tiling: span_tiling;
    ensures slots_valid: slots_valid;
    ensures lengths: lengths;
    ensures unused_empty: unused_empty;
    ensures dead_empty: dead_empty;
    ensures counts: counts;
    ensures heads: free_heads(\result);
    ensures links: free_links(\result);
    ensures taken: \result != 0 ==> 1 <= \result < rh_nobj && rh_refcnt[\result] == 0 && rh_class[\result] == c;
    ensures empty: \result != 0 ==>
      \forall integer j; rh_span[\result].first <= j < rh_span[\result].first + rh_capacity[c] ==>
        rh_slot[j] == 0;
    ensures exhausted: \result == 0 <==>
      \old(rh_free[c]) == 0 && (\old(rh_nobj) == RH_OBJECTS || rh_capacity[c] > RH_SLOTS - \old(rh_nedge));
    ensures refused: \result == 0 ==> rh_nobj == \old(rh_nobj) && rh_nedge == \old(rh_nedge) &&
      rh_free[c] == \old(rh_free[c]);
    ensures refused_tables: \result == 0 ==> \forall integer o; 0 <= o < RH_OBJECTS ==>
      rh_span[o] == \old(rh_span[o]) && rh_class[o] == \old(rh_class[o]) &&
      rh_prev[o] == \old(rh_prev[o]);
    ensures others: \forall integer o; 1 <= o < \old(rh_nobj) ==>
      rh_span[o] == \old(rh_span[o]) && rh_class[o] == \old(rh_class[o]);
    ensures owners: \forall integer j; 0 <= j < \old(rh_nedge) ==> rh_own[j] == \old(rh_own[j]);
    ensures growth: \old(rh_nobj) <= rh_nobj && \old(rh_nedge) <= rh_nedge;
*/
static inline uint32_t take_span(uint32_t c) {
  uint32_t o = rh_free[c];
  if (o != 0) {
    rh_free[c] = rh_next[o];
    //@ ghost rh_prev[rh_next[o]] = 0;
    return o;
  }
  if (rh_nobj == RH_OBJECTS || rh_capacity[c] > RH_SLOTS - rh_nedge) return 0;
  o = rh_nobj;
  rh_span[o].first = rh_nedge;
  rh_span[o].len = 0;
  rh_class[o] = (uint8_t)c;
  /*@ ghost
      /@ loop invariant range: rh_nedge <= i <= rh_nedge + rh_capacity[c];
         loop invariant before: \forall integer j; 0 <= j < rh_nedge ==> rh_own[j] == \at(rh_own[j], Pre);
         loop invariant own: \forall integer j; rh_nedge <= j < i ==> rh_own[j] == o;
         loop assigns i, rh_own[0 .. RH_SLOTS - 1];
         loop variant rh_nedge + rh_capacity[c] - i;
      @/
      for (uint32_t i = rh_nedge; i < rh_nedge + rh_capacity[c]; i++) rh_own[i] = o;
  */
  rh_nedge += rh_capacity[c];
  rh_nobj++;
  return o;
}

/* ---- release ---- */

/*@ // rh_dead holds dead objects, each at its place; the dead and the live fit.
    predicate dead_queue{L} =
      (\forall integer k; 0 <= k < rh_ndead ==>
         1 <= rh_dead[k] < rh_nobj && rh_refcnt[rh_dead[k]] == 0 && rh_place[rh_dead[k]] == k &&
         rh_died[rh_dead[k]] <= RH_OBJECTS - rh_total);
    predicate dead_room{L} = rh_ndead + rh_total <= rh_nobj - 1;

    // Only objects in rh_dead from place h on may be dead and not yet emptied.
    predicate pending{L}(integer h) =
      \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 && rh_refcnt[rh_own[j]] == 0 ==>
        h <= rh_place[rh_own[j]] < rh_ndead && rh_dead[rh_place[rh_own[j]]] == rh_own[j];
*/
#define RH_BURIED(clause)                                                                                              \
  clause total_exact : total_exact;                                                                                    \
  clause free_heads : free_heads(0);                                                                                   \
  clause free_links : free_links(0);                                                                                   \
  clause list_entries : list_entries;                                                                                  \
  clause list_places : list_places;                                                                                    \
  clause list_room : list_room;                                                                                        \
  clause list_sizes : list_sizes;                                                                                      \
  clause list_live : list_live;                                                                                        \
  clause dead_queue : dead_queue;                                                                                      \
  clause dead_room : dead_room

/* The object t, whose count has just reached zero, is dead. Its slots are
 * emptied by drain. */
/*@ requires range: 1 <= t < rh_nobj <= RH_OBJECTS && rh_class[t] < RH_CLASSES && rh_refcnt[t] == 0;
    requires new: \forall integer k; 0 <= k < rh_ndead ==> rh_dead[k] != t;
    requires total: rh_total == alive(RH_OBJECTS) + 1 && 0 <= alive(RH_OBJECTS);
    requires free: free_heads(t) && free_links(t);
    requires lists: lists;
    requires live: \forall integer o; 0 <= o < RH_OBJECTS && o != t && rh_list[o] != 0 ==> rh_refcnt[o] != 0;
    requires queue: dead_queue && dead_room;
    terminates \true;
    assigns rh_total, rh_free[rh_class[t]], rh_next[t], rh_prev[t], rh_prev[rh_free[rh_class[t]]],
            rh_dead[rh_ndead], rh_ndead, rh_place[t], rh_died[t], rh_list[t], rh_size[0 .. RH_LISTS - 1];
    exits \false;
    RH_BURIED(ensures);
    ensures queued: rh_ndead == \old(rh_ndead) + 1 && rh_dead[\old(rh_ndead)] == t && rh_place[t] == \old(rh_ndead);
    ensures dated: rh_total == \old(rh_total) - 1 && rh_died[t] == RH_OBJECTS - rh_total;
    ensures order: only_deaths_leave{Pre, Here};
*/
static inline void bury(uint32_t t) {
  if (rh_list[t] != 0) rh_list_remove(t);
  rh_total--;
  //@ ghost rh_died[t] = RH_OBJECTS - rh_total;
  free_push(t);
  rh_dead[rh_ndead] = t;
  //@ ghost rh_place[t] = rh_ndead;
  rh_ndead++;
}

/* Empties slot j; what it referred to is buried if nothing else holds it. */
/*@ requires range: j < rh_nedge;
    requires spans: spans;
    requires slots: slots_valid;
    requires counts: counts;
    RH_BURIED(requires);
    terminates \true;
    assigns rh_slot[j], RH_DYING_STATE;
    exits \false;
    ensures slots: slots_valid;
    ensures counts: counts;
    RH_BURIED(ensures);
    ensures emptied: rh_slot[j] == 0;
    ensures counts_fall: counts_fall{Pre, Here};
    ensures queue_grows: \old(rh_ndead) <= rh_ndead;
    ensures queue_keeps: \forall integer k; 0 <= k < \old(rh_ndead) ==> rh_dead[k] == \old(rh_dead[k]);
    ensures places: \forall integer o; 0 <= o < RH_OBJECTS && \old(rh_refcnt[o]) == 0 ==>
      rh_place[o] == \old(rh_place[o]);
    ensures deaths: \forall integer o; 1 <= o < RH_OBJECTS && \old(rh_refcnt[o]) != 0 && rh_refcnt[o] == 0 ==>
      \old(rh_ndead) <= rh_place[o] < rh_ndead && rh_dead[rh_place[o]] == o && \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL;
    ensures unheld: \forall integer o, i; 1 <= o < RH_OBJECTS && \old(rh_refcnt[o]) != 0 && rh_refcnt[o] == 0 &&
      0 <= i < RH_SLOTS ==> rh_slot[i] != o;
    ensures immortals: immortals_stay{Pre, Here};
    ensures order: only_deaths_leave{Pre, Here};
    ensures dated: dated{Pre, Here};
*/
static inline void drop_edge(uint32_t j) {
  uint32_t t = rh_slot[j];
  //@ ghost refs_facts();
  slot_write(j, 0);
  if (t != 0 && rh_refcnt[t] < RH_COUNT_IMMORTAL) {
    //@ ghost refs_facts();
    //@ ghost alive_facts();
    count_write(t, rh_refcnt[t] - 1);
    //@ ghost alive_facts();
    if (rh_refcnt[t] == 0) bury(t);
  }
}

/*@ // Since L1 the slots that changed were emptied and belong to dead objects
    // with places below h.
    predicate slots_emptied{L1, L2}(integer h) =
      \forall integer i; 0 <= i < \at(rh_nedge, L1) ==>
        \at(rh_slot[i], L2) == \at(rh_slot[i], L1) ||
        (\at(rh_slot[i], L2) == 0 && \at(rh_refcnt[\at(rh_own[i], L1)], L2) == 0 && \at(rh_place[\at(rh_own[i], L1)], L2) < h);

    // Whatever held an object that is dead now died before it.
    predicate holders_first{L1, L2} = \forall integer i; 0 <= i < \at(rh_nedge, L1) ==> dies_first{L1, L2}(i);

    // What died since L1 has a place from n on, and was mortal.
    predicate deaths_placed{L1, L2}(integer n) =
      \forall integer o; 1 <= o < RH_OBJECTS && \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==>
        n <= \at(rh_place[o], L2) < RH_OBJECTS && \at(rh_refcnt[o], L1) < RH_COUNT_IMMORTAL;
    predicate places_stable{L1, L2} =
      \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_refcnt[o], L1) == 0 ==>
        \at(rh_place[o], L2) == \at(rh_place[o], L1);
    predicate queue_extended{L1, L2} =
      \at(rh_ndead, L1) <= \at(rh_ndead, L2) &&
      \forall integer k; 0 <= k < \at(rh_ndead, L1) ==> \at(rh_dead[k], L2) == \at(rh_dead[k], L1);
*/

/* Empties the slots of the dead object o. */
/*@ requires queued: 1 <= o < rh_nobj && rh_refcnt[o] == 0 && rh_place[o] < rh_ndead && rh_dead[rh_place[o]] == o;
    requires spans: spans;
    requires slots: slots_valid && lengths && unused_empty;
    requires counts: counts;
    RH_BURIED(requires);
    requires pending: pending(rh_place[o]);
    terminates \true;
    assigns RH_RELEASE_STATE;
    exits \false;
    ensures slots_valid: slots_valid;
    ensures unused_empty: unused_empty;
    ensures counts: counts;
    RH_BURIED(ensures);
    ensures pending: pending(rh_place[o] + 1);
    ensures counts_fall: counts_fall{Pre, Here};
    ensures immortals: immortals_stay{Pre, Here};
    ensures order: only_deaths_leave{Pre, Here};
    ensures dated: dated{Pre, Here};
    ensures queue: queue_extended{Pre, Here};
    ensures stable: places_stable{Pre, Here};
    ensures deaths: deaths_placed{Pre, Here}(\old(rh_ndead));
    ensures others: \forall integer i; 0 <= i < rh_nedge && rh_own[i] != o ==> rh_slot[i] == \old(rh_slot[i]);
    ensures emptied: \forall integer i; 0 <= i < rh_nedge && rh_own[i] == o ==> rh_slot[i] == 0;
    ensures holder: \forall integer i; 0 <= i < rh_nedge && \old(rh_slot[i]) != 0 &&
      rh_refcnt[\old(rh_slot[i])] == 0 ==> rh_own[i] == o;
*/
static inline void empty_slots(uint32_t o) {
  uint32_t end = rh_span[o].first + rh_span[o].len;
  //@ ghost refs_facts();
  /*@ loop invariant range: rh_span[o].first <= j <= end;
      loop invariant dead: rh_refcnt[o] == 0 && rh_place[o] == \at(rh_place[o], Pre);
      loop invariant slots: slots_valid;
      loop invariant counts: counts;
      RH_BURIED(loop invariant);
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant dated: dated{Pre, Here};
      loop invariant queue: queue_extended{Pre, Here};
      loop invariant stable: places_stable{Pre, Here};
      loop invariant deaths: deaths_placed{Pre, Here}(\at(rh_ndead, Pre));
      loop invariant queued: \forall integer p; 1 <= p < RH_OBJECTS && \at(rh_refcnt[p], Pre) != 0 && rh_refcnt[p] == 0 ==>
        rh_place[p] < rh_ndead && rh_dead[rh_place[p]] == p;
      loop invariant others: \forall integer i; 0 <= i < rh_nedge && !(rh_span[o].first <= i < j) ==>
        rh_slot[i] == \at(rh_slot[i], Pre);
      loop invariant emptied: \forall integer i; rh_span[o].first <= i < j ==> rh_slot[i] == 0;
      loop invariant holder: \forall integer i; 0 <= i < rh_nedge && \at(rh_slot[i], Pre) != 0 &&
        rh_refcnt[\at(rh_slot[i], Pre)] == 0 ==> rh_span[o].first <= i < j;
      loop assigns j, RH_RELEASE_STATE;
      loop variant end - j;
  */
  for (uint32_t j = rh_span[o].first; j < end; j++) drop_edge(j);
  //@ assert rest: \forall integer i; 0 <= i < rh_nedge && rh_slot[i] != 0 ==> rh_own[i] != o && rh_slot[i] == \at(rh_slot[i], Pre);
  /*@ assert places_before: \forall integer i; 0 <= i < rh_nedge && rh_slot[i] != 0 && \at(rh_refcnt[rh_own[i]], Pre) == 0 ==>
        rh_place[rh_own[i]] == \at(rh_place[rh_own[i]], Pre) < \at(rh_ndead, Pre) &&
        \at(rh_place[o], Pre) <= \at(rh_place[rh_own[i]], Pre) &&
        \at(rh_dead[rh_place[rh_own[i]]], Pre) == rh_own[i]; */
  /*@ assert places_differ: \forall integer i; 0 <= i < rh_nedge && rh_slot[i] != 0 && \at(rh_refcnt[rh_own[i]], Pre) == 0 ==>
        \at(rh_place[rh_own[i]], Pre) != \at(rh_place[o], Pre); */
  /*@ assert dead_kept: \forall integer i; 0 <= i < rh_nedge && rh_slot[i] != 0 && \at(rh_refcnt[rh_own[i]], Pre) == 0 ==>
        rh_dead[rh_place[rh_own[i]]] == rh_own[i]; */
  /*@ assert pending_now: \forall integer i; 0 <= i < rh_nedge && rh_slot[i] != 0 && \at(rh_refcnt[rh_own[i]], Pre) != 0 &&
        rh_refcnt[rh_own[i]] == 0 ==>
        rh_place[o] < rh_place[rh_own[i]] < rh_ndead && rh_dead[rh_place[rh_own[i]]] == rh_own[i]; */
}

/* Empties the slots of the buried; those they alone held are buried behind
 * them and are emptied in their turn. */
/*@ requires spans: spans;
    requires slots: slots_valid && lengths && unused_empty;
    requires counts: counts;
    RH_BURIED(requires);
    requires pending: pending(0);
    requires idle: scratch_empty && gcrefs_zero;
    terminates \true;
    assigns RH_RELEASE_STATE;
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_RELEASED;
    ensures emptied: slots_emptied{Pre, Here}(RH_OBJECTS);
    ensures holders_first: holders_first{Pre, Here};
*/
static void drain(void) {
  //@ ghost refs_facts();
  /*@ loop invariant range: h <= rh_ndead && \at(rh_ndead, Pre) <= rh_ndead;
      loop invariant slots_valid: slots_valid;
      loop invariant unused_empty: unused_empty;
      loop invariant counts: counts;
      RH_BURIED(loop invariant);
      loop invariant pending: pending(h);
      loop invariant counts_fall: counts_fall{Pre, Here};
      loop invariant immortals: immortals_stay{Pre, Here};
      loop invariant order: only_deaths_leave{Pre, Here};
      loop invariant dated: dated{Pre, Here};
      loop invariant stable: places_stable{Pre, Here};
      loop invariant deaths: deaths_placed{Pre, Here}(\at(rh_ndead, Pre));
      loop invariant emptied: slots_emptied{Pre, Here}(h);
      loop invariant holders_first: holders_first{Pre, Here};
      loop assigns h, RH_RELEASE_STATE;
      loop variant RH_OBJECTS - h;
  */
  for (uint32_t h = 0; h < rh_ndead; h++) empty_slots(rh_dead[h]);
  rh_ndead = 0;
}

void rh_slot_drop(uint32_t j) {
  //@ ghost refs_facts();
  //@ ghost alive_facts();
  drop_edge(j);
  if (rh_ndead != 0) drain();
}

void rh_release_empty(uint32_t o) {
  //@ ghost refs_facts();
  //@ ghost alive_facts();
  if (rh_refcnt[o] >= RH_COUNT_IMMORTAL) return;
  //@ ghost rh_roots[o]--;
  count_write(o, rh_refcnt[o] - 1);
  //@ ghost alive_facts();
  if (rh_refcnt[o] == 0) {
    bury(o);
    rh_ndead = 0;
  }
}

void rh_object_release(uint32_t o) {
  //@ ghost refs_facts();
  //@ ghost alive_facts();
  if (!rh_is_live(o) || rh_refcnt[o] >= RH_COUNT_IMMORTAL) return;
  //@ ghost rh_roots[o]--;
  count_write(o, rh_refcnt[o] - 1);
  //@ assert counts: counts;
  //@ ghost alive_facts();
  if (rh_refcnt[o] == 0) {
    bury(o);
    drain();
  }
  //@ ghost refs_facts();
  //@ assert emptied: slots_emptied{Pre, Here}(RH_OBJECTS);
  /*@ assert unheld: \forall integer p; 1 <= p < rh_nobj &&
        (\forall integer j; 0 <= j < rh_nedge && \at(rh_slot[j], Pre) == p ==> rh_refcnt[rh_own[j]] == 0) ==>
        \forall integer j; 0 <= j < RH_SLOTS ==> rh_slot[j] != p; */
  /*@ assert uncounted: \forall integer p; 1 <= p < rh_nobj &&
        (\forall integer j; 0 <= j < rh_nedge && \at(rh_slot[j], Pre) == p ==> rh_refcnt[rh_own[j]] == 0) ==>
        refs(p, RH_SLOTS) == 0; */
  //@ assert justified: freed_justified{Pre, Here}(o);
  //@ assert closed: freed_closed{Pre, Here}(o);
}

/* ---- the rest of the operations ---- */

uint32_t rh_object_new(uint32_t slots) {
  uint32_t c = span_class(slots);
  if (c == RH_CLASSES) return 0;
  uint32_t o = take_span(c);
  if (o == 0) return 0;
  //@ ghost refs_facts();
  //@ ghost alive_facts();
  count_write(o, 1);
  //@ ghost rh_roots[o] = 1;
  rh_span[o].len = slots;
  rh_total++;
  return o;
}

bool rh_object_live(uint32_t o) {
  return rh_is_live(o);
}

uint32_t rh_object_count(uint32_t o) {
  return rh_is_live(o) ? rh_refcnt[o] : 0;
}

void rh_object_retain(uint32_t o) {
  if (!rh_is_live(o) || rh_refcnt[o] >= RH_COUNT_IMMORTAL) return;
  //@ ghost refs_facts();
  count_write(o, rh_refcnt[o] + 1);
  //@ ghost rh_roots[o]++;
}

void rh_object_immortalize(uint32_t o) {
  if (rh_is_live(o)) count_write(o, RH_COUNT_IMMORTAL);
}

uint32_t rh_object_length(uint32_t o) {
  return rh_is_live(o) ? rh_span[o].len : 0;
}

uint32_t rh_slot_get(uint32_t o, uint32_t i) {
  //@ ghost refs_facts();
  return rh_is_live(o) && i < rh_span[o].len ? rh_slot[rh_span[o].first + i] : 0;
}

uint32_t rh_slot_swap(uint32_t o, uint32_t i, uint32_t v) {
  if (!rh_is_live(o) || i >= rh_span[o].len || (v != 0 && !rh_is_live(v))) return RH_SLOT_REFUSED;
  uint32_t j = rh_span[o].first + i;
  uint32_t old = rh_slot[j];
  //@ ghost refs_facts();
  slot_write(j, v);
  /*@ ghost
      if (v != 0 && rh_refcnt[v] < RH_COUNT_IMMORTAL) rh_roots[v]--;
      if (old != 0 && rh_refcnt[old] < RH_COUNT_IMMORTAL) rh_roots[old]++;
  */
  return old;
}

/* Are the slots from number n on of the object o empty? */
/*@ requires range: 1 <= o < rh_nobj;
    requires spans: span_bounds && lengths;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures empty: \result <==>
      \forall integer j; rh_span[o].first + n <= j < rh_span[o].first + rh_span[o].len ==> rh_slot[j] == 0;
*/
static bool empty_from(uint32_t o, uint32_t n) {
  /*@ loop invariant range: n <= i;
      loop invariant empty: \forall integer j; rh_span[o].first + n <= j < rh_span[o].first + i &&
        j < rh_span[o].first + rh_span[o].len ==> rh_slot[j] == 0;
      loop assigns i;
      loop variant rh_span[o].len - i;
  */
  for (uint32_t i = n; i < rh_span[o].len; i++)
    if (rh_slot[rh_span[o].first + i] != 0) return false;
  return true;
}

/* Moves the content of slot `from` to the empty slot `to`. */
/*@ requires range: from < RH_SLOTS && to < RH_SLOTS && from != to;
    requires empty: rh_slot[to] == 0;
    terminates \true;
    assigns rh_slot[from], rh_slot[to];
    exits \false;
    ensures moved: rh_slot[to] == \old(rh_slot[from]) && rh_slot[from] == 0;
    ensures counted: \forall integer o; refs(o, RH_SLOTS) == \old(refs(o, RH_SLOTS));
*/
static inline void slot_move(uint32_t from, uint32_t to) {
  uint32_t v = rh_slot[from];
  slot_write(to, v);
  slot_write(from, 0);
}

/* Moves the first n slots of o to the empty span of the dead object d, which
 * is on no free stack, and exchanges the two spans. */
/*@ requires objects: 1 <= o < rh_nobj && 1 <= d < rh_nobj && o != d && rh_refcnt[o] != 0 && rh_refcnt[d] == 0;
    requires spans: spans && lengths && slots_valid && unused_empty && dead_empty;
    requires counts: counts;
    requires free: free_heads(d) && free_links(d);
    requires fits: n <= rh_span[o].len && n <= rh_capacity[rh_class[d]];
    requires rest: \forall integer j; rh_span[o].first + n <= j < rh_span[o].first + rh_span[o].len ==> rh_slot[j] == 0;
    terminates \true;
    assigns rh_slot[0 .. RH_SLOTS - 1], rh_own[0 .. RH_SLOTS - 1], rh_span[o], rh_class[o], rh_span[d], rh_class[d];
    exits \false;
    ensures span_bounds: span_bounds;
    ensures span_owned: span_owned;
    ensures span_tiling: span_tiling;
    ensures lengths: lengths;
    ensures slots_valid: slots_valid;
    ensures unused_empty: unused_empty;
    ensures dead_empty: dead_empty;
    ensures counts: counts;
    ensures free_heads: free_heads(d);
    ensures free_links: free_links(d);
    ensures exchanged: rh_span[o].first == \old(rh_span[d].first) && rh_span[o].len == n &&
      rh_class[o] == \old(rh_class[d]);
    ensures donor: rh_class[d] == \old(rh_class[o]);
    ensures moved: \forall integer j; rh_span[o].first <= j < rh_span[o].first + n ==>
      rh_slot[j] == \old(rh_slot[j - rh_span[d].first + rh_span[o].first]);
    ensures empty: \forall integer j; rh_span[o].first + n <= j < rh_span[o].first + rh_capacity[rh_class[o]] ==>
      rh_slot[j] == 0;
    ensures others: \forall integer j; 0 <= j < rh_nedge && \old(rh_own[j]) != o && \old(rh_own[j]) != d ==>
      rh_slot[j] == \old(rh_slot[j]) && rh_own[j] == \old(rh_own[j]);
*/
static void exchange_spans(uint32_t o, uint32_t d, uint32_t n) {
  uint32_t from = rh_span[o].first;
  uint32_t to = rh_span[d].first;
  uint8_t c = rh_class[o];
  /*@ assert target: \forall integer j; to <= j < to + rh_capacity[rh_class[d]] ==> rh_own[j] == d && rh_slot[j] == 0; */
  /*@ assert disjoint: \forall integer j; from <= j < from + rh_capacity[rh_class[o]] ==>
        rh_own[j] == o && !(to <= j < to + rh_capacity[rh_class[d]]); */
  /*@ loop invariant range: 0 <= i <= n;
      loop invariant valid: slots_valid;
      loop invariant counted: \forall integer p; refs(p, RH_SLOTS) == refs{Pre}(p, RH_SLOTS);
      loop invariant moved: \forall integer j; to <= j < to + i ==>
        rh_slot[j] == \at(rh_slot[j - rh_span[d].first + rh_span[o].first], Pre);
      loop invariant zeroed: \forall integer j; from <= j < from + i ==> rh_slot[j] == 0;
      loop invariant source: \forall integer k; from + i <= k < from + rh_capacity[rh_class[o]] ==>
        rh_slot[k] == \at(rh_slot[k], Pre);
      loop invariant target: \forall integer k; to + i <= k < to + rh_capacity[rh_class[d]] ==> rh_slot[k] == 0;
      loop invariant others: \forall integer j; 0 <= j < RH_SLOTS &&
        !(from <= j < from + rh_capacity[rh_class[o]]) && !(to <= j < to + rh_capacity[rh_class[d]]) ==>
        rh_slot[j] == \at(rh_slot[j], Pre);
      loop assigns i, rh_slot[0 .. RH_SLOTS - 1];
      loop variant n - i;
  */
  for (uint32_t i = 0; i < n; i++) slot_move(from + i, to + i);
  /*@ assert source: \forall integer j; from <= j < from + rh_capacity[rh_class[o]] ==> rh_own[j] == o && rh_slot[j] == 0; */
  /*@ ghost
      uint32_t end = from + rh_capacity[rh_class[o]];
      /@ loop invariant range: from <= i <= end;
         loop invariant own: \forall integer j; from <= j < i ==> rh_own[j] == d;
         loop invariant others: \forall integer j; 0 <= j < RH_SLOTS && !(from <= j < i) ==> rh_own[j] == \at(rh_own[j], Pre);
         loop assigns i, rh_own[0 .. RH_SLOTS - 1];
         loop variant end - i;
      @/
      for (uint32_t i = from; i < end; i++) rh_own[i] = d;
      end = to + rh_capacity[rh_class[d]];
      /@ loop invariant range: to <= i <= end;
         loop invariant own: \forall integer j; to <= j < i ==> rh_own[j] == o;
         loop invariant others: \forall integer j; 0 <= j < RH_SLOTS && !(to <= j < i) ==>
           rh_own[j] == \at(rh_own[j], LoopEntry);
         loop assigns i, rh_own[0 .. RH_SLOTS - 1];
         loop variant end - i;
      @/
      for (uint32_t i = to; i < end; i++) rh_own[i] = o;
  */
  rh_span[o].first = to;
  rh_class[o] = rh_class[d];
  rh_span[o].len = n;
  rh_span[d].first = from;
  rh_class[d] = c;
  rh_span[d].len = 0;
}

bool rh_object_resize(uint32_t o, uint32_t slots) {
  if (!rh_is_live(o) || !empty_from(o, slots)) return false;
  uint32_t c = span_class(slots);
  /*@ assert class_: \forall integer k; smallest_class(k, slots) ==> k == c; */
  uint32_t d = c != rh_class[o] && c < RH_CLASSES ? take_span(c) : 0;
  if (d == 0 && slots > rh_capacity[rh_class[o]]) return false;
  if (d != 0) {
    exchange_spans(o, d, slots < rh_span[o].len ? slots : rh_span[o].len);
    /*@ assert moved: \forall integer i; 0 <= i < slots && i < \at(rh_span[o].len, Pre) ==>
          rh_slot[rh_span[o].first + i] == \at(rh_slot[rh_span[o].first + i], Pre); */
    free_push(d);
  }
  rh_span[o].len = slots;
  return true;
}

uint32_t rh_object_total(void) {
  return rh_total;
}

void rh_object_reset(void) {
  /*@ loop invariant range: 1 <= o <= rh_nobj;
      loop invariant zero: \forall integer p; 0 <= p < o ==> rh_refcnt[p] == 0;
      loop invariant beyond: \forall integer p; rh_nobj <= p < RH_OBJECTS ==> rh_refcnt[p] == 0;
      loop assigns o, rh_refcnt[0 .. RH_OBJECTS - 1];
      loop variant rh_nobj - o;
  */
  for (uint32_t o = 1; o < rh_nobj; o++) rh_refcnt[o] = 0;
  /*@ loop invariant range: 0 <= j <= rh_nedge;
      loop invariant zero: \forall integer i; 0 <= i < j ==> rh_slot[i] == 0;
      loop invariant beyond: \forall integer i; rh_nedge <= i < RH_SLOTS ==> rh_slot[i] == 0;
      loop assigns j, rh_slot[0 .. RH_SLOTS - 1];
      loop variant rh_nedge - j;
  */
  for (uint32_t j = 0; j < rh_nedge; j++) rh_slot[j] = 0;
  /*@ loop invariant range: 0 <= c <= RH_CLASSES;
      loop invariant empty: \forall integer k; 0 <= k < c ==> rh_free[k] == 0;
      loop assigns c, rh_free[0 .. RH_CLASSES - 1];
      loop variant RH_CLASSES - c;
  */
  for (uint32_t c = 0; c < RH_CLASSES; c++) rh_free[c] = 0;
  /*@ ghost
      /@ loop invariant range: 0 <= o <= RH_OBJECTS;
         loop invariant zero: \forall integer p; 0 <= p < o ==> rh_roots[p] == 0;
         loop assigns o, rh_roots[0 .. RH_OBJECTS - 1];
         loop variant RH_OBJECTS - o;
      @/
      for (uint32_t o = 0; o < RH_OBJECTS; o++) rh_roots[o] = 0;
  */
  rh_nobj = 1;
  rh_nedge = 0;
  rh_total = 0;
  //@ ghost refs_facts();
  //@ ghost alive_facts();
}
