/*
 * Generations and collection: order, phases with changes in between, freezing,
 * and long random programs against the shadow and a literal reading of the
 * order rule on linked lists.
 */
#include "core/collect.h"
#include "core/core.h"
#include "core/object.h"
#include "shadow.h"
#include "test.h"

static void check_heap(void) {
#ifdef RH_CHECKS
  const char *why = NULL;
  if (!rh_core_check(&why)) fprintf(stderr, "broken: %s\n", why);
  CHECK(why == NULL);
#endif
}

static uint32_t tracked(uint32_t slots) {
  uint32_t o = rh_object_new(slots);
  rh_gc_track(o);
  return o;
}

/* Stores a new reference to v, dropping what was there. */
static void set(uint32_t o, uint32_t i, uint32_t v) {
  if (v != 0) rh_object_retain(v);
  rh_object_release(rh_slot_swap(o, i, v));
}

/* The members of a list in order, as text of letters: handle 1 is A. */
static const char *members(uint32_t list) {
  static char text[64];
  uint32_t n = 0;
  for (uint32_t o = rh_gc_first(list); o != 0 && n < sizeof text - 1; o = rh_gc_next(o))
    text[n++] = (char)('A' + o - 1);
  text[n] = '\0';
  CHECK_INT(n, rh_gc_size(list));
  return text;
}

static void test_lists(void) {
  rh_core_reset();
  uint32_t a = tracked(0), b = tracked(0), c = rh_object_new(0);
  CHECK_TEXT(members(0), "AB");
  CHECK_INT(rh_gc_generation(a), 0);
  CHECK_INT(rh_gc_generation(c), RH_UNTRACKED);
  rh_gc_track(c);
  rh_gc_track(c);
  rh_gc_untrack(b);
  rh_gc_untrack(b);
  CHECK_TEXT(members(0), "AC");
  rh_gc_track(b);
  CHECK_TEXT(members(0), "ACB");
  rh_gc_move(a, 2);
  rh_gc_move(b, 2);
  CHECK_TEXT(members(2), "AB");
  rh_gc_move(a, 2);
  CHECK_TEXT(members(2), "BA");
  rh_object_release(b);
  CHECK_TEXT(members(2), "A");
  rh_gc_promote(0);
  CHECK_TEXT(members(1), "C");
  check_heap();
}

static void test_bad_arguments(void) {
  rh_core_reset();
  uint32_t a = tracked(0);
  rh_gc_track(0);
  rh_gc_track(a + 1);
  rh_gc_track(UINT32_MAX);
  rh_gc_untrack(UINT32_MAX);
  rh_gc_move(a, RH_UNTRACKED);
  rh_gc_move(UINT32_MAX, 1);
  rh_gc_find(3);
  rh_gc_promote(UINT32_MAX);
  rh_gc_promote(2);
  CHECK_INT(rh_gc_collect(7), 0);
  CHECK_INT(rh_gc_confirm(RH_FOUND), 0);
  CHECK_INT(rh_gc_size(RH_UNTRACKED), 0);
  CHECK_INT(rh_gc_first(99), 0);
  CHECK_INT(rh_gc_next(UINT32_MAX), 0);
  CHECK_INT(rh_gc_generation(UINT32_MAX), RH_UNTRACKED);
  CHECK_TEXT(members(0), "A");
}

static void test_cycle(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(1), c = rh_object_new(0);
  set(a, 0, b);
  set(b, 0, a);
  rh_object_release(a);
  CHECK_INT(rh_gc_collect(0), 0);
  CHECK_TEXT(members(1), "BA");
  CHECK(rh_object_resize(b, 2));
  rh_slot_swap(b, 1, c);
  rh_object_release(b);
  CHECK_INT(rh_gc_collect(0), 0);
  CHECK_INT(rh_gc_collect(1), 2);
  CHECK_INT(rh_object_total(), 0);
  check_heap();
}

