/* Peer: jemalloc, which takes the place of malloc in this program. */
#include <jemalloc/jemalloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  static char version[32];
  snprintf(version, sizeof version, "%.*s", (int)strcspn(JEMALLOC_VERSION, "-"), JEMALLOC_VERSION);
  return version;
}

#include "blocks.h"
