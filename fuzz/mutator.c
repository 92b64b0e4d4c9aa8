/*
 * The mutations themselves: pieces of inputs put together anew. They know
 * where operations start and end; what is inside, the formats know.
 */
#include "mutator.h"

#include <stdlib.h>
#include <string.h>

#include "mutator_format.h"

enum { TRIES = 32, RUN_MAX = 8, REPEATS_MAX = 16, ENGINE_SHARE = 8, HEADER_MAX = 4096 };

struct output {
  uint8_t *bytes;
  size_t size, capacity;
  size_t max;
  bool full; /* something did not fit */
};

struct mutator {
  const struct format *format;
  size_t header;
  struct program program, other;
  struct output out;
  struct scratch scratch;
  struct edit edit;
  struct chance chance;
};

static const struct {
  const char *name;
  unsigned weight;
} mutations[MUTATIONS] = {
    [MUTATION_INSERT] = {"insert", 5},       [MUTATION_COPY] = {"copy", 3},
    [MUTATION_DELETE] = {"delete", 3},       [MUTATION_DUPLICATE] = {"duplicate", 1},
    [MUTATION_SWAP] = {"swap", 2},           [MUTATION_MOVE] = {"move", 2},
    [MUTATION_REPEAT] = {"repeat", 2},       [MUTATION_OPERAND] = {"operand", 8},
    [MUTATION_OPERATION] = {"operation", 3}, [MUTATION_HEADER] = {"header", 1},
    [MUTATION_SPLICE] = {"splice", 3},       [MUTATION_BYTES] = {"bytes", 0},
};

const char *mutation_name(enum mutation mutation) {
  return mutations[mutation].name;
}

/* --- inputs --- */

static bool make_room(uint8_t **bytes, size_t *capacity, size_t size) {
  if (size <= *capacity) return true;
  uint8_t *larger = realloc(*bytes, size);
  if (larger == NULL) return false;
  *bytes = larger;
  *capacity = size;
  return true;
}

bool program_add(struct program *program, size_t start, size_t end, uint8_t depth) {
  if (program->n == program->operations_capacity) {
    size_t larger = program->operations_capacity == 0 ? 256 : program->operations_capacity * 2;
    struct operation *operations = realloc(program->operations, larger * sizeof *operations);
    if (operations == NULL) return false;
    program->operations = operations;
    program->operations_capacity = larger;
  }
  program->operations[program->n++] = (struct operation){.start = start, .end = end, .depth = depth};
  return true;
}

/* Takes an input apart; a header that is too short is filled up. */
static bool load(struct mutator *mutator, struct program *program, const uint8_t *data, size_t size) {
  size_t spare = mutator->header + 16; /* for a header and the ends of blocks */
  if (!make_room(&program->bytes, &program->capacity, size + spare)) return false;
  if (size > 0) memcpy(program->bytes, data, size);
  program->size = size;
  program->n = 0;
  program->header = mutator->header;
  if (size < mutator->header) {
    memset(program->bytes + size, 0, mutator->header - size);
    program->size = mutator->header;
  }
  program->rest = program->header;
  return mutator->format->split(program, &mutator->scratch);
}

/* --- results --- */

static bool start_output(struct mutator *mutator, size_t max) {
  struct output *out = &mutator->out;
  out->size = 0;
  out->max = max;
  out->full = false;
  return make_room(&out->bytes, &out->capacity, max);
}

/* All of it or nothing. */
static void put(struct output *out, const uint8_t *bytes, size_t n) {
  if (out->full || n > out->max - out->size) {
    out->full = true;
    return;
  }
  if (n > 0) memcpy(out->bytes + out->size, bytes, n);
  out->size += n;
}

static void put_range(struct output *out, const struct program *program, size_t start, size_t end) {
  put(out, program->bytes + start, end - start);
}

static void put_edit(struct mutator *mutator) {
  put(&mutator->out, mutator->edit.bytes, mutator->edit.size);
}

/* --- places --- */

/* Operations side by side. */
struct run {
  size_t start, end;
};

