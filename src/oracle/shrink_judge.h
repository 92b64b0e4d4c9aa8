/*
 * Judges to shrink with: an implementation behind a pipe, as `test` judges it,
 * and refheap itself, where its engines differ.
 */
#ifndef RH_ORACLE_SHRINK_JUDGE_H
#define RH_ORACLE_SHRINK_JUDGE_H

#include "oracle/pipe.h"
#include "oracle/shrink.h"

struct rh_pipe_judge {
  struct rh_sessions *sessions; /* one session, introduced */
  struct rh_profile profile;
};

/* rh_judge functions; the contexts are a struct rh_pipe_judge and a struct
 * rh_profile. An interrupt that is caught ends the shrinking. */
rh_judge rh_judge_by_pipe, rh_judge_by_engines;

/* A judgement as a finding; the engine's heap names the rule of a divergence.
 * False when out of memory. */
bool rh_finding_of(const struct rh_trace *trace, const struct rh_profile *profile, const struct rh_engine *engine,
                   const struct rh_judgement *judgement, struct rh_finding *finding);

#endif
