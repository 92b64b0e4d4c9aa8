/* The reached part of the heap: a breadth-first walk from the names. */
#include "oracle/explain_graph.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *rh_kind_name(int kind) {
  static const char *const names[] = {
      [RH_KIND_NONE] = "None",
      [RH_KIND_NODE] = "node",
      [RH_KIND_FIN] = "fin",
      [RH_KIND_LISTFIN] = "listfin",
      [RH_KIND_NOGCFIN] = "nogcfin",
      [RH_KIND_LIST] = "list",
      [RH_KIND_TUPLE] = "tuple",
      [RH_KIND_DICT] = "dict",
      [RH_KIND_SET] = "set",
      [RH_KIND_DEQUE] = "deque",
      [RH_KIND_OBJECT] = "object",
      [RH_KIND_INT] = "int",
      [RH_KIND_STR] = "str",
      [RH_KIND_FLOAT] = "float",
      [RH_KIND_BYTES] = "bytes",
      [RH_KIND_WEAKREF] = "weak reference",
      [RH_KIND_OTHER] = "constant",
      [RH_KIND_OBJ] = "instance",
      [RH_KIND_BARE] = "instance",
      [RH_KIND_CLASS] = "class",
      [RH_KIND_FUNC] = "function",
      [RH_KIND_GEN] = "generator",
      [RH_KIND_SIZER] = "instance",
      [RH_KIND_STRSUB] = "instance",
      [RH_KIND_PART] = "part of an object",
      [RH_KIND_LEGACY] = "legacy",
      [RH_KIND_NOGCBOX] = "nogcbox",
      [RH_KIND_FROZENSET] = "frozenset",
      [RH_KIND_COMPLEX] = "complex",
      [RH_KIND_BYTEARRAY] = "bytearray",
      [RH_KIND_ARRAY] = "array",
      [RH_KIND_PROXY] = "proxy",
      [RH_KIND_FINALIZE] = "finalize object",
      [RH_KIND_WVD] = "dict with weak values",
      [RH_KIND_WKD] = "dict with weak keys",
  };
  return names[kind];
}

/* --- references of one object --- */

static void edge_if(void (*edge)(void *, enum rh_edge_kind, uint64_t, uint32_t), void *context, enum rh_edge_kind how,
                    uint64_t index, uint32_t target) {
  if (target != 0) edge(context, how, index, target);
}

void rh_graph_edges(const struct rh_engine *engine, uint32_t object,
                    void (*edge)(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target),
                    void *context) {
  switch (engine->kind(object)) {
  case RH_KIND_NODE:
  case RH_KIND_FIN:
  case RH_KIND_LEGACY:
    for (uint32_t i = 0; i < 3; i++) edge_if(edge, context, RH_EDGE_FIELD, i, engine->field(object, i));
    break;
  case RH_KIND_LIST:
  case RH_KIND_LISTFIN:
  case RH_KIND_TUPLE:
  case RH_KIND_DEQUE: {
    uint64_t n = engine->length(object);
    for (uint64_t i = 0; i < n; i++) edge_if(edge, context, RH_EDGE_ITEM, i, engine->item(object, i));
    break;
  }
  case RH_KIND_SET:
  case RH_KIND_FROZENSET: {
    uint64_t n = engine->referents(object);
    for (uint64_t i = 0; i < n; i++) edge_if(edge, context, RH_EDGE_ITEM, i, engine->referent_at(object, i));
    break;
  }
  case RH_KIND_DICT: {
    uint64_t n = engine->length(object);
    for (uint64_t i = 0; i < n; i++) {
      edge_if(edge, context, RH_EDGE_KEY, i, engine->item(object, i));
      edge_if(edge, context, RH_EDGE_VALUE, i, engine->value(object, i));
    }
    break;
  }
  case RH_KIND_OBJ:
  case RH_KIND_CLASS:
  case RH_KIND_FUNC:
  case RH_KIND_GEN:
  case RH_KIND_PART: {
    uint64_t n = engine->referents(object);
    for (uint64_t i = 0; i < n; i++) edge_if(edge, context, RH_EDGE_REFERENT, i, engine->referent_at(object, i));
    break;
  }
  default:
    break; /* the other kinds refer to nothing */
  }
}

