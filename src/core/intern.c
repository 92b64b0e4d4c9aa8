/* The intern table: see intern.h. */
#include "core/intern.h"

uint32_t rh_intern_head[RH_INTERN_BUCKETS];
uint32_t rh_intern_next[RH_OBJECTS];
uint16_t rh_intern_in[RH_OBJECTS];

/*@ ghost uint64_t rh_value[RH_OBJECTS]; */
/*@ ghost uint64_t rh_sought; */
/*@ ghost uint64_t rh_intern_made[RH_OBJECTS]; */
/*@ ghost uint64_t rh_intern_clock; */

void rh_intern_add(uint32_t o, uint32_t bucket) {
  if (!rh_is_live(o) || rh_span[o].len != 0 || rh_intern_in[o] != 0 || bucket >= RH_INTERN_BUCKETS) return;
  rh_intern_next[o] = rh_intern_head[bucket];
  rh_intern_head[bucket] = o;
  rh_intern_in[o] = (uint16_t)(bucket + 1);
  //@ ghost rh_intern_clock++;
  //@ ghost rh_intern_made[o] = rh_intern_clock;
}

/* The entry before o in its chain; o is not the first. */
/*@ requires entry: interned(o);
    requires not_first: rh_intern_head[rh_intern_in[o] - 1] != o;
    RH_INTERN_TABLE(requires);
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures before: same_chain(\result, o) && rh_intern_next[\result] == o;
    ensures only: \forall integer p; interned(p) && rh_intern_next[p] == o ==> p == \result;
*/
static uint32_t entry_before(uint32_t o) {
  uint32_t p = rh_intern_head[rh_intern_in[o] - 1];
  /*@ loop invariant entry: same_chain(p, o) && rh_intern_made[o] < rh_intern_made[p];
      loop assigns p;
      loop variant rh_intern_made[p];
  */
  while (rh_intern_next[p] != o) p = rh_intern_next[p];
  return p;
}

/* Takes the entry of o out of the table. */
/*@ requires entry: interned(o);
    RH_INTERN_TABLE(requires);
    terminates \true;
    assigns rh_intern_head[0 .. RH_INTERN_BUCKETS - 1], rh_intern_next[0 .. RH_OBJECTS - 1], rh_intern_in[o];
    exits \false;
    RH_INTERN_TABLE(ensures);
    ensures gone: rh_intern_in[o] == 0;
*/
static void remove_entry(uint32_t o) {
  uint32_t b = rh_intern_in[o] - 1u;
  /*@ assert older: \forall integer p; 1 <= p < RH_OBJECTS && rh_intern_in[p] == b + 1 && p != o &&
        rh_intern_made[p] <= rh_intern_made[o] ==>
        rh_intern_next[o] != 0 && rh_intern_made[p] <= rh_intern_made[rh_intern_next[o]]; */
  if (rh_intern_head[b] == o) {
    //@ assert headed: \forall integer p; interned(p) ==> rh_intern_next[p] != o;
    rh_intern_head[b] = rh_intern_next[o];
  } else {
    rh_intern_next[entry_before(o)] = rh_intern_next[o];
  }
  /*@ assert first: \forall integer p; interned(p) && p != o ==>
        rh_intern_head[rh_intern_in[p] - 1] != 0 && rh_intern_made[p] <= rh_intern_made[rh_intern_head[rh_intern_in[p] - 1]]; */
  /*@ assert gapless: \forall integer p, q; 1 <= p < RH_OBJECTS && 1 <= q < RH_OBJECTS && p != o && q != o &&
        rh_intern_in[p] != 0 && rh_intern_in[p] == rh_intern_in[q] && rh_intern_made[q] < rh_intern_made[p] ==>
        rh_intern_next[p] != 0 && rh_intern_next[p] != o && rh_intern_made[q] <= rh_intern_made[rh_intern_next[p]]; */
  rh_intern_in[o] = 0;
}

void rh_intern_release(uint32_t o) {
  if (!rh_is_live(o) || rh_span[o].len != 0) return;
  if (rh_refcnt[o] == 1 && rh_intern_in[o] != 0) remove_entry(o);
  rh_release_empty(o);
}

void rh_intern_reset(void) {
  /*@ loop invariant range: 1 <= o && rh_intern_in[0] == 0;
      loop invariant none: \forall integer p; 0 <= p < RH_OBJECTS && (p < o || rh_nobj <= p) ==> rh_intern_in[p] == 0;
      loop assigns o, rh_intern_in[0 .. RH_OBJECTS - 1];
      loop variant rh_nobj - o;
  */
  for (uint32_t o = 1; o < rh_nobj; o++) rh_intern_in[o] = 0;
  /*@ loop invariant range: 0 <= b <= RH_INTERN_BUCKETS;
      loop invariant empty: \forall integer c; 0 <= c < b ==> rh_intern_head[c] == 0;
      loop assigns b, rh_intern_head[0 .. RH_INTERN_BUCKETS - 1];
      loop variant RH_INTERN_BUCKETS - b;
  */
  for (uint32_t b = 0; b < RH_INTERN_BUCKETS; b++) rh_intern_head[b] = 0;
}
