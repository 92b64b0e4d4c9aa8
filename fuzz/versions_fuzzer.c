/*
 * Property: two versions differ only in what their profiles name. One trace is predicted under both. Then
 *
 * - the features of the first version are changed into those of the second one by one, in the order of the tables. When
 *   that is done the prediction is that of the second version: nothing hangs on the version's number or name.
 * - of each feature whose change changes the prediction, the first operation that observes something else looks at what the
 *   feature's rule or topic may change (`permitted`); of sizes and of which objects are one the runtime's explanation of one
 *   side, or its evidence, cites the feature's rule.
 *
 * Of the output a trace asks for a text; where that text hangs on the version, each version is asked something else, and
 * the question is left out.
 *
 * Input: a byte for each version, one for the engine, then a trace in its binary form. RH_FUZZ_PRINT=1 prints which
 * feature changes which operation.
 */
#include "hostile.h"
#include "oracle/explain.h"
#include "programs.h"
#include "rules/evidence.h"

enum { HEADER = 3, TOPIC_MAX = 32 };

/* --- features, and what they may change --- */

static const struct {
  size_t offset, size;
} fields[] = {
#define FEATURE(type, name, rule, meaning, rows) {offsetof(struct rh_profile, name), sizeof(type)},
#include "profile/topics/topics.def"
#undef FEATURE
};

enum { FEATURES = sizeof fields / sizeof *fields };

static void change_features(struct rh_profile *profile, const struct rh_profile *to, size_t first, size_t end) {
  for (size_t i = first; i < end; i++)
    memcpy((char *)profile + fields[i].offset, (const char *)to + fields[i].offset, fields[i].size);
}

static bool is_same_rule(size_t a, size_t b) {
  return strcmp(rh_profile_feature(a)->rule, rh_profile_feature(b)->rule) == 0;
}

/* What an operation looks at. */
enum {
  LIFE = 1,      /* who lives, who refers to whom, what the collector found */
  SETTINGS = 2,  /* of the collector, and the form of its statistics */
  COUNTS = 4,    /* reported reference counts */
  IDENTITY = 8,  /* which two values are one object, and which values there are */
  BYTES = 16,    /* sizes */
  CAPACITY = 32, /* room that a container has in reserve */
  KEPT = 64,     /* free lists */
  POOLS = 128,   /* pools and arenas */
  OUTPUT = 256,  /* what the process writes, and how it ends */
  FAR = 512,     /* is it predicted at all? */

  TOTALS = LIFE | IDENTITY | BYTES | CAPACITY | KEPT, /* sums over all objects */
  DEATHS = LIFE | KEPT | OUTPUT | FAR                 /* what shows who lives, the actions of the dead apart */
};

