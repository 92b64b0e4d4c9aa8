/*
 * The steps of a program that works on `roots` variables, each of which holds
 * an object with MUTATOR_SLOTS slots: half of the steps store the object of
 * variable y in a slot of that of variable x, a quarter put a new object into
 * x, a quarter copy y to x. Garbage is left where it falls; the collector rests.
 */
#ifndef MUTATOR_H
#define MUTATOR_H

#include <stdint.h>

enum { MUTATOR_SLOTS = 3 };

enum step_kind { STEP_STORE, STEP_NEW, STEP_COPY };

struct step {
  uint32_t x, y;
  uint8_t kind, slot;
};

void peer_start(void); /* once, before everything else */

/* Fills all variables with new objects. */
void peer_fill(uint32_t roots);

/* Goes through the steps. */
void peer_steps(const struct step *step, uint32_t n);

/* Empties all variables and the heap. */
void peer_finish(void);

#endif
