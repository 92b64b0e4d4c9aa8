/* See pool.h. */
#include "core/pool.h"

struct rh_pool rh_pools[RH_POOLS];
uint16_t rh_pool_link[RH_POOLS][RH_POOL_SPAN];

void rh_pool_open(uint32_t p, uint32_t c) {
  if (rh_pools[p].granules == c) return;
  rh_pools[p].granules = c;
  rh_pools[p].cap = (uint16_t)(RH_POOL_SPAN / c);
  rh_pools[p].fresh = 0;
  rh_pools[p].head = RH_LINK_END;
}

void rh_pool_forget(uint32_t p) {
  rh_pools[p].granules = 0;
  rh_pools[p].cap = 0;
  rh_pools[p].fresh = 0;
}

uint32_t rh_pool_take(uint32_t p) {
  uint32_t i = rh_pools[p].head;
  if (i != RH_LINK_END) {
    rh_pools[p].head = rh_pool_link[p][i];
  } else {
    i = rh_pools[p].fresh;
    rh_pools[p].fresh = (uint16_t)(i + 1);
  }
  rh_pool_link[p][i] = RH_LINK_LIVE;
  rh_pools[p].used = (uint16_t)(rh_pools[p].used + 1);
  return i;
}

bool rh_pool_give(uint32_t p, uint32_t i) {
  if (i >= RH_POOL_SPAN || rh_pool_link[p][i] != RH_LINK_LIVE) return false;
  rh_pool_link[p][i] = rh_pools[p].head;
  rh_pools[p].head = (uint16_t)i;
  rh_pools[p].used = (uint16_t)(rh_pools[p].used - 1);
  return true;
}

void rh_pool_reset(uint32_t p) {
  uint32_t fresh = rh_pools[p].fresh;
  for (uint32_t i = 0; i < fresh; i++) rh_pool_link[p][i] = 0;
  rh_pools[p].used = 0;
  rh_pool_forget(p);
}
