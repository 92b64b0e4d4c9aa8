/*
 * Death by counting: what happens when the last reference goes (RC-2), in
 * CPython's order. A death in progress is a frame on an explicit stack, so a
 * nest of any depth needs no C recursion; hooks alone recurse.
 *
 * A frame goes through: enter (trashcan, finalizer, weak references), release
 * its slots one by one, end. While a finalizer runs, the dying object is held
 * by one reference of the program, as CPython's temporary resurrection.
 */
#include "model/heap.h"

#include <stdlib.h>

enum stage { ENTER, RELEASE, DRAIN };

struct frame {
  struct object *object; /* NULL for DRAIN */
  enum stage stage;
  size_t released; /* slots dealt with */
};

static struct frame *frames;
static size_t nframes;

/* TRC-1: objects whose death was put off, last in first out. */
static struct object **deferred;
static size_t ndeferred;
static uint32_t nesting;

static void push_frame(struct object *o, enum stage stage) {
  frames = rh_m_room(frames, nframes, sizeof *frames);
  frames[nframes++] = (struct frame){o, stage, 0};
}

static void put_off(struct object *o) {
  deferred = rh_m_room(deferred, ndeferred, sizeof(struct object *));
  deferred[ndeferred++] = o;
}

/* TRC-5: deques and types without GC support nest without limit. */
static bool uses_trashcan(const struct object *o) {
  return rh_m.params.trashcan_limit && rh_m_is_collected_kind(o) && o->kind != RH_MODEL_DEQUE && !rh_m_is_weak(o) &&
         o->kind != RH_MODEL_ARRAY;
}

static bool has_finalizer(const struct object *o) {
  return o->kind == RH_MODEL_FIN || o->kind == RH_MODEL_LISTFIN || o->kind == RH_MODEL_NOGCFIN;
}

/* FIN-1..FIN-5. True if the object lives on. */
static bool finalize_dying(struct object *o) {
  bool collected_kind = rh_m_is_collected_kind(o);
  if (!has_finalizer(o) || o->finalized) return false;
  if (collected_kind) rh_m_track(o);
  rh_m_own(o);
  rh_m.hooks.finalizer(rh_m.hooks.context, o->handle, o->label);
  o->finalized = collected_kind; /* FIN-3: without GC support it runs at every death */
  rh_m_disown(o);
  if (rh_m_held(o)) return true; /* FIN-4: resurrected; it stays tracked */
  rh_m_untrack(o);
  return false;
}

/* LEG-1: after the weak references; at every death. True if the
 * object lives on. */
static bool finalize_legacy(struct object *o) {
  if (o->kind != RH_MODEL_LEGACY) return false;
  rh_m_track(o);
  rh_m_own(o);
  rh_m.hooks.finalizer(rh_m.hooks.context, o->handle, o->label);
  rh_m_disown(o);
  if (rh_m_held(o)) return true;
  rh_m_untrack(o);
  rh_m_weak_clear_all(o);
  return false;
}

static void end_frame(bool nested) {
  nframes--;
  if (!nested || --nesting > rh_m.params.trashcan_resume || ndeferred == 0) return;
  nesting++; /* TRC-1: what was put off dies one level down */
  push_frame(NULL, DRAIN);
}

static void enter(size_t at) {
  struct object *o = frames[at].object;
  bool nests = uses_trashcan(o);
  rh_m_untrack(o);
  if (nests && nesting >= rh_m.params.trashcan_limit) {
    put_off(o);
    nframes--;
    return;
  }
  nesting += nests;
  if (finalize_dying(o)) {
    end_frame(nests);
    return;
  }
  rh_m_weak_die(o); /* FIN-5: after the finalizer */
  if (finalize_legacy(o)) {
    end_frame(nests);
    return;
  }
  frames[at].stage = RELEASE;
}

/* RC-5..RC-9, RC-16: the next slot to release: lists and tuples from the last,
 * everything else from the first. */
static struct edge *next_slot(struct object *o, size_t released) {
  bool from_last = o->kind == RH_MODEL_LIST || o->kind == RH_MODEL_LISTFIN || o->kind == RH_MODEL_TUPLE;
  struct edge **slot = &o->slots[from_last ? o->length - 1 - released : released], *e = *slot;
  *slot = NULL;
  return e;
}

/* Forgets a reference; begins the death of what nothing holds any more. */
static void let_go(struct edge *e) {
  struct object *o = e->to;
  rh_m_unlink(e);
  if (!rh_m_held(o)) push_frame(o, ENTER);
}

static void release_next(size_t at) {
  struct object *o = frames[at].object;
  if (frames[at].released < o->length) {
    struct edge *e = next_slot(o, frames[at].released++);
    if (e) let_go(e);
    return;
  }
  bool nests = uses_trashcan(o);
  rh_m_delete(o);
  end_frame(nests);
}

static void drain(void) {
  if (ndeferred) {
    push_frame(deferred[--ndeferred], ENTER);
  } else {
    nesting--;
    nframes--;
  }
}

void rh_m_release(struct edge *e) {
  size_t base = nframes;
  let_go(e);
  while (nframes > base) {
    size_t top = nframes - 1;
    if (frames[top].stage == ENTER) {
      enter(top);
    } else if (frames[top].stage == RELEASE) {
      release_next(top);
    } else {
      drain();
    }
  }
}

void rh_m_drop(struct object *o) {
  rh_m_release(o->forever ? o->forever : o->outside);
}

struct object *rh_m_take(struct edge **slot) {
  struct edge *e = *slot;
  *slot = NULL;
  if (!e) return NULL;
  struct object *v = e->to;
  rh_m_own(v);
  rh_m_unlink(e);
  return v;
}

/* Cuts n slots out. What they referred to is held by the operation. */
static struct object **cut_slots(struct object *o, size_t from, size_t n) {
  struct object **cut = rh_m_memory(NULL, n, sizeof(struct object *));
  for (size_t i = 0; i < n; i++) cut[i] = rh_m_take(&o->slots[from + i]);
  for (size_t i = from + n; i < o->length; i++) o->slots[i - n] = o->slots[i];
  o->length -= n;
  return cut;
}

/* Lists last to first (RC-5), all others first to last (RC-7, RC-8, RC-16). */
static void drop_all(struct object **cut, size_t n, bool from_last) {
  for (size_t i = 0; i < n; i++) {
    struct object *v = cut[from_last ? n - 1 - i : i];
    if (v) rh_m_drop(v);
  }
  free(cut);
}

void rh_m_release_slots(struct object *o, size_t from, size_t to) {
  drop_all(cut_slots(o, from, to - from), to - from, true);
}

void rh_m_empty(struct object *o) {
  size_t n = o->length;
  struct object **cut = cut_slots(o, 0, n);
  o->capacity = o->kind == RH_MODEL_DEQUE ? RH_M_DEQUE_CENTRE : 0;
  o->array = false;
  if (o->kind == RH_MODEL_DICT) {
    free(o->table->places);
    *o->table = (struct table){.size = 0};
  } else if (o->kind == RH_MODEL_SET) {
    free(o->slots);
    rh_m_set_empty(o);
  }
  drop_all(cut, n, o->kind == RH_MODEL_LIST || o->kind == RH_MODEL_LISTFIN);
}

void rh_m_release_reset(void) {
  free(frames);
  free(deferred);
  frames = NULL;
  deferred = NULL;
  nframes = ndeferred = 0;
  nesting = 0;
}
