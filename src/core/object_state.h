/*
 * The state of the object heap, shared by object.c and collect.c and by
 * nothing else.
 *
 * Objects are 1 .. rh_nobj - 1; an object is live while its count is not zero.
 * Object o owns for good the span of rh_capacity[rh_class[o]] slots that
 * begins at rh_first[o], and uses the first rh_len[o] of them; spans tile
 * 0 .. rh_nedge - 1. Only rh_object_resize exchanges the spans of two objects.
 * A dead object keeps its span and waits on the free stack of its class
 * (rh_free[c], linked through rh_next). A slot that is not in use is 0.
 *
 * The generation lists are arrays of objects in list order with holes: a
 * member o of list g has rh_list[o] == g + 1 and rh_member[g][rh_pos[o]] == o;
 * rh_list[o] is 0 for objects in no list. Entries are 0 where an object left.
 * Invariants are suspended only inside the functions of these two files:
 * between a count reaching zero and the end of rh_drain, dead objects wait in
 * rh_dead and may still have slots in use.
 */
#ifndef RH_CORE_OBJECT_STATE_H
#define RH_CORE_OBJECT_STATE_H

#include "core/config.h"
#include <stdbool.h>
#include <stdint.h>

enum {
  RH_LISTS = 6,                     /* generations 0-2, frozen, found, scratch */
  RH_SLACK = 64,                    /* holes a list may always have */
  RH_MEMBERS = 2 * RH_OBJECTS + 64, /* room of one list, holes included */
};

extern uint32_t rh_nobj;  /* objects ever made, plus one */
extern uint32_t rh_nedge; /* slots ever handed out */
extern uint32_t rh_total; /* live objects */
extern uint32_t rh_refcnt[RH_OBJECTS];
extern uint32_t rh_first[RH_OBJECTS];
extern uint32_t rh_len[RH_OBJECTS];
extern uint8_t rh_class[RH_OBJECTS];
extern uint32_t rh_slot[RH_SLOTS];
extern uint32_t rh_free[RH_CLASSES];
extern uint32_t rh_next[RH_OBJECTS];

extern uint8_t rh_list[RH_OBJECTS];
extern uint32_t rh_pos[RH_OBJECTS];
extern uint32_t rh_member[RH_LISTS][RH_MEMBERS];
extern uint32_t rh_end[RH_LISTS];  /* entries, holes included */
extern uint32_t rh_size[RH_LISTS]; /* members */

/* Slots of a span, by class. */
static const uint32_t rh_capacity[RH_CLASSES] = {
    0,    1,     2,     4,     8,      16,     32,     64,      128,     256,     512,     1024,     2048,     4096,
    8192, 16384, 32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4194304, 8388608, 16777216, 33554432,
};

/* rh_refcnt[0] is never anything but zero: no test for 0 is needed. */
static inline bool rh_is_live(uint32_t o) {
  return o < RH_OBJECTS && rh_refcnt[o] != 0;
}

/* Empties slot j and releases what it referred to; j is below rh_nedge. */
void rh_slot_drop(uint32_t j);

/* Takes the listed object o out of its list. */
static inline void rh_list_remove(uint32_t o) {
  uint32_t g = rh_list[o] - 1u;
  rh_member[g][rh_pos[o]] = 0;
  rh_size[g]--;
  rh_list[o] = 0;
}

/* Back to the first state. rh_gc_reset comes first: it empties the lists. */
void rh_object_reset(void);
void rh_gc_reset(void);

#endif
