/*
 * Why an operation other than `events` observes what it observes: which rule an
 * operation comes under, and a sentence from the heap.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

/* --- counts --- */

enum { HOLDERS_SHOWN_MAX = 6 };

struct holders {
  struct rh_why *why;
  uint64_t n;
  struct rh_text text; /* the first of them, as `A, L[0]` */
};

static void count_holder(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index) {
  struct holders *holders = context;
  struct rh_why *why = holders->why;
  struct rh_text *picture = &why->explanation->picture, holder = {0};
  if (++holders->n > HOLDERS_SHOWN_MAX) return;
  if (parent != RH_NO_VERTEX) rh_graph_path(&why->graph, parent, &holder);
  rh_graph_edge_text(&why->graph, how, index, &holder);
  rh_text_printf(&holders->text, "%s%s", holders->n > 1 ? ", " : "", holder.bytes != NULL ? holder.bytes : "");
  rh_text_printf(picture, "%s -> ", holder.bytes != NULL ? holder.bytes : "");
  rh_graph_describe(&why->graph, rh_why_object(why, 0), picture);
  rh_text_puts(picture, "\n");
  rh_text_free(&holder);
}

static const char *plural(uint64_t n) {
  return n == 1 ? "" : "s";
}

static void explain_refs(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int64_t count = why->engine->refs(object);
  struct holders holders = {.why = why};
  if (why->engine->immortal(object)) {
    rh_why_rule(why, "RC-13");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " is immortal: its reported count is the same whatever refers to it");
    return;
  }
  rh_graph_holders(&why->graph, object, count_holder, &holders);
  rh_why_rule(why, "RC-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, "'s object is referred to by %s", holders.n > 0 ? holders.text.bytes : "nothing that a name reaches");
  if (holders.n > HOLDERS_SHOWN_MAX)
    rh_why_say(why, " and %" PRIu64 " more that names reach", holders.n - HOLDERS_SHOWN_MAX);
  if (count > 0 && (uint64_t)count > holders.n) {
    rh_why_say(why, ", and %" PRIu64 " time%s by objects that no name reaches", (uint64_t)count - holders.n,
               plural((uint64_t)count - holders.n));
  }
  rh_why_say(why, ": that makes %" PRId64, count);
  rh_text_free(&holders.text);
}

static void explain_immortal(struct rh_why *why) {
  bool yes = why->engine->immortal(rh_why_object(why, 0));
  rh_why_rule(why, !yes ? "RC-15" : why->profile->immortal_singletons ? "RC-13" : "RC-14");
  rh_why_say_argument(why, 0);
  rh_why_say(why, yes ? " is one of the shared values with a constant or huge count"
                      : " is an object like any other, whose count is the number of its references");
}

/* --- weak references --- */

static void explain_deref(struct rh_why *why) {
  uint32_t weakref = rh_why_object(why, 0);
  bool is_weakref = weakref != 0 && why->engine->kind(weakref) == RH_KIND_WEAKREF;
  uint32_t referent = is_weakref ? why->engine->referent(weakref) : 0;
  uint32_t vertex = rh_graph_vertex(&why->graph, referent);
  rh_why_rule(why, "WR-11");
  if (!is_weakref) {
    rh_why_rule(why, "LANG-1");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " is no weak reference");
  } else if (referent == 0 && why->history.died != SIZE_MAX) {
    rh_why_rule(why, why->history.died_in_collection ? "GC-2" : "RC-2");
    rh_why_say(why, "the object died during ");
    rh_why_say_operation(why, why->history.died);
    rh_why_say(why, why->history.died_in_collection ? ", whose collection found it unreachable"
                                                    : ", which dropped the last reference to it");
  } else if (referent == 0) {
    rh_why_say(why, "the object had died before ");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " was bound");
  } else if (vertex != RH_NO_VERTEX) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "the object is held by ");
    rh_why_say_path(why, vertex);
  } else {
    rh_why_rule(why, "GC-2");
    rh_why_say(why, "no name reaches the object, but other garbage refers to it and no collection has found it yet");
  }
}

static void explain_weakcount(struct rh_why *why) {
  rh_why_rule(why, "WR-1");
  rh_why_say(why, "%" PRId64 " weak reference objects to ", why->engine->weak_count(rh_why_object(why, 0)));
  rh_why_say_argument(why, 0);
  rh_why_say(why, " exist; those without callback are one");
}

