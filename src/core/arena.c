/* See arena.h. */
#include "core/arena.h"

#include "core/block.h"

struct rh_arena rh_arenas[RH_ARENAS];
/*
 * A row more than there are arenas: tables whose size is a multiple of 4096 make
 * those behind them begin at the same offset in a page, and processors hold back
 * a load that seems, by that offset, to be from where they have just stored.
 */
uint32_t rh_arena_stack[RH_ARENAS + 1][RH_ARENA_POOLS];
uint16_t rh_usable[RH_ARENAS];
uint32_t rh_usable_count;
uint16_t rh_unused[RH_ARENAS];
uint32_t rh_unused_count;
uint32_t rh_released;
uint32_t rh_arena_slots;
uint64_t rh_arena_reclaims;
/*@ ghost uint8_t rh_pool_busy[RH_POOLS]; */
/*@ ghost uint32_t rh_arena_busy[RH_ARENAS][RH_ARENA_POOLS]; */
/*@ ghost uint16_t rh_pool_spot[RH_POOLS]; */
/*@ ghost uint8_t rh_arena_open[RH_ARENAS]; */
/*@ ghost uint16_t rh_full[RH_ARENAS]; */
/*@ ghost uint32_t rh_full_count; */
/*@ ghost uint16_t rh_arena_spot[RH_ARENAS]; */

/* ---- the pools of one arena ---- */

/* Takes a free pool of arena a: the one freed last, else the next one by address, which forgets its class. */
/*@ requires range: a < RH_ARENAS && rh_arenas[a].used < RH_ARENA_POOLS;
    RH_REQUIRES_BOOKS;
    requires free: \forall integer p; 0 <= p < RH_POOLS && rh_pool_busy[p] == 0 ==> rh_pools[p].used == 0 && pool_ok(p);
    terminates \true;
    assigns rh_arenas[a].used, rh_arenas[a].carved, rh_pool_busy[0 .. RH_POOLS - 1], rh_arena_busy[a][rh_arenas[a].used],
      rh_pool_spot[0 .. RH_POOLS - 1], rh_pools[0 .. RH_POOLS - 1];
    exits \false;
    RH_ENSURES_BOOKS;
    ensures range: pool_of_arena(\result, a);
    ensures taken: \old(rh_pool_busy[\at(\result, Post)]) == 0 && rh_pool_busy[\result] != 0;
    ensures pool: rh_pools[\result].used == 0 && pool_ok(\result);
    RH_OTHER_POOLS_KEPT(\result);
    ensures kept: \forall integer q; 0 <= q < RH_POOLS && q != \result ==> rh_pools[q] == \old(rh_pools[q]);
    ensures one_more: rh_arenas[a].used == \old(rh_arenas[a].used) + 1;
    ensures last_freed: \old(arena_freed(a)) > 0 ==> \result == \old(rh_arena_stack[a][arena_freed(a) - 1]);
    ensures fresh: \old(arena_freed(a)) == 0 ==>
      \result == a * RH_ARENA_POOLS + \old(rh_arenas[a].carved) && rh_pools[\result].granules == 0;
*/
static uint32_t take_from(uint32_t a) {
  uint32_t used = rh_arenas[a].used, carved = rh_arenas[a].carved, p;
  /*@ assert before: arena_sizes(a) && arena_stacked(a) && arena_complete(a); */
  if (carved > used) {
    p = rh_arena_stack[a][carved - used - 1];
    /*@ assert top: pool_of_arena(p, a) && rh_pool_busy[p] == 0 && rh_pool_spot[p] == arena_freed(a) - 1; */
    /*@ assert below: \forall integer q; a * RH_ARENA_POOLS <= q < a * RH_ARENA_POOLS + carved &&
          rh_pool_busy[q] == 0 && q != p ==>
          0 <= rh_pool_spot[q] < carved - used - 1 && rh_arena_stack[a][rh_pool_spot[q]] == q; */
  } else {
    p = a * RH_ARENA_POOLS + carved;
    /*@ assert none_freed: \forall integer q; a * RH_ARENA_POOLS <= q < a * RH_ARENA_POOLS + carved ==>
          rh_pool_busy[q] != 0; */
    rh_arenas[a].carved = (uint16_t)(carved + 1);
    /*@ assert fresh: rh_pool_busy[p] == 0; */
    rh_pool_forget(p);
  }
  rh_arenas[a].used = (uint16_t)(used + 1);
  /*@ assert rest: \forall integer q; a * RH_ARENA_POOLS <= q < a * RH_ARENA_POOLS + rh_arenas[a].carved &&
        rh_pool_busy[q] == 0 && q != p ==>
        0 <= rh_pool_spot[q] < arena_freed(a) && rh_arena_stack[a][rh_pool_spot[q]] == q; */
  /*@ ghost rh_arena_busy[a][used] = p; */
  /*@ ghost rh_pool_spot[p] = (uint16_t)used; */
  /*@ ghost rh_pool_busy[p] = 1; */
  /*@ assert elsewhere: \forall integer b, q; b != a && pool_of_arena(q, b) ==> q != p; */
  /*@ assert stacked_here: arena_stacked(a); */
  /*@ assert stacked_there: \forall integer b; 0 <= b < RH_ARENAS && b != a ==> arena_stacked(b); */
  /*@ assert complete_here: arena_complete(a); */
  /*@ assert complete_there: \forall integer b; 0 <= b < RH_ARENAS && b != a ==> arena_complete(b); */
  /*@ assert busy_here: arena_busy(a); */
  /*@ assert busy_there: \forall integer b; 0 <= b < RH_ARENAS && b != a ==> arena_busy(b); */
  return p;
}

