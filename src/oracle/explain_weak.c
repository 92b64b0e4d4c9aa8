/* Why weak references and proxies are what they are (rules WR). */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <string.h>

static bool is_weak(const struct rh_why *why, uint32_t object) {
  int kind = object != 0 ? why->engine->kind(object) : RH_KIND_NONE;
  return kind == RH_KIND_WEAKREF || kind == RH_KIND_PROXY;
}

/* --- dead or alive --- */

/* The operation after which it was dead, when nothing was noted. */
static void say_died(struct rh_why *why) {
  rh_why_rule(why, why->history.died_in_collection ? "GC-2" : "RC-2");
  rh_why_say(why, "the object died in ");
  rh_why_say_operation(why, why->history.died);
  rh_why_say(why, why->history.died_in_collection ? ", whose collection found it unreachable"
                                                  : ", which dropped the last reference to it");
}

/* The rule for a dead weak reference, from the one by which it was cleared:
 * when it was observed alive, its object should have died. */
static const char *dead_rule(const struct rh_why *why, const char *cleared_by) {
  static const char *const by_count[] = {"WR-2", "WR-3", "WR-11", "WR-12"};
  for (size_t i = 0; i < sizeof by_count / sizeof *by_count; i++) {
    if (strcmp(cleared_by, by_count[i]) == 0)
      return why->observed == NULL ? "WR-11" : why->history.died_in_collection ? "GC-2" : "RC-2";
  }
  bool collected = strcmp(cleared_by, "WR-6") == 0 || strcmp(cleared_by, "WR-8") == 0;
  return collected && why->observed != NULL ? "GC-2" : cleared_by;
}

/* Of a weak reference that refers to nothing any more. */
static void explain_dead(struct rh_why *why, uint32_t weakref) {
  size_t note = rh_why_find_note(why, weakref, "WR- LEG-1");
  rh_why_rule(why, "WR-11");
  if (note != SIZE_MAX) {
    rh_why_cite(why, note);
    rh_why_rule(why, dead_rule(why, rh_evidence(note).rule));
  } else if (why->history.died != SIZE_MAX) {
    say_died(why);
  } else {
    rh_why_say(why, "the object had died before ");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " was bound");
  }
}

/* Of one whose object lives: what kept the object. */
static void explain_live(struct rh_why *why, uint32_t referent) {
  uint32_t vertex = rh_graph_vertex(&why->graph, referent);
  bool reached = vertex != RH_NO_VERTEX;
  size_t note = rh_why_find_note(why, referent, reached ? "FIN-4 FIN-9" : "FIN-4 FIN-9 LEG-2 LEG-4");
  if (note != SIZE_MAX) {
    rh_why_cite(why, note);
    rh_why_say(why, reached ? "; it is held by " : "");
  } else if (reached) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "the object is held by ");
  } else {
    rh_why_rule(why, "GC-2");
    rh_why_say(why, "no name reaches the object, but other garbage refers to it and no collection has found it yet");
  }
  if (reached) rh_why_say_path(why, vertex);
}

static void explain_deref(struct rh_why *why) {
  uint32_t weakref = rh_why_object(why, 0);
  uint32_t referent = why->engine->referent(weakref);
  if (referent == 0) {
    explain_dead(why, weakref);
  } else {
    explain_live(why, referent);
  }
}

static void explain_use(struct rh_why *why) {
  uint32_t proxy = rh_why_object(why, 0);
  uint32_t referent = why->engine->referent(proxy);
  if (referent == 0) {
    (void)rh_why_cite_last(why, proxy, "WR-");
    rh_why_say(why, "; a proxy without its object cannot be used");
  } else {
    rh_why_say_argument(why, 0);
    rh_why_say(why, " leads to its object, which lives and %s attribute a",
               strcmp(why->predicted->text, "AttributeError") == 0 ? "has no" : "has an");
  }
  rh_why_rule(why, "WR-15");
}

/* --- how many there are, and of which objects --- */

struct referring {
  unsigned named, unnamed, proxies;
  bool dict; /* a weak dict is alive, whose entries may be the unnamed ones */
};

