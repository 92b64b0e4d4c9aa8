/*
 * Lists, tuples and deques: items, capacity (11.1-11.4), order of release
 * (3.5).
 *
 * A list's record has its size and its capacity as CPython would have them;
 * its slots are at least as many, a power of two, so that growing them is
 * rare. Items sit at the upper end, first item last: when the number of slots
 * changes, they are moved. RH_RT_HAS_ARRAY tells a list that was shrunk to capacity
 * 0 from one that has no array: only the latter is presized (11.3).
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/growth.h"
#include "runtime/state.h"

#include <inttypes.h>

static uint32_t empty_tuple; /* 0 before it is made; see rh_rt_reset_sequences */

static uint32_t capacity_of(uint32_t o) {
  return rh_rt_record(o)->extent;
}

static bool has_array(uint32_t o) {
  return (rh_rt_record(o)->flags & RH_RT_HAS_ARRAY) != 0;
}

static uint32_t take_item(uint32_t o, uint32_t i) {
  return rh_slot_swap(o, rh_rt_item_slot(o, i), 0);
}

/* Consumes the reference to v; the slot is empty. */
static void put_item(uint32_t o, uint32_t i, uint32_t v) {
  rh_slot_swap(o, rh_rt_item_slot(o, i), v);
}

/* Slots for a capacity. */
static uint64_t room_for(uint64_t capacity) {
  uint64_t room = capacity != 0;
  while (room < capacity) room *= 2;
  return room;
}

/* Gives list o room for `capacity` items, of which the first `items` are
 * present. False, nothing changed, when the heap is full. */
static bool set_room(uint32_t o, uint64_t capacity, uint32_t items) {
  uint64_t room = room_for(capacity);
  uint32_t old = rh_object_length(o);
  if (room == old) return true;
  if (room >= RH_SLOTS) return false;
  uint32_t now = (uint32_t)room;
  if (now > old) {
    if (!rh_object_resize(o, now)) return false;
    for (uint32_t i = 0; i < items; i++) rh_slot_swap(o, now - 1 - i, rh_slot_swap(o, old - 1 - i, 0));
    return true;
  }
  for (uint32_t i = items; i-- > 0;) rh_slot_swap(o, now - 1 - i, rh_slot_swap(o, old - 1 - i, 0));
  return rh_object_resize(o, now);
}

/* Makes list o one of `size` items and the capacity given; the first `items`
 * are present, places behind them are empty. */
static bool set_capacity(uint32_t o, uint64_t capacity, uint32_t size, uint32_t items) {
  if (!set_room(o, capacity, items)) return false;
  rh_rt_record(o)->flags |= RH_RT_HAS_ARRAY;
  rh_rt_record(o)->extent = (uint32_t)capacity;
  rh_rt_record(o)->size = size;
  return true;
}

/* How rule 11.1 gives list o, whose record has not changed yet, room for n items. */
static void note_resize(const char *rule, uint32_t o, uint32_t n, uint32_t capacity) {
  uint32_t old = rh_rt_record(o)->size, room = capacity_of(o), rounded = (n + n / 8 + 6) / 4 * 4;
  const char *outside = n > room ? "more than" : "less than half of";
  if (capacity == room) {
    rh_because(rule, o, "resized from %u to %u items, it leaves the room for %u as it is, because %u >= %u >= %u div 2",
               old, n, room, room, n, room);
  } else if (n == 0) {
    rh_because(rule, o, "resized from %u items to none, with room for %u, it gets no room", old, room);
  } else if (capacity == rounded) {
    rh_because(rule, o,
               "resized from %u to %u items, %s the room for %u, it gets (%u + %u div 8 + 6) rounded down to a "
               "multiple of 4: %u",
               old, n, outside, room, n, n, capacity);
  } else {
    rh_because(
        rule, o,
        "resized from %u to %u items, %s the room for %u: (%u + %u div 8 + 6) rounded down to a multiple of 4 is %u, "
        "%u above, less than the %u items added, so it gets %u rounded up to one: %u",
        old, n, outside, room, n, n, rounded, rounded - n, n - old, n, capacity);
  }
}

