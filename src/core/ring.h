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

#include <stdbool.h>
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

/*
 * What the proof knows besides: the ring a node is in (0: none), and of each
 * ring its nodes from the end (1) to the head (length).
 */
/*@ ghost extern uint32_t rh_ring_in[RH_NODES + 1]; */
/*@ ghost extern uint32_t rh_ring_order[RH_RINGS + 1][RH_NODES + 1]; */
/*@ ghost extern uint32_t rh_ring_length[RH_RINGS + 1]; */
/*@ ghost extern uint32_t rh_ring_place[RH_NODES + 1]; */

/*@ // How many of the nodes 1 .. n are in ring r.
    logic integer ring_members{L}(integer r, integer n) =
      n <= 0 ? 0 : ring_members(r, n - 1) + (rh_ring_in[n] == r ? 1 : 0);

    predicate ring_size{L}(integer r) =
      0 <= rh_ring_length[r] <= RH_NODES && rh_ring_length[r] == ring_members(r, RH_NODES);
    predicate ring_ends{L}(integer r) =
      rh_ring_order[r][0] == 0 && rh_ring_head[r] == rh_ring_order[r][rh_ring_length[r]];
    predicate ring_nodes{L}(integer r) =
      \forall integer k; 1 <= k <= rh_ring_length[r] ==>
        1 <= rh_ring_order[r][k] <= RH_NODES && rh_ring_in[rh_ring_order[r][k]] == r &&
        rh_ring_place[rh_ring_order[r][k]] == k;
    predicate ring_nexts{L}(integer r) =
      \forall integer k; 1 <= k <= rh_ring_length[r] ==>
        rh_ring_next[rh_ring_order[r][k]] == rh_ring_order[r][k-1];
    predicate ring_prevs{L}(integer r) =
      \forall integer k; 1 <= k < rh_ring_length[r] ==>
        rh_ring_prev[rh_ring_order[r][k]] == rh_ring_order[r][k+1];
    predicate ring_complete{L}(integer r) =
      \forall integer x; 1 <= x <= RH_NODES && rh_ring_in[x] == r ==>
        1 <= rh_ring_place[x] <= rh_ring_length[r] && rh_ring_order[r][rh_ring_place[x]] == x;

    predicate rings_sizes{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_size(r);
    predicate rings_ends{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_ends(r);
    predicate rings_nodes{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_nodes(r);
    predicate rings_nexts{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_nexts(r);
    predicate rings_prevs{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_prevs(r);
    predicate rings_complete{L} = \forall integer r; 1 <= r <= RH_RINGS ==> ring_complete(r);
    predicate rings_ok{L} =
      rings_sizes && rings_ends && rings_nodes && rings_nexts && rings_prevs && rings_complete;
*/
/* clang-format off */
#define RH_ENSURES_RINGS \
  ensures ring_sizes: rings_sizes; ensures ring_ends: rings_ends; ensures ring_nodes: rings_nodes; \
  ensures ring_nexts: rings_nexts; ensures ring_prevs: rings_prevs; ensures ring_complete: rings_complete
#define RH_RING_STATE(r) \
  rh_ring_head[r], rh_ring_next[0 .. RH_NODES], rh_ring_prev[0 .. RH_NODES], rh_ring_order[r][0 .. RH_NODES], \
  rh_ring_length[r], rh_ring_place[0 .. RH_NODES]
/* clang-format on */

/* Puts node x, which is in no ring, at the head of ring r. */
/*@ requires range: 1 <= r <= RH_RINGS && 1 <= x <= RH_NODES;
    requires outside: rh_ring_in[x] == 0;
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RING_STATE(r), rh_ring_in[x];
    exits \false;
    RH_ENSURES_RINGS;
    ensures inside: rh_ring_in[x] == r;
    ensures first: rh_ring_head[r] == x;
*/
void rh_ring_push(uint32_t r, uint32_t x);

/* Takes node x out of ring r, which holds it. */
/*@ requires range: 1 <= r <= RH_RINGS && 1 <= x <= RH_NODES;
    requires inside: rh_ring_in[x] == r;
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RING_STATE(r), rh_ring_in[x];
    exits \false;
    RH_ENSURES_RINGS;
    ensures outside: rh_ring_in[x] == 0;
*/
void rh_ring_remove(uint32_t r, uint32_t x);

/*
 * Takes node x, the first of ring r, out if it `leaves`. Without a branch: whether
 * it does is as good as random when it is a pool that may have become full.
 */
/*@ requires range: 1 <= r <= RH_RINGS && 1 <= x <= RH_NODES;
    requires first: rh_ring_head[r] == x;
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RING_STATE(r), rh_ring_in[x];
    exits \false;
    RH_ENSURES_RINGS;
    ensures outside: leaves ==> rh_ring_in[x] == 0;
    ensures inside: !leaves ==> rh_ring_in[x] == r;
*/
void rh_ring_drop_first(uint32_t r, uint32_t x, bool leaves);

/* Empties every ring. */
/*@ terminates \true;
    assigns rh_ring_head[0 .. RH_RINGS], rh_ring_order[0 .. RH_RINGS][0], rh_ring_length[0 .. RH_RINGS],
      rh_ring_in[0 .. RH_NODES];
    exits \false;
    RH_ENSURES_RINGS;
    ensures empty: \forall integer x; 1 <= x <= RH_NODES ==> rh_ring_in[x] == 0;
*/
void rh_ring_reset(void);

#endif
