/* See run.h. */
#include "core/run.h"

uint32_t rh_run_size[RH_PAGES + 1];
uint32_t rh_run_back[RH_PAGES + 1];
uint8_t rh_run_live[RH_PAGES + 1];
uint32_t rh_run_end;

/* ---- tiles ---- */

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

/* The run at f ends after n pages; the rest becomes a run. */
/*@ requires range: run_starts(f) && 1 <= n < rh_run_size[f];
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns rh_run_size[f], rh_run_size[f + n], rh_run_back[f + n], rh_run_back[f + rh_run_size[f]];
    exits \false;
    RH_ENSURES_TILES;
    ensures split: rh_run_size[f] == n && rh_run_size[f + n] == \old(rh_run_size[f]) - n;
    ensures was_inside: \old(rh_run_size[f + n]) == 0 && rh_run_live[f + n] == 0;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) || g == f + n;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != f && g != f + n ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static void split(uint32_t f, uint32_t n) {
  /*@ assert inside: rh_run_size[f + n] == 0; */
  /*@ ghost uint32_t end = f + rh_run_size[f]; */
  /*@ assert end: end <= rh_run_end && (end < rh_run_end ==> run_starts(end)); */
  /*@ assert one_before: \forall integer g; run_starts(g) && g + rh_run_size[g] == end ==> g == f; */
  /*@ assert none_before: \forall integer g; run_starts(g) ==> g + rh_run_size[g] != f + n; */
  set_run(f + n, rh_run_size[f] - n);
  set_run(f, n);
  /*@ assert halves: rh_run_size[f] == n && 1 <= rh_run_size[f + n] == end - (f + n); */
  /*@ assert behind: end < rh_run_end ==> rh_run_size[end] != 0; */
  /*@ assert still: \forall integer g; run_starts{Pre}(g) ==> run_starts(g); */
  /*@ assert others: \forall integer g; run_starts(g) && g != f && g != f + n ==>
        run_starts{Pre}(g) && rh_run_size[g] == \at(rh_run_size[g], Pre); */
  /*@ assert next: \forall integer g, h; run_starts(g) && g != f && g != f + n && h == g + rh_run_size[g] ==>
        h <= rh_run_end && (h < rh_run_end ==> rh_run_size[h] != 0); */
  /*@ assert before: \forall integer g; 0 < g <= rh_run_end && (g < rh_run_end ==> rh_run_size[g] != 0) &&
        g != f + n && g != end ==>
        rh_run_back[g] == \at(rh_run_back[g], Pre) && 1 <= rh_run_back[g] <= g && g - rh_run_back[g] != f &&
        g - rh_run_back[g] != f + n && rh_run_size[g - rh_run_back[g]] == rh_run_back[g]; */
}

/* The run at f takes in the run that starts at its end, which is not live. */
/*@ requires range: run_starts(f) && f + rh_run_size[f] < rh_run_end && rh_run_live[f + rh_run_size[f]] == 0;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns rh_run_size[f], rh_run_size[f + rh_run_size[f]],
      rh_run_back[f + rh_run_size[f] + rh_run_size[f + rh_run_size[f]]];
    exits \false;
    RH_ENSURES_TILES;
    ensures joined: rh_run_size[f] == \old(rh_run_size[f] + rh_run_size[f + rh_run_size[f]]);
    ensures gone: rh_run_size[\old(f + rh_run_size[f])] == 0;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) && g != \old(f + rh_run_size[f]);
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != f && g != \old(f + rh_run_size[f]) ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static void join(uint32_t f) {
  uint32_t g = f + rh_run_size[f];
  /*@ assert next: run_starts(g) && g + rh_run_size[g] <= rh_run_end; */
  /*@ ghost uint32_t end = g + rh_run_size[g]; */
  /*@ assert end: end < rh_run_end ==> run_starts(end); */
  /*@ assert one_before: \forall integer h; run_starts(h) && h + rh_run_size[h] == end ==> h == g; */
  /*@ assert only_f: \forall integer h; run_starts(h) && h + rh_run_size[h] == g ==> h == f; */
  set_run(f, rh_run_size[f] + rh_run_size[g]);
  rh_run_size[g] = 0;
  /*@ assert still: \forall integer h; run_starts{Pre}(h) && h != g ==> run_starts(h); */
  /*@ assert others: \forall integer h; run_starts(h) && h != f ==>
        h != g && run_starts{Pre}(h) && rh_run_size[h] == \at(rh_run_size[h], Pre); */
  /*@ assert nexts: \forall integer h, e; run_starts(h) && h != f && e == h + rh_run_size[h] ==>
        e <= rh_run_end && (e < rh_run_end ==> rh_run_size[e] != 0); */
  /*@ assert before: \forall integer h; 0 < h <= rh_run_end && (h < rh_run_end ==> rh_run_size[h] != 0) && h != end ==>
        rh_run_back[h] == \at(rh_run_back[h], Pre) && 1 <= rh_run_back[h] <= h && h - rh_run_back[h] != f &&
        h - rh_run_back[h] != g && rh_run_size[h - rh_run_back[h]] == rh_run_back[h]; */
}

