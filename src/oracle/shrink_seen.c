/* Which texts were put to the judge. Two texts with one hash would be taken for
 * one: with 63 bits and a million texts, one chance in fifteen million. */
#include "oracle/shrink_steps.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const struct rh_text *text) {
  uint64_t h = text->size;
  for (size_t i = 0; i < text->size; i += 8) {
    uint64_t word = 0;
    memcpy(&word, text->bytes + i, text->size - i < 8 ? text->size - i : 8);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  h = (h ^ h >> 32) * 0xbf58476d1ce4e5b9u;
  h ^= h >> 31;
  return h | 1; /* 0 is no text */
}

static bool widen(struct rh_seen *seen) {
  size_t room = seen->room > 0 ? seen->room * 2 : 1024;
  uint64_t *hashes = calloc(room, sizeof *hashes);
  if (hashes == NULL) return false;
  for (size_t i = 0; i < seen->room; i++) {
    if (seen->hashes[i] == 0) continue;
    size_t at = seen->hashes[i] & (room - 1);
    while (hashes[at] != 0) at = (at + 1) & (room - 1);
    hashes[at] = seen->hashes[i];
  }
  free(seen->hashes);
  seen->hashes = hashes;
  seen->room = room;
  return true;
}

bool rh_seen_add(struct rh_seen *seen, const struct rh_text *text) {
  if (seen->used * 2 >= seen->room && !widen(seen)) return true;
  uint64_t hash = hash_of(text);
  size_t at = hash & (seen->room - 1);
  for (; seen->hashes[at] != 0; at = (at + 1) & (seen->room - 1))
    if (seen->hashes[at] == hash) return false;
  seen->hashes[at] = hash;
  seen->used++;
  return true;
}

void rh_seen_free(struct rh_seen *seen) {
  free(seen->hashes);
  *seen = (struct rh_seen){0};
}
