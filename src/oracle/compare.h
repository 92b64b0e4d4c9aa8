/*
 * What a trace must observe: its prediction, made by one engine or by both side
 * by side, kept so that any number of observers can be compared with it.
 *
 * Two engines that predict differently are a fault of refheap: the prediction
 * ends there as internal and nothing after it is judged.
 */
#ifndef RH_ORACLE_COMPARE_H
#define RH_ORACLE_COMPARE_H

#include "oracle/interpret.h"
#include "oracle/verdict.h"

/* Which engines predict. */
enum rh_engines { RH_ENGINES_RUNTIME = 1, RH_ENGINES_MODEL = 2, RH_ENGINES_BOTH = 3 };

struct rh_chunk;

struct rh_prediction {
  struct rh_observation *observations; /* of trace->top[0 .. n): what may be judged */
  size_t n;
  /* Why not further: RH_VERDICT_CONFORMS when the whole trace is predicted, else
   * RH_VERDICT_UNSUPPORTED, RH_VERDICT_UNKNOWN or RH_VERDICT_INTERNAL, of operation trace->top[n]. */
  enum rh_verdict stop;
  const char *reason; /* one line, "" when stop is RH_VERDICT_CONFORMS */
  /* From this operation on only the runtime predicts, because the model gave
   * up at its limits; SIZE_MAX: never. Without meaning for a single engine. */
  size_t alone;
  struct rh_chunk *chunks; /* where the texts live */
};

/* Predicts a trace under a profile. `limit`: operations from this one on are
 * not run (SIZE_MAX: all). Empties the engines it uses. False only when the
 * process is out of memory; *prediction can be freed in either case. */
bool rh_predict(const struct rh_trace *trace, const struct rh_profile *profile, enum rh_engines engines, size_t limit,
                struct rh_prediction *prediction);
void rh_prediction_free(struct rh_prediction *prediction);

/* Do two engines say the same? */
bool rh_observations_agree(const struct rh_observation *a, const struct rh_observation *b);

/* Is an observed text allowed by a recorded value? An integer within a range
 * `a..b`, else equal text, or for an unordered list the same items. */
bool rh_recorded_allows(const char *recorded, size_t n, const char *observed, size_t m, bool unordered);

/* Appends what an observation allows, for people: a value, `a or b`, `a..b`,
 * `ok`, `skip`, `anything`. */
void rh_observation_describe(const struct rh_observation *observation, struct rh_text *out);

/* The text a completed trace carries after `=>`, or NULL for nothing. */
const char *rh_observation_recorded(const struct rh_observation *observation);

/* The engine whose heap explains a prediction. */
const struct rh_engine *rh_engines_first(enum rh_engines engines);

#endif
