/*
 * Ordered release: what happens when the last reference to an object goes
 * (3.3-3.7), and how deep that may nest (6.1-6.4).
 *
 * An object that dies keeps one reference, the runtime's, until its last slot
 * is empty: to Python its count is 0, except during its finalizer, which sees
 * the object with the count of 1 that CPython gives it for the call.
 *
 * Releases nest on an explicit stack of frames, one for each object that is
 * being emptied; the machine's stack only grows through hooks, whose drops run
 * a loop of their own above the frames they found. `nesting` counts the frames
 * of kinds that take part in the trashcan; a death that would nest deeper than
 * the profile's limit is deposited and continued, last deposit first, when the
 * nesting has come down.
 */
#include "core/collect.h"
#include "core/intern.h"
#include "runtime/state.h"

struct frame {
  uint32_t object; /* 0: a frame that empties the deposits */
  uint32_t next;   /* step of the release */
  uint32_t steps;  /* their number */
  uint32_t first;  /* slot of step 0 */
};

static struct frame *frames;
static size_t depth, frames_capacity;
static struct rh_rt_vector deposits;
static uint32_t nesting;

void rh_rt_reset_release(void) {
  depth = 0;
  nesting = 0;
  deposits.count = 0;
}

static void push_frame(struct frame frame) {
  if (depth == frames_capacity) {
    frames_capacity = frames_capacity ? 2 * frames_capacity : 64;
    frames = rh_rt_allocate(frames, frames_capacity * sizeof *frames);
  }
  frames[depth++] = frame;
}

/* Does the deallocator of o count as a level of nesting? */
static bool takes_part(uint32_t o) {
  int kind = rh_rt_counted_kind(o);
  switch (kind) {
  case RH_RT_DEQUE:
  case RH_RT_ARRAY:
  case RH_RT_WEAKREF:
  case RH_RT_PROXY:
  case RH_RT_CLASS:
  case RH_RT_FUNC:
  case RH_RT_GEN:
    return false;
  case RH_RT_PART:
    return rh_runtime_part(o) >= RH_RT_PART_FRAME;
  default:
    return rh_rt_is_managed(kind);
  }
}

static void leave_nesting(void) {
  nesting--;
  if (deposits.count == 0 || nesting > rh_rt_profile.trashcan_resume) return;
  nesting++;
  push_frame((struct frame){.object = 0});
}

void rh_rt_free(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  int kind = r->kind;
  int counted = rh_rt_counted_kind(o);
  uint32_t beside = kind == RH_RT_OBJ || kind == RH_RT_CLASS ? r->extent : 0;
  bool known = rh_rt_is_managed(kind) && rh_runtime_part(o) != RH_RT_PART_UNWINDING;
  if (!rh_rt_keep_freed(counted, r->size, o) && known) rh_rt_count_free(counted, r->size);
  if (kind == RH_RT_DICT) {
    rh_rt_free_index(r->payload);
  } else if (kind == RH_RT_OBJ || kind == RH_RT_PART) {
    rh_rt_free_order(r->payload);
  } else if (r->payload != 0) {
    rh_rt_free_value(o);
    rh_intern_release(o);
    return;
  }
  rh_object_release(o);
  if (beside != 0) rh_runtime_drop(beside);
}

/* Runs the finalizer; true when o was not resurrected. */
static bool finalize(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  bool managed = r->kind != RH_RT_NOGCFIN;
  if (!rh_rt_has_finalizer(r->kind) || (managed && (r->flags & RH_RT_FINALIZED) != 0)) return true;
  r->flags &= (uint8_t)~RH_RT_DYING;
  if (managed) rh_gc_track(o);
  rh_rt_hooks.finalizer(rh_rt_hooks.context, o, r->label);
  if (managed) r->flags |= RH_RT_FINALIZED;
  if (rh_object_count(o) > 1) {
    rh_object_release(o);
    return false;
  }
  rh_gc_untrack(o);
  r->flags |= RH_RT_DYING;
  return true;
}

/* Runs the finalizer of old, after the weak references are gone; it runs at
 * every death. Weak references it made are cleared silently. True when o was
 * not resurrected. */
static bool finalize_legacy(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  if (r->kind != RH_RT_LEGACY) return true;
  r->flags &= (uint8_t)~RH_RT_DYING;
  rh_gc_track(o);
  rh_rt_hooks.finalizer(rh_rt_hooks.context, o, r->label);
  if (rh_object_count(o) > 1) {
    rh_object_release(o);
    return false;
  }
  rh_gc_untrack(o);
  r->flags |= RH_RT_DYING;
  while (r->weak != 0) rh_rt_clear_weakref(r->weak);
  return true;
}

