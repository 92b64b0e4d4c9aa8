/* See run.h. */
#include "core/run.h"

uint32_t rh_run_size[RH_PAGES + 1];
uint32_t rh_run_back[RH_PAGES + 1];
uint8_t rh_run_live[RH_PAGES + 1];
uint32_t rh_run_end;

/*
 * What changes runs or rings promises every part of the invariant by itself,
 * for what of it held before: provers get lost when they see all of it.
 */
/*@ // A run of n pages starts at page f.
    predicate run_of{L}(integer f, integer n) = run_starts(f) && rh_run_size[f] == n;
    // No free run ends where f starts.
    predicate none_before{L}(integer f) = \forall integer g; run_free(g) ==> g + rh_run_size[g] != f;
    // As free_ringed, with two runs left out.
    predicate free_ringed_but{L}(integer f, integer g) =
      \forall integer x; RH_RUN_NODE <= x <= RH_NODES && x != RH_RUN_NODE + f && x != RH_RUN_NODE + g ==>
        (run_free(x - RH_RUN_NODE) ==> rh_ring_in[x] == run_ring(rh_run_size[x - RH_RUN_NODE])) &&
        (!run_free(x - RH_RUN_NODE) ==> rh_ring_in[x] == 0);
*/

/* ---- tiles ---- */

/* clang-format off */
#define RH_KEEPS_TILES \
  ensures first: \old(tiles_first) ==> tiles_first; ensures beyond: \old(tiles_beyond) ==> tiles_beyond; \
  ensures next: \old(tiles_next && tiles_back) ==> tiles_next; \
  ensures back: \old(tiles_next && tiles_back) ==> tiles_back; \
  ensures before: \old(tiles_before) ==> tiles_before; ensures in: \old(tiles_inside) ==> tiles_inside; \
  ensures live_starts: \old(live_starts) ==> live_starts
/* clang-format on */

/* Pages [f, f + n) become one run. */
/*@ requires range: 1 <= n && f + n <= RH_PAGES;
    terminates \true;
    assigns rh_run_size[f], rh_run_back[f + n];
    exits \false;
    ensures set: rh_run_size[f] == n && rh_run_back[f + n] == n;
*/
static void set_run(uint32_t f, uint32_t n) {
  rh_run_size[f] = n;
  rh_run_back[f + n] = n;
}

/* The run at f, n + rest pages long, ends after n; the rest becomes a run. */
/*@ requires range: run_of(f, n + rest) && 1 <= n && 1 <= rest;
    requires end: f + n + rest <= rh_run_end <= RH_PAGES;
    requires inside: rh_run_size[f + n] == 0;
    terminates \true;
    assigns rh_run_size[f], rh_run_size[f + n], rh_run_back[f + n], rh_run_back[f + n + rest];
    exits \false;
    ensures split: rh_run_size[f] == n && rh_run_size[f + n] == rest;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) || g == f + n;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != f && g != f + n ==>
      rh_run_size[g] == \old(rh_run_size[g]);
    RH_KEEPS_TILES;
    ensures rest_dead: \old(live_starts) ==> rh_run_live[f + n] == 0;
    ensures apart_free: \old(free_apart(f)) && f + n + rest < rh_run_end && rh_run_live[f + n + rest] != 0 ==>
      free_apart(f);
    ensures apart_live: \old(free_apart(-1)) && rh_run_live[f] != 0 ==> free_apart(f + n);
    ensures ringed_free: \old(free_ringed(f)) ==> free_ringed_but(f, f + n);
    ensures ringed_live: \old(free_ringed(-1)) && rh_run_live[f] != 0 ==> free_ringed(f + n);
*/
static void split(uint32_t f, uint32_t n, uint32_t rest) {
  set_run(f + n, rest);
  set_run(f, n);
}

