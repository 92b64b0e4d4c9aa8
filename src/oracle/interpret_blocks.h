/*
 * The state of the block operations (`pm.*`, `blocks`): names stand for blocks,
 * live or freed, and for batches of blocks. Block names and object names are
 * different sets.
 */
#ifndef RH_ORACLE_INTERPRET_BLOCKS_H
#define RH_ORACLE_INTERPRET_BLOCKS_H

#include "oracle/engine.h"
#include "oracle/interpret_arenas.h"
#include "oracle/interpret_pools.h"

/* Size classes, and what lies outside of pools as one more. */
enum { RH_OUTSIDE_POOLS = RH_POOL_CLASSES, RH_BLOCK_CLASSES };

/* What debug hooks put around a block. */
enum { RH_GUARD_BEFORE = 16, RH_GUARD_AFTER = 8, RH_GUARD = RH_GUARD_BEFORE + RH_GUARD_AFTER };

/* What notes (rules/evidence.h) are about, besides objects and records: a record's subject is its number, from 1. */
#define RH_SUBJECT_CLASS(class) (UINT32_MAX - (class)) /* what a class is asked for, RH_OUTSIDE_POOLS included */
enum rh_subject {
  RH_SUBJECT_COUNT = 0x7F000000, /* the allocator's count of blocks */
  RH_SUBJECT_TRACED,             /* what tracemalloc counts */
  RH_SUBJECT_TRACING             /* whether and how it traces */
};

/* Domains are called by the letter that debug hooks write. */
enum rh_domain { RH_DOMAIN_RAW = 'r', RH_DOMAIN_MEMORY = 'm', RH_DOMAIN_OBJECT = 'o' };

/* One block, kept after it was freed: a name keeps standing for its address.
 * With debug hooks the engine's block includes the guards and outlives the
 * freed one, because its bytes are still looked at. */
struct rh_block_record {
  uint32_t handle; /* the engine's */
  uint64_t bytes;  /* requested */
  uint64_t known;  /* without debug hooks: the first `known` bytes have contents the trace wrote */
  char domain;
  bool in_pool, freed;
  uint16_t pool_bytes; /* if in a pool: what was first asked for there, guards included, which decides the class */
  uint32_t arena_pool; /* of blocks->arenas; live blocks in pools only */
  int64_t requests, disturbances; /* when it was freed: what the class and the whole had seen; -1: not told */
  struct rh_place place;
  bool traced; /* in what tracemalloc counts */
};

struct rh_batch {
  bool bound;
  uint32_t first, count; /* records */
};

/* How many blocks of each class there are, or how often something happened. */
typedef int64_t rh_by_class[RH_BLOCK_CLASSES];

/* Blocks of the trace's objects. */
struct rh_footprint {
  bool known;      /* else there is an object whose blocks no rule gives */
  int64_t helpers; /* objects an observer may keep something for */
  rh_by_class blocks;
  rh_by_class bytes; /* what one block of the class takes, guards included */
};

/* The allocator's setting, from the environment. */
struct rh_memory {
  bool no_pools;       /* the system's allocator in every domain */
  bool guarded;        /* debug hooks */
  const char *setting; /* PYTHONMALLOC; NULL: not set */
  bool statistics;     /* written for each new arena and at exit */
};

/* Allocations that fail: number `from` to `to` - 1 (0: without end), from 0. */
struct rh_faults {
  bool on;
  int64_t from, to, made;
};

struct rh_blocks {
  struct rh_memory memory;
  struct rh_faults faults;
  uint32_t *names;          /* by name: 1 + record, 0 unbound */
  struct rh_batch *batches; /* by name */
  struct rh_block_record *records;
  size_t nrecords, room;
  struct rh_pools pools;
  struct rh_arenas arenas;

  rh_by_class live;              /* blocks of the trace */
  rh_by_class requests;          /* requests so far */
  rh_by_class freed;             /* blocks freed so far */
  int64_t counted;               /* what the allocator's own count of blocks has grown by */
  bool emptied[RH_POOL_CLASSES]; /* by `pm.drain`; then what there was to see at that time */
  rh_by_class emptied_freed, emptied_disturbances;
  int64_t disturbances; /* object operations so far */

  struct rh_snapshot {
    bool taken, drained[RH_POOL_CLASSES]; /* drained since */
    int64_t disturbances;
    rh_by_class live, requests, freed;
    bool decided[RH_POOL_CLASSES];
    uint32_t losses[RH_POOL_CLASSES], used[RH_POOL_CLASSES];
    struct rh_footprint objects;
    int64_t arenas, arenas_total, arenas_highest;
  } snap;
  struct {
    bool taken, drained;
    int64_t disturbances;
    int64_t counted;
    struct rh_footprint objects;
  } mark;

  bool tracing;                          /* tracemalloc is on */
  int64_t traced_bytes, traced_requests; /* what it counts of live blocks; requests it saw */
};

/* False when out of memory. */
bool rh_blocks_start(struct rh_blocks *blocks, size_t names, uint32_t pool_bytes);
void rh_blocks_free(struct rh_blocks *blocks);
/* Forgets what tracemalloc knew of the blocks, and counts from here on if `on`. */
void rh_blocks_trace(struct rh_blocks *blocks, bool on);
/* An object operation came: others took and freed blocks and pools. */
void rh_blocks_disturb(struct rh_blocks *blocks);

/* The class of a block of so many bytes, guards included. */
static inline unsigned rh_block_class(uint64_t bytes) {
  return rh_in_pool(bytes) ? (unsigned)((bytes - 1) / 16) : RH_OUTSIDE_POOLS;
}

#endif
