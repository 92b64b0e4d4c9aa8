/*
 * Why instances, classes, functions, generators and what they consist of are
 * counted and found as they are (rules OBJ, CLS, FUN).
 *
 * Their parts have no names; they are told apart by what the engine says of
 * the heap, or by the notes made where they were decided upon.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
  COLLECTOR_HEADER = 16, /* bytes in front of every object the collector knows */
  SMALL_KEYS = 168,      /* bytes of a table of keys for 5 names */
  CLASS_KEYS = 768       /* of one for the 30 names that instances can share */
};

/* --- sizes --- */

static void say_sizer(struct rh_why *why) {
  rh_why_rule(why, "OBJ-2");
  rh_why_say(why, "the size method of ");
  rh_why_say_argument(why, 0);
  if (rh_why_raises(why)) {
    bool above = strcmp(why->predicted->text, "OverflowError") == 0;
    rh_why_say(why, above ? " answers a number from 2**63 on, which is no size: %s" : " answers a negative number: %s",
               why->predicted->text);
    return;
  }
  uint64_t size = strtoull(why->predicted->text, NULL, 10), headers = why->profile->instance_headers;
  rh_why_say(why, " answers %" PRIu64 ", and the headers in front of the instance are %" PRIu64 " bytes",
             size - headers, headers);
}

static void say_class_size(struct rh_why *why) {
  uint32_t keys = why->profile->attributes_inline ? CLASS_KEYS : SMALL_KEYS;
  rh_why_rule(why, "CLS-4");
  rh_why_say(why,
             "the collector's header of %d bytes, the type object of %" PRIu32
             " and the table of its instances' keys of %" PRIu32
             " add up; attributes of the class itself are in its dict",
             COLLECTOR_HEADER, why->profile->class_size - COLLECTOR_HEADER - keys, keys);
}

static bool explain_size(struct rh_why *why, uint32_t object, int kind) {
  const struct rh_profile *profile = why->profile;
  int64_t size = why->engine->size_of(object);
  switch (kind) {
  case RH_KIND_OBJ:
    rh_why_rule(why, "OBJ-1");
    rh_why_say(why,
               "the instance's own %" PRIu32 " bytes and the %" PRIu32
               " of headers in front of it are reported; the blocks that its attributes are in are not",
               profile->obj_size - profile->instance_headers, profile->instance_headers);
    return true;
  case RH_KIND_BARE:
    rh_why_rule(why, "OBJ-1");
    rh_why_say(why, "with empty slots an instance is the %d bytes of its count and class, behind the collector's %d",
               16, COLLECTOR_HEADER);
    return true;
  case RH_KIND_SIZER:
    say_sizer(why);
    return true;
  case RH_KIND_STRSUB:
    rh_why_rule(why, "OBJ-3");
    rh_why_say(why,
               "the instance with its headers has %" PRIu32 " bytes, and the second block, of its characters and the "
               "null behind them, %" PRId64,
               profile->strsub_header, size - profile->strsub_header);
    return true;
  case RH_KIND_CLASS:
    say_class_size(why);
    return size > 0;
  case RH_KIND_FUNC:
    rh_why_rule(why, "FUN-1");
    rh_why_say(why, "a function is one object of %" PRId64 " bytes behind the collector's %d, whatever it refers to",
               size - COLLECTOR_HEADER, COLLECTOR_HEADER);
    return true;
  default:
    return false;
  }
}

/* --- what an object refers to --- */

/* How many of what the object refers to are parts of this sort. */
static uint64_t count_parts(const struct rh_why *why, uint32_t object, int part) {
  uint64_t n = 0, all = why->engine->referents(object);
  for (uint64_t i = 0; i < all; i++) {
    uint32_t referent = why->engine->referent_at(object, i);
    n += referent != 0 && why->engine->kind(referent) == RH_KIND_PART && why->engine->part(referent) == part;
  }
  return n;
}

