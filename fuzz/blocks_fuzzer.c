/*
 * Property: blocks are what an allocator owes its callers, by handle and by
 * address: long enough, aligned, apart from each other, with their contents
 * kept until they are freed; zeroed when asked for; freed once. Each has the
 * very handle that a clear model of pools, arenas and runs predicts, and there
 * is none exactly when the model has no room. What names no live block is
 * refused and changes nothing. An arena that may be returned to the system
 * holds no block.
 *
 * Input: records of four bytes, an operation and three operands; every byte
 * string is a program. Blocks are named by their place among the live ones.
 * RH_FUZZ_PRINT=1 in the environment prints the calls.
 */
#include "block_model.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/block.h"
#include "core/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 4, OPERATIONS_MAX = 1024, BLOCKS = 128, EDGE = 24, UNIT = 16 };

struct block {
  uint64_t bytes; /* asked for */
  uint32_t handle;
  uint8_t seed; /* of what it holds */
};

static struct block blocks[BLOCKS];
static uint32_t nblocks;
static uint8_t seed;
static size_t at; /* the record under way */

static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "blocks: record %zu: %s\n", at, what);
  abort();
}

/* --- what a block holds --- */

static uint8_t byte_at(uint8_t of, uint64_t offset) {
  return (uint8_t)(of + offset * 7);
}

static void fill(struct block *block) {
  uint8_t *bytes = rh_block_bytes(block->handle);
  uint64_t n = block->bytes;
  block->seed = ++seed;
  for (uint64_t i = 0; i < n; i++) {
    bytes[i] = byte_at(seed, i);
    if (i == EDGE && n > 2 * EDGE) i = n - EDGE - 1;
  }
}

/* The first and the last bytes of the first n. */
static void check_held(const struct block *block, uint64_t n) {
  const uint8_t *bytes = rh_block_bytes(block->handle);
  bool whole = n == block->bytes;
  for (uint64_t i = 0; i < n && (i <= EDGE || whole); i++) {
    require(bytes[i] == byte_at(block->seed, i), "a block lost what it held");
    if (i == EDGE && n > 2 * EDGE) i = n - EDGE - 1;
  }
}

/* --- where it is --- */

static void check_apart(const struct block *block) {
  uint64_t start = block->handle, end = start + rh_block_size(block->handle) / UNIT;
  for (uint32_t i = 0; i < nblocks; i++) {
    uint64_t other = blocks[i].handle, other_end = other + rh_block_size(blocks[i].handle) / UNIT;
    require(&blocks[i] == block || end <= other || other_end <= start, "two blocks overlap");
  }
}

static void check_block(const struct block *block) {
  uint32_t h = block->handle;
  uint8_t *bytes = rh_block_bytes(h);
  require(h != 0 && h < RH_GRANULES, "a handle is outside of the heap");
  require(rh_block_size(h) >= block->bytes && rh_block_size(h) % UNIT == 0, "a block is too short");
  require(bytes != NULL && (uintptr_t)bytes % UNIT == 0, "a block is not aligned");
  require(rh_block_at(bytes) == h, "an address names another block");
  check_apart(block);
}

static void check_heap(void) {
#ifdef RH_CHECKS
  const char *why = NULL;
  require(rh_core_check(&why), why);
#endif
  uint64_t usage = 0;
  for (uint32_t i = 0; i < nblocks; i++) {
    usage += rh_block_size(blocks[i].handle);
    check_held(&blocks[i], blocks[i].bytes);
  }
  require(rh_block_total() == nblocks, "the number of live blocks differs");
  require(rh_block_usage() == usage, "the usable bytes differ");
  struct block_model_counts counts = block_model_counts();
  require(rh_pool_total() == counts.pools, "another number of pools is in use");
  require(rh_arena_total() == counts.arenas && rh_arena_peak() == counts.peak, "another number of arenas is in use");
  require(rh_arena_reclaimed() == counts.reclaimed, "another number of arenas was given back");
}

/* --- operations --- */

