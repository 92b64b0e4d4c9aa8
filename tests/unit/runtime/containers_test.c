/*
 * Growth of lists, dicts and sets; places and release order in sets; keys.
 */
#include "runtime_test.h"

#include <math.h>

static uint32_t number(int64_t value) {
  return rh_runtime_new_int(value);
}

static void lists_grow_by_the_schedule(void) { /* LST-1, LST-7 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  static const int64_t capacities[] = {4, 8, 16, 24, 32, 40, 52, 64, 76, 92, 108, 128, 148, 172, 200};
  uint32_t l = list();
  CHECK_INT(rh_runtime_capacity(l), 0);
  for (uint32_t n = 1, step = 0; n <= 200; n++) {
    CHECK_INT(rh_runtime_append(l, number(1)), RH_RT_OK);
    if (n > (step ? (uint64_t)capacities[step - 1] : 0)) CHECK_INT(rh_runtime_capacity(l), capacities[step++]);
  }
  CHECK_INT(rh_runtime_size_of(l), 56 + 8 * 200);
  rh_runtime_clear(l);
  CHECK_INT(rh_runtime_capacity(l), 0);
}

static void lists_shrink_by_the_schedule(void) { /* LST-1 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  uint32_t l = list();
  for (int i = 0; i < 100; i++) rh_runtime_append(l, number(i));
  for (uint32_t n = 99; n > 0; n--) {
    CHECK_INT(rh_runtime_pop(l, -1), RH_RT_OK);
    if (n == 54) CHECK_INT(rh_runtime_capacity(l), 108);
    if (n == 53) CHECK_INT(rh_runtime_capacity(l), 64);
    CHECK(rh_runtime_item(l, 0) == number(0) && rh_runtime_item(l, n - 1) == number(n - 1));
    CHECK_INT(rh_runtime_item(l, n), 0);
  }
}

static void list_items_stay_in_order(void) {
  start("cpython-3.12.1");
  uint32_t l = list();
  for (int i = 0; i < 20; i++) rh_runtime_append(l, number(i));
  rh_runtime_insert(l, 3, number(100));
  rh_runtime_insert(l, -1, number(101));
  rh_runtime_insert(l, 999, number(102));
  CHECK_INT(rh_runtime_pop(l, 0), RH_RT_OK);
  CHECK_INT(rh_runtime_pop(l, 99), RH_RT_INDEX_ERROR);
  CHECK_INT(rh_runtime_delete_slice(l, 5, -6), RH_RT_OK);
  CHECK_INT(rh_runtime_replace_slice(l, 0, 1, 3), RH_RT_OK);
  static const int expected[] = {-1, -1, -1, 2, 100, 3, 4, 16, 17, 18, 101, 19, 102};
  CHECK_INT(rh_runtime_length(l), 13);
  for (uint32_t i = 0; i < 13; i++) {
    CHECK(rh_runtime_item(l, i) == (expected[i] < 0 ? rh_runtime_constant(RH_RT_CONST_NONE) : number(expected[i])));
  }
  CHECK_INT(rh_runtime_repeat(l, 3), RH_RT_OK);
  CHECK(rh_runtime_item(l, 38) == number(102));
  CHECK_INT(rh_runtime_repeat(l, INT64_MAX), RH_RT_MEMORY_ERROR);
  CHECK_INT(rh_runtime_length(l), 39);
  CHECK_INT(rh_runtime_repeat(l, -1), RH_RT_OK);
  CHECK_INT(rh_runtime_length(l), 0);
}

static void check_new_list(const char *profile, uint32_t n, int source, int64_t capacity) {
  start(profile);
  uint32_t l = rh_runtime_new_list(n, source);
  CHECK_INT(rh_runtime_length(l), n);
  CHECK_INT(rh_runtime_capacity(l), capacity);
}

static void new_lists_have_the_capacity_of_their_source(void) { /* LST-2 to LST-6 */
  check_new_list("cpython-3.9", 7, RH_RT_FROM_REPEAT, 7);
  check_new_list("cpython-3.9", 31, RH_RT_FROM_DISPLAY, 31);
  check_new_list("cpython-3.10", 31, RH_RT_FROM_DISPLAY, 32);
  check_new_list("cpython-3.9", 7, RH_RT_FROM_SET, 7);
  check_new_list("cpython-3.12.1", 7, RH_RT_FROM_SET, 8);
  check_new_list("cpython-3.13.0", 3, RH_RT_FROM_SET, 8);
  check_new_list("cpython-3.9", 5, RH_RT_FROM_CONST, 8);
  check_new_list("cpython-3.10.5", 5, RH_RT_FROM_CONST, 5);
  check_new_list("cpython-3.10.6", 5, RH_RT_FROM_CONST, 6);
  check_new_list("cpython-3.12.1", 2, RH_RT_FROM_CONST, 2);
  check_new_list("cpython-3.12.1", 3, RH_RT_FROM_GEN, 8);
  check_new_list("cpython-3.15", 3, RH_RT_FROM_GEN, 4);
  check_new_list("cpython-3.9", 1, RH_RT_FROM_ITER, 4);
  check_new_list("cpython-3.11.7", 9, RH_RT_FROM_ITER, 10);
  check_new_list("cpython-3.11.7", 8, RH_RT_FROM_SPLIT, 12);
  check_new_list("cpython-3.12.1", 8, RH_RT_FROM_SPLIT, 9);
  check_new_list("cpython-3.12.1", 13, RH_RT_FROM_SPLIT, 20);
}

