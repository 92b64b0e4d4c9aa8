/*
 * Why a collection finds what it finds, and in which order its finalizers run
 * (rules GC): trial deletion on the references that the engine shows, at the
 * moment before the operation that collects.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 3, LATEST = 16 };

/* --- trial deletion --- */

enum state { OUTSIDE, GARBAGE, LED_TO, HELD }; /* GARBAGE: a member that nothing from outside reaches */

struct trial {
  struct rh_why *why;
  int generation;
  uint32_t room;      /* objects have smaller handles */
  uint32_t *internal; /* by object: references from members */
  uint8_t *state;     /* by object: enum state */
  uint32_t *reached;  /* what is held or led to */
  uint32_t members, nreached, held;
};

/* Does a collection of the generation take the object? */
static bool is_collected(const struct rh_why *why, uint32_t object, int generation) {
  int own = why->engine->generation(object);
  if (own < 0) return false;
  return own <= generation && (!why->profile->incremental || generation == 2 || own == 0);
}

static void count_edge(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  struct trial *trial = context;
  (void)how, (void)index;
  if (target < trial->room) trial->internal[target]++;
}

static void mark_edge(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  struct trial *trial = context;
  (void)how, (void)index;
  if (target >= trial->room || trial->state[target] != GARBAGE) return;
  trial->state[target] = LED_TO;
  trial->reached[trial->nreached++] = target;
}

static void free_trial(struct trial *trial) {
  free(trial->internal);
  free(trial->state);
  free(trial->reached);
}

static bool make_room(struct trial *trial) {
  const struct rh_engine *engine = trial->why->engine;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) trial->room = o + 1;
  trial->internal = rh_why_granted(trial->why, calloc(trial->room + 1, sizeof *trial->internal));
  trial->state = rh_why_granted(trial->why, calloc(trial->room + 1, sizeof *trial->state));
  trial->reached = rh_why_granted(trial->why, calloc(trial->room + 1, sizeof *trial->reached));
  return trial->internal != NULL && trial->state != NULL && trial->reached != NULL;
}

/* False when out of memory; to be freed in any case. O(objects + references). */
static bool try_deletion(struct rh_why *why, int generation, struct trial *trial) {
  const struct rh_engine *engine = why->engine;
  *trial = (struct trial){.why = why, .generation = generation};
  if (!make_room(trial)) return false;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    if (!is_collected(why, o, generation)) continue;
    trial->state[o] = GARBAGE;
    trial->members++;
    rh_graph_edges(engine, o, count_edge, trial);
  }
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    if (trial->state[o] != GARBAGE || engine->refs(o) <= (int64_t)trial->internal[o]) continue;
    trial->state[o] = HELD;
    trial->reached[trial->nreached++] = o;
    trial->held++;
  }
  for (uint32_t i = 0; i < trial->nreached; i++) rh_graph_edges(engine, trial->reached[i], mark_edge, trial);
  return true;
}

/* --- saying which objects --- */

/* Where the object is found, else what it is. */
static void say_object(struct rh_why *why, uint32_t object) {
  uint32_t vertex = rh_graph_vertex(&why->graph, object);
  if (vertex != RH_NO_VERTEX) {
    rh_graph_path(&why->graph, vertex, &why->explanation->argument);
  } else {
    rh_graph_describe(&why->graph, object, &why->explanation->argument);
  }
}

struct holder {
  uint32_t target, own; /* how often it is found in the object that is looked through */
};

static void match_target(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  struct holder *holder = context;
  (void)how, (void)index;
  holder->own += target == holder->target;
}

static bool refers_to(const struct rh_engine *engine, uint32_t object, uint32_t target) {
  struct holder holder = {.target = target};
  rh_graph_edges(engine, object, match_target, &holder);
  return holder.own > 0;
}

