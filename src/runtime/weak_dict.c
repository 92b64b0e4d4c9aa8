/*
 * What the weakref module builds from weak references with callbacks (9.5):
 * dicts with weak values (wvd), dicts with weak keys (wkd), and finalize
 * objects.
 *
 * All are made of ordinary objects, so that counts, release, traversal and
 * collections follow from theirs. Parts that no trace can name are of kind
 * RH_RT_PART:
 *
 *   wvd, wkd   -> function `remove` -> its defaults (tuple) -> weakref to the dict itself
 *              -> data (dict), and up to 3.13 a list and a set;
 *                 in 3.9 and 3.10 all of them through a dict of attributes (part)
 *   entry      of a wvd: data[key] = weakref with slots (remove, key)
 *              of a wkd: data[weakref with slot (remove)] = value
 *   finalize   a weakref to its object with slot (finalize object), held by an
 *              info record (part); that and the object are held by a registry
 *              (references from outside) until it ran
 *
 * A weak reference with slots is thus one whose callback is not the trace's:
 * its first slot says what is called.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

enum { REMOVE = 0, DATA = 1, SLOTS_MAX = 5 };

/* More objects than one step of the Python code of that module makes. */
enum { UNKNOWN_OBJECTS = 24 };

/* Puts an owned reference, 0 for none, into an empty slot. */
static void give(uint32_t o, uint32_t slot, uint32_t owned) {
  rh_slot_swap(o, slot, owned);
}

/* ---- dicts ---- */

/* The object whose slots are the attributes. */
static uint32_t attributes_of(uint32_t dict) {
  return rh_rt_profile.instance_values_inline ? dict : rh_slot_get(dict, 0);
}

static uint32_t data_of(uint32_t dict) {
  return rh_slot_get(attributes_of(dict), DATA);
}

/* The function that removes an entry, which finds its dict by a weak reference. */
static uint32_t new_remove(uint32_t dict) {
  uint32_t self = 0, remove = 0;
  if (rh_runtime_new_weakref(dict, false, 0, &self) != RH_RT_OK) return 0;
  uint32_t defaults = rh_runtime_new_tuple(&self, 1, RH_RT_FROM_DISPLAY);
  rh_runtime_drop(self);
  if (defaults != 0) remove = rh_rt_new(RH_RT_FUNC, 1, 0);
  if (remove == 0) {
    if (defaults != 0) rh_runtime_drop(defaults);
    return 0;
  }
  give(remove, 0, defaults);
  rh_gc_track(remove);
  return remove;
}

/* The dict that a remove function serves; 0 when it is gone. */
static uint32_t dict_of(uint32_t remove) {
  uint32_t defaults = rh_slot_get(remove, 0);
  return defaults != 0 ? rh_runtime_referent(rh_slot_get(defaults, 0)) : 0;
}

/* In the order in which the parts become known to the collector. */
static bool fill_attributes(uint32_t dict, uint32_t attributes) {
  bool keys = rh_rt_record(dict)->kind == RH_RT_WKD;
  uint32_t data = keys ? rh_runtime_new_object(RH_RT_DICT, 0) : 0, remove = new_remove(dict);
  if (!keys) data = rh_runtime_new_object(RH_RT_DICT, 0);
  give(attributes, REMOVE, remove);
  give(attributes, DATA, data);
  if (data != 0) rh_evidence_call(data, "the table of a weak dict");
  bool done = remove != 0 && data != 0;
  if (attributes != dict && !keys) rh_gc_track(attributes); /* tracked by what it holds first */
  if (!rh_rt_profile.weak_dict_defers) return done;
  uint32_t pending = rh_runtime_new_object(RH_RT_LIST, 0), iterating = rh_runtime_new_object(RH_RT_SET, 0);
  give(attributes, 2, pending);
  give(attributes, 3, iterating);
  if (keys) give(attributes, 4, rh_runtime_constant(RH_RT_CONST_FALSE));
  return done && pending != 0 && iterating != 0;
}

