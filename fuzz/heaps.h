/*
 * What two heaps have in common, and what one heap is: for targets that run
 * one program on both engines, or look whether an operation left a heap alone.
 */
#ifndef RH_FUZZ_HEAPS_H
#define RH_FUZZ_HEAPS_H

#include "oracle/engine.h"

/* Begins a comparison: no pair of objects is known to be alike. */
void heaps_start(const struct rh_engine *one, const struct rh_engine *other);
/* Objects of the one and the other heap stand for each other; 0: none. */
void heaps_pair(uint32_t a, uint32_t b);
/* Goes from the pairs through everything that they hold, and compares the
 * collectors, if asked to with their counters. What differs, or NULL; the pairs are forgotten. */
const char *heaps_compare(bool counters);

/* Numbers for all that can be seen of an engine's heap. */
struct heap_digest {
  uint64_t objects, counters, kept; /* objects with what they hold; the collector's; the entries of free lists */
};
struct heap_digest heap_digest(const struct rh_engine *engine);

#endif
