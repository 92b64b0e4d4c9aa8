/* What a collection left alone for the sake of finalizers (rules FIN, LEG): said behind what it returned. */
#include "oracle/explain_why.h"

#include <string.h>

enum { SHOWN_MAX = 3 };

/* Says the first notes by a rule, of those made from `first` on. */
static bool say_notes(struct rh_why *why, const char *rule, size_t first) {
  unsigned shown = 0;
  for (size_t i = first; i < rh_evidence_notes() && shown < SHOWN_MAX; i++) {
    if (strcmp(rh_evidence(i).rule, rule) != 0) continue;
    rh_why_say(why, "; %s", rh_evidence(i).text);
    shown++;
  }
  if (shown > 0) rh_why_rule(why, rule);
  return shown > 0;
}

/* Garbage that something the collector does not know holds. */
static void say_hidden(struct rh_why *why) {
  size_t note = rh_why_find_named(NULL, 0, "LEG-4", 0, rh_evidence_notes());
  if (note == SIZE_MAX || rh_graph_vertex(&why->graph, rh_evidence(note).subject) != RH_NO_VERTEX) return;
  rh_why_say(why, "; ");
  rh_why_cite(why, note);
}

void rh_why_collected(struct rh_why *why, size_t first, bool too_few, bool too_many) {
  if (say_notes(why, "LEG-2", first) || too_few) return;
  bool said = say_notes(why, "FIN-9", first) || say_notes(why, "FIN-10", first);
  if (!said && (too_many || strcmp(why->predicted->text, "0") == 0)) say_hidden(why);
}

bool rh_why_uncollectable(struct rh_why *why) {
  size_t note = rh_why_find_named(NULL, 0, "LEG-3", 0, rh_evidence_notes());
  if (note == SIZE_MAX || why->engine->garbage_length() == 0) return false;
  size_t first = note;
  while (first > 0 && strcmp(rh_evidence(first - 1).rule, "LEG-3") == 0) first--;
  for (size_t i = first; i < note && i < first + SHOWN_MAX; i++) rh_why_say(why, "%s; ", rh_evidence(i).text);
  if (note > first + SHOWN_MAX) rh_why_say(why, "...; ");
  rh_why_cite(why, note);
  return true;
}

bool rh_why_box(struct rh_why *why) {
  uint32_t box = rh_why_object(why, 0);
  bool looks = why->op->code == RH_OP_TRACKED || why->op->code == RH_OP_GEN || why->op->code == RH_OP_REFERENTS;
  if (!looks || why->engine->kind(box) != RH_KIND_NOGCBOX) return false;
  rh_why_rule(why, "LEG-4");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " has no collector support: it is in no generation, and what it holds is not visited");
  return true;
}
