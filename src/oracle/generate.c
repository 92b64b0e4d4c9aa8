/*
 * The frame of the generators. Every line is written as text and parsed onto
 * the trace, so that what is generated is in the language by construction.
 */
#include "oracle/generate.h"

#include "oracle/generate_writer.h"
#include <inttypes.h>

void rh_end_line(struct rh_writer *writer) {
  struct rh_diagnostic diagnostic;
  if (!rh_trace_append_line(writer->trace, writer->line.bytes, writer->line.size, &diagnostic)) writer->failed = true;
  writer->line.size = 0;
  writer->written++;
}

struct rh_trace *rh_generate(const struct rh_generate_options *options) {
  static void (*const mixes[])(struct rh_writer *,
                               const struct rh_generate_options *) = {[RH_MIX_LEGAL] = rh_generate_legal,
                                                                      [RH_MIX_WILD] = rh_generate_wild,
                                                                      [RH_MIX_INTERACTIONS] = rh_generate_interactions};
  char name[64]; /* says how to make it again */
  (void)snprintf(name, sizeof name, "generated-seed%" PRIu64 "-ops%" PRIu32, options->seed, options->operations);
  struct rh_writer writer = {.state = options->seed, .trace = rh_trace_new(name)};
  if (!writer.trace) return NULL;
  mixes[options->mix](&writer, options);
  rh_text_free(&writer.line);
  if (!writer.failed) return writer.trace;
  rh_trace_free(writer.trace);
  return NULL;
}