uint32_t rh_rt_new_weak_dict(int kind) {
  uint32_t slots = !rh_rt_profile.weak_dict_defers ? 2 : kind == RH_RT_WKD ? SLOTS_MAX : SLOTS_MAX - 1;
  bool direct = rh_rt_profile.instance_values_inline;
  rh_rt_blur_counter(UNKNOWN_OBJECTS);
  uint32_t dict = rh_rt_new(kind, direct ? slots : 1, 0);
  if (dict == 0) return 0;
  rh_gc_track(dict);
  uint32_t attributes = dict;
  if (!direct) {
    attributes = rh_rt_new_part(RH_RT_PART_DICT, slots);
    give(dict, 0, attributes);
    if (attributes != 0 && kind == RH_RT_WKD) rh_gc_track(attributes);
  }
  if (attributes != 0 && fill_attributes(dict, attributes)) return dict;
  rh_runtime_drop(dict);
  return 0;
}

bool rh_rt_is_weak_dict(uint32_t o) {
  return rh_rt_is(o, RH_RT_WVD) || rh_rt_is(o, RH_RT_WKD);
}

uint64_t rh_rt_weak_dict_length(uint32_t dict) {
  return rh_rt_record(data_of(dict))->size;
}

/* A weak reference to o whose callback is the dict's remove function. */
static int new_entry(uint32_t dict, uint32_t o, uint32_t slots, uint32_t *out) {
  int error = rh_rt_new_called(o, slots, out);
  if (error != RH_RT_OK) return error;
  uint32_t remove = rh_slot_get(attributes_of(dict), REMOVE);
  rh_object_retain(remove);
  give(*out, 0, remove);
  rh_evidence_call(*out, "the reference of an entry");
  return RH_RT_OK;
}

int rh_rt_weak_dict_put(uint32_t dict, uint32_t key, uint32_t v) {
  bool weak_values = rh_rt_record(dict)->kind == RH_RT_WVD;
  rh_rt_blur_counter(UNKNOWN_OBJECTS);
  uint32_t entry;
  int64_t hash;
  if (!rh_object_live(key) || !rh_object_live(v)) return RH_RT_TYPE_ERROR;
  int error = rh_rt_hash(key, &hash); /* before anything is made */
  if (error == RH_RT_OK) error = new_entry(dict, weak_values ? v : key, weak_values ? 2 : 1, &entry);
  if (error != RH_RT_OK) return error;
  if (weak_values) {
    rh_object_retain(key);
    give(entry, 1, key);
    error = rh_runtime_put(data_of(dict), key, entry);
  } else {
    error = rh_runtime_put(data_of(dict), entry, v);
  }
  rh_runtime_drop(entry);
  return error;
}

int rh_rt_weak_dict_remove(uint32_t dict, uint32_t key) {
  int64_t hash;
  rh_rt_blur_counter(UNKNOWN_OBJECTS);
  int error = rh_rt_hash(key, &hash);
  if (error != RH_RT_OK || rh_rt_record(dict)->kind == RH_RT_WVD)
    return error != RH_RT_OK ? error : rh_runtime_remove_key(data_of(dict), key);
  uint32_t sought;
  error = rh_runtime_new_weakref(key, false, 0, &sought);
  if (error != RH_RT_OK) return error;
  error = rh_runtime_remove_key(data_of(dict), sought);
  rh_runtime_drop(sought);
  return error;
}

/* The last entry first, one by one; the table stays. */
void rh_rt_clear_weak_dict(uint32_t dict) {
  rh_because("WR-13", dict, "%s is cleared entry by entry, the last one first", rh_evidence_name(dict));
  rh_object_retain(dict);
  struct rh_rt_scene outer = rh_rt_begin_emptying(dict);
  while (rh_rt_weak_dict_length(dict) > 0) {
    uint32_t data = data_of(dict);
    uint32_t key = rh_rt_dict_key(data, rh_rt_record(data)->size - 1);
    rh_object_retain(key);
    rh_runtime_remove_key(data, key);
    rh_runtime_drop(key);
  }
  rh_rt_end_scene(outer);
  rh_runtime_drop(dict);
}

