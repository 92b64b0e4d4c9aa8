/*
 * Why events of one operation come in their order where the order follows from
 * how deaths nest, or from how an instance or a generator lets go of what it
 * holds (rules TRC, and OBJ, CLS, FUN about release).
 *
 * The runtime notes what decided during the operation; the notes of the
 * operation that logged the events are those looked at.
 */
#include "oracle/explain_why.h"

#include <stdio.h>
#include <string.h>

enum { RULES_MAX = 6 };

/* In order of preference. */
static const char *const nesting[RULES_MAX] = {"TRC-3", "OBJ-13", "FUN-5", "TRC-1", "TRC-5", "TRC-2"};
static const char *const values[RULES_MAX] = {"OBJ-5", "OBJ-6", "OBJ-4"};
static const char *const callbacks[RULES_MAX] = {"FUN-4", "OBJ-12"};
static const char *const single[RULES_MAX] = {"OBJ-5", "CLS-3", "TRC-4"};

/* A note made during the operation at `position`, by the first of the rules that made one; SIZE_MAX: none did. */
static size_t find_during(const struct rh_why *why, size_t position, const char *const rules[RULES_MAX]) {
  size_t begin = why->history.evidence[position], end = why->history.evidence[position + 1];
  for (size_t rule = 0; rule < RULES_MAX && rules[rule] != NULL; rule++) {
    for (size_t i = end; i-- > begin;)
      if (strcmp(rh_evidence(i).rule, rules[rule]) == 0) return i;
  }
  return SIZE_MAX;
}

static void say_note(struct rh_why *why, size_t note) {
  rh_why_rule(why, rh_evidence(note).rule);
  rh_why_say(why, ": %s", rh_evidence(note).text);
}

static const char *event_text(const struct rh_why *why, size_t i) {
  return why->history.text.bytes + why->history.events[i].text;
}

/* --- values of one instance --- */

/* A name of the instance that the note is about was deleted, and has its place among the class's keys again. */
static void say_deleted(struct rh_why *why, size_t note) {
  struct rh_evidence order = rh_evidence(note);
  if (strcmp(order.rule, "OBJ-4") != 0) return;
  for (size_t i = note; i-- > 0;) {
    struct rh_evidence before = rh_evidence(i);
    if (before.subject != order.subject) continue;
    if (strcmp(before.rule, "OBJ-6") == 0 || strcmp(before.rule, "OBJ-10") == 0) return; /* the instance was made */
    if (strcmp(before.rule, "OBJ-5") != 0) continue;
    rh_why_say(why, "; ");
    rh_why_cite(why, i);
    rh_why_say(why, ", and left its place among the keys to the next store");
    return;
  }
}

struct holder {
  const struct rh_why *why;
  bool other; /* something that is no instance, class or dict of one */
};

static void look_at_holder(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index) {
  struct holder *holder = context;
  (void)how;
  (void)index;
  if (parent == RH_NO_VERTEX) return;
  int kind = holder->why->engine->kind(holder->why->graph.vertices[parent].object);
  holder->other = holder->other || (kind != RH_KIND_OBJ && kind != RH_KIND_PART);
}

/* Was the finalizable object, as far as names lead to it, a value of an instance when the run stood where it stands? */
static bool is_value(struct rh_why *why, const char *label) {
  struct holder holder = {.why = why};
  uint32_t vertex = rh_graph_labelled(&why->graph, label, strlen(label), false);
  if (vertex == RH_NO_VERTEX) return true; /* a dict that nothing visits has it */
  rh_graph_holders(&why->graph, why->graph.vertices[vertex].object, look_at_holder, &holder);
  return !holder.other;
}

/* Forgets the history when there is such a note. */
static bool explain_values(struct rh_why *why, size_t position, size_t first, size_t second) {
  enum { LABEL_MAX = sizeof "del:" + RH_TRACE_NAME_MAX };
  char earlier[LABEL_MAX], later[LABEL_MAX];
  if (find_during(why, position, values) == SIZE_MAX) return false;
  (void)snprintf(earlier, sizeof earlier, "%s", event_text(why, first)); /* rewinding forgets it */
  (void)snprintf(later, sizeof later, "%s", event_text(why, second));
  rh_why_rewind(why, position);
  bool of_instance = is_value(why, earlier + 4) && is_value(why, later + 4);
  (void)rh_why_carry_out(why);
  size_t note = of_instance ? find_during(why, position, values) : SIZE_MAX;
  if (note == SIZE_MAX) {
    rh_why_rewind(why, why->position);
    return false;
  }
  rh_why_say(why, "%s comes before %s in ", earlier, later);
  rh_why_say_operation(why, position);
  say_note(why, note);
  say_deleted(why, note);
  return true;
}

/* --- two events, one event --- */

bool rh_why_deaths(struct rh_why *why, size_t first, size_t second) {
  const struct rh_event *event = &why->history.events[first];
  const char *one = event_text(why, first), *other = event_text(why, second);
  bool callback = strncmp(one, "cb:", 3) == 0, finalizers = strncmp(one, "del:", 4) == 0;
  if (first >= second || event->in_collection || event->position != why->history.events[second].position) return false;
  bool fits = callback ? strncmp(other, "cb:", 3) != 0 : finalizers && strncmp(other, "del:", 4) == 0;
  if (!fits) return false;
  size_t note = find_during(why, event->position, callback ? callbacks : nesting);
  if (note == SIZE_MAX) return finalizers && explain_values(why, event->position, first, second);
  rh_why_say(why, "%.100s comes before %.100s in ", one, other);
  rh_why_say_operation(why, event->position);
  say_note(why, note);
  return true;
}

void rh_why_death(struct rh_why *why, size_t i) {
  const struct rh_event *event = &why->history.events[i];
  bool finalizer = strncmp(event_text(why, i), "del:", 4) == 0 && !event->in_collection;
  size_t note = finalizer ? find_during(why, event->position, single) : SIZE_MAX;
  if (note != SIZE_MAX) say_note(why, note);
}
