/*
 * The heap as a whole. There is one per process; its parts are object.h
 * (objects, counts), collect.h (generations, the cycle collector) and block.h
 * (raw memory). None of them is thread-safe, none ever calls back.
 */
#ifndef RH_CORE_CORE_H
#define RH_CORE_CORE_H

#include "core/config.h"
#include <stdbool.h>

/* Back to the first state: no objects, no blocks. Every handle is void. Takes
 * time proportional to what was ever used since the last reset. */
void rh_core_reset(void);

#ifdef RH_CHECKS
/* Walks the heap and recounts everything its invariants speak of. False, and
 * the broken one named in *why, when they do not hold. */
bool rh_core_check(const char **why);
#endif

#endif
