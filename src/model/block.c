/*
 * Blocks as a client sees them: a request with its content. Where a block lies
 * is the core's business; only distinctness and alignment are modelled (BLK-1).
 * Content is kept per byte with a mark for bytes nobody has written, which no
 * one may expect anything of (BLK-3).
 */
#include "model/heap.h"

#include <stdlib.h>

enum { SMALL = 512, ALIGNMENT = 16, UNWRITTEN = 0, WRITTEN = 256 };
/* BLK-7; what no address space can hold fails as well. Content is modelled up to a limit. */
static const uint64_t LARGEST_REQUEST = UINT64_C(1) << 47, LARGEST_CONTENT = UINT64_C(1) << 30;

struct block {
  bool live, small;
  uint64_t bytes, address;
  uint64_t class;    /* small: bytes of its size class */
  uint64_t zeroed;   /* so many bytes from the start are 0 until written */
  uint16_t *content; /* WRITTEN + byte, or UNWRITTEN, of the first `ncontent` bytes; none of the rest was written */
  uint64_t ncontent;
};

static struct block *blocks;           /* [0] unused */
static uint32_t nblocks, nlive, spare; /* spare: free handle, the next one in its address */
static uint64_t next_address;

static uint64_t rounded(uint64_t bytes) {
  return bytes ? (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT : ALIGNMENT;
}

static bool is_small(uint64_t bytes) {
  return bytes >= 1 && bytes <= SMALL;
}

static uint32_t new_handle(void) {
  uint32_t handle = spare;
  if (handle) {
    spare = (uint32_t)blocks[handle].address;
    return handle;
  }
  if (nblocks == 0) blocks = rh_m_room(NULL, nblocks++, sizeof *blocks);
  blocks = rh_m_room(blocks, nblocks, sizeof *blocks);
  return nblocks++;
}

static struct block *at(uint32_t handle) {
  return handle && handle < nblocks && blocks[handle].live ? &blocks[handle] : NULL;
}

/* A place of its own for every block (BLK-1); nothing else about it is meant. */
static void settle(struct block *b, uint64_t bytes) {
  b->bytes = bytes;
  b->address = next_address += ALIGNMENT;
  next_address += rounded(bytes);
  b->small = is_small(bytes);
  b->class = rounded(bytes);
}

uint32_t rh_model_block_new(uint64_t bytes, bool zeroed) {
  if (bytes > LARGEST_REQUEST) return 0; /* BLK-7 */
  uint32_t handle = new_handle();
  blocks[handle] = (struct block){.live = true, .zeroed = zeroed ? bytes : 0};
  settle(&blocks[handle], bytes);
  nlive++;
  return handle;
}

int rh_model_block_free(uint32_t handle) {
  struct block *b = at(handle);
  if (!b) return RH_MODEL_VALUE_ERROR; /* BLK-8 */
  free(b->content);
  *b = (struct block){.address = spare};
  spare = handle;
  nlive--;
  return RH_MODEL_OK;
}

/* BLK-5: a small block stays while the request fits its class and fills more
 * than three quarters of it. A large block stays large; whether it moves is
 * the system's decision. The common prefix keeps its content (BLK-4). */
/* A handle outlives the move of its block. NOLINTNEXTLINE(readability-non-const-parameter): the engines' shape */
int rh_model_block_resize(uint32_t *handle, uint64_t bytes) {
  struct block *b = at(*handle);
  if (!b) return *handle ? RH_MODEL_VALUE_ERROR : RH_MODEL_REALLOC_NULL;
  if (bytes > LARGEST_REQUEST) return RH_MODEL_REALLOC_NULL;
  if (b->ncontent > bytes) b->ncontent = bytes;
  if (b->zeroed > bytes) b->zeroed = bytes;
  if (b->small && bytes <= b->class && 4 * bytes > 3 * b->class) {
    b->bytes = bytes;
    return RH_MODEL_REALLOC_SAME;
  }
  bool was_small = b->small;
  settle(b, bytes);
  if (!was_small) b->small = false;
  return RH_MODEL_REALLOC_MOVED;
}

int rh_model_block_write(uint32_t handle, uint64_t offset, uint8_t value, uint64_t n) {
  struct block *b = at(handle);
  if (!b || offset > b->bytes || n > b->bytes - offset) return RH_MODEL_VALUE_ERROR;
  if (n > LARGEST_CONTENT || offset > LARGEST_CONTENT - n) return RH_MODEL_UNSUPPORTED;
  if (offset + n > b->ncontent) b->content = rh_m_memory(b->content, (size_t)(offset + n), sizeof *b->content);
  for (; b->ncontent < offset + n; b->ncontent++) b->content[b->ncontent] = UNWRITTEN;
  for (uint64_t i = 0; i < n; i++) b->content[offset + i] = (uint16_t)(WRITTEN + value);
  return RH_MODEL_OK;
}

int rh_model_block_read(uint32_t handle, uint64_t offset) {
  const struct block *b = at(handle);
  if (!b || offset >= b->bytes) return RH_MODEL_VALUE_ERROR;
  if (offset < b->ncontent && b->content[offset] != UNWRITTEN) return b->content[offset] - WRITTEN;
  return offset < b->zeroed ? 0 : RH_MODEL_UNSUPPORTED;
}

uint64_t rh_model_block_address(uint32_t handle) {
  const struct block *b = at(handle);
  return b ? b->address : 0;
}

uint64_t rh_model_live_blocks(void) {
  return nlive;
}

void rh_m_block_reset(void) {
  for (uint32_t i = 1; i < nblocks; i++) free(blocks[i].content);
  free(blocks);
  blocks = NULL;
  nblocks = nlive = spare = 0;
  next_address = 0;
}
