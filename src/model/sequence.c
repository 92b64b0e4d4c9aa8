/*
 * Lists, tuples, deques and the named slots of instances, with the capacity a
 * list is seen to have (LST).
 */
#include "model/heap.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_LIST = 1 << 25 }; /* items the model makes in one operation; more: not known */

static bool is_list(const struct object *o) {
  return o->kind == RH_MODEL_LIST || o->kind == RH_MODEL_LISTFIN;
}

static bool is_instance(const struct object *o) {
  return o->kind == RH_MODEL_NODE || o->kind == RH_MODEL_FIN || o->kind == RH_MODEL_LEGACY;
}

/* ---- creation ---- */

uint32_t rh_model_new_object(int kind, uint32_t label) {
  if (kind >= RH_MODEL_OBJ || kind == RH_MODEL_WVD || kind == RH_MODEL_WKD) return 0; /* at its limits */
  struct object *o = rh_m_new(kind, 0);
  o->label = label;
  for (int i = 0; is_instance(o) && i < 3; i++) rh_m_push_slot(o, NULL);
  if (kind == RH_MODEL_DICT || kind == RH_MODEL_SET) {
    o->table = rh_m_memory(NULL, 1, sizeof *o->table);
    *o->table = (struct table){.size = 0};
    if (kind == RH_MODEL_SET) rh_m_set_empty(o);
  }
  if (kind == RH_MODEL_DEQUE) o->capacity = RH_M_DEQUE_CENTRE;
  bool starts_tracked = kind != RH_MODEL_DICT || !rh_m.params.dict_lazy_tracking; /* TRK-3 */
  if (rh_m_is_collected_kind(o) && starts_tracked) rh_m_track(o);
  return rh_m_own(o);
}

uint32_t rh_model_new_box(uint32_t held) {
  struct object *o = rh_m_new(RH_MODEL_NOGCBOX, 0);
  rh_m_push_slot(o, rh_m_at(held));
  return rh_m_own(o);
}

uint32_t rh_model_new_tuple(const uint32_t *items, uint32_t n, int source) {
  if (n == 0) return rh_m_own(rh_m_empty_tuple()); /* INT-8 */
  struct object *o = rh_m_new(RH_MODEL_TUPLE, n);
  bool atoms = true;
  for (uint32_t i = 0; i < n; i++) {
    struct object *v = rh_m_at(items[i]);
    rh_m_push_slot(o, v);
    atoms = atoms && !rh_m_is_collected_kind(v) && !rh_m_is_built_in_type(v);
  }
  /* TRK-2, TRK-6 */
  bool packed = source != RH_MODEL_FROM_REPEAT && source != RH_MODEL_FROM_CONST; /* TRK-6 */
  if (!(rh_m.params.tuple_skip_atoms && atoms && packed)) rh_m_track(o);
  return rh_m_own(o);
}

/* ---- named slots (RC-9) ---- */

int rh_model_set_field(uint32_t handle, uint32_t index, uint32_t v) {
  struct object *o = rh_m_at(handle);
  if (!is_instance(o) || index > 2) return RH_MODEL_ATTRIBUTE_ERROR;
  struct edge *old = o->slots[index];
  if (!old && !v) return RH_MODEL_ATTRIBUTE_ERROR;
  o->slots[index] = v ? rh_m_refer(o, rh_m_at(v)) : NULL; /* RC-4: new before old */
  if (old) rh_m_release(old);
  return RH_MODEL_OK;
}

uint32_t rh_model_field(uint32_t handle, uint32_t index) {
  const struct object *o = rh_m_at(handle);
  return is_instance(o) && index < 3 && o->slots[index] ? o->slots[index]->to->handle : 0;
}

/* ---- capacity ---- */

/* LST-1: the list is about to have n items instead of o->length. */
static void grow(struct object *o, uint64_t n) {
  if (o->capacity >= n && n >= o->capacity / 2) return;
  uint64_t capacity = (n + n / 8 + 6) & ~UINT64_C(3);
  if (n > o->length && n - o->length > capacity - n) capacity = (n + 3) & ~UINT64_C(3);
  o->capacity = n ? capacity : 0;
  o->array = true;
}

