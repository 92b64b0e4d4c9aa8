/*
 * Dicts. Entries are pairs of slots (key, value) in insertion order; deleted
 * ones stay as empty slots until the table is rebuilt, because they take part
 * in its growth (DCT-1). A key is found through a plain hash index that no
 * rule depends on.
 */
#include "model/heap.h"

#include <stdlib.h>

enum { SMALLEST = 8 };

static size_t entries(const struct object *o) {
  return o->length / 2;
}

static struct object *key_at(const struct object *o, size_t entry) {
  const struct edge *e = o->slots[2 * entry];
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
  rh_m_push_slot(o, value);
  o->table->used++;
  if (o->length > o->table->nplaces) {
    index_again(o);
  } else {
    place(o->table, hash, entries(o) - 1);
  }
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
  if (t->size == 0) {
    t->size = SMALLEST;
  } else if (entries(o) >= usable(t->size)) {
    rebuild(o, 3 * t->used);
  }
  if (key->kind != RH_MODEL_STR) t->general = true;
}

/* DCT-5: the first key that is no str rebuilds a table for strings. */
static void note_key(struct object *o, const struct object *key) {
  struct table *t = o->table;
  if (key->kind == RH_MODEL_STR || t->general || t->size == 0) return;
  t->general = true;
  if (rh_m.params.dict_small_entries) rebuild(o, 3 * t->used);
}

/* ---- engine functions ---- */

/* Is it a dict, and can the key be one? */
static int check_key(const struct object *o, struct object *key, uint64_t *hash) {
  return o->kind == RH_MODEL_DICT ? rh_m_hash(key, hash) : RH_MODEL_TYPE_ERROR;
}

int rh_model_put(uint32_t handle, uint32_t key_handle, uint32_t v_handle) {
  struct object *o = rh_m_at(handle), *key = rh_m_at(key_handle), *v = rh_m_at(v_handle);
  uint64_t hash;
  int error = check_key(o, key, &hash);
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

/* RC-7: key, then value. */
int rh_model_remove_key(uint32_t handle, uint32_t key_handle) {
  struct object *o = rh_m_at(handle), *key = rh_m_at(key_handle);
  uint64_t hash;
  int error = check_key(o, key, &hash);
  if (error) return error;
  if (key->kind != RH_MODEL_STR && o->table->size) o->table->general |= rh_m.params.dict_lookup_generalizes;
  size_t e = find(o, key, hash);
  if (e == entries(o)) return RH_MODEL_KEY_ERROR;
  struct object *old_key = rh_m_take(&o->slots[2 * e]), *value = rh_m_take(&o->slots[2 * e + 1]);
  o->table->used--;
  rh_m_drop(old_key);
  rh_m_drop(value);
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
  t->general |= general && rh_m.params.dict_small_entries;
  rebuild(o, (3 * (t->used + n) + 1) / 2);
  if (take_over) t->size = other_size;
}

/* DCT-1: an argument of dict(), which in 3.9 makes a table before it looks at it. */
static bool is_call_argument(int source) {
  return source == RH_MODEL_FROM_LIST || source == RH_MODEL_FROM_TUPLE || source == RH_MODEL_FROM_SET ||
         source == RH_MODEL_FROM_DICT || source == RH_MODEL_FROM_ITER || source == RH_MODEL_FROM_GEN;
}

uint32_t rh_model_new_dict(uint32_t n, int source) {
  uint32_t dict = rh_model_new_object(RH_MODEL_DICT, 0);
  if (source == RH_MODEL_FROM_MERGE1) put_number(dict, -1);
  if (n && (source == RH_MODEL_FROM_MERGE0 || source == RH_MODEL_FROM_MERGE1 || source == RH_MODEL_FROM_DICT))
    presize_dict(rh_m_at(dict), n, n, grown(n), true);
  if (n == 0 && is_call_argument(source) && rh_m.params.dict_call_allocates) rebuild(rh_m_at(dict), 0);
  for (uint32_t i = 0; i < n; i++) put_number(dict, i);
  return dict;
}

/* DCT-4: a dict's copy keeps the table, deleted entries and all, if at least
 * two thirds of the entries written are in use. */
uint32_t rh_m_copy_dict(struct object *o) {
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
