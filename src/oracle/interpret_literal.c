/*
 * `const X LIT`: the value of a literal that is compiled as a unit of its own.
 *
 * literal.c reads what is one number, text or word. Here are displays, calls
 * and parentheses around them. What consists of constants alone is a constant
 * itself, made by the compiler; anything else is built when the unit runs.
 *
 * Displays whose table depends on how a version builds them are unsupported:
 * sets of more than 4 members, dicts of more than 5 keys.
 */
#include "oracle/interpret_run.h"

#include <inttypes.h>
#include <string.h>

#include "oracle/literal.h"
#include "rules/evidence.h"

enum { SET_DISPLAY_MAX = 4, DICT_DISPLAY_MAX = 5, CONST_LIST_MIN = 3, RANGE_MAX = 1000000 };

/* A piece of source, without blanks around it. */
struct source {
  const char *at;
  size_t size;
};

/* What makes objects. When it has not refused the source, an object that is
 * missing could not be made. */
struct maker {
  struct rh_run *run;
  const struct rh_engine *engine;
  bool refused;
};

/* What a piece of source stands for: owned, 0 is none. */
struct made {
  uint32_t object;
  bool constant;
};

static struct made make_source(struct maker *maker, struct source source);

static uint32_t refuse(struct maker *maker) {
  maker->refused = true;
  return 0;
}

static struct source trim(const char *at, size_t size) {
  while (size && (*at == ' ' || *at == '\t')) at++, size--;
  while (size && (at[size - 1] == ' ' || at[size - 1] == '\t')) size--;
  return (struct source){at, size};
}

/* Where the string that begins at `i` ends: the index of its closing quote. */
static size_t end_of_string(struct source source, size_t i) {
  char quote = source.at[i++];
  while (i < source.size && source.at[i] != quote) i += source.at[i] == '\\' ? 2 : 1;
  return i;
}

/* The first `wanted` at or behind `from` that no bracket or string encloses, or
 * the size. */
static size_t find_outside(struct source source, size_t from, char wanted) {
  int depth = 0;
  for (size_t i = from; i < source.size; i++) {
    char c = source.at[i];
    if (depth == 0 && c == wanted) return i;
    if (c == '"' || c == '\'') i = end_of_string(source, i);
    if (c == '(' || c == '[' || c == '{') depth++;
    if (c == ')' || c == ']' || c == '}') depth--;
  }
  return source.size;
}

/* Is the source one pair of these brackets and what they enclose? */
static bool is_enclosed(struct source source, char open, char close) {
  if (source.size < 2 || source.at[0] != open) return false;
  struct source inside = {source.at + 1, source.size - 1};
  return find_outside(inside, 0, close) == source.size - 2;
}

static struct source inside_of(struct source source) {
  return trim(source.at + 1, source.size - 2);
}

/* The next piece before a comma; `rest` moves behind it. */
static struct source next_piece(struct source *rest) {
  size_t end = find_outside(*rest, 0, ',');
  struct source piece = trim(rest->at, end);
  size_t taken = end < rest->size ? end + 1 : end;
  *rest = trim(rest->at + taken, rest->size - taken);
  return piece;
}

/* Appends what the pieces stand for to an owned list, whose items hold it;
 * false when one is unsupported. `constant` becomes whether all are. */
static bool append_pieces(struct maker *maker, struct source rest, uint32_t list, bool *constant) {
  *constant = true;
  while (rest.size) {
    struct made piece = make_source(maker, next_piece(&rest));
    if (!piece.object) return false;
    *constant = *constant && piece.constant;
    int error = maker->engine->append(list, piece.object);
    maker->engine->drop(piece.object);
    if (error != RH_OK) return false;
  }
  return true;
}

/* An owned list of what the pieces stand for, 0 when one is unsupported. */
static uint32_t list_pieces(struct maker *maker, struct source pieces, bool *constant) {
  uint32_t list = maker->engine->new_object(RH_KIND_LIST, 0);
  if (!list || append_pieces(maker, pieces, list, constant)) return list;
  maker->engine->drop(list);
  return 0;
}

