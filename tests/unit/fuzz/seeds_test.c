/*
 * The seeds of a target whose inputs are traces behind one byte: every
 * operation and kind of the language is in them, each is whole and short
 * enough, and making them again gives the same.
 *
 * usage: seeds_test FOLDER SAME_FOLDER
 */
#include <stdlib.h>

#include "os/os.h"
#include "test.h"
#include "trace/binary.h"
#include "trace/trace.h"

enum { HEADER = 1, SIZE_LIMIT = 4096 };

static bool operations[RH_OPCODE_COUNT], kinds[RH_KINDCODE_COUNT];

static size_t read_seed(const char *folder, const char *name, uint8_t *bytes) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  if (file == NULL) return 0;
  size_t n = fread(bytes, 1, SIZE_LIMIT + 1, file);
  (void)fclose(file);
  return n;
}

static void check_whole(const uint8_t *bytes, size_t size) {
  struct rh_parts parts = {0};
  CHECK(rh_binary_scan(bytes, size, &parts));
  for (size_t i = 0; i < parts.n; i++) CHECK_INT(parts.items[i].ending, RH_PART_WHOLE);
  free(parts.items);
}

static void check_seed(const uint8_t *bytes, size_t size) {
  struct rh_trace *trace = rh_trace_decode(bytes, size);
  CHECK(trace != NULL && trace->nops > 0);
  for (size_t i = 0; trace != NULL && i < trace->nops; i++) {
    operations[trace->ops[i].code] = true;
    kinds[trace->ops[i].kind] = true;
  }
  rh_trace_free(trace);
  check_whole(bytes, size);
}

static void check_folder(const char *folder, const char *same) {
  static uint8_t bytes[SIZE_LIMIT + 1], again[SIZE_LIMIT + 1];
  char **names = NULL, **others = NULL;
  size_t n = 0, nothers = 0;
  CHECK(rh_os_list(folder, &names, &n) == 0 && rh_os_list(same, &others, &nothers) == 0 && n == nothers && n > 0);
  for (size_t i = 0; i < n; i++) {
    size_t size = read_seed(folder, names[i], bytes);
    CHECK(size > HEADER && size <= SIZE_LIMIT);
    CHECK(read_seed(same, names[i], again) == size && memcmp(bytes, again, size) == 0);
    if (size > HEADER) check_seed(bytes + HEADER, size - HEADER);
    free(names[i]);
  }
  for (size_t i = 0; i < nothers; i++) free(others[i]);
  free(names);
  free(others);
  printf("%zu seeds\n", n);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  check_folder(argv[1], argv[2]);
  for (unsigned code = 1; code < RH_OPCODE_COUNT; code++) {
    if (!operations[code]) fprintf(stderr, "no seed has the operation %s\n", rh_opcode_spelling((enum rh_opcode)code));
    CHECK(operations[code]);
  }
  for (unsigned kind = 1; kind < RH_KINDCODE_COUNT; kind++) {
    if (!kinds[kind]) fprintf(stderr, "no seed has the kind %s\n", rh_kindcode_spelling((enum rh_kindcode)kind));
    CHECK(kinds[kind]);
  }
  printf("%lu passed, %lu failed\n", test_checks - test_failures, test_failures);
  return test_failures != 0;
}
