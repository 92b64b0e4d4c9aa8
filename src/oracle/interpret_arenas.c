/*
 * See interpret_arenas.h. A pool is in its class's list exactly while it has
 * live blocks and room for one more. An arena is a number; a wholly free one
 * goes back to the system unless no other has an unused pool.
 */
#include "oracle/interpret_arenas.h"

#include <stdlib.h>
#include <string.h>

#include "rules/evidence.h"

static uint32_t capacity(const struct rh_arenas *arenas, unsigned class) {
  return (arenas->pool_bytes - RH_POOL_HEADER) / (16 * (class + 1));
}

static void *grown(void *array, size_t count, size_t size) {
  void *larger = realloc(array, count * size);
  if (!larger) abort();
  return larger;
}

void rh_arenas_start(struct rh_arenas *arenas, uint32_t pool_bytes) {
  memset(arenas, 0, sizeof *arenas);
  arenas->pool_bytes = pool_bytes;
  arenas->npools = 1;
}

void rh_arenas_free(struct rh_arenas *arenas) {
  free(arenas->pools);
  free(arenas->unused);
  free(arenas->mapped);
}

/* --- arenas --- */

static uint32_t map_arena(struct rh_arenas *arenas) {
  uint32_t a = 0;
  while (a < arenas->narenas && arenas->mapped[a]) a++;
  if (a == arenas->narenas) {
    if (arenas->narenas == arenas->arena_room) {
      arenas->arena_room = arenas->arena_room ? 2 * arenas->arena_room : 16;
      arenas->unused = grown(arenas->unused, arenas->arena_room, sizeof *arenas->unused);
      arenas->mapped = grown(arenas->mapped, arenas->arena_room, sizeof *arenas->mapped);
    }
    arenas->narenas++;
  }
  arenas->mapped[a] = true;
  arenas->unused[a] = RH_POOLS_PER_ARENA;
  arenas->total++;
  if (++arenas->current > arenas->highest) arenas->highest = arenas->current;
  rh_because("BLK-16", RH_ARENAS_SUBJECT, "none of %lld arenas has an unused pool, so a new one is taken",
             (long long)arenas->current - 1);
  return a;
}

/* The arena the next pool comes from: the one with the fewest unused pools. */
static uint32_t usable_arena(struct rh_arenas *arenas) {
  uint32_t best = UINT32_MAX;
  if (arenas->has_next && arenas->unused[arenas->next]) return arenas->next;
  for (uint32_t a = 0; a < arenas->narenas; a++) {
    if (!arenas->mapped[a] || arenas->unused[a] == 0) continue;
    if (best == UINT32_MAX || arenas->unused[a] < arenas->unused[best]) best = a;
  }
  arenas->next = best != UINT32_MAX ? best : map_arena(arenas);
  arenas->has_next = true;
  return arenas->next;
}

/* One is kept: the one that is wholly free while no other has an unused pool. */
static void unmap_if_free(struct rh_arenas *arenas, uint32_t arena) {
  if (arenas->unused[arena] < RH_POOLS_PER_ARENA) return;
  for (uint32_t a = 0; a < arenas->narenas; a++) {
    if (a == arena || !arenas->mapped[a] || arenas->unused[a] < RH_POOLS_PER_ARENA - 1) continue;
    arenas->mapped[arena] = false;
    arenas->current--;
    rh_because(
        "BLK-10", RH_ARENAS_SUBJECT,
        "all %d pools of an arena are unused and one with as many or one less stands behind it in the list, so it "
        "goes back (%lld left)",
        RH_POOLS_PER_ARENA, (long long)arenas->current);
    return;
  }
}

/* --- pools --- */

static void link_front(struct rh_arenas *arenas, uint32_t p, unsigned class) {
  arenas->pools[p].previous = 0;
  arenas->pools[p].next = arenas->first[class];
  if (arenas->first[class]) arenas->pools[arenas->first[class]].previous = p;
  arenas->first[class] = p;
}

static void unlink_pool(struct rh_arenas *arenas, uint32_t p, unsigned class) {
  const struct rh_arena_pool *pool = &arenas->pools[p];
  if (pool->previous) {
    arenas->pools[pool->previous].next = pool->next;
  } else {
    arenas->first[class] = pool->next;
  }
  if (pool->next) arenas->pools[pool->next].previous = pool->previous;
}

static uint32_t new_pool(struct rh_arenas *arenas, unsigned class) {
  uint32_t p = arenas->spare;
  if (p) {
    arenas->spare = arenas->pools[p].next;
  } else {
    if (arenas->npools >= arenas->room) {
      arenas->room = arenas->room ? 2 * arenas->room : 64;
      arenas->pools = grown(arenas->pools, arenas->room, sizeof *arenas->pools);
    }
    p = arenas->npools++;
  }
  uint32_t arena = usable_arena(arenas);
  arenas->unused[arena]--;
  arenas->pools[p] = (struct rh_arena_pool){.arena = arena};
  link_front(arenas, p, class);
  return p;
}

uint32_t rh_arenas_take(struct rh_arenas *arenas, unsigned class) {
  uint32_t p = arenas->first[class] ? arenas->first[class] : new_pool(arenas, class);
  if (++arenas->pools[p].live == capacity(arenas, class)) unlink_pool(arenas, p, class);
  return p;
}

void rh_arenas_give(struct rh_arenas *arenas, uint32_t p, unsigned class) {
  struct rh_arena_pool *pool = &arenas->pools[p];
  if (pool->live == capacity(arenas, class)) link_front(arenas, p, class);
  if (--pool->live > 0) return;
  unlink_pool(arenas, p, class);
  arenas->unused[pool->arena]++;
  arenas->has_next = false;
  unmap_if_free(arenas, pool->arena);
  pool->next = arenas->spare;
  arenas->spare = p;
}

void rh_arenas_drain(struct rh_arenas *arenas) {
  for (uint32_t a = 0; a < arenas->narenas; a++)
    if (arenas->mapped[a]) arenas->unused[a] = 0;
}

int64_t rh_arenas_idle(const struct rh_arenas *arenas) {
  int64_t idle = 0;
  for (uint32_t a = 0; a < arenas->narenas; a++) idle += arenas->mapped[a] && arenas->unused[a] == RH_POOLS_PER_ARENA;
  return idle;
}
