/*
 * What the collector tracks (7.1-7.3).
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

/* Could o, as an item, ever need its container tracked? Only tuples change
 * their mind: an untracked one holds nothing that could. */
bool rh_rt_may_be_tracked(uint32_t o) {
  int kind = rh_rt_record(o)->kind;
  if (kind == RH_RT_TUPLE) return rh_gc_generation(o) != RH_UNTRACKED;
  return rh_rt_is_managed(kind);
}

void rh_rt_track_new(uint32_t o) {
  int kind = rh_rt_record(o)->kind;
  if (kind == RH_RT_DICT) {
    rh_because("TRK-3", o,
               rh_rt_profile.dict_lazy_tracking ? "a dict is not tracked when it is made"
                                                : "a dict is tracked when it is made");
  }
  if (kind == RH_RT_DICT && rh_rt_profile.dict_lazy_tracking) return;
  if (kind == RH_RT_FROZENSET && rh_rt_profile.frozenset_skip_atoms) return;
  rh_gc_track(o);
}

/* Does the type of o support the collector? That of a built-in type does,
 * although the collector leaves that one alone. */
static bool has_managed_type(uint32_t o) {
  const struct rh_rt_record *r = rh_rt_record(o);
  return rh_rt_is_managed(r->kind) || (r->kind == RH_RT_OTHER && r->constant >= RH_RT_CONST_TYPE);
}

/* The first item of a type that supports the collector; `size` if there is none. */
static uint32_t first_managed(uint32_t o) {
  uint32_t size = rh_rt_record(o)->size;
  for (uint32_t i = 0; i < size; i++) {
    if (has_managed_type(rh_slot_get(o, rh_rt_item_slot(o, i)))) return i;
  }
  return size;
}

static void note_new_tuple(uint32_t o, bool packed) {
  if (!rh_rt_profile.tuple_skip_atoms) {
    rh_because("TRK-2", o, "a tuple is tracked when it is made, whatever its items");
  } else if (packed) {
    rh_because("TRK-2", o,
               "a tuple is tracked when it is made, if an item, like number %u, is of a type that supports the "
               "collector",
               first_managed(o));
  } else {
    rh_because("TRK-6", o,
               "a tuple that repetition or the compiler made, not packed from its items, is tracked when it "
               "is made");
  }
}

/* Repetition and the compiler fill the tuple in, everything else packs it. */
void rh_rt_track_tuple(uint32_t o, int source) {
  bool packed = source != RH_RT_FROM_REPEAT && source != RH_RT_FROM_CONST;
  if (rh_rt_profile.tuple_skip_atoms && packed && first_managed(o) == rh_rt_record(o)->size) {
    rh_because("TRK-6", o,
               "packed from items (%u) none of which is of a type that supports the collector, so never tracked",
               rh_rt_record(o)->size);
    return;
  }
  note_new_tuple(o, packed);
  rh_gc_track(o);
}

void rh_rt_track_dict(uint32_t dict, uint32_t v) {
  if (rh_gc_generation(dict) != RH_UNTRACKED || !rh_rt_may_be_tracked(v)) return;
  rh_because("TRK-3", dict, "the dict became tracked when a key or value was stored that may be tracked");
  rh_gc_track(dict);
}

static bool holds_trackable(uint32_t o) {
  if (rh_rt_is(o, RH_RT_PART) && rh_rt_record(o)->constant == RH_RT_PART_DICT) return rh_rt_dict_holds_trackable(o);
  for (uint32_t i = 0; i < rh_object_length(o); i++) {
    uint32_t v = rh_slot_get(o, i);
    if (v != 0 && rh_rt_may_be_tracked(v)) return true;
  }
  return false;
}

void rh_rt_untrack_frozenset(uint32_t o) {
  bool skipped = rh_rt_profile.frozenset_skip_atoms && !holds_trackable(o);
  rh_because("TRK-8", o,
             skipped ? "made as a frozenset of %u members none of which may be tracked, so not tracked"
             : rh_rt_profile.frozenset_skip_atoms
                 ? "made as a frozenset of %u members one of which may be tracked, so tracked"
                 : "a frozenset is tracked when it is made, whatever its %u members",
             rh_rt_record(o)->size);
  if (skipped) rh_gc_untrack(o);
}

/* Item of a tuple that has it tracked. */
static uint32_t first_trackable(uint32_t o) {
  uint32_t i = 0;
  while (!rh_rt_may_be_tracked(rh_slot_get(o, rh_rt_item_slot(o, i)))) i++;
  return i;
}

static void note_visited_tuple(uint32_t o, bool stays) {
  const char *rule = rh_rt_profile.incremental ? "TRK-7" : "TRK-2";
  const char *where =
      rh_rt_profile.incremental ? "its young tuples before it looked for garbage" : "its survivors in list order";
  if (!rh_evidence_kept || rh_rt_record(o)->kind != RH_RT_TUPLE) return;
  if (stays) {
    rh_because(rule, o, "a collection, which went through %s, left the tuple tracked: item %u could be tracked then",
               where, first_trackable(o));
  } else {
    rh_because(rule, o, "a collection, which went through %s, untracked the tuple: nothing in it could be tracked",
               where);
  }
}

static void untrack_atoms(uint32_t generation, int kind) {
  uint32_t next;
  for (uint32_t o = rh_gc_first(generation); o != 0; o = next) {
    next = rh_gc_next(o);
    if (rh_rt_counted_kind(o) != kind) continue;
    bool stays = holds_trackable(o);
    if (kind == RH_RT_TUPLE) {
      note_visited_tuple(o, stays);
    } else {
      rh_because("TRK-4", o, "a full collection %s",
                 stays ? "found a key or value in the dict that may be tracked"
                       : "untracked the dict, of which no key or value may be tracked");
    }
    if (stays) continue;
    rh_gc_untrack(o);
    if (rh_rt_is(o, RH_RT_PART) && rh_rt_record(o)->label != 0)
      rh_because("OBJ-8", o, "a full collection untracked the attribute dict, which held nothing that may be tracked");
  }
}

void rh_rt_untrack_tuples(uint32_t generation) {
  untrack_atoms(generation, RH_RT_TUPLE);
}

void rh_rt_untrack_dicts(uint32_t generation) {
  untrack_atoms(generation, RH_RT_DICT);
}

bool rh_runtime_tracked(uint32_t o) {
  if (!rh_object_live(o)) return false;
  return rh_gc_generation(o) != RH_UNTRACKED || (rh_rt_record(o)->flags & RH_RT_QUEUED) != 0;
}

int rh_runtime_generation(uint32_t o) {
  uint32_t generation = rh_gc_generation(o);
  if (generation == 1 && rh_rt_profile.incremental) return 2; /* visited or not, it is old */
  return generation > 2 ? -1 : (int)generation;
}

bool rh_runtime_finalized(uint32_t o) {
  return rh_object_live(o) && (rh_rt_record(o)->flags & RH_RT_FINALIZED) != 0;
}
