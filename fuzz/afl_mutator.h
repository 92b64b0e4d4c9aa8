/*
 * What AFL++ 4.04 calls in a custom mutator library, and no more of its
 * interface than afl_mutator.c has. `data` is what afl_custom_init returned.
 */
#ifndef RH_FUZZ_AFL_MUTATOR_H
#define RH_FUZZ_AFL_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, const uint8_t *input, size_t size, uint8_t **out, const uint8_t *other,
                       size_t other_size, size_t max);
const char *afl_custom_describe(void *data, size_t max);
int afl_custom_init_trim(void *data, const uint8_t *input, size_t size);
size_t afl_custom_trim(void *data, uint8_t **out);
int afl_custom_post_trim(void *data, unsigned char success);
void afl_custom_deinit(void *data);

#endif
