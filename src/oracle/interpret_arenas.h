/*
 * How many arenas a trace's blocks keep (memory-model.md, BLK-10, BLK-16): a
 * simulation of pools and arenas without addresses. It starts without arenas,
 * as if the interpreter had none to spare; what the interpreter itself has and
 * takes is in the noise that whoever looks at the numbers allows.
 */
#ifndef RH_ORACLE_INTERPRET_ARENAS_H
#define RH_ORACLE_INTERPRET_ARENAS_H

#include <stdbool.h>
#include <stdint.h>

#include "oracle/interpret_pools.h"

enum { RH_POOLS_PER_ARENA = 64, RH_ARENAS_SUBJECT = 0x7D000000 /* what notes about their number are about */ };

struct rh_arena_pool {
  uint32_t arena, live;
  uint32_t previous, next; /* in the class's list of pools with room; the list of spare entries: next */
};

struct rh_arenas {
  uint32_t pool_bytes;
  struct rh_arena_pool *pools; /* [0] unused */
  uint32_t npools, room, spare;
  uint32_t first[RH_POOL_CLASSES]; /* pools with room, first in line first */
  uint8_t *unused;                 /* by arena: pools nobody uses, of a mapped one */
  bool *mapped;
  uint32_t narenas, arena_room;
  uint32_t next; /* where the next pool comes from, until one becomes unused */
  bool has_next;
  int64_t current, total, highest;
};

void rh_arenas_start(struct rh_arenas *arenas, uint32_t pool_bytes);
void rh_arenas_free(struct rh_arenas *arenas);

/* The pool of the next block of a class. O(arenas) for a new pool. */
uint32_t rh_arenas_take(struct rh_arenas *arenas, unsigned class);
/* A block of the class was freed in this pool. O(arenas) when that empties it. */
void rh_arenas_give(struct rh_arenas *arenas, uint32_t pool, unsigned class);
/* Arenas that are wholly free and were kept. O(arenas). */
int64_t rh_arenas_idle(const struct rh_arenas *arenas);
/* Blocks of the largest class take every pool, for good. */
void rh_arenas_drain(struct rh_arenas *arenas);

#endif
