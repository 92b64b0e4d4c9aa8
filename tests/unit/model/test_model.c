/*
 * The clear heap on its own: release orders, finalizers, weak references,
 * collections and growth, by direct calls.
 */
#include "model/model.h"
#include "test.h"

#include <stdlib.h>

static char log_text[4096];
static void (*on_finalizer)(uint32_t object, uint32_t label);

static void note(const char *what, uint32_t label) {
  size_t n = strlen(log_text);
  snprintf(log_text + n, sizeof log_text - n, "%s%s%" PRIu32, n ? " " : "", what, label);
}

static void finalizer(void *context, uint32_t object, uint32_t label) {
  (void)context;
  note("del", label);
  if (on_finalizer) on_finalizer(object, label);
}

static void weak_callback(void *context, uint32_t weakref, uint32_t label) {
  (void)context;
  note(rh_model_referent(weakref) ? "live" : "cb", label);
}

static void found(void *context, bool collectable, uint32_t object) {
  (void)context;
  note(collectable ? "collectable" : "uncollectable", rh_model_label(object));
}

static void collection(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable) {
  (void)context;
  (void)collected;
  (void)uncollectable;
  if (phase == RH_MODEL_START) note("gc", (uint32_t)generation);
}

static struct rh_model_params python312(void) {
  return (struct rh_model_params){.immortal_singletons = true,
                                  .immortal_count = 4294967295,
                                  .small_int_max = 256,
                                  .partial_collections = true,
                                  .thresholds = {700, 10, 10},
                                  .dict_lazy_tracking = true,
                                  .trashcan_limit = 50,
                                  .presize = RH_MODEL_EVEN,
                                  .kept_lists = 80,
                                  .kept_tuples = 2000,
                                  .kept_tuple_lengths = 20,
                                  .dict_round_up_bug = true,
                                  .dict_small_entries = true,
                                  .dict_keys_header = 96,
                                  .tuple_header = 40,
                                  .str_ascii_header = 41,
                                  .str_wide_header = 56,
                                  .int_zero_size = 28,
                                  .node_size = 72,
                                  .listfin_size = 72,
                                  .weakref_size = 80,
                                  .deque_size = 760};
}

static void start(const struct rh_model_params *params) {
  struct rh_model_hooks hooks = {NULL, finalizer, weak_callback, found, collection};
  on_finalizer = NULL;
  rh_model_start(params, &hooks);
  log_text[0] = 0;
}

static void start_default(void) {
  struct rh_model_params params = python312();
  start(&params);
}

/* A list, tuple or deque of three fins labelled 1..3, each held by it alone. */
static uint32_t three(int kind) {
  uint32_t items[3];
  for (uint32_t i = 0; i < 3; i++) items[i] = rh_model_new_object(RH_MODEL_FIN, i + 1);
  uint32_t o =
      kind == RH_MODEL_TUPLE ? rh_model_new_tuple(items, 3, RH_MODEL_FROM_DISPLAY) : rh_model_new_object(kind, 0);
  for (uint32_t i = 0; i < 3; i++) {
    if (kind == RH_MODEL_DICT)
      rh_model_put(o, items[i], items[i]);
    else if (kind == RH_MODEL_SET)
      rh_model_add(o, items[i]);
    else if (kind != RH_MODEL_TUPLE)
      rh_model_append(o, items[i]);
    rh_model_drop(items[i]);
  }
  return o;
}

static void test_release_orders(void) {
  start_default();
  rh_model_drop(three(RH_MODEL_LIST));
  CHECK_TEXT(log_text, "del3 del2 del1");
  start_default();
  rh_model_drop(three(RH_MODEL_TUPLE));
  CHECK_TEXT(log_text, "del3 del2 del1");
  start_default();
  rh_model_drop(three(RH_MODEL_DEQUE));
  CHECK_TEXT(log_text, "del1 del2 del3");
  start_default();
  rh_model_drop(three(RH_MODEL_DICT));
  CHECK_TEXT(log_text, "del1 del2 del3");
  CHECK_INT(rh_model_live_objects(), 0);
}

