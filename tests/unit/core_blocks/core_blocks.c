/*
 * The block half of the core: policy by example, then random operations
 * against a shadow model that knows only which granules belong to whom.
 */
#include <stdint.h>
#include <stdlib.h>

#include "core/block.h"
#include "test.h"

static void check_heap(void) {
#ifdef RH_CHECKS
  const char *why = NULL;
  if (!rh_block_check(&why)) fprintf(stderr, "invariant broken: %s\n", why);
  CHECK(why == NULL);
#endif
}

static uint32_t pool_of(uint32_t b) {
  return b / RH_POOL_GRANULES;
}
static uint32_t offset_of(uint32_t b) {
  return b % RH_POOL_GRANULES * RH_GRANULE;
}
static uint32_t capacity(uint64_t bytes) {
  return RH_POOL_SPAN / (uint32_t)((bytes + 15) / 16);
}

/* ---- small blocks ---- */

static void test_sizes(void) {
  for (uint64_t n = 0; n <= 2048; n++) {
    uint32_t b = rh_block_new(n);
    CHECK(b != 0);
    uint64_t size = rh_block_size(b), unit = n <= 512 ? 16 : 512, least = n == 0 ? 1 : n;
    CHECK_INT(size, (least + unit - 1) / unit * unit);
    CHECK((uintptr_t)rh_block_bytes(b) % 16 == 0);
    CHECK_INT(rh_block_at(rh_block_bytes(b)), b);
    CHECK(rh_block_free(b));
    void *bytes = rh_block_new_bytes(n);
    CHECK_INT(rh_block_at(bytes), b); /* what was freed last is next */
    CHECK(rh_block_free_bytes(bytes) && !rh_block_free_bytes(bytes));
  }
  CHECK(rh_block_new_bytes(UINT64_MAX) == NULL);
  CHECK_INT(rh_block_new(INT64_MAX), 0);
  CHECK_INT(rh_block_new((uint64_t)INT64_MAX + 1), 0);
  CHECK_INT(rh_block_new(UINT64_MAX), 0);
  CHECK_INT(rh_block_total(), 0);
  check_heap();
  rh_block_reset();
}

/* Offsets begin at 48; the pool freed into comes first; the block freed last comes first. */
static void test_pool_policy(void) {
  enum { BYTES = 512 };
  uint32_t a[RH_POOL_SPAN], cap = capacity(BYTES);
  for (uint32_t i = 0; i < 3 * cap; i++) {
    a[i] = rh_block_new(BYTES);
    CHECK_INT(offset_of(a[i]), 48 + i % cap * BYTES);
    CHECK_INT(pool_of(a[i]), i / cap);
  }
  CHECK_INT(rh_pool_total(), 3);
  rh_block_free(a[0]);
  rh_block_free(a[cap]);
  rh_block_free(a[1]);
  CHECK_INT(rh_block_new(BYTES), a[cap]); /* its pool was full and freed into last */
  CHECK_INT(rh_block_new(BYTES), a[1]);
  CHECK_INT(rh_block_new(BYTES), a[0]);
  CHECK_INT(pool_of(rh_block_new(BYTES)), 3);
  check_heap();
  rh_block_reset();
}

/* An empty pool reopened by its class goes on with its free list; by another class it starts over. */
static void test_reopened_pool(void) {
  uint32_t a = rh_block_new(64), b = rh_block_new(64), c = rh_block_new(64);
  rh_block_free(a);
  rh_block_free(c);
  rh_block_free(b);
  CHECK_INT(rh_pool_total(), 0);
  CHECK_INT(rh_block_new(64), b);
  CHECK_INT(rh_block_new(64), c);
  CHECK_INT(rh_block_new(64), a);
  rh_block_free(a);
  rh_block_free(b);
  rh_block_free(c);
  CHECK_INT(rh_block_new(32), a);
  CHECK_INT(rh_block_new(32), a + 2);
  check_heap();
  rh_block_reset();
}

