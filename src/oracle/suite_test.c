/*
 * `test`: predictions and the implementation's work overlap. With J sessions,
 * trace i is put to session i mod J; its answers are taken, in order, when the
 * prediction of trace i + J is ready. Reports come out in the suite's order
 * whatever J is.
 */
#include "oracle/pipe.h"
#include "oracle/suite_judge.h"

#include <stdlib.h>
#include <string.h>

/* One trace on its way. */
struct job {
  struct rh_trace *trace; /* NULL: none */
  struct rh_prediction prediction;
  struct rh_answers answers;
  struct rh_judgement judgement;
  struct rh_text excluded; /* why the operation after the last one asked is not put */
  size_t asked;
  bool decided; /* judged without asking */
  bool waiting; /* asked, not yet answered */
};

struct driver {
  struct rh_suite *suite;
  struct rh_judging *judging;
  struct rh_sessions sessions;
  struct rh_profile profile;
  struct job *jobs;     /* one for each session */
  enum rh_exit trouble; /* what ends the whole test, or RH_EXIT_CONFORMS */
};

static void free_job(struct job *job) {
  rh_trace_free(job->trace);
  rh_prediction_free(&job->prediction);
  rh_answers_free(&job->answers);
  rh_judgement_free(&job->judgement);
  rh_text_free(&job->excluded);
  *job = (struct job){0};
}

/* The operations to ask: what is predicted and not excluded. */
static size_t askable(const struct driver *driver, struct job *job) {
  const struct rh_trace *trace = job->trace;
  size_t n = 0;
  while (n < job->prediction.n &&
         !rh_manifest_excludes(&driver->sessions.manifest, trace, &trace->ops[trace->top[n]], &job->excluded))
    n++;
  return n;
}

/* Loads and predicts trace i. False ends the test. */
static bool prepare(struct driver *driver, size_t i, struct job *job) {
  const char *ranges = NULL;
  job->trace = rh_suite_take(driver->suite, i, &driver->profile);
  if (job->trace == NULL) {
    rh_complain("out of memory");
    driver->trouble = RH_EXIT_SYSTEM;
    return false;
  }
  if (!rh_trace_applies(job->trace, driver->profile.version, &ranges)) {
    rh_judge_whole(&job->judgement, RH_VERDICT_UNSUPPORTED, "applies %s", ranges);
    job->decided = true;
    return true;
  }
  if (!rh_predict(job->trace, &driver->profile, driver->judging->engines, SIZE_MAX, &job->prediction)) {
    rh_complain("%s: out of memory", job->trace->file);
    driver->trouble = RH_EXIT_SYSTEM;
    return false;
  }
  job->asked = askable(driver, job);
  return true;
}

/* An identification without blanks, for the implementation's own messages. */
static void name_trace(const struct rh_trace *trace, char *id, size_t size) {
  const char *name = rh_trace_header(trace, "case");
  if (name == NULL || *name == '\0') {
    const char *slash = strrchr(trace->file, '/');
    name = slash != NULL ? slash + 1 : trace->file;
  }
  (void)snprintf(id, size, "%.*s", (int)strcspn(name, " "), name);
}

/* Puts a prepared job to session s; what cannot be put is decided. */
static void ask(struct driver *driver, size_t s, struct job *job) {
  if (job->decided) return;
  char message[256], id[128];
  enum rh_started started = rh_session_start(&driver->sessions, s, message, sizeof message);
  name_trace(job->trace, id, sizeof id);
  if (started == RH_STARTED && rh_session_ask(&driver->sessions, s, id, job->trace, job->asked)) {
    job->waiting = true;
    return;
  }
  if (started == RH_STARTED) (void)snprintf(message, sizeof message, "the implementation closed its input");
  rh_judge_whole(&job->judgement, started == RH_START_CRASHED ? RH_VERDICT_CRASHED : RH_VERDICT_PROTOCOL, "%s",
                 message);
  job->decided = true;
}

static void judge(struct driver *driver, struct job *job) {
  if (!job->decided) {
    rh_judge_answers(job->trace, driver->profile.version, &job->prediction, job->asked,
                     job->excluded.bytes != NULL ? job->excluded.bytes : "", &job->answers, &job->judgement);
  }
  rh_report_trace(&driver->judging->report,
                  &(struct rh_judged){.trace = job->trace, .profile = &driver->profile, .judgement = &job->judgement});
}

static void drive(struct driver *driver) {
  size_t total = rh_suite_size(driver->suite), n = driver->sessions.n;
  for (size_t i = 0; i < total + n; i++) {
    struct job next = {0}, *slot = &driver->jobs[i % n];
    if (driver->trouble == RH_EXIT_CONFORMS && i < total && !prepare(driver, i, &next)) free_job(&next);
    struct job done = *slot;
    if (done.waiting) rh_session_receive(&driver->sessions, i % n, done.asked, &done.answers);
    *slot = next;
    if (slot->trace != NULL) ask(driver, i % n, slot);
    if (done.trace != NULL) judge(driver, &done);
    free_job(&done);
    rh_progress_say(&driver->judging->progress, &driver->judging->report.counts, total, false);
  }
  rh_progress_say(&driver->judging->progress, &driver->judging->report.counts, total, true);
}

/* The first start decides whether there is anything to judge, and as what. */
static enum rh_exit introduce(struct driver *driver) {
  char message[256];
  switch (rh_session_start(&driver->sessions, 0, message, sizeof message)) {
  case RH_STARTED:
    break;
  case RH_START_NO_COMMAND:
    rh_complain("%s", message);
    return RH_EXIT_USAGE;
  case RH_START_CRASHED:
    rh_complain("%s", message);
    return RH_EXIT_CRASHED;
  case RH_START_PROTOCOL:
    rh_complain("%s", message);
    return RH_EXIT_PROTOCOL;
  }
  const char *asked_for = driver->judging->profile;
  if (rh_profile_find(asked_for != NULL ? asked_for : driver->sessions.manifest.profile, &driver->profile, message,
                      sizeof message))
    return RH_EXIT_CONFORMS;
  rh_complain("%s", message);
  return asked_for != NULL ? RH_EXIT_USAGE : RH_EXIT_PROTOCOL;
}

static enum rh_exit run_test(struct driver *driver) {
  struct rh_report *report = &driver->judging->report;
  char subject[sizeof driver->sessions.manifest.name + sizeof driver->sessions.manifest.version + 1];
  (void)snprintf(subject, sizeof subject, "%s %s", driver->sessions.manifest.name, driver->sessions.manifest.version);
  rh_report_begin(report, rh_suite_size(driver->suite));
  drive(driver);
  report->subject = subject;
  rh_report_end(report);
  return driver->trouble != RH_EXIT_CONFORMS ? driver->trouble : rh_counts_exit(&report->counts);
}

enum rh_exit rh_suite_test(struct rh_suite *suite, struct rh_judging *judging, char **argv) {
  struct driver driver = {.suite = suite, .judging = judging};
  if (!rh_suite_read_all(suite)) return RH_EXIT_USAGE;
  driver.jobs = calloc(judging->jobs, sizeof *driver.jobs);
  if (driver.jobs == NULL || !rh_sessions_open(&driver.sessions, argv, judging->jobs, judging->timeout)) {
    free(driver.jobs);
    rh_complain("out of memory");
    return RH_EXIT_SYSTEM;
  }
  enum rh_exit code = introduce(&driver);
  if (code == RH_EXIT_CONFORMS) code = run_test(&driver);
  rh_sessions_close(&driver.sessions);
  free(driver.jobs);
  return code;
}
