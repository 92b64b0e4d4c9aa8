/*
 * Property: the oracle that runs out of room says so. When refheap's heap is
 * full, a prediction ends there as unknown, and up to there it is the one made
 * with room. When the process has no memory, nothing is predicted, or all is;
 * an explanation, a smaller trace, a generated one is there or is not; what
 * there is, is whole, and nothing is lost.
 *
 * Input: a byte for what is done; one for the version; one for what fails: 1,
 * all that comes after the first that fails, too; the others, how many are
 * granted at first; then a trace in its binary form. The runtime is compiled
 * here with a core, and the oracle with memory, that fails on purpose.
 */
#include "failing_core.h"
#include "failing_memory.h"
#include "hostile.h"
#include "oracle/explain.h"
#include "oracle/generate.h"
#include "oracle/shrink_judge.h"
#include "programs.h"

enum { HEADER = 3, TRIES = 24, OPERATIONS_MAX = 40, SHRINKING_TRIES = 6, GENERATED = 30 };

struct input {
  const struct rh_trace *trace;
  const struct rh_profile *profile;
  const struct rh_prediction *expected; /* with room */
};

/* --- the heap --- */

static void check_beginning(const struct rh_prediction *got, const struct rh_prediction *expected) {
  REQUIRE(got->n <= expected->n, "without room more is predicted");
  for (size_t i = 0; i < got->n; i++)
    REQUIRE(rh_observations_agree(&got->observations[i], &expected->observations[i]),
            "without room operation %zu observes %s, not %s", i + 1, got->observations[i].text,
            expected->observations[i].text);
}

/* False when nothing was refused. */
static bool predict_in_heap(const struct input *input, uint32_t granted, bool goes_on) {
  struct rh_prediction got;
  failing_core_plan((struct failing_plan){granted, goes_on ? UINT32_MAX : granted + 1, 0});
  if (!rh_predict(input->trace, input->profile, RH_ENGINES_RUNTIME, SIZE_MAX, &got)) abort();
  bool refused = failing_core_refused() > 0;
  failing_core_plan((struct failing_plan){0, 0, 0});
  check_beginning(&got, input->expected);
  bool same = got.n == input->expected->n && got.stop == input->expected->stop;
  REQUIRE(same || (refused && got.stop == RH_VERDICT_UNKNOWN), "operation %zu of %zu: %s: %s", got.n + 1,
          input->expected->n, rh_verdict_name(got.stop), got.reason);
  rh_prediction_free(&got);
  return refused;
}

/* What a run begins with is there. */
static uint32_t made_at_start(const struct input *input) {
  struct rh_prediction none;
  failing_core_plan((struct failing_plan){0, 0, 0});
  if (!rh_predict(input->trace, input->profile, RH_ENGINES_RUNTIME, 0, &none)) abort();
  rh_prediction_free(&none);
  return failing_core_made();
}

static void fill_heap(const struct input *input, uint32_t granted, bool goes_on) {
  granted += made_at_start(input);
  for (uint32_t tries = 0; tries < TRIES && predict_in_heap(input, granted, goes_on); tries++)
    granted += 1 + granted / 8;
}

/* --- memory --- */

/* Does it; false: it says that it is out of memory. */
typedef bool action(const struct input *input);

static bool predict(const struct input *input) {
  struct rh_prediction got;
  bool good = rh_predict(input->trace, input->profile, RH_ENGINES_BOTH, SIZE_MAX, &got);
  if (good) {
    check_beginning(&got, input->expected);
    REQUIRE(got.n == input->expected->n && got.stop == input->expected->stop, "without memory less is predicted");
  }
  rh_prediction_free(&got);
  return good;
}

static bool explain(const struct input *input) {
  struct rh_explanation why;
  if (input->expected->n == 0) return true;
  bool good = rh_explain(input->trace, input->profile, &rh_engine_runtime, input->expected->n - 1, "7", 1, &why);
  const struct rh_text *argument = &why.argument;
  REQUIRE(why.rule != NULL, "no rule");
  if (good) REQUIRE(argument->size > 1 && argument->bytes[argument->size - 1] == '.', "no sentence");
  rh_explanation_free(&why);
  return good;
}

