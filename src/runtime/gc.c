/*
 * The collector as Python shows it (8.1-8.13): counters and thresholds, when a
 * collection starts, what happens around the trial deletion of the core, and
 * gc.garbage.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"
#include <inttypes.h>
#include <string.h>

enum { GENERATIONS = 3 };

static struct {
  int64_t count[GENERATIONS];
  int64_t threshold[GENERATIONS];
  int64_t stats[GENERATIONS][RH_RT_STATS];
  int64_t pending, total; /* objects that reached the oldest generation since, and in, the last full collection */
  bool enabled, collecting, scheduled;
  /* Counter 0 may be off by so much; and whether an automatic collection came or may have come by that. */
  int64_t slack;
  bool doubt;
  int debug;
} gc;

static struct rh_rt_vector garbage;
static struct rh_rt_vector found; /* RH_FOUND as a phase met it */
static struct rh_rt_vector aside; /* uncollectable objects of the collection under way; 0: has left */

void rh_rt_reset_gc(void) {
  memset(&gc, 0, sizeof gc);
  gc.threshold[0] = rh_rt_profile.threshold0;
  gc.threshold[1] = rh_rt_profile.threshold1;
  gc.threshold[2] = rh_rt_profile.threshold2;
  gc.total = rh_rt_profile.startup_objects;
  garbage.count = 0;
  rh_rt_reset_free_lists();
  aside.count = 0;
  rh_rt_reset_traced();
  rh_rt_begin_cycle();
}

/* ---- counters ---- */

/* The oldest generation whose counter is above its threshold; the oldest of
 * all waits until a quarter of its members is new. An incremental collector
 * always takes an increment. */
static int due_generation(void) {
  if (rh_rt_profile.incremental) return 1;
  for (int k = GENERATIONS - 1; k >= 0; k--) {
    if (gc.count[k] <= gc.threshold[k]) continue;
    if (k == GENERATIONS - 1 && gc.pending < gc.total / 4) {
      rh_because("GEN-8", 3,
                 "a full collection waits: %" PRId64 " objects have reached the oldest generation since the "
                 "last one, which %" PRId64 " survived, the interpreter's own %" PRId64
                 " included: less than a quarter",
                 gc.pending, gc.total, (int64_t)rh_rt_profile.startup_objects);
      continue;
    }
    return k;
  }
  return -1;
}

static void note_due_generation(int k) {
  if (rh_rt_profile.incremental) {
    rh_because("GEN-14", 2,
               "an automatic collection of an incremental collector is always an increment, shown as generation 1");
  } else {
    rh_because("GEN-7", (uint32_t)k + 1,
               "the counters are %" PRId64 ", %" PRId64 ", %" PRId64 " and the thresholds %" PRId64 ", %" PRId64
               ", %" PRId64 ": generation %d is the oldest that is due",
               gc.count[0], gc.count[1], gc.count[2], gc.threshold[0], gc.threshold[1], gc.threshold[2], k);
  }
}

static int64_t collect(int k);

static void collect_automatically(void) {
  int k = due_generation();
  if (k < 0) return;
  note_due_generation(k);
  collect(k);
}

void rh_rt_blur_counter(int64_t slack) {
  gc.slack += slack;
}

static void count_doubtfully(void) {
  bool automatic = gc.enabled && gc.threshold[0] != 0 && !gc.collecting;
  if (gc.slack != 0 && automatic && gc.count[0] + gc.slack > gc.threshold[0]) gc.doubt = true;
}

/* Whether an allocation above the threshold asks for a collection: every one that does, of the others the first. */
static void note_threshold_passed(void) {
  if (!rh_evidence_kept || gc.scheduled || gc.count[0] <= gc.threshold[0]) return;
  bool asks = gc.threshold[0] != 0 && gc.enabled && !gc.collecting;
  if (!asks && gc.count[0] != gc.threshold[0] + 1) return;
  rh_because("GEN-5", 1, "an allocation brings counter 0 to %" PRId64 ", above threshold 0 of %" PRId64 "%s",
             gc.count[0], gc.threshold[0],
             asks                   ? ", with the collector enabled and none running: a collection is asked for"
             : gc.threshold[0] == 0 ? ", which stands for never"
             : !gc.enabled          ? ", but the collector is disabled"
                                    : ", but a collection is running");
}

