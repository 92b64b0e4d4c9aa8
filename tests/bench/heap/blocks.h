/*
 * Times an allocator on a sequence of requests. Included by each peer once it
 * has defined
 *
 *   block                      what a block is named by: an address or a handle
 *   block peer_new(uint32_t bytes)
 *   char *peer_bytes(block)    where its bytes are
 *   void peer_free(block)
 *   const char *peer_version(void)
 *
 * so that nothing stands between the loop and the allocator that a client of
 * it would not have. The first byte of every block is written.
 *
 * usage: blocks_PEER WORKLOAD DIVIDE REPEATS
 *        blocks_PEER version
 *
 * The time is that of one operation: one request or one free. Resident bytes
 * are taken while the live blocks of the first repeat are as many as they get.
 */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "bench.h"
#include "requests.h"
#include <string.h>

struct measured {
  double ns;       /* of all operations */
  double resident; /* bytes more than before */
  double operations;
};

static inline block make_block(uint32_t bytes) {
  block made = peer_new(bytes);
  *(volatile char *)peer_bytes(made) = 1;
  return made;
}

static inline void run_lifo(const struct workload *workload, block *live, struct measured *measured) {
  double start = bench_cpu();
  for (uint32_t i = 0; i < workload->n; i += workload->live) {
    for (uint32_t j = 0; j < workload->live; j++) live[j] = make_block(workload->requests[i + j].bytes);
    for (uint32_t j = workload->live; j > 0; j--) peer_free(live[j - 1]);
  }
  measured->ns = bench_cpu() - start;
}

static inline void run_batch(const struct workload *workload, block *live, struct measured *measured) {
  double before = bench_resident(), start = bench_cpu();
  for (uint32_t i = 0; i < workload->n; i++) live[i] = make_block(workload->requests[i].bytes);
  measured->ns = bench_cpu() - start;
  measured->resident = bench_resident() - before;
  start = bench_cpu();
  for (uint32_t i = 0; i < workload->n; i++) peer_free(live[workload->requests[i].place]);
  measured->ns += bench_cpu() - start;
}

/* Window and FIFO: the block in a place is replaced. */
static inline void run_replace(const struct workload *workload, block *live, struct measured *measured) {
  double before = bench_resident();
  for (uint32_t i = 0; i < workload->live; i++) live[i] = make_block(workload->fill[i].bytes);
  measured->resident = bench_resident() - before;
  double start = bench_cpu();
  for (uint32_t i = 0; i < workload->n; i++) {
    struct request request = workload->requests[i];
    peer_free(live[request.place]);
    live[request.place] = make_block(request.bytes);
  }
  measured->ns = bench_cpu() - start;
  for (uint32_t i = 0; i < workload->live; i++) peer_free(live[i]);
}

static struct measured run_workload(const struct workload *workload, block *live) {
  struct measured measured = {.operations = 2.0 * workload->n};
  if (workload->shape == SHAPE_LIFO)
    run_lifo(workload, live, &measured);
  else if (workload->shape == SHAPE_BATCH)
    run_batch(workload, live, &measured);
  else
    run_replace(workload, live, &measured);
  return measured;
}

/* One block of every size that is asked for stays: no allocator starts from nothing in a program that runs. */
static void settle(void) {
  for (uint32_t bytes = 16; bytes <= 512; bytes += 16) (void)make_block(bytes);
}

static void run_repeats(const char *name, uint32_t divide, uint32_t repeats) {
  struct workload workload = workload_make(name, divide);
  block *live = bench_memory(workload.live * sizeof(block));
  double live_bytes = workload_live_bytes(&workload);
  settle();
  for (uint32_t i = 0; i < repeats; i++) {
    struct measured measured = run_workload(&workload, live);
    bench_print(&(struct bench_result){.subject = "blocks",
                                       .name = name,
                                       .n = workload.n,
                                       .repeat = i,
                                       .ns = measured.ns / measured.operations,
                                       .resident = i == 0 ? measured.resident / live_bytes : 0});
  }
}

int bench_main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "version") == 0) {
    bench_print_version(peer_version());
    return 0;
  }
  if (argc != 4) bench_fail("usage: WORKLOAD DIVIDE REPEATS");
  run_repeats(argv[1], bench_number(argv[2]), bench_number(argv[3]));
  return 0;
}

#endif
