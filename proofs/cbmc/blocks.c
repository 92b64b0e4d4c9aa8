/*
 * One step of the block half from any consistent heap: the shipped ring.c,
 * pool.c, arena.c, run.c and block.c at the capacities of RH_MICRO: two
 * arenas of two pools, blocks of one or two granules, five pages. The
 * definitions of a consistent heap say in C what ring.h, pool.h, arena.h, run.h
 * and specs/acsl/blocks.h say for the provers.
 *
 * Each part is checked by itself; then block.c with all of them.
 */
#include "check.h"
#include "core/address.h"
#include "core/arena.h"
#include "core/block.h"
#include "core/pool.h"
#include "core/ring.h"
#include "core/run.h"

enum {
  USED_RINGS = RH_SIZE_CLASSES + RH_PAGES, /* rings above this one can hold nothing */
  PAGE = RH_PAGE_GRANULES * RH_GRANULE
};

/* Up to 15: no consistent heap of RH_MICRO has more, and no table is as long, but for that of the heads of rings; so use
 * of an entry that means nothing is noticed. */
static uint32_t any_small(void) {
  return nondet_byte() & 15;
}

static uint16_t any_link(void) {
  uint8_t kind = nondet_byte() & 3;
  return kind == 0 ? RH_LINK_LIVE : kind == 1 ? RH_LINK_END : (uint16_t)any_small();
}

/* ---- rings ---- */

static uint8_t ring_of[RH_NODES + 1]; /* the ring each node should be in, 0: none */
static uint8_t rank[RH_NODES + 1];    /* in its ring, from 1 at the head */
static uint8_t old_ring_of[RH_NODES + 1], old_rank[RH_NODES + 1];

/*
 * Rings `first` to `last` hold exactly the nodes they should, linked both ways:
 * each of them ends within `longest` nodes, so none is there twice.
 */
static bool rings_hold(uint32_t first, uint32_t last, uint32_t longest) {
  uint32_t members = 0, seen = 0;
  for (uint32_t x = 1; x <= RH_NODES; x++) members += first <= ring_of[x] && ring_of[x] <= last;
  for (uint32_t r = first; r <= last; r++) {
    uint32_t x = rh_ring_head[r], before = 0;
    for (uint32_t k = 1; k <= longest && x != 0; k++) {
      if (x > RH_NODES || ring_of[x] != r || (before != 0 && rh_ring_prev[x] != before)) return false;
      seen++;
      rank[x] = (uint8_t)k;
      before = x;
      x = rh_ring_next[x];
    }
    if (x != 0) return false;
  }
  return seen == members;
}

/* Those of runs. A free run has a live one behind it, so two are too short for three of them. */
static bool run_rings_hold(void) {
  return rings_hold(RH_SIZE_CLASSES + 1, USED_RINGS, RH_PAGES / 2);
}

static void any_rings(void) {
  for (uint32_t r = 1; r <= USED_RINGS; r++) rh_ring_head[r] = any_small();
  FILL(rh_ring_next, any_small());
  FILL(rh_ring_prev, any_small());
}

static void remember_rings(void) {
  for (uint32_t x = 0; x <= RH_NODES; x++) {
    old_ring_of[x] = ring_of[x];
    old_rank[x] = rank[x];
  }
}

/* Who is new in a ring is before the others, which are in the order they had. */
static void claim_ring_order(void) {
  for (uint32_t x = 1; x <= RH_NODES; x++)
    for (uint32_t y = 1; y <= RH_NODES; y++) {
      bool mates = x != y && ring_of[x] != 0 && ring_of[x] == ring_of[y] && ring_of[y] == old_ring_of[y];
      bool before = ring_of[x] != old_ring_of[x] || old_rank[x] < old_rank[y];
      CLAIM("new ones come first in a ring, the others in order", !mates || (rank[x] < rank[y]) == before);
    }
}

/*
 * The same where rings may be long, without following them: nodes are linked in
 * the order of their ranks; so each node of a ring is reached from its head, once.
 */
static bool node_linked(uint32_t x) {
  uint32_t r = ring_of[x], after = rh_ring_next[x], before = rh_ring_prev[x];
  if (r == 0) return true;
  if (r > USED_RINGS || after > RH_NODES || (after != 0 && after == rh_ring_head[r])) return false;
  if (after != 0 && !(ring_of[after] == r && rank[after] > rank[x] && rh_ring_prev[after] == x)) return false;
  if (rh_ring_head[r] == x) return true;
  return before <= RH_NODES && ring_of[before] == r && rank[before] < rank[x] && rh_ring_next[before] == x;
}

static bool rings_linked(void) {
  bool fine = true;
  for (uint32_t r = 1; r <= USED_RINGS; r++)
    fine &= rh_ring_head[r] <= RH_NODES && (rh_ring_head[r] == 0 || ring_of[rh_ring_head[r]] == r);
  for (uint32_t x = 1; x <= RH_NODES; x++) fine &= node_linked(x);
  return fine;
}

