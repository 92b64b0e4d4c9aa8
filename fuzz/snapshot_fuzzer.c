/*
 * Property: a snapshot becomes a legal trace that rebuilds it, on which both
 * engines agree and in which no operation is skipped; any other bytes give one
 * diagnostic with a place in them and no trace. What the importer asks for is
 * bounded by the input, and where it is refused that is the diagnostic: it is
 * compiled here with counted allocations. Known answers: the trace, or the
 * diagnostic.
 *
 * Input: a first byte below 128 begins the bytes themselves. Else the first
 * six bytes choose a seed, how much to drop, a number of objects and a byte to
 * break the text with; those behind them are the flags, counts and edges of the
 * objects.
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>

#include "answers.h"
#include "oracle/snapshot.h"
#include "programs.h"

static const struct known_answer known[] = {
#include "answers/snapshot.def"
};

void *counted_malloc(size_t size);
void *counted_calloc(size_t n, size_t size);

static size_t asked_for;
static unsigned asked, refused; /* how often, from 1 on; which one is refused, 0: none */

void *counted_malloc(size_t size) {
  asked_for += size;
  return ++asked == refused ? NULL : malloc(size);
}

void *counted_calloc(size_t n, size_t size) {
  asked_for += n * size;
  return ++asked == refused ? NULL : calloc(n, size);
}

/* --- the text of a graph --- */

struct source {
  const uint8_t *at;
  size_t left;
};

static unsigned take(struct source *source) {
  if (source->left == 0) return 0;
  source->left--;
  return *source->at++;
}

enum { OBJECTS_MAX = 24, EDGES_MAX = 3 };

struct object {
  unsigned flags, more, edges, targets[EDGES_MAX];
};

static void write_object(const struct object *objects, unsigned id, unsigned n, struct rh_text *out) {
  static const char *const flags[] = {"g", "-", "i", "gi"};
  unsigned references = objects[id].more;
  for (unsigned i = 0; i < n; i++)
    for (unsigned k = 0; k < objects[i].edges; k++) references += objects[i].targets[k] == id;
  rh_text_printf(out, "%u T %s %u 64 %u", id, flags[objects[id].flags], references, objects[id].edges);
  for (unsigned k = 0; k < objects[id].edges; k++) rh_text_printf(out, " %u", objects[id].targets[k]);
  rh_text_puts(out, "\n");
}

/* A snapshot as a program would give it; `claim`: more edges than there are. */
static void write_graph(struct source *source, unsigned n, unsigned claim, struct rh_text *out) {
  struct object objects[OBJECTS_MAX];
  unsigned edges = 0;
  for (unsigned id = 0; id < n; id++) {
    unsigned shape = take(source);
    objects[id] = (struct object){shape % 4, shape / 4 % 2, shape / 8 % (EDGES_MAX + 1), {0}};
    for (unsigned k = 0; k < objects[id].edges; k++) objects[id].targets[k] = take(source) % n;
    edges += objects[id].edges;
  }
  rh_text_printf(out, "HG1 %u %u\n", n, edges + claim);
  for (unsigned id = 0; id < n; id++) write_object(objects, id, n, out);
}

/* --- what a good snapshot says, read by strtoull --- */

struct said {
  struct rh_snapshot_counts counts;
  uint64_t drops; /* names that nothing outside holds */
};

static uint64_t number_at(const char **at) {
  char *end;
  uint64_t value = strtoull(*at, &end, 10);
  *at = end;
  return value;
}

/* Behind the next word. */
static const char *word_at(const char *at, const char **word) {
  *word = at + strspn(at, " ");
  return *word + strcspn(*word, " ");
}

/* Counts the edges that lead to an object. */
static uint64_t incoming(const char *text, uint64_t id) {
  uint64_t n = 0;
  for (const char *line = strchr(text, '\n'); line != NULL && line[1] != '\0'; line = strchr(line + 1, '\n')) {
    const char *at = line + 1 + strcspn(line + 1, " "), *word;
    at = word_at(word_at(at, &word), &word);
    (void)number_at(&at);
    (void)number_at(&at);
    for (uint64_t edges = number_at(&at); edges > 0; edges--) n += number_at(&at) == id;
  }
  return n;
}

static struct said read_again(const char *text) {
  struct said said = {0};
  const char *line = text + strlen("HG1 "), *flags, *type;
  said.counts.objects = (uint32_t)number_at(&line);
  said.counts.edges = number_at(&line);
  line = strchr(text, '\n');
  for (uint64_t id = 0; id < said.counts.objects; id++, line = strchr(line + 1, '\n')) {
    const char *at = word_at(word_at(line + 1 + strcspn(line + 1, " "), &type), &flags);
    size_t nflags = (size_t)(at - flags);
    int64_t outside = (int64_t)(number_at(&at) - incoming(text, id));
    bool counted = memchr(flags, 'i', nflags) == NULL, tracked = memchr(flags, 'g', nflags) != NULL;
    REQUIRE(outside >= 0 || !counted || !tracked, "object %" PRIu64 " has too few references", id);
    said.counts.tracked += tracked;
    said.counts.exceptions += !counted || outside < 0;
    said.counts.roots += !counted || outside != 0;
  }
  said.drops = said.counts.objects - said.counts.roots;
  return said;
}

/* --- the trace --- */

static uint64_t count_of(const struct rh_trace *trace, enum rh_opcode code) {
  uint64_t n = 0;
  for (size_t i = 0; i < trace->ntop; i++) n += trace->ops[trace->top[i]].code == code;
  return n;
}

