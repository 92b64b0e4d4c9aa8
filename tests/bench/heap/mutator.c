/*
 * Times the steps described in mutator.h.
 *
 * usage: mutator_PEER ROOTS STEPS REPEATS
 */
#include "mutator.h"

#include "bench.h"

static struct step make_step(struct bench_random *random, uint32_t roots) {
  static const uint8_t kinds[4] = {STEP_STORE, STEP_STORE, STEP_NEW, STEP_COPY};
  struct step step = {.x = bench_random_below(random, roots), .y = bench_random_below(random, roots)};
  step.kind = kinds[bench_random_below(random, 4)];
  step.slot = (uint8_t)bench_random_below(random, MUTATOR_SLOTS);
  return step;
}

int bench_main(int argc, char **argv) {
  if (argc != 4) bench_fail("usage: ROOTS STEPS REPEATS");
  uint32_t roots = bench_number(argv[1]), n = bench_number(argv[2]), repeats = bench_number(argv[3]);
  struct step *step = bench_memory(n * sizeof *step);
  struct bench_random random;
  bench_random_seed(&random, BENCH_SEED);
  for (uint32_t i = 0; i < n; i++) step[i] = make_step(&random, roots);
  peer_start();
  for (uint32_t i = 0; i < repeats; i++) {
    peer_fill(roots);
    double start = bench_cpu();
    peer_steps(step, n);
    double ns = bench_cpu() - start;
    peer_finish();
    bench_print(&(struct bench_result){.subject = "mutator", .name = "steps", .n = roots, .repeat = i, .ns = ns / n});
  }
  bench_memory_free(step, n * sizeof *step);
  return 0;
}