static void add(uint32_t handle, uint64_t bytes) {
  struct block *block = &blocks[nblocks++];
  *block = (struct block){.handle = handle, .bytes = bytes};
  check_block(block);
  require(rh_block_size(handle) == block_model_size(handle), "a new block has another size");
}

/* To resize no block is to make one. */
static uint32_t resize_nothing(uint64_t bytes) {
  uint32_t handle = 0;
  return rh_block_resize(&handle, bytes) ? handle : 0;
}

static void make(uint64_t bytes, uint32_t (*allocate)(uint64_t)) {
  if (nblocks == BLOCKS) return;
  uint32_t handle = allocate(bytes);
  require(handle == block_model_new(bytes), "a new block is not where it should be");
  if (handle == 0) return;
  add(handle, bytes);
  const uint8_t *is = rh_block_bytes(handle);
  bool zero = is[0] == 0 && memcmp(is, is + 1, rh_block_size(handle) - 1) == 0;
  require(allocate != rh_block_new_zeroed || zero, "a zeroed block is not zero");
  fill(&blocks[nblocks - 1]);
}

static void make_bytes(uint64_t bytes) {
  if (nblocks == BLOCKS) return;
  void *is = rh_block_new_bytes(bytes);
  require(rh_block_at(is) == block_model_new(bytes), "a new block is not where it should be");
  if (is == NULL) return;
  add(rh_block_at(is), bytes);
  fill(&blocks[nblocks - 1]);
}

/* What the system may do to an arena that was given back, although it is poisoned until it is used again. */
__attribute__((no_sanitize("address"))) static void scribble(uint8_t *start) {
  start[0] = start[RH_ARENA_BYTES - 1] = 0xff;
}

static void release_arenas(void) {
  for (uint32_t a = rh_arena_take_releasable(); a != RH_ARENAS; a = rh_arena_take_releasable()) {
    uint8_t *start = rh_arena_bytes(a);
    for (uint32_t i = 0; i < nblocks; i++) {
      uint8_t *bytes = rh_block_bytes(blocks[i].handle);
      require(bytes < start || bytes >= start + RH_ARENA_BYTES, "an arena with a live block is given back");
    }
    scribble(start);
  }
}

static void free_block(uint32_t i, bool by_address) {
  struct block block = blocks[i];
  void *bytes = rh_block_bytes(block.handle);
  check_held(&block, block.bytes);
  require(by_address ? rh_block_free_bytes(bytes) : rh_block_free(block.handle), "a live block was not freed");
  require(!rh_block_free(block.handle) && !rh_block_free_bytes(bytes), "a block was freed twice");
  require(rh_block_size(block.handle) == 0 && rh_block_bytes(block.handle) == NULL, "a freed block lives");
  block_model_free(block.handle);
  blocks[i] = blocks[--nblocks];
}

static void resize(uint32_t i, uint64_t bytes) {
  struct block *block = &blocks[i];
  uint32_t handle = block->handle, expected = block_model_resize(handle, bytes);
  uint64_t kept = bytes < block->bytes ? bytes : block->bytes;
  bool done = rh_block_resize(&handle, bytes);
  require(handle == (done ? expected : block->handle) && done == (expected != 0), "a resized block is elsewhere");
  if (!done) {
    check_held(block, block->bytes);
    return;
  }
  require(handle == block->handle || !rh_block_free(block->handle), "the block that was moved away from lives");
  block->handle = handle;
  check_held(block, kept);
  block->bytes = bytes;
  check_block(block);
  require(rh_block_size(handle) == block_model_size(handle), "a resized block has another size");
  fill(block);
}

