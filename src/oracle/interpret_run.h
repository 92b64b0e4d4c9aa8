/*
 * What the parts of the interpreter share. Private to interpret*.c.
 *
 * An operation is a function that executes one `rh_op` and says what it
 * observes. Every engine call may run finalizers and callbacks, hence nested
 * operations, so an operation writes its text only after its last engine call
 * that can release something, and reads a root again after such a call.
 */
#ifndef RH_ORACLE_INTERPRET_RUN_H
#define RH_ORACLE_INTERPRET_RUN_H

#include "oracle/interpret.h"
#include "oracle/interpret_blocks.h"
#include "oracle/interpret_end.h"
#include "oracle/interpret_traced.h"

/* Labels of the objects a comb or chain makes, which are named by an index:
 * RH_LABEL_INDEX + index. Every other label is the number of a name. */
#define RH_LABEL_INDEX 0x80000000u
/* Labels of latefin objects, which are fin objects to an engine: RH_LABEL_LATE
 * + the number of a name. */
#define RH_LABEL_LATE 0x40000000u

/* The automatic-collection record of `gccb` and `ncollections`. */
struct rh_collections {
  unsigned observed; /* how often the collector callback is installed */
  struct rh_text generations;
};

/* Labels of finalize objects: this and the number of a name. */
#define RH_LABEL_FINALIZE 0x40000000u

/* A buffer of handles. */
struct rh_handles {
  uint32_t *at;
  size_t room;
};

/* By event of the log: how much evidence there was when it was logged. */
struct rh_event_notes {
  size_t *at;
  size_t room;
};

struct rh_run {
  const struct rh_engine *engine;
  const struct rh_profile *profile;
  const struct rh_trace *trace;
  struct rh_hooks hooks;

  uint32_t *roots;               /* by name: the object bound to it, owned; 0 unbound */
  uint32_t *actions;             /* by name: 1 + index of its `act` operation */
  uint32_t *callbacks;           /* by name: 1 + index of its `cbact` operation */
  uint32_t self_name, nogc_name; /* 0 when the trace never mentions them */
  uint32_t none;                 /* the None object, owned */

  size_t position;
  uint64_t moment;                        /* operations executed; one that raises counts as many */
  unsigned code;                          /* of the operation executed last */
  unsigned depth;                         /* actions running */
  uint32_t held[RH_ACTION_DEPTH_MAX + 1]; /* by depth: the container an operation holds while it releases, 0 none */
  uint32_t action_steps;                  /* operations executed inside actions */
  const char *raised;                     /* what `raise` raises */
  enum rh_observation_class trouble;      /* UNSUPPORTED or UNKNOWN ends the run; else NOTHING */
  char reason[160];

  char label_text[16];
  struct rh_text top_text, nested_text, *text; /* observation text; `text` is one of the two */
  struct rh_text spelled;                      /* an operation's text for the log */
  struct rh_lines log, list;
  size_t logs_taken; /* how often `events` emptied the log */
  struct rh_event_notes event_notes;
  struct rh_handles handles; /* room for making tuples */
  struct rh_literal *literal;

  struct rh_collections collections;
  int64_t stat_base[3][RH_STATS]; /* by generation and enum rh_gc_stat */
  int64_t count_mark, freeze_base;
  uint64_t collected_at, marked_at, frozen_at, literal_at; /* moments */

  bool has_numbers;     /* an action is named by the number of a comb or chain object */
  bool self_borrowed;   /* `self` is bound by a running action, not owned */
  bool raising;         /* an action is being left by `raise` */
  bool hook_unraisable; /* raising is logged */
  bool stat_marked, statistics_read, count_marked;
  bool enabled;                                             /* automatic collection is on */
  bool automatic;                                           /* automatic collection was on since `statmark` */
  bool frozen_known, freeze_base_known, freeze_delta_known; /* start-up objects are not in the number */
  int debug;                                                /* debug flags */
  bool clean;     /* nothing changed since the last full collection (family gc) */
  bool scattered; /* members of a set lie by their addresses: in which order they die is not known (RC-16) */

  struct rh_blocks blocks;
  struct rh_end end;
  struct rh_traced traced;
};

typedef void rh_operation(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen);

/* --- saying what is observed --- */
static inline void rh_say_word(struct rh_observation *seen, const char *word, size_t size) {
  seen->class = RH_OBSERVE_EXACT;
  seen->text = word;
  seen->size = size;
}
#define RH_SAY(seen, literal) rh_say_word((seen), (literal), sizeof(literal) - 1)
static inline void rh_say_bool(struct rh_observation *seen, bool yes) {
  if (yes) {
    RH_SAY(seen, "yes");
  } else {
    RH_SAY(seen, "no");
  }
}
static inline void rh_say_skip(struct rh_observation *seen) {
  RH_SAY(seen, "skip");
  seen->class = RH_OBSERVE_SKIP;
}
void rh_say_number(struct rh_run *run, struct rh_observation *seen, int64_t value);
void rh_say_window(struct rh_run *run, struct rh_observation *seen, int64_t low, int64_t high);
void rh_say_opaque(struct rh_observation *seen);
void rh_say_exception(struct rh_observation *seen, const char *name);
/* The exception of an error; nothing for RH_OK. RH_MEMORY_ERROR means that
 * refheap's own heap is full, which says nothing about others: UNKNOWN. */
