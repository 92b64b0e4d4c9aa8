/*
 * What AddressSanitizer knows of the region. It sees one large array; here it
 * is told which bytes of it a program may touch, so that an overflow from one
 * block into the next, and a use of a freed block, end the program as they
 * would with malloc. Only address.c includes this; in a build without the
 * sanitizer nothing of it is left.
 *
 * Poisoned: a freed block, the bytes behind those that rh_block_new_bytes or
 * rh_block_resize were asked for, and what no block has taken yet. Who names
 * blocks by handle gets all usable bytes from rh_block_bytes, and what
 * rh_block_free or rh_block_reset freed stays open: the proven code knows no
 * addresses.
 */
#ifndef RH_CORE_POISON_H
#define RH_CORE_POISON_H

#include <stddef.h>

#include "core/address.h"
#include "core/block.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define RH_POISON 1
#endif
#elif defined __SANITIZE_ADDRESS__
#define RH_POISON 1
#endif

#ifdef RH_POISON
#include <sanitizer/asan_interface.h>

enum { RH_POISON_STEP = 1 << 16 }; /* granules: a megabyte is poisoned when its first block is seen */

static unsigned char rh_poison_seen[RH_GRANULES / RH_POISON_STEP + 1];

/* Poisons the steps of the region that hold granules [b, b + n) and were not seen before. */
static inline void rh_poison_fresh(uint32_t b, uint64_t n) {
  for (uint64_t step = b / RH_POISON_STEP; step * RH_POISON_STEP < b + n; step++) {
    if (rh_poison_seen[step]) continue;
    rh_poison_seen[step] = 1;
    uint64_t first = step * RH_POISON_STEP;
    uint64_t most = first + RH_POISON_STEP < RH_GRANULES ? RH_POISON_STEP : RH_GRANULES - first;
    __asan_poison_memory_region(&rh_region[first * RH_GRANULE], (size_t)most * RH_GRANULE);
  }
}

/* Of block b, its first `bytes` bytes may be touched and no other. */
static inline void rh_poison_show(uint32_t b, uint64_t bytes) {
  uint64_t size = rh_block_size(b);
  unsigned char *start = &rh_region[(size_t)b * RH_GRANULE];
  rh_poison_fresh(b, size / RH_GRANULE);
  __asan_poison_memory_region(start, (size_t)size);
  __asan_unpoison_memory_region(start, (size_t)bytes);
}

/* What rh_poison_hide must know of the block at handle b, before it may be gone: its size; 0 if none is there. */
static inline uint64_t rh_poison_extent(uint32_t b) {
  return rh_block_size(b);
}

/* Of what was block b, no byte may be touched. */
static inline void rh_poison_hide(uint32_t b, uint64_t extent) {
  __asan_poison_memory_region(&rh_region[(size_t)b * RH_GRANULE], (size_t)extent);
}

/* The core itself touches granules [b, b + n). */
static inline void rh_poison_open(uint32_t b, uint32_t n) {
  __asan_unpoison_memory_region(&rh_region[(size_t)b * RH_GRANULE], (size_t)n * RH_GRANULE);
}

#else

static inline void rh_poison_show(uint32_t b, uint64_t bytes) {
  (void)b, (void)bytes;
}
static inline uint64_t rh_poison_extent(uint32_t b) {
  (void)b;
  return 0;
}
static inline void rh_poison_hide(uint32_t b, uint64_t extent) {
  (void)b, (void)extent;
}
static inline void rh_poison_open(uint32_t b, uint32_t n) {
  (void)b, (void)n;
}

#endif

#endif
