/*
 * Sets (11.6). The slots of a set are its table: the place of a member follows
 * from its hash, and decides the order of visits and of release. A discarded
 * member leaves the dummy object behind. `size` counts members, `extent`
 * members and dummies.
 */
#include "core/collect.h"
#include "core/growth.h"
#include "rules/evidence.h"
#include "runtime/growth.h"
#include "runtime/state.h"

#include <inttypes.h>

enum { LINEAR_PROBES = 9, PERTURB_SHIFT = 5, LARGE_SET = 50000, NOT_FOUND = INT32_MAX };

static uint32_t empty_frozenset; /* 0 before it is made */

/* The places of a hash in the order they are tried: runs of neighbours, as far
 * as a whole run fits in the table, from places that the hash scatters. */
struct probe {
  uint64_t start, perturb, mask;
  uint32_t run, step;
};

static void begin_run(struct probe *p) {
  p->run = p->start + LINEAR_PROBES <= p->mask ? LINEAR_PROBES : 0;
  p->step = 0;
}

static struct probe first_place(int64_t hash, uint32_t log2) {
  struct probe p = {.mask = (UINT64_C(1) << log2) - 1, .perturb = (uint64_t)hash};
  p.start = (uint64_t)hash & p.mask;
  begin_run(&p);
  return p;
}

static uint32_t place(const struct probe *p) {
  return (uint32_t)p->start + p->step;
}

static void next_place(struct probe *p) {
  if (p->step < p->run) {
    p->step++;
    return;
  }
  p->perturb >>= PERTURB_SHIFT;
  p->start = (p->start * 5 + 1 + p->perturb) & p->mask;
  begin_run(p);
}

/* The place of a member equal to v, else NOT_FOUND and in *unused the place a
 * new one takes. */
static uint32_t find(uint32_t set, uint32_t v, int64_t hash, uint32_t *unused) {
  uint32_t reusable = NOT_FOUND;
  struct probe p = first_place(hash, rh_rt_record(set)->log2);
  for (;; next_place(&p)) {
    uint32_t member = rh_slot_get(set, place(&p));
    if (member == 0) break;
    if (member == rh_rt_dummy()) {
      if (rh_rt_profile.set_reuses_dummies) reusable = place(&p);
    } else if (rh_rt_keys_equal(member, v)) {
      return place(&p);
    }
  }
  *unused = reusable != NOT_FOUND ? reusable : place(&p);
  return NOT_FOUND;
}

/* Places a reference known not to be in the set, which has no dummies. */
static void place_clean(uint32_t set, uint32_t v, int64_t hash) {
  struct probe p = first_place(hash, rh_rt_record(set)->log2);
  while (rh_slot_get(set, place(&p)) != 0) next_place(&p);
  rh_slot_swap(set, place(&p), v);
}

/* Rebuilds the table for more than `used` members. False, nothing changed,
 * when the heap is full. */
static bool rebuild(uint32_t set, uint64_t used) {
  struct rh_rt_record *r = rh_rt_record(set);
  uint32_t log2 = rh_growth_table(used + 1);
  if (log2 >= 25) return false;
  uint32_t old = rh_object_length(set), now = 1u << log2;
  if (now > old && !rh_object_resize(set, now)) return false;
  size_t base = rh_rt_scratch.count;
  for (uint32_t i = 0; i < old; i++) {
    uint32_t v = rh_slot_swap(set, i, 0);
    if (v != 0 && v != rh_rt_dummy()) rh_rt_push(&rh_rt_scratch, v);
  }
  if (now < old) rh_object_resize(set, now);
  r->log2 = (uint8_t)log2;
  r->extent = r->size;
  for (size_t i = base; i < rh_rt_scratch.count; i++) {
    int64_t hash = 0;
    rh_rt_hash(rh_rt_scratch.items[i], &hash);
    place_clean(set, rh_rt_scratch.items[i], hash);
  }
  rh_rt_scratch.count = base;
  return true;
}

static uint64_t mask_of(uint32_t set) {
  return rh_object_length(set) - 1;
}

