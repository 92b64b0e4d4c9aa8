/*
 * Why the event log is what it is. What was observed is compared with what was
 * predicted: an event too many, an event missing, or the same events in another
 * order; each has its own rule and argument.
 */
#include "oracle/explain_event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct items {
  struct rh_why *why;
  struct rh_why_item *all;
  size_t n, room;
};

static void add_item(void *context, const char *bytes, size_t n) {
  struct items *items = context;
  if (items->n == items->room) {
    size_t room = items->room * 2 + 64;
    struct rh_why_item *all = rh_why_granted(items->why, realloc(items->all, room * sizeof *all));
    if (all == NULL) return;
    items->all = all;
    items->room = room;
  }
  items->all[items->n++] = (struct rh_why_item){bytes, n};
}

static bool read_items(struct rh_why *why, const char *text, size_t n, struct items *items) {
  *items = (struct items){.why = why};
  return rh_list_items(text, n, add_item, items);
}

static int compare_items(const void *left, const void *right) {
  const struct rh_why_item *a = left, *b = right;
  int order = memcmp(a->bytes, b->bytes, a->n < b->n ? a->n : b->n);
  return order != 0 ? order : (a->n > b->n) - (a->n < b->n);
}

enum { ITEM_MAX = 40 };

/* As a string; false when it is too long. */
static bool copy_item(const struct rh_why_item *item, char text[ITEM_MAX]) {
  if (item->n >= ITEM_MAX) return false;
  memcpy(text, item->bytes, item->n);
  text[item->n] = '\0';
  return true;
}

static bool same_item(const struct rh_why_item *a, const struct rh_why_item *b) {
  return compare_items(a, b) == 0;
}

/* How much an event tells about a fault: finalizers most, actions least. */
static int weight_of(const struct rh_why_item *item) {
  static const char *const prefixes[] = {"gc:", "cb:", "del:"};
  struct rh_why_item rest;
  for (int i = 2; i >= 0; i--)
    if (rh_why_has_prefix(item, prefixes[i], &rest)) return i + 1;
  return 0;
}

/* An item that `more` has more often than `less`: the first by name of the most
 * telling ones. Sorts copies: both lists may be long. */
static bool find_surplus(const struct items *more, const struct items *less, struct rh_why_item *found) {
  struct rh_why_item *a = rh_why_granted(more->why, malloc((more->n + 1) * sizeof *a));
  struct rh_why_item *b = rh_why_granted(more->why, malloc((less->n + 1) * sizeof *b));
  int best = -1;
  if (a != NULL && b != NULL) {
    if (more->n > 0) memcpy(a, more->all, more->n * sizeof *a);
    if (less->n > 0) memcpy(b, less->all, less->n * sizeof *b);
    qsort(a, more->n, sizeof *a, compare_items);
    qsort(b, less->n, sizeof *b, compare_items);
    for (size_t i = 0, j = 0; i < more->n;) {
      int order = j < less->n ? compare_items(&a[i], &b[j]) : -1;
      if (order < 0 && weight_of(&a[i]) > best) {
        *found = a[i];
        best = weight_of(found);
      }
      i += order <= 0;
      j += order >= 0;
    }
  }
  free(a);
  free(b);
  return best >= 0;
}

/* The last event with this text before `end`, or SIZE_MAX. */
static size_t find_event(const struct rh_why *why, const struct rh_why_item *item, size_t begin, size_t end) {
  for (size_t i = end; i-- > begin;) {
    struct rh_why_item text = rh_why_event_text(why, i);
    if (same_item(&text, item)) return i;
  }
  return SIZE_MAX;
}

/* The operation behind the last `events`. */
static size_t since_operation(const struct rh_why *why) {
  size_t position = why->position;
  while (position > 0 && why->trace->ops[why->trace->top[position - 1]].code != RH_OP_EVENTS) position--;
  return position;
}

/* --- an event too many --- */

