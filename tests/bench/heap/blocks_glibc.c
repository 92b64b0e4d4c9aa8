/* Peer: the C library's malloc. */
#include <gnu/libc-version.h>
#include <stdint.h>
#include <stdlib.h>

typedef char *block;

static inline block peer_new(uint32_t bytes) {
  return malloc(bytes);
}

static inline char *peer_bytes(block b) {
  return b;
}

static inline void peer_free(block b) {
  free(b);
}

static inline const char *peer_version(void) {
  return gnu_get_libc_version();
}

#include "blocks.h"