/* At most `most` operations from the i-th on. */
static struct run run_from(const struct program *program, size_t i, size_t most) {
  const struct operation *operations = program->operations;
  struct run run = {operations[i].start, operations[i].end};
  for (size_t k = i + 1; k < program->n && most > 1; k++) {
    if (operations[k].start < run.end) continue; /* inside of the one before */
    if (operations[k].start != run.end || operations[k].depth != operations[i].depth) break;
    run.end = operations[k].end;
    most--;
  }
  return run;
}

/* One operation, seldom more; a long run now and then. */
static struct run pick_run(struct mutator *mutator, const struct program *program) {
  struct chance *chance = &mutator->chance;
  size_t most = chance_one_in(chance, 8) ? 1 + chance_below(chance, program->n) : chance_few(chance, RUN_MAX);
  return run_from(program, chance_below(chance, program->n), most);
}

/* In front of an operation or behind the last one. */
static size_t pick_place(struct mutator *mutator, const struct program *program) {
  size_t i = chance_below(&mutator->chance, program->n + 1);
  return i == program->n ? program->rest : program->operations[i].start;
}

/* --- mutations: each writes the output, or returns false when there is nothing to do --- */

/* The input with the edited operation between start and end. */
static void put_replaced(struct mutator *mutator, size_t start, size_t end) {
  put_range(&mutator->out, &mutator->program, 0, start);
  put_edit(mutator);
  put_range(&mutator->out, &mutator->program, end, mutator->program.size);
}

static bool insert(struct mutator *mutator) {
  if (!mutator->format->make(&mutator->edit, &mutator->scratch, &mutator->chance)) return false;
  size_t place = pick_place(mutator, &mutator->program);
  put_replaced(mutator, place, place);
  return true;
}

static void put_times(struct mutator *mutator, struct run run, size_t place, size_t times) {
  struct output *out = &mutator->out;
  const struct program *program = &mutator->program;
  put_range(out, program, 0, place);
  for (; times > 0; times--) put_range(out, program, run.start, run.end);
  put_range(out, program, place, program->size);
}

static bool copy(struct mutator *mutator) {
  put_times(mutator, pick_run(mutator, &mutator->program), pick_place(mutator, &mutator->program), 1);
  return true;
}

static bool duplicate(struct mutator *mutator) {
  struct run run = run_from(&mutator->program, chance_below(&mutator->chance, mutator->program.n), 1);
  put_times(mutator, run, run.end, 1);
  return true;
}

/* As often as there is room for, if it must be. */
static bool repeat(struct mutator *mutator) {
  struct run run = pick_run(mutator, &mutator->program);
  size_t room = mutator->out.max > mutator->program.size ? mutator->out.max - mutator->program.size : 0;
  size_t most = room / (run.end - run.start), times = 1 + chance_below(&mutator->chance, REPEATS_MAX);
  if (most == 0) return false;
  put_times(mutator, run, run.end, times < most ? times : most);
  return true;
}

static bool delete_run(struct mutator *mutator) {
  struct run run = pick_run(mutator, &mutator->program);
  put_range(&mutator->out, &mutator->program, 0, run.start);
  put_range(&mutator->out, &mutator->program, run.end, mutator->program.size);
  return mutator->out.size > 0;
}

static bool swap(struct mutator *mutator) {
  const struct program *program = &mutator->program;
  const struct operation *a = &program->operations[chance_below(&mutator->chance, program->n)];
  const struct operation *b = &program->operations[chance_below(&mutator->chance, program->n)];
  if (b->start < a->start) {
    const struct operation *first = b;
    b = a;
    a = first;
  }
  if (b->start < a->end) return false; /* the same, or inside of it */
  struct output *out = &mutator->out;
  put_range(out, program, 0, a->start);
  put_range(out, program, b->start, b->end);
  put_range(out, program, a->end, b->start);
  put_range(out, program, a->start, a->end);
  put_range(out, program, b->end, program->size);
  return true;
}

