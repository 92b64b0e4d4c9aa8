/*
 * Where the blocks of a small-object allocator lie: what CPython's allocator
 * rules decide about the addresses of blocks, and nothing more
 * (memory-model.md, rules PM).
 *
 * An interpreter has blocks of its own in every class. So a class is decided
 * only after it was drained (no block of it available); from then on its pools
 * are known: taken from the arena in order, used first block upwards, freed
 * blocks last in first out, a pool that was full goes to the front, a pool that
 * becomes empty goes back to the arena. When as many blocks older than the
 * drain were freed as a pool holds, a pool may have become empty unseen: the
 * class is undecided again. Pools that go back in another order
 * than the reverse of taking lose the order: which pool comes next then depends
 * on arenas nobody sees. So does a pool given back before objects were made,
 * which take pools too. The order is known again when no arena has a pool left.
 */
#ifndef RH_ORACLE_INTERPRET_POOLS_H
#define RH_ORACLE_INTERPRET_POOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  RH_POOL_CLASSES = 32,
  RH_POOL_BLOCK_MAX = 512, /* larger blocks lie outside of pools */
  RH_POOL_HEADER = 48
};

/* What notes about the number of a class's pools are about. */
#define RH_POOLS_SUBJECT(class) (UINT32_MAX / 2 + (class))

/* A place: pool 0 is unknown. An anonymous pool holds a block that existed
 * before its class was drained: its identity is known, its offset is not. */
struct rh_place {
  uint32_t pool;
  uint32_t offset;
};

struct rh_pool {
  uint32_t *freed; /* offsets, last freed last */
  uint32_t nfreed, room;
  uint32_t carved, live, capacity; /* in blocks */
  uint16_t class;
  bool anonymous;
  uint32_t previous, next; /* in the class's list of pools with available blocks; 0 ends it */
};

struct rh_pools {
  uint32_t pool_bytes;
  struct rh_pool *pools; /* [0] unused */
  uint32_t npools, room;
  uint32_t *taken, ntaken;       /* pools in use, in the order they were taken */
  uint32_t *returned, nreturned; /* pools given back, last given back last */
  bool order_lost;
  bool drained[RH_POOL_CLASSES];
  uint32_t losses[RH_POOL_CLASSES];      /* how often a class became undecided */
  uint32_t used[RH_POOL_CLASSES];        /* pools taken and not given back */
  uint32_t older_freed[RH_POOL_CLASSES]; /* blocks older than the drain, freed after it */
  uint32_t first[RH_POOL_CLASSES];       /* the front pool with available blocks */
};

/* `pool_bytes`: size of a pool. */
void rh_pools_start(struct rh_pools *pools, uint32_t pool_bytes);
void rh_pools_free(struct rh_pools *pools);

/* No block of the class of `bytes` (1..512) is available from now on. How many
 * that took, -1 if nobody can tell. */
int64_t rh_pools_drain(struct rh_pools *pools, uint64_t bytes);
/* No arena has an unused pool from now on; blocks of 512 bytes took them. */
void rh_pools_drain_pools(struct rh_pools *pools);
/* Others may take pools now. */
void rh_pools_disturb(struct rh_pools *pools);
/* Blocks available in a class; -1 if undecided. O(pools with available blocks). */
int64_t rh_pools_available(const struct rh_pools *pools, unsigned class);
/* The pools of a decided class that have blocks in use and available ones. O(their number). */
int64_t rh_pools_in_line(const struct rh_pools *pools, unsigned class);
/* Where the next block of `bytes` comes from; pool 0 if undecided or if the
 * block does not lie in a pool. `subject`: what notes call it. Amortized O(1). */
struct rh_place rh_pools_take(struct rh_pools *pools, uint64_t bytes, uint32_t subject);
/* The block of `bytes` at `place` was freed. A block of unknown place in a
 * drained class gets one: the new place is returned. */
struct rh_place rh_pools_give(struct rh_pools *pools, struct rh_place place, uint64_t bytes, uint32_t subject);
bool rh_pools_anonymous(const struct rh_pools *pools, struct rh_place place);
uint32_t rh_pools_per_pool(const struct rh_pools *pools, uint64_t bytes);

static inline bool rh_in_pool(uint64_t bytes) {
  return bytes >= 1 && bytes <= RH_POOL_BLOCK_MAX;
}

#endif
