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
#include "rules/evidence.h"
#include "runtime/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
static size_t base; /* of `frames`: those below belong to releases that wait for this one */
static struct rh_rt_scene scene;

/* What the outermost death has led to so far; counted while notes are kept (rules/evidence.h). */
static struct nest {
  uint32_t deaths, deepest;
  uint32_t put_off;        /* deaths put off */
  uint32_t dicts, unwound; /* attribute dicts, and levels added by closing generators, above the first of them */
  uint32_t finalized;      /* finalizers run before the first of them came again */
  bool resumed;
  uint32_t apart;   /* deaths of kinds that take no part in the nesting */
  uint32_t chained; /* finalizable objects released by a finalizable one */
} nest;

void rh_rt_reset_release(void) {
  nest = (struct nest){0};
  depth = 0;
  nesting = 0;
  base = 0;
  scene = (struct rh_rt_scene){0};
  deposits.count = 0;
}

static void push_frame(struct frame frame) {
  if (depth == frames_capacity) {
    frames_capacity = frames_capacity ? 2 * frames_capacity : 64;
    frames = rh_rt_allocate(frames, frames_capacity * sizeof *frames);
  }
  frames[depth++] = frame;
  if (rh_evidence_kept && depth > nest.deepest) nest.deepest = (uint32_t)depth;
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
  rh_evidence_call(o, "");
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
    if (kind == RH_RT_STR && rh_intern_in[o] != 0) {
      rh_because("INT-5", o, "the interned string %s lost its last reference, and its entry in the table went with it",
                 rh_rt_quoted(o));
    }
    rh_rt_free_value(o);
    rh_intern_release(o);
    return;
  }
  rh_object_release(o);
  if (beside != 0) rh_runtime_drop(beside);
}

/* ---- what is said of it (rules/evidence.h) ---- */

struct rh_rt_scene rh_rt_begin_emptying(uint32_t o) {
  struct rh_rt_scene outer = scene;
  scene.emptied = o;
  return outer;
}

struct rh_rt_scene rh_rt_begin_code(uint32_t o) {
  struct rh_rt_scene outer = scene;
  scene = (struct rh_rt_scene){.code = o};
  return outer;
}

void rh_rt_end_scene(struct rh_rt_scene outer) {
  scene = outer;
}

bool rh_rt_runs_code(void) {
  return scene.code != 0;
}

/* By which rule a container lets go of what it holds, and how. */
static const char *release_rule(uint32_t o) {
  switch (rh_rt_record(o)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
    return "RC-5";
  case RH_RT_TUPLE:
    return "RC-6";
  case RH_RT_DICT:
    return "RC-7";
  case RH_RT_DEQUE:
    return "RC-8";
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
    return "RC-9";
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    return "RC-16";
  case RH_RT_NOGCBOX:
    return "LEG-4";
  case RH_RT_WEAKREF:
  case RH_RT_WVD:
  case RH_RT_WKD:
    return "WR-13";
  default:
    return "RC-2";
  }
}

static const char *release_order(uint32_t o) {
  switch (rh_rt_record(o)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
  case RH_RT_TUPLE:
    return "from the last item to the first";
  case RH_RT_DICT:
    return "entry by entry in the order of insertion, each key before its value";
  case RH_RT_DEQUE:
    return "from the leftmost item to the rightmost";
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
    return "in the order of the slot names, a before b before c";
  case RH_RT_SET:
  case RH_RT_FROZENSET:
    return "in the order of its hash table, which is not predicted";
  case RH_RT_WVD:
  case RH_RT_WKD:
    return "entry by entry, the last one first";
  default:
    return "when it dies";
  }
}

