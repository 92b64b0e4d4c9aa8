/* See requests.h. */
#include "requests.h"

#include "bench.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { FIXED = 48, LARGEST = 512, DEPTH = 64 };

static const struct plan {
  const char *name;
  enum shape shape;
  uint32_t live, n;
  bool mixed;
} plans[] = {
    {"w1", SHAPE_LIFO, 1, 10000000, false},       {"w1b", SHAPE_LIFO, DEPTH, 6400000, true},
    {"w2", SHAPE_WINDOW, 10000, 4000000, true},   {"w3", SHAPE_BATCH, 1000000, 1000000, false},
    {"w3b", SHAPE_BATCH, 1000000, 1000000, true}, {"w4", SHAPE_FIFO, 100000, 4000000, true},
    {"w4b", SHAPE_FIFO, 100000, 4000000, false},
};

static const struct plan *find(const char *name) {
  for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
    if (strcmp(plans[i].name, name) == 0) return &plans[i];
  bench_fail("unknown workload; expected w1, w1b, w2, w3, w3b, w4 or w4b");
}

static uint32_t size(const struct plan *plan, struct bench_random *random) {
  return plan->mixed ? 1 + bench_random_below(random, LARGEST) : FIXED;
}

static uint32_t at_least_one(uint32_t n) {
  return n == 0 ? 1 : n;
}

static struct request *make(const struct plan *plan, uint32_t n, uint32_t live, uint64_t seed) {
  struct bench_random random;
  bench_random_seed(&random, seed);
  struct request *requests = bench_memory(n * sizeof *requests);
  for (uint32_t i = 0; i < n; i++) {
    requests[i].bytes = size(plan, &random);
    requests[i].place = plan->shape == SHAPE_WINDOW ? bench_random_below(&random, live) : i % live;
  }
  return requests;
}

struct workload workload_make(const char *name, uint32_t divide) {
  const struct plan *plan = find(name);
  struct workload workload = {.shape = plan->shape, .live = plan->live};
  if (plan->shape != SHAPE_LIFO) workload.live = at_least_one(plan->live / divide);
  workload.n = at_least_one(plan->n / divide / workload.live) * workload.live;
  workload.requests = make(plan, workload.n, workload.live, BENCH_SEED);
  workload.fill = make(plan, workload.live, workload.live, BENCH_SEED + 1);
  for (uint32_t i = 0; i < workload.live; i++) workload.fill[i].place = i;
  if (plan->shape == SHAPE_BATCH) {
    uint32_t *order = bench_shuffled(workload.n, BENCH_SEED);
    for (uint32_t i = 0; i < workload.n; i++) workload.requests[i].place = order[i];
    bench_memory_free(order, workload.n * sizeof *order);
  }
  return workload;
}

double workload_live_bytes(const struct workload *workload) {
  const struct request *live = workload->shape == SHAPE_BATCH ? workload->requests : workload->fill;
  double bytes = 0;
  for (uint32_t i = 0; i < workload->live; i++) bytes += live[i].bytes;
  return bytes;
}
