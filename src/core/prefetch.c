/* See prefetch.h. */
#include "core/prefetch.h"
#include "core/object_state.h"

void rh_prefetch_object(uint32_t o) {
  __builtin_prefetch(&rh_span[o]);
  __builtin_prefetch(&rh_pos[o], 1);
}

void rh_prefetch_slots(uint32_t o) {
  __builtin_prefetch(&rh_slot[rh_span[o].first]);
}
