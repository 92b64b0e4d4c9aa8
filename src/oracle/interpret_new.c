/*
 * The operations that make objects: `new KIND` and `incr`.
 *
 * A builder returns an owned object, or 0 after saying why not; 0 without a
 * word means that refheap's heap is full. The arguments of a kind start at
 * argument 1, after the name.
 *
 * Aggregates are made as a comprehension makes them: the list first, then the
 * items in order, each followed by a safe point.
 */
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/literal.h" /* appending a code point */

static uint32_t count_argument(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  return (uint32_t)rh_argument(run, op, i)->integer; /* the parser holds it below RH_TRACE_COUNT_MAX */
}

/* --- single objects --- */

static uint32_t make_float(struct rh_run *run, const struct rh_op *op) {
  return run->engine->new_float(rh_argument(run, op, 1)->real);
}

static uint32_t make_str(struct rh_run *run, const struct rh_op *op) {
  return run->engine->new_str(rh_argument_text(run, op, 1), rh_argument(run, op, 1)->text_length, false);
}

/* n copies of one code point. */
static uint32_t make_strk(struct rh_run *run, const struct rh_op *op) {
  unsigned long code_point = strtoul(rh_argument_text(run, op, 1), NULL, 16);
  struct rh_text text = {NULL, 0, 0};
  uint32_t n = count_argument(run, op, 2);
  for (uint32_t i = 0; i < n; i++) rh_text_append_code_point(&text, (uint32_t)code_point);
  uint32_t made = run->engine->new_str(text.bytes ? text.bytes : "", text.size, false);
  rh_text_free(&text);
  return made;
}

struct rh_handles rh_take_handles(struct rh_run *run, uint32_t n) {
  struct rh_handles handles = run->handles;
  run->handles = (struct rh_handles){NULL, 0};
  if (n >= handles.room) {
    handles.room = (size_t)n + 16;
    handles.at = realloc(handles.at, handles.room * sizeof *handles.at);
    if (!handles.at) abort();
  }
  return handles;
}

void rh_give_handles(struct rh_run *run, struct rh_handles handles) {
  free(run->handles.at);
  run->handles = handles;
}

/* The listed roots; an unbound one makes the whole operation a skip. They are
 * held meanwhile: a collection on the way may run an action that drops them. */
static uint32_t make_tuple(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t n = op->nargs - 1, made = 0, count = 0;
  struct rh_handles items = rh_take_handles(run, n);
  while (count < n && (items.at[count] = rh_resolve(run, rh_argument(run, op, 1 + count))) != 0)
    run->engine->retain(items.at[count++]);
  if (count < n) {
    rh_say_skip(seen);
  } else {
    made = run->engine->new_tuple(items.at, n, RH_FROM_DISPLAY);
  }
  while (count) run->engine->drop(items.at[--count]);
  rh_give_handles(run, items);
  return made;
}

/* A tuple of n objects from make(run, i). */
static uint32_t make_tuple_of(struct rh_run *run, uint32_t n, uint32_t (*make)(struct rh_run *run, uint32_t i),
                              int source) {
  uint32_t made = 0, count = 0;
  struct rh_handles items = rh_take_handles(run, n);
  while (count < n && (items.at[count] = make(run, count)) != 0) count++;
  if (count == n) made = run->engine->new_tuple(items.at, n, source);
  while (count) run->engine->drop(items.at[--count]);
  rh_give_handles(run, items);
  return made;
}

static uint32_t make_none_item(struct rh_run *run, uint32_t i) {
  (void)i;
  run->engine->retain(run->none);
  return run->none;
}

static uint32_t make_int_item(struct rh_run *run, uint32_t i) {
  return run->engine->new_int(i);
}

/* --- aggregates --- */

struct item_rule {
  int kind;        /* what each item is */
  uint32_t length; /* of a tuple */
  bool native;     /* made inside one native loop: a single safe point at its end */
};

static uint32_t make_item(struct rh_run *run, const struct item_rule *rule, uint32_t i) {
  if (rule->kind == RH_KIND_FLOAT) return run->engine->new_float((double)i + 0.5);
  if (rule->kind == RH_KIND_TUPLE) return make_tuple_of(run, rule->length, make_none_item, RH_FROM_LIST);
  return run->engine->new_object(rule->kind, 0);
}

