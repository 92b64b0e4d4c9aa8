/*
 * The cycle collector: generation lists, trial deletion, clearing.
 *
 * Tracked objects are in exactly one list. Lists keep an order that users of
 * the collector can observe (GC, GEN and FIN rules; O1), so every operation
 * states where it puts an object. New members go to the end. An object that
 * is freed leaves its list by itself; one in no list is never collected, and
 * the references it holds count as external.
 *
 * A collection is made of phases, so that finalizers can run in between:
 *
 *   rh_gc_find(k)        what nothing outside generations 0..k holds -> RH_FOUND
 *   rh_gc_promote(k)     survivors become one generation older
 *   ... finalizers ...
 *   rh_gc_confirm(g)     what they resurrected -> generation g
 *   rh_gc_clear()        frees the rest
 *
 * The heap may be changed in any way between phases. Every function takes
 * every number; bad handles and lists are refused and nothing changes.
 */
#ifndef RH_CORE_COLLECT_H
#define RH_CORE_COLLECT_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

/* Lists besides the generations 0, 1 and 2. */
enum {
  RH_FROZEN = 3,   /* tracked, but roots: never collected */
  RH_FOUND = 4,    /* found unreachable, not yet cleared */
  RH_UNTRACKED = 5 /* in no list */
};

/* Appends the untracked object o to generation 0. O(1) amortised. */
void rh_gc_track(uint32_t o);

/* Takes o out of its list. O(1). */
void rh_gc_untrack(uint32_t o);

/* The list o is in: 0, 1, 2, RH_FROZEN, RH_FOUND; RH_UNTRACKED also for a bad handle. */
uint32_t rh_gc_generation(uint32_t o);

/* Number of members of a list (0 .. RH_FOUND). */
uint32_t rh_gc_size(uint32_t list);

/* Walks a list in order: the first member, and the one after o in the list of
 * o; 0 at the end. The list may change during the walk, as long as o stays a
 * member. O(holes skipped). */
uint32_t rh_gc_first(uint32_t list);
uint32_t rh_gc_next(uint32_t o);

/* Appends the tracked object o to the end of `list` (0 .. RH_FOUND). */
void rh_gc_move(uint32_t o, uint32_t list);

/* Trial deletion (8.6, steps 2-4). What an earlier collection left in RH_FOUND
 * and generations 0 .. k-1, in this order, join the end of generation k (0, 1
 * or 2). Members that an external reference, an immortal's count or an object
 * outside generation k reaches stay, all others move to RH_FOUND. A survivor
 * known to be one when the scan comes to it keeps its place; one that was
 * already passed over is appended when a survivor that refers to it is scanned.
 * O(members + their slots). */
void rh_gc_find(uint32_t k);

/* Appends generation k to generation k + 1 (nothing for k = 2). */
void rh_gc_promote(uint32_t k);

/* Trial deletion on RH_FOUND alone: members reachable from outside it go, in
 * the order of rh_gc_find, to the end of `list` (0 .. RH_FROZEN). Returns how
 * many stay in RH_FOUND; a bad list changes nothing. */
uint32_t rh_gc_confirm(uint32_t list);

/* Empties the slots of every member of RH_FOUND, in order. Members that
 * nothing outside holds are freed, with what only they held; one that is still
 * held stays in RH_FOUND with empty slots. Returns the number of objects
 * freed. */
uint32_t rh_gc_clear(void);

/* A whole collection without finalizers: find, promote, clear. Returns the
 * number found; 0 for a bad k. */
uint32_t rh_gc_collect(uint32_t k);

/* Appends generations 0, 1 and 2 to RH_FROZEN, and RH_FROZEN to generation 2. */
void rh_gc_freeze(void);
void rh_gc_unfreeze(void);

#endif
