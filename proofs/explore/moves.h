/*
 * What a user of the object heap can do in one move: the alphabet of the
 * explorers. MOVES says which groups of it are explored together.
 *
 * A move is legal in a state when its user owns what it gives away, and when
 * nothing ends up with more than EXTERNAL external references. Objects need
 * not be owned to be worked on: every live handle is fair.
 */
#ifndef EXPLORE_MOVES_H
#define EXPLORE_MOVES_H

#include "oracle.h"
#include "state.h"
#include <stdio.h>

/* Groups. */
enum {
  GRAPH = 1,    /* new objects of WIDTH slots, retain, release, what slots refer to */
  GATHER = 2,   /* collections of any objects in any order, which are in no list before and after */
  LISTED = 4,   /* every operation on the lists and every phase of a collection, as a move of its own */
  SPREAD = 8,   /* new objects of no and one slot, resizing */
  UNDYING = 16, /* immortal objects */
};
#ifndef MOVES
#define MOVES (GRAPH | GATHER)
#endif
#ifndef WIDTH
#define WIDTH 2 /* slots of the new objects of GRAPH */
#endif

/* All moves, legal or not, by number from 0 on. */
uint32_t moves_count(void);

/*
 * Makes the move in the state s and, if it was legal, puts the renamed state
 * after it into *after and returns true. *why is a null pointer, or the rule
 * that is broken now; *after is void then. to: as in state_rename.
 */
bool moves_make(const struct state *s, uint32_t number, struct state *after, uint8_t to[RH_OBJECTS], const char **why);

/* Are all operations on handles, slots and lists that do not exist, or on immortal counts, without effect in s?
 * A null pointer, or the first that is not. */
const char *moves_refused(const struct state *s);

/* In words; name[o] is what the trace calls object o, and result the object that was made, if any. */
void moves_print(FILE *out, uint32_t number, const char name[RH_OBJECTS]);

/* The heap of no objects, renamed. */
void moves_start(struct state *s);

#endif
