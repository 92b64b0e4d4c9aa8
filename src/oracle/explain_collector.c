/* Why the collector finds, tracks and counts what it does (rules GC, GEN, TRK, END). */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

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

/* Names what the collection, whose notes begin at `first`, let go of by untracking it: it is not counted. */
static void say_untracked(struct rh_why *why, size_t first) {
  for (size_t i = first; i < rh_evidence_notes(); i++) {
    struct rh_evidence note = rh_evidence(i);
    bool garbage = rh_graph_vertex(&why->graph, note.subject) == RH_NO_VERTEX;
    if (!garbage || strcmp(note.rule, "TRK-7") != 0 || strstr(note.text, "untracked") == NULL) continue;
    rh_why_say(why, ", one unreachable tuple apart: ");
    rh_why_cite(why, i);
    return;
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
             rh_why_plural(predicted));
  size_t first = rh_evidence_notes();
  say_finalized(why);
  say_untracked(why, first);
  rh_why_say(why, "; the names reach %" PRIu32 " object%s", why->graph.n, rh_why_plural(why->graph.n));
}

/* May what refers to the object have to be tracked? Only tuples change their mind. */
static bool may_be_tracked(const struct rh_why *why, uint32_t object) {
  int kind = object != 0 ? why->engine->kind(object) : RH_KIND_NONE;
  return object != 0 && (kind == RH_KIND_DICT || kind == RH_KIND_FROZENSET || why->engine->tracked(object));
}

static bool holds_trackable(const struct rh_why *why, uint32_t object) {
  bool dict = why->engine->kind(object) == RH_KIND_DICT;
  for (uint64_t i = 0; i < why->engine->length(object); i++) {
    if (may_be_tracked(why, why->engine->item(object, i))) return true;
    if (dict && may_be_tracked(why, why->engine->value(object, i))) return true;
  }
  return false;
}

/* What a tuple, dict or frozenset holds now. */
static void say_contents(struct rh_why *why, uint32_t object) {
  enum { SHOWN_MAX = 4 };
  struct rh_text *out = &why->explanation->argument;
  uint64_t n = why->engine->length(object);
  rh_why_say(why, n > 0 ? "it holds " : "it holds nothing");
  for (uint64_t i = 0; i < n && i < SHOWN_MAX; i++) {
    rh_text_puts(out, i > 0 ? ", " : "");
    rh_graph_describe(&why->graph, why->engine->item(object, i), out);
    if (why->engine->kind(object) != RH_KIND_DICT) continue;
    rh_text_puts(out, ": ");
    rh_graph_describe(&why->graph, why->engine->value(object, i), out);
  }
  if (n > SHOWN_MAX) rh_why_say(why, " and %" PRIu64 " more", n - SHOWN_MAX);
}

/* Tuples, dicts and frozensets: what decided last, and what they hold. */
static void explain_tracked_late(struct rh_why *why, uint32_t object, const char *rule) {
  bool lazy = why->engine->kind(object) == RH_KIND_DICT && why->profile->dict_lazy_tracking;
  rh_why_rule(why, rule);
  rh_why_say_argument(why, 0);
  rh_why_say(why, ": ");
  if (rh_why_cite_last(why, object, "TRK-")) rh_why_say(why, "; ");
  say_contents(why, object);
  if (!lazy || !why->engine->tracked(object) || holds_trackable(why, object)) return;
  rh_why_rule(why, "TRK-4");
  rh_why_say(why, ", nothing that may be tracked, but only a full collection untracks it");
}

static void explain_tracked(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  bool shared = why->engine->immortal(object) || (kind == RH_KIND_TUPLE && why->engine->length(object) == 0);
  if (!shared && (kind == RH_KIND_TUPLE || kind == RH_KIND_DICT || kind == RH_KIND_FROZENSET)) {
    explain_tracked_late(why, object, kind == RH_KIND_TUPLE ? "TRK-2" : kind == RH_KIND_DICT ? "TRK-3" : "TRK-8");
    return;
  }
  rh_why_rule(why, kind == RH_KIND_ARRAY || kind == RH_KIND_BYTEARRAY ? "TRK-9"
                   : kind == RH_KIND_FROZENSET                        ? "TRK-8"
                   : kind == RH_KIND_TUPLE                            ? "TRK-2"
                                                                      : "TRK-1");
  rh_why_say_argument(why, 0);
  if (shared && kind == RH_KIND_TUPLE) {
    rh_why_say(why, " is the empty tuple, one shared object that the collector never knew");
  } else if (why->engine->tracked(object)) {
    rh_why_say(why, " is of kind %s, whose type supports the collector: tracked from creation on", rh_kind_name(kind));
  } else {
    rh_why_say(why, " is of kind %s, whose type does not support the collector: never tracked", rh_kind_name(kind));
  }
}

static void explain_gen(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int generation = why->engine->generation(object);
  if (!why->engine->tracked(object)) {
    explain_tracked(why);
    rh_why_rule(why, "TRK-5");
    rh_why_say(why, "; what is not tracked is in no generation");
    return;
  }
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
             why->engine->garbage_length(), rh_why_plural(why->engine->garbage_length()));
}

static const struct rh_why_sentence sentences[] = {
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
};

bool rh_why_collector(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_COLLECT:
    explain_collect(why);
    return true;
  case RH_OP_TRACKED:
    return rh_why_object(why, 0) != 0 && (explain_tracked(why), true);
  case RH_OP_GEN:
    return rh_why_object(why, 0) != 0 && (explain_gen(why), true);
  case RH_OP_FINALIZED:
    return rh_why_object(why, 0) != 0 && (explain_finalized(why), true);
  case RH_OP_GARBAGE:
    explain_garbage(why);
    return true;
  default:
    return rh_why_say_sentence(why, sentences, sizeof sentences / sizeof *sentences);
  }
}