/* ", from itself and fin B": the members that refer to a member. */
static void say_members_referring(struct rh_why *why, const struct trial *trial, uint32_t object) {
  const struct rh_engine *engine = why->engine;
  unsigned shown = 0;
  for (uint32_t o = engine->next_object(0); o != 0 && shown <= SHOWN_MAX; o = engine->next_object(o)) {
    if (trial->state[o] == OUTSIDE || !refers_to(engine, o, object)) continue;
    rh_why_say(why, shown == 0 ? " from " : " and ");
    if (shown++ == SHOWN_MAX) {
      rh_why_say(why, "others");
    } else if (o == object) {
      rh_why_say(why, "itself");
    } else {
      say_object(why, o);
    }
  }
}

static void say_generations(struct rh_why *why, int generation) {
  if (generation == 0 || why->profile->incremental) {
    rh_why_say(why, generation < 2 ? "the young generation" : "all generations");
  } else {
    rh_why_say(why, "generations 0 to %d", generation);
  }
}

/* Each of the first members in this state, with its count and who accounts for it. */
static void say_counts(struct rh_why *why, const struct trial *trial, enum state state) {
  const struct rh_engine *engine = why->engine;
  unsigned shown = 0;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    if (trial->state[o] != state) continue;
    rh_why_say(why, "%s", shown == 0 ? ": " : ", ");
    if (shown++ == SHOWN_MAX) {
      rh_why_say(why, "...");
      return;
    }
    say_object(why, o);
    rh_why_say(why, " (count %" PRId64, engine->refs(o));
    if (trial->internal[o] > 0) rh_why_say(why, trial->internal[o] > 1 ? ", all of it" : ",");
    say_members_referring(why, trial, o);
    rh_why_say(why, ")");
  }
}

/* --- what `collect` returns --- */

static uint32_t garbage_of(const struct trial *trial) {
  return trial->members - trial->nreached;
}

static void say_garbage(struct rh_why *why, const struct trial *trial) {
  uint32_t garbage = garbage_of(trial);
  rh_why_say(why, "of the %" PRIu32 " tracked object%s of ", trial->members, rh_why_plural(trial->members));
  say_generations(why, trial->generation);
  rh_why_say(why, ", %" PRIu32 " %s held by garbage alone", garbage, garbage == 1 ? "is" : "are");
  say_counts(why, trial, GARBAGE);
}

/* An object that no name reaches and this collection does not take. */
static uint32_t find_spared(const struct rh_why *why, const struct trial *trial) {
  const struct rh_engine *engine = why->engine;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    bool spared = trial->state[o] == OUTSIDE && engine->tracked(o) && engine->kind(o) != RH_KIND_WEAKREF;
    if (spared && rh_graph_vertex(&why->graph, o) == RH_NO_VERTEX) return o;
  }
  return 0;
}

static void explain_spared(struct rh_why *why, const struct trial *trial, uint32_t object) {
  int own = why->engine->generation(object);
  rh_why_rule(why, own < 0 ? "GEN-9" : why->profile->incremental ? "GEN-14" : "GC-3");
  rh_why_say(why, "no name reaches ");
  say_object(why, object);
  if (own < 0) {
    rh_why_say(why, ", but it is in no generation: it is frozen, and a root");
  } else {
    rh_why_say(why, ", but it is in generation %d, older than the collected %d, and so a root that stays", own,
               trial->generation);
  }
  if (rh_why_find_note(why, object, "LEG-2") == SIZE_MAX) return;
  rh_why_say(why, "; ");
  (void)rh_why_cite_last(why, object, "LEG-2");
}

/* A member that is held from outside the collected generations and by members as well. */
static uint32_t find_both(const struct trial *trial, enum state state) {
  const struct rh_engine *engine = trial->why->engine;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o))
    if (trial->state[o] == state && trial->internal[o] > 0) return o;
  return 0;
}

