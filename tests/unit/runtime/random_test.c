/*
 * Random programs whose finalizers and callbacks run programs themselves:
 * create, drop, resurrect, collect, drop themselves. What must hold at every
 * step is that the heap's own books balance; at the end, that dropping every
 * name and collecting leaves nothing.
 */
#include "runtime_test.h"

#ifdef RH_CHECKS
#include "core/core.h"
#endif

enum { NAMES = 16, DEPTH_MAX = 4, STEPS_MAX = 20000 };

static uint64_t seed;
static uint32_t names[NAMES];
static int depth;
static int steps; /* bounds what one program can do */

static uint32_t below(uint32_t n) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return (uint32_t)((seed >> 11) % n);
}

/* Binds a name; consumes the reference. The old object dies when the new one
 * is bound. */
static void bind(uint32_t name, uint32_t o) {
  uint32_t old = names[name];
  names[name] = o;
  if (old != 0) rh_runtime_drop(old);
}

static uint32_t create(void) {
  static const int kinds[] = {RH_RT_NODE, RH_RT_FIN,  RH_RT_FIN, RH_RT_LISTFIN, RH_RT_NOGCFIN,
                              RH_RT_LIST, RH_RT_DICT, RH_RT_SET, RH_RT_DEQUE,   RH_RT_OBJECT};
  uint32_t o = names[below(NAMES)], w = 0, items[3];
  switch (below(7)) {
  case 0:
    for (int i = 0; i < 3; i++) items[i] = names[below(NAMES)];
    return rh_runtime_new_tuple(items, below(4), RH_RT_FROM_DISPLAY);
  case 1:
    rh_runtime_new_weakref(o, below(2), below(100), &w);
    return w;
  case 2:
    return rh_runtime_copy(o);
  case 3:
    return below(2) ? rh_runtime_new_list(below(20), (int)below(15)) : rh_runtime_new_set(below(9), (int)below(15));
  default:
    return rh_runtime_new_object(kinds[below(10)], below(100));
  }
}

static uint32_t key(void) {
  char text[2] = {(char)('a' + below(6)), 'k'};
  switch (below(4)) {
  case 0:
    return rh_runtime_new_str(text, 1 + below(2), below(2));
  case 1:
    return rh_runtime_new_int(below(2) ? below(10) : 100000 + below(10));
  case 2:
    return rh_runtime_new_float(below(8) / 2.0);
  default:
    rh_runtime_retain(names[0]);
    return names[0];
  }
}

static void change_list(uint32_t o, uint32_t v) {
  int64_t i = (int64_t)below(20) - 8;
  switch (below(8)) {
  case 0:
    rh_runtime_insert(o, i, v);
    break;
  case 1:
    rh_runtime_pop(o, below(2) ? -1 : i);
    break;
  case 2:
    rh_runtime_clear(o);
    break;
  case 3:
    rh_runtime_extend(o, below(10), (int)below(15));
    break;
  case 4:
    rh_runtime_replace_slice(o, i, (int64_t)below(20) - 8, below(6));
    break;
  case 5:
    if (rh_runtime_length(o) < 100) rh_runtime_repeat(o, (int64_t)below(4) - 1);
    break;
  default:
    rh_runtime_append(o, v);
    break;
  }
}

static void change_mapping(uint32_t o, uint32_t v) {
  uint32_t k = key();
  switch (below(4)) {
  case 0:
    rh_runtime_remove_key(o, k);
    rh_runtime_discard(o, k);
    break;
  case 1:
    rh_runtime_add(o, v);
    rh_runtime_put(o, v, k);
    break;
  default:
    rh_runtime_put(o, k, v);
    rh_runtime_add(o, k);
    break;
  }
  rh_runtime_drop(k);
}

static void control(void) {
  switch (below(10)) {
  case 0:
    rh_runtime_freeze();
    break;
  case 1:
    rh_runtime_unfreeze();
    break;
  case 2:
    rh_runtime_set_debug(below(3) == 0 ? RH_RT_DEBUG_SAVEALL : 0);
    break;
  case 3:
    rh_runtime_clear_garbage();
    break;
  case 4:
    rh_runtime_enable(below(2));
    rh_runtime_set_threshold(0, below(40));
    break;
  default:
    rh_runtime_collect((int)below(3));
    break;
  }
}

