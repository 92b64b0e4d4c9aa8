/*
 * What a report must be, whatever was judged: one document that a reader of its
 * format accepts, with one entry for each trace, and with the counts given.
 */
#ifndef RH_FUZZ_REPORTS_H
#define RH_FUZZ_REPORTS_H

#include "oracle/report.h"

/* `verbose`: the text format has a line for every trace. */
void check_report(enum rh_format format, bool verbose, const char *bytes, size_t size, const struct rh_counts *counts);

#endif
