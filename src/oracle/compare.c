/*
 * Predictions: the two engines are stepped side by side and their observations
 * copied into chunks that never move, so that texts can be pointed to.
 */
#include "oracle/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 1 << 14 };

struct rh_chunk {
  struct rh_chunk *previous;
  size_t used, size;
  char bytes[];
};

/* A NUL-terminated copy that lives as long as the prediction. */
static const char *keep(struct rh_prediction *prediction, const char *text, size_t n) {
  struct rh_chunk *chunk = prediction->chunks;
  if (chunk == NULL || chunk->size - chunk->used <= n) {
    size_t size = n < CHUNK_SIZE ? CHUNK_SIZE : n + 1;
    chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL) return NULL;
    *chunk = (struct rh_chunk){.previous = prediction->chunks, .size = size};
    prediction->chunks = chunk;
  }
  char *copy = chunk->bytes + chunk->used;
  memcpy(copy, text, n);
  copy[n] = '\0';
  chunk->used += n + 1;
  return copy;
}

static bool keep_observation(struct rh_prediction *prediction, const struct rh_observation *seen) {
  struct rh_observation *kept = &prediction->observations[prediction->n];
  *kept = *seen;
  kept->text = keep(prediction, seen->text, seen->size);
  bool enough = kept->text != NULL;
  for (unsigned i = 0; i < seen->nalternatives; i++) {
    kept->alternatives[i] = keep(prediction, seen->alternatives[i], strlen(seen->alternatives[i]));
    enough = enough && kept->alternatives[i] != NULL;
  }
  prediction->n += enough;
  return enough;
}

static bool texts_agree(const struct rh_observation *a, const struct rh_observation *b) {
  if (a->size == b->size && memcmp(a->text, b->text, a->size) == 0) return true;
  return a->class == RH_OBSERVE_MULTISET && rh_observation_allows(a, b->text, b->size);
}

bool rh_observations_agree(const struct rh_observation *a, const struct rh_observation *b) {
  return a->class == b->class && a->is_exception == b->is_exception && a->died == b->died && a->occurs == b->occurs &&
         a->low == b->low && a->high == b->high && texts_agree(a, b);
}

static bool stop(struct rh_prediction *prediction, enum rh_verdict why, const char *text, size_t n) {
  prediction->stop = why;
  prediction->reason = keep(prediction, text, n);
  return prediction->reason != NULL;
}

static bool stop_internal(struct rh_prediction *prediction, const struct rh_observation *runtime,
                          const struct rh_observation *model) {
  struct rh_text text = {0};
  rh_text_puts(&text, "the runtime predicts ");
  rh_observation_describe(runtime, &text);
  rh_text_puts(&text, ", the model predicts ");
  rh_observation_describe(model, &text);
  bool enough = stop(prediction, RH_VERDICT_INTERNAL, text.bytes, text.size);
  rh_text_free(&text);
  return enough;
}

/* The runs of one prediction; either may be missing. */
struct runs {
  struct rh_run *runtime, *model;
};

/* Steps whatever runs; true while there is something to keep on with. */
static bool predict_next(struct runs *runs, struct rh_prediction *prediction, bool *enough) {
  struct rh_observation first = {0}, second = {0};
  bool has_first = runs->runtime != NULL && rh_run_step(runs->runtime, &first);
  bool has_second = runs->model != NULL && rh_run_step(runs->model, &second);
  if (!has_first && !has_second) return false;
  /* A model at its limits leaves the word to the runtime; unsupported is unsupported for both. */
  if (has_first && has_second && second.class == RH_OBSERVE_UNKNOWN) {
    rh_run_free(runs->model);
    runs->model = NULL;
    prediction->alone = prediction->n;
    has_second = false;
  }
  const struct rh_observation *said = has_first ? &first : &second;
  if (has_first && has_second && second.class == RH_OBSERVE_UNSUPPORTED) said = &second;
  if (said->class == RH_OBSERVE_UNSUPPORTED || said->class == RH_OBSERVE_UNKNOWN) {
    *enough = stop(prediction, said->class == RH_OBSERVE_UNKNOWN ? RH_VERDICT_UNKNOWN : RH_VERDICT_UNSUPPORTED,
                   said->text, said->size);
    return false;
  }
  if (has_first && has_second && !rh_observations_agree(&first, &second)) {
    *enough = stop_internal(prediction, &first, &second);
    return false;
  }
  *enough = keep_observation(prediction, said);
  return *enough;
}

