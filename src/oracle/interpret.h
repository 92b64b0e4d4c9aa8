/*
 * The interpreter: runs a parsed trace on one engine, operation by operation,
 * and says what each must observe.
 *
 * It owns the names, the event log, the actions of finalizers and callbacks
 * and the text of observations; the engine owns the heap. What an operation
 * means is specs/trace-language.md; what the heap does is specs/memory-model.md.
 *
 * An engine is one heap per process: at most one run may use it at a time.
 * Starting a run empties the engine.
 */
#ifndef RH_ORACLE_INTERPRET_H
#define RH_ORACLE_INTERPRET_H

#include "oracle/engine.h"
#include "oracle/observe.h"
#include "profile/profile.h"
#include "trace/trace.h"

enum {
  RH_ACTION_DEPTH_MAX = 64,   /* actions running inside actions; deeper: unknown */
  RH_ACTION_STEPS_MAX = 20000 /* operations executed inside actions, per run; more: unknown */
};

struct rh_run;

/* A run at its start. `engine`, `profile` and `trace` are borrowed until
 * rh_run_free. NULL only when the process is out of memory. */
struct rh_run *rh_run_new(const struct rh_engine *engine, const struct rh_profile *profile,
                          const struct rh_trace *trace);
void rh_run_free(struct rh_run *run);

/* Executes the next top-level operation and describes what it must observe.
 * The texts stay valid until the next step. False when no operation is left,
 * or after an UNSUPPORTED or UNKNOWN observation: from there on the state of
 * the heap is not known, so nothing may be judged. Allocation-free except
 * where an operation's own text or count grows a buffer. */
bool rh_run_step(struct rh_run *run, struct rh_observation *observation);

/* Passes over the next operation if it looks at the end of the process, for
 * which all that are left would be run first: behind it the heap is what the
 * operations before it made. False if it does not look there. */
bool rh_run_pass_look(struct rh_run *run);

/* Number of top-level operations executed so far; the last one executed is
 * trace->top[rh_run_position(run) - 1]. */
size_t rh_run_position(const struct rh_run *run);

/* The object a name is bound to, borrowed; 0 when unbound. For explaining. */
uint32_t rh_run_object(const struct rh_run *run, uint32_t name);

/* What notes call the block a name stands for; 0: none. For explaining. */
uint32_t rh_run_block(const struct rh_run *run, uint32_t name);

/* How often `events` has emptied the log, in actions too. For explaining. */
size_t rh_run_logs_taken(const struct rh_run *run);

/* Number of events logged since the last `events`, and the i-th of them, valid
 * until the next step. For explaining. */
size_t rh_run_events(const struct rh_run *run);
const char *rh_run_event(const struct rh_run *run, size_t i);

/* How much evidence (rules/evidence.h) there was when event i was logged. Evidence is kept from the run's beginning on. */
size_t rh_run_event_notes(const struct rh_run *run, size_t i);

/* The text of a label (see engine.h): the name of a finalizable object at its
 * creation or of a weak reference. Valid until the next call. */
const char *rh_run_label_text(struct rh_run *run, uint32_t label);

/* Are allocations made to fail (`nomem`)? For explaining. */
bool rh_run_faults(const struct rh_run *run);

/* One step of a `growth` on the object `o`, which the caller holds, by the way and as number i of the operation; then,
 * or instead (i < 0), the room or size it reports. For explaining, of what was predicted. */
int64_t rh_run_growth_step(struct rh_run *run, const struct rh_op *op, uint32_t o, int64_t i);

#endif
