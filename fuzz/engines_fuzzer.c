/*
 * Property: the two engines, core with runtime and the clear model, predict the
 * same for every trace, under every CPython series. The first byte chooses the
 * version, the rest is a trace in its binary form. Traces with large counts are
 * passed over: they cost time and reach no new state.
 */
#include <stdio.h>
#include <stdlib.h>

#include "oracle/compare.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const profiles[] = {"cpython-3.9",  "cpython-3.10", "cpython-3.11",   "cpython-3.12.1",
                                       "cpython-3.12", "cpython-3.13", "cpython-3.13.0", "cpython-3.14"};

enum { ROUNDS_MAX = 8, COUNT_MAX = 300 };

static bool is_large(const struct rh_trace *trace) {
  for (size_t i = 0; i < trace->nops; i++) {
    const struct rh_op *op = &trace->ops[i];
    int64_t limit = op->code == RH_OP_REPEAT ? ROUNDS_MAX : COUNT_MAX;
    for (uint32_t k = 0; k < op->nargs; k++) {
      const struct rh_arg *arg = &trace->args[op->first_arg + k];
      if (arg->type == RH_ARG_INTEGER && arg->integer > limit) return true;
    }
  }
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_profile profile;
  struct rh_prediction prediction = {0};
  char reason[256];
  if (size == 0) return 0;
  const char *name = profiles[data[0] % (sizeof profiles / sizeof *profiles)];
  struct rh_trace *trace = rh_trace_decode(data + 1, size - 1);
  if (!trace || !rh_profile_find(name, &profile, reason, sizeof reason)) abort();
  if (!is_large(trace) && !rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction)) abort();
  if (prediction.stop == RH_VERDICT_INTERNAL) {
    fprintf(stderr, "engines: %s: operation %zu: %s\n", name, prediction.n + 1, prediction.reason);
    abort();
  }
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
  return 0;
}
