/*
 * Why the event log is what it is. What was observed is compared with what was
 * predicted: an event too many, an event missing, or the same events in another
 * order; each has its own rule and argument.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct item {
  const char *bytes;
  size_t n;
};

struct items {
  struct item *all;
  size_t n, room;
  bool enough;
};

static void add_item(void *context, const char *bytes, size_t n) {
  struct items *items = context;
  if (items->n == items->room) {
    size_t room = items->room * 2 + 64;
    struct item *all = realloc(items->all, room * sizeof *all);
    items->enough = items->enough && all != NULL;
    if (all == NULL) return;
    items->all = all;
    items->room = room;
  }
  items->all[items->n++] = (struct item){bytes, n};
}

static bool read_items(const char *text, size_t n, struct items *items) {
  *items = (struct items){.enough = true};
  return rh_list_items(text, n, add_item, items) && items->enough;
}

static int compare_items(const void *left, const void *right) {
  const struct item *a = left, *b = right;
  int order = memcmp(a->bytes, b->bytes, a->n < b->n ? a->n : b->n);
  return order != 0 ? order : (a->n > b->n) - (a->n < b->n);
}

static bool same_item(const struct item *a, const struct item *b) {
  return compare_items(a, b) == 0;
}

/* `del:A` has the prefix `del:` and the rest `A`. */
static bool has_prefix(const struct item *item, const char *prefix, struct item *rest) {
  size_t n = strlen(prefix);
  if (item->n <= n || memcmp(item->bytes, prefix, n) != 0) return false;
  *rest = (struct item){item->bytes + n, item->n - n};
  return true;
}

/* How much an event tells about a fault: finalizers most, actions least. */
static int weight_of(const struct item *item) {
  static const char *const prefixes[] = {"gc:", "cb:", "del:"};
  struct item rest;
  for (int i = 2; i >= 0; i--)
    if (has_prefix(item, prefixes[i], &rest)) return i + 1;
  return 0;
}

/* An item that `more` has more often than `less`: the first by name of the most
 * telling ones. Sorts copies: both lists may be long. */
static bool find_surplus(const struct items *more, const struct items *less, struct item *found) {
  struct item *a = malloc((more->n + 1) * sizeof *a), *b = malloc((less->n + 1) * sizeof *b);
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

static const char *event_text(const struct rh_why *why, size_t i) {
  return why->history.text.bytes + why->history.events[i].text;
}

/* The last event with this text before `end`, or SIZE_MAX. */
static size_t find_event(const struct rh_why *why, const struct item *item, size_t begin, size_t end) {
  for (size_t i = end; i-- > begin;) {
    const char *text = event_text(why, i);
    if (strlen(text) == item->n && memcmp(text, item->bytes, item->n) == 0) return i;
  }
  return SIZE_MAX;
}

/* --- an event too many --- */

static void extra_finalizer(struct rh_why *why, const struct item *item, const struct item *name) {
  size_t before = find_event(why, item, 0, why->history.n);
  uint32_t vertex = rh_graph_labelled(&why->graph, name->bytes, name->n, false);
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
  } else {
    rh_why_rule(why, "GC-2");
    rh_why_say(why,
               "%.*s is not reached from any root but is still referred to by other garbage, and no collection "
               "has found it since",
               (int)name->n, name->bytes);
  }
}

static void extra_callback(struct rh_why *why, const struct item *item, const struct item *name) {
  uint32_t vertex = rh_graph_labelled(&why->graph, name->bytes, name->n, true);
  uint32_t weakref = vertex != RH_NO_VERTEX ? why->graph.vertices[vertex].object : 0;
  uint32_t referent = weakref != 0 ? rh_graph_vertex(&why->graph, why->engine->referent(weakref)) : RH_NO_VERTEX;
  size_t before = find_event(why, item, 0, why->history.n);
  if (before != SIZE_MAX) {
    rh_why_rule(why, "WR-3");
    rh_why_say(why, "%.*s was cleared and called back during ", (int)name->n, name->bytes);
    rh_why_say_operation(why, why->history.events[before].position);
    rh_why_say(why, " and has nothing left to call back for");
  } else if (referent != RH_NO_VERTEX && why->engine->referent(weakref) != 0) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "the object %.*s refers to is held by ", (int)name->n, name->bytes);
    rh_why_say_path(why, referent);
    rh_why_say(why, ", so it has not died");
  } else {
    rh_why_rule(why, vertex == RH_NO_VERTEX ? "WR-4" : "WR-7");
    rh_why_say(why, "%.*s was gone, or garbage itself, when its object died", (int)name->n, name->bytes);
  }
}

