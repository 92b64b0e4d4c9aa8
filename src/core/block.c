/*
 * See block.h. This file joins rings, pools, arenas and runs.
 *
 * Invariants between operations: a pool is in use in its arena's books iff it
 * has a live block; it is in the ring of its class iff it has a live block and
 * a free one. Inside an operation both are suspended for the one pool at work.
 */
#include "core/block.h"

#include "core/address.h"
#include "core/arena.h"
#include "core/pool.h"
#include "core/ring.h"
#include "core/run.h"

/*@ lemma product_step: \forall integer i, j, c; 0 < c && i < j ==> i * c + c <= j * c;
    lemma product_quotient: \forall integer i, c; 0 < c && 0 <= i ==> (i * c) / c == i;
    lemma product_fits:
      \forall integer i, c; 1 <= c <= RH_SIZE_CLASSES && 0 <= i < RH_POOL_SPAN / c ==> i * c + c <= RH_POOL_SPAN;
    lemma handle_same{L1, L2}:
      \forall integer p, i; \at(rh_pools[p].granules, L1) == \at(rh_pools[p].granules, L2) ==>
        small_handle{L1}(p, i) == small_handle{L2}(p, i);
*/
/* clang-format off */
#define SMALL_KEPT_BUT(p, i) \
  \forall integer q, j; 0 <= q < RH_POOLS && 0 <= j < RH_POOL_SPAN && !(q == (p) && j == (i)) ==> \
    (block_live(q, j) <==> \old(block_live(q, j)))
#define SIZES_KEPT \
  \forall integer q, j; 0 <= q < RH_POOLS && 0 <= j < RH_POOL_SPAN && block_live(q, j) && \old(block_live(q, j)) ==> \
    rh_pools[q].granules == \old(rh_pools[q].granules)
#define LARGE_KEPT \
  \forall integer g; 0 <= g <= RH_PAGES ==> \
    rh_run_live[g] == \old(rh_run_live[g]) && rh_run_size[g] == \old(rh_run_size[g])
#define ENSURES_NEW_SMALL(c) \
  ensures none_changed: \result == 0 ==> SMALL_KEPT_BUT(-1, -1); \
  ensures none_left: \result == 0 ==> \forall integer p; 0 <= p < RH_POOLS ==> \
    rh_pools[p].used > 0 && (rh_pools[p].granules == (c) ==> rh_pools[p].used == rh_pools[p].cap); \
  ensures taken: \result != 0 ==> small_block(\result, last_pool, last_block) && \
    !\old(block_live(\at(last_pool, Post), \at(last_block, Post))) && rh_pools[last_pool].granules == (c); \
  ensures others: \result != 0 ==> SMALL_KEPT_BUT(last_pool, last_block); \
  ensures sizes_kept: SIZES_KEPT; \
  ensures disjoint: \result != 0 ==> \forall integer q, j; 0 <= q < RH_POOLS && 0 <= j < RH_POOL_SPAN && \
    block_live(q, j) && !(q == last_pool && j == last_block) ==> \
    \result + (c) <= small_handle(q, j) || small_handle(q, j) + rh_pools[q].granules <= \result; \
  ensures inside: \result != 0 ==> \result + (c) <= RH_SMALL_GRANULES
/* Every pool is in use, and those of the size class of so many bytes are full. */
#define NO_POOL_FOR(bytes) \
  \forall integer p; 0 <= p < RH_POOLS ==> rh_pools[p].used > 0 && \
    (rh_pools[p].granules == ((bytes) == 0 ? 1 : ((bytes) + RH_GRANULE - 1) / RH_GRANULE) ==> \
      rh_pools[p].used == rh_pools[p].cap)
#define TAKE_STATE(p) \
  rh_pool_link[p][pool_next(p)], rh_pools[p].head, rh_pools[p].fresh, rh_pools[p].used, \
  rh_pool_lives[p][rh_pools[p].used], rh_pool_place[p][pool_next(p)]
/* clang-format on */

/* What is seldom called stays apart, so that what is called often needs no registers saved for it. */
#ifdef __FRAMAC__
#define SELDOM
#else
#define SELDOM __attribute__((noinline))
#endif

/* ---- small blocks ---- */

/* The block that the last successful operation on small blocks took or freed. */
/*@ ghost static uint32_t last_pool, last_block; */

/* A block of pool p, the first in the ring of its class c. */
/*@ requires range: 1 <= c <= RH_SIZE_CLASSES && p < RH_POOLS && rh_ring_in[p + 1] == c;
    requires first: rh_ring_head[c] == p + 1;
    requires rings: rings_ok;
    requires ringed: pools_ringed;
    requires booked: pools_booked(-1);
    requires free_ringed: free_ringed(-1);
    RH_REQUIRES_POOLS;
    terminates \true;
    assigns TAKE_STATE(p), RH_RING_STATE(c), rh_ring_in[p + 1];
    exits \false;
    RH_ENSURES_SMALL;
    ensures class_kept: rh_pools[p].granules == c;
    ensures taken: \result < rh_pools[p].cap && block_live(p, \result) && !\old(block_live(p, \at(\result, Post)));
    ensures others: SMALL_KEPT_BUT(p, \result);
*/
static uint32_t take_partial(uint32_t p, uint32_t c) {
  uint32_t i = rh_pool_take(p);
  /*@ assert lives_there: \forall integer q; 0 <= q < RH_POOLS && q != p ==> pool_lives(q); */
  /*@ assert lives: all_lives; */
  /*@ assert counted: all_counted; */
  /*@ assert list: all_list; */
  /*@ assert links: all_links; */
  /*@ assert complete_: all_complete; */
  rh_ring_drop_first(c, p + 1, rh_pools[p].used == rh_pools[p].cap);
  return i;
}

/* The first block of pool p, just taken from its arena for class c. */
/*@ requires range: 1 <= c <= RH_SIZE_CLASSES && p < RH_POOLS && rh_pools[p].used == 0 && rh_pool_busy[p] != 0;
    requires rings: rings_ok;
    requires ringed: pools_ringed;
    requires booked: pools_booked(p);
    requires free_ringed: free_ringed(-1);
    RH_REQUIRES_POOLS;
    terminates \true;
    assigns rh_pools[p], rh_pool_link[p][0 .. RH_POOL_SPAN - 1], rh_pool_order[p][0],
      rh_pool_lives[p][0 .. RH_POOL_SPAN - 1], rh_pool_place[p][0 .. RH_POOL_SPAN - 1], RH_RING_STATE(c),
      rh_ring_in[p + 1];
    exits \false;
    RH_ENSURES_SMALL;
    ensures opened: rh_pools[p].granules == c;
    ensures taken: \result < rh_pools[p].cap && block_live(p, \result) && !\old(block_live(p, \at(\result, Post)));
    ensures others: SMALL_KEPT_BUT(p, \result);
*/
static uint32_t take_first(uint32_t p, uint32_t c) {
  rh_pool_open(p, c);
  /*@ assert opened_sizes: all_sizes && all_class; */
  /*@ assert opened_lives: all_lives && all_counted; */
  /*@ assert opened_list: all_list; */
  /*@ assert opened_links: all_links; */
  /*@ assert opened_complete: all_complete; */
  /*@ assert has_block: rh_pools[p].cap >= 1; */
  uint32_t i = rh_pool_take(p);
  /*@ assert lives_there: \forall integer q; 0 <= q < RH_POOLS && q != p ==> pool_lives(q); */
  /*@ assert lives: all_lives; */
  /*@ assert counted: all_counted; */
  /*@ assert list: all_list; */
  /*@ assert links: all_links; */
  /*@ assert complete_: all_complete; */
  if (rh_pools[p].used < rh_pools[p].cap) rh_ring_push(c, p + 1);
  return i;
}

