/*
 * The runtime's state: records, profile, hooks; starting afresh.
 */
#include "runtime/state.h"

#include "core/core.h"
#include "core/tables.h"
#include "os/os.h"
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

/* Large heaps are walked at random: see rh_os_prefer_huge. Once for the process. */
static void back_tables(void) {
  static bool backed;
  if (backed) return;
  backed = true;
  struct rh_table table;
  for (size_t i = 0; (table = rh_core_table(i)).bytes != 0; i++) rh_os_prefer_huge(table.start, table.bytes);
  rh_os_prefer_huge(rh_rt_records, sizeof rh_rt_records);
}

void rh_runtime_start(const struct rh_profile *profile, const struct rh_rt_hooks *hooks) {
  back_tables();
  rh_rt_profile = *profile;
  rh_rt_hooks = *hooks;
  rh_rt_scratch.count = 0;
  rh_rt_reset_values();
  rh_rt_reset_keys();
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
