/*
 * `check`: every trace is predicted under one or several profiles and what it
 * records is judged.
 */
#include "oracle/suite_judge.h"

#include <string.h>

/* Judges under one profile. */
static bool judge_under(const struct rh_trace *trace, const struct rh_profile *profile, enum rh_engines engines,
                        struct rh_judgement *judgement) {
  const char *ranges = NULL;
  if (!rh_trace_applies(trace, profile->version, &ranges)) {
    rh_judge_whole(judgement, RH_VERDICT_UNSUPPORTED, "applies %s", ranges);
    return true;
  }
  struct rh_prediction prediction;
  bool enough = rh_predict(trace, profile, engines, SIZE_MAX, &prediction);
  if (enough) rh_judge_recorded(trace, profile->version, &prediction, judgement);
  rh_prediction_free(&prediction);
  return enough;
}

/* How much a verdict under one profile weighs for the trace as a whole. */
static int weight_of(enum rh_verdict verdict) {
  static const int weights[RH_VERDICTS] = {
      [RH_VERDICT_INTERNAL] = 6, [RH_VERDICT_DIVERGES] = 5, [RH_VERDICT_UNDEFINED] = 4,
      [RH_VERDICT_CONFORMS] = 3, [RH_VERDICT_UNKNOWN] = 2,  [RH_VERDICT_UNSUPPORTED] = 1};
  return weights[verdict];
}

/* Judges under every profile of the list; keeps the first of the heaviest. */
static bool judge_under_all(const struct rh_trace *trace, enum rh_engines engines, struct rh_profile *profile,
                            struct rh_judgement *judgement) {
  bool enough = true, any = false;
  for (size_t i = 0; enough && i < rh_profile_changes(); i++) {
    struct rh_profile candidate;
    struct rh_judgement next = {0};
    rh_profile_change(i, &candidate);
    enough = judge_under(trace, &candidate, engines, &next);
    if (enough && (!any || weight_of(next.verdict) > weight_of(judgement->verdict))) {
      rh_judgement_free(judgement);
      *judgement = next;
      *profile = candidate;
      any = true;
    } else {
      rh_judgement_free(&next);
    }
  }
  return enough;
}

static enum rh_exit end_without_memory(const char *file) {
  rh_complain("%s: out of memory", file);
  return RH_EXIT_SYSTEM;
}

/* Anything but RH_EXIT_CONFORMS, after a complaint, ends the whole check. */
static enum rh_exit check_one(const struct rh_trace *trace, struct rh_judging *judging) {
  const char *own = rh_trace_header(trace, "profile");
  const char *name = judging->profile != NULL ? judging->profile : own;
  struct rh_profile profile = {0};
  struct rh_judgement judgement = {0};
  char reason[256];
  if (name != NULL && !rh_profile_find(name, &profile, reason, sizeof reason)) {
    rh_complain("%s: %s", trace->file, reason);
    return RH_EXIT_USAGE;
  }
  bool enough = name != NULL ? judge_under(trace, &profile, judging->engines, &judgement)
                             : judge_under_all(trace, judging->engines, &profile, &judgement);
  if (enough) {
    rh_report_trace(&judging->report,
                    &(struct rh_judged){.trace = trace, .profile = &profile, .judgement = &judgement});
  }
  rh_judgement_free(&judgement);
  return enough ? RH_EXIT_CONFORMS : end_without_memory(trace->file);
}

enum rh_exit rh_suite_check(struct rh_suite *suite, struct rh_judging *judging) {
  size_t total = rh_suite_size(suite);
  enum rh_exit code = RH_EXIT_CONFORMS;
  if (!rh_suite_read_all(suite)) return RH_EXIT_USAGE;
  rh_report_begin(&judging->report, total);
  for (size_t i = 0; code == RH_EXIT_CONFORMS && i < total; i++) {
    rh_progress_say(&judging->progress, &judging->report.counts, total, false);
    struct rh_trace *trace = rh_suite_take(suite, i, NULL);
    code = trace != NULL ? check_one(trace, judging) : end_without_memory("suite");
    rh_trace_free(trace);
  }
  rh_progress_say(&judging->progress, &judging->report.counts, total, true);
  judging->report.subject = judging->profile != NULL ? judging->profile : "recorded";
  rh_report_end(&judging->report);
  return code != RH_EXIT_CONFORMS ? code : rh_counts_exit(&judging->report.counts);
}
