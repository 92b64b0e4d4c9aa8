/*
 * The mutator as AFL++ calls it: a custom mutator library after the interface
 * of AFL++ 4.04 (afl_custom_*), one for each target, named after it. The format
 * is the target's, or what RH_FUZZ_FORMAT in the environment says.
 *
 * A queue file's name tells the mutations that made it. Trimming removes whole
 * operations of the top level: halves first, single ones in the end, never all.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afl_mutator.h"
#include "mutator.h"

enum { SIZE_DEFAULT = 4096, STACKED_MAX = 4, TRIM_STEPS = 1024, NAMES_MAX = 128 };

struct buffer {
  uint8_t *bytes;
  size_t size, capacity;
};

/* What is being trimmed: an input, and the same without operations at..at + chunk - 1. */
struct trim {
  struct buffer input, candidate;
  size_t operations, at, chunk, least; /* chunks get no smaller than `least` */
};

struct state {
  struct mutator *mutator;
  uint64_t seed;
  struct buffer out;
  struct trim trim;
  char names[NAMES_MAX];     /* of the mutations of the last call */
  char described[NAMES_MAX]; /* as much of them as was asked for */
};

static void reserve(struct buffer *buffer, size_t size) {
  if (size <= buffer->capacity) return;
  buffer->bytes = realloc(buffer->bytes, size);
  if (buffer->bytes == NULL) {
    fprintf(stderr, "refheap mutator: out of memory\n");
    exit(EXIT_FAILURE);
  }
  buffer->capacity = size;
}

static void assign(struct buffer *buffer, const uint8_t *bytes, size_t size) {
  reserve(buffer, size + 1);
  if (size > 0) memcpy(buffer->bytes, bytes, size);
  buffer->size = size;
}

void *afl_custom_init(void *afl, unsigned seed) {
  (void)afl;
  const char *format = getenv("RH_FUZZ_FORMAT");
  struct state *state = calloc(1, sizeof *state);
  if (format == NULL) format = RH_FUZZ_FORMAT;
  if (state != NULL) state->mutator = mutator_open(format);
  if (state == NULL || state->mutator == NULL) {
    fprintf(stderr, "refheap mutator: no format '%s'; expected records, trace or text, and +HEADER\n", format);
    exit(EXIT_FAILURE);
  }
  state->seed = seed;
  return state;
}

/* --- mutation --- */

static void add_name(struct state *state, enum mutation mutation) {
  size_t n = strlen(state->names);
  snprintf(state->names + n, sizeof state->names - n, "%s%s", n > 0 ? "+" : "", mutation_name(mutation));
}

/* AFL++ runs what comes out once, so a few mutations are made at a time. */
size_t afl_custom_fuzz(void *data, const uint8_t *input, size_t size, uint8_t **out, const uint8_t *other,
                       size_t other_size, size_t max) {
  struct state *state = data;
  const struct mutation_source source = {.other = other, .other_size = other_size};
  if (max > SIZE_DEFAULT) max = size > SIZE_DEFAULT && size <= max ? size : SIZE_DEFAULT;
  assign(&state->out, input, size < max ? size : max);
  reserve(&state->out, max + 1);
  state->names[0] = '\0';
  state->seed = state->seed * 6364136223846793005u + 1442695040888963407u;
  for (uint64_t i = 0; max > 0 && i < 1 + (state->seed >> 33) % STACKED_MAX; i++) {
    enum mutation done;
    state->out.size =
        mutator_mutate(state->mutator, state->out.bytes, state->out.size, max, &source, state->seed + i, &done);
    add_name(state, done);
  }
  *out = state->out.bytes;
  return state->out.size;
}

const char *afl_custom_describe(void *data, size_t max) {
  struct state *state = data;
  if (max > NAMES_MAX - 1) max = NAMES_MAX - 1;
  snprintf(state->described, max + 1, "%s", state->names);
  return state->described;
}

/* --- trimming --- */

static void choose_chunk(struct trim *trim, size_t chunk) {
  trim->at = 0;
  trim->chunk = chunk;
}

static bool is_trimmed(const struct trim *trim) {
  return trim->operations <= 1 || trim->chunk < trim->least;
}

/* Returns 1 and not the number of steps, which depends on what succeeds; 0: nothing to trim. */
int afl_custom_init_trim(void *data, const uint8_t *input, size_t size) {
  struct state *state = data;
  struct trim *trim = &state->trim;
  assign(&trim->input, input, size);
  trim->operations = mutator_count(state->mutator, input, size);
  trim->least = trim->operations / TRIM_STEPS + 1;
  choose_chunk(trim, trim->operations / 2);
  return !is_trimmed(trim);
}

size_t afl_custom_trim(void *data, uint8_t **out) {
  struct state *state = data;
  struct trim *trim = &state->trim;
  reserve(&trim->candidate, trim->input.size + 1);
  trim->candidate.size = mutator_without(state->mutator, trim->input.bytes, trim->input.size, trim->at, trim->chunk,
                                         trim->candidate.bytes);
  *out = trim->candidate.bytes;
  return trim->candidate.size;
}

/* Returns 1 when trimming is over. */
int afl_custom_post_trim(void *data, unsigned char success) {
  struct state *state = data;
  struct trim *trim = &state->trim;
  if (success) {
    assign(&trim->input, trim->candidate.bytes, trim->candidate.size);
    trim->operations = mutator_count(state->mutator, trim->input.bytes, trim->input.size);
    if (trim->chunk >= trim->operations) choose_chunk(trim, trim->operations / 2); /* never all of them */
  } else {
    trim->at += trim->chunk;
  }
  if (trim->at >= trim->operations) choose_chunk(trim, trim->chunk / 2);
  return is_trimmed(trim);
}

void afl_custom_deinit(void *data) {
  struct state *state = data;
  mutator_close(state->mutator);
  free(state->out.bytes);
  free(state->trim.input.bytes);
  free(state->trim.candidate.bytes);
  free(state);
}