static void explain_held(struct rh_why *why, const struct trial *trial) {
  uint32_t led_to = find_both(trial, LED_TO), both = find_both(trial, HELD);
  if (led_to != 0) {
    rh_why_rule(why, "GC-6");
    rh_why_say(why, "%" PRIu32 " of the %" PRIu32 " tracked objects of ", trial->held, trial->members);
    say_generations(why, trial->generation);
    rh_why_say(why, " %s held from outside, and references lead from there to the other %" PRIu32 ": to ",
               trial->held == 1 ? "is" : "are", trial->members - trial->held);
    say_object(why, led_to);
    rh_why_say(why, ", whose count of %" PRId64 " is", why->engine->refs(led_to));
    say_members_referring(why, trial, led_to);
  } else if (both != 0) {
    rh_why_rule(why, "GC-5");
    say_object(why, both);
    rh_why_say(why, " has count %" PRId64 ", of which members account for %" PRIu32 ",", why->engine->refs(both),
               trial->internal[both]);
    say_members_referring(why, trial, both);
    rh_why_say(why, ": the rest is from outside, so it stays");
  } else {
    rh_why_rule(why, "GC-1");
    rh_why_say(why, "%" PRIu32 " tracked object%s of ", trial->members, rh_why_plural(trial->members));
    say_generations(why, trial->generation);
    rh_why_say(why, ", and no reference from one to another: the whole count is from outside");
    say_counts(why, trial, HELD);
  }
}

static void explain_nothing_found(struct rh_why *why, const struct trial *trial) {
  uint32_t spared = find_spared(why, trial);
  if (spared != 0) {
    explain_spared(why, trial, spared);
  } else if (trial->members > 0) {
    explain_held(why, trial);
  } else {
    rh_why_rule(why, "GC-9");
    rh_why_say(why, "none of the trace's objects is in ");
    say_generations(why, trial->generation);
  }
}

static bool read_count(const char *text, size_t n, uint64_t *value) {
  *value = 0;
  for (size_t i = 0; i < n; i++) {
    if (text[i] < '0' || text[i] > '9' || *value > UINT64_MAX / 16) return false;
    *value = *value * 10 + (uint64_t)(text[i] - '0');
  }
  return n > 0;
}

/* The rule of an observation that is wrong, and of a collection of which nothing else is to be said. */
static const char *rule_of_number(const struct rh_why *why, int64_t generation, uint64_t predicted) {
  uint64_t observed = predicted;
  if (why->observed != NULL && !read_count(why->observed, why->nobserved, &observed)) observed = predicted;
  if (generation < 2) return "GC-4";
  return observed > predicted ? "GC-1" : observed < predicted ? "GC-2" : "GC-9";
}

/* What the collection decided beside finding garbage: the first note that says more than the number does. */
static size_t find_particular(size_t first) {
  static const char *const groups[] = {"GC-10", "GC-12", "GEN-14", "FUN-5", "GC-9", "GC-13"};
  for (size_t group = 0; group < sizeof groups / sizeof *groups; group++) {
    for (size_t i = first; i < rh_evidence_notes(); i++)
      if (strcmp(rh_evidence(i).rule, groups[group]) == 0) return i;
  }
  return SIZE_MAX;
}

/* Names what the collection ran; it has been carried out. */
static void say_ran(struct rh_why *why, size_t before) {
  size_t shown = 0;
  for (size_t i = before; i < rh_run_events(why->run) && shown < SHOWN_MAX; i++) {
    const char *event = rh_run_event(why->run, i);
    bool calls = strncmp(event, "cb:", 3) == 0;
    if (!calls && strncmp(event, "del:", 4) != 0) continue;
    rh_why_say(why, "%s%s %s", shown++ > 0 ? ", " : "; it ran ", calls ? "the callback of" : "the finalizer of",
               strchr(event, ':') + 1);
  }
}

/* Names what the collection, whose notes begin at `first`, let go of by untracking it: it is not counted. */
static void say_untracked(struct rh_why *why, size_t first) {
  for (size_t i = first; i < rh_evidence_notes(); i++) {
    struct rh_evidence note = rh_evidence(i);
    bool garbage = rh_graph_vertex(&why->graph, note.subject) == RH_NO_VERTEX;
    if (!garbage || strcmp(note.rule, "TRK-7") != 0 || strstr(note.text, "untracked") == NULL) continue;
    rh_why_say(why, ", one unreachable tuple apart: ");
    rh_why_cite(why, i);
    return;
  }
}

