/*
 * The operations on the collector.
 *
 * Some numbers of a real interpreter count its own start-up objects or are
 * blurred by the observer's allocations; they are said as a window or left
 * opaque by the rules below.
 */
#include <inttypes.h>
#include <string.h>

#include "oracle/interpret_run.h"
#include "rules/evidence.h"

enum {
  QUIET_OPERATIONS = 16,  /* after more operations an observer's containers are not counted any more */
  OBSERVER_NOISE = 12,    /* containers an observer may make while it looks at the young counter */
  OBSERVER_KEPT = 1,      /* a list that it freed is made again from the free list, uncounted (FL-2) */
  STATISTICS_KEPT = 3,    /* and so are the dicts of statistics it has read */
  LITERAL_NOISE = 16,     /* and for having read a literal */
  TIGHTEST_THRESHOLD = 6, /* below, its own containers would start collections */
  FREEZE_NOISE = 9        /* and while it freezes */
};

void rh_start_collector(struct rh_run *run) {
  /* The full collections before a trace may have moved immortal containers there (GEN-15). */
  run->frozen_known = !run->profile->immortals_freeze;
}

/* Does a number fit a C int? */
static bool fits_int(const struct rh_arg *arg) {
  return !arg->is_unsigned && arg->integer >= INT32_MIN && arg->integer <= INT32_MAX;
}

static bool is_quiet_since(const struct rh_run *run, uint64_t moment) {
  return run->moment - moment <= QUIET_OPERATIONS;
}

/* What the young counter may be above what the program itself has counted since a moment. */
static int64_t noise_since(const struct rh_run *run, uint64_t moment) {
  return OBSERVER_NOISE + (run->literal_at > moment ? LITERAL_NOISE : 0);
}

/* --- collecting --- */

void rh_operate_collect(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int64_t generation = op->nargs ? rh_argument(run, op, 0)->integer : 2;
  if (op->nargs && !fits_int(rh_argument(run, op, 0))) {
    rh_say_exception(seen, "OverflowError");
  } else if (generation < 0 || generation > 2) {
    rh_say_exception(seen, "ValueError");
  } else {
    rh_say_count(run, seen, run->engine->collect((int)generation));
  }
}

void rh_note_collection(struct rh_run *run, enum rh_gc_phase phase, int generation, uint64_t collected,
                        uint64_t uncollectable) {
  struct rh_text *generations = &run->collections.generations;
  char text[64];
  run->frozen_known = run->frozen_known && !run->profile->immortals_freeze;
  run->collected_at = run->moment;
  rh_note_debug(run, phase, generation, collected, uncollectable);
  if (phase == RH_GC_START) {
    (void)snprintf(text, sizeof text, "gc:start:%d", generation);
  } else {
    (void)snprintf(text, sizeof text, "gc:stop:%d:%llu:%llu", generation, (unsigned long long)collected,
                   (unsigned long long)uncollectable);
  }
  if (phase == RH_GC_START) {
    rh_because("GEN-12", 0, "a collection of generation %d begins: each of %u callbacks gets it, and zeros", generation,
               run->collections.observed);
  } else {
    rh_because("GEN-12", 0,
               "the collection of generation %d ends: each of %u callbacks gets it, %" PRIu64 " collected and %" PRIu64
               " uncollectable",
               generation, run->collections.observed, collected, uncollectable);
  }
  for (unsigned i = 0; i < run->collections.observed; i++) {
    rh_log_event(run, text, "", "");
    if (phase != RH_GC_START) continue;
    if (generations->size) rh_text_append(generations, " ", 1);
    rh_text_number(generations, generation);
  }
}

void rh_operate_gccb(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->collections.observed++;
}

void rh_operate_gccboff(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  if (run->collections.observed) run->collections.observed--;
}

void rh_operate_ncollections(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_text *generations = &run->collections.generations;
  (void)op;
  run->text->size = 0;
  if (generations->size) {
    rh_text_append(run->text, generations->bytes, generations->size);
  } else {
    rh_text_puts(run->text, "none");
  }
  generations->size = 0;
  rh_say_written(run, seen);
}

