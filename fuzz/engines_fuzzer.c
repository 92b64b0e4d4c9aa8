/*
 * Property: the two engines, core with runtime and the clear model, predict the
 * same for every trace, under every CPython series. The first byte chooses the
 * version, the rest is a trace in its binary form. Known answers: what is predicted.
 */
#include "answers.h"
#include "programs.h"

static const struct known_answer known[] = {
#include "answers/engines.def"
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_prediction prediction = {0};
  if (size == 0) return 0;
  struct rh_profile profile = fuzz_profile_or_family(data[0]);
  struct rh_trace *trace = rh_trace_decode(data + 1, size - 1);
  if (!trace) abort();
  bool runs = !is_large(trace) || answer_is_wanted(known, sizeof known / sizeof *known, data, size);
  if (runs && !rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction)) abort();
  if (prediction.stop == RH_VERDICT_INTERNAL) {
    fprintf(stderr, "engines: %s: operation %zu: %s\n", profile.name, prediction.n + 1, prediction.reason);
    abort();
  }
  answer_prediction(&prediction);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
  fuzz_leave_nothing();
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
