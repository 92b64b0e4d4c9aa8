/*
 * The runtime's state: records, profile, hooks; starting afresh.
 */
#include "runtime/state.h"

#include "core/core.h"
#include <stdio.h>
#include <stdlib.h>

struct rh_rt_record rh_rt_records[RH_OBJECTS];
struct rh_profile rh_rt_profile;
struct rh_rt_hooks rh_rt_hooks;
struct rh_rt_vector rh_rt_scratch;

void *rh_rt_allocate(void *old, size_t bytes) {
  void *memory = realloc(old, bytes);
  if (memory == NULL) {
    fputs("refheap: out of memory\n", stderr);
    abort();
  }
  return memory;
}

void rh_rt_push(struct rh_rt_vector *v, uint32_t item) {
  if (v->count == v->capacity) {
    v->capacity = v->capacity ? 2 * v->capacity : 256;
    v->items = rh_rt_allocate(v->items, v->capacity * sizeof *v->items);
  }
  v->items[v->count++] = item;
}

void rh_rt_drop_scratch(size_t base) {
  while (rh_rt_scratch.count > base) rh_runtime_drop(rh_rt_pop(&rh_rt_scratch));
}

void rh_runtime_start(const struct rh_profile *profile, const struct rh_rt_hooks *hooks) {
  rh_rt_profile = *profile;
  rh_rt_hooks = *hooks;
  rh_rt_scratch.count = 0;
  rh_rt_reset_values();
  rh_rt_reset_indexes();
  rh_rt_reset_instances();
  rh_rt_reset_release();
  rh_rt_reset_blocks();
  rh_core_reset();
  rh_rt_reset_gc();
  rh_rt_reset_kinds();
  rh_rt_reset_sequences();
  rh_rt_reset_sets();
}
