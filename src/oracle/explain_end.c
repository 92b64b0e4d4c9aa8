/*
 * Why the end of the process shows what it does (rules END): by the notes of
 * what was written on the error output, and of what was finalized during exit.
 */
#include "oracle/explain_why.h"
#include "oracle/interpret_end.h"

#include <stdlib.h>
#include <string.h>

/* Makes the note's rule the explanation's and says its text; the operation too, unless it looks at the end, which
 * executes what stands behind it. */
static void cite(struct rh_why *why, size_t note) {
  size_t at = rh_why_operation_of(why, note);
  struct rh_evidence found = rh_evidence(note);
  rh_why_rule(why, found.rule);
  rh_why_say(why, "%s", found.text);
  if (at == why->position || rh_looks_at_end(&why->trace->ops[why->trace->top[at]])) return;
  rh_why_say(why, ", in ");
  rh_why_say_operation(why, at);
}

static bool is_of_end(size_t note) {
  return strncmp(rh_evidence(note).rule, "END-", 4) == 0;
}

/* --- late --- */

static void explain_late(struct rh_why *why) {
  size_t said = 0;
  (void)rh_why_carry_out(why);
  rh_why_rule(why, "END-1");
  for (size_t i = 0; i < rh_evidence_notes(); i++) {
    if (strcmp(rh_evidence(i).rule, "END-1") != 0) continue;
    if (said++ > 0) rh_why_say(why, "; ");
    cite(why, i);
  }
  if (said == 0) rh_why_say(why, "no object made by `new X latefin` is finalized during exit");
}

/* --- stderr, nostderr --- */

/* Does one text, up to its first newline, occur in the other? */
static bool occurs(const char *text, const char *in) {
  size_t n = strcspn(text, "\n");
  for (const char *at = in; n > 0 && strlen(at) >= n; at++)
    if (strncmp(at, text, n) == 0) return true;
  return false;
}

/* Does the note speak of the text? What it quotes is what was written. */
static bool quotes(const char *note, const char *text) {
  const char *begin = strchr(note, '`'), *end = begin != NULL ? strchr(begin + 1, '`') : NULL;
  if (end == NULL) return false;
  size_t n = (size_t)(end - begin - 1);
  bool starts_so = strlen(text) >= n && strncmp(text, begin + 1, n) == 0;
  return starts_so || occurs(text, begin);
}

/* The last note that quotes the text. */
static size_t find_quoting(const char *text) {
  for (size_t i = rh_evidence_notes(); i-- > 0;)
    if (is_of_end(i) && quotes(rh_evidence(i).text, text)) return i;
  return SIZE_MAX;
}

/* The rule by which a text would be written that was not. */
static const char *rule_of_text(const char *text) {
  static const struct {
    const char *words, *rule;
  } known[] = {{"shutdown", "END-2"},  {"Warning", "END-2"},  {"      [", "END-2"}, {"gc: 2 unc", "END-2"},
               {"gc", "END-3"},        {"collectable", NULL}, {"ignored", "END-4"}, {"Error", "END-4"},
               {"Exception", "END-4"}, {"arena", "BLK-17"},   {"class", "BLK-17"},  {"Debug memory", "ALH-6"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if (strstr(text, known[i].words) == NULL) continue;
    if (known[i].rule != NULL) return known[i].rule;
    return "END-2";
  }
  return "END-3";
}

static void say_not_written(struct rh_why *why, const char *rule) {
  unsigned lines = 0;
  size_t last = SIZE_MAX;
  for (size_t i = 0; i < rh_evidence_notes(); i++) {
    if (strcmp(rh_evidence(i).rule, rule) != 0) continue;
    lines++;
    last = i;
  }
  rh_why_rule(why, rule);
  if (lines == 0) {
    rh_why_say(why, strcmp(rule, "END-4") == 0   ? "no exception left a finalizer or callback"
                    : strcmp(rule, "END-3") == 0 ? "no collection of the trace ran under a debug flag that writes"
                                                 : "nothing in the trace writes such a text");
  } else {
    if (lines > 1) rh_why_say(why, "none of what was written has it; last, ");
    cite(why, last);
    rh_why_rule(why, rule);
  }
}

static void explain_error_output(struct rh_why *why) {
  const struct rh_expectation *asked = rh_expectation_select(why->trace, why->op, why->profile->version);
  (void)rh_why_carry_out(why);
  char *text = asked != NULL ? rh_why_granted(why, calloc(1, asked->value_length + 1)) : NULL;
  bool read = text != NULL && rh_text_decode(rh_trace_text(why->trace, asked->value), asked->value_length, text) >= 0;
  size_t note = read ? find_quoting(text) : SIZE_MAX;
  if (note != SIZE_MAX) {
    cite(why, note);
  } else {
    say_not_written(why, rule_of_text(read ? text : ""));
  }
  free(text);
}

bool rh_why_end(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_LATE:
    return explain_late(why), true;
  case RH_OP_STDERR:
  case RH_OP_NOSTDERR:
    return explain_error_output(why), true;
  default:
    return false;
  }
}
