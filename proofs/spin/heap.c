/* See heap.h. */
#include "heap.h"
#include "moves.h"

static struct state after;
static const char *broken;

bool heap_try(const struct state *s, unsigned move) {
  struct state made;
  uint8_t to[RH_OBJECTS];
  const char *why;
  if (!moves_make(s, move, &made, to, &why)) return false;
  after = made;
  broken = why;
  return true;
}

void heap_commit(struct state *s) {
  if (broken == NULL) *s = after;
}

bool heap_fine(void) {
  if (broken != NULL) printf("broken: %s\n", broken);
  return broken == NULL;
}
