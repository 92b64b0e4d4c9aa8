/*
 * A draft: a trace with changes that are not decided yet. It is printed and read
 * again; only what the trace library then accepts becomes a candidate.
 *
 * Everything that can change is a copy, which rh_draft_begin renews; texts are
 * the base's, with two more behind them. Indexes are those of the base until
 * rh_draft_leave_out moved operations.
 */
#ifndef RH_ORACLE_SHRINK_DRAFT_H
#define RH_ORACLE_SHRINK_DRAFT_H

#include "trace/trace.h"

struct rh_draft {
  struct rh_trace trace; /* ops, top, args, headers and text are its own */
  const struct rh_trace *base;
  uint32_t none, series;             /* texts: `None`; the series of a version, `3.12` */
  uint8_t *without_op, *without_arg; /* by index: to be left out */
  uint32_t *order;                   /* every operation, a block before its children */
  size_t norder;
};

/* Drafts are of this base from now on. False, and nothing changed, when out of
 * memory. Zeroed is a draft of nothing. */
bool rh_draft_base(struct rh_draft *draft, const struct rh_trace *base, uint32_t version);
/* Forgets all changes. O(size of the base). */
void rh_draft_begin(struct rh_draft *draft);
/* Leaves out what is marked, and what is nothing without it: a `try` without its
 * operation, a list of names without a name. */
void rh_draft_leave_out(struct rh_draft *draft);
/* Puts the body of a `repeat` or `try` in its place; the operand of a `try`
 * gets its attributes and expectations. False when that cannot be. */
bool rh_draft_unwrap(struct rh_draft *draft, uint32_t op);
void rh_draft_free(struct rh_draft *draft);

#endif