/* Set o, of `filled` places that `dummies` of have no member, was rebuilt for an insertion into `slots` places. */
static void note_growth(uint32_t o, uint32_t slots, uint32_t filled, uint32_t dummies) {
  uint32_t size = rh_rt_record(o)->size, factor = size > LARGE_SET ? 2 : 4;
  bool by_dummies = 5 * (uint64_t)(filled - dummies) < 3 * (uint64_t)(slots - 1);
  rh_because(
      by_dummies ? "DCT-9" : "DCT-7", o,
      "%u filled places (%u members, %u dummies) of %u crowd it, as 5 * %u >= 3 * %u: rebuilt for more than %u * %u "
      "slots, the next power of two: %u",
      filled, size, dummies, slots, filled, slots - 1, factor, size, rh_object_length(o));
}

/* A new member, after others were discarded: in a fresh place or in a dummy's. */
static void note_place(uint32_t o, bool fresh) {
  const struct rh_rt_record *r = rh_rt_record(o);
  uint32_t slots = rh_object_length(o), filled = r->extent + fresh;
  if (r->extent == r->size) return;
  rh_because(
      "DCT-9", o,
      "a new member takes %s: %u filled places, %u of them dummies, leave the table of %u slots as it is, as 5 * "
      "%u < 3 * %u",
      fresh ? "a fresh place" : "the place of a dummy", filled, filled - r->size - 1, slots, filled, slots - 1);
}

int rh_runtime_add(uint32_t o, uint32_t v) {
  int64_t hash;
  uint32_t unused = 0;
  if (!rh_rt_is(o, RH_RT_SET)) return RH_RT_TYPE_ERROR;
  int error = rh_rt_hash(v, &hash);
  if (error != RH_RT_OK) return error;
  if (find(o, v, hash, &unused) != NOT_FOUND) return RH_RT_OK;
  struct rh_rt_record *r = rh_rt_record(o);
  bool fresh = rh_slot_get(o, unused) == 0;
  /* A full heap is met before anything changes: what does not fit now has to
   * be rebuilt, and rebuilding needs room. */
  if (fresh && 5 * ((uint64_t)r->extent + 1) >= 3 * mask_of(o)) {
    uint64_t used = (uint64_t)r->size + 1;
    uint32_t slots = rh_object_length(o), filled = r->extent + 1;
    rh_object_retain(v);
    rh_slot_swap(o, unused, v);
    r->size++;
    r->extent++;
    if (rebuild(o, used > LARGE_SET ? 2 * used : 4 * used)) {
      note_growth(o, slots, filled, filled - r->size);
      return RH_RT_OK;
    }
    r->size--;
    r->extent--;
    rh_object_release(rh_slot_swap(o, unused, 0));
    return RH_RT_MEMORY_ERROR;
  }
  note_place(o, fresh);
  rh_object_retain(v);
  rh_slot_swap(o, unused, v);
  r->size++;
  r->extent += fresh;
  return RH_RT_OK;
}

int rh_runtime_discard(uint32_t o, uint32_t v) {
  int64_t hash;
  uint32_t unused;
  if (!rh_rt_is(o, RH_RT_SET)) return RH_RT_TYPE_ERROR;
  int error = rh_rt_hash(v, &hash);
  if (error != RH_RT_OK) return error;
  uint32_t at = find(o, v, hash, &unused);
  if (at == NOT_FOUND) return RH_RT_OK;
  rh_rt_record(o)->size--;
  rh_because("DCT-6", o, "discarding a member, which leaves %u, leaves a dummy, and the table of %u slots as it is",
             rh_rt_record(o)->size, rh_object_length(o));
  rh_runtime_drop(rh_slot_swap(o, at, rh_rt_dummy()));
  return RH_RT_OK;
}

/* ---- creation ---- */

/* Makes room for `other` more members at once, as merging a set or dict does. */
static bool presize(uint32_t set, uint32_t other) {
  uint32_t filled = rh_rt_record(set)->extent, size = rh_rt_record(set)->size, slots = rh_object_length(set);
  if (5 * ((uint64_t)filled + other) < 3 * mask_of(set)) {
    rh_because("DCT-8", set, "merging a set or dict of %u does not crowd %u slots: 5 * %u < 3 * %u", other, slots,
               filled + other, slots - 1);
    return true;
  }
  if (!rebuild(set, 2 * ((uint64_t)size + other))) return false;
  rh_because("DCT-8", set,
             "merging a set or dict of %u would crowd %u slots, as 5 * %u >= 3 * %u: rebuilt at once for more than "
             "2 * %u slots, the next power of two: %u",
             other, slots, filled + other, slots - 1, size + other, rh_object_length(set));
  return true;
}

