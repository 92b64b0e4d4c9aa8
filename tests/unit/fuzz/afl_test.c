/*
 * The mutator as AFL++ calls it: results fit, are described by what was done,
 * take operations of the second input too; trimming ends and removes whole
 * operations alone.
 */
#include <stdint.h>
#include <stdlib.h>

#include "afl_mutator.h"
#include "mutator.h"
#include "test.h"

enum { HEADER = 2, RECORD = 4, RECORDS = 60, SIZE = HEADER + RECORD * RECORDS + 1, ROUNDS = 2000, STEPS_MAX = 1000 };

/* Record i is i in all its bytes; one byte is behind the last. */
static void fill(uint8_t *input) {
  for (size_t i = 0; i < SIZE; i++) input[i] = i < HEADER ? 200 : (uint8_t)((i - HEADER) / RECORD);
}

/* Names of mutations with + between. */
static bool describes(const char *text) {
  while (true) {
    size_t n = strcspn(text, "+");
    bool known = false;
    for (unsigned i = 0; i < MUTATIONS; i++) {
      const char *name = mutation_name((enum mutation)i);
      known = known || (strlen(name) == n && strncmp(name, text, n) == 0);
    }
    if (!known || text[n] == '\0') return known;
    text += n + 1;
  }
}

static void test_mutates(void) {
  void *one = afl_custom_init(NULL, 7), *two = afl_custom_init(NULL, 7);
  uint8_t input[SIZE], other[42];
  unsigned spliced = 0;
  fill(input);
  memset(other, 0xee, sizeof other);
  for (unsigned i = 0; i < ROUNDS; i++) {
    uint8_t *out = NULL, *same = NULL;
    size_t max = i % 3 == 0 ? SIZE + 8 : 1 << 20, n = afl_custom_fuzz(one, input, SIZE, &out, other, sizeof other, max);
    CHECK(n > 0 && n <= max && out != NULL);
    CHECK(describes(afl_custom_describe(one, 100)));
    CHECK(strlen(afl_custom_describe(one, 5)) <= 5);
    bool takes = strstr(afl_custom_describe(one, 100), "splice") != NULL;
    for (size_t k = 0; takes && k + RECORD <= n; k++) {
      if (memcmp(out + k, other, RECORD) != 0) continue;
      spliced++;
      takes = false;
    }
    CHECK(afl_custom_fuzz(two, input, SIZE, &same, other, sizeof other, max) == n && memcmp(out, same, n) == 0);
  }
  CHECK(spliced > ROUNDS / 50);
  afl_custom_deinit(one);
  afl_custom_deinit(two);
}

/* The header, records each of which is in order as it was, and the last byte. */
static bool is_trimmed(const uint8_t *out, size_t n) {
  int last = -1;
  if (n % RECORD != SIZE % RECORD || n <= HEADER + 1 || out[0] != 200 || out[1] != 200) return false;
  for (size_t at = HEADER; at + RECORD <= n; at += RECORD) {
    if (out[at] <= last || memcmp(out + at, (uint8_t[]){out[at], out[at], out[at], out[at]}, RECORD) != 0) return false;
    last = out[at];
  }
  return out[n - 1] == RECORDS;
}

/* An input does what it did while it holds records 17 and 43. */
static bool is_needed(const uint8_t *out, size_t n) {
  bool a = false, b = false;
  for (size_t at = HEADER; at + RECORD <= n; at += RECORD) {
    a = a || out[at] == 17;
    b = b || out[at] == 43;
  }
  return a && b;
}

/* How AFL++ goes about it; the size that is left. */
static size_t trim(bool (*keeps)(const uint8_t *, size_t)) {
  void *state = afl_custom_init(NULL, 1);
  uint8_t input[SIZE];
  size_t left = SIZE;
  fill(input);
  int steps = afl_custom_init_trim(state, input, SIZE), at = 0, taken = 0;
  while (at < steps && taken < STEPS_MAX) {
    uint8_t *out = NULL;
    size_t n = afl_custom_trim(state, &out);
    CHECK(n < left && is_trimmed(out, n));
    bool kept = keeps(out, n);
    if (kept) left = n;
    at = afl_custom_post_trim(state, kept);
    taken++;
  }
  CHECK(taken < STEPS_MAX);
  afl_custom_deinit(state);
  return left;
}

static bool keep_all(const uint8_t *out, size_t n) {
  return out != NULL && n > 0;
}
static bool keep_none(const uint8_t *out, size_t n) {
  return out == NULL || n == 0;
}

static void test_trims(void) {
  CHECK_INT(trim(is_needed), HEADER + 2 * RECORD + 1);
  CHECK_INT(trim(keep_all), HEADER + RECORD + 1); /* never to nothing */
  CHECK_INT(trim(keep_none), SIZE);
}

static void test_nothing_to_trim(void) {
  void *state = afl_custom_init(NULL, 1);
  uint8_t input[HEADER + RECORD + 3] = {0};
  CHECK_INT(afl_custom_init_trim(state, input, 0), 0);
  CHECK_INT(afl_custom_init_trim(state, input, HEADER), 0);
  CHECK_INT(afl_custom_init_trim(state, input, sizeof input), 0);
  afl_custom_deinit(state);
}

/* The environment chooses the format: lines here. */
static void test_format(void) {
  uint8_t input[] = "drop A\ndrop B\n", *out = NULL;
  setenv("RH_FUZZ_FORMAT", "text", 1);
  void *state = afl_custom_init(NULL, 1);
  CHECK_INT(afl_custom_init_trim(state, input, sizeof input - 1), 1);
  CHECK_INT(afl_custom_trim(state, &out), 7);
  CHECK(memcmp(out, "drop B\n", 7) == 0);
  afl_custom_deinit(state);
  unsetenv("RH_FUZZ_FORMAT");
}

TEST_MAIN(test_mutates, test_trims, test_nothing_to_trim, test_format)
