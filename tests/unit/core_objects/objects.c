/*
 * Objects, counts, slots and spans: single rules, exhaustion, and long random
 * programs against the shadow.
 */
#include "core/core.h"
#include "core/object.h"
#include "shadow.h"
#include "test.h"

static uint64_t random_state = 88172645463325252u;

static uint32_t random_below(uint32_t n) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)((random_state >> 20) % n);
}

static void check_heap(void) {
#ifdef RH_CHECKS
  const char *why = NULL;
  if (!rh_core_check(&why)) fprintf(stderr, "broken: %s\n", why);
  CHECK(why == NULL);
#endif
}

static void test_counts(void) {
  rh_core_reset();
  uint32_t o = rh_object_new(3);
  CHECK(o != 0);
  CHECK(rh_object_live(o));
  CHECK_INT(rh_object_count(o), 1);
  CHECK_INT(rh_object_length(o), 3);
  rh_object_retain(o);
  CHECK_INT(rh_object_count(o), 2);
  rh_object_release(o);
  rh_object_release(o);
  CHECK(!rh_object_live(o));
  CHECK_INT(rh_object_count(o), 0);
  CHECK_INT(rh_object_total(), 0);
  check_heap();
}

static void test_refusals(void) {
  rh_core_reset();
  uint32_t o = rh_object_new(2);
  const uint32_t bad[] = {0, o + 1, RH_OBJECTS, UINT32_MAX};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CHECK(!rh_object_live(bad[i]));
    CHECK_INT(rh_object_count(bad[i]), 0);
    CHECK_INT(rh_object_length(bad[i]), 0);
    rh_object_retain(bad[i]);
    rh_object_release(bad[i]);
    rh_object_immortalize(bad[i]);
    CHECK_INT(rh_slot_get(bad[i], 0), 0);
    CHECK_INT(rh_slot_swap(bad[i], 0, 0), RH_SLOT_REFUSED);
    CHECK(!rh_object_resize(bad[i], 1));
    if (bad[i] != 0) CHECK_INT(rh_slot_swap(o, 0, bad[i]), RH_SLOT_REFUSED);
  }
  CHECK_INT(rh_slot_swap(o, 2, 0), RH_SLOT_REFUSED);
  CHECK_INT(rh_slot_swap(o, UINT32_MAX, 0), RH_SLOT_REFUSED);
  CHECK_INT(rh_slot_get(o, 2), 0);
  CHECK_INT(rh_object_count(o), 1);
  CHECK_INT(rh_object_total(), 1);
  check_heap();
}

static void test_swap_moves_ownership(void) {
  rh_core_reset();
  uint32_t o = rh_object_new(1), a = rh_object_new(0), b = rh_object_new(0);
  CHECK_INT(rh_slot_swap(o, 0, a), 0);
  CHECK_INT(rh_object_count(a), 1);
  CHECK_INT(rh_slot_swap(o, 0, b), a);
  CHECK_INT(rh_object_count(a), 1);
  CHECK_INT(rh_slot_get(o, 0), b);
  rh_object_release(a);
  CHECK(!rh_object_live(a));
  rh_object_release(o);
  CHECK(!rh_object_live(b));
  CHECK_INT(rh_object_total(), 0);
}

static void test_cascade_is_exact(void) {
  rh_core_reset();
  uint32_t a = rh_object_new(2), b = rh_object_new(1), c = rh_object_new(0), d = rh_object_new(1);
  rh_object_retain(c);
  rh_slot_swap(a, 0, b);
  rh_slot_swap(b, 0, c);
  rh_slot_swap(a, 1, c);
  rh_object_retain(c);
  rh_slot_swap(d, 0, c);
  rh_object_release(a);
  CHECK(!rh_object_live(a));
  CHECK(!rh_object_live(b));
  CHECK(rh_object_live(c));
  CHECK_INT(rh_object_count(c), 1);
  rh_object_release(d);
  CHECK_INT(rh_object_total(), 0);
  check_heap();
}

