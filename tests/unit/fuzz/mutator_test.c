/*
 * The mutator of fuzz inputs (fuzz/mutator.h): what comes out has whole
 * operations, is no longer than allowed, depends on nothing but the arguments,
 * and every kind of mutation happens. For all formats, from random programs.
 */
#include "mutator.h"

#include <stdlib.h>

#include "test.h"
#include "trace/binary.h"
#include "trace/trace.h"

enum { SIZE_MAX_TESTED = 2048, ROUNDS = 4000, SEEDS = 300 };

static const char *const formats[] = {"records", "records+3", "trace", "trace+1", "text"};
enum { FORMATS = sizeof formats / sizeof *formats };

static size_t header_of(const char *format) {
  const char *plus = strchr(format, '+');
  return plus != NULL ? strtoul(plus + 1, NULL, 10) : 0;
}

/* Operations end where the input does; behind records a few bytes are left. */
static bool is_whole(const char *format, const uint8_t *data, size_t size) {
  size_t header = header_of(format);
  if (size < header) return false;
  if (strncmp(format, "text", 4) == 0) return size == 0 || data[size - 1] == '\n';
  if (strncmp(format, "trace", 5) != 0) return true;
  struct rh_parts parts = {0};
  bool whole = rh_binary_scan(data + header, size - header, &parts);
  size_t end = 0;
  for (size_t i = 0; i < parts.n; i++) {
    const struct rh_part *part = &parts.items[i];
    if (part->kind == RH_PART_OPERATION || part->kind == RH_PART_OTHER) whole = whole && part->ending == RH_PART_WHOLE;
    if (part->depth == 1 && part->end > end) end = part->end;
  }
  free(parts.items);
  struct rh_trace *trace = rh_trace_decode(data + header, size - header);
  whole = whole && trace != NULL && (parts.n == 0 || end == size - header);
  rh_trace_free(trace);
  return whole;
}

/* Stands for LLVMFuzzerMutate. */
static size_t append_byte(uint8_t *data, size_t size, size_t max) {
  if (size == max) size = 0;
  data[size] = 0xfd;
  return size + 1;
}

/* From nothing, through many mutations, each of the last one's result. */
static void test_stays_whole(void) {
  for (unsigned f = 0; f < FORMATS; f++) {
    struct mutator *mutator = mutator_open(formats[f]);
    const struct mutation_source source = {.bytes = NULL};
    uint8_t data[SIZE_MAX_TESTED];
    size_t size = 0, refused = 0;
    CHECK(mutator != NULL);
    for (unsigned i = 0; mutator != NULL && i < ROUNDS; i++) {
      enum mutation done;
      size_t max = i % 7 == 0 ? 300 : SIZE_MAX_TESTED;
      size = mutator_mutate(mutator, data, size, max, &source, i, &done);
      CHECK(size > 0 && size <= max);
      CHECK(done == MUTATION_BYTES || is_whole(formats[f], data, size));
      refused += done == MUTATION_BYTES;
    }
    CHECK(refused < ROUNDS / 50); /* otherwise it has nothing to do with operations */
    mutator_close(mutator);
  }
}

/* Whatever it starts from, and however little room there is. */
static void test_respects_size(void) {
  for (unsigned f = 0; f < FORMATS; f++) {
    struct mutator *mutator = mutator_open(formats[f]);
    const struct mutation_source source = {.bytes = append_byte};
    for (unsigned i = 0; i < ROUNDS; i++) {
      size_t max = i % 64, size = i / 7 % (max + 1);
      uint8_t *data = malloc(max > 0 ? max : 1); /* a sanitizer sees the first byte behind it */
      enum mutation done;
      for (size_t k = 0; k < size; k++) data[k] = (uint8_t)(i * 31 + k * 7);
      size = mutator_mutate(mutator, data, size, max, &source, i, &done);
      CHECK(size <= max && (size > 0) == (max > 0));
      free(data);
    }
    mutator_close(mutator);
  }
}

/* A block that loses the block it ends with needs an end of its own; there is no room for it. */
static void test_ends_of_blocks_fit(void) {
  static const uint8_t program[] = {RH_OP_ACT - 1, 0, RH_OP_ACT - 1, 1, RH_OP_EVENTS - 1, RH_BYTE_END};
  struct mutator *mutator = mutator_open("trace");
  const struct mutation_source source = {.bytes = NULL};
  for (unsigned i = 0; i < ROUNDS; i++) {
    uint8_t data[sizeof program + 1];
    enum mutation done;
    memcpy(data, program, sizeof program);
    size_t n = mutator_mutate(mutator, data, sizeof program, sizeof program, &source, i, &done);
    CHECK(n > 0 && n <= sizeof program);
    CHECK(done == MUTATION_BYTES || is_whole("trace", data, n));
  }
  mutator_close(mutator);
}