/* Appends what is owned and lets it go. False when refheap's heap is full. */
static bool give_to_list(struct rh_run *run, uint32_t list, uint32_t owned) {
  bool good = owned && run->engine->append(list, owned) == RH_OK;
  if (owned) run->engine->drop(owned);
  return good;
}

/* LST-5: a native loop is list() of an iterator without a length hint, which has room for 8 items while it grows and is
 * cut back at the end. Appending differs from that where it has not come to 8 yet: it goes there and back. */
static bool grow_as_by_iterator(struct rh_run *run, uint32_t list, uint32_t n) {
  enum { ROOM_FOR_8 = 5 }; /* so many items make appending ask for it */
  if (n < 2) return true;
  for (uint32_t i = n; i < ROOM_FOR_8; i++)
    if (run->engine->append(list, run->none) != RH_OK) return false;
  for (uint32_t i = n; i < ROOM_FOR_8; i++) (void)run->engine->pop(list, -1);
  return true;
}

static uint32_t make_aggregate(struct rh_run *run, uint32_t n, struct item_rule rule) {
  uint32_t list = run->engine->new_object(RH_KIND_LIST, 0);
  for (uint32_t i = 0; list && i < n; i++) {
    if (!give_to_list(run, list, make_item(run, &rule, i))) {
      run->engine->drop(list);
      return 0;
    }
    if (!rule.native) run->engine->safepoint();
  }
  if (list && rule.native && !grow_as_by_iterator(run, list, n)) {
    run->engine->drop(list);
    return 0;
  }
  return list;
}

/* Puts or adds keys 0..n-1, or "k0".."k<n-1>", one by one. */
static uint32_t make_keyed(struct rh_run *run, uint32_t n, int kind, bool text_keys) {
  uint32_t made = run->engine->new_object(kind, 0);
  for (uint32_t i = 0; made && i < n; i++) {
    char spelled[16];
    int size = snprintf(spelled, sizeof spelled, "k%u", (unsigned)i);
    uint32_t key = text_keys ? run->engine->new_str(spelled, (size_t)size, false) : run->engine->new_int(i);
    bool good =
        key && (kind == RH_KIND_DICT ? run->engine->put(made, key, run->none) : run->engine->add(made, key)) == RH_OK;
    if (key) run->engine->drop(key);
    if (good) continue;
    run->engine->drop(made);
    made = 0;
  }
  return made;
}

/* Fi. */
static uint32_t make_numbered(struct rh_run *run, uint32_t i) {
  uint32_t fin = run->engine->new_object(RH_KIND_FIN, RH_LABEL_INDEX + i);
  if (fin) rh_evidence_call(fin, rh_run_label_text(run, RH_LABEL_INDEX + i));
  return fin;
}

/* T0 = [F0, T1], T1 = [F1, T2] ..., built from the innermost outwards. */
static uint32_t make_comb(struct rh_run *run, uint32_t n) {
  uint32_t tail = run->none;
  run->engine->retain(tail);
  for (uint32_t i = n; tail && i-- > 0;) {
    uint32_t list = run->engine->new_object(RH_KIND_LIST, 0);
    uint32_t fin = list ? make_numbered(run, i) : 0;
    bool good = give_to_list(run, list, fin) && give_to_list(run, list, tail);
    if (!good && list) run->engine->drop(list);
    tail = good ? list : 0;
  }
  return tail;
}

/* F0.a = F1, F1.a = F2, ..., built from the innermost outwards. */
static uint32_t make_chain(struct rh_run *run, uint32_t n) {
  uint32_t head = run->none;
  run->engine->retain(head);
  for (uint32_t i = n; head && i-- > 0;) {
    uint32_t fin = make_numbered(run, i);
    if (fin && i + 1 < n) (void)run->engine->set_field(fin, 0, head); /* the first slot exists and is empty */
    run->engine->drop(head);
    head = fin;
  }
  return head;
}

/* --- containers from a source --- */

