/*
 * Death by count: orders, finalizers, weak references, depth.
 */
#include "runtime_test.h"

static void chain_dies_from_the_head(void) { /* FIN-1, RC-10 */
  start("cpython-3.12.1");
  uint32_t a = fin(1), b = fin(2);
  give_field(b, 0, fin(3));
  give_field(a, 0, b);
  rh_runtime_drop(a);
  CHECK_TEXT(events(), "del1 del2 del3");
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void slots_are_released_by_name(void) { /* RC-9 */
  start("cpython-3.12.1");
  uint32_t h = node();
  give_field(h, 2, fin(3));
  give_field(h, 0, fin(1));
  give_field(h, 1, fin(2));
  rh_runtime_drop(h);
  CHECK_TEXT(events(), "del1 del2 del3");
}

static void lists_and_tuples_release_from_the_end(void) { /* RC-5, RC-6 */
  start("cpython-3.12.1");
  uint32_t items[3] = {fin(1), fin(2), fin(3)}, l = list();
  uint32_t t = rh_runtime_new_tuple(items, 3, RH_RT_FROM_DISPLAY);
  for (int i = 0; i < 3; i++) rh_runtime_drop(items[i]);
  for (uint32_t i = 4; i < 8; i++) give_item(l, fin(i));
  rh_runtime_drop(t);
  CHECK_TEXT(events(), "del3 del2 del1");
  CHECK_INT(rh_runtime_delete_slice(l, 0, 2), RH_RT_OK);
  CHECK_TEXT(events(), "del5 del4");
  rh_runtime_drop(l);
  CHECK_TEXT(events(), "del7 del6");
}

static void deques_and_dicts_release_from_the_start(void) { /* RC-7, RC-8, RC-12 */
  start("cpython-3.12.1");
  uint32_t q = rh_runtime_new_object(RH_RT_DEQUE, 0), d = rh_runtime_new_object(RH_RT_DICT, 0);
  give_item(q, fin(1));
  give_item(q, fin(2));
  rh_runtime_drop(q);
  CHECK_TEXT(events(), "del1 del2");
  uint32_t k1 = fin(1), v1 = fin(2), k2 = fin(3), v2 = fin(4), v3 = fin(5);
  CHECK_INT(rh_runtime_put(d, k1, v1), RH_RT_OK);
  CHECK_INT(rh_runtime_put(d, k2, v2), RH_RT_OK);
  rh_runtime_drop(v1);
  CHECK_INT(rh_runtime_put(d, k1, v3), RH_RT_OK);
  CHECK_TEXT(events(), "del2");
  rh_runtime_drop(k1), rh_runtime_drop(k2), rh_runtime_drop(v2), rh_runtime_drop(v3);
  rh_runtime_drop(d);
  CHECK_TEXT(events(), "del1 del5 del3 del4");
  d = rh_runtime_new_object(RH_RT_DICT, 0);
  k1 = fin(1), v1 = fin(2);
  CHECK_INT(rh_runtime_put(d, k1, v1), RH_RT_OK);
  rh_runtime_drop(v1);
  CHECK_INT(rh_runtime_remove_key(d, k1), RH_RT_OK);
  CHECK_TEXT(events(), "del2");
  CHECK_INT(rh_runtime_put(d, k1, fin(3)), RH_RT_OK);
  rh_runtime_drop(rh_runtime_value(d, 0)), rh_runtime_drop(k1);
  rh_runtime_clear(d);
  CHECK_TEXT(events(), "del1 del3");
}

static uint32_t held;

static void keep_self(uint32_t object, uint32_t label) {
  (void)label;
  rh_runtime_retain(object);
  held = object;
}

static void resurrection_keeps_weak_references(void) { /* FIN-2, FIN-4, FIN-5 */
  start("cpython-3.12.1");
  uint32_t a = fin(1), v = weak(a, false, 0), w = weak(a, true, 7);
  action = keep_self;
  CHECK(!rh_runtime_finalized(a));
  rh_runtime_drop(a);
  action = NULL;
  CHECK_TEXT(events(), "del1");
  CHECK_INT(rh_runtime_referent(v), a);
  CHECK(rh_runtime_finalized(a) && rh_runtime_tracked(a));
  CHECK_INT(rh_runtime_refs(a), 1);
  CHECK_INT(rh_runtime_generation(a), 0);
  rh_runtime_drop(a);
  CHECK_TEXT(events(), "cb7");
  CHECK_INT(rh_runtime_referent(v), 0);
  rh_runtime_drop(v), rh_runtime_drop(w);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static uint32_t made;

static void refer_weakly(uint32_t object, uint32_t label) {
  made = weak(object, true, label);
}

static void references_made_by_an_old_finalizer_are_cleared(void) { /* LEG-1 */
  start("cpython-3.12.1");
  uint32_t a = rh_runtime_new_object(RH_RT_LEGACY, 1);
  action = refer_weakly;
  rh_runtime_drop(a);
  action = NULL;
  uint32_t b = node(); /* where a was */
  CHECK_INT(b, a);
  CHECK_INT(rh_runtime_referent(made), 0);
  CHECK_INT(rh_runtime_weak_count(b), 0);
  rh_runtime_drop(b);
  CHECK_TEXT(events(), "del1");
  rh_runtime_drop(made);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void unmanaged_objects_finalize_at_every_death(void) { /* FIN-3 */
  start("cpython-3.12.1");
  uint32_t a = rh_runtime_new_object(RH_RT_NOGCFIN, 1);
  action = keep_self;
  rh_runtime_drop(a);
  rh_runtime_drop(held);
  action = NULL;
  CHECK(!rh_runtime_finalized(held) && !rh_runtime_tracked(held));
  rh_runtime_drop(held);
  CHECK_TEXT(events(), "del1 del1 del1");
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void callbacks_run_newest_first_when_all_are_dead(void) { /* WR-1, WR-2, WR-3, WR-4 */
  start("cpython-3.12.1");
  uint32_t a = node(), w1 = weak(a, true, 1), v = weak(a, false, 0), w2 = weak(a, true, 2), w3 = weak(a, true, 3);
  CHECK_INT(weak(a, false, 9), v);
  rh_runtime_drop(v);
  CHECK_INT(rh_runtime_weak_count(a), 4);
  rh_runtime_drop(w2);
  CHECK_INT(rh_runtime_weak_count(a), 3);
  rh_runtime_drop(a);
  CHECK_TEXT(events(), "cb3 cb1");
  rh_runtime_drop(w1), rh_runtime_drop(w3), rh_runtime_drop(v);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void only_some_kinds_are_weakly_referenceable(void) { /* WR-5 */
  start("cpython-3.12.1");
  uint32_t w, l = list(), s = rh_runtime_new_object(RH_RT_SET, 0);
  CHECK_INT(rh_runtime_new_weakref(l, false, 0, &w), RH_RT_TYPE_ERROR);
  CHECK_INT(rh_runtime_new_weakref(rh_runtime_constant(RH_RT_CONST_NONE), false, 0, &w), RH_RT_TYPE_ERROR);
  CHECK_INT(rh_runtime_new_weakref(s, false, 0, &w), RH_RT_OK);
  uint32_t again;
  CHECK_INT(rh_runtime_new_weakref(w, false, 0, &again), RH_RT_TYPE_ERROR);
}

/* T0 = [F0, T1], T1 = [F1, T2], ... */
static uint32_t comb(uint32_t n, int kind) {
  uint32_t t = rh_runtime_constant(RH_RT_CONST_NONE);
  for (uint32_t i = n; i-- > 0;) {
    uint32_t l = rh_runtime_new_object(kind, 0);
    uint32_t first = kind == RH_RT_DEQUE ? t : fin(i), second = kind == RH_RT_DEQUE ? fin(i) : t;
    give_item(l, first);
    give_item(l, second);
    t = l;
  }
  return t;
}

/* Appends "delN" for N = from, from-1, ... to. */
static void expect_down(char *text, uint32_t from, uint32_t to) {
  for (uint32_t i = from + 1; i-- > to;) {
    size_t n = strlen(text);
    sprintf(text + n, "%sdel%" PRIu32, n ? " " : "", i);
  }
}

static void fiftieth_nested_death_is_put_off(void) { /* TRC-1, TRC-5 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  char expected[2048] = "";
  expect_down(expected, 48, 0), expect_down(expected, 49, 49), expect_down(expected, 97, 50);
  expect_down(expected, 98, 98), expect_down(expected, 119, 99);
  rh_runtime_drop(comb(120, RH_RT_LIST));
  CHECK_TEXT(events(), expected);
  expected[0] = '\0';
  expect_down(expected, 119, 0);
  rh_runtime_drop(comb(120, RH_RT_DEQUE));
  CHECK_TEXT(events(), expected);
  start("cpython-3.13.0");
  rh_runtime_drop(comb(120, RH_RT_LIST));
  CHECK_TEXT(events(), expected);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void resurrected_objects_leave_the_nest(void) { /* FIN-4, TRC-1 */
  if (!has_room()) return;
  start("cpython-3.12.1");
  for (uint32_t i = 0; i < 60; i++) {
    uint32_t a = fin(i), old = rh_runtime_new_object(RH_RT_LEGACY, i);
    action = keep_self;
    rh_runtime_drop(a), rh_runtime_drop(old);
    action = NULL;
    rh_runtime_drop(a), rh_runtime_drop(old);
  }
  CHECK_INT(rh_runtime_live_objects(), 0);
  CHECK(strlen(events()) > 0);
  char expected[512] = "";
  expect_down(expected, 39, 0);
  rh_runtime_drop(comb(40, RH_RT_LIST));
  CHECK_TEXT(events(), expected);
}

static void nests_of_any_depth_die_at_once(void) { /* TRC-4 */
  static const char *const names[] = {"cpython-3.9", "cpython-3.12.1", "cpython-3.13.0", "cpython-3.15"};
  if (!has_room()) return;
  for (int p = 0; p < 4; p++) {
    start(names[p]);
    uint32_t t = list();
    give_item(t, fin(1));
    for (int i = 0; i < 200000; i++) {
      uint32_t outer = rh_runtime_new_object(i % 5 == 0 ? RH_RT_DEQUE : i % 5 == 1 ? RH_RT_LISTFIN : RH_RT_LIST, 2);
      give_item(outer, t);
      t = outer;
    }
    rh_runtime_drop(t);
    CHECK_INT(rh_runtime_live_objects(), 0);
    CHECK(strlen(events()) > 1000);
  }
}

static uint32_t lists[2];

static void look_at_list(uint32_t object, uint32_t label) {
  (void)object;
  log_event("length", (uint32_t)rh_runtime_length(lists[0]));
  if (label == 2) rh_runtime_clear(lists[1]);
}

/* A list that is cleared is empty before its first item is released. */
static void release_in_progress_is_not_disturbed(void) { /* RC-11 */
  start("cpython-3.12.1");
  lists[0] = list(), lists[1] = list();
  for (uint32_t i = 1; i < 4; i++) {
    uint32_t f = fin(i);
    rh_runtime_append(lists[0], f);
    if (i == 3) rh_runtime_append(lists[1], f);
    rh_runtime_drop(f);
  }
  action = look_at_list;
  rh_runtime_clear(lists[0]);
  CHECK_TEXT(events(), "del2 length0 del3 length0 del1 length0");
}

static void bad_handles_change_nothing(void) {
  start("cpython-3.12.1");
  uint32_t n = node(), gone = node(), l = list();
  rh_runtime_drop(gone);
  static const uint32_t bad[] = {0, 12345678, UINT32_MAX};
  for (int i = 0; i < 4; i++) {
    uint32_t h = i < 3 ? bad[i] : gone;
    rh_runtime_drop(h), rh_runtime_retain(h);
    CHECK_INT(rh_runtime_refs(h), 0);
    CHECK(rh_runtime_append(h, n) < 0 && rh_runtime_append(l, h) < 0 && rh_runtime_insert(l, 0, h) < 0);
    CHECK(rh_runtime_set_field(h, 0, n) < 0 && rh_runtime_clear(h) < 0 && rh_runtime_pop(h, -1) < 0);
    CHECK(h == 0 || rh_runtime_set_field(n, 0, h) < 0);
    CHECK(rh_runtime_put(h, n, n) < 0 && rh_runtime_add(h, n) < 0 && rh_runtime_discard(h, n) < 0);
    CHECK_INT(rh_runtime_copy(h) + rh_runtime_intern(h) + rh_runtime_item(h, 0) + rh_runtime_field(h, 0), 0);
    CHECK_INT(rh_runtime_length(h) + rh_runtime_referents(h) + rh_runtime_referrers(h), 0);
    CHECK(rh_runtime_size_of(h) < 0 && rh_runtime_capacity(h) < 0 && !rh_runtime_tracked(h));
    CHECK_INT(rh_runtime_block_free(h), RH_RT_VALUE_ERROR);
  }
  CHECK_INT(rh_runtime_live_objects(), 2);
  CHECK_INT(rh_runtime_refs(n), 1);
}

TEST_MAIN(chain_dies_from_the_head, slots_are_released_by_name, lists_and_tuples_release_from_the_end,
          deques_and_dicts_release_from_the_start, resurrection_keeps_weak_references,
          references_made_by_an_old_finalizer_are_cleared, unmanaged_objects_finalize_at_every_death,
          callbacks_run_newest_first_when_all_are_dead, only_some_kinds_are_weakly_referenceable,
          fiftieth_nested_death_is_put_off, resurrected_objects_leave_the_nest, nests_of_any_depth_die_at_once,
          release_in_progress_is_not_disturbed, bad_handles_change_nothing)
