/*
 * The binary spelling: that it is total and compact, that records stand for
 * themselves, and the bytes the layout in specs/trace-language.md promises;
 * where its parts are.
 */
#include <stdlib.h>

#include "test.h"
#include "trace/binary.h"
#include "trace/trace.h"

static struct rh_diagnostic diagnostic;

/* The text of decoded bytes without its first line; the caller frees it. */
static struct rh_text decode(const void *bytes, size_t size) {
  struct rh_text text = {0};
  struct rh_trace *trace = rh_trace_decode(bytes, size);
  CHECK(trace != NULL);
  rh_trace_print(trace, &text);
  rh_trace_free(trace);
  size_t first = strlen("%trace 1\n");
  memmove(text.bytes, text.bytes + first, text.size - first + 1);
  text.size -= first;
  return text;
}

#define CHECK_DECODES(expected, ...)                                                                                   \
  do {                                                                                                                 \
    const uint8_t test_bytes[] = {__VA_ARGS__};                                                                        \
    struct rh_text test_decoded = decode(test_bytes, sizeof test_bytes);                                               \
    CHECK_TEXT(test_decoded.bytes, expected);                                                                          \
    rh_text_free(&test_decoded);                                                                                       \
  } while (0)

/* Text to binary to text; gives the size of the binary. */
static size_t check_round_trip(const char *text) {
  struct rh_trace *trace = rh_trace_parse("test", text, strlen(text), &diagnostic);
  CHECK(trace != NULL);
  if (!trace) return 0;
  struct rh_text binary = {0};
  rh_trace_encode(trace, &binary);
  struct rh_text again = decode(binary.bytes, binary.size);
  CHECK_TEXT(again.bytes, text);
  size_t size = binary.size;
  rh_text_free(&binary);
  rh_text_free(&again);
  rh_trace_free(trace);
  return size;
}

static void test_layout(void) {
  CHECK_DECODES("", 0x89, 'R', 'H', 'T', '1');
  CHECK_DECODES("new B node\n", 0x89, 'R', 'H', 'T', '1', RH_OP_NEW - 1, 1, RH_NEW_NODE - 1);
  CHECK_DECODES("drop A B\n", RH_OP_DROP - 1, 2, 0, 1);
  CHECK_DECODES("set A.b self\n", RH_OP_SET - 1, 0, 0, 1, 26);
  CHECK_DECODES("append A None\nappend A 300\nappend A -2\n", RH_OP_APPEND - 1, 0, 0xf2, RH_OP_APPEND - 1, 0, 0xf3,
                0xf1, 0x2c, 0x01, RH_OP_APPEND - 1, 0, 0xf3, 0xe1);
  CHECK_DECODES("act A: collect => ?\nevents\n", RH_OP_ACT - 1, 0, 0xfa, RH_OP_COLLECT - 1, 0, 0xff, RH_OP_EVENTS - 1);
  CHECK_DECODES("events (unordered) => [] @3.9\n", 0xfb, 1, 0xfc, 0, 2, '[', ']', 3, '3', '.', '9', RH_OP_EVENTS - 1);
  CHECK_DECODES("%why so\ndrop name\n", 0xfd, 2, 2, 's', 'o', 0xfe, 27, 4, 'n', 'a', 'm', 'e', RH_OP_DROP - 1, 1, 27);
}

/* What is missing reads as 0; what is out of range is reduced. */
static void test_totality(void) {
  CHECK_DECODES("new A list\n", RH_OP_NEW - 1);
  CHECK_DECODES("appendn A 4\n", RH_OP_APPENDN - 1, 0, 0xf3, 0x85, 0x96, 0x98, 0x00);
  CHECK_DECODES("const A None\n", RH_OP_CONST - 1, 0, 2, '(', '(');
  CHECK_DECODES("events\n", 0xfc, 0, 0, 0, RH_OP_EVENTS - 1);
  CHECK_DECODES("", 0xff, 0xff, 0xfa, 0xfb);
  CHECK_DECODES("new A str \"?a\"\n", RH_OP_NEW - 1, 0, RH_NEW_STR - 1, 2, 0xff, 'a');
  CHECK_DECODES("drop _9x\n", 0xfe, 27, 3, '-', '9', 'x', RH_OP_DROP - 1, 1, 27);
  CHECK_DECODES("act 7:\ndrop A\n", 0xfe, 27, 1, '7', RH_OP_ACT - 1, 27, 0xff, RH_OP_DROP - 1, 1, 27);
}