/* Survivors reached only from the right are appended (FIN-10). */
static void test_order(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(1), c = tracked(1);
  set(b, 0, a);
  set(c, 0, b);
  rh_object_release(a);
  rh_object_release(b);
  CHECK_INT(rh_gc_collect(0), 0);
  CHECK_TEXT(members(1), "CBA");
  set(a, 0, c);
  rh_object_release(c);
  rh_gc_find(2);
  CHECK_TEXT(members(RH_FOUND), "CBA");
  CHECK_INT(rh_gc_clear(), 3);
}

/* A member known to be reachable before the scan comes to it keeps its place. */
static void test_order_forward(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(0), c = tracked(1), d = tracked(0);
  set(a, 0, c);
  set(c, 0, b);
  rh_object_release(b);
  rh_object_release(c);
  CHECK_INT(rh_gc_collect(0), 0);
  CHECK_TEXT(members(1), "ACDB");
  (void)d;
}

static void test_generations_join_in_order(void) {
  rh_core_reset();
  uint32_t a = tracked(0), b = tracked(0), c = tracked(0);
  rh_gc_move(a, 1);
  rh_gc_move(b, 2);
  rh_gc_find(2);
  CHECK_TEXT(members(2), "BCA");
  (void)c;
}

static void test_external_holders(void) {
  rh_core_reset();
  uint32_t old = tracked(1), young = tracked(0), untracked = rh_object_new(1), held = tracked(0), immortal = tracked(1);
  rh_gc_move(old, 2);
  rh_slot_swap(old, 0, young);
  rh_slot_swap(untracked, 0, held);
  rh_slot_swap(immortal, 0, immortal);
  rh_object_immortalize(immortal);
  rh_object_release(old);
  CHECK(!rh_object_live(young));
  CHECK_INT(rh_gc_collect(2), 0);
  CHECK(rh_object_live(held));
  CHECK(rh_object_live(immortal));
  check_heap();
}

static void test_resurrection(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(1), c = tracked(1), d = tracked(1);
  set(a, 0, b);
  set(b, 0, a);
  set(c, 0, d);
  set(d, 0, c);
  rh_object_release(a);
  rh_object_release(b);
  rh_object_release(c);
  rh_object_release(d);
  rh_gc_find(0);
  rh_gc_promote(0);
  CHECK_TEXT(members(RH_FOUND), "ABCD");
  rh_object_retain(d);
  CHECK_INT(rh_gc_confirm(1), 2);
  CHECK_TEXT(members(1), "DC");
  CHECK_TEXT(members(RH_FOUND), "AB");
  set(b, 0, 0);
  CHECK(!rh_object_live(a));
  CHECK_INT(rh_gc_clear(), 0);
  CHECK_INT(rh_object_total(), 2);
  check_heap();
}

/* A member that is held again when it is cleared stays, emptied, and takes
 * part in the next collection. */
static void test_held_at_clear(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(1);
  set(a, 0, b);
  set(b, 0, a);
  rh_object_release(a);
  rh_object_release(b);
  rh_gc_find(0);
  CHECK_INT(rh_gc_confirm(0), 2);
  rh_object_retain(b);
  CHECK_INT(rh_gc_clear(), 1);
  CHECK(rh_object_live(b));
  CHECK_INT(rh_slot_get(b, 0), 0);
  rh_gc_find(0);
  CHECK_TEXT(members(0), "B");
  check_heap();
}

static void test_freeze(void) {
  rh_core_reset();
  uint32_t a = tracked(1), b = tracked(1), c = tracked(1);
  rh_gc_move(a, 2);
  rh_gc_move(b, 1);
  set(a, 0, a);
  rh_object_release(a);
  rh_gc_freeze();
  CHECK_TEXT(members(RH_FROZEN), "CBA");
  CHECK_INT(rh_gc_collect(2), 0);
  rh_gc_unfreeze();
  CHECK_TEXT(members(2), "CBA");
  CHECK_INT(rh_gc_collect(2), 1);
  CHECK_TEXT(members(2), "CB");
  (void)c;
}

