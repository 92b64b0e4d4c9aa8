/*
 * The graphs that collectors are measured on. A node has GRAPH_SLOTS slots.
 *
 *   pairs   n/2 cycles of two              tree    a complete binary tree in order of allocation
 *   ring    one cycle in that order        random  a random cycle through all nodes and two random
 *                                                  edges a node: everything reachable, mean out-degree 3
 */
#ifndef GRAPHS_H
#define GRAPHS_H

#include <stdint.h>

enum { GRAPH_SLOTS = 3, GRAPH_NONE = 0x7fffffff };

struct graph {
  uint32_t n;
  uint32_t *to; /* slot j of node i refers to node to[GRAPH_SLOTS * i + j]; GRAPH_NONE: it is empty */
};

/* Ends the program when there is no graph of this kind. */
struct graph graph_make(const char *kind, uint32_t n);
void graph_free(struct graph *graph);

#endif
