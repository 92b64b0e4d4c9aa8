/* See ring.h. */
#include "core/ring.h"

uint32_t rh_ring_head[RH_RINGS + 1];
uint32_t rh_ring_next[RH_NODES + 1];
uint32_t rh_ring_prev[RH_NODES + 1];
/*@ ghost uint32_t rh_ring_in[RH_NODES + 1]; */
/*@ ghost uint32_t rh_ring_order[RH_RINGS + 1][RH_NODES + 1]; */
/*@ ghost uint32_t rh_ring_length[RH_RINGS + 1]; */
/*@ ghost uint32_t rh_ring_place[RH_NODES + 1]; */

/* A ring that lacks a node is shorter than the number of nodes. */
/*@ ghost
  /@ requires 1 <= x <= RH_NODES && rh_ring_in[x] != r;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures room: ring_members((integer)r, (integer)RH_NODES) < RH_NODES;
  @/
  void ring_has_room(uint32_t r, uint32_t x) {
    uint32_t n = 0;
    /@ loop invariant 0 <= n <= RH_NODES;
       loop invariant 0 <= ring_members((integer)r, (integer)n) <= n;
       loop invariant n >= x ==> ring_members((integer)r, (integer)n) < n;
       loop assigns n;
       loop variant RH_NODES - n;
    @/
    while (n < RH_NODES) n++;
  }
*/

/* The proof's books when node x joins ring r at its head. */
/*@ ghost
  /@ requires range: 1 <= r <= RH_RINGS && 1 <= x <= RH_NODES && rh_ring_in[x] == 0;
     requires books: rings_sizes && rings_nodes && rings_complete;
     terminates \true;
     assigns rh_ring_in[x], rh_ring_place[x], rh_ring_length[r], rh_ring_order[r][rh_ring_length[r] + 1];
     exits \false;
     ensures sizes: rings_sizes;
     ensures nodes: rings_nodes;
     ensures complete_: rings_complete;
     ensures joined: rh_ring_in[x] == r && rh_ring_length[r] == \old(rh_ring_length[r]) + 1 &&
       rh_ring_order[r][rh_ring_length[r]] == x;
  @/
  void ring_note_push(uint32_t r, uint32_t x) {
    ring_has_room(r, x);
    rh_ring_in[x] = r;
    rh_ring_length[r] = rh_ring_length[r] + 1;
    rh_ring_place[x] = rh_ring_length[r];
    rh_ring_order[r][rh_ring_length[r]] = x;
    uint32_t n = 0;
    /@ loop invariant 0 <= n <= RH_NODES;
       loop invariant \forall integer s; 1 <= s <= RH_RINGS ==>
         ring_members(s, (integer)n) == ring_members{Pre}(s, (integer)n) + ((s == r && x <= n) ? 1 : 0);
       loop assigns n;
       loop variant RH_NODES - n;
    @/
    while (n < RH_NODES) n++;
  }
*/

