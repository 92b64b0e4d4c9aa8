/*
 * Why two names lead to one object or to two, and where freed objects went
 * (rules INT, FL).
 *
 * Whoever makes a value notes by which rule it is a shared or a fresh object;
 * the last such note about an object is the one about its making.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

static const char VALUE_RULES[] = "INT- OBJ-9";

/* --- one object or two --- */

/* The text between the first and the last quotation mark, with them. */
static size_t quoted_part(const char *text, const char **start) {
  const char *first = strchr(text, '"'), *last = strrchr(text, '"');
  *start = first;
  return first == NULL ? 0 : (size_t)(last - first) + 1;
}

/* An interned string of the value that the note quotes went before the note was made: its number, or SIZE_MAX. */
static size_t find_lost(size_t note) {
  struct rh_evidence interned = rh_evidence(note);
  const char *value, *other;
  size_t n = quoted_part(interned.text, &value);
  if (strcmp(interned.rule, "INT-4") != 0 || n == 0) return SIZE_MAX;
  for (size_t i = note; i-- > 0;) {
    struct rh_evidence before = rh_evidence(i);
    bool lost = strcmp(before.rule, "INT-5") == 0 && quoted_part(before.text, &other) == n;
    if (lost && memcmp(value, other, n) == 0) return i;
  }
  return SIZE_MAX;
}

/* Which of the rules two objects were made by tells them apart. */
static bool tells_apart(const char *rule) {
  return strcmp(rule, "INT-4") == 0 || strcmp(rule, "INT-5") == 0 || strcmp(rule, "OBJ-9") == 0;
}

/* Which attribute's name an operation bound to one of the names compared: its note, or SIZE_MAX. */
static size_t find_attribute_name(const struct rh_why *why) {
  const struct rh_arg *compared = &why->trace->args[why->op->first_arg];
  for (size_t i = why->position; i-- > 0;) {
    const struct rh_op *op = &why->trace->ops[why->trace->top[i]];
    if (op->code != RH_OP_ATTRNAME) continue;
    uint32_t name = why->trace->args[op->first_arg].name;
    if (name != compared[0].name && name != compared[1].name) continue;
    for (size_t note = why->history.evidence[i]; note < why->history.evidence[i + 1]; note++)
      if (strcmp(rh_evidence(note).rule, "OBJ-9") == 0) return note;
  }
  return SIZE_MAX;
}

static void explain_one(struct rh_why *why, size_t note) {
  size_t named = strcmp(rh_evidence(note).rule, "OBJ-9") == 0 ? find_attribute_name(why) : SIZE_MAX;
  if (named != SIZE_MAX) {
    rh_why_cite(why, named);
    rh_why_say(why, "; ");
  }
  size_t lost = find_lost(note);
  if (lost != SIZE_MAX) {
    rh_why_cite(why, lost);
    rh_why_say(why, "; ");
  }
  rh_why_cite(why, note);
  if (lost != SIZE_MAX) rh_why_rule(why, "INT-5");
}

static void explain_two(struct rh_why *why, size_t first, size_t second) {
  rh_why_say_argument(why, 0);
  rh_why_say(why, ": ");
  rh_why_cite(why, first);
  rh_why_say(why, "; ");
  rh_why_say_argument(why, 1);
  rh_why_say(why, ": ");
  rh_why_cite(why, second);
  if (tells_apart(rh_evidence(first).rule)) rh_why_rule(why, rh_evidence(first).rule);
}

static bool is_value(int kind) {
  switch (kind) {
  case RH_KIND_INT:
  case RH_KIND_STR:
  case RH_KIND_FLOAT:
  case RH_KIND_BYTES:
  case RH_KIND_COMPLEX:
  case RH_KIND_TUPLE:
  case RH_KIND_FROZENSET:
    return true;
  default:
    return false;
  }
}

/* By the kind alone: an engine that makes no notes. */
static const char *identity_rule(int kind, bool same) {
  switch (kind) {
  case RH_KIND_INT:
    return "INT-1";
  case RH_KIND_STR:
    return same ? "INT-4" : "INT-7";
  case RH_KIND_TUPLE:
  case RH_KIND_BYTES:
    return "INT-8";
  case RH_KIND_FROZENSET:
    return "INT-10";
  case RH_KIND_FLOAT:
  case RH_KIND_COMPLEX:
    return "INT-11";
  default:
    return same ? "RC-1" : "FL-6";
  }
}

