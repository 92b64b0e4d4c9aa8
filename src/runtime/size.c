/*
 * Sizes as getsizeof reports them (section 12).
 */
#include "rules/evidence.h"
#include "runtime/state.h"

#include <inttypes.h>

enum { DIGIT_BITS = 30, DEQUE_BLOCK_BYTES = 528, DICT_BYTES = 64 };

static uint32_t digits_of(uint32_t bits) {
  return (bits + DIGIT_BITS - 1) / DIGIT_BITS;
}

/* Bytes a character of a string takes. */
static uint32_t width_of(uint32_t widest) {
  return widest < 0x100 ? 1 : widest < 0x10000 ? 2 : 4;
}

static int64_t size_of_int(uint32_t digits) {
  return digits == 0 ? rh_rt_profile.int_zero_size : 24 + 4 * (int64_t)digits;
}

/* From 3.12 the singletons of one character above ASCII keep their UTF-8 form,
 * three bytes. */
static int64_t size_of_str(const struct rh_rt_value *v) {
  int64_t n = (int64_t)v->length;
  if (v->widest < 0x80) return rh_rt_profile.str_ascii_header + n;
  int64_t width = width_of(v->widest);
  int64_t utf8 = n == 1 && width == 1 && rh_rt_profile.char_utf8_cached ? 3 : 0;
  return rh_rt_profile.str_wide_header + (n + 1) * width + utf8;
}

static int64_t index_bytes(uint32_t log2) {
  return log2 < 8 ? 1 : log2 < 16 ? 2 : 4;
}

static int64_t size_of_dict(const struct rh_rt_record *r) {
  if (r->log2 == 0) return DICT_BYTES;
  bool small = rh_rt_profile.dict_small_entries && (r->flags & RH_RT_GENERAL) == 0;
  return rh_rt_profile.dict_keys_header + (index_bytes(r->log2) << r->log2) +
         (small ? 16 : 24) * (int64_t)rh_rt_dict_usable(r->log2);
}

static int64_t blocks_of_deque(const struct rh_rt_record *r) {
  return ((int64_t)r->extent + r->size + RH_RT_DEQUE_BLOCK - 1) / RH_RT_DEQUE_BLOCK;
}

static int64_t size_of_deque(const struct rh_rt_record *r) {
  return rh_rt_profile.deque_size + DEQUE_BLOCK_BYTES * (blocks_of_deque(r) - 1);
}