static void test_many_holes(void) {
  rh_core_reset();
  uint32_t a = tracked(0), b = tracked(0);
  for (uint32_t i = 0; i < 10000; i++) {
    rh_gc_untrack(a);
    rh_gc_track(a);
    rh_object_release(tracked(1));
  }
  CHECK_TEXT(members(0), "BA");
  CHECK_INT(rh_object_total(), 2);
  (void)b;
}

/* ---- random programs ---- */

static uint64_t random_state = 362436069362436069u;

static uint32_t random_below(uint32_t n) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (uint32_t)((random_state >> 20) % n);
}

enum { NODES = 40, WIDTH = 4, LISTS = 5 };

/* The lists of the shadow, as plain sequences. */
struct sequence {
  uint32_t n, at[2 * SHADOW_OBJECTS];
};
static struct sequence lists[LISTS];

static void sequence_add(struct sequence *s, uint32_t o) {
  s->at[s->n++] = o;
}

static void sequence_remove(struct sequence *s, uint32_t o) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < s->n; i++)
    if (s->at[i] != o) s->at[n++] = s->at[i];
  s->n = n;
}

static bool sequence_has(const struct sequence *s, uint32_t o) {
  for (uint32_t i = 0; i < s->n; i++)
    if (s->at[i] == o) return true;
  return false;
}

static void sequence_join(struct sequence *to, struct sequence *from) {
  for (uint32_t i = 0; i < from->n; i++) sequence_add(to, from->at[i]);
  from->n = 0;
}

/* The order rule, word for word: scan left to right, the list grows at its
 * right end; `known` are the members known to be reachable. */
static void shadow_scan(struct sequence *list, struct sequence *gone) {
  bool known[SHADOW_OBJECTS] = {false};
  struct sequence kept = {0, {0}};
  gone->n = 0;
  for (uint32_t i = 0; i < list->n; i++) {
    uint32_t o = list->at[i], inside = 0;
    for (uint32_t k = 0; k < list->n; k++)
      for (uint32_t s = 0; s < shadow[list->at[k]].slots; s++) inside += shadow[list->at[k]].slot[s] == o;
    known[o] = shadow[o].immortal || shadow_count(o) > inside;
  }
  for (uint32_t i = 0; i < list->n; i++) {
    uint32_t o = list->at[i];
    if (!known[o]) {
      sequence_add(gone, o);
      continue;
    }
    sequence_add(&kept, o);
    for (uint32_t s = 0; s < shadow[o].slots; s++) {
      uint32_t t = shadow[o].slot[s];
      if (sequence_has(gone, t)) {
        sequence_remove(gone, t);
        sequence_add(list, t);
        known[t] = true;
      } else if (sequence_has(list, t)) {
        known[t] = true;
      }
    }
  }
  *list = kept;
}

/* Dead objects leave their lists. */
static void shadow_bury(void) {
  shadow_settle();
  for (uint32_t g = 0; g < LISTS; g++)
    for (uint32_t i = lists[g].n; i-- > 0;)
      if (!shadow[lists[g].at[i]].live) sequence_remove(&lists[g], lists[g].at[i]);
}

static void compare(void) {
  uint32_t live = 0;
  for (uint32_t o = 1; o < SHADOW_OBJECTS; o++) {
    CHECK(rh_object_live(o) == shadow[o].live);
    live += shadow[o].live;
    if (shadow[o].live) CHECK_INT(rh_object_count(o), shadow[o].immortal ? RH_COUNT_IMMORTAL : shadow_count(o));
  }
  CHECK_INT(rh_object_total(), live);
  for (uint32_t g = 0; g < LISTS; g++) {
    uint32_t o = rh_gc_first(g);
    CHECK_INT(rh_gc_size(g), lists[g].n);
    for (uint32_t i = 0; i < lists[g].n; i++, o = rh_gc_next(o)) CHECK_INT(o, lists[g].at[i]);
    CHECK_INT(o, 0);
  }
  check_heap();
}