static uint32_t saved;
static void resurrect(uint32_t object, uint32_t label) {
  (void)label;
  rh_model_retain(object);
  saved = object;
}

static void test_resurrection(void) {
  start_default();
  uint32_t a = rh_model_new_object(RH_MODEL_FIN, 1), w;
  CHECK_INT(rh_model_new_weakref(a, true, 7, &w), RH_MODEL_OK);
  on_finalizer = resurrect;
  rh_model_drop(a);
  CHECK_TEXT(log_text, "del1");
  CHECK_INT(rh_model_refs(saved), 1);
  CHECK(rh_model_finalized(saved));
  CHECK_INT(rh_model_referent(w), saved);
  rh_model_drop(saved);
  CHECK_TEXT(log_text, "del1 cb7");
  CHECK_INT(rh_model_referent(w), 0);
  CHECK_INT(rh_model_live_objects(), 1);
}

static void test_collection_order(void) {
  start_default();
  uint32_t a = rh_model_new_object(RH_MODEL_FIN, 1), b = rh_model_new_object(RH_MODEL_FIN, 2),
           c = rh_model_new_object(RH_MODEL_FIN, 3);
  rh_model_set_field(b, 0, a);
  rh_model_set_field(c, 0, b);
  rh_model_drop(a);
  rh_model_drop(b);
  CHECK_INT(rh_model_collect(0), 0);
  rh_model_set_field(a, 0, c);
  rh_model_drop(c);
  CHECK_INT(rh_model_collect(2), 3);
  CHECK_TEXT(log_text, "gc0 gc2 del3 del2 del1");
  CHECK_INT(rh_model_collect(3), RH_MODEL_VALUE_ERROR);
}

static void test_deep_nest(void) {
  start_default();
  uint32_t l = rh_model_new_object(RH_MODEL_LIST, 0);
  for (int i = 0; i < 200000; i++) {
    uint32_t m = rh_model_new_object(RH_MODEL_LIST, 0);
    rh_model_append(m, l);
    rh_model_drop(l);
    l = m;
  }
  rh_model_drop(l);
  CHECK_INT(rh_model_live_objects(), 0);
}

/* Lists of a fin labelled i and the next list, `levels` deep (TRC-1). */
static uint32_t comb(uint32_t levels) {
  uint32_t tail = rh_model_constant(RH_MODEL_CONST_NONE);
  for (uint32_t i = levels; i-- > 0;) {
    uint32_t l = rh_model_new_object(RH_MODEL_LIST, 0), f = rh_model_new_object(RH_MODEL_FIN, i);
    rh_model_append(l, f);
    rh_model_append(l, tail);
    rh_model_drop(f);
    rh_model_drop(tail);
    tail = l;
  }
  return tail;
}

static void test_trashcan(void) {
  struct rh_model_params params = python312();
  params.trashcan_limit = 3;
  start(&params);
  rh_model_drop(comb(6));
  CHECK_TEXT(log_text, "del1 del0 del2 del3 del4 del5");
  params.trashcan_limit = 0;
  start(&params);
  rh_model_drop(comb(6));
  CHECK_TEXT(log_text, "del5 del4 del3 del2 del1 del0");
}

static void test_weak_references(void) {
  start_default();
  uint32_t a = rh_model_new_object(RH_MODEL_NODE, 0), list = rh_model_new_object(RH_MODEL_LIST, 0), w[4];
  for (uint32_t i = 0; i < 4; i++) CHECK_INT(rh_model_new_weakref(a, i != 1, i, &w[i]), RH_MODEL_OK);
  uint32_t shared, none;
  CHECK_INT(rh_model_new_weakref(a, false, 9, &shared), RH_MODEL_OK);
  CHECK(rh_model_same(shared, w[1]));
  CHECK_INT(rh_model_new_weakref(list, false, 0, &none), RH_MODEL_TYPE_ERROR);
  CHECK_INT(rh_model_weak_count(a), 4);
  rh_model_drop(w[2]);
  rh_model_drop(a);
  CHECK_TEXT(log_text, "cb3 cb0");
  CHECK_INT(rh_model_referent(shared), 0);
}

