/*
 * The operations on tracemalloc (TM).
 *
 * The traced bytes are a window: what the trace's own blocks and manual traces
 * take is exact, what its objects take has a spread (engine), and an observer
 * allocates a little for itself. The window of a mark is remembered with it.
 *
 * The peak is followed from one top-level operation to the next. Operations on
 * objects may take more on their way than they leave, so that after one the
 * peak has a lower bound only.
 */
#include "oracle/interpret_traced.h"

#include <stdlib.h>

#include "oracle/interpret_run.h"
#include "rules/evidence.h"

enum {
  OBSERVER_BYTES = 10000, /* an observer's own memory between two looks */
  OBSERVER_FREED = 500,   /* what it had at the first look and gave back since */
  BYTES_PER_REQUEST = 64, /* what it keeps to remember a block */
  MOST_FRAMES = 65535
};

/* --- traces entered by hand --- */

static struct rh_manual_trace *find_manual(struct rh_traced *traced, uint32_t domain, uint64_t address) {
  for (size_t i = 0; i < traced->nmanual; i++)
    if (traced->manual[i].domain == domain && traced->manual[i].address == address) return &traced->manual[i];
  return NULL;
}

static struct rh_manual_trace *manual_argument(struct rh_run *run, const struct rh_op *op) {
  return find_manual(&run->traced, (uint32_t)rh_argument(run, op, 0)->integer,
                     (uint64_t)rh_argument(run, op, 1)->integer);
}

static uint32_t manual_subject(const struct rh_run *run, const struct rh_op *op) {
  return rh_manual_subject(rh_argument(run, op, 0)->integer, rh_argument(run, op, 1)->integer);
}

static struct rh_manual_trace *add_manual(struct rh_traced *traced) {
  if (traced->nmanual == traced->room) {
    traced->room = 2 * traced->room + 8;
    traced->manual = realloc(traced->manual, traced->room * sizeof *traced->manual);
    if (!traced->manual) abort();
  }
  return &traced->manual[traced->nmanual++];
}

void rh_traced_free(struct rh_traced *traced) {
  free(traced->manual);
}

bool rh_traced_hides(const struct rh_traced *traced, unsigned code) {
  switch (code) {
  case RH_OP_PM_SNAP:
  case RH_OP_PM_BLOCKS:
  case RH_OP_PM_POOLS:
  case RH_OP_PM_AVAIL:
  case RH_OP_PM_DRAIN:
  case RH_OP_PM_DRAINPOOLS:
  case RH_OP_PM_ARENAS:
  case RH_OP_PM_IDENTITY:
  case RH_OP_PM_LOSSIDENTITY:
    return traced->on;
  default:
    return false;
  }
}

/* --- the traced bytes --- */

static struct rh_traced_bytes traced_now(struct rh_run *run) {
  struct rh_traced *traced = &run->traced;
  int64_t spread = 0, sure = 0, manual = 0;
  if (!traced->on) return (struct rh_traced_bytes){.low = 0};
  sure = run->engine->traced_bytes(&spread);
  if (sure < 0) return (struct rh_traced_bytes){.low = sure};
  for (size_t i = 0; i < traced->nmanual; i++) manual += traced->manual[i].bytes;
  sure += run->blocks.traced_bytes + manual;
  int64_t beside = BYTES_PER_REQUEST * run->blocks.traced_requests;
  spread += beside;
  return (struct rh_traced_bytes){.low = sure,
                                  .high = sure + spread,
                                  .stretch = traced->stretch,
                                  .blocks = run->blocks.traced_bytes,
                                  .spread = spread - beside,
                                  .manual = manual};
}

static void raise_peak(struct rh_traced *traced, struct rh_traced_bytes now) {
  if (now.low > traced->peak.low) {
    rh_because("TM-3", RH_SUBJECT_TRACED, "the peak rises to %lld bytes", (long long)now.low);
    traced->peak.low = now.low;
  }
  if (now.high > traced->peak.high) traced->peak.high = now.high;
}

