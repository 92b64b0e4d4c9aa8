/* What the parts of an explanation share. Private to explain*.c. */
#ifndef RH_ORACLE_EXPLAIN_WHY_H
#define RH_ORACLE_EXPLAIN_WHY_H

#include "oracle/explain.h"
#include "oracle/explain_graph.h"
#include "rules/evidence.h"

/* One event, and what logged it. */
struct rh_event {
  size_t text;        /* offset into the history's text, NUL-terminated */
  size_t notes;       /* how much evidence there was then */
  size_t position;    /* top-level operation during which it was logged */
  bool in_collection; /* a collection ran during that operation */
};

/* What happened before the operation that is explained. */
struct rh_history {
  struct rh_event *events; /* every event, in order */
  size_t n, room;
  size_t since; /* the first one not yet taken by `events` */
  size_t taken; /* how often `events` took them */
  struct rh_text text;
  size_t *evidence; /* of each operation before the one explained: how many notes there were before it */
  size_t died;      /* operation after which the weak reference looked at was dead; SIZE_MAX: not seen */
  bool died_in_collection;
};

struct rh_why {
  const struct rh_trace *trace;
  const struct rh_profile *profile;
  const struct rh_engine *engine;
  struct rh_run *run;    /* stands before the operation explained */
  struct rh_graph graph; /* of that moment */
  struct rh_history history;
  size_t position;
  const struct rh_op *op; /* that of `position`; inside `try` */
  /* Called by rh_why_rewind before each operation, and at its end; NULL: nothing watches. */
  void (*watch)(struct rh_why *why, size_t position);
  void *watcher; /* of `watch` */
  const struct rh_observation *predicted;
  const char *observed; /* NULL: nothing to compare with */
  size_t nobserved;
  struct rh_explanation *explanation;
  bool out_of_memory; /* something was left out, so the explanation is none */
};

/* `memory`, which was asked for; an explanation that is not granted some is none. */
void *rh_why_granted(struct rh_why *why, void *memory);
/* Sets the rule by id, which must exist. */
void rh_why_rule(struct rh_why *why, const char *id);
/* Appends to the argument. */
void rh_why_say(struct rh_why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends "`drop A` at line 3". */
void rh_why_say_operation(struct rh_why *why, size_t position);
/* Appends the shortest path to a vertex as "root r through r.a.b", and its picture. */
void rh_why_say_path(struct rh_why *why, uint32_t vertex);
/* The object an argument of the operation leads to, 0: none. */
uint32_t rh_why_object(const struct rh_why *why, uint32_t argument);
/* Appends the argument as written. */
void rh_why_say_argument(struct rh_why *why, uint32_t argument);

/* Is an exception predicted, inside `try` or not? */
bool rh_why_raises(const struct rh_why *why);

/* "s" unless n is 1. */
const char *rh_why_plural(uint64_t n);

/* The last note (rules/evidence.h) before the operation that is about `object` (0: any) and by a rule of one of the
 * groups, as "LST- SIZ-4"; SIZE_MAX: none. */
size_t rh_why_find_note(const struct rh_why *why, uint32_t object, const char *groups);
/* The last of the notes first..last-1 about an object that was called `name` (NULL: any), n bytes; SIZE_MAX: none. */
size_t rh_why_find_named(const char *name, size_t n, const char *groups, size_t first, size_t last);
/* The operation that a note was made in; why->position for one that was made later. */
size_t rh_why_operation_of(const struct rh_why *why, size_t note);
/* Makes note i's rule the explanation's, and says its text and which operation it was made in. */
void rh_why_cite(struct rh_why *why, size_t i);
/* Finds and cites; false when there is no such note. */
bool rh_why_cite_last(struct rh_why *why, uint32_t object, const char *groups);
/* Carries the operation itself out, the last use of the run; the graph stays that of the moment before. Returns the
 * number of notes before it. */
size_t rh_why_carry_out(struct rh_why *why);

/* Behind what a collection returned: what it left alone, by the notes from `first` on, and the rule of that. */
void rh_why_collected(struct rh_why *why, size_t first, bool too_few, bool too_many);
/* The garbage list, when objects with a finalizer of old are in it; else false. */
bool rh_why_uncollectable(struct rh_why *why);

/* What the collector knows of a holder without collector support; false for any other object. */
bool rh_why_box(struct rh_why *why);

/* Of two events of the history, the first one before the second: when the order follows from how deaths of one
 * operation nest, or from how one object let go of what it held, says so; else false. Forgets the history. */
bool rh_why_deaths(struct rh_why *why, size_t first, size_t second);
/* Behind what was said of a single event: ": " and what the operation decided about that death, if anything. */
void rh_why_death(struct rh_why *why, size_t i);
/* Explains `events`. */
void rh_why_events(struct rh_why *why);
/* Explains every other operation; each area, whether it knows the operation. */
void rh_why_look(struct rh_why *why);
bool rh_why_identity(struct rh_why *why);
bool rh_why_instances(struct rh_why *why);
bool rh_why_counts(struct rh_why *why);
bool rh_why_weak(struct rh_why *why);
bool rh_why_collector(struct rh_why *why);
/* What rh_why_collector hands on: `collect`; what tells of generations and counters; what tells of the end. */
bool rh_why_collect(struct rh_why *why);
bool rh_why_generations(struct rh_why *why);
bool rh_why_end(struct rh_why *why);
bool rh_why_sizes(struct rh_why *why);
bool rh_why_blocks(struct rh_why *why);
/* Behind any of these: where a trace tests that tracing changes nothing (TM-8), that it is on. */
void rh_why_traced_too(struct rh_why *why);

/* The generation of an object; -1: in none, or no such object lives. */
int rh_why_generation(const struct rh_why *why, uint32_t object);
/* The generation that the first collection during an operation collected; -1: none, or not known. */
int rh_why_collected_generation(const struct rh_why *why, size_t position);
/* Says why the finalizers that ran during one collection ran in their order: of the events from `first` on, before
 * `last`. False when that is not known. When true the history is forgotten. */
bool rh_why_collection_order(struct rh_why *why, size_t first, size_t last);
/* The same of two that ran one after the other during an operation. */
bool rh_why_collection_pair(struct rh_why *why, const char *first, const char *second, size_t position);
/* Says why the garbage of this name was not collected yet; false when no generation or freezing is the reason. */
bool rh_why_waiting(struct rh_why *why, const char *name);
/* Says who referred to the object of this name when a collection found it garbage; false when that is not known.
 * Forgets the history. */
bool rh_why_unreachable(struct rh_why *why, const char *name, size_t position);
/* Says why no collection was reported to the callbacks of `gccb` since an operation; false when none was installed. */
bool rh_why_no_collection(struct rh_why *why, size_t since);

/* Runs a trace up to `position`, which is not executed, on why->engine, noting
 * history, and walks the heap. */
void rh_why_rewind(struct rh_why *why, size_t position);

#endif