/* Can the note be what an implementation gets wrong that observes another number? */
static bool suits(const struct rh_why *why, size_t note, size_t first, uint64_t predicted) {
  const char *rule = rh_evidence(note).rule;
  uint64_t observed = 0, called = 0;
  if (why->observed == NULL || !read_count(why->observed, why->nobserved, &observed)) return strcmp(rule, "GC-13") != 0;
  for (size_t i = first; i < rh_evidence_notes(); i++) called += strcmp(rh_evidence(i).rule, "GC-10") == 0;
  if (strcmp(rule, "GC-10") == 0) return observed + called == predicted;
  bool fewer_expected = strcmp(rule, "GC-9") == 0 || strcmp(rule, "FUN-5") == 0 || strcmp(rule, "GEN-14") == 0;
  return fewer_expected ? observed > predicted : observed < predicted;
}

/* What trial deletion says, before the operation is carried out. */
static void explain_trial(struct rh_why *why, const struct trial *trial, uint64_t predicted) {
  uint32_t spared = find_spared(why, trial);
  bool special =
      spared != 0 && (why->engine->generation(spared) < 0 || rh_why_find_note(why, spared, "LEG-2") != SIZE_MAX);
  if (garbage_of(trial) > 0) {
    say_garbage(why, trial);
  } else {
    explain_nothing_found(why, trial);
    if (why->observed == NULL || special) return;
  }
  rh_why_rule(why, rule_of_number(why, trial->generation, predicted));
}

static void explain_collect(struct rh_why *why, int64_t generation, uint64_t predicted) {
  struct trial trial;
  struct rh_text *argument = &why->explanation->argument;
  size_t events = rh_run_events(why->run);
  bool enough = try_deletion(why, (int)generation, &trial), right = enough && garbage_of(&trial) == predicted;
  if (enough) explain_trial(why, &trial, predicted);
  size_t first = rh_why_carry_out(why), note = find_particular(first);
  if (note != SIZE_MAX && suits(why, note, first, predicted)) {
    if (strcmp(rh_evidence(note).rule, "GEN-14") == 0) argument->size = 0;
    if (argument->size > 0) rh_why_say(why, "; ");
    rh_why_cite(why, note);
  } else if (!right && note == SIZE_MAX) {
    argument->size = 0;
    rh_why_rule(why, rule_of_number(why, generation, predicted));
    rh_why_say(why, "%" PRIu64 " tracked object%s of the collected generations cannot be reached", predicted,
               rh_why_plural(predicted));
    say_untracked(why, first);
  }
  say_ran(why, events);
  uint64_t observed = predicted;
  if (why->observed != NULL) (void)read_count(why->observed, why->nobserved, &observed);
  const bool fewer = observed<predicted, more = observed> predicted;
  rh_why_collected(why, first, fewer, more);
  free_trial(&trial);
}

bool rh_why_collect(struct rh_why *why) {
  uint64_t predicted;
  int64_t generation = why->op->nargs > 0 ? why->trace->args[why->op->first_arg].integer : 2;
  if (read_count(why->predicted->text, why->predicted->size, &predicted)) {
    explain_collect(why, generation, predicted);
  } else {
    rh_why_rule(why, "GC-14");
    rh_why_say(why, "there is no generation %" PRId64 ", only 0, 1 and 2", generation);
  }
  return true;
}

int rh_why_generation(const struct rh_why *why, uint32_t object) {
  bool lives = object != 0 && why->engine->next_object(object - 1) == object;
  return lives ? why->engine->generation(object) : -1;
}

int rh_why_collected_generation(const struct rh_why *why, size_t position) {
  const struct rh_op *op = &why->trace->ops[why->trace->top[position]];
  size_t end = why->history.evidence[position + 1];
  for (size_t i = why->history.evidence[position]; i < end; i++) {
    struct rh_evidence note = rh_evidence(i);
    if (strcmp(note.rule, "GEN-11") == 0) return (int)note.subject - 1;
    if (strcmp(note.rule, "GEN-14") == 0 && note.subject == 0) return -1; /* it only marks */
  }
  if (op->code != RH_OP_COLLECT) return -1;
  return op->nargs > 0 ? (int)why->trace->args[op->first_arg].integer : 2;
}

