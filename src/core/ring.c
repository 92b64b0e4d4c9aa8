/* See ring.h. */
#include "core/ring.h"

uint32_t rh_ring_head[RH_RINGS + 1];
uint32_t rh_ring_next[RH_NODES + 1];
uint32_t rh_ring_prev[RH_NODES + 1];

void rh_ring_push(uint32_t r, uint32_t x) {
  uint32_t first = rh_ring_head[r];
  rh_ring_next[x] = first;
  if (first != 0) rh_ring_prev[first] = x;
  rh_ring_head[r] = x;
}

void rh_ring_remove(uint32_t r, uint32_t x) {
  uint32_t after = rh_ring_next[x];
  if (rh_ring_head[r] == x) {
    rh_ring_head[r] = after;
  } else {
    uint32_t before = rh_ring_prev[x];
    rh_ring_next[before] = after;
    if (after != 0) rh_ring_prev[after] = before;
  }
}

void rh_ring_reset(void) {
  for (uint32_t r = 0; r <= RH_RINGS; r++) rh_ring_head[r] = 0;
}
