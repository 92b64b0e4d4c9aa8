/*
 * The collector: order, phases, counters, tracking.
 */
#include "runtime_test.h"

/* A fin that refers to itself. */
static uint32_t ring(uint32_t label) {
  uint32_t f = fin(label);
  rh_runtime_set_field(f, 0, f);
  return f;
}

static void survivors_keep_cpythons_order(void) { /* GC-7 */
  start("cpython-3.12.1");
  uint32_t a = fin(1), b = fin(2), c = fin(3);
  give_field(b, 0, a);
  give_field(c, 0, b);
  CHECK_INT(rh_runtime_collect(0), 0);
  rh_runtime_set_field(a, 0, c);
  rh_runtime_drop(c);
  CHECK_INT(rh_runtime_collect(2), 3);
  CHECK_TEXT(events(), "gc0 gc2 del3 del2 del1");
}

/* Lists and tuples are visited from their last item: what was passed over
 * comes back in that order. */
static void containers_are_visited_from_the_end(void) { /* GC-7, GC-15 */
  start("cpython-3.12.1");
  uint32_t a = fin(1), b = fin(2), c = fin(3), l = list();
  give_item(l, a), give_item(l, b), give_item(l, c);
  rh_runtime_collect(0);
  rh_runtime_set_field(a, 0, l);
  rh_runtime_drop(l);
  CHECK_INT(rh_runtime_collect(2), 4);
  CHECK_TEXT(events(), "gc0 gc2 del3 del2 del1");
}

static void younger_generations_are_appended(void) { /* GC-8 */
  start("cpython-3.12.1");
  uint32_t c = ring(3);
  rh_runtime_collect(2);
  uint32_t a = ring(1);
  rh_runtime_collect(0);
  uint32_t b = ring(2);
  rh_runtime_drop(a), rh_runtime_drop(b), rh_runtime_drop(c);
  events();
  CHECK_INT(rh_runtime_collect(2), 3);
  CHECK_TEXT(events(), "gc2 del3 del2 del1");
}

static void old_garbage_waits_for_a_full_collection(void) { /* GC-3, GEN-1 */
  start("cpython-3.12.1");
  uint32_t a = ring(1);
  for (int k = 0; k < 3; k++) {
    CHECK_INT(rh_runtime_generation(a), k);
    rh_runtime_collect(k);
  }
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(0) + rh_runtime_collect(1), 0);
  CHECK_INT(rh_runtime_collect(2), 1);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static uint32_t held;

static void keep_self(uint32_t object, uint32_t label) {
  if (label != 2) return;
  rh_runtime_retain(object);
  held = object;
}

static void resurrected_objects_keep_what_they_reach(void) { /* FIN-2, FIN-9 */
  start("cpython-3.12.1");
  uint32_t a = fin(1), b = fin(2), c = fin(3);
  rh_runtime_set_field(c, 0, a);
  give_field(b, 0, c);
  give_field(a, 0, b);
  action = keep_self;
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(0), 0);
  CHECK_TEXT(events(), "gc0 del1 del2 del3");
  CHECK_INT(rh_runtime_generation(held), 1);
  rh_runtime_drop(held);
  CHECK_INT(rh_runtime_collect(2), 3);
  CHECK_TEXT(events(), "gc2");
}

static uint32_t probed;

static void collect_and_probe(uint32_t object, uint32_t label) {
  (void)object, (void)label;
  log_event("collect", (uint32_t)rh_runtime_collect(2));
  if (probed != 0) log_event("probe", rh_runtime_referent(probed) != 0);
}

/* Until 3.14 all references to garbage are dead in callbacks and finalizers;
 * from 3.15 those without callback live until the finalizers have run. */
static void weak_references_to_garbage(void) { /* WR-6, WR-8, GC-13 */
  static const char *const expected[] = {"gc2 cb7 collect0 probe0 del1 collect0 probe0",
                                         "gc2 cb7 collect0 probe1 del1 collect0 probe1"};
  for (int newer = 0; newer < 2; newer++) {
    start(newer ? "cpython-3.15" : "cpython-3.14");
    uint32_t a = ring(1), w = weak(a, true, 7);
    probed = weak(a, false, 0);
    action = collect_and_probe;
    rh_runtime_drop(a);
    CHECK_INT(rh_runtime_collect(2), 1);
    CHECK_TEXT(events(), expected[newer]);
    CHECK_INT(rh_runtime_referent(probed), 0);
    rh_runtime_drop(w), rh_runtime_drop(probed);
    CHECK_INT(rh_runtime_live_objects(), 0);
  }
}