static void any_long_rings(void) {
  FILL(ring_of, (uint8_t)any_small());
  FILL(rank, (uint8_t)any_small());
  for (uint32_t x = 1; x <= RH_NODES; x++) SUPPOSE(rank[x] != 0);
  ring_of[0] = 0;
  any_rings();
  SUPPOSE(rings_linked());
}

void check_ring_push(void) {
  uint32_t r = any_small(), x = any_small();
  any_long_rings();
  SUPPOSE(1 <= r && r <= USED_RINGS && 1 <= x && x <= RH_NODES && ring_of[x] == 0);
  uint32_t first = rh_ring_head[r];
  rh_ring_push(r, x);
  CLAIM("at the head, before the former one", rh_ring_head[r] == x && rh_ring_next[x] == first);
  HAPPENS("the ring has others", first != 0 && rh_ring_next[first] != 0);
  ring_of[x] = (uint8_t)r;
  rank[x] = 0;
  CLAIM("nodes are in the right rings, in order", rings_linked());
}

void check_ring_remove(void) {
  uint32_t r = any_small(), x = any_small();
  any_long_rings();
  SUPPOSE(1 <= r && r <= USED_RINGS && 1 <= x && x <= RH_NODES && ring_of[x] == r);
  bool middle = rh_ring_head[r] != x && rh_ring_next[x] != 0;
  uint32_t before = rh_ring_prev[x], after = rh_ring_next[x];
  rh_ring_remove(r, x);
  CLAIM("its neighbours are neighbours", !middle || rh_ring_next[before] == after);
  HAPPENS("it is in the middle", middle);
  ring_of[x] = 0;
  CLAIM("nodes are in the right rings, in order", rings_linked());
}

/* ---- pools ---- */

static bool old_live[RH_POOLS][RH_POOL_SPAN];
static struct rh_pool old_pool[RH_POOLS];

static bool is_live(uint32_t p, uint32_t i) {
  return rh_pool_link[p][i] == RH_LINK_LIVE;
}

/* The free list ends, holds no live block, and has as many members as are neither live nor fresh. */
static bool list_ok(uint32_t p) {
  const struct rh_pool *pool = &rh_pools[p];
  uint32_t i = pool->head, listed = 0;
  for (uint32_t k = 0; k < RH_POOL_SPAN && i != RH_LINK_END; k++) {
    if (i >= pool->fresh || is_live(p, i)) return false;
    listed++;
    i = rh_pool_link[p][i];
  }
  return i == RH_LINK_END && listed + pool->used == pool->fresh;
}

/* Theorem B1 for pool p. */
static bool pool_ok(uint32_t p) {
  const struct rh_pool *pool = &rh_pools[p];
  uint32_t live = 0;
  bool fine = pool->used <= pool->fresh && pool->fresh <= pool->cap && pool->cap <= RH_POOL_SPAN;
  for (uint32_t i = 0; i < RH_POOL_SPAN; i++) {
    live += is_live(p, i);
    fine &= !is_live(p, i) || i < pool->fresh;
  }
  if (!fine || live != pool->used || pool->granules > RH_SIZE_CLASSES) return false;
  if (pool->granules == 0) return pool->used == 0;
  return pool->cap == RH_POOL_SPAN / pool->granules && list_ok(p);
}

static void any_pools(void) {
  for (uint32_t p = 0; p < RH_POOLS; p++) {
    rh_pools[p].head = any_link();
    rh_pools[p].fresh = (uint16_t)any_small();
    rh_pools[p].used = (uint16_t)any_small();
    rh_pools[p].cap = (uint16_t)any_small();
    rh_pools[p].granules = any_small();
    FILL(rh_pool_link[p], any_link());
  }
}

static bool pools_ok(void) {
  bool fine = true;
  for (uint32_t p = 0; p < RH_POOLS; p++) fine = fine && pool_ok(p);
  return fine;
}

static void remember_pools(void) {
  for (uint32_t p = 0; p < RH_POOLS; p++) {
    old_pool[p] = rh_pools[p];
    for (uint32_t i = 0; i < RH_POOL_SPAN; i++) old_live[p][i] = is_live(p, i);
  }
}

/* Block i of pool p is live or not now, all other blocks as before. */
static void claim_blocks_but(uint32_t p, uint32_t i, bool live) {
  CLAIM("B1: pools are consistent", pools_ok());
  for (uint32_t q = 0; q < RH_POOLS; q++)
    for (uint32_t k = 0; k < RH_POOL_SPAN; k++)
      CLAIM("that block alone changes", is_live(q, k) == (q == p && k == i ? live : old_live[q][k]));
}

