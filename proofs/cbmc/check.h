/*
 * What the harnesses share. Each harness is a function without arguments that
 * starts from any consistent heap, makes one call with any arguments, and
 * claims what must hold then. CBMC proves the claims and, by itself, that no
 * access is out of bounds and no loop is cut short.
 */
#ifndef CBMC_CHECK_H
#define CBMC_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/* Any value: CBMC knows functions of such names. */
uint8_t nondet_byte(void);
uint16_t nondet_short(void);
uint32_t nondet_word(void);
uint64_t nondet_long(void);

#define SUPPOSE(condition)     __CPROVER_assume(condition)
#define CLAIM(what, condition) __CPROVER_assert(condition, what)

/* A case that must be possible: its denial is a claim that ci/model-check wants violated. So no harness is vacuous. */
#define HAPPENS(what, condition) __CPROVER_assert(!(condition), "happens: " what)

#define FILL(array, value)                                                                                             \
  for (uint32_t k = 0; k < sizeof(array) / sizeof((array)[0]); k++) (array)[k] = (value)

#endif
