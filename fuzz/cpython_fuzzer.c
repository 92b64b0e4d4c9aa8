/*
 * Property: a real CPython observes what refheap predicts for its version, for
 * every trace. The interpreter runs inside this process (embedded_python.h,
 * tests/adapters/cpython_embedded.py), so that a trace costs no process.
 *
 * What seems to diverge is put to the ordinary adapter, in a process of its own,
 * and only what diverges there is a finding: nothing that an earlier trace has
 * left behind can be one. What does not is a doubt; with RH_CPYTHON_STRICT in
 * the environment it is a failure.
 *
 * A trace is judged up to the first operation that cannot be taken back. A
 * process costs as much as a hundred traces: of those with such operations one
 * in sixteen is put to the ordinary adapter as a whole.
 *
 * Input: as of engines, but the version is the interpreter's: the first byte
 * says in its low bits whether a process is welcome (all set). In the environment: what with_python.py sets; RH_FUZZ_PRINT
 * prints each trace before it runs; RH_PROFILE judges by another version's
 * rules.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "embedded_python.h"
#include "oracle/job.h"
#include "oracle/shrink_judge.h"
#include "programs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the interpreter allocates is none of a leak checker's business. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void) {
  return 1;
}

/* A request that no machine can meet is a MemoryError there. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "allocator_may_return_null=1";
}

static struct rh_manifest manifest;
static struct rh_profile profile;
static struct rh_sessions sessions; /* one, of the ordinary adapter */
static uint64_t judged, alone, doubts, passed_over;

static _Noreturn void give_up(const char *what) {
  fprintf(stderr, "cpython: %s\n", what);
  exit(2);
}

/* --- what can be judged here --- */

static void exclude(const uint8_t *codes, size_t n, bool *excluded) {
  for (size_t i = 0; i < n; i++) excluded[codes[i]] = true;
}

/* What changes the interpreter for good, or looks at its end or at what this adapter keeps frozen. */
static void exclude_what_stays(void) {
  static const uint8_t operations[] = {RH_OP_FREEZE,        RH_OP_UNFREEZE,     RH_OP_FROZEN, RH_OP_STDERR,
                                       RH_OP_NOSTDERR,      RH_OP_LATE,         RH_OP_FATAL,  RH_OP_PM_DRAIN,
                                       RH_OP_PM_DRAINPOOLS, RH_OP_PM_ARENABATCH};
  static const uint8_t interning[] = {RH_OP_INTERN, RH_OP_CONST, RH_OP_SETATTR};
  static const uint8_t kinds[] = {RH_NEW_OBJ, RH_NEW_STRSUB}; /* their instances share keys */
  exclude(operations, sizeof operations, manifest.excluded_ops);
  exclude(kinds, sizeof kinds, manifest.excluded_kinds);
  if (profile.interned_immortal) exclude(interning, sizeof interning, manifest.excluded_ops);
}

/* How many operations come before the first that cannot be taken back. */
static size_t count_before(const struct rh_trace *trace) {
  struct rh_text reason = {0};
  size_t n = 0;
  while (n < trace->ntop && !rh_manifest_excludes(&manifest, trace, &trace->ops[trace->top[n]], &reason)) n++;
  rh_text_free(&reason);
  return n;
}

/* Some headers say how to start an interpreter, with any option there is. */
static bool starts_interpreter(const struct rh_trace *trace) {
  return rh_trace_header(trace, "env") != NULL || rh_trace_header(trace, "args") != NULL;
}

/* --- starting --- */

static void read_manifest(const char *text) {
  char message[256];
  bool end = false;
  for (bool first = true; !end; first = false) {
    char line[256];
    size_t n = strcspn(text, "\n");
    (void)snprintf(line, sizeof line, "%.*s", (int)n, text);
    if (!rh_manifest_read(&manifest, line, first, &end, message, sizeof message)) give_up(message);
    text += n + (text[n] == '\n');
  }
}

static void open_sessions(void) {
  enum { SECONDS = 60 };
  static char adapter[] = RH_CPYTHON_ADAPTER;
  static char *command[] = {NULL, adapter, NULL};
  char message[256];
  command[0] = getenv("RH_PYTHON");
  if (!rh_sessions_open(&sessions, command, 1, SECONDS * UINT64_C(1000000000))) abort();
  if (rh_session_start(&sessions, 0, message, sizeof message) != RH_STARTED) give_up(message);
  if (strcmp(sessions.manifest.version, manifest.version) != 0) give_up("the library and the interpreter differ");
}

static void report(void) {
  double seconds = (double)clock() / CLOCKS_PER_SEC;
  fprintf(stderr,
          "cpython %s: traces: %" PRIu64 " judged; %" PRIu64 " in a process of their own, %" PRIu64
          " after a doubt; %" PRIu64 " passed over; %.0f judged a second of this process\n",
          manifest.version, judged, alone, doubts, passed_over, seconds > 0 ? (double)judged / seconds : 0);
}