/* The run at f takes in the run that starts at its end, which is not live. */
/*@ requires range: run_starts(f) && run_starts(f + rh_run_size[f]) && rh_run_live[f + rh_run_size[f]] == 0;
    requires end: f + rh_run_size[f] + rh_run_size[f + rh_run_size[f]] <= rh_run_end <= RH_PAGES;
    terminates \true;
    assigns rh_run_size[f], rh_run_size[f + rh_run_size[f]],
      rh_run_back[f + rh_run_size[f] + rh_run_size[f + rh_run_size[f]]];
    exits \false;
    ensures joined: rh_run_size[f] == \old(rh_run_size[f] + rh_run_size[f + rh_run_size[f]]);
    ensures gone: rh_run_size[\old(f + rh_run_size[f])] == 0;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) && g != \old(f + rh_run_size[f]);
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != f && g != \old(f + rh_run_size[f]) ==>
      rh_run_size[g] == \old(rh_run_size[g]);
    ensures kept: rh_run_live[f] == 0 ==> \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
    RH_KEEPS_TILES;
    ensures apart_next: \old(free_apart(f)) ==> free_apart(f);
    ensures apart_before: \old(free_apart(f + rh_run_size[f]) && tiles_back) ==> free_apart(f);
    ensures apart_live: \old(free_apart(f + rh_run_size[f]) && tiles_back) && rh_run_live[f] != 0 ==> free_apart(-1);
    ensures ringed_free: \old(free_ringed_but(f, f + rh_run_size[f])) &&
      \old(rh_ring_in[RH_RUN_NODE + f + rh_run_size[f]] == 0) ==> free_ringed(f);
    ensures ringed_live: \old(free_ringed(f + rh_run_size[f])) && rh_run_live[f] != 0 &&
      \old(rh_ring_in[RH_RUN_NODE + f + rh_run_size[f]] == 0) ==> free_ringed(-1);
*/
static void join(uint32_t f) {
  uint32_t g = f + rh_run_size[f];
  set_run(f, rh_run_size[f] + rh_run_size[g]);
  rh_run_size[g] = 0;
}

/* The last n of the pages never used become a run, and its first page is returned. */
/*@ requires range: 1 <= n <= RH_PAGES - rh_run_end && rh_run_end <= RH_PAGES;
    requires tiles: tiles_next && tiles_beyond;
    terminates \true;
    assigns rh_run_size[rh_run_end], rh_run_back[rh_run_end + n], rh_run_end;
    exits \false;
    RH_KEEPS_TILES;
    ensures appended: \result == \old(rh_run_end) && rh_run_end == \result + n && rh_run_size[\result] == n;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) || g == \result;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != \result ==> rh_run_size[g] == \old(rh_run_size[g]);
    ensures apart: \old(free_apart(-1)) ==> free_apart(\result);
    ensures ringed: \old(free_ringed(-1)) ==> free_ringed(\result);
*/
static uint32_t append(uint32_t n) {
  uint32_t f = rh_run_end;
  rh_run_end += n;
  set_run(f, n);
  return f;
}

/* The last run, at f and not live, becomes pages never used. */
/*@ requires range: run_starts(f) && f + rh_run_size[f] == rh_run_end && rh_run_end <= RH_PAGES && rh_run_live[f] == 0;
    requires tiles: tiles_inside && none_before(f);
    terminates \true;
    assigns rh_run_size[f], rh_run_end;
    exits \false;
    RH_KEEPS_TILES;
    ensures dropped: rh_run_end == f && rh_run_size[f] == 0;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) && g != f;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != f ==> rh_run_size[g] == \old(rh_run_size[g]);
    ensures apart: \old(free_apart(f)) ==> free_apart(-1);
    ensures ringed: \old(free_ringed(f)) && rh_ring_in[RH_RUN_NODE + f] == 0 ==> free_ringed(-1);
*/
static void drop_last(uint32_t f) {
  rh_run_size[f] = 0;
  rh_run_end = f;
}

/* The run at f, in no ring, is live from now on. */
/*@ requires range: run_starts(f) && rh_run_end <= RH_PAGES;
    requires outside: f < RH_PAGES && rh_ring_in[RH_RUN_NODE + f] == 0;
    terminates \true;
    assigns rh_run_live[f];
    exits \false;
    ensures live: rh_run_live[f] == 1;
    ensures live_starts: \old(live_starts) ==> live_starts;
    ensures apart: \old(free_apart(f)) ==> free_apart(-1);
    ensures ringed: \old(free_ringed(f)) ==> free_ringed(-1);
*/
static void make_live(uint32_t f) {
  rh_run_live[f] = 1;
}