static uint32_t self_cycle(int kind, uint32_t label) {
  uint32_t o = rh_model_new_object(kind, label);
  rh_model_set_field(o, 0, o);
  return o;
}

static void test_collector(void) {
  start_default();
  uint32_t a = self_cycle(RH_MODEL_FIN, 1), w;
  rh_model_new_weakref(a, true, 7, &w);
  rh_model_freeze();
  CHECK_INT(rh_model_frozen(), 2);
  CHECK_INT(rh_model_generation(a), -1);
  rh_model_drop(a);
  CHECK_INT(rh_model_collect(2), 0);
  rh_model_unfreeze();
  CHECK_INT(rh_model_generation(a), 2);
  CHECK_INT(rh_model_collect(0), 0);
  rh_model_set_debug(RH_MODEL_SAVEALL);
  CHECK_INT(rh_model_collect(2), 1);
  CHECK_TEXT(log_text, "gc2 gc0 gc2 cb7 del1");
  CHECK_INT(rh_model_garbage_length(), 1);
  CHECK_INT(rh_model_garbage_item(0), a);
  rh_model_set_debug(0);
  rh_model_clear_garbage();
  CHECK_INT(rh_model_collect(2), 1);
  CHECK_INT(rh_model_stat(2, RH_MODEL_COLLECTED), 2);
  CHECK_INT(rh_model_live_objects(), 1);
}

static void test_finalizers_of_old(void) { /* LEG-1 to LEG-4 */
  start_default();
  uint32_t a = self_cycle(RH_MODEL_LEGACY, 1), b = rh_model_new_object(RH_MODEL_FIN, 2);
  CHECK_INT(rh_model_set_field(a, 1, b), RH_MODEL_OK);
  rh_model_drop(b);
  rh_model_drop(a);
  rh_model_drop(self_cycle(RH_MODEL_FIN, 3));
  rh_model_set_debug(RH_MODEL_DEBUG_COLLECTABLE | RH_MODEL_DEBUG_UNCOLLECTABLE);
  CHECK_INT(rh_model_collect(0), 3);
  CHECK_TEXT(log_text, "gc0 collectable3 del3 uncollectable1 uncollectable2");
  CHECK_INT(rh_model_stat(0, RH_MODEL_UNCOLLECTABLE), 2);
  CHECK_INT(rh_model_garbage_length(), 1);
  CHECK_INT(rh_model_generation(b), 1);
  CHECK_INT(rh_model_set_field(a, 0, 0), RH_MODEL_OK);
  rh_model_clear_garbage();
  CHECK_TEXT(log_text, "gc0 collectable3 del3 uncollectable1 uncollectable2 del1 del2");
}

static void test_automatic_collection(void) {
  struct rh_model_params params = python312();
  params.collect_in_allocation = true;
  start(&params);
  rh_model_enable(true);
  rh_model_set_threshold(0, 2);
  for (uint32_t i = 0; i < 7; i++) rh_model_drop(self_cycle(RH_MODEL_NODE, i));
  CHECK_TEXT(log_text, "gc0 gc0");
  params.collect_in_allocation = false;
  start(&params);
  rh_model_enable(true);
  rh_model_set_threshold(0, 2);
  for (uint32_t i = 0; i < 7; i++) rh_model_drop(self_cycle(RH_MODEL_NODE, i));
  CHECK_TEXT(log_text, "");
  rh_model_safepoint();
  rh_model_safepoint();
  CHECK_TEXT(log_text, "gc0");
  CHECK_INT(rh_model_count(1), 1);
}