static bool add_range(uint32_t set, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    uint32_t v = rh_runtime_new_int(i);
    if (v == 0) return false;
    int error = rh_runtime_add(set, v);
    rh_runtime_drop(v);
    if (error != RH_RT_OK) return false;
  }
  return true;
}

uint32_t rh_runtime_new_set(uint32_t n, int source) {
  uint32_t o = rh_runtime_new_object(RH_RT_SET, 0);
  if (o == 0) return 0;
  bool folded = source == RH_RT_FROM_CONST && rh_rt_is_folded(n);
  bool merging = folded || source == RH_RT_FROM_SET || source == RH_RT_FROM_DICT || source == RH_RT_FROM_COPY;
  if ((!merging || presize(o, n)) && add_range(o, n)) return o;
  rh_runtime_drop(o);
  return 0;
}

/* In 3.9 all empty ones are one object, which is older than any trace. */
static uint32_t new_empty_frozenset(void) {
  if (!rh_rt_profile.empty_frozenset_shared) {
    uint32_t o = rh_rt_new(RH_RT_FROZENSET, 8, 0);
    if (o == 0) return 0;
    rh_rt_record(o)->log2 = 3;
    rh_rt_track_new(o);
    rh_because("INT-10", o, "in this version each call makes an empty frozenset of its own");
    return o;
  }
  if (empty_frozenset == 0) {
    empty_frozenset = rh_rt_new_unmanaged(RH_RT_FROZENSET, 8);
    if (empty_frozenset == 0) return 0;
    rh_rt_record(empty_frozenset)->log2 = 3;
    rh_rt_make_immortal(empty_frozenset);
    rh_gc_track(empty_frozenset);
    rh_gc_move(empty_frozenset, 2);
  }
  rh_because("INT-10", empty_frozenset, "in this version all empty frozensets are one object");
  return empty_frozenset;
}

uint32_t rh_runtime_freeze_set(uint32_t set) {
  if (!rh_rt_is(set, RH_RT_SET) || rh_object_count(set) != 1) return 0;
  if (rh_rt_record(set)->size == 0) {
    rh_runtime_drop(set);
    return new_empty_frozenset();
  }
  rh_rt_record(set)->kind = RH_RT_FROZENSET;
  rh_rt_untrack_frozenset(set);
  rh_because("INT-10", set, "a frozenset of %" PRIu32 " is a fresh object", rh_rt_record(set)->size);
  return set;
}

void rh_rt_reset_sets(void) {
  empty_frozenset = 0;
}

/* A table of the same size without dummies is copied place by place, any other
 * is inserted again in table order. */
static bool merge_members(uint32_t from, uint32_t to) {
  struct rh_rt_record *f = rh_rt_record(from), *t = rh_rt_record(to);
  if (!presize(to, f->size)) return false;
  bool same_places = f->log2 == t->log2 && f->extent == f->size;
  for (uint32_t i = 0; i < rh_object_length(from); i++) {
    uint32_t v = rh_slot_get(from, i);
    if (v == 0 || v == rh_rt_dummy()) continue;
    rh_object_retain(v);
    int64_t hash = 0;
    if (same_places) {
      rh_slot_swap(to, i, v);
    } else if (rh_rt_hash(v, &hash) == RH_RT_OK) {
      place_clean(to, v, hash);
    }
  }
  t->size = t->extent = f->size;
  return true;
}

uint32_t rh_rt_copy_set(uint32_t o) {
  uint32_t copy = rh_runtime_new_object(RH_RT_SET, 0);
  if (copy == 0 || merge_members(o, copy)) return copy;
  rh_runtime_drop(copy);
  return 0;
}

uint32_t rh_rt_set_member(uint32_t set, uint64_t i) {
  if (i >= rh_rt_record(set)->size) return 0;
  for (uint32_t at = 0;; at++) {
    uint32_t v = rh_slot_get(set, at);
    if (v != 0 && v != rh_rt_dummy() && i-- == 0) return v;
  }
}

/* So that the member in the first place is dropped first. */
void rh_rt_push_set(uint32_t set) {
  struct rh_rt_record *r = rh_rt_record(set);
  rh_because("DCT-6", set, "clearing drops the table of %u slots for the 8 of its own", rh_object_length(set));
  for (uint32_t i = rh_object_length(set); i-- > 0;) {
    uint32_t v = rh_slot_swap(set, i, 0);
    if (v != 0) rh_rt_push(&rh_rt_scratch, v);
  }
  r->size = r->extent = 0;
  r->log2 = 3;
  rh_object_resize(set, 8);
}