/* Theorem B2, the extents: live small blocks lie in their pools behind the header and do not overlap. */
/*@ ghost
  /@ requires class_: all_class;
     requires counted: all_counted;
     requires sizes: all_sizes;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures inside: \forall integer p, i; 0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN && block_live(p, i) ==>
       p * RH_POOL_GRANULES + RH_POOL_HEADER <= small_handle(p, i) &&
       small_handle(p, i) + rh_pools[p].granules <= (p + 1) * RH_POOL_GRANULES;
     ensures same_pool: \forall integer p, i, j; 0 <= p < RH_POOLS && 0 <= i < j < RH_POOL_SPAN &&
       block_live(p, i) && block_live(p, j) ==> small_handle(p, i) + rh_pools[p].granules <= small_handle(p, j);
     ensures two_pools: \forall integer p, i, q, j; 0 <= p < q < RH_POOLS && 0 <= i < RH_POOL_SPAN &&
       0 <= j < RH_POOL_SPAN && block_live(p, i) && block_live(q, j) ==>
       small_handle(p, i) + rh_pools[p].granules <= small_handle(q, j);
  @/
  void blocks_are_disjoint(void) {
    /@ assert used: \forall integer p, i; 0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN && block_live(p, i) ==>
         1 <= rh_pools[p].granules <= RH_SIZE_CLASSES && i < RH_POOL_SPAN / rh_pools[p].granules; @/
    /@ assert fits: \forall integer p, i; 0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN && block_live(p, i) ==>
         0 <= i * rh_pools[p].granules && i * rh_pools[p].granules + rh_pools[p].granules <= RH_POOL_SPAN; @/
  }
*/

/* The handle of block i of pool p, which was just taken for class c. */
/*@ requires range: 1 <= c <= RH_SIZE_CLASSES && p < RH_POOLS && i < RH_POOL_SPAN;
    requires taken: block_live(p, i) && rh_pools[p].granules == c;
    requires sizes: all_sizes;
    requires class_: all_class;
    requires counted: all_counted;
    terminates \true;
    assigns last_pool, last_block;
    exits \false;
    ensures taken: \result != 0 && small_block(\result, p, i);
    ensures last: last_pool == p && last_block == i;
    ensures disjoint: \forall integer q, j; 0 <= q < RH_POOLS && 0 <= j < RH_POOL_SPAN &&
      block_live(q, j) && !(q == p && j == i) ==>
      \result + c <= small_handle(q, j) || small_handle(q, j) + rh_pools[q].granules <= \result;
    ensures inside: \result + c <= RH_SMALL_GRANULES;
*/
static uint32_t handle_of(uint32_t p, uint32_t i, uint32_t c) {
  /*@ ghost last_pool = p; */
  /*@ ghost last_block = i; */
  /*@ assert class_here: rh_pools[p].granules == c && i < RH_POOL_SPAN / c; */
  /*@ ghost blocks_are_disjoint(); */
  /*@ assert fits: 0 <= i * c && i * c + c <= RH_POOL_SPAN; */
  uint32_t b = p * RH_POOL_GRANULES + RH_POOL_HEADER + i * c;
  /*@ assert handle: b == small_handle(p, i); */
  /*@ assert before: \forall integer j; 0 <= j < i && block_live(p, j) ==> small_handle(p, j) + c <= b; */
  /*@ assert behind: \forall integer j; i < j < RH_POOL_SPAN && block_live(p, j) ==> b + c <= small_handle(p, j); */
  /*@ assert below: \forall integer q, j; 0 <= q < p && 0 <= j < RH_POOL_SPAN && block_live(q, j) ==>
        small_handle(q, j) + rh_pools[q].granules <= b; */
  /*@ assert above: \forall integer q, j; p < q < RH_POOLS && 0 <= j < RH_POOL_SPAN && block_live(q, j) ==>
        b + c <= small_handle(q, j); */
  return b;
}

/* A block of c granules from a pool that has none yet, or 0; no pool of that class has a free block. */
/*@ requires range: 1 <= c <= RH_SIZE_CLASSES;
    requires empty: rh_ring_head[c] == 0;
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, last_pool, last_block;
    exits \false;
    RH_ENSURES_BLOCKS;
    ENSURES_NEW_SMALL(c);
*/
SELDOM static uint32_t new_in_free_pool(uint32_t c) {
  /*@ assert head: rh_ring_head[c] == rh_ring_order[c][rh_ring_length[c]]; */
  /*@ assert ring_empty: \forall integer y; 1 <= y <= RH_NODES ==> rh_ring_in[y] != c; */
  /*@ assert none_partial: \forall integer q; 0 <= q < RH_POOLS ==> rh_ring_in[q + 1] != c &&
        (rh_pools[q].granules == c ==> rh_pools[q].used == 0 || rh_pools[q].used == rh_pools[q].cap); */
  uint32_t p = rh_arena_take_pool();
  /*@ assert pool_sizes_class: all_sizes && all_class; */
  /*@ assert pool_lives: all_lives; */
  /*@ assert pool_counted: all_counted; */
  /*@ assert pool_list: all_list; */
  /*@ assert pool_links: all_links; */
  /*@ assert pool_complete: all_complete; */
  /*@ assert all_used: p == RH_POOLS ==> \forall integer q; 0 <= q < RH_POOLS ==>
        rh_pools[q] == \at(rh_pools[q], Pre) && rh_pools[q].used > 0; */
  if (p == RH_POOLS) return 0;
  /*@ assert none_before: \forall integer q, j; q == p && 0 <= j < RH_POOL_SPAN ==> !block_live{Pre}(q, j); */
  uint32_t i = take_first(p, c);
  /*@ assert others_kept: \forall integer q; 0 <= q < RH_POOLS && q != p ==>
        rh_pools[q].granules == \at(rh_pools[q].granules, Pre); */
  return handle_of(p, i, c);
}

