/*
 * Sets. The slots of a set are CPython's table: where a member lies follows
 * from its hash, and so does the order of visits and of release (RC-16). A
 * discarded member leaves a dummy, which counts as filled (DCT-7). Hashes of
 * integers are CPython's own; of other members, whose hashes nobody can know,
 * only what does not depend on them is claimed (`vague`).
 */
#include "model/heap.h"

#include <stdlib.h>

enum { SMALLEST = 8, NEIGHBOURS = 9, PERTURB_SHIFT = 5, LARGE = 50000 };

static void make_table(struct object *o, uint64_t size) {
  struct table *t = o->table;
  o->slots = NULL;
  o->length = 0;
  for (uint64_t i = 0; i < size; i++) rh_m_push_slot(o, NULL);
  t->dummies = rh_m_memory(t->dummies, (size_t)size, sizeof *t->dummies);
  for (uint64_t i = 0; i < size; i++) t->dummies[i] = false;
  t->fill = t->most = t->used = 0;
  t->size = size;
}

void rh_m_set_empty(struct object *o) {
  make_table(o, SMALLEST);
  o->table->general = o->table->vague = false;
}

/* The place of the member equal to v, or else the place a new one takes:
 * neighbours are tried first, then the hash jumps about. */
static size_t find(const struct object *o, const struct object *v, uint64_t hash, bool *found) {
  uint64_t mask = o->length - 1, start = hash & mask, perturb = hash;
  size_t reusable = SIZE_MAX;
  for (*found = false;;) {
    uint64_t last = start + NEIGHBOURS <= mask ? start + NEIGHBOURS : start;
    for (size_t i = start; i <= last; i++) {
      if (o->table->dummies[i]) {
        if (rh_m.params.set_reuses_dummies) reusable = i; /* DCT-9 */
      } else if (!o->slots[i]) {
        return reusable == SIZE_MAX ? i : reusable;
      } else if (rh_m_equal(o->slots[i]->to, v)) {
        *found = true;
        return i;
      }
    }
    perturb >>= PERTURB_SHIFT;
    start = (start * 5 + 1 + perturb) & mask;
  }
}

/* DCT-7: a new table with more slots than wanted; dummies vanish. */
static void rebuild(struct object *o, uint64_t wanted) {
  struct edge **old = o->slots;
  size_t n = o->length, used = o->table->used;
  uint64_t size = SMALLEST, hash;
  bool found;
  while (size <= wanted) size *= 2;
  make_table(o, size);
  for (size_t i = 0; i < n; i++)
    if (old[i] && rh_m_hash(old[i]->to, &hash) == RH_MODEL_OK) o->slots[find(o, old[i]->to, hash, &found)] = old[i];
  o->table->fill = o->table->most = o->table->used = used;
  free(old);
}

static bool is_crowded(const struct object *o, uint64_t fill) {
  return 5 * fill >= 3 * (o->table->size - 1);
}

int rh_model_add(uint32_t handle, uint32_t member) {
  struct object *o = rh_m_at(handle), *v = rh_m_at(member);
  struct table *t = o->table;
  uint64_t hash;
  bool found;
  int error = o->kind == RH_MODEL_SET ? rh_m_hash(v, &hash) : RH_MODEL_TYPE_ERROR;
  if (error) return error;
  size_t i = find(o, v, hash, &found);
  if (found) return RH_MODEL_OK;
  t->general |= v->kind != RH_MODEL_INT;
  t->vague |= t->general && t->most != t->used && is_crowded(o, t->most + 1);
  t->most++;
  t->fill += !t->dummies[i];
  if (!t->general) t->most = t->fill; /* where integers lie is known */
  t->used++;
  t->dummies[i] = false;
  o->slots[i] = rh_m_refer(o, v);
  if (is_crowded(o, t->fill)) rebuild(o, t->used > LARGE ? 2 * t->used : 4 * t->used);
  return RH_MODEL_OK;
}

int rh_model_discard(uint32_t handle, uint32_t member) {
  struct object *o = rh_m_at(handle), *v = rh_m_at(member);
  uint64_t hash;
  bool found;
  int error = o->kind == RH_MODEL_SET ? rh_m_hash(v, &hash) : RH_MODEL_TYPE_ERROR;
  if (error) return error;
  size_t i = find(o, v, hash, &found);
  if (!found) return RH_MODEL_OK;
  o->table->dummies[i] = true;
  o->table->used--;
  rh_m_drop(rh_m_take(&o->slots[i]));
  return RH_MODEL_OK;
}

/* DCT-8: merging n members of a set or dict makes room for all of them first. */
static void presize(struct object *o, uint64_t n) {
  if (is_crowded(o, o->table->fill + n)) rebuild(o, 2 * (o->table->used + n));
}

/* A display that the compiler folds is a set updated by a constant frozenset. */
static bool is_merge(int source, uint32_t n) {
  return source == RH_MODEL_FROM_SET || source == RH_MODEL_FROM_DICT || source == RH_MODEL_FROM_COPY ||
         (source == RH_MODEL_FROM_CONST && rh_m_is_folded(n));
}

uint32_t rh_model_new_set(uint32_t n, int source) {
  uint32_t set = rh_model_new_object(RH_MODEL_SET, 0);
  if (is_merge(source, n)) presize(rh_m_at(set), n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t v = rh_model_new_int(i);
    rh_model_add(set, v);
    rh_model_drop(v);
  }
  return set;
}

/* Members of a table of the same size without dummies keep their places; others are added in the order of the table. */
uint32_t rh_m_copy_set(struct object *o) {
  uint32_t handle = rh_model_new_object(RH_MODEL_SET, 0);
  struct object *copy = rh_m_at(handle);
  struct table *t = copy->table;
  presize(copy, o->table->used);
  bool keeps = t->size == o->table->size && o->table->fill == o->table->used;
  for (size_t i = 0; i < o->length; i++) {
    if (!o->slots[i]) continue;
    if (keeps) {
      copy->slots[i] = rh_m_refer(copy, o->slots[i]->to);
    } else {
      rh_model_add(handle, o->slots[i]->to->handle);
    }
  }
  if (keeps) {
    t->fill = t->most = t->used = o->table->used;
    t->general = o->table->general;
  }
  return handle;
}
