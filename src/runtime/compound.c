/*
 * Objects that come with parts of their own: classes, functions, generators,
 * frames, exceptions, bound methods (CLS, FUN). A part is an object of kind
 * RH_RT_PART whose `constant` says what it is; no root ever names one, except
 * a bound method, but the collector sees and counts it.
 *
 * Slots:
 *   class      its dict, its resolution order, its bases; `extent` is the weak
 *              reference its base class keeps to it, held from outside
 *   function   its closure or its globals, if they are the trace's
 *   generator  what its local holds, or the frame that does
 *   part       what it refers to, in visiting order
 *
 * What is under construction is held by its creator, and so a reference from
 * outside for a collection that runs meanwhile.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

#include <inttypes.h>

/* Stores a new reference to v, borrowed, in an empty slot. */
static void refer(uint32_t o, uint32_t slot, uint32_t v) {
  rh_object_retain(v);
  rh_slot_swap(o, slot, v);
}

uint32_t rh_rt_new_part(int part, uint32_t slots) {
  uint32_t o = rh_rt_new_unmanaged(RH_RT_PART, slots);
  if (o == 0) return 0;
  rh_rt_record(o)->constant = (uint8_t)part;
  rh_rt_record(o)->size = part == RH_RT_PART_TUPLE ? slots : 0;
  int kind = rh_rt_counted_kind(o);
  if (!rh_rt_take_kept(kind, slots, o)) rh_rt_count_new(kind, slots);
  return o;
}

/* The same, tracked and referring to v in slot 0. */
static uint32_t new_part_of(int part, uint32_t slots, uint32_t v) {
  uint32_t o = rh_rt_new_part(part, slots);
  if (o == 0) return 0;
  refer(o, 0, v);
  rh_gc_track(o);
  return o;
}

/* Moves the part into its place; false when it could not be made. */
static bool place(uint32_t o, uint32_t slot, uint32_t part) {
  if (part == 0) return false;
  rh_slot_swap(o, slot, part);
  return true;
}

static uint32_t discard(uint32_t o) {
  rh_runtime_drop(o);
  return 0;
}

/* ---- classes ---- */

static bool add_descriptors(uint32_t class, uint32_t dict) {
  rh_rt_record(dict)->flags |= RH_RT_ORDERED;
  for (uint32_t i = 0; i < rh_rt_profile.class_descriptors; i++) {
    uint32_t descriptor = new_part_of(RH_RT_PART_DESCRIPTOR, 1, class);
    if (descriptor == 0) return false;
    rh_rt_add_hidden(dict, descriptor);
    rh_gc_track(dict);
  }
  return true;
}

static bool add_bases(uint32_t class) {
  uint32_t bases = rh_rt_new_part(RH_RT_PART_TUPLE, 1);
  if (!place(class, 2, bases)) return false;
  refer(bases, 0, rh_rt_class());
  rh_gc_track(bases);
  return true;
}

static bool add_resolution_order(uint32_t class) {
  uint32_t order = new_part_of(RH_RT_PART_TUPLE, 2, class);
  if (!place(class, 1, order)) return false;
  refer(order, 1, rh_rt_class());
  return true;
}

/* In the order in which the parts become known to the collector. */
static bool fill_class(uint32_t class) {
  bool order_first = rh_rt_profile.class_order_first;
  uint32_t dict = rh_rt_new_part(RH_RT_PART_DICT, rh_rt_profile.class_descriptors);
  if (!place(class, 0, dict) || !add_bases(class)) return false;
  if (!rh_rt_profile.dict_lazy_tracking) rh_gc_track(dict);
  rh_gc_track(class);
  if (order_first && !add_resolution_order(class)) return false;
  if (!add_descriptors(class, dict)) return false;
  if (!order_first && !add_resolution_order(class)) return false;
  return rh_runtime_new_weakref(class, false, 0, &rh_rt_record(class)->extent) == RH_RT_OK;
}

/* The parts there are refer back to the class: without them nothing holds it. */
static uint32_t discard_class(uint32_t class) {
  for (uint32_t slot = 0; slot < rh_object_length(class); slot++) {
    uint32_t part = rh_slot_swap(class, slot, 0);
    if (part != 0) rh_runtime_drop(part);
  }
  return discard(class);
}

uint32_t rh_runtime_new_class(void) {
  uint32_t class = rh_rt_new(RH_RT_CLASS, 3, 0);
  return class == 0 || fill_class(class) ? class : discard_class(class);
}

/* ---- functions and generators ---- */

static uint32_t new_function(void) {
  uint32_t function = rh_rt_new(RH_RT_FUNC, 1, 0);
  if (function != 0) rh_gc_track(function);
  return function;
}