static bool explain_referents(struct rh_why *why, uint32_t object, int kind) {
  uint64_t n = why->engine->referents(object);
  switch (kind) {
  case RH_KIND_OBJ: {
    bool dict = count_parts(why, object, RH_PART_DICT) > 0;
    rh_why_rule(why, dict ? "OBJ-7" : "OBJ-10");
    rh_why_say_argument(why, 0);
    if (dict) {
      rh_why_say(why, " refers to its attribute dict, which holds the values, and to its class");
    } else {
      rh_why_say(why, " refers to %" PRIu64 " attribute value%s and to its class", n - 1, rh_why_plural(n - 1));
    }
    return true;
  }
  case RH_KIND_BARE:
    rh_why_rule(why, "OBJ-1");
    rh_why_say(why, "without attributes the instance refers to its class alone");
    return true;
  case RH_KIND_CLASS:
    rh_why_rule(why, "CLS-1");
    rh_why_say(why, "a class refers to its dict, to its resolution order, to the tuple of its bases and to its base");
    return true;
  case RH_KIND_FUNC: {
    bool closed = count_parts(why, object, RH_PART_TUPLE) > 0;
    rh_why_rule(why, closed ? "FUN-2" : "FUN-1");
    rh_why_say(why, "a function refers to its code, globals,%s module, name, qualified name and documentation%s",
               why->profile->function_visits > 6 ? " builtins," : "",
               closed ? ", and this one to the tuple of its closure" : "");
    return true;
  }
  case RH_KIND_GEN:
    rh_why_rule(why, "FUN-4");
    if (why->profile->frames_are_objects) {
      rh_why_say(why,
                 "a suspended generator refers to its frame, which refers to what the local holds, and to %" PRIu32
                 " objects of its own",
                 why->profile->generator_visits);
    } else {
      rh_why_say(why,
                 "a suspended generator refers to what its local holds, and to %" PRIu32
                 " objects besides: code, names and what else its frame has",
                 why->profile->generator_visits);
    }
    return true;
  default:
    return false;
  }
}

/* --- who refers to an object --- */

struct holders {
  const struct rh_why *why;
  uint64_t names, others;
  uint64_t by[RH_KIND_PART + 1];           /* by kind of the holder */
  uint64_t by_part[RH_PART_UNWINDING + 1]; /* parts apart */
};

static void count_holder(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index) {
  struct holders *holders = context;
  const struct rh_engine *engine = holders->why->engine;
  (void)how;
  (void)index;
  if (parent == RH_NO_VERTEX) {
    holders->names++;
    return;
  }
  uint32_t holder = holders->why->graph.vertices[parent].object;
  int kind = engine->kind(holder), part = kind == RH_KIND_PART ? engine->part(holder) : -1;
  holders->others++;
  holders->by[kind]++;
  if (part >= 0) holders->by_part[part]++;
}

/* "4: 1 name, ", "..." */
static void say_names(struct rh_why *why, const struct holders *holders) {
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is held by %" PRIu64 " name%s and %" PRIu64 " reference%s from objects, ", holders->names,
             rh_why_plural(holders->names), holders->others, rh_why_plural(holders->others));
}

static bool explain_class_holders(struct rh_why *why, const struct holders *holders, bool counted) {
  rh_why_rule(why, "CLS-1");
  rh_why_say(why, "the class is held by its resolution order");
  if (why->profile->class_descriptors > 0) {
    rh_why_say(why, ", by its %" PRIu32 " descriptors for attributes and weak references",
               why->profile->class_descriptors);
  }
  uint64_t parts = (uint64_t)why->profile->class_descriptors + 1;
  if (counted) rh_why_say(why, " and by %" PRIu64 " name%s", holders->names, rh_why_plural(holders->names));
  if (holders->others > parts) {
    rh_why_say(why, ", by %" PRIu64 " more reference%s", holders->others - parts,
               rh_why_plural(holders->others - parts));
  }
  return true;
}