static uint32_t any_pool(void) {
  uint32_t p = nondet_word();
  any_pools();
  SUPPOSE(p < RH_POOLS && pools_ok());
  remember_pools();
  return p;
}

void check_pool_take(void) {
  uint32_t p = any_pool();
  SUPPOSE(rh_pools[p].granules != 0 && rh_pools[p].used < rh_pools[p].cap);
  uint32_t next = old_pool[p].head != RH_LINK_END ? old_pool[p].head : old_pool[p].fresh;
  uint32_t i = rh_pool_take(p);
  CLAIM("the last freed, else the next fresh one", i == next && i < old_pool[p].cap);
  SUPPOSE(i < RH_POOL_SPAN);
  CLAIM("it was free", !old_live[p][i]);
  HAPPENS("from the free list", old_pool[p].head != RH_LINK_END && old_pool[p].used == 1);
  HAPPENS("the last one", rh_pools[p].used == rh_pools[p].cap);
  claim_blocks_but(p, i, true);
}

void check_pool_give(void) {
  uint32_t p = any_pool(), i = nondet_word();
  SUPPOSE(i < RH_POOL_SPAN && old_live[p][i] && rh_pools[p].granules != 0);
  rh_pool_give(p, i);
  CLAIM("the next to be taken", rh_pools[p].head == i && rh_pools[p].used + 1 == old_pool[p].used);
  HAPPENS("others are free", old_pool[p].used + 1 < old_pool[p].fresh);
  claim_blocks_but(p, i, false);
}

void check_pool_open(void) {
  uint32_t p = any_pool(), c = nondet_word();
  SUPPOSE(rh_pools[p].used == 0 && 1 <= c && c <= RH_SIZE_CLASSES);
  rh_pool_open(p, c);
  CLAIM("opened", rh_pools[p].granules == c && rh_pools[p].used == 0);
  CLAIM("the same class goes on",
        old_pool[p].granules != c || (rh_pools[p].head == old_pool[p].head && rh_pools[p].fresh == old_pool[p].fresh));
  HAPPENS("of another class", old_pool[p].granules != 0 && old_pool[p].granules != c && old_pool[p].fresh != 0);
  claim_blocks_but(p, 0, false);
}

void check_pool_forget(void) {
  uint32_t p = any_pool();
  SUPPOSE(rh_pools[p].used == 0);
  rh_pool_forget(p);
  CLAIM("forgotten", rh_pools[p].granules == 0);
  HAPPENS("it had a class", old_pool[p].granules != 0);
  claim_blocks_but(p, 0, false);
}

void check_pool_reset(void) {
  uint32_t p = any_pool();
  rh_pool_reset(p);
  CLAIM("B1: pools are consistent", pools_ok());
  for (uint32_t i = 0; i < RH_POOL_SPAN; i++) CLAIM("no block is live", !is_live(p, i));
  HAPPENS("all were", old_pool[p].used == RH_POOL_SPAN);
}

/* ---- arenas ---- */

static bool busy[RH_POOLS]; /* pools in use */
static bool old_busy[RH_POOLS];
static uint32_t old_used[RH_ARENAS], old_usable_count;
static bool old_usable[RH_ARENAS];

/* Pools in use, pools on the stack of the freed, pools not carved yet. */
static bool arena_books_ok(uint32_t a) {
  const struct rh_arena *arena = &rh_arenas[a];
  uint32_t used = 0;
  bool fine = arena->used <= arena->carved && arena->carved <= RH_ARENA_POOLS, stacked[RH_ARENA_POOLS] = {false};
  if (!fine) return false;
  for (uint32_t k = 0; k < RH_ARENA_POOLS; k++) {
    used += busy[a * RH_ARENA_POOLS + k];
    fine &= !busy[a * RH_ARENA_POOLS + k] || k < arena->carved;
    if (k >= (uint32_t)(arena->carved - arena->used)) continue;
    uint32_t p = rh_arena_stack[a][k] - a * RH_ARENA_POOLS;
    if (p >= arena->carved || busy[a * RH_ARENA_POOLS + p] || stacked[p]) return false;
    stacked[p] = true;
  }
  return fine && used == arena->used;
}

/* Each arena ever taken is unused, usable or full; usable ones know their place. */
static bool arena_listed_ok(uint32_t a) {
  uint32_t times = rh_arenas[a].used == RH_ARENA_POOLS;
  for (uint32_t k = 0; k < RH_ARENAS; k++) {
    bool unused = k < rh_unused_count && rh_unused[k] == a, usable = k < rh_usable_count && rh_usable[k] == a;
    times += unused + usable;
    if (unused && rh_arenas[a].used != 0) return false;
    if (usable && rh_arenas[a].place != k) return false;
  }
  return times == (a < rh_arena_slots) && (a < rh_arena_slots || rh_arenas[a].used == 0);
}

