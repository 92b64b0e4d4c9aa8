/* The heap as a whole: reset and, in test builds, the walk. */
#include "core/core.h"
#include "core/block.h"
#include "core/intern.h"
#include "core/object_state.h"

void rh_core_reset(void) {
  rh_intern_reset();
  rh_gc_reset();
  rh_object_reset();
  rh_block_reset();
}

#ifdef RH_CHECKS
bool rh_core_check(const char **why) {
  return rh_object_check(why) && rh_intern_check(why) && rh_block_check(why);
}
#endif
