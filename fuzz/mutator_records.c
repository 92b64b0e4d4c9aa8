/*
 * Records of four bytes: an operation and three operands, one byte each.
 * Targets take them modulo what there is, so that every byte means something,
 * and have the frequent operations in their tables more than once: a random
 * first byte is a choice by weight. What is behind the last whole record stays.
 */
#include <string.h>

#include "mutator_format.h"

enum { RECORD = 4, NEAR = 8 };

static bool split(struct program *program, struct scratch *scratch) {
  (void)scratch;
  size_t at = program->header;
  for (; program->size - at >= RECORD; at += RECORD) {
    if (!program_add(program, at, at + RECORD, 1)) return false;
  }
  program->rest = at;
  return true;
}

/* Operands are mostly small: objects are named by their place among the live ones. */
static uint8_t make_operand(struct chance *chance) {
  return (uint8_t)chance_below(chance, chance_one_in(chance, 2) ? 256 : 16);
}

static bool make(struct edit *edit, struct scratch *scratch, struct chance *chance) {
  (void)scratch;
  edit->size = RECORD;
  edit->bytes[0] = (uint8_t)chance_below(chance, 256);
  for (size_t i = 1; i < RECORD; i++) edit->bytes[i] = make_operand(chance);
  return true;
}

/* A byte of a record not far before or behind. */
static uint8_t used_nearby(const struct program *program, size_t operation, size_t column, struct chance *chance) {
  size_t low = operation < NEAR ? 0 : operation - NEAR;
  size_t high = operation + NEAR < program->n ? operation + NEAR : program->n - 1;
  return program->bytes[program->operations[low + chance_below(chance, high - low + 1)].start + column];
}

static bool change_operand(struct edit *edit, const struct program *program, size_t operation, struct scratch *scratch,
                           struct chance *chance) {
  static const uint8_t limits[] = {0, 1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 254, 255};
  (void)scratch;
  size_t column = 1 + chance_below(chance, RECORD - 1);
  uint8_t *operand = &edit->bytes[column];
  switch (chance_below(chance, 5)) {
  case 0:
    *operand = (uint8_t)(*operand + 1 + chance_below(chance, 4));
    break;
  case 1:
    *operand = (uint8_t)(*operand - 1 - chance_below(chance, 4));
    break;
  case 2:
    *operand = used_nearby(program, operation, chance_one_in(chance, 4) ? 1 + chance_below(chance, RECORD - 1) : column,
                           chance);
    break;
  case 3:
    *operand = limits[chance_below(chance, sizeof limits)];
    break;
  default:
    *operand = make_operand(chance);
    break;
  }
  return true;
}

static bool change_operation(struct edit *edit, const struct program *program, size_t operation,
                             struct scratch *scratch, struct chance *chance) {
  (void)scratch;
  edit->bytes[0] =
      chance_one_in(chance, 4) ? used_nearby(program, operation, 0, chance) : (uint8_t)chance_below(chance, 256);
  return true;
}

const struct format format_records = {.name = "records",
                                      .split = split,
                                      .make = make,
                                      .change_operand = change_operand,
                                      .change_operation = change_operation};
