/*
 * What a process does only once is done before its first input: tables are
 * filled, and vectors grow that keep their room. Else the first input of each
 * kind would seem to reach more than when it comes again. For targets that run
 * programs on the engines. libFuzzer and AFL++ call this, the latter before it
 * forks; the driver without a fuzzer does not and need not.
 */
#include "oracle/compare.h"
#include "oracle/generate.h"
#include "programs.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PROGRAMS = 32, OPERATIONS = 2000 };

static void run(uint64_t seed, enum rh_mix mix, const struct rh_profile *profile) {
  struct rh_generate_options options = {.seed = seed, .operations = OPERATIONS, .mix = mix};
  struct rh_trace *trace = rh_generate(&options);
  struct rh_prediction prediction = {0};
  if (trace == NULL || !rh_predict(trace, profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction)) abort();
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) { // NOLINT(readability-non-const-parameter)
  static const uint8_t zeros[16];
  (void)argc, (void)argv;
  (void)LLVMFuzzerTestOneInput(zeros, sizeof zeros);
  for (unsigned i = 0; i < PROGRAMS; i++) {
    struct rh_profile profile = fuzz_profile(i);
    run(i, i < FUZZ_PROFILES ? RH_MIX_LEGAL : RH_MIX_WILD, &profile);
  }
  fuzz_leave_nothing();
  return 0;
}