/* Puts pool p of arena a back on the stack. */
/*@ requires range: a < RH_ARENAS && pool_of_arena(p, a) && rh_pool_busy[p] != 0;
    RH_REQUIRES_BOOKS;
    terminates \true;
    assigns rh_arenas[a].used, rh_arena_stack[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1], rh_pool_busy[p],
      rh_pool_spot[0 .. RH_POOLS - 1], rh_arena_busy[0 .. RH_ARENAS - 1][0 .. RH_ARENA_POOLS - 1];
    exits \false;
    RH_ENSURES_BOOKS;
    ensures freed: rh_pool_busy[p] == 0;
    ensures one_less: rh_arenas[a].used == \old(rh_arenas[a].used) - 1;
*/
static void give_to(uint32_t a, uint32_t p) {
  uint32_t used = rh_arenas[a].used;
  /*@ assert counted: used >= 1; */
  rh_arena_stack[a][rh_arenas[a].carved - used] = p;
  rh_arenas[a].used = (uint16_t)(used - 1);
  /*@ ghost rh_arena_busy[a][rh_pool_spot[p]] = rh_arena_busy[a][used - 1]; */
  /*@ ghost rh_pool_spot[rh_arena_busy[a][used - 1]] = rh_pool_spot[p]; */
  /*@ ghost rh_pool_spot[p] = (uint16_t)(rh_arenas[a].carved - used); */
  /*@ ghost rh_pool_busy[p] = 0; */
}

/* ---- the lists of arenas ---- */

/* Puts arena a at place k of the usable ones. */
/*@ requires range: k < RH_ARENAS && a < RH_ARENAS;
    terminates \true;
    assigns rh_usable[k], rh_arenas[a].place;
    exits \false;
    ensures placed: rh_usable[k] == a && rh_arenas[a].place == k;
*/
static void place(uint32_t k, uint32_t a) {
  rh_usable[k] = (uint16_t)a;
  rh_arenas[a].place = (uint16_t)k;
}

