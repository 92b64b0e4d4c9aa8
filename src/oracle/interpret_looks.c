/*
 * The operations that look at objects, and weak references. A look changes
 * nothing; what an engine does not know ends the run as unsupported.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "oracle/interpret_run.h"
#include "oracle/literal.h"
#include "rules/evidence.h"

#define LISTS      (RH_BIT(LIST) | RH_BIT(LISTFIN))
#define ENDED      (LISTS | RH_BIT(DEQUE))
#define BYTE_KINDS (RH_BIT(BYTEARRAY) | RH_BIT(ARRAY))
#define SIZED                                                                                                          \
  (ENDED | RH_BIT(DICT) | RH_BIT(WVD) | RH_BIT(WKD) | RH_BIT(SET) | RH_BIT(TUPLE) | RH_BIT(STR) | RH_BIT(BYTES) |      \
   BYTE_KINDS)
/* Shared by the whole process, so that a mortal count says nothing. */
#define SHARED (RH_BIT(NONE) | RH_BIT(OTHER))

/* --- counts and identity --- */

/* Of a count taken inside an action: how many names refer to the object. */
static void note_refs(const struct rh_run *run, uint32_t o, int64_t count) {
  unsigned names = 0;
  for (uint32_t i = 1; i < run->trace->nnames; i++)
    names += run->roots[i] == o && (i != run->self_name || !run->self_borrowed);
  rh_evidence_note("RC-1", o,
                   "%u name%s, `self` not counted, and %" PRId64
                   " reference%s of containers or of the call of the action lead to %s",
                   names, names == 1 ? "" : "s", count - names, count - names == 1 ? "" : "s", rh_evidence_name(o));
}

void rh_operate_refs(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (!o) return;
  int64_t count = run->engine->refs(o);
  if (run->depth > 0 && rh_evidence_kept) note_refs(run, o, count);
  bool huge = run->engine->immortal(o) && !run->profile->immortal_singletons;
  bool shared = count == RH_UNSUPPORTED; /* the interpreter refers to it too: caches of values and of names */
  if (huge || shared) {
    rh_say_opaque(seen);
  } else {
    rh_say_count(run, seen, count > 0 && !run->engine->immortal(o) ? count - rh_times_held(run, o) : count);
  }
}

void rh_operate_immortal(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (o) rh_say_bool(seen, run->engine->immortal(o));
}

void rh_operate_same(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t a = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  uint32_t b = a ? rh_subject(run, op, 1, RH_ANY_KIND, seen) : 0;
  if (!b) return;
  int same = run->engine->same(a, b);
  if (same < 0) {
    rh_say_opaque(seen);
  } else {
    rh_say_bool(seen, same != 0);
  }
}

/* --- sizes --- */

void rh_operate_cap(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  if (list) rh_say_count(run, seen, run->engine->capacity(list));
}

void rh_operate_sizeof(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  int64_t size = o ? run->engine->size_of(o) : 0;
  if (!o) return;
  if (size >= RH_UNSUPPORTED) {
    rh_say_count(run, seen, size);
    return;
  }
  run->text->size = 0; /* headers on top of an own size near 2**63 */
  rh_text_printf(run->text, "%" PRIu64, (uint64_t)size);
  rh_say_written(run, seen);
}

void rh_operate_len(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, SIZED, seen);
  if (o) rh_say_number(run, seen, (int64_t)run->engine->length(o));
}

/* --- growth --- */

struct growth_way {
  const char *word;
  uint64_t kinds;
  bool values_only; /* list `value`, not `step:value` */
  int (*step)(struct rh_run *run, uint32_t o, int64_t i);
};

static int step_append(struct rh_run *run, uint32_t o, int64_t i) {
  (void)i;
  if (!rh_is_kind(run, o, BYTE_KINDS)) return run->engine->append(o, run->none);
  uint32_t zero = run->engine->new_int(0);
  if (!zero) return RH_MEMORY_ERROR;
  int error = run->engine->append(o, zero);
  run->engine->drop(zero);
  return error;
}

static int step_pop(struct rh_run *run, uint32_t o, int64_t i) {
  (void)i;
  return run->engine->pop(o, -1);
}

static int with_key(struct rh_run *run, uint32_t o, uint32_t key, bool is_dict) {
  if (!key) return RH_MEMORY_ERROR;
  int error = is_dict ? run->engine->put(o, key, run->none) : run->engine->add(o, key);
  run->engine->drop(key);
  return error;
}

static int step_add(struct rh_run *run, uint32_t o, int64_t i) {
  return with_key(run, o, run->engine->new_int(i), false);
}

static int step_put(struct rh_run *run, uint32_t o, int64_t i) {
  return with_key(run, o, run->engine->new_int(i), true);
}