static void test_refused(void) {
  uint32_t a = rh_block_new(100), b = rh_block_new(3000);
  CHECK(!rh_block_free(0));
  for (uint32_t i = 1; i < 7; i++) CHECK(!rh_block_free(a + i));
  for (uint32_t i = 1; i < 6 * RH_PAGE_GRANULES; i++) CHECK(!rh_block_free(b + i));
  CHECK(!rh_block_free(a - 1));
  CHECK(!rh_block_free(RH_SMALL_GRANULES - 1));
  CHECK(!rh_block_free(RH_GRANULES));
  CHECK(!rh_block_free(UINT32_MAX));
  CHECK_INT(rh_block_size(a + 1), 0);
  CHECK_INT(rh_block_size(b + RH_PAGE_GRANULES), 0);
  CHECK(rh_block_bytes(a + 1) == NULL);
  CHECK_INT(rh_block_at((char *)rh_block_bytes(a) + 16), 0);
  CHECK_INT(rh_block_at(&a), 0);
  CHECK_INT(rh_block_at(NULL), 0);
  CHECK(!rh_block_free_bytes((char *)rh_block_bytes(a) + 16));
  CHECK(!rh_block_free_bytes((char *)rh_block_bytes(a) + 1));
  CHECK(!rh_block_free_bytes(&a));
  CHECK(!rh_block_free_bytes(NULL));
  CHECK_INT(rh_block_total(), 2);
  CHECK(rh_block_free(a) && !rh_block_free(a));
  CHECK(rh_block_free(b) && !rh_block_free(b));
  uint32_t gone = a;
  CHECK(!rh_block_resize(&gone, 10));
  CHECK_INT(gone, a);
  check_heap();
  rh_block_reset();
}

/* ---- resizing ---- */

static void fill(uint32_t b, uint64_t n, unsigned seed) {
  unsigned char *bytes = rh_block_bytes(b);
  for (uint64_t i = 0; i < n; i++) bytes[i] = (unsigned char)(seed + i * 7);
}

static bool filled(uint32_t b, uint64_t n, unsigned seed) {
  const unsigned char *bytes = rh_block_bytes(b);
  for (uint64_t i = 0; i < n; i++) {
    if (bytes[i] != (unsigned char)(seed + i * 7)) return false;
  }
  return true;
}

static void test_resize_small(void) {
  for (uint64_t from = 1; from <= 512; from += 5) {
    for (uint64_t to = 0; to <= 600; to += 7) {
      uint32_t b = rh_block_new(from), before = b;
      uint64_t size = rh_block_size(b);
      fill(b, from, 3);
      CHECK(rh_block_resize(&b, to));
      uint64_t want = to == 0 ? 1 : to;
      CHECK((b == before) == (want <= size && 4 * want > 3 * size));
      CHECK(rh_block_size(b) >= want);
      CHECK(filled(b, from < want ? from : want, 3));
      rh_block_free(b);
    }
  }
  uint32_t none = 0;
  CHECK(rh_block_resize(&none, 40) && none != 0);
  CHECK_INT(rh_block_total(), 1);
  uint32_t kept = none;
  CHECK(!rh_block_resize(&none, UINT64_MAX));
  CHECK_INT(none, kept);
  CHECK_INT(rh_block_size(none), 48);
  uint32_t nothing = 0;
  CHECK(rh_block_resize(&nothing, 0) && nothing != 0);
  rh_block_reset();
}

static void test_resize_large(void) {
  uint32_t a = rh_block_new(4096), b = rh_block_new(4096), start = a;
  fill(a, 4096, 9);
  CHECK(rh_block_resize(&a, 1000));
  CHECK_INT(a, start);
  CHECK_INT(rh_block_size(a), 1024);
  CHECK(rh_block_resize(&a, 4000)); /* into the pages it gave back */
  CHECK_INT(a, start);
  CHECK(filled(a, 1000, 9));
  CHECK(rh_block_resize(&a, 5000)); /* b is in the way */
  CHECK(a != start && filled(a, 1000, 9));
  CHECK(rh_block_resize(&a, 9000)); /* into pages never used */
  CHECK(rh_block_resize(&a, 1));    /* stays large */
  CHECK_INT(rh_block_size(a), 512);
  rh_block_free(b);
  rh_block_free(a);
  CHECK_INT(rh_block_new(600), start); /* everything joined */
  check_heap();
  rh_block_reset();
}

static void test_zeroed(void) {
  for (uint64_t n = 1; n <= 1500; n += 37) {
    uint32_t b = rh_block_new(n);
    fill(b, rh_block_size(b), 1);
    rh_block_free(b);
    CHECK_INT(rh_block_new_zeroed(n), b);
    const unsigned char *bytes = rh_block_bytes(b);
    for (uint64_t i = 0; i < rh_block_size(b); i++) CHECK_INT(bytes[i], 0);
    rh_block_free(b);
  }
  rh_block_reset();
}

/* ---- arenas ---- */

/* Takes every pool of n arenas for blocks of 512 bytes; block[k] is the first block of pool k. */
static void take_arenas(uint32_t n, uint32_t *block) {
  for (uint32_t p = 0; p < n * RH_ARENA_POOLS; p++) {
    for (uint32_t i = 0; i < capacity(512); i++) {
      uint32_t b = rh_block_new(512);
      if (i == 0) block[p] = b;
    }
  }
}