bool rh_predict(const struct rh_trace *trace, const struct rh_profile *profile, enum rh_engines engines, size_t limit,
                struct rh_prediction *prediction) {
  size_t most = trace->ntop < limit ? trace->ntop : limit;
  *prediction = (struct rh_prediction){.stop = RH_VERDICT_CONFORMS, .reason = "", .alone = SIZE_MAX};
  prediction->observations = malloc((most + 1) * sizeof *prediction->observations);
  if (prediction->observations == NULL) return false;
  struct runs runs = {0};
  bool enough = true;
  if (engines & RH_ENGINES_RUNTIME) {
    runs.runtime = rh_run_new(&rh_engine_runtime, profile, trace);
    enough = runs.runtime != NULL;
  }
  if (enough && (engines & RH_ENGINES_MODEL)) {
    runs.model = rh_run_new(&rh_engine_model, profile, trace);
    enough = runs.model != NULL;
  }
  while (enough && prediction->n < most && predict_next(&runs, prediction, &enough)) continue;
  rh_run_free(runs.runtime);
  rh_run_free(runs.model);
  return enough;
}

void rh_prediction_free(struct rh_prediction *prediction) {
  while (prediction->chunks != NULL) {
    struct rh_chunk *chunk = prediction->chunks;
    prediction->chunks = chunk->previous;
    free(chunk);
  }
  free(prediction->observations);
  *prediction = (struct rh_prediction){0};
}

/* A decimal integer that is the whole text. */
static bool read_integer(const char *text, size_t n, int64_t *value) {
  char digits[24];
  if (n == 0 || n >= sizeof digits) return false;
  memcpy(digits, text, n);
  digits[n] = '\0';
  char *end = NULL;
  if (digits[0] != '-' && (digits[0] < '0' || digits[0] > '9')) return false;
  errno = 0;
  *value = strtoll(digits, &end, 10);
  return end == digits + n && errno == 0;
}

/* `a..b`. */
static bool read_range(const char *text, size_t n, int64_t *low, int64_t *high) {
  for (size_t i = 1; i + 2 < n; i++) {
    if (text[i] == '.' && text[i + 1] == '.')
      return read_integer(text, i, low) && read_integer(text + i + 2, n - i - 2, high);
  }
  return false;
}

bool rh_recorded_allows(const char *recorded, size_t n, const char *observed, size_t m, bool unordered) {
  int64_t low = 0, high = 0, value = 0;
  if (read_range(recorded, n, &low, &high)) return read_integer(observed, m, &value) && low <= value && value <= high;
  if (n == m && memcmp(recorded, observed, n) == 0) return true;
  struct rh_observation items = {.class = RH_OBSERVE_MULTISET, .text = recorded, .size = n};
  return unordered && rh_observation_allows(&items, observed, m);
}

void rh_observation_describe(const struct rh_observation *observation, struct rh_text *out) {
  switch (observation->class) {
  case RH_OBSERVE_NOTHING:
    rh_text_puts(out, "ok");
    return;
  case RH_OBSERVE_SKIP:
    rh_text_puts(out, "skip");
    return;
  case RH_OBSERVE_OPAQUE:
    rh_text_puts(out, "anything");
    return;
  case RH_OBSERVE_WINDOW:
    rh_text_printf(out, "%" PRId64 "..%" PRId64, observation->low, observation->high);
    return;
  case RH_OBSERVE_UNSUPPORTED:
    rh_text_puts(out, "unsupported: ");
    break;
  case RH_OBSERVE_UNKNOWN:
    rh_text_puts(out, "unknown: ");
    break;
  case RH_OBSERVE_END:
    rh_text_printf(out, "a process that %s and %s on its error output", observation->died ? "died" : "ended",
                   observation->occurs ? "wrote" : "did not write");
    rh_text_printf(out, " %s", observation->alternatives[0]);
    return;
  case RH_OBSERVE_DIED:
  case RH_OBSERVE_EXACT:
  case RH_OBSERVE_RELATION:
  case RH_OBSERVE_MULTISET:
    break;
  }
  rh_text_append(out, observation->text, observation->size);
  if (observation->class == RH_OBSERVE_MULTISET) rh_text_puts(out, " in any order");
}

const char *rh_observation_recorded(const struct rh_observation *observation) {
  switch (observation->class) {
  case RH_OBSERVE_NOTHING:
  case RH_OBSERVE_OPAQUE:
  case RH_OBSERVE_UNSUPPORTED:
  case RH_OBSERVE_UNKNOWN:
    return NULL;
  case RH_OBSERVE_SKIP:
    return "skip";
  case RH_OBSERVE_RELATION:
    return observation->alternatives[0];
  case RH_OBSERVE_EXACT:
  case RH_OBSERVE_DIED:
  case RH_OBSERVE_END:
  case RH_OBSERVE_MULTISET:
  case RH_OBSERVE_WINDOW:
    break;
  }
  return observation->text;
}

const struct rh_engine *rh_engines_first(enum rh_engines engines) {
  return engines & RH_ENGINES_RUNTIME ? &rh_engine_runtime : &rh_engine_model;
}