/* --- automatic collection --- */

/* Nobody can say when collections start that an observer's containers start as well. */
static void refuse_tight_threshold(struct rh_run *run, struct rh_observation *seen) {
  int64_t threshold = run->engine->threshold(0);
  if (run->enabled && threshold != 0 && threshold < TIGHTEST_THRESHOLD)
    rh_say_unsupported(run, seen, "automatic collection", "with a threshold that an observer reaches");
}

void rh_operate_enable(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  run->automatic = run->enabled = true;
  run->engine->enable(true);
  refuse_tight_threshold(run, seen);
}

void rh_operate_disable(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->enabled = false;
  run->engine->enable(false);
}

static void say_thresholds(struct rh_run *run, struct rh_observation *seen) {
  run->text->size = 0;
  for (int i = 0; i < 3; i++) {
    rh_text_puts(run->text, i ? ", " : "[");
    rh_text_number(run->text, run->engine->threshold(i));
  }
  rh_text_puts(run->text, "]");
  rh_say_written(run, seen);
}

void rh_operate_threshold(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  for (uint32_t i = 0; i < op->nargs; i++) {
    if (fits_int(rh_argument(run, op, i))) continue;
    rh_say_exception(seen, "OverflowError");
    return;
  }
  for (uint32_t i = 0; i < op->nargs; i++) run->engine->set_threshold((int)i, rh_argument(run, op, i)->integer);
  if (op->nargs == 0) say_thresholds(run, seen);
  refuse_tight_threshold(run, seen);
}

/* --- counters: the young one is blurred by the observer's own containers --- */

/* A generation as an index of a Python sequence of three. */
static bool find_generation(const struct rh_arg *arg, int *generation) {
  int64_t index = arg->integer < 0 ? arg->integer + 3 : arg->integer;
  *generation = (int)index;
  return !arg->is_unsigned && index >= 0 && index < 3;
}

void rh_operate_count(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int generation;
  if (!find_generation(rh_argument(run, op, 0), &generation)) {
    rh_say_exception(seen, "IndexError");
    return;
  }
  int64_t count = run->engine->count(generation);
  if (generation > 0 && !run->automatic) {
    rh_say_count(run, seen, count);
  } else if (generation == 0 && is_quiet_since(run, run->collected_at)) {
    rh_say_window(run, seen, count, count + noise_since(run, run->collected_at));
  } else {
    rh_say_opaque(seen);
  }
}

void rh_operate_mark(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->count_mark = run->engine->count(0);
  run->count_marked = true;
  run->marked_at = run->moment;
}

void rh_operate_young(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  int64_t growth = run->engine->count(0) - run->count_mark;
  int64_t kept =
      OBSERVER_KEPT + (run->statistics_read ? STATISTICS_KEPT : 0) + (run->literal_at > 0 ? LITERAL_NOISE : 0);
  /* What resets the counter forgets the observer's containers before the mark as well. */
  bool reset = run->collected_at >= run->marked_at || run->frozen_at >= run->marked_at;
  if (run->count_marked && is_quiet_since(run, run->marked_at) && !reset) {
    rh_say_window(run, seen, growth - kept, growth + noise_since(run, run->marked_at));
  } else {
    rh_say_opaque(seen);
  }
}

/* --- statistics --- */

void rh_operate_statmark(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->automatic = false;
  run->stat_marked = run->statistics_read = true;
  for (int generation = 0; generation < 3; generation++) {
    for (int field = 0; field < RH_STATS; field++)
      run->stat_base[generation][field] = run->engine->stat(generation, field);
  }
}

static int find_field(const char *word) {
  static const char *const fields[] = {
      [RH_STAT_COLLECTIONS] = "collections",
      [RH_STAT_COLLECTED] = "collected",
      [RH_STAT_UNCOLLECTABLE] = "uncollectable",
      [RH_STAT_CANDIDATES] = "candidates",
  };
  for (int i = 0; i < RH_STATS; i++)
    if (strcmp(fields[i], word) == 0) return i;
  return -1;
}

