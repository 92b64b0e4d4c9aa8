/*
 * The generational collector (GC, GEN, TRK): CPython's phases in CPython's
 * order, over literal lists. Which members are garbage is decided a second
 * time by plain reachability, and a disagreement ends the process: that is the
 * model checking itself.
 */
#include "model/heap.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
  bool enabled, collecting, scheduled;
  bool past_limits; /* GEN-14: an increment was due */
  int debug;
  int64_t thresholds[3], counts[3];
  int64_t stats[3][RH_MODEL_STATS];     /* by generation and enum rh_model_stat */
  int64_t pending_survivors, survivors; /* GEN-8: long_lived_pending, long_lived_total */
  struct object **garbage;              /* gc.garbage */
  size_t ngarbage;
} gc;

static struct object *first(const struct link *list) {
  return list->next == list ? NULL : (struct object *)list->next;
}

static struct object *following(const struct link *list, const struct object *o) {
  return o->link.next == list ? NULL : (struct object *)o->link.next;
}

/* ---- which members are garbage ---- */

/* GC-5: is a member referred to by anything but members? */
static bool held_from_outside(const struct object *o, const struct link *set) {
  if (o->outside) return true;
  for (const struct edge *e = o->inside; e; e = e->next)
    if (e->from->in != set) return true;
  return false;
}

/* Plain reachability: marks `reached` what references from outside the set
 * lead to inside it. */
static void mark_reached(const struct link *set) {
  size_t n = 0;
  struct object **work = rh_m_memory(NULL, (size_t)rh_m_list_size(set), sizeof(struct object *));
  for (struct object *o = first(set); o; o = following(set, o)) {
    o->reached = held_from_outside(o, set);
    if (o->reached) work[n++] = o;
  }
  while (n) {
    const struct object *o = work[--n];
    for (size_t i = 0; i < rh_m_visits(o); i++) {
      struct object *r = rh_m_visit(o, i);
      if (!r || r->in != set || r->reached) continue;
      r->reached = true;
      work[n++] = r;
    }
  }
  free(work);
}

static void check_same_verdict(const struct link *list, bool reached) {
  for (const struct object *o = first(list); o; o = following(list, o)) {
    if (o->reached == reached) continue;
    fprintf(stderr, "refheap: the clear heap disagrees with itself: object %u is %sreachable\n", o->handle,
            o->reached ? "" : "not ");
    abort();
  }
}

/* GC-7: the walk that decides the order of both lists. The young list is
 * scanned from the left while it grows at the right. */
static void visit_referents(const struct object *o, struct link *young, struct link *unreachable) {
  for (size_t i = 0; i < rh_m_visits(o); i++) {
    struct object *r = rh_m_visit(o, i);
    if (!r || r->scanned) continue;
    if (r->in == unreachable) {
      rh_m_list_move(r, young);
    } else if (r->in != young) {
      continue;
    }
    r->wanted = true;
  }
}

static void split_unreachable(struct link *young, struct link *unreachable) {
  for (struct object *o = first(young); o; o = following(young, o)) {
    o->wanted = held_from_outside(o, young);
    o->scanned = false;
  }
  mark_reached(young);
  for (struct object *o = first(young), *next; o; o = next) {
    o->scanned = o->wanted;
    if (o->wanted) visit_referents(o, young, unreachable); /* may lengthen the list */
    next = following(young, o);
    if (!o->wanted) rh_m_list_move(o, unreachable);
  }
  check_same_verdict(young, true);
  check_same_verdict(unreachable, false);
}

/* ---- untracking (TRK) ---- */

static bool refers_to_tracked(const struct object *o) {
  for (size_t i = 0; i < rh_m_visits(o); i++) {
    const struct object *r = rh_m_visit(o, i);
    if (r && rh_m_may_be_tracked(r)) return true;
  }
  return false;
}

static void untrack_atomic(struct link *list, int kind) {
  for (struct object *o = first(list), *next; o; o = next) {
    next = following(list, o);
    if (o->kind == kind && !refers_to_tracked(o)) rh_m_untrack(o);
  }
}

/* ---- the phases after the split ---- */

