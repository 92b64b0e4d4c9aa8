/*
 * Ints beyond 64 bits: +-(2**power + offset), exactly, with power at least 63.
 *
 * A value has one representation: power is its bit length less one as long as
 * the offset then fits, else one more with a negative offset; from 2**66 on the
 * values held lie within 2**63 of a power of two, and no two powers meet.
 */
#include "rules/evidence.h"
#include "runtime/state.h"

#include <inttypes.h>

enum { WORD_POWER = 63, WIDE_POWER = 66, HASH_BITS = 61 };

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 wide_magnitude;

static uint32_t new_huge(bool negative, uint32_t power, int64_t offset) {
  uint32_t o = rh_rt_new_value(RH_RT_INT);
  if (o == 0) return 0;
  struct rh_rt_value *v = rh_rt_value(o);
  v->negative = negative;
  v->power = power;
  v->integer = offset;
  rh_because("INT-1", o, "an int of %" PRIu32 " bits is a fresh object", rh_rt_integer_bits(v));
  return o;
}

static uint32_t new_wide(wide value) {
  if (value >= INT64_MIN && value <= INT64_MAX) return rh_runtime_new_int((int64_t)value);
  bool negative = value < 0;
  wide_magnitude magnitude = negative ? 0 - (wide_magnitude)value : (wide_magnitude)value;
  uint32_t power = WORD_POWER;
  while (magnitude >> power >> 1 != 0) power++;
  wide offset = (wide)(magnitude - ((wide_magnitude)1 << power));
  if (offset > INT64_MAX) offset = (wide)magnitude - ((wide)1 << ++power);
  return offset >= INT64_MIN ? new_huge(negative, power, (int64_t)offset) : 0;
}

uint32_t rh_runtime_new_big(bool negative, uint32_t power, int64_t offset) {
  if (power < WORD_POWER) return 0;
  if (power > WIDE_POWER) return new_huge(negative, power, offset);
  wide value = ((wide)1 << power) + offset;
  return new_wide(negative ? -value : value);
}

uint32_t rh_runtime_add_int(uint32_t o, int64_t n) {
  if (!rh_rt_is(o, RH_RT_INT)) return 0;
  const struct rh_rt_value *v = rh_rt_value(o);
  if (v->power == 0) return new_wide((wide)v->integer + n);
  if (v->power <= WIDE_POWER) {
    wide value = ((wide)1 << v->power) + v->integer;
    return new_wide((v->negative ? -value : value) + n);
  }
  int64_t offset;
  bool beyond =
      v->negative ? __builtin_sub_overflow(v->integer, n, &offset) : __builtin_add_overflow(v->integer, n, &offset);
  return beyond ? 0 : new_huge(v->negative, v->power, offset);
}

uint32_t rh_rt_integer_bits(const struct rh_rt_value *v) {
  if (v->power != 0) return v->power + (v->integer >= 0);
  uint64_t magnitude = v->integer < 0 ? 0 - (uint64_t)v->integer : (uint64_t)v->integer;
  uint32_t bits = 0;
  for (; magnitude != 0; magnitude >>= 1) bits++;
  return bits;
}

/* The remainder of the magnitude by 2**61 - 1, with the sign, never -1; 2**61
 * is 1 in that modulus, so a factor of two is a rotation of 61 bits. */
int64_t rh_rt_integer_hash(const struct rh_rt_value *v) {
  const int64_t modulus = (INT64_C(1) << HASH_BITS) - 1;
  int64_t hash = v->integer % modulus;
  if (v->power != 0) {
    hash = (hash + (INT64_C(1) << v->power % HASH_BITS)) % modulus;
    if (hash < 0) hash += modulus;
    if (v->negative) hash = -hash;
  }
  return hash == -1 ? -2 : hash;
}