/* counted: names count as well. */
static bool explain_holders(struct rh_why *why, uint32_t object, int kind, bool counted) {
  struct holders holders = {.why = why};
  rh_graph_holders(&why->graph, object, count_holder, &holders);
  if (kind == RH_KIND_CLASS) return explain_class_holders(why, &holders, counted);
  if (holders.by_part[RH_PART_METHOD] > 0) {
    rh_why_rule(why, "OBJ-11");
    say_names(why, &holders);
    rh_why_say(why, "among them the bound method in its own attribute, which holds its instance");
  } else if (kind == RH_KIND_PART) { /* the only one that a path leads to */
    rh_why_rule(why, "OBJ-11");
    rh_why_say(why, "the bound method is held by the attribute of its instance alone");
  } else if (holders.by_part[RH_PART_CELL] > 0) {
    rh_why_rule(why, "FUN-2");
    say_names(why, &holders);
    rh_why_say(why, "the cell of its own closure");
  } else if (kind == RH_KIND_DICT && holders.by[RH_KIND_FUNC] > 0) {
    rh_why_rule(why, "FUN-3");
    say_names(why, &holders);
    rh_why_say(why, "the function among its entries, whose globals it is");
  } else if (holders.by[RH_KIND_GEN] > 0 || holders.by_part[RH_PART_FRAME] > 0) {
    bool framed = why->profile->frames_are_objects;
    rh_why_rule(why, "FUN-4");
    say_names(why, &holders);
    rh_why_say(why, "a suspended generator's local");
    if (framed) rh_why_say(why, counted ? ", through its frame" : ": through its frame, which is not looked at");
  } else {
    return false;
  }
  return true;
}

/* The dict that is the globals of a function among its entries. */
static bool explain_globals(struct rh_why *why, uint32_t object) {
  struct holders holders = {.why = why};
  uint64_t n = why->engine->length(object);
  rh_graph_holders(&why->graph, object, count_holder, &holders);
  if (holders.by[RH_KIND_FUNC] == 0 || n < 2) return false;
  rh_why_rule(why, "FUN-3");
  rh_why_say(why, "running the definition put the builtins and the function into its globals");
  if (n > 2)
    rh_why_say(why, ", and %" PRIu64 " more entr%s since", n - 2, n == 3 ? "y was put there" : "ies were put there");
  return true;
}

/* --- tracked, weak references --- */

static bool explain_tracked(struct rh_why *why, int kind) {
  static const struct {
    int kind;
    const char *rule, *what;
  } kinds[] = {
      {RH_KIND_STRSUB, "OBJ-3", "of a subclass of str is an instance like any other, with attributes and a class"},
      {RH_KIND_FUNC, "FUN-1", "is a function, which may refer to itself through globals and closure"},
      {RH_KIND_GEN, "FUN-4", "is a suspended generator, which may refer to itself through its locals"}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (kinds[i].kind != kind) continue;
    rh_why_rule(why, kinds[i].rule);
    rh_why_say_argument(why, 0);
    rh_why_say(why, " %s: it is tracked from its making on", kinds[i].what);
    return true;
  }
  if (kind != RH_KIND_PART) return false;
  rh_why_rule(why, "OBJ-11");
  rh_why_say(why, "a bound method holds its instance, and so may be part of a cycle: it is tracked from its making on");
  return true;
}

static bool explain_weakcount(struct rh_why *why, uint32_t object, int kind) {
  int64_t n = why->engine->weak_count(object);
  if (kind == RH_KIND_OBJ) {
    rh_why_rule(why, "OBJ-12");
    rh_why_say(why,
               "the instance takes weak references, and %" PRId64 " object%s refer to it so, those without callback "
               "being one",
               n, rh_why_plural((uint64_t)n));
  } else if (kind == RH_KIND_CLASS) {
    rh_why_rule(why, "CLS-1");
    rh_why_say(why,
               "its base keeps a weak reference without callback to the class, which all others without callback "
               "share: %" PRId64,
               n);
  } else if (kind == RH_KIND_BARE) {
    rh_why_rule(why, "OBJ-1");
    rh_why_say(why, "with empty slots an instance has no place for weak references");
  } else {
    return false;
  }
  return true;
}