/* Rule 11.1. When shrinking, the items to go have been taken. */
static bool resize(uint32_t o, uint64_t size) {
  uint32_t old = rh_rt_record(o)->size;
  uint64_t capacity = rh_growth_list(size, old, capacity_of(o));
  if (capacity >= RH_SLOTS) return false;
  if (capacity != capacity_of(o) || size < old) note_resize("LST-1", o, (uint32_t)size, (uint32_t)capacity);
  if (capacity == capacity_of(o)) {
    rh_rt_record(o)->size = (uint32_t)size;
    return true;
  }
  uint32_t items = size < old ? (uint32_t)size : old;
  return set_capacity(o, capacity, (uint32_t)size, items);
}

/* Moves n items; the places they leave become empty. */
static void move_items(uint32_t o, uint32_t from, uint32_t to, uint32_t n) {
  if (to < from) {
    for (uint32_t i = 0; i < n; i++) put_item(o, to + i, take_item(o, from + i));
  } else if (to > from) {
    for (uint32_t i = n; i-- > 0;) put_item(o, to + i, take_item(o, from + i));
  }
}

static void fill_none(uint32_t o, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) put_item(o, i, rh_rt_none());
}

/* ---- tuples ---- */

uint32_t rh_runtime_new_tuple(const uint32_t *items, uint32_t n, int source) {
  if (n == 0) return rh_rt_empty_tuple();
  for (uint32_t i = 0; i < n; i++) {
    if (!rh_object_live(items[i])) return 0;
  }
  size_t base = rh_rt_scratch.count;
  for (uint32_t i = 0; i < n; i++) {
    rh_object_retain(items[i]); /* creating may collect, which runs code */
    rh_rt_push(&rh_rt_scratch, items[i]);
  }
  uint32_t o = n < RH_SLOTS ? rh_rt_new(RH_RT_TUPLE, n, n) : 0;
  if (o == 0) {
    rh_rt_drop_scratch(base);
    return 0;
  }
  rh_rt_record(o)->size = n;
  for (uint32_t i = 0; i < n; i++) put_item(o, i, rh_rt_scratch.items[base + i]);
  rh_rt_scratch.count = base;
  rh_rt_track_tuple(o, source);
  rh_because("INT-8", o, "a tuple of %" PRIu32 " item%s is a fresh object", n, n == 1 ? "" : "s");
  return o;
}

uint32_t rh_rt_empty_tuple(void) {
  if (empty_tuple == 0) {
    empty_tuple = rh_rt_new_unmanaged(RH_RT_TUPLE, 0);
    if (empty_tuple != 0) rh_rt_make_immortal(empty_tuple);
  }
  rh_because("INT-8", empty_tuple, "the empty tuple is one shared object");
  return empty_tuple;
}

void rh_rt_reset_sequences(void) {
  empty_tuple = 0;
}

/* ---- lists: creation ---- */

static uint32_t new_list_of_capacity(uint32_t capacity) {
  uint32_t o = rh_runtime_new_object(RH_RT_LIST, 0);
  if (o == 0 || capacity == 0 || set_capacity(o, capacity, 0, 0)) return o;
  rh_runtime_drop(o);
  return 0;
}

/* Appends n times None one by one; the capacity is only looked at when it is
 * used up. */
static bool append_nones(uint32_t o, uint32_t n) {
  struct rh_rt_record *r = rh_rt_record(o);
  for (uint32_t i = 0; i < n; i++) {
    if (r->size < r->extent) {
      r->size++;
    } else if (!resize(o, (uint64_t)r->size + 1)) {
      return false;
    }
    put_item(o, r->size - 1, rh_rt_none());
  }
  return true;
}

enum { UNKNOWN_LENGTH_HINT = 8, SPLIT_PRESIZE = 12 };

/* List o, now cut back, had room for `first` items (by rule `presize`) before and for `grown` after the n came. */
static void note_iterating(uint32_t o, uint32_t n, uint32_t hint, uint32_t first, const char *presize, uint32_t grown) {
  uint32_t size = rh_rt_record(o)->size, last = capacity_of(o);
  rh_because("LST-5", o,
             "extended from an iterator with a length hint of %u%s: room for %u + %u items, by %s %u; with the %u that "
             "came room for %u; %s %u for all %u at the end",
             hint, hint == UNKNOWN_LENGTH_HINT ? " (or none)" : "", size - n, hint, presize, first, n, grown,
             last == grown ? "it stays" : "cut back by LST-1 to", last, size);
}

