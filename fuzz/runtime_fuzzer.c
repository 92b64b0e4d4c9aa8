/*
 * Property: on programs of finalizers, resurrection, weak references,
 * callbacks, containers and collections, core with runtime and the clear model
 * say the same after every operation, and every now and then their heaps are
 * compared object by object. What the runtime alone knows is judged by what
 * must hold in any case: the binary form means the same, what only looks
 * changes nothing, a second run is like the first, and a program that gave
 * everything up has left nothing.
 *
 * Input: a byte for the CPython version, one for the kind of program, then
 * records of four bytes (program.h). RH_FUZZ_PRINT=1 in the environment prints
 * the program as a trace.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "heaps.h"
#include "oracle/compare.h"
#include "program.h"
#include "programs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 2, RECORDS_MAX = 256, COMPARED_EVERY = 16 };

/* Bits of the second byte. */
enum { ALONE = 1, AUTOMATIC = 2, AGAIN = 4, BLIND = 8, CLEAN_UP = 16 };

static const struct rh_profile *profile;

static void fail(const struct rh_trace *trace, size_t at, const char *what) {
  struct rh_text line = {0};
  if (at < trace->ntop) rh_op_print(trace, &trace->ops[trace->top[at]], false, &line);
  fprintf(stderr, "runtime: %s: operation %zu (%s): %s\n", profile->name, at + 1, line.bytes ? line.bytes : "", what);
  abort();
}

/* --- both engines --- */

struct pair_of_runs {
  struct rh_run *runtime, *model;
};

static void compare_heaps(const struct pair_of_runs *runs, const struct rh_trace *trace, size_t at) {
  heaps_start(&rh_engine_runtime, &rh_engine_model);
  for (uint32_t name = 1; name < trace->nnames; name++)
    heaps_pair(rh_run_object(runs->runtime, name), rh_run_object(runs->model, name));
  const char *what = heaps_compare(true);
  if (what) fail(trace, at, what);
}

static bool is_known(const struct rh_observation *seen) {
  return seen->class != RH_OBSERVE_UNSUPPORTED && seen->class != RH_OBSERVE_UNKNOWN;
}

/* Leaves the runtime alone when the model is at its limits. */
static void step_model(struct pair_of_runs *runs, const struct rh_trace *trace, size_t at,
                       const struct rh_observation *said) {
  struct rh_observation seen = {0};
  if (!runs->model) return;
  if (!rh_run_step(runs->model, &seen)) fail(trace, at, "the model ends and the runtime does not");
  if (!is_known(&seen) || !is_known(said)) {
    rh_run_free(runs->model);
    runs->model = NULL;
    return;
  }
  if (rh_observations_agree(said, &seen)) return;
  struct rh_text text = {0};
  rh_text_puts(&text, "the runtime says ");
  rh_observation_describe(said, &text);
  rh_text_puts(&text, ", the model ");
  rh_observation_describe(&seen, &text);
  fail(trace, at, text.bytes);
}

/* --- what was observed, as one number --- */

static uint64_t digest_observation(uint64_t digest, const struct rh_observation *seen) {
  digest = digest_bytes(digest, &seen->class, sizeof seen->class);
  return digest_bytes(digest, seen->text, seen->size);
}

/* The result of a program: what it observed, what only looks aside. */
struct result {
  uint64_t observed;
  bool finished; /* everything was known */
};

static struct result run(const struct rh_trace *trace, bool both) {
  struct pair_of_runs runs = {rh_run_new(&rh_engine_runtime, profile, trace), NULL};
  struct rh_observation seen = {0};
  struct result result = {0, true};
  if (both) runs.model = rh_run_new(&rh_engine_model, profile, trace);
  if (!runs.runtime || (both && !runs.model)) abort();
  for (size_t at = 0; result.finished && rh_run_step(runs.runtime, &seen); at++) {
    step_model(&runs, trace, at, &seen);
    result.finished = is_known(&seen);
    if (!program_looks(&trace->ops[trace->top[at]])) result.observed = digest_observation(result.observed, &seen);
    if (runs.model && (at % COMPARED_EVERY == 0 || at + 1 == trace->ntop)) compare_heaps(&runs, trace, at);
  }
  rh_run_free(runs.runtime);
  rh_run_free(runs.model);
  return result;
}

/* --- relations --- */

static struct rh_trace *make_trace(const uint8_t *records, size_t n, const struct program_options *options,
                                   bool *leaves_nothing) {
  static struct rh_text text; /* kept, because making room takes time */
  struct rh_diagnostic diagnostic = {0};
  text.size = 0;
  *leaves_nothing = program_write(records, n, options, &text);
  if (getenv("RH_FUZZ_PRINT")) fprintf(stderr, "%%profile %s\n%.*s", profile->name, (int)text.size, text.bytes);
  struct rh_trace *trace = rh_trace_parse("program", text.bytes, text.size, &diagnostic);
  if (trace) return trace;
  fprintf(stderr, "runtime: line %u: not a legal trace: %s\n", diagnostic.line, diagnostic.message);
  abort();
}

/* The program by another road to the same observations. */
static void run_again(const struct rh_trace *trace, struct result first) {
  struct rh_text binary = {0};
  rh_trace_encode(trace, &binary);
  struct rh_trace *decoded = rh_trace_decode((const uint8_t *)binary.bytes, binary.size);
  rh_text_free(&binary);
  if (!decoded) abort();
  struct result second = run(decoded, false);
  if (second.finished != first.finished || second.observed != first.observed)
    fail(trace, SIZE_MAX, "the same program, from its binary form, observes something else");
  rh_trace_free(decoded);
}

static void run_blind(const struct rh_trace *trace, struct result first, const uint8_t *records, size_t n,
                      struct program_options options) {
  bool leaves_nothing = false;
  options.looks = false;
  struct rh_trace *blind = make_trace(records, n, &options, &leaves_nothing);
  struct result second = run(blind, false);
  if (first.finished && (!second.finished || second.observed != first.observed))
    fail(trace, SIZE_MAX, "without the operations that only look the program observes something else");
  rh_trace_free(blind);
}

static void check_nothing_left(const struct rh_trace *trace) {
  if (rh_engine_runtime.garbage_length() != 0) fail(trace, SIZE_MAX, "garbage is left");
  for (uint32_t o = rh_engine_runtime.next_object(0); o != 0; o = rh_engine_runtime.next_object(o))
    if (rh_engine_runtime.tracked(o)) fail(trace, SIZE_MAX, "a container outlives its program");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEAD + PROGRAM_RECORD) return 0;
  size_t n = size - HEAD < RECORDS_MAX * PROGRAM_RECORD ? size - HEAD : RECORDS_MAX * PROGRAM_RECORD;
  uint8_t kind = data[1];
  bool leaves_nothing = false;
  profile = fuzz_version(data[0]);
  struct program_options options = {.all_kinds = (kind & ALONE) != 0 && (kind & 0xe0) == 0,
                                    .young = !profile->incremental,
                                    .automatic = (kind & AUTOMATIC) != 0 && !profile->incremental,
                                    .looks = true,
                                    .clean_up = (kind & CLEAN_UP) != 0};
  struct rh_trace *trace = make_trace(data + HEAD, n, &options, &leaves_nothing);
  struct result result = run(trace, !options.all_kinds);
  if (options.clean_up && result.finished && leaves_nothing) check_nothing_left(trace);
  if (kind & AGAIN) run_again(trace, result);
  if (kind & BLIND) run_blind(trace, result, data + HEAD, n, options);
  rh_trace_free(trace);
  fuzz_leave_nothing();
  return 0;
}
