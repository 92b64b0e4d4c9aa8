/* Sums of verdicts and the exit code they make. */
#include "oracle/verdict.h"
#include "test.h"

static enum rh_exit exit_of(uint64_t conforms, uint64_t diverges, uint64_t crashed, uint64_t protocol,
                            uint64_t internal) {
  struct rh_counts counts = {{0}};
  counts.of[RH_VERDICT_CONFORMS] = conforms;
  counts.of[RH_VERDICT_DIVERGES] = diverges;
  counts.of[RH_VERDICT_CRASHED] = crashed;
  counts.of[RH_VERDICT_PROTOCOL] = protocol;
  counts.of[RH_VERDICT_INTERNAL] = internal;
  counts.of[RH_VERDICT_UNSUPPORTED] = 3;
  counts.of[RH_VERDICT_UNKNOWN] = 2;
  counts.of[RH_VERDICT_UNDEFINED] = 1;
  CHECK_INT(rh_counts_total(&counts), conforms + diverges + crashed + protocol + internal + 6);
  return rh_counts_exit(&counts);
}

static void the_most_serious_decides(void) {
  CHECK_INT(exit_of(0, 0, 0, 0, 0), 5);
  CHECK_INT(exit_of(1, 0, 0, 0, 0), 0);
  CHECK_INT(exit_of(9, 0, 0, 1, 0), 3);
  CHECK_INT(exit_of(9, 0, 1, 1, 0), 4);
  CHECK_INT(exit_of(9, 1, 1, 1, 0), 1);
  CHECK_INT(exit_of(9, 1, 1, 1, 1), 70);
  CHECK_INT(exit_of(0, 0, 0, 1, 0), 3);
}

static void every_verdict_has_its_names(void) {
  for (int i = 0; i < RH_VERDICTS; i++)
    for (int j = 0; j < i; j++) {
      CHECK(strcmp(rh_verdict_name((enum rh_verdict)i), rh_verdict_name((enum rh_verdict)j)) != 0);
      CHECK(strcmp(rh_verdict_plural((enum rh_verdict)i), rh_verdict_plural((enum rh_verdict)j)) != 0);
    }
  CHECK_TEXT(rh_verdict_name(RH_VERDICT_DIVERGES), "diverges");
  CHECK_TEXT(rh_verdict_plural(RH_VERDICT_DIVERGES), "diverge");
}

TEST_MAIN(the_most_serious_decides, every_verdict_has_its_names)
