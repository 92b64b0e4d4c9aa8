/*
 * The text parser and the printer: structure of what is read, canonical text,
 * atomic appending, selection by version. Diagnostics have their own files in
 * tests/traces/bad.
 */
#include <stdlib.h>

#include "test.h"
#include "trace/trace.h"

static struct rh_diagnostic diagnostic;

static struct rh_trace *parse(const char *text) {
  struct rh_trace *trace = rh_trace_parse("test", text, strlen(text), &diagnostic);
  if (!trace) fprintf(stderr, "%u:%u: %s\n", diagnostic.line, diagnostic.column, diagnostic.message);
  return trace;
}

/* Parses, prints and compares. */
static void check_canonical(const char *text, const char *expected) {
  struct rh_trace *trace = parse(text);
  CHECK(trace != NULL);
  if (!trace) return;
  struct rh_text out = {0};
  rh_trace_print(trace, &out);
  CHECK_TEXT(out.bytes, expected);
  rh_text_free(&out);
  rh_trace_free(trace);
}

static const struct rh_op *top(const struct rh_trace *trace, size_t i) {
  return &trace->ops[trace->top[i]];
}
static const struct rh_arg *arg(const struct rh_trace *trace, const struct rh_op *op, uint32_t i) {
  return &trace->args[op->first_arg + i];
}

static void test_names(void) {
  struct rh_trace *trace = parse("new A node\nset A.b.c A\nappend L A\ndrop L A\n");
  CHECK_INT(trace->ntop, 4);
  CHECK_INT(trace->nnames, 3);
  CHECK_TEXT(rh_trace_name_text(trace, 1), "A");
  CHECK_TEXT(rh_trace_name_text(trace, 2), "L");
  const struct rh_op *op = top(trace, 0);
  CHECK_INT(op->code, RH_OP_NEW);
  CHECK_INT(op->kind, RH_NEW_NODE);
  CHECK_INT(op->nargs, 1);
  CHECK_INT(arg(trace, op, 0)->name, 1);
  op = top(trace, 1);
  CHECK_INT(op->line, 2);
  CHECK_INT(arg(trace, op, 0)->type, RH_ARG_PATH);
  CHECK_INT(arg(trace, op, 0)->nparts, 2);
  CHECK_INT(arg(trace, op, 0)->column, 5);
  CHECK_TEXT(trace->text + trace->parts[arg(trace, op, 0)->first_part + 1], "c");
  CHECK_INT(arg(trace, op, 1)->type, RH_ARG_NAME);
  CHECK_INT(arg(trace, top(trace, 2), 0)->name, 2);
  CHECK_INT(top(trace, 3)->nargs, 2);
  rh_trace_free(trace);
}

static void test_comments(void) {
  check_canonical("# alone\n  # behind blanks\nnew A fin # behind an operation\n", "%trace 1\nnew A fin\n");
  check_canonical("const A \"a # b\" # c\n", "%trace 1\nconst A \"a # b\"\n");
  check_canonical("const A 'it\\'s # b' # c\n", "%trace 1\nconst A 'it\\'s # b'\n");
  check_canonical("act A: drop B; drop C # both\n", "%trace 1\nact A: drop B; drop C\n");
  check_canonical("events => [] # none yet\n", "%trace 1\nevents => []\n");
  check_canonical("%why a # is text here\nevents\n", "%trace 1\n%why a # is text here\nevents\n");
}

