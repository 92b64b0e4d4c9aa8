/*
 * Traces in their binary form. The decoder of the trace library says where
 * operations and their arguments are (rh_binary_scan), and how long a changed
 * operation is: an operation is changed by exchanging bytes and keeping as many
 * of those behind as it then takes.
 */
#include "mutator_trace.h"

#include <string.h>

#include "trace/trace.h"

enum { NEAR = 8, PADDING = 16, FRESH = 24, NAMES = 8, BLOCK_MAX = 3 };

/* --- taking traces apart --- */

static bool scan(const uint8_t *bytes, size_t size, struct rh_parts *parts) {
  return rh_binary_scan(bytes, size, parts);
}

/* Drops what is cut at the end, ends a block. */
static bool mend(struct program *program, struct rh_parts *parts) {
  size_t last = parts->n;
  while (last > 0 && parts->items[last - 1].depth != 1) last--;
  while (last > 0 && parts->items[last - 1].kind != RH_PART_OPERATION && parts->items[last - 1].kind != RH_PART_OTHER)
    last--;
  if (last == 0) return true;
  const struct rh_part *part = &parts->items[last - 1];
  if (part->ending == RH_PART_OPEN && program->size < program->capacity) {
    program->bytes[program->size++] = RH_BYTE_END;
  } else if (part->ending != RH_PART_WHOLE) {
    program->size = program->header + part->start;
  } else {
    return true;
  }
  return scan(program->bytes + program->header, program->size - program->header, parts);
}

static bool split(struct program *program, struct scratch *scratch) {
  struct rh_parts *parts = &scratch->parts;
  if (!scan(program->bytes + program->header, program->size - program->header, parts) || !mend(program, parts))
    return false;
  size_t header = program->header;
  for (size_t i = 0; i < parts->n; i++) {
    const struct rh_part *part = &parts->items[i];
    if (part->kind != RH_PART_OPERATION && part->kind != RH_PART_OTHER) continue;
    if (program->n == 0) program->header += part->start; /* the version of the language, if it is there */
    if (!program_add(program, header + part->start, header + part->end, part->depth)) return false;
  }
  program->rest = program->size;
  if (program->n == 0) program->header = program->size;
  return true;
}

/* --- whole operations --- */

/* The size of the operation that bytes[0..size-1] start with, if it needs no more than these bytes. */
static size_t whole_size(const uint8_t *bytes, size_t size, struct rh_parts *parts) {
  if (!scan(bytes, size, parts) || parts->n == 0) return 0;
  const struct rh_part *part = &parts->items[0];
  return part->kind == RH_PART_OPERATION && part->ending == RH_PART_WHOLE ? part->end : 0;
}

/* Cuts an edited operation to what it needs, or adds what it lacks. */
static bool complete(struct edit *edit, struct scratch *scratch) {
  if (edit->size + PADDING > OPERATION_MAX) return false;
  edit->bytes[edit->size] = RH_BYTE_END;
  size_t size = whole_size(edit->bytes, edit->size + 1, &scratch->edited);
  if (size == 0) {
    memset(edit->bytes + edit->size, 0, PADDING);
    size = whole_size(edit->bytes, edit->size + PADDING, &scratch->edited);
  }
  edit->size = size;
  return size > 0;
}

/* Puts n bytes in place of those from start to end. */
static bool replace(struct edit *edit, size_t start, size_t end, const uint8_t *bytes, size_t n) {
  if (edit->size - (end - start) + n + PADDING > OPERATION_MAX) return false;
  memmove(edit->bytes + start + n, edit->bytes + end, edit->size - end);
  memcpy(edit->bytes + start, bytes, n);
  edit->size = edit->size - (end - start) + n;
  return true;
}

/* --- new operations --- */

/* What programs do most, more often; every other operation once. */
static const struct {
  uint8_t code, weight;
} frequent[] = {{RH_OP_NEW, 60},    {RH_OP_SET, 40},    {RH_OP_DROP, 25}, {RH_OP_COLLECT, 20},  {RH_OP_BIND, 12},
                {RH_OP_APPEND, 12}, {RH_OP_PUT, 8},     {RH_OP_DEL, 8},   {RH_OP_WEAK, 12},     {RH_OP_ACT, 12},
                {RH_OP_CBACT, 4},   {RH_OP_EVENTS, 6},  {RH_OP_REFS, 4},  {RH_OP_PM_MALLOC, 6}, {RH_OP_PM_FREE, 6},
                {RH_OP_DEREF, 4},   {RH_OP_TRACKED, 3}, {RH_OP_GEN, 3},   {RH_OP_REPEAT, 3},    {RH_OP_TRY, 3}};

