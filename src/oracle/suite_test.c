/*
 * `test`: predictions and the implementation's work overlap. With J sessions,
 * trace i is put to session i mod J; its answers are taken, in order, when the
 * prediction of trace i + J is ready. Reports come out in the suite's order
 * whatever J is.
 */
#include "oracle/job.h"
#include "oracle/suite_judge.h"

#include <stdlib.h>

/* One trace on its way; an empty one has none. */
struct entry {
  struct rh_trace *trace;
  struct rh_job job;
};

struct driver {
  struct rh_suite *suite;
  struct rh_judging *judging;
  struct rh_sessions sessions;
  struct rh_profile profile;
  struct entry *entries; /* one for each session */
  enum rh_exit trouble;  /* what ends the whole test, or RH_EXIT_CONFORMS */
};

static void free_entry(struct entry *entry) {
  rh_job_free(&entry->job);
  rh_trace_free(entry->trace);
  *entry = (struct entry){0};
}

/* Loads and predicts trace i. False ends the test. */
static bool prepare(struct driver *driver, size_t i, struct entry *entry) {
  entry->trace = rh_suite_take(driver->suite, i, &driver->profile);
  if (entry->trace != NULL &&
      rh_job_prepare(&entry->job, entry->trace, &driver->sessions.manifest, &driver->profile, driver->judging->engines))
    return true;
  rh_complain("%s%sout of memory", entry->trace != NULL ? entry->trace->file : "", entry->trace != NULL ? ": " : "");
  driver->trouble = RH_EXIT_SYSTEM;
  return false;
}

static void judge(struct driver *driver, struct entry *entry) {
  struct rh_job *job = &entry->job;
  rh_job_judge(job, &driver->profile);
  rh_report_trace(&driver->judging->report,
                  &(struct rh_judged){.trace = job->trace, .profile = &driver->profile, .judgement = &job->judgement});
}

static void drive(struct driver *driver) {
  size_t total = rh_suite_size(driver->suite), n = driver->sessions.n;
  for (size_t i = 0; i < total + n; i++) {
    struct entry next = {0}, *slot = &driver->entries[i % n];
    if (driver->trouble == RH_EXIT_CONFORMS)
      rh_progress_say(&driver->judging->progress, &driver->judging->report.counts, total, false);
    if (driver->trouble == RH_EXIT_CONFORMS && i < total && !prepare(driver, i, &next)) free_entry(&next);
    struct entry done = *slot;
    rh_job_receive(&done.job, &driver->sessions, i % n);
    *slot = next;
    if (slot->trace != NULL) rh_job_ask(&slot->job, &driver->sessions, i % n);
    if (done.trace != NULL) judge(driver, &done);
    free_entry(&done);
  }
  rh_progress_say(&driver->judging->progress, &driver->judging->report.counts, total, true);
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
  driver.entries = calloc(judging->jobs, sizeof *driver.entries);
  if (driver.entries == NULL || !rh_sessions_open(&driver.sessions, argv, judging->jobs, judging->timeout)) {
    free(driver.entries);
    rh_complain("out of memory");
    return RH_EXIT_SYSTEM;
  }
  enum rh_exit code = rh_sessions_introduce(&driver.sessions, judging->profile, &driver.profile);
  if (code == RH_EXIT_CONFORMS) code = run_test(&driver);
  rh_sessions_close(&driver.sessions);
  free(driver.entries);
  return code;
}