static void change(void) {
  uint32_t o = names[below(NAMES)], v = names[below(NAMES)];
  /* Names may lose both while this runs: hold them as an operation does. */
  rh_runtime_retain(o), rh_runtime_retain(v);
  switch (below(4)) {
  case 0:
    rh_runtime_set_field(o, below(3), below(4) ? v : 0);
    break;
  case 1:
    change_mapping(o, v);
    break;
  default:
    change_list(o, v);
    break;
  }
  rh_runtime_drop(o), rh_runtime_drop(v);
}

static void look(void) {
  uint32_t o = names[below(NAMES)];
  uint64_t n = rh_runtime_referents(o);
  for (uint64_t i = 0; i < n && i < 10; i++) CHECK(rh_runtime_referent_at(o, i) != 0);
  CHECK_INT(rh_runtime_referent_at(o, n), 0);
  CHECK(o == 0 || rh_runtime_refs(o) != 0);
  CHECK(rh_runtime_size_of(o) != 0);
  uint64_t length = rh_runtime_length(o);
  int kind = rh_runtime_kind(o);
  if (length > 0 && kind != RH_RT_STR && kind != RH_RT_BYTES) CHECK(rh_runtime_item(o, length - 1) != 0);
  CHECK(!rh_runtime_finalized(o) || kind == RH_RT_FIN || kind == RH_RT_LISTFIN);
}

static void step(void) {
  switch (below(8)) {
  case 0:
  case 1:
    bind(below(NAMES), create());
    break;
  case 2:
    bind(below(NAMES), 0);
    break;
  case 3:
    if (below(4) == 0) control();
    break;
  case 4:
    look();
    break;
  default:
    change();
    break;
  }
  rh_runtime_safepoint();
}

/* A finalizer or callback: a short program that may also keep its object, or
 * make the name it came from forget it. */
static void act(uint32_t object, uint32_t label) {
  event_log[0] = '\0';
  if (depth == DEPTH_MAX || steps >= STEPS_MAX || label % 3 == 0) return;
  depth++;
  if (label % 5 == 0) {
    rh_runtime_retain(object);
    bind(below(NAMES), object);
  }
  for (uint32_t i = below(4); i > 0; i--) step(), steps++;
  if (label % 7 == 0) rh_runtime_collect((int)below(3));
  for (uint32_t i = 0; i < NAMES; i++) {
    if (names[i] == object && below(2)) bind(i, 0);
  }
  depth--;
}

static void check_books(void) {
#ifdef RH_CHECKS
  const char *why = "";
  if (!rh_core_check(&why)) fprintf(stderr, "seed %" PRIu64 ": %s\n", seed, why);
  CHECK(rh_core_check(&why));
#endif
}

static void run_program(const char *profile, uint64_t number, int length) {
  start(profile);
  seed = number * UINT64_C(0x9e3779b97f4a7c15) + 1;
  steps = 0;
  memset(names, 0, sizeof names);
  action = act;
  for (int i = 0; i < length; i++) {
    step();
    event_log[0] = '\0';
    if (i % 8 == 0) check_books();
  }
  action = NULL;
  rh_runtime_enable(false);
  rh_runtime_set_debug(0);
  rh_runtime_unfreeze();
  for (uint32_t i = 0; i < NAMES; i++) bind(i, 0);
  rh_runtime_clear_garbage();
  while (rh_runtime_collect(2) != 0) rh_runtime_clear_garbage();
  check_books();
  if (rh_runtime_live_objects() != 0) fprintf(stderr, "%s, program %" PRIu64 "\n", profile, number);
  CHECK_INT(rh_runtime_live_objects(), 0);
}

static void programs_leave_nothing(void) {
  static const char *const profiles[] = {"cpython-3.9",    "cpython-3.10", "cpython-3.11.7", "cpython-3.12.1",
                                         "cpython-3.13.0", "cpython-3.14", "cpython-3.15"};
  enum { PROFILES = sizeof profiles / sizeof *profiles };
  for (uint64_t i = 0; i < 1400; i++) run_program(profiles[i % PROFILES], i, i % 4 == 0 ? 1200 : 250);
}

TEST_MAIN(programs_leave_nothing)
