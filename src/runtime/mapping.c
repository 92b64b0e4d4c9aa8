/*
 * Dicts (11.5): entries in insertion order, holes where keys were removed, a
 * hash index of 2**log2 places.
 *
 * The slots are the entries a table of this size may hold (two slots each);
 * `extent` of them have been written. A table of 8 places needs no index: its
 * five entries are searched one by one. Larger ones have an array of places: 0,
 * or an entry's number plus one. The place of a removed key keeps leading to
 * its hole, so that searches go on behind it.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/growth.h"
#include "runtime/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_LOG2 = 3, NOT_FOUND = INT32_MAX };

static uint32_t **indexes; /* 1 .. index_count - 1 */
static uint32_t index_count = 1, index_capacity;
static struct rh_rt_vector free_indexes;

void rh_rt_reset_indexes(void) {
  for (uint32_t i = 1; i < index_count; i++) free(indexes[i]);
  index_count = 1;
  free_indexes.count = 0;
}

void rh_rt_free_index(uint32_t index) {
  if (index == 0) return;
  free(indexes[index]);
  indexes[index] = NULL;
  rh_rt_push(&free_indexes, index);
}

static uint32_t new_index(uint32_t log2) {
  uint32_t i;
  if (free_indexes.count > 0) {
    i = rh_rt_pop(&free_indexes);
  } else {
    if (index_count >= index_capacity) {
      index_capacity = index_capacity ? 2 * index_capacity : 64;
      indexes = rh_rt_allocate(indexes, index_capacity * sizeof *indexes);
    }
    i = index_count++;
  }
  size_t bytes = sizeof(uint32_t) << log2;
  indexes[i] = memset(rh_rt_allocate(NULL, bytes), 0, bytes);
  return i;
}

/* ---- entries ---- */

static uint32_t key_of(uint32_t dict, uint32_t entry) {
  return rh_slot_get(dict, 2 * entry + 1);
}

static uint32_t value_of(uint32_t dict, uint32_t entry) {
  return rh_slot_get(dict, 2 * entry);
}

/* Entries a table may take before it is rebuilt. */
uint32_t rh_rt_dict_usable(uint32_t log2) {
  return log2 == 0 ? 0 : (uint32_t)rh_growth_usable(UINT64_C(1) << log2);
}

/* The places of a hash, in the order they are tried. */
struct probe {
  uint64_t place, perturb, mask;
};

static struct probe first_place(int64_t hash, uint32_t log2) {
  uint64_t mask = (UINT64_C(1) << log2) - 1;
  return (struct probe){(uint64_t)hash & mask, (uint64_t)hash, mask};
}

static void next_place(struct probe *p) {
  p->perturb >>= 5;
  p->place = (5 * p->place + p->perturb + 1) & p->mask;
}

static uint32_t find_small(uint32_t dict, uint32_t key) {
  uint32_t written = rh_rt_record(dict)->extent;
  for (uint32_t i = 0; i < written; i++) {
    uint32_t k = key_of(dict, i);
    if (k != 0 && rh_rt_keys_equal(k, key)) return i;
  }
  return NOT_FOUND;
}

static uint32_t find_entry(uint32_t dict, uint32_t key, int64_t hash) {
  const struct rh_rt_record *r = rh_rt_record(dict);
  if (r->payload == 0) return find_small(dict, key);
  const uint32_t *index = indexes[r->payload];
  struct probe p = first_place(hash, r->log2);
  for (; index[p.place] != 0; next_place(&p)) {
    uint32_t entry = index[p.place] - 1, k = key_of(dict, entry);
    if (k != 0 && rh_rt_keys_equal(k, key)) return entry;
  }
  return NOT_FOUND;
}

static void index_entry(uint32_t dict, uint32_t entry, int64_t hash) {
  const struct rh_rt_record *r = rh_rt_record(dict);
  if (r->payload == 0) return;
  uint32_t *index = indexes[r->payload];
  struct probe p = first_place(hash, r->log2);
  while (index[p.place] != 0) next_place(&p);
  index[p.place] = entry + 1;
}

/* ---- tables ---- */

static void close_holes(uint32_t dict) {
  struct rh_rt_record *r = rh_rt_record(dict);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < r->extent; i++) {
    if (key_of(dict, i) == 0) continue;
    if (kept != i) {
      rh_slot_swap(dict, 2 * kept, rh_slot_swap(dict, 2 * i, 0));
      rh_slot_swap(dict, 2 * kept + 1, rh_slot_swap(dict, 2 * i + 1, 0));
    }
    kept++;
  }
  r->extent = kept;
}