/* Where the reference that the frame dropped last was. */
static void spell_place(const struct frame *frame, char *text, size_t size) {
  uint32_t at = frame->next - 1;
  const char *name = rh_evidence_name(frame->object);
  switch (rh_rt_record(frame->object)->kind) {
  case RH_RT_LIST:
  case RH_RT_LISTFIN:
  case RH_RT_TUPLE:
    (void)snprintf(text, size, "item %u of the %u of %s", (unsigned)(frame->steps - 1 - at), (unsigned)frame->steps,
                   name);
    break;
  case RH_RT_DICT:
    (void)snprintf(text, size, "the %s of entry %u of %s", at % 2 == 0 ? "key" : "value", (unsigned)(at / 2), name);
    break;
  case RH_RT_DEQUE:
    (void)snprintf(text, size, "item %u of the %u of %s", (unsigned)at, (unsigned)frame->steps, name);
    break;
  case RH_RT_NODE:
  case RH_RT_FIN:
  case RH_RT_LEGACY:
    (void)snprintf(text, size, "slot %c of %s", (char)('a' + at), name);
    break;
  default:
    (void)snprintf(text, size, "what %s held", name);
  }
}

/* Does code run when o dies? */
static bool death_shows(uint32_t o) {
  int kind = rh_rt_record(o)->kind;
  return rh_rt_has_finalizer(kind) || kind == RH_RT_LEGACY || (rh_rt_record(o)->weak != 0 && !rh_rt_is_weak(kind));
}

static void note_container(uint32_t o) {
  rh_evidence_note(release_rule(o), o, "%s lets go of what it held %s", rh_evidence_name(o), release_order(o));
}

/* Of an object whose death shows: what let go of it. In a container that is
 * two notes: how the container lets go, then the object's place. */
static void note_let_go(uint32_t o) {
  char place[96], outer[96] = "", waiting[96] = "";
  const struct frame *top = depth > base ? &frames[depth - 1] : NULL;
  const char *name = rh_evidence_name(o);
  bool aside = scene.code != 0;
  if (aside) {
    (void)snprintf(waiting, sizeof waiting,
                   ", at once, inside the finalizer or callback of %s, and the release around waits",
                   rh_evidence_name(scene.code));
  }
  if (top == NULL && scene.emptied != 0) {
    note_container(scene.emptied);
    rh_evidence_note(aside ? "RC-11" : "RC-2", o, "%s goes with what %s held%s", name, rh_evidence_name(scene.emptied),
                     waiting);
  } else if (top == NULL && aside) {
    rh_evidence_note("RC-11", o, "%s goes%s", name, waiting);
  } else if (top == NULL) {
    rh_evidence_note("RC-2", o, "the last reference to %s is dropped", name);
  } else if (top->object == 0) {
    rh_evidence_note("TRC-1", o, "the death of %s had been put off and goes on now", name);
  } else {
    spell_place(top, place, sizeof place);
    bool nested = depth - base > 1 && top[-1].object != 0;
    if (nested) spell_place(&top[-1], outer, sizeof outer);
    note_container(top->object);
    rh_evidence_note(aside ? "RC-11" : "RC-2", o, "%s goes as %s%s%s%s", name, place, nested ? ", itself gone as " : "",
                     outer, waiting);
  }
}

/* The finalizer is about to run: what the weak references are still good for. */
static void note_finalizer(uint32_t o) {
  const char *name = rh_evidence_name(o);
  for (uint32_t w = rh_rt_record(o)->weak; w != 0; w = rh_rt_record(w)->next) {
    rh_evidence_note("FIN-5", w, "%s still refers to %s and is cleared when the finalizer of %s has returned",
                     rh_evidence_name(w), name, name);
  }
  if (rh_rt_record(o)->kind == RH_RT_NOGCFIN) {
    rh_evidence_note("FIN-3", o,
                     "without collector support it has no mark of a finalizer that ran, which runs at every death");
  } else {
    rh_evidence_note("FIN-1", o, "its finalizer runs before what it holds is released");
  }
}

/* A weak reference dies before its object. */
static void note_silenced(uint32_t w) {
  uint32_t o = rh_rt_record(w)->weak;
  if (o == 0) return;
  rh_because("WR-4", o, "%s, a weak reference to %s, has gone", rh_evidence_name(w), rh_evidence_name(o));
  rh_because("WR-4", w, "%s went while %s lived%s", rh_evidence_name(w), rh_evidence_name(o),
             (rh_rt_record(w)->flags & RH_RT_CALLBACK) != 0 ? ", and its callback with it" : "");
}

static void run_finalizer(uint32_t o) {
  struct rh_rt_scene outer = rh_rt_begin_code(o);
  rh_rt_hooks.finalizer(rh_rt_hooks.context, o, rh_rt_record(o)->label);
  rh_rt_end_scene(outer);
}

