/*
 * Known answers. A wrong answer may break no property: a wrong word in an
 * argument, a report without a line, an error that both engines make because
 * they share the interpreter. So what a target says of each committed input is
 * kept as a digest in answers/TARGET.def, which the target includes. An input
 * has an answer if it is one of these byte for byte; what is made of it has none.
 * They are those of the heap at its full size: shrunken, it is sooner full.
 *
 * Where answers change on purpose, `ci/fuzz --answers` writes them anew.
 */
#ifndef RH_FUZZ_ANSWERS_H
#define RH_FUZZ_ANSWERS_H

#include <inttypes.h>

#include "digest.h"
#include "hostile.h"
#include "oracle/compare.h"

#if defined RH_TINY || defined RH_MEDIUM
enum { ANSWERS_HOLD = 0 };
#else
enum { ANSWERS_HOLD = 1 };
#endif

struct known_answer {
  uint64_t input, answer;
};

#define ANSWER(input, answer) {UINT64_C(input), UINT64_C(answer)},

/* The answer to the input at hand, as far as it is put together. */
static uint64_t answer_so_far = DIGEST_OF_NOTHING;

static inline void answer_number(int64_t number) {
  answer_so_far = digest_bytes(answer_so_far, &number, sizeof number);
}

static inline void answer_bytes(const char *bytes, size_t n) {
  answer_number((int64_t)n);
  answer_so_far = digest_bytes(answer_so_far, bytes, n);
}

static inline void answer_text(const struct rh_text *text) {
  answer_bytes(text->bytes, text->size);
}

static inline void answer_prediction(const struct rh_prediction *prediction) {
  for (size_t i = 0; i < prediction->n; i++) {
    answer_number((int64_t)prediction->observations[i].class);
    answer_bytes(prediction->observations[i].text, prediction->observations[i].size);
  }
  answer_number((int64_t)prediction->alone);
  answer_number((int64_t)prediction->stop);
  if (prediction->reason != NULL) answer_bytes(prediction->reason, strlen(prediction->reason));
}

static inline int by_input(const void *a, const void *b) {
  const struct known_answer *first = a, *second = b;
  return (first->input > second->input) - (first->input < second->input);
}

/* What is known of the input; NULL: nothing. `known` is sorted by input. */
static inline const struct known_answer *answer_of(const struct known_answer *known, size_t n, const uint8_t *data,
                                                   size_t size) {
  struct known_answer wanted = {digest_bytes(DIGEST_OF_NOTHING, data, size), 0};
  return bsearch(&wanted, known, n, sizeof *known, by_input);
}

/* Is the answer known, or to be learnt? Then the input was committed and is run whatever it costs. */
static inline bool answer_is_wanted(const struct known_answer *known, size_t n, const uint8_t *data, size_t size) {
  return getenv("RH_FUZZ_ANSWERS") != NULL || answer_of(known, n, data, size) != NULL;
}

/* At the end of an input. */
static inline void answer_check(const struct known_answer *known, size_t n, const uint8_t *data, size_t size) {
  const struct known_answer *right = answer_of(known, n, data, size);
  uint64_t answer = answer_so_far;
  answer_so_far = DIGEST_OF_NOTHING;
  if (getenv("RH_FUZZ_ANSWERS") != NULL) {
    printf("ANSWER(0x%016" PRIx64 ", 0x%016" PRIx64 ")\n", digest_bytes(DIGEST_OF_NOTHING, data, size), answer);
    return;
  }
  REQUIRE(!ANSWERS_HOLD || right == NULL || right->answer == answer,
          "another answer than is known; if that is as it should be, `ci/fuzz --answers` learns it");
}

#endif
