/*
 * Between the checker that Spin makes and the moves of proofs/explore. A move
 * is tried when its guard is evaluated and kept for the commit that follows at
 * once; the guard leaves the state of the model alone.
 */
#ifndef SPIN_HEAP_H
#define SPIN_HEAP_H

#include "state.h"
#include <stdbool.h>

void moves_start(struct state *s); /* see moves.h */

/* Makes the move in s; is it legal? */
bool heap_try(const struct state *s, unsigned move);

/* *s becomes the state after the move tried last. */
void heap_commit(struct state *s);

/* Did that move keep every rule? If not, says on standard output which it broke. */
bool heap_fine(void);

#endif