void rh_say_error(struct rh_run *run, struct rh_observation *seen, int64_t error);
/* `value` if it is not negative, else the error it stands for. */
void rh_say_count(struct rh_run *run, struct rh_observation *seen, int64_t value);
/* INT-4: the canonical string of the value of s, owned. 0, and unsupported, when that is s but is a word, which the
 * interpreter may have interned before. */
uint32_t rh_intern(struct rh_run *run, uint32_t s, struct rh_observation *seen);
/* The text in run->text. */
void rh_say_written(struct rh_run *run, struct rh_observation *seen);
void rh_say_unsupported(struct rh_run *run, struct rh_observation *seen, const char *what, const char *which);
void rh_say_unknown(struct rh_run *run, struct rh_observation *seen, const char *reason);
/* A list: `[a, b]`, or its digest; the class follows the operation's attributes. */
void rh_say_lines(struct rh_run *run, const struct rh_op *op, const struct rh_lines *lines,
                  struct rh_observation *seen);

void rh_lines_free(struct rh_lines *lines);
void rh_lines_clear(struct rh_lines *lines);
void rh_lines_append(struct rh_lines *lines, const char *first, const char *second, const char *third);
/* Logs an event: three texts in a row. */
void rh_log_event(struct rh_run *run, const char *first, const char *second, const char *third);
void rh_text_number(struct rh_text *text, int64_t value);

/* --- arguments --- */
static inline const struct rh_arg *rh_argument(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  return &run->trace->args[op->first_arg + i];
}
static inline const char *rh_argument_text(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  return run->trace->text + rh_argument(run, op, i)->text;
}
/* The object a name or path leads to, borrowed; 0: none. */
uint32_t rh_resolve(const struct rh_run *run, const struct rh_arg *arg);
/* A name or path as it is written. */
void rh_write_path(const struct rh_run *run, const struct rh_arg *arg, struct rh_text *text);
/* Index of a slot name of node and fin, -1 for any other name. */
int rh_slot_index(const char *name);

/* From here on the young counter may show what the observer left behind. */
void rh_disturb(struct rh_run *run);

/* A V argument: borrowed from the heap, or made for the occasion. */
struct rh_operand {
  uint32_t object; /* 0: it does not resolve */
  bool made;
};
/* Owned; 0 when the heap is full. */
uint32_t rh_make_int(struct rh_run *run, const struct rh_arg *arg);
struct rh_operand rh_take_operand(struct rh_run *run, const struct rh_arg *arg);
void rh_release_operand(struct rh_run *run, struct rh_operand operand);

/* Is o an object of one of the kinds in a set of kind bits? 0 is none. */
#define RH_BIT(kind) (UINT64_C(1) << RH_KIND_##kind)
#define RH_ANY_KIND  UINT64_MAX
bool rh_is_kind(const struct rh_run *run, uint32_t o, uint64_t kinds);
/* The object of argument i if it is of one of the kinds, else 0 and `skip`. */
uint32_t rh_subject(struct rh_run *run, const struct rh_op *op, uint32_t i, uint64_t kinds,
                    struct rh_observation *seen);

/* Holds a container while an operation releases what it held, as CPython's
 * caller does; `refs` does not count it. One at a time in each action. */
void rh_hold(struct rh_run *run, uint32_t o);
void rh_let_go(struct rh_run *run);
unsigned rh_times_held(const struct rh_run *run, uint32_t o);

/* Binds a name to an owned reference (0: unbinds), then drops what it held. */
void rh_bind_root(struct rh_run *run, uint32_t name, uint32_t owned);
/* Binds to what an engine made; 0 is a full heap. */
void rh_bind_made(struct rh_run *run, uint32_t name, uint32_t made, struct rh_observation *seen);

/* Room for n handles. It leaves the run while it is in use, because making a
 * tuple may collect, hence run actions that make tuples. */
struct rh_handles rh_take_handles(struct rh_run *run, uint32_t n);
void rh_give_handles(struct rh_run *run, struct rh_handles handles);

/* --- the operations, by file --- */
/* interpret.c */
void rh_execute(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen);
/* The same for a top-level operation, which a dead process does not execute. */
void rh_execute_top(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen);
/* interpret_new.c */
rh_operation rh_operate_new, rh_operate_incr;
/* interpret_literal.c */
rh_operation rh_operate_const;
/* interpret_instances.c */
rh_operation rh_operate_materialize, rh_operate_selfmethod, rh_operate_setattr, rh_operate_attrname,
    rh_operate_framecycle, rh_operate_exccycle, rh_operate_rawlocalrefs;