/* Takes an unused slot, the one unused last first, and makes it the only usable arena. Returns whether there is one. */
/*@ requires arenas: arenas_ok;
    requires needed: rh_usable_count == 0;
    terminates \true;
    assigns rh_arenas[0 .. RH_ARENAS - 1].carved, rh_arenas[0 .. RH_ARENAS - 1].place, rh_usable[0], rh_usable_count,
      rh_unused_count, rh_released, rh_arena_slots, rh_arena_open[0 .. RH_ARENAS - 1];
    exits \false;
    RH_ENSURES_BOOKS;
    RH_ENSURES_ARENA_LISTS;
    ensures opened: \result ==> rh_usable_count == 1 && rh_arenas[rh_usable[0]].carved == 0;
    ensures waits: \forall integer a; arena_waits(a) <==> \old(arena_waits(a)) && rh_arena_open[a] == 0;
    ensures peak: rh_arena_slots == \max(\old(rh_arena_slots), arenas_in_use);
    ensures none_left: !\result ==>
      rh_usable_count == 0 && \forall integer p; 0 <= p < RH_POOLS ==> rh_pool_busy[p] != 0;
*/
static bool open_arena(void) {
  uint32_t a;
  if (rh_unused_count > 0) {
    rh_unused_count--;
    a = rh_unused[rh_unused_count];
    if (rh_released > rh_unused_count) rh_released = rh_unused_count;
    /*@ assert top: a < rh_arena_slots && rh_arena_open[a] == 0 && rh_arena_spot[a] == rh_unused_count; */
  } else {
    if (rh_arena_slots == RH_ARENAS) {
      /*@ assert all_open: \forall integer b; 0 <= b < RH_ARENAS ==> rh_arena_open[b] != 0; */
      /*@ assert all_full: \forall integer b; 0 <= b < RH_ARENAS ==> rh_arenas[b].used == RH_ARENA_POOLS; */
      /*@ assert all_carved: \forall integer b; 0 <= b < RH_ARENAS ==>
            rh_arenas[b].carved == RH_ARENA_POOLS && arena_freed(b) == 0; */
      /*@ assert all_busy: \forall integer b, p; 0 <= b < RH_ARENAS &&
            b * RH_ARENA_POOLS <= p < b * RH_ARENA_POOLS + rh_arenas[b].carved ==> rh_pool_busy[p] != 0; */
      /*@ assert each_busy: \forall integer p; 0 <= p < RH_POOLS && 0 <= p / RH_ARENA_POOLS < RH_ARENAS &&
            p / RH_ARENA_POOLS * RH_ARENA_POOLS <= p <
              p / RH_ARENA_POOLS * RH_ARENA_POOLS + rh_arenas[p / RH_ARENA_POOLS].carved ==> rh_pool_busy[p] != 0; */
      /*@ assert each: \forall integer p; 0 <= p < RH_POOLS ==>
            0 <= p / RH_ARENA_POOLS < RH_ARENAS &&
            p / RH_ARENA_POOLS * RH_ARENA_POOLS <= p <
              p / RH_ARENA_POOLS * RH_ARENA_POOLS + rh_arenas[p / RH_ARENA_POOLS].carved; */
      return false;
    }
    a = rh_arena_slots;
    rh_arena_slots++;
  }
  /*@ assert unused: \forall integer b; 0 <= b < rh_arena_slots && rh_arena_open[b] == 0 && b != a ==>
        rh_arena_spot[b] < rh_unused_count && rh_unused[rh_arena_spot[b]] == b; */
  rh_arenas[a].carved = 0;
  place(0, a);
  rh_usable_count = 1;
  /*@ ghost rh_arena_open[a] = 1; */
  return true;
}

uint32_t rh_arena_take_pool(void) {
  if (rh_usable_count == 0 && !open_arena()) return RH_POOLS;
  uint32_t a = rh_usable[rh_usable_count - 1];
  uint32_t p = take_from(a);
  if (rh_arenas[a].used == RH_ARENA_POOLS) {
    rh_usable_count--;
    /*@ ghost rh_full[rh_full_count] = (uint16_t)a; */
    /*@ ghost rh_arena_spot[a] = (uint16_t)rh_full_count; */
    /*@ ghost rh_full_count = rh_full_count + 1; */
  }
  return p;
}

