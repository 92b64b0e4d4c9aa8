/* See oracle.h. */
#include "oracle.h"
#include "core/collect.h"
#include "core/object.h"
#include <string.h>

/* ---- what can be seen ---- */

static const char *read_object(struct view *v, uint32_t o) {
  v->live[o] = rh_object_live(o);
  v->outside[o] = outside[o];
  if (!v->live[o]) return outside[o] != 0 ? "an object that is still referenced was freed" : NULL;
  uint32_t length = rh_object_length(o);
  if (length > LONGEST) return "an object is longer than any was made";
  v->length[o] = (uint8_t)length;
  v->immortal[o] = rh_object_count(o) == RH_COUNT_IMMORTAL;
  for (uint32_t i = 0; i < length; i++) {
    uint32_t t = rh_slot_get(o, i);
    if (t >= RH_OBJECTS || (t != 0 && !rh_object_live(t))) return "a slot refers to no live object";
    v->slot[o][i] = (uint8_t)t;
  }
  return NULL;
}

static const char *read_list(struct view *v, uint32_t g) {
  struct row *list = &v->list[g];
  for (uint32_t o = rh_gc_first(g); o != 0; o = rh_gc_next(o)) {
    if (list->n == OBJECTS || o >= RH_OBJECTS || rh_gc_generation(o) != g) return "a list holds what is not in it";
    list->o[list->n++] = (uint8_t)o;
  }
  return list->n == rh_gc_size(g) ? NULL : "a list is not as long as it says";
}

/* R1, and the lists leave nothing out. */
static const char *check_objects(const struct view *v) {
  uint32_t references[RH_OBJECTS] = {0}, live = 0, listed = 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    for (uint32_t i = 0; i < v->length[o]; i++) references[v->slot[o][i]]++;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    live += v->live[o];
    listed += v->live[o] && rh_gc_generation(o) != RH_UNTRACKED;
    if (v->live[o] && !v->immortal[o] && rh_object_count(o) != references[o] + v->outside[o])
      return "a count is not the number of references (R1)";
  }
  for (uint32_t g = 0; g < LISTS; g++) listed -= v->list[g].n;
  if (listed != 0) return "an object says to be in a list and is not";
  return live == rh_object_total() ? NULL : "the number of live objects is wrong (I1)";
}

const char *view_read(struct view *v) {
  const char *why = NULL;
  memset(v, 0, sizeof *v);
  for (uint32_t o = 1; o < RH_OBJECTS && why == NULL; o++) why = read_object(v, o);
  for (uint32_t g = 0; g < LISTS && why == NULL; g++) why = read_list(v, g);
  return why != NULL ? why : check_objects(v);
}

/* ---- lists of a view ---- */

static bool contains(const struct row *list, uint8_t o) {
  return memchr(list->o, o, list->n) != NULL;
}

static void append(struct row *list, uint8_t o) {
  list->o[list->n++] = o;
}

static void take_out(struct row *list, uint8_t o) {
  struct row rest = {0};
  for (uint32_t k = 0; k < list->n; k++)
    if (list->o[k] != o) append(&rest, list->o[k]);
  *list = rest;
}

static void join(struct row *from, struct row *to) {
  for (uint32_t k = 0; k < from->n; k++) append(to, from->o[k]);
  *from = (struct row){0};
}

/* ---- death (R2) ---- */

static bool held(const struct view *v, uint8_t o) {
  if (v->immortal[o] || v->outside[o] > 0) return true;
  for (uint32_t p = 1; p < RH_OBJECTS; p++)
    if (v->live[p] && memchr(v->slot[p], o, v->length[p]) != NULL) return true;
  return false;
}

static void die(struct view *v, uint8_t o) {
  for (uint32_t g = 0; g < LISTS; g++) take_out(&v->list[g], o);
  v->live[o] = false;
  v->length[o] = 0;
  memset(v->slot[o], 0, LONGEST);
}