/* By operation; 0: no version changes what it observes. */
static const uint16_t looks[RH_OPCODE_COUNT] = {
    [RH_OP_COLLECT] = LIFE,
    [RH_OP_EVENTS] = LIFE,
    [RH_OP_DEREF] = LIFE,
    [RH_OP_PROBE] = LIFE,
    [RH_OP_USE] = LIFE,
    [RH_OP_WEAKCOUNT] = LIFE,
    [RH_OP_COUNT] = LIFE,
    [RH_OP_YOUNG] = LIFE,
    [RH_OP_FROZEN] = LIFE,
    [RH_OP_FROZENDELTA] = LIFE,
    [RH_OP_GARBAGE] = LIFE,
    [RH_OP_TRACKED] = LIFE,
    [RH_OP_FINALIZED] = LIFE,
    [RH_OP_GEN] = LIFE,
    [RH_OP_NCOLLECTIONS] = LIFE,
    [RH_OP_REFERENTS] = LIFE,
    [RH_OP_REFERRERS] = LIFE | COUNTS | IDENTITY, /* of a shared value they are not known */
    [RH_OP_LEN] = LIFE,                           /* a weak dict loses the dead */
    [RH_OP_DELKEY] = LIFE,
    [RH_OP_DELRANGE] = LIFE,
    [RH_OP_STAT] = LIFE | SETTINGS,
    [RH_OP_STATKEYS] = SETTINGS,
    [RH_OP_THRESHOLD] = SETTINGS,
    [RH_OP_REFS] = COUNTS | LIFE,
    [RH_OP_RAWLOCALREFS] = COUNTS,
    [RH_OP_IMMORTAL] = COUNTS,
    [RH_OP_CHAR] = IDENTITY,
    [RH_OP_SAME] = IDENTITY,
    [RH_OP_SAMEID] = IDENTITY | KEPT,
    [RH_OP_SIZEOF] = BYTES | CAPACITY,
    [RH_OP_GROWTH] = BYTES | CAPACITY,
    [RH_OP_TM_DELTA] = TOTALS,
    [RH_OP_TM_PEAKDELTA] = TOTALS,
    [RH_OP_TM_OBJTB] = COUNTS | IDENTITY | KEPT,
    [RH_OP_PM_BLOCKS] = POOLS | TOTALS,
    [RH_OP_BLOCKS] = POOLS | TOTALS,
    [RH_OP_CAP] = CAPACITY,
    [RH_OP_FREECOUNT] = KEPT,
    [RH_OP_FREETUPLES] = KEPT,
    [RH_OP_STDERR] = OUTPUT,
    [RH_OP_NOSTDERR] = OUTPUT,
    [RH_OP_LATE] = OUTPUT,
    [RH_OP_FATAL] = OUTPUT,
};

static unsigned looks_at(unsigned code) {
  return looks[code] == 0 && code >= RH_OP_PM_MALLOC && code <= RH_OP_BLOCKS ? POOLS : looks[code];
}

/* What the features of a rule, or else of a topic, may change first. Where an operation looks at nothing but what is
 * `cited`, an explanation must cite their rule. Recorded in an action, what is known within bounds alone ends the
 * prediction. */
static const struct permission {
  const char *subject;
  unsigned seen, cited;
} permitted[] = {
    {"INT-10", DEATHS | COUNTS | IDENTITY, IDENTITY | KEPT}, /* the shared frozenset does not die, and is never new */
    {"GEN-13", DEATHS, 0},                                   /* what is kept does not count as freed, nor then as new */
    {"DCT-9", CAPACITY | FAR, 0},                            /* the model does not know where all members lie */
    {"counts", DEATHS | COUNTS | IDENTITY, 0},
    {"collector", DEATHS | SETTINGS, 0},
    {"tracking", DEATHS, 0},
    {"objects", DEATHS | COUNTS, 0},
    {"free_lists", KEPT | FAR, 0},
    {"release", DEATHS, 0},
    {"interning", COUNTS | IDENTITY | FAR, IDENTITY | KEPT},
    {"growth", CAPACITY, 0},
    {"sizes", BYTES | FAR, BYTES | CAPACITY},
    {"blocks", POOLS | OUTPUT | FAR, 0},
};

static const struct permission *permission_of(size_t feature) {
  char topic[TOPIC_MAX];
  rh_profile_topic(feature, topic, sizeof topic);
  for (size_t i = 0; i < sizeof permitted / sizeof *permitted; i++)
    if (strcmp(permitted[i].subject, rh_profile_feature(feature)->rule) == 0) return &permitted[i];
  for (size_t i = 0; i < sizeof permitted / sizeof *permitted; i++)
    if (strcmp(permitted[i].subject, topic) == 0) return &permitted[i];
  REQUIRE(false, "nothing is said of what topic %s may change", topic);
}

/* --- one trace under two profiles --- */

struct comparison {
  const struct rh_trace *trace;
  enum rh_engines engine;
  uint32_t versions[2];
  bool acts;         /* it has actions: when one of the dead acts, it may do anything */
  bool scatters;     /* it adds objects to sets, by their addresses, in which order they then die */
  unsigned recorded; /* what the recorded operations look at, which its events show */
};

