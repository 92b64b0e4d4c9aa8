/* Peer: refheap's core. */
#include "collector.h"

#include "bench.h"
#include "core/collect.h"
#include "core/core.h"
#include "core/object.h"
#include "refheap.h"

void peer_start(void) {
  back_tables();
}

const char *peer_version(void) {
  return "this tree";
}

static uint32_t new_node(void) {
  uint32_t o = rh_object_new(GRAPH_SLOTS);
  if (o == 0) bench_fail("the heap is full");
  rh_gc_track(o);
  return o;
}

static void connect(uint32_t from, uint32_t slot, uint32_t to) {
  rh_object_retain(to);
  if (rh_slot_swap(from, slot, to) != 0) bench_fail("a slot was refused");
}

uintptr_t peer_build(const struct graph *graph) {
  uint32_t n = graph->n, *node = bench_memory(n * sizeof *node);
  for (uint32_t i = 0; i < n; i++) node[i] = new_node();
  for (uint32_t i = 0; i < GRAPH_SLOTS * n; i++) {
    if (graph->to[i] != GRAPH_NONE) connect(node[i / GRAPH_SLOTS], i % GRAPH_SLOTS, node[graph->to[i]]);
  }
  uint32_t root = node[0];
  for (uint32_t i = 1; i < n; i++) rh_object_release(node[i]);
  bench_memory_free(node, n * sizeof *node);
  return root;
}

void peer_release(uintptr_t root) {
  rh_object_release((uint32_t)root);
}

int64_t peer_collect(void) {
  return rh_gc_collect(2);
}

void peer_reset(void) {
  rh_core_reset();
}

int64_t peer_collect_young(void) {
  return rh_gc_collect(0);
}

void peer_freeze(void) {
  rh_gc_freeze();
}

void peer_thaw(void) {
  rh_gc_unfreeze();
}