/* --- collections --- */

/* What a collection is going to find, by what it is. */
struct garbage {
  uint64_t all, instances, dicts, classes, functions, generators, others;
  uint64_t parts[RH_PART_UNWINDING + 1];
  uint64_t class_weakrefs; /* of the others: weak references to classes, dead or alive; base classes hold some */
  uint32_t instance, dict; /* one of them, 0: none */
};

static void count_garbage(struct rh_why *why, uint32_t object, struct garbage *garbage) {
  int kind = why->engine->kind(object), part = kind == RH_KIND_PART ? why->engine->part(object) : -1;
  uint32_t referent = kind == RH_KIND_WEAKREF ? why->engine->referent(object) : 0;
  garbage->all++;
  garbage->class_weakrefs += kind == RH_KIND_WEAKREF && (referent == 0 || why->engine->kind(referent) == RH_KIND_CLASS);
  if (kind == RH_KIND_OBJ) garbage->instance = object;
  if (part == RH_PART_DICT) garbage->dict = object;
  if (part >= 0) {
    garbage->parts[part]++;
  } else {
    uint64_t *counter = kind == RH_KIND_OBJ     ? &garbage->instances
                        : kind == RH_KIND_CLASS ? &garbage->classes
                        : kind == RH_KIND_FUNC  ? &garbage->functions
                        : kind == RH_KIND_GEN   ? &garbage->generators
                        : kind == RH_KIND_DICT  ? &garbage->dicts
                                                : &garbage->others;
    ++*counter;
  }
}

/* The tracked objects of the collected generations that no name reaches. */
static struct garbage find_garbage(struct rh_why *why, int64_t generation) {
  struct garbage garbage = {0};
  for (uint32_t o = why->engine->next_object(0); o != 0; o = why->engine->next_object(o)) {
    int at = why->engine->generation(o);
    bool found = at >= 0 && at <= generation && rh_graph_vertex(&why->graph, o) == RH_NO_VERTEX;
    if (found) count_garbage(why, o, &garbage);
  }
  return garbage;
}

static void say_garbage(struct rh_why *why, const struct garbage *garbage) {
  const struct {
    uint64_t n;
    const char *one, *more;
  } sorts[] = {
      {garbage->classes, "class", "classes"},
      {garbage->instances, "instance", "instances"},
      {garbage->functions, "function", "functions"},
      {garbage->generators, "generator", "generators"},
      {garbage->parts[RH_PART_DICT], "attribute dict", "attribute dicts"},
      {garbage->parts[RH_PART_TUPLE], "tuple", "tuples"},
      {garbage->parts[RH_PART_DESCRIPTOR], "descriptor", "descriptors"},
      {garbage->parts[RH_PART_CELL], "cell", "cells"},
      {garbage->parts[RH_PART_METHOD], "bound method", "bound methods"},
      {garbage->parts[RH_PART_EXCEPTION], "exception", "exceptions"},
      {garbage->parts[RH_PART_TRACEBACK], "traceback", "tracebacks"},
      {garbage->parts[RH_PART_FRAME], "frame", "frames"},
      {garbage->dicts, "dict", "dicts"},
      {garbage->others, "other object", "other objects"},
  };
  size_t left = 0;
  for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) left += sorts[i].n > 0;
  for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
    if (sorts[i].n == 0) continue;
    rh_why_say(why, "%" PRIu64 " %s%s", sorts[i].n, sorts[i].n == 1 ? sorts[i].one : sorts[i].more,
               left > 2    ? ", "
               : left == 2 ? " and "
                           : "");
    left--;
  }
  rh_why_say(why, garbage->all == 1 ? " is tracked and reached by no name" : " are tracked and reached by no name");
}