static int step_puts(struct rh_run *run, uint32_t o, int64_t i) {
  char spelled[24];
  int size = snprintf(spelled, sizeof spelled, "k%lld", (long long)i);
  return with_key(run, o, run->engine->new_str(spelled, (size_t)size, false), true);
}

/* The parser knows the words: it is one of them. */
static const struct growth_way *find_way(const char *word) {
  static const struct growth_way ways[] = {
      {"append", ENDED | BYTE_KINDS, false, step_append},
      {"add", RH_BIT(SET), false, step_add},
      {"put", RH_BIT(DICT), false, step_put},
      {"puts", RH_BIT(DICT), false, step_puts},
      {"pop", ENDED | BYTE_KINDS, false, step_pop},
      {"popdown", ENDED | BYTE_KINDS, true, step_pop},
  };
  const struct growth_way *way = ways;
  while (strcmp(way->word, word) != 0) way++;
  return way;
}

static int64_t room(const struct rh_run *run, uint32_t o) {
  return rh_is_kind(run, o, LISTS) ? run->engine->capacity(o) : run->engine->size_of(o);
}

int64_t rh_run_growth_step(struct rh_run *run, const struct rh_op *op, uint32_t o, int64_t i) {
  if (i >= 0) (void)find_way(rh_argument_text(run, op, 1))->step(run, o, i); /* it was predicted, so it does not fail */
  return room(run, o);
}

static void write_step(struct rh_text *text, const struct growth_way *way, int64_t step, int64_t value) {
  rh_text_puts(text, text->size ? ", " : "[");
  if (!way->values_only) {
    rh_text_number(text, step);
    rh_text_append(text, ":", 1);
  }
  rh_text_number(text, value);
}

/* Does the steps on `o`, which is held, and writes each change of its room. */
static int64_t write_growth(struct rh_run *run, struct rh_text *text, const struct growth_way *way, uint32_t o,
                            int64_t steps) {
  int64_t value = room(run, o);
  write_step(text, way, 0, value);
  for (int64_t i = 0; i < steps && value >= 0; i++) {
    int error = way->step(run, o, i);
    int64_t now = error == RH_OK ? room(run, o) : error;
    if (now != value && now >= 0) write_step(text, way, i + 1, now);
    value = now;
  }
  rh_text_puts(text, "]");
  return value;
}

void rh_operate_growth(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct growth_way *way = find_way(rh_argument_text(run, op, 1));
  uint32_t o = rh_subject(run, op, 0, way->kinds, seen);
  if (!o) return;
  struct rh_text text = {NULL, 0, 0}; /* its own: popped items may run actions */
  rh_hold(run, o);
  int64_t value = write_growth(run, &text, way, o, rh_argument(run, op, 2)->integer);
  rh_let_go(run);
  run->text->size = 0;
  rh_text_append(run->text, text.bytes, text.size);
  rh_text_free(&text);
  if (value < 0) {
    rh_say_error(run, seen, value);
  } else {
    rh_say_written(run, seen);
  }
}

/* --- strings and keys --- */

/* One word, as most names of an interpreter are: letters and digits, underscores at its ends. */
static bool is_word(const char *text, size_t n) {
  size_t letters = 0;
  while (n > 0 && text[n - 1] == '_') n--;
  for (; n > 0 && *text == '_'; text++) n--;
  while (letters < n && isalnum((unsigned char)text[letters])) letters++;
  return letters == n;
}

uint32_t rh_intern(struct rh_run *run, uint32_t s, struct rh_observation *seen) {
  size_t n = 0;
  const char *text = run->engine->text(s, &n);
  uint32_t canonical = run->engine->intern(s);
  if (canonical != s || n < 2 || !is_word(text, n)) return canonical;
  run->engine->drop(canonical);
  rh_say_unsupported(run, seen, "interning a word,", "the interpreter may use it itself");
  return 0;
}

void rh_operate_intern(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 1, RH_ANY_KIND, seen);
  if (!o) return;
  if (rh_is_kind(run, o, RH_BIT(STR))) {
    uint32_t canonical = rh_intern(run, o, seen);
    if (canonical) rh_bind_root(run, rh_argument(run, op, 0)->name, canonical);
  } else {
    rh_say_exception(seen, "TypeError");
  }
}

void rh_operate_char(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *arg = rh_argument(run, op, 1);
  int64_t code_point = arg->integer;
  bool fits = !arg->is_unsigned && code_point >= INT32_MIN && code_point <= INT32_MAX;
  if (!fits && run->profile->chr_overflows) {
    rh_say_exception(seen, "OverflowError");
  } else if (!fits || code_point < 0 || code_point >= 0x110000) {
    rh_say_exception(seen, "ValueError");
  } else {
    struct rh_text *utf8 = &run->spelled;
    utf8->size = 0;
    rh_text_append_code_point(utf8, (uint32_t)code_point);
    rh_bind_made(run, rh_argument(run, op, 0)->name, run->engine->new_str(utf8->bytes, utf8->size, false), seen);
  }
}

