/*
 * Random traces. Equal options make equal traces, on every machine.
 *
 * A legal trace holds only what every CPython in scope answers
 * deterministically, so that a real interpreter can be compared operation by
 * operation; a wild one applies any operation to any name, to exercise skips,
 * exceptions and limits (two engines must still agree on it). Interactions are
 * legal traces of a narrow choice of operations.
 */
#ifndef RH_ORACLE_GENERATE_H
#define RH_ORACLE_GENERATE_H

#include "profile/profile.h"
#include "trace/trace.h"

enum rh_mix {
  RH_MIX_LEGAL,       /* what CPython answers deterministically */
  RH_MIX_WILD,        /* any operation on any name */
  RH_MIX_INTERACTIONS /* finalizers, weak references and collections upon one another, in legal traces */
};

struct rh_generate_options {
  uint64_t seed;
  uint32_t operations; /* top-level, the closing ones included */
  enum rh_mix mix;
  const struct rh_profile *profile; /* limits the operations to what it predicts; NULL: any CPython */
};

/* A new trace (rh_trace_free); NULL when out of memory. O(operations). */
struct rh_trace *rh_generate(const struct rh_generate_options *options);

#endif
