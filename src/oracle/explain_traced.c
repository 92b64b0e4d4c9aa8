/*
 * Why tracemalloc counts and knows what it does (rules TM): from the notes of
 * the operation itself, then of what it counted or forgot last.
 */
#include <string.h>

#include "oracle/explain_memory.h"
#include "oracle/interpret_blocks.h"
#include "oracle/interpret_traced.h"

static bool has_rule(const struct rh_why *why, const char *id) {
  return strcmp(why->explanation->rule->id, id) == 0;
}

/* When tracing began, was cleared or ended. */
static void say_tracing(struct rh_why *why) {
  rh_why_also(why, rh_why_find_since(why, SIZE_MAX, RH_SUBJECT_TRACING, "TM-"), false);
}

/* The last object made while tracing since an operation; SIZE_MAX: none. */
static size_t find_made(const struct rh_why *why, size_t since) {
  for (size_t i = rh_evidence_notes(); i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if (note.subject != 0 && strcmp(note.rule, "TM-6") == 0) return rh_why_find_since(why, since, note.subject, "TM-6");
  }
  return SIZE_MAX;
}

static bool used_objects(const struct rh_why *why, size_t since) {
  for (size_t i = since == SIZE_MAX ? 0 : since; i < why->position; i++)
    if (why->trace->ops[why->trace->top[i]].code < RH_OP_PM_MALLOC) return true;
  return false;
}

static bool counts_bytes(struct rh_evidence note) {
  return note.subject == RH_SUBJECT_TRACED && strcmp(note.rule, "TM-3") != 0;
}

/* Cites what came and went since an operation, or the last of it when that is much; the last one's rule is taken. */
static void say_counted(struct rh_why *why, size_t since, size_t end) {
  enum { CITED_MAX = 3 };
  size_t notes[CITED_MAX], n = 0; /* the last one first */
  size_t start = since == SIZE_MAX ? 0 : why->history.evidence[since + 1];
  for (size_t i = end; i-- > start && n <= CITED_MAX;) {
    if (!counts_bytes(rh_evidence(i))) continue;
    if (n < CITED_MAX) notes[n] = i;
    n++;
  }
  if (n > CITED_MAX) n = 1;
  while (n > 0) rh_why_also(why, notes[--n], true);
}

/* Where nothing differs from the mark, what came and went in between decides. */
static void explain_delta(struct rh_why *why) {
  size_t mark = rh_why_last_operation(why, RH_OP_TM_MARK), made = find_made(why, mark);
  size_t counted = rh_why_find_since(why, mark, RH_SUBJECT_TRACED, "TM-1 TM-2 TM-7");
  size_t refused = rh_why_find_since(why, mark, 0, "BLK-7");
  (void)rh_why_own(why);
  if (has_rule(why, "TM-5")) {
    say_tracing(why);
    return;
  }
  rh_why_say_since(why, mark);
  if (!has_rule(why, "TM-6") && counted != SIZE_MAX) {
    say_counted(why, mark, why->history.evidence[why->position]);
  } else if (made != SIZE_MAX) {
    rh_why_also(why, made, true);
  } else {
    if (used_objects(why, mark)) rh_why_rule(why, "TM-6");
    rh_why_also(why, refused, false);
  }
}

static void explain_peak(struct rh_why *why) {
  size_t raised = rh_why_find_note(why, RH_SUBJECT_TRACED, "TM-3");
  (void)rh_why_own(why);
  if (has_rule(why, "TM-3")) {
    rh_why_also(why, raised, false);
  } else {
    say_tracing(why);
  }
}

/* An object that had a trace lost it when everything was forgotten. One made since that has none is a value that
 * every process shares. */
static void explain_object(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  size_t made = rh_why_find_note(why, object, "TM-6");
  size_t began = rh_why_find_note(why, RH_SUBJECT_TRACING, "TM-");
  bool exact = why->predicted->class == RH_OBSERVE_EXACT, traced = exact && strcmp(why->predicted->text, "yes") == 0;
  if (traced && made != SIZE_MAX) {
    rh_why_cite(why, made);
    return;
  }
  (void)rh_why_own(why);
  if (traced) return;
  if (made == SIZE_MAX || began == SIZE_MAX || !exact) {
    say_tracing(why);
  } else if (made < began) {
    rh_why_also(why, made, false);
    rh_why_also(why, rh_why_find_note(why, RH_SUBJECT_TRACING, "TM-5"), true);
  } else {
    rh_why_say(why, "; the value is one that every process shares, older than any trace");
  }
}

static void explain_state(struct rh_why *why) {
  if (rh_why_cite_last(why, RH_SUBJECT_TRACING, why->op->code == RH_OP_TM_LIMIT ? "TM-4" : "TM-")) return;
  rh_why_rule(why, why->op->code == RH_OP_TM_LIMIT ? "TM-4" : "TM-5");
  rh_why_say(why, "tracing never started: it is off, and its limit is 1");
}

/* What was entered by hand there last, or forgotten. */
static void explain_by_hand(struct rh_why *why) {
  const struct rh_arg *place = &why->trace->args[why->op->first_arg];
  size_t entered = rh_why_find_note(why, rh_manual_subject(place[0].integer, place[1].integer), "TM-7");
  size_t forgotten = rh_why_find_note(why, RH_SUBJECT_TRACING, "TM-5");
  (void)rh_why_own(why);
  bool later = forgotten != SIZE_MAX && (entered == SIZE_MAX || forgotten > entered);
  rh_why_also(why, later ? forgotten : entered, false);
}

bool rh_why_traced(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_TM_DELTA:
    explain_delta(why);
    return true;
  case RH_OP_TM_PEAKDELTA:
    explain_peak(why);
    return true;
  case RH_OP_TM_OBJTB:
    return explain_object(why), true;
  case RH_OP_TM_TRACING:
  case RH_OP_TM_LIMIT:
    explain_state(why);
    return true;
  case RH_OP_TM_HAS:
  case RH_OP_TM_TRACESIZE:
    explain_by_hand(why);
    return true;
  case RH_OP_TM_START:
  case RH_OP_TM_STOP:
  case RH_OP_TM_CLEAR:
  case RH_OP_TM_RESETPEAK:
  case RH_OP_TM_MARK:
  case RH_OP_TM_TRACK:
  case RH_OP_TM_UNTRACK:
    return rh_why_own(why), true;
  default:
    return false;
  }
}

/* Does the trace say that it tests the rule? */
static bool tests_rule(const struct rh_why *why, const char *id) {
  const char *rules = rh_trace_header(why->trace, "rule");
  return rules != NULL && strstr(rules, id) != NULL;
}

void rh_why_traced_too(struct rh_why *why) {
  size_t start = rh_why_last_operation(why, RH_OP_TM_START), stop = rh_why_last_operation(why, RH_OP_TM_STOP);
  bool on = start != SIZE_MAX && (stop == SIZE_MAX || stop < start);
  if (!on || why->op->code >= RH_OP_TM_START || !tests_rule(why, "TM-8")) return;
  rh_why_rule(why, "TM-8");
  rh_why_say(why, "; tracing is on");
  rh_why_say_since(why, start);
  rh_why_say(why, ", keeps its records apart and changes nothing of this");
}