static void test_arguments(void) {
  struct rh_trace *trace = parse("put D -9223372036854775808 None\n"
                                 "pm.malloc P 18446744073709551615\n"
                                 "put D 0x10 \"a\\\"b\\u00e9\\n\"\n"
                                 "new F float -2.5e3\n"
                                 "const A \"x;\" * 4097\n"
                                 "debug 0\n"
                                 "new S strk 1F600 3\n"
                                 "threshold\nthreshold 700 10\n");
  const struct rh_op *op = top(trace, 0);
  CHECK(arg(trace, op, 1)->integer == INT64_MIN);
  CHECK_INT(arg(trace, op, 2)->type, RH_ARG_WORD);
  CHECK_TEXT(trace->text + arg(trace, op, 2)->text, "None");
  op = top(trace, 1);
  CHECK(arg(trace, op, 1)->is_unsigned && (uint64_t)arg(trace, op, 1)->integer == UINT64_MAX);
  op = top(trace, 2);
  CHECK_INT(arg(trace, op, 1)->integer, 16);
  CHECK_TEXT(trace->text + arg(trace, op, 2)->text, "a\"b\xc3\xa9\n");
  CHECK_INT(arg(trace, op, 2)->text_length, 6);
  op = top(trace, 3);
  CHECK(arg(trace, op, 1)->real < -2499 && arg(trace, op, 1)->real > -2501);
  op = top(trace, 4);
  CHECK_INT(arg(trace, op, 1)->type, RH_ARG_LITERAL);
  CHECK_TEXT(trace->text + arg(trace, op, 1)->text, "\"x;\" * 4097");
  CHECK_TEXT(trace->text + arg(trace, top(trace, 5), 0)->text, "0");
  CHECK_INT(arg(trace, top(trace, 6), 1)->integer, 0x1f600);
  CHECK_INT(top(trace, 7)->nargs, 0);
  CHECK_INT(top(trace, 8)->nargs, 2);
  rh_trace_free(trace);
}

static void test_nesting(void) {
  struct rh_trace *trace = parse("act A: drop X; try pop L 3 => IndexError; repeat 2: len self => ?; clear self\n"
                                 "act 48:\n"
                                 "try collect 3 => ValueError\n");
  CHECK_INT(trace->ntop, 3);
  const struct rh_op *act = top(trace, 0);
  CHECK_INT(act->nchildren, 3);
  const struct rh_op *children = &trace->ops[act->first_child];
  CHECK_INT(children[0].code, RH_OP_DROP);
  CHECK_INT(children[1].code, RH_OP_TRY);
  CHECK_INT(children[1].nexpectations, 1);
  CHECK_INT(trace->ops[children[1].first_child].code, RH_OP_POP);
  CHECK_INT(trace->ops[children[1].first_child].nexpectations, 0);
  CHECK_INT(children[2].code, RH_OP_REPEAT);
  CHECK_INT(children[2].nchildren, 2);
  CHECK(trace->ops[children[2].first_child].recorded);
  CHECK_INT(top(trace, 1)->nchildren, 0);
  CHECK_TEXT(rh_trace_name_text(trace, arg(trace, top(trace, 1), 0)->name), "48");
  rh_trace_free(trace);
}

static void test_expectations(void) {
  struct rh_trace *trace =
      parse("events (fail_nth=2, unordered) => [del:A, x|y@z] @3.9-3.12,3.13.13+,3.14.4+ | [a] @3.13.0-3.13.12\n"
            "fatal => \"a | b @ c\"\n"
            "count 0 => 0..12\n");
  const struct rh_op *op = top(trace, 0);
  CHECK_INT(op->fail_nth, 2);
  CHECK(op->unordered && !op->digest);
  CHECK_INT(op->nexpectations, 2);
  const struct rh_expectation *first = &trace->expectations[op->first_expectation];
  CHECK_TEXT(trace->text + first->value, "[del:A, x|y@z]");
  CHECK_TEXT(trace->text + first->versions, "3.9-3.12,3.13.13+,3.14.4+");
  CHECK(rh_expectation_select(trace, op, 0x030c01) == first);
  CHECK(rh_expectation_select(trace, op, 0x030d0c) == first + 1);
  CHECK(rh_expectation_select(trace, op, 0x030d0d) == first);
  CHECK(rh_expectation_select(trace, op, 0x030e00) == NULL);
  CHECK(rh_expectation_select(trace, op, 0x030e04) == first);
  CHECK(rh_expectation_select(trace, op, 0x031000) == first);
  CHECK_TEXT(trace->text + trace->expectations[top(trace, 1)->first_expectation].value, "\"a | b @ c\"");
  rh_trace_free(trace);
}