/* The last n of the pages never used become a run, and its first page is returned. */
/*@ requires range: 1 <= n <= RH_PAGES - rh_run_end && rh_run_end <= RH_PAGES;
    requires tiles: tiles && live_starts;
    terminates \true;
    assigns rh_run_size[rh_run_end], rh_run_back[rh_run_end + n], rh_run_end;
    exits \false;
    RH_ENSURES_TILES;
    ensures appended: \result == \old(rh_run_end) && rh_run_end == \result + n && rh_run_size[\result] == n;
    ensures starts: \forall integer g; run_starts(g) <==> \old(run_starts(g)) || g == \result;
    ensures others: \forall integer g; 0 <= g <= RH_PAGES && g != \result ==> rh_run_size[g] == \old(rh_run_size[g]);
*/
static uint32_t append(uint32_t n) {
  uint32_t f = rh_run_end;
  rh_run_end += n;
  set_run(f, n);
  return f;
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
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES];
    exits \false;
    RH_ENSURES_TILES;
    RH_ENSURES_RINGS;
    ensures carved: rh_run_size[f] == n && rh_ring_in[RH_RUN_NODE + f] == 0;
    ensures free_apart: free_apart(f);
    ensures free_ringed: free_ringed(f);
    ensures kept: \forall integer g; 0 <= g <= RH_PAGES && rh_run_live[g] != 0 ==>
      rh_run_size[g] == \old(rh_run_size[g]);
*/
static void carve_free(uint32_t f, uint32_t n) {
  /*@ ghost uint32_t next = f + rh_run_size[f]; */
  /*@ assert next_live: next < rh_run_end && rh_run_live[next] != 0; */
  leave_ring(f);
  if (rh_run_size[f] > n) {
    split(f, n);
    /*@ assert rest: run_free(f + n) && f + n + rh_run_size[f + n] == next; */
    /*@ assert free_before: \forall integer g; run_free(g) && g != f && g != f + n ==>
          \at(run_free(g), Pre) && rh_run_size[g] == \at(rh_run_size[g], Pre); */
    enter_ring(f + n);
  }
}

uint32_t rh_run_take(uint32_t n) {
  uint32_t f = find_free(n);
  if (f != RH_PAGES) {
    carve_free(f, n);
    /*@ assert carved: tiles && live_starts && free_apart(f) && free_ringed(f); */
  } else {
    if (n > RH_PAGES - rh_run_end) return RH_PAGES;
    /*@ assert unused: !run_free(rh_run_end) && rh_ring_in[RH_RUN_NODE + rh_run_end] == 0; */
    f = append(n);
    /*@ assert starts: \forall integer g; run_starts(g) && g != f ==> g < f && g + rh_run_size[g] <= f; */
    /*@ assert free_before: \forall integer g; run_free(g) && g != f ==>
          \at(run_free(g), Pre) && rh_run_size[g] == \at(rh_run_size[g], Pre); */
    /*@ assert appended_apart: free_apart(f); */
    /*@ assert appended_ringed: free_ringed(f); */
  }
  /*@ assert apart: free_apart(f); */
  /*@ assert ringed: free_ringed(f) && rh_ring_in[RH_RUN_NODE + f] == 0; */
  /*@ ghost Taken: ; */
  rh_run_live[f] = 1;
  /*@ assert still_free: \forall integer g; g != f ==> (run_free(g) <==> \at(run_free(g), Taken)); */
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
  if (next < rh_run_end && rh_run_live[next] == 0) {
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
  /*@ assert not_next: \forall integer g; run_free(g) ==> g + rh_run_size[g] != f; */
  if (f + rh_run_size[f] == rh_run_end) {
    rh_run_size[f] = 0;
    rh_run_end = f;
  } else {
    enter_ring(f);
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
  split(f, n);
  rh_run_live[f + n] = 1;
  rh_run_give(f + n);
}

/* The live run at f takes in the `more` pages behind it. Returns whether they were free. */
/*@ requires range: f < RH_PAGES && rh_run_live[f] != 0 && 1 <= more <= RH_PAGES;
    requires runs: runs_ok && rings_ok;
    terminates \true;
    assigns RH_RUN_RINGS, rh_run_size[0 .. RH_PAGES], rh_run_back[0 .. RH_PAGES], rh_run_end;
    exits \false;
    RH_ENSURES_RUNS;
    ensures grown: \result ==> rh_run_size[f] == \old(rh_run_size[f]) + more;
    ensures kept: !\result ==> rh_run_size[f] == \old(rh_run_size[f]);
    RH_OTHER_RUNS_KEPT(f);
*/
static bool extend(uint32_t f, uint32_t more) {
  uint32_t next = f + rh_run_size[f];
  if (next == rh_run_end) {
    if (more > RH_PAGES - rh_run_end) return false;
    /*@ assert unused: !run_free(rh_run_end) && rh_ring_in[RH_RUN_NODE + rh_run_end] == 0; */
    append(more);
    /*@ assert starts: \forall integer g; run_starts(g) && g != next ==> g < next && g + rh_run_size[g] <= next; */
    /*@ assert free_before: \forall integer g; run_free(g) && g != next ==>
          \at(run_free(g), Pre) && rh_run_size[g] == \at(rh_run_size[g], Pre); */
    /*@ assert appended_apart: free_apart(next); */
    /*@ assert appended_ringed: free_ringed(next); */
  } else {
    if (rh_run_live[next] != 0 || rh_run_size[next] < more) return false;
    carve_free(next, more);
  }
  /*@ assert apart: free_apart(next); */
  /*@ assert ringed: free_ringed(next) && rh_ring_in[RH_RUN_NODE + next] == 0; */
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