void rh_rt_count_new(int kind, uint32_t items) {
  if (rh_rt_take_kept(kind, items, 0)) return;
  gc.count[0]++;
  count_doubtfully();
  note_threshold_passed();
  if (gc.count[0] <= gc.threshold[0] || gc.threshold[0] == 0 || !gc.enabled || gc.collecting) return;
  if (rh_rt_profile.collect_in_allocation) {
    rh_because("GEN-6", 1, "the collection runs inside the allocation, at every one above the threshold");
    collect_automatically();
  } else {
    gc.scheduled = true;
  }
}

void rh_rt_count_free(int kind, uint32_t items) {
  if (!rh_rt_keep_freed(kind, items, 0) && gc.count[0] > 0) gc.count[0]--;
}

void rh_runtime_safepoint(void) {
  if (!gc.scheduled || gc.collecting) return;
  gc.scheduled = false;
  bool runs = gc.enabled || !rh_rt_profile.disable_cancels;
  rh_because("GEN-6", 1,
             "the collection asked for %s at the next safe point of the evaluation loop, with counter 0 at %" PRId64,
             runs ? "runs" : "is cancelled, because the collector is disabled", gc.count[0]);
  if (runs) collect_automatically();
}

static void empty_free_lists(void) {
  int64_t freed = rh_rt_empty_free_lists();
  gc.count[0] = gc.count[0] > freed ? gc.count[0] - freed : 0;
}

/* ---- the phases of a collection ---- */

static void snapshot_found(void) {
  found.count = 0;
  for (uint32_t o = rh_gc_first(RH_FOUND); o != 0; o = rh_gc_next(o)) rh_rt_push(&found, o);
}

/* Members only leave during a phase: a handle of the snapshot that is in the
 * list still names the same object. */
static bool still_found(uint32_t o) {
  return rh_gc_generation(o) == RH_FOUND;
}

/* ---- what a finalizer of old makes uncollectable ---- */

static void set_aside(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  r->flags |= RH_RT_QUEUED;
  rh_gc_untrack(o);
  rh_rt_push(&aside, o);
}

void rh_rt_forget_aside(uint32_t o) {
  for (size_t i = 0; i < aside.count; i++) {
    if (aside.items[i] == o) aside.items[i] = 0;
  }
}

/* Step 6: the objects with such a finalizer, then what they lead to. */
static void set_uncollectable_aside(void) {
  aside.count = 0;
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (rh_rt_record(o)->kind != RH_RT_LEGACY) continue;
    rh_because("LEG-2", o, "the collection finds %s unreachable, but it has a finalizer of old: it is left alone",
               rh_evidence_name(o));
    set_aside(o);
  }
  for (size_t i = 0; i < aside.count; i++) {
    uint32_t o = aside.items[i];
    for (uint32_t slot = 0; slot < rh_object_length(o); slot++) {
      uint32_t v = rh_slot_get(o, slot);
      if (v == 0 || !still_found(v)) continue;
      rh_because("LEG-2", v,
                 "the collection finds %s unreachable, but %s, which is left alone, refers to it: it is left alone too",
                 rh_evidence_name(v), rh_evidence_name(o));
      set_aside(v);
    }
  }
}

/* Step 7. */
static void report_collectable(void) {
  if ((gc.debug & RH_RT_DEBUG_COLLECTABLE) == 0) return;
  for (size_t i = 0; i < found.count; i++) {
    if (still_found(found.items[i])) rh_rt_hooks.found(rh_rt_hooks.context, true, found.items[i]);
  }
}

/* Step 13: returns how many there are. */
static int64_t give_back_aside(uint32_t older) {
  int64_t n = 0;
  for (size_t i = 0; i < aside.count; i++) {
    uint32_t o = aside.items[i];
    if (o == 0) continue;
    n++;
    if (gc.debug & RH_RT_DEBUG_UNCOLLECTABLE) rh_rt_hooks.found(rh_rt_hooks.context, false, o);
    rh_rt_record(o)->flags &= (uint8_t)~RH_RT_QUEUED;
    rh_gc_track(o);
    rh_gc_move(o, older);
    if (rh_rt_record(o)->kind != RH_RT_LEGACY && (gc.debug & RH_RT_DEBUG_SAVEALL) == 0) continue;
    rh_because("LEG-3", o, "the collection leaves %s alone and appends it to the garbage list, as item %u",
               rh_evidence_name(o), (unsigned)garbage.count);
    rh_object_retain(o);
    rh_rt_push(&garbage, o);
  }
  aside.count = 0;
  return n;
}

