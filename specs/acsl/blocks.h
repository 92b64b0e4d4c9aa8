/*
 * What must be true of small and large blocks together: pools, rings, arenas
 * and runs agree. The state these definitions speak of is in core/pool.h,
 * ring.h, arena.h and run.h.
 */
#ifndef RH_ACSL_BLOCKS_H
#define RH_ACSL_BLOCKS_H

#include "core/arena.h"
#include "core/pool.h"
#include "core/ring.h"
#include "core/run.h"

/*@ // Every pool keeps theorem B1, conjunct by conjunct.
    predicate all_sizes{L} = \forall integer p; 0 <= p < RH_POOLS ==> pool_sizes(p);
    predicate all_class{L} = \forall integer p; 0 <= p < RH_POOLS ==> pool_class(p);
    predicate all_lives{L} = \forall integer p; 0 <= p < RH_POOLS ==> pool_lives(p);
    predicate all_counted{L} = \forall integer p; 0 <= p < RH_POOLS ==> pool_counted(p);
    predicate all_list{L} = \forall integer p; 0 <= p < RH_POOLS && rh_pools[p].granules != 0 ==> pool_list(p);
    predicate all_links{L} = \forall integer p; 0 <= p < RH_POOLS && rh_pools[p].granules != 0 ==> pool_links(p);
    predicate all_complete{L} = \forall integer p; 0 <= p < RH_POOLS && rh_pools[p].granules != 0 ==> pool_complete(p);
    predicate pools_ok{L} =
      all_sizes && all_class && all_lives && all_counted && all_list && all_links && all_complete;
    // Theorem B4: rings and arenas agree with the blocks' states. Pool x, at work, is left out (-1: none).
    predicate pools_ringed{L} =
      \forall integer x; 1 <= x <= RH_POOLS ==>
        rh_ring_in[x] ==
          ((0 < rh_pools[x - 1].used && rh_pools[x - 1].used < rh_pools[x - 1].cap) ? rh_pools[x - 1].granules : 0);
    predicate pools_booked{L}(integer x) =
      \forall integer p; 0 <= p < RH_POOLS && p != x ==> (rh_pool_busy[p] != 0 <==> rh_pools[p].used > 0);

    logic integer small_handle{L}(integer p, integer i) =
      p * RH_POOL_GRANULES + RH_POOL_HEADER + i * rh_pools[p].granules;
    predicate small_block{L}(integer b, integer p, integer i) =
      0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN && block_live(p, i) && b == small_handle(p, i);
    logic integer large_handle(integer f) = RH_SMALL_GRANULES + f * RH_PAGE_GRANULES;
    predicate large_block{L}(integer b, integer f) =
      0 <= f < RH_PAGES && rh_run_live[f] != 0 && b == large_handle(f);
    predicate live_block{L}(integer b) =
      (\exists integer p, i; small_block(b, p, i)) || (\exists integer f; large_block(b, f));
    // The live block b has n granules.
    predicate sized_block{L}(integer b, integer n) =
      (\exists integer p, i; small_block(b, p, i) && n == rh_pools[p].granules) ||
      (\exists integer f; large_block(b, f) && n == rh_run_size[f] * RH_PAGE_GRANULES);
    predicate has_size{L}(integer b, integer n) =
      sized_block(b, n) && \forall integer m; sized_block(b, m) ==> m == n;
    // Every block but those at a and b is live iff it was, and as long.
    predicate small_kept_but{K, L}(integer a, integer b) =
      \forall integer x, p, i; x != a && x != b ==>
        (small_block{L}(x, p, i) <==> small_block{K}(x, p, i)) &&
        (small_block{L}(x, p, i) ==> \at(rh_pools[p].granules, L) == \at(rh_pools[p].granules, K));
    predicate large_kept_but{K, L}(integer a, integer b) =
      \forall integer x, f; x != a && x != b ==>
        (large_block{L}(x, f) <==> large_block{K}(x, f)) &&
        (large_block{L}(x, f) ==> \at(rh_run_size[f], L) == \at(rh_run_size[f], K));
*/

/* What an operation on blocks may assume, must keep, and may write. */
/* clang-format off */
#define RH_REQUIRES_POOLS \
  requires sizes: all_sizes; requires class_: all_class; requires lives: all_lives; requires counted: all_counted; \
  requires list: all_list; requires links: all_links; requires complete_: all_complete
#define RH_ENSURES_POOLS \
  ensures sizes: all_sizes; ensures class_: all_class; ensures lives: all_lives; ensures counted: all_counted; \
  ensures list: all_list; ensures links: all_links; ensures complete_: all_complete
#define RH_REQUIRES_BLOCKS \
  RH_REQUIRES_POOLS; requires rings: rings_ok; requires arenas: arenas_ok; requires runs: runs_ok; \
  requires ringed: pools_ringed; requires booked: pools_booked(-1)
#define RH_ENSURES_SMALL \
  RH_ENSURES_POOLS; RH_ENSURES_RINGS; ensures ringed: pools_ringed; ensures booked: pools_booked(-1); \
  ensures free_ringed: free_ringed(-1)
#define RH_ENSURES_BLOCKS RH_ENSURES_SMALL; ensures arenas: arenas_ok; ensures runs: runs_ok
#define RH_POOLS_STATE \
  rh_pools[0 .. RH_POOLS - 1], rh_pool_link[0 .. RH_POOLS - 1][0 .. RH_POOL_SPAN - 1], \
  rh_pool_order[0 .. RH_POOLS - 1][0 .. RH_POOL_SPAN], rh_pool_lives[0 .. RH_POOLS - 1][0 .. RH_POOL_SPAN - 1], \
  rh_pool_place[0 .. RH_POOLS - 1][0 .. RH_POOL_SPAN - 1]
#define RH_ARENAS_STATE \
  rh_arenas[0 .. RH_ARENAS - 1], RH_ARENA_LISTS, rh_pool_busy[0 .. RH_POOLS - 1], rh_pool_spot[0 .. RH_POOLS - 1], \
  rh_arena_busy[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1], \
  rh_arena_stack[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1], rh_arena_reclaims
#define RH_RINGS_STATE \
  rh_ring_head[0 .. RH_RINGS], rh_ring_next[0 .. RH_NODES], rh_ring_prev[0 .. RH_NODES], \
  rh_ring_order[0 .. RH_RINGS][0 .. RH_NODES], rh_ring_length[0 .. RH_RINGS], rh_ring_place[0 .. RH_NODES], \
  rh_ring_in[0 .. RH_NODES]
#define RH_SMALL_STATE RH_POOLS_STATE, RH_ARENAS_STATE, RH_RINGS_STATE
/* clang-format on */

#endif
