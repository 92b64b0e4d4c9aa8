/* Suites: folders in order, generated traces, each trace once. */
#define _DEFAULT_SOURCE
#include "judging.h"
#include "oracle/suite.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/refheap-suite-XXXXXX";

static void write_file(const char *name, const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *out = fopen(path, "w");
  CHECK(out != NULL);
  if (out == NULL) return;
  fputs(text, out);
  fclose(out);
}

static void make_folder(const char *name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  CHECK_INT(mkdir(path, 0700), 0);
}

static void remove_folder(const char *name) {
  char command[128];
  snprintf(command, sizeof command, "rm -r '%s/%s'", folder, name);
  CHECK_INT(system(command), 0);
}

static void setup(void) {
  CHECK(mkdtemp(folder) != NULL);
  make_folder("b");
  make_folder("empty");
  write_file("c.trace", "new A list\n");
  write_file("a.trace", "new A list\n");
  write_file("notes.txt", "no trace\n");
  write_file(".trace", "a name that is an ending only\n");
  write_file("b/x.trace", "new A list\n");
  write_file("bad.text", "nonsense\n");
}

static const char *name_of(const struct rh_suite *suite, size_t i) {
  return suite->files[i] + strlen(folder);
}

static void folders_are_walked_in_order(void) {
  struct rh_suite suite = {0};
  char message[256] = "";
  CHECK(rh_suite_add(&suite, folder, message, sizeof message));
  CHECK_INT(rh_suite_size(&suite), 3);
  CHECK_TEXT(name_of(&suite, 0), "/a.trace");
  CHECK_TEXT(name_of(&suite, 1), "/b/x.trace");
  CHECK_TEXT(name_of(&suite, 2), "/c.trace");
  rh_suite_free(&suite);
}

static void an_empty_folder_is_refused(void) {
  struct rh_suite suite = {0};
  char path[128], message[256] = "", expected[256];
  snprintf(path, sizeof path, "%s/empty", folder);
  snprintf(expected, sizeof expected, "%s: no trace in this folder (*.trace, *.jsonl, *.bin)", path);
  CHECK(!rh_suite_add(&suite, path, message, sizeof message));
  CHECK_TEXT(message, expected);
  rh_suite_free(&suite);
}

/* A folder with a link to itself is as deep as one likes; what is too deep is refused, not passed over. */
static void folders_may_be_thirty_two_deep(void) {
  struct rh_suite suite = {0};
  char path[128] = "deep", message[256];
  make_folder(path);
  for (int i = 0; i < 32; i++) make_folder(strcat(path, "/d"));
  write_file(strcat(path, "/x.trace"), "new A list\n");
  snprintf(path, sizeof path, "%s/deep", folder);
  CHECK(rh_suite_add(&suite, path, message, sizeof message));
  CHECK_INT(rh_suite_size(&suite), 1);
  CHECK(!rh_suite_add(&suite, folder, message, sizeof message));
  CHECK(strstr(message, strerror(ELOOP)) != NULL);
  rh_suite_free(&suite);
  remove_folder("deep");
}

static void a_malformed_file_is_found_first(void) {
  struct rh_suite suite = {0};
  struct rh_diagnostic diagnostic;
  const char *file = NULL;
  char path[128], message[256];
  snprintf(path, sizeof path, "%s/bad.text", folder);
  CHECK(rh_suite_add(&suite, folder, message, sizeof message));
  CHECK(rh_suite_add(&suite, path, message, sizeof message));
  CHECK(!rh_suite_read(&suite, &diagnostic, &file));
  CHECK_TEXT(file, path);
  CHECK_INT(diagnostic.line, 1);
  rh_suite_free(&suite);
}

static void each_trace_is_taken_once(void) {
  struct rh_suite suite = {.generated = 2, .seed = 41, .operations = 30};
  struct rh_diagnostic diagnostic;
  const char *file = NULL;
  char message[256];
  CHECK(rh_suite_add(&suite, folder, message, sizeof message));
  CHECK(rh_suite_read(&suite, &diagnostic, &file));
  CHECK_INT(rh_suite_size(&suite), 5);
  struct rh_profile profile = read_profile("cpython-3.9");
  for (size_t i = 0; i < 5; i++) {
    struct rh_trace *trace = rh_suite_take(&suite, i, &profile);
    CHECK(trace != NULL);
    if (i == 4) CHECK(strstr(trace->file, "seed42") != NULL);
    rh_trace_free(trace);
  }
  CHECK(rh_suite_take(&suite, 0, &profile) == NULL);
  rh_suite_free(&suite);
}

static void cleanup(void) {
  remove_folder("");
}

TEST_MAIN(setup, folders_are_walked_in_order, folders_may_be_thirty_two_deep, an_empty_folder_is_refused,
          a_malformed_file_is_found_first, each_trace_is_taken_once, cleanup)