/* List o as it was, with as many items and as much room; no item of then has gone. */
static void undo_growth(uint32_t o, const struct rh_rt_record *before) {
  for (uint32_t i = before->size; i < rh_rt_record(o)->size; i++) (void)take_item(o, i);
  (void)set_room(o, before->extent, before->size);
  *rh_rt_record(o) = *before;
}

/* Rule 11.3 for an iterable: room for `hint` items, appending, cutting back. */
static bool extend_iterating(uint32_t o, uint32_t n, uint32_t hint, bool presized) {
  const struct rh_rt_record before = *rh_rt_record(o);
  uint32_t old = before.size;
  uint64_t wanted = (uint64_t)old + hint;
  if (wanted >= RH_SLOTS / 2) return false;
  bool at_once = presized && !has_array(o);
  uint64_t capacity = at_once ? rh_rt_list_presize(hint, true) : rh_growth_list(wanted, old, capacity_of(o));
  if (capacity != capacity_of(o) && !set_capacity(o, capacity, old, old)) return false;
  if (!append_nones(o, n)) {
    undo_growth(o, &before);
    return false;
  }
  uint32_t size = rh_rt_record(o)->size, grown = capacity_of(o);
  if (size != grown && !resize(o, size)) return false;
  note_iterating(o, n, hint, (uint32_t)capacity, at_once ? "LST-3" : "LST-1", grown);
  return true;
}

/* List o has no array and takes n items at once. */
static void note_presize(uint32_t o, uint32_t n, uint32_t capacity, bool extending) {
  if (extending && rh_rt_profile.list_presize == RH_PRESIZE_EXACT) {
    note_resize("LST-1", o, n, capacity);
  } else {
    rh_because("LST-3", o, "a list without an array takes at once a known number of items, %u: room for %u%s", n,
               capacity, rh_rt_profile.list_presize == RH_PRESIZE_EVEN ? ", that number rounded up to even" : "");
  }
}

/* Room for n items at once, then the items. */
static bool extend_known(uint32_t o, uint32_t n, bool extending) {
  if (n == 0) return true;
  uint32_t old = rh_rt_record(o)->size;
  uint64_t size = (uint64_t)old + n;
  uint64_t capacity = !has_array(o) ? rh_rt_list_presize(n, extending) : rh_growth_list(size, old, capacity_of(o));
  if (capacity >= RH_SLOTS) return false;
  if (has_array(o)) {
    note_resize("LST-1", o, (uint32_t)size, (uint32_t)capacity);
  } else {
    note_presize(o, n, (uint32_t)capacity, extending);
  }
  if (!set_capacity(o, capacity, (uint32_t)size, old)) return false;
  fill_none(o, old, (uint32_t)size);
  return true;
}

/* str.split guesses from the text's length how many pieces there can be. */
static uint32_t split_capacity(uint32_t n) {
  if (rh_rt_profile.split_presize != 0 || n + 1 > SPLIT_PRESIZE) return SPLIT_PRESIZE;
  return (n > 0 ? n : 1) + 1; /* an empty text counts as one piece */
}

/* One resize of the new list to the length of a set or dict; to nothing it has no array still. */
static bool fill_by_growing(uint32_t o, uint32_t n) {
  if (n == 0) return true;
  uint64_t capacity = rh_growth_list(n, 0, 0);
  if (capacity >= RH_SLOTS) return false;
  note_resize("LST-4", o, n, (uint32_t)capacity);
  if (!set_capacity(o, capacity, n, 0)) return false;
  fill_none(o, 0, n);
  return true;
}

/* A new list of n items that come one by one: its room grows by LST-1 alone, as the notes before this one say. */
static bool fill_by_appending(uint32_t o, uint32_t n, const char *rule, const char *source) {
  if (!append_nones(o, n)) return false;
  rh_because(rule, o, "%s is made by appending its %u items one by one", source, n);
  return true;
}

static bool fill_by_split(uint32_t o, uint32_t n) {
  uint32_t first = split_capacity(n);
  if (!set_capacity(o, first, 0, 0) || !append_nones(o, n)) return false;
  rh_because("LST-6", o, "str.split starts with room for %u%s, and appends its %u words", first,
             first == SPLIT_PRESIZE ? ""
             : n == 0               ? ", the least there is"
                                    : ", one more than the words",
             n);
  return true;
}