/* ---- free runs ---- */

/* The ring of free runs of n pages. */
/*@ requires range: 1 <= n <= RH_PAGES;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures ring: \result == run_ring(n);
    ensures range: RH_SIZE_CLASSES + 1 <= \result <= RH_RINGS;
*/
static uint32_t ring_of(uint32_t n) {
  if (n < 32) return RH_SIZE_CLASSES + n;
  return RH_SIZE_CLASSES + 32u + (n >= 64) + (n >= 128) + (n >= 256) + (n >= 512) + (n >= 1024) + (n >= 2048) +
         (n >= 4096) + (n >= 8192) + (n >= 16384) + (n >= 32768) + (n >= 65536) + (n >= 131072) + (n >= 262144);
}

/* The free run at f enters its ring. */
/*@ requires range: run_free(f) && f < RH_PAGES && 1 <= rh_run_size[f] <= RH_PAGES;
    requires outside: rh_ring_in[RH_RUN_NODE + f] == 0;
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RINGS;
    ensures entered: rh_ring_in[RH_RUN_NODE + f] == run_ring(rh_run_size[f]);
    ensures others: \forall integer x; RH_RUN_NODE <= x <= RH_NODES && x != RH_RUN_NODE + f ==>
      rh_ring_in[x] == \old(rh_ring_in[x]);
    ensures ringed: \old(free_ringed(f)) ==> free_ringed(-1);
    ensures ringed_but: \forall integer x; \old(free_ringed_but(x, f)) ==> free_ringed(x);
    ensures apart: \old(free_apart(f) && none_before(f)) && f + rh_run_size[f] < rh_run_end &&
      rh_run_live[f + rh_run_size[f]] != 0 ==> free_apart(-1);
*/
static void enter_ring(uint32_t f) {
  rh_ring_push(ring_of(rh_run_size[f]), RH_RUN_NODE + f);
}

/* The free run at f leaves its ring. */
/*@ requires range: run_free(f) && f < RH_PAGES && 1 <= rh_run_size[f] <= RH_PAGES;
    requires inside: rh_ring_in[RH_RUN_NODE + f] == run_ring(rh_run_size[f]);
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RINGS;
    ensures left: rh_ring_in[RH_RUN_NODE + f] == 0;
    ensures others: \forall integer x; RH_RUN_NODE <= x <= RH_NODES && x != RH_RUN_NODE + f ==>
      rh_ring_in[x] == \old(rh_ring_in[x]);
    ensures ringed: \old(free_ringed(-1)) ==> free_ringed(f);
    ensures ringed_but: \forall integer x; \old(free_ringed(x)) ==> free_ringed_but(x, f) && free_ringed_but(f, x);
*/
static void leave_ring(uint32_t f) {
  rh_ring_remove(ring_of(rh_run_size[f]), RH_RUN_NODE + f);
}