/* WR-6, WR-7, WR-8. Returns how many weak references went with their callback. */
static uint64_t clear_weakrefs(struct link *unreachable, struct link *old) {
  bool keep = rh_m.params.keep_weakrefs_for_finalizers;
  struct link calls;
  uint64_t gone = 0;
  rh_m_list_init(&calls);
  for (struct object *o = first(unreachable); o; o = following(unreachable, o)) {
    if (rh_m_is_weak(o) && !keep) rh_m_weak_detach(o);
    for (struct object *w = rh_m_weakly_referenceable(o) ? o->weakrefs : NULL, *next; w; w = next) {
      next = w->weak.next;
      if (!w->weak.callback && keep) continue;
      rh_m_weak_detach(w);
      if (!w->weak.callback || w->in == unreachable) continue; /* WR-7 */
      rh_m_own(w);
      rh_m_list_move(w, &calls);
    }
  }
  for (struct object *w; (w = first(&calls));) {
    rh_m.hooks.weak_callback(rh_m.hooks.context, w->handle, w->label);
    rh_m_drop(w);
    if (first(&calls) == w) {
      rh_m_list_move(w, old);
    } else {
      gone++; /* GC-10 */
    }
  }
  return gone;
}

/* FIN-7, FIN-8: in list order, before anything is cleared. */
static void run_finalizers(struct link *unreachable) {
  struct link seen;
  rh_m_list_init(&seen);
  for (struct object *o; (o = first(unreachable));) {
    rh_m_list_move(o, &seen);
    if ((o->kind != RH_MODEL_FIN && o->kind != RH_MODEL_LISTFIN) || o->finalized) continue;
    o->finalized = true;
    rh_m.hooks.finalizer(rh_m.hooks.context, rh_m_own(o), o->label);
    rh_m_drop(o);
  }
  rh_m_list_merge(&seen, unreachable);
}

static void save_garbage(struct object *o) {
  gc.garbage = rh_m_room(gc.garbage, gc.ngarbage, sizeof(struct object *));
  rh_m_own(o);
  gc.garbage[gc.ngarbage++] = o;
}

/* GC-11: empties one object; tuples cannot be emptied, they go when what
 * refers to them does. */
static void break_cycles(struct object *o) {
  if (o->kind == RH_MODEL_TUPLE) return;
  if (rh_m_is_weak(o)) {
    rh_m_weak_detach(o);
    return;
  }
  if (o->kind != RH_MODEL_NODE && o->kind != RH_MODEL_FIN && o->kind != RH_MODEL_LEGACY) {
    rh_m_empty(o);
    return;
  }
  for (size_t i = 0; i < o->length; i++) { /* RC-9: slot by slot */
    struct edge *e = o->slots[i];
    o->slots[i] = NULL;
    if (e) rh_m_release(e);
  }
}

static void delete_garbage(struct link *garbage, struct link *old) {
  for (struct object *o; (o = first(garbage));) {
    if (gc.debug & RH_MODEL_SAVEALL) {
      save_garbage(o); /* GC-12 */
    } else {
      rh_m_own(o);
      break_cycles(o);
      rh_m_drop(o);
    }
    if (first(garbage) == o) rh_m_list_move(o, old);
  }
}

/* LEG-2: finalizers of old, and what they lead to, are not collected. */
static void set_uncollectable_aside(struct link *unreachable, struct link *aside) {
  for (struct object *o = first(unreachable), *next; o; o = next) {
    next = following(unreachable, o);
    if (o->kind == RH_MODEL_LEGACY) rh_m_list_move(o, aside);
  }
  for (const struct object *o = first(aside); o; o = following(aside, o)) {
    for (size_t i = 0; i < rh_m_visits(o); i++) {
      struct object *r = rh_m_visit(o, i);
      if (r && r->in == unreachable) rh_m_list_move(r, aside);
    }
  }
}

static void report(const struct link *list, bool collectable, int flag) {
  if ((gc.debug & flag) == 0) return;
  for (const struct object *o = first(list); o; o = following(list, o))
    rh_m.hooks.found(rh_m.hooks.context, collectable, o->handle);
}

/* LEG-3 */
static void save_uncollectable(const struct link *aside) {
  for (struct object *o = first(aside); o; o = following(aside, o))
    if (o->kind == RH_MODEL_LEGACY || (gc.debug & RH_MODEL_SAVEALL)) save_garbage(o);
}

