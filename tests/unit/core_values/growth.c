/*
 * Capacity schedules: the published series (11.1-11.6), and every small number
 * against the rule said in another way.
 */
#include "core/growth.h"
#include "test.h"

static void test_list_appends(void) {
  const uint64_t series[] = {4, 8, 16, 24, 32, 40, 52, 64, 76, 92, 108, 128, 148, 172, 200};
  uint64_t capacity = 0, steps = 0;
  for (uint64_t size = 0; size < 200; size++) {
    uint64_t now = rh_growth_list(size + 1, size, capacity);
    if (now != capacity) CHECK_INT(now, series[steps++]);
    capacity = now;
  }
  CHECK_INT(steps, sizeof series / sizeof *series);
}

static void test_list_resizes(void) {
  CHECK_INT(rh_growth_list(0, 9, 16), 0);
  CHECK_INT(rh_growth_list(8, 9, 16), 16);
  CHECK_INT(rh_growth_list(7, 9, 16), 12);
  CHECK_INT(rh_growth_list(16, 9, 16), 16);
  CHECK_INT(rh_growth_list(10, 5, 5), 16); /* a step of 5: room for more */
  CHECK_INT(rh_growth_list(11, 5, 5), 12); /* a step of 6: no more than that */
  for (uint64_t n = 1; n < 3000; n++) {
    uint64_t room = n + (n >> 3) + 6 - (n + (n >> 3) + 6) % 4, tight = n % 4 == 0 ? n : n + 4 - n % 4;
    CHECK_INT(rh_growth_list(n, n - 1, 0), (1 > room - n ? tight : room));
    CHECK_INT(rh_growth_list(n, 0, 0), (n > room - n ? tight : room));
  }
  CHECK(rh_growth_list(RH_GROWTH_MAX, RH_GROWTH_MAX - 1, 0) >= RH_GROWTH_MAX);
}

static void test_even(void) {
  for (uint64_t n = 0; n < 100; n++) CHECK_INT(rh_growth_even(n), (n % 2 == 0 ? n : n + 1));
}

static uint32_t bits(uint64_t n) {
  uint32_t count = 0;
  for (; n != 0; n >>= 1) count++;
  return count;
}

static void test_tables(void) {
  for (uint64_t n = 0; n < 5000; n++) {
    CHECK_INT(rh_growth_table(n), n <= 8 ? 3 : bits(n - 1));
    CHECK_INT(rh_growth_table_rounded(n), bits(((n | 8) - 1) | 7)); /* as CPython 3.10 to 3.13.3 computed it */
  }
  CHECK_INT(rh_growth_table(RH_GROWTH_MAX), 60);
  CHECK_INT(rh_growth_table_rounded(RH_GROWTH_MAX - 1), 60);
  const uint64_t usable[] = {5, 10, 21, 42, 85};
  for (uint32_t i = 0; i < 5; i++) CHECK_INT(rh_growth_usable(UINT64_C(8) << i), usable[i]);
}

TEST_MAIN(test_list_appends, test_list_resizes, test_even, test_tables)