/* The free run that a request of n pages takes, or RH_PAGES. */
/*@ requires range: 1 <= n <= RH_PAGES;
    requires runs: runs_ok && rings_ok && rings_apart;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures found: \result == RH_PAGES || (run_free(\result) && rh_run_size[\result] >= n);
    ensures none: \result == RH_PAGES ==> \forall integer f; run_free(f) ==> rh_run_size[f] < n;
*/
static uint32_t find_free(uint32_t n) {
  /*@ loop invariant range: run_ring(n) <= r <= RH_RINGS + 1;
      loop invariant none: \forall integer f; run_free(f) && run_ring(rh_run_size[f]) < r ==> rh_run_size[f] < n;
      loop assigns r;
      loop variant RH_RINGS + 1 - r;
  */
  for (uint32_t r = ring_of(n); r <= RH_RINGS; r++) {
    /*@ ghost uint32_t k = rh_ring_length[r]; */
    /*@ loop invariant place: 0 <= k <= rh_ring_length[r] && x == rh_ring_order[r][k];
        loop invariant short: \forall integer j; k < j <= rh_ring_length[r] ==>
          rh_run_size[rh_ring_order[r][j] - RH_RUN_NODE] < n;
        loop assigns x, k;
        loop variant k;
    */
    for (uint32_t x = rh_ring_head[r]; x != 0; x = rh_ring_next[x]) {
      /*@ assert member: 1 <= k && rh_ring_in[x] == r && RH_RUN_NODE <= x <= RH_NODES; */
      /*@ assert free: run_free(x - RH_RUN_NODE); */
      if (rh_run_size[x - RH_RUN_NODE] >= n) return x - RH_RUN_NODE;
      /*@ ghost k = k - 1; */
    }
    /*@ assert all_short: \forall integer x; RH_RUN_NODE <= x <= RH_NODES && rh_ring_in[x] == r ==>
          rh_run_size[x - RH_RUN_NODE] < n; */
    /*@ assert free_short: \forall integer f; run_free(f) && run_ring(rh_run_size[f]) == r ==>
          rh_ring_in[RH_RUN_NODE + f] == r && rh_run_size[f] < n; */
  }
  return RH_PAGES;
}

/* The free run at f, which leaves its ring, keeps n pages; the rest stays free. */
/*@ requires range: run_free(f) && f < RH_PAGES && 1 <= n <= rh_run_size[f];
    requires next: f + rh_run_size[f] < rh_run_end <= RH_PAGES && rh_run_live[f + rh_run_size[f]] != 0;
    requires inside: n < rh_run_size[f] ==>
      rh_run_size[f + n] == 0 && rh_run_live[f + n] == 0 && rh_ring_in[RH_RUN_NODE + f + n] == 0;
    requires ringed: rh_ring_in[RH_RUN_NODE + f] == run_ring(rh_run_size[f]);
    requires rings: rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES];
    exits \false;
    RH_KEEPS_TILES;
    RH_ENSURES_RINGS;
    ensures carved: rh_run_size[f] == n && rh_ring_in[RH_RUN_NODE + f] == 0;
    ensures apart: \old(free_apart(-1)) ==> free_apart(f);
    ensures ringed: \old(free_ringed(-1)) ==> free_ringed(f);
    ensures kept: \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static void carve_free(uint32_t f, uint32_t n) {
  leave_ring(f);
  if (rh_run_size[f] > n) {
    split(f, n, rh_run_size[f] - n);
    enter_ring(f + n);
  }
}

uint32_t rh_run_take(uint32_t n) {
  uint32_t f = find_free(n);
  if (f != RH_PAGES) {
    /*@ assert next: f + rh_run_size[f] < rh_run_end && rh_run_live[f + rh_run_size[f]] != 0; */
    /*@ assert inside: n < rh_run_size[f] ==> rh_run_size[f + n] == 0; */
    carve_free(f, n);
  } else {
    if (n > RH_PAGES - rh_run_end) return RH_PAGES;
    /*@ assert unused: !run_free(rh_run_end) && rh_ring_in[RH_RUN_NODE + rh_run_end] == 0; */
    f = append(n);
  }
  /*@ assert apart: free_apart(f); */
  /*@ assert ringed: free_ringed(f) && rh_ring_in[RH_RUN_NODE + f] == 0; */
  make_live(f);
  return f;
}

/* The free run at f, in no ring, takes in the free run behind it, if there is one. */
/*@ requires range: run_free(f) && f < RH_PAGES && rh_ring_in[RH_RUN_NODE + f] == 0;
    requires tiles: tiles && live_starts && rings_ok;
    requires free: free_apart(f) && free_ringed(f);
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES];
    exits \false;
    RH_ENSURES_TILES;
    RH_ENSURES_RINGS;
    ensures free: run_free(f) && rh_ring_in[RH_RUN_NODE + f] == 0;
    ensures free_apart: free_apart(f);
    ensures free_ringed: free_ringed(f);
    ensures stops: f + rh_run_size[f] == rh_run_end || rh_run_live[f + rh_run_size[f]] != 0;
    ensures kept: \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static void absorb_next(uint32_t f) {
  uint32_t next = f + rh_run_size[f];
  /*@ assert next: next <= rh_run_end; */
  if (next < rh_run_end && rh_run_live[next] == 0) {
    /*@ assert stops: next + rh_run_size[next] < rh_run_end && rh_run_live[next + rh_run_size[next]] != 0; */
    leave_ring(next);
    join(f);
  }
}