static bool leaves_what_it_takes(unsigned code) {
  return code >= RH_OP_PM_MALLOC && code != RH_OP_PM_DRAIN && code != RH_OP_PM_DRAINPOOLS;
}

void rh_traced_settle(struct rh_run *run, const struct rh_op *op) {
  struct rh_traced *traced = &run->traced;
  if (!traced->on) return;
  struct rh_traced_bytes now = traced_now(run);
  if (now.low < 0) return;
  raise_peak(traced, now);
  if (!leaves_what_it_takes(op->code)) traced->peak.high = INT64_MAX;
}

/* Everything traced so far is forgotten. */
static void forget_traces(struct rh_run *run) {
  struct rh_traced *traced = &run->traced;
  traced->nmanual = 0;
  traced->stretch++;
  traced->peak = (struct rh_traced_bytes){.stretch = traced->stretch};
  rh_because("TM-3", RH_SUBJECT_TRACED, "all traces are forgotten, and the peak is 0");
  rh_blocks_trace(&run->blocks, traced->on);
  run->engine->trace_memory(traced->on);
}

static int64_t of_objects(struct rh_traced_bytes bytes) {
  return bytes.low - bytes.blocks - bytes.manual;
}

static int64_t distance(int64_t a, int64_t b) {
  return a > b ? a - b : b - a;
}

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* The rule is that of the part that changed most. */
static const char *rule_of_change(struct rh_traced_bytes mark, struct rh_traced_bytes now) {
  int64_t objects = larger(distance(of_objects(now), of_objects(mark)), distance(now.spread, mark.spread));
  int64_t manual = distance(now.manual, mark.manual), blocks = distance(now.blocks, mark.blocks);
  if (now.stretch != mark.stretch) return "TM-5";
  return objects > blocks && objects > manual ? "TM-6" : manual > blocks ? "TM-7" : "TM-1";
}

static void write_part(struct rh_text *text, int64_t low, int64_t high, const char *what) {
  if (high == 0) return;
  rh_text_printf(text, "%s%lld", text->size > 0 ? ", " : "", (long long)low);
  if (high > low) rh_text_printf(text, " to %lld", (long long)high);
  rh_text_puts(text, what);
}

/* "5 bytes of blocks, 7 to 9 of objects" */
static void write_parts(struct rh_text *text, struct rh_traced_bytes bytes) {
  struct rh_text parts = {0};
  write_part(&parts, bytes.blocks, bytes.blocks, " bytes of blocks");
  write_part(&parts, of_objects(bytes), of_objects(bytes) + bytes.spread, " bytes of objects");
  write_part(&parts, bytes.manual, bytes.manual, " bytes entered by hand");
  rh_text_append(&parts, "", 1);
  rh_text_puts(text, parts.size > 1 ? parts.bytes : "no bytes");
  rh_text_free(&parts);
}

static void note_parts(const struct rh_run *run, struct rh_traced_bytes now) {
  struct rh_traced_bytes mark = run->traced.mark;
  struct rh_text text = {0};
  if (now.stretch == 0) {
    rh_because("TM-5", 0, "nothing is traced now");
    return;
  }
  write_parts(&text, now);
  rh_text_puts(&text, " are traced now, ");
  write_parts(&text, mark);
  rh_text_puts(&text, " at the mark");
  if (now.stretch != mark.stretch && mark.stretch != 0) rh_text_puts(&text, ", before all traces were forgotten");
  rh_text_append(&text, "", 1);
  rh_because(rule_of_change(mark, now), 0, "%s, besides what the interpreter takes", text.bytes);
  rh_text_free(&text);
}

/* An observer allocates between two looks; what it had at the first look is in
 * both numbers, unless all traces were forgotten in between. */
