/*
 * Mutation and crossover of fuzz inputs by whole operations, for libFuzzer
 * (mutator_libfuzzer.c) and AFL++ (afl_mutator.c) alike.
 *
 * An input is a header, operations, and what is left behind the last one. How
 * operations are told apart is a format:
 *
 *   records+H  H bytes of header, then records of four bytes: an operation and
 *              three operands
 *   trace+H    H bytes of header, then a trace in its binary form
 *   text       lines of a trace
 *
 * `+0` may be left out. Operations are what is inserted, deleted, moved and
 * copied; inside of one, operands and the operation's number are exchanged so
 * that it stays whole. Equal arguments and seeds give equal results. Results
 * are at most `max` bytes long, and empty only if that is 0.
 */
#ifndef RH_FUZZ_MUTATOR_H
#define RH_FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

enum mutation {
  MUTATION_INSERT,    /* a new operation */
  MUTATION_COPY,      /* a few operations, to another place */
  MUTATION_DELETE,    /* a few operations */
  MUTATION_DUPLICATE, /* one operation, behind itself */
  MUTATION_SWAP,      /* two operations */
  MUTATION_MOVE,      /* a few operations */
  MUTATION_REPEAT,    /* a few operations, several times */
  MUTATION_OPERAND,   /* one operand: a value nearby, used nearby, at a limit */
  MUTATION_OPERATION, /* another operation on the same operands */
  MUTATION_HEADER,    /* the header, or what is behind the last operation */
  MUTATION_SPLICE,    /* operations of another input, in between or in place of some */
  MUTATION_BYTES,     /* by the engine, which knows no operations */
  MUTATIONS
};

/* A name for file names: letters only. */
const char *mutation_name(enum mutation mutation);

struct mutator;

/* NULL when there is no such format, or no memory. */
struct mutator *mutator_open(const char *format);
void mutator_close(struct mutator *mutator);

/* The engine's own mutation of bytes: as LLVMFuzzerMutate. */
typedef size_t mutate_bytes(uint8_t *data, size_t size, size_t max);

struct mutation_source {
  const uint8_t *other; /* another input, for MUTATION_SPLICE; NULL: none */
  size_t other_size;
  mutate_bytes *bytes; /* does one mutation in eight; NULL: none */
};

/* Mutates data[0..size-1] in place, where max bytes have room; returns the new
 * size and says in *done what was done. */
size_t mutator_mutate(struct mutator *mutator, uint8_t *data, size_t size, size_t max,
                      const struct mutation_source *source, uint64_t seed, enum mutation *done);

/* Fills out[0..max-1] with operations of both inputs, the header of one of
 * them; returns its size, 0 if max has no room for an operation of each. */
size_t mutator_cross(struct mutator *mutator, const uint8_t *a, size_t asize, const uint8_t *b, size_t bsize,
                     uint8_t *out, size_t max, uint64_t seed);

/* How many operations data has at the top level. */
size_t mutator_count(struct mutator *mutator, const uint8_t *data, size_t size);

/* Writes data without the operations first..first + n - 1 of the top level to
 * out, which has room for `size` bytes; returns the size. */
size_t mutator_without(struct mutator *mutator, const uint8_t *data, size_t size, size_t first, size_t n, uint8_t *out);

#endif