static void build_index(uint32_t dict) {
  struct rh_rt_record *r = rh_rt_record(dict);
  rh_rt_free_index(r->payload);
  r->payload = r->log2 > SMALL_LOG2 ? new_index(r->log2) : 0;
  for (uint32_t i = 0; r->payload != 0 && i < r->extent; i++) {
    int64_t hash;
    if (key_of(dict, i) != 0 && rh_rt_hash(key_of(dict, i), &hash) == RH_RT_OK) index_entry(dict, i, hash);
  }
}

/* Is it a number of places that some versions round up too far? */
static bool is_rounded_apart(uint64_t wanted) {
  return rh_growth_table(wanted) != rh_growth_table_rounded(wanted);
}

/* Dict `dict` has been rebuilt for `wanted` places; by DCT-2 where the rounding decides how many it got. */
static void note_table(const char *rule, uint32_t dict, const char *why, uint64_t wanted) {
  uint32_t log2 = rh_rt_record(dict)->log2;
  bool apart = is_rounded_apart(wanted);
  rh_because(apart ? "DCT-2" : rule, dict, "%s: %" PRIu64 " slots wanted, rounded up to %s%u, %u of them usable", why,
             wanted,
             apart ? (rh_rt_profile.dict_round_up_bug ? "a power of two one step too far, "
                                                      : "a power of two of at least 8, not one further, ")
                   : "",
             1u << log2, rh_rt_dict_usable(log2));
}

/* Rebuilds the table for `wanted` places, without holes. False, nothing
 * changed, when the heap is full. */
static bool rebuild(uint32_t dict, uint64_t wanted) {
  struct rh_rt_record *r = rh_rt_record(dict);
  uint32_t log2 = rh_rt_dict_log2(wanted);
  if (log2 >= 25) return false;
  uint32_t slots = 2 * rh_rt_dict_usable(log2);
  bool grows = slots > rh_object_length(dict);
  if (grows && !rh_object_resize(dict, slots)) return false;
  close_holes(dict);
  if (!grows) rh_object_resize(dict, slots);
  r->log2 = (uint8_t)log2;
  build_index(dict);
  return true;
}

/* Appends an entry; there is room. Both references are new. */
static void append_entry(uint32_t dict, uint32_t key, int64_t hash, uint32_t v) {
  struct rh_rt_record *r = rh_rt_record(dict);
  rh_object_retain(key);
  rh_object_retain(v);
  rh_slot_swap(dict, 2 * r->extent, v);
  rh_slot_swap(dict, 2 * r->extent + 1, key);
  index_entry(dict, r->extent, hash);
  r->extent++;
  r->size++;
}

static void note_conversion(uint32_t dict) {
  char why[160];
  uint32_t size = rh_rt_record(dict)->size;
  if (!rh_evidence_kept) return;
  (void)snprintf(
      why, sizeof why,
      "the first key that is no string rebuilds the table, now with 24 bytes instead of 16 an entry, for 3 slots "
      "for each entry in use (%u)",
      size);
  note_table("DCT-5", dict, why, 3 * (uint64_t)size);
}

/* A table of strings is rebuilt for its first other key where entries of
 * strings are smaller. */
static bool admit_key(uint32_t dict, uint32_t key) {
  struct rh_rt_record *r = rh_rt_record(dict);
  if (rh_rt_record(key)->kind == RH_RT_STR || (r->flags & RH_RT_GENERAL) != 0) return true;
  if (r->log2 != 0 && rh_rt_profile.dict_small_entries) {
    if (!rebuild(dict, 3 * (uint64_t)r->size)) return false;
    note_conversion(dict);
  }
  r->flags |= RH_RT_GENERAL;
  return true;
}

/* The table made for an insertion into one that had `written` entries, all it can take. */
static void note_growth(uint32_t dict, uint32_t written, uint64_t wanted) {
  char why[160];
  uint32_t size = rh_rt_record(dict)->size;
  if (!rh_evidence_kept) return;
  if (written == 0) {
    rh_because("DCT-1", dict, "the first insertion makes a table of 8 slots, 5 of them usable");
    return;
  }
  (void)snprintf(
      why, sizeof why,
      "all %u usable entries were written when a key was inserted, which rebuilds for 3 slots for each in use "
      "(%u)",
      written, size);
  note_table("DCT-1", dict, why, wanted);
}

