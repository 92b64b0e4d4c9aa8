/*
 * The limit of the shuffled cascade, no peer: the same chain walked and nothing
 * done, one dependent load of a cache line for each node.
 */
#include "cascade.h"

#include "bench.h"

struct line {
  _Alignas(64) uint32_t next;
};

static struct line *lines;
static uint32_t first, count;
static volatile uint32_t last; /* so that the walk has a result */

void peer_start(void) {
}

void peer_chain(const uint32_t *order, uint32_t n) {
  lines = bench_memory(n * sizeof *lines);
  for (uint32_t k = 0; k < n; k++) lines[order[k]].next = k + 1 < n ? order[k + 1] : order[0];
  first = order[0];
  count = n;
}

void peer_release(void) {
  uint32_t at = first;
  for (uint32_t k = 0; k < count; k++) at = lines[at].next;
  last = at;
}

void peer_finish(void) {
  if (last != first) bench_fail("the chain is broken");
  bench_memory_free(lines, count * sizeof *lines);
}
