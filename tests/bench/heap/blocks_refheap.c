/*
 * Peer: refheap's blocks, by handle; with BENCH_ADDRESSES by address, as the
 * other allocators. Arenas that become free go back to the system, as in
 * runtime.
 */
#include <stdint.h>

#include "core/block.h"
#include "os/os.h"

static inline void release_arenas(void) {
  for (uint32_t a = rh_arena_take_releasable(); a != RH_ARENAS; a = rh_arena_take_releasable()) {
    rh_os_release(rh_arena_bytes(a), RH_ARENA_BYTES);
  }
}

#ifdef BENCH_ADDRESSES
typedef char *block;

static inline block peer_new(uint32_t bytes) {
  return rh_block_new_bytes(bytes);
}

static inline char *peer_bytes(block b) {
  return b;
}

static inline void peer_free(block b) {
  rh_block_free_bytes(b);
  release_arenas();
}
#else
typedef uint32_t block;

static inline block peer_new(uint32_t bytes) {
  return rh_block_new(bytes);
}

static inline char *peer_bytes(block b) {
  return rh_block_bytes(b);
}

static inline void peer_free(block b) {
  rh_block_free(b);
  release_arenas();
}
#endif

static inline const char *peer_version(void) {
  return "this tree";
}

#include "blocks.h"