/* A block of c granules, or 0. */
/*@ requires range: 1 <= c <= RH_SIZE_CLASSES;
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, last_pool, last_block;
    exits \false;
    RH_ENSURES_BLOCKS;
    ENSURES_NEW_SMALL(c);
*/
static uint32_t new_small(uint32_t c) {
  uint32_t x = rh_ring_head[c];
  /*@ assert head: x == rh_ring_order[c][rh_ring_length[c]]; */
  if (x == 0) return new_in_free_pool(c);
  /*@ assert member: rh_ring_in[x] == c && 1 <= x <= RH_NODES; */
  /*@ assert not_a_run: \forall integer y; RH_RUN_NODE <= y <= RH_NODES ==>
        rh_ring_in[y] == 0 || rh_ring_in[y] > RH_SIZE_CLASSES; */
  /*@ assert pool: x <= RH_POOLS; */
  uint32_t p = x - 1;
  /*@ assert class_before: rh_pools[p].granules == c; */
  uint32_t i = take_partial(p, c);
  /*@ assert others_kept: \forall integer q; 0 <= q < RH_POOLS && q != p ==>
        rh_pools[q].granules == \at(rh_pools[q].granules, Pre); */
  /*@ assert here_kept: \forall integer q; q == p ==> rh_pools[q].granules == \at(rh_pools[q].granules, Pre); */
  return handle_of(p, i, c);
}

/* 65536 / c, rounded up, for each c: a multiplication takes a fraction of the time of a division. */
/* clang-format off */
#define RECIPROCALS(c) 65535 / (c) + 1, 65535 / ((c) + 1) + 1, 65535 / ((c) + 2) + 1, 65535 / ((c) + 3) + 1
static const uint32_t reciprocals[] = {
  0, RECIPROCALS(1), RECIPROCALS(5), RECIPROCALS(9), RECIPROCALS(13), RECIPROCALS(17), RECIPROCALS(21), RECIPROCALS(25),
  RECIPROCALS(29)};
/* clang-format on */

/*@ requires range: 1 <= c <= RH_SIZE_CLASSES;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures near: 65536 <= \result * c < 65536 + c;
    ensures range: \result <= 65536;
*/
static uint32_t reciprocal_of(uint32_t c) {
  /*@ assert each: c == 1 || c == 2 || c == 3 || c == 4 || c == 5 || c == 6 || c == 7 || c == 8 || c == 9 || c == 10 ||
        c == 11 || c == 12 || c == 13 || c == 14 || c == 15 || c == 16 || c == 17 || c == 18 || c == 19 || c == 20 ||
        c == 21 || c == 22 || c == 23 || c == 24 || c == 25 || c == 26 || c == 27 || c == 28 || c == 29 || c == 30 ||
        c == 31 || c == 32; */
  return reciprocals[c];
}

/* offset / c if c divides it. */
/*@ requires range: offset < RH_POOL_SPAN && 1 <= c <= RH_SIZE_CLASSES;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures range: \result < RH_POOL_SPAN;
    ensures exact: offset == offset / c * c ==> \result == offset / c;
*/
static uint32_t quotient(uint32_t offset, uint32_t c) {
  uint32_t r = reciprocal_of(c);
  uint32_t scaled = offset * r;
  /*@ ghost uint32_t k = offset / c; */
  /*@ assert product: offset == k * c ==> scaled == k * (r * c); */
  /*@ assert low: k * 65536 <= k * (r * c); */
  /*@ assert high: k * (r * c) <= k * 65536 + k * c; */
  /*@ assert whole: offset == k * c ==> k * 65536 <= scaled < k * 65536 + 65536; */
  /*@ assert part: offset == k * c ==> scaled / 65536 == k; */
  return scaled / 65536;
}

/* The number of the live block that starts at granule g of pool p; RH_POOL_SPAN when none does. */
/*@ requires range: p < RH_POOLS && g < RH_POOL_GRANULES;
    requires sizes: pool_sizes(p);
    requires class_: pool_class(p);
    requires counted: pool_counted(p);
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures range: \result <= RH_POOL_SPAN;
    ensures found: \result < RH_POOL_SPAN ==>
      block_live(p, \result) && g == RH_POOL_HEADER + \result * rh_pools[p].granules;
    ensures none: \result == RH_POOL_SPAN ==> \forall integer i; 0 <= i < RH_POOL_SPAN && block_live(p, i) ==>
      g != RH_POOL_HEADER + i * rh_pools[p].granules;
*/
static uint32_t find_small(uint32_t p, uint32_t g) {
  uint32_t c = rh_pools[p].granules;
  if (c == 0 || g < RH_POOL_HEADER) return RH_POOL_SPAN;
  uint32_t offset = g - RH_POOL_HEADER, i = quotient(offset, c);
  /*@ assert unique: \forall integer k; 0 <= k && offset == k * c ==> k == offset / c; */
  return i * c == offset && rh_pool_link[p][i] == RH_LINK_LIVE ? i : RH_POOL_SPAN;
}

/* Frees the live block i of pool p, the only one there. */
/*@ requires range: p < RH_POOLS && i < RH_POOL_SPAN && block_live(p, i);
    requires only: rh_pools[p].used == 1;
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures freed: !block_live(p, i);
    ensures others: SMALL_KEPT_BUT(p, i);
    ensures sizes_kept: SIZES_KEPT;
*/
SELDOM static void free_last(uint32_t p, uint32_t i) {
  uint32_t c = rh_pools[p].granules;
  /*@ assert used: pool_listed(p) + 1 <= RH_POOL_SPAN; */
  /*@ assert last_live: rh_pool_lives[p][rh_pools[p].used - 1] < RH_POOL_SPAN && rh_pool_place[p][i] < RH_POOL_SPAN; */
  rh_pool_give(p, i);
  /*@ assert lives_there: \forall integer q; 0 <= q < RH_POOLS && q != p ==> pool_lives(q); */
  /*@ assert lives: all_lives; */
  /*@ assert counted: all_counted; */
  /*@ assert list: all_list; */
  /*@ assert links: all_links; */
  /*@ assert complete_: all_complete; */
  if (rh_pools[p].cap > 1) rh_ring_remove(c, p + 1);
  rh_arena_give_pool(p);
  /*@ assert ringed_there: \forall integer x; 1 <= x <= RH_POOLS && x != p + 1 ==>
        rh_ring_in[x] ==
          ((0 < rh_pools[x - 1].used && rh_pools[x - 1].used < rh_pools[x - 1].cap) ? rh_pools[x - 1].granules : 0); */
}

