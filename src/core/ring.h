/*
 * Rings: ordered sets of pools and of free page runs.
 *
 * A ring is a doubly linked list without end marks: 0 ends it, so the state of
 * static storage is a legal state and nothing has to be created. Rings 1 to
 * RH_SIZE_CLASSES hold the partially used pools of one size class; ring
 * RH_SIZE_CLASSES + b holds the free page runs of bin b. A node is a pool (pool
 * number + 1) or a free run (RH_POOLS + 1 + its first page) and is in at most
 * one ring.
 *
 * Everything here takes constant time.
 */
#ifndef RH_CORE_RING_H
#define RH_CORE_RING_H

#include <stdint.h>

#include "core/config.h"

enum {
  RH_BINS = 45,                         /* bins of free runs: 1..31 exact, then by powers of two */
  RH_RINGS = RH_SIZE_CLASSES + RH_BINS, /* rings are numbered from 1 */
  RH_NODES = RH_POOLS + RH_PAGES,       /* nodes are numbered from 1 */
  RH_RUN_NODE = RH_POOLS + 1            /* node of the run that starts at page 0 */
};

/* Written by ring.c alone. */
extern uint32_t rh_ring_head[RH_RINGS + 1]; /* first node of a ring, 0: empty */
extern uint32_t rh_ring_next[RH_NODES + 1]; /* towards the end; 0 after the last */
extern uint32_t rh_ring_prev[RH_NODES + 1]; /* towards the head; undefined for the first */

/* Puts node x, which is in no ring, at the head of ring r. */
void rh_ring_push(uint32_t r, uint32_t x);

/* Takes node x out of ring r, which holds it. */
void rh_ring_remove(uint32_t r, uint32_t x);

/* Empties every ring. */
void rh_ring_reset(void);

#endif