static void explain_same(struct rh_why *why) {
  uint32_t first = rh_why_object(why, 0), second = rh_why_object(why, 1);
  int kind = why->engine->kind(first), other = why->engine->kind(second);
  bool same = first == second, value = is_value(kind);
  size_t a = value ? rh_why_find_note(why, first, VALUE_RULES) : SIZE_MAX;
  size_t b = is_value(other) ? rh_why_find_note(why, second, VALUE_RULES) : SIZE_MAX;
  if (same && a != SIZE_MAX) {
    explain_one(why, a);
  } else if (!same && kind == other && a != SIZE_MAX && b != SIZE_MAX) {
    explain_two(why, a, b);
  } else {
    rh_why_rule(why, kind == other ? identity_rule(kind, same) : "FL-6");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " and ");
    rh_why_say_argument(why, 1);
    if (kind != other) {
      rh_why_say(why, " lead to live objects of different kinds, %s and %s", rh_kind_name(kind), rh_kind_name(other));
    } else {
      rh_why_say(why, same ? " lead to one %s" : " lead to two live objects of kind %s", rh_kind_name(kind));
    }
  }
}

static void explain_intern(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 1);
  rh_why_rule(why, "INT-6");
  rh_why_say_argument(why, 1);
  rh_why_say(why, " leads to an object of kind %s, which is no str of exactly that type",
             rh_kind_name(why->engine->kind(object)));
}

static void explain_char(struct rh_why *why) {
  rh_why_rule(why, "INT-2");
  rh_why_say_operation(why, why->position);
  rh_why_say(why, strcmp(why->predicted->text, "OverflowError") == 0
                      ? " is given a number that is no C int, which is looked at first"
                      : " is given no code point: those are the numbers from 0 to 1114111");
}

/* --- addresses --- */

/* The reached object whose address the place remembers. */
static uint32_t owner_of(const struct rh_why *why, uint32_t place) {
  for (uint32_t i = 0; i < why->graph.n; i++)
    if (why->engine->at_address(place, why->graph.vertices[i].object) == 1) return i;
  return RH_NO_VERTEX;
}

static void explain_sameid(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 1);
  if (strcmp(why->predicted->text, "yes") == 0) {
    if (rh_why_cite_last(why, object, "FL-")) return;
    rh_why_rule(why, "FL-6");
    rh_why_say_argument(why, 1);
    rh_why_say(why, " leads to the object that lives at the address remembered");
    return;
  }
  size_t first = rh_why_carry_out(why);
  rh_why_rule(why, "FL-6");
  if (rh_evidence_notes() == first) {
    rh_why_say_argument(why, 1);
    rh_why_say(why, " leads to a live object, and the address remembered is another's or that of a freed object kept");
    return;
  }
  rh_why_cite(why, first);
  uint32_t owner = owner_of(why, why->trace->args[why->op->first_arg].name);
  if (owner == RH_NO_VERTEX) return;
  rh_why_say(why, ": ");
  rh_why_say_path(why, owner);
}

/* --- how many are kept --- */

/* An operation that changed the number of objects kept. */
struct change {
  size_t position;
  int64_t before, after;
  bool emptied; /* a full collection ran in it */
};

struct free_list {
  int kind;
  uint32_t items;
  int64_t limit;
  const char *rule, *what;
};

struct changes {
  const struct free_list *list;
  int64_t kept, ran_young, ran_full; /* now: how many are kept; collections so far */
  struct change last[4];             /* the latest ones, a ring */
  size_t n;
  int64_t young; /* collections since the last change that were not full ones */
  size_t full;   /* an operation since then in which a full one ran; SIZE_MAX: none */
};

static int64_t young_collections(const struct rh_engine *engine) {
  return engine->stat(0, RH_STAT_COLLECTIONS) + engine->stat(1, RH_STAT_COLLECTIONS);
}

/* Looks at the list behind the operation before this one. */
static void watch_list(struct rh_why *why, size_t position) {
  struct changes *changes = why->watcher;
  int64_t full = why->engine->stat(2, RH_STAT_COLLECTIONS), young = young_collections(why->engine);
  int64_t kept = changes->kept, now = why->engine->free_entries(changes->list->kind, changes->list->items);
  bool ran = full != changes->ran_full, emptied = now < kept && ran;
  if (ran) changes->full = position - 1;
  changes->young += young - changes->ran_young;
  changes->kept = now;
  changes->ran_full = full;
  changes->ran_young = young;
  if (now == kept) return;
  changes->full = SIZE_MAX;
  changes->young = 0;
  changes->last[changes->n++ % 4] = (struct change){position - 1, kept, now, emptied};
}

/* Runs the trace again up to the operation and looks at the list after each one. */
static void follow_list(struct rh_why *why, const struct free_list *list, struct changes *changes) {
  *changes = (struct changes){.list = list, .full = SIZE_MAX};
  why->watch = watch_list;
  why->watcher = changes;
  rh_why_rewind(why, why->position);
  why->watch = NULL;
}