/* The builder of the kinds of that file. */
uint32_t rh_make_compound(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen);
/* The attribute `name` of an obj or class, borrowed; 0: none, or another kind. */
uint32_t rh_attribute(const struct rh_run *run, uint32_t o, const char *name);
/* A name in a path of op that leads to what refheap does not model; NULL: none. */
const char *rh_inherited_attribute(const struct rh_run *run, const struct rh_op *op);
/* interpret_objects.c */
rh_operation rh_operate_bind, rh_operate_drop, rh_operate_set, rh_operate_del, rh_operate_unset, rh_operate_put,
    rh_operate_delkey, rh_operate_delrange, rh_operate_add, rh_operate_discardrange, rh_operate_append,
    rh_operate_insert, rh_operate_pop, rh_operate_appendn, rh_operate_popn, rh_operate_appendint, rh_operate_appendints,
    rh_operate_clear, rh_operate_copy, rh_operate_listcopy, rh_operate_extend, rh_operate_slicedel, rh_operate_sliceset,
    rh_operate_imul;
/* interpret_looks.c */
rh_operation rh_operate_refs, rh_operate_immortal, rh_operate_same, rh_operate_cap, rh_operate_sizeof, rh_operate_len,
    rh_operate_growth, rh_operate_intern, rh_operate_char, rh_operate_charof, rh_operate_keyof, rh_operate_weak,
    rh_operate_proxy, rh_operate_use, rh_operate_deref, rh_operate_probe, rh_operate_weakcount, rh_operate_tracked,
    rh_operate_finalized, rh_operate_gen, rh_operate_referents, rh_operate_referrers;
/* interpret_collector.c */
rh_operation rh_operate_collect, rh_operate_enable, rh_operate_disable, rh_operate_threshold, rh_operate_count,
    rh_operate_mark, rh_operate_young, rh_operate_statmark, rh_operate_stat, rh_operate_statkeys, rh_operate_freeze,
    rh_operate_unfreeze, rh_operate_frozen, rh_operate_frozendelta, rh_operate_debug, rh_operate_garbage,
    rh_operate_cleargarbage, rh_operate_gccb, rh_operate_gccboff, rh_operate_ncollections;
void rh_note_collection(struct rh_run *run, enum rh_gc_phase phase, int generation, uint64_t collected,
                        uint64_t uncollectable);
void rh_start_collector(struct rh_run *run);
/* interpret_free_lists.c */
rh_operation rh_operate_freecount, rh_operate_freetuples, rh_operate_idof, rh_operate_sameid;
/* The name the type of an object goes by. */
const char *rh_type_name(const struct rh_run *run, uint32_t o);
/* interpret_end.c */
rh_operation rh_operate_late, rh_operate_error_output;
/* interpret_traced.c */
rh_operation rh_operate_tm_start, rh_operate_tm_stop, rh_operate_tm_clear, rh_operate_tm_resetpeak,
    rh_operate_tm_tracing, rh_operate_tm_limit, rh_operate_tm_mark, rh_operate_tm_delta, rh_operate_tm_peakdelta,
    rh_operate_tm_objtb, rh_operate_tm_track, rh_operate_tm_untrack, rh_operate_tm_has, rh_operate_tm_tracesize;
/* interpret_blocks.c, interpret_statistics.c, interpret_faults.c */
rh_operation rh_operate_nomem, rh_operate_nomemoff, rh_operate_pm_mmalloc, rh_operate_pm_rmalloc, rh_operate_pm_mfree,
    rh_operate_pm_rfree, rh_operate_pm_freebut, rh_operate_pm_freerest, rh_operate_pm_pools, rh_operate_pm_avail;
rh_operation rh_operate_pm_malloc, rh_operate_pm_calloc, rh_operate_pm_realloc, rh_operate_pm_free, rh_operate_pm_fill,
    rh_operate_pm_poke, rh_operate_pm_bytes, rh_operate_pm_off, rh_operate_pm_delta, rh_operate_pm_eq,
    rh_operate_pm_samepool, rh_operate_pm_drain, rh_operate_pm_batch, rh_operate_pm_poolbatch, rh_operate_pm_arenabatch,
    rh_operate_pm_pick, rh_operate_pm_freebatch, rh_operate_pm_perpool, rh_operate_pm_identity,
    rh_operate_pm_drainpools, rh_operate_pm_snap, rh_operate_pm_blocks, rh_operate_pm_arenas, rh_operate_blocks_mark,
    rh_operate_blocks;
/* interpret_families.c: what a profile other than CPython's promises less. */
bool rh_family_refuses(const struct rh_run *run, const struct rh_op *op);
void rh_weaken(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen);
/* What lists events, or garbage, lists them in any order. */
void rh_weaken_order(const struct rh_op *op, struct rh_observation *seen);

#endif
