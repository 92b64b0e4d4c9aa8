/*
 * Explanations: the trace is run again up to the operation in question while
 * its history is noted; then one of two files argues, from that history and a
 * walk of the heap (explain_events.c, explain_look.c).
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/interpret_end.h"
#include "oracle/interpret_run.h"

void rh_why_rule(struct rh_why *why, const char *id) {
  why->explanation->rule = rh_rule_find(id);
}

void *rh_why_granted(struct rh_why *why, void *memory) {
  if (memory == NULL) why->out_of_memory = true;
  return memory;
}

/* --- sentences --- */

void rh_why_say(struct rh_why *why, const char *format, ...) {
  char piece[512];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(piece, sizeof piece, format, arguments);
  va_end(arguments);
  rh_text_puts(&why->explanation->argument, piece);
}

void rh_why_say_operation(struct rh_why *why, size_t position) {
  enum { SHOWN_MAX = 80 };
  const struct rh_op *op = &why->trace->ops[why->trace->top[position]];
  struct rh_text *argument = &why->explanation->argument;
  rh_text_puts(argument, "`");
  size_t shown = argument->size + SHOWN_MAX;
  rh_op_print(why->trace, op, false, argument);
  if (argument->size > shown) {
    argument->size = shown;
    rh_text_puts(argument, "...");
  }
  rh_text_printf(argument, "` at line %" PRIu32, op->line);
}

void rh_why_say_path(struct rh_why *why, uint32_t vertex) {
  uint32_t root = vertex;
  while (why->graph.vertices[root].parent != RH_NO_VERTEX) root = why->graph.vertices[root].parent;
  rh_why_say(why, "root ");
  rh_graph_path(&why->graph, root, &why->explanation->argument);
  if (root != vertex) {
    rh_why_say(why, " through ");
    rh_graph_path(&why->graph, vertex, &why->explanation->argument);
  }
  rh_graph_picture(&why->graph, vertex, &why->explanation->picture);
}

const char *rh_why_plural(uint64_t n) {
  return n == 1 ? "" : "s";
}

bool rh_why_raises(const struct rh_why *why) {
  const char *text = why->predicted->text;
  size_t n = strlen(text);
  return why->predicted->is_exception || (n > 5 && strcmp(text + n - 5, "Error") == 0);
}

uint32_t rh_why_object(const struct rh_why *why, uint32_t argument) {
  if (argument >= why->op->nargs) return 0;
  const struct rh_arg *arg = &why->trace->args[why->op->first_arg + argument];
  return arg->type == RH_ARG_NAME || arg->type == RH_ARG_PATH ? rh_resolve(why->run, arg) : 0;
}

void rh_why_say_argument(struct rh_why *why, uint32_t argument) {
  const struct rh_arg *arg = &why->trace->args[why->op->first_arg + argument];
  rh_why_say(why, "%s", rh_trace_name_text(why->trace, arg->name));
  for (uint16_t i = 0; i < arg->nparts; i++)
    rh_why_say(why, ".%s", rh_trace_text(why->trace, why->trace->parts[arg->first_part + i]));
}

/* --- history --- */

static void note_event(struct rh_why *why, const char *text, size_t notes, size_t position, bool in_collection) {
  struct rh_history *history = &why->history;
  if (history->n == history->room) {
    size_t room = history->room * 2 + 64;
    struct rh_event *events = rh_why_granted(why, realloc(history->events, room * sizeof *events));
    if (events == NULL) return;
    history->events = events;
    history->room = room;
  }
  history->events[history->n++] = (struct rh_event){
      .text = history->text.size, .notes = notes, .position = position, .in_collection = in_collection};
  rh_text_append(&history->text, text, strlen(text) + 1);
}

static int64_t collections(const struct rh_engine *engine) {
  int64_t sum = 0;
  for (int generation = 0; generation < 3; generation++) sum += engine->stat(generation, RH_STAT_COLLECTIONS);
  return sum;
}

/* Is the weak reference that is looked at alive? */
static bool looks_live(const struct rh_why *why) {
  uint32_t weakref = rh_why_object(why, 0);
  return weakref != 0 && why->engine->kind(weakref) == RH_KIND_WEAKREF && why->engine->referent(weakref) != 0;
}

/* What step `position` added to the history. */
static void note_step(struct rh_why *why, size_t position, bool was_live, bool in_collection) {
  struct rh_history *history = &why->history;
  if (history->taken != rh_run_logs_taken(why->run)) {
    history->taken = rh_run_logs_taken(why->run);
    history->since = history->n;
  }
  for (size_t i = history->n - history->since; i < rh_run_events(why->run); i++)
    note_event(why, rh_run_event(why->run, i), rh_run_event_notes(why->run, i), position, in_collection);
  if (was_live && !looks_live(why)) {
    why->history.died = position;
    why->history.died_in_collection = in_collection;
  }
}

/* The next operation. Looks at the end of the process are passed over, unless one is explained. */
static void step(struct rh_why *why) {
  struct rh_observation seen;
  if (rh_looks_at_end(why->op) || !rh_run_pass_look(why->run)) (void)rh_run_step(why->run, &seen);
}

