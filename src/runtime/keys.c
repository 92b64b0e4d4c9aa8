/*
 * Hashing and equality of dict keys and set members. Numbers and tuples of
 * numbers hash as CPython's do, because places in a set's table, and with
 * them the order of release, follow from it. For everything whose hash
 * CPython takes from an address or a random seed any number does that the
 * model takes as well: of an object, how many were hashed before it.
 */
#include "runtime/state.h"
#include <math.h>
#include <string.h>

#define MODULUS ((UINT64_C(1) << 61) - 1)

enum { TUPLE_DEPTH_MAX = 200 };

static int hash_within(uint32_t key, int64_t *hash, int depth);

static uint32_t addresses; /* how many objects have one */

void rh_rt_reset_keys(void) {
  addresses = 0;
}

static uint32_t address_of(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  if (r->address == 0) r->address = ++addresses;
  return r->address;
}

static int64_t hash_real(double value) {
  if (isnan(value)) return 0;
  if (isinf(value)) return value > 0 ? 314159 : -314159;
  int exponent;
  double rest = frexp(fabs(value), &exponent);
  uint64_t hash = 0;
  while (rest != 0) {
    hash = (hash << 28 & MODULUS) | hash >> 33;
    rest *= 268435456.0;
    exponent -= 28;
    uint64_t digit = (uint64_t)rest;
    rest -= (double)digit;
    hash += digit;
    if (hash >= MODULUS) hash -= MODULUS;
  }
  exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
  hash = (hash << exponent & MODULUS) | hash >> (61 - exponent);
  int64_t signed_hash = value < 0 ? -(int64_t)hash : (int64_t)hash;
  return signed_hash == -1 ? -2 : signed_hash;
}

/* The xxHash variant tuples use. */
static int hash_tuple(uint32_t o, int64_t *hash, int depth) {
  const uint64_t p1 = UINT64_C(11400714785074694791), p2 = UINT64_C(14029467366897019727),
                 p5 = UINT64_C(2870177450012600261);
  uint32_t n = rh_rt_record(o)->size;
  uint64_t sum = p5;
  for (uint32_t i = 0; i < n; i++) {
    int64_t lane;
    int error = hash_within(rh_slot_get(o, rh_rt_item_slot(o, i)), &lane, depth + 1);
    if (error != RH_RT_OK) return error;
    sum += (uint64_t)lane * p2;
    sum = sum << 31 | sum >> 33;
    sum *= p1;
  }
  sum += n ^ (p5 ^ UINT64_C(3527539));
  *hash = sum == UINT64_MAX ? 1546275796 : (int64_t)sum;
  return RH_RT_OK;
}

/* The xor of the members' hashes, each spread first, and of their number. */
static int hash_frozenset(uint32_t o, int64_t *hash, int depth) {
  uint64_t all = 0;
  for (uint32_t i = 0; i < rh_rt_record(o)->size; i++) {
    int64_t one;
    int error = hash_within(rh_rt_set_member(o, i), &one, depth + 1);
    if (error != RH_RT_OK) return error;
    uint64_t h = (uint64_t)one;
    all ^= ((h ^ UINT64_C(89869747)) ^ (h << 16)) * UINT64_C(3644798167);
  }
  all ^= ((uint64_t)rh_rt_record(o)->size + 1) * UINT64_C(1927868237);
  all ^= (all >> 11) ^ (all >> 25);
  all = all * 69069U + UINT64_C(907133923);
  *hash = all == UINT64_MAX ? 590923713 : (int64_t)all;
  return RH_RT_OK;
}

/* A weak reference hashes as its referent did when first asked. */
static int hash_weakref(uint32_t w, int64_t *hash, int depth) {
  struct rh_rt_record *r = rh_rt_record(w);
  if ((r->flags & RH_RT_HASHED) == 0) {
    uint32_t o = rh_runtime_referent(w);
    int64_t of_referent;
    if (o == 0 || hash_within(o, &of_referent, depth + 1) != RH_RT_OK) return RH_RT_TYPE_ERROR;
    r->extent = address_of(o);
    r->flags |= RH_RT_HASHED;
  }
  *hash = r->extent;
  return RH_RT_OK;
}

static int hash_within(uint32_t key, int64_t *hash, int depth) {
  const struct rh_rt_value *v;
  if (depth > TUPLE_DEPTH_MAX) return RH_RT_UNSUPPORTED;
  switch (rh_rt_record(key)->kind) {
  case RH_RT_INT:
    *hash = rh_rt_integer_hash(rh_rt_value(key));
    return RH_RT_OK;
  case RH_RT_FLOAT:
    *hash = hash_real(rh_rt_value(key)->real);
    return RH_RT_OK;
  case RH_RT_COMPLEX:
    v = rh_rt_value(key);
    *hash = (int64_t)((uint64_t)hash_real(v->real) + 1000003 * (uint64_t)hash_real(v->imaginary));
    if (*hash == -1) *hash = -2;
    return RH_RT_OK;
  case RH_RT_STR:
  case RH_RT_STRSUB:
  case RH_RT_BYTES:
    *hash = rh_rt_value(key)->hash;
    return RH_RT_OK;
  case RH_RT_TUPLE:
    return hash_tuple(key, hash, depth);
  case RH_RT_WEAKREF:
    return hash_weakref(key, hash, depth);
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
  case RH_RT_DICT:
  case RH_RT_SET:
  case RH_RT_DEQUE:
  case RH_RT_BYTEARRAY:
  case RH_RT_ARRAY:
  case RH_RT_WVD:
  case RH_RT_WKD:
    return RH_RT_TYPE_ERROR;
  case RH_RT_PROXY:
    return rh_rt_profile.proxy_hashes ? RH_RT_UNSUPPORTED : RH_RT_TYPE_ERROR;
  case RH_RT_FROZENSET:
    return hash_frozenset(key, hash, depth);
  case RH_RT_OTHER:
    if (rh_rt_record(key)->constant == RH_RT_CONST_TRUE || rh_rt_record(key)->constant == RH_RT_CONST_FALSE) {
      *hash = rh_rt_record(key)->constant == RH_RT_CONST_TRUE;
      return RH_RT_OK;
    }
    break;
  default:
    break;
  }
  *hash = address_of(key);
  return RH_RT_OK;
}

