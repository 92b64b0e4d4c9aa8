/* Peer: none: every request gets the same block. What the loop itself costs. */
#include <stdint.h>

typedef char *block;

/* Not inlined, as no allocator is. */
__attribute__((noinline)) static block peer_only_block(void) {
  static char bytes[512];
  block only = bytes;
  __asm__ volatile("" : "+r"(only));
  return only;
}

static inline block peer_new(uint32_t bytes) {
  (void)bytes;
  return peer_only_block();
}

static inline char *peer_bytes(block b) {
  return b;
}

__attribute__((noinline)) static void peer_free(block b) {
  __asm__ volatile("" : : "r"(b));
}

static inline const char *peer_version(void) {
  return "floor";
}

#include "blocks.h"