static void test_long_chain(void) {
  rh_core_reset();
  uint32_t chain = rh_object_new(1), n = 1;
  while (n < RH_OBJECTS - 1 && n < 1000000) {
    uint32_t o = rh_object_new(1);
    if (o == 0) break;
    rh_slot_swap(o, 0, chain);
    chain = o;
    n++;
  }
  CHECK_INT(rh_object_total(), n);
  rh_object_release(chain);
  CHECK_INT(rh_object_total(), 0);
  check_heap();
}

static void test_immortal(void) {
  rh_core_reset();
  uint32_t o = rh_object_new(1), a = rh_object_new(0), holder = rh_object_new(1);
  rh_object_immortalize(a);
  CHECK_INT(rh_object_count(a), RH_COUNT_IMMORTAL);
  rh_object_retain(a);
  rh_object_release(a);
  rh_object_release(a);
  CHECK_INT(rh_object_count(a), RH_COUNT_IMMORTAL);
  rh_slot_swap(o, 0, a);
  rh_object_release(o);
  CHECK(!rh_object_live(o));
  CHECK(rh_object_live(a));
  rh_slot_swap(holder, 0, a);
  CHECK_INT(rh_object_count(a), RH_COUNT_IMMORTAL);
  check_heap();
}

static void test_resize(void) {
  rh_core_reset();
  uint32_t o = rh_object_new(0), v[20];
  for (uint32_t i = 0; i < 20; i++) {
    CHECK(rh_object_resize(o, i + 1));
    v[i] = rh_object_new(0);
    CHECK_INT(rh_slot_swap(o, i, v[i]), 0);
    CHECK_INT(rh_object_length(o), i + 1);
    for (uint32_t k = 0; k <= i; k++) CHECK_INT(rh_slot_get(o, k), v[k]);
    check_heap();
  }
  CHECK(!rh_object_resize(o, 19));
  CHECK_INT(rh_object_length(o), 20);
  for (uint32_t i = 20; i-- > 3;) rh_object_release(rh_slot_swap(o, i, 0));
  CHECK(rh_object_resize(o, 3));
  CHECK(!rh_object_resize(o, 2));
  for (uint32_t k = 0; k < 3; k++) CHECK_INT(rh_slot_get(o, k), v[k]);
  CHECK(rh_object_resize(o, 7));
  for (uint32_t k = 3; k < 7; k++) CHECK_INT(rh_slot_get(o, k), 0);
  CHECK(!rh_object_resize(o, RH_SLOTS + 1));
  CHECK(!rh_object_resize(o, UINT32_MAX));
  CHECK_INT(rh_object_length(o), 7);
  check_heap();
  rh_object_release(o);
  CHECK_INT(rh_object_total(), 0);
}

static void test_reuse(void) {
  rh_core_reset();
  for (uint32_t round = 0; round < 3 * (uint32_t)RH_OBJECTS && round < 100000; round++) {
    uint32_t o = rh_object_new(round % 9);
    CHECK(o != 0);
    for (uint32_t i = 0; i < round % 9; i++) CHECK_INT(rh_slot_get(o, i), 0);
    rh_object_release(o);
  }
  CHECK_INT(rh_object_total(), 0);
}

static void test_exhaustion(void) {
  if (RH_OBJECTS > 1000) return; /* the capacities of tiny builds are meant */
  rh_core_reset();
  uint32_t n = 0, last = 0, o;
  while ((o = rh_object_new(0)) != 0) last = o, n++;
  CHECK_INT(n, RH_OBJECTS - 1);
  CHECK_INT(rh_object_total(), n);
  CHECK(!rh_object_resize(last, 1));
  CHECK_INT(rh_object_length(last), 0);
  check_heap();
  rh_object_release(last);
  CHECK_INT(rh_object_new(1), 0);
  CHECK_INT(rh_object_new(0), last);

  rh_core_reset();
  uint32_t big = rh_object_new(RH_SLOTS / 2), half = rh_object_new(RH_SLOTS / 4);
  CHECK(big != 0 && half != 0);
  CHECK_INT(rh_object_new(RH_SLOTS / 4 + 1), 0);
  CHECK(!rh_object_resize(half, RH_SLOTS / 4 + 1));
  CHECK_INT(rh_object_length(half), RH_SLOTS / 4);
  CHECK_INT(rh_object_total(), 2);
  CHECK(rh_object_new(RH_SLOTS / 4) != 0);
  CHECK_INT(rh_object_new(1), 0);
  CHECK(rh_object_resize(big, 1));
  check_heap();
}