/* ---- weak references of garbage ---- */

/* What becomes of a weak reference to o, number i of the garbage. */
static void note_weakref(uint32_t w, uint32_t o, size_t i, bool queued) {
  const char *name = rh_evidence_name(w), *whose = rh_evidence_name(o);
  if ((rh_rt_record(w)->flags & RH_RT_CALLBACK) == 0) {
    rh_evidence_note("WR-8", w,
                     "%s, found unreachable, goes: %s has no callback and is cleared before any callback or finalizer",
                     whose, name);
  } else if (queued) {
    rh_evidence_note("WR-6", w,
                     "%s is number %u on the list of the unreachable; of the weak references to it, the newest first, "
                     "%s is cleared and queued: its callback runs before any finalizer",
                     whose, (unsigned)i + 1, name);
  } else {
    rh_evidence_note("WR-7", w, "%s goes together with %s, which is garbage itself: it is cleared and never calls back",
                     whose, name);
  }
}

/* Clears a weak reference to number i of the garbage; one with a callback that is no garbage
 * itself is queued (held, and in no generation) on rh_rt_scratch. */
static void clear_and_queue(uint32_t w, size_t i) {
  struct rh_rt_record *r = rh_rt_record(w);
  if (rh_evidence_kept) note_weakref(w, r->weak, i, !still_found(w));
  rh_rt_clear_weakref(w);
  if ((r->flags & RH_RT_CALLBACK) == 0 || still_found(w)) return;
  rh_object_retain(w);
  if ((r->flags & RH_RT_QUEUED) != 0) rh_rt_forget_aside(w); /* the queue has it instead */
  rh_gc_untrack(w);
  r->flags |= RH_RT_QUEUED;
  rh_rt_push(&rh_rt_scratch, w);
}

/* A weak reference that is garbage itself, and to what. */
static void note_own_garbage(uint32_t w, const char *when) {
  uint32_t o = rh_rt_record(w)->weak;
  if (o == 0 || still_found(o)) return;
  rh_because("WR-7", w, "%s, which refers to %s, is garbage itself: it is cleared %s and never calls back",
             rh_evidence_name(w), rh_evidence_name(o), when);
}

/* Step 8, clearing: which weak references lose their referent before the
 * finalizers run. */
static void clear_weakrefs_early(void) {
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (!still_found(o)) continue; /* set aside */
    if (rh_rt_is_weak(rh_rt_record(o)->kind)) {
      if (rh_rt_profile.keep_weakrefs_for_finalizers) continue;
      note_own_garbage(o, "before any callback or finalizer");
      rh_rt_clear_weakref(o);
      continue;
    }
    uint32_t next;
    for (uint32_t w = rh_rt_record(o)->weak; w != 0; w = next) {
      next = rh_rt_record(w)->next;
      bool keep = rh_rt_profile.keep_weakrefs_for_finalizers && (rh_rt_record(w)->flags & RH_RT_CALLBACK) == 0;
      if (keep) {
        rh_because("WR-8", w,
                   "%s has no callback: it keeps referring to %s, found unreachable, until the finalizers have run",
                   rh_evidence_name(w), rh_evidence_name(o));
      } else {
        clear_and_queue(w, i);
      }
    }
  }
}

/* The number a generation list has in Python: an incremental collector calls both old spaces 2. */
static uint32_t shown_generation(uint32_t list) {
  return list == 1 && rh_rt_profile.incremental ? 2 : list;
}

