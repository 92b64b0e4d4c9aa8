/* See moves.h. */
#include "moves.h"
#include "core/collect.h"
#include "core/object.h"
#include "core/object_state.h"
#include <stdlib.h>
#include <string.h>

enum { MOST = 1024 };

static struct move moves[MOST];
static uint32_t nmoves;

/* ---- the alphabet ---- */

static void add(struct move m) {
  if (nmoves == MOST) abort();
  moves[nmoves++] = m;
}

static void add_graph(uint8_t o) {
  add((struct move){.operation = RETAIN, .object = o});
  add((struct move){.operation = RELEASE, .object = o});
  for (uint8_t i = 0; i < WIDTH; i++)
    for (uint8_t v = 0; v < RH_OBJECTS; v++) {
      add((struct move){.operation = SWAP, .object = o, .slot = i, .value = v});
      add((struct move){.operation = STORE, .object = o, .slot = i, .value = v});
    }
}

static void add_listed(uint8_t o) {
  add((struct move){.operation = TRACK, .object = o});
  add((struct move){.operation = UNTRACK, .object = o});
  for (uint8_t g = 0; g < LISTS; g++) add((struct move){.operation = MOVE, .object = o, .list = g});
}

static void add_phases(void) {
  for (uint8_t k = 0; k <= 2; k++) {
    add((struct move){.operation = FIND, .list = k});
    add((struct move){.operation = COLLECT, .list = k});
  }
  for (uint8_t k = 0; k <= 1; k++) add((struct move){.operation = PROMOTE, .list = k});
  for (uint8_t g = 0; g <= RH_FROZEN; g++) add((struct move){.operation = CONFIRM, .list = g});
  add((struct move){.operation = CLEAR});
  add((struct move){.operation = FREEZE});
  add((struct move){.operation = UNFREEZE});
}

/* Every arrangement of some of the objects that begins with `start`. */
static void add_arrangements(struct move start) {
  if (start.n > 0) add(start);
  for (uint8_t o = 1; o < RH_OBJECTS; o++) {
    struct move longer = start;
    if (memchr(start.order, o, start.n) != NULL) continue;
    longer.order[longer.n++] = o;
    add_arrangements(longer);
  }
}

uint32_t moves_count(void) {
  if (nmoves != 0) return nmoves;
  add((struct move){.operation = NEW, .slots = WIDTH});
  for (uint8_t o = 1; o < RH_OBJECTS; o++) add_graph(o);
  if (MOVES & GATHER) add_arrangements((struct move){.operation = COLLECT_THESE});
  if (MOVES & LISTED) add_phases();
  for (uint8_t n = 0; n < WIDTH && MOVES & SPREAD; n++) add((struct move){.operation = NEW, .slots = n});
  for (uint8_t o = 1; o < RH_OBJECTS; o++) {
    if (MOVES & LISTED) add_listed(o);
    if (MOVES & UNDYING) add((struct move){.operation = IMMORTALIZE, .object = o});
    for (uint8_t n = 0; n <= WIDTH && MOVES & SPREAD; n++)
      add((struct move){.operation = RESIZE, .object = o, .slots = n});
  }
  return nmoves;
}

/* ---- making a move ---- */

/* Is there no span, its own, used before or new, for what the move asks? Which one it is is the core's business. */
static bool is_full(const struct move *m) {
  uint32_t c = 0;
  while (rh_capacity[c] < m->slots) c++;
  if (m->operation == RESIZE && rh_capacity[rh_class[m->object]] >= m->slots) return false;
  for (uint32_t o = 1; o < rh_nobj; o++)
    if (rh_refcnt[o] == 0 && rh_class[o] == c) return false;
  return rh_nobj == RH_OBJECTS || rh_capacity[c] > RH_SLOTS - rh_nedge;
}

static void own(uint32_t o, int more) {
  if (o != 0 && rh_object_count(o) != RH_COUNT_IMMORTAL) outside[o] = (uint8_t)(outside[o] + more);
}

static uint32_t new_object(uint32_t slots) {
  uint32_t o = rh_object_new(slots);
  if (o != 0 && o < RH_OBJECTS) outside[o] = 1;
  return o;
}

static uint32_t swap(const struct move *m) {
  uint32_t old = rh_slot_swap(m->object, m->slot, m->value);
  own(m->value, -1);
  if (old < RH_OBJECTS) own(old, 1);
  return old;
}

static uint32_t store(const struct move *m) {
  rh_object_retain(m->value);
  uint32_t old = rh_slot_swap(m->object, m->slot, m->value);
  rh_object_release(old);
  return old;
}