static void extra_finalizer(struct rh_why *why, const struct rh_why_item *item, const struct rh_why_item *name) {
  size_t before = find_event(why, item, 0, why->history.n);
  uint32_t vertex = rh_graph_labelled(&why->graph, name->bytes, name->n, false);
  char text[ITEM_MAX];
  size_t left = rh_why_find_named(name->bytes, name->n, "LEG-2 LEG-4 FIN-9", 0, rh_evidence_notes());
  if (before != SIZE_MAX && !(name->n == 4 && memcmp(name->bytes, "nogc", 4) == 0)) {
    rh_why_rule(why, "FIN-2");
    rh_why_say(why, "%.*s's finalizer already ran during ", (int)name->n, name->bytes);
    rh_why_say_operation(why, why->history.events[before].position);
    rh_why_say(why, " and may not run again");
  } else if (vertex != RH_NO_VERTEX) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "%.*s is held by ", (int)name->n, name->bytes);
    rh_why_say_path(why, vertex);
    rh_why_say(why, ", so it may not be freed here");
  } else if (left != SIZE_MAX) {
    rh_why_cite(why, left);
  } else if (!copy_item(name, text) || !rh_why_waiting(why, text)) {
    rh_why_rule(why, "GC-2");
    rh_why_say(why,
               "%.*s is not reached from any root but is still referred to by other garbage, and no collection "
               "has found it since",
               (int)name->n, name->bytes);
  }
}

static void extra_callback(struct rh_why *why, const struct rh_why_item *item, const struct rh_why_item *name) {
  uint32_t vertex = rh_graph_labelled(&why->graph, name->bytes, name->n, true);
  uint32_t weakref = vertex != RH_NO_VERTEX ? why->graph.vertices[vertex].object : 0;
  uint32_t alive = weakref != 0 ? why->engine->referent(weakref) : 0;
  uint32_t referent = rh_graph_vertex(&why->graph, alive);
  size_t left = alive != 0 ? rh_why_find_note(why, alive, "LEG-2 LEG-4 FIN-9") : SIZE_MAX;
  size_t before = find_event(why, item, 0, why->history.n);
  size_t silenced = rh_why_find_named(name->bytes, name->n, "WR-4 WR-7 WR-8 WR-9 LEG-1 LEG-2", 0, rh_evidence_notes());
  if (before != SIZE_MAX) {
    rh_why_rule(why, "WR-3");
    rh_why_say(why, "%.*s was cleared and called back during ", (int)name->n, name->bytes);
    rh_why_say_operation(why, why->history.events[before].position);
    rh_why_say(why, " and has nothing left to call back for");
  } else if (referent != RH_NO_VERTEX) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "the object %.*s refers to is held by ", (int)name->n, name->bytes);
    rh_why_say_path(why, referent);
    rh_why_say(why, ", so it has not died");
  } else if (silenced != SIZE_MAX) {
    rh_why_cite(why, silenced);
  } else if (left != SIZE_MAX) {
    rh_why_cite(why, left);
  } else if (alive != 0) {
    rh_why_rule(why, "GC-2");
    rh_why_say(why, "the object %.*s refers to is held by other garbage, and no collection has found it", (int)name->n,
               name->bytes);
  } else {
    rh_why_rule(why, vertex == RH_NO_VERTEX ? "WR-4" : "WR-7");
    rh_why_say(why, "%.*s was gone, or garbage itself, when its object died", (int)name->n, name->bytes);
  }
}

/* The event that was logged where another answer was observed, `probe:V=dead` for `probe:V=live` or `gc:stop:` with
 * other numbers; SIZE_MAX: none. */
static size_t find_answer(const struct rh_why *why, const struct rh_why_item *item) {
  struct rh_why_item rest;
  const char *end = memchr(item->bytes, '=', item->n);
  if (rh_why_has_prefix(item, "gc:", &rest)) end = memchr(rest.bytes, ':', rest.n);
  size_t n = end != NULL ? (size_t)(end - item->bytes) + 1 : 0;
  for (size_t i = why->history.since; n > 0 && i < why->history.n; i++) {
    struct rh_why_item text = rh_why_event_text(why, i);
    if (text.n > n && memcmp(text.bytes, item->bytes, n) == 0) return i;
  }
  return SIZE_MAX;
}

static void say_logged(struct rh_why *why, size_t i, bool operation, bool alone);