/* Step 8: returns the number of weak references that died of their callback. */
static int64_t handle_weakrefs(uint32_t older) {
  size_t base = rh_rt_scratch.count;
  clear_weakrefs_early();
  size_t end = rh_rt_scratch.count;
  int64_t freed = 0;
  for (size_t i = base; i < end; i++) {
    uint32_t w = rh_rt_scratch.items[i];
    rh_rt_call_back(w);
    rh_rt_record(w)->flags &= (uint8_t)~RH_RT_QUEUED;
    if (rh_object_count(w) == 1) {
      freed++;
      rh_because("GC-10", w,
                 "a weak reference that was no garbage died during its callback, which adds one to the result");
    } else {
      rh_gc_track(w);
      rh_gc_move(w, older);
      rh_because("GEN-16", w,
                 "the collection called its callback while it was in no generation, and as it is still "
                 "referred to appended it to generation %u",
                 shown_generation(older));
    }
    rh_runtime_drop(w);
  }
  rh_rt_scratch.count = base;
  return freed;
}

/* Step 9. A suspended generator is finalized by closing it. */
static bool has_finalizer(int kind) {
  return rh_rt_has_finalizer(kind) || kind == RH_RT_GEN;
}

/* The first of the found objects that clearing empties and no finalizer is run of; the number of all: none. */
static size_t first_emptied(void) {
  size_t i = 0;
  for (; i < found.count; i++) {
    int kind = rh_rt_record(found.items[i])->kind;
    if (still_found(found.items[i]) && kind != RH_RT_TUPLE && !has_finalizer(kind)) break;
  }
  return i;
}

/* The finalizer of o, number i, is about to run. */
static void note_finalizer(uint32_t o, size_t i, size_t emptied) {
  const char *name = rh_evidence_name(o);
  if (emptied > i) {
    rh_evidence_note("FIN-8", o, "%s is number %u of the %u on the list of the unreachable", name, (unsigned)i + 1,
                     (unsigned)found.count);
  } else {
    rh_evidence_note("FIN-7", o,
                     "%s is number %u of the %u on the list of the unreachable, where %s comes before it and is "
                     "emptied only when all finalizers have run",
                     name, (unsigned)i + 1, (unsigned)found.count, rh_evidence_name(found.items[emptied]));
  }
}

static void finalize_found(void) {
  size_t emptied = rh_evidence_kept ? first_emptied() : 0;
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (!still_found(o)) continue;
    struct rh_rt_record *r = rh_rt_record(o);
    if (!has_finalizer(r->kind)) continue;
    if ((r->flags & RH_RT_FINALIZED) != 0) {
      rh_because("FIN-2", o, "the collection finds %s unreachable, but its finalizer has run before",
                 rh_evidence_name(o));
      continue;
    }
    if (rh_evidence_kept) note_finalizer(o, i, emptied);
    r->flags |= RH_RT_FINALIZED;
    rh_object_retain(o);
    if (r->kind == RH_RT_GEN) {
      rh_because("FUN-5", o, "the suspended generator it found is closed, and lets go of what its locals held");
      rh_rt_close_generator(o);
    } else {
      rh_rt_hooks.finalizer(rh_rt_hooks.context, o, r->label);
    }
    rh_runtime_drop(o);
  }
  if (rh_gc_size(0) > 0) {
    rh_because("FIN-10", 0,
               "when the finalizers have run the young generation holds %u object%s made meanwhile, which this "
               "collection does not look at",
               (unsigned)rh_gc_size(0), rh_gc_size(0) == 1 ? "" : "s");
  }
}

/* What the finalizers brought back, number by number. */
static void note_resurrected(uint32_t older) {
  uint32_t back = 0;
  for (size_t i = 0; i < found.count; i++)
    back += rh_object_live(found.items[i]) && rh_gc_generation(found.items[i]) == older;
  if (back == 0) return;
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (!rh_object_live(o) || rh_gc_generation(o) != older) continue;
    rh_evidence_note("FIN-9", o,
                     "%s is reachable again when the finalizers have run, as %u of the %u found are: it is not cleared "
                     "and goes to generation %u",
                     rh_evidence_name(o), (unsigned)back, (unsigned)found.count, (unsigned)older);
  }
}

/* By which rule a weak reference is still there when the finalizers have run. */
static const char *cleared_late_rule(uint32_t w) {
  bool kept = rh_rt_profile.keep_weakrefs_for_finalizers && (rh_rt_record(w)->flags & RH_RT_CALLBACK) == 0;
  return kept ? "WR-8" : "WR-9";
}

