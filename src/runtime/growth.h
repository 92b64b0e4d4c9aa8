/*
 * Which of the core's capacity schedules (core/growth.h) the profile's version
 * follows, where versions differ (11.3, 11.5).
 */
#ifndef RH_RUNTIME_GROWTH_H
#define RH_RUNTIME_GROWTH_H

#include "core/growth.h"
#include <stdbool.h>

/* Capacity of a list without an array that is about to take `n` items whose
 * number is known (11.3). `extending`: by the extend method, else by list(). */
uint64_t rh_rt_list_presize(uint64_t n, bool extending);

/* Exponent of the dict table made for `wanted` places (11.5), at least 3. */
uint32_t rh_rt_dict_log2(uint64_t wanted);

enum { RH_RT_FOLDED_MIN = 3 };

/* Does the compiler make one constant of a display of n constants, from which
 * the list or set is then extended? Fewer or more are put in one by one. */
bool rh_rt_is_folded(uint64_t n);

#endif