static void test_versions(void) {
  static const struct {
    uint32_t version;
    const char *ranges;
    bool selected;
  } cases[] = {
      {0x030907, "", true},
      {0x030907, "3.9", true},
      {0x030a00, "3.9", false},
      {0x030a06, "3.10.6", true},
      {0x030a07, "3.10.6", false},
      {0x030c09, "3.9-3.12", true},
      {0x030d00, "3.9-3.12", false},
      {0x030d00, "3.12+", true},
      {0x030b09, "3.12+", false},
      {0x030e04, "3.14.0-3.14.4", true},
      {0x030e05, "3.14.0-3.14.4", false},
      {0x030d00, "3.12.7+", true},
      {0x030c06, "3.12.7+", false},
      {0x030e03, "3.13.13+,3.14.4+", false},
      {0x030dff, "3.13.13+,3.14.4+", true},
      {0x030f00, "3.13.13+,3.14.4+", true},
      {0x030d00, "3.9,3.13", true},
      {0x030c00, "3.9,3.13", false},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bool selected = rh_version_selected(cases[i].version, cases[i].ranges, strlen(cases[i].ranges));
    if (selected != cases[i].selected) fprintf(stderr, "%06" PRIx32 " in %s\n", cases[i].version, cases[i].ranges);
    CHECK(selected == cases[i].selected);
  }
}

static void test_canonical(void) {
  check_canonical("", "%trace 1\n");
  check_canonical("# nothing\n\n  \t\n", "%trace 1\n");
  check_canonical("%trace 1\r\n%case RC-1   a title \r\ncollect   2 => 0\r\n",
                  "%trace 1\n%case RC-1   a title\ncollect 2 => 0\n");
}

static void test_canonical_operations(void) {
  check_canonical("  drop\tA   B  ", "%trace 1\ndrop A B\n");
  check_canonical("act A : collect 2 => ? ;drop X", "%trace 1\nact A: collect 2 => ?; drop X\n");
  check_canonical("repeat 3:", "%trace 1\nrepeat 3:\n");
  check_canonical("const A (1, 2) ( digest , fail_nth=1 )  =>  1",
                  "%trace 1\nconst A (1, 2) (fail_nth=1,digest) => 1\n");
  check_canonical("const A (unordered)", "%trace 1\nconst A (unordered)\n");
  check_canonical("const A {\"a;\": (1, '=>')}", "%trace 1\nconst A {\"a;\": (1, '=>')}\n");
  check_canonical("put D -0 0x1F", "%trace 1\nput D 0 31\n");
  check_canonical("put D \"\\x41\\u00e9\\U0001f600\\x01\" None",
                  "%trace 1\nput D \"A\xc3\xa9\xf0\x9f\x98\x80\\x01\" None\n");
  check_canonical("refs A =>  1 @3.9|2 @3.10+", "%trace 1\nrefs A => 1 @3.9 | 2 @3.10+\n");
  check_canonical("late =>[del:A]", "%trace 1\nlate => [del:A]\n");
}

static void test_print_without_expectation(void) {
  struct rh_trace *trace = parse("act A: collect 2 => ?; drop X\ntry collect 3 (fail_nth=1) => ValueError\n");
  struct rh_text out = {0};
  rh_op_print(trace, top(trace, 0), false, &out);
  CHECK_TEXT(out.bytes, "act A: collect 2 => ?; drop X");
  out.size = 0;
  rh_op_print(trace, top(trace, 1), false, &out);
  CHECK_TEXT(out.bytes, "try collect 3 (fail_nth=1)");
  rh_text_free(&out);
  rh_trace_free(trace);
}