static void test_round_trips(void) {
  check_round_trip("");
  check_round_trip("%case RC-1 with \xc3\xa9\n%env A=1\n%env B=\nevents\n");
  check_round_trip("put D -9223372036854775808 18446744073709551615\nput D -16 -17\nput D 223 224\nput D 255 256\n");
  check_round_trip("put D 9223372036854775807 9223372036854775808\n");
  check_round_trip("put D.slot.a.Z \"\\x01\\\"\\\\\xf0\x9f\x98\x80\" None\nnew F float -2.50e+10\nnew F float inf\n");
  check_round_trip("const A {\"a;\": (1, '=>')} (fail_nth=10000000)\nconst A None\nconst A (digest)\n");
  check_round_trip("new T tuple\nnew T tuple A B C D E F G H I\nnew T tuple A.b.c self\nthreshold 1 2\nthreshold\n");
  check_round_trip("act 48: raise Foo-Bar.baz; drop N48; act x:\nrepeat 3: repeat 2:\n");
  check_round_trip("try pop L -1 (fail_nth=1) => IndexError @3.9-3.12,3.14.4+ | ok @3.13\n");
  check_round_trip("growth D popdown 10000000 => [0:1]\nnew S strk 1f600 3\nfreecount Py-Float.x\ndebug 0 SAVEALL\n");
}

static void test_compactness(void) {
  CHECK_INT(check_round_trip("new A node\nset A.a A\ndrop A\ncollect 2\n"), 5 + 3 + 5 + 3 + 3);
}

/* Names of lines that were refused leave no mark. */
static void test_unused_names(void) {
  struct rh_trace *trace = rh_trace_new("built");
  CHECK(!rh_trace_append_line(trace, "append unused", 13, &diagnostic));
  CHECK(rh_trace_append_line(trace, "drop used A", 11, &diagnostic));
  struct rh_text binary = {0};
  rh_trace_encode(trace, &binary);
  CHECK_INT(binary.size, 5 + 3 + 4 + 4);
  rh_text_free(&binary);
  rh_trace_free(trace);
}

/* Cutting out any one record leaves the others as they were. */
static void test_independence(void) {
  static const uint8_t records[][8] = {
      {RH_OP_NEW - 1, 0, RH_NEW_FIN - 1}, {RH_OP_COLLECT - 1, 1, 2}, {RH_OP_DROP - 1, 1, 0}};
  static const char *const lines[] = {"new A fin\n", "collect 2\n", "drop A\n"};
  for (size_t cut = 0; cut < 3; cut++) {
    uint8_t bytes[9];
    char expected[64] = "";
    size_t n = 0;
    for (size_t i = 0; i < 3; i++) {
      if (i == cut) continue;
      memcpy(bytes + n, records[i], 3);
      n += 3;
      strcat(expected, lines[i]);
    }
    struct rh_text text = decode(bytes, n);
    CHECK_TEXT(text.bytes, expected);
    rh_text_free(&text);
  }
}

/* Random bytes are mostly operations: few records are lost. */
static void test_yield(void) {
  uint8_t bytes[4096];
  uint32_t state = 1;
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
  size_t operations = 0;
  for (size_t i = 0; i < sizeof bytes; i += 32) {
    struct rh_trace *trace = rh_trace_decode(bytes + i, 32);
    operations += trace->nops;
    rh_trace_free(trace);
  }
  printf("%zu operations from %zu random bytes\n", operations, sizeof bytes);
  CHECK(operations > sizeof bytes / 6);
}

/* Parts as text: kind, depth, letter, start-end, ! for what is cut, ~ for a block without its end. */
static void check_parts(const uint8_t *bytes, size_t size, const char *expected) {
  struct rh_parts parts = {0};
  struct rh_text text = {0};
  CHECK(rh_binary_scan(bytes, size, &parts));
  for (size_t i = 0; i < parts.n; i++) {
    const struct rh_part *part = &parts.items[i];
    rh_text_printf(&text, "%s%c%d", i ? " " : "", "OXCKA"[part->kind], part -> depth);
    if (part->letter) rh_text_append(&text, &part->letter, 1);
    rh_text_printf(&text, ":%d-%d%s", (int)part->start, (int)part->end, &"\0\0~\0!"[2 * part->ending]);
  }
  CHECK_TEXT(text.bytes ? text.bytes : "", expected);
  rh_text_free(&text);
  free(parts.items);
}

#define CHECK_PARTS(expected, ...)                                                                                     \
  do {                                                                                                                 \
    const uint8_t test_bytes[] = {__VA_ARGS__};                                                                        \
    check_parts(test_bytes, sizeof test_bytes, expected);                                                              \
  } while (0)

