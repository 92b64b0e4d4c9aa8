/*
 * A clear model of the core's objects and of its collector: what the contracts
 * of core/object.h and core/collect.h say, in the plainest way, for few
 * objects. It shares no code and no representation with the core: counts are
 * kept by recursion, lists are arrays without holes, and trial deletion is the
 * textbook's, over sets (Bacon and Rajan 2001; the order is that of CPython's
 * move_unreachable).
 *
 * Objects are 1 .. MODEL_OBJECTS - 1, 0 is none. Callers name live objects and
 * slots that exist: what the core refuses is the harness's to know.
 */
#ifndef RH_FUZZ_CORE_MODEL_H
#define RH_FUZZ_CORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

enum {
  MODEL_OBJECTS = 64,
  MODEL_SLOTS = 8,
  MODEL_CLASSES = 5,  /* of spans: for 0, 1, 2, 4 and 8 slots */
  MODEL_LISTS = 5,    /* generations 0 to 2, frozen, found */
  MODEL_UNTRACKED = 5 /* in no list */
};

struct model_object {
  bool live, immortal;
  uint8_t length, list, span; /* class of the span it owns */
  uint8_t slot[MODEL_SLOTS];
  uint32_t count, outside; /* all references; those the user holds. Without meaning when immortal */
};

struct model_list {
  uint32_t n;
  uint8_t member[MODEL_OBJECTS];
};

struct core_model {
  uint32_t objects_left, slots_left; /* room of the heap that no object ever had */
  uint32_t spare[MODEL_CLASSES];     /* dead objects, by the class of their spans */
  struct model_object object[MODEL_OBJECTS];
  struct model_list list[MODEL_LISTS];
  struct model_list alive; /* in no particular order */
};

/* An empty heap that has room for so many objects and slots. */
void model_start(struct core_model *m, uint32_t objects, uint32_t slots);

/* MODEL_OBJECTS when the model has no name left; 0 when the heap has no room: neither a dead object with a span of that
 * class nor a new one. */
uint8_t model_new(struct core_model *m, uint8_t slots);
void model_retain(struct core_model *m, uint8_t o);
void model_release(struct core_model *m, uint8_t o);
uint8_t model_swap(struct core_model *m, uint8_t o, uint8_t slot, uint8_t v);
/* False when a slot to be cut off is not empty, or there is no room to grow. */
bool model_resize(struct core_model *m, uint8_t o, uint8_t slots);

void model_track(struct core_model *m, uint8_t o);
void model_untrack(struct core_model *m, uint8_t o);
void model_move(struct core_model *m, uint8_t o, uint8_t list);
void model_find(struct core_model *m, uint8_t k);
void model_promote(struct core_model *m, uint8_t k);
uint32_t model_confirm(struct core_model *m, uint8_t list);
uint32_t model_clear(struct core_model *m);
uint32_t model_collect(struct core_model *m, uint8_t k);
void model_freeze(struct core_model *m);
void model_unfreeze(struct core_model *m);

#endif