static void look_back(uint32_t object, uint32_t label) {
  if (label == 1) {
    probed = weak(object, true, 9);
    action = NULL;
  }
}

static void weak_references_made_by_finalizers(void) { /* WR-9 */
  static const char *const names[] = {"cpython-3.13.12", "cpython-3.13.13", "cpython-3.14.5", "cpython-3.15"};
  for (int i = 0; i < 4; i++) {
    start(names[i]);
    rh_runtime_drop(ring(1));
    action = look_back;
    CHECK_INT(rh_runtime_collect(2), 1);
    CHECK_TEXT(events(), i == 0 ? "gc2 del1 cb9" : "gc2 del1");
    CHECK_INT(rh_runtime_referent(probed), 0);
  }
}

static void drop_reference(uint32_t weakref, uint32_t label) {
  (void)label;
  CHECK(rh_runtime_tracked(weakref));
  CHECK_INT(rh_runtime_generation(weakref), -1);
  rh_runtime_drop(weakref);
}

static void a_reference_that_goes_with_its_callback_counts(void) { /* GC-10 */
  start("cpython-3.12.1");
  uint32_t a = node();
  rh_runtime_set_field(a, 0, a);
  weak(a, true, 7);
  action = drop_reference;
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(2), 2);
  CHECK_TEXT(events(), "gc2 cb7");
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void garbage_references_never_call_back(void) { /* WR-7, GC-9 */
  start("cpython-3.12.1");
  uint32_t a = node(), l = list();
  give_item(l, weak(a, true, 7));
  rh_runtime_append(l, a);
  give_field(a, 0, l);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(2), 3);
  CHECK_TEXT(events(), "gc2");
}

/* Old objects that garbage holds die while it is emptied: slots by name, then
 * the next member of the garbage list. */
static void garbage_is_emptied_in_list_order(void) { /* GC-11 */
  start("cpython-3.12.1");
  uint32_t f[4];
  for (uint32_t i = 0; i < 4; i++) f[i] = fin(i);
  rh_runtime_collect(2);
  uint32_t a = node(), l = list();
  rh_runtime_set_field(a, 0, a);
  give_field(a, 2, f[0]), give_field(a, 1, f[1]);
  rh_runtime_append(l, l);
  give_item(l, f[2]), give_item(l, f[3]);
  rh_runtime_drop(a), rh_runtime_drop(l);
  events();
  CHECK_INT(rh_runtime_collect(0), 2);
  CHECK_TEXT(events(), "gc0 del1 del0 del3 del2");
}

static void saved_garbage_is_kept_and_counted_again(void) { /* GC-12 */
  start("cpython-3.12.1");
  uint32_t a = ring(1);
  rh_runtime_drop(a);
  rh_runtime_set_debug(RH_RT_DEBUG_SAVEALL);
  CHECK_INT(rh_runtime_collect(1), 1);
  rh_runtime_set_debug(0);
  CHECK_INT(rh_runtime_garbage_length(), 1);
  CHECK_INT(rh_runtime_garbage_item(0), a);
  CHECK_INT(rh_runtime_generation(a), 2);
  CHECK_INT(rh_runtime_collect(2), 0);
  rh_runtime_clear_garbage();
  CHECK_INT(rh_runtime_collect(2), 1);
  CHECK_TEXT(events(), "gc1 del1 gc2 gc2");
  CHECK_INT(rh_runtime_stat(1, RH_RT_COLLECTED), 1);
  CHECK_INT(rh_runtime_stat(2, RH_RT_COLLECTIONS), 2);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void finalizers_of_old_are_uncollectable(void) { /* LEG-1, LEG-2, LEG-3, LEG-4 */
  start("cpython-3.12.1");
  uint32_t a = rh_runtime_new_object(RH_RT_LEGACY, 1), b = rh_runtime_new_object(RH_RT_FIN, 2), c = ring(3);
  CHECK_INT(rh_runtime_set_field(a, 0, a), RH_RT_OK);
  CHECK_INT(rh_runtime_set_field(a, 1, b), RH_RT_OK);
  rh_runtime_drop(a);
  rh_runtime_drop(b);
  rh_runtime_drop(c);
  rh_runtime_set_debug(RH_RT_DEBUG_COLLECTABLE | RH_RT_DEBUG_UNCOLLECTABLE);
  CHECK_INT(rh_runtime_collect(0), 3);
  CHECK_TEXT(events(), "gc0 collectable3 del3 uncollectable1 uncollectable2");
  CHECK_INT(rh_runtime_stat(0, RH_RT_UNCOLLECTABLE), 2);
  CHECK_INT(rh_runtime_stat(0, RH_RT_COLLECTED), 1);
  CHECK_INT(rh_runtime_garbage_length(), 1);
  CHECK_INT(rh_runtime_garbage_item(0), a);
  CHECK_INT(rh_runtime_generation(b), 1);
  CHECK_INT(rh_runtime_set_field(a, 0, 0), RH_RT_OK);
  rh_runtime_clear_garbage();
  CHECK_TEXT(events(), "del1 del2");
  a = rh_runtime_new_object(RH_RT_NODE, 0);
  b = rh_runtime_new_box(a);
  CHECK_INT(rh_runtime_set_field(a, 0, b), RH_RT_OK);
  rh_runtime_drop(b);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(2), 0);
  CHECK_INT(rh_runtime_referents(b), 0);
  CHECK_INT(rh_runtime_new_box(0), 0);
  CHECK_INT(rh_runtime_live_objects(), 2);
}