static void explain_weak(struct rh_why *why) {
  rh_why_rule(why, "WR-5");
  uint32_t object = rh_why_object(why, 1);
  rh_why_say_argument(why, 1);
  rh_why_say(why, object != 0 ? " is of kind %s" : " is bound to nothing%s",
             object != 0 ? rh_kind_name(why->engine->kind(object)) : "");
}

/* --- collection --- */

static bool read_count(const char *text, size_t n, uint64_t *value) {
  *value = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] < '0' || text[i] > '9' || *value > UINT64_MAX / 16) return false;
    *value = *value * 10 + (uint64_t)(text[i] - '0');
  }
  return n > 0;
}

/* Names what the collection finalizes, by carrying it out: the last use of the run. */
static void say_finalized(struct rh_why *why) {
  enum { SHOWN_MAX = 4 };
  struct rh_observation seen;
  size_t before = rh_run_events(why->run), shown = 0;
  if (!rh_run_step(why->run, &seen)) return;
  for (size_t i = before; i < rh_run_events(why->run) && shown < SHOWN_MAX; i++) {
    const char *event = rh_run_event(why->run, i);
    if (strncmp(event, "del:", 4) == 0) rh_why_say(why, "%s%s", shown++ > 0 ? ", " : ", among them ", event + 4);
  }
}

static void explain_collect(struct rh_why *why) {
  uint64_t predicted = 0, observed = 0;
  int64_t generation = why->op->nargs > 0 ? why->trace->args[why->op->first_arg].integer : 2;
  if (!read_count(why->predicted->text, why->predicted->size, &predicted)) {
    rh_why_rule(why, "GC-14");
    rh_why_say(why, "there is no generation %" PRId64, generation);
    return;
  }
  bool known = why->observed != NULL && read_count(why->observed, why->nobserved, &observed);
  if (generation < 2) {
    rh_why_rule(why, "GC-4");
  } else {
    rh_why_rule(why, known && observed > predicted ? "GC-1" : known && observed < predicted ? "GC-2" : "GC-9");
  }
  rh_why_say(why, "%" PRIu64 " tracked object%s of the collected generations cannot be reached", predicted,
             plural(predicted));
  say_finalized(why);
  rh_why_say(why, "; the names reach %" PRIu32 " object%s", why->graph.n, plural(why->graph.n));
}

static void explain_tracked(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  rh_why_rule(why, kind == RH_KIND_TUPLE ? "TRK-2" : kind == RH_KIND_DICT ? "TRK-3" : "TRK-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is a %s", rh_kind_name(kind));
  if (kind == RH_KIND_TUPLE || kind == RH_KIND_DICT)
    rh_why_say(why, " of %" PRIu64 ", and what it holds decides", why->engine->length(object));
}

static void explain_gen(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int generation = why->engine->generation(object);
  rh_why_rule(why, "GEN-1");
  rh_why_say_argument(why, 0);
  if (generation < 0) {
    rh_why_say(why, " is in no generation: it is not tracked, or frozen");
  } else {
    rh_why_say(why, " is in generation %d: it survived the collections that moved it there", generation);
  }
}

static void explain_finalized(struct rh_why *why) {
  bool yes = why->engine->finalized(rh_why_object(why, 0));
  rh_why_rule(why, "FIN-2");
  rh_why_say_argument(why, 0);
  rh_why_say(why, yes ? "'s finalizer has run and will not run again" : "'s finalizer has not run");
}

static void explain_garbage(struct rh_why *why) {
  rh_why_rule(why, "GC-12");
  rh_why_say(why, "collections have put %" PRIu64 " object%s there that were not taken out since",
             why->engine->garbage_length(), plural(why->engine->garbage_length()));
}

/* --- identity --- */