/* LST-3: a list without an array gets room for n at once. */
static void presize(struct object *o, uint64_t n) {
  o->capacity = rh_m.params.presize == RH_MODEL_EVEN ? (n + 1) & ~UINT64_C(1) : n;
  o->array = true;
}

static void append_none(struct object *o, uint64_t n) {
  while (n--) rh_m_push_slot(o, rh_m_none());
}

/* The next items, in the room there is if there is any. */
static void append_growing(struct object *o, uint64_t n) {
  for (; n; n--) {
    if (o->length == o->capacity) grow(o, o->length + 1);
    append_none(o, 1);
  }
}

/* LST-3: extending by a list or tuple of n, or by a set or dict where those
 * are treated alike (LST-4). */
static void extend_by_sequence(struct object *o, uint64_t n, bool may_presize) {
  if (n == 0) return;
  if (may_presize && !o->array && rh_m.params.presize != RH_MODEL_EXACT) {
    presize(o, n);
  } else {
    grow(o, o->length + n);
  }
  append_none(o, n);
}

/* LST-5: extending by an iterator: room for the hint, then growth, then cut back. */
static void extend_by_iterator(struct object *o, uint64_t n, uint64_t hint) {
  if (!o->array && rh_m.params.presize != RH_MODEL_EXACT) {
    if (hint) presize(o, hint);
  } else {
    grow(o, o->length + hint);
  }
  append_growing(o, n);
  if (o->length < o->capacity) grow(o, o->length);
}

static void extend(struct object *o, uint64_t n, int source) {
  switch (source) {
  case RH_MODEL_FROM_GEN:
    extend_by_iterator(o, n, 8);
    break;
  case RH_MODEL_FROM_RANGE:
  case RH_MODEL_FROM_ITER:
    extend_by_iterator(o, n, n);
    break;
  case RH_MODEL_FROM_SET:
  case RH_MODEL_FROM_DICT:
    if (rh_m.params.list_from_set_grows) {
      extend_by_sequence(o, n, false);
    } else {
      extend_by_iterator(o, n, n);
    }
    break;
  default:
    extend_by_sequence(o, n, true);
  }
}

/* LST-2..LST-6: list(SOURCE). */
static void construct(struct object *o, uint64_t n, int source) {
  bool sized = source == RH_MODEL_FROM_LIST || source == RH_MODEL_FROM_TUPLE || source == RH_MODEL_FROM_RANGE ||
               source == RH_MODEL_FROM_SET || source == RH_MODEL_FROM_DICT;
  switch (source) {
  case RH_MODEL_FROM_DISPLAY:
  case RH_MODEL_FROM_REPEAT:
  case RH_MODEL_FROM_COPY:
    if (source == RH_MODEL_FROM_DISPLAY && rh_m.params.list_display_limit && n > rh_m.params.list_display_limit) {
      append_growing(o, n);
      return;
    }
    o->capacity = n;
    o->array = n > 0;
    append_none(o, n);
    return;
  case RH_MODEL_FROM_SPLIT:
    o->capacity = n < 12 && rh_m.params.split_presize == 0 ? (n ? n : 1) + 1 : 12;
    o->array = true;
    append_growing(o, n);
    return;
  case RH_MODEL_FROM_COMP:
    append_growing(o, n);
    return;
  case RH_MODEL_FROM_CONST:
    if (rh_m_is_folded(n)) break;
    if (n >= 3) {
      append_growing(o, n);
      return;
    }
    o->capacity = n;
    o->array = n > 0;
    break;
  case RH_MODEL_FROM_GEN:
    if (rh_m.params.list_from_gen_appends) {
      append_growing(o, n);
      return;
    }
    break;
  case RH_MODEL_FROM_SET:
  case RH_MODEL_FROM_DICT:
    if (rh_m.params.list_from_set_grows) sized = false;
    break;
  default:
    break;
  }
  if (sized && n) presize(o, n);
  extend(o, n, source);
}

uint32_t rh_model_new_list(uint32_t n, int source) {
  uint32_t handle = rh_model_new_object(RH_MODEL_LIST, 0);
  construct(rh_m_at(handle), n, source);
  return handle;
}

int64_t rh_model_capacity(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  return is_list(o) ? (int64_t)o->capacity : RH_MODEL_TYPE_ERROR;
}

/* ---- reading ---- */

