/*
 * A suite: the traces to judge, in order. Files as given, folders with every
 * trace in them (names ending in .trace, .jsonl or .bin, sorted, folders within
 * included), then generated traces, which exist only while they are judged.
 */
#ifndef RH_ORACLE_SUITE_H
#define RH_ORACLE_SUITE_H

#include "oracle/generate.h"
#include "profile/profile.h"
#include "trace/trace.h"

struct rh_suite {
  char **files;
  struct rh_trace **loaded; /* by file, once rh_suite_read ran; NULL once taken */
  size_t nfiles, room;
  size_t generated;    /* number of generated traces after the files */
  uint64_t seed;       /* of the first of them; the next has seed + 1 */
  uint32_t operations; /* in each of them */
  enum rh_mix mix;
};

/* Adds a file or a folder. False, with one line in `message`, when the path
 * cannot be read, is a folder more than 32 deep or one without any trace. */
bool rh_suite_add(struct rh_suite *suite, const char *path, char *message, size_t size);
/* Number of traces. */
size_t rh_suite_size(const struct rh_suite *suite);
/* Reads every file, so that nothing is judged when one is malformed: then
 * false, with the diagnostic and *file, whose diagnostic it is (borrowed). */
bool rh_suite_read(struct rh_suite *suite, struct rh_diagnostic *diagnostic, const char **file);
/* The i-th trace, once, to be freed by the caller. A generated one holds only
 * what `profile` (NULL: any) predicts. NULL when out of memory. */
struct rh_trace *rh_suite_take(struct rh_suite *suite, size_t i, const struct rh_profile *profile);
void rh_suite_free(struct rh_suite *suite);

#endif
