/*
 * From a heap snapshot to a trace. A snapshot (format HG1, specs/interpreting.md,
 * section "Heap snapshots") is the object graph of a running program:
 *
 *   HG1 OBJECTS EDGES
 *   ID TYPE FLAGS REFCOUNT SIZE N TARGET...      one line for each object
 *
 * Ids are dense from 0 and in order. FLAGS is `-` or letters: g tracked by the
 * collector, i immortal or with a count that is no count.
 *
 * The trace rebuilds the graph: an object is a `listfin`, an edge an `append`.
 * An object keeps its name exactly if something outside the graph refers to it.
 * Then a random part of these names is dropped, and two event digests say what
 * counting freed at once and what a full collection found.
 */
#ifndef RH_ORACLE_SNAPSHOT_H
#define RH_ORACLE_SNAPSHOT_H

#include "trace/trace.h"

enum { RH_SNAPSHOT_PROBES = 1000 }; /* survivors and victims looked at through weak references, at most */

struct rh_snapshot_options {
  uint64_t seed;
  unsigned drop_permille; /* of the names to drop, 0..1000 */
};

/* What a snapshot holds. `exceptions`: objects whose count is below the
 * references seen, which only immortal and untracked ones may have. */
struct rh_snapshot_counts {
  uint32_t objects, tracked, roots, dropped, exceptions;
  uint64_t edges;
};

/* Checks a snapshot and writes the trace. False, with the diagnostic filled in
 * and nothing written, when the snapshot is not one: a bad header, ids that are
 * not dense, a target out of range, a tracked object with fewer references than
 * edges lead to it, more objects and edges than a trace has operations for
 * (RH_TRACE_OPS_MAX). O(size), about 40 bytes an object and 4 an edge. */
bool rh_snapshot_write(const char *file, const char *bytes, size_t size, const struct rh_snapshot_options *options,
                       FILE *out, struct rh_snapshot_counts *counts, struct rh_diagnostic *diagnostic);

#endif