static void say_since_mark(struct rh_run *run, struct rh_traced_bytes now, struct rh_observation *seen) {
  struct rh_traced_bytes mark = run->traced.mark;
  int64_t before = mark.stretch == 0 ? 0 : mark.stretch == now.stretch ? OBSERVER_FREED : OBSERVER_BYTES;
  int64_t after = now.stretch != 0 ? OBSERVER_BYTES : 0;
  if (now.low < 0) {
    rh_say_error(run, seen, now.low);
  } else if (now.high == INT64_MAX) {
    rh_say_window(run, seen, now.low - mark.high - before, INT64_MAX);
  } else {
    int64_t low = now.low - mark.high - before, high = now.high - mark.low + after;
    if (low == high) {
      rh_say_number(run, seen, low);
    } else {
      rh_say_window(run, seen, low, high);
    }
  }
}

/* --- the operations --- */

void rh_operate_tm_start(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_traced *traced = &run->traced;
  const struct rh_arg *arg = op->nargs ? rh_argument(run, op, 0) : NULL;
  if (arg && (arg->is_unsigned || arg->integer < INT32_MIN || arg->integer > INT32_MAX)) {
    rh_because("TM-4", 0, "the number of frames does not fit a C int of 32 bits, and the limit is 1 to %d",
               MOST_FRAMES);
    rh_say_exception(seen, "OverflowError");
  } else if (arg && (arg->integer < 1 || arg->integer > MOST_FRAMES)) {
    rh_because("TM-4", 0, "%lld frames are not within 1 to %d", (long long)arg->integer, MOST_FRAMES);
    rh_say_exception(seen, "ValueError");
  } else if (!traced->on) {
    traced->on = true;
    traced->limit = arg ? arg->integer : 1;
    forget_traces(run);
    rh_because("TM-4", RH_SUBJECT_TRACING, "tracing starts and keeps %lld frame%s of each trace",
               (long long)traced->limit, traced->limit == 1 ? "" : "s");
  } else {
    rh_because("TM-4", 0, "tracing is on already, so the start changes nothing");
  }
}

void rh_operate_tm_stop(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  if (!run->traced.on) return;
  run->traced.on = false;
  forget_traces(run);
  rh_because("TM-5", RH_SUBJECT_TRACING, "tracing stops and every trace is forgotten, the limit stays %lld",
             (long long)run->traced.limit);
}

void rh_operate_tm_clear(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  if (!run->traced.on) return;
  rh_because("TM-5", RH_SUBJECT_TRACING, "every trace is forgotten, tracing goes on");
  forget_traces(run);
}

static void note_traced(struct rh_run *run, struct rh_traced_bytes *note, struct rh_observation *seen) {
  struct rh_traced_bytes now = traced_now(run);
  if (now.low < 0) {
    rh_say_error(run, seen, now.low);
  } else {
    *note = now;
  }
}

void rh_operate_tm_resetpeak(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  note_traced(run, &run->traced.peak, seen);
  rh_because("TM-3", RH_SUBJECT_TRACED, "the peak becomes what is traced, %lld bytes", (long long)run->traced.peak.low);
}

void rh_operate_tm_tracing(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  rh_say_bool(seen, run->traced.on);
}

void rh_operate_tm_limit(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  rh_say_number(run, seen, run->traced.limit ? run->traced.limit : 1);
}

void rh_operate_tm_mark(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  note_traced(run, &run->traced.mark, seen);
}

void rh_operate_tm_delta(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  struct rh_traced_bytes now = traced_now(run);
  if (rh_evidence_kept) note_parts(run, now);
  say_since_mark(run, now, seen);
}

void rh_operate_tm_peakdelta(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  struct rh_traced *traced = &run->traced;
  struct rh_traced_bytes now = traced_now(run);
  if (now.low >= 0 && traced->on) {
    raise_peak(traced, now);
    now = traced->peak;
  }
  if (traced->on) {
    rh_because("TM-3", 0,
               "the peak is %lld bytes, and %lld were traced at the mark, besides what the interpreter takes",
               (long long)now.low, (long long)traced->mark.low);
  } else {
    rh_because("TM-5", 0, "nothing is traced now, and the peak is 0 bytes");
  }
  say_since_mark(run, now, seen);
}

