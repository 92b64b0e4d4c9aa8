/* The verdict of one trace, from a log and from answers. */
#include "judging.h"

#include <stdarg.h>

static const char program[] = "new A fin\nnew B fin\nset A.a B\nrefs B => 2\ndrop A B\nevents => [del:A, del:B]\n";
enum { OPERATIONS = 6 };

/* Judges answers given as a list of lines, ended by NULL. */
static struct rh_judgement judge(const char *text, size_t asked, const char *excluded, enum rh_answered end,
                                 const char *reason, const char *const *lines) {
  struct rh_trace *trace = read_trace(text);
  struct rh_profile profile = read_profile("cpython-3.11");
  struct rh_prediction prediction;
  struct rh_answers answers = {.end = end};
  struct rh_judgement judgement = {0};
  CHECK(rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction));
  for (; *lines != NULL; lines++) CHECK(rh_answers_add(&answers, *lines, strlen(*lines)));
  rh_text_puts(&answers.reason, reason);
  rh_judge_answers(trace, profile.version, &prediction, asked, excluded, &answers, &judgement);
  rh_answers_free(&answers);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
  return judgement;
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void expect(struct rh_judgement judgement, enum rh_verdict verdict, int64_t position, const char *reason) {
  CHECK_TEXT(rh_verdict_name(judgement.verdict), rh_verdict_name(verdict));
  CHECK_INT(judgement.position, position);
  CHECK_TEXT(judgement.reason.bytes != NULL ? judgement.reason.bytes : "", reason);
  rh_judgement_free(&judgement);
}

static void good_answers_conform(void) {
  struct rh_judgement judgement =
      judge(program, OPERATIONS, "", RH_ANSWERED_ALL, "", LINES("ok", "ok", "ok", "2", "ok", "[del:A, del:B]"));
  CHECK_INT(judgement.judged, OPERATIONS);
  CHECK_INT(judgement.last_good, OPERATIONS - 1);
  expect(judgement, RH_VERDICT_CONFORMS, RH_NO_POSITION, "");
}

static void the_first_wrong_answer_decides(void) {
  struct rh_judgement judgement =
      judge(program, OPERATIONS, "", RH_ANSWERED_ALL, "", LINES("ok", "ok", "ok", "3", "ok", "[]"));
  CHECK_TEXT(judgement.observed.bytes, "3");
  CHECK_TEXT(judgement.allowed.bytes, "2");
  CHECK_INT(judgement.last_good, 2);
  expect(judgement, RH_VERDICT_DIVERGES, 3, "");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_CRASHED, "SIGSEGV", LINES("ok", "MemoryError")),
         RH_VERDICT_DIVERGES, 1, "");
}

static void an_end_is_attributed_to_the_first_unanswered(void) {
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_CRASHED, "SIGSEGV", LINES("ok", "ok")), RH_VERDICT_CRASHED, 2,
         "SIGSEGV");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_TIMEOUT, "no answer within 1 s", LINES("ok")), RH_VERDICT_PROTOCOL,
         1, "no answer within 1 s");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_BROKEN, "an answer is empty", LINES("ok", "ok", "ok", "9")),
         RH_VERDICT_DIVERGES, 3, "");
}

/* With a line missing nothing can be attributed, not even a divergence. */
static void a_miscount_is_a_protocol_error(void) {
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_MISCOUNTED, "few", LINES("ok", "ok", "2", "ok", "[]")),
         RH_VERDICT_PROTOCOL, 5, "few");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_MISCOUNTED, "many",
               LINES("ok", "ok", "ok", "2", "ok", "[del:A, del:B]")),
         RH_VERDICT_PROTOCOL, 5, "many");
}

static void a_death_has_a_reason(void) {
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_CRASHED, "SIGSEGV", LINES("ok", "died SIGABRT")),
         RH_VERDICT_CRASHED, 1, "SIGABRT");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_CRASHED, "SIGSEGV", LINES("ok", "died")), RH_VERDICT_CRASHED, 1,
         "died");
}