static void test_tracking(void) {
  start_default();
  uint32_t d = rh_model_new_object(RH_MODEL_DICT, 0), one = rh_model_new_int(1),
           l = rh_model_new_object(RH_MODEL_LIST, 0);
  uint32_t inner = rh_model_new_tuple(&one, 1, RH_MODEL_FROM_DISPLAY);
  uint32_t outer = rh_model_new_tuple(&inner, 1, RH_MODEL_FROM_DISPLAY);
  CHECK_INT(rh_model_put(d, one, one), RH_MODEL_OK);
  CHECK(!rh_model_tracked(d) && rh_model_tracked(inner) && rh_model_tracked(outer));
  CHECK_INT(rh_model_put(d, one, l), RH_MODEL_OK);
  CHECK_INT(rh_model_put(d, l, one), RH_MODEL_TYPE_ERROR);
  CHECK(rh_model_tracked(d));
  CHECK_INT(rh_model_remove_key(d, one), RH_MODEL_OK);
  CHECK_INT(rh_model_remove_key(d, one), RH_MODEL_KEY_ERROR);
  rh_model_collect(1);
  CHECK(rh_model_tracked(d) && !rh_model_tracked(inner) && !rh_model_tracked(outer));
  rh_model_collect(2);
  CHECK(!rh_model_tracked(d));
}

static void test_sets(void) {
  start_default();
  uint32_t s = rh_model_new_set(100, RH_MODEL_FROM_COMP);
  CHECK_INT(rh_model_size_of(s), 8408);
  for (int64_t i = 0; i < 99; i++) CHECK_INT(rh_model_discard(s, rh_model_new_int(i)), RH_MODEL_OK);
  CHECK_INT(rh_model_length(s), 1);
  CHECK_INT(rh_model_value(s, 0), 0);
  CHECK_INT(rh_model_size_of(s), 8408);
  CHECK_INT(rh_model_size_of(rh_model_copy(s)), 216);
  CHECK(rh_model_same(rh_model_item(s, 0), rh_model_new_int(99)));
}

static void test_growth(void) {
  start_default();
  static const int64_t steps[] = {0, 4, 4, 4, 4, 8, 8, 8, 8, 16};
  uint32_t l = rh_model_new_object(RH_MODEL_LIST, 0), none = rh_model_constant(RH_MODEL_CONST_NONE);
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    CHECK_INT(rh_model_capacity(l), steps[i]);
    rh_model_append(l, none);
  }
  CHECK_INT(rh_model_repeat(l, INT64_MAX), RH_MODEL_MEMORY_ERROR);
  CHECK_INT(rh_model_length(l), 10);
}

static void test_interning(void) {
  start_default();
  uint32_t s = rh_model_new_str("never seen", 10, false), t = rh_model_new_str("never seen", 10, false);
  CHECK(!rh_model_same(s, t));
  uint32_t u = rh_model_intern(s), v = rh_model_intern(t);
  CHECK(rh_model_same(s, u) && rh_model_same(v, u));
  CHECK_INT(rh_model_refs(s), 3);
  CHECK(rh_model_same(rh_model_new_int(256), rh_model_new_int(256)));
  CHECK(!rh_model_same(rh_model_new_int(257), rh_model_new_int(257)));
}

static void test_blocks(void) {
  start_default();
  uint32_t b = rh_model_block_new(512, false);
  CHECK_INT(rh_model_block_resize(&b, 385), RH_MODEL_REALLOC_SAME);
  CHECK_INT(rh_model_block_write(b, 0, 9, 385), RH_MODEL_OK);
  CHECK_INT(rh_model_block_write(b, 0, 9, 386), RH_MODEL_VALUE_ERROR);
  CHECK_INT(rh_model_block_resize(&b, 512), RH_MODEL_REALLOC_SAME);
  CHECK_INT(rh_model_block_resize(&b, 384), RH_MODEL_REALLOC_MOVED);
  CHECK_INT(rh_model_block_read(b, 383), 9);
  CHECK_INT(rh_model_block_read(b, 384), RH_MODEL_VALUE_ERROR);
  CHECK_INT(rh_model_block_free(b), RH_MODEL_OK);
  CHECK_INT(rh_model_block_free(b), RH_MODEL_VALUE_ERROR);
  CHECK_INT(rh_model_block_new(UINT64_C(1) << 63, true), 0);
  CHECK_INT(rh_model_live_blocks(), 0);
}

TEST_MAIN(test_release_orders, test_resurrection, test_collection_order, test_deep_nest, test_trashcan,
          test_weak_references, test_collector, test_finalizers_of_old, test_automatic_collection, test_tracking,
          test_sets, test_growth, test_interning, test_blocks)
