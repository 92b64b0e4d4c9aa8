/*
 * Property: what shrinking gives is a legal trace that is wrong in the same way
 * and not larger; shrunk again it stays as it is; no single operation of it can
 * go; bounded, it is still wrong in the same way; the same input always gives
 * the same bytes. Known answers: the small trace, and how often it was judged.
 *
 * The first four bytes choose the judge, the rest is a trace in its binary form.
 * One judge looks for up to three operations in this order, wherever they stand.
 * The others are real ones: an implementation that is right but for what one
 * operation observes, judged under one CPython series; the same behind a pipe,
 * where it may end there instead; and the engines, which agree.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "oracle/shrink_judge.h"
#include "programs.h"

static const struct known_answer known[] = {
#include "answers/shrinker.def"
};

static const char *const profiles[] = {"cpython-3.9", "cpython-3.11", "cpython-3.12", "cpython-3.14"};

enum { CHOICE = 4, OPERATIONS_MAX = 40, BOUND = 12 };

/* Of the first byte, whose lowest bits choose between the judges: which real one. */
enum { BY_PIPE = 0x10, BY_ENGINES = 0x20, ENDS_THERE = 0x40, AT_ONCE = 0x80 };

/* What an input says about the judge. */
struct judge {
  uint16_t order[3];    /* operations that must come in this order */
  size_t norder;        /* 0: the real judge */
  enum rh_opcode wrong; /* where the implementation is wrong */
  bool at_once;         /* at the first such operation, else from the second on */
  unsigned real;        /* which real judge */
  struct rh_pipe_judge pipe;
  struct rh_profile profile;
};

static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "shrinker: %s\n", what);
  abort();
}

static void print(const char *what, const struct rh_trace *trace) {
  struct rh_text text = {0};
  if (getenv("RH_FUZZ_PRINT") == NULL) return;
  rh_trace_print(trace, &text);
  fprintf(stderr, "--- %s\n%s", what, text.bytes);
  rh_text_free(&text);
}

/* --- the judge of operations --- */

static void follow(const struct judge *judge, const struct rh_trace *trace, const struct rh_op *op, size_t *met) {
  if (*met < judge->norder && op->code == judge->order[*met]) ++*met;
  for (uint32_t i = 0; i < op->nchildren; i++) follow(judge, trace, &trace->ops[op->first_child + i], met);
}

static void judge_order(const struct judge *judge, const struct rh_trace *trace, struct rh_finding *finding) {
  size_t met = 0;
  for (size_t i = 0; i < trace->ntop; i++) {
    follow(judge, trace, &trace->ops[trace->top[i]], &met);
    if (met < judge->norder) continue;
    *finding = (struct rh_finding){
        .verdict = RH_VERDICT_DIVERGES, .op = (enum rh_opcode)judge->order[judge->norder - 1], .position = (int64_t)i};
    return;
  }
  *finding = (struct rh_finding){.verdict = RH_VERDICT_CONFORMS, .position = RH_NO_POSITION};
}

/* --- the real judge --- */

/* What is answered; NULL where the implementation ends. */
static const char *answer(const struct judge *judge, const struct rh_op *op, const struct rh_observation *predicted,
                          size_t *seen) {
  const char *right = rh_observation_recorded(predicted);
  const char *text = right != NULL ? right : "ok";
  bool wrong = op->code == judge->wrong && (judge->at_once || *seen > 0);
  *seen += op->code == judge->wrong;
  if (!wrong) return text;
  return judge->real & ENDS_THERE ? NULL : strcmp(text, "0") == 0 ? "1" : "0";
}

static void judge_answers(const struct judge *judge, const struct rh_trace *trace, struct rh_finding *finding) {
  struct rh_prediction prediction;
  struct rh_answers answers = {0};
  struct rh_judgement judgement = {0};
  size_t seen = 0;
  require(rh_predict(trace, &judge->profile, RH_ENGINES_MODEL, SIZE_MAX, &prediction), "no memory");
  for (size_t i = 0; i < prediction.n; i++) {
    const char *text = answer(judge, &trace->ops[trace->top[i]], &prediction.observations[i], &seen);
    if (text == NULL) text = "0";
    require(rh_answers_add(&answers, text, strlen(text)), "no memory");
  }
  rh_judge_answers(trace, judge->profile.version, &prediction, prediction.n, "", &answers, &judgement);
  require(rh_finding_of(trace, &judge->profile, &rh_engine_model, &judgement, finding), "no memory");
  rh_judgement_free(&judgement);
  rh_answers_free(&answers);
  rh_prediction_free(&prediction);
}

/* --- the same behind a pipe --- */

int start_peer(char *const argv[], struct rh_os_child *child);