/* The attribute dict of an instance that no traversal of it visits: the note of its making, or SIZE_MAX. */
static size_t find_hidden_dict(const struct rh_why *why, uint32_t instance) {
  if (!why->profile->attributes_inline || why->profile->materialized_is_visited) return SIZE_MAX;
  for (size_t i = rh_evidence_notes(); i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if (strcmp(note.rule, "OBJ-7") != 0 || why->engine->kind(note.subject) != RH_KIND_PART) continue;
    if (why->engine->part(note.subject) == RH_PART_DICT && why->engine->label(note.subject) == instance) return i;
  }
  return SIZE_MAX;
}

/* What became of an attribute dict since it was made: whether it is one of the class's keys, and tracked. */
static void say_dict_history(struct rh_why *why, uint32_t dict, size_t made) {
  size_t unshared = SIZE_MAX, tracking = SIZE_MAX, changes = 0;
  for (size_t i = made + 1; i < rh_evidence_notes(); i++) {
    struct rh_evidence note = rh_evidence(i);
    if (note.subject != dict) continue;
    if (strcmp(note.rule, "OBJ-6") == 0) unshared = i;
    if (strcmp(note.rule, "OBJ-8") != 0) continue;
    tracking = i;
    changes++;
  }
  if (tracking != SIZE_MAX) {
    rh_why_say(why, "; ");
    rh_why_cite(why, tracking);
  }
  if (unshared != SIZE_MAX) {
    rh_why_say(why, "; ");
    rh_why_cite(why, unshared);
  } else if (changes < 2) {
    rh_why_rule(why, why->profile->attributes_inline ? "OBJ-7" : "OBJ-10");
  }
}

/* The places for names that all instances share are used up: whoever needs no dict of its own has had one of them. */
static void say_last_place(struct rh_why *why) {
  for (size_t i = rh_evidence_notes(); i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if (note.subject != 0 || strcmp(note.rule, "OBJ-6") != 0) continue;
    rh_why_say(why, "; ");
    rh_why_cite(why, i);
    rh_why_say(why, ", and the instance stored no others");
    return;
  }
}

/* Whether an attribute dict goes with its instance. */
static void say_attribute_dict(struct rh_why *why, const struct garbage *garbage) {
  size_t made = garbage->dict != 0 ? rh_why_find_note(why, garbage->dict, "OBJ-7") : SIZE_MAX;
  size_t hidden = garbage->dict == 0 && garbage->instance != 0 ? find_hidden_dict(why, garbage->instance) : SIZE_MAX;
  rh_why_rule(why, "OBJ-10");
  rh_why_say(why, "; ");
  if (hidden != SIZE_MAX) {
    rh_why_cite(why, hidden);
    rh_why_say(why, ", but the instance keeps the values and does not visit the dict, which no collection finds");
  } else if (made != SIZE_MAX) {
    rh_why_cite(why, made);
    say_dict_history(why, garbage->dict, made);
  } else {
    rh_why_say(why, "the values of an instance are part of it and no object of their own");
    say_last_place(why);
  }
}

/* A dict that is not tracked is a reference from outside to the collector. */
static bool say_untracked_dict(struct rh_why *why) {
  for (size_t i = rh_evidence_notes(); i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if (strcmp(note.rule, "OBJ-8") != 0 || why->engine->kind(note.subject) != RH_KIND_PART) continue;
    if (why->engine->part(note.subject) != RH_PART_DICT || why->engine->tracked(note.subject)) continue;
    if (rh_why_find_note(why, note.subject, "OBJ-8") != i) continue;
    rh_why_cite(why, i);
    rh_why_say(why, "; what only an untracked dict refers to seems to be held from outside, and is not found");
    return true;
  }
  return false;
}

static void say_class_parts(struct rh_why *why, const struct garbage *garbage) {
  bool bases = garbage->parts[RH_PART_TUPLE] >= 2 * garbage->classes;
  rh_why_rule(why, "CLS-2");
  rh_why_say(why,
             "; a class is referred to by its resolution order and descriptors, and refers to them; the tuple of its "
             "bases %s",
             bases ? "goes with it" : "was untracked by an earlier collection");
}

