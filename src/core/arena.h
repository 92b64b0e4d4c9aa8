/*
 * Arenas: RH_ARENA_POOLS pools each, given back when wholly free.
 *
 * An arena slot is unused, usable (it has a free pool) or full. New pools come
 * from the usable arena with the fewest free pools, so that the others can
 * run empty; within it from the pool freed last, else the next one by address.
 * The order among equals is CPython's: an arena whose pool was freed moves
 * behind all others that had as many free pools as it had before.
 *
 * Invariants:
 *   rh_usable[0 .. rh_usable_count-1] holds each usable arena once, from most
 *   to fewest free pools; only rh_usable[0] may be wholly free;
 *   rh_unused[0 .. rh_unused_count-1] holds each unused slot below
 *   rh_arena_slots once; entries from rh_released on wait to be released;
 *   of arena a, pools below `carved` are in use or on its stack of freed
 *   pools, exactly once; the stack has carved - used members.
 *
 * Taking a pool takes constant time; freeing one takes time proportional to
 * the number of arenas with as many free pools.
 */
#ifndef RH_CORE_ARENA_H
#define RH_CORE_ARENA_H

#include <stdint.h>

#include "core/config.h"
#include "core/pool.h"

struct rh_arena {
  uint16_t used;   /* pools in use */
  uint16_t carved; /* pools handed out at least once since the arena was taken */
  uint16_t place;  /* of a usable arena: its index in rh_usable */
};

/* Written by arena.c alone. */
extern struct rh_arena rh_arenas[RH_ARENAS];
extern uint32_t rh_arena_stack[RH_ARENAS + 1][RH_ARENA_POOLS]; /* freed pools, the last one on top */
extern uint16_t rh_usable[RH_ARENAS];
extern uint32_t rh_usable_count;
extern uint16_t rh_unused[RH_ARENAS];
extern uint32_t rh_unused_count;
extern uint32_t rh_released;
extern uint32_t rh_arena_slots;    /* slots ever taken: also the most arenas in use at a time */
extern uint64_t rh_arena_reclaims; /* arenas given back so far, or the largest value */

/*
 * What the proof knows besides: which pools are in use; of each arena its
 * pools in use in some order, and where a pool stands there or on the stack;
 * which arenas are in use, the full ones in some order, and where a full or an
 * unused one stands.
 */
/*@ ghost extern uint8_t rh_pool_busy[RH_POOLS]; */
/*@ ghost extern uint32_t rh_arena_busy[RH_ARENAS][RH_ARENA_POOLS]; */
/*@ ghost extern uint16_t rh_pool_spot[RH_POOLS]; */
/*@ ghost extern uint8_t rh_arena_open[RH_ARENAS]; */
/*@ ghost extern uint16_t rh_full[RH_ARENAS]; */
/*@ ghost extern uint32_t rh_full_count; */
/*@ ghost extern uint16_t rh_arena_spot[RH_ARENAS]; */

