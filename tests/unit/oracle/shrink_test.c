/*
 * Shrinking with judges made up here: a trace is wrong when it holds certain
 * operations in order, whatever else it holds. What must be left is known.
 */
#include "judging.h"
#include "oracle/shrink.h"
#include "oracle/shrink_judge.h"

struct need {
  enum rh_opcode code;
  int64_t least; /* some integer argument is at least this; 0: any */
  bool bound;    /* every name used is bound by some operation */
};

/* A judge: the operations needed in this order, the last one is where it shows. */
struct judge {
  const struct need *needs;
  size_t n;
  uint64_t calls, end_at; /* ends the shrinking at this call; 0: never */
  bool judged_twice;
  struct rh_text seen; /* every text judged, each behind a NUL */
};

static bool is_bound(const struct rh_trace *trace, uint32_t name) {
  for (size_t i = 0; i < trace->nops; i++)
    if (rh_op_binds(trace, &trace->ops[i]) == name) return true;
  return false;
}

static bool meets(const struct rh_trace *trace, const struct rh_op *op, const struct need *need) {
  bool enough = need->least == 0;
  for (uint32_t k = 0; k < op->nargs; k++) {
    const struct rh_arg *arg = &trace->args[op->first_arg + k];
    enough = enough || (arg->type == RH_ARG_INTEGER && arg->integer >= need->least);
    if (need->bound && arg->name != 0 && !is_bound(trace, arg->name)) return false;
  }
  return op->code == need->code && enough;
}

static void look(const struct rh_trace *trace, const struct rh_op *op, const struct judge *judge, size_t *met) {
  if (*met < judge->n && meets(trace, op, &judge->needs[*met])) ++*met;
  for (uint32_t i = 0; i < op->nchildren; i++) look(trace, &trace->ops[op->first_child + i], judge, met);
}

static void note_text(struct judge *judge, const struct rh_trace *trace) {
  struct rh_text text = {0};
  rh_trace_print(trace, &text);
  for (size_t i = 0; i < judge->seen.size; i += strlen(judge->seen.bytes + i) + 1)
    judge->judged_twice = judge->judged_twice || strcmp(judge->seen.bytes + i, text.bytes) == 0;
  rh_text_append(&judge->seen, text.bytes, text.size + 1);
  rh_text_free(&text);
}

static bool judge_by_needs(void *context, const struct rh_trace *trace, struct rh_finding *finding) {
  struct judge *judge = context;
  size_t met = 0;
  note_text(judge, trace);
  if (++judge->calls == judge->end_at) return false;
  *finding = (struct rh_finding){.verdict = RH_VERDICT_CONFORMS, .position = RH_NO_POSITION};
  for (size_t i = 0; i < trace->ntop; i++) {
    look(trace, &trace->ops[trace->top[i]], judge, &met);
    if (met < judge->n) continue;
    finding->verdict = RH_VERDICT_DIVERGES;
    finding->op = judge->needs[judge->n - 1].code;
    finding->position = (int64_t)i;
    strcpy(finding->cause, "RC-1");
    return true;
  }
  return true;
}

static struct rh_shrunk shrink_with(struct judge *judge, const char *text, uint64_t tries) {
  struct rh_trace *trace = read_trace(text);
  struct rh_shrunk shrunk;
  rh_shrink(trace,
            &(struct rh_shrinking){.judge = judge_by_needs, .context = judge, .tries = tries, .version = 0x030c03},
            &shrunk);
  CHECK(!judge->judged_twice);
  CHECK_INT(judge->calls, shrunk.judged);
  CHECK(shrunk.judged <= tries);
  rh_text_free(&judge->seen);
  rh_trace_free(trace);
  return shrunk;
}

static void check_printed(const struct rh_trace *trace, const char *expected) {
  struct rh_text text = {0};
  rh_trace_print(trace, &text);
  CHECK_TEXT(text.bytes, expected);
  rh_text_free(&text);
}

/* `needed` is what must be left of `text`; shrinking that changes nothing. */
static void check_shrinks(const char *text, const char *expected, const struct need *needs, size_t n) {
  for (int again = 0; again < 2; again++) {
    struct judge judge = {.needs = needs, .n = n};
    struct rh_shrunk shrunk = shrink_with(&judge, again ? expected : text, UINT64_MAX);
    CHECK_INT(shrunk.end, RH_SHRINK_MINIMAL);
    CHECK_INT(shrunk.finding.verdict, RH_VERDICT_DIVERGES);
    check_printed(shrunk.trace, expected);
    rh_shrunk_free(&shrunk);
  }
}