static void mutate(void) {
  uint32_t o = 1 + random_below(NODES), v = 1 + random_below(NODES), i = random_below(WIDTH);
  switch (random_below(8)) {
  case 0:
  case 1: {
    uint32_t made = rh_object_total() < NODES ? rh_object_new(WIDTH) : 0;
    if (made == 0) break;
    CHECK(made < SHADOW_OBJECTS && !shadow[made].live);
    shadow[made] = (struct shadow){.live = true, .slots = WIDTH, .external = 1};
    if (random_below(8) != 0) {
      rh_gc_track(made);
      sequence_add(&lists[0], made);
    }
    break;
  }
  case 2:
  case 3:
  case 4: {
    if (!shadow[o].live || !shadow[v].live) break;
    set(o, i, v);
    shadow[o].slot[i] = v;
    shadow_bury();
    break;
  }
  case 5:
    if (!shadow[o].live || shadow[o].external == 0) break;
    rh_object_release(o);
    shadow[o].external--;
    shadow_bury();
    break;
  case 6:
    if (!shadow[o].live || random_below(3) != 0) break;
    rh_object_retain(o);
    shadow[o].external++;
    break;
  default:
    if (!shadow[o].live || random_below(60) != 0) break;
    rh_object_immortalize(o);
    shadow[o].immortal = true;
  }
}

static void mutate_some(uint32_t most) {
  for (uint32_t n = random_below(most); n > 0; n--) mutate();
}

static void random_collection(void) {
  uint32_t k = random_below(3), up = k < 2 ? k + 1 : 2;
  rh_gc_find(k);
  sequence_join(&lists[k], &lists[RH_FOUND]);
  for (uint32_t g = 0; g < k; g++) sequence_join(&lists[k], &lists[g]);
  bool inside[SHADOW_OBJECTS] = {false}, reached[SHADOW_OBJECTS];
  for (uint32_t i = 0; i < lists[k].n; i++) inside[lists[k].at[i]] = true;
  shadow_reach(inside, reached);
  shadow_scan(&lists[k], &lists[RH_FOUND]);
  for (uint32_t o = 1; o < SHADOW_OBJECTS; o++)
    if (inside[o]) CHECK((rh_gc_generation(o) == RH_FOUND) == !reached[o]);
  compare();
  mutate_some(3);
  rh_gc_promote(k);
  if (k < 2) sequence_join(&lists[up], &lists[k]);
  mutate_some(6);
  CHECK_INT(rh_gc_confirm(up), rh_gc_size(RH_FOUND));
  struct sequence gone;
  shadow_scan(&lists[RH_FOUND], &gone);
  sequence_join(&lists[up], &lists[RH_FOUND]);
  sequence_join(&lists[RH_FOUND], &gone);
  compare();
  mutate_some(3);
  uint32_t before = rh_object_total();
  uint32_t freed = rh_gc_clear();
  for (uint32_t i = 0; i < lists[RH_FOUND].n; i++) {
    struct shadow *s = &shadow[lists[RH_FOUND].at[i]];
    memset(s->slot, 0, sizeof s->slot);
  }
  shadow_bury();
  CHECK_INT(rh_object_total(), before - freed);
  compare();
}

static void test_random(void) {
  for (uint32_t run = 0; run < 60; run++) {
    rh_core_reset();
    memset(shadow, 0, sizeof shadow);
    memset(lists, 0, sizeof lists);
    for (uint32_t step = 0; step < 40; step++) {
      for (uint32_t i = 0; i < 12; i++) mutate();
      compare();
      random_collection();
      if (random_below(20) == 0) {
        rh_gc_freeze();
        for (uint32_t g = 0; g <= 2; g++) sequence_join(&lists[RH_FROZEN], &lists[g]);
        compare();
      }
      if (random_below(10) == 0) {
        rh_gc_unfreeze();
        sequence_join(&lists[2], &lists[RH_FROZEN]);
      }
    }
  }
}

TEST_MAIN(test_lists, test_bad_arguments, test_cycle, test_order, test_order_forward, test_generations_join_in_order,
          test_external_holders, test_resurrection, test_held_at_clear, test_freeze, test_many_holes, test_random)
