/*
 * Property: the core's objects and its collector are what a clear model is.
 * After every call: its result, who is freed and how many are live. After every
 * call of the collector, and in the end: counts, slots and lengths of all
 * objects, and the order of the lists. What must be refused is refused and
 * changes nothing. After a reset the heap is new, to the last handle.
 *
 * Input: records of four bytes, an operation and three operands; every byte
 * string is a program. Objects are named by their place among the live ones.
 * RH_FUZZ_PRINT=1 in the environment prints the calls.
 */
#include "core_model.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/collect.h"
#include "core/core.h"
#include "core/intern.h"
#include "core/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD = 4, OPERATIONS_MAX = 1024 };

static struct core_model model;
static uint32_t handle[MODEL_OBJECTS]; /* of the core, by the model's names */
static uint32_t dead;                  /* a handle that was freed, or never made */
static size_t at;                      /* the record under way */
static uint64_t seen;                  /* all handles that were given out, in one number */

static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "core: record %zu: %s\n", at, what);
  abort();
}

/* --- what can be seen --- */

static void check_object(uint8_t o) {
  const struct model_object *object = &model.object[o];
  require(rh_object_count(handle[o]) == (object->immortal ? RH_COUNT_IMMORTAL : object->count), "a count differs");
  require(rh_object_length(handle[o]) == object->length, "a length differs");
  require(rh_gc_generation(handle[o]) == object->list, "an object is in another list");
  require(object->list != RH_UNTRACKED || rh_gc_next(handle[o]) == 0, "something is behind an object in no list");
  for (uint8_t i = 0; i < object->length; i++)
    require(rh_slot_get(handle[o], i) == handle[object->slot[i]], "a slot differs");
  require(rh_slot_get(handle[o], object->length) == 0, "a slot behind the last one holds something");
}

static void check_list(uint8_t list) {
  require(rh_gc_size(list) == model.list[list].n, "a list has another size");
  uint32_t o = rh_gc_first(list);
  for (uint32_t i = 0; i < model.list[list].n; i++, o = rh_gc_next(o))
    require(o == handle[model.list[list].member[i]], "a list has another order");
  require(o == 0, "a list goes on");
}

static void check_heap(void) {
#ifdef RH_CHECKS
  const char *why = NULL;
  require(rh_core_check(&why), why);
#endif
  for (uint32_t i = 0; i < model.alive.n; i++) check_object(model.alive.member[i]);
  for (uint32_t list = 0; list < MODEL_LISTS; list++) check_list((uint8_t)list);
}

/* What died has no name any more. */
static void forget_dead(void) {
  for (uint32_t o = 1; o < MODEL_OBJECTS; o++) {
    if (handle[o] == 0 || model.object[o].live) continue;
    dead = handle[o];
    handle[o] = 0;
    require(!rh_object_live(dead), "a dead object lives");
  }
}

/* --- operations --- */

static uint8_t pick(uint8_t operand) {
  return model.alive.n == 0 ? 0 : model.alive.member[operand % model.alive.n];
}

static void make(uint8_t slots, bool tracked) {
  uint8_t o = model_new(&model, slots % (MODEL_SLOTS + 1));
  if (o == MODEL_OBJECTS) return;
  uint32_t made = rh_object_new(slots % (MODEL_SLOTS + 1));
  require((made != 0) == (o != 0), "there is room, and it is not used, or the other way");
  if (o == 0) return;
  for (uint32_t i = 0; i + 1 < model.alive.n; i++)
    require(made != handle[model.alive.member[i]], "a new object has the handle of a live one");
  handle[o] = made;
  seen = seen * 31 + made;
  if (!tracked) return;
  rh_gc_track(made);
  model_track(&model, o);
}

static void retain(uint8_t o) {
  rh_object_retain(handle[o]);
  model_retain(&model, o);
}

/* Gives back a reference that the user holds, if there is one; of an immortal there always is. */
static void release(uint8_t o) {
  if (!model.object[o].immortal && model.object[o].outside == 0) return;
  rh_object_release(handle[o]);
  model_release(&model, o);
}

/* Stores v, which the user goes on to hold, and lets go of what was there. */
static void store(uint8_t o, uint8_t operand, uint8_t v) {
  if (model.object[o].length == 0) {
    require(rh_slot_swap(handle[o], operand, 0) == RH_SLOT_REFUSED, "a slot that does not exist was written");
    return;
  }
  uint8_t slot = operand % model.object[o].length;
  if (v != 0) retain(v);
  uint8_t old = model_swap(&model, o, slot, v);
  require(rh_slot_swap(handle[o], slot, handle[v]) == handle[old], "a slot held something else");
  if (old != 0) release(old);
}

