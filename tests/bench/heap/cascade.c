/*
 * Times the release of a chain: one count reaches zero, and n objects die.
 *
 * usage: cascade_PEER ordered|shuffled OBJECTS REPEATS
 */
#include "cascade.h"

#include "bench.h"
#include <stdbool.h>
#include <string.h>

static uint32_t *make_order(uint32_t n, bool shuffled) {
  if (shuffled) return bench_shuffled(n, BENCH_SEED);
  uint32_t *order = bench_memory(n * sizeof *order);
  for (uint32_t i = 0; i < n; i++) order[i] = i;
  return order;
}

static double release(const uint32_t *order, uint32_t n) {
  peer_chain(order, n);
  double start = bench_cpu();
  peer_release();
  double ns = bench_cpu() - start;
  peer_finish();
  return ns;
}

int bench_main(int argc, char **argv) {
  if (argc != 4) bench_fail("usage: ordered|shuffled OBJECTS REPEATS");
  uint32_t n = bench_number(argv[2]), repeats = bench_number(argv[3]);
  uint32_t *order = make_order(n, strcmp(argv[1], "shuffled") == 0);
  peer_start();
  for (uint32_t i = 0; i < repeats; i++) {
    double ns = release(order, n);
    bench_print(&(struct bench_result){.subject = "cascade", .name = argv[1], .n = n, .repeat = i, .ns = ns / n});
  }
  bench_memory_free(order, n * sizeof *order);
  return 0;
}
