/*
 * Why blocks lie, move and read as they do, and what debug hooks end a process
 * with (rules BLK, ALH). The interpreter decides all of it, so that every
 * argument is made of its notes (rules/evidence.h): the one of the operation
 * itself, and those about the blocks, classes and counts it looks at.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/explain_memory.h"
#include "oracle/interpret_blocks.h"

/* --- shared with explain_traced.c --- */

/* Does the note say why the operation observes what it does? What is traced comes of it, and sizes are asked for. */
static bool is_reason(struct rh_evidence note) {
  static const char *const groups[] = {"BLK-", "ALH-", "TM-", "FLT-", "LANG-"};
  bool about_memory = false;
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    about_memory = about_memory || strncmp(note.rule, groups[i], strlen(groups[i])) == 0;
  return about_memory && note.subject != RH_SUBJECT_TRACED;
}

bool rh_why_own(struct rh_why *why) {
  size_t before = rh_why_carry_out(why);
  for (size_t i = rh_evidence_notes(); i-- > before;) {
    if (!is_reason(rh_evidence(i))) continue;
    rh_why_cite(why, i);
    return true;
  }
  rh_why_say(why, "%s",
             why->predicted->class == RH_OBSERVE_NOTHING
                 ? "the operation observes nothing"
                 : "what was done before does not decide it, so it may be anything");
  return false;
}

void rh_why_also(struct rh_why *why, size_t note, bool rule) {
  const struct rh_rule *old = why->explanation->rule;
  if (note == SIZE_MAX) return;
  rh_why_say(why, "; ");
  rh_why_cite(why, note);
  if (!rule) why->explanation->rule = old;
}

size_t rh_why_last_operation(const struct rh_why *why, enum rh_opcode code) {
  for (size_t i = why->position; i-- > 0;)
    if ((enum rh_opcode)why->trace->ops[why->trace->top[i]].code == code) return i;
  return SIZE_MAX;
}

void rh_why_say_since(struct rh_why *why, size_t operation) {
  if (operation == SIZE_MAX) return;
  rh_why_say(why, ", since ");
  rh_why_say_operation(why, operation);
}

size_t rh_why_find_since(const struct rh_why *why, size_t operation, uint32_t object, const char *groups) {
  size_t note = rh_why_find_note(why, object, groups);
  bool late = note != SIZE_MAX && (operation == SIZE_MAX || note >= why->history.evidence[operation + 1]);
  return late ? note : SIZE_MAX;
}

/* --- places --- */

static uint32_t block_of(const struct rh_why *why, uint32_t argument) {
  return rh_run_block(why->run, why->trace->args[why->op->first_arg + argument].name);
}

/* Cites a note as being about the block of an argument. */
static void say_note(struct rh_why *why, uint32_t argument, size_t note, bool rule) {
  const struct rh_rule *old = why->explanation->rule;
  if (note == SIZE_MAX) return;
  rh_why_say(why, "; ");
  rh_why_say_argument(why, argument);
  rh_why_say(why, ": ");
  rh_why_cite(why, note);
  if (!rule) why->explanation->rule = old;
}

static void say_place(struct rh_why *why, uint32_t argument, const char *groups, bool rule) {
  say_note(why, argument, rh_why_find_note(why, block_of(why, argument), groups), rule);
}

/* How two blocks lie to each other follows from where the later one was put. Of two that live only that matters, and
 * for a pool it does not matter where in it they lie. */
static void explain_relation(struct rh_why *why) {
  static const char *const places = "BLK-2 BLK-9 BLK-18";
  bool asks_equal = why->op->code == RH_OP_PM_EQ;
  uint32_t first = block_of(why, 0), second = block_of(why, 1), later = first > second ? 0 : 1;
  (void)rh_why_own(why);
  const char *rule = why->explanation->rule->id;
  if (first == 0 || second == 0) return;
  if (strcmp(rule, "BLK-1") == 0 || strcmp(rule, "BLK-13") == 0) {
    say_place(why, 0, "BLK-6 BLK-7 BLK-14", false);
    say_place(why, 1, "BLK-6 BLK-7 BLK-14", false);
    return;
  }
  say_place(why, later, places, strcmp(rule, "BLK-9") == 0);
  if (why->op->code == RH_OP_PM_SAMEPOOL && strcmp(why->explanation->rule->id, "BLK-2") == 0) rh_why_rule(why, "BLK-9");
  say_place(why, 1 - later, asks_equal ? "BLK-8" : places, false);
}