/* A list that popping emptied keeps an array of no slots up to 3.11: it is not
 * presized again. */
static void an_emptied_array_is_not_presized(void) { /* LST-3 */
  for (int newer = 0; newer < 2; newer++) {
    start(newer ? "cpython-3.12.1" : "cpython-3.11.7");
    uint32_t l = list();
    rh_runtime_append(l, number(1));
    rh_runtime_pop(l, -1);
    CHECK_INT(rh_runtime_extend(l, 3, RH_RT_FROM_LIST), RH_RT_OK);
    CHECK_INT(rh_runtime_capacity(l), newer ? 4 : 8);
  }
}

static void extending_by_iterators_cuts_back(void) { /* LST-5 */
  start("cpython-3.12.1");
  uint32_t l = rh_runtime_new_list(8, RH_RT_FROM_REPEAT), m = rh_runtime_new_list(8, RH_RT_FROM_REPEAT);
  CHECK_INT(rh_runtime_extend(l, 8, RH_RT_FROM_ITER), RH_RT_OK);
  CHECK_INT(rh_runtime_capacity(l), 24);
  CHECK_INT(rh_runtime_extend(m, 2, RH_RT_FROM_GEN), RH_RT_OK);
  CHECK_INT(rh_runtime_capacity(m), 16);
}

static int64_t dict_size(const char *profile, uint32_t n, int source) {
  start(profile);
  return rh_runtime_size_of(rh_runtime_new_dict(n, source));
}

static void dict_tables(void) { /* DCT-1, DCT-2, DCT-3 */
  if (!has_room()) return;
  CHECK_INT(dict_size("cpython-3.12.1", 0, RH_RT_FROM_COMP), 64);
  CHECK_INT(dict_size("cpython-3.9", 5, RH_RT_FROM_COMP), 232);
  CHECK_INT(dict_size("cpython-3.12.1", 6, RH_RT_FROM_COMP), 352);
  CHECK_INT(dict_size("cpython-3.9", 20, RH_RT_FROM_MERGE1), 640);
  CHECK_INT(dict_size("cpython-3.13.3", 20, RH_RT_FROM_MERGE1), 1168);
  CHECK_INT(dict_size("cpython-3.13.4", 20, RH_RT_FROM_MERGE1), 632);
  CHECK_INT(dict_size("cpython-3.12.1", 21, RH_RT_FROM_MERGE0), 632);
  CHECK_INT(dict_size("cpython-3.9", 0, RH_RT_FROM_DICT), 232);
}

static void dict_entries_and_holes(void) { /* DCT-1, DCT-4 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  uint32_t d = rh_runtime_new_dict(100, RH_RT_FROM_COMP);
  for (int i = 0; i < 20; i++) CHECK_INT(rh_runtime_remove_key(d, number(i)), RH_RT_OK);
  CHECK_INT(rh_runtime_remove_key(d, number(0)), RH_RT_KEY_ERROR);
  CHECK(rh_runtime_item(d, 0) == number(20));
  uint32_t copy = rh_runtime_copy(d);
  CHECK_INT(rh_runtime_size_of(copy), 4688);
  for (int i = 20; i < 70; i++) rh_runtime_remove_key(d, number(i));
  CHECK_INT(rh_runtime_length(d), 30);
  uint32_t small = rh_runtime_copy(d);
  CHECK_INT(rh_runtime_size_of(small), 1168);
  CHECK(rh_runtime_item(small, 29) == number(99));
  for (int i = 0; i < 200; i++) CHECK_INT(rh_runtime_put(d, number(i), number(i + 1)), RH_RT_OK);
  CHECK_INT(rh_runtime_length(d), 200);
  CHECK(rh_runtime_value(d, 0) == number(71));
  CHECK(rh_runtime_item(d, 30) == number(0));
}

static void string_keys_make_small_entries(void) { /* DCT-5, DCT-6 */
  start("cpython-3.13.0");
  uint32_t d = rh_runtime_new_object(RH_RT_DICT, 0), key = rh_runtime_new_str("some key", 8, false);
  rh_runtime_put(d, key, key);
  CHECK_INT(rh_runtime_size_of(d), 184);
  rh_runtime_put(d, number(1), key);
  CHECK_INT(rh_runtime_size_of(d), 352);
  rh_runtime_clear(d);
  CHECK_INT(rh_runtime_size_of(d), 64);
  rh_runtime_put(d, key, key);
  CHECK_INT(rh_runtime_size_of(d), 184);
}