/* A program of `n` mutations. */
static size_t make_program(struct mutator *mutator, uint8_t *data, unsigned n, uint64_t seed) {
  const struct mutation_source source = {.bytes = NULL};
  size_t size = 0;
  for (unsigned i = 0; i < n; i++) {
    enum mutation done;
    size = mutator_mutate(mutator, data, size, 600, &source, seed * 1000 + i, &done);
  }
  return size;
}

static void test_depends_on_the_seed(void) {
  for (unsigned f = 0; f < FORMATS; f++) {
    struct mutator *mutator = mutator_open(formats[f]), *another = mutator_open(formats[f]);
    uint8_t first[SIZE_MAX_TESTED], second[SIZE_MAX_TESTED];
    unsigned different = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
      size_t n = make_program(mutator, first, 12, seed);
      (void)make_program(another, second, seed % 5, seed + 1); /* what was done before does not matter */
      CHECK(make_program(another, second, 12, seed) == n && memcmp(first, second, n) == 0);
      different += make_program(another, second, 12, seed + 1) != n || memcmp(first, second, n) != 0;
    }
    CHECK(different > SEEDS * 9 / 10);
    mutator_close(mutator);
    mutator_close(another);
  }
}

static void test_every_mutation_happens(void) {
  for (unsigned f = 0; f < FORMATS; f++) {
    struct mutator *mutator = mutator_open(formats[f]);
    uint8_t other[SIZE_MAX_TESTED], data[SIZE_MAX_TESTED];
    const struct mutation_source source = {
        .other = other, .other_size = make_program(mutator, other, 20, 1), .bytes = append_byte};
    unsigned seen[MUTATIONS] = {0};
    size_t size = make_program(mutator, data, 20, 2);
    for (unsigned i = 0; i < ROUNDS; i++) {
      uint8_t copy[SIZE_MAX_TESTED];
      enum mutation done;
      memcpy(copy, data, size);
      size_t n = mutator_mutate(mutator, copy, size, SIZE_MAX_TESTED, &source, i, &done);
      CHECK(n != size || memcmp(copy, data, n) != 0);
      seen[done]++;
    }
    for (unsigned i = 0; i < MUTATIONS; i++) {
      if (seen[i] < ROUNDS / 100) fprintf(stderr, "%s: %s: %u\n", formats[f], mutation_name((enum mutation)i), seen[i]);
      CHECK(seen[i] >= ROUNDS / 100);
    }
    CHECK(seen[MUTATION_BYTES] > ROUNDS / 16 && seen[MUTATION_BYTES] < ROUNDS / 5);
    mutator_close(mutator);
  }
}

/* Is a whole operation of `of` found in data at its operation's place? Records alone. */
static bool has_record(const uint8_t *data, size_t size, size_t header, uint8_t tag) {
  for (size_t at = header; at + 4 <= size; at += 4)
    if (data[at + 3] == tag) return true;
  return false;
}

static void test_crossover_takes_from_both(void) {
  struct mutator *mutator = mutator_open("records+3");
  uint8_t a[163], b[203], out[SIZE_MAX_TESTED];
  memset(a, 1, sizeof a);
  memset(b, 2, sizeof b);
  unsigned headers[3] = {0};
  for (unsigned seed = 0; seed < SEEDS; seed++) {
    size_t max = 11 + seed % 200, size = mutator_cross(mutator, a, sizeof a, b, sizeof b, out, max, seed);
    CHECK(size > 0 && size <= max);
    CHECK(has_record(out, size, 3, 1) && has_record(out, size, 3, 2));
    headers[out[0]]++;
    uint8_t again[SIZE_MAX_TESTED];
    CHECK(mutator_cross(mutator, a, sizeof a, b, sizeof b, again, max, seed) == size && memcmp(out, again, size) == 0);
  }
  CHECK(headers[1] > 0 && headers[2] > 0);
  CHECK_INT(mutator_cross(mutator, a, sizeof a, b, sizeof b, out, 10, 1), 0); /* no room for one of each */
  CHECK_INT(mutator_cross(mutator, a, 3, b, sizeof b, out, 100, 1), 0);
  mutator_close(mutator);
}

