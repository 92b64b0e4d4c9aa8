/*
 * Page runs: blocks above RH_SMALL_MAX bytes.
 *
 * The large space is RH_PAGES pages of RH_PAGE_GRANULES granules. Its first
 * rh_run_end pages are tiled by runs, each live or free; the rest was not
 * needed yet and counts as free. Two free runs are never neighbours, and the
 * last run below rh_run_end is live: what is freed joins its free neighbours.
 *
 * A request takes the first run long enough in the lowest bin that has one
 * (bins hold single lengths up to 31 pages, ranges by powers of two above),
 * splits off what it does not need, and takes new pages only when no free run
 * is long enough.
 *
 * Invariants: page f starts a run iff rh_run_size[f] != 0, its length; then
 * rh_run_back[f + rh_run_size[f]] is the same length, so the run before f is
 * found in constant time; every free run is in the ring of its bin, no live
 * one is in any.
 *
 * Taking a run takes time proportional to the free runs of the request's own
 * bin, and to the number of bins; everything else takes constant time.
 */
#ifndef RH_CORE_RUN_H
#define RH_CORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/ring.h"

/* Written by run.c alone. */
extern uint32_t rh_run_size[RH_PAGES + 1]; /* pages of the run that starts here; 0: none does */
extern uint32_t rh_run_back[RH_PAGES + 1]; /* where a run starts, or at the end: pages of the run before */
extern uint8_t rh_run_live[RH_PAGES + 1];  /* 1: a live run starts here */
extern uint32_t rh_run_end;                /* pages in the tiled part */

/*@ // The ring that holds free runs of n pages.
    logic integer run_ring(integer n) =
      RH_SIZE_CLASSES + (n < 32 ? n : 32 + (n >= 64 ? 1 : 0) + (n >= 128 ? 1 : 0) + (n >= 256 ? 1 : 0) +
        (n >= 512 ? 1 : 0) + (n >= 1024 ? 1 : 0) + (n >= 2048 ? 1 : 0) + (n >= 4096 ? 1 : 0) + (n >= 8192 ? 1 : 0) +
        (n >= 16384 ? 1 : 0) + (n >= 32768 ? 1 : 0) + (n >= 65536 ? 1 : 0) + (n >= 131072 ? 1 : 0) +
        (n >= 262144 ? 1 : 0));

    predicate run_starts{L}(integer f) = 0 <= f < rh_run_end && rh_run_size[f] != 0;
    predicate run_free{L}(integer f) = run_starts(f) && rh_run_live[f] == 0;
    // The n pages right behind run f are free: those of a free run, or never used.
    predicate room_behind{L}(integer f, integer n) =
      f + rh_run_size[f] == rh_run_end ? n <= RH_PAGES - rh_run_end :
        rh_run_live[f + rh_run_size[f]] == 0 && n <= rh_run_size[f + rh_run_size[f]];
    // Theorem B4: when run f can become n pages long where it stands.
    predicate run_can_fit{L}(integer f, integer n) = n <= rh_run_size[f] || room_behind(f, n - rh_run_size[f]);

    // Theorem B5: runs tile the pages below rh_run_end...
    predicate tiles_first{L} = rh_run_end <= RH_PAGES && (rh_run_end > 0 ==> rh_run_size[0] != 0);
    predicate tiles_next{L} =
      \forall integer f, g; run_starts(f) && g == f + rh_run_size[f] ==>
        g <= rh_run_end && (g < rh_run_end ==> rh_run_size[g] != 0);
    predicate tiles_back{L} =
      \forall integer f; run_starts(f) ==> rh_run_back[f + rh_run_size[f]] == rh_run_size[f];
    predicate tiles_before{L} =
      \forall integer f; 0 < f <= rh_run_end && (f < rh_run_end ==> rh_run_size[f] != 0) ==>
        1 <= rh_run_back[f] <= f && rh_run_size[f - rh_run_back[f]] == rh_run_back[f];
    predicate tiles_inside{L} =
      \forall integer f, g; run_starts(f) && f < g < f + rh_run_size[f] ==> rh_run_size[g] == 0;
    predicate tiles_beyond{L} = \forall integer f; rh_run_end <= f <= RH_PAGES ==> rh_run_size[f] == 0;
    predicate tiles{L} = tiles_first && tiles_next && tiles_back && tiles_before && tiles_inside && tiles_beyond;
    predicate live_starts{L} = \forall integer f; 0 <= f <= RH_PAGES && rh_run_live[f] != 0 ==> run_starts(f);

    // ...no two free ones are neighbours, nor is the last one free; run x, at work, is left out (-1: none)...
    predicate free_apart{L}(integer x) =
      \forall integer f; run_free(f) && f != x ==>
        f + rh_run_size[f] < rh_run_end && (rh_run_live[f + rh_run_size[f]] != 0 || f + rh_run_size[f] == x);
    // ...and the free ones are exactly those in the rings.
    predicate free_ringed{L}(integer f) =
      \forall integer x; RH_RUN_NODE <= x <= RH_NODES && x != RH_RUN_NODE + f ==>
        (run_free(x - RH_RUN_NODE) ==> rh_ring_in[x] == run_ring(rh_run_size[x - RH_RUN_NODE])) &&
        (!run_free(x - RH_RUN_NODE) ==> rh_ring_in[x] == 0);
    // Pools are in rings of size classes alone.
    predicate rings_apart{L} = \forall integer x; 1 <= x <= RH_POOLS ==> rh_ring_in[x] <= RH_SIZE_CLASSES;
    predicate runs_ok{L} = tiles && live_starts && free_apart(-1) && free_ringed(-1);
*/
/* clang-format off */
#define RH_ENSURES_TILES \
  ensures tiles_first: tiles_first; ensures tiles_next: tiles_next; ensures tiles_back: tiles_back; \
  ensures tiles_before: tiles_before; ensures tiles_inside: tiles_inside; ensures tiles_beyond: tiles_beyond; \
  ensures live_starts: live_starts
