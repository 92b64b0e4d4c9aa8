/*
 * Property: any bytes read as text, or as JSON Lines, give either a legal
 * trace, which survives all three spellings, or one well-formed diagnostic.
 */
#include "trace_roundtrip.h"

static void check(struct rh_trace *trace, const struct rh_diagnostic *diagnostic) {
  if (trace)
    check_round_trips(trace);
  else
    check_diagnostic(diagnostic);
  rh_trace_free(trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_diagnostic diagnostic = {0};
  const char *bytes = size ? (const char *)data : "";
  check(rh_trace_parse("text", bytes, size, &diagnostic), &diagnostic);
  diagnostic = (struct rh_diagnostic){0};
  if (READS_JSON && size && data[0] == '{') check(rh_trace_parse_json("json", bytes, size, &diagnostic), &diagnostic);
  return 0;
}
