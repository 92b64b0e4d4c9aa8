/*
 * Shrinking: the smallest trace found that is wrong in the same way.
 *
 * Which way that is says a judge, any function from a trace to a finding. Two
 * findings are the same when verdict and cause (of a divergence: the rule) are,
 * and, where an observation is wrong, the operation that observes it: where a
 * process dies or breaks the protocol depends on what it has not written yet.
 * Every trace put to the judge is legal: it is
 * printed, and read again by the trace library.
 *
 * Smaller means: fewer operations, nested ones counted; then fewer uses of
 * names; then a shorter canonical text; then the one that sorts first. Only
 * smaller traces are tried, so shrinking ends. It goes in rounds; a round tries
 *   1. no expectations, and nothing behind the operation at which it shows;
 *   2. no chunk of operations, halves first, then ever smaller ones, from the
 *      end; each chunk with what depends on it (operations on names it binds),
 *      then alone; at last every single operation;
 *   3. no operation on a name, for every name; and, when only a few are left, one
 *      name instead of another;
 *   4. simpler operations: bodies instead of `repeat` and `try`, fewer arguments
 *      and slots, None for values, smaller numbers and shorter texts, in one
 *      place and wherever the same one stands, no attribute, an earlier fault;
 *   5. less configuration: headers go, %applies becomes the series judged;
 *      %profile stays, because it decides under which rules the trace is read.
 * What a round tries depends on the smallest trace so far alone, and the last
 * round finds nothing: the result is minimal for each of these steps by itself,
 * and shrinking it again changes nothing. Nothing here depends on a clock or an
 * address. No trace is judged twice.
 */
#ifndef RH_ORACLE_SHRINK_H
#define RH_ORACLE_SHRINK_H

#include "oracle/verdict.h"
#include "trace/trace.h"

/* What is wrong with a trace. */
struct rh_finding {
  enum rh_verdict verdict;
  enum rh_opcode op; /* at which it shows, within a `try` the one tried; RH_OP_NONE: at none */
  int64_t position;  /* of it in trace->top, or RH_NO_POSITION; no part of what is compared */
  char cause[32];    /* a divergence: the rule; else the first word of the reason */
  char reason[200];  /* for people; no part of what is compared */
};

/* Is it wrong in the same way? */
bool rh_findings_same(const struct rh_finding *a, const struct rh_finding *b);

/* Judges a trace; must depend on nothing but its text. False ends the
 * shrinking: the judge was interrupted, or cannot go on. */
typedef bool rh_judge(void *context, const struct rh_trace *trace, struct rh_finding *finding);

enum rh_shrink_end {
  RH_SHRINK_MINIMAL,      /* nothing of what is tried makes it smaller */
  RH_SHRINK_NOTHING,      /* nothing is wrong with the trace, or nobody could say */
  RH_SHRINK_OUT_OF_TRIES, /* the judge was asked as often as it may be */
  RH_SHRINK_ENDED,        /* the judge ended it */
  RH_SHRINK_NO_MEMORY
};

struct rh_shrunk {
  struct rh_trace *trace;    /* the smallest so far, owned; NULL only when there was no memory for one */
  struct rh_finding finding; /* of that trace */
  size_t operations;         /* of the trace given, nested ones counted */
  uint64_t judged, most;     /* judge calls, and how many there may be */
  enum rh_shrink_end end;
};

struct rh_shrinking {
  rh_judge *judge;
  void *context;    /* the judge's */
  uint64_t tries;   /* judge calls at most, >= 1 */
  uint32_t version; /* whose behaviour is judged */
  /* Called after every judge call but the first; may be NULL. */
  void (*watch)(void *watcher, const struct rh_shrunk *shrunk);
  void *watcher;
};

/* Shrinks a trace, which stays as it is. *shrunk is filled in from any state and
 * freed by the caller. */
void rh_shrink(const struct rh_trace *trace, const struct rh_shrinking *shrinking, struct rh_shrunk *shrunk);
void rh_shrunk_free(struct rh_shrunk *shrunk);

#endif
