/* See core_model.h. */
#include "core_model.h"

#include <string.h>

enum { FROZEN = 3, FOUND = 4 };

/* --- lists --- */

static void append(struct model_list *list, uint8_t o) {
  list->member[list->n++] = o;
}

static void remove_from(struct model_list *list, uint8_t o) {
  uint32_t i = 0;
  while (list->member[i] != o) i++;
  memmove(&list->member[i], &list->member[i + 1], list->n - i - 1);
  list->n--;
}

static void leave_list(struct core_model *m, uint8_t o) {
  uint8_t list = m->object[o].list;
  if (list != MODEL_UNTRACKED) remove_from(&m->list[list], o);
  m->object[o].list = MODEL_UNTRACKED;
}

static void join_list(struct core_model *m, uint8_t o, uint8_t list) {
  append(&m->list[list], o);
  m->object[o].list = list;
}

static void append_list(struct core_model *m, uint8_t from, uint8_t to) {
  for (uint32_t i = 0; i < m->list[from].n; i++) join_list(m, m->list[from].member[i], to);
  m->list[from].n = 0;
}

/* --- counts --- */

static void drop(struct core_model *m, uint8_t o);

static void empty_slots(struct core_model *m, uint8_t o) {
  for (uint8_t i = 0; i < m->object[o].length; i++) {
    uint8_t t = m->object[o].slot[i];
    m->object[o].slot[i] = 0;
    if (t != 0) drop(m, t);
  }
}

static void drop(struct core_model *m, uint8_t o) {
  struct model_object *object = &m->object[o];
  if (object->immortal || --object->count != 0) return;
  object->live = false;
  m->spare[object->span]++;
  leave_list(m, o);
  remove_from(&m->alive, o);
  empty_slots(m, o);
}

void model_start(struct core_model *m, uint32_t objects, uint32_t slots) {
  *m = (struct core_model){.objects_left = objects, .slots_left = slots};
}

static uint8_t span_for(uint8_t slots) {
  uint8_t class = 0;
  while (slots > (class == 0 ? 0 : 1 << (class - 1))) class ++;
  return class;
}

/* Takes the span of a dead object, else a new one; false when there is neither. */
static bool take_span(struct core_model *m, uint8_t class) {
  uint32_t slots = class == 0 ? 0 : 1u << (class - 1);
  if (m->spare[class] != 0) {
    m->spare[class]--;
    return true;
  }
  if (m->objects_left == 0 || m->slots_left < slots) return false;
  m->objects_left--;
  m->slots_left -= slots;
  return true;
}

uint8_t model_new(struct core_model *m, uint8_t slots) {
  uint8_t o = 1;
  while (o < MODEL_OBJECTS && m->object[o].live) o++;
  if (o == MODEL_OBJECTS) return o;
  if (!take_span(m, span_for(slots))) return 0;
  m->object[o] = (struct model_object){
      .live = true, .length = slots, .list = MODEL_UNTRACKED, .span = span_for(slots), .count = 1, .outside = 1};
  append(&m->alive, o);
  return o;
}

void model_retain(struct core_model *m, uint8_t o) {
  if (m->object[o].immortal) return;
  m->object[o].count++;
  m->object[o].outside++;
}

void model_release(struct core_model *m, uint8_t o) {
  m->object[o].outside--;
  drop(m, o);
}

uint8_t model_swap(struct core_model *m, uint8_t o, uint8_t slot, uint8_t v) {
  uint8_t old = m->object[o].slot[slot];
  m->object[o].slot[slot] = v;
  if (v != 0) m->object[v].outside--;
  if (old != 0) m->object[old].outside++;
  return old;
}

bool model_resize(struct core_model *m, uint8_t o, uint8_t slots) {
  struct model_object *object = &m->object[o];
  for (uint8_t i = slots; i < object->length; i++) {
    if (object->slot[i] != 0) return false;
  }
  uint8_t class = span_for(slots), before = object->span;
  if (class != before && take_span(m, class)) {
    object->span = class;
    m->spare[before]++;
  } else if (class > before) {
    return false;
  }
  object->length = slots;
  return true;
}