/* Step 11. */
static void clear_late_weakrefs(void) {
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (rh_rt_is_weak(rh_rt_record(o)->kind)) {
      note_own_garbage(o, "when the finalizers have run");
      rh_rt_clear_weakref(o);
      continue;
    }
    while (rh_rt_record(o)->weak != 0) {
      uint32_t w = rh_rt_record(o)->weak;
      rh_because(
          cleared_late_rule(w), w,
          "%s refers to %s when the finalizers have run and %s is still unreachable: it is cleared without a call",
          rh_evidence_name(w), rh_evidence_name(o), rh_evidence_name(o));
      rh_rt_clear_weakref(w);
    }
  }
}

static void clear_slots(uint32_t o) {
  struct rh_rt_scene outer = rh_rt_begin_emptying(o);
  for (uint32_t i = 0; i < rh_object_length(o); i++) {
    uint32_t v = rh_slot_swap(o, i, 0);
    if (v != 0) rh_runtime_drop(v);
  }
  rh_rt_end_scene(outer);
}

/* The clear function of the kind; tuples and frozensets have none. */
static void clear_object(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  if (rh_rt_is_weak(r->kind)) {
    rh_rt_clear_weakref(o);
    r->flags &= (uint8_t)~RH_RT_CALLBACK;
    clear_slots(o);
  } else if (rh_rt_is_instance(r->kind) || r->kind >= RH_RT_OBJ || rh_rt_is_weak_dict(o)) {
    clear_slots(o);
  } else {
    rh_rt_empty(o);
  }
}

/* A weak reference that is left: a finalizer made it, after the others were cleared. */
static void note_left(uint32_t o) {
  for (uint32_t w = rh_rt_record(o)->weak; w != 0; w = rh_rt_record(w)->next) {
    rh_evidence_note(
        "WR-9", w, "%s was made by a finalizer of this collection, which does not clear it: it calls back when %s goes",
        rh_evidence_name(w), rh_evidence_name(o));
  }
}

/* Step 12. */
static void delete_found(uint32_t older) {
  if (found.count > 0 && (gc.debug & RH_RT_DEBUG_SAVEALL) != 0) {
    rh_because("GC-12", 0,
               "with the flag SAVEALL the collection appends what it would clear, %zu, to gc.garbage and "
               "counts them",
               found.count);
  }
  for (size_t i = 0; i < found.count; i++) {
    uint32_t o = found.items[i];
    if (!still_found(o)) continue;
    if (rh_evidence_kept && !rh_rt_is_weak(rh_rt_record(o)->kind)) note_left(o);
    rh_object_retain(o);
    if (gc.debug & RH_RT_DEBUG_SAVEALL) {
      rh_rt_push(&garbage, o);
    } else {
      clear_object(o);
      rh_runtime_drop(o);
    }
    if (still_found(o)) rh_gc_move(o, older);
  }
}

/* What a collection of generation k does to counter i; `change` is 0 for: sets it to zero. */
static void note_counter(int k, int i, int64_t change) {
  if (change == 0) {
    rh_because("GEN-3", (uint32_t)i + 1, "a collection of generation %d sets counter %d to 0", k, i);
  } else {
    rh_because("GEN-3", (uint32_t)i + 1, "a collection of generation %d adds one to counter %d: %" PRId64, k, i,
               gc.count[i]);
  }
}

/* Steps 2-5 of the incremental collector, whose increments take the young. */
static void find_incrementally(int k) {
  rh_rt_untrack_tuples(0);
  gc.count[0] = 0;
  note_counter(k, 0, 0);
  if (k < 2) {
    gc.count[1] += k == 0;
    if (k == 0) note_counter(k, 1, 1);
    rh_rt_note_members(0);
    rh_gc_find(0);
    rh_rt_note_moved(0);
    rh_gc_promote(0);
    return;
  }
  gc.count[1] = gc.count[2] = 0;
  note_counter(k, 1, 0);
  note_counter(k, 2, 0);
  rh_rt_join_spaces();
  rh_rt_note_members(2);
  rh_gc_find(2);
  rh_rt_note_moved(2);
}

