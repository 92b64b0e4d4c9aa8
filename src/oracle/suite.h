/*
 * A suite: the traces to judge, in order. Files as given, folders with every
 * trace in them (names ending in .trace, .jsonl or .bin, sorted, folders within
 * included), then generated traces, which exist only while they are judged.
 */
#ifndef RH_ORACLE_SUITE_H
#define RH_ORACLE_SUITE_H

#include "profile/profile.h"
#include "trace/trace.h"

struct rh_suite {
  char **files;
  size_t nfiles, room;
  size_t generated;    /* number of generated traces after the files */
  uint64_t seed;       /* of the first of them; the next has seed + 1 */
  uint32_t operations; /* in each of them */
};

/* Adds a file or a folder. False, with one line in `message`, when the path
 * cannot be read or a folder holds no trace. */
bool rh_suite_add(struct rh_suite *suite, const char *path, char *message, size_t size);
/* Number of traces. */
size_t rh_suite_size(const struct rh_suite *suite);
/* The i-th trace, to be freed by the caller. NULL with the diagnostic and
 * *file, whose diagnostic it is (borrowed), when it is malformed. */
struct rh_trace *rh_suite_load(const struct rh_suite *suite, size_t i, const struct rh_profile *profile,
                               struct rh_diagnostic *diagnostic, const char **file);
void rh_suite_free(struct rh_suite *suite);

#endif