static const uint8_t frequent_kinds[] = {RH_NEW_NODE, RH_NEW_NODE,    RH_NEW_NODE,  RH_NEW_FIN,   RH_NEW_FIN,
                                         RH_NEW_LIST, RH_NEW_LIST,    RH_NEW_DICT,  RH_NEW_TUPLE, RH_NEW_SET,
                                         RH_NEW_OBJ,  RH_NEW_NOGCFIN, RH_NEW_NODES, RH_NEW_COMB,  RH_NEW_LISTFIN,
                                         RH_NEW_GEN,  RH_NEW_CHAIN,   RH_NEW_CLASS};

static uint8_t pick_code(struct chance *chance) {
  size_t total = RH_OPCODE_COUNT - 1;
  for (size_t i = 0; i < sizeof frequent / sizeof *frequent; i++) total += frequent[i].weight;
  size_t at = chance_below(chance, total);
  if (at < RH_OPCODE_COUNT - 1) return (uint8_t)at;
  at -= RH_OPCODE_COUNT - 1;
  for (size_t i = 0;; i++) {
    if (at < frequent[i].weight) return (uint8_t)(frequent[i].code - 1);
    at -= frequent[i].weight;
  }
}

static uint8_t pick_kind(struct chance *chance) {
  if (chance_one_in(chance, 3)) return (uint8_t)chance_below(chance, RH_KINDCODE_COUNT - 1);
  return (uint8_t)(frequent_kinds[chance_below(chance, sizeof frequent_kinds)] - 1);
}

static bool is_block(unsigned code) {
  return code == RH_OP_ACT - 1 || code == RH_OP_CBACT - 1 || code == RH_OP_REPEAT - 1;
}

static bool change_argument(struct edit *edit, struct scratch *scratch, struct chance *chance);

static bool make_plain(struct edit *edit, uint8_t code, struct scratch *scratch, struct chance *chance) {
  edit->size = FRESH;
  edit->bytes[0] = code;
  for (size_t i = 1; i < FRESH; i++)
    edit->bytes[i] = (uint8_t)chance_below(chance, chance_one_in(chance, 8) ? 40 : NAMES);
  if (code == RH_OP_NEW - 1) edit->bytes[2] = pick_kind(chance);
  if (!complete(edit, scratch)) return false;
  return !chance_one_in(chance, 4) || change_argument(edit, scratch, chance);
}

/* A head with one operand and a few operations. */
static bool make_block(struct edit *edit, uint8_t code, struct scratch *scratch, struct chance *chance) {
  static struct edit inner;
  edit->size = 0;
  edit->bytes[edit->size++] = code;
  edit->bytes[edit->size++] = (uint8_t)chance_below(chance, NAMES);
  for (size_t n = chance_few(chance, BLOCK_MAX); n > 0; n--) {
    uint8_t of = pick_code(chance);
    if (is_block(of) || !make_plain(&inner, of, scratch, chance) || edit->size + inner.size + PADDING > OPERATION_MAX)
      continue;
    if (code != RH_OP_REPEAT - 1 && chance_one_in(chance, 4)) edit->bytes[edit->size++] = RH_BYTE_RECORD;
    memcpy(edit->bytes + edit->size, inner.bytes, inner.size);
    edit->size += inner.size;
  }
  return complete(edit, scratch);
}

bool trace_make(struct edit *edit, struct scratch *scratch, struct chance *chance) {
  uint8_t code = pick_code(chance);
  return is_block(code) ? make_block(edit, code, scratch, chance) : make_plain(edit, code, scratch, chance);
}

/* A setting in front of everything: what a program runs under. */
static bool make_header(struct edit *edit, struct chance *chance) {
  static const struct {
    uint8_t key; /* its number in the table of specs/trace-language.md */
    const char *value;
  } headers[] = {{0, "name"},
                 {3, "3.12+"},
                 {3, "3.9-3.11,3.14+"},
                 {4, "PYTHONMALLOC=debug"},
                 {4, "PYTHONMALLOC=malloc"},
                 {5, "-X tracemalloc"},
                 {6, "blocks"},
                 {7, "GC-7, RC-3"}};
  size_t i = chance_below(chance, sizeof headers / sizeof *headers), n = strlen(headers[i].value);
  edit->size = n + 3;
  edit->bytes[0] = RH_BYTE_HEADER;
  edit->bytes[1] = headers[i].key;
  edit->bytes[2] = (uint8_t)n;
  memcpy(edit->bytes + 3, headers[i].value, n);
  return true;
}