uint64_t rh_model_length(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  switch (o->kind) {
  case RH_MODEL_LIST:
  case RH_MODEL_LISTFIN:
  case RH_MODEL_TUPLE:
  case RH_MODEL_DEQUE:
    return o->length;
  case RH_MODEL_DICT:
  case RH_MODEL_SET:
    return o->table->used;
  case RH_MODEL_STR:
    return o->text.characters;
  case RH_MODEL_BYTES:
    return (uint64_t)o->number.integer;
  case RH_MODEL_BYTEARRAY:
  case RH_MODEL_ARRAY:
    return o->bytes;
  default:
    return 0;
  }
}

/* The i-th item of a sequence, the i-th member, key or value. */
static uint32_t slot_of(uint32_t handle, uint64_t i, size_t step, size_t offset) {
  const struct object *o = rh_m_at(handle);
  bool dense = o->kind != RH_MODEL_DICT && o->kind != RH_MODEL_SET;
  for (size_t s = dense ? (size_t)i : 0; s < o->length; s += step)
    if (o->slots[s] && (dense || i-- == 0)) return o->slots[s + offset]->to->handle;
  return 0;
}

uint32_t rh_model_item(uint32_t handle, uint64_t i) {
  return slot_of(handle, i, rh_m_at(handle)->kind == RH_MODEL_DICT ? 2 : 1, 0);
}

uint32_t rh_model_value(uint32_t handle, uint64_t i) {
  return rh_m_at(handle)->kind == RH_MODEL_DICT ? slot_of(handle, i, 2, 1) : 0;
}

/* ---- changing ---- */

int rh_model_append(uint32_t handle, uint32_t v) {
  struct object *o = rh_m_at(handle);
  if (rh_m_is_bytes(o)) {
    rh_m_resize_bytes(o, o->bytes + 1);
    return RH_MODEL_OK;
  }
  if (!is_list(o) && o->kind != RH_MODEL_DEQUE) return RH_MODEL_TYPE_ERROR;
  if (is_list(o) && (o->length == o->capacity || rh_m.params.list_append_resizes)) grow(o, o->length + 1);
  rh_m_push_slot(o, rh_m_at(v));
  return RH_MODEL_OK;
}

static size_t clamp(const struct object *o, int64_t i) {
  int64_t n = (int64_t)o->length;
  if (i < 0) i += n;
  return (size_t)(i < 0 ? 0 : i > n ? n : i);
}

/* Makes room for n empty slots at `at`. */
static void open_slots(struct object *o, size_t at, size_t n) {
  size_t tail = o->length - at;
  for (size_t i = 0; i < n; i++) rh_m_push_slot(o, NULL);
  memmove(o->slots + at + n, o->slots + at, tail * sizeof(struct edge *));
}

int rh_model_insert(uint32_t handle, int64_t i, uint32_t v) {
  struct object *o = rh_m_at(handle);
  if (!is_list(o)) return RH_MODEL_TYPE_ERROR;
  size_t at = clamp(o, i);
  grow(o, o->length + 1);
  open_slots(o, at, 1);
  o->slots[at] = rh_m_refer(o, rh_m_at(v));
  return RH_MODEL_OK;
}

static int pop_byte(struct object *o, int64_t i) {
  int64_t n = (int64_t)o->bytes;
  if (i < -n || i >= n) return RH_MODEL_INDEX_ERROR;
  rh_m_resize_bytes(o, o->bytes - 1);
  return RH_MODEL_OK;
}

int rh_model_pop(uint32_t handle, int64_t i) {
  struct object *o = rh_m_at(handle);
  if (rh_m_is_bytes(o)) return pop_byte(o, i);
  if (!is_list(o) && (o->kind != RH_MODEL_DEQUE || i != -1)) return RH_MODEL_TYPE_ERROR;
  int64_t n = (int64_t)o->length;
  if (i < 0) i += n;
  if (i < 0 || i >= n) return RH_MODEL_INDEX_ERROR;
  if (is_list(o)) grow(o, o->length - 1);
  if (o->length == 1 && rh_m.params.list_pop_frees && is_list(o)) {
    o->array = false;
    o->capacity = 0;
  }
  rh_m_release_slots(o, (size_t)i, (size_t)i + 1);
  return RH_MODEL_OK;
}