/* Runs the finalizer; true when o was not resurrected. */
static bool finalize(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  bool managed = r->kind != RH_RT_NOGCFIN;
  if (!rh_rt_has_finalizer(r->kind)) return true;
  if (managed && (r->flags & RH_RT_FINALIZED) != 0) {
    rh_because("FIN-2", o, "the finalizer of %s has run before and does not run again when it dies",
               rh_evidence_name(o));
    return true;
  }
  if (rh_evidence_kept) note_finalizer(o);
  r->flags &= (uint8_t)~RH_RT_DYING;
  if (managed) rh_gc_track(o);
  run_finalizer(o);
  if (managed) r->flags |= RH_RT_FINALIZED;
  if (rh_object_count(o) > 1) {
    rh_because(
        "FIN-4", o,
        "%s is referred to again when its finalizer returns (count %u), so it lives on, with the weak references to it",
        rh_evidence_name(o), (unsigned)rh_object_count(o) - 1);
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
  rh_because("LEG-1", o,
             "its finalizer is one of old: it runs at every death, when the weak references are cleared and have "
             "called back, and before the slots are released");
  r->flags &= (uint8_t)~RH_RT_DYING;
  rh_gc_track(o);
  run_finalizer(o);
  if (rh_object_count(o) > 1) {
    rh_because("LEG-1", o, "%s is referred to again when its finalizer of old returns, so it lives on",
               rh_evidence_name(o));
    rh_object_release(o);
    return false;
  }
  rh_gc_untrack(o);
  r->flags |= RH_RT_DYING;
  while (r->weak != 0) {
    rh_because("LEG-1", r->weak, "%s, made while the finalizer of old of %s ran, is cleared without a call",
               rh_evidence_name(r->weak), rh_evidence_name(o));
    rh_rt_clear_weakref(r->weak);
  }
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

/* ---- what a nest of deaths is noted by ---- */

static bool is_attribute_dict(uint32_t o) {
  return rh_runtime_part(o) == RH_RT_PART_DICT && rh_rt_record(o)->label != 0;
}

static void count_put_off(uint32_t put_off) {
  for (size_t i = 0; nest.put_off == 0 && i < depth; i++) {
    uint32_t o = frames[i].object;
    nest.dicts += o != 0 && is_attribute_dict(o);
    nest.unwound += o != 0 && rh_runtime_part(o) == RH_RT_PART_UNWINDING;
  }
  nest.put_off++;
  nest.deaths--; /* it comes again */
  nest.finalized -= !nest.resumed && rh_rt_has_finalizer(rh_rt_record(put_off)->kind);
}

static void count_death(uint32_t o) {
  uint32_t above = depth > 0 ? frames[depth - 1].object : 0;
  nest.deaths++;
  nest.resumed = nest.resumed || (nest.put_off > 0 && above == 0 && depth > 0);
  nest.finalized += !nest.resumed && rh_rt_has_finalizer(rh_rt_record(o)->kind);
  nest.apart += rh_object_length(o) > 0 && !takes_part(o);
  nest.chained +=
      above != 0 && rh_rt_has_finalizer(rh_rt_record(o)->kind) && rh_rt_has_finalizer(rh_rt_record(above)->kind);
}

/* By which rule the levels reached the limit. */
static const char *put_off_rule(void) {
  return nest.dicts > 0 ? "OBJ-13" : nest.unwound > 0 ? "FUN-5" : "TRC-1";
}

static void note_put_off(void) {
  char levels[64] = "";
  if (nest.dicts > 0) {
    (void)snprintf(levels, sizeof levels, ", %" PRIu32 " of them attribute dicts,", nest.dicts);
  } else if (nest.unwound > 0) {
    (void)snprintf(levels, sizeof levels, ", %" PRIu32 " of them for closing generators,", nest.unwound);
  }
  rh_because(put_off_rule(), 0,
             "%" PRIu32 " death%s below %" PRIu32 " levels%s %s put off, and came last in, first out after %" PRIu32
             " finalizers had run and the nesting was down to %" PRIu32,
             nest.put_off, nest.put_off == 1 ? "" : "s", rh_rt_profile.trashcan_limit, levels,
             nest.put_off == 1 ? "was" : "were", nest.finalized, rh_rt_profile.trashcan_resume);
}

static void note_depth_first(uint32_t deepest) {
  if (rh_rt_profile.trashcan_limit == UINT32_MAX) {
    rh_because("TRC-2", 0,
               "the deaths nested %" PRIu32 " deep, and nothing limits that: each ended before what is "
               "released after it",
               deepest);
  } else {
    rh_because("TRC-2", 0,
               "the deaths nested %" PRIu32 " deep, below the limit of %" PRIu32
               ": each ended before what is released after it",
               deepest, rh_rt_profile.trashcan_limit);
  }
}

/* Weak references of an instance, and of a generator, go before what it holds. */
static void note_weakrefs(uint32_t o) {
  int kind = rh_rt_record(o)->kind;
  if (kind == RH_RT_OBJ) {
    rh_because("OBJ-12", o,
               "the instance's weak references were cleared and called back before its values were released");
  } else if (kind == RH_RT_GEN) {
    rh_because("FUN-4", o,
               "the generator's weak references were cleared and called back while it still held its locals");
  }
}

/* The outermost death has ended. What nests less deep than this needs no rule about nesting. */
static void note_nest(void) {
  enum { DEEP = 16 };
  struct nest was = nest;
  if (was.put_off > 0) note_put_off();
  if (was.deepest >= DEEP || was.put_off > 0) {
    rh_because("TRC-4", 0, "%" PRIu32 " objects died of it in one nest, and all were gone when it returned",
               was.deaths);
    if (was.chained >= DEEP) {
      rh_because("TRC-3", 0,
                 "each of %" PRIu32 " objects in a row ran its finalizer before it released the next, put off "
                 "or not",
                 was.chained + 1);
    }
  }
  if (was.put_off == 0 && was.deepest >= DEEP) {
    if (was.apart > rh_rt_profile.trashcan_limit) {
      rh_because("TRC-5", 0,
                 "%" PRIu32 " of the deaths were of containers that take no part in the limit of %" PRIu32
                 " levels, so none of %" PRIu32 " nested ones was put off",
                 was.apart, rh_rt_profile.trashcan_limit, was.deepest);
    } else {
      note_depth_first(was.deepest);
    }
  }
  nest = (struct nest){0};
}

/* The only reference to o is ours: its deallocator runs. */
static void begin_death(uint32_t o) {
  struct rh_rt_record *r = rh_rt_record(o);
  rh_gc_untrack(o);
  if ((r->flags & RH_RT_QUEUED) != 0) rh_rt_forget_aside(o);
  r->flags &= (uint8_t)~RH_RT_QUEUED;
  r->flags |= RH_RT_DYING;
  if (rh_evidence_kept) count_death(o);
  if (takes_part(o)) {
    if (nesting >= rh_rt_profile.trashcan_limit) {
      if (rh_evidence_kept) count_put_off(o);
      rh_rt_push(&deposits, o);
      return;
    }
    nesting++;
  }
  if (rh_evidence_kept && death_shows(o)) note_let_go(o);
  if (!finalize(o)) {
    if (takes_part(o)) leave_nesting();
    return;
  }
  if (rh_rt_is_weak(r->kind)) {
    note_silenced(o);
    rh_rt_clear_weakref(o);
  } else if (r->weak != 0) {
    note_weakrefs(o);
    rh_rt_clear_weakrefs_of(o);
  }
  if (!finalize_legacy(o)) {
    if (takes_part(o)) leave_nesting();
    return;
  }
  if (r->kind == RH_RT_GEN) rh_rt_unwind_generator(o);
  rh_rt_note_release(o);
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
  size_t outer = base;
  base = depth;
  begin_death(o);
  while (depth > base) step();
  if (rh_evidence_kept && base == 0) note_nest();
  base = outer;
}

/* The items are out of the container before the first of them is released, so
 * that code run by the release finds it empty. */
void rh_rt_empty(uint32_t o) {
  size_t first = rh_rt_scratch.count;
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
  struct rh_rt_scene outer = rh_rt_begin_emptying(o);
  rh_rt_drop_scratch(first);
  rh_rt_end_scene(outer);
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
