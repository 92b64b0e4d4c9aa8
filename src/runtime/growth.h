/*
 * Capacity formulas (11.1-11.6): pure functions of numbers and the profile.
 */
#ifndef RH_RUNTIME_GROWTH_H
#define RH_RUNTIME_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

/* Capacity of a list of `size` items and `capacity` slots that is resized to
 * `wanted` items (11.1). */
uint64_t rh_rt_list_capacity(uint64_t wanted, uint64_t size, uint64_t capacity);

/* Capacity of a list without an array that is about to take `n` items whose
 * number is known (11.3). `extending`: by the extend method, else by list(). */
uint64_t rh_rt_list_presize(uint64_t n, bool extending);

/* Exponent of the dict table made for `wanted` places (11.5), at least 3. */
uint32_t rh_rt_dict_log2(uint64_t wanted);

/* Exponent of the smallest set table with more than `used` places (11.6), at least 3. */
uint32_t rh_rt_set_log2(uint64_t used);

#endif
