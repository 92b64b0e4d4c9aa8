/*
 * Sizes as getsizeof reports them (section 12).
 */
#include "runtime/state.h"

enum { DIGIT_BITS = 30, DEQUE_BLOCK_BYTES = 528 };

static int64_t size_of_int(uint32_t digits) {
  return digits == 0 ? rh_rt_profile.int_zero_size : 24 + 4 * (int64_t)digits;
}

/* From 3.12 the singletons of one character above ASCII keep their UTF-8 form,
 * three bytes. */
static int64_t size_of_str(const struct rh_rt_value *v) {
  int64_t n = (int64_t)v->length;
  if (v->widest < 0x80) return rh_rt_profile.str_ascii_header + n;
  int64_t width = v->widest < 0x100 ? 1 : v->widest < 0x10000 ? 2 : 4;
  int64_t utf8 = n == 1 && width == 1 && rh_rt_profile.char_utf8_cached ? 3 : 0;
  return rh_rt_profile.str_wide_header + (n + 1) * width + utf8;
}

static int64_t index_bytes(uint32_t log2) {
  return log2 < 8 ? 1 : log2 < 16 ? 2 : 4;
}

static int64_t size_of_dict(const struct rh_rt_record *r) {
  if (r->log2 == 0) return 64;
  bool small = rh_rt_profile.dict_small_entries && (r->flags & RH_RT_GENERAL) == 0;
  return rh_rt_profile.dict_keys_header + (index_bytes(r->log2) << r->log2) +
         (small ? 16 : 24) * (int64_t)rh_rt_dict_usable(r->log2);
}

static int64_t size_of_deque(const struct rh_rt_record *r) {
  int64_t blocks = ((int64_t)r->extent + r->size + RH_RT_DEQUE_BLOCK - 1) / RH_RT_DEQUE_BLOCK;
  return rh_rt_profile.deque_size + DEQUE_BLOCK_BYTES * (blocks - 1);
}

/* The text of a subclass of str is in a block of its own. */
static int64_t size_of_strsub(const struct rh_rt_value *v) {
  int64_t width = v->widest < 0x100 ? 1 : v->widest < 0x10000 ? 2 : 4;
  return rh_rt_profile.strsub_header + ((int64_t)v->length + 1) * width;
}

/* What an own size method answers, and the headers in front of the object. */
static int64_t size_of_sizer(const struct rh_rt_value *v) {
  if (v->power) return RH_RT_OVERFLOW_ERROR;
  return v->integer < 0 ? RH_RT_VALUE_ERROR : (int64_t)((uint64_t)v->integer + rh_rt_profile.instance_headers);
}

/* 0: not known. */
static int64_t known(uint32_t size) {
  return size != 0 ? (int64_t)size : RH_RT_UNSUPPORTED;
}

/* From 3.15 a byte array is a shell around a bytes object. */
static int64_t size_of_bytearray(const struct rh_rt_record *r) {
  if (r->extent == 0) return rh_rt_profile.bytearray_size;
  return (int64_t)rh_rt_profile.bytearray_size + rh_rt_profile.bytearray_buffer_header + r->extent;
}

static int64_t size_of_other(int constant) {
  switch (constant) {
  case RH_RT_CONST_TRUE:
    return size_of_int(1);
  case RH_RT_CONST_FALSE:
    return size_of_int(0);
  case RH_RT_CONST_ELLIPSIS:
    return 16;
  default:
    return RH_RT_UNSUPPORTED; /* a type: depends on its tables */
  }
}

int64_t rh_runtime_size_of(uint32_t o) {
  if (!rh_object_live(o)) return RH_RT_TYPE_ERROR;
  const struct rh_rt_record *r = rh_rt_record(o);
  switch (r->kind) {
  case RH_RT_NONE:
  case RH_RT_OBJECT:
    return 16;
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
    return rh_rt_profile.node_size;
  case RH_RT_LIST:
    return 56 + 8 * (int64_t)r->extent;
  case RH_RT_TUPLE:
    return rh_rt_profile.tuple_header + 8 * (int64_t)r->size;
  case RH_RT_DICT:
    return size_of_dict(r);
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    return 216 + (r->log2 > 3 ? INT64_C(16) << r->log2 : 0);
  case RH_RT_DEQUE:
    return size_of_deque(r);
  case RH_RT_INT:
    return size_of_int((rh_rt_integer_bits(rh_rt_value(o)) + DIGIT_BITS - 1) / DIGIT_BITS);
  case RH_RT_FLOAT:
    return 24;
  case RH_RT_STR:
    return size_of_str(rh_rt_value(o));
  case RH_RT_BYTES:
    return 33 + (int64_t)rh_rt_value(o)->length;
  case RH_RT_COMPLEX:
    return 32;
  case RH_RT_BYTEARRAY:
    return size_of_bytearray(r);
  case RH_RT_ARRAY:
    return (int64_t)rh_rt_profile.array_size + r->extent;
  case RH_RT_WEAKREF:
  case RH_RT_PROXY:
    return rh_rt_profile.weakref_size;
  case RH_RT_FINALIZE:
    return 32;
  case RH_RT_WVD:
  case RH_RT_WKD:
    return rh_rt_profile.weak_dict_size;
  case RH_RT_LISTFIN:
    return rh_rt_profile.listfin_size + 8 * (int64_t)r->extent;
  case RH_RT_OTHER:
    return size_of_other(r->constant);
  case RH_RT_OBJ:
    return rh_rt_profile.obj_size;
  case RH_RT_BARE:
    return 32;
  case RH_RT_CLASS:
    return known(rh_rt_profile.class_size);
  case RH_RT_FUNC:
    return rh_rt_profile.function_size;
  case RH_RT_SIZER:
    return size_of_sizer(rh_rt_value(o));
  case RH_RT_STRSUB:
    return size_of_strsub(rh_rt_value(o));
  default:
    return RH_RT_UNSUPPORTED;
  }
}
