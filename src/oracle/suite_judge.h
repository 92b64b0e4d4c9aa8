/*
 * Judging a whole suite: the loops behind `refheap check` and `refheap test`.
 * Both write one report and return the exit code.
 */
#ifndef RH_ORACLE_SUITE_JUDGE_H
#define RH_ORACLE_SUITE_JUDGE_H

#include "oracle/report.h"
#include "oracle/suite.h"

/* The progress line on standard error: rewritten in place on a terminal, else
 * a line every few seconds. */
struct rh_progress {
  bool on;
  bool terminal;
  uint64_t next; /* rh_os_clock of the next one */
};

struct rh_judging {
  const char *profile; /* NULL: what the trace or the implementation declares */
  enum rh_engines engines;
  struct rh_report report; /* format, output and verbosity are set by the caller */
  struct rh_progress progress;
  uint64_t timeout; /* test: nanoseconds for one trace */
  size_t jobs;      /* test: implementations at a time, >= 1 */
};

/* Judges the recorded expectations of every trace: under the given profile, else
 * under the trace's own (%profile), else under the profile of
 * every release where behaviour changed (rh_profile_change); the most serious
 * verdict is the trace's, and one profile that conforms is enough where the
 * others cannot be judged. A malformed trace ends it with RH_EXIT_USAGE. */
enum rh_exit rh_suite_check(struct rh_suite *suite, struct rh_judging *judging);

/* Drives an implementation (argv, NULL-terminated) through every trace. */
enum rh_exit rh_suite_test(struct rh_suite *suite, struct rh_judging *judging, char **argv);

/* Is it time to say how far it is? If so, `before` and `after` go around what is
 * said. `last`: it is over, there is nothing more to say. */
bool rh_progress_due(struct rh_progress *progress, bool last, const char **before, const char **after);
/* Says how far judging is, if it is time to. */
void rh_progress_say(struct rh_progress *progress, const struct rh_counts *counts, size_t total, bool last);

/* Reads a suite's files; false after a complaint. */
bool rh_suite_read_all(struct rh_suite *suite);

/* Prints `refheap: ` and the line on standard error. */
void rh_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints a diagnostic as `file:line:column: message` on standard error. */
void rh_complain_at(const char *file, const struct rh_diagnostic *diagnostic);

#endif
