/*
 * Reports: what is written about judged traces, in four formats. Equal inputs
 * give equal bytes: no times, no colours, no addresses.
 *
 *   text   divergences in full, one line for other failures, the summary
 *   json   one object a line: for each trace, then a summary
 *   junit  one XML document
 *   tap    Test Anything Protocol, version 13
 */
#ifndef RH_ORACLE_REPORT_H
#define RH_ORACLE_REPORT_H

#include "oracle/check.h"
#include "oracle/explain.h"

enum rh_format { RH_FORMAT_TEXT, RH_FORMAT_JSON, RH_FORMAT_JUNIT, RH_FORMAT_TAP };
/* False when no format has this name. */
bool rh_format_find(const char *name, enum rh_format *format);

/* How many traces were unsupported for one reason. */
struct rh_reason_count {
  char *reason;
  uint64_t count;
};

struct rh_report {
  FILE *out;
  enum rh_format format;
  enum rh_engines engines; /* what explains */
  bool verbose;            /* text: a line for every trace */
  const char *subject;     /* who is judged, "cpython 3.11.7"; read by rh_report_end */
  struct rh_counts counts;
  uint64_t alone;                  /* traces judged in part by the runtime alone */
  struct rh_reason_count *reasons; /* sorted by reason */
  size_t nreasons, room;
  struct rh_text cases; /* junit: written when the totals are known */
};

/* One judged trace. */
struct rh_judged {
  const struct rh_trace *trace;
  const struct rh_profile *profile; /* under which it was judged */
  const struct rh_judgement *judgement;
};

/* `total`: how many traces follow. */
void rh_report_begin(struct rh_report *report, size_t total);
void rh_report_trace(struct rh_report *report, const struct rh_judged *judged);
/* Writes the summary and frees the report. Whether everything could be written
 * is the stream's to say. */
void rh_report_end(struct rh_report *report);

#endif
