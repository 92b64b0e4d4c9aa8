/* Peer: refheap's core, objects of one slot, tracked by the collector as CPython's tuples are. */
#include "cascade.h"

#include "bench.h"
#include "core/collect.h"
#include "core/core.h"
#include "core/object.h"
#include "refheap.h"

static uint32_t first;

void peer_start(void) {
  back_tables();
}

static uint32_t new_link(void) {
  uint32_t o = rh_object_new(1);
  if (o == 0) bench_fail("the heap is full");
  rh_gc_track(o);
  return o;
}

void peer_chain(const uint32_t *order, uint32_t n) {
  uint32_t *link = bench_memory(n * sizeof *link);
  for (uint32_t i = 0; i < n; i++) link[i] = new_link();
  first = link[order[0]];
  for (uint32_t k = 0; k + 1 < n; k++) {
    if (rh_slot_swap(link[order[k]], 0, link[order[k + 1]]) != 0) bench_fail("a slot was refused");
  }
  bench_memory_free(link, n * sizeof *link);
}

void peer_release(void) {
  rh_object_release(first);
}

void peer_finish(void) {
  if (rh_object_total() != 0) bench_fail("objects are left");
  rh_core_reset();
}
