/*
 * Times one full collection.
 *
 * usage: collector_PEER KIND alive|dead OBJECTS REPEATS [worn]
 *        collector_PEER version
 *
 * Every repeat builds the graph in an empty heap, lets go of it (dead) or of
 * all but its node 0 (alive), and collects. With `worn` a random graph lived
 * and died in the heap before, and the heap is not reset.
 */
#include "collector.h"

#include "bench.h"
#include <stdio.h>
#include <string.h>

struct task {
  struct graph graph;
  bool alive;
  const char *name;
};

static double collect(const struct task *task) {
  int64_t expected = task->alive ? 0 : (int64_t)task->graph.n;
  double start = bench_cpu();
  int64_t found = peer_collect();
  double ns = bench_cpu() - start;
  if (found != COLLECTED_UNKNOWN && found != expected) bench_fail("the collector found another number of objects");
  return ns;
}

static double build_and_collect(const struct task *task) {
  uintptr_t root = peer_build(&task->graph);
  if (!task->alive) peer_release(root);
  double ns = collect(task);
  if (task->alive) {
    peer_release(root);
    (void)peer_collect();
  }
  return ns;
}

static void wear(uint32_t n) {
  struct task task = {.graph = graph_make("random", n), .name = ""};
  (void)build_and_collect(&task);
  graph_free(&task.graph);
}

static int run(const char *kind, const char *state, uint32_t n, uint32_t repeats, bool worn) {
  char name[64];
  snprintf(name, sizeof name, "%s %s%s", kind, state, worn ? " worn" : "");
  struct task task = {.graph = graph_make(kind, n), .alive = strcmp(state, "alive") == 0, .name = name};
  for (uint32_t i = 0; i < repeats; i++) {
    if (worn) wear(n);
    double ns = build_and_collect(&task);
    bench_print(&(struct bench_result){.subject = "collector", .name = name, .n = n, .repeat = i, .ns = ns / n});
    if (!worn) peer_reset();
  }
  graph_free(&task.graph);
  return 0;
}

int bench_main(int argc, char **argv) {
  peer_start();
  if (argc == 2 && strcmp(argv[1], "version") == 0) {
    bench_print_version(peer_version());
    return 0;
  }
  bool worn = argc == 6 && strcmp(argv[5], "worn") == 0;
  if (argc != 5 && !worn) bench_fail("usage: KIND alive|dead OBJECTS REPEATS [worn]");
  return run(argv[1], argv[2], bench_number(argv[3]), bench_number(argv[4]), worn);
}
