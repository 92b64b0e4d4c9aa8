/*
 * The walk of test builds: recounts the object heap from nothing but the slots
 * and the lists, and compares. External references are not visible here, so a
 * count may exceed what is counted, never fall below it.
 */
#include "core/core.h"
#include "core/object_state.h"
#include <stddef.h>

#ifdef RH_CHECKS

static uint32_t in_edges[RH_OBJECTS];
static bool seen[RH_OBJECTS];

static bool dead_is_empty(uint32_t o) {
  uint32_t used = rh_refcnt[o] != 0 ? rh_span[o].len : 0;
  for (uint32_t j = rh_span[o].first + used; j < rh_span[o].first + rh_capacity[rh_class[o]]; j++)
    if (rh_slot[j] != 0) return false;
  return true;
}

/* Spans lie inside 0 .. rh_nedge - 1, do not overlap and leave nothing out:
 * their sizes add up to rh_nedge, and no slot begins two spans. */
static const char *check_spans(void) {
  static uint32_t owner[RH_SLOTS];
  uint64_t sum = 0;
  for (uint32_t j = 0; j < rh_nedge; j++) owner[j] = 0;
  for (uint32_t o = 1; o < rh_nobj; o++) {
    if (rh_class[o] >= RH_CLASSES) return "class of a span";
    uint32_t capacity = rh_capacity[rh_class[o]];
    sum += capacity;
    if (rh_span[o].first > rh_nedge || capacity > rh_nedge - rh_span[o].first) return "span outside the slots";
    if (rh_refcnt[o] != 0 && rh_span[o].len > capacity) return "length beyond the span";
    for (uint32_t i = 0; i < capacity; i++) {
      if (owner[rh_span[o].first + i] != 0) return "spans overlap";
      owner[rh_span[o].first + i] = o;
    }
    if (!dead_is_empty(o)) return "unused slot not empty";
  }
  return sum == rh_nedge ? NULL : "slots in no span";
}

static const char *check_counts(void) {
  uint32_t live = 0;
  for (uint32_t o = 0; o < rh_nobj; o++) in_edges[o] = 0;
  for (uint32_t j = 0; j < rh_nedge; j++) {
    if (rh_slot[j] >= rh_nobj) return "slot refers to no object";
    in_edges[rh_slot[j]]++;
  }
  if (rh_refcnt[0] != 0) return "object 0 is live";
  for (uint32_t o = 1; o < rh_nobj; o++) {
    live += rh_refcnt[o] != 0;
    if (rh_refcnt[o] > RH_COUNT_IMMORTAL) return "count beyond immortal";
    if (rh_refcnt[o] < RH_COUNT_IMMORTAL && rh_refcnt[o] < in_edges[o]) return "count below the references";
  }
  return live == rh_total ? NULL : "number of live objects";
}

/* Every dead object is on the free stack of its class, once. */
static const char *check_free(void) {
  uint32_t dead = 0;
  for (uint32_t o = 0; o < rh_nobj; o++) seen[o] = false;
  for (uint32_t c = 0; c < RH_CLASSES; c++) {
    for (uint32_t o = rh_free[c]; o != 0; o = rh_next[o]) {
      if (o >= rh_nobj || rh_refcnt[o] != 0 || rh_class[o] != c) return "free stack holds a stranger";
      if (seen[o]) return "free stack holds an object twice";
      seen[o] = true;
      dead++;
    }
  }
  return dead + rh_total == rh_nobj - 1 ? NULL : "dead object on no free stack";
}

static const char *check_lists(void) {
  uint32_t listed = 0;
  for (uint32_t g = 0; g < RH_LISTS; g++) {
    uint32_t members = 0;
    if (rh_end[g] > RH_MEMBERS) return "list beyond its room";
    for (uint32_t i = 0; i < rh_end[g]; i++) {
      uint32_t o = rh_member[g][i];
      if (o >= RH_OBJECTS) return "list holds no object";
      if (rh_list[o] != g + 1 || rh_pos[o] != i) continue;
      if (o >= rh_nobj || rh_refcnt[o] == 0) return "list holds a dead object";
      members++;
    }
    if (members != rh_size[g]) return "size of a list";
    listed += members;
  }
  for (uint32_t o = 0; o < rh_nobj; o++) {
    if (rh_list[o] > RH_LISTS) return "unknown list";
    listed -= rh_list[o] != 0;
  }
  return listed == 0 ? NULL : "listed object in no list";
}

static const char *check_gcrefs(void) {
  for (uint32_t o = 0; o < rh_nobj; o++)
    if (rh_gcref[o] != 0) return "the collector left a count behind";
  return NULL;
}

bool rh_object_check(const char **why) {
  *why = check_spans();
  if (*why == NULL) *why = check_counts();
  if (*why == NULL) *why = check_free();
  if (*why == NULL) *why = check_lists();
  if (*why == NULL) *why = check_gcrefs();
  return *why == NULL;
}

#endif