/* From most to fewest free pools; only the first may be wholly free. */
static bool usable_sorted(void) {
  bool fine = true;
  for (uint32_t k = 1; k < RH_ARENAS; k++) {
    if (k >= rh_usable_count) continue;
    uint32_t before = rh_arenas[rh_usable[k - 1]].used, here = rh_arenas[rh_usable[k]].used;
    fine &= before <= here && here > 0;
  }
  return fine;
}

/* Theorem B4, the arenas' part. */
static bool arenas_ok(void) {
  bool fine = rh_arena_slots <= RH_ARENAS && rh_unused_count <= rh_arena_slots && rh_usable_count <= rh_arena_slots &&
              rh_released <= rh_unused_count;
  for (uint32_t k = 0; k < RH_ARENAS; k++)
    fine = fine && (k >= rh_unused_count || rh_unused[k] < RH_ARENAS) &&
           (k >= rh_usable_count || rh_usable[k] < RH_ARENAS);
  for (uint32_t a = 0; a < RH_ARENAS; a++) fine = fine && arena_books_ok(a) && arena_listed_ok(a);
  return fine && usable_sorted();
}

static void any_arenas(void) {
  for (uint32_t a = 0; a < RH_ARENAS; a++) {
    rh_arenas[a].used = (uint16_t)any_small();
    rh_arenas[a].carved = (uint16_t)any_small();
    rh_arenas[a].place = (uint16_t)any_small();
    FILL(rh_arena_stack[a], any_small());
  }
  FILL(rh_usable, (uint16_t)any_small());
  FILL(rh_unused, (uint16_t)any_small());
  rh_usable_count = any_small();
  rh_unused_count = any_small();
  rh_released = any_small();
  rh_arena_slots = any_small();
  rh_arena_reclaims = nondet_long();
}

static void remember_arenas(void) {
  for (uint32_t p = 0; p < RH_POOLS; p++) old_busy[p] = busy[p];
  for (uint32_t a = 0; a < RH_ARENAS; a++) {
    old_used[a] = rh_arenas[a].used;
    old_usable[a] = false;
    for (uint32_t k = 0; k < RH_ARENAS; k++) old_usable[a] |= k < rh_usable_count && rh_usable[k] == a;
  }
  old_usable_count = rh_usable_count;
}

static void any_arena_state(void) {
  any_arenas();
  any_pools();
  FILL(busy, nondet_byte() & 1);
  SUPPOSE(arenas_ok() && pools_ok());
  for (uint32_t p = 0; p < RH_POOLS; p++) SUPPOSE(busy[p] || rh_pools[p].used == 0);
  remember_arenas();
  remember_pools();
}

void check_arena_take(void) {
  any_arena_state();
  uint32_t p = rh_arena_take_pool();
  bool all = true;
  for (uint32_t q = 0; q < RH_POOLS; q++) all &= old_busy[q];
  CLAIM("fails only when all are in use", (p == RH_POOLS) == all && p <= RH_POOLS);
  if (p < RH_POOLS) {
    uint32_t a = p / RH_ARENA_POOLS;
    CLAIM("it was free, and has no live block", !old_busy[p] && rh_pools[p].used == 0);
    for (uint32_t b = 0; b < RH_ARENAS; b++)
      CLAIM("from a usable arena with the fewest free pools",
            !old_usable[b] || (old_usable[a] && old_used[b] <= old_used[a]));
    busy[p] = true;
  }
  HAPPENS("a freed pool is taken again", p < RH_POOLS && old_usable_count == 2 && rh_usable_count == 1);
  HAPPENS("an arena is taken again",
          p < RH_POOLS && rh_unused_count == 0 && old_usable_count == 0 && rh_arena_slots == 2);
  CLAIM("B4: arenas are consistent", arenas_ok());
  claim_blocks_but(0, 0, old_live[0][0]);
}

void check_arena_give(void) {
  any_arena_state();
  uint32_t p = nondet_word();
  SUPPOSE(p < RH_POOLS && busy[p] && rh_pools[p].used == 0);
  uint32_t a = p / RH_ARENA_POOLS, unused = rh_unused_count;
  bool first = old_usable[a] && rh_arenas[a].place == 0;
  uint64_t reclaims = rh_arena_reclaims;
  rh_arena_give_pool(p);
  busy[p] = false;
  bool closed = rh_unused_count > unused;
  CLAIM("an arena is given back iff it is wholly free and not the first of the usable",
        closed == (old_used[a] == 1 && !first));
  CLAIM("and can be released", !closed || (rh_unused[unused] == a && rh_released < rh_unused_count));
  CLAIM("and is counted", rh_arena_reclaims == reclaims + (closed && reclaims != UINT64_MAX));
  HAPPENS("an arena is given back", closed);
  HAPPENS("a full one becomes usable, behind the other", old_used[a] == RH_ARENA_POOLS && rh_arenas[a].place == 1);
  CLAIM("B4: arenas are consistent", arenas_ok());
  claim_blocks_but(0, 0, old_live[0][0]);
}