/* Arena a, whose place k has become wrong, moves before those that have fewer free pools; the others keep their order. */
/*@ requires range: k < rh_usable_count <= RH_ARENAS && a < RH_ARENAS && rh_arena_open[a] != 0;
    requires room: rh_arenas[a].used < RH_ARENA_POOLS && (rh_arenas[a].used >= 1 || k == 0);
    requires items: usable_items(rh_usable_count, k);
    requires without: usable_without(rh_usable_count, k, a);
    requires known: usable_known(rh_usable_count, k, a);
    requires sorted: usable_sorted(rh_usable_count, k);
    requires needed: usable_needed(rh_usable_count, k);
    requires above: \forall integer j; k < j < rh_usable_count ==> rh_arenas[a].used < rh_arenas[rh_usable[j]].used;
    terminates \true;
    assigns rh_usable[0 .. k], rh_arenas[0 .. RH_ARENAS - 1].place;
    exits \false;
    ensures usable_items: usable_items(rh_usable_count, -1);
    ensures usable_known: usable_known(rh_usable_count, -1, -1);
    ensures usable_sorted: usable_sorted(rh_usable_count, -1);
    ensures usable_needed: usable_needed(rh_usable_count, -1);
    ensures still_there: \old(k) == 0 ==> rh_usable[0] == a;
    ensures last_of_equals: last_of_equals(a);
    ensures place: rh_arenas[a].place <= k && rh_usable[rh_arenas[a].place] == a;
    ensures before: \forall integer j; 0 <= j < rh_arenas[a].place ==> rh_usable[j] == \old(rh_usable[j]);
    ensures behind: \forall integer j; rh_arenas[a].place < j <= k ==> rh_usable[j] == \old(rh_usable[j - 1]);
*/
static void settle(uint32_t k, uint32_t a) {
  /*@ loop invariant range: 0 <= k <= \at(k, Pre);
      loop invariant items: usable_items(rh_usable_count, k);
      loop invariant without: usable_without(rh_usable_count, k, a);
      loop invariant known: usable_known(rh_usable_count, k, a);
      loop invariant sorted: usable_sorted(rh_usable_count, k);
      loop invariant needed: usable_needed(rh_usable_count, k);
      loop invariant above: \forall integer j; k < j < rh_usable_count ==>
        rh_arenas[a].used < rh_arenas[rh_usable[j]].used;
      loop invariant before: \forall integer j; 0 <= j < k ==> rh_usable[j] == \at(rh_usable[j], Pre);
      loop invariant behind: \forall integer j; k < j <= \at(k, Pre) ==> rh_usable[j] == \at(rh_usable[j - 1], Pre);
      loop assigns k, rh_usable[0 .. \at(k, Pre)], rh_arenas[0 .. RH_ARENAS - 1].place;
      loop variant k;
  */
  while (k > 0 && rh_arenas[rh_usable[k - 1]].used > rh_arenas[a].used) {
    place(k, rh_usable[k - 1]);
    k--;
  }
  place(k, a);
}