static bool fill_exactly(uint32_t o, uint32_t n, int source) {
  rh_because("LST-2", o, "%s of %u items has room for exactly these",
             source == RH_RT_FROM_REPEAT                                  ? "a repetition"
             : source == RH_RT_FROM_DISPLAY || source == RH_RT_FROM_CONST ? "a display"
                                                                          : "a copy",
             n);
  if (n == 0) return true;
  if (!set_capacity(o, n, n, 0)) return false;
  fill_none(o, 0, n);
  return true;
}

static bool fill_new_list(uint32_t o, uint32_t n, int source) {
  switch (source) {
  case RH_RT_FROM_COMP:
    return fill_by_appending(o, n, "LST-5", "a comprehension");
  case RH_RT_FROM_GEN:
    if (rh_rt_profile.list_from_gen_appends)
      return fill_by_appending(o, n, "LST-5", "list() of a generator expression, compiled as a comprehension,");
    return extend_iterating(o, n, UNKNOWN_LENGTH_HINT, rh_rt_profile.list_presize != RH_PRESIZE_EXACT);
  case RH_RT_FROM_ITER:
    return extend_iterating(o, n, n, rh_rt_profile.list_presize != RH_PRESIZE_EXACT);
  case RH_RT_FROM_SPLIT:
    return fill_by_split(o, n);
  case RH_RT_FROM_SET:
  case RH_RT_FROM_DICT:
    return rh_rt_profile.list_from_set_grows ? fill_by_growing(o, n) : extend_known(o, n, false);
  case RH_RT_FROM_DISPLAY:
    if (rh_rt_profile.list_display_limit != 0 && n > rh_rt_profile.list_display_limit)
      return fill_by_appending(o, n, "LST-2", "a display of more than 30 variables");
    break;
  case RH_RT_FROM_CONST:
    if (rh_rt_is_folded(n)) return extend_known(o, n, true);
    if (n >= RH_RT_FOLDED_MIN) return fill_by_appending(o, n, "LST-2", "a display of more than 30 constants");
    break;
  case RH_RT_FROM_LIST:
  case RH_RT_FROM_TUPLE:
  case RH_RT_FROM_RANGE:
    return extend_known(o, n, false);
  default:
    break;
  }
  return fill_exactly(o, n, source);
}

uint32_t rh_runtime_new_list(uint32_t n, int source) {
  uint32_t o = rh_runtime_new_object(RH_RT_LIST, 0);
  if (o == 0 || fill_new_list(o, n, source)) return o;
  rh_runtime_drop(o);
  return 0;
}

/* A list of exactly the items of list or tuple o. */
static uint32_t copy_items(uint32_t o) {
  uint32_t copy = new_list_of_capacity(rh_rt_record(o)->size);
  if (copy == 0) return 0;
  uint32_t n = rh_rt_record(o)->size;
  if (n > capacity_of(copy)) n = capacity_of(copy); /* o changed while the copy was made */
  rh_because("LST-2", copy, "a copy or full slice of %u items has room for exactly these", n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t v = rh_slot_get(o, rh_rt_item_slot(o, i));
    rh_object_retain(v);
    put_item(copy, i, v);
  }
  rh_rt_record(copy)->size = n;
  return copy;
}

/* Anything but a single item is copied by extending, which begins at the left. */
static uint32_t copy_deque(uint32_t o) {
  uint32_t copy = rh_runtime_new_object(RH_RT_DEQUE, 0);
  if (copy == 0) return 0;
  if (rh_rt_record(o)->size != 1) rh_rt_record(copy)->extent = 1;
  for (uint32_t i = 0; i < rh_rt_record(o)->size; i++) {
    if (rh_runtime_append(copy, rh_slot_get(o, i)) != RH_RT_OK) {
      rh_runtime_drop(copy);
      return 0;
    }
  }
  return copy;
}

static uint32_t copy_any(uint32_t o) {
  switch (rh_rt_record(o)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
    return copy_items(o);
  case RH_RT_DICT:
    return rh_rt_copy_dict(o);
  case RH_RT_SET:
    return rh_rt_copy_set(o);
  case RH_RT_DEQUE:
    return copy_deque(o);
  case RH_RT_BYTEARRAY:
    return rh_rt_copy_bytearray(o);
  default:
    return 0;
  }
}