int rh_model_clear(uint32_t handle) {
  struct object *o = rh_m_at(handle);
  if (o->kind == RH_MODEL_BYTEARRAY) {
    rh_m_resize_bytes(o, 0);
    return RH_MODEL_OK;
  }
  if (!is_list(o) && o->kind != RH_MODEL_DEQUE && o->kind != RH_MODEL_DICT && o->kind != RH_MODEL_SET)
    return RH_MODEL_TYPE_ERROR;
  rh_m_empty(o); /* LST-7 */
  return RH_MODEL_OK;
}

int rh_model_extend(uint32_t handle, uint32_t n, int source) {
  struct object *o = rh_m_at(handle);
  if (!is_list(o)) return RH_MODEL_TYPE_ERROR;
  if (o->length + n > LARGEST_LIST) return RH_MODEL_UNSUPPORTED;
  extend(o, n, source);
  return RH_MODEL_OK;
}

int rh_model_delete_slice(uint32_t handle, int64_t from, int64_t to) {
  return rh_model_replace_slice(handle, from, to, 0);
}

/* LST-1, LST-7 */
int rh_model_replace_slice(uint32_t handle, int64_t from, int64_t to, uint32_t n) {
  struct object *o = rh_m_at(handle);
  if (!is_list(o)) return RH_MODEL_TYPE_ERROR;
  size_t low = clamp(o, from), high = clamp(o, to);
  if (high < low) high = low;
  size_t length = o->length - (high - low) + n;
  if (length == 0) {
    rh_m_empty(o);
    return RH_MODEL_OK;
  }
  if (length != o->length) grow(o, length);
  open_slots(o, high, n);
  for (size_t i = 0; i < n; i++) o->slots[high + i] = rh_m_refer(o, rh_m_none());
  rh_m_release_slots(o, low, high);
  return RH_MODEL_OK;
}

/* LST-8 */
int rh_model_repeat(uint32_t handle, int64_t times) {
  struct object *o = rh_m_at(handle);
  if (!is_list(o)) return RH_MODEL_TYPE_ERROR;
  size_t n = o->length;
  if (n == 0 || times == 1) return RH_MODEL_OK;
  if (times < 1) {
    rh_m_empty(o);
    return RH_MODEL_OK;
  }
  if (times > INT64_MAX / 8 / (int64_t)n) return RH_MODEL_MEMORY_ERROR;
  if (times > LARGEST_LIST / (int64_t)n) return RH_MODEL_UNSUPPORTED;
  grow(o, n * (uint64_t)times);
  for (int64_t t = 1; t < times; t++)
    for (size_t i = 0; i < n; i++) rh_m_push_slot(o, o->slots[i]->to);
  return RH_MODEL_OK;
}

/* ---- copies ---- */

/* Making the copy may run code that changes what is copied: a list has room for the items there were. */
static uint32_t copy_items(const struct object *from, int kind) {
  size_t room = from->length;
  uint32_t handle = rh_model_new_object(kind, 0);
  struct object *o = rh_m_at(handle);
  size_t n = kind == RH_MODEL_LIST && room < from->length ? room : from->length;
  o->capacity = room;
  o->array = room > 0;
  for (size_t i = 0; i < n; i++) rh_m_push_slot(o, from->slots[i]->to);
  return handle;
}

uint32_t rh_model_list_copy(uint32_t handle) {
  struct object *o = rh_m_at(handle);
  return o->kind == RH_MODEL_TUPLE ? rh_m_own(o) : copy_items(o, RH_MODEL_LIST);
}

uint32_t rh_model_copy(uint32_t handle) {
  struct object *o = rh_m_at(handle);
  if (o->kind == RH_MODEL_DICT) return rh_m_copy_dict(o);
  if (o->kind == RH_MODEL_SET) return rh_m_copy_set(o);
  if (o->kind == RH_MODEL_BYTEARRAY) return rh_m_copy_bytes(o);
  if (o->kind != RH_MODEL_DEQUE) return rh_model_list_copy(handle);
  uint32_t copy = copy_items(o, RH_MODEL_DEQUE);
  rh_m_at(copy)->capacity = o->length == 1 ? RH_M_DEQUE_CENTRE : 1; /* SIZ-7: filled from the left */
  return copy;
}