/* The peer's ends of the pipe, -1: none; and what it says next, and whether it ends then. */
static struct {
  int input, output;
  struct rh_text said;
  bool ends;
} peer = {.input = -1, .output = -1};

static void leave_peer(void) {
  if (peer.input >= 0) (void)close(peer.input);
  if (peer.output >= 0) (void)close(peer.output);
  peer.input = peer.output = -1;
}

static void speak(void) {
  ssize_t size = (ssize_t)peer.said.size;
  require(size == 0 || write(peer.output, peer.said.bytes, peer.said.size) == size, "the pipe is full");
  peer.said.size = 0;
  if (peer.ends) leave_peer();
}

/* Takes the place of rh_os_spawn. */
int start_peer(char *const argv[], struct rh_os_child *child) {
  int input[2], output[2];
  (void)argv;
  leave_peer();
  require(pipe2(input, O_CLOEXEC | O_NONBLOCK) == 0 && pipe2(output, O_CLOEXEC) == 0, "no pipe");
  peer.input = input[0];
  peer.output = output[1];
  struct rh_text said = peer.said;
  peer.said = (struct rh_text){0};
  rh_text_puts(&peer.said, "refheap-adapter 1\nname peer\nversion 1\nprofile cpython-3.12\nend\n");
  if (said.size > 0) rh_text_append(&peer.said, said.bytes, said.size);
  rh_text_free(&said);
  speak();
  return rh_os_connect(input[1], output[0], child);
}

/* What the implementation will say of the trace. */
static void prepare_peer(const struct judge *judge, const struct rh_trace *trace) {
  struct rh_prediction prediction;
  const char *ranges;
  size_t seen = 0, i = 0;
  peer.said.size = 0;
  peer.ends = false;
  if (!rh_trace_applies(trace, judge->profile.version, &ranges)) return; /* it is not asked */
  require(rh_predict(trace, &judge->profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction), "no memory");
  for (; i < prediction.n && !peer.ends; i++) {
    const char *text = answer(judge, &trace->ops[trace->top[i]], &prediction.observations[i], &seen);
    peer.ends = text == NULL;
    if (text != NULL) rh_text_printf(&peer.said, "%s\n", text);
  }
  if (!peer.ends) rh_text_puts(&peer.said, "done\n");
  rh_prediction_free(&prediction);
}

static bool judge_by_peer(struct judge *judge, const struct rh_trace *trace, struct rh_finding *finding) {
  char heard[256];
  prepare_peer(judge, trace);
  bool runs = judge->pipe.sessions->children[0].pid != 0;
  if (runs) speak();
  while (runs && !peer.ends && read(peer.input, heard, sizeof heard) > 0) continue;
  return rh_judge_by_pipe(&judge->pipe, trace, finding);
}

static void introduce_peer(struct rh_sessions *sessions) {
  char message[256];
  require(rh_sessions_open(sessions, NULL, 1, 0), "no memory");
  rh_os_ignore_broken_pipes();
  peer.said.size = 0;
  peer.ends = false;
  require(rh_session_start(sessions, 0, message, sizeof message) == RH_STARTED, "the peer does not start");
}

static void dismiss_peer(struct rh_sessions *sessions) {
  leave_peer();
  rh_sessions_close(sessions);
  rh_text_free(&peer.said);
}

/* --- the judge --- */

static bool judge_trace(void *context, const struct rh_trace *trace, struct rh_finding *finding) {
  struct judge *judge = context;
  if (judge->norder > 0) {
    judge_order(judge, trace, finding);
  } else if (judge->real & BY_ENGINES) {
    return rh_judge_by_engines(&judge->profile, trace, finding);
  } else if (judge->real & BY_PIPE) {
    return judge_by_peer(judge, trace, finding);
  } else {
    judge_answers(judge, trace, finding);
  }
  return true;
}

/* --- the property --- */

static struct rh_text text_of(const struct rh_trace *trace) {
  struct rh_text text = {0};
  rh_trace_print(trace, &text);
  require(text.size > 0, "no memory");
  return text;
}

static void require_same(const struct rh_trace *a, const struct rh_trace *b, const char *what) {
  struct rh_text first = text_of(a), second = text_of(b);
  require(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0, what);
  rh_text_free(&first);
  rh_text_free(&second);
}

/* It is told after each judgement but the first. */
static void watch(void *watcher, const struct rh_shrunk *shrunk) {
  uint64_t *told = watcher;
  require(shrunk->trace != NULL && shrunk->judged == ++*told + 1, "who watches is not told of every judgement");
}

