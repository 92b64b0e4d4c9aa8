/*
 * Raw blocks (4.1-4.6) on the allocator of the core. The requested size is
 * remembered, so that only bytes that were asked for can be read and written.
 * Arenas that become free are handed back to the system.
 */
#include "core/block.h"
#include "os/os.h"
#include "runtime/state.h"
#include <string.h>

/* Block handles of the runtime are 1, 2, ...: entries of this table. */
struct block {
  uint32_t granule; /* the core's handle; 0: free entry */
  uint32_t next;    /* free entries */
  uint64_t bytes;
};

static struct block *blocks;
static uint32_t block_count = 1, block_capacity, free_block;
static uint64_t live;

void rh_rt_reset_blocks(void) {
  block_count = 1;
  free_block = 0;
  live = 0;
}

static struct block *find(uint32_t b) {
  return b != 0 && b < block_count && blocks[b].granule != 0 ? &blocks[b] : NULL;
}

static uint32_t new_entry(void) {
  uint32_t b = free_block;
  if (b != 0) {
    free_block = blocks[b].next;
    return b;
  }
  if (block_count >= block_capacity) {
    block_capacity = block_capacity ? 2 * block_capacity : 256;
    blocks = rh_rt_allocate(blocks, block_capacity * sizeof *blocks);
  }
  return block_count++;
}

uint32_t rh_runtime_block_new(uint64_t bytes, bool zeroed) {
  uint32_t granule = zeroed ? rh_block_new_zeroed(bytes) : rh_block_new(bytes);
  if (granule == 0) return 0;
  uint32_t b = new_entry();
  blocks[b] = (struct block){.granule = granule, .bytes = bytes};
  live++;
  return b;
}

/* A handle outlives the move of its block. NOLINTNEXTLINE(readability-non-const-parameter): the engines' shape */
int rh_runtime_block_resize(uint32_t *block, uint64_t bytes) {
  struct block *entry = find(*block);
  if (entry == NULL) return RH_RT_REALLOC_NULL;
  uint32_t granule = entry->granule;
  if (!rh_block_resize(&granule, bytes)) return RH_RT_REALLOC_NULL;
  bool moved = granule != entry->granule;
  entry->granule = granule;
  entry->bytes = bytes;
  return moved ? RH_RT_REALLOC_MOVED : RH_RT_REALLOC_SAME;
}

/* Arenas that became wholly free go back to the system. */
static void release_arenas(void) {
  for (uint32_t a = rh_arena_take_releasable(); a != RH_ARENAS; a = rh_arena_take_releasable()) {
    rh_os_release(rh_arena_bytes(a), RH_ARENA_BYTES);
  }
}

int rh_runtime_block_free(uint32_t block) {
  struct block *entry = find(block);
  if (entry == NULL) return RH_RT_VALUE_ERROR;
  rh_block_free(entry->granule);
  *entry = (struct block){.next = free_block};
  free_block = block;
  live--;
  release_arenas();
  return RH_RT_OK;
}

int rh_runtime_block_write(uint32_t block, uint64_t offset, uint8_t value, uint64_t n) {
  const struct block *entry = find(block);
  if (entry == NULL || offset > entry->bytes || n > entry->bytes - offset) return RH_RT_VALUE_ERROR;
  memset((uint8_t *)rh_block_bytes(entry->granule) + offset, value, n);
  return RH_RT_OK;
}

int rh_runtime_block_read(uint32_t block, uint64_t offset) {
  const struct block *entry = find(block);
  if (entry == NULL || offset >= entry->bytes) return RH_RT_VALUE_ERROR;
  return ((const uint8_t *)rh_block_bytes(entry->granule))[offset];
}

uint64_t rh_runtime_block_address(uint32_t block) {
  const struct block *entry = find(block);
  return entry == NULL ? 0 : (uint64_t)entry->granule * RH_GRANULE;
}

uint64_t rh_runtime_live_blocks(void) {
  return live;
}