/* --- the walk --- */

static bool make_number_room(struct rh_graph *graph, uint32_t object) {
  if (object < graph->objects) return true;
  uint32_t objects = object < UINT32_MAX / 2 ? object * 2 + 64 : UINT32_MAX;
  uint32_t *number = realloc(graph->number, (size_t)objects * sizeof *number);
  if (number == NULL) return false;
  memset(number + graph->objects, 0, (size_t)(objects - graph->objects) * sizeof *number);
  graph->number = number;
  graph->objects = objects;
  return true;
}

static bool add_vertex(struct rh_graph *graph, struct rh_vertex vertex) {
  if (!make_number_room(graph, vertex.object)) return false;
  if (graph->number[vertex.object] != 0) return true;
  if (graph->n == graph->room) {
    uint32_t room = graph->room * 2 + 64;
    struct rh_vertex *vertices = realloc(graph->vertices, (size_t)room * sizeof *vertices);
    if (vertices == NULL) return false;
    graph->vertices = vertices;
    graph->room = room;
  }
  graph->vertices[graph->n++] = vertex;
  graph->number[vertex.object] = graph->n;
  return true;
}

struct visit {
  struct rh_graph *graph;
  uint32_t parent;
  bool enough;
};

static void visit_edge(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  struct visit *visit = context;
  visit->enough = visit->enough &&
                  add_vertex(visit->graph,
                             (struct rh_vertex){.object = target, .parent = visit->parent, .how = how, .index = index});
}

bool rh_graph_walk(struct rh_run *run, const struct rh_engine *engine, const struct rh_trace *trace,
                   struct rh_graph *graph) {
  *graph = (struct rh_graph){.run = run, .engine = engine, .trace = trace};
  struct visit visit = {.graph = graph, .enough = true};
  for (uint32_t name = 1; visit.enough && name < trace->nnames; name++) {
    uint32_t object = rh_run_object(run, name);
    struct rh_vertex vertex = {.object = object, .parent = RH_NO_VERTEX, .how = RH_EDGE_ROOT, .index = name};
    if (object != 0) visit.enough = add_vertex(graph, vertex);
  }
  for (uint32_t next = 0; visit.enough && next < graph->n; next++) {
    visit.parent = next;
    rh_graph_edges(engine, graph->vertices[next].object, visit_edge, &visit);
  }
  return visit.enough;
}

void rh_graph_free(struct rh_graph *graph) {
  free(graph->vertices);
  free(graph->number);
  *graph = (struct rh_graph){0};
}

/* --- looking --- */

uint32_t rh_graph_vertex(const struct rh_graph *graph, uint32_t object) {
  return object < graph->objects && graph->number[object] != 0 ? graph->number[object] - 1 : RH_NO_VERTEX;
}

static bool has_label(int kind, bool weak) {
  return weak ? kind == RH_KIND_WEAKREF : kind == RH_KIND_FIN || kind == RH_KIND_LISTFIN;
}

uint32_t rh_graph_labelled(const struct rh_graph *graph, const char *label, size_t n, bool weak) {
  for (uint32_t i = 0; i < graph->n; i++) {
    uint32_t object = graph->vertices[i].object;
    if (!has_label(graph->engine->kind(object), weak)) continue;
    const char *text = rh_run_label_text(graph->run, graph->engine->label(object));
    if (strlen(text) == n && memcmp(text, label, n) == 0) return i;
  }
  return RH_NO_VERTEX;
}

struct search {
  uint32_t object, parent;
  void (*holder)(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index);
  void *context;
};

static void match_edge(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  const struct search *search = context;
  if (target == search->object) search->holder(search->context, search->parent, how, index);
}

