/*
 * The shadow of the object heap: every object as a row of references, counts
 * by counting, death and reachability by fixpoint. Nothing is shared with the
 * heap it judges.
 */
#ifndef RH_TESTS_CORE_SHADOW_H
#define RH_TESTS_CORE_SHADOW_H

#include <stdbool.h>
#include <stdint.h>

enum { SHADOW_OBJECTS = 128, SHADOW_SLOTS = 24 };

struct shadow {
  bool live, immortal;
  uint32_t slots, external;
  uint32_t slot[SHADOW_SLOTS];
};

static struct shadow shadow[SHADOW_OBJECTS];

static inline uint32_t shadow_count(uint32_t o) {
  uint32_t n = shadow[o].external;
  for (uint32_t p = 1; p < SHADOW_OBJECTS; p++)
    for (uint32_t i = 0; shadow[p].live && i < shadow[p].slots; i++) n += shadow[p].slot[i] == o;
  return n;
}

/* Everything without a holder dies, until nothing changes. */
static inline void shadow_settle(void) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (uint32_t o = 1; o < SHADOW_OBJECTS; o++)
      if (shadow[o].live && !shadow[o].immortal && shadow_count(o) == 0) {
        shadow[o].live = false;
        changed = true;
      }
  }
}

/* reached[o]: can o be reached from outside the set of objects in `set`? */
static inline void shadow_reach(const bool set[], bool reached[]) {
  bool changed = true;
  for (uint32_t o = 1; o < SHADOW_OBJECTS; o++)
    reached[o] = shadow[o].live && (!set[o] || shadow[o].external != 0 || shadow[o].immortal);
  while (changed) {
    changed = false;
    for (uint32_t o = 1; o < SHADOW_OBJECTS; o++)
      for (uint32_t i = 0; reached[o] && i < shadow[o].slots; i++) {
        uint32_t t = shadow[o].slot[i];
        if (t != 0 && !reached[t]) reached[t] = changed = true;
      }
  }
}

#endif