static void empty_pool(uint32_t first) {
  for (uint32_t i = 0; i < capacity(512); i++) CHECK(rh_block_free(first + i * 32));
}

static void test_arenas(void) {
  static uint32_t block[3 * RH_ARENA_POOLS];
  take_arenas(3, block);
  CHECK_INT(rh_arena_total(), 3);
  CHECK_INT(rh_arena_take_releasable(), RH_ARENAS);
  /* One free pool in arena 0, two in arena 2: arena 0 serves first. */
  empty_pool(block[0]);
  empty_pool(block[2 * RH_ARENA_POOLS]);
  empty_pool(block[2 * RH_ARENA_POOLS + 1]);
  uint32_t a = rh_block_new(512);
  CHECK_INT(pool_of(a), 0);
  /* Freed pools are served last in, first out. */
  uint32_t b = rh_block_new(16);
  CHECK_INT(pool_of(b), 2 * RH_ARENA_POOLS + 1);
  rh_block_free(a);
  rh_block_free(b);
  /* A wholly free arena is given back while another one is usable behind it... */
  for (uint32_t p = 1; p < RH_ARENA_POOLS; p++) empty_pool(block[p]);
  CHECK_INT(rh_arena_total(), 3); /* ...but arena 0 is the last in the list, so it stays */
  for (uint32_t p = 2; p < RH_ARENA_POOLS; p++) empty_pool(block[2 * RH_ARENA_POOLS + p]);
  CHECK_INT(rh_arena_total(), 2);
  CHECK_INT(rh_arena_reclaimed(), 1);
  CHECK_INT(rh_arena_peak(), 3);
  CHECK_INT(rh_arena_take_releasable(), 2);
  CHECK_INT(rh_arena_take_releasable(), RH_ARENAS);
  check_heap();
  rh_block_reset();
  CHECK_INT(rh_arena_total(), 0);
  CHECK_INT(rh_arena_peak(), 0);
}

/* An arena taken again before the shell asked is not releasable. */
static void test_arena_taken_again(void) {
  static uint32_t block[2 * RH_ARENA_POOLS];
  take_arenas(2, block);
  for (uint32_t p = 0; p < 2 * RH_ARENA_POOLS; p++) empty_pool(block[p]);
  CHECK_INT(rh_arena_total(), 1);
  take_arenas(2, block);
  CHECK_INT(rh_arena_take_releasable(), RH_ARENAS);
  CHECK_INT(rh_arena_total(), 2);
  check_heap();
  rh_block_reset();
}

static void test_exhaustion(void) {
  uint32_t blocks = 0, last = 0, b;
  while ((b = rh_block_new(500)) != 0) last = b, blocks++;
  CHECK_INT(blocks, RH_POOLS * capacity(500));
  CHECK_INT(rh_block_new(1), 0);
  CHECK_INT(rh_block_total(), blocks);
  CHECK_INT(rh_block_usage(), (uint64_t)blocks * 512);
  CHECK_INT(rh_arena_total(), RH_ARENAS);
  uint32_t large = rh_block_new(513); /* another space */
  CHECK(large != 0);
  uint32_t moved = large;
  CHECK(rh_block_free(last));
  CHECK_INT(rh_block_new(512), last);
  CHECK(!rh_block_resize(&last, 8));
  CHECK_INT(rh_block_size(last), 512);
  CHECK(rh_block_resize(&moved, 2));
  CHECK_INT(moved, large);
  check_heap();
  rh_block_reset();
  CHECK_INT(rh_block_total(), 0);
  CHECK_INT(rh_block_new(500), RH_POOL_HEADER);
  rh_block_reset();
}

/* ---- runs ---- */

static void test_runs(void) {
  uint32_t base = rh_block_new(513), b[5];
  CHECK_INT(base, RH_SMALL_GRANULES);
  for (uint32_t i = 0; i < 5; i++) {
    b[i] = rh_block_new(2048);
    CHECK_INT(b[i], base + 2 * RH_PAGE_GRANULES + i * 4 * RH_PAGE_GRANULES);
  }
  rh_block_free(b[1]);
  rh_block_free(b[3]);
  check_heap();
  rh_block_free(b[2]); /* joins both sides: 12 pages */
  check_heap();
  CHECK_INT(rh_block_new(12 * 512), b[1]);
  rh_block_free(b[1]);
  CHECK_INT(rh_block_new(5 * 512), b[1]); /* splits */
  CHECK_INT(rh_block_new(7 * 512), b[1] + 5 * RH_PAGE_GRANULES);
  check_heap();
  uint64_t all = (uint64_t)RH_PAGES * 512;
  CHECK_INT(rh_block_new(all), 0);
  CHECK_INT(rh_block_new(all + 1), 0);
  rh_block_reset();
  b[0] = rh_block_new(all);
  CHECK_INT(b[0], base);
  CHECK_INT(rh_block_new(513), 0);
  CHECK_INT(rh_block_usage(), all);
  CHECK(rh_block_free(b[0]));
  check_heap();
  rh_block_reset();
}

