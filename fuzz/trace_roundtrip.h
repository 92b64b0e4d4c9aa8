/*
 * What both trace targets assert: every legal trace means the same in its
 * three spellings. Text, printed and read again, is the same bytes; so is text
 * that went through the binary or through JSON Lines. Reading JSON costs ten
 * times the rest, so one input in thirty-two takes that way.
 */
#ifndef RH_FUZZ_TRACE_ROUNDTRIP_H
#define RH_FUZZ_TRACE_ROUNDTRIP_H

#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The memory sanitizer takes what jansson writes for uninitialised: that library is not built with it. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define RH_FUZZ_NO_JSON
#endif
#endif
#ifdef RH_FUZZ_NO_JSON
enum { READS_JSON = 0 };
#else
enum { READS_JSON = 1 };
#endif

/* Fails visibly for every engine. */
static inline void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "trace round trip: %s\n", what);
  abort();
}

/* A diagnostic has a place and is one line of printable text. */
static inline void check_diagnostic(const struct rh_diagnostic *diagnostic) {
  require(diagnostic->line > 0 && diagnostic->column > 0, "a diagnostic without a place");
  const char *message = diagnostic->message, *end = memchr(message, '\0', sizeof diagnostic->message);
  require(end != NULL && end > message, "a diagnostic without text or without end");
  for (const char *p = message; p < end; p++)
    require((unsigned char)*p >= 0x20 && *p != 0x7f, "a control character in a diagnostic");
}

/* Takes the trace over: it must print as `expected`. */
static inline void check_same(struct rh_trace *trace, const struct rh_text *expected, const char *what) {
  struct rh_text text = {0};
  require(trace != NULL, what);
  rh_trace_print(trace, &text);
  require(text.size == expected->size && memcmp(text.bytes, expected->bytes, text.size) == 0, what);
  rh_text_free(&text);
  rh_trace_free(trace);
}

static inline void check_json(const struct rh_trace *trace, const struct rh_text *text) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_text json = {0};
  rh_trace_print_json(trace, &json);
  check_same(rh_trace_parse_json("json", json.bytes, json.size, &diagnostic), text, "text through JSON differs");
  rh_text_free(&json);
}

static inline void check_round_trips(const struct rh_trace *trace) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_text text = {0}, binary = {0}, again = {0};
  rh_trace_print(trace, &text);
  check_same(rh_trace_parse("text", text.bytes, text.size, &diagnostic), &text, "canonical text is not canonical");
  rh_trace_encode(trace, &binary);
  struct rh_trace *decoded = rh_trace_decode((const uint8_t *)binary.bytes, binary.size);
  rh_trace_encode(decoded, &again);
  require(again.size == binary.size && memcmp(again.bytes, binary.bytes, binary.size) == 0,
          "the binary of a decoded binary differs");
  check_same(decoded, &text, "text through binary differs");
  if (READS_JSON && text.size % 32 == 0) check_json(trace, &text);
  rh_text_free(&text);
  rh_text_free(&binary);
  rh_text_free(&again);
}

#endif
