/*
 * The part of an engine's heap that the roots of a run reach, as a table:
 * found breadth-first, so that every path is a shortest one. Private to
 * explain*.c and to the graph the command prints.
 *
 * A graph is a picture of one moment: any operation executed later makes it
 * stale. Objects are borrowed.
 */
#ifndef RH_ORACLE_EXPLAIN_GRAPH_H
#define RH_ORACLE_EXPLAIN_GRAPH_H

#include "oracle/interpret.h"

enum rh_edge_kind {
  RH_EDGE_ROOT,    /* a name: `index` is its number */
  RH_EDGE_FIELD,   /* slot a, b or c */
  RH_EDGE_ITEM,    /* item of a list, tuple, deque or set */
  RH_EDGE_KEY,     /* key of a dict */
  RH_EDGE_VALUE,   /* value of a dict */
  RH_EDGE_REFERENT /* what an instance, class, function, generator or a part of one visits */
};

#define RH_NO_VERTEX UINT32_MAX

/* One object and how it was first reached. */
struct rh_vertex {
  uint32_t object;
  uint32_t parent;       /* vertex number, or RH_NO_VERTEX for a root */
  enum rh_edge_kind how; /* the edge from the parent */
  uint64_t index;
};

struct rh_graph {
  struct rh_run *run;
  const struct rh_engine *engine;
  const struct rh_trace *trace;
  struct rh_vertex *vertices;
  uint32_t n, room;
  uint32_t *number; /* by object: 1 + its vertex, 0: not reached */
  uint32_t objects; /* room of `number` */
};

/* Walks the heap of `run`. False when out of memory. O(objects + references). */
bool rh_graph_walk(struct rh_run *run, const struct rh_engine *engine, const struct rh_trace *trace,
                   struct rh_graph *graph);
void rh_graph_free(struct rh_graph *graph);

/* The vertex of an object, or RH_NO_VERTEX. */
uint32_t rh_graph_vertex(const struct rh_graph *graph, uint32_t object);
/* The finalizable object (weak = false) or weak reference (true) with this
 * label text, or RH_NO_VERTEX. */
uint32_t rh_graph_labelled(const struct rh_graph *graph, const char *label, size_t n, bool weak);

/* Calls edge() for every reference of an object, in storage order. */
void rh_graph_edges(const struct rh_engine *engine, uint32_t object,
                    void (*edge)(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target), void *context);
/* Calls holder() for every name and every reference of a reached object that
 * refers to `object`; parent is RH_NO_VERTEX for a name. */
void rh_graph_holders(const struct rh_graph *graph, uint32_t object,
                      void (*holder)(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index),
                      void *context);

/* Appends the path to a vertex: `r.a[0].b`. */
void rh_graph_path(const struct rh_graph *graph, uint32_t vertex, struct rh_text *out);
/* Appends the edge from a path: `.a`, `[0]`, `.key(0)`, or the name of a root. */
void rh_graph_edge_text(const struct rh_graph *graph, enum rh_edge_kind how, uint64_t index, struct rh_text *out);
/* Appends what an object is: `fin B`, `list of 3`, `int`, `weak reference W`. */
void rh_graph_describe(const struct rh_graph *graph, uint32_t object, struct rh_text *out);
/* The name of an engine kind. */
const char *rh_kind_name(int kind);

/* Appends a line for each step of the path to a vertex: `r -> node`,
 * `r.a -> fin B, count 2`. */
void rh_graph_picture(const struct rh_graph *graph, uint32_t vertex, struct rh_text *out);

#endif
