/* Why the collector finds, tracks and counts what it does (rules GC, GEN, TRK, END). */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

/* May what refers to the object have to be tracked? Only tuples change their mind. */
static bool may_be_tracked(const struct rh_why *why, uint32_t object) {
  int kind = why->engine->kind(object);
  return kind == RH_KIND_DICT || kind == RH_KIND_FROZENSET || why->engine->tracked(object);
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

static void explain_finalized(struct rh_why *why) {
  bool yes = why->engine->finalized(rh_why_object(why, 0));
  rh_why_rule(why, "FIN-2");
  rh_why_say_argument(why, 0);
  rh_why_say(why, yes ? "'s finalizer has run and will not run again" : "'s finalizer has not run");
}

static void count_bytes(void *context, const char *bytes, size_t n) {
  uint64_t *sum = context;
  uint64_t item = 0;
  for (size_t i = 0; i < n; i++) item = item * 31 + (unsigned char)bytes[i];
  *sum += item + 1;
}

/* Does the list that was observed have the right items in another order? */
static bool is_in_other_order(const struct rh_why *why) {
  uint64_t predicted = 0, observed = 0;
  if (why->observed == NULL || !rh_list_items(why->observed, why->nobserved, count_bytes, &observed) ||
      !rh_list_items(why->predicted->text, why->predicted->size, count_bytes, &predicted))
    return false;
  bool same =
      why->nobserved == why->predicted->size && memcmp(why->observed, why->predicted->text, why->nobserved) == 0;
  return predicted == observed && !same;
}

static void explain_garbage(struct rh_why *why) {
  uint64_t n = why->engine->garbage_length();
  size_t note = rh_why_find_note(why, 0, "GC-12");
  if (rh_why_uncollectable(why)) {
    /* it says all of them */
  } else if (n > 0 && note != SIZE_MAX) {
    rh_why_cite(why, note);
  } else {
    rh_why_rule(why, "GC-12");
    rh_why_say(why, "collections have put %" PRIu64 " object%s there that were not taken out since", n,
               rh_why_plural(n));
  }
  if (!is_in_other_order(why)) return;
  rh_why_rule(why, "GC-11");
  rh_why_say(why, "; a collection goes through what it found from the first to the last, as they were tracked");
}

/* --- referents and referrers --- */

static void explain_referents(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  const char *kind = rh_kind_name(why->engine->kind(object));
  size_t first = rh_why_carry_out(why);
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is a %s: ", kind);
  for (size_t i = first; i < rh_evidence_notes(); i++) {
    if (rh_evidence(i).subject != object) continue;
    rh_why_cite(why, i);
    return;
  }
  rh_why_rule(why, "GC-15");
  rh_why_say(why, "each reference that a traversal of it visits counts");
}

struct referrers {
  struct rh_why *why;
  uint32_t target, found, shown; /* found: in the object that is looked through */
};

static void match_referrer(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  struct referrers *referrers = context;
  (void)how, (void)index;
  referrers->found += target == referrers->target;
}

/* An object that refers to the one asked about, and whether it counts. */
static void say_referrer(struct referrers *referrers, uint32_t object) {
  enum { SHOWN_MAX = 4 };
  struct rh_why *why = referrers->why;
  uint32_t vertex = rh_graph_vertex(&why->graph, object);
  if (referrers->shown++ >= SHOWN_MAX) {
    if (referrers->shown == SHOWN_MAX + 1) rh_why_say(why, ", ...");
    return;
  }
  rh_why_say(why, "%s", referrers->shown > 1 ? ", " : "");
  if (vertex != RH_NO_VERTEX) {
    rh_graph_path(&why->graph, vertex, &why->explanation->argument);
  } else {
    rh_graph_describe(&why->graph, object, &why->explanation->argument);
  }
  if (referrers->found > 1) rh_why_say(why, " (%" PRIu32 " times, counted once)", referrers->found);
  if (!why->engine->tracked(object)) {
    rh_why_say(why, " (not tracked, not counted)");
  } else if (why->engine->generation(object) < 0) {
    rh_why_say(why, " (frozen, not counted)");
  }
}

static void explain_referrers(struct rh_why *why) {
  const struct rh_engine *engine = why->engine;
  struct referrers referrers = {.why = why, .target = rh_why_object(why, 0)};
  rh_why_rule(why, "GC-16");
  rh_why_say(why, "what refers to ");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " beside names: ");
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    referrers.found = 0;
    rh_graph_edges(engine, o, match_referrer, &referrers);
    if (referrers.found > 0) say_referrer(&referrers, o);
  }
  if (referrers.shown == 0) rh_why_say(why, "no object");
}

bool rh_why_collector(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_COLLECT:
    return rh_why_collect(why);
  case RH_OP_TRACKED:
    return explain_tracked(why), true;
  case RH_OP_FINALIZED:
    return explain_finalized(why), true;
  case RH_OP_REFERENTS:
    return explain_referents(why), true;
  case RH_OP_REFERRERS:
    return explain_referrers(why), true;
  case RH_OP_GARBAGE:
    return explain_garbage(why), true;
  default:
    return rh_why_generations(why) || rh_why_end(why);
  }
}
