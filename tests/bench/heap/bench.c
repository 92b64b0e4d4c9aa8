/* See bench.h. BENCH_PEER, the peer's name, comes from the build. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double now(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) bench_fail("no clock");
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

double bench_cpu(void) {
  return now(CLOCK_PROCESS_CPUTIME_ID);
}

double bench_wall(void) {
  return now(CLOCK_MONOTONIC);
}

double bench_resident(void) {
  unsigned long all = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%lu %lu", &all, &resident) != 2) bench_fail("cannot read /proc/self/statm");
  fclose(file);
  return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void *bench_memory(size_t bytes) {
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) bench_fail("out of memory");
  return memory;
}

void bench_memory_free(void *memory, size_t bytes) {
  (void)munmap(memory, bytes);
}

void bench_random_seed(struct bench_random *random, uint64_t seed) {
  random->state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
}

/* A xorshift; its low bits are the weak ones, the upper half is used. */
uint32_t bench_random_below(struct bench_random *random, uint32_t limit) {
  random->state ^= random->state << 13;
  random->state ^= random->state >> 7;
  random->state ^= random->state << 17;
  return (uint32_t)(((random->state >> 32) * limit) >> 32);
}

uint32_t *bench_shuffled(uint32_t n, uint64_t seed) {
  struct bench_random random;
  bench_random_seed(&random, seed);
  uint32_t *order = bench_memory(n * sizeof *order);
  for (uint32_t i = 0; i < n; i++) order[i] = i;
  for (uint32_t i = n; i > 1; i--) {
    uint32_t j = bench_random_below(&random, i), x = order[i - 1];
    order[i - 1] = order[j];
    order[j] = x;
  }
  return order;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double bench_median(double *values, size_t n) {
  qsort(values, n, sizeof *values, compare);
  return values[n / 2];
}

uint32_t bench_number(const char *text) {
  char *end;
  unsigned long number = strtoul(text, &end, 10);
  if (*text == '\0' || *end != '\0' || number == 0 || number > INT32_MAX) bench_fail("expected a number from 1 on");
  return (uint32_t)number;
}

void bench_print(const struct bench_result *result) {
  printf("{\"subject\": \"%s\", \"peer\": \"%s\", \"case\": \"%s\", \"n\": %llu, \"repeat\": %u, \"ns\": %.4f",
         result->subject, BENCH_PEER, result->name, (unsigned long long)result->n, result->repeat, result->ns);
  if (result->resident > 0) printf(", \"resident\": %.4f", result->resident);
  puts("}");
  fflush(stdout);
}

void bench_print_version(const char *version) {
  printf("{\"peer\": \"%s\", \"version\": \"%s\"}\n", BENCH_PEER, version);
  fflush(stdout);
}

void bench_fail(const char *message) {
  fprintf(stderr, "bench %s: %s\n", BENCH_PEER, message);
  exit(2);
}
