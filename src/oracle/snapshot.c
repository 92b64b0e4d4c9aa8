/*
 * Reading a snapshot, and writing the trace that rebuilds its graph.
 *
 * A snapshot is read once into flat arrays (offsets and targets), checked
 * against its own header and counts, and only then written as a trace.
 */
#include "oracle/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/generate_writer.h"

struct graph {
  uint32_t objects;
  uint64_t edges;
  uint64_t *first;    /* objects + 1 offsets into `targets` */
  uint32_t *targets;  /* ids */
  uint32_t *incoming; /* by object: edges that lead to it */
  int64_t *references;
  uint8_t *flags; /* by object: enum flag */
  uint64_t read;  /* edges so far */
};

enum flag { TRACKED = 1, UNCOUNTED = 2, ROOT = 4, DROPPED = 8 };

struct cursor {
  const char *at, *end, *line_start;
  uint32_t line;
  struct rh_diagnostic *diagnostic;
};

/* --- reading --- */

/* Says where and what; always false. */
static bool place(struct cursor *cursor, const char *at) {
  cursor->diagnostic->line = cursor->line;
  cursor->diagnostic->column = (uint32_t)(at - cursor->line_start) + 1;
  return false;
}
#define COMPLAIN(cursor, at, ...)                                                                                      \
  ((void)snprintf((cursor)->diagnostic->message, sizeof(cursor)->diagnostic->message, __VA_ARGS__),                    \
   place((cursor), (at)))

static void skip_blank(struct cursor *cursor) {
  if (cursor->at < cursor->end && *cursor->at == ' ') cursor->at++;
}

/* A decimal number up to `most`, and the blank after it. */
static bool read_number(struct cursor *cursor, const char *what, uint64_t most, uint64_t *value) {
  const char *start = cursor->at;
  for (*value = 0; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
    unsigned digit = (unsigned)(*cursor->at - '0');
    if (digit > most || *value > (most - digit) / 10)
      return COMPLAIN(cursor, start, "%s is above %llu", what, (unsigned long long)most);
    *value = *value * 10 + digit;
  }
  bool stopped = cursor->at == cursor->end || *cursor->at == ' ' || *cursor->at == '\n';
  if (cursor->at == start || !stopped) return COMPLAIN(cursor, start, "bad %s; expected a number", what);
  skip_blank(cursor);
  return true;
}

static bool read_word(struct cursor *cursor, const char *what, const char **word, size_t *size) {
  *word = cursor->at;
  while (cursor->at < cursor->end && *cursor->at != ' ' && *cursor->at != '\n') cursor->at++;
  *size = (size_t)(cursor->at - *word);
  skip_blank(cursor);
  return *size > 0 || COMPLAIN(cursor, *word, "missing %s", what);
}

static bool end_line(struct cursor *cursor) {
  if (cursor->at < cursor->end && *cursor->at != '\n')
    return COMPLAIN(cursor, cursor->at, "expected the end of the line");
  if (cursor->at < cursor->end) cursor->at++;
  cursor->line_start = cursor->at;
  cursor->line++;
  return true;
}

/* What write_trace writes at most: each object is made and dropped, an edge is one append, a probe is made and looked at. */
static uint64_t most_operations(uint64_t objects, uint64_t edges) {
  return 2 * objects + edges + UINT64_C(2) * RH_SNAPSHOT_PROBES + 6;
}

static bool read_header(struct cursor *cursor, struct graph *graph) {
  static const char magic[] = "HG1 ";
  uint64_t objects;
  size_t size = (size_t)(cursor->end - cursor->at);
  if (size < sizeof magic - 1 || memcmp(cursor->at, magic, sizeof magic - 1) != 0)
    return COMPLAIN(cursor, cursor->at, "not a heap snapshot; expected `HG1 OBJECTS EDGES`");
  cursor->at += sizeof magic - 1;
  /* A line has at least 11 bytes and an edge at least two, which bounds what a header may claim. */
  if (!read_number(cursor, "number of objects", size / 11, &objects)) return false;
  if (!read_number(cursor, "number of edges", size / 2, &graph->edges)) return false;
  if (most_operations(objects, graph->edges) > RH_TRACE_OPS_MAX) {
    return COMPLAIN(cursor, cursor->line_start, "%llu objects and %llu edges; a trace has at most %d operations",
                    (unsigned long long)objects, (unsigned long long)graph->edges, RH_TRACE_OPS_MAX);
  }
  graph->objects = (uint32_t)objects;
  return end_line(cursor);
}

