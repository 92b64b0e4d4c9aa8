/* Comparing values, and predictions by one engine and by both. */
#include "judging.h"

static bool allows(const char *recorded, const char *observed, bool unordered) {
  return rh_recorded_allows(recorded, strlen(recorded), observed, strlen(observed), unordered);
}

static void values(void) {
  CHECK(allows("5", "5", false));
  CHECK(!allows("5", "05", false));
  CHECK(!allows("5", "", false));
  CHECK(allows("", "", false));
  CHECK(!allows("[a, b]", "[b, a]", false));
}

static void ranges(void) {
  CHECK(allows("1..3", "1", false));
  CHECK(allows("1..3", "3", false));
  CHECK(!allows("1..3", "0", false));
  CHECK(!allows("1..3", "4", false));
  CHECK(!allows("1..3", "2x", false));
  CHECK(!allows("1..3", "", false));
  CHECK(!allows("1..3", "TypeError", false));
  CHECK(allows("-5..-3", "-4", false));
  CHECK(!allows("-5..-3", "4", false));
  CHECK(!allows("a..b", "a", false));
  CHECK(allows("a..b", "a..b", false));
  CHECK(!allows("1..3", "1..3", false));
  CHECK(!allows("1..99999999999999999999999", "2", false));
}

static void multisets(void) {
  CHECK(allows("[a, b, a]", "[a, a, b]", true));
  CHECK(!allows("[a, b, a]", "[a, b, b]", true));
  CHECK(!allows("[a, b]", "[a, b, a]", true));
  CHECK(allows("[]", "[]", true));
  CHECK(!allows("[]", "a", true));
}

static const char program[] =
    "new A fin\nnew B fin\nset A.a B\ndrop B\nrefs A.a\ndrop A\nevents\nconst C len\nrefs C\n";

static void check_prediction(enum rh_engines engines) {
  struct rh_trace *trace = read_trace(program);
  struct rh_profile profile = read_profile("cpython-3.12");
  struct rh_prediction prediction;
  CHECK(rh_predict(trace, &profile, engines, SIZE_MAX, &prediction));
  CHECK_INT(prediction.n, 7);
  CHECK_INT(prediction.stop, RH_VERDICT_UNSUPPORTED);
  CHECK_TEXT(prediction.reason, "literal len");
  CHECK_INT(prediction.observations[0].class, RH_OBSERVE_NOTHING);
  CHECK_TEXT(prediction.observations[4].text, "1");
  CHECK_TEXT(prediction.observations[6].text, "[del:A, del:B]");
  rh_prediction_free(&prediction);
  CHECK(rh_predict(trace, &profile, engines, 5, &prediction));
  CHECK_INT(prediction.n, 5);
  CHECK_INT(prediction.stop, RH_VERDICT_CONFORMS);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
}

static void predictions(void) {
  check_prediction(RH_ENGINES_RUNTIME);
  check_prediction(RH_ENGINES_MODEL);
  check_prediction(RH_ENGINES_BOTH);
}

/* Texts must survive later, longer ones. */
static void texts_are_kept(void) {
  struct rh_text program_text = {0};
  for (int i = 0; i < 3000; i++) rh_text_puts(&program_text, "new S fin\ndrop S\nevents\n");
  struct rh_trace *trace = read_trace(program_text.bytes);
  struct rh_profile profile = read_profile("cpython-3.9");
  struct rh_prediction prediction;
  CHECK(rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction));
  CHECK_INT(prediction.n, 9000);
  int good = 0;
  for (size_t i = 2; i < prediction.n; i += 3) good += strcmp(prediction.observations[i].text, "[del:S]") == 0;
  CHECK_INT(good, 3000);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
  rh_text_free(&program_text);
}

static void disagreement(void) {
  struct rh_observation a = {.class = RH_OBSERVE_EXACT, .text = "1", .size = 1}, b = a;
  CHECK(rh_observations_agree(&a, &b));
  b.text = "2";
  CHECK(!rh_observations_agree(&a, &b));
  b = a;
  b.class = RH_OBSERVE_MULTISET;
  CHECK(!rh_observations_agree(&a, &b));
  b = a;
  b.is_exception = true;
  CHECK(!rh_observations_agree(&a, &b));
}

/* Of what comes in any order each engine has its own. */
static void orders(void) {
  struct rh_observation a = {.class = RH_OBSERVE_MULTISET, .text = "[del:X, del:Y]", .size = 14}, b = a;
  b.text = "[del:Y, del:X]";
  CHECK(rh_observations_agree(&a, &b));
  b.text = "[del:Y, del:Y]";
  CHECK(!rh_observations_agree(&a, &b));
  a.class = b.class = RH_OBSERVE_EXACT;
  b.text = "[del:Y, del:X]";
  CHECK(!rh_observations_agree(&a, &b));
}

/* In which order a set lets go hangs on addresses; the engines take the same ones, and find the same places by them. */
static void addresses(void) {
  static const char *const programs[] = {
      "new E fin\nnew C fin\nnew L list\nnew B fin\nnew A fin\nnew D fin\nnew S set\nadd S D\nadd S B\nadd S \"k\"\n"
      "add S A\nadd S E\nadd S C\ndrop A B C D E\ndrop S\nevents\n",
      "new B fin\nnew D fin\nnew E fin\nnew F fin\nnew G fin\nnew H fin\nnew I tuple E H\nnew J bytes 1\nnew X float "
      "1.5\n"
      "new P pow2 70\nnew S set\nadd S I\nadd S D\nadd S J\nadd S E\nadd S F\ncopy S S\nadd S D\ndiscardrange S 0 20\n"
      "add S X\nadd S H\nadd S P\nadd S G\nadd S B\ndrop B D E F G H I J X P\ndrop S\nevents\n"};
  struct rh_profile profile = read_profile("cpython-3.12");
  for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
    struct rh_trace *trace = read_trace(programs[i]);
    struct rh_prediction prediction;
    CHECK(rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction));
    CHECK_TEXT(prediction.reason, "");
    CHECK_INT(prediction.n, trace->ntop);
    rh_prediction_free(&prediction);
    rh_trace_free(trace);
  }
}

static void describe(const struct rh_observation *observation, const char *expected) {
  struct rh_text text = {0};
  rh_observation_describe(observation, &text);
  CHECK_TEXT(text.bytes, expected);
  rh_text_free(&text);
}

static void descriptions(void) {
  describe(&(struct rh_observation){.class = RH_OBSERVE_NOTHING, .text = ""}, "ok");
  describe(&(struct rh_observation){.class = RH_OBSERVE_SKIP, .text = "skip", .size = 4}, "skip");
  describe(&(struct rh_observation){.class = RH_OBSERVE_WINDOW, .text = "2..5", .size = 4, .low = 2, .high = 5},
           "2..5");
  describe(&(struct rh_observation){.class = RH_OBSERVE_MULTISET, .text = "[a]", .size = 3}, "[a] in any order");
  describe(&(struct rh_observation){.class = RH_OBSERVE_OPAQUE, .text = ""}, "anything");
}

TEST_MAIN(values, ranges, multisets, predictions, texts_are_kept, disagreement, orders, addresses, descriptions)
