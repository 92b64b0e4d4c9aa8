/*
 * Keys of dicts and members of sets: how they hash, and when they are equal.
 *
 * Numbers and tuples of numbers hash as CPython's do (DCT-9). For what CPython takes from an address or from a seed any
 * number does, but the order in which a set lets go hangs on it (RC-16), and two engines with numbers of their own would
 * contradict each other. So both hash a text by the same sum and an object by how many were hashed before it.
 */
#include "model/heap.h"

#include <math.h>
#include <string.h>

enum { DEEPEST_KEY = 1000, MODULUS_BITS = 61, MANTISSA_BITS = 53, LANE_BITS = 31, OF_INFINITY = 314159 };

#define MODULUS ((UINT64_C(1) << MODULUS_BITS) - 1)

static uint64_t addresses; /* how many objects have one */

void rh_m_keys_reset(void) {
  addresses = 0;
}

/* Is it a number, and is it a whole one of 64 bits? */
static bool number_of(const struct object *o, bool *whole, int64_t *integer, double *real) {
  bool truth = o->kind == RH_MODEL_OTHER && o->label != RH_MODEL_CONST_ELLIPSIS && o->label <= RH_MODEL_CONST_FALSE;
  if (o->kind != RH_MODEL_INT && o->kind != RH_MODEL_FLOAT && !truth) return false;
  if (o->kind == RH_MODEL_FLOAT) {
    *real = o->real;
    *whole = o->real >= -0x1p63 && o->real < 0x1p63 && (double)(int64_t)o->real == o->real;
    *integer = *whole ? (int64_t)o->real : 0;
  } else {
    *whole = o->number.exponent == 0;
    *integer = o->number.integer;
    *real = *whole ? (double)o->number.integer : 1;
    for (uint32_t k = o->number.exponent; k && *real <= 0x1p1023; k--) *real *= 2;
  }
  return true;
}

/* --- hashes --- */

/* -1 would be an error. */
static uint64_t with_sign(bool negative, uint64_t hash) {
  hash = negative ? 0 - hash : hash;
  return hash == UINT64_MAX ? hash - 1 : hash;
}

/* The remainder of n * 2**exponent, of n below the modulus: the bits go round. */
static uint64_t shifted(uint64_t n, int64_t exponent) {
  unsigned bits = (unsigned)((exponent % MODULUS_BITS + MODULUS_BITS) % MODULUS_BITS);
  return (n << bits & MODULUS) | n >> (MODULUS_BITS - bits);
}

static uint64_t hash_of_integer(int64_t integer) {
  return with_sign(false, (uint64_t)(integer % (int64_t)MODULUS));
}

static uint64_t hash_of_real(double real) {
  int exponent = 0;
  if (isnan(real)) return 0;
  if (isinf(real)) return with_sign(real < 0, OF_INFINITY);
  double mantissa = ldexp(frexp(fabs(real), &exponent), MANTISSA_BITS);
  return with_sign(real < 0, shifted((uint64_t)mantissa, exponent - MANTISSA_BITS));
}

uint64_t rh_m_hash_text(const char *bytes, size_t n) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
  hash ^= hash >> 29;
  return hash == UINT64_MAX ? 0 : hash;
}

static uint64_t hash_of_address(struct object *o) {
  if (!o->address) o->address = ++addresses;
  return o->address;
}

static int hash_to(struct object *o, uint64_t *hash, int depth);

/* Each item is a lane; the number of items comes last. */
static int hash_of_tuple(const struct object *o, uint64_t *hash, int depth) {
  const uint64_t first = UINT64_C(11400714785074694791), second = UINT64_C(14029467366897019727),
                 fifth = UINT64_C(2870177450012600261);
  uint64_t all = fifth, lane;
  if (depth == DEEPEST_KEY) return RH_MODEL_UNSUPPORTED;
  for (size_t i = 0; i < o->length; i++) {
    int error = hash_to(o->slots[i]->to, &lane, depth + 1);
    if (error) return error;
    all += lane * second;
    all = (all << LANE_BITS | all >> (64 - LANE_BITS)) * first;
  }
  all += o->length ^ fifth ^ 3527539;
  *hash = all == UINT64_MAX ? 1546275796 : all;
  return RH_MODEL_OK;
}

