/*
 * Objects: a reference count and a row of slots, each empty or a counted
 * reference to an object. Objects are named by handles, 32-bit numbers; 0 is
 * no object.
 *
 * Ownership. The count of an object is the number of slots of live objects
 * that refer to it plus the number of external references, those its users
 * hold (R1). rh_object_new and rh_object_retain give the caller an external
 * reference, rh_object_release takes one back, rh_slot_swap moves one into a
 * slot and one out. An object dies when its count reaches zero, at once, and
 * with it everything that only it held (R2).
 *
 * Every function takes every number: a handle that names no live object, or a
 * slot outside the object, is refused as documented and nothing changes. What
 * cannot be checked is ownership: only release, or swap in, references you hold.
 *
 * Counts saturate: at RH_COUNT_IMMORTAL an object is immortal, its count no
 * longer moves and it is never freed. R1 speaks of counts below that.
 */
#ifndef RH_CORE_OBJECT_H
#define RH_CORE_OBJECT_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

enum { RH_SLOT_REFUSED = 0x7fffffff }; /* never a handle */

/* A new object with `slots` empty slots, untracked, whose only reference is
 * the caller's. 0 when out of objects or slots; nothing changed then. O(1). */
uint32_t rh_object_new(uint32_t slots);

/* Does o name a live object? */
bool rh_object_live(uint32_t o);

/* The count of o; RH_COUNT_IMMORTAL for an immortal, 0 if o is not live. */
uint32_t rh_object_count(uint32_t o);

/* One more external reference to o. */
void rh_object_retain(uint32_t o);

/* Gives back one external reference to o. At zero frees o and exactly what
 * nothing else holds; freed objects leave their generation list.
 * O(1 + slots of what is freed), no recursion. */
void rh_object_release(uint32_t o);

/* Makes o immortal. */
void rh_object_immortalize(uint32_t o);

/* Number of slots of o; 0 if o is not live. */
uint32_t rh_object_length(uint32_t o);

/* What slot i of o refers to, borrowed; 0 if it is empty or does not exist. */
uint32_t rh_slot_get(uint32_t o, uint32_t i);

/* Stores v (0: nothing) in slot i of o and returns what was there. The
 * caller's reference to v becomes the slot's, the slot's former reference the
 * caller's: no count changes. RH_SLOT_REFUSED, nothing changed, when slot i of
 * o does not exist or v is neither 0 nor live. */
uint32_t rh_slot_swap(uint32_t o, uint32_t i, uint32_t v);

/* Gives o `slots` slots: the first ones keep their content, new ones are
 * empty. False, nothing changed, when o is not live, when a slot to be cut off
 * is not empty, or when there is no room to grow (shrinking finds room always).
 * O(slots moved), and O(1) within the span the object already has. */
bool rh_object_resize(uint32_t o, uint32_t slots);

/* Number of live objects. */
uint32_t rh_object_total(void);

#endif