static void explain_offset(struct rh_why *why) {
  (void)rh_why_own(why);
  say_place(why, 0, "BLK-2 BLK-9 BLK-18", strcmp(why->explanation->rule->id, "ALH-3") != 0);
}

static size_t find_freed(uint32_t block, size_t limit) {
  for (size_t i = limit; i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if (note.subject == block && strcmp(note.rule, "BLK-8") == 0) return i;
  }
  return SIZE_MAX;
}

/* A handle that is free was freed by somebody. */
static void explain_other(struct rh_why *why) {
  size_t before = why->history.evidence[why->position];
  bool told = rh_why_own(why), skips = why->predicted->class == RH_OBSERVE_SKIP;
  if (told && skips && block_of(why, 0) != 0) say_note(why, 0, find_freed(block_of(why, 0), before), false);
}

/* --- contents --- */

/* Bytes of a block, from `at` to `end` - 1. */
struct range {
  int64_t at, end;
};

/* What a note on content ("bytes 0 to 7 ...") is about; false for a note of another kind. */
static bool read_range(const char *text, struct range *range) {
  static const char before[] = "bytes ", between[] = " to ";
  char *end = NULL;
  if (strncmp(text, before, strlen(before)) != 0) return false;
  range->at = strtoll(text + strlen(before), &end, 10);
  range->end = strtoll(end + strlen(between), NULL, 10) + 1;
  return true;
}

/* The last note before `limit` on the byte at range->at of a block; it holds up to range->end, where a later one
 * goes on. SIZE_MAX: none. */
static size_t find_content(uint32_t block, size_t limit, struct range *range) {
  for (size_t i = limit; i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    struct range noted;
    if (note.subject != block || !read_range(note.text, &noted)) continue;
    if (noted.at <= range->at && range->at < noted.end) {
      if (noted.end < range->end) range->end = noted.end;
      return i;
    }
    if (noted.at > range->at && noted.at < range->end) range->end = noted.at;
  }
  return SIZE_MAX;
}

/* What realloc kept was written before: to this block, or to the one that ended just before it was made. */
static size_t find_kept(uint32_t block, size_t kept, int64_t at) {
  struct range range = {at, at + 1};
  size_t note = find_content(block, kept, &range);
  for (size_t i = kept; note == SIZE_MAX && i-- > 0;) {
    struct rh_evidence ended = rh_evidence(i);
    if (strcmp(ended.rule, "BLK-8") == 0) return find_content(ended.subject, i, &range);
  }
  return note;
}

static void cite_content(struct rh_why *why, uint32_t block, size_t note, int64_t at, bool first) {
  const char *rule = rh_evidence(note).rule;
  if (first) {
    rh_why_cite(why, note);
  } else {
    rh_why_also(why, note, false);
  }
  for (size_t kept = note; strcmp(rule, "BLK-4") == 0;) {
    kept = find_kept(block, kept, at);
    if (kept == SIZE_MAX) return;
    rule = rh_evidence(kept).rule;
    block = rh_evidence(kept).subject;
    if (strcmp(rule, "BLK-4") != 0) rh_why_also(why, kept, false);
  }
}

/* From the first byte that was observed otherwise, if there is one. */
static struct range bytes_in_question(const struct rh_why *why) {
  const struct rh_arg *arguments = &why->trace->args[why->op->first_arg];
  struct range range = {arguments[1].integer, arguments[1].integer + arguments[2].integer};
  const char *predicted = why->predicted->text;
  if (why->observed == NULL || why->nobserved != strlen(predicted)) return range;
  for (size_t i = 0; i < why->nobserved; i++) {
    if (why->observed[i] == predicted[i]) continue;
    range.at += (int64_t)(i / 2);
    break;
  }
  return range;
}