static void start(void) {
  char reason[256];
  if (manifest.name[0] != '\0') return;
  rh_os_ignore_broken_pipes();
  embedded_python_start("cpython_embedded");
  read_manifest(embedded_python_call("start", NULL).bytes);
  const char *asked_for = getenv("RH_PROFILE");
  if (!rh_profile_find(asked_for != NULL ? asked_for : manifest.profile, &profile, reason, sizeof reason))
    give_up(reason);
  exclude_what_stays();
  open_sessions();
  (void)atexit(report);
}

/* --- judging --- */

static void prepare(const struct rh_trace *trace, const struct rh_manifest *of, struct rh_job *job) {
  if (!rh_job_prepare(job, trace, of, &profile, RH_ENGINES_RUNTIME)) abort();
}

static void add_answers(struct rh_answers *answers, struct embedded_text text) {
  for (const char *at = text.bytes, *end = text.bytes + text.size; at < end;) {
    size_t n = strcspn(at, "\n");
    if (!rh_answers_add(answers, at, n)) abort();
    at += n + 1;
  }
}

static void judge_here(const struct rh_trace *trace, struct rh_judgement *judgement) {
  struct rh_job job = {0};
  struct rh_text lines = {0};
  prepare(trace, &manifest, &job);
  for (size_t i = 0; !job.decided && i < job.asked; i++) {
    rh_op_print(trace, &trace->ops[trace->top[i]], false, &lines);
    rh_text_puts(&lines, "\n");
  }
  if (lines.size > 0) {
    add_answers(&job.answers, embedded_python_call("execute", lines.bytes));
    if (job.answers.n != job.asked) give_up("the adapter gave too few answers, or too many");
  }
  rh_job_judge(&job, &profile);
  *judgement = job.judgement;
  job.judgement = (struct rh_judgement){0};
  rh_job_free(&job);
  rh_text_free(&lines);
}

static void judge_alone(const struct rh_trace *trace, struct rh_judgement *judgement) {
  struct rh_job job = {0};
  prepare(trace, &sessions.manifest, &job);
  rh_job_ask(&job, &sessions, 0);
  rh_job_receive(&job, &sessions, 0);
  rh_job_judge(&job, &profile);
  *judgement = job.judgement;
  job.judgement = (struct rh_judgement){0};
  rh_job_free(&job);
  alone++;
}

static bool is_wrong(const struct rh_judgement *judgement) {
  switch (judgement->verdict) {
  case RH_VERDICT_DIVERGES:
  case RH_VERDICT_CRASHED:
  case RH_VERDICT_PROTOCOL:
  case RH_VERDICT_INTERNAL:
    return true;
  default:
    return false;
  }
}

static void say(const struct rh_trace *trace, const struct rh_judgement *judgement, const char *where) {
  struct rh_finding finding = {0};
  if (!rh_finding_of(trace, &profile, &rh_engine_runtime, judgement, &finding)) abort();
  fprintf(stderr, "cpython: %s%s at %s by %s", where, rh_verdict_name(finding.verdict),
          finding.op != RH_OP_NONE ? rh_opcode_spelling(finding.op) : "no operation", finding.cause);
  if (judgement->verdict == RH_VERDICT_DIVERGES)
    fprintf(stderr, ": observed %s, allowed %s", judgement->observed.bytes, judgement->allowed.bytes);
  fprintf(stderr, "\n");
}

static void judge(struct rh_trace *trace, bool process_is_welcome) {
  struct rh_judgement here = {0}, apart = {0};
  size_t before = count_before(trace);
  bool needed = process_is_welcome && before < trace->ntop;
  if (!needed) {
    trace->ntop = before; /* what comes behind need not even be predicted */
    judge_here(trace, &here);
  }
  if (needed || is_wrong(&here)) judge_alone(trace, &apart);
  if (is_wrong(&apart)) {
    say(trace, &apart, "");
    abort();
  }
  if (is_wrong(&here)) {
    say(trace, &here, "in this process only: ");
    if (getenv("RH_CPYTHON_STRICT") != NULL) abort();
    doubts++;
  }
  judged += (needed ? apart : here).judged > 0;
  rh_judgement_free(&here);
  rh_judgement_free(&apart);
}

/* --- inputs --- */

/* What is recorded in the input is nobody's promise. */
static struct rh_trace *read_trace(const uint8_t *bytes, size_t size) {
  struct rh_trace *trace = rh_trace_decode(bytes, size);
  if (trace == NULL) abort();
  for (size_t i = 0; i < trace->nops; i++) trace->ops[i].nexpectations = 0;
  return trace;
}

static void print(const struct rh_trace *trace) {
  struct rh_text text = {0};
  if (getenv("RH_FUZZ_PRINT") == NULL) return;
  rh_trace_print(trace, &text);
  printf("%s", text.size > 0 ? text.bytes : "");
  (void)fflush(stdout);
  rh_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  start();
  struct rh_trace *trace = read_trace(data + 1, size - 1);
  print(trace);
  if (is_large(trace) || starts_interpreter(trace)) {
    passed_over++;
  } else {
    judge(trace, data[0] % 16 == 15);
  }
  rh_trace_free(trace);
  return 0;
}
