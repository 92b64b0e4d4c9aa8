/*
 * Weak references (9.1-9.4). A weak reference is an object of its own, managed
 * by the collector, that holds no counted reference. The references to one
 * object are a doubly linked list through their records: the shared one
 * without a callback first, then the others, newest first.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

bool rh_rt_is_referenceable(int kind) {
  switch (kind) {
  case RH_RT_LISTFIN:
  case RH_RT_SET:
  case RH_RT_FROZENSET:
  case RH_RT_DEQUE:
  case RH_RT_ARRAY:
  case RH_RT_WVD:
  case RH_RT_WKD:
  case RH_RT_OBJ:
  case RH_RT_CLASS:
  case RH_RT_FUNC:
  case RH_RT_GEN:
  case RH_RT_SIZER:
  case RH_RT_STRSUB:
  case RH_RT_OTHER: /* built-in types */
    return true;
  default:
    return rh_rt_is_instance(kind);
  }
}

static bool has_callback(uint32_t w) {
  return (rh_rt_record(w)->flags & RH_RT_CALLBACK) != 0;
}

/* The reference or proxy to o that every request of its kind without a
 * callback shares, or 0. */
static uint32_t shared_weakref(uint32_t o, int kind) {
  for (uint32_t w = rh_rt_record(o)->weak; w != 0 && !has_callback(w); w = rh_rt_record(w)->next) {
    if (rh_rt_record(w)->kind == kind) return w;
  }
  return 0;
}

/* What a new one is linked behind, 0: nothing. The shared reference comes
 * first, then the shared proxy, then those with callbacks. */
static uint32_t predecessor(uint32_t o, int kind, bool callback) {
  uint32_t reference = shared_weakref(o, RH_RT_WEAKREF), proxy = shared_weakref(o, RH_RT_PROXY);
  if (callback && proxy != 0) return proxy;
  return callback || kind == RH_RT_PROXY ? reference : 0;
}

static void link_after(uint32_t w, uint32_t previous, uint32_t o) {
  uint32_t next = previous ? rh_rt_record(previous)->next : rh_rt_record(o)->weak;
  rh_rt_record(w)->weak = o;
  rh_rt_record(w)->previous = previous;
  rh_rt_record(w)->next = next;
  if (previous) {
    rh_rt_record(previous)->next = w;
  } else {
    rh_rt_record(o)->weak = w;
  }
  if (next) rh_rt_record(next)->previous = w;
}

static int new_weak(int kind, uint32_t o, bool callback, uint32_t slots, uint32_t *out) {
  *out = 0;
  if (!rh_object_live(o) || !rh_rt_is_referenceable(rh_rt_record(o)->kind)) return RH_RT_TYPE_ERROR;
  if (rh_rt_record(o)->kind == RH_RT_OTHER) {
    bool is_type = rh_rt_record(o)->constant >= RH_RT_CONST_TYPE;
    return is_type ? RH_RT_UNSUPPORTED : RH_RT_TYPE_ERROR; /* others than the trace refer to a type */
  }
  uint32_t shared = shared_weakref(o, kind);
  if (shared != 0 && !callback) {
    rh_because("WR-1", shared, "%s has %s without callback, %s, which is given again", rh_evidence_name(o),
               kind == RH_RT_PROXY ? "a proxy" : "a weak reference", rh_evidence_name(shared));
    rh_object_retain(shared);
    *out = shared;
    return RH_RT_OK;
  }
  rh_object_retain(o); /* creating may collect, which runs code */
  uint32_t w = rh_rt_new(kind, slots, 0);
  if (w != 0) {
    if (callback) rh_rt_record(w)->flags |= RH_RT_CALLBACK;
    link_after(w, predecessor(o, kind, callback), o);
    rh_rt_track_new(w);
  }
  rh_runtime_drop(o);
  *out = w;
  return w != 0 ? RH_RT_OK : RH_RT_MEMORY_ERROR;
}

static int new_labelled(int kind, uint32_t o, bool callback, uint32_t label, uint32_t *out) {
  int error = new_weak(kind, o, callback, 0, out);
  if (error == RH_RT_OK && rh_rt_record(*out)->label == 0) rh_rt_record(*out)->label = label;
  return error;
}

int rh_runtime_new_weakref(uint32_t o, bool callback, uint32_t label, uint32_t *out) {
  return new_labelled(RH_RT_WEAKREF, o, callback, label, out);
}

int rh_runtime_new_proxy(uint32_t o, bool callback, uint32_t label, uint32_t *out) {
  return new_labelled(RH_RT_PROXY, o, callback, label, out);
}

int rh_rt_new_called(uint32_t o, uint32_t slots, uint32_t *out) {
  return new_weak(RH_RT_WEAKREF, o, true, slots, out);
}