static void explain_bytes(struct rh_why *why) {
  enum { CITED_MAX = 3 };
  uint32_t block = block_of(why, 0);
  size_t limit = why->history.evidence[why->position];
  struct range asked = bytes_in_question(why);
  int cited = 0;
  bool read = block != 0 && why->predicted->class == RH_OBSERVE_EXACT && !why->predicted->is_exception;
  for (; read && asked.at < asked.end && cited < CITED_MAX; cited++) {
    struct range part = asked;
    size_t note = find_content(block, limit, &part);
    if (note == SIZE_MAX) break;
    cite_content(why, block, note, asked.at, cited == 0);
    asked.at = part.end;
  }
  if (cited == 0) explain_other(why);
}

/* --- statistics --- */

/* What a class was asked for since, if nothing of it was requested: where the requests went instead. */
static void explain_class(struct rh_why *why) {
  size_t snap = rh_why_last_operation(why, RH_OP_PM_SNAP);
  int64_t class = why->trace->args[why->op->first_arg].integer;
  bool told = rh_why_own(why);
  if (!told) return;
  rh_why_say_since(why, snap);
  if (class < 0 || class >= RH_POOL_CLASSES) return;
  size_t note = rh_why_find_since(why, snap, RH_SUBJECT_CLASS((uint32_t) class), "BLK- ALH-");
  if (note == SIZE_MAX && class == RH_POOL_CLASSES - 1)
    note = rh_why_find_since(why, snap, RH_SUBJECT_CLASS((uint32_t)RH_OUTSIDE_POOLS), "BLK-");
  rh_why_also(why, note, note != SIZE_MAX && strcmp(why->explanation->rule->id, "BLK-13") == 0);
}

static void explain_pools(struct rh_why *why) {
  size_t snap = rh_why_last_operation(why, RH_OP_PM_SNAP);
  int64_t class = why->trace->args[why->op->first_arg].integer;
  if (!rh_why_own(why)) return;
  if (why->op->code == RH_OP_PM_POOLS) rh_why_say_since(why, snap);
  if (class >= 0 && class < RH_POOL_CLASSES)
    rh_why_also(why, rh_why_find_since(why, snap, RH_POOLS_SUBJECT((uint32_t) class), "BLK-18"), false);
}

static void explain_arenas(struct rh_why *why) {
  size_t snap = rh_why_last_operation(why, RH_OP_PM_SNAP);
  size_t taken = rh_why_find_since(why, snap, RH_ARENAS_SUBJECT, "BLK-16"),
         returned = rh_why_find_since(why, snap, RH_ARENAS_SUBJECT, "BLK-10");
  if (!rh_why_own(why)) return;
  rh_why_say_since(why, snap);
  rh_why_also(why, strcmp(why->explanation->rule->id, "BLK-16") == 0 ? taken : returned, false);
}

static void explain_count(struct rh_why *why) {
  size_t mark = rh_why_last_operation(why, RH_OP_BLOCKS_MARK);
  (void)rh_why_own(why);
  if (strcmp(why->explanation->rule->id, "BLK-19") == 0) return;
  rh_why_say_since(why, mark);
  if (strcmp(why->explanation->rule->id, "BLK-11") == 0)
    rh_why_also(why, rh_why_find_since(why, mark, RH_SUBJECT_COUNT, "BLK-"), true);
}

/* --- ends --- */

static void cite_early_death(struct rh_why *why, size_t fault) {
  rh_why_cite(why, fault);
  rh_why_rule(why, "ALH-7");
  rh_why_say(why, "; the process died there, and nothing after that is done");
}

