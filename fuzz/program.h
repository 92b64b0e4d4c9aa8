/*
 * Programs out of bytes: records of four bytes, an operation and three
 * operands, become the lines of a legal trace about finalizers, weak
 * references, containers and collections. Names are chosen among those that
 * are thought to be bound, now and then among all, so that nearly every record
 * does something; actions bind and drop too, so it is only a guess.
 *
 * The first letter of a name says what it is bound to, if anything: n node,
 * f fin, m listfin, l list, q deque, d dict, s set, t tuple, w weak reference,
 * p proxy, i int, x str, g nogcfin, y legacy, h nogcbox, r what was rescued.
 * What only the runtime knows: v wvd, k wkd, z finalize, o obj, c class,
 * e generator.
 *
 * An action makes finalizable objects only of a later index than its own, and
 * a callback none, so that they cannot start one another for ever.
 */
#ifndef RH_FUZZ_PROGRAM_H
#define RH_FUZZ_PROGRAM_H

#include "trace/trace.h"

enum { PROGRAM_RECORD = 4 };

struct program_options {
  bool all_kinds; /* also those that only the runtime knows */
  bool young;     /* collections of a young generation are predicted */
  bool automatic; /* the trace starts with automatic collections, close to each other */
  bool looks;     /* operations that only look are written */
  bool clean_up;  /* in the end everything is given up and collected */
};

/* Writes the trace. True when nothing that a program makes can outlive its clean-up. */
bool program_write(const uint8_t *records, size_t n, const struct program_options *options, struct rh_text *out);

/* Does an operation of such programs only look? */
bool program_looks(const struct rh_op *op);

#endif
