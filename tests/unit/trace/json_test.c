/*
 * JSON Lines: the spelling itself, and that reading it gives the same trace.
 * What is refused has its files in tests/traces/bad.
 */
#include <stdlib.h>

#include "test.h"
#include "trace/trace.h"

static struct rh_diagnostic diagnostic;

static void check(const char *text, const char *json) {
  struct rh_trace *trace = rh_trace_parse("test", text, strlen(text), &diagnostic);
  CHECK(trace != NULL);
  if (!trace) return;
  struct rh_text printed = {0}, canonical = {0}, again = {0};
  rh_trace_print_json(trace, &printed);
  CHECK_TEXT(printed.bytes + strlen("{\"trace\":\"1\"}\n"), json);
  rh_trace_print(trace, &canonical);
  struct rh_trace *read = rh_trace_parse_json("test", printed.bytes, printed.size, &diagnostic);
  CHECK(read != NULL);
  if (read) rh_trace_print(read, &again);
  CHECK_TEXT(again.bytes ? again.bytes : diagnostic.message, canonical.bytes);
  rh_text_free(&printed);
  rh_text_free(&canonical);
  rh_text_free(&again);
  rh_trace_free(trace);
  rh_trace_free(read);
}

static void test_arguments(void) {
  check("set A.a.b C", "{\"op\":\"set\",\"args\":[{\"path\":[\"A\",\"a\",\"b\"]},{\"name\":\"C\"}]}\n");
  check("put D None -5", "{\"op\":\"put\",\"args\":[{\"name\":\"D\"},{\"word\":\"None\"},{\"int\":\"-5\"}]}\n");
  check("pm.malloc P 18446744073709551615",
        "{\"op\":\"pm.malloc\",\"args\":[{\"name\":\"P\"},{\"int\":\"18446744073709551615\"}]}\n");
  check("new S str \"a\\\"\\n\\\\\"",
        "{\"op\":\"new\",\"kind\":\"str\",\"args\":[{\"name\":\"S\"},{\"text\":\"a\\\"\\u000a\\\\\"}]}\n");
  check("new F float -1e3", "{\"op\":\"new\",\"kind\":\"float\",\"args\":[{\"name\":\"F\"},{\"real\":\"-1e3\"}]}\n");
  check("const A \"x\" * 3", "{\"op\":\"const\",\"args\":[{\"name\":\"A\"},{\"literal\":\"\\\"x\\\" * 3\"}]}\n");
  check("new T tuple A B",
        "{\"op\":\"new\",\"kind\":\"tuple\",\"args\":[{\"name\":\"T\"},{\"name\":\"A\"},{\"name\":\"B\"}]}\n");
  check("debug 0", "{\"op\":\"debug\",\"args\":[{\"word\":\"0\"}]}\n");
}

static void test_nesting(void) {
  check("act A: collect 2 => ?; repeat 2: drop A",
        "{\"op\":\"act\",\"args\":[{\"name\":\"A\"}],\"do\":[{\"op\":\"collect\",\"args\":[{\"int\":\"2\"}],\"record\":"
        "true},"
        "{\"op\":\"repeat\",\"args\":[{\"int\":\"2\"}],\"do\":[{\"op\":\"drop\",\"args\":[{\"name\":\"A\"}]}]}]}\n");
  check("act A:", "{\"op\":\"act\",\"args\":[{\"name\":\"A\"}]}\n");
  check("try events => ok", "{\"op\":\"try\",\"do\":[{\"op\":\"events\"}],\"expect\":[{\"value\":\"ok\"}]}\n");
}

static void test_tails(void) {
  check("events (fail_nth=3,unordered,digest) => [a] @3.9 | [\"\\\"\"] @3.10",
        "{\"op\":\"events\",\"fail_nth\":\"3\",\"unordered\":true,\"digest\":true,"
        "\"expect\":[{\"value\":\"[a]\",\"versions\":\"3.9\"},{\"value\":\"[\\\"\\\\\\\"\\\"]\",\"versions\":\"3.10\"}]"
        "}\n");
}

static void test_headers(void) {
  check("%case X-1 a \"b\"", "{\"header\":\"case\",\"value\":\"X-1 a \\\"b\\\"\"}\n");
}

static void test_lines(void) {
  static const char json[] = "{\"op\" : \"events\"}\r\n\n  \n{\"op\":\"garbage\"}";
  struct rh_trace *trace = rh_trace_parse_json("test", json, strlen(json), &diagnostic);
  CHECK(trace != NULL);
  if (!trace) return;
  CHECK_INT(trace->ntop, 2);
  CHECK_INT(trace->ops[trace->top[1]].line, 4);
  rh_trace_free(trace);
}

TEST_MAIN(test_arguments, test_nesting, test_tails, test_headers, test_lines)