/* The process is dead: of this operation, or of one before. */
static void explain_death(struct rh_why *why) {
  size_t fault = rh_why_find_note(why, 0, "ALH-5 ALH-8");
  if (fault != SIZE_MAX) {
    cite_early_death(why, fault);
    return;
  }
  (void)rh_why_carry_out(why);
  (void)rh_why_cite_last(why, 0, "ALH-5 ALH-8");
}

/* The process died of an operation behind which others stand, but for looks at its end: they were not done. */
static bool died_early(const struct rh_why *why, size_t fault) {
  size_t i = why->position;
  while (i > 0 && why->history.evidence[i] > fault) i--; /* the operation that made the note */
  if (i + 1 >= why->position) return false;
  enum rh_opcode next = (enum rh_opcode)why->trace->ops[why->trace->top[i + 1]].code;
  return next != RH_OP_FATAL && next != RH_OP_STDERR && next != RH_OP_NOSTDERR;
}

/* The text that `stderr`, `nostderr` or `fatal` looks for: as it is written in the trace. */
static bool looks_for(const struct rh_why *why, const char *words) {
  const struct rh_expectation *asked = rh_expectation_select(why->trace, why->op, why->profile->version);
  return asked != NULL && strstr(rh_trace_text(why->trace, asked->value), words) != NULL;
}

static void explain_fatal(struct rh_why *why) {
  (void)rh_why_carry_out(why);
  size_t fault = rh_why_find_note(why, 0, "ALH-5 ALH-8");
  bool message = looks_for(why, "Fatal Python error") || looks_for(why, "bad ");
  if (fault == SIZE_MAX) {
    rh_why_rule(why, "ALH-5");
    rh_why_say(why, "no check of a block that was freed or resized found a fault, so nothing ends the process");
  } else if (message && died_early(why, fault)) {
    cite_early_death(why, fault);
  } else if (message || strcmp(rh_evidence(fault).rule, "ALH-8") == 0) {
    rh_why_cite(why, fault);
  } else {
    (void)rh_why_cite_last(why, 0, "ALH-6");
    rh_why_also(why, fault, false);
  }
}

/* Is the text one of the allocator's statistics? */
static bool explain_statistics(struct rh_why *why) {
  static const char *const words[] = {"mall block threshold", "# arenas", "# bytes", "arena map", "avail blocks"};
  bool about = false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) about = about || looks_for(why, words[i]);
  if (!about) return false;
  (void)rh_why_carry_out(why);
  size_t note = rh_why_find_note(why, 0, "BLK-17"); /* made at the first look at the end */
  rh_why_rule(why, "BLK-17");
  rh_why_say(why, "%s",
             note != SIZE_MAX ? rh_evidence(note).text : "the process dies before its exit, where they are written");
  return true;
}

/* --- the whole --- */

static bool is_block_operation(enum rh_opcode code) {
  return code >= RH_OP_PM_MALLOC && code < RH_OP_TM_START;
}

bool rh_why_blocks(struct rh_why *why) {
  if (why->predicted->class == RH_OBSERVE_DIED) {
    explain_death(why);
    return true;
  }
  switch (why->op->code) {
  case RH_OP_PM_EQ:
  case RH_OP_PM_DELTA:
  case RH_OP_PM_SAMEPOOL:
    explain_relation(why);
    return true;
  case RH_OP_PM_OFF:
    explain_offset(why);
    return true;
  case RH_OP_PM_BYTES:
    explain_bytes(why);
    return true;
  case RH_OP_PM_BLOCKS:
    explain_class(why);
    return true;
  case RH_OP_PM_POOLS:
  case RH_OP_PM_AVAIL:
    explain_pools(why);
    return true;
  case RH_OP_PM_ARENAS:
    explain_arenas(why);
    return true;
  case RH_OP_BLOCKS:
    explain_count(why);
    return true;
  case RH_OP_FATAL:
    explain_fatal(why);
    return true;
  case RH_OP_STDERR:
  case RH_OP_NOSTDERR:
    return explain_statistics(why);
  default:
    if (is_block_operation((enum rh_opcode)why->op->code)) {
      explain_other(why);
      return true;
    }
    return rh_why_traced(why);
  }
}