void check_arena_release(void) {
  any_arena_state();
  uint32_t waiting = rh_unused_count - rh_released, a = rh_arena_take_releasable();
  CLAIM("one that waits", (a == RH_ARENAS) == (waiting == 0));
  CLAIM("it is not in use", a == RH_ARENAS || (a < rh_arena_slots && old_used[a] == 0 && !old_usable[a]));
  CLAIM("told once", rh_unused_count - rh_released == waiting - (waiting != 0));
  HAPPENS("two wait", waiting == 2);
  CLAIM("B4: arenas are consistent", arenas_ok());
}

/* ---- runs ---- */

static uint32_t old_size[RH_PAGES + 1], old_end;
static bool old_run_live[RH_PAGES + 1];

static bool starts(uint32_t f) {
  return f < rh_run_end && rh_run_size[f] != 0;
}

static bool run_free(uint32_t f) {
  return starts(f) && rh_run_live[f] == 0;
}

static uint8_t ring_of_run(uint32_t f) {
  return run_free(f) ? (uint8_t)(RH_SIZE_CLASSES + rh_run_size[f]) : 0;
}

/* Theorem B5 but for the rings: runs tile the pages below the end; free ones have live neighbours. */
static bool runs_ok(void) {
  uint32_t next = 0;
  bool fine = rh_run_end <= RH_PAGES, before_free = false;
  for (uint32_t f = 0; f <= RH_PAGES && fine; f++) {
    uint32_t n = rh_run_size[f];
    if (f >= rh_run_end || f != next) {
      fine = n == 0 && rh_run_live[f] == 0;
    } else if (n == 0 || n > rh_run_end - f) {
      return false;
    } else {
      bool is_free = rh_run_live[f] == 0;
      next = f + n;
      fine = rh_run_back[next] == n && !(is_free && (before_free || next == rh_run_end));
      before_free = is_free;
    }
  }
  return fine;
}

static void any_runs(void) {
  FILL(rh_run_size, any_small());
  FILL(rh_run_back, any_small());
  FILL(rh_run_live, nondet_byte() & 1);
  rh_run_end = any_small();
}

static void remember_runs(void) {
  for (uint32_t f = 0; f <= RH_PAGES; f++) {
    old_size[f] = rh_run_size[f];
    old_run_live[f] = rh_run_live[f] != 0;
  }
  old_end = rh_run_end;
}

static void find_rings_of_runs(void) {
  for (uint32_t f = 0; f < RH_PAGES; f++) ring_of[RH_RUN_NODE + f] = ring_of_run(f);
}

static void any_run_state(void) {
  any_rings();
  any_runs();
  for (uint32_t r = 1; r <= RH_SIZE_CLASSES; r++) rh_ring_head[r] = 0; /* no pools */
  find_rings_of_runs();
  SUPPOSE(runs_ok() && run_rings_hold());
  remember_rings();
  remember_runs();
}

static void claim_runs_but(uint32_t f) {
  find_rings_of_runs();
  CLAIM("B5: runs tile the pages", runs_ok());
  CLAIM("B5: free ones are in the ring of their length", run_rings_hold());
  claim_ring_order();
  for (uint32_t g = 0; g <= RH_PAGES; g++) {
    if (g == f) continue;
    CLAIM("other live runs stay", (rh_run_live[g] != 0) == old_run_live[g]);
    CLAIM("other live runs keep their pages", !old_run_live[g] || rh_run_size[g] == old_size[g]);
  }
}

/* The shortest free run of n pages or more; 0: none. */
static uint32_t best_fit(uint32_t n) {
  uint32_t best = 0;
  for (uint32_t f = 0; f < RH_PAGES; f++)
    if (f < old_end && old_size[f] >= n && !old_run_live[f] && (best == 0 || old_size[f] < best)) best = old_size[f];
  return best;
}

void check_run_take(void) {
  any_run_state();
  uint32_t n = nondet_word();
  SUPPOSE(1 <= n && n <= RH_PAGES);
  uint32_t best = best_fit(n), f = rh_run_take(n);
  CLAIM("fails only without room", (f == RH_PAGES) == (best == 0 && n > RH_PAGES - old_end) && f <= RH_PAGES);
  CLAIM("fails: nothing changed", f != RH_PAGES || rh_run_end == old_end);
  CLAIM("taken: was free, has n pages",
        f == RH_PAGES || (!old_run_live[f] && rh_run_live[f] != 0 && rh_run_size[f] == n));
  CLAIM("the shortest that suffices, else new pages",
        f == RH_PAGES || (best != 0 ? old_size[f] == best : f == old_end && rh_run_end == old_end + n));
  HAPPENS("a run is split", f < old_end && old_size[f] > n);
  HAPPENS("the second of a ring is not needed",
          f < old_end && best == n && ring_of[RH_RUN_NODE] == RH_SIZE_CLASSES + n);
  claim_runs_but(f);
}