#define CHECK_SHRINKS(text, expected, ...)                                                                             \
  do {                                                                                                                 \
    const struct need needs[] = {__VA_ARGS__};                                                                         \
    check_shrinks(text, "%trace 1\n" expected, needs, sizeof needs / sizeof *needs);                                   \
  } while (0)

static void operations_go_with_what_depends_on_them(void) {
  CHECK_SHRINKS("new A node\nnew B node\nset A.a B\nnew C list\nappend C A\ndrop A B C\nrefs A\ncollect\nevents\n",
                "append C None\nrefs A\n", {.code = RH_OP_APPEND}, {.code = RH_OP_REFS});
  CHECK_SHRINKS("new A node\nnew B node\ndrop A B\n", "drop A\n", {.code = RH_OP_DROP});
  CHECK_SHRINKS("events\nevents\nevents\n", "events\nevents\n", {.code = RH_OP_EVENTS}, {.code = RH_OP_EVENTS});
}

static void nested_operations_go_alone(void) {
  CHECK_SHRINKS("act A: drop X; probe W; bind R self; repeat 3: collect; drop Y; len L\nevents\n",
                "act A: probe W\nevents\n", {.code = RH_OP_ACT}, {.code = RH_OP_PROBE}, {.code = RH_OP_EVENTS});
  CHECK_SHRINKS("act A: drop X; repeat 3: collect; drop Y\n", "act A: drop X\n", {.code = RH_OP_ACT},
                {.code = RH_OP_DROP});
}

static void blocks_give_way_to_their_bodies(void) {
  CHECK_SHRINKS("repeat 9: collect; events\n", "collect\nevents\n", {.code = RH_OP_COLLECT}, {.code = RH_OP_EVENTS});
  CHECK_SHRINKS("try collect 1 (fail_nth=3)\n", "collect\n", {.code = RH_OP_COLLECT});
  CHECK_SHRINKS("try collect 1\n", "try collect\n", {.code = RH_OP_TRY});
  CHECK_SHRINKS("repeat 9: collect; events\n", "repeat 0:\n", {.code = RH_OP_REPEAT});
  CHECK_SHRINKS("act A: drop X; repeat 3: collect; events\n", "act A: drop X; collect; events\n", {.code = RH_OP_ACT},
                {.code = RH_OP_DROP}, {.code = RH_OP_COLLECT}, {.code = RH_OP_EVENTS});
}

static void one_name_instead_of_another(void) {
  CHECK_SHRINKS("new A fin\nnew B fin\nsame A B\n", "new A fin\nsame A A\n", {.code = RH_OP_SAME, .bound = true});
}

static void sizes_get_smaller(void) {
  CHECK_SHRINKS("new L nones 1000\nextendn L.a.b 99999\n", "extendn L 777\n", {.code = RH_OP_EXTENDN, .least = 777});
  CHECK_SHRINKS("insert L -5 A\nevents\n", "insert L 0 None\n", {.code = RH_OP_INSERT});
  CHECK_SHRINKS("pop L -7\n", "pop L\n", {.code = RH_OP_POP});
  CHECK_SHRINKS("tm.track -3 18446744073709551615 9\n", "tm.track 0 0 5\n", {.code = RH_OP_TM_TRACK, .least = 5});
  CHECK_SHRINKS("new S str \"h\\u00e9llo\"\n", "new S str \"\"\n", {.code = RH_OP_NEW});
  CHECK_SHRINKS("threshold 700 10 10\n", "threshold 9\n", {.code = RH_OP_THRESHOLD, .least = 9});
}

static void attributes_and_headers_go(void) {
  CHECK_SHRINKS("%applies 3.9+\n%case X-1 t\n%env PYTHONMALLOC=debug\n%args -Wd\n%profile cpython-3.12.3\n"
                "events (unordered,digest,fail_nth=7) => [a] @3.9 | [b] @3.10+\n",
                "%applies 3.12\n%profile cpython-3.12.3\nevents\n", {.code = RH_OP_EVENTS});
  CHECK_SHRINKS("%applies 3.12.1-3.12.9\nevents => []\n", "%applies 3.12.1-3.12.9\nevents\n", {.code = RH_OP_EVENTS});
}

static void what_is_not_wrong_is_left_alone(void) {
  const struct need need = {.code = RH_OP_EVENTS};
  struct judge judge = {.needs = &need, .n = 1};
  struct rh_shrunk shrunk = shrink_with(&judge, "new A list\ncollect\n", 100);
  CHECK_INT(shrunk.end, RH_SHRINK_NOTHING);
  CHECK_INT(shrunk.judged, 1);
  check_printed(shrunk.trace, "%trace 1\nnew A list\ncollect\n");
  rh_shrunk_free(&shrunk);
}

