/*
 * A state of the object heap as the explorers store it: everything that the
 * future of the heap depends on, and the references its user holds.
 *
 * What it leaves out cannot matter, or is determined by the rest once
 * rh_object_check and state_save have found nothing wrong:
 *   - numbers of live objects and of members of a list are counted again;
 *   - what a function writes before it reads (rh_dead, the links of
 *     live objects, the places of unlisted ones, the lengths of dead ones) is
 *     written back as numbers that break an invariant when they are read;
 *   - the holes of the lists. When a list is compacted depends on them, its
 *     order does not. Every move is made with several patterns of holes, and
 *     must lead to the same state.
 */
#ifndef EXPLORE_STATE_H
#define EXPLORE_STATE_H

#include "core/config.h"
#include <stdint.h>

#ifndef EXTERNAL
#define EXTERNAL 1 /* the most external references to one object that are explored */
#endif

enum {
  OBJECTS = RH_OBJECTS - 1,
  LISTS = 5,      /* that users see: generations, frozen, found */
  SPANS = 5,      /* span classes that fit into RH_SLOTS */
  IMMORTAL = 0xFF /* as a count */
};

/* Object o is entry o - 1. Bytes alone: states are compared as bytes. */
struct state {
  uint8_t made, slots; /* objects ever made; slots ever handed out */
  uint8_t outside[OBJECTS], count[OBJECTS];
  uint8_t first[OBJECTS], span[OBJECTS], length[OBJECTS]; /* span: its class */
  uint8_t next[OBJECTS];                                  /* of the dead: free stack */
  uint8_t list[OBJECTS], place[OBJECTS];                  /* its number plus one, or 0; how many come before it */
  uint8_t slot[RH_SLOTS];
  uint8_t top[SPANS]; /* of the free stacks */
};

/* External references to each object, by handle: the user's own books. */
extern uint8_t outside[RH_OBJECTS];

/* Patterns of holes. Holes hold a member that has its place elsewhere. */
enum holes {
  NO_HOLES,    /* the next member finds room */
  HOLES_FIRST, /* one before each member and one more: the next member makes the list be compacted */
  HOLES_LAST,  /* one behind each member: it does not */
  HOLES
};

/* The tables of the core, and `outside`, become what the state says. */
void state_load(const struct state *s, enum holes holes);
/* The other way round. A null pointer, or what the core should have left behind and has not. */
const char *state_save(struct state *s);

/*
 * Renames the objects, and with them the spans, so that states which differ by
 * a renaming become equal whenever possible. Sound because the core never
 * compares the numbers of two objects or two slots. to[o] is the new name of
 * object o.
 */
void state_rename(struct state *s, uint8_t to[RH_OBJECTS]);

#endif
