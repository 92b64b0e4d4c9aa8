/*
 * rh_block_check: every invariant of the block half, by brute force and from
 * the definitions in ring.h, pool.h, arena.h and run.h, sharing no code with
 * what it checks. Only test builds hold it.
 */
#include "core/block.h"

#ifdef RH_CHECKS

#include <stddef.h>

#include "core/arena.h"
#include "core/pool.h"
#include "core/ring.h"
#include "core/run.h"

/* The first broken invariant, or null. */
static const char *broken;

static bool check(bool holds, const char *what) {
  if (!holds && broken == NULL) broken = what;
  return holds;
}

static bool in_ring(uint32_t r, uint32_t node) {
  uint32_t steps = 0;
  for (uint32_t x = rh_ring_head[r]; x != 0 && steps <= RH_NODES; x = rh_ring_next[x], steps++) {
    if (x == node) return true;
  }
  return false;
}

/* How many nodes ring r has; its links must agree in both directions. */
static uint32_t ring_length(uint32_t r) {
  uint32_t steps = 0, before = 0;
  for (uint32_t x = rh_ring_head[r]; x != 0; before = x, x = rh_ring_next[x]) {
    if (!check(x <= RH_NODES && ++steps <= RH_NODES, "ring: nodes are in range and end")) break;
    check(before == 0 || rh_ring_prev[x] == before, "ring: links agree in both directions");
  }
  return steps;
}

static void check_pool(uint32_t p) {
  const struct rh_pool *pool = &rh_pools[p];
  if (!check(pool->granules <= RH_SIZE_CLASSES, "pool: class in range")) return;
  if (pool->granules == 0) {
    check(pool->used == 0, "pool: without a class it has no live block");
    return;
  }
  check(pool->cap == RH_POOL_SPAN / pool->granules, "pool: capacity is that of its class");
  if (!check(pool->used <= pool->fresh && pool->fresh <= pool->cap, "pool: used <= fresh <= cap")) return;
  uint32_t live = 0, listed = 0;
  for (uint32_t i = 0; i < RH_POOL_SPAN; i++) {
    if (rh_pool_link[p][i] != RH_LINK_LIVE) continue;
    live++;
    check(i < pool->fresh, "pool: live blocks lie below the fresh mark");
  }
  check(live == pool->used, "pool: used counts the live blocks");
  for (uint32_t i = pool->head; i != RH_LINK_END; i = rh_pool_link[p][i]) {
    if (!check(i < pool->fresh && ++listed <= pool->fresh, "pool: free list is in range and ends")) return;
  }
  /* A list that ends has no member twice; its length makes it complete. */
  check(listed == (uint32_t)(pool->fresh - pool->used), "pool: every carved block is live or on the free list");
  bool partial = pool->used > 0 && pool->used < pool->cap;
  for (uint32_t c = 1; c <= RH_SIZE_CLASSES; c++) {
    check(in_ring(c, p + 1) == (partial && c == pool->granules), "ring: holds exactly the partially used pools");
  }
}

static bool pool_on_stack(uint32_t a, uint32_t p) {
  for (uint32_t k = 0; k < (uint32_t)(rh_arenas[a].carved - rh_arenas[a].used); k++) {
    if (rh_arena_stack[a][k] == p) return true;
  }
  return false;
}

static uint32_t places_of(const uint16_t *list, uint32_t count, uint32_t a) {
  uint32_t places = 0;
  for (uint32_t k = 0; k < count; k++) places += list[k] == a;
  return places;
}

static void check_arena(uint32_t a) {
  const struct rh_arena *arena = &rh_arenas[a];
  uint32_t unused = places_of(rh_unused, rh_unused_count, a), usable = places_of(rh_usable, rh_usable_count, a);
  check(unused <= 1 && usable <= 1 && unused + usable <= 1, "arena: listed at most once");
  if (a >= rh_arena_slots) check(unused + usable == 0, "arena: slots never taken are not listed");
  if (unused == 1 || a >= rh_arena_slots) {
    check(arena->used == 0, "arena: an unused one has no pool in use");
  } else {
    check((usable == 1) == (arena->used < RH_ARENA_POOLS), "arena: usable iff it has a free pool");
    if (usable == 1) check(rh_usable[arena->place] == a, "arena: knows its place");
  }
  if (!check(arena->used <= arena->carved && arena->carved <= RH_ARENA_POOLS, "arena: used <= carved <= pools")) return;
  uint32_t used = 0;
  for (uint32_t j = 0; j < RH_ARENA_POOLS; j++) {
    uint32_t p = a * RH_ARENA_POOLS + j;
    bool in_use = rh_pools[p].used > 0;
    used += in_use;
    if (unused == 0 && a < rh_arena_slots) {
      check(in_use == (j < arena->carved && !pool_on_stack(a, p)), "arena: pools are in use, freed, or not carved");
    }
    check_pool(p);
  }
  check(used == arena->used, "arena: used counts the pools in use");
}

static void check_order(void) {
  for (uint32_t k = 1; k < rh_usable_count; k++) {
    uint32_t below = rh_arenas[rh_usable[k - 1]].used, here = rh_arenas[rh_usable[k]].used;
    check(below <= here, "arena: usable ones are sorted by free pools");
    check(here > 0, "arena: only the last usable one is wholly free");
  }
  check(rh_released <= rh_unused_count, "arena: released ones are unused");
}

static void check_runs(void) {
  uint32_t free_runs = 0, listed = 0, starts = 0, tiled = 0;
  bool before_free = false;
  check(rh_run_end <= RH_PAGES, "run: the tiled part is in range");
  for (uint32_t f = 0, n; f < rh_run_end; f += n, tiled++) {
    n = rh_run_size[f];
    if (!check(n > 0 && n <= rh_run_end - f, "run: runs tile the space")) return;
    check(rh_run_back[f + n] == n, "run: lengths agree in both directions");
    bool is_free = rh_run_live[f] == 0;
    check(!(is_free && before_free), "run: no two free ones are neighbours");
    check(!(is_free && f + n == rh_run_end), "run: the last one is live");
    before_free = is_free;
    if (!is_free) continue;
    free_runs++;
    uint32_t rings = 0;
    for (uint32_t r = RH_SIZE_CLASSES + 1; r <= RH_RINGS; r++) rings += in_ring(r, RH_RUN_NODE + f);
    check(rings == 1, "run: a free one is in one ring");
  }
  for (uint32_t f = 0; f <= RH_PAGES; f++) {
    starts += rh_run_size[f] != 0;
    check(rh_run_live[f] == 0 || rh_run_size[f] != 0, "run: live ones start where a run starts");
  }
  check(starts == tiled, "run: no run starts inside another");
  for (uint32_t r = RH_SIZE_CLASSES + 1; r <= RH_RINGS; r++) listed += ring_length(r);
  check(listed == free_runs, "run: rings hold exactly the free ones");
}

bool rh_block_check(const char **why) {
  broken = NULL;
  for (uint32_t c = 1; c <= RH_SIZE_CLASSES; c++) (void)ring_length(c);
  check_order();
  for (uint32_t a = 0; a < RH_ARENAS && broken == NULL; a++) check_arena(a);
  if (broken == NULL) check_runs();
  *why = broken;
  return broken == NULL;
}

#endif