/* --- operands --- */

/* A few bytes. */
struct operand {
  uint8_t bytes[32];
  size_t size;
};

static void add_byte(struct operand *operand, size_t byte) {
  operand->bytes[operand->size++] = (uint8_t)byte;
}

/* Numbers around the limits of the language, of caches and of size classes. */
static void make_number(struct operand *operand, struct chance *chance) {
  static const struct {
    uint8_t size, bytes[9];
  } limits[] = {{1, {0}},
                {1, {1}},
                {1, {2}},
                {1, {8}},
                {1, {16}},
                {1, {20}},
                {1, {80}},
                {1, {100}},
                {1, {200}},
                {1, {RH_BYTE_SMALL}},                                                 /* -1 */
                {1, {RH_BYTE_SMALL + 4}},                                             /* -5 */
                {1, {RH_BYTE_SMALL + 5}},                                             /* -6 */
                {2, {RH_BYTE_POSITIVE, 0xff}},                                        /* 255 */
                {3, {RH_BYTE_POSITIVE + 1, 0, 1}},                                    /* 256 */
                {3, {RH_BYTE_POSITIVE + 1, 1, 1}},                                    /* 257 */
                {3, {RH_BYTE_POSITIVE + 1, 0, 2}},                                    /* 512 */
                {3, {RH_BYTE_POSITIVE + 1, 1, 2}},                                    /* 513 */
                {5, {RH_BYTE_POSITIVE + 3, 0, 0, 0, 0x40}},                           /* 2^30 */
                {9, {RH_BYTE_POSITIVE + 7, 255, 255, 255, 255, 255, 255, 255, 127}},  /* 2^63 - 1 */
                {9, {RH_BYTE_POSITIVE + 7, 255, 255, 255, 255, 255, 255, 255, 255}},  /* 2^64 - 1 */
                {9, {RH_BYTE_NEGATIVE + 7, 255, 255, 255, 255, 255, 255, 255, 127}}}; /* -2^63 */
  if (chance_one_in(chance, 2)) {
    add_byte(operand, chance_below(chance, RH_BYTE_SMALL));
    return;
  }
  size_t i = chance_below(chance, sizeof limits / sizeof *limits);
  memcpy(operand->bytes + operand->size, limits[i].bytes, limits[i].size);
  operand->size += limits[i].size;
}

static void make_slots(struct operand *operand, struct chance *chance) {
  size_t n = chance_few(chance, 3);
  add_byte(operand, n - 1);
  for (; n > 0; n--) add_byte(operand, chance_below(chance, 4));
}

static void make_name(struct operand *operand, struct chance *chance) {
  add_byte(operand, chance_below(chance, chance_one_in(chance, 8) ? 30 : NAMES));
}

static void make_text(struct operand *operand, struct chance *chance) {
  static const char *const texts[] = {"",      "a",     "None",       "()",    "7",           "1.5",
                                      "inf",   "nan",   "\"x\" * 3",  "b\"\"", "caf\xc3\xa9", "list",
                                      "float", "tuple", "ValueError", "int",   "...",         "some_name"};
  const char *text = texts[chance_below(chance, sizeof texts / sizeof *texts)];
  add_byte(operand, strlen(text));
  memcpy(operand->bytes + operand->size, text, strlen(text));
  operand->size += strlen(text);
}

static void make_value(struct operand *operand, bool only_path, struct chance *chance) {
  switch (chance_below(chance, only_path ? 2 : 5)) {
  case 0:
    make_name(operand, chance);
    break;
  case 1:
    add_byte(operand, RH_BYTE_PATH);
    make_name(operand, chance);
    make_slots(operand, chance);
    break;
  case 2:
    add_byte(operand, RH_BYTE_NONE);
    break;
  case 3:
    add_byte(operand, RH_BYTE_INTEGER);
    make_number(operand, chance);
    break;
  default:
    add_byte(operand, RH_BYTE_TEXT);
    make_text(operand, chance);
    break;
  }
}

static void make_argument(struct operand *operand, const struct rh_part *part, struct chance *chance) {
  switch (part->letter) {
  case 'n':
  case 'N':
  case 'A':
    make_name(operand, chance);
    break;
  case 'S':
    make_name(operand, chance);
    make_slots(operand, chance);
    break;
  case 'P':
  case 'V':
    make_value(operand, part->letter == 'P', chance);
    break;
  case 'K':
    add_byte(operand, pick_kind(chance));
    break;
  case 'T':
  case 'L':
  case 'R':
    make_text(operand, chance);
    break;
  case 'W':
    if (part->end - part->start > 1) {
      make_text(operand, chance);
    } else {
      add_byte(operand, chance_below(chance, NAMES));
    }
    break;
  default:
    make_number(operand, chance);
    break;
  }
}

