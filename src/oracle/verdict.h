/*
 * Verdicts: the seven answers a judged trace can have, how they are counted and
 * the exit code they make. They are never merged: a trace that was not judged
 * is never counted as one that conforms.
 *
 * An eighth outcome, internal, is a fault of refheap itself (its engines
 * disagree, or it disagrees with a suite's recorded expectation). It is no
 * verdict on anybody, is counted apart and outweighs everything else.
 *
 * Reference: specs/interpreting.md, section "Verdicts".
 */
#ifndef RH_ORACLE_VERDICT_H
#define RH_ORACLE_VERDICT_H

#include <stddef.h>
#include <stdint.h>

enum rh_verdict {
  RH_VERDICT_CONFORMS,    /* every observation judged was allowed */
  RH_VERDICT_DIVERGES,    /* an observation was not allowed */
  RH_VERDICT_UNDEFINED,   /* the trace breaks the contract: nothing can be asked of anybody */
  RH_VERDICT_UNSUPPORTED, /* outside what the implementation, or refheap, declares */
  RH_VERDICT_UNKNOWN,     /* refheap gave up: a limit of work or room */
  RH_VERDICT_CRASHED,     /* the implementation died */
  RH_VERDICT_PROTOCOL,    /* the implementation broke the protocol, or its time was over */
  RH_VERDICT_INTERNAL,    /* refheap is wrong somewhere */
  RH_VERDICTS
};

/* Exit codes, part of the interface. */
enum rh_exit {
  RH_EXIT_CONFORMS = 0,   /* everything judged conforms, and something was judged */
  RH_EXIT_DIVERGES = 1,   /* at least one divergence */
  RH_EXIT_USAGE = 2,      /* usage, or malformed input */
  RH_EXIT_PROTOCOL = 3,   /* a protocol error or a time-out */
  RH_EXIT_CRASHED = 4,    /* the implementation crashed */
  RH_EXIT_NOT_JUDGED = 5, /* nothing could be judged */
  RH_EXIT_SYSTEM = 6,     /* the system failed: output could not be written, no memory */
  RH_EXIT_INTERNAL = 70   /* refheap is wrong somewhere */
};

/* "conforms", "diverges", ... as a trace's verdict. */
const char *rh_verdict_name(enum rh_verdict verdict);
/* "conform", "diverge", ... as in `3 conform`. */
const char *rh_verdict_plural(enum rh_verdict verdict);

/* How many traces had each verdict. */
struct rh_counts {
  uint64_t of[RH_VERDICTS];
};
/* All traces: the seven verdicts together, and internal. */
uint64_t rh_counts_total(const struct rh_counts *counts);
/* The most serious outcome decides, in the order internal, diverges, crashed,
 * protocol; then whether anything conformed. */
enum rh_exit rh_counts_exit(const struct rh_counts *counts);

#endif
