/*
 * The sequences of requests that allocators are measured on, made from one
 * seed before the clock starts.
 *
 *   w1   LIFO pairs of 48 bytes                w3b  a batch of 1 .. 512 bytes, freed in random order
 *   w1b  LIFO, 64 deep, 1 .. 512 bytes         w4   FIFO, a fixed number live, 1 .. 512 bytes
 *   w2   a random one of a window replaced     w4b  FIFO of 48 bytes
 *        by 1 .. 512 bytes
 *   w3   a batch of 48 bytes, freed in random order
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include <stdint.h>

enum shape { SHAPE_LIFO, SHAPE_WINDOW, SHAPE_BATCH, SHAPE_FIFO };

struct request {
  uint32_t place; /* in the table of live blocks */
  uint32_t bytes;
};

struct workload {
  enum shape shape;
  uint32_t live;            /* entries of that table */
  uint32_t n;               /* requests of one round */
  struct request *requests; /* n of them; for a batch `place` is the n-th to be freed */
  struct request *fill;     /* window and FIFO: what is live before the first */
};

/* `divide` makes it smaller by that factor. Ends the program when there is no workload of this name. */
struct workload workload_make(const char *name, uint32_t divide);

/* Bytes that are asked for and live when the table is as full as it gets. */
double workload_live_bytes(const struct workload *workload);

#endif
