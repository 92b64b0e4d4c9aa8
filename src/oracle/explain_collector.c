/* Why the collector finds, tracks and counts what it does (rules GC, GEN, TRK, END). */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

static void explain_tracked(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  rh_why_rule(why, kind == RH_KIND_TUPLE ? "TRK-2" : kind == RH_KIND_DICT ? "TRK-3" : "TRK-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is a %s", rh_kind_name(kind));
  if (kind == RH_KIND_TUPLE || kind == RH_KIND_DICT)
    rh_why_say(why, " of %" PRIu64 ", and what it holds decides", why->engine->length(object));
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
    return rh_why_object(why, 0) != 0 && (explain_tracked(why), true);
  case RH_OP_FINALIZED:
    return rh_why_object(why, 0) != 0 && (explain_finalized(why), true);
  case RH_OP_REFERENTS:
    return rh_why_object(why, 0) != 0 && (explain_referents(why), true);
  case RH_OP_REFERRERS:
    return rh_why_object(why, 0) != 0 && (explain_referrers(why), true);
  case RH_OP_GARBAGE:
    return explain_garbage(why), true;
  default:
    return rh_why_generations(why) || rh_why_end(why);
  }
}