static void explain_extra(struct rh_why *why, const struct item *item) {
  struct item rest;
  if (has_prefix(item, "del:", &rest)) {
    extra_finalizer(why, item, &rest);
  } else if (has_prefix(item, "cb:", &rest)) {
    extra_callback(why, item, &rest);
  } else {
    rh_why_rule(why, has_prefix(item, "gc:", &rest) ? "GEN-12" : "LANG-1");
    rh_why_say(why, "nothing logged %.*s more often than predicted", (int)item->n, item->bytes);
  }
}

/* --- an event that is predicted --- */

/* The rule and sentence for one event that had to be logged. */
static void explain_event(struct rh_why *why, size_t i) {
  const struct rh_event *event = &why->history.events[i];
  const char *text = event_text(why, i);
  struct item item = {text, strlen(text)}, rest;
  bool collected = event->in_collection;
  rh_why_say(why, "%.100s was logged during ", text);
  rh_why_say_operation(why, event->position);
  if (has_prefix(&item, "del:", &rest)) {
    rh_why_rule(why, collected ? "GC-2" : "RC-2");
    rh_why_say(why,
               collected ? ", whose collection found %.*s unreachable from every root"
                         : ", which dropped the last reference to %.*s",
               (int)rest.n, rest.bytes);
  } else if (has_prefix(&item, "cb:", &rest)) {
    rh_why_rule(why, collected ? "WR-6" : "WR-3");
    rh_why_say(why, ", when the object %.*s refers to died while %.*s itself was alive", (int)rest.n, rest.bytes,
               (int)rest.n, rest.bytes);
  } else if (has_prefix(&item, "unraisable:", &rest)) {
    rh_why_rule(why, "FIN-6");
    rh_why_say(why, ", when %.*s left a finalizer or callback", (int)rest.n, rest.bytes);
  } else if (has_prefix(&item, "gc:", &rest)) {
    rh_why_rule(why, "GEN-12");
    rh_why_say(why, ", by a collector callback");
  } else if (has_prefix(&item, "probe:", &rest)) {
    rh_why_rule(why, collected ? "WR-8" : "FIN-5");
    rh_why_say(why, ", by an action that looked at a weak reference");
  } else {
    rh_why_say(why, ", by an action");
  }
}

static void explain_missing(struct rh_why *why, const struct item *item) {
  size_t at = find_event(why, item, why->history.since, why->history.n);
  struct item rest;
  if (at == SIZE_MAX) return;
  explain_event(why, at);
  if (has_prefix(item, "del:", &rest) && !why->history.events[at].in_collection) rh_why_rule(why, "FIN-1");
  rh_why_death(why, at);
}

/* --- another order --- */

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

static int container_before(struct rh_why *why, size_t position, const struct item *name) {
  struct holder holder = {.why = why, .kind = RH_KIND_NONE};
  if (!rh_why_rewind(why, position)) return RH_KIND_NONE;
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
  case RH_KIND_SET:
    return "RC-16";
  case RH_KIND_NODE:
  case RH_KIND_FIN:
    return "RC-9";
  default:
    return "RC-2";
  }
}

