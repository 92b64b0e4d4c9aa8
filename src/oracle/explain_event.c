/*
 * Why one event was logged, and why one came before another. An event is
 * logged by a decision that left a note (rules/evidence.h) just before it; the
 * notes before that one say how the death came about.
 */
#include "oracle/explain_event.h"

#include <string.h>

static const char let_go_groups[] = "RC-2 RC-11 TRC-1";
static const char container_groups[] = "RC-5 RC-6 RC-7 RC-8 RC-9 RC-16 LEG-4 WR-13";

bool rh_why_has_prefix(const struct rh_why_item *item, const char *prefix, struct rh_why_item *rest) {
  size_t n = strlen(prefix);
  if (item->n <= n || memcmp(item->bytes, prefix, n) != 0) return false;
  *rest = (struct rh_why_item){item->bytes + n, item->n - n};
  return true;
}

struct rh_why_item rh_why_event_text(const struct rh_why *why, size_t i) {
  const char *text = why->history.text.bytes + why->history.events[i].text;
  return (struct rh_why_item){text, strlen(text)};
}

/* --- what kind of event, and its notes --- */

enum sort { DEL, TPDEL, CB, FINALIZE, PROBE, UNRAISABLE, COLLECTION, RECORDED };

static enum sort sort_of(const struct rh_why *why, size_t i, struct rh_why_item *subject) {
  static const char *const prefixes[] = {"del:", "tpdel:", "cb:", "finalize:", "probe:", "unraisable:", "gc:"};
  struct rh_why_item text = rh_why_event_text(why, i);
  if (rh_why_has_prefix(&text, "deref_", subject)) return PROBE;
  for (int sort = DEL; sort < RECORDED; sort++)
    if (rh_why_has_prefix(&text, prefixes[sort], subject)) return (enum sort)sort;
  *subject = text;
  return RECORDED;
}

/* The note that the event was logged by: SIZE_MAX: none. */
static size_t note_of(const struct rh_why *why, size_t i) {
  static const char *const groups[] = {[DEL] = "FIN-1 FIN-3 FIN-7 FIN-8", [TPDEL] = "LEG-1",
                                       [CB] = "WR-2 WR-3 WR-6 WR-12",     [FINALIZE] = "WR-14",
                                       [PROBE] = "WR- FIN-5 LEG-",        [UNRAISABLE] = "FIN-6 WR-10",
                                       [COLLECTION] = "GEN-12",           [RECORDED] = "RC-1 FIN-11 WR-15 GC-13"};
  const struct rh_event *event = &why->history.events[i];
  struct rh_why_item subject;
  enum sort sort = sort_of(why, i, &subject);
  const char *name = subject.bytes;
  size_t n = subject.n, first = why->history.evidence[event->position];
  if (sort == PROBE) {
    n = strcspn(name, "=");
    first = 0; /* it may have been cleared long ago */
  } else if (sort > PROBE || (n == 4 && memcmp(name, "nogc", 4) == 0)) {
    name = NULL;
  }
  if (sort == RECORDED && i > 0 && why->history.events[i - 1].notes > first) first = why->history.events[i - 1].notes;
  return rh_why_find_named(name, n, groups[sort], first, event->notes);
}

/* How the death came about that the note is about. */
static size_t let_go_before(size_t note) {
  return note == SIZE_MAX
             ? SIZE_MAX
             : rh_why_find_named(rh_evidence(note).name, strlen(rh_evidence(note).name), let_go_groups, 0, note);
}

/* The note on the container that let it go; SIZE_MAX: it was in none. */
static size_t container_before(size_t let_go) {
  if (let_go == SIZE_MAX || let_go == 0) return SIZE_MAX;
  return rh_why_find_named(NULL, 0, container_groups, let_go - 1, let_go);
}

/* --- one event --- */

static void say_note(struct rh_why *why, size_t note) {
  rh_why_rule(why, rh_evidence(note).rule);
  rh_why_say(why, "%s", rh_evidence(note).text);
}