/* Frees the live block i of pool p. */
/*@ requires range: p < RH_POOLS && i < RH_POOL_SPAN && block_live(p, i);
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures freed: !block_live(p, i);
    ensures others: SMALL_KEPT_BUT(p, i);
    ensures sizes_kept: SIZES_KEPT;
*/
static void free_small(uint32_t p, uint32_t i) {
  /*@ assert used: rh_pools[p].used >= 1 && pool_listed(p) + 1 <= RH_POOL_SPAN; */
  /*@ assert last_live: rh_pool_lives[p][rh_pools[p].used - 1] < RH_POOL_SPAN && rh_pool_place[p][i] < RH_POOL_SPAN; */
  if (rh_pools[p].used == 1) {
    free_last(p, i);
    return;
  }
  bool was_full = rh_pools[p].used == rh_pools[p].cap;
  rh_pool_give(p, i);
  /*@ assert lives_there: \forall integer q; 0 <= q < RH_POOLS && q != p ==> pool_lives(q); */
  /*@ assert lives: all_lives; */
  /*@ assert counted: all_counted; */
  /*@ assert list: all_list; */
  /*@ assert links: all_links; */
  /*@ assert complete_: all_complete; */
  if (was_full) rh_ring_push(rh_pools[p].granules, p + 1);
  /*@ assert ringed_there: \forall integer x; 1 <= x <= RH_POOLS && x != p + 1 ==>
        rh_ring_in[x] ==
          ((0 < rh_pools[x - 1].used && rh_pools[x - 1].used < rh_pools[x - 1].cap) ? rh_pools[x - 1].granules : 0); */
}

/* ---- large blocks ---- */

enum { LARGE_MAX = RH_PAGES * (RH_PAGE_GRANULES * RH_GRANULE) };

/* Neither the pages never used nor any free run are enough. */
/* clang-format off */
#define NO_RUN_FOR(bytes) \
  (RH_PAGES - rh_run_end) * (RH_PAGE_GRANULES * RH_GRANULE) < (bytes) && \
  \forall integer f; run_free(f) ==> rh_run_size[f] * (RH_PAGE_GRANULES * RH_GRANULE) < (bytes)
/* clang-format on */

/* Pages for a request of up to LARGE_MAX bytes, at least one. */
/*@ requires range: bytes <= LARGE_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures range: 1 <= \result <= RH_PAGES;
    ensures least: bytes >= 1 ==> (\result - 1) * (RH_PAGE_GRANULES * RH_GRANULE) < bytes <=
      \result * (RH_PAGE_GRANULES * RH_GRANULE);
*/
static uint32_t pages_for(uint64_t bytes) {
  uint32_t page = RH_PAGE_GRANULES * RH_GRANULE;
  return bytes == 0 ? 1 : (uint32_t)((bytes + page - 1) / page);
}

/* The first page of the live run that starts at handle b; RH_PAGES when none does. */
/*@ requires large: b >= RH_SMALL_GRANULES;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures range: \result <= RH_PAGES;
    ensures found: \result < RH_PAGES ==> large_block(b, \result);
    ensures none: \result == RH_PAGES ==> \forall integer f; !large_block(b, f);
*/
static uint32_t find_large(uint32_t b) {
  uint32_t g = b - RH_SMALL_GRANULES;
  if (b >= RH_GRANULES || g % RH_PAGE_GRANULES != 0) return RH_PAGES;
  uint32_t f = g / RH_PAGE_GRANULES;
  /*@ assert exact: b == large_handle(f); */
  return rh_run_live[f] != 0 ? f : RH_PAGES;
}

/* A block of at least `bytes` bytes from page runs, or 0. */
/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures taken: \result != 0 ==> bytes <= LARGE_MAX && RH_SMALL_GRANULES <= \result < RH_GRANULES &&
      \exists integer f; large_block(\result, f) && \old(rh_run_live[f]) == 0 &&
        bytes <= rh_run_size[f] * (RH_PAGE_GRANULES * RH_GRANULE);
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && \result != large_handle(g) ==>
      rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]));
    ensures none_long_enough: 1 <= bytes <= LARGE_MAX && \result == 0 ==> NO_RUN_FOR(bytes);
*/
SELDOM static uint32_t new_large(uint64_t bytes) {
  if (bytes > LARGE_MAX) return 0;
  /*@ assert apart: rings_apart; */
  uint32_t f = rh_run_take(pages_for(bytes));
  return f == RH_PAGES ? 0 : RH_SMALL_GRANULES + f * RH_PAGE_GRANULES;
}

/* Frees the large block b and returns true; false, and nothing changed, when there is none. */
/*@ requires large: b >= RH_SMALL_GRANULES;
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures accepted: \result <==> \old(\exists integer f; large_block(b, f));
    ensures freed: \result ==> \exists integer f; \old(large_block(b, f)) && rh_run_live[f] == 0;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && b != large_handle(g) ==>
      rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]));
    ensures refused: !\result ==> LARGE_KEPT;
    ensures gone: \forall integer f; !large_block(b, f);
*/
SELDOM static bool free_large(uint32_t b) {
  uint32_t f = find_large(b);
  /*@ assert large: f < RH_PAGES <==> \exists integer g; large_block(b, g); */
  if (f == RH_PAGES) return false;
  rh_run_give(f);
  return true;
}

/* ---- all blocks ---- */

/* What a new block promises, and what it means that there is none. */
/* clang-format off */
#define ENSURES_NEW \
  ensures too_large: bytes > LARGE_MAX ==> \result == 0; \
  ensures small_none: bytes <= RH_SMALL_MAX && \result == 0 ==> SMALL_KEPT_BUT(-1, -1); \
  ensures small_full: bytes <= RH_SMALL_MAX && \result == 0 ==> NO_POOL_FOR(bytes); \
  ensures small_taken: bytes <= RH_SMALL_MAX && \result != 0 ==> \
    small_block(\result, last_pool, last_block) && \
    !\old(block_live(\at(last_pool, Post), \at(last_block, Post))) && \
    bytes <= rh_pools[last_pool].granules * RH_GRANULE; \
  ensures small_tight: 1 <= bytes <= RH_SMALL_MAX && \result != 0 ==> \
    rh_pools[last_pool].granules * RH_GRANULE < bytes + RH_GRANULE; \
  ensures small_others: bytes <= RH_SMALL_MAX && \result != 0 ==> SMALL_KEPT_BUT(last_pool, last_block); \
  ensures small_large: bytes <= RH_SMALL_MAX ==> LARGE_KEPT; \
  ensures large_small: bytes > RH_SMALL_MAX ==> SMALL_KEPT_BUT(-1, -1); \
  ensures large_full: RH_SMALL_MAX < bytes <= LARGE_MAX && \result == 0 ==> NO_RUN_FOR(bytes); \
  ensures large_taken: bytes > RH_SMALL_MAX && \result != 0 ==> \
    \exists integer f; large_block(\result, f) && \old(rh_run_live[f]) == 0 && \
      bytes <= rh_run_size[f] * (RH_PAGE_GRANULES * RH_GRANULE); \
  ensures large_others: bytes > RH_SMALL_MAX ==> \
    \forall integer g; 0 <= g <= RH_PAGES && \result != large_handle(g) ==> \
      rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g])); \
  ensures sizes_kept: SIZES_KEPT; \
  ensures new: \result != 0 ==> live_block(\result) && !\old(live_block(\at(\result, Post))); \
  ensures enough: \forall integer n; \result != 0 && sized_block(\result, n) ==> bytes <= n * RH_GRANULE; \
  ensures small_kept: small_kept_but{Pre, Post}(\result, \result); \
  ensures large_kept: large_kept_but{Pre, Post}(\result, \result)