static struct rh_shrunk shrink(struct judge *judge, const struct rh_trace *trace, uint64_t tries) {
  struct rh_shrunk shrunk;
  uint64_t told = 0;
  struct rh_shrinking shrinking = {.judge = judge_trace,
                                   .context = judge,
                                   .tries = tries,
                                   .version = judge->profile.version,
                                   .watch = watch,
                                   .watcher = &told};
  rh_shrink(trace, &shrinking, &shrunk);
  require(shrunk.trace != NULL && shrunk.judged <= tries, "judged more often than it may");
  return shrunk;
}

/* Read again from its text it is the same, and wrong in the same way. */
static void check_result(struct judge *judge, const struct rh_trace *given, const struct rh_shrunk *shrunk,
                         const struct rh_finding *wanted) {
  struct rh_text text = text_of(shrunk->trace);
  struct rh_diagnostic diagnostic = {0};
  struct rh_finding finding;
  struct rh_trace *read = rh_trace_parse("shrunk", text.bytes, text.size, &diagnostic);
  require(read != NULL, "the result is not legal");
  require_same(read, shrunk->trace, "the result does not mean its text");
  judge_trace(judge, read, &finding);
  require(rh_findings_same(&finding, wanted), "the result is wrong in another way");
  require(rh_findings_same(&finding, &shrunk->finding), "the finding is not the result's");
  require(read->nops <= given->nops, "the result is larger");
  rh_trace_free(read);
  rh_text_free(&text);
}

/* Taking any top-level operation out changes the finding. */
static void check_minimal(struct judge *judge, const struct rh_shrunk *shrunk) {
  struct rh_trace less = *shrunk->trace; /* all but `top` is the result's */
  less.top = malloc((less.ntop + 1) * sizeof *less.top);
  require(less.top != NULL, "no memory");
  for (size_t without = 0; without < shrunk->trace->ntop; without++) {
    struct rh_finding finding;
    less.ntop = 0;
    for (size_t i = 0; i < shrunk->trace->ntop; i++)
      if (i != without) less.top[less.ntop++] = shrunk->trace->top[i];
    judge_trace(judge, &less, &finding);
    require(!rh_findings_same(&finding, &shrunk->finding), "an operation can go");
  }
  free(less.top);
}

static void check(struct judge *judge, const struct rh_trace *trace) {
  struct rh_shrunk once = shrink(judge, trace, UINT64_MAX);
  struct rh_text text = text_of(once.trace);
  print("shrunk", once.trace);
  answer_text(&text);
  answer_number((int64_t)once.judged);
  rh_text_free(&text);
  if (once.end != RH_SHRINK_NOTHING) {
    struct rh_finding wanted;
    judge_trace(judge, trace, &wanted);
    check_result(judge, trace, &once, &wanted);
    check_minimal(judge, &once);
    struct rh_shrunk bounded = shrink(judge, trace, BOUND), same = shrink(judge, trace, UINT64_MAX);
    check_result(judge, trace, &bounded, &wanted);
    require_same(once.trace, same.trace, "the same input gives another result");
    require(once.judged == same.judged, "the same input is judged more or less often");
    struct rh_shrunk again = shrink(judge, once.trace, UINT64_MAX);
    require_same(once.trace, again.trace, "shrunk again it is smaller");
    rh_shrunk_free(&bounded);
    rh_shrunk_free(&same);
    rh_shrunk_free(&again);
  }
  rh_shrunk_free(&once);
}

/* --- the input --- */

/* The code of the i-th operation of the trace, all counted in a circle. */
static uint16_t pick(const struct rh_trace *trace, size_t i) {
  return trace->ops[i % trace->nops].code;
}

static bool choose(const uint8_t *data, const struct rh_trace *trace, struct judge *judge) {
  char reason[256];
  const char *name = profiles[data[0] / 4 % (sizeof profiles / sizeof *profiles)];
  *judge = (struct judge){.norder = data[0] % 4, .at_once = data[0] & AT_ONCE, .real = data[0]};
  if (!rh_profile_find(name, &judge->profile, reason, sizeof reason)) abort();
  if (trace->nops == 0) return false;
  for (size_t i = 0; i < 3; i++) judge->order[i] = pick(trace, data[1 + i]);
  judge->wrong = (enum rh_opcode)judge->order[0];
  judge->pipe.profile = judge->profile;
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct judge judge;
  if (size < CHOICE) return 0;
  struct rh_trace *trace = rh_trace_decode(data + CHOICE, size - CHOICE);
  require(trace != NULL, "no memory");
  if (trace->nops <= OPERATIONS_MAX && !is_large(trace) && choose(data, trace, &judge)) {
    struct rh_sessions sessions;
    introduce_peer(&sessions);
    judge.pipe.sessions = &sessions;
    print("trace", trace);
    check(&judge, trace);
    dismiss_peer(&sessions);
  }
  rh_trace_free(trace);
  fuzz_leave_nothing();
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