/* Whatever nothing holds is dead, until everything left is held. */
static void bury_unheld(struct view *v) {
  for (bool again = true; again;) {
    again = false;
    for (uint8_t o = 1; o < RH_OBJECTS; o++) {
      if (!v->live[o] || held(v, o)) continue;
      die(v, o);
      again = true;
    }
  }
}

static uint32_t population(const struct view *v) {
  uint32_t n = 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) n += v->live[o];
  return n;
}

/* ---- collection (C2, C3, C4, O1) ---- */

/* What does something other than the members of the list hold? */
static void find_held(const struct view *v, const struct row *list, bool reached[RH_OBJECTS]) {
  for (uint32_t o = 1; o < RH_OBJECTS; o++) reached[o] = v->live[o] && (v->immortal[o] || v->outside[o] > 0);
  for (uint8_t p = 1; p < RH_OBJECTS; p++)
    if (v->live[p] && !contains(list, p))
      for (uint32_t i = 0; i < v->length[p]; i++) reached[v->slot[p][i]] = true;
}

/*
 * Parts the list into what is reachable from outside it, in the order that
 * rh_gc_find promises, and the rest. `queue` is what is still to be looked at:
 * a member found reachable after it was passed over goes to its end.
 */
static void separate(const struct view *v, const struct row *list, struct row *kept, struct row *rest) {
  bool reached[RH_OBJECTS];
  uint8_t queue[2 * OBJECTS];
  uint32_t n = list->n;
  memcpy(queue, list->o, n);
  find_held(v, list, reached);
  *kept = *rest = (struct row){0};
  for (uint32_t k = 0; k < n; k++) {
    uint8_t o = queue[k];
    append(reached[o] ? kept : rest, o);
    for (uint32_t i = 0; reached[o] && i < v->length[o]; i++) {
      uint8_t t = v->slot[o][i];
      if (!contains(list, t) || reached[t]) continue;
      reached[t] = true;
      if (!contains(rest, t)) continue;
      take_out(rest, t);
      queue[n++] = t;
    }
  }
}

static void find(struct view *v, uint32_t k) {
  struct row all = v->list[k];
  join(&v->list[RH_FOUND], &all);
  for (uint32_t g = 0; g < k; g++) join(&v->list[g], &all);
  separate(v, &all, &v->list[k], &v->list[RH_FOUND]);
}

static uint32_t confirm(struct view *v, uint32_t to) {
  struct row found = v->list[RH_FOUND], kept;
  separate(v, &found, &kept, &v->list[RH_FOUND]);
  join(&kept, &v->list[to]);
  return v->list[RH_FOUND].n;
}

static uint32_t clear(struct view *v) {
  uint32_t before = population(v);
  for (uint32_t k = 0; k < v->list[RH_FOUND].n; k++) memset(v->slot[v->list[RH_FOUND].o[k]], 0, LONGEST);
  bury_unheld(v);
  return before - population(v);
}

static uint32_t collect(struct view *v, uint32_t k) {
  find(v, k);
  if (k < 2) join(&v->list[k], &v->list[k + 1]);
  uint32_t found = v->list[RH_FOUND].n;
  clear(v);
  return found;
}

static uint32_t collect_these(struct view *v, const struct move *m) {
  for (uint32_t k = 0; k < m->n; k++) append(&v->list[0], m->order[k]);
  uint32_t found = collect(v, 2);
  v->list[2] = (struct row){0};
  return found;
}

/* ---- moves ---- */

static bool owned(const struct view *v, uint8_t o) {
  return o == 0 || v->immortal[o] || v->outside[o] > 0;
}

static bool bounded(const struct view *v, uint8_t o) {
  return o == 0 || v->immortal[o] || v->outside[o] < EXTERNAL;
}

static bool in_list(const struct view *v, uint8_t o) {
  for (uint32_t g = 0; g < LISTS; g++)
    if (contains(&v->list[g], o)) return true;
  return false;
}