void rh_graph_holders(const struct rh_graph *graph, uint32_t object,
                      void (*holder)(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index),
                      void *context) {
  struct search search = {.object = object, .parent = RH_NO_VERTEX, .holder = holder, .context = context};
  for (uint32_t name = 1; name < graph->trace->nnames; name++)
    if (rh_run_object(graph->run, name) == object) holder(context, RH_NO_VERTEX, RH_EDGE_ROOT, name);
  for (uint32_t i = 0; i < graph->n; i++) {
    search.parent = i;
    rh_graph_edges(graph->engine, graph->vertices[i].object, match_edge, &search);
  }
}

/* --- texts --- */

void rh_graph_edge_text(const struct rh_graph *graph, enum rh_edge_kind how, uint64_t index, struct rh_text *out) {
  switch (how) {
  case RH_EDGE_ROOT:
    rh_text_puts(out, rh_trace_name_text(graph->trace, (uint32_t)index));
    break;
  case RH_EDGE_FIELD:
    rh_text_printf(out, ".%c", "abc"[index]);
    break;
  case RH_EDGE_ITEM:
    rh_text_printf(out, "[%" PRIu64 "]", index);
    break;
  case RH_EDGE_KEY:
    rh_text_printf(out, ".key(%" PRIu64 ")", index);
    break;
  case RH_EDGE_VALUE:
    rh_text_printf(out, ".value(%" PRIu64 ")", index);
    break;
  case RH_EDGE_REFERENT:
    rh_text_printf(out, ".referent(%" PRIu64 ")", index);
    break;
  }
}

void rh_graph_path(const struct rh_graph *graph, uint32_t vertex, struct rh_text *out) {
  enum { STEPS_MAX = 12 }; /* the ends of longer paths are shown */
  uint32_t steps[STEPS_MAX], n = 0, at = vertex;
  for (; at != RH_NO_VERTEX && n < STEPS_MAX; at = graph->vertices[at].parent) steps[n++] = at;
  if (at != RH_NO_VERTEX) {
    uint32_t root = at, more = 0;
    for (; graph->vertices[root].parent != RH_NO_VERTEX; root = graph->vertices[root].parent) more++;
    rh_graph_edge_text(graph, RH_EDGE_ROOT, graph->vertices[root].index, out);
    rh_text_printf(out, "...(%" PRIu32 " steps)...", more);
  }
  while (n-- > 0) rh_graph_edge_text(graph, graph->vertices[steps[n]].how, graph->vertices[steps[n]].index, out);
}

void rh_graph_describe(const struct rh_graph *graph, uint32_t object, struct rh_text *out) {
  int kind = graph->engine->kind(object);
  rh_text_puts(out, rh_kind_name(kind));
  switch (kind) {
  case RH_KIND_FIN:
  case RH_KIND_LISTFIN:
  case RH_KIND_WEAKREF:
    rh_text_printf(out, " %s", rh_run_label_text(graph->run, graph->engine->label(object)));
    break;
  case RH_KIND_LIST:
  case RH_KIND_TUPLE:
  case RH_KIND_DICT:
  case RH_KIND_SET:
  case RH_KIND_DEQUE:
    rh_text_printf(out, " of %" PRIu64, graph->engine->length(object));
    break;
  default:
    break;
  }
}

void rh_graph_picture(const struct rh_graph *graph, uint32_t vertex, struct rh_text *out) {
  enum { STEPS_MAX = 12 };
  uint32_t steps[STEPS_MAX], n = 0;
  for (uint32_t at = vertex; at != RH_NO_VERTEX && n < STEPS_MAX; at = graph->vertices[at].parent) steps[n++] = at;
  while (n-- > 0) {
    const struct rh_vertex *step = &graph->vertices[steps[n]];
    rh_graph_path(graph, steps[n], out);
    rh_text_puts(out, " -> ");
    rh_graph_describe(graph, step->object, out);
    int64_t count = graph->engine->refs(step->object);
    if (count >= 0 && !graph->engine->immortal(step->object)) rh_text_printf(out, ", count %" PRId64, count);
    rh_text_puts(out, "\n");
  }
}
