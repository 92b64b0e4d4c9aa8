/*
 * Looking into containers: length, items, what a traversal visits, who refers.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"
#include <inttypes.h>

uint64_t rh_runtime_length(uint32_t o) {
  if (!rh_object_live(o)) return 0;
  switch (rh_rt_record(o)->kind) {
  case RH_RT_STR:
  case RH_RT_BYTES:
    return rh_rt_value(o)->length;
  case RH_RT_WVD:
  case RH_RT_WKD:
    return rh_rt_weak_dict_length(o);
  default:
    return rh_rt_record(o)->size;
  }
}

uint32_t rh_runtime_item(uint32_t o, uint64_t i) {
  if (!rh_object_live(o)) return 0;
  const struct rh_rt_record *r = rh_rt_record(o);
  switch (r->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
  case RH_RT_TUPLE:
    return i < r->size ? rh_slot_get(o, rh_rt_item_slot(o, (uint32_t)i)) : 0;
  case RH_RT_DEQUE:
    return i < r->size ? rh_slot_get(o, (uint32_t)i) : 0;
  case RH_RT_DICT:
    return rh_rt_dict_key(o, i);
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    return rh_rt_set_member(o, i);
  default:
    return 0;
  }
}

/* Does the materialised dict of o visit the value in this slot, in its stead?
 * Slot 0 of an instance holds that dict, if a traversal visits it (OBJ-7). */
static bool dict_visits(uint32_t o, uint32_t slot) {
  return rh_rt_record(o)->kind == RH_RT_OBJ && slot != 0 && rh_slot_get(o, 0) != 0;
}

/* Is slot `slot` of o one that a traversal visits? Keys of a dict of strings
 * are not, nor are a set's dummies. */
static bool visits(uint32_t o, uint32_t slot) {
  uint32_t v = rh_slot_get(o, slot);
  if (v == 0) return false;
  const struct rh_rt_record *r = rh_rt_record(o);
  if (r->kind == RH_RT_DICT) return slot % 2 == 0 || (r->flags & RH_RT_GENERAL) != 0;
  if (r->kind == RH_RT_NOGCBOX || dict_visits(o, slot)) return false; /* the former has no traversal */
  return v != rh_rt_dummy();
}

/* References outside the slots: instances visit their class, before the items
 * they inherit and after the slots they declare; a weak reference its callback. */
static bool visits_class_first(int kind) {
  return kind == RH_RT_LISTFIN || (kind == RH_RT_DEQUE && rh_rt_profile.deque_visits_class) ||
         (kind == RH_RT_ARRAY && rh_rt_profile.array_is_collected);
}

static bool visits_class_last(uint32_t o) {
  const struct rh_rt_record *r = rh_rt_record(o);
  if (r->kind == RH_RT_OBJ || r->kind == RH_RT_BARE || r->kind == RH_RT_STRSUB) return true;
  bool calls = rh_rt_is_weak(r->kind) && (r->flags & RH_RT_CALLBACK) != 0 && rh_object_length(o) == 0;
  return calls || rh_rt_is_instance(r->kind) || r->kind == RH_RT_FINALIZE || rh_rt_is_weak_dict(o);
}

/* What the trace cannot name: code, names, modules, the base class. */
static uint64_t visits_besides(int kind) {
  switch (kind) {
  case RH_RT_CLASS:
    return 1;
  case RH_RT_FUNC:
    return rh_rt_profile.function_visits;
  case RH_RT_GEN:
    return rh_rt_profile.generator_visits;
  case RH_RT_SIZER:
    return 2;
  default:
    return 0;
  }
}

static void note_referents(uint32_t o, uint64_t visited) {
  const struct rh_rt_record *r = rh_rt_record(o);
  bool class = visits_class_first(r->kind) || visits_class_last(o), calls = rh_rt_is_weak(r->kind);
  const char *which = r->kind != RH_RT_DICT             ? visited > 1 ? ", an object as often as it is held" : ""
                      : (r->flags & RH_RT_GENERAL) != 0 ? ", as many keys as values"
                                                        : ", all values: with only strings for keys no key is visited";
  if (r->kind == RH_RT_NOGCBOX) {
    rh_because("LEG-4", o, "its type has no traversal, and no reference it holds is visited");
    return;
  }
  rh_because("GC-15", o, "a traversal visits %" PRIu64 " reference%s%s%s%s", visited, visited == 1 ? "" : "s", which,
             class && calls ? ", and its callback"
             : class        ? ", and its class"
                            : "",
             visits_besides(r->kind) > 0 ? ", and what it has that no name can reach: code, a name, a base" : "");
}

uint64_t rh_runtime_referents(uint32_t o) {
  if (!rh_object_live(o)) return 0;
  int kind = rh_rt_record(o)->kind;
  uint64_t besides = (uint64_t)visits_class_first(kind) + visits_class_last(o) + visits_besides(kind), n = 0;
  for (uint32_t i = 0; i < rh_object_length(o); i++) n += visits(o, i);
  note_referents(o, n);
  return n + besides;
}

uint32_t rh_runtime_referent_at(uint32_t o, uint64_t i) {
  if (!rh_object_live(o)) return 0;
  if (visits_class_first(rh_rt_record(o)->kind) && i-- == 0) return rh_rt_class();
  for (uint32_t slot = 0; slot < rh_object_length(o); slot++) {
    if (visits(o, slot) && i-- == 0) return rh_slot_get(o, slot);
  }
  return i == 0 && visits_class_last(o) ? rh_rt_class() : 0;
}

/* Frames are the observer's business. */
static bool refers_to(uint32_t container, uint32_t o) {
  if (rh_runtime_part(container) >= RH_RT_PART_FRAME) return false;
  for (uint32_t i = 0; i < rh_object_length(container); i++) {
    if (rh_slot_get(container, i) == o && (visits(container, i) || dict_visits(container, i))) return true;
  }
  return false;
}

uint64_t rh_runtime_referrers(uint32_t o) {
  if (!rh_object_live(o)) return 0;
  uint64_t n = rh_rt_is_registered(o); /* the registry is a dict */
  for (uint32_t generation = 0; generation < 3; generation++) {
    for (uint32_t c = rh_gc_first(generation); c != 0; c = rh_gc_next(c)) n += refers_to(c, o);
  }
  return n;
}
