/*
 * What a peer gives to be measured on a release cascade by cascade.c: a chain
 * of n objects, each the only holder of the next, of which the first is let go.
 */
#ifndef CASCADE_H
#define CASCADE_H

#include <stdint.h>

void peer_start(void); /* once, before everything else */

/* Objects are allocated in the order 0 .. n-1; object order[k] refers to
 * object order[k + 1]. Only the first, order[0], is held afterwards. */
void peer_chain(const uint32_t *order, uint32_t n);

/* Lets go of the first. */
void peer_release(void);

/* What is to be true now; ends the program if it is not. Then back to a fresh heap, if the peer can do that. */
void peer_finish(void);

#endif
