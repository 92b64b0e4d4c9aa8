/*
 * See interpret_pools.h. A pool's list membership: it is linked exactly while
 * it has both live and available blocks (or, just taken, only available ones);
 * a full pool and a returned pool are in no list.
 */
#include "oracle/interpret_pools.h"

#include <stdlib.h>
#include <string.h>

#include "rules/evidence.h"

static unsigned class_of(uint64_t bytes) {
  return (unsigned)((bytes - 1) / 16);
}

static uint32_t block_bytes(unsigned class) {
  return 16 * (class + 1);
}

uint32_t rh_pools_per_pool(const struct rh_pools *pools, uint64_t bytes) {
  return (pools->pool_bytes - RH_POOL_HEADER) / block_bytes(class_of(bytes));
}

void rh_pools_start(struct rh_pools *pools, uint32_t pool_bytes) {
  memset(pools, 0, sizeof *pools);
  pools->pool_bytes = pool_bytes;
  pools->npools = 1;
}

void rh_pools_free(struct rh_pools *pools) {
  for (uint32_t i = 1; i < pools->npools; i++) free(pools->pools[i].freed);
  free(pools->pools);
  free(pools->taken);
  free(pools->returned);
}

static void *grown(void *array, size_t count, size_t size) {
  void *larger = realloc(array, count * size);
  if (!larger) abort();
  return larger;
}

/* --- pools --- */

static uint32_t new_pool(struct rh_pools *pools) {
  if (pools->npools >= pools->room) {
    pools->room = pools->room ? 2 * pools->room : 64;
    pools->pools = grown(pools->pools, pools->room, sizeof *pools->pools);
    pools->taken = grown(pools->taken, pools->room, sizeof *pools->taken);
    pools->returned = grown(pools->returned, pools->room, sizeof *pools->returned);
  }
  pools->pools[pools->npools] = (struct rh_pool){0};
  return pools->npools++;
}

static void link_front(struct rh_pools *pools, uint32_t p) {
  struct rh_pool *pool = &pools->pools[p];
  pool->previous = 0;
  pool->next = pools->first[pool->class];
  if (pool->next) pools->pools[pool->next].previous = p;
  pools->first[pool->class] = p;
}

static void unlink_pool(struct rh_pools *pools, uint32_t p) {
  const struct rh_pool *pool = &pools->pools[p];
  if (pool->previous) {
    pools->pools[pool->previous].next = pool->next;
  } else {
    pools->first[pool->class] = pool->next;
  }
  if (pool->next) pools->pools[pool->next].previous = pool->previous;
}

/* A pool for a class: one that keeps its previous class keeps its free list. */
static void dress_pool(struct rh_pools *pools, uint32_t p, unsigned class) {
  struct rh_pool *pool = &pools->pools[p];
  if (pool->class == class && pool->capacity) return;
  pool->class = (uint16_t) class;
  pool->capacity = rh_pools_per_pool(pools, block_bytes(class));
  pool->carved = pool->nfreed = 0;
}

/* The next pool from the arenas, linked; 0 when nobody can tell which. */
static uint32_t take_pool(struct rh_pools *pools, unsigned class) {
  if (pools->order_lost) return 0;
  uint32_t p = pools->nreturned ? pools->returned[--pools->nreturned] : new_pool(pools);
  pools->taken[pools->ntaken++] = p;
  pools->used[class]++;
  rh_because("BLK-18", RH_POOLS_SUBJECT(class), "no pool of class %u had room for a block, so it takes one more",
             class);
  dress_pool(pools, p, class);
  link_front(pools, p);
  return p;
}

static void return_pool(struct rh_pools *pools, uint32_t p) {
  unlink_pool(pools, p);
  pools->used[pools->pools[p].class]--;
  rh_because("BLK-18", RH_POOLS_SUBJECT(pools->pools[p].class), "a pool of class %u has no block in use left and goes",
             pools->pools[p].class);
  if (pools->ntaken && pools->taken[pools->ntaken - 1] == p) {
    pools->ntaken--;
    pools->returned[pools->nreturned++] = p;
  } else {
    pools->order_lost = true;
  }
}

/* --- blocks --- */

static void push_freed(struct rh_pool *pool, uint32_t offset) {
  if (pool->nfreed == pool->room) {
    pool->room = pool->room ? 2 * pool->room : 8;
    pool->freed = grown(pool->freed, pool->room, sizeof *pool->freed);
  }
  pool->freed[pool->nfreed++] = offset;
}

static void lose_class(struct rh_pools *pools, unsigned class) {
  pools->drained[class] = false;
  pools->losses[class]++;
}

int64_t rh_pools_available(const struct rh_pools *pools, unsigned class) {
  if (!pools->drained[class]) return -1;
  int64_t blocks = 0;
  for (uint32_t p = pools->first[class]; p; p = pools->pools[p].next)
    blocks += pools->pools[p].capacity - pools->pools[p].live;
  return blocks;
}

int64_t rh_pools_in_line(const struct rh_pools *pools, unsigned class) {
  int64_t n = 0;
  for (uint32_t p = pools->first[class]; p; p = pools->pools[p].next) n++;
  return n;
}

