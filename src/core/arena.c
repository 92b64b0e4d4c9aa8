/* See arena.h. */
#include "core/arena.h"

#include "core/block.h"
#include "core/pool.h"

struct rh_arena rh_arenas[RH_ARENAS];
uint32_t rh_arena_stack[RH_ARENAS][RH_ARENA_POOLS];
uint16_t rh_usable[RH_ARENAS];
uint32_t rh_usable_count;
uint16_t rh_unused[RH_ARENAS];
uint32_t rh_unused_count;
uint32_t rh_released;
uint32_t rh_arena_slots;
static uint64_t reclaimed;

/* Puts arena a at place k of the usable ones. */
static void place(uint32_t k, uint32_t a) {
  rh_usable[k] = (uint16_t)a;
  rh_arenas[a].place = (uint16_t)k;
}

/* Takes an unused slot, the one unused last first, and makes it the only usable arena. Returns whether there is one. */
static bool open_arena(void) {
  uint32_t a;
  if (rh_unused_count > 0) {
    a = rh_unused[--rh_unused_count];
    if (rh_released > rh_unused_count) rh_released = rh_unused_count;
  } else {
    if (rh_arena_slots == RH_ARENAS) return false;
    a = rh_arena_slots++;
  }
  rh_arenas[a].carved = 0;
  place(0, a);
  rh_usable_count = 1;
  return true;
}

uint32_t rh_arena_take_pool(void) {
  if (rh_usable_count == 0 && !open_arena()) return RH_POOLS;
  uint32_t a = rh_usable[rh_usable_count - 1], p;
  if (rh_arenas[a].carved > rh_arenas[a].used) {
    p = rh_arena_stack[a][rh_arenas[a].carved - rh_arenas[a].used - 1];
  } else {
    p = a * RH_ARENA_POOLS + rh_arenas[a].carved++;
    rh_pool_forget(p);
  }
  rh_arenas[a].used++;
  if (rh_arenas[a].used == RH_ARENA_POOLS) rh_usable_count--;
  return p;
}

/* Arena a at place k has one free pool more: moves it behind those that have fewer. */
static void settle(uint32_t k, uint32_t a) {
  while (k > 0 && rh_arenas[rh_usable[k - 1]].used > rh_arenas[a].used) {
    place(k, rh_usable[k - 1]);
    k--;
  }
  place(k, a);
}

/* Gives back the wholly free arena a at place k. */
static void close_arena(uint32_t k, uint32_t a) {
  rh_usable_count--;
  for (; k < rh_usable_count; k++) place(k, rh_usable[k + 1]);
  rh_unused[rh_unused_count++] = (uint16_t)a;
  if (reclaimed < UINT64_MAX) reclaimed++;
}

void rh_arena_give_pool(uint32_t p) {
  uint32_t a = p / RH_ARENA_POOLS;
  if (rh_arenas[a].used == RH_ARENA_POOLS) place(rh_usable_count++, a);
  rh_arena_stack[a][rh_arenas[a].carved - rh_arenas[a].used] = p;
  rh_arenas[a].used--;
  uint32_t k = rh_arenas[a].place;
  if (rh_arenas[a].used == 0 && k > 0) {
    close_arena(k, a);
  } else {
    settle(k, a);
  }
}

uint32_t rh_arena_take_releasable(void) {
  return rh_released < rh_unused_count ? rh_unused[rh_released++] : RH_ARENAS;
}

uint32_t rh_arena_total(void) {
  return rh_arena_slots - rh_unused_count;
}
uint32_t rh_arena_peak(void) {
  return rh_arena_slots;
}
uint64_t rh_arena_reclaimed(void) {
  return reclaimed;
}

void rh_arena_reset(void) {
  for (uint32_t a = 0; a < rh_arena_slots; a++) {
    rh_arenas[a].used = 0;
    rh_arenas[a].carved = 0;
  }
  rh_usable_count = 0;
  rh_unused_count = 0;
  rh_released = 0;
  rh_arena_slots = 0;
  reclaimed = 0;
}
