/*
 * Capacity schedules of growing containers (11.1-11.6): pure functions of
 * numbers. Which of them a version uses is the layer above's to know.
 *
 * Numbers are items or places, at most RH_GROWTH_MAX, so that nothing here can
 * overflow. No function is below what it was asked for; list_room and
 * table_log2 are monotone (list_room_monotone, tables_are_monotone).
 */
#ifndef RH_CORE_GROWTH_H
#define RH_CORE_GROWTH_H

#include <stdint.h>

#define RH_GROWTH_MAX (UINT64_C(1) << 60)

/*@ // What a list of n items gets when it outgrows its array; what it gets when
    // that is less roomy than the step it takes.
    logic integer list_room(integer n) = n == 0 ? 0 : (n + n / 8 + 6) / 4 * 4;
    logic integer list_tight(integer n) = (n + 3) / 4 * 4;
    logic integer list_capacity(integer n, integer m, integer c) =
      c >= n && n >= c / 2 ? c :
      n > 0 && n > m && n - m > list_room(n) - n ? list_tight(n) : list_room(n);

    lemma list_room_monotone: \forall integer m, n; 0 <= m <= n ==> list_room(m) <= list_room(n);

    logic integer pow2(integer k) = k <= 0 ? 1 : 2 * pow2(k - 1);

    // Tables have a power of two places, at least 8: k is the exponent of the smallest for n places.
    predicate table_log2(integer k, integer n) = 3 <= k && n <= pow2(k) && (k == 3 || pow2(k - 1) < n);
*/

/* Capacity of a list of `size` items and `capacity` places that is resized to
 * `wanted` items (11.1). Constant time. */
/*@ requires range: wanted <= RH_GROWTH_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures formula: \result == list_capacity(wanted, size, capacity);
    ensures enough: wanted <= \result;
    ensures bound: capacity < wanted ==> \result <= wanted + wanted / 8 + 6;
*/
uint64_t rh_growth_list(uint64_t wanted, uint64_t size, uint64_t capacity);

/* Capacity of a new list for n items whose number is known, in the versions
 * that round it up to an even one (11.3). Constant time. */
/*@ requires range: n <= RH_GROWTH_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures formula: \result == (n + 1) / 2 * 2;
    ensures enough: n <= \result <= n + 1;
*/
uint64_t rh_growth_even(uint64_t n);

/* Exponent of the smallest table of a dict (11.5) or set (11.6) with at least
 * n places, and at least 8. O(log n). */
/*@ requires range: n <= RH_GROWTH_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures formula: table_log2(\result, n);
    ensures bound: 3 <= \result <= 60;
*/
uint32_t rh_growth_table(uint64_t n);

/* The same in the versions whose dicts round some numbers up too far: 1 to 7,
 * and powers of two from 16 on (11.5). */
/*@ requires range: n < RH_GROWTH_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures formula: table_log2(\result, n == 0 || n == 8 ? 8 : n < 8 ? 9 : n + 1);
    ensures enough: n <= pow2(\result);
    ensures bound: 3 <= \result <= 60;
*/
uint32_t rh_growth_table_rounded(uint64_t n);

/* How many entries a dict table of that many places takes (11.5): two thirds
 * of them. Constant time. */
/*@ requires range: places <= RH_GROWTH_MAX;
    terminates \true;
    assigns \nothing;
    exits \false;
    ensures formula: \result == 2 * places / 3;
    ensures bound: places != 0 ==> \result < places;
*/
uint64_t rh_growth_usable(uint64_t places);

#endif