static void say_kind_of_garbage(struct rh_why *why, const struct garbage *garbage) {
  if (garbage->classes > 0) {
    say_class_parts(why, garbage);
  } else if (garbage->parts[RH_PART_CELL] > 0) {
    rh_why_rule(why, "FUN-2");
    rh_why_say(why, "; the cell holds the function, the function the tuple of its closure, the tuple the cell");
  } else if (garbage->functions > 0) {
    rh_why_rule(why, "FUN-3");
    rh_why_say(why, "; the dict holds the function as an entry, and the function the dict as its globals");
  } else if (garbage->parts[RH_PART_EXCEPTION] > 0) {
    rh_why_rule(why, "FUN-6");
    rh_why_say(why, "; the exception holds its traceback, that the frame, and a local of the frame the exception");
  } else if (garbage->parts[RH_PART_METHOD] > 0) {
    rh_why_rule(why, "OBJ-11");
    rh_why_say(why, "; the bound method holds its instance, which holds it as an attribute");
  } else if (garbage->parts[RH_PART_FRAME] > 0) {
    rh_why_rule(why, "FUN-6");
    rh_why_say(why, "; each frame is held by a local of its own");
  } else {
    say_attribute_dict(why, garbage);
  }
}

/* Which garbage has rules of its own: not what happens to hold an instance. */
static bool is_particular(const struct garbage *garbage) {
  uint64_t parts = 0;
  for (int i = RH_PART_DESCRIPTOR; i <= RH_PART_FRAME; i++) parts += garbage->parts[i];
  return garbage->classes > 0 || garbage->functions > 0 || garbage->generators > 0 || parts > 0 ||
         (garbage->instances > 0 && 2 * (garbage->instances + garbage->parts[RH_PART_DICT]) >= garbage->all);
}

static bool explain_collect(struct rh_why *why) {
  int64_t generation = why->op->nargs > 0 ? why->trace->args[why->op->first_arg].integer : 2;
  struct garbage garbage = find_garbage(why, generation);
  if (rh_why_raises(why) || !is_particular(&garbage)) return false;
  uint64_t result = strtoull(why->predicted->text, NULL, 10);
  if (garbage.generators > 0) {
    size_t first = rh_why_carry_out(why), note = rh_why_find_note(why, 0, "FUN-5");
    say_garbage(why, &garbage);
    rh_why_rule(why, "FUN-5");
    rh_why_say(why, "; ");
    if (note != SIZE_MAX && note >= first) {
      rh_why_cite(why, note);
    } else {
      rh_why_say(why, "what a generator that was closed before holds no more cannot go now");
    }
    rh_why_say(why, ": %" PRIu64 " remain to be counted", result);
    return true;
  }
  bool held = garbage.all > result && garbage.all - result <= garbage.class_weakrefs;
  if (held) {
    garbage.others -= garbage.all - result;
    garbage.all = result;
  }
  if (garbage.all > result && find_hidden_dict(why, garbage.instance) != SIZE_MAX &&
      garbage.all - result <= garbage.parts[RH_PART_DICT]) {
    garbage.parts[RH_PART_DICT] -= garbage.all - result;
    garbage.all = result;
    garbage.dict = 0;
  }
  if (garbage.all != result) return garbage.instances > 0 && say_untracked_dict(why);
  say_garbage(why, &garbage);
  say_kind_of_garbage(why, &garbage);
  return true;
}

static void say_class_order(struct rh_why *why) {
  bool first = why->profile->class_order_first;
  if (why->engine->kind(why->engine->garbage_item(0)) == RH_KIND_CLASS) {
    rh_why_say(why,
               "an earlier collection has put what it reached from the class behind it, in the order of its visits");
  } else {
    rh_why_say(
        why,
        "the parts are in the order in which they were tracked: the tuple of the bases, the class, %sa descriptor, "
        "the dict when it was stored there, the other descriptor%s",
        first ? "the resolution order, " : "", first ? "" : ", the resolution order");
  }
}