static bool move(struct mutator *mutator) {
  const struct program *program = &mutator->program;
  struct run run = pick_run(mutator, program);
  size_t place = pick_place(mutator, program);
  struct output *out = &mutator->out;
  if (place >= run.start && place <= run.end) return false;
  size_t first = place < run.start ? place : run.start, last = place < run.start ? run.end : place;
  put_range(out, program, 0, first);
  if (place < run.start) put_range(out, program, run.start, run.end);
  put_range(out, program, place < run.start ? place : run.end, place < run.start ? run.start : place);
  if (place > run.start) put_range(out, program, run.start, run.end);
  put_range(out, program, last, program->size);
  return true;
}

static bool change(struct mutator *mutator, enum mutation mutation) {
  const struct program *program = &mutator->program;
  size_t i = chance_below(&mutator->chance, program->n);
  const struct operation *operation = &program->operations[i];
  struct edit *edit = &mutator->edit;
  if (operation->end - operation->start > OPERATION_MAX / 2) return false;
  edit->size = operation->end - operation->start;
  memcpy(edit->bytes, program->bytes + operation->start, edit->size);
  bool done = mutation == MUTATION_OPERAND
                  ? mutator->format->change_operand(edit, program, i, &mutator->scratch, &mutator->chance)
                  : mutator->format->change_operation(edit, program, i, &mutator->scratch, &mutator->chance);
  if (done) put_replaced(mutator, operation->start, operation->end);
  return done;
}

/* Up to three bytes behind the last operation. */
static void put_rest(struct mutator *mutator) {
  put_range(&mutator->out, &mutator->program, 0, mutator->program.rest);
  uint64_t bytes = chance_next(&mutator->chance);
  put(&mutator->out, (const uint8_t *)&bytes, chance_below(&mutator->chance, 4));
}

static bool change_header(struct mutator *mutator) {
  const struct program *program = &mutator->program;
  struct chance *chance = &mutator->chance;
  if (mutator->header > 0 && !chance_one_in(chance, 4)) {
    put_range(&mutator->out, program, 0, program->size);
    if (mutator->out.full) return false;
    uint8_t *byte = &mutator->out.bytes[chance_below(chance, mutator->header)];
    *byte = (uint8_t)(chance_one_in(chance, 2) ? *byte ^ 1u << chance_below(chance, 8) : chance_below(chance, 256));
  } else if (mutator->format->make_header == NULL) {
    put_rest(mutator);
  } else if (mutator->format->make_header(&mutator->edit, chance)) {
    put_replaced(mutator, program->header, program->header);
  }
  return mutator->out.size > 0;
}

/* Operations of the other input, in between or in place of some. */
static bool splice(struct mutator *mutator, const struct mutation_source *source) {
  const struct program *program = &mutator->program;
  if (source->other == NULL || !load(mutator, &mutator->other, source->other, source->other_size)) return false;
  if (mutator->other.n == 0) return false;
  struct run theirs = pick_run(mutator, &mutator->other);
  struct run ours = {program->rest, program->rest};
  if (program->n > 0) ours = pick_run(mutator, program);
  if (chance_one_in(&mutator->chance, 2)) ours.end = ours.start;
  put_range(&mutator->out, program, 0, ours.start);
  put_range(&mutator->out, &mutator->other, theirs.start, theirs.end);
  put_range(&mutator->out, program, ours.end, program->size);
  return true;
}

static bool apply(struct mutator *mutator, enum mutation mutation, const struct mutation_source *source) {
  switch (mutation) {
  case MUTATION_INSERT:
    return insert(mutator);
  case MUTATION_HEADER:
    return change_header(mutator);
  case MUTATION_SPLICE:
    return splice(mutator, source);
  default:
    break;
  }
  if (mutator->program.n == 0) return false;
  switch (mutation) {
  case MUTATION_COPY:
    return copy(mutator);
  case MUTATION_DELETE:
    return delete_run(mutator);
  case MUTATION_DUPLICATE:
    return duplicate(mutator);
  case MUTATION_SWAP:
    return swap(mutator);
  case MUTATION_MOVE:
    return move(mutator);
  case MUTATION_REPEAT:
    return repeat(mutator);
  default:
    return change(mutator, mutation);
  }
}

