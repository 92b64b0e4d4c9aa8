/* A core whose allocations fail on purpose. */
#undef rh_object_new
#undef rh_object_resize
#undef rh_block_new
#undef rh_block_new_zeroed
#undef rh_block_resize

#include "failing_core.h"

#include "core/block.h"
#include "core/object.h"
#include "core/object_state.h"

static struct failing_plan plan;
static uint32_t made, refused;

void failing_core_plan(struct failing_plan new_plan) {
  plan = new_plan;
  made = refused = 0;
}

uint32_t failing_core_made(void) {
  return made;
}

uint32_t failing_core_refused(void) {
  return refused;
}

static bool fails(void) {
  uint32_t number = made++;
  bool beyond = plan.ceiling != 0 && rh_object_total() >= plan.ceiling;
  bool fail = beyond || (number >= plan.from && number < plan.to);
  refused += fail;
  return fail;
}

uint32_t failing_object_new(uint32_t slots) {
  return fails() ? 0 : rh_object_new(slots);
}

bool failing_object_resize(uint32_t o, uint32_t slots) {
  bool needs_room = rh_object_live(o) && slots > rh_capacity[rh_class[o]];
  return !(needs_room && fails()) && rh_object_resize(o, slots);
}

uint32_t failing_block_new(uint64_t bytes) {
  return fails() ? 0 : rh_block_new(bytes);
}

uint32_t failing_block_new_zeroed(uint64_t bytes) {
  return fails() ? 0 : rh_block_new_zeroed(bytes);
}

bool failing_block_resize(uint32_t *b, uint64_t bytes) {
  return !(bytes > rh_block_size(*b) && fails()) && rh_block_resize(b, bytes);
}
