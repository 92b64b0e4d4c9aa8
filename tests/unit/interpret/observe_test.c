/*
 * Comparison of observations, class by class.
 */
#include "oracle/observe.h"

#include "test.h"

static struct rh_observation observed(enum rh_observation_class class, const char *text) {
  return (struct rh_observation){.class = class, .text = text, .size = strlen(text)};
}

static bool allows(const struct rh_observation *observation, const char *text) {
  return rh_observation_allows(observation, text, strlen(text));
}

static bool records(const struct rh_observation *observation, const char *text) {
  return rh_observation_records(observation, text, strlen(text));
}

static void exact_texts(void) {
  struct rh_observation nothing = observed(RH_OBSERVE_NOTHING, ""), skip = observed(RH_OBSERVE_SKIP, "skip");
  struct rh_observation five = observed(RH_OBSERVE_EXACT, "5"),
                        least = observed(RH_OBSERVE_EXACT, "-9223372036854775808");
  CHECK(allows(&nothing, "ok") && !allows(&nothing, "") && !allows(&nothing, "skip"));
  CHECK(allows(&skip, "skip") && !allows(&skip, "ok"));
  CHECK(allows(&five, "5") && !allows(&five, "6") && !allows(&five, "") && !allows(&five, "05"));
  CHECK(records(&five, "5..5") && records(&five, "-3..5") && !records(&five, "6..9") && !records(&five, "4.6"));
  CHECK(records(&least, "-9223372036854775808..0") && !records(&least, "-9223372036854775807..0"));
  CHECK(records(&nothing, "ok") && records(&five, "5") && !records(&nothing, "0..1") && !records(&skip, "0..1"));
}

static void windows(void) {
  struct rh_observation window = observed(RH_OBSERVE_WINDOW, "-2..12");
  window.low = -2;
  window.high = 12;
  CHECK(allows(&window, "-2") && allows(&window, "12") && !allows(&window, "-3") && !allows(&window, "13"));
  CHECK(records(&window, "0..50") && records(&window, "12..13") && !records(&window, "13..20"));
  CHECK(records(&window, "12") && !records(&window, "13") && !records(&window, "5..4") && !records(&window, "5.."));
  CHECK(!allows(&window, "many") && !allows(&window, "1x") && !allows(&window, "99999999999999999999"));
}

/* An answer is a value: whoever could answer a range would never be wrong. */
static void a_range_is_no_observation(void) {
  struct rh_observation five = observed(RH_OBSERVE_EXACT, "5"), window = observed(RH_OBSERVE_WINDOW, "4..6");
  window.low = 4;
  window.high = 6;
  CHECK(!allows(&five, "5..5") && !allows(&five, "-9223372036854775808..9223372036854775807"));
  CHECK(allows(&window, "4") && !allows(&window, "4..6") && !allows(&window, "5..5"));
}

static void ends(void) {
  struct rh_observation end = observed(RH_OBSERVE_END, "\"lost\"");
  end.nalternatives = 1;
  end.alternatives[0] = "\"lost\"";
  CHECK(allows(&end, "ended \"\"") && !allows(&end, "ended \"it lost\"") && !allows(&end, "died SIGSEGV \"\""));
  CHECK(!allows(&end, "ended") && !allows(&end, "ended \"") && !allows(&end, "ended \"\\q\"") &&
        !allows(&end, "ended \"a\" b"));
  end.occurs = true;
  CHECK(allows(&end, "ended \"it lost\"") && !allows(&end, "ended \"\"") && !allows(&end, "ended \"it lost"));
}

static void relations(void) {
  struct rh_observation relation = observed(RH_OBSERVE_RELATION, "same or moved");
  relation.nalternatives = 2;
  relation.alternatives[0] = "same";
  relation.alternatives[1] = "moved";
  CHECK(allows(&relation, "same") && allows(&relation, "moved") && !allows(&relation, "null"));
  CHECK(!allows(&relation, "same or moved") && !allows(&relation, "sam"));
}

static void multisets(void) {
  struct rh_observation list = observed(RH_OBSERVE_MULTISET, "[a, bb, a]"), empty = observed(RH_OBSERVE_MULTISET, "[]");
  CHECK(allows(&list, "[a, a, bb]") && allows(&list, "[bb, a, a]"));
  CHECK(!allows(&list, "[a, bb]") && !allows(&list, "[a, bb, bb]") && !allows(&list, "[]") && !allows(&list, "a"));
  CHECK(allows(&empty, "[]") && !allows(&empty, "[a]") && !allows(&empty, "["));
}

static void what_judges_nobody(void) {
  struct rh_observation opaque = observed(RH_OBSERVE_OPAQUE, ""), unknown = observed(RH_OBSERVE_UNKNOWN, "full");
  CHECK(allows(&opaque, "anything") && allows(&unknown, "7"));
}

TEST_MAIN(exact_texts, windows, a_range_is_no_observation, ends, relations, multisets, what_judges_nobody)