/* What a collection put into the garbage list: which of it has an order of its own. */
static bool explain_kept_garbage(struct rh_why *why) {
  struct garbage garbage = {0};
  for (uint64_t i = 0; i < why->engine->garbage_length(); i++)
    count_garbage(why, why->engine->garbage_item(i), &garbage);
  if (!is_particular(&garbage)) return false;
  if (garbage.classes > 0) {
    rh_why_rule(why, "CLS-2");
    say_class_order(why);
  } else if (garbage.parts[RH_PART_CELL] > 0) {
    rh_why_rule(why, "FUN-2");
    rh_why_say(why, "the cell was made first, then the tuple of the closure that holds it, then the function");
  } else if (garbage.functions > 0) {
    rh_why_rule(why, "FUN-3");
    rh_why_say(why,
               "the dict was tracked for the builtins stored in it, before the definition run in it made the function");
  } else if (garbage.parts[RH_PART_EXCEPTION] > 0) {
    rh_why_rule(why, "FUN-6");
    rh_why_say(why, "the exception was made first, then the traceback, and the frame became an object last");
  } else {
    rh_why_rule(why, "OBJ-7");
    rh_why_say(why, "the list has %" PRIu64 " instance%s and %" PRIu64 " attribute dict%s", garbage.instances,
               rh_why_plural(garbage.instances), garbage.parts[RH_PART_DICT],
               rh_why_plural(garbage.parts[RH_PART_DICT]));
  }
  return true;
}

/* --- the whole --- */

/* An attribute that is not there to be deleted, or that slots leave no room for. */
static bool explain_refusal(struct rh_why *why, int kind) {
  if (why->op->code == RH_OP_WEAK && why->engine->kind(rh_why_object(why, 1)) == RH_KIND_BARE)
    return explain_weakcount(why, 0, RH_KIND_BARE);
  if (!rh_why_raises(why) || (why->op->code != RH_OP_DEL && why->op->code != RH_OP_UNSET)) return false;
  if (kind != RH_KIND_OBJ && kind != RH_KIND_CLASS) return false;
  rh_why_rule(why, kind == RH_KIND_CLASS ? "CLS-3" : "OBJ-5");
  rh_why_say_argument(why, 0);
  rh_why_say(why,
             kind == RH_KIND_CLASS ? ": the class's dict has no such name" : ": the instance has no such attribute");
  return true;
}

/* The object whose attribute the operation's path ends in. */
static int kind_of_owner(const struct rh_why *why) {
  if (why->op->nargs == 0) return RH_KIND_NONE;
  const struct rh_arg *arg = &why->trace->args[why->op->first_arg];
  uint32_t object = arg->type == RH_ARG_PATH && arg->nparts == 1 ? rh_run_object(why->run, arg->name) : 0;
  return object != 0 ? why->engine->kind(object) : RH_KIND_NONE;
}

bool rh_why_instances(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = object != 0 ? why->engine->kind(object) : RH_KIND_NONE;
  if (explain_refusal(why, kind_of_owner(why))) return true;
  switch (why->op->code) {
  case RH_OP_SIZEOF:
    return explain_size(why, object, kind);
  case RH_OP_REFERENTS:
    return explain_referents(why, object, kind);
  case RH_OP_REFERRERS:
    return explain_holders(why, object, kind, false);
  case RH_OP_REFS:
    return !why->engine->immortal(object) && explain_holders(why, object, kind, true);
  case RH_OP_LEN:
    return kind == RH_KIND_DICT && explain_globals(why, object);
  case RH_OP_TRACKED:
    return explain_tracked(why, kind);
  case RH_OP_WEAKCOUNT:
    return explain_weakcount(why, object, kind);
  case RH_OP_COLLECT:
    return explain_collect(why);
  case RH_OP_GARBAGE:
    return explain_kept_garbage(why);
  default:
    return false;
  }
}