uint32_t rh_runtime_copy(uint32_t o) {
  if (!rh_object_live(o)) return 0;
  rh_object_retain(o); /* creating may collect, which runs code */
  if (rh_rt_record(o)->kind == RH_RT_TUPLE) return o;
  uint32_t copy = copy_any(o);
  rh_runtime_drop(o);
  return copy;
}

uint32_t rh_runtime_list_copy(uint32_t o) {
  return rh_rt_is_list(o) || rh_rt_is(o, RH_RT_TUPLE) ? rh_runtime_copy(o) : 0;
}

/* ---- changes ---- */

static int append_deque(uint32_t o, uint32_t v) {
  struct rh_rt_record *r = rh_rt_record(o);
  uint32_t room = rh_object_length(o);
  if (r->size == room && (room >= RH_SLOTS / 2 || !rh_object_resize(o, room ? 2 * room : 4))) return RH_RT_MEMORY_ERROR;
  rh_object_retain(v);
  rh_slot_swap(o, r->size++, v);
  return RH_RT_OK;
}

/* Where a resize would have given room back. */
static void note_free_room(uint32_t o) {
  uint32_t now = rh_rt_record(o)->size + 1, room = capacity_of(o);
  if (now < room / 2) {
    rh_because("LST-1", o, "an append into free room leaves the room for %u as it is, although %u < %u div 2", room,
               now, room);
  }
}

int rh_runtime_append(uint32_t o, uint32_t v) {
  if (!rh_object_live(v)) return RH_RT_TYPE_ERROR;
  if (rh_rt_is(o, RH_RT_DEQUE)) return append_deque(o, v);
  if (rh_rt_is_bytes_like(o)) return rh_rt_append_byte(o, v);
  if (!rh_rt_is_list(o)) return RH_RT_TYPE_ERROR;
  struct rh_rt_record *r = rh_rt_record(o);
  if (r->size < r->extent && !rh_rt_profile.list_append_resizes) {
    note_free_room(o);
    r->size++;
  } else if (!resize(o, (uint64_t)r->size + 1)) {
    return RH_RT_MEMORY_ERROR;
  }
  rh_object_retain(v);
  put_item(o, r->size - 1, v);
  return RH_RT_OK;
}

int rh_runtime_insert(uint32_t o, int64_t i, uint32_t v) {
  if (!rh_rt_is_list(o) || !rh_object_live(v)) return RH_RT_TYPE_ERROR;
  uint32_t size = rh_rt_record(o)->size;
  if (i < 0) i = i + size < 0 ? 0 : i + size;
  uint32_t at = i > size ? size : (uint32_t)i;
  if (!resize(o, (uint64_t)size + 1)) return RH_RT_MEMORY_ERROR;
  move_items(o, at, at + 1, size - at);
  rh_object_retain(v);
  put_item(o, at, v);
  return RH_RT_OK;
}

/* Takes items from..to-1 out and leaves them on rh_rt_scratch. */
static void take_items(uint32_t o, uint32_t from, uint32_t to) {
  for (uint32_t i = from; i < to; i++) rh_rt_push(&rh_rt_scratch, take_item(o, i));
}

static void free_array(uint32_t o) {
  rh_rt_record(o)->flags &= (uint8_t)~RH_RT_HAS_ARRAY;
  rh_rt_record(o)->size = 0;
  rh_rt_record(o)->extent = 0;
  rh_object_resize(o, 0);
}

static int pop_deque(uint32_t o, int64_t i) {
  if (i != -1) return RH_RT_TYPE_ERROR;
  struct rh_rt_record *r = rh_rt_record(o);
  if (r->size == 0) return RH_RT_INDEX_ERROR;
  rh_runtime_drop(rh_slot_swap(o, --r->size, 0));
  return RH_RT_OK;
}