/* --- displays --- */

static uint32_t tuple_of(struct maker *maker, uint32_t list, int source) {
  uint32_t n = (uint32_t)maker->engine->length(list);
  struct rh_handles items = rh_take_handles(maker->run, n);
  for (uint32_t i = 0; i < n; i++) items.at[i] = maker->engine->item(list, i);
  uint32_t made = maker->engine->new_tuple(items.at, n, source);
  rh_give_handles(maker->run, items);
  return made;
}

static struct made make_parenthesised(struct maker *maker, struct source inside) {
  struct made made = {0, true};
  if (inside.size && find_outside(inside, 0, ',') == inside.size) return make_source(maker, inside);
  uint32_t list = list_pieces(maker, inside, &made.constant);
  if (!list) return made;
  made.object = tuple_of(maker, list, made.constant ? RH_FROM_CONST : RH_FROM_DISPLAY);
  maker->engine->drop(list);
  return made;
}

static void note_constant_list(struct maker *maker, uint32_t list) {
  enum rh_presize presize = maker->run->profile->list_presize;
  rh_because(presize == RH_PRESIZE_EXACT ? "LST-1" : "LST-3", list,
             "a display of %" PRIu64 " constants is an empty list extended by a constant tuple: %s, %" PRId64,
             maker->engine->length(list),
             presize == RH_PRESIZE_EXACT
                 ? "room for n + n div 8 + 6 rounded down to a multiple of 4, or, where that is "
                   "less than n above n, for n rounded up to one"
             : presize == RH_PRESIZE_EVEN ? "room for their number rounded up to even"
                                          : "room for exactly their number",
             maker->engine->capacity(list));
}

/* A list that extends an empty one by a constant tuple: room as for that many
 * items, which then are replaced one by one. */
static uint32_t constant_list(struct maker *maker, uint32_t items) {
  uint64_t n = maker->engine->length(items);
  uint32_t made = maker->engine->new_list((uint32_t)n, RH_FROM_CONST);
  for (uint64_t i = 0; made && i < n; i++) {
    (void)maker->engine->pop(made, 0); /* one of the Nones it is made of */
    (void)maker->engine->append(made, maker->engine->item(items, i));
  }
  if (made) note_constant_list(maker, made);
  return made;
}

static struct made make_list(struct maker *maker, struct source inside) {
  struct made made = {0, false};
  bool constant;
  uint32_t items = list_pieces(maker, inside, &constant);
  if (!items) return made;
  bool extended = constant && maker->engine->length(items) >= CONST_LIST_MIN;
  made.object = extended ? constant_list(maker, items) : maker->engine->list_copy(items);
  if (!extended && made.object) {
    rh_because("LST-2", made.object, "a display of %" PRIu64 " items, %s, is built with room for exactly these",
               maker->engine->length(items), constant ? "of fewer than 3 constants" : "not all of them constants");
  }
  maker->engine->drop(items);
  return made;
}

/* A set of what a list holds; 0 also when something is not hashable. */
static uint32_t set_of(struct maker *maker, uint32_t list) {
  uint32_t set = maker->engine->new_object(RH_KIND_SET, 0);
  for (uint64_t i = 0; set && i < maker->engine->length(list); i++) {
    int error = maker->engine->add(set, maker->engine->item(list, i));
    if (error == RH_OK) continue;
    maker->engine->drop(set);
    set = error == RH_MEMORY_ERROR ? 0 : refuse(maker);
  }
  return set;
}

static bool put_pair(struct maker *maker, uint32_t dict, struct source pair) {
  size_t colon = find_outside(pair, 0, ':');
  if (colon == pair.size) return refuse(maker);
  uint32_t key = make_source(maker, trim(pair.at, colon)).object;
  uint32_t value = key ? make_source(maker, trim(pair.at + colon + 1, pair.size - colon - 1)).object : 0;
  int error = value ? maker->engine->put(dict, key, value) : RH_MEMORY_ERROR;
  if (error != RH_OK && error != RH_MEMORY_ERROR) refuse(maker);
  if (key) maker->engine->drop(key);
  if (value) maker->engine->drop(value);
  return error == RH_OK;
}

