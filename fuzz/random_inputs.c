/*
 * Random inputs for any fuzz target: half of them a few random bytes, half
 * lines of the given files put together and mutated; without files, many random
 * bytes. The same arguments give the same inputs.
 */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RANDOM_FEW = 32, RANDOM_MANY = 1024, LINES_MAX = 3, INPUT_MAX = 4096 };

static char *suite; /* all files, one after the other */
static size_t suite_size;
static size_t *lines; /* where each line starts */
static size_t nlines;

static uint64_t state;

/* splitmix64: a fixed sequence per seed. */
static uint64_t next_random(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static size_t below(size_t n) {
  return (size_t)(next_random() % n);
}

static void add_line(const char *line, size_t size) {
  suite = driver_grown(suite, suite_size + size);
  memcpy(suite + suite_size, line, size);
  lines = driver_grown(lines, (nlines + 1) * sizeof *lines);
  lines[nlines++] = suite_size;
  suite_size += size;
}

static void add_file(const char *path) {
  FILE *file = fopen(path, "rb");
  char line[INPUT_MAX];
  if (!file) return;
  while (fgets(line, sizeof line, file)) add_line(line, strlen(line));
  fclose(file);
}

static void add_folder(const char *folder) {
  size_t npaths = 0;
  char **paths = driver_list(folder, ".trace", &npaths);
  for (size_t i = 0; i < npaths; i++) {
    add_file(paths[i]);
    free(paths[i]);
  }
  free(paths);
}

static size_t make_random(uint8_t *input) {
  size_t n = below((nlines ? RANDOM_FEW : RANDOM_MANY) + 1);
  for (size_t i = 0; i < n; i++) input[i] = (uint8_t)next_random();
  return n;
}

static size_t make_lines(uint8_t *input) {
  size_t n = 0;
  for (size_t count = 1 + below(LINES_MAX); count > 0; count--) {
    size_t line = below(nlines), start = lines[line], end = line + 1 < nlines ? lines[line + 1] : suite_size;
    if (n + (end - start) > INPUT_MAX) break;
    memcpy(input + n, suite + start, end - start);
    n += end - start;
  }
  return n;
}

/* Replaces, removes, repeats or inserts a few bytes. */
static size_t mutate(uint8_t *input, size_t n) {
  for (size_t count = below(4); count > 0 && n > 0; count--) {
    size_t at = below(n), length = 1 + below(8);
    if (length > n - at) length = n - at;
    switch (below(4)) {
    case 0:
      input[at] = (uint8_t)next_random();
      break;
    case 1:
      input[at] = (uint8_t) " ;:=>|@()[]\"\\%#,.0123456789\n"[below(29)];
      break;
    case 2:
      memmove(input + at, input + at + length, n - at - length);
      n -= length;
      break;
    default:
      if (n + length > INPUT_MAX) break;
      memmove(input + at + length, input + at, n - at);
      n += length;
    }
  }
  return n;
}

void driver_run_random(unsigned long long n, uint64_t seed, char **folders, int nfolders) {
  static uint8_t input[INPUT_MAX];
  state = seed;
  for (int i = 0; i < nfolders; i++) add_folder(folders[i]);
  for (unsigned long long i = 0; i < n; i++)
    driver_run(input, nlines && below(2) ? mutate(input, make_lines(input)) : make_random(input));
  printf("%llu inputs from seed %llu and %zu lines: no failure\n", n, (unsigned long long)seed, nlines);
  free(suite);
  free(lines);
}