void check_run_give(void) {
  any_run_state();
  uint32_t f = nondet_word();
  bool live = f < RH_PAGES && old_run_live[f < RH_PAGES ? f : 0];
  bool given = rh_run_give(f);
  CLAIM("accepted iff live", given == live);
  CLAIM("free now", !live || rh_run_live[f] == 0);
  CLAIM("refused: nothing changed", live || rh_run_end == old_end);
  HAPPENS("joins both neighbours", live && f > 0 && rh_run_end == old_end && rh_run_size[f] == 0 &&
                                       old_end == RH_PAGES && old_run_live[0] && !old_run_live[f + old_size[f]]);
  HAPPENS("the end moves down", live && rh_run_end < f);
  claim_runs_but(live ? f : RH_PAGES + 1);
}

void check_run_fit(void) {
  any_run_state();
  uint32_t f = nondet_word(), n = nondet_word();
  SUPPOSE(f < RH_PAGES && old_run_live[f] && 1 <= n && n <= RH_PAGES);
  uint32_t next = f + old_size[f], behind = next == old_end      ? RH_PAGES - old_end
                                            : old_run_live[next] ? 0
                                                                 : old_size[next];
  bool fits = rh_run_fit(f, n);
  CLAIM("fits iff the pages behind suffice", fits == (n <= old_size[f] + behind));
  CLAIM("live, as long as asked, or as before", rh_run_live[f] != 0 && rh_run_size[f] == (fits ? n : old_size[f]));
  HAPPENS("grows into a free run", fits && n > old_size[f] && rh_run_end == old_end);
  HAPPENS("shrinks, and its tail joins", n < old_size[f] && rh_run_size[f + n] > old_size[f] - n);
  claim_runs_but(f);
}

/* ---- blocks ---- */

static uint8_t granules[RH_GRANULES], old_granules[RH_GRANULES]; /* of the block at each handle; 0: none */

/* Pools are in the ring of their class iff they have a live block and a free one; in use iff they have a live one. */
static uint8_t ring_of_pool(uint32_t p) {
  bool partial = 0 < rh_pools[p].used && rh_pools[p].used < rh_pools[p].cap;
  return partial ? (uint8_t)rh_pools[p].granules : 0;
}

static void find_rings(void) {
  for (uint32_t p = 0; p < RH_POOLS; p++) ring_of[p + 1] = ring_of_pool(p);
  find_rings_of_runs();
}

static void find_busy(void) {
  for (uint32_t p = 0; p < RH_POOLS; p++) busy[p] = rh_pools[p].used > 0;
}

static uint8_t small_at(uint32_t p, uint32_t g) {
  uint32_t c = rh_pools[p].granules;
  if (g < RH_POOL_HEADER || c == 0 || c > RH_SIZE_CLASSES) return 0;
  uint32_t offset = g - RH_POOL_HEADER, i = c == 1 ? offset : offset / 2;
  return i * c == offset && is_live(p, i) ? (uint8_t)c : 0;
}

static void find_blocks(void) {
  for (uint32_t b = 0; b < RH_SMALL_GRANULES; b++) granules[b] = small_at(b / RH_POOL_GRANULES, b % RH_POOL_GRANULES);
  for (uint32_t k = 0; k < RH_PAGES * RH_PAGE_GRANULES; k++) {
    uint32_t f = k / RH_PAGE_GRANULES;
    bool live = k % RH_PAGE_GRANULES == 0 && rh_run_live[f] != 0;
    granules[RH_SMALL_GRANULES + k] = live ? (uint8_t)(rh_run_size[f] * RH_PAGE_GRANULES) : 0;
  }
}

static void any_blocks(void) {
  any_pools();
  any_arenas();
  any_rings();
  any_runs();
  SUPPOSE(pools_ok());
  find_busy();
  SUPPOSE(arenas_ok() && runs_ok());
  find_rings();
  SUPPOSE(rings_hold(1, RH_SIZE_CLASSES, RH_POOLS) && run_rings_hold());
  remember_runs();
  remember_rings();
  find_blocks();
  for (uint32_t b = 0; b < RH_GRANULES; b++) old_granules[b] = granules[b];
}

static void claim_blocks(void) {
  CLAIM("B1: pools are consistent", pools_ok());
  find_busy();
  CLAIM("B4: arenas are consistent", arenas_ok());
  CLAIM("B5: runs tile the pages", runs_ok());
  find_rings();
  CLAIM("pools with room are in the ring of their class", rings_hold(1, RH_SIZE_CLASSES, RH_POOLS));
  CLAIM("B5: free runs are in the ring of their length", run_rings_hold());
  claim_ring_order();
  find_blocks();
}

