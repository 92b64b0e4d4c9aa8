/*
 * Property: what two versions predict differently is explained by a topic of
 * the profile in which they differ. One version becomes the other feature by
 * feature; the first observation that changes with a feature is of an operation
 * its topic declares in topics.def. Profiles whose features are all equal
 * predict the same, whatever their versions are called.
 *
 * Input: a trace as text; else, from a first byte of 128 on, three bytes that
 * choose a generated program; else a trace in its binary form. The sum of the
 * input chooses the versions.
 */
#include "hostile.h"
#include "oracle/compare.h"
#include "oracle/generate.h"
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

/* What feature `feature` changed, `new` being `old` but for it. */
static void check_change(const struct rh_trace *trace, const struct rh_prediction *old, const struct rh_prediction *new,
                         size_t feature) {
  const struct topic *topic = topic_of(feature);
  size_t i = first_difference(old, new);
  if (i == SIZE_MAX || (topic->free && is_entangled(trace)) || is_about_header(old, i) || is_about_header(new, i))
    return;
  enum rh_opcode operation = operation_at(trace, i);
  if (getenv("RH_FUZZ_PRINT"))
    fprintf(stderr, "%s: %s\n", rh_profile_feature(feature)->name, rh_opcode_spelling(operation));
  REQUIRE(declares(topic, operation), "operation %zu: %s (%s) changes what %s observes", i + 1,
          rh_profile_feature(feature)->name, topic->name, rh_opcode_spelling(operation));
}

/* `from` becomes `to` feature by feature; *last is the prediction it begins with, then the one it ends with. */
static void walk(const struct rh_trace *trace, const struct rh_profile *from, const struct rh_profile *to,
                 struct rh_prediction *last) {
  struct rh_profile profile = *from;
  for (size_t i = 0; i < rh_profile_features(); i++) {
    struct rh_prediction next;
    if (!differs(from, to, i)) continue;
    take_feature(&profile, to, i);
    predict(trace, &profile, &next);
    check_change(trace, last, &next, i);
    rh_prediction_free(last);
    *last = next;
  }
}

/* An expectation can be part of a question, and selected by version. */
static bool selects_versions(const struct rh_trace *trace) {
  for (size_t i = 0; i < trace->nexpectations; i++)
    if (trace->expectations[i].versions_length > 0) return true;
  return false;
}

static void check(const struct rh_trace *trace, uint32_t choice) {
  struct rh_profile from, to;
  struct rh_prediction first, last;
  rh_profile_change(choice % rh_profile_changes(), &from);
  rh_profile_change((choice >> 16) % rh_profile_changes(), &to);
  predict(trace, &from, &first);
  predict(trace, &to, &last);
  if (first_difference(&first, &last) != SIZE_MAX) {
    walk(trace, &from, &to, &first);
    size_t i = selects_versions(trace) ? SIZE_MAX : first_difference(&first, &last);
    REQUIRE(i == SIZE_MAX, "operation %zu: %s with every feature of %s is not that", i + 1, from.name, to.name);
  }
  rh_prediction_free(&first);
  rh_prediction_free(&last);
}

static struct rh_trace *read_program(const uint8_t *data, size_t size) {
  static const enum rh_mix mixes[] = {RH_MIX_LEGAL, RH_MIX_INTERACTIONS, RH_MIX_WILD, RH_MIX_LEGAL};
  struct rh_diagnostic ignored;
  struct rh_trace *trace = rh_trace_parse("text", (const char *)data, size, &ignored);
  if (trace == NULL && size >= 3 && data[0] >= 128)
    trace = rh_generate(
        &(struct rh_generate_options){.seed = data[1], .operations = 4 + data[2] % 61, .mix = mixes[data[0] % 4]});
  return trace != NULL ? trace : rh_trace_decode(data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_trace *trace = read_program(size ? data : (const uint8_t *)"", size);
  REQUIRE(trace != NULL, "no trace");
  if (!is_large(trace)) check(trace, sum_of(data, size));
  rh_trace_free(trace);
  return 0;
}