/* GC-4: one collection of generation k. Returns what gc.collect() returns. */
static int64_t collect_generation(int k) {
  struct link *young = &rh_m.generations[k], *old = &rh_m.generations[k < 2 ? k + 1 : 2];
  struct link unreachable, final, aside;
  rh_m_list_init(&unreachable);
  rh_m_list_init(&final);
  rh_m_list_init(&aside);
  gc.collecting = true;
  rh_m.hooks.collection(rh_m.hooks.context, RH_MODEL_START, k, 0, 0);

  if (k < 2) gc.counts[k + 1]++; /* GEN-3 */
  for (int i = 0; i <= k; i++) gc.counts[i] = 0;
  bool incremental = !rh_m.params.partial_collections;
  if (incremental) untrack_atomic(&rh_m.generations[0], RH_MODEL_TUPLE); /* TRK-7 */
  for (int i = 0; i < k; i++) rh_m_list_merge(&rh_m.generations[i], young);

  gc.stats[k][RH_MODEL_CANDIDATES] += (int64_t)rh_m_list_size(young); /* GEN-11 */
  split_unreachable(young, &unreachable);
  if (!incremental) untrack_atomic(young, RH_MODEL_TUPLE); /* TRK-2 */
  if (k < 2) {
    if (k == 1) gc.pending_survivors += (int64_t)rh_m_list_size(young); /* GEN-8 */
    rh_m_list_merge(young, old);                                        /* GEN-1 */
  } else {
    if (rh_m.params.dict_lazy_tracking) untrack_atomic(young, RH_MODEL_DICT); /* TRK-4 */
    gc.pending_survivors = 0;
    gc.survivors = (int64_t)(rh_m.params.startup_objects + rh_m_list_size(young));
  }

  set_uncollectable_aside(&unreachable, &aside);
  report(&unreachable, true, RH_MODEL_DEBUG_COLLECTABLE);
  uint64_t collected = clear_weakrefs(&unreachable, old);
  run_finalizers(&unreachable);
  split_unreachable(&unreachable, &final); /* FIN-9: what was resurrected stays in `unreachable` */
  rh_m_list_merge(&unreachable, old);
  for (struct object *o = first(&final); o && rh_m.params.clear_late_weakrefs; o = following(&final, o)) {
    if (rh_m_is_weak(o)) rh_m_weak_detach(o); /* WR-9 */
    rh_m_weak_clear_all(o);
  }
  collected += rh_m_list_size(&final);
  delete_garbage(&final, old);
  uint64_t uncollectable = rh_m_list_size(&aside);
  report(&aside, false, RH_MODEL_DEBUG_UNCOLLECTABLE);
  save_uncollectable(&aside);
  rh_m_list_merge(&aside, old);

  if (k == 2) rh_m_forget_kept(); /* GEN-13 */
  gc.stats[k][RH_MODEL_COLLECTIONS]++;
  gc.stats[k][RH_MODEL_COLLECTED] += (int64_t)collected;
  gc.stats[k][RH_MODEL_UNCOLLECTABLE] += (int64_t)uncollectable;
  rh_m.hooks.collection(rh_m.hooks.context, RH_MODEL_STOP, k, collected, uncollectable);
  gc.collecting = false;
  return (int64_t)(collected + uncollectable);
}

/* ---- when collections happen ---- */

/* GEN-7, GEN-8: the oldest generation over its threshold. */
static void collect_automatically(void) {
  for (int k = 2; k >= 0; k--) {
    if (gc.counts[k] <= gc.thresholds[k]) continue;
    if (k == 2 && gc.pending_survivors < gc.survivors / 4) continue;
    collect_generation(k);
    return;
  }
}

/* GEN-5, GEN-6 */
void rh_m_count_allocation(void) {
  gc.counts[0]++;
  if (gc.counts[0] <= gc.thresholds[0] || gc.thresholds[0] == 0 || !gc.enabled || gc.collecting) return;
  if (!rh_m.params.partial_collections) gc.past_limits = true; /* GEN-14: increments are beyond this heap */
  if (rh_m.params.collect_in_allocation) {
    collect_automatically();
  } else {
    gc.scheduled = true;
  }
}

void rh_m_count_free(void) {
  if (gc.counts[0] > 0) gc.counts[0]--;
}

void rh_model_safepoint(void) {
  if (!gc.scheduled || gc.collecting) return;
  gc.scheduled = false;
  if (gc.enabled || !rh_m.params.disable_cancels) collect_automatically();
}

int rh_model_doubt(void) {
  return gc.past_limits ? RH_MODEL_MEMORY_ERROR : RH_MODEL_OK;
}

int64_t rh_model_collect(int generation) {
  if (generation < 0 || generation > 2) return RH_MODEL_VALUE_ERROR;
  if (gc.collecting) return 0; /* GC-13 */
  if (generation < 2 && !rh_m.params.partial_collections) return RH_MODEL_MEMORY_ERROR;
  return collect_generation(generation);
}

