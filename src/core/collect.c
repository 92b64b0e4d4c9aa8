/*
 * The cycle collector. Its lists are described in object_state.h, its
 * operations in collect.h.
 *
 * Trial deletion works on one list. rh_gcref starts as a copy of the counts;
 * after subtracting the references that members hold to members, what is left
 * is held from outside. The scan then goes through the list from left to
 * right. A member of the list with rh_gcref > 0 is known to be reachable, one
 * with rh_gcref == 0 is not known to be; scanning a reachable one makes what
 * it refers to reachable. One that is not known to be reachable when the scan
 * comes to it moves to the list of the unreachable, for the time being.
 */
#include "core/collect.h"
#include "core/object_state.h"

enum { SCRATCH = RH_LISTS - 1 };

uint8_t rh_list[RH_OBJECTS];
uint32_t rh_pos[RH_OBJECTS];
uint32_t rh_member[RH_LISTS][RH_MEMBERS];
uint32_t rh_end[RH_LISTS];
uint32_t rh_size[RH_LISTS];

static uint32_t rh_gcref[RH_OBJECTS];

/* ---- lists ---- */

/* Is entry i of list g a member, or a hole? */
static inline bool is_member(uint32_t g, uint32_t i) {
  uint32_t o = rh_member[g][i];
  return rh_list[o] == g + 1 && rh_pos[o] == i;
}

/* Closes the holes of list g. */
static void compact(uint32_t g) {
  uint32_t w = 0;
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    if (is_member(g, i)) {
      uint32_t o = rh_member[g][i];
      rh_member[g][w] = o;
      rh_pos[o] = w;
      w++;
    }
  }
  rh_end[g] = w;
}

/* Writes o, which is in no list, behind the last entry of list g; there must
 * be room. */
static inline void put(uint32_t o, uint32_t g) {
  rh_member[g][rh_end[g]] = o;
  rh_pos[o] = rh_end[g];
  rh_list[o] = (uint8_t)(g + 1);
  rh_end[g]++;
  rh_size[g]++;
}

/* The same, making room: a list is compacted when more than half of it is
 * holes, so that the cost per object is constant on average. */
static inline void append(uint32_t o, uint32_t g) {
  if (rh_end[g] >= 2 * rh_size[g] + RH_SLACK) compact(g);
  put(o, g);
}

/* Moves all members of list `from`, in order, to the end of list `to`. */
static void append_list(uint32_t from, uint32_t to) {
  for (uint32_t i = 0; i < rh_end[from]; i++) {
    if (is_member(from, i)) {
      uint32_t o = rh_member[from][i];
      rh_list_remove(o);
      append(o, to);
    }
  }
  rh_end[from] = 0;
}

void rh_gc_track(uint32_t o) {
  if (rh_is_live(o) && rh_list[o] == 0) append(o, 0);
}

void rh_gc_untrack(uint32_t o) {
  if (rh_is_live(o) && rh_list[o] != 0) rh_list_remove(o);
}

uint32_t rh_gc_generation(uint32_t o) {
  return rh_is_live(o) && rh_list[o] != 0 ? rh_list[o] - 1u : RH_UNTRACKED;
}

uint32_t rh_gc_size(uint32_t list) {
  return list <= RH_FOUND ? rh_size[list] : 0;
}

/* The first member of list g at position i or later; 0 if there is none. */
static uint32_t member_from(uint32_t g, uint32_t i) {
  while (i < rh_end[g] && !is_member(g, i)) i++;
  return i < rh_end[g] ? rh_member[g][i] : 0;
}

uint32_t rh_gc_first(uint32_t list) {
  return list <= RH_FOUND ? member_from(list, 0) : 0;
}

uint32_t rh_gc_next(uint32_t o) {
  return rh_is_live(o) && rh_list[o] != 0 ? member_from(rh_list[o] - 1u, rh_pos[o] + 1) : 0;
}

void rh_gc_move(uint32_t o, uint32_t list) {
  if (!rh_is_live(o) || rh_list[o] == 0 || list > RH_FOUND) return;
  rh_list_remove(o);
  append(o, list);
}

