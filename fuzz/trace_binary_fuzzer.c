/*
 * Property: any bytes decode to a legal trace, which survives all three
 * spellings; what is decoded does not depend on anything but the bytes.
 */
#include "trace_roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_trace *trace = rh_trace_decode(data, size);
  require(trace != NULL, "bytes that do not decode");
  check_round_trips(trace);
  rh_trace_free(trace);
  return 0;
}
