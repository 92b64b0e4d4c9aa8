/*
 * Peer: the Boehm collector, with one marker, on nodes of GRAPH_SLOTS
 * pointers. It sweeps later, when memory is asked for: its time is that of
 * marking alone, and a dead graph costs it almost nothing here.
 */
#include "collector.h"

#include "bench.h"
#include <gc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
  struct node *slot[GRAPH_SLOTS];
};

/*
 * The roots. What the start of the collector leaves on the stack points to
 * where its heap begins and keeps alive what is there, a whole cycle if it is
 * part of one: the first nodes are ours, for good. (volatile: nobody but the
 * collector reads them.)
 */
enum { KEPT = 256 };
static struct { struct node *volatile held, *volatile kept[KEPT]; } roots;

static uint32_t last_n;
static void *witness; /* the node in the middle, hidden; the collector clears it when it is gone */

static struct node *new_node(void) {
  struct node *node = GC_MALLOC(sizeof *node);
  if (node == NULL) bench_fail("out of memory");
  return node;
}

/* The collector takes everything on the stack for a pointer. */
__attribute__((noinline)) static void wipe_stack(void) {
  char below[32768];
  memset(below, 0, sizeof below);
  __asm__ volatile("" : : "r"(below) : "memory");
}

void peer_start(void) {
  setenv("GC_MARKERS", "1", 1);
  GC_set_no_dls(1); /* the data of libraries, its own among them, holds addresses of the heap */
  GC_INIT();
  GC_disable();
  GC_clear_roots();
  GC_add_roots(&roots, &roots + 1);
  for (int i = 0; i < KEPT; i++) roots.kept[i] = new_node();
  wipe_stack();
}

const char *peer_version(void) {
  static char version[32];
  unsigned number = GC_get_version();
  snprintf(version, sizeof version, "%u.%u.%u", number >> 16, number >> 8 & 255, number & 255);
  return version;
}

uintptr_t peer_build(const struct graph *graph) {
  uint32_t n = last_n = graph->n;
  struct node **node = bench_memory(n * sizeof(struct node *));
  for (uint32_t i = 0; i < n; i++) node[i] = new_node();
  for (uint32_t i = 0; i < GRAPH_SLOTS * n; i++) {
    if (graph->to[i] != GRAPH_NONE) node[i / GRAPH_SLOTS]->slot[i % GRAPH_SLOTS] = node[graph->to[i]];
  }
  roots.held = node[0];
  witness = (void *)GC_HIDE_POINTER(node[n / 2]);
  GC_general_register_disappearing_link(&witness, node[n / 2]);
  bench_memory_free(node, n * sizeof(struct node *));
  return 1;
}

void peer_release(uintptr_t root) {
  if (root == 1) roots.held = NULL;
  wipe_stack();
}

int64_t peer_collect(void) {
  GC_enable();
  GC_gcollect();
  GC_disable();
  return witness == NULL ? (int64_t)last_n : 0;
}

void peer_reset(void) {
}