static void test_crossover_stays_whole(void) {
  for (unsigned f = 0; f < FORMATS; f++) {
    struct mutator *mutator = mutator_open(formats[f]);
    uint8_t a[SIZE_MAX_TESTED], b[SIZE_MAX_TESTED], out[SIZE_MAX_TESTED];
    unsigned made = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
      size_t na = make_program(mutator, a, 15, seed), nb = make_program(mutator, b, 15, seed + SEEDS);
      size_t max = 100 + seed, size = mutator_cross(mutator, a, na, b, nb, out, max, seed);
      CHECK(size <= max);
      CHECK(size == 0 || is_whole(formats[f], out, size));
      made += size > 0;
    }
    CHECK(made > SEEDS * 3 / 4);
    mutator_close(mutator);
  }
}

/* Changing an operand changes one operation, and no other's meaning. */
static void test_operand_changes_one_operation(void) {
  static const char program[] = "%trace 1\nnew A list\nnew B node\nset B.a A\nappend A 7\ndrop A B\ncollect 1\n";
  struct mutator *mutator = mutator_open("trace");
  struct rh_diagnostic diagnostic;
  struct rh_trace *trace = rh_trace_parse("t", program, strlen(program), &diagnostic);
  struct rh_text binary = {0}, before = {0};
  CHECK(trace != NULL);
  rh_trace_encode(trace, &binary);
  rh_trace_print(trace, &before);
  unsigned found = 0;
  for (unsigned seed = 0; seed < SEEDS * 4; seed++) {
    uint8_t data[SIZE_MAX_TESTED];
    enum mutation done;
    memcpy(data, binary.bytes, binary.size);
    const struct mutation_source source = {.bytes = NULL};
    size_t n = mutator_mutate(mutator, data, binary.size, sizeof data, &source, seed, &done);
    if (done != MUTATION_OPERAND && done != MUTATION_OPERATION) continue;
    struct rh_trace *changed = rh_trace_decode(data, n);
    struct rh_text op = {0}, old = {0};
    unsigned different = 0;
    CHECK_INT(changed->ntop <= trace->ntop && changed->ntop + 1 >= trace->ntop, 1); /* one may be left out: a literal */
    for (size_t i = 0; changed->ntop == trace->ntop && i < trace->ntop; i++) {
      op.size = old.size = 0;
      rh_op_print(changed, &changed->ops[changed->top[i]], true, &op);
      rh_op_print(trace, &trace->ops[trace->top[i]], true, &old);
      different += op.size != old.size || memcmp(op.bytes, old.bytes, op.size) != 0;
    }
    CHECK(different <= 1);
    found++;
    rh_text_free(&op);
    rh_text_free(&old);
    rh_trace_free(changed);
  }
  CHECK(found > SEEDS);
  rh_text_free(&binary);
  rh_text_free(&before);
  rh_trace_free(trace);
  mutator_close(mutator);
}

static void test_without(void) {
  static const char lines[] = "new A list\nnew B list\ndrop A\ndrop B";
  struct mutator *mutator = mutator_open("text");
  const uint8_t *data = (const uint8_t *)lines;
  uint8_t out[sizeof lines];
  CHECK_INT(mutator_count(mutator, data, strlen(lines)), 4);
  size_t n = mutator_without(mutator, data, strlen(lines), 1, 2, out);
  CHECK(n == 17 && memcmp(out, "new A list\ndrop B", n) == 0);
  n = mutator_without(mutator, data, strlen(lines), 3, 9, out);
  CHECK(n == 29 && memcmp(out, lines, n) == 0);
  mutator_close(mutator);
}

static void test_formats(void) {
  static const char *const wrong[] = {"",           "record",        "records+", "records+x",
                                      "records+1x", "records+99999", "+1",       "text1"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) CHECK(mutator_open(wrong[i]) == NULL);
  for (unsigned i = 0; i < MUTATIONS; i++)
    for (unsigned k = 0; k < i; k++)
      CHECK(strcmp(mutation_name((enum mutation)i), mutation_name((enum mutation)k)) != 0);
}

TEST_MAIN(test_stays_whole, test_respects_size, test_ends_of_blocks_fit, test_depends_on_the_seed,
          test_every_mutation_happens, test_crossover_takes_from_both, test_crossover_stays_whole,
          test_operand_changes_one_operation, test_without, test_formats)