/* Takes the arena at place k, which was just closed, out of the usable ones. */
/*@ requires range: k < rh_usable_count <= RH_ARENAS && rh_usable[k] < RH_ARENAS;
    requires closed: rh_arena_open[rh_usable[k]] == 0;
    requires items: usable_items(rh_usable_count, k);
    requires known: usable_known(rh_usable_count, k, rh_usable[k]);
    requires sorted: usable_sorted(rh_usable_count, k);
    requires needed: usable_needed(rh_usable_count, k);
    terminates \true;
    assigns rh_usable[0 .. RH_ARENAS - 1], rh_usable_count, rh_arenas[0 .. RH_ARENAS - 1].place;
    exits \false;
    ensures usable_items: usable_items(rh_usable_count, -1);
    ensures usable_known: usable_known(rh_usable_count, -1, -1);
    ensures usable_sorted: usable_sorted(rh_usable_count, -1);
    ensures usable_needed: usable_needed(rh_usable_count, -1);
    ensures one_less: rh_usable_count == \old(rh_usable_count) - 1;
    ensures before: \forall integer j; 0 <= j < k ==> rh_usable[j] == \old(rh_usable[j]);
    ensures behind: \forall integer j; k <= j < rh_usable_count ==> rh_usable[j] == \old(rh_usable[j + 1]);
*/
static void remove_usable(uint32_t k) {
  /*@ ghost uint32_t a = rh_usable[k]; */
  rh_usable_count--;
  /*@ loop invariant range: \at(k, Pre) <= k <= rh_usable_count;
      loop invariant items: usable_items(rh_usable_count + 1, k);
      loop invariant known: usable_known(rh_usable_count + 1, k, a);
      loop invariant sorted: usable_sorted(rh_usable_count + 1, k);
      loop invariant needed: usable_needed(rh_usable_count + 1, k);
      loop invariant shifted: \forall integer j; 0 <= j <= rh_usable_count && j != k ==>
        rh_usable[j] == (\at(k, Pre) <= j < k ? \at(rh_usable[j + 1], Pre) : \at(rh_usable[j], Pre));
      loop assigns k, rh_usable[0 .. RH_ARENAS - 1], rh_arenas[0 .. RH_ARENAS - 1].place;
      loop variant rh_usable_count - k;
  */
  for (; k < rh_usable_count; k++) place(k, rh_usable[k + 1]);
}

/* Gives back arena a, which is wholly free, at place k of the usable ones. */
/*@ requires range: k < rh_usable_count && a < RH_ARENAS && rh_usable[k] == a;
    requires free: rh_arena_open[a] != 0 && rh_arenas[a].used == 0;
    RH_REQUIRES_BOOKS;
    requires items: usable_items(rh_usable_count, -1);
    requires known: usable_known(rh_usable_count, -1, -1);
    requires sorted: usable_sorted(rh_usable_count, k);
    requires needed: usable_needed(rh_usable_count, k);
    requires others: unused_items && unused_known && full_items && full_known && closed_ok && slots_ok;
    terminates \true;
    assigns rh_usable[0 .. RH_ARENAS - 1], rh_usable_count, rh_arenas[0 .. RH_ARENAS - 1].place, rh_arena_open[a],
      rh_unused[rh_unused_count], rh_unused_count, rh_arena_spot[a], rh_arena_reclaims;
    exits \false;
    RH_ENSURES_BOOKS;
    RH_ENSURES_ARENA_LISTS;
    ensures given_back: rh_arena_open[a] == 0 && rh_unused[rh_unused_count - 1] == a && rh_released < rh_unused_count;
    ensures waits: \forall integer b; arena_waits(b) <==> \old(arena_waits(b)) || b == a;
    ensures in_use: arenas_in_use == \old(arenas_in_use) - 1;
    ensures reclaimed: rh_arena_reclaims ==
      \old(rh_arena_reclaims) + (\old(rh_arena_reclaims) < UINT64_MAX ? 1 : 0);
*/
static void close_arena(uint32_t k, uint32_t a) {
  /*@ ghost rh_arena_open[a] = 0; */
  remove_usable(k);
  rh_unused[rh_unused_count] = (uint16_t)a;
  /*@ ghost rh_arena_spot[a] = (uint16_t)rh_unused_count; */
  rh_unused_count++;
  if (rh_arena_reclaims < UINT64_MAX) rh_arena_reclaims++;
}