/* The object with this name; rather one that no name reaches, because names are used again. */
static uint32_t find_labelled(const struct rh_why *why, const char *name) {
  const struct rh_engine *engine = why->engine;
  uint32_t found = 0;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    int kind = engine->kind(o);
    if (kind != RH_KIND_FIN && kind != RH_KIND_LISTFIN) continue;
    if (strcmp(rh_run_label_text(why->run, engine->label(o)), name) != 0) continue;
    if (found == 0 || rh_graph_vertex(&why->graph, o) == RH_NO_VERTEX) found = o;
  }
  return found;
}

bool rh_why_unreachable(struct rh_why *why, const char *name, size_t position) {
  struct trial trial = {0};
  int generation = rh_why_collected_generation(why, position);
  if (generation < 0) return false;
  rh_why_rewind(why, position);
  uint32_t object = try_deletion(why, generation, &trial) ? find_labelled(why, name) : 0;
  bool garbage = object != 0 && trial.state[object] == GARBAGE;
  if (garbage) {
    rh_why_say(why, "; its count of %" PRId64 " was", why->engine->refs(object));
    say_members_referring(why, &trial, object);
    rh_why_say(why, ", and none of these was held from outside");
  }
  free_trial(&trial);
  return garbage;
}

/* --- the order of finalizers --- */

/* One of the objects whose finalizers ran, and how it came to its place. */
struct finalized {
  char name[40];
  uint32_t object;
  int generation[LATEST]; /* where it went, a ring of the latest moves */
  size_t at[LATEST];      /* the operation during which it went there */
  unsigned moves;
};

struct order {
  struct finalized all[LATEST];
  unsigned n;
};

static void watch_moves(struct rh_why *why, size_t position) {
  struct order *order = why->watcher;
  for (unsigned i = 0; i < order->n; i++) {
    struct finalized *one = &order->all[i];
    int now = rh_why_generation(why, one->object);
    int last = one->moves > 0 ? one->generation[(one->moves - 1) % LATEST] : -1;
    if (now == last) continue;
    one->generation[one->moves % LATEST] = now;
    one->at[one->moves++ % LATEST] = position - 1; /* of no object before the first operation is anything known */
  }
}

/* Where the ways of two objects parted: the operations that moved them last before, and from which generations one
 * operation then took both. */
struct parting {
  bool known, merged;
  size_t at, other_at;
  int from, other_from; /* merged */
};

static int moved_to(const struct finalized *one, unsigned move) {
  return one->generation[move % LATEST];
}

static struct parting find_parting(const struct finalized *one, const struct finalized *other) {
  unsigned a = one->moves, b = other->moves;
  while (a > 0 && b > 0 && one->moves - a < LATEST - 1 && other->moves - b < LATEST - 1) {
    a--, b--;
    struct parting parting = {.known = true, .at = one->at[a % LATEST], .other_at = other->at[b % LATEST]};
    if (parting.at != parting.other_at) return parting;
    if (a == 0 || b == 0 || moved_to(one, a - 1) == moved_to(other, b - 1)) continue;
    parting.merged = true;
    parting.from = moved_to(one, a - 1);
    parting.other_from = moved_to(other, b - 1);
    return parting;
  }
  return (struct parting){.known = false};
}

/* A garbage object that refers to one that is no garbage; 0: none. */
static uint32_t holder_of(const struct trial *trial, uint32_t object) {
  const struct rh_engine *engine = trial->why->engine;
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o))
    if (trial->state[o] == GARBAGE && refers_to(engine, o, object)) return o;
  return 0;
}

static bool is_garbage(const struct trial *trial, const struct finalized *one) {
  return trial->state[one->object] == GARBAGE;
}