/* clang-format on */

/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block;
    exits \false;
    RH_ENSURES_BLOCKS;
    ENSURES_NEW;
*/
uint32_t rh_block_new(uint64_t bytes) {
  /*@ ghost blocks_are_disjoint(); */
  /*@ assert below: \forall integer x, p, i; small_block(x, p, i) ==>
        rh_pools[p].granules >= 1 && x < RH_SMALL_GRANULES; */
  if (bytes > RH_SMALL_MAX) return new_large(bytes);
  uint32_t b = new_small(bytes == 0 ? 1 : ((uint32_t)bytes + RH_GRANULE - 1) / RH_GRANULE);
  /*@ assert not_large: \forall integer f; b != 0 ==> !large_block(b, f); */
  /*@ assert class_: \forall integer x, p, i; small_block(x, p, i) ==> rh_pools[p].granules >= 1; */
  /*@ assert only: \forall integer p, i; b != 0 && small_block(b, p, i) ==> p == last_pool && i == last_block; */
  /*@ assert was_free: \forall integer p, i; b != 0 ==> !small_block{Pre}(b, p, i); */
  return b;
}

/* What the number of a live small block says about its handle, and the other way round. */
/*@ ghost
  /@ requires class_: all_class;
     requires counted: all_counted;
     requires sizes: all_sizes;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures small: \forall integer p, i; small_block(b, p, i) ==>
       RH_POOL_HEADER <= b < RH_SMALL_GRANULES && b / RH_POOL_GRANULES == p &&
       b % RH_POOL_GRANULES == RH_POOL_HEADER + i * rh_pools[p].granules;
     ensures large: \forall integer f; large_block(b, f) ==> b >= RH_SMALL_GRANULES;
  @/
  void decode_handle(uint32_t b) {
    blocks_are_disjoint();
    /@ assert within: \forall integer p, i; small_block(b, p, i) ==>
         p * RH_POOL_GRANULES + RH_POOL_HEADER <= b < (p + 1) * RH_POOL_GRANULES; @/
    /@ assert pool: \forall integer p; 0 <= p && p * RH_POOL_GRANULES <= b < (p + 1) * RH_POOL_GRANULES ==>
         b / RH_POOL_GRANULES == p && b % RH_POOL_GRANULES == b - p * RH_POOL_GRANULES; @/
  }
*/

/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures accepted: \result <==> \old(live_block(b));
    ensures small_freed: \result && b < RH_SMALL_GRANULES ==>
      \old(small_block(b, \at(last_pool, Post), \at(last_block, Post))) && !block_live(last_pool, last_block);
    ensures small_others: \result && b < RH_SMALL_GRANULES ==> SMALL_KEPT_BUT(last_pool, last_block);
    ensures small_kept: !(\result && b < RH_SMALL_GRANULES) ==> SMALL_KEPT_BUT(-1, -1);
    ensures large_freed: \result && b >= RH_SMALL_GRANULES ==>
      \exists integer f; \old(large_block(b, f)) && rh_run_live[f] == 0;
    ensures large_others: \forall integer g; 0 <= g <= RH_PAGES && b != large_handle(g) ==>
      rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]));
    ensures refused: !\result ==> LARGE_KEPT;
    ensures sizes_kept: SIZES_KEPT;
    ensures gone: !live_block(b);
    ensures small_kept_but: small_kept_but{Pre, Post}(b, b);
    ensures large_kept_but: large_kept_but{Pre, Post}(b, b);
*/
bool rh_block_free(uint32_t b) {
  /*@ ghost decode_handle(b); */
  if (b >= RH_SMALL_GRANULES) {
    /*@ assert not_small: \forall integer q, j; !small_block(b, q, j); */
    return free_large(b);
  }
  uint32_t p = b / RH_POOL_GRANULES, i = find_small(p, b % RH_POOL_GRANULES);
  /*@ assert found: i < RH_POOL_SPAN ==> small_block(b, p, i); */
  /*@ assert same_pool: \forall integer q, j; small_block(b, q, j) ==> q == p; */
  /*@ assert none_here: i == RH_POOL_SPAN ==> \forall integer j; !small_block(b, p, j); */
  /*@ assert none: i == RH_POOL_SPAN ==> \forall integer q, j; !small_block(b, q, j); */
  /*@ assert not_large: \forall integer f; !large_block(b, f); */
  /*@ assert small: i < RH_POOL_SPAN <==> live_block(b); */
  if (i == RH_POOL_SPAN) return false;
  /*@ ghost blocks_are_disjoint(); */
  /*@ assert one: \forall integer q, j; small_block(b, q, j) ==> q == p && j == i; */
  free_small(p, i);
  /*@ assert was: \forall integer x, q, j; small_block(x, q, j) ==> small_block{Pre}(x, q, j) && !(q == p && j == i); */
  /*@ assert is: \forall integer x, q, j; small_block{Pre}(x, q, j) && !(q == p && j == i) ==> small_block(x, q, j); */
  /*@ assert gone: \forall integer q, j; !small_block(b, q, j); */
  /*@ ghost last_pool = p; */
  /*@ ghost last_block = i; */
  return true;
}

/* Granules of block b; 0 when it is not live. */
/*@ requires sizes: all_sizes;
    requires class_: all_class;
    requires counted: all_counted;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures dead: \result == 0 <==> !live_block(b);
    ensures small: \forall integer p, i; small_block(b, p, i) ==> \result == rh_pools[p].granules;
    ensures large: \forall integer f; large_block(b, f) ==> \result == rh_run_size[f] * RH_PAGE_GRANULES;
    ensures sized: \result != 0 ==> has_size(b, \result);
*/
static uint32_t granules_of(uint32_t b) {
  /*@ ghost decode_handle(b); */
  if (b >= RH_SMALL_GRANULES) {
    uint32_t f = find_large(b);
    return f == RH_PAGES ? 0 : rh_run_size[f] * RH_PAGE_GRANULES;
  }
  uint32_t p = b / RH_POOL_GRANULES, i = find_small(p, b % RH_POOL_GRANULES);
  /*@ assert found: i < RH_POOL_SPAN ==> small_block(b, p, i); */
  /*@ assert same_pool: \forall integer q, j; small_block(b, q, j) ==> q == p; */
  /*@ assert none: i == RH_POOL_SPAN ==> \forall integer q, j; !small_block(b, q, j); */
  /*@ assert small: \forall integer f; !large_block(b, f); */
  return i == RH_POOL_SPAN ? 0 : rh_pools[p].granules;
}