/* The rule of a single death by count: of what is special about it, if anything. */
static const char *death_rule(size_t let_go) {
  size_t container = container_before(let_go);
  const char *rule = container != SIZE_MAX ? rh_evidence(container).rule : "";
  bool special = strcmp(rule, "LEG-4") == 0 || strcmp(rule, "WR-13") == 0;
  return special ? rule : rh_evidence(let_go).rule;
}

/* A finalizer at death by count. */
static void say_death(struct rh_why *why, size_t i, size_t note, bool alone) {
  size_t first = why->history.evidence[why->history.events[i].position], let_go = let_go_before(note);
  if (let_go == SIZE_MAX || let_go < first) {
    say_note(why, note);
    return;
  }
  struct rh_evidence end = rh_evidence(let_go);
  size_t replaced = rh_why_find_named(end.name, strlen(end.name), "RC-4", first, let_go);
  size_t entry = strcmp(end.rule, "RC-11") == 0 ? rh_why_find_named(NULL, 0, "WR-13", first, let_go) : SIZE_MAX;
  if (entry != SIZE_MAX) rh_why_say(why, "%s; ", rh_evidence(entry).text);
  bool plain = strcmp(rh_evidence(note).rule, "FIN-1") == 0;
  rh_why_say(why, "%s", rh_evidence(replaced != SIZE_MAX ? replaced : let_go).text);
  if (!plain || alone) rh_why_say(why, "; %s", rh_evidence(note).text);
  rh_why_rule(why, !plain                 ? rh_evidence(note).rule
                   : entry != SIZE_MAX    ? "WR-13"
                   : replaced != SIZE_MAX ? "RC-4"
                                          : death_rule(let_go));
}

/* A probe: of the note on the weak reference, what made it so. */
static void say_probe(struct rh_why *why, size_t i, size_t note) {
  struct rh_why_item subject;
  enum sort before = i > 0 ? sort_of(why, i - 1, &subject) : RECORDED;
  while (before == PROBE && i > 1) before = sort_of(why, --i - 1, &subject);
  say_note(why, note);
  bool counted = strcmp(rh_evidence(note).rule, "WR-8") != 0 && strcmp(rh_evidence(note).rule, "FIN-5") != 0;
  if (before == CB && counted && !why->history.events[i].in_collection) rh_why_rule(why, "WR-3");
  if (before == TPDEL) rh_why_rule(why, "LEG-1");
}

/* Without evidence. */
static void say_generally(struct rh_why *why, size_t i) {
  struct rh_why_item name;
  bool collected = why->history.events[i].in_collection;
  switch (sort_of(why, i, &name)) {
  case DEL:
  case TPDEL:
    rh_why_rule(why, collected ? "GC-2" : "RC-2");
    rh_why_say(why,
               collected ? "the collection found %.*s unreachable from every root"
                         : "the last reference to %.*s was dropped",
               (int)name.n, name.bytes);
    break;
  case CB:
    rh_why_rule(why, collected ? "WR-6" : "WR-3");
    rh_why_say(why, "the object %.*s refers to died while %.*s itself was alive", (int)name.n, name.bytes, (int)name.n,
               name.bytes);
    break;
  case PROBE:
    rh_why_rule(why, why->engine != &rh_engine_model ? "WR-11" : collected ? "WR-8" : "FIN-5");
    rh_why_say(why, "an action looked at a weak reference%s",
               why->engine != &rh_engine_model ? " that nothing had cleared" : "");
    break;
  default:
    rh_why_say(why, "an action recorded it");
  }
}

/* Did the collector finalize it, before it cleared anything? */
static bool is_collected(size_t note) {
  return strcmp(rh_evidence(note).rule, "FIN-7") == 0 || strcmp(rh_evidence(note).rule, "FIN-8") == 0;
}

/* The note on the same name that came before and led to `note`: says its text and "; ". False: there is none. */
static bool say_cause(struct rh_why *why, const char *groups, size_t first, size_t note) {
  const char *name = rh_evidence(note).name;
  size_t cause = rh_why_find_named(name, strlen(name), groups, first, note);
  if (cause != SIZE_MAX) rh_why_say(why, "%s; ", rh_evidence(cause).text);
  return cause != SIZE_MAX;
}