/* A new key where removed ones have left holes. */
static void note_holes(uint32_t dict) {
  const struct rh_rt_record *r = rh_rt_record(dict);
  if (r->extent == r->size) return;
  rh_because("DCT-1", dict,
             "entry %u of %u usable is written, not a deleted one used again, which leaves the table of %u slots as it "
             "is",
             r->extent + 1, rh_rt_dict_usable(r->log2), 1u << r->log2);
}

static int insert_new(uint32_t dict, uint32_t key, int64_t hash, uint32_t v) {
  struct rh_rt_record *r = rh_rt_record(dict);
  if (r->extent == rh_rt_dict_usable(r->log2)) {
    uint32_t written = r->extent;
    uint64_t wanted = r->log2 == 0 ? 8 : 3 * (uint64_t)r->size;
    if (!rebuild(dict, wanted)) return RH_RT_MEMORY_ERROR;
    note_growth(dict, written, wanted);
  } else {
    note_holes(dict);
  }
  append_entry(dict, key, hash, v);
  return RH_RT_OK;
}

/* Of a key that is equal to the one of an entry: of both, what becomes of them. */
static void note_equal_key(uint32_t dict, uint32_t entry, uint32_t key) {
  uint32_t kept = key_of(dict, entry);
  rh_evidence_note("RC-12", key,
                   "%s has an equal key at entry %u, which stays: the value is stored there and %s is not kept",
                   rh_evidence_name(dict), (unsigned)entry, rh_evidence_name(key));
  rh_evidence_note("RC-12", kept, "%s keeps %s as the key of entry %u, although an equal one, %s, was given",
                   rh_evidence_name(dict), rh_evidence_name(kept), (unsigned)entry, rh_evidence_name(key));
}

int rh_runtime_put(uint32_t o, uint32_t key, uint32_t v) {
  int64_t hash;
  if (rh_rt_is_weak_dict(o)) return rh_rt_weak_dict_put(o, key, v);
  if (!rh_rt_is(o, RH_RT_DICT) || !rh_object_live(v)) return RH_RT_TYPE_ERROR;
  int error = rh_rt_hash(key, &hash);
  if (error != RH_RT_OK) return error;
  uint8_t flags = rh_rt_record(o)->flags;
  if (!admit_key(o, key)) return RH_RT_MEMORY_ERROR;
  uint32_t entry = find_entry(o, key, hash);
  uint32_t old = 0;
  if (entry == NOT_FOUND) {
    error = insert_new(o, key, hash, v);
    if (error != RH_RT_OK) {
      rh_rt_record(o)->flags = flags; /* a table rebuilt for the key would have had room */
      return error;
    }
  } else {
    if (rh_evidence_kept && key != key_of(o, entry)) note_equal_key(o, entry, key);
    rh_object_retain(v);
    old = rh_slot_swap(o, 2 * entry, v);
  }
  rh_rt_track_dict(o, key);
  rh_rt_track_dict(o, v);
  if (old != 0) {
    rh_because("RC-4", old, "%s gets the new value before the old one, %s, is let go", rh_evidence_name(o),
               rh_evidence_name(old));
    rh_runtime_drop(old);
  }
  return RH_RT_OK;
}

int rh_runtime_remove_key(uint32_t o, uint32_t key) {
  int64_t hash;
  if (rh_rt_is_weak_dict(o)) return rh_rt_weak_dict_remove(o, key);
  if (!rh_rt_is(o, RH_RT_DICT)) return RH_RT_TYPE_ERROR;
  int error = rh_rt_hash(key, &hash);
  if (error != RH_RT_OK) return error;
  struct rh_rt_record *r = rh_rt_record(o);
  bool generalizes = r->log2 != 0 && rh_rt_record(key)->kind != RH_RT_STR && rh_rt_profile.dict_lookup_generalizes;
  if (generalizes) r->flags |= RH_RT_GENERAL;
  uint32_t entry = find_entry(o, key, hash);
  if (entry == NOT_FOUND) return RH_RT_KEY_ERROR;
  r->size--;
  rh_because("DCT-6", o, "deleting a key, which leaves %u, leaves the table of %u slots as it is", r->size,
             1u << r->log2);
  uint32_t v = rh_slot_swap(o, 2 * entry, 0), k = rh_slot_swap(o, 2 * entry + 1, 0);
  rh_runtime_drop(k);
  rh_runtime_drop(v);
  return RH_RT_OK;
}