/* At handle b there is a block of n granules now (0: none), and at x no more; all others are as before. */
static void claim_handles_but(uint32_t b, uint32_t n, uint32_t x) {
  for (uint32_t h = 0; h < RH_GRANULES; h++)
    CLAIM("that block alone changes", granules[h] == (h == b ? n : h == x ? 0 : old_granules[h]));
}

/* B2: no two live blocks share a granule. */
static void claim_disjoint(uint32_t b) {
  for (uint32_t h = 0; h < RH_GRANULES; h++) {
    if (h == b || granules[h] == 0) continue;
    CLAIM("B2: disjoint from all others", h + granules[h] <= b || b + granules[b] <= h);
  }
}

/* Is there no room for a block of that size? */
static bool no_room(uint64_t bytes) {
  bool all_busy = true;
  if (bytes > RH_SMALL_MAX) {
    uint64_t pages = (bytes + PAGE - 1) / PAGE;
    return bytes > RH_PAGES * PAGE || (best_fit((uint32_t)pages) == 0 && pages > RH_PAGES - old_end);
  }
  for (uint32_t p = 0; p < RH_POOLS; p++) {
    all_busy &= busy[p];
    if (old_ring_of[p + 1] == (bytes <= RH_GRANULE ? 1 : 2)) return false;
  }
  return all_busy;
}

/* Granules of a block made for so many bytes. */
static uint32_t granules_for(uint64_t bytes) {
  if (bytes > RH_SMALL_MAX) return (uint32_t)((bytes + PAGE - 1) / PAGE) * RH_PAGE_GRANULES;
  return bytes <= RH_GRANULE ? 1 : 2;
}

/* The cases of a step: of which space the block is, of which space one of so many bytes would be. */
static void suppose_handle(uint32_t b) {
#ifdef OF_ARENAS
  SUPPOSE(b < RH_SMALL_GRANULES);
#elif defined OF_PAGES
  SUPPOSE(b >= RH_SMALL_GRANULES);
#else
  (void)b;
#endif
}

static void suppose_size(uint64_t bytes) {
#ifdef SMALL
  SUPPOSE(bytes <= RH_SMALL_MAX);
#elif defined LARGE
  SUPPOSE(bytes > RH_SMALL_MAX);
#else
  (void)bytes;
#endif
}

void check_block_new(void) {
  any_blocks();
  uint64_t bytes = nondet_long();
  suppose_size(bytes);
  bool full = no_room(bytes);
  uint32_t b = rh_block_new(bytes);
  CLAIM("fails only without room", (b == 0) == full && b < RH_GRANULES);
  SUPPOSE(b < RH_GRANULES);
  CLAIM("it was not live", old_granules[b] == 0);
  HAPPENS("a block is made", b != 0);
  HAPPENS("there is no room", b == 0);
  claim_blocks();
  claim_handles_but(b, b == 0 ? 0 : granules_for(bytes), b);
  if (b != 0) claim_disjoint(b);
}

void check_block_free(void) {
  any_blocks();
  uint32_t b = nondet_word();
  bool live = b < RH_GRANULES && old_granules[b < RH_GRANULES ? b : 0] != 0;
  suppose_handle(b);
  CLAIM("its size", rh_block_size(b) == (live ? (uint64_t)old_granules[b] * RH_GRANULE : 0));
  bool freed = rh_block_free(b);
  CLAIM("B3: accepted iff live", freed == live);
  HAPPENS("a block is freed", freed);
  HAPPENS("it is refused", !freed);
  claim_blocks();
  claim_handles_but(live ? b : RH_GRANULES, 0, RH_GRANULES);
}

/*
 * The region, as far as two of its bytes, wherever they are: address.h says
 * what copying and zeroing does to them. region.c looks at address.c itself.
 */
static uint32_t byte_at[2];
static unsigned char byte[2], old_byte[2];

static bool byte_within(uint32_t i, uint32_t g, uint32_t n) {
  return g * RH_GRANULE <= byte_at[i] && byte_at[i] < (g + n) * RH_GRANULE;
}

static void any_bytes(void) {
  for (uint32_t i = 0; i < 2; i++) {
    byte_at[i] = nondet_short() % (RH_GRANULES * RH_GRANULE);
    old_byte[i] = byte[i] = nondet_byte();
  }
  SUPPOSE(byte_at[0] != byte_at[1]);
}

void rh_region_zero(uint32_t to, uint32_t n) {
  CLAIM("zeroes inside the region", to <= RH_GRANULES && n <= RH_GRANULES - to);
  for (uint32_t i = 0; i < 2; i++)
    if (byte_within(i, to, n)) byte[i] = 0;
}

