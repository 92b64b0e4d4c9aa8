/*
 * Allocations that fail on purpose (memory-model.md, FLT). How many allocations
 * an operation makes is known of the block operations only.
 */
#include "oracle/interpret_memory.h"

void rh_operate_nomem(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (run->blocks.memory.no_pools) {
    rh_say_unsupported(run, seen, "allocations that fail", "without pools");
    return;
  }
  run->blocks.faults = (struct rh_faults){true, rh_argument(run, op, 0)->integer, rh_argument(run, op, 1)->integer, 0};
}

void rh_operate_nomemoff(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->blocks.faults.on = false;
}

static bool next_fails(struct rh_faults *faults) {
  int64_t number = faults->made++;
  return number >= faults->from && (faults->to == 0 || number < faults->to);
}

bool rh_allocation_fails(struct rh_run *run, bool twice) {
  struct rh_faults *faults = &run->blocks.faults;
  return faults->on && (next_fails(faults) || (twice && next_fails(faults)));
}

bool rh_faults_refuse(const struct rh_run *run, const struct rh_op *op) {
  if (!run->blocks.faults.on || op->code >= RH_OP_PM_MALLOC) return false;
  switch (op->code) {
  case RH_OP_REPEAT:
  case RH_OP_TRY:
  case RH_OP_REFS:
  case RH_OP_SAME:
  case RH_OP_LEN:
  case RH_OP_CAP:
  case RH_OP_DEREF:
  case RH_OP_TRACKED:
    return false; /* they allocate nothing themselves */
  default:
    return true;
  }
}