static void counters_and_free_lists(void) { /* GEN-2, GEN-3, GEN-13 */
  start("cpython-3.12.1");
  uint32_t a = node(), l = list();
  CHECK_INT(rh_runtime_count(0), 2);
  rh_runtime_drop(l);
  CHECK_INT(rh_runtime_count(0), 2);
  l = list();
  CHECK_INT(rh_runtime_count(0), 2);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_count(0), 1);
  rh_runtime_collect(1);
  CHECK_INT(rh_runtime_count(0), 0);
  CHECK_INT(rh_runtime_count(2), 1);
  rh_runtime_drop(l);
  CHECK_INT(rh_runtime_count(0), 0);
  rh_runtime_drop(list());
  rh_runtime_collect(2);
  list();
  CHECK_INT(rh_runtime_count(0), 1);
  CHECK_INT(rh_runtime_collect(3), RH_RT_VALUE_ERROR);
  CHECK_INT(rh_runtime_collect(-1), RH_RT_VALUE_ERROR);
}

/* The tuple that holds several references for their callbacks is an allocation
 * like any other, and stays on its free list. */
static void callbacks_are_held_by_a_tuple(void) { /* GEN-2, GEN-13 */
  start("cpython-3.12.1");
  uint32_t a = node(), pair[2] = {rh_runtime_new_int(0), rh_runtime_new_int(0)};
  weak(a, true, 1), weak(a, true, 2);
  CHECK_INT(rh_runtime_count(0), 3);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_count(0), 3);
  const uint32_t four[4] = {pair[0], pair[1], pair[0], pair[1]};
  rh_runtime_new_tuple(four, 4, RH_RT_FROM_DISPLAY);
  CHECK_INT(rh_runtime_count(0), 3);
  rh_runtime_new_tuple(pair, 2, RH_RT_FROM_DISPLAY);
  CHECK_INT(rh_runtime_count(0), 4);
}

static void keep_nodes(int n) {
  for (int i = 0; i < n; i++) node();
  rh_runtime_collect(1);
  events();
}

/* A started interpreter's 10000 objects and what survived since: a full
 * collection waits for a quarter of them. */
static void full_collections_wait_for_a_quarter(void) { /* GEN-8 */
  if (!has_room()) return;
  start("cpython-3.11.7");
  rh_runtime_set_threshold(0, 10);
  rh_runtime_set_threshold(2, 0);
  for (int round = 0; round < 2; round++) {
    keep_nodes(round == 0 ? 2000 : 600);
    rh_runtime_enable(true);
    for (int i = 0; i < 11; i++) node();
    rh_runtime_enable(false);
    CHECK_TEXT(events(), round == 0 ? "gc0" : "gc2");
  }
}

/* Up to 3.11 the eleventh allocation collects, from 3.12 the next safe point. */
static void automatic_collection(void) { /* GEN-5, GEN-6, GEN-7 */
  for (int deferred = 0; deferred < 2; deferred++) {
    start(deferred ? "cpython-3.12.1" : "cpython-3.11.7");
    rh_runtime_set_threshold(0, 10);
    rh_runtime_set_threshold(1, 1);
    rh_runtime_enable(true);
    uint32_t nodes[44];
    for (int i = 0; i < 33; i++) {
      nodes[i] = node();
      if (i % 11 == 10) {
        static const char *const expected[] = {"gc0", "gc0", "gc1"};
        CHECK_TEXT(events(), deferred ? "" : expected[i / 11]);
        rh_runtime_safepoint();
        CHECK_TEXT(events(), deferred ? expected[i / 11] : "");
      }
    }
    rh_runtime_enable(false);
    for (int i = 33; i < 44; i++) nodes[i] = node();
    rh_runtime_safepoint();
    CHECK_TEXT(events(), "");
    for (int i = 0; i < 44; i++) rh_runtime_drop(nodes[i]);
  }
}