static bool read_flags(struct cursor *cursor, uint8_t *flags) {
  const char *word;
  size_t size;
  if (!read_word(cursor, "flags", &word, &size)) return false;
  for (size_t i = 0; i < size; i++) {
    if (word[i] == 'g') {
      *flags |= TRACKED;
    } else if (word[i] == 'i') {
      *flags |= UNCOUNTED;
    } else if (word[i] != '-') {
      bool printable = word[i] > ' ' && word[i] <= '~';
      return printable ? COMPLAIN(cursor, word + i, "unknown flag %c; expected g, i or -", word[i])
                       : COMPLAIN(cursor, word + i, "a byte that is no flag; expected g, i or -");
    }
  }
  return true;
}

static bool read_targets(struct cursor *cursor, struct graph *graph, uint32_t id) {
  uint64_t n, target;
  if (!read_number(cursor, "number of edges", UINT32_MAX, &n)) return false;
  if (n > graph->edges - graph->read) return COMPLAIN(cursor, cursor->at, "more edges than the header says");
  for (uint64_t i = 0; i < n; i++) {
    const char *start = cursor->at;
    if (!read_number(cursor, "target", UINT32_MAX, &target)) return false;
    if (target >= graph->objects) {
      return COMPLAIN(cursor, start, "target %llu is no object; ids end at %u", (unsigned long long)target,
                      (unsigned)graph->objects - 1);
    }
    graph->targets[graph->read++] = (uint32_t)target;
    graph->incoming[target]++;
  }
  graph->first[id + 1] = graph->read;
  return true;
}

static bool read_object(struct cursor *cursor, struct graph *graph, uint32_t expected) {
  const char *start = cursor->at, *type;
  uint64_t id, references, bytes;
  size_t type_size;
  if (!read_number(cursor, "id", UINT32_MAX, &id)) return false;
  if (id != expected)
    return COMPLAIN(cursor, start, "id %llu; expected %u", (unsigned long long)id, (unsigned)expected);
  if (!read_word(cursor, "type", &type, &type_size) || !read_flags(cursor, &graph->flags[id]) ||
      !read_number(cursor, "reference count", INT64_MAX, &references) ||
      !read_number(cursor, "size", INT64_MAX, &bytes) || !read_targets(cursor, graph, expected))
    return false;
  graph->references[id] = (int64_t)references;
  return end_line(cursor);
}

static bool read_graph(struct cursor *cursor, struct graph *graph) {
  for (uint32_t id = 0; id < graph->objects; id++) {
    if (cursor->at == cursor->end)
      return COMPLAIN(cursor, cursor->at, "ends after %u of %u objects", (unsigned)id, (unsigned)graph->objects);
    if (!read_object(cursor, graph, id)) return false;
  }
  if (cursor->at != cursor->end) return COMPLAIN(cursor, cursor->at, "more objects than the header says");
  if (graph->read != graph->edges) {
    return COMPLAIN(cursor, cursor->at, "%llu edges; the header says %llu", (unsigned long long)graph->read,
                    (unsigned long long)graph->edges);
  }
  return true;
}

/* --- the identity: references = edges that lead here + external ones --- */

static bool check_counts(struct cursor *cursor, struct graph *graph, struct rh_snapshot_counts *counts) {
  cursor->line = 2;
  cursor->line_start = cursor->at; /* the diagnostic's column is 1 */
  for (uint32_t id = 0; id < graph->objects; id++, cursor->line++) {
    bool tracked = graph->flags[id] & TRACKED, counted = !(graph->flags[id] & UNCOUNTED);
    int64_t external = graph->references[id] - (int64_t)graph->incoming[id];
    if (external < 0 && tracked && counted) {
      return COMPLAIN(cursor, cursor->at, "object %u: %lld references, but %u edges lead to it", (unsigned)id,
                      (long long)graph->references[id], (unsigned)graph->incoming[id]);
    }
    if (external != 0 || !counted) graph->flags[id] |= ROOT;
    counts->exceptions += external < 0 || !counted;
    counts->tracked += tracked;
    counts->roots += (graph->flags[id] & ROOT) != 0;
  }
  return true;
}

