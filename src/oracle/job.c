/* Jobs: from a trace to a judgement through a session. */
#include "oracle/job.h"
#include "oracle/suite_judge.h"

#include <string.h>

enum rh_exit rh_sessions_introduce(struct rh_sessions *sessions, const char *asked_for, struct rh_profile *profile) {
  static const enum rh_exit codes[] = {[RH_START_NO_COMMAND] = RH_EXIT_USAGE,
                                       [RH_START_CRASHED] = RH_EXIT_CRASHED,
                                       [RH_START_PROTOCOL] = RH_EXIT_PROTOCOL};
  char message[256];
  enum rh_started started = rh_session_start(sessions, 0, message, sizeof message);
  if (started != RH_STARTED) {
    rh_complain("%s", message);
    return codes[started];
  }
  const char *name = asked_for != NULL ? asked_for : sessions->manifest.profile;
  if (rh_profile_find(name, profile, message, sizeof message)) return RH_EXIT_CONFORMS;
  rh_complain("%s", message);
  return asked_for != NULL ? RH_EXIT_USAGE : RH_EXIT_PROTOCOL;
}

/* The operations to ask: what is predicted and not excluded. */
static size_t askable(const struct rh_manifest *manifest, struct rh_job *job) {
  const struct rh_trace *trace = job->trace;
  size_t n = 0;
  while (n < job->prediction.n && !rh_manifest_excludes(manifest, trace, &trace->ops[trace->top[n]], &job->excluded))
    n++;
  return n;
}

bool rh_job_prepare(struct rh_job *job, const struct rh_trace *trace, const struct rh_manifest *manifest,
                    const struct rh_profile *profile, enum rh_engines engines) {
  const char *ranges = NULL;
  job->trace = trace;
  if (!rh_trace_applies(trace, profile->version, &ranges)) {
    rh_judge_whole(&job->judgement, RH_VERDICT_UNSUPPORTED, "applies %s", ranges);
    job->decided = true;
    return true;
  }
  if (!rh_predict(trace, profile, engines, SIZE_MAX, &job->prediction)) return false;
  job->asked = askable(manifest, job);
  return true;
}

/* An identification without blanks, for the implementation's own messages. */
static void name_trace(const struct rh_trace *trace, char *id, size_t size) {
  const char *name = rh_trace_header(trace, "case");
  if (name == NULL) {
    const char *slash = strrchr(trace->file, '/');
    name = slash != NULL ? slash + 1 : trace->file;
  }
  (void)snprintf(id, size, "%.*s", (int)strcspn(name, " "), name);
}

void rh_job_ask(struct rh_job *job, struct rh_sessions *sessions, size_t i) {
  if (job->decided) return;
  char message[256], id[128];
  enum rh_started started = rh_session_start(sessions, i, message, sizeof message);
  name_trace(job->trace, id, sizeof id);
  if (started == RH_STARTED && rh_session_ask(sessions, i, id, job->trace, job->asked)) {
    job->waiting = true;
    return;
  }
  if (started == RH_STARTED) (void)snprintf(message, sizeof message, "the implementation closed its input");
  rh_judge_whole(&job->judgement, started == RH_START_CRASHED ? RH_VERDICT_CRASHED : RH_VERDICT_PROTOCOL, "%s",
                 message);
  job->decided = true;
}

void rh_job_receive(struct rh_job *job, struct rh_sessions *sessions, size_t i) {
  if (job->waiting) rh_session_receive(sessions, i, job->asked, &job->answers);
  job->waiting = false;
}

void rh_job_judge(struct rh_job *job, const struct rh_profile *profile) {
  if (job->decided) return;
  rh_judge_answers(job->trace, profile->version, &job->prediction, job->asked,
                   job->excluded.bytes != NULL ? job->excluded.bytes : "", &job->answers, &job->judgement);
  job->decided = true;
}

void rh_job_free(struct rh_job *job) {
  rh_prediction_free(&job->prediction);
  rh_answers_free(&job->answers);
  rh_judgement_free(&job->judgement);
  rh_text_free(&job->excluded);
  *job = (struct rh_job){0};
}