/* Calls that must be refused: outside of the heap, inside of a block, behind it, in the part of a pool that stays unused. */
static void misuse(uint32_t i, uint8_t how, uint8_t operand) {
  uint32_t live = nblocks == 0 ? 0 : blocks[i].handle;
  uint32_t wrong[] = {0,
                      RH_GRANULES,
                      UINT32_MAX,
                      RH_SMALL_GRANULES - 1,
                      RH_GRANULES - RH_PAGE_GRANULES,
                      live + 1 + operand % 64,
                      live / RH_POOL_GRANULES * RH_POOL_GRANULES + operand % RH_POOL_HEADER};
  uint32_t h = wrong[how % (sizeof wrong / sizeof *wrong)];
  for (uint32_t k = 0; k < nblocks; k++) {
    if (blocks[k].handle == h) return;
  }
  uint32_t moved = h;
  require(!rh_block_free(h) && rh_block_size(h) == 0 && rh_block_bytes(h) == NULL, "a handle of no block was taken");
  require(h == 0 || (!rh_block_resize(&moved, 40) && moved == h), "what is no block was resized");
  if (nblocks == 0) return;
  char *bytes = rh_block_bytes(blocks[i].handle);
  uint32_t offset = 1 + operand % UNIT;
  require(offset == UNIT || !rh_block_free_bytes(bytes + offset), "an address inside of a granule was taken");
  require(!rh_block_free_bytes(&offset) && !rh_block_free_bytes(NULL) && rh_block_at(&offset) == 0,
          "an address outside of the heap was taken");
}

/* --- programs --- */

enum operation {
  NEW, /* operands: how, size */
  ZEROED,
  NEW_BYTES,
  FREE,   /* block, by address */
  RESIZE, /* block, size */
  MISUSE, /* block, how, number */
  OPERATIONS
};

static const char *const names[OPERATIONS] = {"new", "zeroed", "new_bytes", "free", "resize", "misuse"};
static const uint8_t operations[16] = {NEW,  NEW,  NEW,  NEW,  NEW,    ZEROED, ZEROED, NEW_BYTES,
                                       FREE, FREE, FREE, FREE, RESIZE, RESIZE, RESIZE, MISUSE};

/* Sizes around the limits of classes, pages and the heap; small ones most. */
static uint64_t size_of(uint8_t low, uint8_t high) {
  switch (high % 16) {
  case 12:
    return (uint64_t)low * 64;
  case 13:
    return (uint64_t)low * 512 + high / 16 % 3 - 1 + (low == 0);
  case 14:
    return 1u << (low % 20);
  case 15:
    return low % 8 != 0 ? low : high / 16 % 2 != 0 ? UINT64_MAX - low / 8 : (uint64_t)INT64_MAX + low / 8;
  default:
    return (uint64_t)low * 2 + high / 16 % 2;
  }
}

static void run(const uint8_t *record) {
  if (record[3] % 4 != 3) release_arenas(); /* what the last record left */
  uint32_t i = nblocks == 0 ? 0 : record[1] % nblocks;
  switch ((enum operation)operations[record[0] % 16]) {
  case NEW:
    make(size_of(record[2], record[3]), record[1] % 8 == 7 ? resize_nothing : rh_block_new);
    break;
  case ZEROED:
    make(size_of(record[2], record[3]), rh_block_new_zeroed);
    break;
  case NEW_BYTES:
    make_bytes(size_of(record[2], record[3]));
    break;
  case FREE:
    if (nblocks != 0) free_block(i, record[2] % 2 != 0);
    break;
  case RESIZE:
    if (nblocks != 0) resize(i, size_of(record[2], record[3]));
    break;
  default:
    misuse(i, record[2], record[3]);
    break;
  }
}

static void print(const uint8_t *record) {
  fprintf(stderr, "%4zu %s %u %llu (%u live)\n", at, names[operations[record[0] % 16]], record[1],
          (unsigned long long)size_of(record[2], record[3]), nblocks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  bool printed = getenv("RH_FUZZ_PRINT") != NULL;
  nblocks = seed = 0;
  for (at = 0; at < size / RECORD && at < OPERATIONS_MAX; at++) {
    const uint8_t *record = data + at * RECORD;
    if (printed) print(record);
    run(record);
    if (at % 16 == 15) check_heap();
  }
  check_heap();
  if (size % 2 != 0) { /* else the reset frees them */
    while (nblocks != 0) free_block(nblocks - 1, nblocks % 2 != 0);
    check_heap();
  }
  rh_core_reset();
  block_model_reset(); /* now, not before the next input, or that would begin by walking what this one left */
  return 0;
}
