/* See block_model.h. */
#include "block_model.h"

#include <stdbool.h>
#include <string.h>

#include "core/config.h"

enum { UNIT = RH_GRANULE, PAGE = RH_PAGE_GRANULES * RH_GRANULE, RUNS = 1024 };

struct pool {
  uint32_t class; /* granules of a block; 0: none yet */
  uint32_t used, fresh, nfreed;
  uint16_t freed[RH_POOL_SPAN]; /* the last one is next */
};

struct arena {
  uint32_t used, carved, nfreed;
  uint32_t freed[RH_ARENA_POOLS]; /* pools; the last one is next */
};

/* Items in an order. */
struct order {
  uint32_t n;
  uint32_t item[RH_POOLS];
};

struct run {
  uint32_t start, pages;
  uint64_t freed; /* when it became free, counted in such events; 0: live */
};

static struct pool pools[RH_POOLS];
static struct arena arenas[RH_ARENAS];
static struct order partial[RH_SIZE_CLASSES + 1]; /* pools with a live and a free block; the last one is next */
static struct order usable;                       /* arenas with a free pool; the last one is next */
static struct order unused;                       /* arenas given back; the last one is next */
static uint32_t slots;                            /* arenas ever in use */
static uint64_t reclaimed;
static struct run runs[RUNS]; /* by address; they tile the first pages */
static uint32_t nruns;
static uint64_t events;

/* --- orders --- */

static void push(struct order *order, uint32_t item) {
  order->item[order->n++] = item;
}

static uint32_t pop(struct order *order) {
  return order->item[--order->n];
}

static uint32_t index_of(const struct order *order, uint32_t item) {
  uint32_t i = 0;
  while (order->item[i] != item) i++;
  return i;
}

static void take_out(struct order *order, uint32_t item) {
  uint32_t i = index_of(order, item);
  order->n--;
  memmove(&order->item[i], &order->item[i + 1], (order->n - i) * sizeof *order->item);
}

static void insert(struct order *order, uint32_t at, uint32_t item) {
  memmove(&order->item[at + 1], &order->item[at], (order->n - at) * sizeof *order->item);
  order->item[at] = item;
  order->n++;
}

/* --- arenas --- */

static bool open_arena(void) {
  if (unused.n == 0 && slots == RH_ARENAS) return false;
  uint32_t a = unused.n != 0 ? pop(&unused) : slots++;
  arenas[a].used = arenas[a].carved = arenas[a].nfreed = 0;
  push(&usable, a);
  return true;
}

/* A free pool: the one freed last, else the next one by address, which has no class. RH_POOLS: none is left. */
static uint32_t take_pool(void) {
  if (usable.n == 0 && !open_arena()) return RH_POOLS;
  uint32_t a = usable.item[usable.n - 1], p;
  struct arena *arena = &arenas[a];
  if (arena->nfreed != 0) {
    p = arena->freed[--arena->nfreed];
  } else {
    p = a * RH_ARENA_POOLS + arena->carved++;
    pools[p].class = 0;
  }
  if (++arena->used == RH_ARENA_POOLS) usable.n--;
  return p;
}

static void give_pool(uint32_t p) {
  uint32_t a = p / RH_ARENA_POOLS, k = 0;
  struct arena *arena = &arenas[a];
  if (arena->used == RH_ARENA_POOLS) push(&usable, a);
  arena->freed[arena->nfreed++] = p;
  arena->used--;
  bool first = usable.item[0] == a;
  take_out(&usable, a);
  if (arena->used == 0 && !first) {
    push(&unused, a);
    reclaimed++;
    return;
  }
  while (k < usable.n && arenas[usable.item[k]].used <= arena->used) k++;
  insert(&usable, k, a);
}

/* --- small blocks --- */

static uint32_t capacity(const struct pool *pool) {
  return pool->class == 0 ? 0 : RH_POOL_SPAN / pool->class;
}

static uint32_t take_block(uint32_t p) {
  struct pool *pool = &pools[p];
  uint32_t i = pool->nfreed != 0 ? pool->freed[--pool->nfreed] : pool->fresh++;
  pool->used++;
  return p * RH_POOL_GRANULES + RH_POOL_HEADER + i * pool->class;
}

static uint32_t new_small(uint32_t class) {
  if (partial[class].n == 0) {
    uint32_t p = take_pool();
    if (p == RH_POOLS) return 0;
    if (pools[p].class != class) {
      pools[p].class = class;
      pools[p].used = pools[p].fresh = pools[p].nfreed = 0;
    }
    push(&partial[class], p);
  }
  uint32_t p = partial[class].item[partial[class].n - 1];
  uint32_t handle = take_block(p);
  if (pools[p].used == capacity(&pools[p])) partial[class].n--;
  return handle;
}

static uint32_t block_in_pool(uint32_t handle) {
  uint32_t class = pools[handle / RH_POOL_GRANULES].class;
  return class == 0 ? 0 : (handle % RH_POOL_GRANULES - RH_POOL_HEADER) / class;
}

static void free_small(uint32_t handle) {
  uint32_t p = handle / RH_POOL_GRANULES;
  struct pool *pool = &pools[p];
  if (pool->used == capacity(pool)) push(&partial[pool->class], p);
  pool->freed[pool->nfreed++] = (uint16_t)block_in_pool(handle);
  if (--pool->used != 0) return;
  take_out(&partial[pool->class], p);
  give_pool(p);
}

/* --- runs of pages --- */

static uint32_t end_of_runs(void) {
  return nruns == 0 ? 0 : runs[nruns - 1].start + runs[nruns - 1].pages;
}