/*@ logic integer arena_freed{L}(integer a) = rh_arenas[a].carved - rh_arenas[a].used;
    predicate pool_of_arena(integer p, integer a) = a * RH_ARENA_POOLS <= p < a * RH_ARENA_POOLS + RH_ARENA_POOLS;

    predicate arena_sizes{L}(integer a) = 0 <= rh_arenas[a].used <= rh_arenas[a].carved <= RH_ARENA_POOLS;
    predicate arena_stacked{L}(integer a) =
      \forall integer k; 0 <= k < arena_freed(a) ==>
        a * RH_ARENA_POOLS <= rh_arena_stack[a][k] < a * RH_ARENA_POOLS + rh_arenas[a].carved &&
        rh_pool_busy[rh_arena_stack[a][k]] == 0 && rh_pool_spot[rh_arena_stack[a][k]] == k;
    predicate arena_complete{L}(integer a) =
      \forall integer p; a * RH_ARENA_POOLS <= p < a * RH_ARENA_POOLS + rh_arenas[a].carved && rh_pool_busy[p] == 0 ==>
        0 <= rh_pool_spot[p] < arena_freed(a) && rh_arena_stack[a][rh_pool_spot[p]] == p;
    predicate arena_busy{L}(integer a) =
      \forall integer k; 0 <= k < rh_arenas[a].used ==>
        a * RH_ARENA_POOLS <= rh_arena_busy[a][k] < a * RH_ARENA_POOLS + rh_arenas[a].carved &&
        rh_pool_busy[rh_arena_busy[a][k]] != 0 && rh_pool_spot[rh_arena_busy[a][k]] == k;
    predicate arena_counted{L}(integer a) =
      \forall integer p; pool_of_arena(p, a) && rh_pool_busy[p] != 0 ==>
        p < a * RH_ARENA_POOLS + rh_arenas[a].carved && 0 <= rh_pool_spot[p] < rh_arenas[a].used &&
        rh_arena_busy[a][rh_pool_spot[p]] == p;
    predicate arenas_sizes{L} = \forall integer a; 0 <= a < RH_ARENAS ==> arena_sizes(a);
    predicate arenas_stacked{L} = \forall integer a; 0 <= a < RH_ARENAS ==> arena_stacked(a);
    predicate arenas_complete{L} = \forall integer a; 0 <= a < RH_ARENAS ==> arena_complete(a);
    predicate arenas_busy{L} = \forall integer a; 0 <= a < RH_ARENAS ==> arena_busy(a);
    predicate arenas_counted{L} = \forall integer a; 0 <= a < RH_ARENAS ==> arena_counted(a);
    predicate arenas_books{L} = arenas_sizes && arenas_stacked && arenas_complete && arenas_busy && arenas_counted;

    // The list of usable arenas with n places, of which place h is a hole and arena x is left out.
    predicate usable_items{L}(integer n, integer h) =
      \forall integer k; 0 <= k < n && k != h ==>
        rh_usable[k] < RH_ARENAS && rh_arena_open[rh_usable[k]] != 0 && rh_arenas[rh_usable[k]].used < RH_ARENA_POOLS &&
        rh_arenas[rh_usable[k]].place == k;
    predicate usable_without{L}(integer n, integer h, integer x) =
      \forall integer k; 0 <= k < n && k != h ==> rh_usable[k] != x;
    predicate usable_known{L}(integer n, integer h, integer x) =
      \forall integer a; 0 <= a < RH_ARENAS && a != x && rh_arena_open[a] != 0 && rh_arenas[a].used < RH_ARENA_POOLS ==>
        rh_arenas[a].place < n && rh_arenas[a].place != h && rh_usable[rh_arenas[a].place] == a;
    predicate usable_sorted{L}(integer n, integer h) =
      \forall integer j, k; 0 <= j < k < n && j != h && k != h ==>
        rh_arenas[rh_usable[j]].used <= rh_arenas[rh_usable[k]].used;
    predicate usable_needed{L}(integer n, integer h) =
      \forall integer k; 1 <= k < n && k != h ==> rh_arenas[rh_usable[k]].used >= 1;
    // No hole: every place is below the count.
    predicate usable_ok{L} =
      usable_items(rh_usable_count, -1) && usable_known(rh_usable_count, -1, -1) &&
      usable_sorted(rh_usable_count, -1) && usable_needed(rh_usable_count, -1);

    predicate unused_items{L} =
      \forall integer k; 0 <= k < rh_unused_count ==>
        rh_unused[k] < rh_arena_slots && rh_arena_open[rh_unused[k]] == 0 && rh_arena_spot[rh_unused[k]] == k;
    predicate unused_known{L} =
      \forall integer a; 0 <= a < rh_arena_slots && rh_arena_open[a] == 0 ==>
        rh_arena_spot[a] < rh_unused_count && rh_unused[rh_arena_spot[a]] == a;
    predicate full_items{L} =
      \forall integer k; 0 <= k < rh_full_count ==>
        rh_full[k] < RH_ARENAS && rh_arena_open[rh_full[k]] != 0 && rh_arenas[rh_full[k]].used == RH_ARENA_POOLS &&
        rh_arena_spot[rh_full[k]] == k;
    predicate full_known{L} =
      \forall integer a; 0 <= a < RH_ARENAS && rh_arena_open[a] != 0 && rh_arenas[a].used == RH_ARENA_POOLS ==>
        rh_arena_spot[a] < rh_full_count && rh_full[rh_arena_spot[a]] == a;
    predicate closed_ok{L} =
      \forall integer a; 0 <= a < RH_ARENAS ==>
        (rh_arena_open[a] == 0 ==> rh_arenas[a].used == 0) && (rh_arena_slots <= a ==> rh_arena_open[a] == 0);
    predicate slots_ok{L} =
      0 <= rh_released <= rh_unused_count && rh_arena_slots <= RH_ARENAS &&
      rh_usable_count + rh_unused_count + rh_full_count == rh_arena_slots;
    predicate lists_ok{L} = usable_ok && unused_items && unused_known && full_items && full_known && closed_ok && slots_ok;

    // Theorem B4, the arenas' part.
    predicate arenas_ok{L} = arenas_books && lists_ok;

    // Arena a was given back and waits to be released.
    predicate arena_waits{L}(integer a) =
      0 <= a < rh_arena_slots && rh_arena_open[a] == 0 && rh_released <= rh_arena_spot[a];
    logic integer arenas_in_use{L} = rh_usable_count + rh_full_count;
    // No usable arena behind arena a has as many free pools.
    predicate last_of_equals{L}(integer a) =
      \forall integer k; rh_arenas[a].place < k < rh_usable_count ==>
        rh_arenas[a].used < rh_arenas[rh_usable[k]].used;
*/
/* clang-format off */
#define RH_REQUIRES_BOOKS \
  requires sizes: arenas_sizes; requires stacked: arenas_stacked; requires complete_: arenas_complete; \
  requires busy: arenas_busy; requires counted: arenas_counted
