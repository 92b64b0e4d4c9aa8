/*
 * Memory of the process whose allocations fail on purpose. Sources of a target
 * that are compiled with these names in place of the library's pass through
 * here; the mutator and what a target itself allocates need not.
 */
#ifndef RH_FUZZ_FAILING_MEMORY_H
#define RH_FUZZ_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on allocations number `from` to `to` - 1 fail, counted from 0. */
void failing_memory_plan(uint64_t from, uint64_t to);
/* None fails any more; those made since the plan. */
uint64_t failing_memory_end(void);
/* Meanwhile none fails, and none counts. */
void failing_memory_pause(bool paused);
/* How many have failed since the plan; how many live that were made through here. */
uint64_t failing_memory_refused(void);
uint64_t failing_memory_living(void);

void *failing_malloc(size_t size);
void *failing_calloc(size_t n, size_t size);
void *failing_realloc(void *old, size_t size);
char *failing_strdup(const char *text);
void counted_free(void *memory);

#endif
