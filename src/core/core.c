/* The heap as a whole: reset. */
#include "core/core.h"
#include "core/block.h"
#include "core/object_state.h"

void rh_core_reset(void) {
  rh_gc_reset();
  rh_object_reset();
  rh_block_reset();
}
