/*
 * Property: every observation of a trace that is predicted can be explained, by
 * either engine's heap: with a rule that holds in the version, a clean sentence
 * and a picture of clean lines; of the last, the same again when asked again. What is not
 * predicted is not explained. Keeping evidence changes no prediction. Known
 * answers: every explanation.
 *
 * Input: a byte for the version; three that change what was observed (a clean
 * text); then a trace in its binary form. What it records and may not be
 * observed was observed, where nothing else was. RH_FUZZ_PRINT=1 prints, for
 * each operation that was explained, the rule, the class of the observation
 * (observe.h), its text and the sentence; and before, the rule and the text of
 * every note of evidence.
 */
#include "answers.h"
#include "changed.h"
#include "oracle/explain.h"
#include "programs.h"
#include "rules/evidence.h"

enum { HEADER = 4, EXPLAINED_MAX = 48 };

static const struct known_answer known[] = {
#include "answers/explain.def"
};

struct question {
  const struct rh_trace *trace;
  const struct rh_profile *profile;
  const struct rh_engine *engine;
  size_t position;
  struct rh_text observed; /* empty: nothing */
};

static void check_sentence(const struct rh_text *sentence) {
  REQUIRE(sentence->size > 1 && is_clean_text(sentence->bytes, sentence->size),
          "a sentence that is not one clean line");
  REQUIRE(sentence->bytes[sentence->size - 1] == '.' && sentence->bytes[0] != '.', "no sentence: %s", sentence->bytes);
}

static void check_picture(const struct rh_text *picture) {
  for (size_t at = 0, n; at < picture->size; at += n + 1) {
    const char *line = picture->bytes + at, *newline = memchr(line, '\n', picture->size - at);
    REQUIRE(newline != NULL && newline > line, "a picture with an empty line, or one without end");
    n = (size_t)(newline - line);
    REQUIRE(is_clean_text(line, n), "a picture with an unclean line: %.*s", (int)n, line);
  }
}

static bool ask(const struct question *question, struct rh_explanation *why) {
  const struct rh_text *observed = &question->observed;
  return rh_explain(question->trace, question->profile, question->engine, question->position,
                    observed->size > 0 ? observed->bytes : NULL, observed->size, why);
}

static bool is_same(const struct rh_text *a, const struct rh_text *b) {
  return same_text(a->bytes, a->size, b->bytes, b->size);
}

static void check_again(const struct question *question, const struct rh_explanation *why) {
  struct rh_explanation again;
  REQUIRE(ask(question, &again), "explained once, not twice");
  REQUIRE(again.rule == why->rule && is_same(&again.argument, &why->argument) && is_same(&again.picture, &why->picture),
          "explained twice, differently: %s %s", why->argument.bytes, again.argument.bytes);
  rh_explanation_free(&again);
}

static void print(const struct question *question, const struct rh_observation *seen,
                  const struct rh_explanation *why) {
  struct rh_text line = {0};
  rh_op_print(question->trace, &question->trace->ops[question->trace->top[question->position]], false, &line);
  fprintf(stderr, "%s\n  %s %d %s: %s\n", line.bytes, why->rule->id, (int)seen->class, seen->text, why->argument.bytes);
  rh_text_free(&line);
}

static void explain(const struct question *question, const struct rh_observation *seen) {
  struct rh_explanation why;
  REQUIRE(ask(question, &why), "%s: operation %zu has no explanation", question->profile->name, question->position + 1);
  const struct rh_rule *rule = why.rule;
  REQUIRE(rule != NULL, "%s: operation %zu: no rule", question->profile->name, question->position + 1);
  if (getenv("RH_FUZZ_PRINT")) print(question, seen, &why);
  bool holds = question->profile->family != RH_FAMILY_CPYTHON ||
               rh_version_selected(question->profile->version, rule->versions, strlen(rule->versions));
  REQUIRE(holds, "%s: operation %zu is explained by %s (%s)", question->profile->name, question->position + 1, rule->id,
          rule->versions);
  check_sentence(&why.argument);
  check_picture(&why.picture);
  answer_bytes(rule->id, strlen(rule->id));
  answer_text(&why.argument);
  answer_text(&why.picture);
  if (question->position + 1 == question->trace->ntop) check_again(question, &why);
  rh_explanation_free(&why);
}

