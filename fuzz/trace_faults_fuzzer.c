/*
 * Property: whoever reads, builds or writes a trace and runs out of memory says
 * so; what was there before is as it was, nothing is lost, and with memory the
 * same call does what it does. The trace library is compiled here with
 * allocations that are counted and fail on purpose, each in its turn.
 *
 * Input: a byte for what is done, one for whether what fails once fails from
 * then on, then a trace: text, JSON Lines or binary, as what is done needs it.
 */
#include "failing_memory.h"
#include "hostile.h"
#include "trace/binary.h"
#include "trace_roundtrip.h"

/* --- what is done --- */

struct input {
  const uint8_t *data;
  size_t size;
};

static bool is_out_of_memory(const struct rh_diagnostic *diagnostic) {
  return strcmp(diagnostic->message, "out of memory") == 0;
}

static void keep(const struct rh_trace *trace, struct rh_text *out) {
  if (trace != NULL) rh_trace_print(trace, out);
}

/* Each appends to `out` all that can be seen of what it did; false: out of memory. */
typedef bool action(struct input input, struct rh_text *out);

/* The trace that was read, which it frees, or what is wrong with the input. */
static bool keep_read(struct rh_trace *trace, const struct rh_diagnostic *diagnostic, struct rh_text *out) {
  bool good = trace != NULL || !is_out_of_memory(diagnostic);
  if (good) rh_text_printf(out, "%u:%u: %s\n", diagnostic->line, diagnostic->column, diagnostic->message);
  keep(trace, out);
  rh_trace_free(trace);
  return good;
}

static bool read_text(struct input input, struct rh_text *out) {
  struct rh_diagnostic diagnostic = {0};
  return keep_read(rh_trace_parse("text", (const char *)input.data, input.size, &diagnostic), &diagnostic, out);
}

static bool read_json(struct input input, struct rh_text *out) {
  struct rh_diagnostic diagnostic = {0};
  return keep_read(rh_trace_parse_json("json", (const char *)input.data, input.size, &diagnostic), &diagnostic, out);
}

static bool decode(struct input input, struct rh_text *out) {
  struct rh_trace *trace = rh_trace_decode(input.data, input.size);
  keep(trace, out);
  rh_trace_free(trace);
  return trace != NULL;
}

/* The operations of a binary trace, and what is in them. */
static bool scan(struct input input, struct rh_text *out) {
  struct rh_parts parts = {0};
  bool good = rh_binary_scan(input.data, input.size, &parts);
  size_t end = 0;
  for (size_t i = 0; good && i < parts.n; i++) {
    const struct rh_part *part = &parts.items[i];
    REQUIRE(part->start <= part->end && part->end <= input.size, "a part is not in the bytes");
    if (part->depth == 1 && part->kind <= RH_PART_OTHER) {
      REQUIRE(part->start == end || i == 0, "the parts leave bytes out, or share some");
      end = part->end;
    }
    rh_text_printf(out, "%zu-%zu %u\n", part->start, part->end, (unsigned)part->kind);
  }
  REQUIRE(!good || parts.n == 0 || end == input.size, "the parts leave the last bytes out");
  counted_free(parts.items);
  return good;
}

/* Line by line, each behind a call for its first word as a name; a line for which there was no room is left out. */
static bool build(struct input input, struct rh_text *out) {
  struct rh_trace *trace = rh_trace_new("built");
  const char *at = (const char *)input.data, *end = at + input.size;
  bool good = trace != NULL;
  while (good && at < end) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((newline ? newline : end) - at), nops = trace->nops, nheaders = trace->nheaders;
    struct rh_diagnostic diagnostic = {0};
    uint64_t before = failing_memory_refused();
    const char *blank = memchr(at, ' ', n);
    size_t nword = blank ? (size_t)(blank - at) : n;
    uint32_t name = rh_trace_name(trace, at, nword);
    if (name != 0) REQUIRE(strncmp(rh_trace_name_text(trace, name), at, nword) == 0, "a name has another text");
    if (!rh_trace_append_line(trace, at, n, &diagnostic)) {
      REQUIRE(trace->nops == nops && trace->nheaders == nheaders, "a line that is refused is there");
      REQUIRE(failing_memory_refused() > before || !is_out_of_memory(&diagnostic),
              "out of memory, although there was some");
    }
    good = failing_memory_refused() == before;
    at += n + 1;
  }
  keep(trace, out);
  rh_trace_free(trace);
  return good;
}

/* All three spellings of a trace; a text that was cut says so. */
static bool write(struct input input, struct rh_text *out) {
  void (*const writers[])(const struct rh_trace *, struct rh_text *) = {rh_trace_print, rh_trace_print_json,
                                                                        rh_trace_encode};
  struct rh_trace *trace = rh_trace_decode(input.data, input.size);
  bool good = trace != NULL;
  for (unsigned i = 0; good && i < 3; i++) {
    struct rh_text text = {0};
    writers[i](trace, &text);
    good = text.capacity != SIZE_MAX;
    rh_text_append(out, text.bytes ? text.bytes : "", good ? text.size : 0);
    rh_text_free(&text);
  }
  rh_trace_free(trace);
  return good && out->capacity != SIZE_MAX;
}

/* --- judging --- */

/* With memory: what it does. Without: it says so, until there is nothing left to fail. */
static void torture(action *act, struct input input, bool goes_on) {
  struct rh_text expected = {0};
  uint64_t at_first = failing_memory_living();
  REQUIRE(act(input, &expected), "out of memory, although there is some");
  for (uint64_t k = 0, left = 1; left != 0; k++) {
    struct rh_text got = {0};
    uint64_t before = failing_memory_living();
    failing_memory_plan(k, goes_on ? UINT64_MAX : k + 1);
    bool good = act(input, &got);
    left = failing_memory_refused();
    if (good && got.capacity != SIZE_MAX)
      REQUIRE(got.size == expected.size && (got.size == 0 || memcmp(got.bytes, expected.bytes, got.size) == 0),
              "without some memory it does something else");
    REQUIRE(good || left != 0, "out of memory, although every allocation was granted");
    rh_text_free(&got);
    REQUIRE(failing_memory_living() == before, "memory was lost");
  }
  rh_text_free(&expected);
  REQUIRE(failing_memory_living() == at_first, "memory was lost");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static action *const actions[] = {read_text, read_json, decode, scan, build, write};
  if (size < 2) return 0;
  action *act = actions[data[0] % 6];
  if (act == read_json && !READS_JSON) return 0;
  torture(act, (struct input){data + 2, size - 2}, data[1] % 2 != 0);
  (void)failing_memory_end(); /* the mutator uses this library, too */
  return 0;
}