#define RH_ENSURES_BOOKS \
  ensures sizes: arenas_sizes; ensures stacked: arenas_stacked; ensures complete_: arenas_complete; \
  ensures busy: arenas_busy; ensures counted: arenas_counted
#define RH_ENSURES_ARENA_LISTS \
  ensures usable_items: usable_items(rh_usable_count, -1); \
  ensures usable_known: usable_known(rh_usable_count, -1, -1); \
  ensures usable_sorted: usable_sorted(rh_usable_count, -1); \
  ensures usable_needed: usable_needed(rh_usable_count, -1); \
  ensures unused_items: unused_items; ensures unused_known: unused_known; \
  ensures full_items: full_items; ensures full_known: full_known; \
  ensures closed: closed_ok; ensures slots: slots_ok
#define RH_OTHER_POOLS_KEPT(p) \
  ensures others: \forall integer q; 0 <= q < RH_POOLS && q != (p) ==> rh_pool_busy[q] == \old(rh_pool_busy[q])
#define RH_ARENA_LISTS \
  rh_usable[0 .. RH_ARENAS - 1], rh_usable_count, rh_unused[0 .. RH_ARENAS - 1], rh_unused_count, rh_released, \
  rh_arena_slots, rh_arena_open[0 .. RH_ARENAS - 1], rh_full[0 .. RH_ARENAS - 1], rh_full_count, \
  rh_arena_spot[0 .. RH_ARENAS - 1]
/* clang-format on */

/* Takes a free pool, taking a new arena if need be. Returns RH_POOLS, and has changed nothing, when there is none. */
/*@ requires arenas: arenas_ok;
    requires free: \forall integer p; 0 <= p < RH_POOLS && rh_pool_busy[p] == 0 ==> rh_pools[p].used == 0 && pool_ok(p);
    terminates \true;
    assigns rh_arenas[0 .. RH_ARENAS - 1], RH_ARENA_LISTS, rh_pool_busy[0 .. RH_POOLS - 1],
      rh_arena_busy[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1], rh_pool_spot[0 .. RH_POOLS - 1],
      rh_pools[0 .. RH_POOLS - 1];
    exits \false;
    RH_ENSURES_BOOKS;
    RH_ENSURES_ARENA_LISTS;
    ensures range: \result <= RH_POOLS;
    ensures none_left: \result == RH_POOLS ==>
      \forall integer p; 0 <= p < RH_POOLS ==> rh_pool_busy[p] != 0 && \old(rh_pool_busy[p]) != 0;
    ensures taken: \result < RH_POOLS ==> \old(rh_pool_busy[\at(\result, Post)]) == 0 && rh_pool_busy[\result] != 0;
    ensures pool: \result < RH_POOLS ==> rh_pools[\result].used == 0 && pool_ok(\result);
    RH_OTHER_POOLS_KEPT(\result);
    ensures kept: \forall integer q; 0 <= q < RH_POOLS && q != \result ==> rh_pools[q] == \old(rh_pools[q]);
    ensures fewest: \result < RH_POOLS && \old(rh_usable_count) > 0 ==>
      pool_of_arena(\result, \old(rh_usable[rh_usable_count - 1]));
    ensures last_freed: \result < RH_POOLS && \old(rh_usable_count) > 0 ==>
      \old(arena_freed(rh_usable[rh_usable_count - 1])) > 0 ==>
      \result == \old(rh_arena_stack[rh_usable[rh_usable_count - 1]][arena_freed(rh_usable[rh_usable_count - 1]) - 1]);
    ensures fresh: \result < RH_POOLS && (\old(rh_usable_count) > 0 ==>
      \old(arena_freed(rh_usable[rh_usable_count - 1])) == 0) ==> rh_pools[\result].granules == 0 &&
      (\old(rh_usable_count) > 0
         ? \result == \old(rh_usable[rh_usable_count - 1]) * RH_ARENA_POOLS + \old(rh_arenas[rh_usable[rh_usable_count - 1]].carved)
         : \exists integer a; 0 <= a < RH_ARENAS && \result == a * RH_ARENA_POOLS);
    ensures waits: \forall integer a; arena_waits(a) <==> \old(arena_waits(a)) && rh_arena_open[a] == 0;
    ensures peak: rh_arena_slots == \max(\old(rh_arena_slots), arenas_in_use);
*/
uint32_t rh_arena_take_pool(void);

