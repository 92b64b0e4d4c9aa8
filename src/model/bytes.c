/*
 * Byte arrays and typed arrays (SIZ-8, SIZ-9): slots used and slots there are,
 * both only as numbers. A byte array up to 3.14 has one slot more than it uses,
 * for a zero at its end.
 */
#include "model/heap.h"

bool rh_m_is_bytes(const struct object *o) {
  return o->kind == RH_MODEL_BYTEARRAY || o->kind == RH_MODEL_ARRAY;
}

static void resize_bytearray(struct object *o, uint64_t n) {
  uint64_t needed = n + (rh_m.params.bytearray_final_byte ? 1 : 0);
  if (n == 0 && needed == 0) {
    o->capacity = 0;
  } else if (needed > o->capacity) {
    bool a_little = 8 * n <= 9 * o->capacity;
    o->capacity = a_little ? n + n / 8 + (n < 9 ? 3 : 6) : needed;
  } else if (n < o->capacity / 2) {
    o->capacity = needed;
  }
}

static void resize_array(struct object *o, uint64_t n) {
  if (n <= o->capacity && o->bytes < n + 16) return;
  o->capacity = n ? n + n / 16 + (o->bytes < 8 ? 3 : 7) : 0;
}

void rh_m_resize_bytes(struct object *o, uint64_t n) {
  if (n == o->bytes) return;
  if (o->kind == RH_MODEL_ARRAY) {
    resize_array(o, n);
  } else {
    resize_bytearray(o, n);
  }
  o->bytes = n;
}

uint32_t rh_m_copy_bytes(const struct object *from) {
  struct object *o = rh_m_new(from->kind, 0);
  o->bytes = from->bytes;
  if (o->bytes) o->capacity = o->bytes + (rh_m.params.bytearray_final_byte ? 1 : 0);
  return rh_m_own(o);
}

int64_t rh_m_bytes_size(const struct object *o) {
  const struct rh_model_params *p = &rh_m.params;
  if (o->kind == RH_MODEL_ARRAY) return p->array_size + (int64_t)o->capacity;
  return p->bytearray_size + (o->capacity ? p->bytearray_buffer_header + (int64_t)o->capacity : 0);
}