/* --- writing --- */

static void write_graph(const struct graph *graph, FILE *out) {
  for (uint32_t id = 0; id < graph->objects; id++) fprintf(out, "new o%u listfin\n", (unsigned)id);
  for (uint32_t id = 0; id < graph->objects; id++) {
    for (uint64_t i = graph->first[id]; i < graph->first[id + 1]; i++)
      fprintf(out, "append o%u o%u\n", (unsigned)id, (unsigned)graph->targets[i]);
  }
}

/* Evenly spread objects are looked at through weak references. */
static void write_probes(const struct graph *graph, bool make, FILE *out) {
  uint32_t distance = graph->objects / RH_SNAPSHOT_PROBES + 1;
  for (uint32_t id = 0; id < graph->objects; id += distance) {
    if (make) {
      fprintf(out, "weak w%u o%u\n", (unsigned)id, (unsigned)id);
    } else {
      fprintf(out, "deref w%u\n", (unsigned)id);
    }
  }
}

/* Names of objects nothing outside refers to; what then dies is part of the
 * graph's own garbage and is looked at before the random drops. */
static void write_inner_drops(const struct graph *graph, FILE *out) {
  for (uint32_t id = 0; id < graph->objects; id++)
    if (!(graph->flags[id] & ROOT)) fprintf(out, "drop o%u\n", (unsigned)id);
  fputs("events (unordered,digest)\ncollect 2\nevents (unordered,digest)\n", out);
}

static void write_random_drops(struct graph *graph, const struct rh_snapshot_options *options,
                               struct rh_snapshot_counts *counts, FILE *out) {
  uint64_t state = options->seed;
  for (uint32_t id = 0; id < graph->objects; id++) {
    if (!(graph->flags[id] & ROOT) || rh_random_next(&state) % 1000 >= options->drop_permille) continue;
    fprintf(out, "drop o%u\n", (unsigned)id);
    counts->dropped++;
  }
  fputs("events (unordered,digest)\ncollect 2\nevents (unordered,digest)\n", out);
}

static void write_trace(struct graph *graph, const struct rh_snapshot_options *options,
                        struct rh_snapshot_counts *counts, FILE *out) {
  fputs("%trace 1\n", out);
  fprintf(out, "# %u objects, %llu edges, %u roots\n", (unsigned)graph->objects, (unsigned long long)graph->edges,
          (unsigned)counts->roots);
  write_graph(graph, out);
  write_probes(graph, true, out);
  write_inner_drops(graph, out);
  write_random_drops(graph, options, counts, out);
  write_probes(graph, false, out);
}

/* --- life of a graph --- */

static bool make_room(struct graph *graph) {
  size_t objects = (size_t)graph->objects + 1, edges = (size_t)graph->edges + 1;
  graph->first = calloc(objects, sizeof *graph->first);
  graph->targets = calloc(edges, sizeof *graph->targets);
  graph->incoming = calloc(objects, sizeof *graph->incoming);
  graph->references = malloc(objects * sizeof *graph->references);
  graph->flags = calloc(objects, sizeof *graph->flags);
  return graph->first && graph->targets && graph->incoming && graph->references && graph->flags;
}

static void free_graph(struct graph *graph) {
  free(graph->first);
  free(graph->targets);
  free(graph->incoming);
  free(graph->references);
  free(graph->flags);
}

bool rh_snapshot_write(const char *file, const char *bytes, size_t size, const struct rh_snapshot_options *options,
                       FILE *out, struct rh_snapshot_counts *counts, struct rh_diagnostic *diagnostic) {
  struct graph graph = {0};
  struct cursor cursor = {bytes, bytes + size, bytes, 1, diagnostic};
  (void)file;
  *counts = (struct rh_snapshot_counts){0};
  bool good = read_header(&cursor, &graph);
  if (good && !make_room(&graph)) good = COMPLAIN(&cursor, cursor.at, "no memory for %u objects", graph.objects);
  good = good && read_graph(&cursor, &graph) && check_counts(&cursor, &graph, counts);
  counts->objects = graph.objects;
  counts->edges = graph.edges;
  if (good) write_trace(&graph, options, counts, out);
  free_graph(&graph);
  return good;
}
