/*
 * One trace put to an implementation: predicted, asked, answered, judged. What
 * `test` and `shrink` share.
 */
#ifndef RH_ORACLE_JOB_H
#define RH_ORACLE_JOB_H

#include "oracle/pipe.h"

struct rh_job {
  const struct rh_trace *trace;
  struct rh_prediction prediction;
  struct rh_answers answers;
  struct rh_judgement judgement;
  struct rh_text excluded; /* why the operation after the last one asked is not put */
  size_t asked;
  bool decided; /* judged without asking */
  bool waiting; /* asked, not yet answered */
};

/* Starts the first session, which decides whether there is anything to judge,
 * and finds the profile: the one asked for, or, for NULL, the one declared.
 * RH_EXIT_CONFORMS, or why not, after a complaint. */
enum rh_exit rh_sessions_introduce(struct rh_sessions *sessions, const char *asked_for, struct rh_profile *profile);

/* Predicts a trace, which is borrowed, and finds how far it can be asked. *job
 * is filled in from any state that was zeroed. False when out of memory. */
bool rh_job_prepare(struct rh_job *job, const struct rh_trace *trace, const struct rh_manifest *manifest,
                    const struct rh_profile *profile, enum rh_engines engines);
/* Puts a prepared job to session i; what cannot be put is decided. */
void rh_job_ask(struct rh_job *job, struct rh_sessions *sessions, size_t i);
/* Takes the answers of session i, if it was asked. */
void rh_job_receive(struct rh_job *job, struct rh_sessions *sessions, size_t i);
/* Fills job->judgement in. */
void rh_job_judge(struct rh_job *job, const struct rh_profile *profile);
void rh_job_free(struct rh_job *job);

#endif