static bool is_named(const struct rh_arg *arg) {
  return arg->type == RH_ARG_NAME || arg->type == RH_ARG_PATH;
}

static struct comparison compare(const struct rh_trace *trace, const struct rh_profile *from,
                                 const struct rh_profile *to, enum rh_engines engine) {
  struct comparison of = {.trace = trace, .engine = engine, .versions = {from->version, to->version}};
  for (size_t i = 0; i < trace->nops; i++) {
    const struct rh_op *op = &trace->ops[i];
    of.acts = of.acts || op->code == RH_OP_ACT || op->code == RH_OP_CBACT;
    of.scatters = of.scatters || (op->code == RH_OP_ADD && is_named(&trace->args[op->first_arg + 1]));
    if (op->recorded) of.recorded |= looks_at(op->code);
  }
  return of;
}

/* A profile on the way from one version to the other, and what is predicted under it. */
struct stage {
  struct rh_profile profile;
  struct rh_prediction prediction;
};

static void predict(const struct comparison *of, struct stage *stage, size_t limit) {
  if (!rh_predict(of->trace, &stage->profile, of->engine, limit, &stage->prediction)) abort();
}

/* The operation that observes: the one inside `try`. */
static const struct rh_op *operation(const struct rh_trace *trace, size_t position) {
  const struct rh_op *op = &trace->ops[trace->top[position]];
  return op->code == RH_OP_TRY ? &trace->ops[op->first_child] : op;
}

static bool asks_by_version(const struct comparison *of, size_t position) {
  const struct rh_op *op = operation(of->trace, position);
  return looks_at(op->code) == OUTPUT &&
         rh_expectation_select(of->trace, op, of->versions[0]) != rh_expectation_select(of->trace, op, of->versions[1]);
}

/* The first operation that observes something else, or is predicted on one side alone; SIZE_MAX: none. */
static size_t first_difference(const struct comparison *of, const struct rh_prediction *a,
                               const struct rh_prediction *b) {
  size_t n = a->n < b->n ? a->n : b->n;
  for (size_t i = 0; i < n; i++)
    if (!rh_observations_agree(&a->observations[i], &b->observations[i]) && !asks_by_version(of, i)) return i;
  return a->n != b->n && a->stop != RH_VERDICT_UNKNOWN && b->stop != RH_VERDICT_UNKNOWN ? n : SIZE_MAX;
}

/* What a feature may change, here. */
static unsigned may_change(const struct comparison *of, const struct permission *permission) {
  bool places = (permission->seen & (IDENTITY | CAPACITY)) != 0; /* of members in a set: of objects, or of tables */
  return permission->seen | (of->scatters && places ? DEATHS : 0);
}

/* What the operation looks at, here. */
static unsigned sees(const struct comparison *of, size_t position) {
  unsigned code = operation(of->trace, position)->code;
  return looks_at(code) | (code == RH_OP_EVENTS ? of->recorded : 0);
}

/* Is the rule among the notes up to this operation, or what explains it? */
static bool is_cited(const struct comparison *of, const struct rh_profile *profile, const char *rule, size_t position) {
  struct stage again = {.profile = *profile};
  struct rh_explanation why;
  rh_evidence_keep(true);
  predict(of, &again, position + 1);
  bool found = false;
  for (size_t i = 0; i < rh_evidence_notes(); i++) found |= strcmp(rh_evidence(i).rule, rule) == 0;
  rh_evidence_keep(false);
  rh_prediction_free(&again.prediction);
  if (found) return true;
  if (!rh_explain(of->trace, profile, rh_engines_first(of->engine), position, NULL, 0, &why)) abort();
  found = strcmp(why.rule->id, rule) == 0;
  rh_explanation_free(&why);
  return found;
}