static void unsupported_ends_judging(void) {
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_ALL, "", LINES("ok", "unsupported finalizers", "x", "x", "x", "x")),
         RH_VERDICT_UNSUPPORTED, 1, "finalizers");
  expect(judge(program, OPERATIONS, "", RH_ANSWERED_ALL, "", LINES("ok", "unsupported", "x", "x", "x", "x")),
         RH_VERDICT_UNSUPPORTED, 1, "no reason given");
  expect(judge(program, 3, "operation refs", RH_ANSWERED_ALL, "", LINES("ok", "ok", "ok")), RH_VERDICT_UNSUPPORTED, 3,
         "operation refs");
  expect(judge(program, 3, "operation refs", RH_ANSWERED_ALL, "", LINES("ok", "TypeError", "ok")), RH_VERDICT_DIVERGES,
         1, "");
  expect(judge("new A list\nconst C len\n", 1, "", RH_ANSWERED_ALL, "", LINES("ok")), RH_VERDICT_UNSUPPORTED, 1,
         "literal len");
}

static void a_suite_that_contradicts_is_internal(void) {
  expect(judge("new A list\nrefs A => 7\n", 2, "", RH_ANSWERED_ALL, "", LINES("ok", "7")), RH_VERDICT_INTERNAL, 1,
         "the suite records 7, the oracle predicts 1");
  expect(judge("new A list\nrefs A => 7 @3.12+\n", 2, "", RH_ANSWERED_ALL, "", LINES("ok", "1")), RH_VERDICT_CONFORMS,
         RH_NO_POSITION, "");
}

static void a_recorded_range_is_allowed(void) {
  static const char text[] = "new A list\nrefs A => 1..2\n";
  expect(judge(text, 2, "", RH_ANSWERED_ALL, "", LINES("ok", "2")), RH_VERDICT_CONFORMS, RH_NO_POSITION, "");
  expect(judge(text, 2, "", RH_ANSWERED_ALL, "", LINES("ok", "3")), RH_VERDICT_DIVERGES, 1, "");
}

static void a_range_is_no_answer(void) {
  expect(judge("new A list\nrefs A\n", 2, "", RH_ANSWERED_ALL, "", LINES("ok", "-9..9")), RH_VERDICT_DIVERGES, 1, "");
  expect(judge("new A list\nrefs A => 1..2\n", 2, "", RH_ANSWERED_ALL, "", LINES("ok", "1..2")), RH_VERDICT_DIVERGES, 1,
         "");
}

/* --- logs --- */

static struct rh_judgement judge_log(const char *text, const char *profile_name) {
  struct rh_trace *trace = read_trace(text);
  struct rh_profile profile = read_profile(profile_name);
  struct rh_prediction prediction;
  struct rh_judgement judgement = {0};
  CHECK(rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction));
  rh_judge_recorded(trace, profile.version, &prediction, &judgement);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
  return judgement;
}

static void logs(void) {
  expect(judge_log(program, "cpython-3.9"), RH_VERDICT_CONFORMS, RH_NO_POSITION, "");
  expect(judge_log("new A list\nrefs A => 2\nrefs A => 1\n", "cpython-3.9"), RH_VERDICT_DIVERGES, 1, "");
  expect(judge_log("new A list\nrefs A => 2 @3.10+\nrefs A => 1\n", "cpython-3.9"), RH_VERDICT_CONFORMS, RH_NO_POSITION,
         "");
  expect(judge_log("new A list\n", "cpython-3.9"), RH_VERDICT_UNSUPPORTED, RH_NO_POSITION, "nothing recorded");
  expect(judge_log("new A list\nrefs A => 1\nconst C len\nrefs C => 99\n", "cpython-3.9"), RH_VERDICT_UNSUPPORTED, 2,
         "literal len");
}

static void applies(void) {
  struct rh_trace *trace = read_trace("%applies 3.9-3.11\nnew A list\n");
  const char *ranges = NULL;
  CHECK(rh_trace_applies(trace, 0x030b07, &ranges));
  CHECK(!rh_trace_applies(trace, 0x030c00, &ranges));
  CHECK_TEXT(ranges, "3.9-3.11");
  rh_trace_free(trace);
}

TEST_MAIN(good_answers_conform, the_first_wrong_answer_decides, an_end_is_attributed_to_the_first_unanswered,
          a_miscount_is_a_protocol_error, a_death_has_a_reason, unsupported_ends_judging,
          a_suite_that_contradicts_is_internal, a_recorded_range_is_allowed, a_range_is_no_answer, logs, applies)
