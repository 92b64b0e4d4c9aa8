/*
 * Objects that come with parts of their own: classes, functions, generators,
 * frames, exceptions, bound methods (CLS, FUN). A part is an object of kind
 * RH_RT_PART whose `constant` says what it is; no root ever names one, except
 * a bound method, but the collector sees and counts it.
 *
 * Slots:
 *   class      its dict, its bases, its resolution order; `extent` is the weak
 *              reference its base class keeps to it, held from outside
 *   function   its closure or its globals, if they are the trace's
 *   generator  what its local holds, or the frame that does
 *   part       what it refers to, in visiting order
 *
 * What is under construction is held by its creator, and so a reference from
 * outside for a collection that runs meanwhile.
 */
#include "core/collect.h"
#include "runtime/state.h"

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

static uint32_t new_class_dict(uint32_t class) {
  uint32_t own = rh_rt_profile.class_descriptors;
  uint32_t dict = rh_rt_new_part(RH_RT_PART_DICT, own);
  if (dict == 0) return 0;
  if (own == 0 || !rh_rt_profile.dict_lazy_tracking) rh_gc_track(dict);
  rh_rt_record(dict)->flags |= RH_RT_ORDERED;
  for (uint32_t i = 0; i < own; i++) {
    uint32_t descriptor = new_part_of(RH_RT_PART_DESCRIPTOR, 1, class);
    if (descriptor == 0) return discard(dict);
    rh_rt_add_hidden(dict, descriptor);
    rh_gc_track(dict);
  }
  return dict;
}

static bool fill_class(uint32_t class) {
  uint32_t bases = rh_rt_new_part(RH_RT_PART_TUPLE, 1);
  if (bases == 0) return false;
  refer(bases, 0, rh_rt_class());
  if (!rh_rt_profile.tuple_skip_atoms) rh_gc_track(bases);
  rh_gc_track(class);
  if (!place(class, 1, bases) || !place(class, 0, new_class_dict(class))) return false;
  uint32_t order = new_part_of(RH_RT_PART_TUPLE, 2, class);
  if (!place(class, 2, order)) return false;
  refer(order, 1, rh_rt_class());
  return rh_runtime_new_weakref(class, false, 0, &rh_rt_record(class)->extent) == RH_RT_OK;
}

uint32_t rh_runtime_new_class(void) {
  uint32_t class = rh_rt_new(RH_RT_CLASS, 3, 0);
  return class == 0 || fill_class(class) ? class : discard(class);
}

/* ---- functions and generators ---- */

static uint32_t new_function(void) {
  uint32_t function = rh_rt_new(RH_RT_FUNC, 1, 0);
  if (function != 0) rh_gc_track(function);
  return function;
}

static bool close_over_itself(uint32_t function) {
  uint32_t cell = new_part_of(RH_RT_PART_CELL, 1, function);
  if (cell == 0) return false;
  uint32_t closure = new_part_of(RH_RT_PART_TUPLE, 1, cell);
  rh_runtime_drop(cell);
  return place(function, 0, closure);
}

static uint32_t new_globals(uint32_t function) {
  uint32_t dict = rh_runtime_new_object(RH_RT_DICT, 0);
  uint32_t builtins = rh_runtime_new_str("__builtins__", 12, true), name = rh_runtime_new_str("function", 8, true);
  bool good = dict != 0 && builtins != 0 && name != 0 &&
              rh_runtime_put(dict, builtins, rh_rt_class()) == RH_RT_OK &&
              rh_runtime_put(dict, name, function) == RH_RT_OK;
  rh_runtime_drop(builtins);
  rh_runtime_drop(name);
  if (!good) return dict == 0 ? 0 : discard(dict);
  refer(function, 0, dict);
  return dict;
}

uint32_t rh_runtime_new_function(int form) {
  uint32_t function = new_function();
  if (function == 0 || form == RH_RT_PLAIN) return function;
  if (form == RH_RT_CLOSED) return close_over_itself(function) ? function : discard(function);
  uint32_t dict = form == RH_RT_GLOBAL ? new_globals(function) : 0;
  rh_runtime_drop(function);
  return dict;
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
    if (holder != generator) rh_gc_track(holder);
    rh_gc_track(generator);
  } else {
    rh_runtime_drop(held);
  }
  return generator;
}

/* A suspended generator is closed: its frame lets go of what it held. */
void rh_rt_close_generator(uint32_t o) {
  uint32_t held = rh_slot_swap(o, 0, 0);
  if (held != 0) rh_runtime_drop(held);
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

