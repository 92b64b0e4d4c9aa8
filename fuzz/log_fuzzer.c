/*
 * Property: a log is judged as its observations deserve. Whatever the log says,
 * the verdict, where it was reached, and how many observations were judged are
 * what `allowed.h` says of each recorded value; a text that is no log gives one
 * diagnostic with a place in it. A log that records the prediction conforms.
 * Known answers: the verdicts with their reasons, the logs that were made.
 *
 * Input: a first byte below 128 begins a log, as text or JSON Lines, judged
 * under a version its size chooses. Else the first four bytes choose a generated
 * program, whether its events are in order, and a version; its prediction is the
 * log, and every four bytes after them change one observation of it.
 */
#include <inttypes.h>

#include "answers.h"
#include "changed.h"
#include "oracle/check.h"
#include "oracle/generate.h"
#include "programs.h"

enum { EDITS_MAX = 8 };

static const struct known_answer known[] = {
#include "answers/log.def"
};

/* What the judge must say, from allowed.h. */
struct expected {
  enum rh_verdict verdict;
  int64_t position, last_good;
  uint64_t judged;
  bool open; /* an observation about which allowed.h says nothing */
};

static struct expected expect(const struct rh_trace *trace, const struct rh_profile *profile,
                              const struct rh_prediction *prediction) {
  struct expected expected = {RH_VERDICT_CONFORMS, RH_NO_POSITION, RH_NO_POSITION, 0, false};
  for (size_t i = 0; i < prediction->n; i++) {
    const struct rh_expectation *recorded = rh_expectation_select(trace, &trace->ops[trace->top[i]], profile->version);
    if (recorded == NULL) continue;
    switch (may_record(&prediction->observations[i], rh_trace_text(trace, recorded->value), recorded->value_length)) {
    case ALLOWED_OPEN:
      expected.open = true;
      return expected;
    case ALLOWED_NO:
      expected.verdict = RH_VERDICT_DIVERGES;
      expected.position = (int64_t)i;
      return expected;
    case ALLOWED_YES:
      expected.last_good = (int64_t)i;
      expected.judged++;
    }
  }
  expected.verdict = prediction->stop;
  if (expected.verdict != RH_VERDICT_CONFORMS) expected.position = (int64_t)prediction->n;
  if (expected.verdict == RH_VERDICT_CONFORMS && expected.judged == 0) expected.verdict = RH_VERDICT_UNSUPPORTED;
  return expected;
}

static void check_texts(const struct rh_judgement *judgement) {
  bool diverges = judgement->verdict == RH_VERDICT_DIVERGES;
  REQUIRE(diverges == (judgement->observed.size > 0), "what was observed belongs to a divergence");
  REQUIRE(diverges == (judgement->allowed.size > 0), "what is allowed belongs to a divergence");
  if (diverges) REQUIRE(is_clean_text(judgement->allowed.bytes, judgement->allowed.size), "what is allowed is unclean");
  if (!diverges && judgement->verdict != RH_VERDICT_CONFORMS) check_message(judgement->reason.bytes);
}

static enum rh_verdict judge(const struct rh_trace *trace, const struct rh_profile *profile,
                             const struct rh_prediction *prediction) {
  struct rh_judgement judgement = {0};
  struct expected expected = expect(trace, profile, prediction);
  rh_judge_recorded(trace, profile->version, prediction, &judgement);
  if (!expected.open) {
    REQUIRE(judgement.verdict == expected.verdict, "%s: %s, not %s; operation %" PRId64 " or %" PRId64, profile->name,
            rh_verdict_name(judgement.verdict), rh_verdict_name(expected.verdict), judgement.position,
            expected.position);
    REQUIRE(judgement.position == expected.position, "decided by operation %" PRId64 ", not %" PRId64,
            judgement.position, expected.position);
    REQUIRE(judgement.last_good == expected.last_good && judgement.judged == expected.judged,
            "%" PRIu64 " judged up to operation %" PRId64 ", not %" PRIu64 " up to %" PRId64, judgement.judged,
            judgement.last_good, expected.judged, expected.last_good);
  }
  check_texts(&judgement);
  answer_number((int64_t)judgement.verdict);
  answer_number(judgement.position);
  answer_text(&judgement.observed);
  answer_text(&judgement.allowed);
  answer_text(&judgement.reason);
  enum rh_verdict verdict = judgement.verdict;
  rh_judgement_free(&judgement);
  return verdict;
}

/* --- logs from elsewhere --- */

static void judge_text(const char *text, size_t size, const struct rh_profile *profile) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_prediction prediction = {0};
  struct rh_trace *trace = size > 0 && text[0] == '{' ? rh_trace_parse_json("log", text, size, &diagnostic)
                                                      : rh_trace_parse("log", text, size, &diagnostic);
  if (trace == NULL) {
    check_placed(&diagnostic, text, size);
    return;
  }
  if (!is_large(trace)) {
    REQUIRE(rh_predict(trace, profile, RH_ENGINES_RUNTIME, SIZE_MAX, &prediction), "no prediction");
    judge(trace, profile, &prediction);
    rh_prediction_free(&prediction);
  }
  rh_trace_free(trace);
}