static bool merges_by_freezing(const struct rh_why *why, size_t position) {
  return why->trace->ops[why->trace->top[position]].code == RH_OP_FREEZE;
}

/* Which rule orders two finalizers beside the order in which their objects were tracked; NULL: none. */
static const char *judge(const struct trial *trial, const struct finalized *first, const struct finalized *second) {
  const struct rh_engine *engine = trial->why->engine;
  bool garbage = is_garbage(trial, first), both = garbage && is_garbage(trial, second);
  if (!garbage) {
    uint32_t holder = holder_of(trial, first->object), other = holder_of(trial, second->object);
    return holder != 0 && other != 0 && holder != other ? "GC-11" : NULL;
  }
  if (!both) return NULL;
  if (engine->generation(first->object) != engine->generation(second->object)) return "GC-8";
  if (rh_why_find_note(trial->why, second->object, "GC-7") != SIZE_MAX ||
      rh_why_find_note(trial->why, first->object, "GC-7") != SIZE_MAX)
    return "GC-7";
  struct parting parting = find_parting(first, second);
  if (!parting.known) return NULL;
  if (parting.merged) return merges_by_freezing(trial->why, parting.at) ? "GEN-9" : "GC-8";
  return trial->why->profile->incremental && parting.at > parting.other_at ? "GEN-14" : NULL;
}

/* In which order a collection joins its generations. */
static void say_joined(struct rh_why *why, int generation) {
  rh_why_say(why, generation == 2 && !why->profile->incremental ? "generation 2 first, then 0, then 1"
                  : generation == 1                             ? "generation 1 first, then 0"
                                                                : "the old first, then the young");
}

static void say_merged(struct rh_why *why, const struct trial *trial, const struct finalized *first,
                       const struct finalized *second) {
  int own = why->engine->generation(first->object), other = why->engine->generation(second->object);
  struct parting parting = find_parting(first, second);
  if (own != other) {
    rh_why_say(why, "%s is in generation %d and %s in generation %d, and the collection takes ", first->name, own,
               second->name, other);
    say_joined(why, trial->generation);
    return;
  }
  rh_why_say(why, "%s was in generation %d and %s in generation %d until ", first->name, parting.from, second->name,
             parting.other_from);
  rh_why_say_operation(why, parting.at);
  rh_why_say(why, ", which took ");
  if (merges_by_freezing(why, parting.at)) {
    rh_why_say(why, "generation 0 first, then 1, then 2");
  } else {
    say_joined(why, rh_why_collected_generation(why, parting.at));
  }
}

static void say_moved(struct rh_why *why, const struct finalized *first, const struct finalized *second) {
  size_t note = rh_why_find_note(why, second->object, "GC-7");
  const struct finalized *moved = note != SIZE_MAX ? second : first;
  if (note == SIZE_MAX) note = rh_why_find_note(why, first->object, "GC-7");
  rh_why_say(why, "%s is behind %s in the list because of its earlier collection: ", second->name, first->name);
  if (moved == first) rh_why_say(why, "of %s, ", first->name);
  rh_why_cite(why, note);
}

static void say_emptied(struct rh_why *why, const struct trial *trial, const struct finalized *first,
                        const struct finalized *second) {
  rh_why_say(why, "neither is garbage of this collection; each dies when the garbage that holds it is emptied, first ");
  say_object(why, holder_of(trial, first->object));
  rh_why_say(why, ", with %s, then ", first->name);
  say_object(why, holder_of(trial, second->object));
  rh_why_say(why, ", behind it in the list, with %s", second->name);
}

static void say_visited_first(struct rh_why *why, const struct finalized *first, const struct finalized *second) {
  struct parting parting = find_parting(first, second);
  rh_why_say(why, "a full collection takes the visited objects first; %s became old, and visited, in ", first->name);
  rh_why_say_operation(why, parting.at);
  rh_why_say(why, ", and %s is not visited since ", second->name);
  rh_why_say_operation(why, parting.other_at);
}

