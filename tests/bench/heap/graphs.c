/* See graphs.h. */
#include "graphs.h"

#include "bench.h"
#include <string.h>

static void set(struct graph *graph, uint32_t from, uint32_t slot, uint32_t to) {
  graph->to[GRAPH_SLOTS * from + slot] = to;
}

static void make_pairs(struct graph *graph) {
  for (uint32_t i = 0; i < graph->n; i++) set(graph, i, 0, i + 1 == graph->n && i % 2 == 0 ? i : i ^ 1);
}

static void make_ring(struct graph *graph) {
  for (uint32_t i = 0; i < graph->n; i++) set(graph, i, 0, (i + 1) % graph->n);
}

static void make_tree(struct graph *graph) {
  for (uint32_t i = 1; i < graph->n; i++) set(graph, (i - 1) / 2, (i - 1) % 2, i);
}

static void make_random(struct graph *graph) {
  uint32_t n = graph->n, *order = bench_shuffled(n, BENCH_SEED);
  struct bench_random random;
  bench_random_seed(&random, BENCH_SEED + 1);
  for (uint32_t i = 0; i < n; i++) {
    set(graph, order[i], 0, order[(i + 1) % n]);
    set(graph, i, 1, bench_random_below(&random, n));
    set(graph, i, 2, bench_random_below(&random, n));
  }
  bench_memory_free(order, n * sizeof *order);
}

static size_t bytes(const struct graph *graph) {
  return (size_t)graph->n * GRAPH_SLOTS * sizeof *graph->to;
}

struct graph graph_make(const char *kind, uint32_t n) {
  struct graph graph = {.n = n};
  graph.to = bench_memory(bytes(&graph));
  for (uint32_t i = 0; i < GRAPH_SLOTS * n; i++) graph.to[i] = GRAPH_NONE;
  if (strcmp(kind, "pairs") == 0)
    make_pairs(&graph);
  else if (strcmp(kind, "ring") == 0)
    make_ring(&graph);
  else if (strcmp(kind, "tree") == 0)
    make_tree(&graph);
  else if (strcmp(kind, "random") == 0)
    make_random(&graph);
  else
    bench_fail("unknown graph; expected pairs, ring, tree or random");
  return graph;
}

void graph_free(struct graph *graph) {
  bench_memory_free(graph->to, bytes(graph));
}
