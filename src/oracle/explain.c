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

void rh_why_rule(struct rh_why *why, const char *id) {
  why->explanation->rule = rh_rule_find(id);
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
  struct rh_text text = {0};
  rh_op_print(why->trace, op, false, &text);
  if (text.bytes != NULL) {
    rh_why_say(why, "`%.*s%s` at line %" PRIu32, SHOWN_MAX, text.bytes, text.size > SHOWN_MAX ? "..." : "",
               op->line > 0 ? op->line : (uint32_t)position + 1);
  }
  rh_text_free(&text);
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

static uint32_t follow(const struct rh_why *why, const struct rh_arg *argument) {
  uint32_t object = rh_run_object(why->run, argument->name);
  for (uint16_t i = 0; object != 0 && i < argument->nparts; i++) {
    const char *slot = rh_trace_text(why->trace, why->trace->parts[argument->first_part + i]);
    int kind = why->engine->kind(object);
    bool fields = kind == RH_KIND_NODE || kind == RH_KIND_FIN;
    object = fields && slot[0] >= 'a' && slot[0] <= 'c' && slot[1] == '\0'
                 ? why->engine->field(object, (uint32_t)(slot[0] - 'a'))
                 : 0;
  }
  return object;
}

uint32_t rh_why_object(const struct rh_why *why, uint32_t argument) {
  if (argument >= why->op->nargs) return 0;
  const struct rh_arg *arg = &why->trace->args[why->op->first_arg + argument];
  return arg->type == RH_ARG_NAME || arg->type == RH_ARG_PATH ? follow(why, arg) : 0;
}

void rh_why_say_argument(struct rh_why *why, uint32_t argument) {
  const struct rh_arg *arg = &why->trace->args[why->op->first_arg + argument];
  rh_why_say(why, "%s", rh_trace_name_text(why->trace, arg->name));
  for (uint16_t i = 0; i < arg->nparts; i++)
    rh_why_say(why, ".%s", rh_trace_text(why->trace, why->trace->parts[arg->first_part + i]));
}

/* --- history --- */

static bool note_event(struct rh_history *history, const char *text, size_t position, bool in_collection) {
  if (history->n == history->room) {
    size_t room = history->room * 2 + 64;
    struct rh_event *events = realloc(history->events, room * sizeof *events);
    if (events == NULL) return false;
    history->events = events;
    history->room = room;
  }
  history->events[history->n++] =
      (struct rh_event){.text = history->text.size, .position = position, .in_collection = in_collection};
  rh_text_append(&history->text, text, strlen(text) + 1);
  return true;
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
static bool note_step(struct rh_why *why, size_t position, bool was_live, bool in_collection, size_t *logged) {
  size_t now = rh_run_events(why->run);
  if (now < *logged) { /* taken by `events` */
    why->history.since = why->history.n;
    *logged = 0;
  }
  for (; *logged < now; (*logged)++)
    if (!note_event(&why->history, rh_run_event(why->run, *logged), position, in_collection)) return false;
  if (was_live && !looks_live(why)) {
    why->history.died = position;
    why->history.died_in_collection = in_collection;
  }
  return true;
}

bool rh_why_rewind(struct rh_why *why, size_t position) {
  bool watches = why->op->code == RH_OP_DEREF;
  struct rh_observation seen;
  size_t logged = 0;
  rh_run_free(why->run);
  rh_graph_free(&why->graph);
  why->history.n = why->history.since = why->history.text.size = 0;
  why->history.died = SIZE_MAX;
  why->run = rh_run_new(why->engine, why->profile, why->trace);
  if (why->run == NULL) return false;
  for (size_t i = 0; i < position; i++) {
    int64_t before = collections(why->engine);
    bool was_live = watches && looks_live(why);
    if (!rh_run_step(why->run, &seen)) break;
    if (!note_step(why, i, was_live, collections(why->engine) != before, &logged)) return false;
  }
  return rh_graph_walk(why->run, why->engine, why->trace, &why->graph);
}

/* --- the whole --- */

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
                       .op = &trace->ops[trace->top[position]],
                       .observed = observed,
                       .nobserved = n,
                       .explanation = explanation};
  enough = enough && prediction.n > position && rh_why_rewind(&why, position);
  if (enough) {
    why.predicted = &prediction.observations[position];
    if (why.op->code == RH_OP_EVENTS) {
      rh_why_events(&why);
    } else {
      rh_why_look(&why);
    }
    rh_text_puts(&explanation->argument, ".");
  }
  rh_graph_free(&why.graph);
  rh_run_free(why.run);
  free(why.history.events);
  rh_text_free(&why.history.text);
  rh_prediction_free(&prediction);
  return enough;
}

void rh_explanation_free(struct rh_explanation *explanation) {
  rh_text_free(&explanation->argument);
  rh_text_free(&explanation->picture);
  *explanation = (struct rh_explanation){0};
}
