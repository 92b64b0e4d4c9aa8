/* Manifests: legal and illegal lines, and what they exclude. */
#include "judging.h"
#include "oracle/pipe.h"

/* Reads a manifest given as text; the empty text when it is legal, else what is
 * wrong with it. */
static const char *read_manifest(const char *text, struct rh_manifest *manifest) {
  static char message[256];
  message[0] = '\0';
  bool end = false, first = true;
  char line[2048];
  while (*text != '\0') {
    size_t n = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s", (int)n, text);
    if (!rh_manifest_read(manifest, line, first, &end, message, sizeof message)) return message;
    first = false;
    text += n + (text[n] == '\n');
  }
  return end ? "" : "no end";
}

#define HEAD "refheap-adapter 1\nname toy one\nversion 0.3\nprofile blocks\n"

static void legal_manifests(void) {
  struct rh_manifest manifest;
  CHECK_TEXT(read_manifest(HEAD "end\n", &manifest), "");
  CHECK_TEXT(manifest.name, "toy one");
  CHECK_TEXT(manifest.version, "0.3");
  CHECK_TEXT(manifest.profile, "blocks");
  CHECK_TEXT(
      read_manifest(HEAD "capability objects counts\ncapability blocks\nunsupported weak tuple\nend\n", &manifest), "");
  CHECK(manifest.excluded_ops[RH_OP_WEAK]);
  CHECK(manifest.excluded_kinds[RH_NEW_TUPLE]);
  CHECK(!manifest.excluded_ops[RH_OP_DEREF]);
}

static void illegal_manifests(void) {
  struct rh_manifest manifest;
  CHECK_TEXT(read_manifest("refheap-adapter 2\n", &manifest),
             "manifest: the first line must be 'refheap-adapter 1', not 'refheap-adapter 2'");
  CHECK_TEXT(read_manifest("refheap-adapter 1\nname x\nversion 1\nend\n", &manifest),
             "manifest: no line 'profile ...'");
  CHECK_TEXT(read_manifest("refheap-adapter 1\nversion 1\nprofile x\nend\n", &manifest),
             "manifest: no line 'name ...'");
  CHECK_TEXT(read_manifest(HEAD "name \nend\n", &manifest), "manifest: bad value: 'name '");
  CHECK_TEXT(read_manifest(HEAD "name\nend\n", &manifest), "manifest: no such line: 'name'");
  CHECK_TEXT(read_manifest(HEAD "\nend\n", &manifest), "manifest: no such line: ''");
  CHECK_TEXT(read_manifest(HEAD "capability\nend\n", &manifest), "manifest: no such line: 'capability'");
  CHECK_TEXT(read_manifest(HEAD "capability counts luck\n", &manifest),
             "manifest: bad value: 'capability counts luck'");
  CHECK_TEXT(read_manifest(HEAD "unsupported kind\n", &manifest), "manifest: bad value: 'unsupported kind'");
  CHECK_TEXT(read_manifest(HEAD "unsupported kind weak\n", &manifest), "manifest: bad value: 'unsupported kind weak'");
  char longest[200];
  memset(longest, 'x', sizeof longest);
  memcpy(longest, "name ", 5);
  longest[sizeof longest - 1] = '\0';
  bool end = false;
  char message[64];
  CHECK(!rh_manifest_read(&manifest, longest, false, &end, message, sizeof message));
}

/* A message shows the beginning of a line, and never half a character. */
static void long_lines_are_cut_between_characters(void) {
  struct rh_manifest manifest;
  char line[128], expected[256];
  memset(line, 'x', sizeof line);
  line[sizeof line - 1] = '\0';
  memcpy(line + 79, "\xe2\x82\xac", 3);
  snprintf(expected, sizeof expected, "manifest: no such line: '%.79s'", line);
  bool end = false;
  char message[256];
  CHECK(!rh_manifest_read(&manifest, line, false, &end, message, sizeof message));
  CHECK_TEXT(message, expected);
  CHECK_INT(rh_pipe_shown(line + 2), 80);
  CHECK_INT(rh_pipe_shown("short"), 5);
}

static const char *excluded(const char *manifest_lines, const char *operation) {
  static char reason[128];
  struct rh_manifest manifest;
  char text[512];
  snprintf(text, sizeof text, HEAD "%send\n", manifest_lines);
  CHECK_TEXT(read_manifest(text, &manifest), "");
  struct rh_trace *trace = read_trace(operation);
  struct rh_text why = {0};
  bool is = rh_manifest_excludes(&manifest, trace, &trace->ops[trace->top[0]], &why);
  snprintf(reason, sizeof reason, "%s", is ? why.bytes : "");
  rh_text_free(&why);
  rh_trace_free(trace);
  return reason;
}

static void exclusion(void) {
  CHECK_TEXT(excluded("", "new A class\n"), "");
  CHECK_TEXT(excluded("unsupported weak\n", "weak W X\n"), "operation weak");
  CHECK_TEXT(excluded("unsupported weak\n", "deref W\n"), "");
  CHECK_TEXT(excluded("unsupported set\n", "set A.a B\n"), "operation set");
  CHECK_TEXT(excluded("unsupported set\n", "new A set\n"), "kind set");
  CHECK_TEXT(excluded("unsupported kind set\n", "set A.a B\n"), "");
  CHECK_TEXT(excluded("unsupported kind set\n", "new A set\n"), "kind set");
  CHECK_TEXT(excluded("unsupported operation set\n", "new A set\n"), "");
  CHECK_TEXT(excluded("unsupported pm.realloc\n", "repeat 3: repeat 2: pm.realloc P 8\n"), "operation pm.realloc");
  CHECK_TEXT(excluded("unsupported weak\n", "act A: new B list; weak W B\n"), "operation weak");
  CHECK_TEXT(excluded("unsupported pop\n", "try pop L\n"), "operation pop");
}

static void capabilities(void) {
  CHECK_TEXT(excluded("capability blocks\n", "pm.malloc P 8\n"), "");
  CHECK_TEXT(excluded("capability blocks\n", "pm.off P\n"), "capability pools");
  CHECK_TEXT(excluded("capability blocks\n", "new A list\n"), "capability objects");
  CHECK_TEXT(excluded("capability blocks\n", "repeat 2: pm.malloc P 8\n"), "");
  CHECK_TEXT(excluded("capability blocks\n", "events\n"), "");
  CHECK_TEXT(excluded("capability objects\n", "new A fin\n"), "capability finalizers");
  CHECK_TEXT(excluded("capability objects\n", "refs A\n"), "capability counts");
  CHECK_TEXT(excluded("capability objects finalizers\n", "new A fin\n"), "");
  CHECK_TEXT(excluded("capability objects\n", "new A list (fail_nth=1)\n"), "capability faults");
}

TEST_MAIN(legal_manifests, illegal_manifests, long_lines_are_cut_between_characters, exclusion, capabilities)
