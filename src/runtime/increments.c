/*
 * The incremental collector of 3.14.0-3.14.4 (8.14-8.16): which objects a
 * collection short of a full one takes.
 *
 * The core's lists stand for its own: 0 young, 1 the old objects this cycle has
 * visited, 2 those it has not. A cycle begins after every full collection. Its
 * first increment only marks: what roots reach through objects not yet visited
 * becomes visited, and nothing is collected. Each later one collects the young,
 * and as many unvisited old objects as it has work left.
 *
 * How much work that is depends on the interpreter's own heap. Marking takes
 * twice the marked objects off, every increment adds two small fractions of the
 * heap, so for long only the young are collected. `share` and `own` bound the
 * work from above: share counts millionths of the interpreter's own heap, of
 * which at least half is marked and which has at least LEAST_HEAP objects; own
 * is what the trace's objects add. When the bound passes the number of young
 * objects, what the increment takes is in doubt, until the next full collection.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"
#include <inttypes.h>
#include <string.h>

enum {
  YOUNG = 0,
  VISITED = 1,
  UNVISITED = 2,
  WHOLE = 1000000,
  SCAN_RATE = 10,    /* a fraction of the heap: 1 / SCAN_RATE / threshold 1 */
  LEAST_HEAP = 4000, /* containers of a started interpreter */
  OBSERVER = 16      /* new containers of an observer in one increment */
};

static struct {
  bool marked, doubt;
  int64_t share, own;
} cycle;

static uint32_t *held; /* by object: references from other objects */
static struct rh_rt_vector reached;

void rh_rt_begin_cycle(void) {
  cycle = (__typeof__(cycle)){0};
}

bool rh_rt_increment_doubted(void) {
  return cycle.doubt;
}

/* Visited before unvisited: the order of a full collection. */
void rh_rt_join_spaces(void) {
  rh_because("GC-8", 0,
             "a full collection takes the %u visited objects first, then the %u unvisited, then the %u young",
             rh_gc_size(VISITED), rh_gc_size(UNVISITED), rh_gc_size(YOUNG));
  for (uint32_t o; (o = rh_gc_first(UNVISITED)) != 0;) rh_gc_move(o, VISITED);
  rh_gc_promote(VISITED);
  rh_rt_begin_cycle();
}

void rh_rt_unfreeze_visited(void) {
  for (uint32_t o; (o = rh_gc_first(RH_FROZEN)) != 0;) rh_gc_move(o, VISITED);
}

/* ---- marking ---- */

static uint32_t last_live(void) {
  uint32_t left = rh_object_total(), o = 0;
  while (left > 0) left -= rh_object_live(++o);
  return o;
}

static void count_held(void) {
  uint32_t last = last_live();
  if (held == NULL) held = rh_rt_allocate(NULL, RH_OBJECTS * sizeof *held);
  memset(held, 0, (last + 1) * sizeof *held);
  for (uint32_t o = 1; o <= last; o++) {
    if (!rh_object_live(o)) continue;
    for (uint32_t i = 0; i < rh_object_length(o); i++) held[rh_slot_get(o, i)]++; /* [0]: empty slots */
  }
}

/* Moved to RH_FOUND it waits for its turn; every list but these two is visited. */
static void reach(uint32_t o) {
  uint32_t list = rh_gc_generation(o);
  if (list != YOUNG && list != UNVISITED) return;
  rh_gc_move(o, RH_FOUND);
  rh_rt_push(&reached, o);
}

static void reach_roots(uint32_t list) {
  uint32_t next;
  for (uint32_t o = rh_gc_first(list); o != 0; o = next) {
    next = rh_gc_next(o);
    if (rh_object_count(o) > held[o]) reach(o);
  }
}

/* Returns how many objects it marked. */
static int64_t mark(void) {
  reached.count = 0;
  count_held();
  reach_roots(UNVISITED);
  reach_roots(YOUNG);
  for (size_t i = 0; i < reached.count; i++) {
    uint32_t o = reached.items[i];
    rh_gc_move(o, VISITED);
    for (uint32_t slot = 0; slot < rh_object_length(o); slot++) reach(rh_slot_get(o, slot));
  }
  return (int64_t)reached.count;
}

/* ---- work ---- */

static void add_fraction(int64_t scale) {
  cycle.share += WHOLE / SCAN_RATE / scale;
  cycle.own += (int64_t)rh_object_total() / SCAN_RATE / scale + 1;
}

bool rh_rt_increment_marks(int64_t fresh, int64_t threshold1) {
  int64_t scale = threshold1 < 2 ? 2 : threshold1;
  cycle.own += fresh + OBSERVER;
  add_fraction(scale);
  if (!cycle.marked) {
    cycle.marked = true;
    cycle.share -= WHOLE;
    int64_t marked = mark();
    rh_because("GEN-14", 0,
               "the first increment after a full collection only marks: it collects nothing, is in no statistics, and "
               "makes what "
               "roots reach through unvisited objects visited, %" PRId64 " of them, shown as generation 2",
               marked);
    cycle.own -= 2 * marked;
    return true;
  }
  int64_t young = rh_gc_size(YOUNG);
  int64_t most = cycle.own + cycle.share * LEAST_HEAP / WHOLE;
  cycle.doubt = cycle.doubt || cycle.share >= 0 || most > young;
  add_fraction(scale);
  cycle.own -= young;
  return false;
}