/*@ requires sizes: all_sizes;
    requires class_: all_class;
    requires counted: all_counted;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures dead: \result == 0 <==> !live_block(b);
    ensures small: \forall integer p, i; small_block(b, p, i) ==> \result == rh_pools[p].granules * RH_GRANULE;
    ensures large: \forall integer f; large_block(b, f) ==>
      \result == rh_run_size[f] * RH_PAGE_GRANULES * RH_GRANULE;
*/
uint64_t rh_block_size(uint32_t b) {
  return (uint64_t)granules_of(b) * RH_GRANULE;
}

/* Theorem B2, the extents of any two live blocks: that of block a does not overlap any other. */
/*@ ghost
  /@ requires class_: all_class;
     requires counted: all_counted;
     requires sizes: all_sizes;
     requires tiles: tiles && live_starts;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures small: \forall integer b, p, i, q, j; small_block(a, p, i) && small_block(b, q, j) && !(p == q && i == j) ==>
       a + rh_pools[p].granules <= b || b + rh_pools[q].granules <= a;
     ensures large: \forall integer b, f, g; large_block(a, f) && large_block(b, g) && f != g ==>
       a + rh_run_size[f] * RH_PAGE_GRANULES <= b || b + rh_run_size[g] * RH_PAGE_GRANULES <= a;
     ensures mixed: \forall integer b, p, i, g; small_block(a, p, i) && large_block(b, g) ==>
       a + rh_pools[p].granules <= b;
     ensures mixed_too: \forall integer b, f, q, j; large_block(a, f) && small_block(b, q, j) ==>
       b + rh_pools[q].granules <= a;
     ensures inside: \forall integer b, n; sized_block(b, n) ==> b + n <= RH_GRANULES;
     ensures apart: \forall integer b, m, n; a != b && sized_block(a, m) && sized_block(b, n) ==>
       a + m <= b || b + n <= a;
  @/
  void extents_are_apart(uint32_t a) {
    blocks_are_disjoint();
    /@ assert runs: \forall integer f, g; 0 <= f < g < RH_PAGES && rh_run_live[f] != 0 && rh_run_live[g] != 0 ==>
         f + rh_run_size[f] <= g; @/
    /@ assert small: \forall integer b, p, i, q, j; small_block(a, p, i) && small_block(b, q, j) &&
         !(p == q && i == j) ==> a + rh_pools[p].granules <= b || b + rh_pools[q].granules <= a; @/
    /@ assert large: \forall integer b, f, g; large_block(a, f) && large_block(b, g) && f != g ==>
         a + rh_run_size[f] * RH_PAGE_GRANULES <= b || b + rh_run_size[g] * RH_PAGE_GRANULES <= a; @/
    /@ assert mixed: \forall integer b, p, i, g; small_block(a, p, i) && large_block(b, g) ==>
         a + rh_pools[p].granules <= b; @/
    /@ assert mixed_too: \forall integer b, f, q, j; large_block(a, f) && small_block(b, q, j) ==>
         b + rh_pools[q].granules <= a; @/
  }
*/

/* What the other live blocks hold stays. */
/* clang-format off */
#define BYTES_KEPT_BUT(b) \
  \forall integer x, n, k; x != (b) && sized_block(x, n) && 0 <= k < RH_GRANULES * RH_GRANULE && \
    x * RH_GRANULE <= k < (x + n) * RH_GRANULE ==> rh_region[k] == \old(rh_region[k])
/* clang-format on */

/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block, rh_region[0 .. RH_GRANULES * RH_GRANULE - 1];
    exits \false;
    RH_ENSURES_BLOCKS;
    ENSURES_NEW;
    ensures zeroed: \result != 0 ==> \forall integer n, k; sized_block(\result, n) &&
      \result * RH_GRANULE <= k < (\result + n) * RH_GRANULE ==> rh_region[k] == 0;
    ensures bytes_kept: BYTES_KEPT_BUT(\result);
*/
uint32_t rh_block_new_zeroed(uint64_t bytes) {
  uint32_t b = rh_block_new(bytes);
  /*@ ghost extents_are_apart(b); */
  if (b != 0) rh_region_zero(b, granules_of(b));
  return b;
}

/*@ // The run at page f can serve a request of `bytes` bytes where it stands.
    predicate large_can_fit{L}(integer f, integer bytes) =
      \exists integer n; 1 <= n <= RH_PAGES && run_can_fit(f, n) &&
        (n - 1) * (RH_PAGE_GRANULES * RH_GRANULE) < bytes <= n * (RH_PAGE_GRANULES * RH_GRANULE);
*/

/* Whether the live block b of n granules can serve a request of `bytes` bytes where it is, and now does. */
/*@ requires range: bytes >= 1;
    requires small: b < RH_SMALL_GRANULES ==> n <= RH_SIZE_CLASSES;
    requires large: b >= RH_SMALL_GRANULES ==> \exists integer f; large_block(b, f);
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures small: b < RH_SMALL_GRANULES ==>
      (\result <==> bytes <= n * RH_GRANULE && 4 * bytes > 3 * (n * RH_GRANULE)) && LARGE_KEPT;
    ensures rule: \forall integer f; \old(large_block(b, f)) ==> (\result <==> \old(large_can_fit(f, bytes)));
    ensures large: b >= RH_SMALL_GRANULES ==> \exists integer f; large_block(b, f) &&
      (\result ==> bytes <= rh_run_size[f] * (RH_PAGE_GRANULES * RH_GRANULE));
    ensures large_others: \forall integer g; 0 <= g <= RH_PAGES && b != large_handle(g) ==>
      rh_run_live[g] == \old(rh_run_live[g]) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]));
    ensures kept: !\result ==> \forall integer g; 0 <= g <= RH_PAGES ==>
      (rh_run_live[g] != 0 <==> \old(rh_run_live[g]) != 0) && (rh_run_live[g] != 0 ==> rh_run_size[g] == \old(rh_run_size[g]));
    ensures large_kept_but: large_kept_but{Pre, Post}(b, b);
    ensures large_kept: !\result ==> large_kept_but{Pre, Post}(0, 0);
*/
static bool fit_in_place(uint32_t b, uint32_t n, uint64_t bytes) {
  /*@ assert page: \forall integer f; large_block(b, f) ==> (b - RH_SMALL_GRANULES) / RH_PAGE_GRANULES == f; */
  if (b >= RH_SMALL_GRANULES) {
    return bytes <= LARGE_MAX && rh_run_fit((b - RH_SMALL_GRANULES) / RH_PAGE_GRANULES, pages_for(bytes));
  }
  uint32_t size = n * RH_GRANULE;
  return bytes <= size && 4 * bytes > 3 * size;
}

