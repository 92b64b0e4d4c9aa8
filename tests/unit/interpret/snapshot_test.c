/*
 * Snapshots: the trace of a small one, and the diagnostics of malformed ones.
 */
#include "oracle/snapshot.h"

#include <stdlib.h>

#include "oracle/interpret.h"
#include "test.h"

static struct rh_snapshot_counts counts;
static struct rh_diagnostic diagnostic;

/* The trace of a snapshot, NULL when it is malformed; to be freed. */
static char *import(const char *snapshot, unsigned drop_permille) {
  static char *bytes;
  size_t size;
  FILE *out = tmpfile();
  if (!out) abort();
  diagnostic = (struct rh_diagnostic){0};
  bool good = rh_snapshot_write("test", snapshot, strlen(snapshot),
                                &(struct rh_snapshot_options){.seed = 1, .drop_permille = drop_permille}, out, &counts,
                                &diagnostic);
  size = (size_t)ftell(out);
  rewind(out);
  bytes = calloc(1, size + 1);
  CHECK(bytes && fread(bytes, 1, size, out) == size);
  CHECK(good || size == 0);
  fclose(out);
  if (good) return bytes;
  free(bytes);
  return NULL;
}

static const char *const small = "HG1 3 3\n0 dict g 2 64 2 1 2\n1 list g 1 56 1 0\n2 NoneType i 4000000000 16 0\n";

static void a_small_graph(void) {
  char *trace = import(small, 1000);
  CHECK(trace != NULL);
  CHECK_TEXT(trace ? trace : "", "%trace 1\n# 3 objects, 3 edges, 2 roots\n"
                                 "new o0 listfin\nnew o1 listfin\nnew o2 listfin\n"
                                 "append o0 o1\nappend o0 o2\nappend o1 o0\n"
                                 "weak w0 o0\nweak w1 o1\nweak w2 o2\n"
                                 "drop o1\nevents (unordered,digest)\ncollect 2\nevents (unordered,digest)\n"
                                 "drop o0\ndrop o2\nevents (unordered,digest)\ncollect 2\nevents (unordered,digest)\n"
                                 "deref w0\nderef w1\nderef w2\n");
  CHECK_INT(counts.objects, 3);
  CHECK_INT(counts.edges, 3);
  CHECK_INT(counts.tracked, 2);
  CHECK_INT(counts.roots, 2);
  CHECK_INT(counts.dropped, 2);
  CHECK_INT(counts.exceptions, 1);
  free(trace);
}

static void nothing_dropped_nothing_dies(void) {
  char *text = import(small, 0);
  CHECK(text && !strstr(text, "drop o0") && !strstr(text, "drop o2"));
  CHECK_INT(counts.dropped, 0);
  free(text);
}

static void check_bad(const char *snapshot, unsigned line, unsigned column, const char *message) {
  CHECK(import(snapshot, 500) == NULL);
  CHECK_INT(diagnostic.line, line);
  CHECK_INT(diagnostic.column, column);
  CHECK_TEXT(diagnostic.message, message);
}

static void malformed_snapshots(void) {
  check_bad("", 1, 1, "not a heap snapshot; expected `HG1 OBJECTS EDGES`");
  check_bad("HG2 1 0\n", 1, 1, "not a heap snapshot; expected `HG1 OBJECTS EDGES`");
  check_bad("HG1 x 0\n", 1, 5, "bad number of objects; expected a number");
  check_bad("HG1 99999999 0\n", 1, 5, "number of objects is above 1");
  check_bad("HG1 1 0 0\n000000000000\n", 1, 9, "expected the end of the line");
  check_bad("HG1 2 0\n0 list g 1 56 0\n", 3, 1, "ends after 1 of 2 objects");
  check_bad("HG1 1 0\n1 list g 1 56 0\n", 2, 1, "id 1; expected 0");
  check_bad("HG1 1 0\n0 list q 1 56 0\n", 2, 8, "unknown flag q; expected g, i or -");
  check_bad("HG1 1 0\n0 list g\x01 1 56 0\n", 2, 9, "a byte that is no flag; expected g, i or -");
  check_bad("HG1 1 0\n0 list \xff 1 56 0\n", 2, 8, "a byte that is no flag; expected g, i or -");
  check_bad("HG1 1 0\n0 list g -1 56 0\n", 2, 10, "bad reference count; expected a number");
  check_bad("HG1 1 1\n0 list g 1 56 1 1\n", 2, 17, "target 1 is no object; ids end at 0");
  check_bad("HG1 1 0\n0 list g 1 56 1 0\n", 2, 17, "more edges than the header says");
  check_bad("HG1 1 2\n0 list g 9 56 1 0\n", 3, 1, "1 edges; the header says 2");
  check_bad("HG1 1 0\n0 list g 1 56 0\n1 list g 1 56 0\n", 3, 1, "more objects than the header says");
  check_bad("HG1 1 0\n0 list g 1 56 0 7\n", 2, 17, "expected the end of the line");
  check_bad("HG1 1 2\n0 list g 1 56 2 0 0\n", 2, 1, "object 0: 1 references, but 2 edges lead to it");
  check_bad("HG1 1 0\n0 list g\n", 2, 9, "bad reference count; expected a number");
}

/* A header may claim what its size bears out, but no more than a trace can say. */
static void more_than_a_trace_can_say(void) {
  static const char header[] = "HG1 1 16777216\n";
  size_t size = (size_t)2 * RH_TRACE_OPS_MAX;
  char *snapshot = malloc(size + 1);
  if (!snapshot) abort();
  memset(snapshot, ' ', size);
  memcpy(snapshot, header, sizeof header - 1);
  snapshot[size] = 0;
  check_bad(snapshot, 1, 1, "1 objects and 16777216 edges; a trace has at most 16777216 operations");
  free(snapshot);
}

static void untracked_objects_may_lack_references(void) {
  char *text = import("HG1 2 2\n0 list g 1 56 2 1 1\n1 bool - 1 28 0\n", 500);
  CHECK(text != NULL);
  CHECK_INT(counts.exceptions, 1);
  free(text);
}

TEST_MAIN(a_small_graph, nothing_dropped_nothing_dies, malformed_snapshots, more_than_a_trace_can_say,
          untracked_objects_may_lack_references)