static uint32_t collect_these(const struct move *m) {
  for (uint32_t k = 0; k < m->n; k++) rh_gc_track(m->order[k]);
  uint32_t found = rh_gc_collect(2);
  for (uint32_t k = 0; k < m->n; k++) rh_gc_untrack(m->order[k]);
  return found;
}

/* The move, by the core; returns what the core returned. */
static uint32_t perform(const struct move *m) {
  uint32_t o = m->object;
  switch ((enum operation)m->operation) {
  case NEW:
    return new_object(m->slots);
  case SWAP:
    return swap(m);
  case STORE:
    return store(m);
  case RESIZE:
    return rh_object_resize(o, m->slots);
  case CONFIRM:
    return rh_gc_confirm(m->list);
  case CLEAR:
    return rh_gc_clear();
  case COLLECT:
    return rh_gc_collect(m->list);
  case COLLECT_THESE:
    return collect_these(m);
  case RETAIN:
    own(o, 1);
    rh_object_retain(o);
    break;
  case RELEASE:
    own(o, -1);
    rh_object_release(o);
    break;
  case IMMORTALIZE:
    rh_object_immortalize(o);
    outside[o] = 0;
    break;
  case TRACK:
    rh_gc_track(o);
    break;
  case UNTRACK:
    rh_gc_untrack(o);
    break;
  case MOVE:
    rh_gc_move(o, m->list);
    break;
  case FIND:
    rh_gc_find(m->list);
    break;
  case PROMOTE:
    rh_gc_promote(m->list);
    break;
  case FREEZE:
    rh_gc_freeze();
    break;
  case UNFREEZE:
    rh_gc_unfreeze();
    break;
  }
  return 0;
}

/* A claim that is wrong, for the check that a wrong claim is noticed. */
static const char *false_claim(const struct view *v) {
#ifdef FALSE_CLAIM
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    for (uint32_t i = 0; i < v->length[o]; i++)
      for (uint32_t k = 0; k < v->length[v->slot[o][i]]; k++)
        if (v->slot[o][i] != o && v->slot[v->slot[o][i]][k] == o)
          return "false claim: no two objects refer to each other";
#else
  (void)v;
#endif
  return NULL;
}

/* What is wrong after a move that should have led to `expected`? */
static const char *judge(const struct view *expected, struct state *after) {
  const char *why;
  struct view seen;
  if (!rh_object_check(&why)) return why;
  why = view_read(&seen);
  if (why != NULL) return why;
  if (memcmp(&seen, expected, sizeof seen) != 0) return "the heap is not what the independent reading expects";
  why = state_save(after);
  return why != NULL ? why : false_claim(&seen);
}

/* The move in the state s, whose lists have such holes. */
static const char *make(const struct state *s, const struct move *m, enum holes holes, struct view v,
                        struct state *after) {
  state_load(s, holes);
  bool full = (m->operation == NEW || m->operation == RESIZE) && is_full(m);
  uint32_t result = perform(m);
  uint32_t expected = oracle_apply(&v, m, result, full);
  if (result != expected) return "the result is not what the independent reading expects";
  return judge(&v, after);
}

/* The same with the other patterns of holes; the state after it must be the same. */
static const char *make_again(const struct state *s, const struct move *m, const struct view *v,
                              const struct state *after) {
  const char *why = NULL;
  for (uint32_t holes = NO_HOLES + 1; holes < HOLES && why == NULL; holes++) {
    struct state again;
    why = make(s, m, (enum holes)holes, *v, &again);
    if (why == NULL && memcmp(&again, after, sizeof again) != 0) why = "holes of a list make a difference";
  }
  return why;
}

bool moves_make(const struct state *s, uint32_t number, struct state *after, uint8_t to[RH_OBJECTS], const char **why) {
  const struct move *m = &moves[number];
  struct view v;
  state_load(s, NO_HOLES);
  *why = view_read(&v);
  if (*why != NULL) return true; /* cannot be: the state before was judged already */
  if (!oracle_legal(&v, m)) return false;
  *why = make(s, m, NO_HOLES, v, after);
  if (*why == NULL && MOVES & LISTED) *why = make_again(s, m, &v, after);
  if (*why == NULL) state_rename(after, to);
  return true;
}

void moves_start(struct state *s) {
  uint8_t to[RH_OBJECTS];
  moves_count();
  memset(s, 0, sizeof *s);
  state_rename(s, to);
}

/* ---- what must be refused ---- */

