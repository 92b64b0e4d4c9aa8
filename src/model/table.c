/*
 * Dicts and sets. Entries are kept in insertion order, a dict's as pairs of
 * slots (key, value); deleted ones stay as empty slots until the table is
 * rebuilt, because they take part in the sizes (DCT-1, DCT-7). Finding a key
 * goes through a plain hash index that no rule depends on.
 */
#include "model/heap.h"

#include <stdlib.h>

enum { SMALLEST = 8, BIG_SET = 50000 };

static size_t stride(const struct object *o) {
  return o->kind == RH_MODEL_DICT ? 2 : 1;
}

static size_t entries(const struct object *o) {
  return o->length / stride(o);
}

static struct object *key_at(const struct object *o, size_t entry) {
  const struct edge *e = o->slots[entry * stride(o)];
  return e ? e->to : NULL;
}

/* ---- the index ---- */

static void place(struct table *t, uint64_t hash, size_t entry) {
  size_t i = hash & (t->nplaces - 1);
  while (t->places[i]) i = (i + 1) & (t->nplaces - 1);
  t->places[i] = (uint32_t)entry + 1;
}

static void index_again(struct object *o) {
  struct table *t = o->table;
  size_t n = 16;
  while (n < 4 * entries(o)) n *= 2;
  t->places = rh_m_memory(t->places, n, sizeof *t->places);
  for (size_t i = 0; i < n; i++) t->places[i] = 0;
  t->nplaces = n;
  for (size_t e = 0; e < entries(o); e++) {
    uint64_t hash;
    if (key_at(o, e) && rh_m_hash(key_at(o, e), &hash) == RH_MODEL_OK) place(t, hash, e);
  }
}

/* The entry that holds the key, or entries(o). */
static size_t find(const struct object *o, const struct object *key, uint64_t hash) {
  const struct table *t = o->table;
  if (!t->nplaces) return entries(o);
  for (size_t i = hash & (t->nplaces - 1); t->places[i]; i = (i + 1) & (t->nplaces - 1)) {
    size_t e = t->places[i] - 1;
    if (key_at(o, e) && rh_m_equal(key_at(o, e), key)) return e;
  }
  return entries(o);
}

static void push_entry(struct object *o, struct object *key, struct object *value, uint64_t hash) {
  rh_m_push_slot(o, key);
  if (value) rh_m_push_slot(o, value);
  o->table->used++;
  if (2 * entries(o) > o->table->nplaces)
    index_again(o);
  else
    place(o->table, hash, entries(o) - 1);
}

/* Deleted entries vanish. */
static void compact(struct object *o) {
  size_t n = 0;
  for (size_t i = 0; i < o->length; i++)
    if (o->slots[i]) o->slots[n++] = o->slots[i];
  o->length = n;
  index_again(o);
}

/* ---- table sizes of dicts ---- */

static uint64_t usable(uint64_t size) {
  return 2 * size / 3;
}

/* DCT-2: the table size for a wanted number of slots. */
static uint64_t round_up(uint64_t wanted) {
  uint64_t size = SMALLEST;
  if (rh_m.params.dict_round_up_bug) {
    wanted = ((wanted | SMALLEST) - 1) | (SMALLEST - 1);
    while (size <= wanted) size *= 2;
  } else {
    while (size < wanted) size *= 2;
  }
  return size;
}

static void rebuild(struct object *o, uint64_t wanted) {
  o->table->size = round_up(wanted);
  compact(o);
}

/* DCT-1: what happens to the table before a new key goes in. */
static void make_room(struct object *o, const struct object *key) {
  struct table *t = o->table;
  if (t->size == 0)
    t->size = SMALLEST;
  else if (entries(o) >= usable(t->size))
    rebuild(o, 3 * t->used);
  if (key->kind != RH_MODEL_STR) t->general = true;
}

/* DCT-5: the first key that is no str rebuilds a table for strings. */
static void note_key(struct object *o, const struct object *key) {
  struct table *t = o->table;
  if (key->kind == RH_MODEL_STR || t->general || t->size == 0) return;
  t->general = true;
  if (rh_m.params.dict_small_entries) rebuild(o, 3 * t->used);
}

/* ---- sets ---- */

/* DCT-7: rebuilt for more than `wanted` slots. */
static void rebuild_set(struct object *o, uint64_t wanted) {
  o->table->size = SMALLEST;
  while (o->table->size <= wanted) o->table->size *= 2;
  compact(o);
}

