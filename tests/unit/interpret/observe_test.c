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

static void exact_texts(void) {
  struct rh_observation nothing = observed(RH_OBSERVE_NOTHING, ""), skip = observed(RH_OBSERVE_SKIP, "skip");
  struct rh_observation five = observed(RH_OBSERVE_EXACT, "5"),
                        least = observed(RH_OBSERVE_EXACT, "-9223372036854775808");
  CHECK(allows(&nothing, "ok") && !allows(&nothing, "") && !allows(&nothing, "skip"));
  CHECK(allows(&skip, "skip") && !allows(&skip, "ok"));
  CHECK(allows(&five, "5") && !allows(&five, "6") && !allows(&five, "") && !allows(&five, "05"));
  CHECK(allows(&five, "5..5") && allows(&five, "-3..5") && !allows(&five, "6..9") && !allows(&five, "4.6"));
  CHECK(allows(&least, "-9223372036854775808..0") && !allows(&least, "-9223372036854775807..0"));
}

static void windows(void) {
  struct rh_observation window = observed(RH_OBSERVE_WINDOW, "-2..12");
  window.low = -2;
  window.high = 12;
  CHECK(allows(&window, "-2") && allows(&window, "12") && !allows(&window, "-3") && !allows(&window, "13"));
  CHECK(allows(&window, "0..50") && allows(&window, "12..13") && !allows(&window, "13..20"));
  CHECK(!allows(&window, "many") && !allows(&window, "1x") && !allows(&window, "99999999999999999999"));
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

TEST_MAIN(exact_texts, windows, relations, multisets, what_judges_nobody)
