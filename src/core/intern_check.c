/*
 * The walk of test builds: follows the chains of the intern table and counts
 * the entries again. Whether two values are equal is not known here.
 */
#include "core/core.h"
#include "core/intern.h"
#include <stddef.h>

#ifdef RH_CHECKS

static uint32_t count_entries(void) {
  uint32_t n = 0;
  for (uint32_t o = 0; o < RH_OBJECTS; o++) n += rh_intern_in[o] != 0;
  return n;
}

static const char *check_chain(uint32_t b, uint32_t *left) {
  for (uint32_t o = rh_intern_head[b]; o != 0; o = rh_intern_next[o]) {
    if (o >= rh_nobj || rh_refcnt[o] == 0) return "entry of a dead object";
    if (rh_intern_in[o] != b + 1) return "entry in another bucket's chain";
    if ((*left)-- == 0) return "an entry twice in a chain";
  }
  return NULL;
}

bool rh_intern_check(const char **why) {
  uint32_t left = count_entries();
  *why = NULL;
  for (uint32_t b = 0; b < RH_INTERN_BUCKETS && *why == NULL; b++) *why = check_chain(b, &left);
  if (*why == NULL && left != 0) *why = "an entry in no chain";
  return *why == NULL;
}

#endif