/* The proof's books when node x leaves ring r: those nearer to the head move down by one. */
/*@ ghost
  /@ requires range: 1 <= r <= RH_RINGS && 1 <= x <= RH_NODES && rh_ring_in[x] == r;
     requires books: rings_sizes && rings_nodes && rings_complete;
     terminates \true;
     assigns rh_ring_in[x], rh_ring_place[0 .. RH_NODES], rh_ring_length[r], rh_ring_order[r][0 .. RH_NODES];
     exits \false;
     ensures sizes: rings_sizes;
     ensures nodes: rings_nodes;
     ensures complete_: rings_complete;
     ensures left: rh_ring_in[x] == 0 && rh_ring_length[r] == \old(rh_ring_length[r]) - 1;
     ensures below: \forall integer m; 0 <= m < \old(rh_ring_place[x]) ==>
       rh_ring_order[r][m] == \old(rh_ring_order[r][m]);
     ensures above: \forall integer m; \old(rh_ring_place[x]) <= m <= rh_ring_length[r] ==>
       rh_ring_order[r][m] == \old(rh_ring_order[r][m+1]);
  @/
  void ring_note_remove(uint32_t r, uint32_t x) {
    uint32_t j = rh_ring_place[x], k = j;
    /@ loop invariant j <= k <= rh_ring_length[r];
       loop invariant \forall integer m; 0 <= m < j ==> rh_ring_order[r][m] == \at(rh_ring_order[r][m], Pre);
       loop invariant \forall integer m; j <= m < k ==> rh_ring_order[r][m] == \at(rh_ring_order[r][m+1], Pre);
       loop invariant \forall integer m; k <= m <= RH_NODES ==> rh_ring_order[r][m] == \at(rh_ring_order[r][m], Pre);
       loop invariant \forall integer y; 1 <= y <= RH_NODES ==>
         rh_ring_place[y] == ((rh_ring_in[y] == r && j < \at(rh_ring_place[y], Pre) <= k)
                              ? \at(rh_ring_place[y], Pre) - 1 : \at(rh_ring_place[y], Pre));
       loop assigns k, rh_ring_order[r][0 .. RH_NODES], rh_ring_place[0 .. RH_NODES];
       loop variant rh_ring_length[r] - k;
    @/
    while (k < rh_ring_length[r]) {
      rh_ring_order[r][k] = rh_ring_order[r][k + 1];
      rh_ring_place[rh_ring_order[r][k]] = k;
      k++;
    }
    rh_ring_length[r] = rh_ring_length[r] - 1;
    rh_ring_in[x] = 0;
    /@ assert nodes_here: ring_nodes(r); @/
    /@ assert complete_here: ring_complete(r); @/
    uint32_t n = 0;
    /@ loop invariant 0 <= n <= RH_NODES;
       loop invariant \forall integer s; 1 <= s <= RH_RINGS ==>
         ring_members(s, (integer)n) == ring_members{Pre}(s, (integer)n) - ((s == r && x <= n) ? 1 : 0);
       loop assigns n;
       loop variant RH_NODES - n;
    @/
    while (n < RH_NODES) n++;
  }
*/

void rh_ring_push(uint32_t r, uint32_t x) {
  uint32_t first = rh_ring_head[r];
  /*@ assert first: first == rh_ring_order[r][rh_ring_length[r]]; */
  /*@ assert first_range: first <= RH_NODES; */
  rh_ring_next[x] = first;
  if (first != 0) rh_ring_prev[first] = x;
  rh_ring_head[r] = x;
  /*@ assert prevs_there: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_prevs(s); */
  /*@ ghost ring_note_push(r, x); */
  /*@ assert prevs_here: ring_prevs(r); */
  /*@ assert prevs_still: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_prevs(s); */
}

