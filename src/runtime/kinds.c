/*
 * Object kinds: creation, and what can be asked of any object.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

enum { CONSTANTS = RH_RT_CONST_TYPES_END };

/* Singletons. True, False and Ellipsis are made when first asked for (0
 * before); the others exist from the start, so that using them cannot fail. */
static uint32_t constants[CONSTANTS];
static uint32_t dummy;
static uint32_t immortals;
static uint32_t highest; /* handle so far */

static uint32_t new_singleton(int kind, int which) {
  uint32_t o = rh_rt_new_unmanaged(kind, 0);
  if (o == 0) return 0;
  rh_rt_records[o].constant = (uint8_t)which;
  rh_rt_make_immortal(o);
  return o;
}

void rh_rt_reset_kinds(void) {
  immortals = highest = 0;
  for (int i = 0; i < CONSTANTS; i++) constants[i] = 0;
  constants[RH_RT_CONST_NONE] = new_singleton(RH_RT_NONE, RH_RT_CONST_NONE);
  constants[RH_RT_CONST_TYPE] = new_singleton(RH_RT_OTHER, RH_RT_CONST_TYPE);
  dummy = new_singleton(RH_RT_OTHER, CONSTANTS);
}

void rh_rt_make_immortal(uint32_t o) {
  if (rh_object_count(o) == RH_COUNT_IMMORTAL) return;
  rh_object_immortalize(o);
  immortals++;
}

bool rh_rt_is_managed(int kind) {
  switch (kind) {
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
  case RH_RT_LISTFIN:
  case RH_RT_LIST:
  case RH_RT_TUPLE:
  case RH_RT_DICT:
  case RH_RT_SET:
  case RH_RT_DEQUE:
  case RH_RT_FROZENSET:
  case RH_RT_WEAKREF:
  case RH_RT_OBJ:
  case RH_RT_BARE:
  case RH_RT_CLASS:
  case RH_RT_FUNC:
  case RH_RT_GEN:
  case RH_RT_SIZER:
  case RH_RT_STRSUB:
  case RH_RT_PROXY:
  case RH_RT_FINALIZE:
  case RH_RT_WVD:
  case RH_RT_WKD:
  case RH_RT_PART:
    return true;
  case RH_RT_ARRAY:
    return rh_rt_profile.array_is_collected;
  default:
    return false;
  }
}

int rh_rt_counted_kind(uint32_t o) {
  const struct rh_rt_record *r = rh_rt_record(o);
  if (r->kind != RH_RT_PART) return r->kind;
  if (r->constant == RH_RT_PART_DICT) return RH_RT_DICT;
  return r->constant == RH_RT_PART_TUPLE ? RH_RT_TUPLE : RH_RT_PART;
}

int rh_runtime_part(uint32_t o) {
  return rh_rt_is(o, RH_RT_PART) ? rh_rt_records[o].constant : RH_RT_TYPE_ERROR;
}

uint32_t rh_rt_new_unmanaged(int kind, uint32_t slots) {
  uint32_t o = rh_object_new(slots);
  if (o != 0) rh_rt_records[o] = (struct rh_rt_record){.kind = (uint8_t)kind};
  if (o > highest) highest = o;
  return o;
}

uint32_t rh_rt_new(int kind, uint32_t slots, uint32_t items) {
  uint32_t o = rh_rt_new_unmanaged(kind, slots);
  if (o == 0) return 0;
  bool reused = rh_rt_take_kept(kind, items, o);
  rh_rt_trace_new(o, items, reused);
  if (!reused && rh_rt_is_managed(kind)) rh_rt_count_new(kind, items);
  return o;
}

uint32_t rh_runtime_constant(int which) {
  if (which < 0 || which >= CONSTANTS) return 0;
  if (constants[which] == 0) constants[which] = new_singleton(RH_RT_OTHER, which);
  return constants[which];
}

uint32_t rh_rt_none(void) {
  return constants[RH_RT_CONST_NONE];
}

uint32_t rh_rt_class(void) {
  return constants[RH_RT_CONST_TYPE];
}

uint32_t rh_rt_dummy(void) {
  return dummy;
}

/* The room an empty object has. A handle may have been another object's: from here on notes are about this one. */
static void note_empty(uint32_t o, int kind) {
  switch (kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
    rh_because("LST-1", o, "an empty list has no array, so room for 0");
    break;
  case RH_RT_DICT:
    rh_because("DCT-1", o, "an empty dict has no table before the first insertion");
    break;
  case RH_RT_SET:
    rh_because("DCT-7", o, "a set has 8 slots of its own");
    break;
  case RH_RT_BYTEARRAY:
    rh_because("SIZ-8", o, "an empty byte array allocates nothing");
    break;
  case RH_RT_ARRAY:
    rh_because("SIZ-9", o, "an empty array allocates nothing");
    break;
  default:
    break;
  }
}

