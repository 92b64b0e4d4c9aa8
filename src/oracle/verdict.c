/* The names of verdicts, their sums, and the exit code they make. */
#include "oracle/verdict.h"

static const struct {
  const char *name, *plural;
} names[RH_VERDICTS] = {
    [RH_VERDICT_CONFORMS] = {"conforms", "conform"},     [RH_VERDICT_DIVERGES] = {"diverges", "diverge"},
    [RH_VERDICT_UNDEFINED] = {"undefined", "undefined"}, [RH_VERDICT_UNSUPPORTED] = {"unsupported", "unsupported"},
    [RH_VERDICT_UNKNOWN] = {"unknown", "unknown"},       [RH_VERDICT_CRASHED] = {"crashed", "crashed"},
    [RH_VERDICT_PROTOCOL] = {"protocol", "protocol"},    [RH_VERDICT_INTERNAL] = {"internal", "internal"},
};

const char *rh_verdict_name(enum rh_verdict verdict) {
  return names[verdict].name;
}

const char *rh_verdict_plural(enum rh_verdict verdict) {
  return names[verdict].plural;
}

uint64_t rh_counts_total(const struct rh_counts *counts) {
  uint64_t total = 0;
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) total += counts->of[verdict];
  return total;
}

enum rh_exit rh_counts_exit(const struct rh_counts *counts) {
  static const struct {
    enum rh_verdict verdict;
    enum rh_exit code;
  } order[] = {
      {RH_VERDICT_INTERNAL, RH_EXIT_INTERNAL}, {RH_VERDICT_DIVERGES, RH_EXIT_DIVERGES},
      {RH_VERDICT_CRASHED, RH_EXIT_CRASHED},   {RH_VERDICT_PROTOCOL, RH_EXIT_PROTOCOL},
      {RH_VERDICT_CONFORMS, RH_EXIT_CONFORMS},
  };
  for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
    if (counts->of[order[i].verdict] > 0) return order[i].code;
  return RH_EXIT_NOT_JUDGED;
}
