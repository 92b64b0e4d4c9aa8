/*
 * The capacity schedules of growth.c for every number they take, against the
 * arithmetic of CPython's list_resize and calculate_log2_keysize: masks and
 * shifts where growth.c divides and multiplies. Differences are taken in 128
 * bits, where none is out of range.
 */
#include "core/growth.h"
#include "check.h"

typedef __int128 wide;

static uint64_t any_number(void) {
  uint64_t n = nondet_long();
  SUPPOSE(n <= RH_GROWTH_MAX);
  return n;
}

/* How many bits n has, n not 0. */
static uint32_t bits(uint64_t n) {
  return 64 - (uint32_t)__builtin_clzll(n);
}

static uint64_t max(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

/* Any size, any capacity: they need not fit together. */
void check_growth_list(void) {
  uint64_t n = any_number(), size = nondet_long(), capacity = nondet_long();
  uint64_t room = (n + (n >> 3) + 6) & ~UINT64_C(3), tight = (n + 3) & ~UINT64_C(3);
  bool stays = capacity >= n && n >= capacity >> 1, leaps = (wide)n - size > (wide)room - n;
  uint64_t places = rh_growth_list(n, size, capacity);
  CLAIM("as CPython's", places == (stays ? capacity : n == 0 ? 0 : leaps ? tight : room));
  CLAIM("enough", places >= n);
  CLAIM("no more than the step", capacity >= n || places <= n + n / 8 + 6);
  HAPPENS("the capacity stays", stays && n < capacity);
  HAPPENS("it leaps", !stays && leaps && tight < room);
  HAPPENS("it grows by a step, all of it empty", !stays && !leaps && n == RH_GROWTH_MAX && size == n);
}

void check_growth_even(void) {
  uint64_t n = any_number(), even = rh_growth_even(n);
  CLAIM("the next even number", even == n + (n & 1));
  HAPPENS("it is more", even > n);
}

void check_growth_table(void) {
  uint64_t n = any_number(), m = any_number();
  uint32_t k = rh_growth_table(n), l = rh_growth_table(m);
  CLAIM("the bits of what is below it, at least 3", k == bits(max(n, 8) - 1));
  CLAIM("enough", 3 <= k && k <= 60 && UINT64_C(1) << k >= n);
  CLAIM("and no more", k == 3 || UINT64_C(1) << (k - 1) < n);
  CLAIM("G1: more places never take a smaller table", m > n || l <= k);
  HAPPENS("the smallest", k == 3 && n == 8);
  HAPPENS("the largest, and one in between", k == 60 && l == 31);
}

void check_growth_table_rounded(void) {
  uint64_t n = any_number();
  SUPPOSE(n < RH_GROWTH_MAX);
  uint32_t k = rh_growth_table_rounded(n);
  CLAIM("as CPython's", k == bits((n | 8) - 1));
  CLAIM("enough", 3 <= k && k <= 60 && UINT64_C(1) << k >= n);
  HAPPENS("twice of what would do", n == 16 && k == 5);
  HAPPENS("the largest", k == 60);
}

void check_growth_usable(void) {
  uint64_t places = any_number(), usable = rh_growth_usable(places);
  wide left = 2 * (wide)places - 3 * (wide)usable;
  CLAIM("two thirds, rounded down", 0 <= left && left < 3);
  CLAIM("one is left", places == 0 || usable < places);
  HAPPENS("of the largest table", places == RH_GROWTH_MAX);
}