/* What was observed, as a clean text; else nothing. */
static struct rh_text observed_at(const struct question *about, size_t position, const struct rh_observation *seen,
                                  const struct change *change) {
  struct rh_text observed = {0};
  const struct rh_trace *trace = about->trace;
  const struct rh_expectation *recorded =
      rh_expectation_select(trace, &trace->ops[trace->top[position]], about->profile->version);
  const char *text = recorded != NULL ? rh_trace_text(trace, recorded->value) : "";
  if (change->kind & 4) {
    put_changed(&observed, seen, change);
  } else if (recorded != NULL && may_record(seen, text, recorded->value_length) == ALLOWED_NO) {
    rh_text_append(&observed, text, recorded->value_length);
  }
  if (observed.size > 0 && !is_clean_text(observed.bytes, observed.size)) rh_text_free(&observed);
  return observed;
}

/* Every operation, or the last ones; then the one behind the last that is predicted. */
static void explain_all(const struct question *about, const struct rh_prediction *prediction,
                        const struct change *change) {
  size_t n = prediction->n;
  for (size_t i = n > EXPLAINED_MAX ? n - EXPLAINED_MAX : 0; i < n; i++) {
    struct question question = *about;
    question.position = i;
    question.observed = observed_at(about, i, &prediction->observations[i], change);
    explain(&question, &prediction->observations[i]);
    rh_text_free(&question.observed);
  }
  if (n < about->trace->ntop) {
    struct question question = *about;
    struct rh_explanation why;
    question.position = n;
    REQUIRE(!ask(&question, &why), "an operation that is not predicted is explained");
    rh_explanation_free(&why);
  }
}

/* Every note cites a rule, in one clean line. */
static void check_notes(void) {
  for (size_t i = 0; i < rh_evidence_notes(); i++) {
    struct rh_evidence note = rh_evidence(i);
    REQUIRE(rh_rule_find(note.rule) != NULL, "a note cites %s, which is no rule", note.rule);
    REQUIRE(is_clean_text(note.text, strlen(note.text)), "an unclean note");
    if (getenv("RH_FUZZ_PRINT")) fprintf(stderr, "  %s: %s\n", note.rule, note.text);
  }
}

static void check_evidence(const struct question *about, enum rh_engines engines,
                           const struct rh_prediction *prediction) {
  struct rh_prediction noted;
  rh_evidence_keep(true);
  if (!rh_predict(about->trace, about->profile, engines, SIZE_MAX, &noted)) abort();
  check_notes();
  rh_evidence_keep(false);
  REQUIRE(noted.n == prediction->n && noted.stop == prediction->stop, "evidence changes how much is predicted");
  for (size_t i = 0; i < noted.n; i++) {
    REQUIRE(rh_observations_agree(&noted.observations[i], &prediction->observations[i]),
            "evidence changes what operation %zu observes", i + 1);
  }
  rh_prediction_free(&noted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER) return 0;
  struct rh_profile profile = fuzz_profile_or_family(data[0]);
  struct rh_trace *trace = rh_trace_decode(data + HEADER, size - HEADER);
  if (trace == NULL) abort();
  struct change change = {data[1], data + 2};
  for (int engines = RH_ENGINES_RUNTIME; engines <= RH_ENGINES_MODEL && !is_large(trace); engines++) {
    struct question about = {.trace = trace, .profile = &profile, .engine = rh_engines_first((enum rh_engines)engines)};
    struct rh_prediction prediction;
    if (!rh_predict(trace, &profile, (enum rh_engines)engines, SIZE_MAX, &prediction)) abort();
    /* To reach a limit of the work costs much, and each explanation does it anew. */
    if (prediction.stop != RH_VERDICT_UNKNOWN) {
      check_evidence(&about, (enum rh_engines)engines, &prediction);
      explain_all(&about, &prediction, &change);
    }
    rh_prediction_free(&prediction);
  }
  rh_trace_free(trace);
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
