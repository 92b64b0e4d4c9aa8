/*
 * Writes the seeds of a target in the format of its inputs (mutator.h). For
 * traces: those of the suites, one for every operation and kind of the
 * language, and generated ones, legal and wild (oracle/generate.h). For
 * records, whose meaning is the target's: one for every first byte, and random
 * ones. Equal arguments make equal files.
 *
 * usage: make_seeds FORMAT OUT [FOLDER...]     FORMAT: records[+H], trace[+H], text
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/check.h"
#include "oracle/generate.h"
#include "os/os.h"
#include "programs.h"
#include "trace/binary.h"

enum { RECORD = 4, BYTE_RECORDS = 48, GENERATED = 24, PATH_LENGTH = 1024 };

static const char *folder;
static bool text;
static size_t header;
static unsigned written; /* chooses the header of the next one */
static int version = -1; /* its first byte, unless that is to be like the others */

static void fail(const char *what) {
  perror(what);
  exit(2);
}

static void write_seed(const char *name, const char *bytes, size_t n) {
  char path[PATH_LENGTH];
  if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) >= sizeof path) fail(name);
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(path);
  for (size_t i = 0; i < header; i++) fputc(i == 0 && version >= 0 ? version : (int)(written >> (4 * i) & 0xff), file);
  if (n > 0 && fwrite(bytes, 1, n, file) != n) fail(path);
  if (fclose(file) != 0) fail(path);
  written++;
}

/* --- traces --- */

static void spell(const struct rh_trace *trace, struct rh_text *bytes) {
  if (text) {
    rh_trace_print(trace, bytes);
  } else {
    rh_trace_encode(trace, bytes);
  }
}

/* Takes the trace over. */
static void write_trace(const char *name, struct rh_trace *trace) {
  struct rh_text bytes = {0};
  if (trace == NULL) fail(name);
  spell(trace, &bytes);
  write_seed(name, bytes.bytes, bytes.size);
  rh_text_free(&bytes);
  rh_trace_free(trace);
}

static bool applies(const struct rh_trace *trace, int choice) {
  const char *ranges;
  return rh_trace_applies(trace, fuzz_profile((unsigned)choice).version, &ranges);
}

/* A trace of a suite: where a header has a version, under the oldest and under the newest that the trace is about. Takes the
 * trace over. */
static void write_limits(const char *name, struct rh_trace *trace) {
  char newest[PATH_LENGTH];
  struct rh_text bytes = {0};
  if (trace == NULL) fail(name);
  (void)snprintf(newest, sizeof newest, "%s-newest", name);
  spell(trace, &bytes);
  for (version = FUZZ_CPYTHONS - 1; version > 0 && !applies(trace, version);) version--;
  if (header > 0) write_seed(newest, bytes.bytes, bytes.size);
  for (version = 0; version < FUZZ_CPYTHONS - 1 && !applies(trace, version);) version++;
  write_seed(name, bytes.bytes, bytes.size);
  version = -1;
  rh_text_free(&bytes);
  rh_trace_free(trace);
}

static void write_suite(const char *suite) {
  char **names = NULL, path[PATH_LENGTH];
  size_t n = 0;
  if (rh_os_list(suite, &names, &n) != 0) fail(suite);
  for (size_t i = 0; i < n; i++) {
    struct rh_diagnostic diagnostic;
    const char *suffix = strrchr(names[i], '.');
    bool is_trace = suffix != NULL && strcmp(suffix, ".trace") == 0;
    if (is_trace && (size_t)snprintf(path, sizeof path, "%s/%s", suite, names[i]) < sizeof path)
      write_limits(names[i], rh_trace_load(path, &diagnostic));
    free(names[i]);
  }
  free(names);
}

static void add_line(struct rh_trace *trace, const char *line) {
  struct rh_diagnostic diagnostic;
  if (!rh_trace_append_line(trace, line, strlen(line), &diagnostic)) {
    fprintf(stderr, "%s: %s\n", line, diagnostic.message);
    exit(2);
  }
}

/* A few objects, bound to A and so on, then the operation that is spelled by
 * these bytes and as many small numbers as it needs. */