/* --- one mutation --- */

static enum mutation pick_mutation(struct chance *chance) {
  unsigned total = 0;
  for (size_t i = 0; i < MUTATIONS; i++) total += mutations[i].weight;
  size_t at = chance_below(chance, total), i = 0;
  for (; at >= mutations[i].weight; i++) at -= mutations[i].weight;
  return (enum mutation)i;
}

/* Copies a result to `to` once no operation of it is cut; 0: it cannot be used. */
static size_t take_result(struct mutator *mutator, uint8_t *to, size_t max) {
  struct output *out = &mutator->out;
  if (out->full || !load(mutator, &mutator->other, out->bytes, out->size)) return 0;
  size_t size = mutator->other.size;
  if (size > max || size == 0) return 0;
  memcpy(to, mutator->other.bytes, size);
  return size;
}

/* There is no room for operations, or no memory. */
static size_t change_byte(struct chance *chance, uint8_t *data, size_t size) {
  if (size == 0) data[size++] = 0;
  data[chance_below(chance, size)] = (uint8_t)chance_below(chance, 256);
  return size;
}

size_t mutator_mutate(struct mutator *mutator, uint8_t *data, size_t size, size_t max,
                      const struct mutation_source *source, uint64_t seed, enum mutation *done) {
  struct chance *chance = &mutator->chance;
  if (max == 0) return 0;
  if (size > max) size = max;
  chance->state = seed;
  *done = MUTATION_BYTES;
  if (source->bytes != NULL && chance_one_in(chance, ENGINE_SHARE)) return source->bytes(data, size, max);
  if (!load(mutator, &mutator->program, data, size)) return change_byte(chance, data, size);
  for (unsigned i = 0; i < TRIES && start_output(mutator, max); i++) {
    *done = pick_mutation(chance);
    if (!apply(mutator, *done, source)) continue;
    if (mutator->out.size == size && memcmp(mutator->out.bytes, data, size) == 0) continue;
    size_t changed = take_result(mutator, data, max);
    if (changed != 0) return changed;
  }
  *done = MUTATION_BYTES;
  return change_byte(chance, data, size);
}

/* --- crossover --- */

/* One to half of the operations, from one of the top level on. */
static struct run pick_share(struct mutator *mutator, const struct program *program) {
  size_t most = 1 + chance_below(&mutator->chance, program->n / 2 + 1), i = chance_below(&mutator->chance, program->n);
  while (program->operations[i].depth != 1) i--;
  return run_from(program, i, most);
}

static size_t first_size(const struct program *program, size_t start) {
  size_t i = 0;
  while (program->operations[i].start != start) i++;
  return program->operations[i].end - start;
}

/* The operations from start to end, the first of them if not all fit into what is left of `max`. */
static void put_fitting(struct mutator *mutator, const struct program *program, struct run run, size_t max) {
  struct output *out = &mutator->out;
  for (size_t i = 0; i < program->n; i++) {
    const struct operation *operation = &program->operations[i];
    if (operation->depth != 1 || operation->start < run.start || operation->end > run.end) continue;
    if (out->size > max || operation->end - operation->start > max - out->size) return;
    put_range(out, program, operation->start, operation->end);
  }
}

/* Operations of one, then of two, sometimes the rest of one. */
static bool join(struct mutator *mutator, const struct program *one, const struct program *two, size_t max) {
  struct chance *chance = &mutator->chance;
  struct output *out = &mutator->out;
  const struct program *head = chance_one_in(chance, 4) ? two : one;
  struct run kept = pick_share(mutator, one), taken = pick_share(mutator, two);
  size_t reserved = first_size(two, taken.start);
  if (chance_one_in(chance, 2)) kept.start = one->header; /* what is before it too */
  if (!start_output(mutator, max)) return false;
  put_range(out, head, 0, head->header);
  size_t header = out->size;
  if (out->full || reserved > max - header) return false;
  put_fitting(mutator, one, kept, max - reserved);
  size_t with_one = out->size;
  put_fitting(mutator, two, taken, max);
  if (chance_one_in(chance, 2)) put_fitting(mutator, one, (struct run){kept.end, one->rest}, max);
  return with_one > header;
}