/* ---- random programs ---- */

static uint32_t random_live(void) {
  uint32_t o = random_below(SHADOW_OBJECTS);
  for (uint32_t i = 0; i < SHADOW_OBJECTS; i++, o = (o + 1) % SHADOW_OBJECTS)
    if (shadow[o].live) return o;
  return 0;
}

static void random_new(void) {
  uint32_t slots = random_below(10);
  uint32_t o = rh_object_new(slots);
  if (o == 0) return;
  CHECK(o < SHADOW_OBJECTS && !shadow[o].live);
  shadow[o] = (struct shadow){.live = true, .slots = slots, .external = 1};
}

static void random_swap(uint32_t o) {
  uint32_t v = random_below(4) == 0 ? 0 : random_live(), i = random_below(SHADOW_SLOTS);
  if (v != 0 && shadow[v].external == 0) {
    rh_object_retain(v);
    shadow[v].external++;
  }
  uint32_t old = rh_slot_swap(o, i, v);
  if (i >= shadow[o].slots) {
    CHECK_INT(old, RH_SLOT_REFUSED);
    return;
  }
  CHECK_INT(old, shadow[o].slot[i]);
  shadow[o].slot[i] = v;
  if (v != 0) shadow[v].external--;
  if (old != 0) shadow[old].external++;
}

static void random_resize(uint32_t o) {
  uint32_t slots = random_below(SHADOW_SLOTS);
  bool empty = true;
  for (uint32_t i = slots; i < shadow[o].slots; i++) empty = empty && shadow[o].slot[i] == 0;
  bool done = rh_object_resize(o, slots);
  if (!empty) CHECK(!done);
  if (empty && slots <= shadow[o].slots) CHECK(done);
  if (!done) return;
  for (uint32_t i = shadow[o].slots; i < slots; i++) shadow[o].slot[i] = 0;
  shadow[o].slots = slots;
}

static void random_release(uint32_t o) {
  if (shadow[o].external == 0) return;
  rh_object_release(o);
  shadow[o].external--;
  shadow_settle();
}

static void compare(void) {
  uint32_t live = 0;
  for (uint32_t o = 0; o < SHADOW_OBJECTS; o++) {
    CHECK(rh_object_live(o) == shadow[o].live);
    if (!shadow[o].live) continue;
    live++;
    CHECK_INT(rh_object_count(o), shadow[o].immortal ? RH_COUNT_IMMORTAL : shadow_count(o));
    CHECK_INT(rh_object_length(o), shadow[o].slots);
    for (uint32_t i = 0; i < shadow[o].slots; i++) CHECK_INT(rh_slot_get(o, i), shadow[o].slot[i]);
  }
  CHECK_INT(rh_object_total(), live);
  check_heap();
}

static void test_random(void) {
  for (uint32_t run = 0; run < 40; run++) {
    rh_core_reset();
    memset(shadow, 0, sizeof shadow);
    for (uint32_t step = 0; step < 400; step++) {
      uint32_t o = random_live(), what = random_below(100);
      if (what < 20 || o == 0) {
        if (rh_object_total() < SHADOW_OBJECTS / 2) random_new();
      } else if (what < 60) {
        random_swap(o);
      } else if (what < 75) {
        random_resize(o);
      } else if (what < 98) {
        random_release(o);
      } else if (what == 98) {
        rh_object_immortalize(o);
        shadow[o].immortal = true;
      } else {
        rh_object_retain(o);
        shadow[o].external++;
      }
      compare();
    }
  }
}

TEST_MAIN(test_counts, test_refusals, test_swap_moves_ownership, test_cascade_is_exact, test_long_chain, test_immortal,
          test_resize, test_reuse, test_exhaustion, test_random)