static void note_object(const struct rh_run *run, int traced) {
  if (!run->traced.on) {
    rh_because("TM-5", 0, "nothing is traced now");
  } else if (traced == RH_UNSUPPORTED) {
    rh_because("TM-6", 0, "its memory may come from a free list, and be older than the traces or not");
  } else {
    rh_because("TM-6", 0, "its memory was %s since traces were last started or forgotten",
               traced > 0 ? "requested" : "not requested");
  }
}

void rh_operate_tm_objtb(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_resolve(run, rh_argument(run, op, 0));
  int traced = o ? run->engine->traced(o) : 0;
  if (o) note_object(run, traced);
  if (!o) {
    rh_say_skip(seen);
  } else if (!run->traced.on) {
    rh_say_bool(seen, false);
  } else if (traced == RH_UNSUPPORTED) {
    rh_say_opaque(seen);
  } else if (traced < 0) {
    rh_say_error(run, seen, traced);
  } else {
    rh_say_bool(seen, traced);
  }
}

/* Where nothing is traced no trace can be entered or removed. */
static bool refuse_when_off(struct rh_run *run, struct rh_observation *seen) {
  if (run->traced.on) return false;
  rh_because("TM-7", 0, "nothing is traced, so no trace can be entered or removed");
  rh_say_exception(seen, "RuntimeError");
  return true;
}

/* What an operation does at its place, and what that does to the sum. */
static void note_manual(const struct rh_run *run, const struct rh_op *op, const char *done, int64_t bytes,
                        bool replaces) {
  const char *besides = replaces ? " and replaces the one that was there" : "";
  if (bytes < 0) {
    rh_because("TM-7", 0, "there is no trace of that domain and address to be removed, which changes nothing");
    return;
  }
  rh_because("TM-7", RH_SUBJECT_TRACED, "a trace of %lld bytes is %s%s", (long long)bytes, done, besides);
  rh_because("TM-7", manual_subject(run, op), "a trace of %lld bytes is %s%s", (long long)bytes, done, besides);
}

void rh_operate_tm_track(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *size = rh_argument(run, op, 2);
  if (size->is_unsigned || size->integer < 0) {
    rh_say_unsupported(run, seen, "size", "of a trace beyond 9223372036854775807");
    return;
  }
  if (refuse_when_off(run, seen)) return;
  struct rh_manual_trace *trace = manual_argument(run, op);
  note_manual(run, op, "entered", size->integer, trace != NULL);
  if (!trace) trace = add_manual(&run->traced);
  *trace = (struct rh_manual_trace){(uint32_t)rh_argument(run, op, 0)->integer,
                                    (uint64_t)rh_argument(run, op, 1)->integer, size->integer};
}

void rh_operate_tm_untrack(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (refuse_when_off(run, seen)) return;
  struct rh_manual_trace *trace = manual_argument(run, op);
  note_manual(run, op, "removed", trace ? trace->bytes : -1, false);
  if (trace) {
    *trace = run->traced.manual[--run->traced.nmanual];
  }
}

void rh_operate_tm_has(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_manual_trace *trace = manual_argument(run, op);
  if (trace) {
    rh_because("TM-7", 0, "the trace entered there last has %lld bytes", (long long)trace->bytes);
  } else {
    rh_because("TM-7", 0,
               "of what was entered by hand and not removed or forgotten, %zu in all, nothing is of this "
               "domain and address",
               run->traced.nmanual);
  }
  rh_say_bool(seen, trace != NULL);
}

void rh_operate_tm_tracesize(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_manual_trace *trace = manual_argument(run, op);
  if (trace) {
    rh_because("TM-7", 0, "the trace entered there last has %lld bytes", (long long)trace->bytes);
    rh_say_number(run, seen, trace->bytes);
  } else {
    rh_because("TM-7", 0, "no trace of this domain and address is there");
    rh_say_skip(seen);
  }
}