/*@ // Bytes that both block b had and block to has are the same.
    predicate contents_kept{K, L}(integer to, integer b) =
      \forall integer m, n, k; sized_block{K}(b, n) && sized_block{L}(to, m) &&
        0 <= k < n * RH_GRANULE && k < m * RH_GRANULE ==>
        \at(rh_region[to * RH_GRANULE + k], L) == \at(rh_region[b * RH_GRANULE + k], K);
*/
/* clang-format off */
#define ENSURES_MOVED \
  ensures live: \result != 0 ==> live_block(\result); \
  ensures enough: \forall integer n; \result != 0 && sized_block(\result, n) ==> bytes <= n * RH_GRANULE; \
  ensures new: \result != 0 && \result != b ==> !\old(live_block(\at(\result, Post))) && !live_block(b); \
  ensures small_kept: small_kept_but{Pre, Post}(\result == 0 ? 0 : b, \result); \
  ensures large_kept: large_kept_but{Pre, Post}(\result == 0 ? 0 : b, \result); \
  ensures bytes_kept: BYTES_KEPT_BUT(\result); \
  ensures small_full: bytes <= RH_SMALL_MAX && \result == 0 && (b == 0 || \old(live_block(b))) ==> \
    NO_POOL_FOR(bytes); \
  ensures large_full: RH_SMALL_MAX < bytes <= LARGE_MAX && \result == 0 && (b == 0 || \old(live_block(b))) ==> \
    NO_RUN_FOR(bytes)
/* clang-format on */

/* Copies what fits of the n granules of block b to block to, and frees b. */
/*@ requires to: to != b && live_block(to);
    requires old: has_size(b, n);
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block, rh_region[0 .. RH_GRANULES * RH_GRANULE - 1];
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures gone: !live_block(b);
    ensures small_kept_but: small_kept_but{Pre, Post}(b, b);
    ensures large_kept_but: large_kept_but{Pre, Post}(b, b);
    ensures contents: contents_kept{Pre, Post}(to, b);
    ensures bytes_kept: BYTES_KEPT_BUT(to);
*/
static void hand_over(uint32_t to, uint32_t b, uint32_t n) {
  /*@ ghost extents_are_apart(to); */
  uint32_t m = granules_of(to);
  /*@ assert apart: \forall integer x, k; x != to && sized_block(x, k) ==> to + m <= x || x + k <= to; */
  rh_region_copy(to, b, n < m ? n : m);
  /*@ assert bytes: \forall integer x, n, k; x != to && sized_block(x, n) && 0 <= k < RH_GRANULES * RH_GRANULE &&
        x * RH_GRANULE <= k < (x + n) * RH_GRANULE ==> rh_region[k] == \at(rh_region[k], Pre); */
  rh_block_free(b);
  /*@ assert small: \forall integer x, p, i; small_block(x, p, i) ==> x != b && small_block{Pre}(x, p, i) &&
        rh_pools[p].granules == \at(rh_pools[p].granules, Pre); */
  /*@ assert large: \forall integer x, f; large_block(x, f) ==> x != b && large_block{Pre}(x, f) &&
        rh_run_size[f] == \at(rh_run_size[f], Pre); */
  /*@ assert was: \forall integer x, m; sized_block(x, m) ==> sized_block{Pre}(x, m); */
}

/* Moves block b, of n granules, to a new one of at least `bytes` bytes. Returns that, or 0 and has changed nothing. */
/*@ requires old: has_size(b, n) && bytes >= 1;
    RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block, rh_region[0 .. RH_GRANULES * RH_GRANULE - 1];
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures elsewhere: \result != 0 ==> \result != b;
    ENSURES_MOVED;
    ensures contents: \result != 0 ==> contents_kept{Pre, Post}(\result, b);
*/
static uint32_t move_away(uint32_t b, uint32_t n, uint64_t bytes) {
  uint32_t to = rh_block_new(bytes);
  if (to == 0) return 0;
  /*@ assert was_live: live_block{Pre}(b) && !live_block{Pre}(to); */
  /*@ assert small: \forall integer p, i; small_block{Pre}(b, p, i) ==> small_block(b, p, i) &&
        rh_pools[p].granules == \at(rh_pools[p].granules, Pre); */
  /*@ assert large: \forall integer f; large_block{Pre}(b, f) ==> large_block(b, f) &&
        rh_run_size[f] == \at(rh_run_size[f], Pre); */
  /*@ assert still: sized_block(b, n); */
  /*@ assert only: \forall integer m; sized_block(b, m) ==> sized_block{Pre}(b, m); */
  /*@ ghost New: ; */
  hand_over(to, b, n);
  /*@ assert same: \forall integer m; sized_block(to, m) ==> sized_block{New}(to, m); */
  return to;
}

/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE, last_pool, last_block, rh_region[0 .. RH_GRANULES * RH_GRANULE - 1];
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures refused: b != 0 && !\old(live_block(b)) ==> \result == 0;
    ensures rule: \forall integer p, i; \old(small_block(b, p, i)) && bytes >= 1 &&
      bytes <= \old(rh_pools[p].granules) * RH_GRANULE && 4 * bytes > 3 * (\old(rh_pools[p].granules) * RH_GRANULE) ==>
      \result == b;
    ensures rule_large: \forall integer f; \old(large_block(b, f)) && bytes >= 1 ==>
      (\result == b <==> \old(large_can_fit(f, bytes)));
    ENSURES_MOVED;
    ensures contents: b != 0 && \result != 0 ==> contents_kept{Pre, Post}(\result, b);
*/
uint32_t rh_block_move(uint32_t b, uint64_t bytes) {
  /*@ ghost decode_handle(b); */
  if (b == 0) return rh_block_new(bytes);
  uint32_t n = granules_of(b);
  if (n == 0) return 0;
  if (bytes == 0) bytes = 1;
  if (fit_in_place(b, n, bytes)) {
    /*@ assert rule: \forall integer f; large_block{Pre}(b, f) ==> large_can_fit{Pre}(f, bytes); */
    /*@ assert in_place: contents_kept{Pre, Here}(b, b); */
    return b;
  }
  /*@ assert rule: \forall integer f; large_block{Pre}(b, f) ==> !large_can_fit{Pre}(f, bytes); */
  /*@ assert still: has_size(b, n); */
  uint32_t to = move_away(b, n, bytes);
  /*@ assert elsewhere: to != b; */
  /*@ assert moved: to != 0 ==> contents_kept{Pre, Here}(to, b); */
  return to;
}

/* ---- statistics ---- */

/*@ // What a walk over the first n pools, or the first n pages, counts.
    logic integer small_total{L}(integer n) = n <= 0 ? 0 : small_total(n - 1) + rh_pools[n - 1].used;
    logic integer large_total{L}(integer n) = n <= 0 ? 0 : large_total(n - 1) + (rh_run_live[n - 1] != 0 ? 1 : 0);
    logic integer busy_total{L}(integer n) = n <= 0 ? 0 : busy_total(n - 1) + rh_arenas[n - 1].used;
    // And how many granules these have.
    logic integer small_granules{L}(integer n) =
      n <= 0 ? 0 : small_granules(n - 1) + rh_pools[n - 1].used * rh_pools[n - 1].granules;
    logic integer large_granules{L}(integer n) =
      n <= 0 ? 0 : large_granules(n - 1) + (rh_run_live[n - 1] != 0 ? rh_run_size[n - 1] * RH_PAGE_GRANULES : 0);
*/

