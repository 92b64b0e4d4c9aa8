/* Findings: what a judgement comes to, with the rule a divergence breaks. */
#include "oracle/shrink_judge.h"
#include "oracle/explain.h"
#include "oracle/job.h"

#include <string.h>

/* The operation that observes: the one inside `try`. */
static enum rh_opcode opcode_at(const struct rh_trace *trace, int64_t position) {
  if (position < 0 || (size_t)position >= trace->ntop) return RH_OP_NONE;
  const struct rh_op *op = &trace->ops[trace->top[position]];
  if (op->code == RH_OP_TRY) op = &trace->ops[op->first_child];
  return (enum rh_opcode)op->code;
}

static void find(const struct rh_trace *trace, enum rh_verdict verdict, int64_t position, const char *reason,
                 struct rh_finding *finding) {
  *finding = (struct rh_finding){.verdict = verdict, .op = opcode_at(trace, position), .position = position};
  (void)snprintf(finding->cause, sizeof finding->cause, "%.*s", (int)strcspn(reason, " "), reason);
  (void)snprintf(finding->reason, sizeof finding->reason, "%s", reason);
  rh_make_line(finding->reason, strlen(finding->reason));
}

static bool name_rule(const struct rh_trace *trace, const struct rh_profile *profile, const struct rh_engine *engine,
                      const struct rh_judgement *judgement, struct rh_finding *finding) {
  struct rh_explanation explanation = {0};
  bool enough = rh_explain(trace, profile, engine, (size_t)judgement->position, judgement->observed.bytes,
                           judgement->observed.size, &explanation);
  if (enough) (void)snprintf(finding->cause, sizeof finding->cause, "%s", explanation.rule->id);
  rh_explanation_free(&explanation);
  return enough;
}

bool rh_finding_of(const struct rh_trace *trace, const struct rh_profile *profile, const struct rh_engine *engine,
                   const struct rh_judgement *judgement, struct rh_finding *finding) {
  find(trace, judgement->verdict, judgement->position, judgement->reason.bytes != NULL ? judgement->reason.bytes : "",
       finding);
  return judgement->verdict != RH_VERDICT_DIVERGES || name_rule(trace, profile, engine, judgement, finding);
}

bool rh_judge_by_pipe(void *context, const struct rh_trace *trace, struct rh_finding *finding) {
  struct rh_pipe_judge *judge = context;
  struct rh_job job = {0};
  if (rh_os_interrupted()) return false;
  bool enough = rh_job_prepare(&job, trace, &judge->sessions->manifest, &judge->profile, RH_ENGINES_BOTH);
  if (enough) {
    rh_job_ask(&job, judge->sessions, 0);
    rh_job_receive(&job, judge->sessions, 0);
    rh_job_judge(&job, &judge->profile);
    enough = !rh_os_interrupted() && rh_finding_of(trace, &judge->profile, &rh_engine_runtime, &job.judgement, finding);
  }
  rh_job_free(&job);
  return enough;
}

bool rh_judge_by_engines(void *context, const struct rh_trace *trace, struct rh_finding *finding) {
  const struct rh_profile *profile = context;
  struct rh_prediction prediction;
  const char *ranges = NULL;
  if (rh_os_interrupted()) return false;
  if (!rh_trace_applies(trace, profile->version, &ranges)) {
    find(trace, RH_VERDICT_UNSUPPORTED, RH_NO_POSITION, "the trace is for other versions", finding);
    return true;
  }
  bool enough = rh_predict(trace, profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction);
  if (enough) {
    int64_t position = prediction.stop == RH_VERDICT_CONFORMS ? RH_NO_POSITION : (int64_t)prediction.n;
    find(trace, prediction.stop, position, prediction.reason, finding);
  }
  rh_prediction_free(&prediction);
  return enough;
}