static void keys_compare_by_value(void) {
  start("cpython-3.12.1");
  uint32_t d = rh_runtime_new_object(RH_RT_DICT, 0), none = rh_runtime_constant(RH_RT_CONST_NONE);
  uint32_t pair[2] = {number(1), number(2)};
  uint32_t same[] = {number(1), rh_runtime_new_float(1.0), rh_runtime_constant(RH_RT_CONST_TRUE)};
  for (int i = 0; i < 3; i++) rh_runtime_put(d, same[i], none);
  CHECK_INT(rh_runtime_length(d), 1);
  CHECK(rh_runtime_item(d, 0) == same[0]);
  for (int i = 0; i < 2; i++) rh_runtime_put(d, rh_runtime_new_tuple(pair, 2, RH_RT_FROM_DISPLAY), none);
  CHECK_INT(rh_runtime_length(d), 2);
  rh_runtime_put(d, rh_runtime_new_pow2(70), none);
  rh_runtime_put(d, rh_runtime_new_float(ldexp(1, 70)), none);
  CHECK_INT(rh_runtime_length(d), 3);
  rh_runtime_put(d, rh_runtime_new_str("1", 1, true), none);
  CHECK_INT(rh_runtime_length(d), 4);
  uint32_t l = list();
  CHECK_INT(rh_runtime_put(d, l, none), RH_RT_TYPE_ERROR);
  CHECK_INT(rh_runtime_put(d, rh_runtime_new_tuple(&l, 1, RH_RT_FROM_DISPLAY), none), RH_RT_TYPE_ERROR);
  uint32_t n = node(), w1 = weak(n, true, 1), w2 = weak(n, true, 2);
  rh_runtime_put(d, w1, none), rh_runtime_put(d, w2, none);
  CHECK_INT(rh_runtime_length(d), 5);
}

static void sets_grow_and_keep_dummies(void) { /* DCT-7, DCT-8, DCT-9 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  static const struct {
    uint32_t n;
    int source;
    int64_t size;
  } made[] = {{4, RH_RT_FROM_LIST, 216},   {5, RH_RT_FROM_LIST, 728}, {18, RH_RT_FROM_LIST, 728},
              {19, RH_RT_FROM_LIST, 2264}, {5, RH_RT_FROM_SET, 472},  {16, RH_RT_FROM_SET, 1240}};
  for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
    CHECK_INT(rh_runtime_size_of(rh_runtime_new_set(made[i].n, made[i].source)), made[i].size);
  }
  uint32_t s = rh_runtime_new_set(100, RH_RT_FROM_LIST);
  for (int i = 0; i < 99; i++) rh_runtime_discard(s, number(i));
  CHECK_INT(rh_runtime_size_of(s), 8408);
  CHECK_INT(rh_runtime_size_of(rh_runtime_copy(s)), 216);
  CHECK(rh_runtime_item(s, 0) == number(99));
  rh_runtime_clear(s);
  CHECK_INT(rh_runtime_size_of(s), 216);
  s = rh_runtime_new_set(5, RH_RT_FROM_SET);
  for (int i = 5; i < 8; i++) rh_runtime_add(s, number(i));
  CHECK_INT(rh_runtime_size_of(s), 472);
  rh_runtime_add(s, number(8));
  CHECK_INT(rh_runtime_size_of(s), 1240);
}

/* In a table of 8: 8 wants the place of 0, which a discard left a dummy in. */
static void dummies_are_taken_again(void) { /* DCT-9 */
  for (int newer = 0; newer < 2; newer++) {
    start(newer ? "cpython-3.10" : "cpython-3.9");
    uint32_t s = rh_runtime_new_object(RH_RT_SET, 0);
    rh_runtime_add(s, number(0)), rh_runtime_add(s, number(1));
    rh_runtime_discard(s, number(0));
    rh_runtime_add(s, number(8));
    CHECK(rh_runtime_item(s, 0) == number(newer ? 8 : 1));
  }
}

/* 8 and 16 collide with 0 in a table of 8 and move to the next free places. */
static void sets_are_in_table_order(void) { /* RC-16 */
  start("cpython-3.12.1");
  uint32_t s = rh_runtime_new_object(RH_RT_SET, 0);
  static const int order[] = {16, 8, 3, 0};
  for (int i = 0; i < 4; i++) rh_runtime_add(s, number(order[i]));
  CHECK_INT(rh_runtime_length(s), 4);
  CHECK(rh_runtime_item(s, 0) == number(16));
  rh_runtime_discard(s, number(16));
  CHECK_INT(rh_runtime_length(s), 3);
  CHECK_INT(rh_runtime_referents(s), 3);
  CHECK_INT(rh_runtime_add(s, list()), RH_RT_TYPE_ERROR);
  rh_runtime_clear(s);
  rh_runtime_add(s, number(-1)), rh_runtime_add(s, number(7)); /* -1 hashes as -2 */
  CHECK(rh_runtime_item(s, 0) == number(-1));
}

TEST_MAIN(lists_grow_by_the_schedule, lists_shrink_by_the_schedule, list_items_stay_in_order,
          new_lists_have_the_capacity_of_their_source, an_emptied_array_is_not_presized,
          extending_by_iterators_cuts_back, dict_tables, dict_entries_and_holes, string_keys_make_small_entries,
          keys_compare_by_value, sets_grow_and_keep_dummies, dummies_are_taken_again, sets_are_in_table_order)
