/*
 * The steps of a round of shrinking, and what they share. Private to shrink*.c.
 *
 * A step begins a draft, changes it and offers it. An offer that is taken makes
 * the draft's trace the smallest so far, and the draft one of that; every index
 * is then a new one. Each step goes on until it has offered everything or
 * shrinking is over.
 */
#ifndef RH_ORACLE_SHRINK_STEPS_H
#define RH_ORACLE_SHRINK_STEPS_H

#include "oracle/shrink.h"
#include "oracle/shrink_draft.h"

/* How small a trace is, but for its text. */
struct rh_size {
  size_t operations, uses;
};

/* Texts put to the judge, by a hash of 64 bits: open addressing, at most half full. */
struct rh_seen {
  uint64_t *hashes; /* 0: free */
  size_t used, room;
};

struct rh_shrinker {
  const struct rh_shrinking *shrinking;
  struct rh_shrunk *shrunk; /* its trace is the smallest so far */
  struct rh_draft draft;
  struct rh_text text; /* canonical, of the smallest so far */
  struct rh_size size; /* of it too */
  struct rh_seen seen;
  uint64_t taken; /* how often there was a smaller one, the first counted */
  bool over;
};

/* Puts the draft to the judge, if it is legal, smaller, and was not put to it
 * before. True when it is now the smallest so far; else a new draft is begun. */
bool rh_shrink_offer(struct rh_shrinker *shrinker);

/* --- shrink_seen.c --- */
/* True when this text was not added before; when out of memory always. */
bool rh_seen_add(struct rh_seen *seen, const struct rh_text *text);
void rh_seen_free(struct rh_seen *seen);

/* --- shrink_remove.c: operations go --- */
void rh_shrink_tail(struct rh_shrinker *shrinker);
void rh_shrink_chunks(struct rh_shrinker *shrinker);
void rh_shrink_names(struct rh_shrinker *shrinker);
void rh_shrink_merges(struct rh_shrinker *shrinker);

/* --- shrink_simplify.c: operations and headers become simpler --- */
void rh_shrink_expectations(struct rh_shrinker *shrinker);
void rh_shrink_bodies(struct rh_shrinker *shrinker);
void rh_shrink_arguments(struct rh_shrinker *shrinker);
void rh_shrink_attributes(struct rh_shrinker *shrinker);
void rh_shrink_headers(struct rh_shrinker *shrinker);

#endif
