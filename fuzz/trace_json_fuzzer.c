/*
 * Property: any bytes read as JSON Lines give either a legal trace, which
 * survives all three spellings, or one diagnostic with a place in them.
 *
 * Input: bytes that begin with `{`, as they are. Else a trace as text, or in its
 * binary form, is printed as JSON Lines and a few of its bytes are changed, at
 * places that the input's sum chooses; with nothing changed it is the same trace.
 */
#include "hostile.h"
#include "trace_roundtrip.h"

enum { CHANGES_MAX = 4 };

static void read_json(const char *bytes, size_t size) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_trace *trace = rh_trace_parse_json("json", bytes, size, &diagnostic);
  if (trace != NULL) {
    struct rh_text text = {0};
    rh_trace_print(trace, &text);
    check_json(trace, &text);
    rh_text_free(&text);
    check_round_trips(trace);
  } else {
    check_placed(&diagnostic, bytes, size);
  }
  rh_trace_free(trace);
}

static uint32_t next_number(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 8;
}

/* Gives the object that ends at or behind a place one more field. */
static void insert_field(struct rh_text *json, size_t at, uint32_t choice) {
  static const char *const fields[] = {
      ",\"record\":true",  ",\"unordered\":true", ",\"fail_nth\":\"1\"", ",\"expect\":[{\"value\":\"1\"}]",
      ",\"do\":[]",        ",\"kind\":\"list\"",  ",\"args\":[]",        ",\"versions\":\"3.9+\"",
      ",\"value\":\"[a\"", ",\"op\":\"events\""};
  struct rh_text longer = {0};
  while (at < json->size && json->bytes[at] != '}') at++;
  if (at == json->size) return;
  rh_text_append(&longer, json->bytes, at);
  rh_text_puts(&longer, fields[choice % (sizeof fields / sizeof *fields)]);
  rh_text_append(&longer, json->bytes + at, json->size - at);
  rh_text_free(json);
  *json = longer;
}

/* Overwrites bytes with others that mean something in JSON, and adds fields. */
static void change(struct rh_text *json, uint32_t state) {
  static const char bytes[] = "{}[]\",:\\0aun\n\x7f\xc3\x01 e-.";
  for (uint32_t n = next_number(&state) % (CHANGES_MAX + 1); n > 0 && json->size > 0; n--) {
    size_t at = next_number(&state) % json->size;
    if (next_number(&state) % 2) {
      json->bytes[at] = bytes[next_number(&state) % sizeof bytes];
    } else {
      insert_field(json, at, next_number(&state));
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *bytes = size ? (const char *)data : "";
  struct rh_diagnostic ignored;
  struct rh_text json = {0};
  if (!READS_JSON) return 0;
  if (size > 0 && data[0] == '{') {
    read_json(bytes, size);
    return 0;
  }
  struct rh_trace *trace = rh_trace_parse("text", bytes, size, &ignored);
  if (trace == NULL) trace = rh_trace_decode((const uint8_t *)bytes, size);
  REQUIRE(trace != NULL, "no trace");
  rh_trace_print_json(trace, &json);
  change(&json, sum_of(data, size));
  read_json(json.size ? json.bytes : "", json.size);
  rh_text_free(&json);
  rh_trace_free(trace);
  return 0;
}