static void resize(uint8_t o, uint8_t slots) {
  slots %= MODEL_SLOTS + 1;
  require(rh_object_resize(handle[o], slots) == model_resize(&model, o, slots), "a length changes as it should not");
}

static void immortalize(uint8_t o) {
  model.object[o].immortal = true;
  rh_object_immortalize(handle[o]);
}

static void untrack(uint8_t o) {
  rh_gc_untrack(handle[o]);
  model_untrack(&model, o);
}

static void track(uint8_t o) {
  rh_gc_track(handle[o]);
  model_track(&model, o);
}

static void move(uint8_t o, uint8_t list) {
  rh_gc_move(handle[o], list);
  model_move(&model, o, list);
}

static void collect(uint8_t k) {
  uint32_t found = rh_gc_collect(k);
  require(found == model_collect(&model, k), "a collection finds another number of objects");
}

static void find(uint8_t k) {
  rh_gc_find(k);
  model_find(&model, k);
}

static void promote(uint8_t k) {
  rh_gc_promote(k);
  model_promote(&model, k);
}

static void confirm(uint8_t list) {
  uint32_t left = rh_gc_confirm(list);
  require(left == model_confirm(&model, list), "another number of objects stays unreachable");
}

static void clear(void) {
  uint32_t freed = rh_gc_clear();
  require(freed == model_clear(&model), "another number of objects is freed");
}

static void freeze(bool thaw) {
  if (thaw) {
    rh_gc_unfreeze();
    model_unfreeze(&model);
  } else {
    rh_gc_freeze();
    model_freeze(&model);
  }
}

/* Calls that must be refused. */
static void misuse(uint8_t o, uint8_t how, uint8_t operand) {
  uint32_t wrong[] = {dead, 0, RH_OBJECTS, UINT32_MAX, RH_OBJECTS + (uint32_t)operand};
  uint32_t h = wrong[how % (sizeof wrong / sizeof *wrong)];
  if (rh_object_live(h)) return; /* the handle is in use again */
  rh_object_retain(h);
  rh_object_release(h);
  rh_object_immortalize(h);
  rh_gc_track(h);
  rh_gc_untrack(h);
  rh_gc_move(h, operand % MODEL_LISTS);
  rh_gc_find(3u + operand);
  rh_gc_promote(2u + operand);
  require(rh_gc_size(5u + operand) == 0 && rh_gc_first(5u + operand) == 0, "a list that does not exist has members");
  require(rh_gc_collect(3u + operand) == 0, "a generation that does not exist was collected");
  require(rh_gc_confirm(4u + operand) == model.list[4].n, "a list that does not exist was confirmed into");
  require(rh_object_count(h) == 0 && rh_object_length(h) == 0, "what is no object has a count or a length");
  require(rh_gc_generation(h) == RH_UNTRACKED && rh_gc_next(h) == 0, "what is no object is in a list");
  require(rh_slot_get(h, 0) == 0 && rh_slot_swap(h, 0, 0) == RH_SLOT_REFUSED, "what is no object has slots");
  require(!rh_object_resize(h, operand), "what is no object has a new length");
  require(rh_object_new(UINT32_MAX - operand) == 0, "an object has more slots than there are");
  rh_intern_add(h, 0);
  rh_intern_release(h);
  if (o == 0) return;
  require(!rh_object_resize(handle[o], UINT32_MAX - operand), "an object got more slots than there are");
  if (model.object[o].length != 0) { /* values have none */
    rh_intern_add(handle[o], 0);
    if (model.object[o].outside != 0) rh_intern_release(handle[o]); /* gives back a reference that is ours */
  }
  rh_gc_move(handle[o], MODEL_LISTS + (uint32_t)operand);
  uint32_t length = model.object[o].length;
  require(rh_slot_swap(handle[o], length + operand, 0) == RH_SLOT_REFUSED, "a slot behind the last one was written");
  if (length != 0 && h != 0) require(rh_slot_swap(handle[o], 0, h) == RH_SLOT_REFUSED, "a dead object was stored");
}

/* --- programs --- */

enum operation {
  NEW, /* operands: slots */
  NEW_UNTRACKED,
  RETAIN, /* object */
  RELEASE,
  STORE,  /* object, slot, object */
  EMPTY,  /* object, slot */
  RESIZE, /* object, slots */
  TRACK,  /* object */
  UNTRACK,
  MOVE,    /* object, list */
  COLLECT, /* generation */
  FIND,
  PROMOTE,
  CONFIRM, /* list */
  CLEAR,
  FREEZE,
  UNFREEZE,
  IMMORTALIZE, /* object */
  MISUSE,      /* object, which handle, number */
  OPERATIONS
};