/* Another answer than the one that had to be logged. */
static void explain_answer(struct rh_why *why, size_t i) {
  bool follows = i > why->history.since && why->history.events[i - 1].position == why->history.events[i].position;
  say_logged(why, i, true, true);
  if (follows) rh_why_join_events(why, i - 1, i);
}

/* An event of a callback or action that nothing similar was logged for; the collector's callbacks log only what ran. */
static void extra_note(struct rh_why *why, const struct rh_why_item *item) {
  struct rh_why_item rest;
  bool collector = rh_why_has_prefix(item, "gc:", &rest);
  if (collector && rh_why_no_collection(why, since_operation(why))) return;
  rh_why_rule(why, collector ? "GEN-12" : "LANG-1");
  rh_why_say(why, "nothing logged %.*s more often than predicted", (int)item->n, item->bytes);
}

static void explain_extra(struct rh_why *why, const struct rh_why_item *item) {
  struct rh_why_item rest;
  size_t answer = find_answer(why, item);
  if (answer != SIZE_MAX) {
    explain_answer(why, answer);
  } else if (rh_why_has_prefix(item, "del:", &rest)) {
    extra_finalizer(why, item, &rest);
  } else if (rh_why_has_prefix(item, "cb:", &rest)) {
    extra_callback(why, item, &rest);
  } else {
    extra_note(why, item);
  }
}

/* --- events that are predicted --- */

/* "in `drop A` at line 3, del:A: ..." with the reason of one event and its rule. */
static void say_logged(struct rh_why *why, size_t i, bool operation, bool alone) {
  struct rh_why_item text = rh_why_event_text(why, i);
  if (operation) {
    rh_why_say(why, "in ");
    rh_why_say_operation(why, why->history.events[i].position);
    rh_why_say(why, ", ");
  }
  rh_why_say(why, "%.*s: ", (int)(text.n < 100 ? text.n : 100), text.bytes);
  rh_why_say_event(why, i, alone);
}

/* Behind what is said of a finalizer that a collection ran: who referred to the object. Forgets the history. */
static void say_unreachable(struct rh_why *why, size_t i) {
  const struct rh_event event = why->history.events[i];
  struct rh_why_item text = rh_why_event_text(why, i), name;
  char copy[ITEM_MAX];
  if (event.in_collection && rh_why_has_prefix(&text, "del:", &name) && copy_item(&name, copy))
    (void)rh_why_unreachable(why, copy, event.position);
}

static void explain_missing(struct rh_why *why, const struct rh_why_item *item) {
  size_t at = find_event(why, item, why->history.since, why->history.n);
  struct rh_why_item rest;
  if (at == SIZE_MAX) return;
  say_logged(why, at, true, true);
  const char *rule = why->explanation->rule->id;
  if (rh_why_has_prefix(item, "cb:", &rest)) {
    if (strcmp(rule, "WR-2") == 0 || strcmp(rule, "WR-12") == 0) rh_why_rule(why, "WR-3");
  } else if (rh_why_has_prefix(item, "del:", &rest) && strncmp(rule, "RC-", 3) == 0) {
    rh_why_rule(why, "FIN-1");
    rh_why_death(why, at);
  } else {
    say_unreachable(why, at);
  }
}

/* Two events that were logged in this order, the second perhaps much later. */
static void say_order(struct rh_why *why, size_t first, size_t second) {
  bool together = why->history.events[first].position == why->history.events[second].position;
  say_logged(why, first, true, false);
  rh_why_say(why, "; then ");
  if (together) {
    say_logged(why, second, false, false);
    rh_why_join_events(why, first, second);
  } else {
    const struct rh_rule *rule = why->explanation->rule;
    say_logged(why, second, true, false);
    why->explanation->rule = rule;
  }
}

/* The kind of container that held a finalizable object just before an operation. */
struct holder {
  const struct rh_why *why;
  int kind;
};

static void note_holder(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index) {
  struct holder *holder = context;
  (void)how;
  (void)index;
  if (parent != RH_NO_VERTEX) holder->kind = holder->why->engine->kind(holder->why->graph.vertices[parent].object);
}