static uint32_t bin(uint32_t pages) {
  if (pages < 32) return pages;
  uint32_t b = 32;
  for (pages /= 64; pages != 0; pages /= 2) b++;
  return b;
}

static void insert_run(uint32_t i, struct run run) {
  memmove(&runs[i + 1], &runs[i], (nruns - i) * sizeof *runs);
  runs[i] = run;
  nruns++;
}

static void remove_run(uint32_t i) {
  nruns--;
  memmove(&runs[i], &runs[i + 1], (nruns - i) * sizeof *runs);
}

/* Run i keeps so many pages; the rest is a run of its own, free from now on. */
static void split_run(uint32_t i, uint32_t pages) {
  struct run rest = {runs[i].start + pages, runs[i].pages - pages, ++events};
  runs[i].pages = pages;
  if (rest.pages != 0) insert_run(i + 1, rest);
}

/* The free run that is taken for so many pages: of the lowest bin that has one, the one freed last. */
static uint32_t best_run(uint32_t pages) {
  uint32_t best = nruns;
  for (uint32_t i = 0; i < nruns; i++) {
    if (runs[i].freed == 0 || runs[i].pages < pages) continue;
    bool lower = best == nruns || bin(runs[i].pages) < bin(runs[best].pages);
    if (lower || (bin(runs[i].pages) == bin(runs[best].pages) && runs[i].freed > runs[best].freed)) best = i;
  }
  return best;
}

static uint32_t new_large(uint64_t bytes) {
  if (bytes > (uint64_t)RH_PAGES * PAGE) return 0;
  uint32_t pages = (uint32_t)((bytes + PAGE - 1) / PAGE), i = best_run(pages), end = end_of_runs();
  if (i != nruns) {
    split_run(i, pages);
  } else {
    if (pages > RH_PAGES - end || nruns + 2 > RUNS) return 0;
    insert_run(nruns, (struct run){end, pages, 0});
  }
  runs[i].freed = 0;
  return RH_SMALL_GRANULES + runs[i].start * RH_PAGE_GRANULES;
}

static uint32_t run_at(uint32_t handle) {
  uint32_t start = (handle - RH_SMALL_GRANULES) / RH_PAGE_GRANULES, i = 0;
  while (runs[i].start != start) i++;
  return i;
}

/* Run i is free from now on, joins its free neighbours, and at the end of all is no run any more. */
static void free_run(uint32_t i) {
  if (i + 1 < nruns && runs[i + 1].freed != 0) {
    runs[i].pages += runs[i + 1].pages;
    remove_run(i + 1);
  }
  if (i > 0 && runs[i - 1].freed != 0) {
    runs[i - 1].pages += runs[i].pages;
    remove_run(i--);
  }
  runs[i].freed = ++events;
  if (i == nruns - 1) nruns--;
}

static bool extend_run(uint32_t i, uint32_t more) {
  if (i == nruns - 1) {
    if (more > RH_PAGES - end_of_runs()) return false;
  } else {
    if (runs[i + 1].freed == 0 || runs[i + 1].pages < more) return false;
    split_run(i + 1, more);
    remove_run(i + 1);
  }
  runs[i].pages += more;
  return true;
}

static bool fit_run(uint32_t i, uint64_t bytes) {
  if (bytes > (uint64_t)RH_PAGES * PAGE) return false;
  uint32_t pages = (uint32_t)((bytes + PAGE - 1) / PAGE);
  if (pages > runs[i].pages) return extend_run(i, pages - runs[i].pages);
  if (pages < runs[i].pages) {
    split_run(i, pages);
    free_run(i + 1);
  }
  return true;
}

/* --- blocks --- */

void block_model_reset(void) {
  for (uint32_t p = 0; p < slots * RH_ARENA_POOLS; p++) pools[p].class = 0;
  for (uint32_t c = 0; c <= RH_SIZE_CLASSES; c++) partial[c].n = 0;
  usable.n = unused.n = slots = nruns = 0;
  reclaimed = events = 0;
}

uint32_t block_model_new(uint64_t bytes) {
  if (bytes > RH_SMALL_MAX) return new_large(bytes);
  return new_small(bytes == 0 ? 1 : (uint32_t)(bytes + UNIT - 1) / UNIT);
}

void block_model_free(uint32_t handle) {
  if (handle < RH_SMALL_GRANULES) {
    free_small(handle);
  } else {
    free_run(run_at(handle));
  }
}

uint64_t block_model_size(uint32_t handle) {
  if (handle < RH_SMALL_GRANULES) return (uint64_t)pools[handle / RH_POOL_GRANULES].class * UNIT;
  return (uint64_t)runs[run_at(handle)].pages * PAGE;
}

/* CPython's rule: a small block stays iff it is long enough and at most a quarter would be wasted. */
uint32_t block_model_resize(uint32_t handle, uint64_t bytes) {
  uint64_t size = block_model_size(handle);
  if (bytes == 0) bytes = 1;
  if (handle >= RH_SMALL_GRANULES ? fit_run(run_at(handle), bytes) : bytes <= size && 4 * bytes > 3 * size)
    return handle;
  uint32_t moved = block_model_new(bytes);
  if (moved != 0) block_model_free(handle);
  return moved;
}

struct block_model_counts block_model_counts(void) {
  struct block_model_counts counts = {.arenas = slots - unused.n, .peak = slots, .reclaimed = reclaimed};
  for (uint32_t a = 0; a < slots; a++) counts.pools += arenas[a].used;
  return counts;
}