/* ---- random operations against a shadow ---- */

enum { NAMES = 3000 };
static uint32_t handle[NAMES];
static uint64_t asked[NAMES];
static unsigned char owned[RH_GRANULES]; /* 1: a granule of a live block */
static uint64_t state;

static uint32_t any(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 16) % below);
}

static uint64_t any_size(void) {
  return any(10) < 7 ? any(514) : any(100) < 95 ? any(5000) : any(200000);
}

/* Marks or unmarks the granules of a block, which must all be in the other state. */
static void own(uint32_t b, uint64_t bytes, unsigned char now) {
  bool other = true;
  for (uint64_t i = 0; i < bytes / 16; i++) {
    other = other && owned[b + i] != now;
    owned[b + i] = now;
  }
  CHECK(other);
}

static unsigned seed_of(uint32_t s) {
  return s * 31;
}

static void adopt(uint32_t s, uint64_t bytes) {
  CHECK(rh_block_size(handle[s]) >= bytes && handle[s] < RH_GRANULES);
  own(handle[s], rh_block_size(handle[s]), 1);
  asked[s] = bytes;
  fill(handle[s], bytes, seed_of(s));
}

static void step(uint32_t s) {
  uint32_t b = handle[s];
  uint64_t bytes = any_size(), size = rh_block_size(b);
  if (b == 0) {
    handle[s] = rh_block_new(bytes);
    if (handle[s] != 0) adopt(s, bytes);
    return;
  }
  CHECK(filled(b, asked[s], seed_of(s)));
  if (any(3) == 0) {
    uint32_t to = b;
    if (!rh_block_resize(&to, bytes)) {
      CHECK(to == b && rh_block_size(b) == size && filled(b, asked[s], seed_of(s)));
      return;
    }
    CHECK(filled(to, bytes < asked[s] ? bytes : asked[s], seed_of(s)));
    own(b, size, 0);
    handle[s] = to;
    adopt(s, bytes);
    return;
  }
  if (size > 16) CHECK(!rh_block_free(b + 1 + any((uint32_t)(size / 16) - 1)));
  CHECK(rh_block_free(b));
  CHECK(!rh_block_free(b));
  own(b, size, 0);
  handle[s] = 0;
}

static void test_random(void) {
  for (uint32_t round = 0; round < 12; round++) {
    state = 88172645463325252u + round;
    uint32_t names = round % 3 == 0 ? NAMES : 1 + any(200);
    for (uint32_t i = 0; i < 40000; i++) {
      /* Every other stretch mostly frees, so that pools and arenas run empty. */
      uint32_t s = any(names);
      if (i / 5000 % 2 == 1 && handle[s] == 0 && any(4) != 0) continue;
      step(s);
      if (i % 1000 == 0) {
        uint32_t live = 0;
        uint64_t used = 0;
        for (uint32_t k = 0; k < NAMES; k++) live += handle[k] != 0, used += rh_block_size(handle[k]);
        CHECK_INT(rh_block_total(), live);
        CHECK_INT(rh_block_usage(), used);
        check_heap();
      }
      if (i % 700 == 0) (void)rh_arena_take_releasable();
    }
    for (uint32_t s = 0; s < NAMES; s++) {
      if (handle[s] != 0) own(handle[s], rh_block_size(handle[s]), 0);
      if (round % 2 == 0 && handle[s] != 0) CHECK(rh_block_free(handle[s]));
      handle[s] = 0;
    }
    if (round % 2 == 0) {
      CHECK_INT(rh_block_total(), 0);
      CHECK_INT(rh_pool_total(), 0);
      CHECK(rh_arena_total() <= 1);
    }
    rh_block_reset();
    check_heap();
  }
}

TEST_MAIN(test_sizes, test_pool_policy, test_reopened_pool, test_refused, test_resize_small, test_resize_large,
          test_zeroed, test_arenas, test_arena_taken_again, test_exhaustion, test_runs, test_random)
