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

struct rh_arena {
  uint16_t used;   /* pools in use */
  uint16_t carved; /* pools handed out at least once since the arena was taken */
  uint16_t place;  /* of a usable arena: its index in rh_usable */
};

/* Written by arena.c alone. */
extern struct rh_arena rh_arenas[RH_ARENAS];
extern uint32_t rh_arena_stack[RH_ARENAS][RH_ARENA_POOLS]; /* freed pools, last one on top */
extern uint16_t rh_usable[RH_ARENAS];
extern uint32_t rh_usable_count;
extern uint16_t rh_unused[RH_ARENAS];
extern uint32_t rh_unused_count;
extern uint32_t rh_released;
extern uint32_t rh_arena_slots; /* slots ever taken: also the most arenas in use at a time */

/* Takes a free pool, taking a new arena if need be. Returns RH_POOLS, and has changed nothing, when there is none. */
uint32_t rh_arena_take_pool(void);

/* Gives back pool p, which is in use in the arena's books and has no live block. */
void rh_arena_give_pool(uint32_t p);

/* Back to the first state; time proportional to the slots ever taken. Pools are the caller's. */
void rh_arena_reset(void);

#endif