void rh_region_copy(uint32_t to, uint32_t from, uint32_t n) {
  CLAIM("copies inside the region", to <= RH_GRANULES && n <= RH_GRANULES - to);
  CLAIM("from inside the region", from <= RH_GRANULES && n <= RH_GRANULES - from);
  CLAIM("copies what is apart", to + n <= from || from + n <= to);
  for (uint32_t i = 0; i < 2; i++) {
    if (!byte_within(i, to, n)) continue;
    bool of_other = byte_at[i] + from * RH_GRANULE == byte_at[1 - i] + to * RH_GRANULE;
    byte[i] = of_other ? byte[1 - i] : nondet_byte();
  }
}

/* The first byte, of the block that moves, must arrive; the second, of no block that is new, must stay. */
void check_block_move(void) {
  any_blocks();
  any_bytes();
#ifdef OF_POOL
  uint32_t b = OF_POOL * RH_POOL_GRANULES + nondet_byte() % RH_POOL_GRANULES;
#else
  uint32_t b = nondet_word();
#endif
  uint64_t bytes = nondet_long();
  SUPPOSE(b != 0 && b < RH_GRANULES);
  suppose_handle(b);
  suppose_size(bytes);
  uint32_t n = old_granules[b], size = n * RH_GRANULE;
  uint64_t asked = bytes == 0 ? 1 : bytes;
  bool full = no_room(asked);
  uint32_t to = rh_block_move(b, bytes);
  CLAIM("refused: what is not live", n != 0 || to == 0);
  CLAIM("fails only without room", to < RH_GRANULES && (to != 0 || n == 0 || full));
  SUPPOSE(to < RH_GRANULES);
  claim_blocks();
  CLAIM("long enough", to == 0 || (uint64_t)granules[to] * RH_GRANULE >= asked);
  bool of_block = n != 0 && byte_within(0, b, n), arrives = byte_at[1] + b * RH_GRANULE == byte_at[0] + to * RH_GRANULE;
  CLAIM("keeps its contents",
        to == 0 || to == b || !of_block || !arrives || !byte_within(1, to, granules[to]) || byte[1] == old_byte[0]);
  CLAIM("others keep theirs", (to != b && to != 0 && byte_within(0, to, granules[to])) || byte[0] == old_byte[0]);
  bool stays = asked <= size && 4 * asked > 3 * (uint64_t)size;
  CLAIM("a small one stays iff it loses less than a quarter",
        n == 0 || to == 0 || b >= RH_SMALL_GRANULES || (to == b) == stays);
  claim_handles_but(to == 0 ? RH_GRANULES : to, granules[to], to == 0 ? RH_GRANULES : b);
#if defined OF_PAGES && defined SMALL
  CLAIM("a large one shrinks where it is", n == 0 || to == b);
  HAPPENS("it shrinks", to == b && granules[b] < n);
#else
  HAPPENS("it moves", to != 0 && to != b);
  HAPPENS("there is no room", n != 0 && to == 0);
#endif
#if !(defined OF_POOL && defined LARGE)
  HAPPENS("it stays", to == b);
#endif
}

void check_block_zeroed(void) {
  any_blocks();
  any_bytes();
  uint64_t bytes = nondet_long();
  bool full = no_room(bytes);
  uint32_t b = rh_block_new_zeroed(bytes);
  CLAIM("fails only without room", (b == 0) == full && b < RH_GRANULES);
  claim_blocks();
  SUPPOSE(b < RH_GRANULES);
  bool inside = b != 0 && byte_within(0, b, granules[b]);
  CLAIM("zero inside, untouched outside", byte[0] == (inside ? 0 : old_byte[0]));
  HAPPENS("a large block", b >= RH_SMALL_GRANULES);
}

void check_block_statistics(void) {
  any_blocks();
  uint32_t total = 0, pools = 0;
  uint64_t usage = 0;
  for (uint32_t b = 0; b < RH_GRANULES; b++) {
    total += granules[b] != 0;
    usage += (uint64_t)granules[b] * RH_GRANULE;
  }
  for (uint32_t p = 0; p < RH_POOLS; p++) pools += busy[p];
  CLAIM("I1: live blocks", rh_block_total() == total);
  CLAIM("I1: their bytes", rh_block_usage() == usage);
  CLAIM("I1: pools in use", rh_pool_total() == pools);
  HAPPENS("there are small and large ones", pools == 2 && total > 4);
}

void check_block_start(void) {
  remember_runs();
  claim_blocks();
  for (uint32_t b = 0; b < RH_GRANULES; b++) CLAIM("no block is live", granules[b] == 0);
  HAPPENS("the harness ends", true);
}

void check_block_reset(void) {
  any_blocks();
  rh_block_reset();
  claim_blocks();
  for (uint32_t b = 0; b < RH_GRANULES; b++) CLAIM("no block is live", granules[b] == 0);
  CLAIM("no arena is in use", rh_arena_total() == 0);
  HAPPENS("there were small and large ones", busy[0] == 0 && old_granules[RH_POOL_HEADER] != 0 && old_run_live[0]);
}
