/*
 * Capacity formulas (11.1-11.6).
 */
#include "runtime/growth.h"

#include "runtime/state.h"

uint64_t rh_rt_list_capacity(uint64_t wanted, uint64_t size, uint64_t capacity) {
  if (capacity >= wanted && wanted >= capacity / 2) return capacity;
  if (wanted == 0) return 0;
  uint64_t roomy = (wanted + wanted / 8 + 6) & ~UINT64_C(3);
  if (wanted > size && wanted - size > roomy - wanted) return (wanted + 3) & ~UINT64_C(3);
  return roomy;
}

uint64_t rh_rt_list_presize(uint64_t n, bool extending) {
  switch (rh_rt_profile.list_presize) {
  case RH_PRESIZE_EXACT:
    return extending ? rh_rt_list_capacity(n, 0, 0) : n;
  case RH_PRESIZE_EXACT_EXTEND:
    return n;
  default:
    return (n + 1) & ~UINT64_C(1);
  }
}

static uint32_t bit_length(uint64_t n) {
  uint32_t bits = 0;
  for (; n != 0; n >>= 1) bits++;
  return bits;
}

uint32_t rh_rt_dict_log2(uint64_t wanted) {
  if (rh_rt_profile.dict_round_up_bug) return bit_length(((wanted | 8) - 1) | 7);
  return wanted <= 8 ? 3 : bit_length(wanted - 1);
}

uint32_t rh_rt_set_log2(uint64_t used) {
  return used < 8 ? 3 : bit_length(used);
}