/*@ requires sizes: all_sizes;
    requires slots: rh_arena_slots <= RH_ARENAS;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures total: \result == small_total(rh_arena_slots * RH_ARENA_POOLS) + large_total(rh_run_end);
*/
uint32_t rh_block_total(void) {
  uint32_t total = 0;
  /*@ loop invariant range: 0 <= p <= rh_arena_slots * RH_ARENA_POOLS;
      loop invariant total: total == small_total((integer)p) && total <= p * RH_POOL_SPAN;
      loop assigns p, total;
      loop variant rh_arena_slots * RH_ARENA_POOLS - p;
  */
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) total += rh_pools[p].used;
  /*@ ghost uint32_t small = total; */
  /*@ loop invariant range: 0 <= f <= rh_run_end && (f < rh_run_end ==> rh_run_size[f] != 0);
      loop invariant total: total == small + large_total((integer)f) && total <= small + f;
      loop assigns f, total;
      loop variant rh_run_end - f;
  */
  for (uint32_t f = 0; f < rh_run_end; f += rh_run_size[f]) {
    total += rh_run_live[f] != 0;
    /*@ ghost
       uint32_t g = f + 1;
       /@ loop invariant f + 1 <= g <= f + rh_run_size[f];
          loop invariant large_total((integer)g) == large_total((integer)(f + 1));
          loop assigns g;
          loop variant f + rh_run_size[f] - g;
       @/
       while (g < f + rh_run_size[f]) g++;
    */
  }
  return total;
}

/*@ requires sizes: all_sizes;
    requires class_: all_class;
    requires slots: rh_arena_slots <= RH_ARENAS;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures usage: \result ==
      (small_granules(rh_arena_slots * RH_ARENA_POOLS) + large_granules(rh_run_end)) * RH_GRANULE;
    ensures bound: \result <= RH_GRANULES * RH_GRANULE;
*/
uint64_t rh_block_usage(void) {
  uint64_t granules = 0;
  /*@ loop invariant range: 0 <= p <= rh_arena_slots * RH_ARENA_POOLS;
      loop invariant sum: granules == small_granules((integer)p);
      loop invariant bound: granules <= p * RH_POOL_SPAN;
      loop assigns p, granules;
      loop variant rh_arena_slots * RH_ARENA_POOLS - p;
  */
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) {
    /*@ assert fits: 0 <= rh_pools[p].used * rh_pools[p].granules <= RH_POOL_SPAN; */
    granules += rh_pools[p].used * rh_pools[p].granules;
  }
  /*@ ghost uint64_t small = granules; */
  /*@ loop invariant range: 0 <= f <= rh_run_end && (f < rh_run_end ==> rh_run_size[f] != 0);
      loop invariant sum: granules == small + large_granules((integer)f);
      loop invariant bound: granules <= RH_POOLS * RH_POOL_SPAN + f * RH_PAGE_GRANULES;
      loop assigns f, granules;
      loop variant rh_run_end - f;
  */
  for (uint32_t f = 0; f < rh_run_end; f += rh_run_size[f]) {
    if (rh_run_live[f] != 0) granules += rh_run_size[f] * RH_PAGE_GRANULES;
    /*@ ghost
       uint32_t g = f + 1;
       /@ loop invariant f + 1 <= g <= f + rh_run_size[f];
          loop invariant large_granules((integer)g) == large_granules((integer)(f + 1));
          loop assigns g;
          loop variant f + rh_run_size[f] - g;
       @/
       while (g < f + rh_run_size[f]) g++;
    */
  }
  return granules * RH_GRANULE;
}

/*@ requires sizes: arenas_sizes;
    requires slots: rh_arena_slots <= RH_ARENAS;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures total: \result == busy_total(rh_arena_slots);
*/
uint32_t rh_pool_total(void) {
  uint32_t total = 0;
  /*@ loop invariant range: 0 <= a <= rh_arena_slots;
      loop invariant total: total == busy_total((integer)a) && total <= a * RH_ARENA_POOLS;
      loop assigns a, total;
      loop variant rh_arena_slots - a;
  */
  for (uint32_t a = 0; a < rh_arena_slots; a++) total += rh_arenas[a].used;
  return total;
}

/* ---- back to the first state ---- */

/* Resets every pool that an arena slot ever taken holds. */
/*@ requires arenas: arenas_ok;
    requires booked: pools_booked(-1);
    RH_REQUIRES_POOLS;
    terminates \true;
    assigns RH_POOLS_STATE;
    exits \false;
    RH_ENSURES_POOLS;
    ensures none_used: \forall integer p; 0 <= p < RH_POOLS ==> rh_pools[p].used == 0;
*/
static void reset_pools(void) {
  /*@ loop invariant range: 0 <= p <= rh_arena_slots * RH_ARENA_POOLS;
      loop invariant sizes: all_sizes;
      loop invariant class_: all_class;
      loop invariant lives: all_lives;
      loop invariant counted: all_counted;
      loop invariant list: all_list;
      loop invariant links: all_links;
      loop invariant complete_: all_complete;
      loop invariant reset: \forall integer q; 0 <= q < p ==> rh_pools[q].used == 0;
      loop invariant kept: \forall integer q; p <= q < RH_POOLS ==> rh_pools[q].used == \at(rh_pools[q].used, Pre);
      loop assigns p, RH_POOLS_STATE;
      loop variant rh_arena_slots * RH_ARENA_POOLS - p;
  */
  for (uint32_t p = 0; p < rh_arena_slots * RH_ARENA_POOLS; p++) rh_pool_reset(p);
  /*@ assert closed: \forall integer a; rh_arena_slots <= a < RH_ARENAS ==> rh_arenas[a].used == 0; */
  /*@ assert counted: \forall integer a, p; 0 <= a < RH_ARENAS && pool_of_arena(p, a) && rh_arenas[a].used == 0 ==>
        rh_pool_busy[p] == 0; */
  /*@ assert slot: \forall integer p; rh_arena_slots * RH_ARENA_POOLS <= p < RH_POOLS ==>
        rh_arena_slots <= p / RH_ARENA_POOLS < RH_ARENAS && pool_of_arena(p, p / RH_ARENA_POOLS); */
  /*@ assert idle: \forall integer p; rh_arena_slots * RH_ARENA_POOLS <= p < RH_POOLS ==>
        rh_arenas[p / RH_ARENA_POOLS].used == 0 && rh_pool_busy[p] == 0; */
}

void rh_block_reset(void) {
  reset_pools();
  rh_ring_reset();
  rh_arena_reset();
  rh_run_reset();
}
