/* What the formats of a report share. Private to report*.c. */
#ifndef RH_ORACLE_REPORT_FORMAT_H
#define RH_ORACLE_REPORT_FORMAT_H

#include "oracle/report.h"

/* Everything a format may say about one trace; texts are "" where there is
 * nothing to say, lines are 0. */
struct rh_told {
  const char *file, *title, *profile, *verdict;
  enum rh_verdict code;
  uint32_t line, good_line;               /* of the deciding and of the last good operation */
  const char *operation, *good_operation; /* their text */
  const char *observed, *allowed, *reason;
  const struct rh_rule *rule; /* NULL unless it diverges */
  const char *argument, *picture;
  uint64_t judged;
};

/* One writer for each format: a trace, which is counted already, and the end. */
void rh_tell_text(struct rh_report *report, const struct rh_told *told);
void rh_tell_json(struct rh_report *report, const struct rh_told *told);
void rh_tell_junit(struct rh_report *report, const struct rh_told *told);
void rh_tell_tap(struct rh_report *report, const struct rh_told *told);
void rh_end_text(struct rh_report *report);
void rh_end_json(struct rh_report *report);
void rh_end_junit(struct rh_report *report);
void rh_end_tap(struct rh_report *report);

/* Appends the summary line without a newline. */
void rh_report_summary(const struct rh_report *report, struct rh_text *out);
/* Appends the explanation of a divergence as people read it, each line
 * indented by `indent`. */
void rh_tell_divergence(const struct rh_told *told, const char *indent, struct rh_text *out);
/* Writes and forgets a text. */
void rh_report_put(struct rh_report *report, struct rh_text *text);

#endif