/* Cell, closure, function: each is there before the next. */
static uint32_t new_closed_function(void) {
  uint32_t cell = rh_rt_new_part(RH_RT_PART_CELL, 1);
  if (cell == 0) return 0;
  rh_gc_track(cell);
  uint32_t closure = new_part_of(RH_RT_PART_TUPLE, 1, cell);
  uint32_t function = closure == 0 ? 0 : new_function();
  if (function != 0) {
    refer(cell, 0, function);
    rh_slot_swap(function, 0, closure);
  } else if (closure != 0) {
    rh_runtime_drop(closure);
  }
  rh_runtime_drop(cell);
  return function;
}

static bool put_named(uint32_t dict, const char *name, size_t n, uint32_t v) {
  uint32_t key = rh_runtime_new_str(name, n, true);
  bool good = key != 0 && rh_runtime_put(dict, key, v) == RH_RT_OK;
  if (key != 0) rh_runtime_drop(key);
  return good;
}

/* The dict is there first, and tracked for the builtins it refers to. */
static uint32_t new_globals(void) {
  uint32_t dict = rh_runtime_new_object(RH_RT_DICT, 0);
  if (dict == 0) return 0;
  bool good = put_named(dict, "__builtins__", 12, rh_rt_class());
  rh_gc_track(dict);
  uint32_t function = good ? new_function() : 0;
  if (function == 0) return discard(dict);
  refer(function, 0, dict);
  good = put_named(dict, "function", 8, function);
  rh_runtime_drop(function);
  return good ? dict : discard(dict);
}

uint32_t rh_runtime_new_function(int form) {
  switch (form) {
  case RH_RT_PLAIN:
    return new_function();
  case RH_RT_CLOSED:
    return new_closed_function();
  case RH_RT_GLOBAL:
    return new_globals();
  default:
    return 0;
  }
}

uint32_t rh_runtime_new_generator(uint32_t held) {
  if (!rh_object_live(held)) return 0;
  rh_object_retain(held);
  uint32_t generator = rh_rt_new(RH_RT_GEN, 1, 0), holder = generator;
  if (generator != 0 && rh_rt_profile.frames_are_objects) {
    holder = rh_rt_new_part(RH_RT_PART_FRAME, 1);
    if (!place(generator, 0, holder)) generator = discard(generator);
  }
  if (generator != 0) {
    rh_slot_swap(holder, 0, held);
    rh_gc_track(generator);
    if (holder != generator) rh_gc_track(holder);
  } else {
    rh_runtime_drop(held);
  }
  return generator;
}

/* Closing raises an exception in the frame: what the frame held is released
 * through the exception, its traceback and the frame, as far as these count as
 * levels of nesting and are no objects here anyway. */
void rh_rt_unwind_generator(uint32_t o) {
  for (uint32_t i = 0; i < rh_rt_profile.generator_unwinding && rh_slot_get(o, 0) != 0; i++) {
    uint32_t level = rh_rt_new_unmanaged(RH_RT_PART, 1);
    if (level == 0) return;
    rh_rt_record(level)->constant = RH_RT_PART_UNWINDING;
    rh_slot_swap(level, 0, rh_slot_swap(o, 0, 0));
    rh_slot_swap(o, 0, level);
  }
}

static void note_closing(uint32_t o, uint64_t died) {
  rh_because("FUN-5", o,
             "a suspended generator was closed in the place of its finalizer, and %" PRIu64
             " object%s died when its frame let go",
             died, died == 1 ? "" : "s");
}

/* A suspended generator is closed: its frame lets go of what it held. */
void rh_rt_close_generator(uint32_t o) {
  uint64_t before = rh_runtime_live_objects();
  rh_rt_unwind_generator(o);
  uint32_t held = rh_slot_swap(o, 0, 0);
  if (held != 0) rh_runtime_drop(held);
  note_closing(o, before - rh_runtime_live_objects());
}

/* ---- cycles no root names ---- */

/* A ring of parts, each referring to the next. */
bool rh_runtime_make_cycle(int first, int last) {
  uint32_t head = rh_rt_new_part(first, 1), tail = head;
  if (head == 0) return false;
  rh_gc_track(head);
  for (int part = first + 1; part <= last; part++) {
    uint32_t next = rh_rt_new_part(part, 1);
    if (!place(tail, 0, next)) {
      rh_runtime_drop(head);
      return false;
    }
    rh_gc_track(next);
    tail = next;
  }
  rh_slot_swap(tail, 0, head);
  return true;
}

uint32_t rh_runtime_new_method(uint32_t o) {
  if (!rh_object_live(o)) return 0;
  rh_object_retain(o);
  uint32_t method = rh_rt_new_part(RH_RT_PART_METHOD, 2);
  if (method != 0) {
    refer(method, 0, rh_rt_class());
    refer(method, 1, o);
    rh_gc_track(method);
  }
  rh_runtime_drop(o);
  return method;
}