static void test_parts(void) {
  enum {
    NEW = RH_OP_NEW - 1,
    SET = RH_OP_SET - 1,
    ACT = RH_OP_ACT - 1,
    EVENTS = RH_OP_EVENTS - 1,
    TRY = RH_OP_TRY - 1
  };
  CHECK_PARTS("", 0x89, 'R', 'H', 'T', '1');
  CHECK_PARTS("O1:5-8 C1:5-6 A1n:6-7 K1K:7-8", 0x89, 'R', 'H', 'T', '1', NEW, 1, RH_NEW_NODE - 1);
  CHECK_PARTS("O1:0-5 C1:0-1 A1S:1-4 A1V:4-5 O1:5-6 C1:5-6", SET, 0, 0, 1, 26, EVENTS);
  /* what stands before an operation is of it, headers and names are not, but in between */
  CHECK_PARTS("X1:0-4 X1:4-7 O1:7-10 C1:9-10", 0xfd, 2, 1, 's', 0xfe, 27, 0, 0xfb, 1, EVENTS);
  CHECK_PARTS("O1:0-6 C1:5-6", 0xfb, 1, 0xfe, 27, 0, EVENTS);
  CHECK_PARTS("X1:0-1 X1:1-3 O1:3-4 C1:3-4 X1:4-5", 0xff, 0xfa, 0xff, EVENTS, 0xfa);
  CHECK_PARTS("O1:0-5 C1:0-1 A1A:1-2 O2:2-4 C2:3-4 O1:5-6 C1:5-6", ACT, 0, 0xfa, EVENTS, 0xff, EVENTS);
  CHECK_PARTS("O1:0-2 C1:0-1 C1:1-2", TRY, EVENTS);
  /* a block that ends in a block ends with it */
  CHECK_PARTS("O1:0-6 C1:0-1 A1A:1-2 O2:2-6 C2:2-3 A2A:3-4 O3:4-5 C3:4-5 X1:6-7", ACT, 0, ACT, 1, EVENTS, 0xff, 0xfa);
  CHECK_PARTS("O1:0-5~ C1:0-1 A1A:1-2 O2:2-5~ C2:2-3 A2A:3-4 O3:4-5 C3:4-5", ACT, 0, ACT, 1, EVENTS);
}

/* What is missing at the end: of an operand, a number, a text, a list, an expectation. */
static void test_cut_parts(void) {
  CHECK_PARTS("O1:0-1! C1:0-1 A1n:1-1 K1K:1-1", RH_OP_NEW - 1);
  CHECK_PARTS("O1:0-2! C1:0-1 A1I:1-2", RH_OP_COUNT - 1, 0xf0);
  CHECK_PARTS("O1:0-4! C1:0-1 A1n:1-2 A1L:2-4", RH_OP_CONST - 1, 0, 2, '1');
  CHECK_PARTS("O1:0-3! C1:0-1 A1N:3-3", RH_OP_DROP - 1, 0xf0, 9);
  CHECK_PARTS("X1:0-4!", 0xfc, 1, 0, 0);
  CHECK_PARTS("O1:0-4! C1:0-1 A1A:1-2 O2:2-4! C2:2-3 A2N:4-4", RH_OP_ACT - 1, 0, RH_OP_DROP - 1, 1);
}

/* Random bytes: the parts of the top level tile them, and one of each that is an operation is what is decoded. */
static void test_parts_tile(void) {
  uint32_t state = 2;
  struct rh_parts parts = {0};
  for (unsigned round = 0; round < 500; round++) {
    uint8_t bytes[64];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)((state = state * 1664525 + 1013904223) >> 24);
    CHECK(rh_binary_scan(bytes, sizeof bytes, &parts));
    size_t end = 0, operations = 0;
    for (size_t i = 0; i < parts.n; i++) {
      const struct rh_part *part = &parts.items[i];
      CHECK(part->start <= part->end && part->end <= sizeof bytes);
      if (part->depth != 1 || (part->kind != RH_PART_OPERATION && part->kind != RH_PART_OTHER)) continue;
      CHECK_INT(part->start, end);
      end = part->end;
      operations += part->kind == RH_PART_OPERATION;
    }
    CHECK_INT(end, sizeof bytes);
    struct rh_trace *trace = rh_trace_decode(bytes, sizeof bytes);
    CHECK(trace->ntop <= operations && trace->ntop + 2 >= operations); /* a literal may be no legal text */
    rh_trace_free(trace);
  }
  free(parts.items);
}

TEST_MAIN(test_layout, test_totality, test_round_trips, test_compactness, test_unused_names, test_independence,
          test_yield, test_parts, test_cut_parts, test_parts_tile)