static void say_growth(struct rh_run *run, int generation, int field, struct rh_observation *seen) {
  int64_t growth = run->engine->stat(generation, field) - run->stat_base[generation][field];
  int64_t slack = 1 + growth / 8; /* an observer's containers shift automatic collections a little */
  if (!run->stat_marked) {
    rh_say_opaque(seen); /* includes what happened before the trace */
  } else if (run->automatic) {
    rh_say_window(run, seen, growth > slack ? growth - slack : 0, growth + slack);
  } else if (field == RH_STAT_CANDIDATES) {
    int64_t collections =
        run->engine->stat(generation, RH_STAT_COLLECTIONS) - run->stat_base[generation][RH_STAT_COLLECTIONS];
    rh_say_window(run, seen, growth, growth + collections * OBSERVER_NOISE);
  } else {
    rh_say_number(run, seen, growth);
  }
}

/* Durations are nobody's promise, and start-up objects are candidates of every
 * full collection. */
static bool is_nobodys_promise(const struct rh_run *run, int generation, int field) {
  return run->profile->extra_stat_fields && (field < 0 || (field == RH_STAT_CANDIDATES && generation == 2));
}

void rh_operate_stat(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int generation, field = find_field(rh_argument_text(run, op, 1));
  run->statistics_read = true;
  if (!find_generation(rh_argument(run, op, 0), &generation)) {
    rh_say_exception(seen, "IndexError");
  } else if (rh_argument(run, op, 0)->integer < 0 || is_nobodys_promise(run, generation, field)) {
    rh_say_opaque(seen); /* no mark knows -1 as a generation */
  } else if (field >= 0 && (field != RH_STAT_CANDIDATES || run->profile->extra_stat_fields)) {
    say_growth(run, generation, field, seen);
  } else {
    rh_say_exception(seen, "KeyError");
  }
}

void rh_operate_statkeys(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  run->statistics_read = true;
  if (run->profile->extra_stat_fields) {
    RH_SAY(seen, "[candidates, collected, collections, duration, uncollectable]");
  } else {
    RH_SAY(seen, "[collected, collections, uncollectable]");
  }
}

/* --- freezing: the first freeze also takes every start-up object --- */

void rh_operate_freeze(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->freeze_base = run->engine->frozen();
  run->freeze_delta_known = run->freeze_base_known && is_quiet_since(run, run->frozen_at);
  run->frozen_at = run->moment;
  run->freeze_base_known = true;
  run->frozen_known = false;
  run->engine->freeze();
}

void rh_operate_unfreeze(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->freeze_base_known = run->freeze_delta_known = false;
  run->frozen_known = true;
  run->engine->unfreeze();
}

void rh_operate_frozen(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  if (run->frozen_known) {
    rh_say_number(run, seen, run->engine->frozen());
  } else {
    rh_say_opaque(seen);
  }
}

void rh_operate_frozendelta(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  int64_t growth = run->engine->frozen() - run->freeze_base;
  if (run->freeze_delta_known) {
    rh_say_window(run, seen, growth, growth + FREEZE_NOISE);
  } else {
    rh_say_opaque(seen);
  }
}

/* --- debug flags and garbage --- */

/* The parser knows the words: it is one of them. */
static int find_flag(const char *word) {
  static const struct {
    const char *word;
    int flag;
  } flags[] = {
      {"0", 0},
      {"STATS", RH_DEBUG_STATS},
      {"COLLECTABLE", RH_DEBUG_COLLECTABLE},
      {"UNCOLLECTABLE", RH_DEBUG_UNCOLLECTABLE},
      {"SAVEALL", RH_DEBUG_SAVEALL},
      {"LEAK", RH_DEBUG_COLLECTABLE | RH_DEBUG_UNCOLLECTABLE | RH_DEBUG_SAVEALL},
  };
  unsigned i = 0;
  while (strcmp(flags[i].word, word) != 0) i++;
  return flags[i].flag;
}