/* Two finalizers that ran in the other order. */
static void explain_finalizer_order(struct rh_why *why, const struct rh_event *event, const struct item *first,
                                    const struct item *second) {
  struct rh_event at = *event; /* rewinding forgets the history */
  rh_why_say(why, "%.*s's finalizer runs before %.*s's during ", (int)first->n, first->bytes, (int)second->n,
             second->bytes);
  rh_why_say_operation(why, at.position);
  if (at.in_collection) {
    rh_why_rule(why, "FIN-8");
    rh_why_say(why, ", because the collector's list has %.*s first", (int)first->n, first->bytes);
    return;
  }
  int container = container_before(why, at.position, second);
  if (container == RH_KIND_NONE) container = container_before(why, at.position, first);
  rh_why_rule(why, release_rule(container));
  if (container != RH_KIND_NONE) rh_why_say(why, ", by the order in which a %s releases", rh_kind_name(container));
}

/* What was expected where something else was observed; both were logged. */
static void explain_order(struct rh_why *why, const struct item *expected, const struct item *observed) {
  size_t at = find_event(why, expected, why->history.since, why->history.n);
  size_t other = find_event(why, observed, why->history.since, why->history.n);
  struct item a, b;
  if (at == SIZE_MAX || other == SIZE_MAX || rh_why_deaths(why, at, other)) return;
  const struct rh_event *event = &why->history.events[at];
  bool together = event->position == why->history.events[other].position;
  if (!together) {
    explain_event(why, at);
    rh_why_say(why, ", before %.*s", (int)observed->n, observed->bytes);
  } else if (has_prefix(expected, "cb:", &a) && has_prefix(observed, "cb:", &b)) {
    rh_why_rule(why, event->in_collection ? "WR-6" : "WR-2");
    rh_why_say(why, "%.*s is newer than %.*s, or refers to an earlier object, so it is called back first during ",
               (int)a.n, a.bytes, (int)b.n, b.bytes);
    rh_why_say_operation(why, event->position);
  } else if (has_prefix(expected, "del:", &a) && has_prefix(observed, "del:", &b)) {
    explain_finalizer_order(why, event, &a, &b);
  } else {
    bool callback_first = has_prefix(expected, "cb:", &a);
    rh_why_rule(why, event->in_collection ? "WR-6" : callback_first ? "RC-10" : "FIN-5");
    rh_why_say(why, "%.*s is logged before %.*s during ", (int)expected->n, expected->bytes, (int)observed->n,
               observed->bytes);
    rh_why_say_operation(why, event->position);
  }
}

/* --- the whole log --- */

/* Nothing observed to compare with: the first and the last event. */
static void explain_log(struct rh_why *why) {
  size_t first = why->history.since, last = why->history.n;
  if (first == last) {
    rh_why_rule(why, "RC-3");
    rh_why_say(why, "nothing with a finalizer or callback died since the log was last taken");
    return;
  }
  if (last - first > 1 && rh_why_deaths(why, first, last - 1)) return;
  if (last - first > 1) {
    explain_event(why, first);
    rh_why_say(why, last - first > 2 ? "; ...; " : "; ");
  }
  explain_event(why, last - 1);
  if (last - first == 1) rh_why_death(why, first);
}

static void explain_difference(struct rh_why *why, const struct items *predicted, const struct items *observed) {
  struct item found;
  if (find_surplus(observed, predicted, &found)) {
    explain_extra(why, &found);
    return;
  }
  if (find_surplus(predicted, observed, &found)) {
    explain_missing(why, &found);
    return;
  }
  for (size_t i = 0; i < predicted->n && i < observed->n; i++) {
    if (!same_item(&predicted->all[i], &observed->all[i])) {
      explain_order(why, &predicted->all[i], &observed->all[i]);
      return;
    }
  }
}

void rh_why_events(struct rh_why *why) {
  struct items predicted = {0}, observed = {0};
  bool lists = why->observed != NULL && read_items(why->predicted->text, why->predicted->size, &predicted) &&
               read_items(why->observed, why->nobserved, &observed);
  if (lists) explain_difference(why, &predicted, &observed);
  if (why->explanation->argument.size == 0) explain_log(why);
  free(predicted.all);
  free(observed.all);
}
