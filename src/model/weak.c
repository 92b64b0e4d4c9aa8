/*
 * Weak references and proxies: one ordered list per object, the shared
 * reference without callback first, then the shared proxy, then those with
 * callback, newest first (WR-1, WR-2, WR-12).
 */
#include "model/heap.h"

#include <stdlib.h>

bool rh_m_is_weak(const struct object *o) {
  return o->kind == RH_MODEL_WEAKREF || o->kind == RH_MODEL_PROXY;
}

bool rh_m_weakly_referenceable(const struct object *o) {
  return o->kind == RH_MODEL_NODE || o->kind == RH_MODEL_FIN || o->kind == RH_MODEL_LEGACY ||
         o->kind == RH_MODEL_LISTFIN || o->kind == RH_MODEL_SET || o->kind == RH_MODEL_DEQUE ||
         o->kind == RH_MODEL_ARRAY;
}

void rh_m_weak_detach(struct object *w) {
  struct object *o = w->weak.referent;
  if (!o) return;
  if (w->weak.prev) {
    w->weak.prev->weak.next = w->weak.next;
  } else {
    o->weakrefs = w->weak.next;
  }
  if (w->weak.next) w->weak.next->weak.prev = w->weak.prev;
  w->weak.referent = w->weak.prev = w->weak.next = NULL;
}

static void attach(struct object *w, struct object *o, struct object *after) {
  w->weak.referent = o;
  w->weak.prev = after;
  w->weak.next = after ? after->weak.next : o->weakrefs;
  if (w->weak.next) w->weak.next->weak.prev = w;
  if (after) {
    after->weak.next = w;
  } else {
    o->weakrefs = w;
  }
}

void rh_m_weak_clear_all(struct object *o) {
  while (o->weakrefs) rh_m_weak_detach(o->weakrefs);
}

/* WR-2, WR-3: all are dead before the first callback runs; callbacks run in
 * list order; a weak reference that is gone itself calls nobody (WR-4). */
void rh_m_weak_die(struct object *o) {
  if (rh_m_is_weak(o)) rh_m_weak_detach(o);
  struct object **calls = NULL;
  size_t n = 0;
  for (struct object *w; (w = o->weakrefs);) {
    rh_m_weak_detach(w);
    if (!w->weak.callback || !rh_m_held(w)) continue;
    calls = rh_m_room(calls, n, sizeof(struct object *));
    rh_m_own(w);
    w->weak.callback = false;
    calls[n++] = w;
  }
  /* GEN-2: CPython keeps several of them, with their callbacks, in a tuple; newer versions also a single one. */
  bool alone = n == 1 && !rh_m.params.lone_callback_held;
  struct object *pairs = n > 0 && !alone ? rh_m_new(RH_MODEL_TUPLE, 2 * n) : NULL;
  if (alone) calls[0]->weak.alone = true; /* RC-1 */
  for (size_t i = 0; i < n; i++) rh_m.hooks.weak_callback(rh_m.hooks.context, calls[i]->handle, calls[i]->label);
  if (alone) calls[0]->weak.alone = false;
  for (size_t i = n; i > 0; i--) rh_m_drop(calls[i - 1]);
  if (pairs) {
    pairs->length = 2 * n;
    rh_m_delete(pairs);
  }
  free(calls);
}

/* The reference or proxy without callback that all share, if there is one. */
static struct object *shared(const struct object *o, int kind) {
  for (struct object *w = o->weakrefs; w && !w->weak.callback; w = w->weak.next)
    if (w->kind == kind) return w;
  return NULL;
}

/* WR-12: what a new one stands behind; NULL: it is the first. */
static struct object *predecessor(const struct object *o, int kind, bool callback) {
  struct object *reference = shared(o, RH_MODEL_WEAKREF), *proxy = shared(o, RH_MODEL_PROXY);
  if (callback && proxy) return proxy;
  return callback || kind == RH_MODEL_PROXY ? reference : NULL;
}

static int new_weak(int kind, uint32_t handle, bool callback, uint32_t label, uint32_t *out) {
  struct object *o = rh_m_at(handle);
  if (!rh_m_weakly_referenceable(o)) return RH_MODEL_TYPE_ERROR; /* WR-5 */
  if (callback || !shared(o, kind)) {
    struct object *w = rh_m_new(kind, 0);
    w->label = label;
    w->weak.callback = callback;
    rh_m_track(w);
    if (callback || !shared(o, kind)) { /* a collection inside rh_m_new may have made one */
      attach(w, o, predecessor(o, kind, callback));
      *out = rh_m_own(w);
      return RH_MODEL_OK;
    }
    rh_m_untrack(w);
    rh_m_delete(w);
  }
  *out = rh_m_own(shared(o, kind)); /* WR-1 */
  return RH_MODEL_OK;
}

int rh_model_new_weakref(uint32_t handle, bool callback, uint32_t label, uint32_t *out) {
  return new_weak(RH_MODEL_WEAKREF, handle, callback, label, out);
}

int rh_model_new_proxy(uint32_t handle, bool callback, uint32_t label, uint32_t *out) {
  return new_weak(RH_MODEL_PROXY, handle, callback, label, out);
}

uint32_t rh_model_referent(uint32_t w) {
  /* WR-11: an object whose death was put off is dead already. */
  const struct object *o = rh_m_at(w), *referent = rh_m_is_weak(o) ? o->weak.referent : NULL;
  return referent && rh_m_held(referent) ? referent->handle : 0;
}

int64_t rh_model_weak_count(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  if (!rh_m_weakly_referenceable(o)) return 0;
  int64_t n = 0;
  for (const struct object *w = o->weakrefs; w; w = w->weak.next) n++;
  return n;
}