/* The increment that only marks; false when this one does not. */
static bool mark_only(void) {
  int64_t fresh = gc.count[0];
  rh_rt_untrack_tuples(0);
  gc.count[0] = 0;
  note_counter(1, 0, 0);
  return rh_rt_increment_marks(fresh, gc.threshold[1]);
}

/* Steps 2-5: leaves the unreachable in RH_FOUND, the survivors one older. */
static void find(int k) {
  uint32_t generation = (uint32_t)k;
  if (k + 1 < GENERATIONS) {
    gc.count[k + 1]++;
    note_counter(k, k + 1, 1);
  }
  for (uint32_t i = 0; i <= generation; i++) {
    gc.count[i] = 0;
    note_counter(k, (int)i, 0);
    gc.stats[k][RH_RT_CANDIDATES] += rh_gc_size(i);
  }
  rh_rt_note_members(generation);
  rh_gc_find(generation);
  rh_rt_note_moved(generation);
  rh_rt_untrack_tuples(generation);
  if (k == 2) {
    if (rh_rt_profile.dict_lazy_tracking) rh_rt_untrack_dicts(generation);
    gc.pending = 0;
    gc.total = (int64_t)rh_rt_profile.startup_objects + rh_gc_size(generation);
    return;
  }
  if (k == 1) gc.pending += rh_gc_size(generation);
  rh_gc_promote(generation);
}

/* Where the objects with a finalizer are when a collection of generation k begins: that orders the finalizers. */
static void note_places(int k) {
  for (uint32_t generation = 0; generation <= (uint32_t)k; generation++) {
    unsigned place = 1;
    for (uint32_t o = rh_gc_first(generation); o != 0; o = rh_gc_next(o), place++) {
      if (!rh_rt_has_finalizer(rh_rt_record(o)->kind)) continue;
      rh_evidence_note("FIN-8", o, "%s was number %u of generation %u when the collection began", rh_evidence_name(o),
                       place, (unsigned)generation);
    }
  }
}

static void note_result(int k, int64_t collected, int64_t uncollectable, int64_t candidates) {
  if (rh_rt_profile.extra_stat_fields) {
    rh_because("GEN-11", (uint32_t)k + 1, "%" PRId64 " collected, %" PRId64 " uncollectable, of %" PRId64 " candidates",
               collected, uncollectable, candidates);
  } else {
    rh_because("GEN-11", (uint32_t)k + 1, "%" PRId64 " collected, %" PRId64 " uncollectable", collected, uncollectable);
  }
}

/* One collection of generation k; its result. */
static int64_t collect(int k) {
  bool incremental = rh_rt_profile.incremental;
  uint32_t older = k == 0 || (k == 1 && incremental) ? 1 : 2;
  int64_t candidates = gc.stats[k][RH_RT_CANDIDATES];
  gc.collecting = true;
  rh_rt_hooks.collection(rh_rt_hooks.context, RH_RT_START, k, 0, 0);
  if (incremental && k == 1 && mark_only()) {
    rh_rt_hooks.collection(rh_rt_hooks.context, RH_RT_STOP, k, 0, 0);
    gc.collecting = false;
    return 0;
  }
  if (rh_evidence_kept) note_places(k);
  if (incremental) {
    find_incrementally(k);
  } else {
    find(k);
  }
  snapshot_found();
  set_uncollectable_aside();
  size_t unreachable = found.count - aside.count;
  report_collectable();
  int64_t collected = handle_weakrefs(older);
  finalize_found();
  collected += rh_gc_confirm(older);
  if (rh_evidence_kept) note_resurrected(older);
  snapshot_found();
  if (unreachable > found.count) {
    rh_because("GC-9", 0, "found unreachable: %zu; after callbacks and finalizers %zu of them still are", unreachable,
               found.count);
  }
  if (rh_rt_profile.clear_late_weakrefs) clear_late_weakrefs();
  delete_found(older);
  int64_t uncollectable = give_back_aside(older);
  if (k == 2) empty_free_lists();
  gc.stats[k][RH_RT_COLLECTIONS]++;
  gc.stats[k][RH_RT_COLLECTED] += collected;
  gc.stats[k][RH_RT_UNCOLLECTABLE] += uncollectable;
  note_result(k, collected, uncollectable, gc.stats[k][RH_RT_CANDIDATES] - candidates);
  rh_rt_hooks.collection(rh_rt_hooks.context, RH_RT_STOP, k, (uint64_t)collected, (uint64_t)uncollectable);
  gc.collecting = false;
  return collected + uncollectable;
}

