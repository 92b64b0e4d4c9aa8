/*
 * Every malformed file of a folder gives exactly the diagnostic in the
 * .expected file beside it; a few too large to keep are made here.
 *
 * usage: TEST FOLDER SUFFIX [--update]     --update writes the .expected files
 */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "test.h"
#include "trace/trace.h"

static void describe(const char *file, const struct rh_diagnostic *diagnostic, char *out, size_t size) {
  snprintf(out, size, "%s:%u:%u: %s", file, diagnostic->line, diagnostic->column, diagnostic->message);
}

/* The first line of a file, without its end; empty when there is none. */
static void read_expected(const char *path, char *out, int size) {
  FILE *file = fopen(path, "rb");
  if (!file || !fgets(out, size, file)) *out = '\0';
  if (file) fclose(file);
  out[strcspn(out, "\n")] = '\0';
}

static void write_expected(const char *path, const char *line) {
  FILE *file = fopen(path, "wb");
  if (!file) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

static void check_file(const char *file, bool update) {
  char path[512], got[1024], expected[1024];
  struct rh_diagnostic diagnostic;
  struct rh_trace *trace = rh_trace_load(file, &diagnostic);
  if (trace) fprintf(stderr, "%s is a legal trace\n", file);
  CHECK(trace == NULL);
  rh_trace_free(trace);
  describe(file, &diagnostic, got, sizeof got);
  snprintf(path, sizeof path, "%.*s.expected", (int)(strrchr(file, '.') - file), file);
  if (update) write_expected(path, got);
  read_expected(path, expected, sizeof expected);
  CHECK_TEXT(got, expected);
}

static unsigned check_folder(const char *suffix, bool update) {
  unsigned count = 0;
  DIR *entries = opendir(".");
  for (struct dirent *entry; entries && (entry = readdir(entries));) {
    const char *dot = strrchr(entry->d_name, '.');
    if (!dot || strcmp(dot + 1, suffix) != 0) continue;
    check_file(entry->d_name, update);
    count++;
  }
  if (entries) closedir(entries);
  return count;
}

static void check_text(const struct rh_text *text, const char *expected) {
  char got[1024];
  struct rh_diagnostic diagnostic = {0};
  struct rh_trace *trace = rh_trace_parse("made", text->bytes, text->size, &diagnostic);
  CHECK(trace == NULL);
  rh_trace_free(trace);
  describe("made", &diagnostic, got, sizeof got);
  CHECK_TEXT(got, expected);
}

static void append_many(struct rh_text *text, const char *bytes, unsigned n) {
  for (unsigned i = 0; i < n; i++) rh_text_puts(text, bytes);
}

static void check_made(void) {
  struct rh_text text = {0};
  rh_text_puts(&text, "events\n# ");
  append_many(&text, "x", RH_TRACE_LINE_MAX - 2);
  rh_text_puts(&text, "\ndrp A\n");
  check_text(&text,
             "made:3:1: unknown operation 'drp'; expected an operation of trace language 1; did you mean 'drop'?");
  text.size = 0;
  rh_text_puts(&text, "events\ndrop");
  append_many(&text, " A", RH_TRACE_LINE_MAX / 2);
  check_text(&text, "made:2:1048577: line of 1048580 bytes; the limit is 1048576");
  text.size = 0;
  for (int i = 0; i <= RH_TRACE_HEADERS_MAX; i++) rh_text_printf(&text, "%%env V%d=1\n", i);
  check_text(&text, "made:257:2: more than 256 headers");
  text.size = 0;
  rh_text_puts(&text, "refs A => 0 @3.9");
  for (int i = 1; i <= 64; i++) rh_text_printf(&text, " | %d @3.10.%d", i, i);
  check_text(&text, "made:1:8: 65 alternatives; the limit is 64");
  text.size = 0;
  rh_text_puts(&text, "refs A => 0 @3.9.0");
  for (int i = 1; i <= 32; i++) rh_text_printf(&text, ",3.9.%d", i);
  CHECK(rh_trace_parse("made", text.bytes, text.size, &(struct rh_diagnostic){0}) == NULL);
  rh_text_free(&text);
}

int main(int argc, char **argv) {
  if (argc < 3 || chdir(argv[1]) != 0) {
    fprintf(stderr, "usage: %s FOLDER SUFFIX [--update]\n", argv[0]);
    return 2;
  }
  unsigned count = check_folder(argv[2], argc > 3 && strcmp(argv[3], "--update") == 0);
  check_made();
  printf("%u files; %lu checks passed, %lu failed\n", count, test_checks - test_failures, test_failures);
  return test_failures != 0 || count == 0;
}