void rh_operate_debug(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int flags = 0;
  (void)seen;
  for (uint32_t i = 0; i < op->nargs; i++) flags |= find_flag(rh_argument_text(run, op, i));
  run->debug = flags;
  run->engine->set_debug(flags);
}

static const char *kind_name(int kind) {
  static const char *const names[] = {
      [RH_KIND_NONE] = "NoneType",
      [RH_KIND_NODE] = "node",
      [RH_KIND_FIN] = "fin",
      [RH_KIND_LISTFIN] = "listfin",
      [RH_KIND_NOGCFIN] = "nogcfin",
      [RH_KIND_LIST] = "list",
      [RH_KIND_TUPLE] = "tuple",
      [RH_KIND_DICT] = "dict",
      [RH_KIND_SET] = "set",
      [RH_KIND_DEQUE] = "deque",
      [RH_KIND_OBJECT] = "object",
      [RH_KIND_INT] = "int",
      [RH_KIND_STR] = "str",
      [RH_KIND_FLOAT] = "float",
      [RH_KIND_BYTES] = "bytes",
      [RH_KIND_WEAKREF] = "weakref",
      [RH_KIND_OTHER] = "other",
      [RH_KIND_OBJ] = "obj",
      [RH_KIND_BARE] = "bare",
      [RH_KIND_CLASS] = "type",
      [RH_KIND_FUNC] = "function",
      [RH_KIND_GEN] = "generator",
      [RH_KIND_SIZER] = "sizer",
      [RH_KIND_STRSUB] = "strsub",
      [RH_KIND_PART] = "part",
      [RH_KIND_LEGACY] = "legacy",
      [RH_KIND_NOGCBOX] = "nogcbox",
      [RH_KIND_FROZENSET] = "frozenset",
      [RH_KIND_COMPLEX] = "complex",
      [RH_KIND_BYTEARRAY] = "bytearray",
      [RH_KIND_ARRAY] = "array",
      [RH_KIND_PROXY] = "ProxyType",
      [RH_KIND_FINALIZE] = "finalize",
      [RH_KIND_WVD] = "WeakValueDictionary",
      [RH_KIND_WKD] = "WeakKeyDictionary",
  };
  return names[kind];
}

static const char *part_name(int part) {
  static const char *const names[] = {
      [RH_PART_DICT] = "dict",
      [RH_PART_TUPLE] = "tuple",
      [RH_PART_CELL] = "cell",
      [RH_PART_DESCRIPTOR] = "getset_descriptor",
      [RH_PART_UNWINDING] = "frame",
      [RH_PART_FRAME] = "frame",
      [RH_PART_METHOD] = "method-wrapper",
      [RH_PART_TRACEBACK] = "traceback",
      [RH_PART_EXCEPTION] = "ValueError",
  };
  return names[part];
}

const char *rh_type_name(const struct rh_run *run, uint32_t o) {
  int kind = run->engine->kind(o);
  if (kind == RH_KIND_PROXY && !run->profile->weakref_qualified) return "weakproxy";
  return kind == RH_KIND_PART ? part_name(run->engine->part(o)) : kind_name(kind);
}

void rh_operate_garbage(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t n = run->engine->garbage_length();
  for (uint64_t i = 0; i < n; i++) {
    uint32_t o = run->engine->garbage_item(i);
    bool named = rh_is_kind(run, o, RH_BIT(FIN) | RH_BIT(LISTFIN) | RH_BIT(LEGACY));
    rh_lines_append(&run->list, named ? rh_run_label_text(run, run->engine->label(o)) : rh_type_name(run, o), "", "");
  }
  rh_say_lines(run, op, &run->list, seen);
  rh_lines_clear(&run->list);
}

void rh_operate_cleargarbage(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->engine->clear_garbage();
}
