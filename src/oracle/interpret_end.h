/*
 * The end of the process a trace runs in: what is written on the error output
 * until then, what is finalized during exit, and the operations that look at
 * it (specs/trace-language.md, section "After the end").
 *
 * The error output is predicted as bytes with gaps: what stands in a gap is
 * not known. A text that is looked for occurs for certain when it lies between
 * two gaps, certainly not when no way of filling the gaps makes it occur; else
 * nothing is predicted.
 */
#ifndef RH_ORACLE_INTERPRET_END_H
#define RH_ORACLE_INTERPRET_END_H

#include "oracle/engine.h"
#include "oracle/observe.h"
#include "trace/trace.h"

/* Gaps, as bytes of the output: a number (decimal or hexadecimal digits and
 * points, at least one), anything at all. */
#define RH_GAP_NUMBER "\x01"
#define RH_GAP_ANY    "\x02"

/* Texts one after the other in one buffer: the event log, the garbage list. */
struct rh_lines {
  struct rh_text bytes;
  size_t *ends; /* end of each text in `bytes` */
  size_t count, capacity;
};

/* Observations of the operations behind the first one that looks at the end,
 * which are executed before it and reported when it is their turn. */
struct rh_ahead {
  struct rh_observation *seen; /* `text` is not valid: its place in `texts` counts */
  size_t *places;
  size_t n, taken;
  struct rh_text texts;
  bool done;
};

struct rh_end {
  struct rh_ahead ahead;
  struct rh_text errors; /* the error output, with gaps */
  struct rh_lines late;  /* events written during exit */
  bool reached;          /* the trace is over: what runs now runs during exit */
  bool died;             /* an operation killed the process */
  bool acted;            /* an action would run during exit, which is not predicted */
  bool late_in_any_order;
  uint64_t late_made, late_ran; /* latefin objects, and finalizers of them that ran */
  bool warns;                   /* resource warnings are shown */
};

struct rh_run;

/* Applies the headers that ask for a process; the key of one that refheap does
 * not model, NULL when there is none. */
const char *rh_read_headers(struct rh_run *run);

/* Is it an operation that looks at the end? */
bool rh_looks_at_end(const struct rh_op *op);

/* Executes, once, the other operations that are left. */
void rh_run_ahead(struct rh_run *run);
/* What the next one of them observed. */
void rh_take_ahead(struct rh_run *run, struct rh_observation *seen);

/* The process dies of the operation under way, after it has written `report`
 * (with gaps) on the error output. Everything after it observes the same. */
void rh_die(struct rh_run *run, struct rh_observation *seen, const char *report);
void rh_say_died(struct rh_observation *seen);

/* Adds to the error output. Nothing is added any more during exit. */
void rh_write_error(struct rh_run *run, const char *text);

/* What the interpreter writes under the debug flags, and for an exception that
 * an action was left by. */
void rh_note_debug(struct rh_run *run, enum rh_gc_phase phase, int generation, uint64_t collected,
                   uint64_t uncollectable);
void rh_note_found(struct rh_run *run, bool collectable, uint32_t object);
void rh_note_ignored(struct rh_run *run);

void rh_end_free(struct rh_end *end);

#endif
