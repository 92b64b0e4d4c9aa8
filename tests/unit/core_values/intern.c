/*
 * The intern table against an array: a value is a number, and every look-up
 * must find the one object that stands for it.
 */
#include "core/intern.h"
#include "core/core.h"
#include "core/object.h"
#include "test.h"

enum { VALUES = 40, STEPS = 20000 };

static uint32_t value_of[RH_OBJECTS], sought;
static uint32_t entry_of[VALUES], held[VALUES];

bool rh_intern_same(uint32_t o) {
  return value_of[o] == sought;
}

static uint32_t bucket(uint32_t value) {
  return value % 7 % RH_INTERN_BUCKETS; /* several values in a chain */
}

static uint32_t find(uint32_t value) {
  sought = value;
  return rh_intern_find(bucket(value));
}

static void check_table(void) {
  for (uint32_t v = 0; v < VALUES; v++) {
    CHECK_INT(find(v), entry_of[v]);
    if (entry_of[v] != 0) CHECK_INT(rh_object_count(entry_of[v]), held[v]); /* the table does not count */
  }
#ifdef RH_CHECKS
  const char *why = NULL;
  CHECK(rh_core_check(&why));
#endif
}

static void take(uint32_t v) {
  if (entry_of[v] != 0) {
    rh_object_retain(entry_of[v]);
  } else {
    uint32_t o = rh_object_new(0);
    CHECK(o != 0);
    value_of[o] = v;
    rh_intern_add(o, bucket(v));
    entry_of[v] = o;
  }
  held[v]++;
}

static void give(uint32_t v) {
  if (entry_of[v] == 0) return;
  rh_intern_release(entry_of[v]);
  if (--held[v] == 0) {
    CHECK(!rh_object_live(entry_of[v]));
    entry_of[v] = 0;
  }
}

static void start(void) {
  rh_core_reset();
  for (uint32_t v = 0; v < VALUES; v++) entry_of[v] = held[v] = 0;
}

static void test_random(void) {
  start();
  uint32_t random = 12345;
  for (int i = 0; i < STEPS; i++) {
    random = random * 1664525u + 1013904223u;
    uint32_t v = (random >> 8) % VALUES;
    if ((random >> 20) % 2 != 0) {
      take(v);
    } else {
      give(v);
    }
    if (i % 50 == 0) check_table();
  }
}

static void test_refusals(void) {
  start();
  uint32_t node = rh_object_new(1);
  rh_intern_add(node, 0);
  rh_intern_add(0, 0);
  rh_intern_add(UINT32_MAX, 0);
  CHECK_INT(rh_intern_head[0], 0);
  rh_intern_release(node); /* it has a slot */
  CHECK_INT(rh_object_count(node), 1);
  uint32_t leaf = rh_object_new(0);
  value_of[leaf] = 0;
  rh_intern_add(leaf, RH_INTERN_BUCKETS);
  CHECK_INT(find(0), 0);
  rh_intern_add(leaf, bucket(0));
  rh_intern_add(leaf, bucket(0)); /* once is enough */
  CHECK_INT(find(0), leaf);
  CHECK_INT(rh_intern_next[leaf], 0);
  rh_intern_release(0);
  rh_intern_release(UINT32_MAX);
  rh_intern_release(leaf);
  rh_intern_release(leaf);
  CHECK_INT(find(0), 0);
  rh_object_release(node);
}

static void test_immortal_and_reset(void) {
  start();
  take(3);
  rh_object_immortalize(entry_of[3]);
  rh_intern_release(entry_of[3]);
  CHECK_INT(find(3), entry_of[3]);
  rh_core_reset();
  CHECK_INT(find(3), 0);
#ifdef RH_CHECKS
  const char *why = NULL;
  CHECK(rh_core_check(&why));
#endif
}

TEST_MAIN(test_random, test_refusals, test_immortal_and_reset)
