/* Capacity schedules: see growth.h. */
#include "core/growth.h"

uint64_t rh_growth_list(uint64_t wanted, uint64_t size, uint64_t capacity) {
  if (capacity >= wanted && wanted >= capacity / 2) return capacity;
  if (wanted == 0) return 0;
  uint64_t room = (wanted + wanted / 8 + 6) / 4 * 4;
  if (wanted > size && wanted - size > room - wanted) return (wanted + 3) / 4 * 4;
  return room;
}

uint64_t rh_growth_even(uint64_t n) {
  return (n + 1) / 2 * 2;
}

/*@ ghost
  /@ terminates \true;
     assigns \nothing;
     exits \false;
     ensures ordered: \forall integer i, j; 0 <= i <= j <= n ==> 1 <= pow2(i) <= pow2(j);
  @/
  static void powers_are_ordered(uint32_t n) {
    /@ loop invariant range: 0 <= k <= n;
       loop invariant ordered: \forall integer i, j; 0 <= i <= j <= k ==> 1 <= pow2(i) <= pow2(j);
       loop assigns k;
       loop variant n - k;
    @/
    for (uint32_t k = 0; k < n; k++) {}
  }
*/

/* Theorem G1: more places never take a smaller table. */
/*@ ghost
  /@ requires first: table_log2(k, m);
     requires second: table_log2(l, n);
     requires range: m <= n;
     terminates \true;
     assigns \nothing;
     exits \false;
     ensures monotone: k <= l;
  @/
  static void tables_are_monotone(uint32_t k, uint64_t m, uint32_t l, uint64_t n) {
    powers_are_ordered(k);
  }
*/

uint32_t rh_growth_table(uint64_t n) {
  uint32_t log2 = 3;
  /*@ loop invariant range: 3 <= log2 <= 60;
      loop invariant places: pow2(log2) == places <= RH_GROWTH_MAX;
      loop invariant needed: log2 == 3 || pow2(log2 - 1) < n;
      loop assigns log2, places;
      loop variant 60 - log2;
  */
  for (uint64_t places = 8; places < n; places *= 2) log2++;
  return log2;
}

uint32_t rh_growth_table_rounded(uint64_t n) {
  if (n == 0 || n == 8) return 3;
  return n < 8 ? 4 : rh_growth_table(n + 1);
}

uint64_t rh_growth_usable(uint64_t places) {
  return 2 * places / 3;
}
