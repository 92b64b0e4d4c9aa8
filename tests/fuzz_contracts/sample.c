/*
 * What contracts.ml translates, one construct a function: the contract of each
 * holds_... is true of what the function does, that of each breaks_... is not.
 * sample_test.py calls them all.
 */
#include <stdint.h>

enum { N = 8 };
struct pair {
  uint32_t first, second;
};
uint32_t a[N] = {3, 1, 4, 1, 5, 2, 6, 0};
uint32_t link[N] = {1, 2, 3, 3, 5, 4, 7, 7}; /* 0 leads to 3, 4 and 5 to each other, 6 to 7 */
struct pair pairs[N];
uint64_t large = UINT64_MAX;
/*@ ghost uint32_t seen; */

/*@ predicate below{L}(integer n) = \forall integer i; 0 <= i < N ==> a[i] < n;
    predicate sorted{L} = \forall integer j, k; 0 <= j < k < N ==> a[j] <= a[k];
    predicate kept{K, L}(integer but) = \forall integer i; 0 <= i < N && i != but ==> \at(a[i], K) == \at(a[i], L);
    logic integer ones{L}(integer n) = n <= 0 ? 0 : ones{L}(n - 1) + (a[n - 1] == 1 ? 1 : 0);
    predicate leads_n{L}(integer o, integer p, integer n) =
      0 <= o < N && (n <= 0 ? o == p : (\exists integer q; 0 <= q < N && link[o] == q && leads_n{L}(q, p, n - 1)));
    predicate leads{L}(integer o, integer p) = \exists integer n; 0 <= n && leads_n{L}(o, p, n);
    predicate even_at{L}(integer x, integer i) = 0 <= i < N && a[i] % 2 == 0 && x == a[i];
    predicate even{L}(integer x) = (\exists integer i; even_at(x, i)) || x == 100;
*/

/*@ ensures below(7); */
void holds_predicate(void) {
}
/*@ ensures below(6); */
void breaks_predicate(void) {
}

/*@ ensures \exists integer i; 0 <= i < N && a[i] == 6; */
void holds_exists(void) {
}
/*@ ensures \exists integer i; 0 <= i < N && a[i] == 7; */
void breaks_exists(void) {
}

/*@ ensures !sorted; */
void holds_order_of_two(void) {
}
/*@ ensures sorted; */
void breaks_order_of_two(void) {
}

/*@ ensures kept{Pre, Here}(2) && a[2] == \old(a[2]) + 1; */
void holds_two_states(void) {
  a[2]++;
}
/*@ ensures kept{Pre, Here}(3); */
void breaks_two_states(void) {
  a[2]++;
}

/*@ ensures ones(N) == 2; */
void holds_recursion(void) {
}
/*@ ensures ones(N) == \old(ones(N)); */
void breaks_recursion(void) {
  a[0] = 1;
}

/*@ ensures leads(0, 3) && leads(5, 4) && !leads(0, 5) && !leads(7, 6); */
void holds_reach(void) {
}
/*@ ensures leads(4, 7); */
void breaks_reach(void) {
}
/*@ ensures \forall integer o, p; 0 <= o < N && 0 <= p < N ==> (leads(o, p) <==> \old(leads(o, p))); */
void breaks_reach_of_two_states(void) {
  link[5] = 6;
}

/*@ ensures \forall integer x; even(x) ==> 0 <= x <= 100; */
void holds_bounds_behind_exists(void) {
}
/*@ ensures \forall integer x; even(x) ==> x < 100; */
void breaks_bounds_behind_exists(void) {
}
/*@ ensures \forall integer x, i; even_at{Pre}(x, i) <==> even_at{Here}(x, i); */
void breaks_equivalence(void) {
  a[0] = 8;
}

/*@ ensures pairs[1] == \old(pairs[1]) && pairs[2] != \old(pairs[2]); */
void holds_structures(void) {
  pairs[2].second++;
}
/*@ ensures pairs[2] == \old(pairs[2]); */
void breaks_structures(void) {
  pairs[2].second++;
}

/*@ ensures large + 1 > UINT64_MAX && -7 / 2 == -3 && -7 % 2 == -1; */
void holds_numbers(void) {
}
/*@ ensures large + 1 == 0; */
void breaks_numbers(void) {
}

/*@ ensures seen == \old(seen) + 1; */
void holds_ghost(void) {
  /*@ ghost seen++; */
}
/*@ ensures seen == \old(seen); */
void breaks_ghost(void) {
  /*@ ghost seen++; */
}

/*@ assigns a[0 .. 3];
    ensures a[1] == 7; */
void holds_frame(void) {
  a[1] = 7;
}
/*@ assigns link[0], seen;
    ensures a[1] == 7; */
void breaks_frame(void) {
  a[1] = 7;
}
/*@ requires a[0] != 3; */
void breaks_requires(void) {
}
/*@ requires a[i] != 7; */
static void element(uint32_t i) {
  (void)i;
}
void breaks_end_of_array(void) {
  element(N);
}
void holds_caller(void) {
  element(N - 1);
}

/*@ ensures \result == \old(x) + 1; */
static uint32_t next(uint32_t x) {
  x++;
  return x;
}
void holds_result(void) {
  (void)next(1);
}
/*@ ensures \result > \old(x); */
static uint32_t next_or_zero(uint32_t x) {
  return x + 1;
}
void breaks_result(void) {
  (void)next_or_zero(UINT32_MAX);
}
