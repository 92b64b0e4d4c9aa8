/*
 * The state of the block operations (`pm.*`, `blocks`): names stand for blocks,
 * live or freed, and for batches of blocks. Block names and object names are
 * different sets.
 */
#ifndef RH_ORACLE_INTERPRET_BLOCKS_H
#define RH_ORACLE_INTERPRET_BLOCKS_H

#include "oracle/engine.h"
#include "oracle/interpret_pools.h"

/* One block, kept after it was freed: a name keeps standing for its address. */
struct rh_block_record {
  uint32_t handle; /* the engine's; 0 once freed */
  uint64_t bytes;  /* requested */
  uint64_t known;  /* the first `known` bytes have contents the trace wrote */
  struct rh_place place;
  bool traced; /* in what tracemalloc counts */
};

struct rh_batch {
  bool bound;
  uint32_t first, count; /* records */
};

struct rh_blocks {
  uint32_t *names;          /* by name: 1 + record, 0 unbound */
  struct rh_batch *batches; /* by name */
  struct rh_block_record *records;
  size_t nrecords, room;
  struct rh_pools pools;
  int64_t live, live_mark;
  int64_t in_class[RH_POOL_CLASSES], in_class_snap[RH_POOL_CLASSES];
  bool snapped, mark_disturbed, snap_disturbed; /* an object operation came since */
  bool pools_drained, snapped_drained;          /* no unused pool was left; when `pm.snap` came */
  int64_t arena_peak;                           /* largest number of 512-byte blocks since `pm.snap` */
  bool arena_freed, arena_mixed;                /* one was freed since; one was then requested again */
  bool tracing;                                 /* tracemalloc is on */
  int64_t traced_bytes, traced_requests;        /* what it counts of live blocks; requests it saw */
};

/* False when out of memory. */
bool rh_blocks_start(struct rh_blocks *blocks, size_t names, uint32_t pool_bytes);
void rh_blocks_free(struct rh_blocks *blocks);
/* Forgets what tracemalloc knew of the blocks, and counts from here on if `on`. */
void rh_blocks_trace(struct rh_blocks *blocks, bool on);

#endif