/* The parser knows the words: it is one of them. */
static int find_source(const char *word) {
  static const struct {
    const char *word;
    enum rh_source source;
  } sources[] = {
      {"list", RH_FROM_LIST},   {"tuple", RH_FROM_TUPLE},     {"range", RH_FROM_RANGE},   {"set", RH_FROM_SET},
      {"dict", RH_FROM_DICT},   {"iter", RH_FROM_ITER},       {"gen", RH_FROM_GEN},       {"comp", RH_FROM_COMP},
      {"const", RH_FROM_CONST}, {"display", RH_FROM_DISPLAY}, {"repeat", RH_FROM_REPEAT}, {"split", RH_FROM_SPLIT},
      {"copy", RH_FROM_COPY},   {"merge0", RH_FROM_MERGE0},   {"merge1", RH_FROM_MERGE1},
  };
  unsigned i = 0;
  while (strcmp(sources[i].word, word) != 0) i++;
  return (int)sources[i].source;
}

static uint32_t make_from(struct rh_run *run, const struct rh_op *op) {
  int source = find_source(rh_argument_text(run, op, 1));
  uint32_t n = count_argument(run, op, 2);
  if (op->kind == RH_NEW_LIST_FROM) return run->engine->new_list(n, source);
  return op->kind == RH_NEW_SET_FROM ? run->engine->new_set(n, source) : run->engine->new_dict(n, source);
}

/* --- the kinds --- */

/* The engine's kind of an object made empty, RH_KIND_NONE for the others. */
static int plain_kind(unsigned kind) {
  switch (kind) {
  case RH_NEW_LIST:
    return RH_KIND_LIST;
  case RH_NEW_DICT:
    return RH_KIND_DICT;
  case RH_NEW_SET:
    return RH_KIND_SET;
  case RH_NEW_DEQUE:
    return RH_KIND_DEQUE;
  case RH_NEW_OBJECT:
    return RH_KIND_OBJECT;
  case RH_NEW_BYTEARRAY:
    return RH_KIND_BYTEARRAY;
  case RH_NEW_ARRAY:
    return RH_KIND_ARRAY;
  case RH_NEW_WVD:
    return RH_KIND_WVD;
  case RH_NEW_WKD:
    return RH_KIND_WKD;
  case RH_NEW_NODE:
    return RH_KIND_NODE;
  case RH_NEW_FIN:
    return RH_KIND_FIN;
  case RH_NEW_LISTFIN:
    return RH_KIND_LISTFIN;
  case RH_NEW_NOGCFIN:
    return RH_KIND_NOGCFIN;
  case RH_NEW_OBJ:
    return RH_KIND_OBJ;
  case RH_NEW_BARE:
    return RH_KIND_BARE;
  case RH_NEW_LEGACY:
    return RH_KIND_LEGACY;
  default:
    return RH_KIND_NONE;
  }
}

static uint32_t make_many(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  switch (op->kind) {
  case RH_NEW_NODES:
    return make_aggregate(run, count_argument(run, op, 1), (struct item_rule){RH_KIND_NODE, 0, false});
  case RH_NEW_CNODES:
    return make_aggregate(run, count_argument(run, op, 1), (struct item_rule){RH_KIND_NODE, 0, true});
  case RH_NEW_LISTS:
    return make_aggregate(run, count_argument(run, op, 1), (struct item_rule){RH_KIND_LIST, 0, false});
  case RH_NEW_DICTS:
    return make_aggregate(run, count_argument(run, op, 1), (struct item_rule){RH_KIND_DICT, 0, false});
  case RH_NEW_FLOATS:
    return make_aggregate(run, count_argument(run, op, 1), (struct item_rule){RH_KIND_FLOAT, 0, false});
  case RH_NEW_TUPLES:
    return make_aggregate(run, count_argument(run, op, 2),
                          (struct item_rule){RH_KIND_TUPLE, count_argument(run, op, 1), false});
  case RH_NEW_INTDICT:
    return make_keyed(run, count_argument(run, op, 1), RH_KIND_DICT, false);
  case RH_NEW_STRDICT:
    return make_keyed(run, count_argument(run, op, 1), RH_KIND_DICT, true);
  case RH_NEW_INTSET:
    return make_keyed(run, count_argument(run, op, 1), RH_KIND_SET, false);
  case RH_NEW_COMB:
    return make_comb(run, count_argument(run, op, 1));
  case RH_NEW_CHAIN:
    return make_chain(run, count_argument(run, op, 1));
  case RH_NEW_LIST_FROM:
  case RH_NEW_SET_FROM:
  case RH_NEW_DICT_FROM:
    return make_from(run, op);
  default:
    return rh_make_compound(run, op, seen);
  }
}

