/*
 * Byte arrays and typed arrays of bytes (11.7): a length and an allocation; the
 * bytes themselves are not held. `size` is the length, `extent` the allocation
 * in items, which of a byte array up to 3.14 includes a final zero byte.
 */
#include "rules/evidence.h"
#include "runtime/state.h"

/* Beyond this length the bytes would not fit either. */
#define LONGEST (UINT32_MAX / 2)

static uint32_t final_byte(void) {
  return rh_rt_profile.bytearray_final_byte ? 1 : 0;
}

/* The allocation of a byte array resized to n. Growing by at most an eighth
 * takes some more than asked for, shrinking to less than half gives back. */
static uint32_t room_of_bytes(uint32_t n, uint32_t room) {
  if (n + final_byte() <= room) return n < room / 2 ? n + final_byte() : room;
  if (n <= room + room / 8) return n + n / 8 + (n < 9 ? 3 : 6);
  return n + final_byte();
}

static uint32_t room_of_array(uint32_t n, uint32_t size, uint32_t room) {
  if (room >= n && size < n + 16) return room;
  return n == 0 ? 0 : n + n / 16 + (size < 8 ? 3 : 7);
}

bool rh_rt_is_bytes_like(uint32_t o) {
  return rh_rt_is(o, RH_RT_BYTEARRAY) || rh_rt_is(o, RH_RT_ARRAY);
}

/* How an array of `size` bytes and an allocation of `old` gets another for n. */
static void note_array(uint32_t o, uint32_t size, uint32_t old, uint32_t n) {
  uint32_t now = rh_rt_record(o)->extent;
  if (n == 0) {
    rh_because("SIZ-9", o, "resized from %u bytes to none, 16 or more fewer, it allocates nothing", size);
  } else {
    rh_because("SIZ-9", o, "resized from %u to %u bytes, %s, it allocates %u + %u div 16 + %u: %u", size, n,
               n > old ? "more than are allocated" : "16 or more fewer", n, n, size < 8 ? 3 : 7, now);
  }
}

/* The same for a byte array. */
static void note_bytes(uint32_t o, uint32_t size, uint32_t old, uint32_t n) {
  uint32_t now = rh_rt_record(o)->extent;
  if (now == n + final_byte() || now == 0) {
    rh_because("SIZ-8", o, "resized from %u to %u bytes, %s the %u allocated, it is made to size: %u", size, n,
               n < old / 2 ? "less than half of" : "more than an eighth beyond", old, now);
  } else {
    rh_because(
        "SIZ-8", o,
        "resized from %u to %u bytes, at most an eighth beyond the %u allocated, it allocates %u + %u div 8 + %u: %u",
        size, n, old, n, n, n < 9 ? 3 : 6, now);
  }
}

static void note_resize(uint32_t o, uint32_t size, uint32_t old) {
  const struct rh_rt_record *r = rh_rt_record(o);
  bool array = r->kind == RH_RT_ARRAY;
  if (r->extent == old && r->size < size) {
    rh_because(array ? "SIZ-9" : "SIZ-8", o, "resized from %u to %u bytes, %s, it leaves the allocation of %u as it is",
               size, r->size, array ? "less than 16 fewer" : "not less than half of what is allocated", old);
  } else if (r->extent != old && array) {
    note_array(o, size, old, r->size);
  } else if (r->extent != old) {
    note_bytes(o, size, old, r->size);
  }
}

static void resize(uint32_t o, uint32_t n) {
  struct rh_rt_record *r = rh_rt_record(o);
  uint32_t size = r->size, old = r->extent;
  if (n == r->size) return;
  if (r->kind == RH_RT_ARRAY) {
    r->extent = room_of_array(n, r->size, r->extent);
  } else if (n == 0 && !rh_rt_profile.bytearray_final_byte) {
    r->extent = 0;
  } else {
    r->extent = room_of_bytes(n, r->extent);
  }
  r->size = n;
  note_resize(o, size, old);
}

int rh_rt_append_byte(uint32_t o, uint32_t v) {
  if (!rh_rt_is(v, RH_RT_INT)) return RH_RT_TYPE_ERROR;
  if (rh_rt_record(o)->size >= LONGEST) return RH_RT_MEMORY_ERROR;
  resize(o, rh_rt_record(o)->size + 1);
  return RH_RT_OK;
}

int rh_rt_pop_byte(uint32_t o, int64_t i) {
  int64_t size = rh_rt_record(o)->size;
  if (i < 0) i += size;
  if (i < 0 || i >= size) return RH_RT_INDEX_ERROR;
  resize(o, (uint32_t)size - 1);
  return RH_RT_OK;
}

void rh_rt_clear_bytes(uint32_t o) {
  resize(o, 0);
}

uint32_t rh_rt_copy_bytearray(uint32_t o) {
  uint32_t copy = rh_runtime_new_object(RH_RT_BYTEARRAY, 0);
  if (copy == 0) return 0;
  uint32_t n = rh_rt_record(o)->size;
  rh_rt_record(copy)->size = n;
  rh_rt_record(copy)->extent = n == 0 ? 0 : n + final_byte();
  rh_because("SIZ-8", copy, "a copy of %u bytes is made to size: it allocates %u", n, rh_rt_record(copy)->extent);
  return copy;
}
