/*
 * One pool: RH_POOL_GRANULES granules that serve blocks of one size class.
 *
 * The first RH_POOL_HEADER granules of a pool stay unused: that is where
 * CPython keeps the pool's header, so block counts and offsets agree with it.
 * Ours is out of band: a free block's link, or RH_LINK_LIVE for a live block,
 * stands in rh_pool_link, so no block ever holds the heap's own data and a
 * double free is one look-up.
 *
 * Invariants, for every pool with a class:
 *   used <= fresh <= cap, and cap = RH_POOL_SPAN / granules;
 *   blocks below fresh are live or on the free list, exactly once;
 *   the free list (head, then links) ends in RH_LINK_END and has fresh - used
 *   members; blocks from fresh on were never handed out.
 * A pool with used = 0 is free. It remembers its class, so that the next pool
 * of that class goes on with its free list as CPython's does.
 *
 * Everything here takes constant time, but for the reset.
 */
#ifndef RH_CORE_POOL_H
#define RH_CORE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"

enum {
  RH_LINK_END = 0xFFFE, /* ends a free list */
  RH_LINK_LIVE = 0xFFFF /* marks a live block */
};

struct rh_pool {
  uint16_t head;     /* first free block, or RH_LINK_END */
  uint16_t fresh;    /* blocks from here on were never handed out */
  uint16_t used;     /* live blocks */
  uint16_t cap;      /* blocks in the pool */
  uint32_t granules; /* of a block: its size class; 0: never opened */
};

/* Written by pool.c alone. */
extern struct rh_pool rh_pools[RH_POOLS];
extern uint16_t rh_pool_link[RH_POOLS + 1][RH_POOL_SPAN]; /* a row more: see rh_arena_stack */

/*
 * What the proof knows besides: the free list from its end (1) to its head
 * (fresh - used), the live blocks in some order (0 .. used - 1), and where in
 * either of them a block stands.
 */
/*@ ghost extern uint16_t rh_pool_order[RH_POOLS][RH_POOL_SPAN + 1]; */
/*@ ghost extern uint16_t rh_pool_lives[RH_POOLS][RH_POOL_SPAN]; */
/*@ ghost extern uint16_t rh_pool_place[RH_POOLS][RH_POOL_SPAN]; */

/*@ predicate block_live{L}(integer p, integer i) = rh_pool_link[p][i] == RH_LINK_LIVE;
    logic integer pool_listed{L}(integer p) = rh_pools[p].fresh - rh_pools[p].used;
    // The block that rh_pool_take takes.
    logic integer pool_next{L}(integer p) =
      rh_pools[p].head != RH_LINK_END ? rh_pools[p].head : rh_pools[p].fresh;

    predicate pool_sizes{L}(integer p) =
      0 <= rh_pools[p].used <= rh_pools[p].fresh <= rh_pools[p].cap <= RH_POOL_SPAN;
    predicate pool_class{L}(integer p) =
      rh_pools[p].granules == 0 ? rh_pools[p].used == 0
        : rh_pools[p].granules <= RH_SIZE_CLASSES && rh_pools[p].cap == RH_POOL_SPAN / rh_pools[p].granules;
    predicate pool_list{L}(integer p) =
      rh_pool_order[p][0] == RH_LINK_END && rh_pools[p].head == rh_pool_order[p][pool_listed(p)] &&
      (\forall integer k; 1 <= k <= pool_listed(p) ==>
        rh_pool_order[p][k] < rh_pools[p].fresh && rh_pool_place[p][rh_pool_order[p][k]] == k);
    predicate pool_links{L}(integer p) =
      \forall integer k; 1 <= k <= pool_listed(p) ==> rh_pool_link[p][rh_pool_order[p][k]] == rh_pool_order[p][k-1];
    predicate pool_complete{L}(integer p) =
      \forall integer i; 0 <= i < rh_pools[p].fresh && !block_live(p, i) ==>
        1 <= rh_pool_place[p][i] <= pool_listed(p) && rh_pool_order[p][rh_pool_place[p][i]] == i;
    predicate pool_lives{L}(integer p) =
      \forall integer k; 0 <= k < rh_pools[p].used ==>
        rh_pool_lives[p][k] < rh_pools[p].fresh && block_live(p, rh_pool_lives[p][k]) &&
        rh_pool_place[p][rh_pool_lives[p][k]] == k;
    predicate pool_counted{L}(integer p) =
      \forall integer i; 0 <= i < RH_POOL_SPAN && block_live(p, i) ==>
        i < rh_pools[p].fresh && 0 <= rh_pool_place[p][i] < rh_pools[p].used &&
        rh_pool_lives[p][rh_pool_place[p][i]] == i;
    // Theorem B1 for one pool: a partition into live, listed once, never handed out.
    predicate pool_ok{L}(integer p) =
      pool_sizes(p) && pool_class(p) && pool_lives(p) && pool_counted(p) &&
      (rh_pools[p].granules != 0 ==> pool_list(p) && pool_links(p) && pool_complete(p));
*/
/* clang-format off */
#define RH_ENSURES_POOL(p) \
  ensures sizes: pool_sizes(p); ensures class_: pool_class(p); ensures list: pool_list(p); \
  ensures links: pool_links(p); ensures complete_: pool_complete(p); ensures lives: pool_lives(p); \
  ensures counted: pool_counted(p)
