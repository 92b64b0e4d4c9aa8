/* Peer: tcmalloc, called by its own names. */
#include <gperftools/tcmalloc.h>
#include <stdint.h>

typedef char *block;

static inline block peer_new(uint32_t bytes) {
  return tc_malloc(bytes);
}

static inline char *peer_bytes(block b) {
  return b;
}

static inline void peer_free(block b) {
  tc_free(b);
}

static inline const char *peer_version(void) {
  return tc_version(NULL, NULL, NULL);
}

#include "blocks.h"