/* Says the names of the weak references to an object. */
static struct referring say_referring(struct rh_why *why, uint32_t object) {
  struct referring seen = {0};
  for (uint32_t o = 0; (o = why->engine->next_object(o)) != 0;) {
    int kind = why->engine->kind(o);
    seen.dict = seen.dict || kind == RH_KIND_WVD || kind == RH_KIND_WKD;
    if (!is_weak(why, o) || why->engine->referent(o) != object) continue;
    uint32_t label = why->engine->label(o);
    seen.proxies += kind == RH_KIND_PROXY;
    if (label == 0) {
      seen.unnamed++;
    } else {
      rh_why_say(why, "%s%s%s", seen.named++ > 0 ? ", " : " (", kind == RH_KIND_PROXY ? "the proxy " : "",
                 rh_run_label_text(why->run, label));
    }
  }
  if (seen.named > 0) rh_why_say(why, ")");
  return seen;
}

static void explain_none(struct rh_why *why, uint32_t object) {
  bool refused = why->engine->kind(object) == RH_KIND_FINALIZE || is_weak(why, object);
  rh_why_rule(why, refused ? "WR-5" : "WR-11");
  rh_why_say(why, refused ? "nothing can refer weakly to " : "no weak reference to ");
  rh_why_say_argument(why, 0);
  rh_why_say(why, refused ? ", which is of kind %s" : " is left%.0s", rh_kind_name(why->engine->kind(object)));
}

static void explain_weakcount(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int64_t count = why->engine->weak_count(object);
  if (count == 0 && rh_why_cite_last(why, object, "WR-4")) return;
  if (count == 0) {
    explain_none(why, object);
    return;
  }
  rh_why_say(why, "%" PRId64 " weak reference object%s to ", count, rh_why_plural((uint64_t)count));
  rh_why_say_argument(why, 0);
  rh_why_say(why, count == 1 ? " exists" : " exist");
  struct referring seen = say_referring(why, object);
  if (seen.unnamed > 0)
    rh_why_say(why, ", %u of them %s", seen.unnamed, seen.dict ? "of weak dicts" : "to call finalize objects");
  rh_why_say(why, "; those without callback are one");
  rh_why_rule(why, seen.unnamed > 0 ? (seen.dict ? "WR-13" : "WR-14") : seen.proxies > 0 ? "WR-12" : "WR-1");
}

static void explain_weak(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 1);
  bool refused = strcmp(why->predicted->text, "TypeError") == 0;
  rh_why_rule(why, "WR-5");
  rh_why_say_argument(why, 1);
  rh_why_say(why, " is of kind %s, whose objects have %s place for weak references",
             rh_kind_name(why->engine->kind(object)), refused ? "no" : "a");
}

/* --- weak dicts --- */

static bool explain_length(struct rh_why *why) {
  uint32_t dict = rh_why_object(why, 0);
  int kind = why->engine->kind(dict);
  if (kind != RH_KIND_WVD && kind != RH_KIND_WKD) return false;
  if (rh_why_cite_last(why, dict, "WR-13")) return true;
  rh_why_rule(why, "WR-13");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " keeps %" PRIu64 " entries: no %s of theirs has died since it was stored", why->engine->length(dict),
             kind == RH_KIND_WVD ? "value" : "key");
  return true;
}

/* Are two weak references, or proxies, one? */
static void explain_same(struct rh_why *why) {
  uint32_t first = rh_why_object(why, 0);
  bool same = first == rh_why_object(why, 1);
  uint32_t referent = why->engine->referent(first);
  bool proxies = why->engine->kind(first) == RH_KIND_PROXY;
  if (same && rh_why_cite_last(why, first, "WR-1")) return;
  rh_why_say_argument(why, 0);
  rh_why_say(why, " and ");
  rh_why_say_argument(why, 1);
  if (same) {
    rh_why_say(why, " are bound to one weak reference");
  } else if (referent != 0 && referent == why->engine->referent(rh_why_object(why, 1))) {
    rh_why_say(why, " refer to one object, but only references without callback of one kind are shared");
  } else {
    rh_why_say(why, " do not refer to one object");
  }
  rh_why_rule(why, proxies ? "WR-12" : "WR-1");
}

bool rh_why_weak(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_SAME:
    if (!is_weak(why, rh_why_object(why, 0)) || !is_weak(why, rh_why_object(why, 1))) return false;
    return explain_same(why), true;
  case RH_OP_DEREF:
    explain_deref(why);
    return true;
  case RH_OP_USE:
    return explain_use(why), true;
  case RH_OP_WEAKCOUNT:
    return explain_weakcount(why), true;
  case RH_OP_WEAK:
  case RH_OP_PROXY:
    explain_weak(why);
    return true;
  case RH_OP_LEN:
    return explain_length(why);
  default:
    return false;
  }
}
