/*
 * The two engines predict the same for generated traces, of every mix and of
 * every family of versions; and generating is deterministic.
 */
#include <stdlib.h>

#include "oracle/compare.h"
#include "oracle/generate.h"
#include "test.h"

static const char *const profiles[] = {"cpython-3.9",    "cpython-3.10",   "cpython-3.11", "cpython-3.12.1",
                                       "cpython-3.13.0", "cpython-3.14.0", "cpython-3.15"};

enum { PROFILES = sizeof profiles / sizeof *profiles };

static unsigned long count_argument(const char *name, unsigned long otherwise) {
  const char *text = getenv(name);
  return text ? strtoul(text, NULL, 10) : otherwise;
}

static void compare_engines(enum rh_mix mix, uint64_t seed, const struct rh_profile *profile) {
  struct rh_trace *trace =
      rh_generate(&(struct rh_generate_options){.seed = seed, .operations = 150, .mix = mix, .profile = profile});
  CHECK(trace != NULL);
  if (!trace) return;
  struct rh_prediction prediction;
  CHECK(rh_predict(trace, profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction));
  CHECK(prediction.stop != RH_VERDICT_INTERNAL);
  if (mix != RH_MIX_WILD) CHECK(prediction.stop == RH_VERDICT_CONFORMS);
  if (prediction.stop == RH_VERDICT_INTERNAL)
    fprintf(stderr, "seed %llu, mix %d, %s, line %u: %s\n", (unsigned long long)seed, (int)mix, profile->name,
            (unsigned)prediction.n + 1, prediction.reason);
  rh_prediction_free(&prediction);
  rh_trace_free(trace);
}

static void compare_all(enum rh_mix mix) {
  unsigned long first = count_argument("RH_AGREE_SEED", 1), n = count_argument("RH_AGREE_TRACES", 70);
  for (unsigned long i = 0; i < n; i++) {
    struct rh_profile profile;
    char reason[256];
    CHECK(rh_profile_find(profiles[i % PROFILES], &profile, reason, sizeof reason));
    compare_engines(mix, first + i, &profile);
  }
}

static void engines_agree_on_legal_traces(void) {
  compare_all(RH_MIX_LEGAL);
}

static void engines_agree_on_wild_traces(void) {
  compare_all(RH_MIX_WILD);
}

static void engines_agree_on_interactions(void) {
  compare_all(RH_MIX_INTERACTIONS);
}

static void equal_options_make_equal_traces(void) {
  for (int mix = RH_MIX_LEGAL; mix <= RH_MIX_INTERACTIONS; mix++) {
    struct rh_text texts[3] = {{0}, {0}, {0}};
    for (unsigned i = 0; i < 3; i++) {
      struct rh_trace *trace = rh_generate(
          &(struct rh_generate_options){.seed = i == 2 ? 8 : 7, .operations = 300, .mix = (enum rh_mix)mix});
      CHECK_INT(trace->ntop, 300);
      rh_trace_print(trace, &texts[i]);
      rh_trace_free(trace);
    }
    CHECK(texts[0].size == texts[1].size && memcmp(texts[0].bytes, texts[1].bytes, texts[0].size) == 0);
    CHECK(texts[0].size != texts[2].size || memcmp(texts[0].bytes, texts[2].bytes, texts[0].size) != 0);
    for (unsigned i = 0; i < 3; i++) rh_text_free(&texts[i]);
  }
}

/* FNV-1a of a trace's text. */
static uint64_t hash_trace(enum rh_mix mix) {
  struct rh_trace *trace = rh_generate(&(struct rh_generate_options){.seed = 7, .operations = 1000, .mix = mix});
  struct rh_text text = {0};
  uint64_t hash = 0xcbf29ce484222325u;
  rh_trace_print(trace, &text);
  for (size_t i = 0; i < text.size; i++) hash = (hash ^ (unsigned char)text.bytes[i]) * 0x100000001b3u;
  rh_text_free(&text);
  rh_trace_free(trace);
  return hash;
}

/* A seed in a report means the same trace everywhere: these numbers change when
 * the generators do, never with the compiler or the machine. */
static void seeds_mean_the_same_everywhere(void) {
  CHECK_INT(hash_trace(RH_MIX_LEGAL), -5570822793904084775);
  CHECK_INT(hash_trace(RH_MIX_WILD), -1856723026731086324);
  CHECK_INT(hash_trace(RH_MIX_INTERACTIONS), -1595472328582012476);
}

TEST_MAIN(seeds_mean_the_same_everywhere, equal_options_make_equal_traces, engines_agree_on_legal_traces,
          engines_agree_on_wild_traces, engines_agree_on_interactions)