int64_t rh_pools_drain(struct rh_pools *pools, uint64_t bytes) {
  unsigned class = class_of(bytes);
  int64_t blocks = rh_pools_available(pools, class);
  pools->drained[class] = true;
  pools->older_freed[class] = 0;
  while (pools->first[class]) {
    struct rh_pool *pool = &pools->pools[pools->first[class]];
    pool->carved = pool->live = pool->capacity;
    pool->nfreed = 0;
    unlink_pool(pools, pools->first[class]);
  }
  return blocks;
}

/* Whoever else takes a pool takes one that was given back. */
void rh_pools_disturb(struct rh_pools *pools) {
  if (pools->nreturned) pools->order_lost = true;
}

/* Requests for one class use up all pools; where they end is not known. */
void rh_pools_drain_pools(struct rh_pools *pools) {
  pools->nreturned = 0;
  pools->order_lost = false;
  pools->ntaken = 0;
  lose_class(pools, RH_POOL_CLASSES - 1);
}

/* What decided on a place: where the pool came from, and whether it had a freed block. */
struct choice {
  bool in_line, returned, freed;
};

static void note_place(unsigned class, uint32_t offset, struct choice choice, uint32_t subject) {
  if (choice.in_line && choice.freed) {
    rh_because("BLK-9", subject, "of the pool first in line of class %u the block freed last lies at offset %u", class,
               offset);
  } else if (choice.in_line) {
    rh_because(
        "BLK-2", subject,
        "the pool first in line of class %u has no freed block, its next unused one lies at %d + %u * %u = %u, a "
        "multiple of 16",
        class, RH_POOL_HEADER, (offset - RH_POOL_HEADER) / block_bytes(class), block_bytes(class), offset);
  } else if (choice.freed) {
    rh_because("BLK-18", subject,
               "no pool of class %u had room; the pool that became empty last, of the same class, kept its list: the "
               "block freed last lies at offset %u",
               class, offset);
  } else if (choice.returned) {
    rh_because("BLK-18", subject,
               "no pool of class %u had room; the pool that became empty last serves it from its start, offset %u",
               class, offset);
  } else {
    rh_because("BLK-2", subject,
               "no pool of class %u had room; an unused one serves it, from behind its header of %u bytes", class,
               offset);
  }
}

struct rh_place rh_pools_take(struct rh_pools *pools, uint64_t bytes, uint32_t subject) {
  struct rh_place place = {0, 0};
  if (!rh_in_pool(bytes) || !pools->drained[class_of(bytes)]) return place;
  unsigned class = class_of(bytes);
  struct choice choice = {.in_line = pools->first[class] != 0, .returned = pools->nreturned > 0};
  place.pool = choice.in_line ? pools->first[class] : take_pool(pools, class);
  if (!place.pool) {
    lose_class(pools, class);
    return place;
  }
  struct rh_pool *pool = &pools->pools[place.pool];
  choice.freed = pool->nfreed > 0;
  place.offset = pool->nfreed ? pool->freed[--pool->nfreed] : RH_POOL_HEADER + pool->carved++ * block_bytes(class);
  pool->live++;
  if (pool->live == pool->capacity) unlink_pool(pools, place.pool);
  note_place(class, place.offset, choice, subject);
  return place;
}

/* The pool of a block older than the drain: full but for this block. */
static struct rh_place anonymous_place(struct rh_pools *pools, unsigned class) {
  uint32_t p = new_pool(pools);
  struct rh_pool *pool = &pools->pools[p];
  pool->anonymous = true;
  pool->class = (uint16_t) class;
  pool->capacity = pool->carved = pool->live = rh_pools_per_pool(pools, block_bytes(class));
  return (struct rh_place){p, 0};
}

static void note_freed(const struct rh_pool *pool, uint32_t subject) {
  rh_because("BLK-8", subject, "it is freed and the first of its pool to be used again%s%s",
             pool->live + 1 == pool->capacity ? ", the pool, which was full, is first in line" : "",
             pool->live == 0 ? ", the pool, which is empty, is the next one taken" : "");
}

struct rh_place rh_pools_give(struct rh_pools *pools, struct rh_place place, uint64_t bytes, uint32_t subject) {
  if (!rh_in_pool(bytes) || !pools->drained[class_of(bytes)]) return place;
  if (!place.pool) place = anonymous_place(pools, class_of(bytes));
  if (pools->pools[place.pool].anonymous && ++pools->older_freed[class_of(bytes)] >= rh_pools_per_pool(pools, bytes))
    lose_class(pools, class_of(bytes));
  struct rh_pool *pool = &pools->pools[place.pool];
  if (pool->live == pool->capacity) link_front(pools, place.pool);
  push_freed(pool, place.offset);
  if (--pool->live == 0) return_pool(pools, place.pool);
  note_freed(pool, subject);
  return place;
}

bool rh_pools_anonymous(const struct rh_pools *pools, struct rh_place place) {
  return place.pool == 0 || pools->pools[place.pool].anonymous;
}
