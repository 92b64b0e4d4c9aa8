/*
 * The intern table: one object for each interned value (10.3, 10.4).
 *
 * The table is a set of chains, one a bucket, linked through rh_intern_next.
 * What an object's value is, the layer above knows alone: it tells the bucket
 * of a value, the same for equal values, and rh_intern_same compares. The
 * table holds no reference: an entry does not count, and leaves with the last
 * reference to its object, which rh_intern_release gives back.
 *
 * An object with slots has no place here: values are leaves, so that the end
 * of one is the end of nothing else.
 */
#ifndef RH_CORE_INTERN_H
#define RH_CORE_INTERN_H

#include "core/object_state.h"

extern uint32_t rh_intern_head[RH_INTERN_BUCKETS]; /* first of a chain; 0: empty */
extern uint32_t rh_intern_next[RH_OBJECTS];        /* 0 after the last; undefined without an entry */
extern uint16_t rh_intern_in[RH_OBJECTS];          /* 1 + bucket of an entry; 0: none */

/*
 * What the proof knows besides: the value of each object, and the one that is
 * looked for, as numbers that equal values share; a value's bucket is its
 * remainder. When entries were made: the younger stand first.
 */
/*@ ghost extern uint64_t rh_value[RH_OBJECTS]; */
/*@ ghost extern uint64_t rh_sought; */
/*@ ghost extern uint64_t rh_intern_made[RH_OBJECTS]; */
/*@ ghost extern uint64_t rh_intern_clock; */

/*@ predicate interned{L}(integer o) = 1 <= o < RH_OBJECTS && rh_intern_in[o] != 0;
    predicate same_chain{L}(integer o, integer p) = interned(o) && interned(p) && rh_intern_in[o] == rh_intern_in[p];

    predicate intern_range{L} = rh_intern_in[0] == 0 &&
      \forall integer o; 0 <= o < RH_OBJECTS ==> rh_intern_in[o] <= RH_INTERN_BUCKETS;
    predicate intern_heads{L} = \forall integer b; 0 <= b < RH_INTERN_BUCKETS && rh_intern_head[b] != 0 ==>
      interned(rh_intern_head[b]) && rh_intern_in[rh_intern_head[b]] == b + 1;
    predicate intern_first{L} = \forall integer o; interned(o) ==>
      rh_intern_head[rh_intern_in[o] - 1] != 0 && rh_intern_made[o] <= rh_intern_made[rh_intern_head[rh_intern_in[o] - 1]];
    predicate intern_nexts{L} = \forall integer o; interned(o) && rh_intern_next[o] != 0 ==>
      same_chain(o, rh_intern_next[o]) && rh_intern_made[rh_intern_next[o]] < rh_intern_made[o];
    predicate intern_gapless{L} = \forall integer o, p; 1 <= o < RH_OBJECTS && 1 <= p < RH_OBJECTS && rh_intern_in[o] != 0 &&
      rh_intern_in[o] == rh_intern_in[p] && rh_intern_made[p] < rh_intern_made[o] ==>
      rh_intern_next[o] != 0 && rh_intern_made[p] <= rh_intern_made[rh_intern_next[o]];
    predicate intern_ages{L} = (\forall integer o; interned(o) ==> rh_intern_made[o] <= rh_intern_clock) &&
      \forall integer o, p; interned(o) && interned(p) && rh_intern_made[o] == rh_intern_made[p] ==> o == p;
    predicate intern_values{L} = \forall integer o; interned(o) ==> rh_value[o] % RH_INTERN_BUCKETS == rh_intern_in[o] - 1;

    // Theorem N1: equal values are one object.
    predicate intern_unique{L} = \forall integer o, p; interned(o) && interned(p) && rh_value[o] == rh_value[p] ==> o == p;
    predicate intern_live{L} = \forall integer o; interned(o) ==> rh_refcnt[o] != 0;
*/
/* clang-format off */
#define RH_INTERN_TABLE(clause) \
  clause intern_range: intern_range; clause intern_heads: intern_heads; clause intern_first: intern_first; \
  clause intern_nexts: intern_nexts; clause intern_gapless: intern_gapless; clause intern_ages: intern_ages; \
  clause intern_values: intern_values; clause intern_unique: intern_unique
/* clang-format on */

/* Is the value of o, which has an entry, the one that is looked for? To be
 * supplied by the file that calls rh_intern_find; it must not call the heap. */
/*@ requires entry: interned(o);
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures same: \result <==> rh_value[o] == rh_sought;
*/
bool rh_intern_same(uint32_t o);