/* A Python index: negative ones count from the end. False: out of range. */
static bool find_index(const struct rh_arg *arg, uint64_t length, uint64_t *found) {
  int64_t index = arg->integer < 0 ? arg->integer + (int64_t)length : arg->integer;
  *found = (uint64_t)index;
  return !arg->is_unsigned && index >= 0 && (uint64_t)index < length;
}

void rh_operate_charof(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t i;
  uint32_t text = rh_subject(run, op, 1, RH_BIT(STR), seen);
  if (!text) return;
  if (find_index(rh_argument(run, op, 2), run->engine->length(text), &i)) {
    rh_bind_made(run, rh_argument(run, op, 0)->name, run->engine->char_of(text, i), seen);
  } else {
    rh_say_exception(seen, "IndexError");
  }
}

void rh_operate_keyof(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int64_t i = rh_argument(run, op, 2)->integer;
  uint32_t dict = rh_subject(run, op, 1, RH_BIT(DICT), seen);
  if (!dict) return;
  if (i < 0 || (uint64_t)i >= run->engine->length(dict)) {
    rh_say_exception(seen, "IndexError");
    return;
  }
  uint32_t key = run->engine->item(dict, (uint64_t)i);
  run->engine->retain(key);
  rh_bind_root(run, rh_argument(run, op, 0)->name, key);
}

/* --- weak references --- */

/* What weakly refers to argument 1, made by one of the engine's functions. */
static void bind_weak(struct rh_run *run, const struct rh_op *op,
                      int (*make)(uint32_t o, bool callback, uint32_t label, uint32_t *out),
                      struct rh_observation *seen) {
  uint32_t made = 0, name = rh_argument(run, op, 0)->name;
  uint32_t o = rh_subject(run, op, 1, RH_ANY_KIND, seen);
  if (!o) return;
  rh_hold(run, o); /* making the reference may collect */
  int error = make(o, op->nargs > 2, name, &made);
  rh_let_go(run);
  if (error == RH_OK) {
    rh_bind_made(run, name, made, seen);
  } else {
    rh_say_error(run, seen, error);
  }
}

void rh_operate_weak(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bind_weak(run, op, run->engine->new_weakref, seen);
}

void rh_operate_proxy(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bind_weak(run, op, run->engine->new_proxy, seen);
}

void rh_operate_use(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t proxy = rh_subject(run, op, 0, RH_BIT(PROXY), seen);
  if (!proxy) return;
  uint32_t o = run->engine->referent(proxy);
  rh_because("WR-15", proxy, o ? "%s leads to %s, which lives" : "the object of %s is dead", rh_evidence_name(proxy),
             rh_evidence_name(o));
  if (!o) {
    rh_say_exception(seen, "ReferenceError");
  } else if (!run->engine->field(o, 0) && !rh_attribute(run, o, "a")) {
    rh_say_exception(seen, "AttributeError");
  }
}

void rh_operate_deref(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t weakref = rh_subject(run, op, 0, RH_BIT(WEAKREF), seen);
  if (!weakref) return;
  if (run->engine->referent(weakref)) {
    RH_SAY(seen, "live");
  } else {
    RH_SAY(seen, "dead");
  }
}

void rh_operate_probe(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t weakref = rh_subject(run, op, 0, RH_BIT(WEAKREF), seen);
  if (!weakref) return;
  run->spelled.size = 0;
  rh_write_path(run, rh_argument(run, op, 0), &run->spelled);
  rh_log_event(run, "probe:", run->spelled.bytes, run->engine->referent(weakref) ? "=live" : "=dead");
}

void rh_operate_weakcount(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (o) rh_say_count(run, seen, run->engine->weak_count(o));
}

/* --- the collector's view of an object --- */

void rh_operate_tracked(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (o) rh_say_bool(seen, run->engine->tracked(o));
}

void rh_operate_finalized(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (o) rh_say_bool(seen, run->engine->finalized(o));
}

void rh_operate_gen(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  int generation = o ? run->engine->generation(o) : 0;
  if (!o) return;
  if (generation < 0) {
    RH_SAY(seen, "none");
  } else {
    rh_say_number(run, seen, generation);
  }
}

void rh_operate_referents(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (o) rh_say_number(run, seen, (int64_t)run->engine->referents(o));
}

void rh_operate_referrers(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_ANY_KIND, seen);
  if (!o) return;
  /* The interpreter refers to it too; where dicts are always tracked, the table of interned strings may. */
  bool shared = rh_is_kind(run, o, SHARED) || run->engine->immortal(o) || run->engine->refs(o) < 0 ||
                (rh_is_kind(run, o, RH_BIT(STR)) && !run->profile->dict_lazy_tracking);
  if (shared) {
    rh_say_opaque(seen);
  } else {
    rh_say_number(run, seen, (int64_t)run->engine->referrers(o));
  }
}