/* The slots to release, in order, as a frame. */
static struct frame plan_release(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  switch (r->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
    return (struct frame){.object = o, .steps = r->size, .first = rh_object_length(o) - r->size};
  case RH_RT_DICT:
    return (struct frame){.object = o, .steps = 2 * r->extent};
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    return (struct frame){.object = o, .steps = r->extent == 0 ? 0 : rh_object_length(o)};
  case RH_RT_DEQUE:
    return (struct frame){.object = o, .steps = r->size};
  default:
    return (struct frame){.object = o, .steps = rh_object_length(o)};
  }
}

static void finish_death(uint32_t o) {
  bool nests = takes_part(o);
  rh_rt_free(o);
  if (nests) leave_nesting();
}

/* The only reference to o is ours: its deallocator runs. */
static void begin_death(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  rh_gc_untrack(o);
  if ((r->flags & RH_RT_QUEUED) != 0) rh_rt_forget_aside(o);
  r->flags &= (uint8_t)~RH_RT_QUEUED;
  r->flags |= RH_RT_DYING;
  if (takes_part(o)) {
    if (nesting >= rh_rt_profile.trashcan_limit) {
      rh_rt_push(&deposits, o);
      return;
    }
    nesting++;
  }
  if (!finalize(o)) {
    if (takes_part(o)) leave_nesting();
    return;
  }
  if (rh_rt_is_weak(r->kind)) {
    rh_rt_clear_weakref(o);
  } else if (r->weak != 0) {
    rh_rt_clear_weakrefs_of(o);
  }
  if (!finalize_legacy(o)) {
    if (takes_part(o)) leave_nesting();
    return;
  }
  if (r->kind == RH_RT_GEN) rh_rt_unwind_generator(o);
  struct frame frame = plan_release(o);
  if (frame.steps == 0) {
    finish_death(o);
  } else {
    push_frame(frame);
  }
}

/* One reference goes; at the last one the death of v begins. */
static void release_reference(uint32_t v) {
  if (rh_object_count(v) > 1) {
    rh_object_release(v);
  } else {
    begin_death(v);
  }
}

/* One step of the frame on top. A dict releases the key of an entry before
 * its value, which lies in the slot before. */
static void step(void) {
  struct frame *top = &frames[depth - 1];
  uint32_t o = top->object;
  if (o == 0) {
    if (deposits.count > 0) {
      begin_death(rh_rt_pop(&deposits));
    } else {
      depth--;
      nesting--;
    }
    return;
  }
  bool pairs = rh_rt_record(o)->kind == RH_RT_DICT;
  while (top->next < top->steps) {
    uint32_t slot = top->first + (pairs ? top->next ^ 1 : top->next);
    top->next++;
    uint32_t v = rh_slot_swap(o, slot, 0);
    if (v != 0) {
      release_reference(v);
      return;
    }
  }
  depth--;
  finish_death(o);
}

void rh_runtime_drop(uint32_t o) {
  if (rh_object_count(o) != 1) {
    rh_object_release(o);
    return;
  }
  size_t base = depth;
  begin_death(o);
  while (depth > base) step();
}

/* The items are out of the container before the first of them is released, so
 * that code run by the release finds it empty. */
void rh_rt_empty(uint32_t o) {
  size_t base = rh_rt_scratch.count;
  switch (rh_rt_record(o)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
    rh_rt_push_items(o);
    break;
  case RH_RT_DICT:
    rh_rt_push_dict(o);
    break;
  case RH_RT_SET:
    rh_rt_push_set(o);
    break;
  case RH_RT_DEQUE:
    rh_rt_push_deque(o);
    break;
  default:
    return;
  }
  rh_rt_drop_scratch(base);
}

int rh_runtime_clear(uint32_t o) {
  if (!rh_object_live(o)) return RH_RT_TYPE_ERROR;
  switch (rh_rt_record(o)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
  case RH_RT_DICT:
  case RH_RT_SET:
  case RH_RT_DEQUE:
    rh_rt_empty(o);
    return RH_RT_OK;
  case RH_RT_BYTEARRAY:
    rh_rt_clear_bytes(o);
    return RH_RT_OK;
  case RH_RT_WVD:
  case RH_RT_WKD:
    rh_rt_clear_weak_dict(o);
    return RH_RT_OK;
  default:
    return RH_RT_TYPE_ERROR;
  }
}
