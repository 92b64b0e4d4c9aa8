/*
 * Why: the rule, the sentence and the few objects that decide what an operation
 * observes. Arguments are made from the engine's heap at that operation: a
 * path from a root, the references that a count is the number of, the
 * operation at which the last reference went.
 */
#ifndef RH_ORACLE_EXPLAIN_H
#define RH_ORACLE_EXPLAIN_H

#include "oracle/compare.h"
#include "rules/rule.h"

struct rh_explanation {
  const struct rh_rule *rule; /* never NULL after rh_explain */
  struct rh_text argument;    /* one sentence */
  struct rh_text picture;     /* a line for each object involved, each ending in a newline; may be empty */
};

/* Explains what top-level operation `position` must observe; with `observed`
 * (NULL: nothing), why that is not it. Runs the trace again on `engine`, up to
 * `position`. False when out of memory. */
bool rh_explain(const struct rh_trace *trace, const struct rh_profile *profile, const struct rh_engine *engine,
                size_t position, const char *observed, size_t n, struct rh_explanation *explanation);
void rh_explanation_free(struct rh_explanation *explanation);

#endif