static void say_order(struct rh_why *why, const struct trial *trial, const char *rule, const struct finalized *first,
                      const struct finalized *second, size_t position) {
  rh_why_rule(why, rule);
  rh_why_say(why, "%s's finalizer runs before %s's during ", first->name, second->name);
  rh_why_say_operation(why, position);
  rh_why_say(why, ": ");
  if (strcmp(rule, "GC-8") == 0 || strcmp(rule, "GEN-9") == 0) {
    say_merged(why, trial, first, second);
  } else if (strcmp(rule, "GC-7") == 0) {
    say_moved(why, first, second);
  } else if (strcmp(rule, "GC-11") == 0) {
    say_emptied(why, trial, first, second);
  } else {
    say_visited_first(why, first, second);
  }
}

/* The names in the events `del:...` of one operation. */
static void read_finalized(const struct rh_why *why, size_t first, size_t last, struct order *order) {
  size_t position = why->history.events[first].position;
  for (size_t i = first; i < last && order->n < LATEST && why->history.events[i].position == position; i++) {
    const char *text = why->history.text.bytes + why->history.events[i].text;
    if (strncmp(text, "del:", 4) != 0 || strlen(text + 4) >= sizeof order->all[0].name) continue;
    memcpy(order->all[order->n++].name, text + 4, strlen(text + 4) + 1);
  }
}

/* The first pair of neighbours that a rule of these orders; NULL: none. */
static const char *choose_pair(const struct trial *trial, const struct order *order, unsigned *chosen) {
  for (unsigned i = 0; i + 1 < order->n; i++) {
    const char *rule = judge(trial, &order->all[i], &order->all[i + 1]);
    *chosen = i;
    if (rule != NULL) return rule;
  }
  return NULL;
}

/* Says why the objects that are named were finalized in this order during an operation; NULL: not known. */
static const char *explain_order(struct rh_why *why, struct order *order, size_t position) {
  struct trial trial = {0};
  unsigned chosen = 0;
  const char *rule = NULL;
  int generation = rh_why_collected_generation(why, position);
  if (order->n < 2 || generation < 0) return NULL;
  rh_why_rewind(why, position);
  for (unsigned i = 0; i < order->n; i++) order->all[i].object = find_labelled(why, order->all[i].name);
  why->watch = watch_moves;
  why->watcher = order;
  rh_why_rewind(why, position);
  why->watch = NULL;
  if (try_deletion(why, generation, &trial)) rule = choose_pair(&trial, order, &chosen);
  if (rule != NULL) say_order(why, &trial, rule, &order->all[chosen], &order->all[chosen + 1], position);
  free_trial(&trial);
  if (rule == NULL) rh_why_rewind(why, why->position);
  return rule;
}

bool rh_why_collection_order(struct rh_why *why, size_t first, size_t last) {
  struct order order = {0};
  read_finalized(why, first, last, &order);
  return explain_order(why, &order, why->history.events[first].position) != NULL;
}

bool rh_why_collection_pair(struct rh_why *why, const char *first, const char *second, size_t position) {
  struct order order = {.n = 2};
  (void)snprintf(order.all[0].name, sizeof order.all[0].name, "%s", first);
  (void)snprintf(order.all[1].name, sizeof order.all[1].name, "%s", second);
  return explain_order(why, &order, position) != NULL;
}

/* --- garbage that waits --- */

bool rh_why_waiting(struct rh_why *why, const char *name) {
  uint32_t object = find_labelled(why, name);
  int own = rh_why_generation(why, object);
  if (object == 0 || (own <= 0 && !(own < 0 && why->engine->tracked(object)))) return false;
  rh_why_say(why, "%s is garbage, but ", name);
  if (own < 0) {
    rh_why_rule(why, "GEN-9");
    rh_why_say(why, "frozen, and no collection takes it before it is unfrozen");
  } else {
    rh_why_rule(why, why->profile->incremental ? "GEN-14" : "GC-3");
    rh_why_say(why, "in generation %d: no collection of that generation has run since", own);
  }
  return true;
}