static void write_operation(const char *name, const uint8_t *bytes, size_t n) {
  static const char *const lines[] = {"new A fin",   "new B node", "new C list", "new D dict",
                                      "weak E B cb", "set B.a A",  "set A.a B"};
  struct rh_text binary = {0};
  struct rh_parts parts = {0};
  uint8_t operation[32];
  struct rh_trace *trace = rh_trace_new("seed");
  for (size_t i = 0; trace != NULL && i < sizeof lines / sizeof *lines; i++) add_line(trace, lines[i]);
  if (trace == NULL) fail(name);
  rh_trace_encode(trace, &binary);
  rh_trace_free(trace);
  memset(operation, 1, sizeof operation);
  memcpy(operation, bytes, n);
  if (!rh_binary_scan(operation, sizeof operation, &parts)) fail(name);
  rh_text_append(&binary, (const char *)operation, parts.items[0].end);
  free(parts.items);
  write_trace(name, rh_trace_decode((const uint8_t *)binary.bytes, binary.size));
  rh_text_free(&binary);
}

/* A block holds a collection and a drop of its own A. */
static void write_code(unsigned code) {
  char name[64];
  uint8_t plain[] = {(uint8_t)(code - 1)};
  uint8_t block[] = {(uint8_t)(code - 1), 0, RH_OP_COLLECT - 1, 0, RH_OP_EVENTS - 1, RH_BYTE_END};
  bool is_block = code == RH_OP_ACT || code == RH_OP_CBACT || code == RH_OP_REPEAT;
  snprintf(name, sizeof name, "op-%s", rh_opcode_spelling((enum rh_opcode)code));
  write_operation(name, is_block ? block : plain, is_block ? sizeof block : sizeof plain);
}

static void write_kind(unsigned kind) {
  char name[64];
  uint8_t bytes[] = {RH_OP_NEW - 1, 5, (uint8_t)(kind - 1)};
  snprintf(name, sizeof name, "kind-%s", rh_kindcode_spelling((enum rh_kindcode)kind));
  write_operation(name, bytes, sizeof bytes);
}

static void write_generated(const char *mix, enum rh_mix of, uint32_t operations) {
  for (uint64_t seed = 1; seed <= GENERATED; seed++) {
    char name[64];
    const struct rh_generate_options options = {.seed = seed, .operations = operations, .mix = of};
    snprintf(name, sizeof name, "%s-%02" PRIu64, mix, seed);
    write_trace(name, rh_generate(&options));
  }
}

static void write_traces(char **suites, int n) {
  for (int i = 0; i < n; i++) write_suite(suites[i]);
  for (unsigned code = 1; code < RH_OPCODE_COUNT; code++) write_code(code);
  for (unsigned kind = 1; kind < RH_KINDCODE_COUNT; kind++) write_kind(kind);
  write_generated("legal", RH_MIX_LEGAL, 60);
  write_generated("wild", RH_MIX_WILD, 60);
  write_generated("interactions", RH_MIX_INTERACTIONS, 40);
}

/* --- records --- */

/* splitmix64: a fixed sequence. */
static uint64_t state;

static unsigned below(unsigned n) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return (unsigned)((z ^ z >> 31) % n);
}

/* Random records; every third has the first byte `often` unless that is above a byte. */
static void write_records(const char *name, size_t n, unsigned often) {
  char bytes[1024 * RECORD];
  for (size_t i = 0; i < n * RECORD; i++) bytes[i] = (char)below(below(2) != 0 ? 16 : 256);
  for (size_t i = 0; i < n && often < 256; i += 3) bytes[i * RECORD] = (char)often;
  write_seed(name, bytes, n * RECORD);
}

static void write_all_records(void) {
  char name[64];
  for (unsigned byte = 0; byte < BYTE_RECORDS; byte++) {
    snprintf(name, sizeof name, "often-%02x", byte);
    write_records(name, 32, byte);
  }
  for (unsigned n = 4; n <= 1024; n *= 2) {
    snprintf(name, sizeof name, "mixed-%04u", n);
    write_records(name, n, 256);
  }
}

int main(int argc, char **argv) {
  const char *plus = argc > 2 ? strchr(argv[1], '+') : NULL;
  if (argc < 3) {
    fprintf(stderr, "usage: %s FORMAT OUT [FOLDER...]\n", argv[0]);
    return 2;
  }
  header = plus != NULL ? strtoul(plus + 1, NULL, 10) : 0;
  folder = argv[2];
  text = strcmp(argv[1], "text") == 0;
  if (strncmp(argv[1], "records", 7) == 0) {
    write_all_records();
  } else {
    write_traces(argv + 3, argc - 3);
  }
  return 0;
}
