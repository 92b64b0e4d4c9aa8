/* See pool.h. */
#include "core/pool.h"

struct rh_pool rh_pools[RH_POOLS];
uint16_t rh_pool_link[RH_POOLS + 1][RH_POOL_SPAN];
/*@ ghost uint16_t rh_pool_order[RH_POOLS][RH_POOL_SPAN + 1]; */
/*@ ghost uint16_t rh_pool_lives[RH_POOLS][RH_POOL_SPAN]; */
/*@ ghost uint16_t rh_pool_place[RH_POOLS][RH_POOL_SPAN]; */

void rh_pool_open(uint32_t p, uint32_t c) {
  if (rh_pools[p].granules == c) return;
  rh_pools[p].granules = c;
  rh_pools[p].cap = (uint16_t)(RH_POOL_SPAN / c);
  rh_pools[p].fresh = 0;
  rh_pools[p].head = RH_LINK_END;
  /*@ ghost rh_pool_order[p][0] = RH_LINK_END; */
}

void rh_pool_forget(uint32_t p) {
  rh_pools[p].granules = 0;
  rh_pools[p].cap = 0;
  rh_pools[p].fresh = 0;
}

uint32_t rh_pool_take(uint32_t p) {
  uint32_t i = rh_pools[p].head;
  if (i != RH_LINK_END) {
    /*@ assert listed: pool_listed(p) >= 1; */
    /*@ assert below: rh_pool_link[p][i] == rh_pool_order[p][pool_listed(p) - 1]; */
    rh_pools[p].head = rh_pool_link[p][i];
  } else {
    /*@ assert unlisted: pool_listed(p) == 0; */
    i = rh_pools[p].fresh;
    rh_pools[p].fresh = (uint16_t)(i + 1);
  }
  rh_pool_link[p][i] = RH_LINK_LIVE;
  /*@ ghost rh_pool_lives[p][rh_pools[p].used] = (uint16_t)i; */
  /*@ ghost rh_pool_place[p][i] = rh_pools[p].used; */
  rh_pools[p].used = (uint16_t)(rh_pools[p].used + 1);
  return i;
}

void rh_pool_give(uint32_t p, uint32_t i) {
  rh_pool_link[p][i] = rh_pools[p].head;
  rh_pools[p].head = (uint16_t)i;
  /*@ assert counted: rh_pools[p].used >= 1; */
  rh_pools[p].used = (uint16_t)(rh_pools[p].used - 1);
  /*@ ghost rh_pool_lives[p][rh_pool_place[p][i]] = rh_pool_lives[p][rh_pools[p].used]; */
  /*@ ghost rh_pool_place[p][rh_pool_lives[p][rh_pools[p].used]] = rh_pool_place[p][i]; */
  /*@ ghost rh_pool_order[p][rh_pools[p].fresh - rh_pools[p].used] = (uint16_t)i; */
  /*@ ghost rh_pool_place[p][i] = (uint16_t)(rh_pools[p].fresh - rh_pools[p].used); */
}

void rh_pool_reset(uint32_t p) {
  uint32_t fresh = rh_pools[p].fresh;
  /*@ loop invariant range: 0 <= i <= fresh;
      loop invariant below: \forall integer j; 0 <= j < i ==> !block_live(p, j);
      loop invariant above: \forall integer j; fresh <= j < RH_POOL_SPAN ==> !block_live(p, j);
      loop assigns i, rh_pool_link[p][0 .. RH_POOL_SPAN - 1];
      loop variant fresh - i;
  */
  for (uint32_t i = 0; i < fresh; i++) rh_pool_link[p][i] = 0;
  rh_pools[p].used = 0;
  rh_pools[p].granules = 0;
  rh_pools[p].cap = 0;
  rh_pools[p].fresh = 0;
}