static int container_before(struct rh_why *why, size_t position, const struct rh_why_item *name) {
  struct holder holder = {.why = why, .kind = RH_KIND_NONE};
  rh_why_rewind(why, position);
  uint32_t vertex = rh_graph_labelled(&why->graph, name->bytes, name->n, false);
  if (vertex == RH_NO_VERTEX) return RH_KIND_NONE;
  rh_graph_picture(&why->graph, vertex, &why->explanation->picture);
  rh_graph_holders(&why->graph, why->graph.vertices[vertex].object, note_holder, &holder);
  return holder.kind;
}

static const char *release_rule(int container) {
  switch (container) {
  case RH_KIND_LIST:
  case RH_KIND_LISTFIN:
    return "RC-5";
  case RH_KIND_TUPLE:
    return "RC-6";
  case RH_KIND_DICT:
    return "RC-7";
  case RH_KIND_DEQUE:
    return "RC-8";
  case RH_KIND_NODE:
  case RH_KIND_FIN:
    return "RC-9";
  default: /* of a set's members no order is expected */
    return "RC-2";
  }
}

/* Shows what held one of two objects that died together, the last thing said: rewinding forgets the history. The
 * rule follows from that where no evidence says it. */
static void show_container(struct rh_why *why, size_t position, const struct rh_why_item *first,
                           const struct rh_why_item *second) {
  bool evidence = why->engine != &rh_engine_model;
  int container = container_before(why, position, second);
  if (container == RH_KIND_NONE) container = container_before(why, position, first);
  if (evidence) return;
  rh_why_rule(why, release_rule(container));
  if (container != RH_KIND_NONE) rh_why_say(why, ", by the order in which a %s releases", rh_kind_name(container));
}

/* What was expected where something else was observed; both were logged. */
static void explain_order(struct rh_why *why, const struct rh_why_item *expected, const struct rh_why_item *observed) {
  size_t at = find_event(why, expected, why->history.since, why->history.n);
  size_t other = find_event(why, observed, why->history.since, why->history.n);
  struct rh_why_item first, second;
  if (at == SIZE_MAX || other == SIZE_MAX) return;
  struct rh_event event = why->history.events[at];
  bool together = event.position == why->history.events[other].position && !event.in_collection;
  char earlier[ITEM_MAX], later[ITEM_MAX];
  if (event.in_collection && event.position == why->history.events[other].position &&
      rh_why_has_prefix(expected, "del:", &first) && rh_why_has_prefix(observed, "del:", &second) &&
      copy_item(&first, earlier) && copy_item(&second, later) &&
      rh_why_collection_pair(why, earlier, later, event.position))
    return;
  if (rh_why_deaths(why, at, other)) return;
  say_order(why, at < other ? at : other, at < other ? other : at);
  bool deaths = rh_why_has_prefix(expected, "del:", &first) && rh_why_has_prefix(observed, "del:", &second);
  if (deaths && together) show_container(why, event.position, &first, &second);
}

/* --- the whole log --- */

/* The notes that were made since the events were last taken begin here. */
static size_t notes_since(const struct rh_why *why) {
  return why->history.evidence[since_operation(why)];
}

/* What could have been logged: the object with a finalizer that was named last and is reachable. */
static bool say_survivor(struct rh_why *why) {
  for (uint32_t i = why->graph.n; i-- > 0;) {
    int kind = why->engine->kind(why->graph.vertices[i].object);
    if (kind != RH_KIND_FIN && kind != RH_KIND_LISTFIN && kind != RH_KIND_LEGACY) continue;
    uint32_t label = why->engine->label(why->graph.vertices[i].object);
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "nothing that is logged has happened; %s is held by ", rh_run_label_text(why->run, label));
    rh_why_say_path(why, i);
    return true;
  }
  return false;
}

/* What was logged last was taken. */
static bool say_taken(struct rh_why *why) {
  struct rh_why_item text, rest;
  if (why->history.since == 0) return false;
  text = rh_why_event_text(why, why->history.since - 1);
  rh_why_rule(why, rh_why_has_prefix(&text, "cb:", &rest) ? "WR-3" : "FIN-2");
  rh_why_say(why, "the last event, %.*s, was logged in ", (int)text.n, text.bytes);
  rh_why_say_operation(why, why->history.events[why->history.since - 1].position);
  rh_why_say(why, " and taken; it does not come again, and nothing else has died since");
  return true;
}