/* The free run at f, in no ring, joins the free run before it, if there is one. Returns where it starts now. */
/*@ requires range: run_free(f) && f < RH_PAGES && rh_ring_in[RH_RUN_NODE + f] == 0;
    requires tiles: tiles && live_starts && rings_ok;
    requires free: free_apart(f) && free_ringed(f);
    requires stops: f + rh_run_size[f] == rh_run_end || rh_run_live[f + rh_run_size[f]] != 0;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES];
    exits \false;
    RH_ENSURES_TILES;
    RH_ENSURES_RINGS;
    ensures free: run_free(\result) && rh_ring_in[RH_RUN_NODE + \result] == 0;
    ensures free_apart: free_apart(\result);
    ensures free_ringed: free_ringed(\result);
    ensures stops: \result + rh_run_size[\result] == rh_run_end || rh_run_live[\result + rh_run_size[\result]] != 0;
    ensures starts: \result > 0 ==> rh_run_live[\result - rh_run_back[\result]] != 0;
    ensures kept: \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static uint32_t absorb_into_previous(uint32_t f) {
  if (f == 0) return f;
  uint32_t before = f - rh_run_back[f];
  /*@ assert before: run_starts(before) && before + rh_run_size[before] == f; */
  if (rh_run_live[before] != 0) return f;
  leave_ring(before);
  join(before);
  return before;
}

/* The free run at f, in no ring and without free neighbours, enters its ring, or its pages are new again. */
/*@ requires range: run_free(f) && f < RH_PAGES && rh_ring_in[RH_RUN_NODE + f] == 0;
    requires tiles: tiles && live_starts && rings_ok;
    requires free: free_apart(f) && free_ringed(f);
    requires stops: f + rh_run_size[f] == rh_run_end || rh_run_live[f + rh_run_size[f]] != 0;
    requires starts: f > 0 ==> rh_run_live[f - rh_run_back[f]] != 0;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[f], rh_run_end;
    exits \false;
    RH_ENSURES_RUNS;
*/
static void settle_free(uint32_t f) {
  /*@ assert before: none_before(f); */
  if (f + rh_run_size[f] == rh_run_end) {
    drop_last(f);
    /*@ assert apart: free_apart(-1); */
  } else {
    /*@ assert next: f + rh_run_size[f] < rh_run_end; */
    enter_ring(f);
    /*@ assert apart: free_apart(-1); */
  }
}

bool rh_run_give(uint32_t f) {
  if (f >= rh_run_end || rh_run_live[f] == 0) return false;
  rh_run_live[f] = 0;
  absorb_next(f);
  settle_free(absorb_into_previous(f));
  return true;
}

/* Gives the pages of the live run at f from its n-th on back. */
/*@ requires range: f < RH_PAGES && rh_run_live[f] != 0 && 1 <= n < rh_run_size[f];
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_STATE, RH_RUN_RINGS;
    exits \false;
    RH_ENSURES_RUNS;
    ensures live: rh_run_live[f] != 0 && rh_run_size[f] == n;
    RH_OTHER_RUNS_KEPT(f);
*/
static void trim(uint32_t f, uint32_t n) {
  /*@ assert inside: rh_run_size[f + n] == 0 && rh_ring_in[RH_RUN_NODE + f + n] == 0; */
  split(f, n, rh_run_size[f] - n);
  make_live(f + n);
  rh_run_give(f + n);
}

