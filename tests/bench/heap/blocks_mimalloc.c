/* Peer: mimalloc, called by its own names. */
#include <mimalloc.h>
#include <stdint.h>
#include <stdio.h>

typedef char *block;

static inline block peer_new(uint32_t bytes) {
  return mi_malloc(bytes);
}

static inline char *peer_bytes(block b) {
  return b;
}

static inline void peer_free(block b) {
  mi_free(b);
}

static inline const char *peer_version(void) {
  static char version[32];
  int number = mi_version();
  snprintf(version, sizeof version, "%d.%d.%d", number / 100, number / 10 % 10, number % 10);
  return version;
}

#include "blocks.h"