static bool legal_swap(const struct view *v, const struct move *m) {
  uint8_t old = v->slot[m->object][m->slot];
  if (m->slot >= v->length[m->object] || (m->value != 0 && !v->live[m->value])) return false;
  if (m->operation == STORE) return m->value != 0 || old != 0;
  return owned(v, m->value) && (m->value == old || bounded(v, old));
}

bool oracle_legal(const struct view *v, const struct move *m) {
  uint8_t o = m->object;
  if (o != 0 && !v->live[o]) return false;
  for (uint32_t k = 0; k < m->n; k++)
    if (!v->live[m->order[k]] || in_list(v, m->order[k])) return false;
  switch ((enum operation)m->operation) {
  case RETAIN:
    return !v->immortal[o] && bounded(v, o);
  case RELEASE:
    return !v->immortal[o] && owned(v, o);
  case SWAP:
  case STORE:
    return legal_swap(v, m);
  case IMMORTALIZE:
    return !v->immortal[o];
  case TRACK:
    return !in_list(v, o);
  case UNTRACK:
  case MOVE:
    return in_list(v, o);
  default:
    return true;
  }
}

/* `more` external references to o: 1 or -1. */
static void own(struct view *v, uint8_t o, int more) {
  if (o != 0 && !v->immortal[o]) v->outside[o] = (uint8_t)(v->outside[o] + more);
}

static uint32_t make(struct view *v, const struct move *m, uint32_t result, bool full) {
  if (full) return 0;
  if (result == 0 || result >= RH_OBJECTS || v->live[result]) return UINT32_MAX;
  v->live[result] = true;
  v->outside[result] = 1;
  v->length[result] = m->slots;
  return result;
}

static uint32_t swap(struct view *v, const struct move *m) {
  uint8_t old = v->slot[m->object][m->slot];
  v->slot[m->object][m->slot] = m->value;
  if (m->operation == SWAP) {
    own(v, m->value, -1);
    own(v, old, 1);
  }
  bury_unheld(v);
  return old;
}

static uint32_t resize(struct view *v, const struct move *m, bool full) {
  uint8_t o = m->object;
  for (uint32_t i = m->slots; i < v->length[o]; i++)
    if (v->slot[o][i] != 0) return false;
  if (full && m->slots > v->length[o]) return false;
  v->length[o] = m->slots;
  return true;
}

static void become_immortal(struct view *v, uint8_t o) {
  v->immortal[o] = true;
  v->outside[o] = 0;
}

static void leave_lists(struct view *v, uint8_t o) {
  for (uint32_t g = 0; g < LISTS; g++) take_out(&v->list[g], o);
}

static void freeze(struct view *v) {
  for (uint32_t g = 0; g <= 2; g++) join(&v->list[g], &v->list[RH_FROZEN]);
}

uint32_t oracle_apply(struct view *v, const struct move *m, uint32_t result, bool full) {
  uint8_t o = m->object;
  switch ((enum operation)m->operation) {
  case NEW:
    return make(v, m, result, full);
  case SWAP:
  case STORE:
    return swap(v, m);
  case RESIZE:
    return resize(v, m, full);
  case CONFIRM:
    return confirm(v, m->list);
  case CLEAR:
    return clear(v);
  case COLLECT:
    return collect(v, m->list);
  case COLLECT_THESE:
    return collect_these(v, m);
  case RETAIN:
    own(v, o, 1);
    break;
  case RELEASE:
    own(v, o, -1);
    bury_unheld(v);
    break;
  case IMMORTALIZE:
    become_immortal(v, o);
    break;
  case TRACK:
    append(&v->list[0], o);
    break;
  case UNTRACK:
    leave_lists(v, o);
    break;
  case MOVE:
    leave_lists(v, o);
    append(&v->list[m->list], o);
    break;
  case FIND:
    find(v, m->list);
    break;
  case PROMOTE:
    join(&v->list[m->list], &v->list[m->list + 1]);
    break;
  case FREEZE:
    freeze(v);
    break;
  case UNFREEZE:
    join(&v->list[RH_FROZEN], &v->list[2]);
    break;
  }
  return 0;
}