/* The entry of the value that rh_intern_same compares with, whose bucket this
 * is (below RH_INTERN_BUCKETS); 0 if it has none. No reference is taken.
 * O(entries of the bucket). */
/*@ requires bucket: bucket == rh_sought % RH_INTERN_BUCKETS;
    RH_INTERN_TABLE(requires);
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures found: \result != 0 ==> interned(\result) && rh_value[\result] == rh_sought;
    ensures none: \result == 0 ==> \forall integer o; interned(o) ==> rh_value[o] != rh_sought;
*/
static inline uint32_t rh_intern_find(uint32_t bucket) {
  uint32_t o = rh_intern_head[bucket];
  /*@ loop invariant entry: o != 0 ==> interned(o) && rh_intern_in[o] == bucket + 1;
      loop invariant compared: \forall integer p; interned(p) && rh_intern_in[p] == bucket + 1 &&
        (o == 0 || rh_intern_made[o] < rh_intern_made[p]) ==> rh_value[p] != rh_sought;
      loop assigns o;
      loop variant o == 0 ? 0 : rh_intern_made[o] + 1;
  */
  while (o != 0 && !rh_intern_same(o)) o = rh_intern_next[o];
  return o;
}

/* Makes the live object o, without slots and without an entry, the entry of
 * its value, which has none and whose bucket this is. Counts stay as they are.
 * Any other object or bucket is refused. Constant time. */
/*@ requires value: o < RH_OBJECTS ==> bucket == rh_value[o] % RH_INTERN_BUCKETS &&
      \forall integer p; interned(p) && rh_value[p] == rh_value[o] ==> p == o;
    requires time: rh_intern_clock < UINT64_MAX;
    RH_INTERN_TABLE(requires);
    requires live: intern_live && rh_refcnt[0] == 0;
    terminates \true;
    assigns rh_intern_head[bucket], rh_intern_next[o], rh_intern_in[o], rh_intern_made[o], rh_intern_clock;
    exits \false;
    RH_INTERN_TABLE(ensures);
    ensures live: intern_live;
    ensures added: o < RH_OBJECTS && rh_refcnt[o] != 0 && rh_span[o].len == 0 ==> interned(o);
*/
void rh_intern_add(uint32_t o, uint32_t bucket);

/* rh_object_release for an object without slots; its entry, if it has one,
 * leaves with the last reference. Any other handle is refused. O(entries of
 * the bucket) then, else constant. */
/*@ requires heap: heap;
    RH_INTERN_TABLE(requires);
    requires live: intern_live;
    requires owned: o < rh_nobj && 0 < rh_refcnt[o] < RH_COUNT_IMMORTAL ==> 0 < rh_roots[o];
    terminates \true;
    assigns RH_DYING_STATE, rh_roots[o], rh_intern_head[0 .. RH_INTERN_BUCKETS - 1], rh_intern_next[0 .. RH_OBJECTS - 1],
            rh_intern_in[o];
    exits \false;
    RH_ENSURES_HEAP;
    RH_INTERN_TABLE(ensures);
    ensures live: intern_live;
    ensures given_back: o < rh_nobj && rh_span[o].len == 0 && 0 < \old(rh_refcnt[o]) < RH_COUNT_IMMORTAL ==>
      rh_refcnt[o] == \old(rh_refcnt[o]) - 1;
    ensures entry: o < RH_OBJECTS && rh_refcnt[o] != 0 ==> rh_intern_in[o] == \old(rh_intern_in[o]);
    ensures gone: o < RH_OBJECTS && rh_refcnt[o] == 0 ==> rh_intern_in[o] == 0;
    ensures others: \forall integer p; 0 <= p < RH_OBJECTS && p != o ==> rh_refcnt[p] == \old(rh_refcnt[p]);
*/
void rh_intern_release(uint32_t o);

/* Empties the table. Before rh_object_reset: it asks which objects were made.
 * Takes time proportional to those. */
/*@ requires made: \forall integer o; interned(o) ==> o < rh_nobj <= RH_OBJECTS;
    requires zero: rh_intern_in[0] == 0 && rh_nobj <= RH_OBJECTS;
    terminates \true;
    assigns rh_intern_head[0 .. RH_INTERN_BUCKETS - 1], rh_intern_in[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_INTERN_TABLE(ensures);
    ensures empty: \forall integer o; !interned(o);
*/
void rh_intern_reset(void);

#ifdef RH_CHECKS
/* The walk of the table: see rh_core_check. */
bool rh_intern_check(const char **why);
#endif

#endif