/* The callback of an entry: it goes. A wvd asks whether what is stored under
 * the key now is dead; it may be another value's. */
static void remove_entry(uint32_t w, uint32_t remove) {
  uint32_t dict = dict_of(remove);
  if (dict == 0) return;
  uint32_t key = w;
  if (rh_rt_record(dict)->kind == RH_RT_WVD) {
    key = rh_slot_get(w, 1);
    uint32_t stored = key != 0 ? rh_rt_dict_get(data_of(dict), key) : 0;
    if (stored == 0 || rh_runtime_referent(stored) != 0) return;
  }
  rh_because("WR-13", dict, "the callback of an entry's weak reference takes the entry out of %s, which keeps %u",
             rh_evidence_name(dict), (unsigned)rh_rt_weak_dict_length(dict) - 1);
  rh_object_retain(key);
  rh_runtime_remove_key(data_of(dict), key);
  rh_runtime_drop(key);
}

/* ---- finalize objects ---- */

int rh_runtime_new_finalize(uint32_t o, uint32_t label, uint32_t *out) {
  *out = 0;
  if (!rh_object_live(o) || !rh_rt_is_referenceable(rh_rt_record(o)->kind)) return RH_RT_TYPE_ERROR;
  rh_rt_blur_counter(UNKNOWN_OBJECTS);
  uint32_t made = rh_rt_new(RH_RT_FINALIZE, 0, 0), info = made != 0 ? rh_rt_new_part(RH_RT_PART_CELL, 1) : 0, w = 0;
  if (made != 0) rh_gc_track(made);
  if (info == 0 || rh_rt_new_called(o, 1, &w) != RH_RT_OK) {
    if (info != 0) rh_runtime_drop(info);
    if (made != 0) rh_runtime_drop(made);
    return RH_RT_MEMORY_ERROR;
  }
  rh_evidence_call(w, "the reference of a finalize object");
  rh_rt_record(made)->label = label;
  rh_rt_record(made)->extent = info;
  give(info, 0, w);
  rh_gc_track(info);
  rh_object_retain(made);
  give(w, 0, made);
  rh_object_retain(made); /* the registry's */
  *out = made;
  return RH_RT_OK;
}

bool rh_rt_is_registered(uint32_t o) {
  return rh_rt_is(o, RH_RT_FINALIZE) && rh_rt_record(o)->extent != 0;
}

/* Leaves the registry, then runs. */
static void run_finalize(uint32_t w, uint32_t made) {
  uint32_t info = rh_rt_record(made)->extent, label = rh_rt_record(made)->label;
  rh_because("WR-14", made, "the registry lets go of %s before the call, which is therefore the only one",
             rh_evidence_name(made));
  rh_rt_record(made)->extent = 0;
  rh_object_retain(made);
  rh_runtime_drop(made); /* the registry's */
  rh_rt_hooks.weak_callback(rh_rt_hooks.context, w, label);
  rh_runtime_drop(info);
  rh_runtime_drop(made);
}

void rh_rt_call_back(uint32_t w) {
  uint32_t called = rh_object_length(w) > 0 ? rh_slot_get(w, 0) : 0;
  if (called != 0) rh_rt_blur_counter(UNKNOWN_OBJECTS);
  if (called == 0) {
    rh_rt_hooks.weak_callback(rh_rt_hooks.context, w, rh_rt_record(w)->label);
  } else if (rh_rt_record(called)->kind == RH_RT_FINALIZE) {
    run_finalize(w, called);
  } else {
    remove_entry(w, called);
  }
}