static uint32_t make_box(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t held = rh_resolve(run, rh_argument(run, op, 1));
  if (held) return run->engine->new_box(held);
  rh_say_skip(seen);
  return 0;
}

static uint32_t make_object(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int kind = plain_kind(op->kind);
  if (kind == RH_KIND_WVD || kind == RH_KIND_WKD) rh_disturb(run); /* Python code makes it */
  if (kind != RH_KIND_NONE) return run->engine->new_object(kind, rh_argument(run, op, 0)->name);
  switch (op->kind) {
  case RH_NEW_LATEFIN:
    run->end.late_made++;
    return run->engine->new_object(RH_KIND_FIN, RH_LABEL_LATE + rh_argument(run, op, 0)->name);
  case RH_NEW_NOGCBOX:
    return make_box(run, op, seen);
  case RH_NEW_TUPLE:
    return make_tuple(run, op, seen);
  case RH_NEW_INT:
    return rh_make_int(run, rh_argument(run, op, 1));
  case RH_NEW_POW2:
    return run->engine->new_pow2(count_argument(run, op, 1));
  case RH_NEW_FLOAT:
    return make_float(run, op);
  case RH_NEW_BYTES:
    return run->engine->new_bytes(count_argument(run, op, 1));
  case RH_NEW_STR:
    return make_str(run, op);
  case RH_NEW_STRK:
    return make_strk(run, op);
  case RH_NEW_NONES:
    return run->engine->new_list(count_argument(run, op, 1), RH_FROM_REPEAT);
  case RH_NEW_NONETUPLE:
    /* Repeating once would give back the same tuple. */
    return make_tuple_of(run, count_argument(run, op, 1), make_none_item,
                         count_argument(run, op, 1) == 1 ? RH_FROM_LIST : RH_FROM_REPEAT);
  case RH_NEW_INTTUPLE:
    return make_tuple_of(run, count_argument(run, op, 1), make_int_item, RH_FROM_LIST);
  default:
    return make_many(run, op, seen);
  }
}

/* A finalize object. When it cannot be made the name stays as it was. */
static void new_finalize(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t made = 0, name = rh_argument(run, op, 0)->name;
  uint32_t o = rh_subject(run, op, 1, RH_ANY_KIND, seen);
  if (!o) return;
  rh_disturb(run); /* with records of its own */
  rh_hold(run, o); /* making it may collect */
  int error = run->engine->new_finalize(o, RH_LABEL_FINALIZE | name, &made);
  rh_let_go(run);
  if (error == RH_OK) {
    rh_bind_made(run, name, made, seen);
  } else {
    rh_say_error(run, seen, error);
  }
}

void rh_operate_new(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (op->kind == RH_NEW_FINALIZE) {
    new_finalize(run, op, seen);
    return;
  }
  uint32_t made = make_object(run, op, seen);
  if (made || seen->class == RH_OBSERVE_NOTHING) rh_bind_made(run, rh_argument(run, op, 0)->name, made, seen);
}

/* X = X + n. */
void rh_operate_incr(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *by = rh_argument(run, op, 1);
  uint32_t o = rh_subject(run, op, 0, RH_BIT(INT), seen), sum;
  if (!o) return;
  sum = run->engine->add_int(o, by->is_unsigned ? INT64_MAX : by->integer);
  if (sum && by->is_unsigned) { /* what is above that, 2**63 at most, in two parts */
    uint64_t rest = (uint64_t)by->integer - INT64_MAX;
    uint32_t part = run->engine->add_int(sum, (int64_t)(rest / 2));
    run->engine->drop(sum);
    sum = part ? run->engine->add_int(part, (int64_t)(rest - rest / 2)) : 0;
    if (part) run->engine->drop(part);
  }
  rh_bind_made(run, rh_argument(run, op, 0)->name, sum, seen);
}