static bool is_crowded(const struct object *o, uint64_t fill) {
  return 5 * fill >= 3 * (o->table->size - 1);
}

static void add(struct object *o, struct object *v, uint64_t hash) {
  struct table *t = o->table;
  t->vague |= entries(o) != t->used; /* a deleted place may be used again */
  push_entry(o, v, NULL, hash);
  if (!is_crowded(o, entries(o))) return;
  rebuild_set(o, t->used > BIG_SET ? 2 * t->used : 4 * t->used);
}

/* ---- engine functions ---- */

void rh_m_table_empty(struct object *o) {
  free(o->table->places);
  *o->table = (struct table){.size = o->kind == RH_MODEL_SET ? SMALLEST : 0};
}

int rh_model_put(uint32_t handle, uint32_t key_handle, uint32_t v_handle) {
  struct object *o = rh_m_at(handle), *key = rh_m_at(key_handle), *v = rh_m_at(v_handle);
  uint64_t hash;
  if (o->kind != RH_MODEL_DICT) return RH_MODEL_TYPE_ERROR;
  int error = rh_m_hash(key, &hash);
  if (error) return error;
  if (rh_m_may_be_tracked(key) || rh_m_may_be_tracked(v)) rh_m_track(o); /* TRK-3 */
  note_key(o, key);
  size_t e = find(o, key, hash);
  if (e < entries(o)) { /* RC-12: the old key stays, the new value comes before the old one goes */
    struct edge *old = o->slots[2 * e + 1];
    o->slots[2 * e + 1] = rh_m_refer(o, v);
    rh_m_release(old);
    return RH_MODEL_OK;
  }
  make_room(o, key);
  push_entry(o, key, v, hash);
  return RH_MODEL_OK;
}

/* Deletes an entry, then drops the key, then the value (RC-7). */
static void delete_entry(struct object *o, size_t e) {
  struct object *gone[2] = {NULL, NULL};
  for (size_t i = 0; i < stride(o); i++) gone[i] = rh_m_take(&o->slots[e * stride(o) + i]);
  o->table->used--;
  for (size_t i = 0; i < stride(o); i++) rh_m_drop(gone[i]);
}

int rh_model_remove_key(uint32_t handle, uint32_t key) {
  struct object *o = rh_m_at(handle);
  uint64_t hash;
  if (o->kind != RH_MODEL_DICT) return RH_MODEL_TYPE_ERROR;
  int error = rh_m_hash(rh_m_at(key), &hash);
  if (error) return error;
  if (rh_m_at(key)->kind != RH_MODEL_STR && o->table->size) o->table->general |= rh_m.params.dict_lookup_generalizes;
  size_t e = find(o, rh_m_at(key), hash);
  if (e == entries(o)) return RH_MODEL_KEY_ERROR;
  delete_entry(o, e);
  return RH_MODEL_OK;
}

int rh_model_add(uint32_t handle, uint32_t v) {
  struct object *o = rh_m_at(handle);
  uint64_t hash;
  if (o->kind != RH_MODEL_SET) return RH_MODEL_TYPE_ERROR;
  int error = rh_m_hash(rh_m_at(v), &hash);
  if (error) return error;
  if (find(o, rh_m_at(v), hash) == entries(o)) add(o, rh_m_at(v), hash);
  return RH_MODEL_OK;
}

int rh_model_discard(uint32_t handle, uint32_t v) {
  struct object *o = rh_m_at(handle);
  uint64_t hash;
  if (o->kind != RH_MODEL_SET) return RH_MODEL_TYPE_ERROR;
  int error = rh_m_hash(rh_m_at(v), &hash);
  if (error) return error;
  size_t e = find(o, rh_m_at(v), hash);
  if (e < entries(o)) delete_entry(o, e);
  return RH_MODEL_OK;
}

/* ---- building and copying ---- */

static void put_number(uint32_t dict, int64_t i) {
  uint32_t key = rh_model_new_int(i);
  rh_model_put(dict, key, rh_m_none()->handle);
  rh_model_drop(key);
}

/* The table of a dict that got n keys one by one. */
static uint64_t grown(uint64_t n) {
  uint64_t size = n ? SMALLEST : 0;
  while (usable(size) < n) size = round_up(3 * usable(size));
  return size;
}

/* DCT-3: before n entries of another dict go in. An empty dict takes over the
 * other's table if it has no deleted entries and is no larger than needed. */