/* --- logs of a program --- */

struct edit {
  size_t operation;
  struct change change;
};

/* The program with what is predicted, where an edit does not say otherwise. */
static size_t write_log(const struct rh_trace *trace, const struct rh_prediction *prediction, const struct edit *edits,
                        size_t nedits, struct rh_text *out) {
  size_t recorded = 0;
  for (size_t i = 0; i < trace->ntop; i++) {
    const struct rh_observation *seen = i < prediction->n ? &prediction->observations[i] : NULL;
    const struct edit *edit = NULL;
    for (size_t k = 0; k < nedits; k++)
      if (edits[k].operation == i) edit = &edits[k];
    rh_op_print(trace, &trace->ops[trace->top[i]], false, out);
    const char *text = seen != NULL ? rh_observation_recorded(seen) : NULL;
    if (seen != NULL && (edit != NULL || text != NULL)) rh_text_puts(out, " => ");
    if (seen != NULL && edit != NULL) {
      put_changed(out, seen, &edit->change);
    } else if (text != NULL) {
      rh_text_puts(out, text);
      recorded++;
    }
    rh_text_puts(out, "\n");
  }
  return recorded;
}

/* A log that records exactly what is predicted. */
static void check_completed(const struct rh_trace *trace, const struct rh_profile *profile,
                            const struct rh_prediction *prediction) {
  struct rh_text text = {0};
  struct rh_diagnostic diagnostic = {0};
  size_t recorded = write_log(trace, prediction, NULL, 0, &text);
  struct rh_trace *log = rh_trace_parse("log", text.bytes, text.size, &diagnostic);
  answer_text(&text);
  REQUIRE(log != NULL, "a completed trace is none: %u: %s", (unsigned)diagnostic.line, diagnostic.message);
  enum rh_verdict verdict = judge(log, profile, prediction);
  if (prediction->stop == RH_VERDICT_CONFORMS && recorded > 0)
    REQUIRE(verdict == RH_VERDICT_CONFORMS, "%s: a log of the prediction: %s", profile->name, rh_verdict_name(verdict));
  REQUIRE(verdict != RH_VERDICT_DIVERGES, "%s: a log of the prediction diverges", profile->name);
  rh_trace_free(log);
  rh_text_free(&text);
}

static void judge_edited(const struct rh_trace *trace, const struct rh_profile *profile,
                         const struct rh_prediction *prediction, const uint8_t *data, size_t size) {
  struct edit edits[EDITS_MAX];
  size_t nedits = 0;
  for (; size >= 4 && nedits < EDITS_MAX; data += 4, size -= 4)
    edits[nedits++] = (struct edit){data[0] % (trace->ntop + 1), {data[1], data + 2}};
  struct rh_text text = {0};
  struct rh_diagnostic diagnostic = {0};
  write_log(trace, prediction, edits, nedits, &text);
  struct rh_trace *log = rh_trace_parse("log", text.bytes, text.size, &diagnostic);
  if (getenv("RH_FUZZ_PRINT")) fprintf(stderr, "under %s:\n%.*s", profile->name, (int)text.size, text.bytes);
  if (log != NULL) {
    judge(log, profile, prediction);
  } else {
    check_placed(&diagnostic, text.bytes, text.size);
  }
  rh_trace_free(log);
  rh_text_free(&text);
}

static void judge_generated(const uint8_t *data, size_t size) {
  static const enum rh_mix mixes[] = {RH_MIX_LEGAL, RH_MIX_INTERACTIONS, RH_MIX_WILD, RH_MIX_LEGAL};
  struct rh_profile profile = fuzz_profile_or_family(data[1]);
  struct rh_generate_options options = {.seed = data[2], .operations = 4 + data[3], .mix = mixes[data[0] % 4]};
  struct rh_trace *trace = rh_generate(&options);
  struct rh_prediction prediction = {0};
  for (size_t i = 0; trace != NULL && (data[0] & 4) && i < trace->nops; i++)
    if (trace->ops[i].code == RH_OP_EVENTS) trace->ops[i].unordered = true;
  if (trace == NULL || !rh_predict(trace, &profile, RH_ENGINES_RUNTIME, SIZE_MAX, &prediction)) abort();
  check_completed(trace, &profile, &prediction);
  judge_edited(trace, &profile, &prediction, data + 4, size - 4);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_profile profile = fuzz_profile_or_family((unsigned)size);
  if (size >= 4 && data[0] >= 128) {
    judge_generated(data, size);
  } else {
    judge_text(size ? (const char *)data : "", size, &profile);
  }
  fuzz_leave_nothing();
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