static struct made make_dict(struct maker *maker, struct source inside) {
  struct made made = {maker->engine->new_object(RH_KIND_DICT, 0), false};
  unsigned pairs = 0;
  while (made.object && inside.size) {
    bool fits = ++pairs <= DICT_DISPLAY_MAX;
    if (!fits) refuse(maker);
    if (fits && put_pair(maker, made.object, next_piece(&inside))) continue;
    maker->engine->drop(made.object);
    made.object = 0;
  }
  return made;
}

static struct made make_braced(struct maker *maker, struct source inside) {
  struct made made = {0, false};
  bool constant;
  if (find_outside(inside, 0, ':') < inside.size || !inside.size) return make_dict(maker, inside);
  uint32_t items = list_pieces(maker, inside, &constant);
  if (!items) return made;
  made.object = maker->engine->length(items) <= SET_DISPLAY_MAX ? set_of(maker, items) : refuse(maker);
  maker->engine->drop(items);
  return made;
}

/* --- calls of built-in types --- */

/* The members that a call of set or frozenset takes one by one: an owned list.
 * A set gives them in another order, which makes no difference to a small table. */
static uint32_t list_argument(struct maker *maker, struct source argument) {
  bool constant;
  struct source inside = argument.size < 2 ? argument : inside_of(argument);
  bool commas = find_outside(inside, 0, ',') < inside.size, pairs = find_outside(inside, 0, ':') < inside.size;
  bool sequence = !argument.size || is_enclosed(argument, '[', ']') ||
                  (is_enclosed(argument, '(', ')') && (commas || !inside.size));
  bool set = is_enclosed(argument, '{', '}') && inside.size && !pairs;
  if (!sequence && !set) return refuse(maker);
  uint32_t items = list_pieces(maker, inside, &constant);
  if (!items || sequence || maker->engine->length(items) <= SET_DISPLAY_MAX) return items;
  maker->engine->drop(items);
  return refuse(maker);
}

static uint32_t call_set(struct maker *maker, struct source argument, bool frozen) {
  uint32_t items = list_argument(maker, argument);
  if (!items) return 0;
  uint32_t set = set_of(maker, items);
  maker->engine->drop(items);
  return set && frozen ? maker->engine->freeze_set(set) : set;
}

static bool is_call_of(struct source source, const char *word, struct source *argument) {
  size_t n = strlen(word);
  if (source.size <= n || memcmp(source.at, word, n) != 0) return false;
  struct source call = trim(source.at + n, source.size - n);
  if (!is_enclosed(call, '(', ')')) return false;
  *argument = inside_of(call);
  return true;
}

/* A call without an argument. */
static uint32_t call_empty(struct maker *maker, struct source source) {
  static const struct {
    const char *word;
    int kind;
  } kinds[] = {{"list", RH_KIND_LIST}, {"object", RH_KIND_OBJECT}, {"bytearray", RH_KIND_BYTEARRAY}};
  struct source argument = {NULL, 0};
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (is_call_of(source, kinds[i].word, &argument) && !argument.size)
      return maker->engine->new_object(kinds[i].kind, 0);
  }
  if (is_call_of(source, "dict", &argument) && !argument.size) return maker->engine->new_dict(0, RH_FROM_DICT);
  if (is_call_of(source, "tuple", &argument) && !argument.size) return maker->engine->new_tuple(NULL, 0, RH_FROM_CONST);
  if (is_call_of(source, "str", &argument) && !argument.size) return maker->engine->new_str("", 0, false);
  if (is_call_of(source, "bytes", &argument) && !argument.size) return maker->engine->new_bytes(0);
  if (is_call_of(source, "int", &argument) && !argument.size) return maker->engine->new_int(0);
  if (is_call_of(source, "float", &argument) && !argument.size) return maker->engine->new_float(0);
  return refuse(maker);
}