void rh_arena_give_pool(uint32_t p) {
  uint32_t a = p / RH_ARENA_POOLS;
  if (rh_arenas[a].used == RH_ARENA_POOLS) {
    place(rh_usable_count, a);
    rh_usable_count++;
    /*@ ghost rh_full_count = rh_full_count - 1; */
    /*@ ghost rh_full[rh_arena_spot[a]] = rh_full[rh_full_count]; */
    /*@ ghost rh_arena_spot[rh_full[rh_full_count]] = rh_arena_spot[a]; */
  }
  /*@ assert full: \forall integer b; 0 <= b < RH_ARENAS && b != a && rh_arena_open[b] != 0 &&
        rh_arenas[b].used == RH_ARENA_POOLS ==> rh_arena_spot[b] < rh_full_count && rh_full[rh_arena_spot[b]] == b; */
  give_to(a, p);
  uint32_t k = rh_arenas[a].place;
  if (rh_arenas[a].used == 0 && k > 0) {
    close_arena(k, a);
  } else {
    settle(k, a);
  }
}

/*@ requires slots: arenas_ok;
    terminates \true;
    assigns rh_released;
    exits \false;
    ensures slots: arenas_ok;
    ensures none: \result == RH_ARENAS ==> \forall integer a; !arena_waits(a);
    ensures one: \result != RH_ARENAS ==> \old(arena_waits(\at(\result, Post))) && !arena_waits(\result) &&
      rh_arena_open[\result] == 0 && rh_released == \old(rh_released) + 1;
    ensures others: \forall integer a; a != \result ==> (arena_waits(a) <==> \old(arena_waits(a)));
*/
uint32_t rh_arena_take_releasable(void) {
  if (rh_released == rh_unused_count) return RH_ARENAS;
  uint32_t a = rh_unused[rh_released];
  rh_released++;
  return a;
}

/*@ requires slots: slots_ok;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures used: \result == rh_usable_count + rh_full_count;
*/
uint32_t rh_arena_total(void) {
  return rh_arena_slots - rh_unused_count;
}

/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures slots: \result == rh_arena_slots;
*/
uint32_t rh_arena_peak(void) {
  return rh_arena_slots;
}

/*@ terminates \true;
    assigns \nothing;
    exits \false;
    ensures reclaims: \result == rh_arena_reclaims;
*/
uint64_t rh_arena_reclaimed(void) {
  return rh_arena_reclaims;
}

void rh_arena_reset(void) {
  /*@ loop invariant range: 0 <= a <= rh_arena_slots;
      loop invariant reset: \forall integer b; 0 <= b < a ==> rh_arenas[b].used == 0 && rh_arenas[b].carved == 0;
      loop invariant kept: \forall integer b; a <= b < RH_ARENAS ==>
        rh_arenas[b].used == \at(rh_arenas[b].used, Pre) && rh_arenas[b].carved == \at(rh_arenas[b].carved, Pre);
      loop assigns a, rh_arenas[0 .. RH_ARENAS - 1];
      loop variant rh_arena_slots - a;
  */
  for (uint32_t a = 0; a < rh_arena_slots; a++) {
    rh_arenas[a].used = 0;
    rh_arenas[a].carved = 0;
  }
  rh_usable_count = 0;
  rh_unused_count = 0;
  rh_released = 0;
  rh_arena_slots = 0;
  rh_arena_reclaims = 0;
  /*@ ghost
     rh_full_count = 0;
     uint32_t b = 0;
     /@ loop invariant 0 <= b <= RH_ARENAS;
        loop invariant \forall integer c; 0 <= c < b ==> rh_arena_open[c] == 0;
        loop assigns b, rh_arena_open[0 .. RH_ARENAS - 1];
        loop variant RH_ARENAS - b;
     @/
     while (b < RH_ARENAS) {
       rh_arena_open[b] = 0;
       b++;
     }
     uint32_t p = 0;
     /@ loop invariant 0 <= p <= RH_POOLS;
        loop invariant \forall integer q; 0 <= q < p ==> rh_pool_busy[q] == 0;
        loop assigns p, rh_pool_busy[0 .. RH_POOLS - 1];
        loop variant RH_POOLS - p;
     @/
     while (p < RH_POOLS) {
       rh_pool_busy[p] = 0;
       p++;
     }
  */
}