/* Collections since the last change, which changed nothing. */
static void say_collections(struct rh_why *why, const struct changes *changes, int64_t kept) {
  if (changes->full != SIZE_MAX) {
    rh_why_rule(why, "FL-5");
    rh_why_say(why, "; ");
    rh_why_say_operation(why, changes->full);
    rh_why_say(why, " ran a full collection, behind which nothing is kept");
  } else if (changes->young > 0 && kept > 0) {
    rh_why_rule(why, "FL-5");
    rh_why_say(why, "; %" PRId64 " collection%s since then %s no full one%s and gave nothing back", changes->young,
               rh_why_plural((uint64_t)changes->young), changes->young == 1 ? "was" : "were",
               rh_why_plural((uint64_t)changes->young));
  }
}

static void say_change(struct rh_why *why, const struct change *change) {
  rh_why_say_operation(why, change->position);
  if (change->emptied) {
    rh_why_say(why, " ran a full collection, which gave the %" PRId64 " kept back", change->before);
    if (change->after > 0) rh_why_say(why, ", and %" PRId64 " more died since", change->after);
  } else if (change->after > change->before) {
    rh_why_say(why, " raised the number kept from %" PRId64 " to %" PRId64, change->before, change->after);
  } else {
    rh_why_say(why, " took %" PRId64 " of them, which leaves %" PRId64, change->before - change->after, change->after);
  }
}

static void explain_kept(struct rh_why *why, const struct free_list *list) {
  struct changes changes;
  follow_list(why, list, &changes);
  rh_why_rule(why, list->rule);
  if (changes.n == 0) rh_why_say(why, "no %s has been freed and kept since the start", list->what);
  size_t shown = changes.n < 4 ? changes.n : 4;
  for (size_t i = changes.n - shown; i < changes.n; i++) {
    say_change(why, &changes.last[i % 4]);
    if (i + 1 < changes.n) rh_why_say(why, "; ");
  }
  if (changes.n == 0) return;
  const struct change *last = &changes.last[(changes.n - 1) % 4];
  if (last->emptied) rh_why_rule(why, "FL-5");
  if (last->after == list->limit) rh_why_say(why, ", and no more are ever kept");
  say_collections(why, &changes, last->after);
  if (strstr(why->predicted->text, "..") != NULL)
    rh_why_say(why, "; what the interpreter itself frees, takes and holds makes a few more or fewer");
}

/* What the operation asks about; false when there is no list of it. */
static bool find_list(const struct rh_why *why, struct free_list *list) {
  const struct rh_arg *argument = &why->trace->args[why->op->first_arg];
  const struct rh_profile *profile = why->profile;
  if (why->op->code == RH_OP_FREETUPLES) {
    *list = (struct free_list){RH_KIND_TUPLE, (uint32_t)argument->integer, profile->free_tuple_limit, "FL-3",
                               "tuple of that length"};
    return !argument->is_unsigned && argument->integer >= 1 && argument->integer <= profile->free_tuple_lengths;
  }
  static const struct {
    const char *type;
    struct free_list list;
  } lists[] = {{"PyFloatObject", {RH_KIND_FLOAT, 0, 0, "FL-1", "float"}},
               {"PyListObject", {RH_KIND_LIST, 0, 0, "FL-2", "list"}},
               {"PyDictObject", {RH_KIND_DICT, 0, 0, "FL-2", "dict"}}};
  const char *type = rh_trace_text(why->trace, argument->text);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    if (strcmp(type, lists[i].type) != 0) continue;
    *list = lists[i].list;
    list->limit = i == 0 ? profile->free_float_limit : profile->free_list_limit;
    return true;
  }
  return false;
}

/* A list that is not there: the operation says so itself. */
static void explain_unlisted(struct rh_why *why) {
  size_t first = rh_why_carry_out(why);
  rh_why_rule(why, why->op->code == RH_OP_FREETUPLES ? "FL-3" : "FL-4");
  if (rh_evidence_notes() > first) {
    rh_why_cite(why, first);
  } else {
    rh_why_say(why, "what the number depends on is the interpreter's own");
  }
}

bool rh_why_identity(struct rh_why *why) {
  struct free_list list;
  switch (why->op->code) {
  case RH_OP_SAME:
    return explain_same(why), true;
  case RH_OP_INTERN:
    return explain_intern(why), true;
  case RH_OP_CHAR:
    return explain_char(why), true;
  case RH_OP_SAMEID:
    return explain_sameid(why), true;
  case RH_OP_FREECOUNT:
  case RH_OP_FREETUPLES:
    if (find_list(why, &list)) {
      explain_kept(why, &list);
    } else {
      explain_unlisted(why);
    }
    return true;
  default:
    return false;
  }
}