static void explain_same(struct rh_why *why) {
  uint32_t first = rh_why_object(why, 0), second = rh_why_object(why, 1);
  int kind = why->engine->kind(first);
  bool same = why->engine->same(first, second);
  rh_why_rule(why, kind == RH_KIND_INT                                ? "INT-1"
                   : kind == RH_KIND_STR                              ? (same ? "INT-4" : "INT-7")
                   : kind == RH_KIND_TUPLE || kind == RH_KIND_BYTES   ? "INT-8"
                   : kind == RH_KIND_WEAKREF                          ? "WR-1"
                   : kind == RH_KIND_PROXY                            ? "WR-12"
                   : kind == RH_KIND_FROZENSET                        ? "INT-10"
                   : kind == RH_KIND_FLOAT || kind == RH_KIND_COMPLEX ? "INT-11"
                                                                      : "RC-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " and ");
  rh_why_say_argument(why, 1);
  rh_why_say(why, same ? " are bound to one %s" : " are bound to two objects, the first of kind %s",
             rh_kind_name(kind));
}

/* --- sizes --- */

static void explain_size(struct rh_why *why) {
  static const char *const rules[] = {
      [RH_KIND_NONE] = "SIZ-1",      [RH_KIND_NODE] = "SIZ-5",      [RH_KIND_FIN] = "SIZ-5",
      [RH_KIND_OBJECT] = "SIZ-1",    [RH_KIND_INT] = "SIZ-2",       [RH_KIND_FLOAT] = "SIZ-1",
      [RH_KIND_STR] = "SIZ-3",       [RH_KIND_TUPLE] = "SIZ-4",     [RH_KIND_LIST] = "SIZ-4",
      [RH_KIND_DICT] = "SIZ-6",      [RH_KIND_SET] = "SIZ-6",       [RH_KIND_DEQUE] = "SIZ-7",
      [RH_KIND_BYTES] = "SIZ-7",     [RH_KIND_WEAKREF] = "SIZ-7",   [RH_KIND_PROXY] = "SIZ-7",
      [RH_KIND_FROZENSET] = "SIZ-6", [RH_KIND_COMPLEX] = "SIZ-1",   [RH_KIND_BYTEARRAY] = "SIZ-8",
      [RH_KIND_ARRAY] = "SIZ-9",     [RH_KIND_FINALIZE] = "SIZ-10", [RH_KIND_WVD] = "SIZ-10",
      [RH_KIND_WKD] = "SIZ-10"};
  int kind = why->engine->kind(rh_why_object(why, 0));
  bool known = kind >= 0 && (size_t)kind < sizeof rules / sizeof *rules && rules[kind] != NULL;
  rh_why_rule(why, known ? rules[kind] : "SIZ-5");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is a %s", rh_kind_name(kind));
}

static void explain_capacity(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  rh_why_rule(why, kind == RH_KIND_DICT        ? "DCT-1"
                   : kind == RH_KIND_SET       ? "DCT-7"
                   : kind == RH_KIND_BYTEARRAY ? "SIZ-8"
                   : kind == RH_KIND_ARRAY     ? "SIZ-9"
                   : kind == RH_KIND_DEQUE     ? "SIZ-7"
                                               : "LST-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " has %" PRIu64 " items", why->engine->length(object));
  if (kind == RH_KIND_LIST || kind == RH_KIND_LISTFIN)
    rh_why_say(why, " and room for %" PRId64 " before this", why->engine->capacity(object));
}

/* --- which rule without a sentence of its own --- */

struct general {
  enum rh_opcode code;
  const char *rule, *sentence;
};

static const struct general generals[] = {
    {RH_OP_COUNT, "GEN-2", "the counters follow from the objects allocated and freed, and from the collections"},
    {RH_OP_YOUNG, "GEN-2", "counter 0 follows from the objects allocated and freed since `mark`"},
    {RH_OP_THRESHOLD, "GEN-4", "the thresholds are the version's own until they are set"},
    {RH_OP_STAT, "GEN-11", "the statistics sum what the collections since `statmark` returned"},
    {RH_OP_STATKEYS, "GEN-11", "the version decides the fields"},
    {RH_OP_FROZEN, "GEN-9", "the permanent generation holds what was frozen"},
    {RH_OP_FROZENDELTA, "GEN-9", "the permanent generation grew by what was frozen"},
    {RH_OP_LATE, "END-1", "the finalizers that had not run until then do so during exit"},
    {RH_OP_STDERR, "END-3", "the flags, the exceptions nobody hooked and the garbage list decide what is written"},
    {RH_OP_NOSTDERR, "END-3", "the flags, the exceptions nobody hooked and the garbage list decide what is written"},
    {RH_OP_NCOLLECTIONS, "GEN-7", "the counters and thresholds decide which generation each collection took"},
    {RH_OP_REFERENTS, "GC-15", "every reference the object holds counts, with multiplicity"},
    {RH_OP_REFERRERS, "GC-16", "every tracked container that refers to the object counts once"},
    {RH_OP_RAWLOCALREFS, "RC-1", "the query's own reference counts or not, by version"},
    {RH_OP_INTERN, "INT-6", "only strings are interned"},
    {RH_OP_SAMEID, "FL-6", "an address is a live object's, a kept one's, or free to be used again"},
    {RH_OP_FREECOUNT, "FL-5", "deaths fill the list, new objects of the type and full collections empty it"},
    {RH_OP_FREETUPLES, "FL-3", "deaths of tuples of the length fill the list, new ones and full collections empty it"},
    {RH_OP_PM_MALLOC, "BLK-7", "the request decides: a block, or null when it is too large"},
    {RH_OP_PM_CALLOC, "BLK-7", "the request decides: a block, or null when it is too large"},
    {RH_OP_PM_REALLOC, "BLK-5", "the old and the new size decide whether the block moves"},
    {RH_OP_PM_MMALLOC, "BLK-14", "the memory domain shares the pools of the object domain"},
    {RH_OP_PM_RMALLOC, "BLK-14", "the raw domain is the system's"},
    {RH_OP_PM_MFREE, "BLK-14", "a block is freed where it came from"},
    {RH_OP_PM_RFREE, "BLK-14", "a block is freed where it came from"},
    {RH_OP_PM_FREE, "BLK-8", "only a live block's start is freed"},
    {RH_OP_PM_BYTES, "BLK-3", "the bytes are what was written last"},
    {RH_OP_PM_FILL, "BLK-3", "only bytes of the block are written"},
    {RH_OP_PM_POKE, "BLK-3", "only bytes of the block are written"},
    {RH_OP_PM_EQ, "BLK-1", "two live blocks never share an address"},
    {RH_OP_PM_DELTA, "BLK-9", "blocks of one pool lie at multiples of their class size"},
    {RH_OP_PM_OFF, "BLK-2", "blocks of a pool lie behind its header at multiples of their class size"},
    {RH_OP_PM_SAMEPOOL, "BLK-9", "the pool first in line serves a request"},
    {RH_OP_PM_BLOCKS, "BLK-13",
     "the blocks of the class in use grew by those requested and those of objects, less those freed"},
    {RH_OP_PM_POOLS, "BLK-13", "the pools of the class with blocks in use"},
    {RH_OP_PM_AVAIL, "BLK-13", "the room left in pools with blocks in use"},
    {RH_OP_PM_ARENAS, "BLK-10", "wholly free arenas go back, the last one apart"},
    {RH_OP_PM_IDENTITY, "BLK-11", "the parts add up to the whole"},
    {RH_OP_PM_LOSSIDENTITY, "BLK-11", "the parts add up to the whole"},
    {RH_OP_BLOCKS, "BLK-11", "the number of blocks follows from allocations and frees"},
    {RH_OP_TM_START, "TM-4", "the limit is 1 to 65535 frames"},
    {RH_OP_TM_LIMIT, "TM-4", "the last start that was not in vain set the limit"},
    {RH_OP_TM_TRACING, "TM-5", "the last start or stop decides"},
    {RH_OP_TM_DELTA, "TM-1", "the requests and the ends of blocks since `tm.mark` add up"},
    {RH_OP_TM_PEAKDELTA, "TM-3", "the peak is the largest sum since the start or the last reset"},
    {RH_OP_TM_OBJTB, "TM-6", "an object has a trace when its memory was requested while tracing"},
    {RH_OP_TM_TRACK, "TM-7", "traces are entered by hand only while tracing"},
    {RH_OP_TM_UNTRACK, "TM-7", "traces are removed by hand only while tracing"},
    {RH_OP_TM_HAS, "TM-7", "the last trace entered there and not removed decides"},
    {RH_OP_TM_TRACESIZE, "TM-7", "the last trace entered there and not removed decides"},
    {RH_OP_FATAL, "ALH-5", "debug hooks end the process at the first fault they find"},
};

static void explain_general(struct rh_why *why) {
  for (size_t i = 0; i < sizeof generals / sizeof *generals; i++) {
    if (why->op->code == generals[i].code) {
      rh_why_rule(why, generals[i].rule);
      rh_why_say(why, "%s", generals[i].sentence);
      return;
    }
  }
  if (strncmp(rh_opcode_spelling((enum rh_opcode)why->op->code), "pm.", 3) == 0) rh_why_rule(why, "BLK-9");
  rh_why_say(why, "the operation is carried out on the objects its arguments lead to");
}

/* --- blocks --- */

static const struct rh_arg *block_argument(const struct rh_why *why, const struct rh_op *op, uint32_t i) {
  return &why->trace->args[op->first_arg + i];
}

static void explain_request(struct rh_why *why) {
  bool empty = false;
  for (uint32_t i = 1; i < why->op->nargs; i++) {
    const struct rh_arg *size = block_argument(why, why->op, i);
    empty = empty || (size->integer == 0 && !size->is_unsigned);
  }
  if (empty) {
    rh_why_rule(why, "BLK-6");
    rh_why_say(why, "the request is for no bytes, and gets a block");
  } else {
    explain_general(why);
  }
}

/* Bytes written before the block was resized are those that realloc keeps. */
static void explain_bytes(struct rh_why *why) {
  uint32_t name = block_argument(why, why->op, 0)->name;
  for (size_t i = why->position; i-- > 0;) {
    const struct rh_op *before = &why->trace->ops[why->trace->top[i]];
    bool writes = before->code == RH_OP_PM_FILL || before->code == RH_OP_PM_POKE || before->code == RH_OP_PM_CALLOC;
    bool resizes = before->code == RH_OP_PM_REALLOC;
    if ((!writes && !resizes) || block_argument(why, before, 0)->name != name) continue;
    if (writes) break;
    rh_why_rule(why, "BLK-4");
    rh_why_say_operation(why, i);
    rh_why_say(why, " keeps the bytes that both sizes have");
    return;
  }
  explain_general(why);
}

/* --- exceptions and skips --- */

static void explain_exception(struct rh_why *why) {
  if (strcmp(why->predicted->text, "MemoryError") == 0) rh_why_rule(why, "LST-8");
  rh_why_say(why, "the operation raises %s and changes nothing", why->predicted->text);
}

static void explain_skip(struct rh_why *why) {
  rh_why_say(why, "a name is not bound, a path does not resolve, or the operation does not apply to the kind");
}

/* The implementation no longer finds what is there. */
static void explain_lost(struct rh_why *why) {
  rh_why_rule(why, "RC-3");
  rh_why_say_argument(why, 0);
  rh_why_say(why, "'s object is held by ");
  rh_why_say_path(why, rh_graph_vertex(&why->graph, rh_why_object(why, 0)));
}

typedef void explainer(struct rh_why *why);

static explainer *explainer_of(enum rh_opcode code) {
  switch (code) {
  case RH_OP_REFS:
    return explain_refs;
  case RH_OP_IMMORTAL:
    return explain_immortal;
  case RH_OP_DEREF:
    return explain_deref;
  case RH_OP_WEAKCOUNT:
    return explain_weakcount;
  case RH_OP_WEAK:
    return explain_weak;
  case RH_OP_COLLECT:
    return explain_collect;
  case RH_OP_TRACKED:
    return explain_tracked;
  case RH_OP_GEN:
    return explain_gen;
  case RH_OP_FINALIZED:
    return explain_finalized;
  case RH_OP_GARBAGE:
    return explain_garbage;
  case RH_OP_SAME:
    return explain_same;
  case RH_OP_SIZEOF:
    return explain_size;
  case RH_OP_PM_MALLOC:
  case RH_OP_PM_CALLOC:
    return explain_request;
  case RH_OP_PM_BYTES:
    return explain_bytes;
  case RH_OP_CAP:
  case RH_OP_GROWTH:
  case RH_OP_LEN:
    return explain_capacity;
  default:
    return explain_general;
  }
}

/* Operations whose explanation needs the object of their first argument. */
static bool needs_object(enum rh_opcode code) {
  switch (code) {
  case RH_OP_COLLECT:
  case RH_OP_GARBAGE:
  case RH_OP_DEREF:
  case RH_OP_WEAK:
  case RH_OP_PM_MALLOC:
  case RH_OP_PM_CALLOC:
  case RH_OP_PM_BYTES:
    return false;
  default:
    return explainer_of(code) != explain_general;
  }
}

void rh_why_look(struct rh_why *why) {
  enum rh_opcode code = (enum rh_opcode)why->op->code;
  explainer *explain = explainer_of(code);
  bool lost = why->observed != NULL && strcmp(why->observed, "skip") == 0 &&
              rh_graph_vertex(&why->graph, rh_why_object(why, 0)) != RH_NO_VERTEX;
  if (why->predicted->class == RH_OBSERVE_SKIP) {
    explain = explain_skip;
  } else if (lost) {
    explain = explain_lost;
  } else if (why->predicted->is_exception && code != RH_OP_WEAK && code != RH_OP_COLLECT) {
    explain = explain_exception;
  } else if (needs_object(code) && rh_why_object(why, 0) == 0) {
    explain = explain_general;
  }
  explain(why);
}