static void check_step(const struct comparison *of, size_t i, const struct stage *before, const struct stage *after,
                       size_t position) {
  const struct rh_feature *feature = rh_profile_feature(i);
  const struct permission *permission = permission_of(i);
  bool far = position >= before->prediction.n || position >= after->prediction.n;
  unsigned seen = far ? FAR : sees(of, position), may = may_change(of, permission);
  bool acted = of->acts && (may & LIFE) != 0, cited = !far && !acted && (seen & ~permission->cited) == 0;
  struct rh_text line = {0};
  rh_op_print(of->trace, &of->trace->ops[of->trace->top[position]], false, &line);
  if (getenv("RH_FUZZ_PRINT"))
    fprintf(stderr, "%s (%s): %s%s\n", feature->name, feature->rule, line.bytes, far ? " FAR" : "");
  REQUIRE(acted || (may & seen) != 0, "%s (%s) may not change operation %zu: %s", feature->name, feature->rule,
          position + 1, line.bytes);
  REQUIRE(!cited || of->engine == RH_ENGINES_MODEL || is_cited(of, &before->profile, feature->rule, position) ||
              is_cited(of, &after->profile, feature->rule, position),
          "%s changes operation %zu, %s, not by its rule %s", feature->name, position + 1, line.bytes, feature->rule);
  rh_text_free(&line);
}

/* Features of one rule follow each other in a table and are one setting: where one ends, close to the middle; `end`: it is all. */
static size_t split(size_t first, size_t end) {
  size_t middle = first + (end - first) / 2;
  while (middle > first && is_same_rule(middle - 1, middle)) middle--;
  if (middle > first) return middle;
  do middle++;
  while (middle < end && is_same_rule(middle - 1, middle));
  return middle;
}

/* Finds each rule's features, from `first` to before `end`, that change the prediction; none where all together do not. */
static void check_steps(const struct comparison *of, size_t first, size_t end, const struct stage *before,
                        const struct stage *after) {
  size_t position = first_difference(of, &before->prediction, &after->prediction), middle = split(first, end);
  if (position == SIZE_MAX) return;
  if (middle == end) {
    check_step(of, first, before, after, position);
    return;
  }
  struct stage between = {.profile = before->profile};
  change_features(&between.profile, &after->profile, first, middle);
  predict(of, &between, SIZE_MAX);
  check_steps(of, first, middle, before, &between);
  check_steps(of, middle, end, &between, after);
  rh_prediction_free(&between.prediction);
}

static void check_versions(const struct comparison *of, const struct rh_profile *from, const struct rh_profile *to) {
  struct stage first = {.profile = *from}, renamed = {.profile = *from}, second = {.profile = *to};
  change_features(&renamed.profile, to, 0, FEATURES);
  predict(of, &first, SIZE_MAX);
  predict(of, &renamed, SIZE_MAX);
  predict(of, &second, SIZE_MAX);
  size_t position = first_difference(of, &renamed.prediction, &second.prediction);
  REQUIRE(position == SIZE_MAX, "%s: operation %zu hangs on the version, not on a feature", to->name, position + 1);
  /* To reach a limit of the work costs much, and each step does it anew. */
  if (first.prediction.stop != RH_VERDICT_UNKNOWN) check_steps(of, 0, FEATURES, &first, &renamed);
  rh_prediction_free(&first.prediction);
  rh_prediction_free(&renamed.prediction);
  rh_prediction_free(&second.prediction);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEADER) return 0;
  const struct rh_profile *from = fuzz_version(data[0]), *to = fuzz_version(data[1]);
  struct rh_trace *trace = rh_trace_decode(data + HEADER, size - HEADER);
  if (trace == NULL) abort();
  struct comparison of = compare(trace, from, to, data[2] % 2 == 0 ? RH_ENGINES_RUNTIME : RH_ENGINES_MODEL);
  if (!is_large(trace)) check_versions(&of, from, to);
  rh_trace_free(trace);
  fuzz_leave_nothing();
  return 0;
}