/* Where the collector found it, and what became of that. */
static void say_collected(struct rh_why *why, size_t i, size_t note, bool alone) {
  (void)say_cause(why, "FIN-8", 0, note);
  say_note(why, note);
  bool young = (unsigned)rh_why_collected_generation(why, why->history.events[i].position) < 2;
  if (alone) rh_why_rule(why, young ? "GC-4" : "GC-2");
}

/* A callback; of a weak reference that a finalizer of the collection made, that too. */
static void say_callback(struct rh_why *why, size_t i, size_t note) {
  bool made = say_cause(why, "WR-9", why->history.evidence[why->history.events[i].position], note);
  say_note(why, note);
  if (made) rh_why_rule(why, "WR-9");
}

/* A finalize object: which callback calls it, and that once. */
static void say_finalize(struct rh_why *why, size_t i, size_t note) {
  (void)say_cause(why, "WR-2 WR-3 WR-12", why->history.evidence[why->history.events[i].position], note);
  say_note(why, note);
}

void rh_why_say_event(struct rh_why *why, size_t i, bool alone) {
  struct rh_why_item subject;
  enum sort sort = sort_of(why, i, &subject);
  size_t note = note_of(why, i);
  if (note == SIZE_MAX) {
    say_generally(why, i);
  } else if (sort == TPDEL || (sort == DEL && !is_collected(note))) {
    say_death(why, i, note, alone);
  } else if (sort == DEL) {
    say_collected(why, i, note, alone);
  } else if (sort == FINALIZE) {
    say_finalize(why, i, note);
  } else if (sort == CB) {
    say_callback(why, i, note);
  } else if (sort == PROBE) {
    say_probe(why, i, note);
  } else {
    say_note(why, note);
  }
}

/* --- two events --- */

/* Two deaths by count. */
static void join_deaths(struct rh_why *why, size_t first, size_t second, bool in_collection) {
  size_t first_end = let_go_before(first), second_end = let_go_before(second);
  size_t first_in = container_before(first_end), second_in = container_before(second_end);
  if (first_end == SIZE_MAX || second_end == SIZE_MAX) return;
  bool held = second_in != SIZE_MAX && rh_evidence(second_in).subject == rh_evidence(first).subject;
  bool together =
      first_in != SIZE_MAX && second_in != SIZE_MAX && rh_evidence(first_in).subject == rh_evidence(second_in).subject;
  bool first_inside = strcmp(rh_evidence(first_end).rule, "RC-11") == 0;
  bool second_inside = strcmp(rh_evidence(second_end).rule, "RC-11") == 0;
  if (held) {
    rh_why_say(why, "; a finalizer runs before what its object holds is released");
    rh_why_rule(why, rh_evidence(first).rule);
  } else if (first_inside != second_inside) {
    rh_why_rule(why, first_inside ? "RC-11" : "RC-2");
  } else if (together) {
    rh_why_say(why, "; ");
    say_note(why, second_in);
  } else if (first_in != SIZE_MAX && strcmp(rh_evidence(second_end).rule, "TRC-1") != 0) {
    if (second_in != SIZE_MAX)
      rh_why_say(why, "; %s, and each goes with all that only it held", rh_evidence(second_in).text);
    rh_why_rule(why, in_collection ? "GC-11" : "RC-10");
  }
}

/* Two finalizers, at least one run by a collection. */
static void join_finalizers(struct rh_why *why, size_t first, size_t second) {
  bool first_listed = is_collected(first), second_listed = is_collected(second);
  if (first_listed && second_listed) {
    rh_why_say(why, "; finalizers run in the order of that list");
    rh_why_rule(why, rh_evidence(second).rule);
  } else if (first_listed) {
    rh_why_rule(why, "FIN-7");
    rh_why_say(why, "; the collection clears nothing before the finalizers have run");
  }
}

static bool is_finalizer(enum sort sort) {
  return sort == DEL || sort == TPDEL;
}

/* A callback after something else at a death by count: did that belong to the finalizer of the same object, or to
 * another callback? */