#define RH_OTHER_BLOCKS_KEPT(p, i) \
  ensures others: \forall integer j; 0 <= j < RH_POOL_SPAN && j != (i) ==> (block_live(p, j) <==> \old(block_live(p, j)))
/* clang-format on */

/* Makes the free pool p one of size class c, 1..RH_SIZE_CLASSES. */
/*@ requires range: p < RH_POOLS && 1 <= c <= RH_SIZE_CLASSES;
    requires free: rh_pools[p].used == 0;
    requires pool: pool_ok(p);
    terminates \true;
    assigns rh_pools[p], rh_pool_order[p][0];
    exits \false;
    RH_ENSURES_POOL(p);
    ensures opened: rh_pools[p].granules == c && rh_pools[p].used == 0;
    ensures again: \old(rh_pools[p].granules) == c ==>
      rh_pools[p].head == \old(rh_pools[p].head) && rh_pools[p].fresh == \old(rh_pools[p].fresh);
    ensures anew: \old(rh_pools[p].granules) != c ==>
      rh_pools[p].head == RH_LINK_END && rh_pools[p].fresh == 0;
*/
void rh_pool_open(uint32_t p, uint32_t c);

/* Makes the free pool p forget its class. */
/*@ requires range: p < RH_POOLS;
    requires free: rh_pools[p].used == 0;
    requires pool: pool_ok(p);
    terminates \true;
    assigns rh_pools[p];
    exits \false;
    ensures pool: pool_ok(p);
    ensures forgotten: rh_pools[p].granules == 0 && rh_pools[p].used == 0;
*/
void rh_pool_forget(uint32_t p);

/* Takes a block of pool p, which has one: the last one freed, else the next fresh one. Returns its number. */
/*@ requires range: p < RH_POOLS && rh_pools[p].granules != 0;
    requires room: rh_pools[p].used < rh_pools[p].cap;
    requires pool: pool_ok(p);
    terminates \true;
    assigns rh_pool_link[p][pool_next(p)], rh_pools[p].head, rh_pools[p].fresh, rh_pools[p].used,
      rh_pool_lives[p][rh_pools[p].used], rh_pool_place[p][pool_next(p)];
    exits \false;
    RH_ENSURES_POOL(p);
    ensures taken: \result == \old(pool_next(p)) && \result < rh_pools[p].cap;
    ensures was_free: !\old(block_live(p, \at(\result, Post))) && block_live(p, \result);
    RH_OTHER_BLOCKS_KEPT(p, \result);
    ensures one_more: rh_pools[p].used == \old(rh_pools[p].used) + 1;
*/
uint32_t rh_pool_take(uint32_t p);

/* Frees the live block i of pool p: the next one to be taken. */
/*@ requires range: p < RH_POOLS && i < RH_POOL_SPAN && rh_pools[p].granules != 0;
    requires live: block_live(p, i);
    requires pool: pool_ok(p);
    terminates \true;
    assigns rh_pool_link[p][i], rh_pools[p].head, rh_pools[p].used, rh_pool_order[p][pool_listed(p) + 1],
      rh_pool_place[p][i], rh_pool_place[p][rh_pool_lives[p][rh_pools[p].used - 1]],
      rh_pool_lives[p][rh_pool_place[p][i]];
    exits \false;
    RH_ENSURES_POOL(p);
    ensures freed: !block_live(p, i);
    RH_OTHER_BLOCKS_KEPT(p, i);
    ensures one_less: rh_pools[p].used == \old(rh_pools[p].used) - 1;
    ensures last_in_first_out: pool_next(p) == i;
*/
void rh_pool_give(uint32_t p, uint32_t i);

/* Returns pool p to its first state; time proportional to its fresh mark. */
/*@ requires range: p < RH_POOLS;
    requires pool: pool_ok(p);
    terminates \true;
    assigns rh_pools[p], rh_pool_link[p][0 .. RH_POOL_SPAN - 1];
    exits \false;
    ensures pool: pool_ok(p);
    ensures first: rh_pools[p].granules == 0 && rh_pools[p].used == 0;
    ensures none_live: \forall integer i; 0 <= i < RH_POOL_SPAN ==> !block_live(p, i);
*/
void rh_pool_reset(uint32_t p);

#endif