static void presize_dict(struct object *o, uint64_t n, uint64_t other_entries, uint64_t other_size, bool general) {
  struct table *t = o->table;
  bool take_over = t->used == 0 && other_entries == n && (other_size == SMALLEST || usable(other_size / 2) < n);
  if (!take_over && usable(t->size) >= n) return;
  t->general |= general;
  rebuild(o, (3 * (t->used + n) + 1) / 2);
  if (take_over) t->size = other_size;
}

uint32_t rh_model_new_dict(uint32_t n, int source) {
  uint32_t dict = rh_model_new_object(RH_MODEL_DICT, 0);
  if (source == RH_MODEL_FROM_MERGE1) put_number(dict, -1);
  if (n && (source == RH_MODEL_FROM_MERGE0 || source == RH_MODEL_FROM_MERGE1 || source == RH_MODEL_FROM_DICT))
    presize_dict(rh_m_at(dict), n, n, grown(n), true);
  for (uint32_t i = 0; i < n; i++) put_number(dict, i);
  return dict;
}

/* DCT-8: a set grows by merging so that all of `n` new members fit. */
static void presize_set(struct object *o, uint64_t n) {
  if (is_crowded(o, entries(o) + n)) rebuild_set(o, 2 * (o->table->used + n));
}

uint32_t rh_model_new_set(uint32_t n, int source) {
  uint32_t set = rh_model_new_object(RH_MODEL_SET, 0);
  if (source == RH_MODEL_FROM_SET || source == RH_MODEL_FROM_DICT || source == RH_MODEL_FROM_COPY)
    presize_set(rh_m_at(set), n);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t v = rh_model_new_int(i);
    rh_model_add(set, v);
    rh_model_drop(v);
  }
  return set;
}

/* DCT-4: a dict's copy keeps the table, deleted entries and all, if at least
 * two thirds of the entries written are in use. */
static uint32_t copy_dict(struct object *o) {
  uint32_t handle = rh_model_new_object(RH_MODEL_DICT, 0);
  struct object *copy = rh_m_at(handle);
  if (o->table->used == 0) return handle;
  if (o->table->used < entries(o) * 2 / 3) { /* DCT-3 */
    presize_dict(copy, o->table->used, entries(o), o->table->size, o->table->general);
    for (size_t e = 0; e < entries(o); e++)
      if (key_at(o, e)) rh_model_put(handle, key_at(o, e)->handle, o->slots[2 * e + 1]->to->handle);
    return handle;
  }
  for (size_t i = 0; i < o->length; i++) rh_m_push_slot(copy, o->slots[i] ? o->slots[i]->to : NULL);
  copy->table->size = o->table->size;
  copy->table->used = o->table->used;
  copy->table->general = o->table->general;
  index_again(copy);
  if (o->in) rh_m_track(copy);
  return handle;
}

static uint32_t copy_set(struct object *o) {
  uint32_t handle = rh_model_new_object(RH_MODEL_SET, 0);
  presize_set(rh_m_at(handle), o->table->used);
  for (size_t e = 0; e < entries(o); e++)
    if (key_at(o, e)) rh_model_add(handle, key_at(o, e)->handle);
  return handle;
}

uint32_t rh_model_copy(uint32_t handle) {
  struct object *o = rh_m_at(handle);
  if (o->kind == RH_MODEL_DICT) return copy_dict(o);
  return o->kind == RH_MODEL_SET ? copy_set(o) : rh_m_copy_sequence(o);
}

/* The i-th item of a sequence, the i-th key or value of a dict or set. */
static uint32_t slot_of(uint32_t handle, uint64_t i, size_t offset) {
  const struct object *o = rh_m_at(handle);
  size_t step = o->kind == RH_MODEL_DICT ? 2 : 1;
  for (size_t s = 0; o->kind == RH_MODEL_DICT || o->kind == RH_MODEL_SET; s += step) {
    if (s >= o->length) return 0;
    if (o->slots[s] && i-- == 0) return o->slots[s + offset]->to->handle;
  }
  return i < o->length && o->slots[i] ? o->slots[i]->to->handle : 0;
}

uint32_t rh_model_item(uint32_t handle, uint64_t i) {
  return slot_of(handle, i, 0);
}

uint32_t rh_model_value(uint32_t handle, uint64_t i) {
  return rh_m_at(handle)->kind == RH_MODEL_DICT ? slot_of(handle, i, 1) : 0;
}