static struct made make_call(struct maker *maker, struct source source) {
  struct source argument;
  if (is_call_of(source, "frozenset", &argument)) return (struct made){call_set(maker, argument, true), false};
  if (is_call_of(source, "set", &argument)) return (struct made){call_set(maker, argument, false), false};
  return (struct made){call_empty(maker, source), false};
}

/* --- single values --- */

static struct made make_single(struct maker *maker) {
  const struct rh_engine *engine = maker->engine;
  const struct rh_literal *literal = maker->run->literal;
  const char *text = literal->text.bytes ? literal->text.bytes : "";
  switch (literal->type) {
  case RH_LITERAL_NONE:
    return (struct made){engine->constant(RH_CONST_NONE), true};
  case RH_LITERAL_TRUE:
    return (struct made){engine->constant(RH_CONST_TRUE), true};
  case RH_LITERAL_FALSE:
    return (struct made){engine->constant(RH_CONST_FALSE), true};
  case RH_LITERAL_ELLIPSIS: /* the name is looked up, the dots are a constant */
    return (struct made){engine->constant(RH_CONST_ELLIPSIS), literal->name != 0};
  case RH_LITERAL_TYPE: /* the first number is the class of the trace's instances */
    return (struct made){engine->constant(RH_CONST_TYPE + 1 + (int)literal->name), false};
  case RH_LITERAL_INTEGER:
    return (struct made){engine->new_int(literal->integer), true};
  case RH_LITERAL_BIG:
    return (struct made){engine->new_big(literal->negative, literal->power, literal->integer), true};
  case RH_LITERAL_REAL:
    return (struct made){engine->new_float(literal->real), true};
  case RH_LITERAL_COMPLEX:
    return (struct made){engine->new_complex(literal->real, literal->imaginary), true};
  case RH_LITERAL_TEXT:
    return (struct made){engine->new_str(text, literal->text.size, literal->folded), literal->folded};
  case RH_LITERAL_BYTES:
    return (struct made){engine->new_bytes_of(text, literal->text.size), literal->folded};
  }
  return (struct made){0, false};
}

static struct made make_source(struct maker *maker, struct source source) {
  if (rh_literal_parse(source.at, source.size, maker->run->literal)) return make_single(maker);
  if (is_enclosed(source, '(', ')')) return make_parenthesised(maker, inside_of(source));
  if (is_enclosed(source, '[', ']')) return make_list(maker, inside_of(source));
  if (is_enclosed(source, '{', '}')) return make_braced(maker, inside_of(source));
  return make_call(maker, source);
}

/* What is made anew for each unit. Texts, bytes and frozensets are noted where they are made. */
static void note_constant(const struct rh_run *run, struct made made) {
  if (!rh_evidence_kept || made.object == 0 || !made.constant) return;
  int kind = run->engine->kind(made.object);
  const struct rh_literal *literal = run->literal;
  bool small = kind == RH_KIND_INT && literal->type == RH_LITERAL_INTEGER && literal->integer >= -5 &&
               literal->integer <= run->profile->small_int_max;
  bool apart = kind == RH_KIND_FLOAT || kind == RH_KIND_COMPLEX || (kind == RH_KIND_INT && !small) ||
               (kind == RH_KIND_TUPLE && run->engine->length(made.object) > 0);
  if (apart)
    rh_because("INT-11", made.object, "the object is a constant of one unit, which shares it with no other unit");
}

void rh_operate_const(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct maker maker = {run, run->engine, false};
  const char *source = rh_argument_text(run, op, 1);
  run->literal_at = run->moment;
  struct made made = make_source(&maker, trim(source, rh_argument(run, op, 1)->text_length));
  if (maker.refused) {
    rh_say_unsupported(run, seen, "literal", source);
  } else {
    note_constant(run, made);
    rh_bind_made(run, rh_argument(run, op, 0)->name, made.object, seen);
  }
}