uint32_t rh_runtime_new_object(int kind, uint32_t label) {
  if (kind == RH_RT_WVD || kind == RH_RT_WKD) return rh_rt_new_weak_dict(kind);
  uint32_t slots = rh_rt_is_instance(kind) ? 3 : kind == RH_RT_SET ? 8 : kind == RH_RT_OBJ ? 1 : 0;
  switch (kind) {
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LISTFIN:
  case RH_RT_NOGCFIN:
  case RH_RT_LEGACY:
  case RH_RT_LIST:
  case RH_RT_DICT:
  case RH_RT_SET:
  case RH_RT_DEQUE:
  case RH_RT_OBJECT:
  case RH_RT_OBJ:
  case RH_RT_BARE:
  case RH_RT_BYTEARRAY:
  case RH_RT_ARRAY:
    break;
  default:
    return 0;
  }
  uint32_t o = rh_rt_new(kind, slots, 0);
  if (o == 0) return 0;
  rh_rt_records[o].label = label;
  note_empty(o, kind);
  if (kind == RH_RT_OBJ) rh_rt_count_instance(o);
  if (kind == RH_RT_SET) rh_rt_records[o].log2 = 3;
  if (kind == RH_RT_DEQUE) rh_rt_records[o].extent = RH_RT_DEQUE_CENTRE;
  if (rh_rt_is_managed(kind)) rh_rt_track_new(o);
  return o;
}

uint32_t rh_runtime_new_box(uint32_t held) {
  if (!rh_object_live(held)) return 0;
  uint32_t o = rh_rt_new(RH_RT_NOGCBOX, 1, 0);
  if (o == 0) return 0;
  rh_object_retain(held);
  (void)rh_slot_swap(o, 0, held);
  rh_because("LEG-4", held,
             "%s is held by an object that the collector does not know, which counts as a reference from outside",
             rh_evidence_name(held));
  return o;
}

void rh_runtime_retain(uint32_t o) {
  rh_object_retain(o);
}

int rh_runtime_kind(uint32_t o) {
  return rh_object_live(o) ? rh_rt_records[o].kind : RH_RT_OTHER;
}

uint32_t rh_runtime_label(uint32_t o) {
  return rh_object_live(o) ? rh_rt_records[o].label : 0;
}

/* A count that other users than the trace's contribute to is not known. */
int64_t rh_runtime_refs(uint32_t o) {
  uint32_t count = rh_object_count(o);
  if (rh_rt_is_attribute_name(o)) return RH_RT_UNSUPPORTED;
  if (count == 0) return 0;
  if (rh_rt_is_weak(rh_rt_records[o].kind) && (rh_rt_records[o].flags & RH_RT_CALLED_ALONE) != 0) count--;
  if (count != RH_COUNT_IMMORTAL) return count;
  return rh_rt_profile.immortal_singletons ? (int64_t)rh_rt_profile.immortal_count - 1 : RH_RT_UNSUPPORTED;
}

/* 3.11 gives the static values, but not None, True, ... a huge count. */
bool rh_runtime_immortal(uint32_t o) {
  if (rh_object_count(o) != RH_COUNT_IMMORTAL) return false;
  if (rh_rt_profile.immortal_singletons) return true;
  int kind = rh_rt_records[o].kind;
  return rh_rt_profile.huge_static_counts && kind != RH_RT_NONE && kind != RH_RT_OTHER;
}

uint64_t rh_runtime_live_objects(void) {
  return rh_object_total() - immortals;
}

uint32_t rh_runtime_next_object(uint32_t o) {
  while (o < highest) {
    uint32_t count = rh_object_count(++o);
    if (count != 0 && count != RH_COUNT_IMMORTAL) return o;
  }
  return 0;
}

int rh_runtime_set_field(uint32_t o, uint32_t index, uint32_t v) {
  if (!rh_object_live(o)) return RH_RT_TYPE_ERROR;
  if (!rh_rt_is_instance(rh_rt_records[o].kind) || index > 2) return RH_RT_ATTRIBUTE_ERROR;
  if (v == 0 && rh_slot_get(o, index) == 0) return RH_RT_ATTRIBUTE_ERROR;
  if (v != 0 && !rh_object_live(v)) return RH_RT_TYPE_ERROR;
  rh_object_retain(v);
  uint32_t old = rh_slot_swap(o, index, v);
  if (v != 0 && old != 0) {
    rh_because("RC-4", old, "slot %c of %s gets its new object before the old one, %s, is let go", 'a' + (int)index,
               rh_evidence_name(o), rh_evidence_name(old));
  }
  if (old != 0) rh_runtime_drop(old);
  return RH_RT_OK;
}

uint32_t rh_runtime_field(uint32_t o, uint32_t index) {
  return rh_object_live(o) && rh_rt_is_instance(rh_rt_records[o].kind) ? rh_slot_get(o, index) : 0;
}