static void freezing(void) { /* GEN-9, GEN-10 */
  start("cpython-3.12.1");
  uint32_t a = ring(1);
  rh_runtime_freeze();
  CHECK_INT(rh_runtime_frozen(), 1);
  CHECK_INT(rh_runtime_generation(a), -1);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_collect(2), 0);
  rh_runtime_unfreeze();
  CHECK_INT(rh_runtime_generation(a), 2);
  CHECK_INT(rh_runtime_collect(2), 1);
}

static void tuples_of_atoms_are_untracked(void) { /* TRK-2, TRK-6 */
  start("cpython-3.13.0");
  uint32_t one = rh_runtime_new_int(1), t = rh_runtime_new_tuple(&one, 1, RH_RT_FROM_DISPLAY);
  uint32_t u = rh_runtime_new_tuple(&t, 1, RH_RT_FROM_DISPLAY), l = list();
  uint32_t held_list = rh_runtime_new_tuple(&l, 1, RH_RT_FROM_DISPLAY);
  CHECK(rh_runtime_tracked(t) && rh_runtime_tracked(u) && rh_runtime_tracked(held_list));
  rh_runtime_collect(0);
  CHECK(!rh_runtime_tracked(t) && !rh_runtime_tracked(u) && rh_runtime_tracked(held_list));
  start("cpython-3.14.1");
  one = rh_runtime_new_int(1);
  CHECK(!rh_runtime_tracked(rh_runtime_new_tuple(&one, 1, RH_RT_FROM_DISPLAY)));
  CHECK(rh_runtime_tracked(rh_runtime_new_tuple(&one, 1, RH_RT_FROM_REPEAT)));
}

static void dicts_are_tracked_late(void) { /* TRK-3, TRK-4 */
  start("cpython-3.13.0");
  uint32_t d = rh_runtime_new_object(RH_RT_DICT, 0), one = rh_runtime_new_int(1), l = list();
  rh_runtime_put(d, one, one);
  CHECK(!rh_runtime_tracked(d));
  rh_runtime_put(d, one, l);
  CHECK(rh_runtime_tracked(d));
  rh_runtime_put(d, one, one);
  rh_runtime_collect(1);
  CHECK(rh_runtime_tracked(d));
  rh_runtime_collect(2);
  CHECK(!rh_runtime_tracked(d));
  start("cpython-3.14");
  CHECK(rh_runtime_tracked(rh_runtime_new_object(RH_RT_DICT, 0)));
}

static void referents_and_referrers(void) { /* GC-15, GC-16 */
  start("cpython-3.12.1");
  uint32_t a = node(), l = list(), d = rh_runtime_new_object(RH_RT_DICT, 0), text = rh_runtime_new_str("key", 3, true);
  rh_runtime_append(l, a), rh_runtime_append(l, a), rh_runtime_append(l, l);
  CHECK_INT(rh_runtime_referents(l), 3);
  CHECK_INT(rh_runtime_referent_at(l, 0), l);
  CHECK_INT(rh_runtime_referents(a), 1);
  rh_runtime_put(d, text, a);
  CHECK_INT(rh_runtime_referents(d), 1);
  rh_runtime_put(d, rh_runtime_new_int(1), a);
  CHECK_INT(rh_runtime_referents(d), 4);
  CHECK_INT(rh_runtime_referrers(a), 2);
  rh_runtime_freeze();
  CHECK_INT(rh_runtime_referrers(a), 0);
}

static void the_first_increment_marks(void) { /* GEN-14 */
  start("cpython-3.14.0");
  rh_runtime_drop(ring(1));
  uint32_t kept = fin(2);
  CHECK_INT(rh_runtime_collect(1), 0);
  CHECK_INT(rh_runtime_generation(kept), 2);
  CHECK_INT(rh_runtime_stat(1, RH_RT_COLLECTIONS), 0);
  CHECK_INT(rh_runtime_collect(1), 1);
  CHECK_INT(rh_runtime_stat(1, RH_RT_COLLECTIONS), 1);
  CHECK_TEXT(events(), "gc1 gc1 del1");
  rh_runtime_set_threshold(2, 5);
  CHECK_INT(rh_runtime_threshold(2), 0);
  CHECK_INT(rh_runtime_doubt(), RH_RT_OK);
}

