/* Peer: refheap's core; every handle is checked by it at every step. */
#include "mutator.h"

#include "bench.h"
#include "core/collect.h"
#include "core/core.h"
#include "core/object.h"
#include "refheap.h"

static uint32_t *variable, variables;

void peer_start(void) {
  back_tables();
}

static inline uint32_t new_object(void) {
  uint32_t o = rh_object_new(MUTATOR_SLOTS);
  if (o == 0) bench_fail("the heap is full");
  rh_gc_track(o);
  return o;
}

void peer_fill(uint32_t roots) {
  variables = roots;
  variable = bench_memory(roots * sizeof *variable);
  for (uint32_t i = 0; i < roots; i++) variable[i] = new_object();
}

static inline void store(const struct step *step) {
  uint32_t value = variable[step->y];
  rh_object_retain(value);
  uint32_t old = rh_slot_swap(variable[step->x], step->slot, value);
  if (old == RH_SLOT_REFUSED) bench_fail("a slot was refused");
  if (old != 0) rh_object_release(old);
}

static inline void assign(uint32_t x, uint32_t value) {
  uint32_t old = variable[x];
  variable[x] = value;
  rh_object_release(old);
}

void peer_steps(const struct step *step, uint32_t n) {
  for (uint32_t i = 0; i < n; i++, step++) {
    if (step->kind == STEP_STORE) {
      store(step);
    } else if (step->kind == STEP_NEW) {
      assign(step->x, new_object());
    } else {
      rh_object_retain(variable[step->y]);
      assign(step->x, variable[step->y]);
    }
  }
}

void peer_finish(void) {
  for (uint32_t i = 0; i < variables; i++) rh_object_release(variable[i]);
  bench_memory_free(variable, variables * sizeof *variable);
  (void)rh_gc_collect(2);
  if (rh_object_total() != 0) bench_fail("objects are left");
  rh_core_reset();
}