int rh_runtime_pop(uint32_t o, int64_t i) {
  if (rh_rt_is(o, RH_RT_DEQUE)) return pop_deque(o, i);
  if (rh_rt_is_bytes_like(o)) return rh_rt_pop_byte(o, i);
  if (!rh_rt_is_list(o)) return RH_RT_TYPE_ERROR;
  int64_t size = rh_rt_record(o)->size;
  if (i < 0) i += size;
  if (i < 0 || i >= size) return RH_RT_INDEX_ERROR;
  size_t base = rh_rt_scratch.count;
  take_items(o, (uint32_t)i, (uint32_t)i + 1);
  move_items(o, (uint32_t)i + 1, (uint32_t)i, (uint32_t)(size - i) - 1);
  if (size == 1 && rh_rt_profile.list_pop_frees) {
    rh_because("LST-7", o, "popping the only item frees the array, which had room for %u", capacity_of(o));
    free_array(o);
  } else {
    resize(o, (uint64_t)size - 1);
  }
  rh_rt_drop_scratch(base);
  return RH_RT_OK;
}

/* Python's reading of a slice bound. */
static uint32_t clamp(int64_t i, uint32_t size) {
  if (i < 0) i += size;
  if (i < 0) return 0;
  return i > size ? size : (uint32_t)i;
}

int rh_runtime_replace_slice(uint32_t o, int64_t from, int64_t to, uint32_t n) {
  if (!rh_rt_is_list(o)) return RH_RT_TYPE_ERROR;
  uint32_t size = rh_rt_record(o)->size;
  uint32_t low = clamp(from, size), high = clamp(to, size);
  if (high < low) high = low;
  uint64_t now = (uint64_t)size - (high - low) + n;
  if (now == 0) {
    rh_rt_empty(o);
    return RH_RT_OK;
  }
  if (now > size && !resize(o, now)) return RH_RT_MEMORY_ERROR;
  size_t base = rh_rt_scratch.count;
  take_items(o, low, high);
  move_items(o, high, low + n, size - high);
  if (now < size) resize(o, now);
  fill_none(o, low, low + n);
  rh_rt_drop_scratch(base);
  return RH_RT_OK;
}

int rh_runtime_delete_slice(uint32_t o, int64_t from, int64_t to) {
  return rh_runtime_replace_slice(o, from, to, 0);
}

int rh_runtime_repeat(uint32_t o, int64_t times) {
  if (!rh_rt_is_list(o)) return RH_RT_TYPE_ERROR;
  uint32_t size = rh_rt_record(o)->size;
  if (size == 0 || times == 1) return RH_RT_OK;
  if (times < 1) {
    rh_rt_empty(o);
    return RH_RT_OK;
  }
  if (times >= RH_SLOTS || !resize(o, (uint64_t)size * (uint64_t)times)) return RH_RT_MEMORY_ERROR;
  for (uint32_t i = size; i < rh_rt_record(o)->size; i++) {
    uint32_t v = rh_slot_get(o, rh_rt_item_slot(o, i - size));
    rh_object_retain(v);
    put_item(o, i, v);
  }
  return RH_RT_OK;
}

int rh_runtime_extend(uint32_t o, uint32_t n, int source) {
  if (!rh_rt_is_list(o)) return RH_RT_TYPE_ERROR;
  bool presized = rh_rt_profile.list_presize != RH_PRESIZE_EXACT;
  bool done;
  if (source == RH_RT_FROM_ITER) {
    done = extend_iterating(o, n, n, presized);
  } else if (source == RH_RT_FROM_GEN) {
    done = extend_iterating(o, n, UNKNOWN_LENGTH_HINT, presized);
  } else {
    done = extend_known(o, n, true);
  }
  return done ? RH_RT_OK : RH_RT_MEMORY_ERROR;
}

int64_t rh_runtime_capacity(uint32_t o) {
  return rh_rt_is_list(o) ? (int64_t)capacity_of(o) : RH_RT_TYPE_ERROR;
}

void rh_rt_push_items(uint32_t list) {
  rh_because("LST-7", list, "losing all items at once, %u, frees the array, which had room for %u",
             rh_rt_record(list)->size, capacity_of(list));
  take_items(list, 0, rh_rt_record(list)->size);
  free_array(list);
}

void rh_rt_push_deque(uint32_t deque) {
  struct rh_rt_record *r = rh_rt_record(deque);
  if (r->size > 0) r->extent = RH_RT_DEQUE_CENTRE;
  while (r->size > 0) rh_rt_push(&rh_rt_scratch, rh_slot_swap(deque, --r->size, 0));
  rh_object_resize(deque, 0);
}
