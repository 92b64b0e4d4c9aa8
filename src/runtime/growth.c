/*
 * Capacity schedules by version: see growth.h.
 */
#include "runtime/growth.h"

#include "runtime/state.h"

uint64_t rh_rt_list_presize(uint64_t n, bool extending) {
  switch (rh_rt_profile.list_presize) {
  case RH_PRESIZE_EXACT:
    return extending ? rh_growth_list(n, 0, 0) : n;
  case RH_PRESIZE_EXACT_EXTEND:
    return n;
  default:
    return rh_growth_even(n);
  }
}

uint32_t rh_rt_dict_log2(uint64_t wanted) {
  return rh_rt_profile.dict_round_up_bug ? rh_growth_table_rounded(wanted) : rh_growth_table(wanted);
}

bool rh_rt_is_folded(uint64_t n) {
  uint32_t limit = rh_rt_profile.constant_display_limit;
  return n >= RH_RT_FOLDED_MIN && (limit == 0 || n <= limit);
}
