/* What the tests of judging share: a trace from text, a profile by name. */
#ifndef RH_TESTS_JUDGING_H
#define RH_TESTS_JUDGING_H

#include "oracle/check.h"
#include "test.h"

#include <stdlib.h>

static inline struct rh_trace *read_trace(const char *text) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_trace *trace = rh_trace_parse("t", text, strlen(text), &diagnostic);
  if (trace == NULL) {
    fprintf(stderr, "t:%u:%u: %s\n", (unsigned)diagnostic.line, (unsigned)diagnostic.column, diagnostic.message);
    exit(1);
  }
  return trace;
}

static inline struct rh_profile read_profile(const char *name) {
  struct rh_profile profile;
  char reason[256];
  if (!rh_profile_find(name, &profile, reason, sizeof reason)) {
    fprintf(stderr, "%s\n", reason);
    exit(1);
  }
  return profile;
}

#endif