static bool put_answer(struct rh_answers *answers, const struct rh_observation *predicted, bool right) {
  const char *recorded = rh_observation_recorded(predicted), *text = recorded != NULL ? recorded : "ok";
  if (!right) text = strcmp(text, "0") == 0 ? "1" : "0";
  return rh_answers_add(answers, text, strlen(text));
}

/* Judges an implementation that is wrong at its last observation. */
static bool judge_last(void *context, const struct rh_trace *trace, struct rh_finding *finding) {
  const struct input *input = context;
  struct rh_prediction prediction;
  struct rh_answers answers = {0};
  struct rh_judgement judgement = {0};
  bool good = rh_predict(trace, input->profile, RH_ENGINES_RUNTIME, SIZE_MAX, &prediction);
  for (size_t i = 0; good && i < prediction.n; i++)
    good = put_answer(&answers, &prediction.observations[i], i + 1 < prediction.n);
  if (good) {
    rh_judge_answers(trace, input->profile->version, &prediction, prediction.n, "", &answers, &judgement);
    good = rh_finding_of(trace, input->profile, &rh_engine_runtime, &judgement, finding);
  }
  rh_judgement_free(&judgement);
  rh_answers_free(&answers);
  rh_prediction_free(&prediction);
  return good;
}

static bool shrink(const struct input *input) {
  struct input judged = *input;
  struct rh_shrunk shrunk;
  struct rh_shrinking shrinking = {
      .judge = judge_last, .context = &judged, .tries = SHRINKING_TRIES, .version = input->profile->version};
  rh_shrink(input->trace, &shrinking, &shrunk);
  bool good = shrunk.end != RH_SHRINK_ENDED && shrunk.end != RH_SHRINK_NO_MEMORY;
  REQUIRE(!good || shrunk.trace != NULL, "neither a trace nor why there is none");
  REQUIRE(shrunk.trace == NULL || shrunk.trace->nops <= input->trace->nops, "without memory the result is larger");
  rh_shrunk_free(&shrunk);
  return good;
}

static bool generate(const struct input *input) {
  struct rh_generate_options options = {.seed = input->trace->nops,
                                        .operations = GENERATED,
                                        .mix = (enum rh_mix)(input->trace->nargs % 3),
                                        .profile = input->profile};
  struct rh_trace *trace = rh_generate(&options);
  bool good = trace != NULL;
  REQUIRE(!good || trace->nops > 0, "an empty trace");
  rh_trace_free(trace);
  return good;
}

/* With memory it is done; without, it says so; at last nothing is left that could fail. */
static void take_memory(action *act, const struct input *input, uint64_t granted, bool goes_on) {
  uint64_t refused = 1;
  REQUIRE(act(input), "out of memory, although there is some");
  for (int tries = 0; refused > 0 && tries < TRIES; tries++, granted += 1 + granted / 8) {
    failing_memory_plan(granted, goes_on ? UINT64_MAX : granted + 1);
    bool good = act(input);
    refused = failing_memory_refused();
    failing_memory_end();
    REQUIRE(good || refused > 0, "out of memory, although all that was asked for was granted");
  }
}

static void check(const struct rh_trace *trace, const struct rh_profile *profile, const uint8_t *data) {
  static action *const actions[] = {predict, explain, shrink, generate};
  struct rh_prediction expected;
  struct input input = {trace, profile, &expected};
  bool in_heap = data[0] % 5 == 4;
  if (!rh_predict(trace, profile, in_heap ? RH_ENGINES_RUNTIME : RH_ENGINES_BOTH, SIZE_MAX, &expected)) abort();
  /* To reach a limit of the work costs much, and each try does it anew. */
  bool limited = expected.stop == RH_VERDICT_UNKNOWN;
  if (in_heap && !limited) fill_heap(&input, data[2] / 2, data[2] & 1);
  if (!in_heap && !limited) take_memory(actions[data[0] % 5], &input, data[2] / 2, data[2] & 1);
  rh_prediction_free(&expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER) return 0;
  struct rh_profile profile = fuzz_profile_or_family(data[1]);
  struct rh_trace *trace = rh_trace_decode(data + HEADER, size - HEADER);
  if (trace == NULL) abort();
  if (!is_large(trace) && trace->nops <= OPERATIONS_MAX) check(trace, &profile, data);
  rh_trace_free(trace);
  fuzz_leave_nothing();
  return 0;
}
