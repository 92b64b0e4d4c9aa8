/*
 * What a format of inputs is to the mutator: where operations are, and how to
 * make and change one. Shared by mutator.c and the formats alone.
 */
#ifndef RH_FUZZ_MUTATOR_FORMAT_H
#define RH_FUZZ_MUTATOR_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/binary.h"

/* --- chance: splitmix64 --- */

struct chance {
  uint64_t state;
};

static inline uint64_t chance_next(struct chance *chance) {
  uint64_t z = chance->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* 0..n-1; 0 for 0. */
static inline size_t chance_below(struct chance *chance, size_t n) {
  return n == 0 ? 0 : (size_t)(chance_next(chance) % n);
}

static inline bool chance_one_in(struct chance *chance, size_t n) {
  return chance_below(chance, n) == 0;
}

/* 1, seldom more, at most `most`. */
static inline size_t chance_few(struct chance *chance, size_t most) {
  size_t n = 1;
  while (n < most && !chance_one_in(chance, 2)) n++;
  return n;
}

/* --- programs --- */

struct operation {
  size_t start, end;
  uint8_t depth; /* 1; operations inside of a block follow it, one deeper */
};

/* An input taken apart: header, operations that tile what follows, the rest. */
struct program {
  uint8_t *bytes;
  size_t size, capacity;
  size_t header; /* bytes before the first operation */
  size_t rest;   /* where the last operation of the top level ends */
  struct operation *operations;
  size_t n, operations_capacity;
};

/* False when out of memory. */
bool program_add(struct program *program, size_t start, size_t end, uint8_t depth);

/* One operation under change: its bytes and room for more. */
enum { OPERATION_MAX = 4096 };

struct edit {
  uint8_t bytes[OPERATION_MAX];
  size_t size;
};

/* What formats remember between calls, to save allocations alone. */
struct scratch {
  struct rh_parts parts, edited;
};

struct format {
  const char *name;
  /* Cuts off or completes what is no whole operation at the end, at most up to
   * program->capacity bytes; then finds the operations. False when out of memory. */
  bool (*split)(struct program *program, struct scratch *scratch);
  /* Each returns false when it cannot be done; edit is the new operation. */
  bool (*make)(struct edit *edit, struct scratch *scratch, struct chance *chance);
  bool (*change_operand)(struct edit *edit, const struct program *program, size_t operation, struct scratch *scratch,
                         struct chance *chance);
  bool (*change_operation)(struct edit *edit, const struct program *program, size_t operation, struct scratch *scratch,
                           struct chance *chance);
  /* Instead of a header without bytes: an operation that goes first; NULL: the
   * rest behind the last operation is changed. */
  bool (*make_header)(struct edit *edit, struct chance *chance);
};

extern const struct format format_records, format_trace, format_text;

#endif