void rh_ring_remove(uint32_t r, uint32_t x) {
  uint32_t after = rh_ring_next[x];
  /*@ ghost uint32_t j = rh_ring_place[x]; */
  /*@ assert after: after == rh_ring_order[r][j-1]; */
  /*@ assert after_range: after <= RH_NODES; */
  if (rh_ring_head[r] == x) {
    /*@ assert last: j == rh_ring_length[r]; */
    rh_ring_head[r] = after;
  } else {
    uint32_t before = rh_ring_prev[x];
    /*@ assert not_last: j < rh_ring_length[r]; */
    /*@ assert before: before == rh_ring_order[r][j+1]; */
    rh_ring_next[before] = after;
    if (after != 0) rh_ring_prev[after] = before;
  }
  /*@ assert nexts_there: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_nexts(s); */
  /*@ assert prevs_there: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_prevs(s); */
  /*@ assert nexts_below: \forall integer k; 1 <= k < j ==>
        rh_ring_next[rh_ring_order[r][k]] == rh_ring_order[r][k-1]; */
  /*@ assert nexts_joined: j < rh_ring_length[r] ==> rh_ring_next[rh_ring_order[r][j+1]] == rh_ring_order[r][j-1]; */
  /*@ assert nexts_above: \forall integer k; j + 2 <= k <= rh_ring_length[r] ==>
        rh_ring_next[rh_ring_order[r][k]] == rh_ring_order[r][k-1]; */
  /*@ assert prevs_below: \forall integer k; 1 <= k < j - 1 ==>
        rh_ring_prev[rh_ring_order[r][k]] == rh_ring_order[r][k+1]; */
  /*@ assert prevs_joined: 1 < j < rh_ring_length[r] ==>
        rh_ring_prev[rh_ring_order[r][j-1]] == rh_ring_order[r][j+1]; */
  /*@ assert prevs_above: \forall integer k; j + 1 <= k < rh_ring_length[r] ==>
        rh_ring_prev[rh_ring_order[r][k]] == rh_ring_order[r][k+1]; */
  /*@ ghost Left: ; */
  /*@ ghost ring_note_remove(r, x); */
  /*@ assert order_below: \forall integer k; 0 <= k < j ==> rh_ring_order[r][k] == \at(rh_ring_order[r][k], Left); */
  /*@ assert order_above: \forall integer k; j <= k <= rh_ring_length[r] ==>
        rh_ring_order[r][k] == \at(rh_ring_order[r][k+1], Left); */
  /*@ assert nexts_here: ring_nexts(r); */
  /*@ assert prevs_here: ring_prevs(r); */
  /*@ assert prevs_still: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_prevs(s); */
}

void rh_ring_drop_first(uint32_t r, uint32_t x, bool leaves) {
  uint32_t after = rh_ring_next[x];
  /*@ assert last: rh_ring_in[x] == r && 1 <= rh_ring_length[r] && rh_ring_place[x] == rh_ring_length[r]; */
  /*@ assert after: after == rh_ring_order[r][rh_ring_length[r]-1]; */
  rh_ring_head[r] = leaves ? after : x;
  /*@ ghost
     if (leaves) {
       ring_note_remove(r, x);
     }
  */
  /*@ assert nexts_here: ring_nexts(r); */
  /*@ assert prevs_here: ring_prevs(r); */
  /*@ assert nexts_there: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_nexts(s); */
  /*@ assert prevs_there: \forall integer s; 1 <= s <= RH_RINGS && s != r ==> ring_prevs(s); */
}

void rh_ring_reset(void) {
  /*@ loop invariant range: 0 <= r <= RH_RINGS + 1;
      loop invariant empty: \forall integer s; 0 <= s < r ==>
        rh_ring_head[s] == 0 && rh_ring_order[s][0] == 0 && rh_ring_length[s] == 0;
      loop assigns r, rh_ring_head[0 .. RH_RINGS], rh_ring_order[0 .. RH_RINGS][0], rh_ring_length[0 .. RH_RINGS];
      loop variant RH_RINGS + 1 - r;
  */
  for (uint32_t r = 0; r <= RH_RINGS; r++) {
    rh_ring_head[r] = 0;
    /*@ ghost rh_ring_order[r][0] = 0; */
    /*@ ghost rh_ring_length[r] = 0; */
  }
  /*@ ghost
     uint32_t x = 0;
     /@ loop invariant 0 <= x <= RH_NODES + 1;
        loop invariant \forall integer y; 0 <= y < x ==> rh_ring_in[y] == 0;
        loop assigns x, rh_ring_in[0 .. RH_NODES];
        loop variant RH_NODES + 1 - x;
     @/
     while (x <= RH_NODES) {
       rh_ring_in[x] = 0;
       x++;
     }
     uint32_t n = 0;
     /@ loop invariant 0 <= n <= RH_NODES;
        loop invariant \forall integer s; 1 <= s <= RH_RINGS ==> ring_members(s, (integer)n) == 0;
        loop assigns n;
        loop variant RH_NODES - n;
     @/
     while (n < RH_NODES) n++;
  */
}