/* ---- creation ---- */

static void note_merge(uint32_t dict, uint32_t other, uint32_t usable, uint64_t wanted) {
  char why[160];
  uint32_t size = rh_rt_record(dict)->size;
  if (!rh_evidence_kept) return;
  (void)snprintf(why, sizeof why,
                 "merging %u keys, more than %u usable entries, into a dict of %u sizes for (3 * (%u + %u) + 1) div 2",
                 other, usable, size, size, other);
  note_table("DCT-3", dict, why, wanted);
}

/* Makes room for `other` more keys at once, as merging another dict does. */
static bool presize(uint32_t dict, uint32_t other) {
  struct rh_rt_record *r = rh_rt_record(dict);
  uint32_t usable = rh_rt_dict_usable(r->log2);
  if (other <= usable) {
    rh_because("DCT-3", dict, "merging %u keys, no more than the %u usable entries of the table, leaves it as it is",
               other, usable);
    return true;
  }
  uint64_t wanted = (3 * ((uint64_t)r->size + other) + 1) / 2;
  if (!rebuild(dict, wanted)) return false;
  note_merge(dict, other, usable, wanted);
  return true;
}

static bool put_range(uint32_t dict, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t key = rh_runtime_new_int(i);
    if (key == 0) return false;
    int error = rh_runtime_put(dict, key, rh_rt_none());
    rh_runtime_drop(key);
    if (error != RH_RT_OK) return false;
  }
  return true;
}

/* An empty dict that took over another dict's table, which was made by insertions. */
static void note_taken_over(uint32_t dict, int source) {
  const struct rh_rt_record *r = rh_rt_record(dict);
  bool copied = source == RH_RT_FROM_COPY;
  if (!copied && source != RH_RT_FROM_DICT && source != RH_RT_FROM_MERGE0) return;
  rh_because(copied ? "DCT-4" : "DCT-3", dict,
             "%s a dict of %u keys, none of them deleted, takes over its table of %u slots, %u of them usable",
             copied ? "a copy of" : "an empty dict updated by", r->size, 1u << r->log2, rh_rt_dict_usable(r->log2));
}

/* Is the new dict what dict() makes of such an argument? */
static bool is_called(int source) {
  switch (source) {
  case RH_RT_FROM_LIST:
  case RH_RT_FROM_TUPLE:
  case RH_RT_FROM_SET:
  case RH_RT_FROM_DICT:
  case RH_RT_FROM_ITER:
  case RH_RT_FROM_GEN:
    return true;
  default:
    return false;
  }
}

static bool fill_new_dict(uint32_t dict, uint32_t n, int source) {
  if (source == RH_RT_FROM_MERGE1) {
    uint32_t other = rh_runtime_new_int(-1);
    if (rh_runtime_put(dict, other, rh_rt_none()) != RH_RT_OK || !presize(dict, n)) return false;
  }
  if (is_called(source) && rh_rt_profile.dict_call_allocates) {
    if (!rebuild(dict, 0)) return false;
    rh_because("DCT-1", dict, "the call of dict makes a table of 8 slots, 5 of them usable, before any insertion");
  }
  if (!put_range(dict, n)) return false;
  if (n > 0) note_taken_over(dict, source);
  return true;
}

uint32_t rh_runtime_new_dict(uint32_t n, int source) {
  uint32_t o = rh_runtime_new_object(RH_RT_DICT, 0);
  if (o == 0 || fill_new_dict(o, n, source)) return o;
  rh_runtime_drop(o);
  return 0;
}

/* The table as it is, holes included. */
static bool clone_table(uint32_t from, uint32_t to) {
  struct rh_rt_record *f = rh_rt_record(from), *t = rh_rt_record(to);
  uint32_t slots = rh_object_length(from);
  if (!rh_object_resize(to, slots)) return false;
  for (uint32_t i = 0; i < slots; i++) {
    uint32_t v = rh_slot_get(from, i);
    if (v == 0) continue;
    rh_object_retain(v);
    rh_slot_swap(to, i, v);
  }
  t->log2 = f->log2;
  t->size = f->size;
  t->extent = f->extent;
  t->flags |= f->flags & RH_RT_GENERAL;
  build_index(to);
  if (rh_gc_generation(from) != RH_UNTRACKED && rh_gc_generation(to) == RH_UNTRACKED) {
    rh_because("TRK-3", to, "the dict became tracked as the copy of a tracked one");
    rh_gc_track(to);
  }
  return true;
}