static void join_callback(struct rh_why *why, size_t i, enum sort first, size_t j, const struct rh_why_item *name) {
  const struct rh_event *event = &why->history.events[j];
  size_t begin = why->history.evidence[event->position];
  size_t still = rh_why_find_named(name->bytes, name->n, "FIN-5", begin, why->history.events[i].notes);
  size_t entry = rh_why_find_named(NULL, 0, "WR-13", begin, event->notes);
  if (still != SIZE_MAX) {
    rh_why_rule(why, "FIN-5");
  } else if (first == PROBE) {
    rh_why_rule(why, "WR-3");
  } else if (entry != SIZE_MAX) {
    rh_why_rule(why, "WR-13");
  }
}

/* A finalizer after a callback. */
static void join_finalizer(struct rh_why *why, size_t note, enum sort sort, bool in_collection) {
  const char *rule = why->explanation->rule->id;
  if (note == SIZE_MAX ? in_collection : is_collected(note)) {
    rh_why_rule(why, "WR-6");
  } else if (sort == TPDEL) {
    rh_why_rule(why, "LEG-1");
  } else if (strncmp(rule, "RC-", 3) == 0 || strcmp(rule, "FIN-1") == 0) {
    rh_why_rule(why, "RC-10");
  }
}

/* Did the object go because another took its place? */
static bool is_replaced(const struct rh_why *why, size_t i, size_t note) {
  if (note == SIZE_MAX) return false;
  const char *name = rh_evidence(note).name;
  size_t first = why->history.evidence[why->history.events[i].position];
  return rh_why_find_named(name, strlen(name), "RC-4", first, note) != SIZE_MAX;
}

/* A death by count after what an action looked at: if others died inside the action, it had waited. */
static void join_after_action(struct rh_why *why, size_t j, size_t note) {
  size_t end = note != SIZE_MAX && !is_collected(note) ? let_go_before(note) : SIZE_MAX;
  if (end == SIZE_MAX || strcmp(rh_evidence(end).rule, "RC-11") == 0) return;
  size_t first = why->history.evidence[why->history.events[j].position];
  if (rh_why_find_named(NULL, 0, "RC-11", first, end) != SIZE_MAX) rh_why_rule(why, "RC-11");
}

void rh_why_join_events(struct rh_why *why, size_t i, size_t j) {
  struct rh_why_item subject;
  enum sort first = sort_of(why, i, &subject), second = sort_of(why, j, &subject);
  size_t note = note_of(why, i), next = note_of(why, j);
  bool in_collection = why->history.events[j].in_collection;
  if (is_finalizer(first) && is_finalizer(second)) {
    if (note == SIZE_MAX || next == SIZE_MAX) {
      if (in_collection) rh_why_rule(why, "FIN-8");
    } else if (is_collected(note) || is_collected(next)) {
      join_finalizers(why, note, next);
    } else {
      join_deaths(why, note, next, in_collection);
    }
  } else if (first == UNRAISABLE) {
    rh_why_rule(why, rh_evidence(note).rule);
  } else if (first == FINALIZE || (first == CB && second == FINALIZE)) {
    rh_why_rule(why, "WR-14");
  } else if (first == CB && second == CB && next == SIZE_MAX) {
    rh_why_rule(why, in_collection ? "WR-6" : "WR-2");
  } else if (second == CB && (first == DEL || first == PROBE)) {
    if (next == SIZE_MAX) {
      rh_why_rule(why, in_collection ? "WR-6" : "FIN-5");
    } else if (!in_collection) {
      join_callback(why, i, first, j, &subject);
    }
  } else if (first == CB && is_finalizer(second)) {
    join_finalizer(why, next, second, in_collection);
  } else if ((first == PROBE || first == RECORDED) && is_finalizer(second)) {
    join_after_action(why, j, next);
  } else if (first == DEL && second == RECORDED && is_replaced(why, i, note)) {
    rh_why_rule(why, "RC-4");
  } else if (is_finalizer(first) && (second == RECORDED || second == PROBE) && next == SIZE_MAX) {
    rh_why_rule(why, first == TPDEL ? "LEG-1" : "FIN-1");
  }
}