static const char *const names[OPERATIONS] = {
    "new",     "new_untracked", "retain",  "release", "store", "empty",  "resize",   "track",       "untrack", "move",
    "collect", "find",          "promote", "confirm", "clear", "freeze", "unfreeze", "immortalize", "misuse"};

/* Operations by the first byte of a record: what programs do most is there more often. */
static const uint8_t operations[32] = {NEW,     NEW,     NEW,   NEW,   NEW_UNTRACKED, STORE,   STORE,   STORE,
                                       STORE,   STORE,   STORE, STORE, RELEASE,       RELEASE, RELEASE, RELEASE,
                                       RELEASE, RETAIN,  EMPTY, EMPTY, RESIZE,        TRACK,   UNTRACK, MOVE,
                                       COLLECT, COLLECT, FIND,  CLEAR, CONFIRM,       PROMOTE, FREEZE,  MISUSE};

static enum operation operation_of(const uint8_t *record) {
  enum operation operation = operations[record[0] % 32];
  if (operation == FREEZE && record[1] % 2) return UNFREEZE;
  if (operation == TRACK && record[3] % 16 == 0) return IMMORTALIZE;
  return operation;
}

static void run_on(enum operation operation, uint8_t o, const uint8_t *record) {
  switch (operation) {
  case RETAIN:
    retain(o);
    break;
  case RELEASE:
    release(o);
    break;
  case STORE:
    store(o, record[2], pick(record[3]));
    break;
  case EMPTY:
    store(o, record[2], 0);
    break;
  case RESIZE:
    resize(o, record[2]);
    break;
  case TRACK:
    track(o);
    break;
  case UNTRACK:
    untrack(o);
    break;
  case MOVE:
    move(o, record[2] % MODEL_LISTS);
    break;
  default:
    immortalize(o);
    break;
  }
}

static void run(enum operation operation, const uint8_t *record) {
  uint8_t operand = record[1], o = pick(operand);
  switch (operation) {
  case NEW:
  case NEW_UNTRACKED:
    make(operand, operation == NEW);
    break;
  case COLLECT:
    collect(operand % 3);
    break;
  case FIND:
    find(operand % 3);
    break;
  case PROMOTE:
    promote(operand % 3);
    break;
  case CONFIRM:
    confirm(operand % 4);
    break;
  case CLEAR:
    clear();
    break;
  case FREEZE:
  case UNFREEZE:
    freeze(operation == UNFREEZE);
    break;
  case MISUSE:
    misuse(o, record[2], record[3]);
    break;
  default:
    if (o != 0) run_on(operation, o, record);
    break;
  }
}

static void print(enum operation operation, const uint8_t *record) {
  fprintf(stderr, "%4zu %s %u %u %u (%u live)\n", at, names[operation], record[1], record[2], record[3], model.alive.n);
}

enum manner { COMPARED, PRINTED, REPEATED };

/* From an empty heap to an empty heap. What was compared after every call of the collector need not be so when repeated. */
static void run_program(const uint8_t *data, size_t records, enum manner manner) {
  model_start(&model, RH_OBJECTS - 1, RH_SLOTS);
  for (uint32_t o = 0; o < MODEL_OBJECTS; o++) handle[o] = 0;
  dead = 0;
  seen = 0;
  for (at = 0; at < records; at++) {
    const uint8_t *record = data + at * RECORD;
    enum operation operation = operation_of(record);
    uint32_t before = model.alive.n;
    if (manner == PRINTED) print(operation, record);
    run(operation, record);
    if (model.alive.n < before) forget_dead();
    require(rh_object_total() == model.alive.n, "the number of live objects differs");
    if (operation >= COLLECT && manner != REPEATED) check_heap();
  }
  check_heap();
  rh_core_reset();
  require(rh_object_total() == 0, "objects outlive a reset");
  for (uint32_t h = 1; h < MODEL_OBJECTS; h++) require(!rh_object_live(h), "an object outlives a reset");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t records = size / RECORD < OPERATIONS_MAX ? size / RECORD : OPERATIONS_MAX;
  run_program(data, records, getenv("RH_FUZZ_PRINT") != NULL ? PRINTED : COMPARED);
  if (records % 2 == 0) return 0; /* one program in two: after a reset the heap is new, to the last handle */
  uint64_t first = seen;
  run_program(data, records, REPEATED);
  require(seen == first, "after a reset the same program sees other handles");
  return 0;
}
