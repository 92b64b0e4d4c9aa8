/*
 * Times collections of the youngest generation: a tree of so many objects was
 * just made and is alive, what was made before is old.
 *
 * usage: young_PEER OBJECTS REPEATS
 *
 * A repeat is the median of TREES collections.
 */
#include "bench.h"
#include "collector.h"

enum { TREES = 101 };

static double collect_trees(const struct graph *tree) {
  static uintptr_t roots[TREES];
  static double took[TREES];
  for (int i = 0; i < TREES; i++) {
    roots[i] = peer_build(tree);
    double start = bench_wall();
    int64_t found = peer_collect_young();
    took[i] = bench_wall() - start;
    if (found != 0) bench_fail("the collector found garbage where there is none");
    peer_freeze();
  }
  peer_thaw();
  for (int i = 0; i < TREES; i++) peer_release(roots[i]);
  (void)peer_collect();
  return bench_median(took, TREES);
}

int bench_main(int argc, char **argv) {
  if (argc != 3) bench_fail("usage: OBJECTS REPEATS");
  uint32_t n = bench_number(argv[1]), repeats = bench_number(argv[2]);
  peer_start();
  struct graph tree = graph_make("tree", n);
  for (uint32_t i = 0; i < repeats; i++) {
    double ns = collect_trees(&tree);
    bench_print(&(struct bench_result){.subject = "young", .name = "tree alive", .n = n, .repeat = i, .ns = ns / n});
    peer_reset();
  }
  graph_free(&tree);
  return 0;
}
