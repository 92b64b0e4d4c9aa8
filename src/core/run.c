/* See run.h. */
#include "core/run.h"

#include "core/ring.h"

uint32_t rh_run_size[RH_PAGES + 1];
uint32_t rh_run_back[RH_PAGES + 1];
uint8_t rh_run_live[RH_PAGES + 1];
uint32_t rh_run_end;

/* The ring of free runs of n pages. */
static uint32_t ring_of(uint32_t n) {
  if (n < 32) return RH_SIZE_CLASSES + n;
  return RH_SIZE_CLASSES + 32u + (n >= 64) + (n >= 128) + (n >= 256) + (n >= 512) + (n >= 1024) + (n >= 2048) +
         (n >= 4096) + (n >= 8192) + (n >= 16384) + (n >= 32768) + (n >= 65536) + (n >= 131072) + (n >= 262144);
}

/* Pages [f, f + n) become one run. */
static void set_run(uint32_t f, uint32_t n) {
  rh_run_size[f] = n;
  rh_run_back[f + n] = n;
}

/* Pages [f, f + n) become a free run. */
static void add_free(uint32_t f, uint32_t n) {
  set_run(f, n);
  rh_ring_push(ring_of(n), RH_RUN_NODE + f);
}

/* The free run at f is no longer one. */
static void remove_free(uint32_t f) {
  rh_ring_remove(ring_of(rh_run_size[f]), RH_RUN_NODE + f);
}

/* The free run a request of n pages takes, or RH_PAGES. */
static uint32_t find_free(uint32_t n) {
  for (uint32_t r = ring_of(n); r <= RH_RINGS; r++) {
    for (uint32_t x = rh_ring_head[r]; x != 0; x = rh_ring_next[x]) {
      if (rh_run_size[x - RH_RUN_NODE] >= n) return x - RH_RUN_NODE;
    }
  }
  return RH_PAGES;
}

/* Takes the first n of the free run at f out of the free ones. */
static void carve_free(uint32_t f, uint32_t n) {
  uint32_t size = rh_run_size[f];
  remove_free(f);
  set_run(f, n);
  if (size > n) add_free(f + n, size - n);
}

uint32_t rh_run_take(uint32_t n) {
  uint32_t f = find_free(n);
  if (f != RH_PAGES) {
    carve_free(f, n);
  } else {
    if (n > RH_PAGES - rh_run_end) return RH_PAGES;
    f = rh_run_end;
    rh_run_end += n;
    set_run(f, n);
  }
  rh_run_live[f] = 1;
  return f;
}

/* The run at f takes in the run that starts at its end. */
static void join(uint32_t f) {
  uint32_t g = f + rh_run_size[f];
  set_run(f, rh_run_size[f] + rh_run_size[g]);
  rh_run_size[g] = 0;
}

bool rh_run_give(uint32_t f) {
  if (f >= rh_run_end || rh_run_live[f] == 0) return false;
  rh_run_live[f] = 0;
  uint32_t after = f + rh_run_size[f];
  if (after < rh_run_end && rh_run_live[after] == 0) {
    remove_free(after);
    join(f);
  }
  if (f > 0 && rh_run_live[f - rh_run_back[f]] == 0) {
    f -= rh_run_back[f];
    remove_free(f);
    join(f);
  }
  if (f + rh_run_size[f] == rh_run_end) {
    rh_run_size[f] = 0;
    rh_run_end = f;
  } else {
    add_free(f, rh_run_size[f]);
  }
  return true;
}

/* Gives the pages of the live run at f from its n-th on back. */
static void trim(uint32_t f, uint32_t n) {
  uint32_t rest = rh_run_size[f] - n;
  set_run(f, n);
  set_run(f + n, rest);
  rh_run_live[f + n] = 1;
  (void)rh_run_give(f + n);
}

bool rh_run_fit(uint32_t f, uint32_t n) {
  uint32_t size = rh_run_size[f], after = f + size;
  if (n <= size) {
    if (n < size) trim(f, n);
    return true;
  }
  uint32_t more = n - size;
  if (after == rh_run_end) {
    if (more > RH_PAGES - rh_run_end) return false;
    rh_run_end += more;
    set_run(f, n);
    return true;
  }
  if (rh_run_live[after] != 0 || rh_run_size[after] < more) return false;
  carve_free(after, more);
  join(f);
  return true;
}

void rh_run_reset(void) {
  uint32_t f = 0;
  while (f < rh_run_end) {
    uint32_t n = rh_run_size[f];
    rh_run_size[f] = 0;
    rh_run_live[f] = 0;
    f += n;
  }
  rh_run_end = 0;
}
