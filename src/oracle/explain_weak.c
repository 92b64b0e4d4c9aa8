/* Why weak references and proxies are what they are (rules WR). */
#include "oracle/explain_why.h"

#include <inttypes.h>

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

bool rh_why_weak(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_DEREF:
    explain_deref(why);
    return true;
  case RH_OP_WEAKCOUNT:
    return rh_why_object(why, 0) != 0 && (explain_weakcount(why), true);
  case RH_OP_WEAK:
    explain_weak(why);
    return true;
  default:
    return false;
  }
}
