/*
 * What a peer gives to be measured as a collector, by collector.c (a full
 * collection) and young.c (a collection of the youngest).
 */
#ifndef COLLECTOR_H
#define COLLECTOR_H

#include "graphs.h"
#include <stdbool.h>

enum { COLLECTED_UNKNOWN = -1 }; /* the collector does not say */

/* Once, before everything else. No collection runs by itself afterwards. */
void peer_start(void);
const char *peer_version(void);

/* Builds the graph. The only thing held afterwards is node 0; what is returned stands for that. */
uintptr_t peer_build(const struct graph *graph);
void peer_release(uintptr_t root);

/* A full collection. Returns how many objects of the graph were found to be
 * garbage by it, or COLLECTED_UNKNOWN. */
int64_t peer_collect(void);

/* The heap is empty: back to a fresh one, if the peer can do that. */
void peer_reset(void);

/* For young.c: collects the youngest generation; makes every survivor so old
 * that nothing looks at it again; takes the latter back. */
int64_t peer_collect_young(void);
void peer_freeze(void);
void peer_thaw(void);

#endif