/* --- collection --- */

void model_track(struct core_model *m, uint8_t o) {
  if (m->object[o].list == MODEL_UNTRACKED) join_list(m, o, 0);
}

void model_untrack(struct core_model *m, uint8_t o) {
  leave_list(m, o);
}

void model_move(struct core_model *m, uint8_t o, uint8_t list) {
  if (m->object[o].list == MODEL_UNTRACKED) return;
  leave_list(m, o);
  join_list(m, o, list);
}

/* References to each member of the list from outside of it. */
static void count_outside(const struct core_model *m, const struct model_list *list, uint32_t *references) {
  for (uint32_t i = 0; i < list->n; i++) {
    uint8_t o = list->member[i];
    references[o] = m->object[o].immortal ? UINT32_MAX : m->object[o].count;
  }
  for (uint32_t i = 0; i < list->n; i++) {
    const struct model_object *object = &m->object[list->member[i]];
    for (uint8_t j = 0; j < object->length; j++) references[object->slot[j]]--;
  }
}

/* Members of `list` that something outside of it reaches stay; the others are in `unreachable` afterwards. */
static void separate(struct core_model *m, uint8_t list, struct model_list *unreachable) {
  uint32_t references[MODEL_OBJECTS] = {0}, n = m->list[list].n;
  bool passed[MODEL_OBJECTS] = {false};
  uint8_t queue[2 * MODEL_OBJECTS]; /* nobody comes back twice */
  memcpy(queue, m->list[list].member, n);
  count_outside(m, &m->list[list], references);
  m->list[list].n = unreachable->n = 0;
  for (uint32_t i = 0; i < n; i++) {
    uint8_t o = queue[i];
    passed[o] = references[o] == 0;
    append(passed[o] ? unreachable : &m->list[list], o);
    for (uint8_t j = 0; !passed[o] && j < m->object[o].length; j++) {
      uint8_t t = m->object[o].slot[j];
      if (t == 0 || m->object[t].list != list || references[t] != 0) continue;
      references[t] = 1;
      if (!passed[t]) continue; /* its turn comes */
      remove_from(unreachable, t);
      queue[n++] = t;
    }
  }
}

void model_find(struct core_model *m, uint8_t k) {
  struct model_list found = {0};
  append_list(m, FOUND, k);
  for (uint8_t g = 0; g < k; g++) append_list(m, g, k);
  separate(m, k, &found);
  for (uint32_t i = 0; i < found.n; i++) join_list(m, found.member[i], FOUND);
}

void model_promote(struct core_model *m, uint8_t k) {
  if (k < 2) append_list(m, k, (uint8_t)(k + 1));
}

uint32_t model_confirm(struct core_model *m, uint8_t list) {
  struct model_list found = {0};
  separate(m, FOUND, &found);
  append_list(m, FOUND, list);
  m->list[FOUND] = found;
  return found.n;
}

uint32_t model_clear(struct core_model *m) {
  struct model_list found = m->list[FOUND];
  uint32_t before = m->alive.n;
  for (uint32_t i = 0; i < found.n; i++) m->object[found.member[i]].count++;
  for (uint32_t i = 0; i < found.n; i++) empty_slots(m, found.member[i]);
  for (uint32_t i = 0; i < found.n; i++) drop(m, found.member[i]);
  return before - m->alive.n;
}

uint32_t model_collect(struct core_model *m, uint8_t k) {
  model_find(m, k);
  model_promote(m, k);
  uint32_t found = m->list[FOUND].n;
  model_clear(m);
  return found;
}

void model_freeze(struct core_model *m) {
  for (uint8_t g = 0; g <= 2; g++) append_list(m, g, FROZEN);
}

void model_unfreeze(struct core_model *m) {
  append_list(m, FROZEN, 2);
}