/* Gives back pool p, which is in use in the arena's books and has no live block. */
/*@ requires range: p < RH_POOLS;
    requires busy: rh_pool_busy[p] != 0;
    requires arenas: arenas_ok;
    terminates \true;
    assigns rh_arenas[0 .. RH_ARENAS - 1], RH_ARENA_LISTS, rh_pool_busy[p], rh_pool_spot[0 .. RH_POOLS - 1],
      rh_arena_busy[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1],
      rh_arena_stack[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1], rh_arena_reclaims;
    exits \false;
    RH_ENSURES_BOOKS;
    RH_ENSURES_ARENA_LISTS;
    ensures freed: rh_pool_busy[p] == 0;
    RH_OTHER_POOLS_KEPT(p);
    ensures given_back: rh_arenas[p / RH_ARENA_POOLS].used == 0 ==>
      (rh_arena_open[p / RH_ARENA_POOLS] != 0 ? rh_usable[0] == p / RH_ARENA_POOLS
         : rh_unused[rh_unused_count - 1] == p / RH_ARENA_POOLS && rh_released < rh_unused_count);
    ensures ready: rh_arenas[p / RH_ARENA_POOLS].used == 0 ==> (rh_arena_open[p / RH_ARENA_POOLS] != 0 <==>
      \old(rh_arenas[p / RH_ARENA_POOLS].used == RH_ARENA_POOLS ? rh_usable_count : rh_arenas[p / RH_ARENA_POOLS].place) == 0);
    ensures last_of_equals: rh_arena_open[p / RH_ARENA_POOLS] != 0 ==> last_of_equals(p / RH_ARENA_POOLS);
    ensures still_open: \forall integer a; 0 <= a < RH_ARENAS && a != p / RH_ARENA_POOLS ==>
      rh_arena_open[a] == \old(rh_arena_open[a]);
    ensures waits: \forall integer a; arena_waits(a) <==>
      \old(arena_waits(a)) || (a == p / RH_ARENA_POOLS && rh_arena_open[a] == 0);
    ensures peak: rh_arena_slots == \max(\old(rh_arena_slots), arenas_in_use);
    ensures reclaimed: rh_arena_reclaims ==
      \old(rh_arena_reclaims) + (rh_arena_open[p / RH_ARENA_POOLS] == 0 && \old(rh_arena_reclaims) < UINT64_MAX ? 1 : 0);
*/
void rh_arena_give_pool(uint32_t p);

/* Back to the first state; time proportional to the slots ever taken. Pools are the caller's. */
/*@ requires arenas: arenas_ok;
    terminates \true;
    assigns rh_arenas[0 .. RH_ARENAS - 1], rh_usable_count, rh_unused_count, rh_released, rh_arena_slots,
      rh_arena_reclaims, rh_full_count, rh_arena_open[0 .. RH_ARENAS - 1], rh_pool_busy[0 .. RH_POOLS - 1];
    exits \false;
    RH_ENSURES_BOOKS;
    RH_ENSURES_ARENA_LISTS;
    ensures none_busy: \forall integer p; 0 <= p < RH_POOLS ==> rh_pool_busy[p] == 0;
    ensures first: rh_arena_slots == 0 && rh_arena_reclaims == 0 && arenas_in_use == 0;
*/
void rh_arena_reset(void);

#endif