static const char long_trace[] = "new A node\nnew B node\nset A.a B\nrepeat 5: new C list; append C A\nrefs A\n"
                                 "collect 2\ndrop A B C\nevents\nnew A fin\nweak W A cb\ndrop A\nevents\n";

static void tries_are_a_bound(void) {
  const struct need needs[] = {{.code = RH_OP_SET}, {.code = RH_OP_WEAK}, {.code = RH_OP_EVENTS}};
  size_t before = SIZE_MAX;
  for (uint64_t tries = 1; tries < 200; tries++) {
    struct judge judge = {.needs = needs, .n = 3};
    struct rh_shrunk shrunk = shrink_with(&judge, long_trace, tries);
    CHECK(shrunk.end == RH_SHRINK_MINIMAL || (shrunk.end == RH_SHRINK_OUT_OF_TRIES && shrunk.judged == tries));
    CHECK_INT(shrunk.finding.verdict, RH_VERDICT_DIVERGES);
    CHECK(shrunk.trace->nops <= before);
    before = shrunk.trace->nops;
    rh_shrunk_free(&shrunk);
  }
  CHECK_INT(before, 3);
}

static void a_judge_may_end_it(void) {
  const struct need needs[] = {{.code = RH_OP_SET}, {.code = RH_OP_WEAK}, {.code = RH_OP_EVENTS}};
  for (uint64_t call = 1; call < 20; call++) {
    struct judge judge = {.needs = needs, .n = 3, .end_at = call};
    struct rh_shrunk shrunk = shrink_with(&judge, long_trace, 1000);
    CHECK_INT(shrunk.end, RH_SHRINK_ENDED);
    CHECK_INT(shrunk.judged, call);
    CHECK(shrunk.trace != NULL);
    CHECK_INT(shrunk.finding.verdict, call == 1 ? RH_VERDICT_CONFORMS : RH_VERDICT_DIVERGES);
    rh_shrunk_free(&shrunk);
  }
}

static void findings_differ_by_verdict_operation_and_cause(void) {
  struct rh_finding finding = {.verdict = RH_VERDICT_DIVERGES, .op = RH_OP_REFS, .cause = "RC-1", .position = 3};
  struct rh_finding other = finding;
  other.position = 7;
  strcpy(other.reason, "elsewhere");
  CHECK(rh_findings_same(&finding, &other));
  other.op = RH_OP_LEN;
  CHECK(!rh_findings_same(&finding, &other));
  other = finding;
  other.verdict = RH_VERDICT_CRASHED;
  CHECK(!rh_findings_same(&finding, &other));
  other = finding;
  strcpy(other.cause, "RC-2");
  CHECK(!rh_findings_same(&finding, &other));
  finding.verdict = other.verdict = RH_VERDICT_CRASHED;
  strcpy(finding.cause, "RC-2");
  other.op = RH_OP_LEN;
  CHECK(rh_findings_same(&finding, &other));
}

static void a_finding_names_rule_or_reason(void) {
  struct rh_trace *trace = read_trace("new A node\ntry refs A\n");
  struct rh_profile profile = read_profile("cpython-3.12");
  struct rh_judgement judgement = {.verdict = RH_VERDICT_DIVERGES, .position = 1};
  struct rh_finding finding;
  rh_text_puts(&judgement.observed, "2");
  CHECK(rh_finding_of(trace, &profile, &rh_engine_runtime, &judgement, &finding));
  CHECK_INT(finding.op, RH_OP_REFS);
  CHECK_TEXT(finding.cause, "RC-1");
  judgement.verdict = RH_VERDICT_CRASHED;
  rh_text_puts(&judgement.reason, "exit code 3");
  CHECK(rh_finding_of(trace, &profile, &rh_engine_runtime, &judgement, &finding));
  CHECK_TEXT(finding.cause, "exit");
  CHECK_TEXT(finding.reason, "exit code 3");
  judgement.position = RH_NO_POSITION;
  CHECK(rh_finding_of(trace, &profile, &rh_engine_runtime, &judgement, &finding));
  CHECK_INT(finding.op, RH_OP_NONE);
  rh_judgement_free(&judgement);
  rh_trace_free(trace);
}

TEST_MAIN(operations_go_with_what_depends_on_them, nested_operations_go_alone, blocks_give_way_to_their_bodies,
          one_name_instead_of_another, sizes_get_smaller, attributes_and_headers_go, what_is_not_wrong_is_left_alone,
          tries_are_a_bound, a_judge_may_end_it, findings_differ_by_verdict_operation_and_cause,
          a_finding_names_rule_or_reason)