void rh_gc_promote(uint32_t k) {
  if (k < 2) append_list(k, k + 1);
}

void rh_gc_freeze(void) {
  for (uint32_t g = 0; g <= 2; g++) append_list(g, RH_FROZEN);
}

void rh_gc_unfreeze(void) {
  append_list(RH_FROZEN, 2);
}

void rh_gc_reset(void) {
  for (uint32_t g = 0; g < RH_LISTS; g++) {
    for (uint32_t i = 0; i < rh_end[g]; i++)
      if (is_member(g, i)) rh_list[rh_member[g][i]] = 0;
    rh_end[g] = 0;
    rh_size[g] = 0;
  }
}

/* ---- trial deletion ---- */

/* rh_gcref of every member of g: its count. */
static void copy_counts(uint32_t g) {
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    rh_gcref[o] = rh_refcnt[o];
  }
}

/* Subtracts the references that members of g hold to members of g (C1). */
static void subtract_refs(uint32_t g) {
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    uint32_t end = rh_first[o] + rh_len[o];
    for (uint32_t j = rh_first[o]; j < end; j++) {
      uint32_t t = rh_slot[j];
      if (rh_list[t] == g + 1) rh_gcref[t]--;
    }
  }
}

/* A scanned survivor of list g refers to t, which is therefore reachable. */
static inline void reach(uint32_t t, uint32_t g, uint32_t unreachable) {
  if (rh_list[t] == g + 1) {
    if (rh_gcref[t] == 0) rh_gcref[t] = 1;
  } else if (rh_list[t] == unreachable + 1) {
    rh_list_remove(t);
    rh_gcref[t] = 1;
    put(t, g);
  }
}

/* Separates list g, which has no holes and whose rh_gcref are known: what is
 * reachable from outside stays, in the order described in collect.h, the rest
 * goes to the end of `unreachable`, which was empty (C2). */
static void scan(uint32_t g, uint32_t unreachable) {
  uint32_t w = 0;
  for (uint32_t i = 0; i < rh_end[g]; i++) {
    uint32_t o = rh_member[g][i];
    if (rh_gcref[o] == 0) {
      rh_list_remove(o);
      put(o, unreachable);
    } else {
      rh_member[g][w] = o;
      rh_pos[o] = w;
      w++;
      uint32_t end = rh_first[o] + rh_len[o];
      for (uint32_t j = rh_first[o]; j < end; j++) reach(rh_slot[j], g, unreachable);
    }
  }
  rh_end[g] = w;
}

static void trial_deletion(uint32_t g, uint32_t unreachable) {
  compact(g);
  copy_counts(g);
  subtract_refs(g);
  scan(g, unreachable);
}

void rh_gc_find(uint32_t k) {
  if (k > 2) return;
  append_list(RH_FOUND, k);
  for (uint32_t g = 0; g < k; g++) append_list(g, k);
  trial_deletion(k, RH_FOUND);
}

uint32_t rh_gc_confirm(uint32_t list) {
  if (list <= RH_FROZEN) {
    trial_deletion(RH_FOUND, SCRATCH);
    append_list(RH_FOUND, list);
    append_list(SCRATCH, RH_FOUND);
  }
  return rh_size[RH_FOUND];
}

/* ---- clearing ---- */

uint32_t rh_gc_clear(void) {
  uint32_t before = rh_total;
  for (uint32_t i = 0; i < rh_end[RH_FOUND]; i++) {
    if (!is_member(RH_FOUND, i)) continue;
    uint32_t o = rh_member[RH_FOUND][i];
    uint32_t end = rh_first[o] + rh_len[o];
    for (uint32_t j = rh_first[o]; j < end; j++) rh_slot_drop(j);
  }
  return before - rh_total;
}

uint32_t rh_gc_collect(uint32_t k) {
  if (k > 2) return 0;
  rh_gc_find(k);
  rh_gc_promote(k);
  uint32_t found = rh_size[RH_FOUND];
  rh_gc_clear();
  return found;
}
