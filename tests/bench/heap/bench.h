/*
 * What every heap benchmark shares: clocks, memory in use, memory for the
 * benchmark itself, and the one line of JSON a measurement is printed as.
 *
 * A program is a subject (a frame: collector.c, blocks.h, ...) and a peer (the
 * heap measured: *_refheap.c, *_lua.c, ...). All peers of a subject run
 * literally the same graph or sequence of requests, from the same seed. The
 * first repeat touches memory for the first time; readers of the output drop it.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

enum { BENCH_SEED = 1 };

struct bench_result {
  const char *subject; /* "collector", "blocks", ... */
  const char *name;    /* of the case, as "ring dead" */
  uint64_t n;          /* its size: objects, blocks, ... */
  unsigned repeat;     /* 0: the first one */
  double ns;           /* nanoseconds for each of the things counted */
  double resident;     /* resident bytes for each live byte; 0: not measured */
};

/* What main does, or what python_host.py calls. */
int bench_main(int argc, char **argv);

double bench_cpu(void);      /* processor time of this process, ns */
double bench_wall(void);     /* cheaper and finer than bench_cpu, for what takes microseconds; ns */
double bench_resident(void); /* bytes of memory this process uses now */

/* Zeroed memory that is there already: no page of it is new to the system
 * later, and no allocator that is measured gives it. Ends the program when there is none. */
void *bench_memory(size_t bytes);
void bench_memory_free(void *memory, size_t bytes);

/* Repeatable random numbers below `limit`. */
struct bench_random {
  uint64_t state;
};
void bench_random_seed(struct bench_random *random, uint64_t seed);
uint32_t bench_random_below(struct bench_random *random, uint32_t limit);

/* A random order of 0 .. n-1, in bench_memory(n * sizeof(uint32_t)). */
uint32_t *bench_shuffled(uint32_t n, uint64_t seed);

double bench_median(double *values, size_t n); /* sorts them */

uint32_t bench_number(const char *text); /* decimal; ends the program when it is not a number from 1 on */
void bench_print(const struct bench_result *result);
void bench_print_version(const char *version);
_Noreturn void bench_fail(const char *message); /* exit code 2 */

#endif