uint32_t rh_runtime_referent(uint32_t w) {
  if (!rh_object_live(w) || !rh_rt_is_weak(rh_rt_record(w)->kind)) return 0;
  uint32_t o = rh_rt_record(w)->weak;
  return o != 0 && (rh_rt_record(o)->flags & RH_RT_DYING) == 0 ? o : 0;
}

int64_t rh_runtime_weak_count(uint32_t o) {
  if (!rh_object_live(o) || rh_rt_is_weak(rh_rt_record(o)->kind)) return 0;
  if (rh_rt_record(o)->kind == RH_RT_OTHER && rh_rt_record(o)->constant >= RH_RT_CONST_TYPE) return RH_RT_UNSUPPORTED;
  int64_t count = 0;
  for (uint32_t w = rh_rt_record(o)->weak; w != 0; w = rh_rt_record(w)->next) count++;
  return count;
}

void rh_rt_clear_weakref(uint32_t w) {
  struct rh_rt_record *r = rh_rt_record(w);
  if (r->weak == 0) return;
  if (r->previous) {
    rh_rt_record(r->previous)->next = r->next;
  } else {
    rh_rt_record(r->weak)->weak = r->next;
  }
  if (r->next) rh_rt_record(r->next)->previous = r->previous;
  r->weak = r->next = r->previous = 0;
}

/* Of a reference that is called back, number i of n; a finalize object stands for its own. */
static void note_call(uint32_t w, uint32_t o, uint32_t i, uint32_t n, bool proxies) {
  uint32_t called = rh_object_length(w) > 0 ? rh_slot_get(w, 0) : 0;
  if (called != 0 && rh_rt_record(called)->kind == RH_RT_FINALIZE) w = called;
  const char *rule = n == 1 ? "WR-3" : proxies ? "WR-12" : "WR-2", *name = rh_evidence_name(w);
  const char *which = proxies ? ", proxies or not," : "";
  if (n == 1) {
    rh_evidence_note(rule, w, "%s dies: all weak references to it are cleared, then %s is called back",
                     rh_evidence_name(o), name);
  } else if (i == 0) {
    rh_evidence_note(rule, w,
                     "%s dies: all weak references to it are cleared, then the %u with callbacks%s are called, the "
                     "newest first, which is %s",
                     rh_evidence_name(o), (unsigned)n, which, name);
  } else {
    rh_evidence_note(rule, w, "%s was cleared with the others and is number %u of the %u%s called, newest first", name,
                     (unsigned)i + 1, (unsigned)n, which);
  }
}

static void note_calls(uint32_t o, const uint32_t *called, uint32_t n) {
  bool proxies = false;
  for (uint32_t i = 0; i < n; i++) proxies = proxies || rh_rt_record(called[i])->kind == RH_RT_PROXY;
  for (uint32_t i = 0; i < n; i++) note_call(called[i], o, i, n, proxies);
}

/* All are cleared, and their callbacks taken from them, before the first
 * callback runs. Several are held by a tuple of reference-callback pairs that
 * is released, last item first, after the last call; a single one by its call,
 * which counts in some versions only. */
void rh_rt_clear_weakrefs_of(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  while (r->weak != 0 && !has_callback(r->weak)) {
    rh_because("WR-11", r->weak, "%s does not count: %s died without a reference left, and %s was cleared",
               rh_evidence_name(r->weak), rh_evidence_name(o), rh_evidence_name(r->weak));
    rh_rt_clear_weakref(r->weak);
  }
  size_t base = rh_rt_scratch.count;
  while (r->weak != 0) {
    uint32_t w = r->weak;
    rh_object_retain(w);
    rh_rt_push(&rh_rt_scratch, w);
    rh_rt_clear_weakref(w);
    rh_rt_record(w)->flags &= (uint8_t)~RH_RT_CALLBACK;
  }
  uint32_t called = (uint32_t)(rh_rt_scratch.count - base);
  if (rh_evidence_kept && called > 0) note_calls(o, &rh_rt_scratch.items[base], called);
  bool alone = called == 1 && !rh_rt_profile.lone_callback_held;
  bool in_tuple = called > 0 && !alone;
  if (in_tuple) rh_rt_count_new(RH_RT_TUPLE, 2 * called);
  if (alone) rh_rt_record(rh_rt_scratch.items[base])->flags |= RH_RT_CALLED_ALONE;
  struct rh_rt_scene outer = rh_rt_begin_code(o);
  for (size_t i = base; i < base + called; i++) rh_rt_call_back(rh_rt_scratch.items[i]);
  rh_rt_end_scene(outer);
  if (alone) rh_rt_record(rh_rt_scratch.items[base])->flags &= (uint8_t)~RH_RT_CALLED_ALONE;
  rh_rt_drop_scratch(base);
  if (in_tuple) rh_rt_count_free(RH_RT_TUPLE, 2 * called);
}
