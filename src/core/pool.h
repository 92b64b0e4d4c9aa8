/*
 * One pool: RH_POOL_GRANULES granules that serve blocks of one size class.
 *
 * The first RH_POOL_HEADER granules of a pool stay unused: that is where
 * CPython keeps the pool's header, so block counts and offsets agree with it.
 * Ours is out of band: a free block's link, or RH_LINK_LIVE for a live block,
 * stands in rh_pool_link, so no block ever holds the heap's own data and a
 * double free is one look-up.
 *
 * Invariants, for every pool with a class:
 *   used <= fresh <= cap, and cap = RH_POOL_SPAN / granules;
 *   blocks below fresh are live or on the free list, exactly once;
 *   the free list (head, then links) ends in RH_LINK_END and has fresh - used
 *   members; blocks from fresh on were never handed out.
 * A pool with used = 0 is free. It remembers its class, so that the next pool
 * of that class goes on with its free list as CPython's does.
 *
 * Everything here takes constant time, but for the reset.
 */
#ifndef RH_CORE_POOL_H
#define RH_CORE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"

enum {
  RH_LINK_END = 0xFFFE, /* ends a free list */
  RH_LINK_LIVE = 0xFFFF /* marks a live block */
};

struct rh_pool {
  uint16_t head;     /* first free block, or RH_LINK_END */
  uint16_t fresh;    /* blocks from here on were never handed out */
  uint16_t used;     /* live blocks */
  uint16_t cap;      /* blocks in the pool */
  uint32_t granules; /* of a block: its size class; 0: never opened */
};

/* Written by pool.c alone. */
extern struct rh_pool rh_pools[RH_POOLS];
extern uint16_t rh_pool_link[RH_POOLS][RH_POOL_SPAN];

/* Makes the free pool p one of size class c, 1..RH_SIZE_CLASSES. */
void rh_pool_open(uint32_t p, uint32_t c);

/* Makes the free pool p forget its class. */
void rh_pool_forget(uint32_t p);

/* Takes a block of pool p, which has one: the last one freed, else the next fresh one. Returns its number. */
uint32_t rh_pool_take(uint32_t p);

/* Frees block i of pool p and returns true; when no such block is live, changes nothing and returns false. */
bool rh_pool_give(uint32_t p, uint32_t i);

/* Returns pool p to its first state; time proportional to its fresh mark. */
void rh_pool_reset(uint32_t p);

#endif
