/*
 * A core whose allocations fail on purpose. The runtime of a target that
 * includes this is compiled with these names in place of the core's, so that
 * every allocation of the runtime passes through here. What the core promises
 * to do without room is never refused: to shrink, and to stay within the span
 * or block that is there already.
 */
#ifndef RH_FUZZ_FAILING_CORE_H
#define RH_FUZZ_FAILING_CORE_H

#include <stdbool.h>
#include <stdint.h>

/* Allocations number `from` to `to` - 1 fail, counted from 0 since the plan
 * was made; so does each beyond `ceiling` live objects, 0: without limit. */
struct failing_plan {
  uint32_t from, to, ceiling;
};

void failing_core_plan(struct failing_plan plan);
/* How many were made since, and how many of them have failed. */
uint32_t failing_core_made(void);
uint32_t failing_core_refused(void);

uint32_t failing_object_new(uint32_t slots);
bool failing_object_resize(uint32_t o, uint32_t slots);
uint32_t failing_block_new(uint64_t bytes);
uint32_t failing_block_new_zeroed(uint64_t bytes);
bool failing_block_resize(uint32_t *b, uint64_t bytes);

#endif