size_t mutator_cross(struct mutator *mutator, const uint8_t *a, size_t asize, const uint8_t *b, size_t bsize,
                     uint8_t *out, size_t max, uint64_t seed) {
  struct chance *chance = &mutator->chance;
  chance->state = seed;
  for (unsigned i = 0; i < TRIES; i++) {
    struct program *one = &mutator->program, *two = &mutator->other;
    bool swapped = chance_one_in(chance, 2);
    if (!load(mutator, one, swapped ? b : a, swapped ? bsize : asize)) return 0;
    if (!load(mutator, two, swapped ? a : b, swapped ? asize : bsize)) return 0;
    if (one->n == 0 || two->n == 0) return 0;
    size_t size = join(mutator, one, two, max) ? take_result(mutator, out, max) : 0;
    if (size != 0) return size;
  }
  return 0;
}

/* --- operations of the top level --- */

size_t mutator_count(struct mutator *mutator, const uint8_t *data, size_t size) {
  size_t n = 0;
  if (!load(mutator, &mutator->program, data, size)) return 0;
  for (size_t i = 0; i < mutator->program.n; i++) n += mutator->program.operations[i].depth == 1;
  return n;
}

size_t mutator_without(struct mutator *mutator, const uint8_t *data, size_t size, size_t first, size_t n,
                       uint8_t *out) {
  const struct program *program = &mutator->program;
  if (!load(mutator, &mutator->program, data, size)) return 0;
  size_t at = program->header < size ? program->header : size, k = 0;
  if (at > 0) memcpy(out, program->bytes, at);
  for (size_t i = 0; i < program->n; i++) {
    const struct operation *operation = &program->operations[i];
    if (operation->depth != 1 || (k++, k > first && k <= first + n)) continue;
    size_t end = operation->end < size ? operation->end : size; /* what we completed stays as it was */
    memcpy(out + at, program->bytes + operation->start, end - operation->start);
    at += end - operation->start;
  }
  if (program->size > program->rest) memcpy(out + at, program->bytes + program->rest, program->size - program->rest);
  return at + (program->size - program->rest);
}

/* --- opening --- */

/* The H of `+H`, 0 for nothing; false for anything else. */
static bool read_header(const char *suffix, size_t *header) {
  char *end = NULL;
  *header = 0;
  if (*suffix == '\0') return true;
  if (*suffix != '+' || suffix[1] < '0' || suffix[1] > '9') return false;
  *header = strtoul(suffix + 1, &end, 10);
  return *end == '\0' && *header <= HEADER_MAX;
}

static const struct format *find_format(const char *name, size_t n) {
  static const struct format *const formats[] = {&format_records, &format_trace, &format_text, NULL};
  const struct format *const *format = formats;
  while (*format != NULL && (strlen((*format)->name) != n || memcmp((*format)->name, name, n) != 0)) format++;
  return *format;
}

struct mutator *mutator_open(const char *format) {
  size_t n = strcspn(format, "+"), header = 0;
  const struct format *found = find_format(format, n);
  if (found == NULL || !read_header(format + n, &header)) return NULL;
  struct mutator *mutator = calloc(1, sizeof *mutator);
  if (mutator == NULL) return NULL;
  mutator->format = found;
  mutator->header = header;
  return mutator;
}

static void free_program(struct program *program) {
  free(program->bytes);
  free(program->operations);
}

void mutator_close(struct mutator *mutator) {
  if (mutator == NULL) return;
  free_program(&mutator->program);
  free_program(&mutator->other);
  free(mutator->out.bytes);
  free(mutator->scratch.parts.items);
  free(mutator->scratch.edited.items);
  free(mutator);
}