/* ---- controls ---- */

int64_t rh_runtime_collect(int generation) {
  if (generation < 0 || generation >= GENERATIONS) return RH_RT_VALUE_ERROR;
  if (!gc.collecting) gc.slack = 0; /* the counter becomes 0 */
  if (gc.collecting) {
    rh_because("GC-13", 0, "generation %d is asked for while a collection is running: 0, and nothing is done",
               generation);
    return 0;
  }
  int64_t result = collect(generation);
  if (rh_rt_runs_code()) {
    rh_because("FIN-11", 0,
               "the collection asked for inside a finalizer or callback of a death by count is carried out like any "
               "other and finds %lld",
               (long long)result);
  }
  return rh_rt_increment_doubted() ? RH_RT_UNSUPPORTED : result;
}

int rh_runtime_doubt(void) {
  return gc.doubt || rh_rt_increment_doubted() ? RH_RT_UNSUPPORTED : RH_RT_OK;
}

void rh_runtime_enable(bool on) {
  gc.enabled = on;
}

void rh_runtime_set_threshold(int index, int64_t value) {
  if (index < 0 || index >= GENERATIONS) return;
  if (index == 2 && rh_rt_profile.incremental) {
    rh_because("GEN-14", 3, "an incremental collector ignores the third threshold, which stays 0");
    return;
  }
  gc.threshold[index] = value;
  rh_because("GEN-4", (uint32_t)index + 1, "threshold %d is set to %" PRId64, index, value);
}

int64_t rh_runtime_threshold(int index) {
  return index < 0 || index >= GENERATIONS ? RH_RT_INDEX_ERROR : gc.threshold[index];
}

int64_t rh_runtime_count(int generation) {
  return generation < 0 || generation >= GENERATIONS ? RH_RT_INDEX_ERROR : gc.count[generation];
}

int64_t rh_runtime_stat(int generation, int field) {
  if (generation < 0 || generation >= GENERATIONS || field < 0 || field >= RH_RT_STATS) return RH_RT_INDEX_ERROR;
  return gc.stats[generation][field];
}

void rh_runtime_freeze(void) {
  rh_because("GEN-9", 0,
             "freezing moves what generations 0, 1 and 2 have, %u, %u and %u, to the permanent one, which has %u",
             rh_gc_size(0), rh_gc_size(1), rh_gc_size(2), rh_gc_size(RH_FROZEN));
  rh_gc_freeze();
  for (int i = 0; i < GENERATIONS; i++) {
    gc.count[i] = 0;
    rh_because("GEN-9", (uint32_t)i + 1, "freezing sets counter %d to 0", i);
  }
}

void rh_runtime_unfreeze(void) {
  rh_because("GEN-10", 0, "unfreezing appends the permanent generation, which has %u, to %s", rh_gc_size(RH_FROZEN),
             rh_rt_profile.incremental ? "the visited space, shown as generation 2" : "generation 2");
  if (rh_rt_profile.incremental) rh_rt_unfreeze_visited();
  rh_gc_unfreeze();
}

int64_t rh_runtime_frozen(void) {
  return rh_gc_size(RH_FROZEN);
}

void rh_runtime_set_debug(int flags) {
  gc.debug = flags;
}

uint64_t rh_runtime_garbage_length(void) {
  return garbage.count;
}

uint32_t rh_runtime_garbage_item(uint64_t i) {
  return i < garbage.count ? garbage.items[i] : 0;
}

void rh_runtime_clear_garbage(void) {
  size_t base = rh_rt_scratch.count;
  for (size_t i = 0; i < garbage.count; i++) rh_rt_push(&rh_rt_scratch, garbage.items[i]);
  garbage.count = 0;
  rh_rt_drop_scratch(base);
}