/* The text of a subclass of str is in a block of its own. */
static int64_t size_of_strsub(const struct rh_rt_value *v) {
  int64_t width = width_of(v->widest);
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

/* ---- what a size is the sum of: notes about no object, since they change none ---- */

static void note_str(const struct rh_rt_value *v) {
  uint32_t header = rh_rt_profile.str_wide_header;
  if (v->widest < 0x80) {
    rh_because("SIZ-3", 0, "an ASCII string takes %u bytes and its length: %u + %" PRIu64,
               rh_rt_profile.str_ascii_header, rh_rt_profile.str_ascii_header, v->length);
  } else {
    bool utf8 = v->length == 1 && v->widest < 0x100 && rh_rt_profile.char_utf8_cached;
    rh_because("SIZ-3", 0,
               "the widest of its characters is U+%04X, so each takes %u: %u + (%" PRIu64 " + 1) * %u bytes%s",
               v->widest, width_of(v->widest), header, v->length, width_of(v->widest),
               utf8 ? " and 3 for the UTF-8 form that the shared object of this character keeps" : "");
  }
}

static void note_dict(const struct rh_rt_record *r) {
  bool small = rh_rt_profile.dict_small_entries && (r->flags & RH_RT_GENERAL) == 0;
  if (r->log2 == 0) {
    rh_because("SIZ-6", 0, "a dict without a table takes 64 bytes");
    return;
  }
  rh_because(
      "SIZ-6", 0,
      "a table of %u slots: 64 + %u bytes for the dict and its table's header, %u * %d for the index, %u * %d for "
      "the usable entries%s",
      1u << r->log2, rh_rt_profile.dict_keys_header - DICT_BYTES, 1u << r->log2, (int)index_bytes(r->log2),
      rh_rt_dict_usable(r->log2), small ? 16 : 24,
      small                              ? " (all keys are strings)"
      : rh_rt_profile.dict_small_entries ? " (not all keys were strings)"
                                         : "");
}

static void note_set(const struct rh_rt_record *r) {
  if (r->log2 <= 3) {
    rh_because("SIZ-6", 0, "a set within its own 8 slots takes 216 bytes");
  } else {
    rh_because("SIZ-6", 0, "a table of %u slots beyond its own 8: 216 + 16 * %u bytes", 1u << r->log2, 1u << r->log2);
  }
}

static void note_bytearray(const struct rh_rt_record *r) {
  uint32_t header = rh_rt_profile.bytearray_size, buffer = rh_rt_profile.bytearray_buffer_header;
  if (r->extent == 0) {
    rh_because("SIZ-8", 0, "a byte array without an allocation takes %u bytes", header);
  } else if (buffer != 0) {
    rh_because("SIZ-8", 0, "%u bytes, and a bytes object of %u and the allocation of %u", header, buffer, r->extent);
  } else {
    rh_because("SIZ-8", 0, "%u bytes and the allocation of %u, a zero byte at the end included", header, r->extent);
  }
}

static void note_container(const struct rh_rt_record *r) {
  switch (r->kind) {
  case RH_RT_LIST:
    rh_because("SIZ-4", 0, "16 bytes for the collector, 40 for the list and 8 * %u for its room for %u", r->extent,
               r->extent);
    break;
  case RH_RT_LISTFIN:
    rh_because("SIZ-5", 0, "%u bytes for an instance of a subclass of list and 8 * %u for its room for %u",
               rh_rt_profile.listfin_size, r->extent, r->extent);
    break;
  case RH_RT_TUPLE:
    rh_because("SIZ-4", 0, "16 bytes for the collector, %u for the tuple and 8 * %u for its items",
               rh_rt_profile.tuple_header - 16, r->size);
    break;
  case RH_RT_DICT:
    note_dict(r);
    break;
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    note_set(r);
    break;
  case RH_RT_DEQUE:
    rh_because("SIZ-7", 0,
               "%u bytes and 528 for each block of 64, of which %u items from place %u of the first on take %" PRId64,
               rh_rt_profile.deque_size - DEQUE_BLOCK_BYTES, r->size, r->extent, blocks_of_deque(r));
    break;
  case RH_RT_BYTEARRAY:
    note_bytearray(r);
    break;
  case RH_RT_ARRAY:
    rh_because("SIZ-9", 0, "an array takes %u bytes and its allocation of %u", rh_rt_profile.array_size, r->extent);
    break;
  default:
    break;
  }
}

/* The headers in front of an instance are counted: the collector's, and from 3.12 one for dict and weak references. */
static void note_instance(uint32_t o, const struct rh_rt_record *r) {
  switch (r->kind) {
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
    rh_because("SIZ-5", 0, "16 bytes for the collector, 16 for count and type, 3 slots of 8, %s for weak references",
               rh_rt_profile.node_size == 64 ? "8" : "16 in front");
    break;
  case RH_RT_OBJ:
    rh_because("OBJ-1", 0,
               "16 bytes for the collector, 16 for count and type, %u for dict and weak references, nothing for the "
               "attributes",
               rh_rt_profile.obj_size - 32);
    break;
  case RH_RT_BARE:
    rh_because("OBJ-1", 0,
               "an instance of a class with empty slots takes 16 bytes for the collector and 16 for count and type");
    break;
  case RH_RT_SIZER:
    rh_because("OBJ-2", 0, "its own method answers %" PRId64 "%s, %u are added for the headers in front",
               rh_rt_value(o)->integer, rh_rt_value(o)->power ? " or more" : "", rh_rt_profile.instance_headers);
    break;
  case RH_RT_STRSUB:
    rh_because("OBJ-3", 0, "a header of %u and (%" PRIu64 " + 1) * %u for the characters, in a block of their own",
               rh_rt_profile.strsub_header, rh_rt_value(o)->length, width_of(rh_rt_value(o)->widest));
    break;
  case RH_RT_CLASS:
    if (rh_rt_profile.class_size == 0) break; /* it is not known */
    rh_because("CLS-4", 0, "a class takes %u bytes, whatever attributes it has", rh_rt_profile.class_size);
    break;
  case RH_RT_FUNC:
    rh_because("FUN-1", 0, "a function takes %u bytes", rh_rt_profile.function_size);
    break;
  case RH_RT_WEAKREF:
  case RH_RT_PROXY:
    rh_because("SIZ-7", 0, "16 bytes for the collector, 16 for count and type, and %u fields of 8",
               (rh_rt_profile.weakref_size - 32) / 8);
    break;
  case RH_RT_FINALIZE:
    rh_because("SIZ-10", 0,
               "an instance without slots or attributes: 16 bytes for the collector, 16 for count and type");
    break;
  case RH_RT_WVD:
  case RH_RT_WKD:
    rh_because("SIZ-10", 0,
               "as an instance of any class: 16 bytes for the collector, 16 for count and type, %u for dict and weak "
               "references, nothing for what is in it",
               rh_rt_profile.weak_dict_size - 32);
    break;
  default:
    break;
  }
}

static void note_integer(uint32_t bits) {
  uint32_t digits = digits_of(bits);
  if (digits == 0) {
    rh_because("SIZ-2", 0,
               rh_rt_profile.int_zero_size == 24 ? "zero has no digits: 24 bytes"
                                                 : "zero counts as one digit: 24 + 4 bytes");
  } else {
    rh_because("SIZ-2", 0, "bit length %u, so %u of the digits of 30 bits: 24 + 4 * %u bytes", bits, digits, digits);
  }
}

static void note_plain(void) {
  rh_because("SIZ-1", 0, "8 bytes for the count and 8 for the type, and nothing else");
}

/* True and False are the integers 1 and 0. */
static void note_other(int constant) {
  if (constant == RH_RT_CONST_TRUE || constant == RH_RT_CONST_FALSE) note_integer(constant == RH_RT_CONST_TRUE);
  if (constant == RH_RT_CONST_ELLIPSIS) note_plain();
}

static void note_value(uint32_t o, const struct rh_rt_record *r) {
  switch (r->kind) {
  case RH_RT_OTHER:
    note_other(r->constant);
    break;
  case RH_RT_INT:
    note_integer(rh_rt_integer_bits(rh_rt_value(o)));
    break;
  case RH_RT_STR:
    note_str(rh_rt_value(o));
    break;
  case RH_RT_BYTES:
    rh_because("SIZ-7", 0, "bytes take 33 and their length: 33 + %" PRIu64, rh_rt_value(o)->length);
    break;
  case RH_RT_NONE:
  case RH_RT_OBJECT:
    note_plain();
    break;
  case RH_RT_FLOAT:
    rh_because("SIZ-1", 0, "16 bytes for count and type, and 8 for the number");
    break;
  case RH_RT_COMPLEX:
    rh_because("SIZ-1", 0, "16 bytes for count and type, and 8 for each of two numbers");
    break;
  default:
    break;
  }
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
  if (rh_evidence_kept) {
    note_container(r);
    note_instance(o, r);
    note_value(o, r);
  }
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
    return size_of_int(digits_of(rh_rt_integer_bits(rh_rt_value(o))));
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
