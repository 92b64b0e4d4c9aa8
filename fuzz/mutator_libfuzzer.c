/*
 * The mutator as libFuzzer calls it; each target is linked with it and the
 * format of its inputs. An engine that has no such calls does not notice.
 */
#include <stdlib.h>

#include "mutator.h"

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t asize, const uint8_t *b, size_t bsize, uint8_t *out,
                                 size_t max, unsigned seed);

/* libFuzzer would cross over every second time; 0 makes it choose again. */
enum { CROSS_SHARE = 4 };

static struct mutator *the_mutator(void) {
  static struct mutator *mutator;
  if (mutator == NULL) mutator = mutator_open(RH_FUZZ_FORMAT);
  if (mutator == NULL) abort();
  return mutator;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed) {
  const struct mutation_source source = {.bytes = LLVMFuzzerMutate};
  enum mutation done;
  return mutator_mutate(the_mutator(), data, size, max, &source, seed, &done);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t asize, const uint8_t *b, size_t bsize, uint8_t *out,
                                 size_t max, unsigned seed) {
  if (seed % CROSS_SHARE != 0) return 0;
  return mutator_cross(the_mutator(), a, asize, b, bsize, out, max, seed);
}
