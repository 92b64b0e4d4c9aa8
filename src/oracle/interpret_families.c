/*
 * What profiles other than CPython's promise less: `rc-gc` (any collector that
 * counts references), `gc` (any tracing collector), `blocks` (any allocator).
 * Everything is predicted as CPython would do it and weakened here, so that an
 * implementation is held only to what its family promises
 * (specs/interpreting.md, section "Profiles").
 */
#include "oracle/interpret_run.h"

/* Does an operation belong to a family's world at all? */
static bool is_block_operation(unsigned code) {
  switch (code) {
  case RH_OP_PM_MALLOC:
  case RH_OP_PM_CALLOC:
  case RH_OP_PM_REALLOC:
  case RH_OP_PM_FREE:
  case RH_OP_PM_FILL:
  case RH_OP_PM_POKE:
  case RH_OP_PM_BYTES:
  case RH_OP_PM_EQ:
  case RH_OP_PM_BATCH:
  case RH_OP_PM_PICK:
  case RH_OP_PM_FREEBATCH:
    return true;
  default:
    return false;
  }
}

/* CPython's own machinery: neither its generations nor its layout are promised. */
static bool is_cpython_operation(unsigned code) {
  switch (code) {
  case RH_OP_ENABLE: /* when a collection happens by itself is not promised */
  case RH_OP_FREEZE:
  case RH_OP_UNFREEZE:
  case RH_OP_DEBUG:
  case RH_OP_GCCB:
    return true;
  default:
    return code >= RH_OP_PM_MALLOC && code <= RH_OP_BLOCKS;
  }
}

static bool is_young_collection(const struct rh_run *run, const struct rh_op *op) {
  return op->code == RH_OP_COLLECT && op->nargs && rh_argument(run, op, 0)->integer != 2;
}

bool rh_family_refuses(const struct rh_run *run, const struct rh_op *op) {
  if (run->profile->family == RH_FAMILY_BLOCKS) return !is_block_operation(op->code) && op->code != RH_OP_REPEAT;
  if (is_cpython_operation(op->code) || is_young_collection(run, op)) return true;
  /* A tracing collector runs actions at its own time, which may change anything after. */
  return run->profile->family == RH_FAMILY_GC && (op->code == RH_OP_ACT || op->code == RH_OP_CBACT);
}

/* Numbers and layouts that only CPython promises. */
static bool is_private(unsigned code) {
  switch (code) {
  case RH_OP_COLLECT:
  case RH_OP_THRESHOLD:
  case RH_OP_COUNT:
  case RH_OP_YOUNG:
  case RH_OP_STAT:
  case RH_OP_STATKEYS:
  case RH_OP_FROZEN:
  case RH_OP_FROZENDELTA:
  case RH_OP_TRACKED:
  case RH_OP_FINALIZED:
  case RH_OP_GEN:
  case RH_OP_NCOLLECTIONS:
  case RH_OP_REFERENTS:
  case RH_OP_REFERRERS:
  case RH_OP_IMMORTAL:
  case RH_OP_SAME:
  case RH_OP_CAP:
  case RH_OP_SIZEOF:
  case RH_OP_GROWTH:
    return true;
  default:
    return false;
  }
}

/* Dead for CPython is dead here only after a full collection with nothing since. */
static void weaken_death(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool says_dead = op->code == RH_OP_DEREF && seen->text[0] == 'd';
  if (op->code == RH_OP_REFS || op->code == RH_OP_WEAKCOUNT) {
    rh_say_opaque(seen);
  } else if (run->clean) {
    return;
  } else if (says_dead) {
    RH_SAY(seen, "live or dead");
    seen->class = RH_OBSERVE_RELATION;
    seen->nalternatives = 2;
    seen->alternatives[0] = "live";
    seen->alternatives[1] = "dead";
  } else if (op->code == RH_OP_EVENTS) {
    rh_say_unsupported(run, seen, "events before a full collection", "");
  }
}

static bool changes_nothing(unsigned code) {
  return code == RH_OP_EVENTS || code == RH_OP_DEREF || code == RH_OP_LEN || code == RH_OP_WEAKCOUNT ||
         code == RH_OP_REFS || is_private(code);
}

/* In the order in which a collector runs finalizers and callbacks, only
 * CPython's promise is a sequence. */
void rh_weaken_order(const struct rh_op *op, struct rh_observation *seen) {
  if (op->code != RH_OP_EVENTS && op->code != RH_OP_GARBAGE) return;
  if (op->digest && !op->unordered) {
    rh_say_opaque(seen);
  } else if (!op->digest) {
    seen->class = RH_OBSERVE_MULTISET;
  }
}

void rh_weaken(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool judged =
      seen->class == RH_OBSERVE_EXACT || seen->class == RH_OBSERVE_WINDOW || seen->class == RH_OBSERVE_MULTISET;
  if (op->code == RH_OP_COLLECT) {
    run->clean = true;
  } else if (!changes_nothing(op->code)) {
    run->clean = false;
  }
  if (!judged || seen->is_exception) return;
  rh_weaken_order(op, seen);
  if (is_private(op->code)) {
    rh_say_opaque(seen);
  } else if (run->profile->family == RH_FAMILY_GC) {
    weaken_death(run, op, seen);
  }
}
