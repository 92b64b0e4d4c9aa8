/* See address.h and block.h. Nothing here is proved; everything here is a line or two. */
#include "core/address.h"

#include <stddef.h>
#include <string.h>

#include "core/block.h"
#include "core/poison.h"

_Alignas(4096) unsigned char rh_region[(uint64_t)RH_GRANULES * RH_GRANULE];

static unsigned char *granule(uint32_t g) {
  return &rh_region[(size_t)g * RH_GRANULE];
}

void rh_region_zero(uint32_t to, uint32_t n) {
  rh_poison_open(to, n);
  memset(granule(to), 0, (size_t)n * RH_GRANULE);
}

void rh_region_copy(uint32_t to, uint32_t from, uint32_t n) {
  rh_poison_open(to, n);
  rh_poison_open(from, n);
  memcpy(granule(to), granule(from), (size_t)n * RH_GRANULE);
}

void *rh_block_bytes(uint32_t b) {
  uint64_t size = rh_block_size(b);
  if (size == 0) return NULL;
  rh_poison_show(b, size);
  return granule(b);
}

/* The granule that starts at this address, 0 when none of the region does. */
static uint32_t granule_at(const void *address) {
  /* Below the region the difference wraps around to a large number. */
  uintptr_t offset = (uintptr_t)address - (uintptr_t)rh_region;
  if (offset >= sizeof rh_region || offset % RH_GRANULE != 0) return 0;
  return (uint32_t)(offset / RH_GRANULE);
}

uint32_t rh_block_at(const void *address) {
  uint32_t b = granule_at(address);
  return rh_block_size(b) == 0 ? 0 : b;
}

void *rh_block_new_bytes(uint64_t bytes) {
  uint32_t b = rh_block_new(bytes);
  if (b == 0) return NULL;
  rh_poison_show(b, bytes);
  return granule(b);
}

bool rh_block_free_bytes(void *address) {
  uint32_t b = granule_at(address);
  rh_poison_hide(b, rh_poison_extent(b));
  return rh_block_free(b);
}

bool rh_block_resize(uint32_t *b, uint64_t bytes) {
  uint64_t extent = rh_poison_extent(*b);
  uint32_t moved = rh_block_move(*b, bytes);
  if (moved == 0) return false;
  rh_poison_hide(*b, extent);
  rh_poison_show(moved, bytes);
  *b = moved;
  return true;
}

void *rh_arena_bytes(uint32_t a) {
  return granule(a * RH_ARENA_POOLS * RH_POOL_GRANULES);
}