/* Behind a note that a finalizer has run: when. */
static void say_finalized(struct rh_why *why, size_t note) {
  if (strcmp(rh_evidence(note).rule, "FIN-2") != 0) return;
  const char *name = rh_evidence(note).name;
  for (size_t i = why->history.n; i-- > 0;) {
    struct rh_why_item text = rh_why_event_text(why, i), rest;
    if (!rh_why_has_prefix(&text, "del:", &rest) || rest.n != strlen(name) || memcmp(rest.bytes, name, rest.n) != 0)
      continue;
    rh_why_say(why, "; it ran in ");
    rh_why_say_operation(why, why->history.events[i].position);
    return;
  }
}

static void explain_empty(struct rh_why *why) {
  size_t note = rh_why_find_named(NULL, 0, "WR-4 WR-7 WR-9 FIN-2 LEG-2", notes_since(why), rh_evidence_notes());
  if (note != SIZE_MAX) {
    rh_why_cite(why, note);
    say_finalized(why, note);
  } else if (!rh_why_no_collection(why, since_operation(why)) && !say_survivor(why) && !say_taken(why)) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "nothing with a finalizer or callback has died");
  }
}

/* A weak reference that was cleared without a call, when that is all there is behind the events. */
static void say_silent(struct rh_why *why) {
  size_t note = rh_why_find_named(NULL, 0, "WR-7 WR-9", notes_since(why), rh_evidence_notes());
  struct rh_evidence found = note != SIZE_MAX ? rh_evidence(note) : (struct rh_evidence){0};
  if (note == SIZE_MAX || strstr(why->explanation->argument.bytes, found.text) != NULL) return;
  rh_why_say(why, "; ");
  rh_why_cite(why, note);
}

/* Nothing observed to compare with: the first events and the last one, and why the last one comes where it does. */
static void explain_log(struct rh_why *why) {
  enum { SHOWN_MAX = 4 };
  const struct rh_history *history = &why->history;
  bool alone = history->n - history->since == 1;
  if (history->n - history->since > 1 && rh_why_collection_order(why, history->since, history->n)) return;
  if (history->n - history->since > 1 && rh_why_deaths(why, history->since, history->n - 1)) return;
  for (size_t i = history->since, shown = 0; i < history->n; i++) {
    bool last = i + 1 == history->n;
    if (++shown >= SHOWN_MAX && !last) continue;
    bool same = i > history->since && history->events[i - 1].position == history->events[i].position;
    if (i > history->since) rh_why_say(why, shown > SHOWN_MAX ? "; ...; " : "; ");
    say_logged(why, i, !same, alone);
    if (last && same) rh_why_join_events(why, i - 1, i);
  }
  if (history->since == history->n) {
    explain_empty(why);
  } else if (alone) {
    rh_why_death(why, history->since);
    say_unreachable(why, history->since);
  } else {
    say_silent(why);
  }
}

static void explain_difference(struct rh_why *why, const struct items *predicted, const struct items *observed) {
  struct rh_why_item found;
  if (find_surplus(observed, predicted, &found)) {
    explain_extra(why, &found);
    return;
  }
  if (find_surplus(predicted, observed, &found)) {
    explain_missing(why, &found);
    return;
  }
  for (size_t i = 0; i < predicted->n; i++) { /* the same events, so many of each */
    if (!same_item(&predicted->all[i], &observed->all[i])) {
      explain_order(why, &predicted->all[i], &observed->all[i]);
      return;
    }
  }
}

void rh_why_events(struct rh_why *why) {
  struct items predicted = {0}, observed = {0};
  bool lists = why->observed != NULL && read_items(why, why->predicted->text, why->predicted->size, &predicted) &&
               read_items(why, why->observed, why->nobserved, &observed);
  if (lists) explain_difference(why, &predicted, &observed);
  if (why->explanation->argument.size == 0) explain_log(why);
  free(predicted.all);
  free(observed.all);
}