/* Every increment adds a fraction of a heap nobody has counted. */
static void late_increments_are_doubted(void) { /* GEN-14 */
  start("cpython-3.14.0");
  int increments = 0;
  while (rh_runtime_collect(1) == 0 && increments < 1000) increments++;
  CHECK(increments > 20 && increments < 200);
  CHECK_INT(rh_runtime_doubt(), RH_RT_UNSUPPORTED);
  rh_runtime_collect(2);
  CHECK_INT(rh_runtime_doubt(), RH_RT_OK);
}

static void a_full_collection_takes_the_visited_first(void) { /* GEN-14 */
  start("cpython-3.14.0");
  uint32_t a = ring(1);
  rh_runtime_collect(2);
  uint32_t b = ring(2);
  rh_runtime_collect(0);
  uint32_t c = ring(3);
  rh_runtime_drop(a), rh_runtime_drop(b), rh_runtime_drop(c);
  events();
  CHECK_INT(rh_runtime_collect(2), 3);
  CHECK_TEXT(events(), "gc2 del2 del1 del3");
}

static void kept_floats_come_back(void) { /* FL-1, FL-5, FL-6 */
  start("cpython-3.12.1");
  uint32_t a = rh_runtime_new_float(1.5), l = list();
  rh_runtime_note_address(4, a);
  CHECK_INT(rh_runtime_at_address(4, a), 1);
  CHECK_INT(rh_runtime_at_address(4, l), 0);
  CHECK_INT(rh_runtime_at_address(3, l), RH_RT_INDEX_ERROR);
  rh_runtime_drop(a);
  CHECK_INT(rh_runtime_free_entries(RH_RT_FLOAT, 0), 1);
  CHECK_INT(rh_runtime_free_entries(RH_RT_SET, 0), RH_RT_INDEX_ERROR);
  CHECK_INT(rh_runtime_at_address(4, l), 0);
  uint32_t b = rh_runtime_new_float(2.5);
  CHECK_INT(rh_runtime_at_address(4, b), 1);
  rh_runtime_drop(b);
  rh_runtime_collect(2);
  CHECK_INT(rh_runtime_free_entries(RH_RT_FLOAT, 0), 0);
  CHECK_INT(rh_runtime_at_address(4, l), RH_RT_UNSUPPORTED);
}

static void objects_made_while_tracing_are_traced(void) { /* TM-5, TM-6 */
  int64_t spread = 1;
  start("cpython-3.12.1");
  uint32_t old = rh_runtime_new_bytes(100);
  CHECK_INT(rh_runtime_traced_bytes(&spread), 0);
  CHECK_INT(spread, 0);
  rh_runtime_trace_memory(true);
  uint32_t young = rh_runtime_new_bytes(1000);
  CHECK_INT(rh_runtime_traced(old), 0);
  CHECK_INT(rh_runtime_traced(young), 1);
  CHECK_INT(rh_runtime_traced(list()), RH_RT_UNSUPPORTED);
  CHECK_INT(rh_runtime_traced_bytes(&spread), 1033);
  CHECK_INT(spread, 56);
  rh_runtime_trace_memory(true);
  CHECK_INT(rh_runtime_traced(young), 0);
  rh_runtime_trace_memory(false);
  CHECK_INT(rh_runtime_traced(young), 0);
}

TEST_MAIN(survivors_keep_cpythons_order, containers_are_visited_from_the_end, younger_generations_are_appended,
          old_garbage_waits_for_a_full_collection, resurrected_objects_keep_what_they_reach, weak_references_to_garbage,
          weak_references_made_by_finalizers, a_reference_that_goes_with_its_callback_counts,
          garbage_references_never_call_back, garbage_is_emptied_in_list_order, saved_garbage_is_kept_and_counted_again,
          finalizers_of_old_are_uncollectable, counters_and_free_lists, callbacks_are_held_by_a_tuple,
          full_collections_wait_for_a_quarter, automatic_collection, freezing, tuples_of_atoms_are_untracked,
          dicts_are_tracked_late, referents_and_referrers, the_first_increment_marks, late_increments_are_doubted,
          a_full_collection_takes_the_visited_first, kept_floats_come_back, objects_made_while_tracing_are_traced)
