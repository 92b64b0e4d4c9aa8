/*
 * See block.h. This file joins rings, pools, arenas and runs.
 *
 * Invariants between operations: a pool is in use in its arena's books iff it
 * has a live block; it is in the ring of its class iff it has a live block and
 * a free one. Inside an operation both are suspended for the one pool at work.
 */
#include "core/block.h"

#include "core/address.h"
#include "core/arena.h"
#include "core/pool.h"
#include "core/ring.h"
#include "core/run.h"

/* ---- small blocks ---- */

/* A block of pool p, which is in the ring of its class c. */
static uint32_t take_partial(uint32_t p, uint32_t c) {
  uint32_t i = rh_pool_take(p);
  if (rh_pools[p].used == rh_pools[p].cap) rh_ring_remove(c, p + 1);
  return i;
}

/* The first block of pool p, just taken from its arena for class c. */
static uint32_t take_first(uint32_t p, uint32_t c) {
  rh_pool_open(p, c);
  uint32_t i = rh_pool_take(p);
  if (rh_pools[p].used < rh_pools[p].cap) rh_ring_push(c, p + 1);
  return i;
}

/* A block of c granules, or 0. */
static uint32_t new_small(uint32_t c) {
  uint32_t x = rh_ring_head[c], p, i;
  if (x != 0) {
    p = x - 1;
    i = take_partial(p, c);
  } else {
    p = rh_arena_take_pool();
    if (p == RH_POOLS) return 0;
    i = take_first(p, c);
  }
  return p * RH_POOL_GRANULES + RH_POOL_HEADER + i * c;
}

/* The number of the live block that starts at granule g of pool p; RH_POOL_SPAN when none does. */
static uint32_t find_small(uint32_t p, uint32_t g) {
  uint32_t c = rh_pools[p].granules;
  if (c == 0 || g < RH_POOL_HEADER) return RH_POOL_SPAN;
  uint32_t i = (g - RH_POOL_HEADER) / c;
  return i * c == g - RH_POOL_HEADER && rh_pool_link[p][i] == RH_LINK_LIVE ? i : RH_POOL_SPAN;
}

/* Frees the live block i of pool p. */
static void free_small(uint32_t p, uint32_t i) {
  uint32_t c = rh_pools[p].granules;
  bool was_full = rh_pools[p].used == rh_pools[p].cap;
  rh_pool_give(p, i);
  if (rh_pools[p].used == 0) {
    if (!was_full) rh_ring_remove(c, p + 1);
    rh_arena_give_pool(p);
  } else if (was_full) {
    rh_ring_push(c, p + 1);
  }
}

/* ---- large blocks ---- */

enum { LARGE_MAX = RH_PAGES * (RH_PAGE_GRANULES * RH_GRANULE) };

/* Pages for a request of up to LARGE_MAX bytes, at least one. */
static uint32_t pages_for(uint64_t bytes) {
  uint64_t page = RH_PAGE_GRANULES * RH_GRANULE;
  return bytes == 0 ? 1 : (uint32_t)((bytes + page - 1) / page);
}

static uint32_t new_large(uint64_t bytes) {
  if (bytes > LARGE_MAX) return 0;
  uint32_t f = rh_run_take(pages_for(bytes));
  return f == RH_PAGES ? 0 : RH_SMALL_GRANULES + f * RH_PAGE_GRANULES;
}

/* The first page of the live run that starts at handle b; RH_PAGES when none does. */
static uint32_t find_large(uint32_t b) {
  uint32_t g = b - RH_SMALL_GRANULES;
  if (b >= RH_GRANULES || g % RH_PAGE_GRANULES != 0) return RH_PAGES;
  uint32_t f = g / RH_PAGE_GRANULES;
  return rh_run_live[f] != 0 ? f : RH_PAGES;
}

/* ---- all blocks ---- */

uint32_t rh_block_new(uint64_t bytes) {
  if (bytes > RH_SMALL_MAX) return new_large(bytes);
  return new_small(bytes == 0 ? 1 : ((uint32_t)bytes + RH_GRANULE - 1) / RH_GRANULE);
}

bool rh_block_free(uint32_t b) {
  if (b >= RH_SMALL_GRANULES) {
    uint32_t f = find_large(b);
    if (f == RH_PAGES) return false;
    rh_run_give(f);
  } else {
    uint32_t p = b / RH_POOL_GRANULES, i = find_small(p, b % RH_POOL_GRANULES);
    if (i == RH_POOL_SPAN) return false;
    free_small(p, i);
  }
  return true;
}

/* Granules of block b; 0 when it is not live. */
static uint32_t granules_of(uint32_t b) {
  if (b >= RH_SMALL_GRANULES) {
    uint32_t f = find_large(b);
    return f == RH_PAGES ? 0 : rh_run_size[f] * RH_PAGE_GRANULES;
  }
  uint32_t p = b / RH_POOL_GRANULES;
  return find_small(p, b % RH_POOL_GRANULES) == RH_POOL_SPAN ? 0 : rh_pools[p].granules;
}

uint64_t rh_block_size(uint32_t b) {
  return (uint64_t)granules_of(b) * RH_GRANULE;
}

uint32_t rh_block_new_zeroed(uint64_t bytes) {
  uint32_t b = rh_block_new(bytes);
  if (b != 0) rh_region_zero(b, granules_of(b));
  return b;
}

/* Whether the live block b of n granules can serve a request of `bytes` bytes where it is, and now does. */
static bool fit_in_place(uint32_t b, uint32_t n, uint64_t bytes) {
  if (b >= RH_SMALL_GRANULES) {
    return bytes <= LARGE_MAX && rh_run_fit((b - RH_SMALL_GRANULES) / RH_PAGE_GRANULES, pages_for(bytes));
  }
  uint32_t size = n * RH_GRANULE;
  return bytes <= size && 4 * bytes > 3 * size;
}

uint32_t rh_block_move(uint32_t b, uint64_t bytes) {
  if (b == 0) return rh_block_new(bytes);
  uint32_t n = granules_of(b);
  if (n == 0) return 0;
  if (bytes == 0) bytes = 1;
  if (fit_in_place(b, n, bytes)) return b;
  uint32_t to = rh_block_new(bytes);
  if (to == 0) return 0;
  uint32_t m = granules_of(to);
  rh_region_copy(to, b, n < m ? n : m);
  rh_block_free(b);
  return to;
}

/* ---- statistics ---- */

uint32_t rh_block_total(void) {
  uint32_t total = 0;
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) total += rh_pools[p].used;
  for (uint32_t f = 0; f < rh_run_end; f += rh_run_size[f]) total += rh_run_live[f];
  return total;
}

uint64_t rh_block_usage(void) {
  uint64_t granules = 0;
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) granules += rh_pools[p].used * rh_pools[p].granules;
  for (uint32_t f = 0; f < rh_run_end; f += rh_run_size[f]) {
    if (rh_run_live[f] != 0) granules += rh_run_size[f] * RH_PAGE_GRANULES;
  }
  return granules * RH_GRANULE;
}

uint32_t rh_pool_total(void) {
  uint32_t total = 0;
  for (uint32_t a = 0; a < rh_arena_slots; a++) total += rh_arenas[a].used;
  return total;
}

/* ---- back to the first state ---- */

void rh_block_reset(void) {
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) rh_pool_reset(p);
  rh_ring_reset();
  rh_arena_reset();
  rh_run_reset();
}