/* The `more` pages behind the live run at f become a free run in no ring. Returns whether they were free. */
/*@ requires range: f < RH_PAGES && rh_run_live[f] != 0 && 1 <= more <= RH_PAGES;
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES], rh_run_end;
    exits \false;
    RH_ENSURES_TILES;
    RH_ENSURES_RINGS;
    ensures rule: \result <==> \old(room_behind(f, more));
    ensures here: run_of(f, \old(rh_run_size[f]));
    ensures behind: \result ==> run_of(\old(f + rh_run_size[f]), more);
    ensures not_live: \result ==> rh_run_live[\old(f + rh_run_size[f])] == 0;
    ensures outside: \result ==> rh_ring_in[RH_RUN_NODE + \old(f + rh_run_size[f])] == 0;
    ensures free_apart: free_apart(\result ? \old(f + rh_run_size[f]) : -1);
    ensures free_ringed: free_ringed(\result ? \old(f + rh_run_size[f]) : -1);
    ensures kept: \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static bool free_behind(uint32_t f, uint32_t more) {
  uint32_t next = f + rh_run_size[f];
  /*@ assert end: next <= rh_run_end; */
  if (next == rh_run_end) {
    if (more > RH_PAGES - rh_run_end) return false;
    /*@ assert unused: rh_run_live[next] == 0 && rh_ring_in[RH_RUN_NODE + next] == 0; */
    append(more);
  } else {
    if (rh_run_live[next] != 0 || rh_run_size[next] < more) return false;
    /*@ assert next: next + rh_run_size[next] < rh_run_end && rh_run_live[next + rh_run_size[next]] != 0; */
    /*@ assert inside: more < rh_run_size[next] ==> rh_run_size[next + more] == 0; */
    carve_free(next, more);
  }
  /*@ assert here: f + rh_run_size[f] == next; */
  /*@ assert behind: run_of(next, more) && rh_run_live[next] == 0 && rh_ring_in[RH_RUN_NODE + next] == 0; */
  return true;
}

/* The live run at f takes in the `more` pages behind it. Returns whether they were free. */
/*@ requires range: f < RH_PAGES && rh_run_live[f] != 0 && 1 <= more <= RH_PAGES;
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES], rh_run_end;
    exits \false;
    RH_ENSURES_RUNS;
    ensures rule: \result <==> \old(room_behind(f, more));
    ensures grown: \result ==> rh_run_size[f] == \old(rh_run_size[f]) + more;
    ensures kept: !\result ==> rh_run_size[f] == \old(rh_run_size[f]);
    RH_OTHER_RUNS_KEPT(f);
*/
static bool extend(uint32_t f, uint32_t more) {
  if (!free_behind(f, more)) return false;
  join(f);
  return true;
}

bool rh_run_fit(uint32_t f, uint32_t n) {
  uint32_t size = rh_run_size[f];
  if (n > size) return extend(f, n - size);
  if (n < size) trim(f, n);
  return true;
}

void rh_run_reset(void) {
  uint32_t f = 0;
  /*@ loop invariant range: 0 <= f <= rh_run_end && (f < rh_run_end ==> rh_run_size[f] != 0);
      loop invariant reset: \forall integer g; 0 <= g < f ==> rh_run_size[g] == 0 && rh_run_live[g] == 0;
      loop invariant kept: \forall integer g; f <= g <= RH_PAGES ==>
        rh_run_size[g] == \at(rh_run_size[g], Pre) && rh_run_live[g] == \at(rh_run_live[g], Pre);
      loop assigns f, rh_run_size[0 .. RH_PAGES], rh_run_live[0 .. RH_PAGES];
      loop variant rh_run_end - f;
  */
  while (f < rh_run_end) {
    uint32_t n = rh_run_size[f];
    /*@ assert here: run_starts{Pre}(f) && n == \at(rh_run_size[\at(f, Here)], Pre); */
    /*@ assert next: f + n <= rh_run_end && (f + n < rh_run_end ==> run_starts{Pre}(f + n)); */
    rh_run_size[f] = 0;
    rh_run_live[f] = 0;
    f += n;
  }
  rh_run_end = 0;
}
