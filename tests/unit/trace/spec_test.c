/*
 * specs/trace-language.md against the tables: every `trace` block is a legal
 * trace, every operation and every kind has a row and is used in a block, and
 * the `json` block is legal too.
 */
#include <stdlib.h>

#include "test.h"
#include "trace/trace.h"

static struct rh_text page;
static bool op_seen[RH_OPCODE_COUNT], kind_seen[RH_KINDCODE_COUNT];

static bool read_page(const char *path) {
  char buffer[4096];
  FILE *file = fopen(path, "rb");
  if (!file) return false;
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, file)) > 0;) rh_text_append(&page, buffer, n);
  fclose(file);
  return page.size > 0;
}

static unsigned line_of(const char *p) {
  unsigned line = 1;
  for (const char *q = page.bytes; q < p; q++) line += *q == '\n';
  return line;
}

static void note_use(const struct rh_trace *trace) {
  for (size_t i = 0; i < trace->nops; i++) {
    op_seen[trace->ops[i].code] = true;
    kind_seen[trace->ops[i].kind] = true;
  }
}

/* Reads every block that starts with ```LANGUAGE; gives their number. */
static unsigned check_blocks(const char *language, bool json) {
  char fence[16];
  unsigned count = 0;
  snprintf(fence, sizeof fence, "\n```%s\n", language);
  for (const char *p = page.bytes; (p = strstr(p, fence)); count++) {
    struct rh_diagnostic diagnostic = {0};
    p += strlen(fence);
    const char *end = strstr(p, "\n```");
    CHECK(end != NULL);
    if (!end) return count;
    size_t n = (size_t)(end - p) + 1;
    struct rh_trace *trace =
        json ? rh_trace_parse_json("spec", p, n, &diagnostic) : rh_trace_parse("spec", p, n, &diagnostic);
    if (!trace) fprintf(stderr, "line %u: %s\n", line_of(p) + diagnostic.line - 1, diagnostic.message);
    CHECK(trace != NULL);
    if (trace) note_use(trace);
    rh_trace_free(trace);
    p = end;
  }
  return count;
}

/* A row of a table starts with the spelling. */
static bool has_row(const char *spelling) {
  char row[64];
  snprintf(row, sizeof row, "\n| `%s", spelling);
  for (const char *p = page.bytes; (p = strstr(p, row)); p++) {
    char next = p[strlen(row)];
    if (next == '`' || next == ' ') return true;
  }
  return false;
}

static void check_entry(const char *what, const char *spelling, bool used) {
  if (!used || !has_row(spelling)) fprintf(stderr, "%s %s has no %s\n", what, spelling, used ? "row" : "example");
  CHECK(used && has_row(spelling));
}

int main(int argc, char **argv) {
  if (argc < 2 || !read_page(argv[1])) {
    fprintf(stderr, "usage: %s specs/trace-language.md\n", argv[0]);
    return 2;
  }
  unsigned traces = check_blocks("trace", false);
  for (unsigned code = 1; code < RH_OPCODE_COUNT; code++)
    check_entry("operation", rh_opcode_spelling(code), op_seen[code]);
  for (unsigned code = 1; code < RH_KINDCODE_COUNT; code++)
    check_entry("kind", rh_kindcode_spelling(code), kind_seen[code]);
  CHECK_INT(check_blocks("json", true), 1);
  printf("%u blocks; %lu checks passed, %lu failed\n", traces, test_checks - test_failures, test_failures);
  rh_text_free(&page);
  return test_failures != 0 || traces == 0;
}
