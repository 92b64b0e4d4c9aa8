/*
 * Why an operation other than `events` observes what it observes: skips and
 * exceptions here, the rest in the file of its area.
 */
#include "oracle/explain_why.h"

#include <string.h>

/* Does the operation request blocks? */
static bool allocates(const struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_PM_MALLOC:
  case RH_OP_PM_CALLOC:
  case RH_OP_PM_REALLOC:
  case RH_OP_PM_MMALLOC:
  case RH_OP_PM_RMALLOC:
  case RH_OP_PM_BATCH:
  case RH_OP_PM_POOLBATCH:
    return true;
  default:
    return false;
  }
}

/* An operation that allocates while allocations are made to fail: which one it makes. */
static bool explain_fault(struct rh_why *why) {
  size_t nomem = why->position;
  if (!rh_run_faults(why->run)) return false;
  size_t first = rh_why_carry_out(why), note = rh_why_find_note(why, 0, "FLT-1");
  if (note == SIZE_MAX || note < first) { /* refused before it was counted */
    rh_why_rewind(why, why->position);
    return false;
  }
  while (nomem > 0 && why->trace->ops[why->trace->top[nomem]].code != RH_OP_NOMEM) nomem--;
  rh_why_say(why, "counted from 0 since ");
  rh_why_say_operation(why, nomem);
  rh_why_say(why, ", the operation comes to ");
  rh_why_cite(why, note);
  return true;
}

static void explain_exception(struct rh_why *why) {
  bool memory = strcmp(why->predicted->text, "MemoryError") == 0;
  if (memory) {
    (void)rh_why_carry_out(why);
    (void)rh_why_cite_last(why, 0, "LST-8");
  } else {
    rh_why_say(why, "the operation raises %s and changes nothing", why->predicted->text);
  }
}

static void explain_skip(struct rh_why *why) {
  rh_why_say(why, "a name is not bound, a path does not resolve, or the operation does not apply to the kind");
}

/* The implementation no longer finds what is there. */
static void explain_lost(struct rh_why *why) {
  rh_why_rule(why, "RC-3");
  rh_why_say_argument(why, 0);
  rh_why_say(why, "'s object is held by ");
  rh_why_say_path(why, rh_graph_vertex(&why->graph, rh_why_object(why, 0)));
}

/* What the operation itself decided, where no area knows better. */
static void explain_general(struct rh_why *why) {
  size_t first = rh_why_carry_out(why);
  if (rh_evidence_notes() > first) {
    rh_why_cite(why, rh_evidence_notes() - 1);
  } else {
    rh_why_say(why, "the operation is carried out on the objects its arguments lead to");
  }
}

/* Is what the operation raises a matter of an area, which explains it? */
static bool explains_exceptions(enum rh_opcode code) {
  return code == RH_OP_WEAK || code == RH_OP_PROXY || code == RH_OP_USE || code == RH_OP_COLLECT ||
         code == RH_OP_COUNT || code == RH_OP_STAT;
}

void rh_why_look(struct rh_why *why) {
  enum rh_opcode code = (enum rh_opcode)why->op->code;
  bool lost = why->observed != NULL && strcmp(why->observed, "skip") == 0 &&
              rh_graph_vertex(&why->graph, rh_why_object(why, 0)) != RH_NO_VERTEX;
  if (why->predicted->class == RH_OBSERVE_SKIP) {
    if (!rh_why_blocks(why)) explain_skip(why);
  } else if (lost) {
    explain_lost(why);
  } else if ((allocates(why) && explain_fault(why)) || (code == RH_OP_SAME && rh_why_weak(why)) || rh_why_blocks(why) ||
             rh_why_identity(why) || rh_why_instances(why)) {
    return; /* blocks know also what ends a process, and what its end is asked for */
  } else if (rh_why_raises(why) && !explains_exceptions(code)) {
    explain_exception(why);
  } else if (!rh_why_box(why) && !rh_why_counts(why) && !rh_why_weak(why) && !rh_why_collector(why) &&
             !rh_why_sizes(why)) {
    explain_general(why);
  }
}