static bool merge_table(uint32_t from, uint32_t to) {
  rh_rt_record(to)->flags |= rh_rt_record(from)->flags & RH_RT_GENERAL;
  if (!presize(to, rh_rt_record(from)->size)) return false;
  for (uint32_t i = 0; i < rh_rt_record(from)->extent; i++) {
    uint32_t key = key_of(from, i);
    if (key != 0 && rh_runtime_put(to, key, value_of(from, i)) != RH_RT_OK) return false;
  }
  return true;
}

static void note_copy(uint32_t from, uint32_t to, bool kept) {
  const struct rh_rt_record *f = rh_rt_record(from), *t = rh_rt_record(to);
  uint32_t slots = 1u << t->log2;
  if (kept) {
    rh_because("DCT-4", to,
               "%u keys in use of %u entries written, at least %u div 3: the copy keeps the table of %u slots", f->size,
               f->extent, 2 * f->extent, slots);
  } else {
    rh_because("DCT-4", to,
               "%u keys in use of %u entries written, less than %u div 3: the copy is made by merging, for "
               "(3 * %u + 1) div 2 = %u slots: %u",
               f->size, f->extent, 2 * f->extent, f->size, (3 * f->size + 1) / 2, slots);
  }
}

uint32_t rh_rt_copy_dict(uint32_t o) {
  uint32_t copy = rh_runtime_new_object(RH_RT_DICT, 0);
  const struct rh_rt_record *r = rh_rt_record(o);
  if (copy == 0 || r->size == 0) return copy;
  bool kept = r->size >= r->extent * 2 / 3;
  if (kept ? clone_table(o, copy) : merge_table(o, copy)) {
    note_copy(o, copy, kept);
    return copy;
  }
  rh_runtime_drop(copy);
  return 0;
}

/* ---- reading ---- */

/* The entry of the i-th key. */
static uint32_t nth_entry(uint32_t dict, uint64_t i) {
  const struct rh_rt_record *r = rh_rt_record(dict);
  if (i >= r->size) return NOT_FOUND;
  if (r->size == r->extent) return (uint32_t)i;
  for (uint32_t entry = 0;; entry++) {
    if (key_of(dict, entry) != 0 && i-- == 0) return entry;
  }
}

uint32_t rh_rt_dict_key(uint32_t dict, uint64_t i) {
  uint32_t entry = nth_entry(dict, i);
  return entry == NOT_FOUND ? 0 : key_of(dict, entry);
}

uint32_t rh_rt_dict_get(uint32_t dict, uint32_t key) {
  int64_t hash;
  if (rh_rt_hash(key, &hash) != RH_RT_OK) return 0;
  uint32_t entry = find_entry(dict, key, hash);
  return entry == NOT_FOUND ? 0 : value_of(dict, entry);
}

uint32_t rh_runtime_value(uint32_t o, uint64_t i) {
  if (!rh_rt_is(o, RH_RT_DICT)) return 0;
  uint32_t entry = nth_entry(o, i);
  return entry == NOT_FOUND ? 0 : value_of(o, entry);
}

/* So that the first entry's key is dropped first, then its value. */
void rh_rt_push_dict(uint32_t dict) {
  struct rh_rt_record *r = rh_rt_record(dict);
  rh_because("DCT-6", dict, "clearing drops the table of %u slots", r->log2 == 0 ? 0 : 1u << r->log2);
  for (uint32_t i = r->extent; i-- > 0;) {
    if (key_of(dict, i) == 0) continue;
    rh_rt_push(&rh_rt_scratch, rh_slot_swap(dict, 2 * i, 0));
    rh_rt_push(&rh_rt_scratch, rh_slot_swap(dict, 2 * i + 1, 0));
  }
  rh_rt_free_index(r->payload);
  r->payload = 0;
  r->log2 = 0;
  r->size = r->extent = 0;
  r->flags &= (uint8_t)~RH_RT_GENERAL;
  rh_object_resize(dict, 0);
}