#define RH_ENSURES_RUNS \
  RH_ENSURES_TILES; ensures free_apart: free_apart(-1); ensures free_ringed: free_ringed(-1); RH_ENSURES_RINGS
#define RH_OTHER_RUNS_KEPT(f) \
  ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != (f) ==> \
    rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]))
#define RH_RUN_RINGS \
  rh_ring_head[RH_SIZE_CLASSES + 1 .. RH_RINGS], rh_ring_next[0 .. RH_NODES], rh_ring_prev[0 .. RH_NODES], \
  rh_ring_order[RH_SIZE_CLASSES + 1 .. RH_RINGS][0 .. RH_NODES], rh_ring_length[RH_SIZE_CLASSES + 1 .. RH_RINGS], \
  rh_ring_place[0 .. RH_NODES], rh_ring_in[RH_RUN_NODE .. RH_NODES]
#define RH_RUN_STATE \
  rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES], rh_run_live[0 .. RH_PAGES], rh_run_end
/* clang-format on */

/* Takes n pages, n >= 1. Returns the first, or RH_PAGES and has changed nothing when no free run is long enough. */
/*@ requires range: 1 <= n <= RH_PAGES;
    requires runs: runs_ok && rings_ok && rings_apart;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RUNS;
    ensures range: \result <= RH_PAGES;
    ensures none_long_enough: \result == RH_PAGES ==>
      RH_PAGES - rh_run_end < n && \forall integer f; run_free(f) ==> rh_run_size[f] < n;
    ensures unchanged: \result == RH_PAGES ==> rh_run_end == \old(rh_run_end);
    ensures taken: \result < RH_PAGES ==>
      \old(rh_run_live[\at(\result, Post)]) == 0 && rh_run_live[\result] != 0 && rh_run_size[\result] == n;
    RH_OTHER_RUNS_KEPT(\result);
*/
uint32_t rh_run_take(uint32_t n);

/* Frees the live run that starts at page f and returns true; when there is none, changes nothing and returns false. */
/*@ requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RUNS;
    ensures accepted: \result <==> f < RH_PAGES && \old(rh_run_live[f]) != 0;
    ensures freed: \result ==> rh_run_live[f] == 0;
    RH_OTHER_RUNS_KEPT(f);
    ensures refused: !\result ==> rh_run_end == \old(rh_run_end) &&
      \forall integer g; 0 <= g <= RH_PAGES ==>
        rh_run_live[g] == \old(rh_run_live[g]) && rh_run_size[g] == \old(rh_run_size[g]);
*/
bool rh_run_give(uint32_t f);

/*
 * Makes the live run at page f n pages long where it stands, n >= 1: a shorter
 * one gives its tail back, a longer one takes the pages right behind it.
 * Returns false, and has changed nothing, when those are not free or too few.
 */
/*@ requires range: f < RH_PAGES && rh_run_live[f] != 0 && 1 <= n <= RH_PAGES;
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RUNS;
    ensures live: rh_run_live[f] != 0;
    ensures rule: \result <==> \old(run_can_fit(f, n));
    ensures fits: \result ==> rh_run_size[f] == n;
    ensures kept: !\result ==> rh_run_size[f] == \old(rh_run_size[f]) && rh_run_size[f] < n;
    RH_OTHER_RUNS_KEPT(f);
*/
bool rh_run_fit(uint32_t f, uint32_t n);

/* Back to the first state; time proportional to the number of runs. Rings are the caller's. */
/*@ requires runs: tiles && live_starts;
    terminates \true;
    assigns RH_RUN_STATE;
    exits \false;
    RH_ENSURES_TILES;
    ensures free_apart: free_apart(-1);
    ensures none_live: \forall integer f; 0 <= f <= RH_PAGES ==> rh_run_live[f] == 0 && rh_run_size[f] == 0;
    ensures first: rh_run_end == 0;
*/
void rh_run_reset(void);

#endif