/* The hash of what it refers to, asked for while that lives. */
static int hash_of_weakref(struct object *o, uint64_t *hash, int depth) {
  if (!o->weak.hashed && !o->weak.referent) return RH_MODEL_TYPE_ERROR;
  int error = o->weak.hashed ? RH_MODEL_OK : hash_to(o->weak.referent, &o->weak.hash, depth);
  if (error) return error;
  o->weak.hashed = true;
  *hash = o->weak.hash;
  return RH_MODEL_OK;
}

static int hash_to(struct object *o, uint64_t *hash, int depth) {
  bool whole;
  int64_t integer;
  double real;
  if (number_of(o, &whole, &integer, &real)) {
    bool large = o->kind == RH_MODEL_INT && !whole;
    *hash = whole ? hash_of_integer(integer) : large ? shifted(1, o->number.exponent) : hash_of_real(real);
    return RH_MODEL_OK;
  }
  switch (o->kind) {
  case RH_MODEL_STR:
    *hash = rh_m_hash_text(o->text.utf8, o->text.size);
    return RH_MODEL_OK;
  case RH_MODEL_BYTES:
    *hash = (uint64_t)o->number.integer;
    return RH_MODEL_OK;
  case RH_MODEL_TUPLE:
    return hash_of_tuple(o, hash, depth);
  case RH_MODEL_WEAKREF:
    return hash_of_weakref(o, hash, depth);
  case RH_MODEL_PROXY:
    return rh_m.params.proxy_hashes ? RH_MODEL_UNSUPPORTED : RH_MODEL_TYPE_ERROR; /* WR-15 */
  case RH_MODEL_LIST:
  case RH_MODEL_LISTFIN:
  case RH_MODEL_DICT:
  case RH_MODEL_SET:
  case RH_MODEL_DEQUE:
  case RH_MODEL_BYTEARRAY:
  case RH_MODEL_ARRAY:
    return RH_MODEL_TYPE_ERROR;
  default:
    *hash = hash_of_address(o);
    return RH_MODEL_OK;
  }
}

int rh_m_hash(struct object *o, uint64_t *hash) {
  return hash_to(o, hash, 0);
}

/* --- equality --- */

/* Of two numbers that are not both whole: an int of more than 64 bits is a power of two. */
static bool same_number(const struct object *a, double x, const struct object *b, double y) {
  if (a->kind == RH_MODEL_INT && b->kind == RH_MODEL_INT) return a->number.exponent == b->number.exponent;
  return x == y && (a->kind == b->kind || !isinf(x));
}

bool rh_m_same_text(const struct object *a, const struct object *b) {
  return a->text.size == b->text.size && memcmp(a->text.utf8, b->text.utf8, a->text.size) == 0;
}

bool rh_m_equal(const struct object *a, const struct object *b) {
  bool whole_a, whole_b;
  int64_t i, j;
  double x, y;
  if (a == b) return true;
  if (number_of(a, &whole_a, &i, &x) && number_of(b, &whole_b, &j, &y))
    return whole_a && whole_b ? i == j : whole_a == whole_b && same_number(a, x, b, y);
  if (a->kind != b->kind) return false;
  if (a->kind == RH_MODEL_STR) return rh_m_same_text(a, b);
  if (a->kind == RH_MODEL_BYTES) return a->number.integer == b->number.integer;
  if (a->kind == RH_MODEL_WEAKREF) return a->weak.referent && a->weak.referent == b->weak.referent;
  if (a->kind != RH_MODEL_TUPLE || a->length != b->length) return false;
  for (size_t k = 0; k < a->length; k++)
    if (!rh_m_equal(a->slots[k]->to, b->slots[k]->to)) return false;
  return true;
}