void rh_why_rewind(struct rh_why *why, size_t position) {
  bool watches = why->op->code == RH_OP_DEREF;
  struct rh_run *run = rh_why_granted(why, rh_run_new(why->engine, why->profile, why->trace));
  if (run == NULL) return; /* everything stays as it is */
  rh_run_free(why->run);
  rh_graph_free(&why->graph);
  why->history.n = why->history.since = why->history.taken = why->history.text.size = 0;
  rh_evidence_keep(true);
  why->history.died = SIZE_MAX;
  why->run = run;
  for (size_t i = 0; i < position; i++) {
    why->history.evidence[i] = rh_evidence_notes();
    if (why->watch != NULL) why->watch(why, i);
    int64_t before = collections(why->engine);
    bool was_live = watches && looks_live(why);
    step(why);
    note_step(why, i, was_live, collections(why->engine) != before);
  }
  why->history.evidence[position] = rh_evidence_notes();
  if (why->watch != NULL) why->watch(why, position);
  if (!rh_graph_walk(why->run, why->engine, why->trace, &why->graph)) why->out_of_memory = true;
}

/* --- evidence --- */

/* Is the rule in one of the groups, "LST- SIZ-4"? A group that ends in a digit is one rule. */
static bool in_groups(const char *rule, const char *groups) {
  for (const char *group = groups; *group != '\0'; group += *group == ' ') {
    size_t n = strcspn(group, " ");
    if (strncmp(rule, group, n) == 0 && (group[n - 1] == '-' || rule[n] == '\0')) return true;
    group += n;
  }
  return false;
}

size_t rh_why_find_named(const char *name, size_t n, const char *groups, size_t first, size_t last) {
  for (size_t i = last; i-- > first;) {
    struct rh_evidence note = rh_evidence(i);
    bool named = name == NULL || (strlen(note.name) == n && memcmp(note.name, name, n) == 0);
    if (named && in_groups(note.rule, groups)) return i;
  }
  return SIZE_MAX;
}

size_t rh_why_find_note(const struct rh_why *why, uint32_t object, const char *groups) {
  (void)why;
  for (size_t i = rh_evidence_notes(); i-- > 0;) {
    struct rh_evidence note = rh_evidence(i);
    if ((object == 0 || note.subject == object) && in_groups(note.rule, groups)) return i;
  }
  return SIZE_MAX;
}

size_t rh_why_operation_of(const struct rh_why *why, size_t note) {
  size_t low = 0, high = why->position;
  while (low < high) { /* the notes before `low` operations are all before this one */
    size_t middle = low + (high - low) / 2;
    if (why->history.evidence[middle] <= note) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return note < why->history.evidence[why->position] ? low - 1 : why->position;
}

void rh_why_cite(struct rh_why *why, size_t i) {
  struct rh_evidence note = rh_evidence(i);
  size_t operation = rh_why_operation_of(why, i);
  rh_why_rule(why, note.rule);
  rh_why_say(why, "%s", note.text);
  if (operation < why->position) {
    rh_why_say(why, ", in ");
    rh_why_say_operation(why, operation);
  }
}

bool rh_why_cite_last(struct rh_why *why, uint32_t object, const char *groups) {
  size_t note = rh_why_find_note(why, object, groups);
  if (note != SIZE_MAX) rh_why_cite(why, note);
  return note != SIZE_MAX;
}

size_t rh_why_carry_out(struct rh_why *why) {
  struct rh_observation seen;
  size_t before = rh_evidence_notes();
  (void)rh_run_step(why->run, &seen);
  return before;
}

/* --- the whole --- */

/* The operation that observes: the one inside `try`. */
static const struct rh_op *operation_at(const struct rh_trace *trace, size_t position) {
  const struct rh_op *op = &trace->ops[trace->top[position]];
  return op->code == RH_OP_TRY ? &trace->ops[op->first_child] : op;
}

bool rh_explain(const struct rh_trace *trace, const struct rh_profile *profile, const struct rh_engine *engine,
                size_t position, const char *observed, size_t n, struct rh_explanation *explanation) {
  *explanation = (struct rh_explanation){.rule = rh_rule_find("LANG-1")};
  enum rh_engines engines = engine == &rh_engine_model ? RH_ENGINES_MODEL : RH_ENGINES_RUNTIME;
  struct rh_prediction prediction;
  bool enough = rh_predict(trace, profile, engines, position + 1, &prediction);
  struct rh_why why = {.trace = trace,
                       .profile = profile,
                       .engine = engine,
                       .position = position,
                       .op = operation_at(trace, position),
                       .observed = observed,
                       .nobserved = n,
                       .explanation = explanation};
  why.history.evidence = calloc(position + 1, sizeof *why.history.evidence);
  enough = enough && why.history.evidence != NULL && prediction.n > position;
  if (enough) rh_why_rewind(&why, position);
  if (enough && !why.out_of_memory) {
    why.predicted = &prediction.observations[position];
    if (why.op->code == RH_OP_EVENTS) {
      rh_why_events(&why);
    } else {
      rh_why_look(&why);
      rh_why_traced_too(&why);
    }
    rh_text_puts(&explanation->argument, ".");
  }
  rh_graph_free(&why.graph);
  rh_run_free(why.run);
  rh_evidence_keep(false);
  free(why.history.evidence);
  free(why.history.events);
  rh_text_free(&why.history.text);
  rh_prediction_free(&prediction);
  return enough && !why.out_of_memory;
}

void rh_explanation_free(struct rh_explanation *explanation) {
  rh_text_free(&explanation->argument);
  rh_text_free(&explanation->picture);
  *explanation = (struct rh_explanation){0};
}
