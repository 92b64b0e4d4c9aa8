/*
 * Judging one trace: observations made elsewhere against the prediction.
 *
 * A trace is judged operation by operation up to the first one that is outside
 * what the oracle or the implementation supports. The first thing wrong decides
 * the verdict.
 *
 * Recorded expectations have two roles. In a log (`refheap check`) they are
 * what is judged. In a suite an implementation is asked to run (`refheap
 * test`) they are promises of the suite: one that contradicts the prediction is
 * internal, and a recorded range is allowed to the implementation as well.
 */
#ifndef RH_ORACLE_CHECK_H
#define RH_ORACLE_CHECK_H

#include "oracle/compare.h"

/* How the answers of an implementation to one trace ended. */
enum rh_answered {
  RH_ANSWERED_ALL,       /* every operation asked was answered */
  RH_ANSWERED_CRASHED,   /* it died at the first operation without an answer */
  RH_ANSWERED_TIMEOUT,   /* its time was over there */
  RH_ANSWERED_BROKEN,    /* it broke the protocol there; answers before it count */
  RH_ANSWERED_MISCOUNTED /* too few or too many answers: none can be attributed */
};

/* Answers of an implementation, one for each operation asked. */
struct rh_answers {
  struct rh_text text; /* the answers, each NUL-terminated */
  size_t *offsets;     /* where each begins */
  size_t n, room;
  enum rh_answered end;
  struct rh_text reason; /* one line, empty for RH_ANSWERED_ALL */
};
bool rh_answers_add(struct rh_answers *answers, const char *line, size_t n);
void rh_answers_free(struct rh_answers *answers);

enum { RH_NO_POSITION = -1 };

/* The judgement of one trace. Texts are owned. */
struct rh_judgement {
  enum rh_verdict verdict;
  int64_t position;                 /* index into trace->top of what decided it; RH_NO_POSITION: the whole trace */
  int64_t last_good;                /* last operation whose observation was judged and allowed, or RH_NO_POSITION */
  uint64_t judged;                  /* observations judged */
  bool alone;                       /* a part was predicted by the runtime alone: the model was at its limits */
  struct rh_text observed, allowed; /* of a divergence */
  struct rh_text reason;            /* one line, for every verdict but conforms and diverges */
};
void rh_judgement_free(struct rh_judgement *judgement);

/* Does `%applies` include the version? If not, *ranges is its text. */
bool rh_trace_applies(const struct rh_trace *trace, uint32_t version, const char **ranges);

/* Sets a verdict on the whole trace with a reason. */
void rh_judge_whole(struct rh_judgement *judgement, enum rh_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Judges what a log recorded. *judgement is filled from any state that was
 * zeroed. O(length of the trace). */
void rh_judge_recorded(const struct rh_trace *trace, uint32_t version, const struct rh_prediction *prediction,
                       struct rh_judgement *judgement);

/* Judges what an implementation answered to the first `asked` operations.
 * `excluded`: why operation `asked` was not put to it ("" if the prediction is
 * what ended). */
void rh_judge_answers(const struct rh_trace *trace, uint32_t version, const struct rh_prediction *prediction,
                      size_t asked, const char *excluded, const struct rh_answers *answers,
                      struct rh_judgement *judgement);

#endif
