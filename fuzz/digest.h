/* Many bytes as one number (FNV-1a of 64 bits), for telling equal from unequal. */
#ifndef RH_FUZZ_DIGEST_H
#define RH_FUZZ_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_OF_NOTHING UINT64_C(0xcbf29ce484222325)

static inline uint64_t digest_bytes(uint64_t digest, const void *bytes, size_t n) {
  const unsigned char *at = bytes;
  for (size_t i = 0; i < n; i++) digest = (digest ^ at[i]) * UINT64_C(0x100000001b3);
  return digest;
}

#endif
