/*
 * The independent reading: what each move must do, said with sets and lists
 * instead of counts, spans and places. A view is what users of the heap can
 * see through its public functions, and the references they hold.
 */
#ifndef EXPLORE_ORACLE_H
#define EXPLORE_ORACLE_H

#include "state.h"
#include <stdbool.h>

enum { LONGEST = 4 }; /* slots of one object */

struct row {
  uint8_t n, o[OBJECTS]; /* in order; 0 from n on */
};

struct view {
  bool live[RH_OBJECTS], immortal[RH_OBJECTS];
  uint8_t outside[RH_OBJECTS], length[RH_OBJECTS], slot[RH_OBJECTS][LONGEST];
  struct row list[LISTS];
};

enum operation {
  NEW,         /* slots */
  RETAIN,      /* object */
  RELEASE,     /* object */
  SWAP,        /* object, slot, value: the references move */
  STORE,       /* the same, with a reference made before and the former one released after */
  RESIZE,      /* object, slots */
  IMMORTALIZE, /* object */
  TRACK,       /* object */
  UNTRACK,     /* object */
  MOVE,        /* object, list */
  FIND,        /* list: a generation */
  PROMOTE,     /* list: a generation */
  CONFIRM,     /* list */
  CLEAR,
  COLLECT, /* list: a generation */
  FREEZE,
  UNFREEZE,
  COLLECT_THESE /* order[0 .. n - 1]: track, collect everything, untrack */
};

struct move {
  uint8_t operation, object, slot, value, slots, list;
  uint8_t n, order[OBJECTS];
};

/* What the public functions show now. A null pointer, or in what they contradict each other or R1. */
const char *view_read(struct view *v);

bool oracle_legal(const struct view *v, const struct move *m);

/* The view after a legal move: *v becomes it. `result` is what the core returned; returns what it should have been
 * (of NEW: any dead object, or 0). `full`: there is no span left for what a NEW or RESIZE asks. */
uint32_t oracle_apply(struct view *v, const struct move *m, uint32_t result, bool full);

#endif
