/* Judging: a walk along the trace that stops at the first thing that is wrong. */
#include "oracle/check.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool rh_answers_add(struct rh_answers *answers, const char *line, size_t n) {
  if (answers->n == answers->room) {
    size_t room = answers->room * 2 + 64;
    size_t *offsets = realloc(answers->offsets, room * sizeof *offsets);
    if (offsets == NULL) return false;
    answers->offsets = offsets;
    answers->room = room;
  }
  answers->offsets[answers->n++] = answers->text.size;
  rh_text_append(&answers->text, line, n);
  rh_text_append(&answers->text, "", 1);
  return true;
}

void rh_answers_free(struct rh_answers *answers) {
  rh_text_free(&answers->text);
  rh_text_free(&answers->reason);
  free(answers->offsets);
  *answers = (struct rh_answers){0};
}

void rh_judgement_free(struct rh_judgement *judgement) {
  rh_text_free(&judgement->observed);
  rh_text_free(&judgement->allowed);
  rh_text_free(&judgement->reason);
  *judgement = (struct rh_judgement){0};
}

bool rh_trace_applies(const struct rh_trace *trace, uint32_t version, const char **ranges) {
  const char *applies = rh_trace_header(trace, "applies");
  if (applies == NULL || rh_version_selected(version, applies, strlen(applies))) return true;
  *ranges = applies;
  return false;
}

void rh_judge_whole(struct rh_judgement *judgement, enum rh_verdict verdict, const char *format, ...) {
  char line[1024];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  judgement->verdict = verdict;
  judgement->position = RH_NO_POSITION;
  rh_text_puts(&judgement->reason, line);
}

static void begin(struct rh_judgement *judgement, const struct rh_prediction *prediction) {
  judgement->alone = prediction->alone != SIZE_MAX;
  judgement->verdict = RH_VERDICT_CONFORMS;
  judgement->position = judgement->last_good = RH_NO_POSITION;
}

static void decide(struct rh_judgement *judgement, enum rh_verdict verdict, size_t position, const char *reason) {
  judgement->verdict = verdict;
  judgement->position = (int64_t)position;
  rh_text_puts(&judgement->reason, reason);
}

static void diverge(struct rh_judgement *judgement, size_t position, const struct rh_observation *predicted,
                    const char *observed, size_t n) {
  judgement->verdict = RH_VERDICT_DIVERGES;
  judgement->position = (int64_t)position;
  rh_text_append(&judgement->observed, observed, n);
  rh_observation_describe(predicted, &judgement->allowed);
}

static void accept(struct rh_judgement *judgement, size_t position) {
  judgement->last_good = (int64_t)position;
  judgement->judged++;
}

/* What follows the last operation that could be judged. */
static void end_at_prediction(const struct rh_prediction *prediction, struct rh_judgement *judgement) {
  if (prediction->stop != RH_VERDICT_CONFORMS) decide(judgement, prediction->stop, prediction->n, prediction->reason);
}

static const struct rh_expectation *recorded_at(const struct rh_trace *trace, size_t i, uint32_t version) {
  return rh_expectation_select(trace, &trace->ops[trace->top[i]], version);
}

void rh_judge_recorded(const struct rh_trace *trace, uint32_t version, const struct rh_prediction *prediction,
                       struct rh_judgement *judgement) {
  begin(judgement, prediction);
  for (size_t i = 0; i < prediction->n; i++) {
    const struct rh_expectation *recorded = recorded_at(trace, i, version);
    if (recorded == NULL) continue;
    const char *text = rh_trace_text(trace, recorded->value);
    if (!rh_observation_records(&prediction->observations[i], text, recorded->value_length)) {
      diverge(judgement, i, &prediction->observations[i], text, recorded->value_length);
      return;
    }
    accept(judgement, i);
  }
  end_at_prediction(prediction, judgement);
  if (judgement->verdict == RH_VERDICT_CONFORMS && judgement->judged == 0)
    rh_judge_whole(judgement, RH_VERDICT_UNSUPPORTED, "nothing recorded");
}

/* The suite's own word against the prediction. */
static bool contradicts(const struct rh_trace *trace, const struct rh_expectation *recorded,
                        const struct rh_observation *predicted) {
  return recorded != NULL &&
         !rh_observation_records(predicted, rh_trace_text(trace, recorded->value), recorded->value_length);
}

