/*
 * Why an operation other than `events` observes what it observes: skips and
 * exceptions here, the rest in the file of its area.
 */
#include "oracle/explain_why.h"

#include <string.h>

static void explain_exception(struct rh_why *why) {
  if (strcmp(why->predicted->text, "MemoryError") == 0) rh_why_rule(why, "LST-8");
  rh_why_say(why, "the operation raises %s and changes nothing", why->predicted->text);
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

void rh_why_look(struct rh_why *why) {
  enum rh_opcode code = (enum rh_opcode)why->op->code;
  bool lost = why->observed != NULL && strcmp(why->observed, "skip") == 0 &&
              rh_graph_vertex(&why->graph, rh_why_object(why, 0)) != RH_NO_VERTEX;
  if (why->predicted->class == RH_OBSERVE_SKIP) {
    if (!rh_why_blocks(why)) explain_skip(why);
  } else if (lost) {
    explain_lost(why);
  } else if (rh_why_blocks(why) || rh_why_identity(why) || rh_why_instances(why)) {
    /* also what ends a process, and what its end is asked for */
    return;
  } else if (why->predicted->is_exception && code != RH_OP_WEAK && code != RH_OP_COLLECT) {
    explain_exception(why);
  } else if (!rh_why_counts(why) && !rh_why_weak(why) && !rh_why_collector(why) && !rh_why_sizes(why)) {
    explain_general(why);
  }
}
