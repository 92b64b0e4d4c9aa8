/*
 * The heap as a whole. There is one per process; its parts are object.h
 * (objects, counts), collect.h (generations, the cycle collector), intern.h
 * (one object a value) and block.h (raw memory). None of them is thread-safe, none ever calls back.
 */
#ifndef RH_CORE_CORE_H
#define RH_CORE_CORE_H

#include "core/config.h"
#include <stdbool.h>

#ifdef __FRAMAC__
#include "core/block.h" /* what the contracts speak of */
#include "core/intern.h"
#endif

/* Back to the first state: no objects, no blocks. Every handle is void. Takes
 * time proportional to what was ever used since the last reset. */
/*@ requires heap: heap;
    RH_REQUIRES_BLOCKS;
    requires entries: intern_range && intern_live;
    terminates \true;
    assigns rh_refcnt[0 .. RH_OBJECTS - 1], rh_slot[0 .. RH_SLOTS - 1], rh_free[0 .. RH_CLASSES - 1], rh_nobj, rh_nedge,
            rh_total, rh_roots[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1], rh_end[0 .. RH_LISTS - 1],
            rh_size[0 .. RH_LISTS - 1], RH_SMALL_STATE, RH_RUN_STATE, rh_intern_head[0 .. RH_INTERN_BUCKETS - 1],
            rh_intern_in[0 .. RH_OBJECTS - 1];
    exits \false;
    RH_ENSURES_HEAP;
    RH_ENSURES_BLOCKS;
    RH_INTERN_TABLE(ensures);
    ensures no_entry: \forall integer o; !interned(o);
    ensures no_object: rh_total == 0;
    ensures no_small: \forall integer p, i; 0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN ==> !block_live(p, i);
    ensures no_large: \forall integer f; 0 <= f <= RH_PAGES ==> rh_run_live[f] == 0;
*/
void rh_core_reset(void);

#ifdef RH_CHECKS
/* Walks the heap and recounts everything its invariants speak of. False, and
 * the broken one named in *why, when they do not hold. */
bool rh_core_check(const char **why);
#endif

#endif