/* A number nearby: names, slots and numbers alike have it in their last byte or behind their first. */
static void make_near(struct operand *operand, const uint8_t *bytes, size_t size, struct chance *chance) {
  if (size == 0 || size > sizeof operand->bytes) return;
  memcpy(operand->bytes, bytes, size);
  operand->size = size;
  uint8_t *byte = &operand->bytes[size == 1 ? 0 : chance_one_in(chance, 2) ? 1 : size - 1];
  int step = (int)chance_below(chance, 3) + 1;
  *byte = (uint8_t)(chance_one_in(chance, 2) ? *byte + step : *byte - step);
}

/* One of the operands among parts, with the letter if that is not 0; NULL: none. */
static const struct rh_part *pick_part(const struct rh_parts *parts, char letter, struct chance *chance) {
  const struct rh_part *picked = NULL;
  size_t seen = 0;
  for (size_t i = 0; i < parts->n; i++) {
    const struct rh_part *part = &parts->items[i];
    if (part->kind != RH_PART_ARGUMENT && part->kind != RH_PART_KIND) continue;
    if (letter != 0 && part->letter != letter) continue;
    if (chance_one_in(chance, ++seen)) picked = part;
  }
  return picked;
}

static bool change_argument(struct edit *edit, struct scratch *scratch, struct chance *chance) {
  struct operand operand = {.size = 0};
  if (!scan(edit->bytes, edit->size, &scratch->edited)) return false;
  const struct rh_part *part = pick_part(&scratch->edited, 0, chance);
  if (part == NULL) return true; /* an operation without operands */
  make_argument(&operand, part, chance);
  return replace(edit, part->start, part->end, operand.bytes, operand.size) && complete(edit, scratch);
}

/* An operand that an operation not far away has in such a place. */
static void make_used(struct operand *operand, const struct program *program, size_t operation, char letter,
                      struct scratch *scratch, struct chance *chance) {
  size_t low = operation < NEAR ? 0 : operation - NEAR;
  size_t high = operation + NEAR < program->n ? operation + NEAR : program->n - 1;
  const struct operation *near = &program->operations[low + chance_below(chance, high - low + 1)];
  const uint8_t *bytes = program->bytes + near->start;
  if (!scan(bytes, near->end - near->start, &scratch->parts)) return;
  const struct rh_part *part = pick_part(&scratch->parts, letter, chance);
  if (part == NULL || part->end - part->start > sizeof operand->bytes) return;
  memcpy(operand->bytes, bytes + part->start, part->end - part->start);
  operand->size = part->end - part->start;
}

static bool change_operand(struct edit *edit, const struct program *program, size_t operation, struct scratch *scratch,
                           struct chance *chance) {
  struct operand operand = {.size = 0};
  if (!scan(edit->bytes, edit->size, &scratch->edited)) return false;
  const struct rh_part *part = pick_part(&scratch->edited, 0, chance);
  if (part == NULL) return false;
  switch (chance_below(chance, 3)) {
  case 0:
    make_near(&operand, edit->bytes + part->start, part->end - part->start, chance);
    break;
  case 1:
    make_used(&operand, program, operation, part->letter, scratch, chance);
    break;
  default:
    make_argument(&operand, part, chance);
    break;
  }
  if (operand.size == 0) return false;
  return replace(edit, part->start, part->end, operand.bytes, operand.size) && complete(edit, scratch);
}

static bool change_operation(struct edit *edit, const struct program *program, size_t operation,
                             struct scratch *scratch, struct chance *chance) {
  (void)program;
  (void)operation;
  const struct rh_part *picked = NULL;
  size_t seen = 0;
  if (!scan(edit->bytes, edit->size, &scratch->edited)) return false;
  for (size_t i = 0; i < scratch->edited.n; i++) {
    const struct rh_part *part = &scratch->edited.items[i];
    if (part->kind == RH_PART_CODE && chance_one_in(chance, ++seen)) picked = part;
  }
  if (picked == NULL) return false;
  edit->bytes[picked->start] =
      chance_one_in(chance, 2) ? pick_code(chance) : (uint8_t)chance_below(chance, RH_OPCODE_COUNT - 1);
  return complete(edit, scratch);
}

const struct format format_trace = {.name = "trace",
                                    .split = split,
                                    .make = trace_make,
                                    .change_operand = change_operand,
                                    .change_operation = change_operation,
                                    .make_header = make_header};