static void contradict(const struct rh_trace *trace, const struct rh_expectation *recorded,
                       const struct rh_observation *predicted, size_t position, struct rh_judgement *judgement) {
  decide(judgement, RH_VERDICT_INTERNAL, position, "the suite records ");
  rh_text_append(&judgement->reason, rh_trace_text(trace, recorded->value), recorded->value_length);
  rh_text_puts(&judgement->reason, ", the oracle predicts ");
  rh_observation_describe(predicted, &judgement->reason);
}

static bool answer_allowed(const struct rh_trace *trace, size_t i, const struct rh_expectation *recorded,
                           const struct rh_observation *predicted, const char *answer, size_t n) {
  return rh_observation_allows(predicted, answer, n) ||
         (recorded != NULL && rh_recorded_allows(rh_trace_text(trace, recorded->value), recorded->value_length, answer,
                                                 n, trace->ops[trace->top[i]].unordered));
}

static const char *after_word(const char *answer, const char *word) {
  size_t n = strlen(word);
  if (strncmp(answer, word, n) != 0 || (answer[n] != ' ' && answer[n] != '\0')) return NULL;
  return answer[n] == ' ' ? answer + n + 1 : answer + n;
}

/* An answer that tells of a death nobody predicted. */
static const char *unforeseen_death(const struct rh_observation *predicted, const char *answer) {
  bool foreseen = predicted->class == RH_OBSERVE_DIED || (predicted->class == RH_OBSERVE_END && predicted->died);
  return foreseen ? NULL : after_word(answer, "died");
}

/* Judges answer i; true to go on with the next. */
static bool judge_answer(const struct rh_trace *trace, size_t i, uint32_t version,
                         const struct rh_prediction *prediction, const struct rh_answers *answers,
                         struct rh_judgement *judgement) {
  const struct rh_observation *predicted = &prediction->observations[i];
  const struct rh_expectation *recorded = recorded_at(trace, i, version);
  const char *answer = answers->text.bytes + answers->offsets[i];
  size_t n = strlen(answer);
  const char *reason = after_word(answer, "unsupported"), *death = unforeseen_death(predicted, answer);
  if (contradicts(trace, recorded, predicted)) {
    contradict(trace, recorded, predicted, i, judgement);
  } else if (reason != NULL) {
    decide(judgement, RH_VERDICT_UNSUPPORTED, i, *reason != '\0' ? reason : "no reason given");
  } else if (death != NULL && predicted->class != RH_OBSERVE_OPAQUE) {
    decide(judgement, RH_VERDICT_CRASHED, i, *death != '\0' ? death : "died");
  } else if (!answer_allowed(trace, i, recorded, predicted, answer, n)) {
    diverge(judgement, i, predicted, answer, n);
  } else {
    accept(judgement, i);
  }
  return judgement->verdict == RH_VERDICT_CONFORMS;
}

void rh_judge_answers(const struct rh_trace *trace, uint32_t version, const struct rh_prediction *prediction,
                      size_t asked, const char *excluded, const struct rh_answers *answers,
                      struct rh_judgement *judgement) {
  begin(judgement, prediction);
  const char *reason = answers->reason.bytes != NULL ? answers->reason.bytes : "";
  if (answers->end == RH_ANSWERED_MISCOUNTED) {
    decide(judgement, RH_VERDICT_PROTOCOL, answers->n < asked ? answers->n : asked - (asked > 0), reason);
    return;
  }
  for (size_t i = 0; i < answers->n; i++)
    if (!judge_answer(trace, i, version, prediction, answers, judgement)) return;
  if (answers->end == RH_ANSWERED_CRASHED && answers->n < asked &&
      prediction->observations[answers->n].class == RH_OBSERVE_DIED) {
    accept(judgement, answers->n); /* nothing after it looked at the end */
  } else if (answers->end == RH_ANSWERED_CRASHED) {
    decide(judgement, RH_VERDICT_CRASHED, answers->n, reason);
  } else if (answers->end != RH_ANSWERED_ALL) {
    decide(judgement, RH_VERDICT_PROTOCOL, answers->n, reason);
  } else if (*excluded != '\0') {
    decide(judgement, RH_VERDICT_UNSUPPORTED, asked, excluded);
  } else {
    end_at_prediction(prediction, judgement);
  }
}
