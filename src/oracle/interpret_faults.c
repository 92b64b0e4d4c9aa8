/*
 * Allocations that fail on purpose (memory-model.md, FLT). How many allocations
 * an operation makes is known of the block operations only.
 */
#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

#include <inttypes.h>
#include <stdio.h>

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

/* Allocation `number` is the request's own, or `second`: the one it makes in the raw domain. */
static void note_allocation(const struct rh_faults *faults, int64_t number, bool second, bool fails) {
  char failing[64];
  if (!rh_evidence_kept) return;
  if (faults->to == 0) {
    (void)snprintf(failing, sizeof failing, "all from number %" PRId64 " on", faults->from);
  } else {
    (void)snprintf(failing, sizeof failing, "those from number %" PRId64 " to %" PRId64, faults->from, faults->to - 1);
  }
  rh_because("FLT-1", 0, "allocation number %" PRId64 "%s: %s, as %s %s", number,
             second ? ", the request's second, in the raw domain since it is outside of the pools" : "",
             fails ? "it fails" : "it is carried out", failing, fails ? "do" : "alone fail");
}

static bool next_fails(struct rh_faults *faults, bool second) {
  int64_t number = faults->made++;
  bool fails = number >= faults->from && (faults->to == 0 || number < faults->to);
  note_allocation(faults, number, second, fails);
  return fails;
}

bool rh_allocation_fails(struct rh_run *run, bool twice) {
  struct rh_faults *faults = &run->blocks.faults;
  return faults->on && (next_fails(faults, false) || (twice && next_fails(faults, true)));
}

bool rh_run_faults(const struct rh_run *run) {
  return run->blocks.faults.on;
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