static const char *refuse_handle(uint32_t o) {
  rh_object_retain(o);
  rh_object_release(o);
  rh_object_immortalize(o);
  rh_gc_track(o);
  rh_gc_untrack(o);
  rh_gc_move(o, 0);
  if (rh_object_live(o) || rh_object_count(o) != 0 || rh_object_length(o) != 0) return "a dead handle is not empty";
  if (rh_slot_get(o, 0) != 0 || rh_slot_swap(o, 0, 0) != RH_SLOT_REFUSED) return "a dead handle has slots";
  if (rh_object_resize(o, 0)) return "a dead handle was resized";
  return rh_gc_generation(o) == RH_UNTRACKED && rh_gc_next(o) == 0 ? NULL : "a dead handle is in a list";
}

static const char *refuse_arguments(uint32_t o, uint32_t dead) {
  uint32_t beyond = rh_object_length(o);
  if (rh_slot_get(o, beyond) != 0) return "there is a slot beyond the last one";
  if (rh_slot_swap(o, beyond, 0) != RH_SLOT_REFUSED) return "a slot beyond the last one was written";
  if (dead != 0 && rh_slot_swap(o, 0, dead) != RH_SLOT_REFUSED) return "a dead handle was stored";
  if (rh_object_resize(o, UINT32_MAX)) return "an object was resized beyond every bound";
  rh_gc_move(o, RH_FOUND + 1);
  rh_gc_move(o, UINT32_MAX);
  if (rh_object_count(o) == RH_COUNT_IMMORTAL) {
    rh_object_retain(o);
    rh_object_release(o);
  }
  return NULL;
}

static const char *refuse_lists(void) {
  uint32_t found = rh_gc_size(RH_FOUND);
  rh_gc_find(3);
  rh_gc_promote(2);
  if (rh_gc_collect(3) != 0) return "a generation that does not exist was collected";
  if (rh_gc_confirm(RH_FOUND) != found) return "a bad list was not refused";
  return rh_gc_first(RH_FOUND + 1) == 0 && rh_gc_size(RH_FOUND + 1) == 0 ? NULL : "the scratch list can be seen";
}

const char *moves_refused(const struct state *s) {
  struct state after;
  const char *why = NULL;
  uint32_t dead = 0;
  state_load(s, NO_HOLES);
  for (uint32_t o = 0; o <= RH_OBJECTS && why == NULL; o++) {
    if (o < RH_OBJECTS && rh_refcnt[o] != 0) continue;
    if (o < RH_OBJECTS) dead = o;
    why = refuse_handle(o);
  }
  for (uint32_t o = 1; o < RH_OBJECTS && why == NULL; o++)
    if (rh_refcnt[o] != 0) why = refuse_arguments(o, dead);
  if (why == NULL) why = refuse_handle(UINT32_MAX);
  if (why == NULL) why = refuse_lists();
  if (why == NULL && rh_object_new(UINT32_MAX) != 0) why = "an object beyond every bound was made";
  if (why == NULL) why = state_save(&after);
  if (why == NULL && memcmp(s, &after, sizeof after) != 0) why = "something refused has changed the heap";
  return why;
}

/* ---- in words ---- */

static void print_collect_these(FILE *out, const struct move *m, const char name[RH_OBJECTS]) {
  fprintf(out, "collect, tracked in this order:");
  for (uint32_t k = 0; k < m->n; k++) fprintf(out, " %c", name[m->order[k]]);
}

void moves_print(FILE *out, uint32_t number, const char name[RH_OBJECTS]) {
  static const char *const words[] = {
      [RETAIN] = "retain %c", [RELEASE] = "release %c", [IMMORTALIZE] = "make %c immortal",
      [TRACK] = "track %c",   [UNTRACK] = "untrack %c", [CLEAR] = "clear what was found",
      [FREEZE] = "freeze",    [UNFREEZE] = "unfreeze",
  };
  static const char *const lists[] = {
      [FIND] = "find in generation %u",
      [PROMOTE] = "promote generation %u",
      [CONFIRM] = "confirm; what was resurrected goes to list %u",
      [COLLECT] = "collect generation %u",
  };
  const struct move *m = &moves[number];
  char o = name[m->object];
  switch ((enum operation)m->operation) {
  case NEW:
    fprintf(out, "new object of %u slots", m->slots);
    break;
  case SWAP:
    fprintf(out, "%c[%u] takes our reference to %c, we its former one", o, m->slot, name[m->value]);
    break;
  case STORE:
    fprintf(out, "%c[%u] = %c", o, m->slot, name[m->value]);
    break;
  case RESIZE:
    fprintf(out, "resize %c to %u slots", o, m->slots);
    break;
  case MOVE:
    fprintf(out, "move %c to list %u", o, m->list);
    break;
  case FIND:
  case PROMOTE:
  case CONFIRM:
  case COLLECT:
    fprintf(out, lists[m->operation], m->list);
    break;
  case COLLECT_THESE:
    print_collect_these(out, m, name);
    break;
  default:
    fprintf(out, words[m->operation], o);
  }
}