static void check_trace(const struct rh_trace *trace, const char *text, const struct rh_snapshot_counts *counts) {
  const struct said said_again = read_again(text), *said = &said_again;
  REQUIRE(counts->objects == said->counts.objects && counts->edges == said->counts.edges, "objects or edges");
  REQUIRE(counts->tracked == said->counts.tracked, "%u tracked", (unsigned)counts->tracked);
  REQUIRE(counts->roots == said->counts.roots, "%u roots, not %u", (unsigned)counts->roots,
          (unsigned)said->counts.roots);
  REQUIRE(counts->exceptions == said->counts.exceptions, "%u exceptions", (unsigned)counts->exceptions);
  REQUIRE(counts->dropped <= counts->roots, "%u of %u roots dropped", (unsigned)counts->dropped,
          (unsigned)counts->roots);
  REQUIRE(count_of(trace, RH_OP_NEW) == counts->objects, "not one object each");
  REQUIRE(count_of(trace, RH_OP_APPEND) == counts->edges, "not one append an edge");
  REQUIRE(count_of(trace, RH_OP_DROP) == said->drops + counts->dropped, "not one drop a name");
}

static void check_prediction(const struct rh_trace *trace, unsigned version) {
  struct rh_profile profile = fuzz_profile(version);
  struct rh_prediction prediction;
  REQUIRE(rh_predict(trace, &profile, RH_ENGINES_BOTH, SIZE_MAX, &prediction), "no prediction");
  REQUIRE(prediction.stop == RH_VERDICT_CONFORMS || prediction.stop == RH_VERDICT_UNSUPPORTED, "%s: operation %zu: %s",
          profile.name, prediction.n + 1, prediction.reason);
  for (size_t i = 0; i < prediction.n; i++)
    REQUIRE(prediction.observations[i].class != RH_OBSERVE_SKIP, "operation %zu is skipped", i + 1);
  rh_prediction_free(&prediction);
}

/* Each allocation fails in turn. */
static void import_without_memory(const char *text, size_t size, const struct rh_snapshot_options *options) {
  struct rh_snapshot_counts counts;
  for (unsigned all = asked, i = 1; i <= all; i++) {
    struct rh_diagnostic diagnostic = {0};
    char *written = NULL;
    size_t nwritten = 0;
    FILE *out = open_memstream(&written, &nwritten);
    if (out == NULL) abort();
    asked = 0;
    refused = i;
    bool good = rh_snapshot_write("snapshot", text, size, options, out, &counts, &diagnostic);
    refused = 0;
    (void)fclose(out);
    REQUIRE(!good && nwritten == 0, "a trace, although allocation %u of %u failed", i, all);
    check_placed(&diagnostic, text, size);
    free(written);
  }
}

/* `text` ends with a NUL behind its `size` bytes. */
static void import(const char *text, size_t size, const struct rh_snapshot_options *options) {
  char *written = NULL;
  size_t nwritten = 0;
  struct rh_snapshot_counts counts;
  struct rh_diagnostic diagnostic = {0};
  FILE *out = open_memstream(&written, &nwritten);
  if (out == NULL) abort();
  asked_for = asked = 0;
  bool good = rh_snapshot_write("snapshot", text, size, options, out, &counts, &diagnostic);
  (void)fclose(out);
  REQUIRE(asked_for <= 4 * size + 64, "%zu bytes asked for by a snapshot of %zu", asked_for, size);
  REQUIRE(nwritten <= 64 * size + 1024, "%zu bytes written for a snapshot of %zu", nwritten, size);
  answer_bytes(written, nwritten);
  answer_bytes(diagnostic.message, strlen(diagnostic.message));
  if (good) {
    struct rh_trace *trace = rh_trace_parse("snapshot", written, nwritten, &diagnostic);
    REQUIRE(trace != NULL, "no legal trace: %u: %s", (unsigned)diagnostic.line, diagnostic.message);
    if (memchr(text, '\0', size) == NULL) check_trace(trace, text, &counts);
    check_prediction(trace, (unsigned)options->seed);
    rh_trace_free(trace);
  } else {
    REQUIRE(nwritten == 0, "a trace and a diagnostic");
    check_placed(&diagnostic, text, size);
  }
  free(written);
  import_without_memory(text, size, options);
}

static void import_graph(const uint8_t *data, size_t size) {
  struct rh_snapshot_options options = {.seed = data[1], .drop_permille = data[2] * 1000u / 255u};
  struct source source = {data + 6, size - 6};
  struct rh_text text = {0};
  write_graph(&source, 1 + data[3] % OBJECTS_MAX, (data[0] & 7) == 0 ? 4u * data[5] : 0, &text);
  if (data[4] != 0) text.bytes[data[4] * text.size / 256] = (char)data[5];
  if (getenv("RH_FUZZ_PRINT")) fprintf(stderr, "%.*s", (int)text.size, text.bytes);
  import(text.bytes, text.size, &options);
  rh_text_free(&text);
}

static void import_bytes(const uint8_t *data, size_t size) {
  struct rh_snapshot_options options = {.seed = size, .drop_permille = 500};
  struct rh_text text = {0};
  rh_text_append(&text, (const char *)data, size);
  rh_text_append(&text, "", 1);
  import(text.bytes, size, &options);
  rh_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size >= 6 && data[0] >= 128) {
    import_graph(data, size);
  } else {
    import_bytes(size ? data : (const uint8_t *)"", size);
  }
  fuzz_leave_nothing();
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
