/*
 * Property: what two versions predict differently is explained by a topic of
 * the profile in which they differ. One version becomes the other feature by
 * feature; the first observation that changes with a feature is of an operation
 * its topic declares in topics.def. Profiles whose features are all equal
 * predict the same, whatever their versions are called.
 *
 * Input: a trace as text, whose sum chooses the versions and the feature. Else
 * the first four bytes choose them, and the rest is a trace in its binary form.
 */
#include "hostile.h"
#include "oracle/compare.h"
#include "programs.h"

/* --- features --- */

/* Feature i of `to` becomes that of `from`. */
static void take_feature(struct rh_profile *to, const struct rh_profile *from, size_t i) {
  size_t at = 0;
#define FEATURE(type, name, rule, meaning, rows)                                                                       \
  if (at++ == i) to->name = from->name;
#include "profile/topics/topics.def"
#undef FEATURE
}

static bool differs(const struct rh_profile *a, const struct rh_profile *b, size_t i) {
  char first[64], second[64];
  rh_profile_spell(a, i, first, sizeof first);
  rh_profile_spell(b, i, second, sizeof second);
  return strcmp(first, second) != 0;
}

/* --- what a topic declares --- */

static const struct topic {
  const char *name;
  bool free;
  enum rh_opcode operations[RH_OPCODE_COUNT]; /* up to RH_OP_NONE */
} topics[] = {
#define OP(word)               RH_OP_##word
#define TOPIC(name, free, ...) {name, free, {__VA_ARGS__}},
#include "topics.def"
#undef TOPIC
#undef OP
};

static const struct topic *topic_of(size_t feature) {
  char name[32];
  rh_profile_topic(feature, name, sizeof name);
  for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
    if (strcmp(topics[i].name, name) == 0) return &topics[i];
  REQUIRE(false, "topics.def has no topic %s", name);
  return NULL;
}

static bool declares(const struct topic *topic, enum rh_opcode operation) {
  for (size_t i = 0; topic->operations[i] != RH_OP_NONE; i++)
    if (topic->operations[i] == operation) return true;
  return false;
}

/* Actions, faults, automatic collection. */
static bool is_entangled(const struct rh_trace *trace) {
  for (size_t i = 0; i < trace->nops; i++) {
    switch (trace->ops[i].code) {
    case RH_OP_ACT:
    case RH_OP_CBACT:
    case RH_OP_NOMEM:
    case RH_OP_ENABLE:
    case RH_OP_THRESHOLD:
      return true;
    default:
      if (trace->ops[i].fail_nth > 0) return true;
    }
  }
  return false;
}

/* --- predictions --- */

/* The first operation of which both do not say the same; SIZE_MAX: none. */
static size_t first_difference(const struct rh_prediction *a, const struct rh_prediction *b) {
  size_t n = a->n < b->n ? a->n : b->n;
  for (size_t i = 0; i < n; i++)
    if (!rh_observations_agree(&a->observations[i], &b->observations[i])) return i;
  return a->n == b->n && a->stop == b->stop ? SIZE_MAX : n;
}

/* The operation a line is about: what `try` tries. */
static enum rh_opcode operation_at(const struct rh_trace *trace, size_t i) {
  const struct rh_op *op = &trace->ops[trace->top[i]];
  if (op->code == RH_OP_TRY) op = &trace->ops[op->first_child];
  return (enum rh_opcode)op->code;
}

/* A trace that asks for what a version does not have stops before its first operation. */
static bool is_about_header(const struct rh_prediction *prediction, size_t i) {
  return prediction->n == i && strncmp(prediction->reason, "header ", 7) == 0;
}

static void predict(const struct rh_trace *trace, const struct rh_profile *profile, struct rh_prediction *prediction) {
  REQUIRE(rh_predict(trace, profile, RH_ENGINES_RUNTIME, SIZE_MAX, prediction), "no prediction");
}

static void check_feature(const struct rh_trace *trace, const struct rh_profile *before, const struct rh_profile *after,
                          size_t feature) {
  struct rh_prediction old, new;
  const struct topic *topic = topic_of(feature);
  predict(trace, before, &old);
  predict(trace, after, &new);
  size_t i = first_difference(&old, &new);
  if (i != SIZE_MAX && !(topic->free && is_entangled(trace)) && !is_about_header(&old, i) &&
      !is_about_header(&new, i)) {
    enum rh_opcode operation = operation_at(trace, i);
    if (getenv("RH_FUZZ_PRINT")) fprintf(stderr, "%s %s\n", topic->name, rh_opcode_spelling(operation));
    REQUIRE(declares(topic, operation), "operation %zu: %s (%s) changes what %s observes", i + 1,
            rh_profile_feature(feature)->name, topic->name, rh_opcode_spelling(operation));
  }
  rh_prediction_free(&old);
  rh_prediction_free(&new);
}

/* An expectation can be part of a question, and selected by version. */
static bool selects_versions(const struct rh_trace *trace) {
  for (size_t i = 0; i < trace->nexpectations; i++)
    if (trace->expectations[i].versions_length > 0) return true;
  return false;
}

/* The version that has become another feature by feature is that one. */
static void check_equal(const struct rh_trace *trace, const struct rh_profile *from, const struct rh_profile *to) {
  struct rh_profile all = *from;
  struct rh_prediction by_name, by_features;
  for (size_t i = 0; i < rh_profile_features(); i++) take_feature(&all, to, i);
  predict(trace, &all, &by_features);
  predict(trace, to, &by_name);
  size_t i = first_difference(&by_features, &by_name);
  REQUIRE(i == SIZE_MAX, "operation %zu: %s and %s differ, but in no feature", i + 1, all.name, to->name);
  rh_prediction_free(&by_features);
  rh_prediction_free(&by_name);
}

/* The first feature from `chosen` on that differs; their number: none. */
static size_t find_difference(const struct rh_profile *from, const struct rh_profile *to, size_t chosen) {
  size_t n = rh_profile_features();
  for (size_t i = 0; i < n; i++)
    if (differs(from, to, (chosen + i) % n)) return (chosen + i) % n;
  return n;
}

static void check(const struct rh_trace *trace, uint32_t choice) {
  struct rh_profile from, to;
  rh_profile_change((choice & 0xff) % rh_profile_changes(), &from);
  rh_profile_change((choice >> 8 & 0xff) % rh_profile_changes(), &to);
  size_t feature = find_difference(&from, &to, (choice >> 16) % rh_profile_features());
  if (feature == rh_profile_features()) return;
  struct rh_profile before = from;
  for (size_t i = 0; i < feature; i++) take_feature(&before, &to, i);
  struct rh_profile after = before;
  take_feature(&after, &to, feature);
  check_feature(trace, &before, &after, feature);
  if (!selects_versions(trace)) check_equal(trace, &from, &to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_diagnostic ignored;
  uint32_t choice = sum_of(data, size);
  struct rh_trace *trace = size > 0 ? rh_trace_parse("text", (const char *)data, size, &ignored) : NULL;
  if (trace == NULL && size >= 4) {
    memcpy(&choice, data, sizeof choice);
    trace = rh_trace_decode(data + 4, size - 4);
  }
  if (trace != NULL && !is_large(trace)) check(trace, choice);
  rh_trace_free(trace);
  return 0;
}