int rh_rt_hash(uint32_t key, int64_t *hash) {
  if (!rh_object_live(key)) return RH_RT_TYPE_ERROR;
  return hash_within(key, hash, 0);
}

/* The value of a number, bools included; false for anything else. */
static bool is_number(uint32_t o, struct rh_rt_value *number) {
  switch (rh_rt_record(o)->kind) {
  case RH_RT_INT:
  case RH_RT_FLOAT:
  case RH_RT_COMPLEX:
    *number = *rh_rt_value(o);
    return true;
  case RH_RT_OTHER:
    *number = (struct rh_rt_value){.integer = rh_rt_record(o)->constant == RH_RT_CONST_TRUE};
    return rh_rt_record(o)->constant == RH_RT_CONST_TRUE || rh_rt_record(o)->constant == RH_RT_CONST_FALSE;
  default:
    return false;
  }
}

/* An int equals a float when the float is exactly that whole number. */
static bool int_equals_real(const struct rh_rt_value *i, double real) {
  if (i->power) {
    double rest = (i->negative ? -real : real) - ldexp(1.0, (int)(i->power < 4096 ? i->power : 4096));
    return rest >= -0x1p63 && rest < 0x1p63 && (int64_t)rest == i->integer;
  }
  return real >= -0x1p63 && real < 0x1p63 && (double)(int64_t)real == real && (int64_t)real == i->integer;
}

static bool is_real(uint32_t o) {
  return rh_rt_record(o)->kind == RH_RT_FLOAT || rh_rt_record(o)->kind == RH_RT_COMPLEX;
}

static bool numbers_equal(uint32_t a, uint32_t b) {
  struct rh_rt_value x, y;
  if (!is_number(a, &x) || !is_number(b, &y)) return false;
  if (x.imaginary != y.imaginary) return false;
  bool x_real = is_real(a), y_real = is_real(b);
  if (x_real && y_real) return x.real == y.real;
  if (x_real) return int_equals_real(&y, x.real);
  if (y_real) return int_equals_real(&x, y.real);
  return x.power == y.power && x.integer == y.integer && x.negative == y.negative;
}

static bool tuples_equal(uint32_t a, uint32_t b) {
  uint32_t n = rh_rt_record(a)->size;
  if (n != rh_rt_record(b)->size) return false;
  for (uint32_t i = 0; i < n; i++) {
    if (!rh_rt_keys_equal(rh_slot_get(a, i), rh_slot_get(b, i))) return false;
  }
  return true;
}

static bool frozensets_equal(uint32_t a, uint32_t b) {
  uint32_t n = rh_rt_record(a)->size, found = 0;
  if (n != rh_rt_record(b)->size) return false;
  for (uint32_t i = 0; i < n; i++) {
    for (uint32_t k = 0; k < n; k++) found += rh_rt_keys_equal(rh_rt_set_member(a, i), rh_rt_set_member(b, k));
  }
  return found == n;
}

/* Live references compare as their referents, dead ones by identity. */
static bool weakrefs_equal(uint32_t a, uint32_t b) {
  uint32_t x = rh_runtime_referent(a), y = rh_runtime_referent(b);
  return x != 0 && x == y;
}

static bool is_text(int kind) {
  return kind == RH_RT_STR || kind == RH_RT_STRSUB;
}

static bool texts_equal(const struct rh_rt_value *x, const struct rh_rt_value *y) {
  return x->hash == y->hash && x->bytes == y->bytes && memcmp(x->text, y->text, x->bytes) == 0;
}

static bool bytes_equal(const struct rh_rt_value *x, const struct rh_rt_value *y) {
  if (x->length != y->length || x->hash != y->hash) return false;
  return x->text == y->text || (x->text && y->text && memcmp(x->text, y->text, x->length) == 0);
}

bool rh_rt_keys_equal(uint32_t a, uint32_t b) {
  if (a == b) return true;
  if (is_text(rh_rt_record(a)->kind) && is_text(rh_rt_record(b)->kind))
    return texts_equal(rh_rt_value(a), rh_rt_value(b));
  if (rh_rt_record(a)->kind != rh_rt_record(b)->kind) return numbers_equal(a, b);
  switch (rh_rt_record(a)->kind) {
  case RH_RT_INT:
  case RH_RT_FLOAT:
  case RH_RT_COMPLEX:
    return numbers_equal(a, b);
  case RH_RT_BYTES:
    return bytes_equal(rh_rt_value(a), rh_rt_value(b));
  case RH_RT_TUPLE:
    return tuples_equal(a, b);
  case RH_RT_FROZENSET:
    return frozensets_equal(a, b);
  case RH_RT_WEAKREF:
    return weakrefs_equal(a, b);
  default:
    return false;
  }
}