static void test_append(void) {
  struct rh_trace *trace = rh_trace_new("built");
  CHECK_INT(rh_trace_name(trace, "A", 1), 1);
  CHECK_INT(rh_trace_name(trace, "A.b", 3), 0);
  CHECK_INT(rh_trace_name(trace, "None", 4), 0);
  CHECK(rh_trace_append_line(trace, "%case X-1", 9, &diagnostic));
  CHECK(rh_trace_append_line(trace, "drop A B", 8, &diagnostic));
  CHECK(!rh_trace_append_line(trace, "act A: drop B; drp C", 20, &diagnostic));
  CHECK_INT(diagnostic.column, 16);
  CHECK(!rh_trace_append_line(trace, "drop A\n", 7, &diagnostic));
  CHECK_INT(trace->ntop, 1);
  CHECK_INT(trace->nops, 1);
  CHECK_INT(trace->nargs, 2);
  CHECK_INT(rh_trace_name(trace, "B", 1), 2);
  CHECK_TEXT(rh_trace_header(trace, "case"), "X-1");
  CHECK(rh_trace_header(trace, "why") == NULL);
  struct rh_text out = {0};
  rh_trace_print(trace, &out);
  CHECK_TEXT(out.bytes, "%trace 1\n%case X-1\ndrop A B\n");
  rh_text_free(&out);
  rh_trace_free(trace);
}

/* Many names and texts: the intern table grows, numbers stay dense. */
static void test_many_names(void) {
  struct rh_trace *trace = rh_trace_new("built");
  enum { N = 5000 };
  char line[64];
  for (int i = 0; i < N; i++) {
    int n = snprintf(line, sizeof line, "set N%d.s%d \"text %d\" => %d", i, i, i, i);
    CHECK(rh_trace_append_line(trace, line, (size_t)n, &diagnostic));
  }
  CHECK_INT(trace->nnames, N + 1);
  size_t ntext = trace->ntext;
  for (int i = 0; i < N; i++) {
    int n = snprintf(line, sizeof line, "N%d", i);
    CHECK_INT(rh_trace_name(trace, line, (size_t)n), i + 1);
  }
  CHECK_INT(trace->ntext, ntext);
  rh_trace_free(trace);
}

/* What can be left out of an operation is still one without it. */
static void test_leaving_out(void) {
  static const struct {
    const char *line, *bound;
    uint32_t least;
    int lost; /* the first argument that can be left out, -1: none */
  } cases[] = {{"drop A B", NULL, 1, 0},       {"debug LEAK", NULL, 1, 0},
               {"new T tuple A B", "T", 1, 1}, {"new L nones 7", "L", 2, -1},
               {"weak W A cb", "W", 2, 2},     {"collect 2", NULL, 0, 0},
               {"threshold 7 8", NULL, 0, 0},  {"set A.b A", NULL, 2, -1},
               {"events", NULL, 0, -1},        {"new S list.from gen 3", "S", 3, -1},
               {"pm.pick P B 0", "P", 3, -1},  {"act A: drop A", NULL, 1, -1}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rh_trace *trace = parse(cases[i].line);
    CHECK(trace != NULL);
    if (!trace) continue;
    const struct rh_op *op = &trace->ops[trace->top[0]];
    uint32_t bound = rh_op_binds(trace, op);
    CHECK_TEXT(bound ? rh_trace_name_text(trace, bound) : "", cases[i].bound ? cases[i].bound : "");
    CHECK_INT(rh_op_least_args(op), cases[i].least);
    for (uint32_t k = 0; k < op->nargs; k++)
      CHECK_INT(rh_op_can_lose(op, k), cases[i].lost >= 0 && k >= (uint32_t)cases[i].lost);
    rh_trace_free(trace);
  }
}

static void check_line(const char *text, size_t cut, const char *expected) {
  char line[16] = "";
  memcpy(line, text, cut);
  rh_make_line(line, cut);
  CHECK_TEXT(line, expected);
}

static void test_lines(void) {
  check_line("", 0, "");
  check_line("a\tb", 3, "a b");
  check_line("a\xc3\xa9", 3, "a\xc3\xa9");
  check_line("a\xc3\xa9", 2, "a");
  check_line("\xf0\x9f\x90\x8d", 4, "\xf0\x9f\x90\x8d");
  check_line("\xf0\x9f\x90\x8d", 3, "");
}

TEST_MAIN(test_leaving_out, test_names, test_comments, test_arguments, test_nesting, test_expectations, test_versions,
          test_canonical, test_canonical_operations, test_print_without_expectation, test_append, test_many_names,
          test_lines)