void rh_model_enable(bool on) {
  gc.enabled = on;
}

void rh_model_set_threshold(int index, int64_t value) {
  if (index < 2 || rh_m.params.partial_collections) gc.thresholds[index] = value;
}

int64_t rh_model_threshold(int index) {
  return gc.thresholds[index];
}

int64_t rh_model_count(int generation) {
  return gc.counts[generation];
}

int64_t rh_model_stat(int generation, int field) {
  return gc.stats[generation][field];
}

void rh_model_set_debug(int flags) {
  gc.debug = flags;
}

/* GEN-9: frozen objects are in no generation, so they count as roots. */
void rh_model_freeze(void) {
  for (int i = 0; i < 3; i++) {
    rh_m_list_merge(&rh_m.generations[i], &rh_m.permanent);
    gc.counts[i] = 0;
  }
}

/* GEN-10. Where collections are incremental, frozen objects count as visited, which a full one takes first. */
void rh_model_unfreeze(void) {
  if (!rh_m.params.partial_collections) rh_m_list_merge(&rh_m.generations[2], &rh_m.permanent);
  rh_m_list_merge(&rh_m.permanent, &rh_m.generations[2]);
}

int64_t rh_model_frozen(void) {
  return (int64_t)rh_m_list_size(&rh_m.permanent);
}

/* ---- gc.garbage ---- */

uint64_t rh_model_garbage_length(void) {
  return gc.ngarbage;
}

uint32_t rh_model_garbage_item(uint64_t i) {
  return i < gc.ngarbage ? gc.garbage[i]->handle : 0;
}

void rh_model_clear_garbage(void) {
  struct object **items = gc.garbage;
  size_t n = gc.ngarbage;
  gc.garbage = NULL;
  gc.ngarbage = 0;
  while (n) rh_m_drop(items[--n]);
  free(items);
}

void rh_m_collect_reset(void) {
  free(gc.garbage);
  gc = (__typeof__(gc)){0};
  for (int i = 0; i < 3; i++) gc.thresholds[i] = rh_m.params.thresholds[i];
  gc.survivors = rh_m.params.startup_objects;
}

/* ---- questions ---- */

bool rh_model_tracked(uint32_t o) {
  return rh_m_at(o)->in;
}

bool rh_model_finalized(uint32_t o) {
  return rh_m_at(o)->finalized;
}

int rh_model_generation(uint32_t o) {
  for (int i = 0; i < 3; i++)
    if (rh_m_at(o)->in == &rh_m.generations[i]) return i;
  return -1;
}

/* GC-15: an instance also refers to its class, a weak reference to its
 * callback; neither is an object of the heap. */
static uint64_t class_references(const struct object *o) {
  return o->kind == RH_MODEL_NODE || o->kind == RH_MODEL_FIN || o->kind == RH_MODEL_LEGACY ||
         o->kind == RH_MODEL_LISTFIN || (o->kind == RH_MODEL_DEQUE && rh_m.params.deque_refers_to_class) ||
         (o->kind == RH_MODEL_ARRAY && rh_m.params.array_is_collected) || (rh_m_is_weak(o) && o->weak.callback);
}

/* The references to classes come last here. */
uint64_t rh_model_referents(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  uint64_t n = class_references(o);
  for (size_t i = 0; i < rh_m_visits(o); i++) n += rh_m_visit(o, i) != NULL;
  return n;
}

uint32_t rh_model_referent_at(uint32_t handle, uint64_t wanted) {
  const struct object *o = rh_m_at(handle);
  bool dense = o->kind == RH_MODEL_LIST || o->kind == RH_MODEL_TUPLE;
  for (size_t i = dense ? (size_t)wanted : 0; i < rh_m_visits(o); i++) {
    const struct object *r = rh_m_visit(o, i);
    if (r && (dense || wanted-- == 0)) return r->handle;
  }
  return 0;
}

/* GC-16: a scan of the generations. */
uint64_t rh_model_referrers(uint32_t handle) {
  const struct object *target = rh_m_at(handle);
  uint64_t n = 0;
  for (int g = 0; g < 3; g++) {
    const struct link *list = &rh_m.generations[g];
    for (const struct object *o = first(list); o; o = following(list, o)) {
      bool refers = false;
      for (size_t i = 0; i < rh_m_visits(o) && !refers; i++) refers = rh_m_visit(o, i) == target;
      n += refers;
    }
  }
  return n;
}
