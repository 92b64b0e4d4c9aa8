/* `stats` and `graph`: the heap as a trace leaves it. */
#include "cli/cli.h"
#include "oracle/explain_graph.h"

#include <inttypes.h>

const char cli_help_stats[] =
    "usage: refheap stats [--profile P] [--engine runtime|model] [--out FILE] TRACE\n"
    "\n"
    "Runs a trace and prints numbers of the heap it leaves, one `name value` a line.\n"
    "\n"
    "  --profile P   whose behaviour; default: the trace's %profile, else " CLI_DEFAULT_PROFILE "\n"
    "  --engine E    whose heap: runtime (default) or model\n"
    "  --out FILE    where to write; default: standard output\n"
    "\n"
    "example: refheap stats tests/traces/cpython/FIN-02.trace\n";

const char cli_help_graph[] =
    "usage: refheap graph [--profile P] [--engine runtime|model] [--out FILE] TRACE\n"
    "\n"
    "Runs a trace and prints the objects its names reach afterwards, with their\n"
    "counts, as a graph in Graphviz's language.\n"
    "\n"
    "  --profile P   whose behaviour; default: the trace's %profile, else " CLI_DEFAULT_PROFILE "\n"
    "  --engine E    whose heap: runtime (default) or model\n"
    "  --out FILE    where to write; default: standard output\n"
    "\n"
    "example: refheap graph tests/traces/cpython/FIN-02.trace | dot -Tsvg -o heap.svg\n";

struct options {
  const char *profile, *out;
  enum rh_engines engines;
};

/* --- stats --- */

static void print_stats(const struct rh_engine *engine, const struct rh_trace *trace, const struct rh_run *run,
                        const struct rh_graph *graph, FILE *out) {
  uint64_t names = 0;
  for (uint32_t name = 1; name < trace->nnames; name++) names += rh_run_object(run, name) != 0;
  (void)fprintf(out, "operations %zu\nnames %" PRIu64 "\nreached_objects %" PRIu32 "\nlive_objects %" PRIu64 "\n",
                rh_run_position(run), names, graph->n, engine->live_objects());
  (void)fprintf(out, "live_blocks %" PRIu64 "\n", engine->live_blocks());
  for (int generation = 0; generation < 3; generation++) {
    (void)fprintf(out, "count_%d %" PRId64 "\n", generation, engine->count(generation));
    (void)fprintf(out, "threshold_%d %" PRId64 "\n", generation, engine->threshold(generation));
    (void)fprintf(out, "collections_%d %" PRId64 "\n", generation, engine->stat(generation, RH_STAT_COLLECTIONS));
    (void)fprintf(out, "collected_%d %" PRId64 "\n", generation, engine->stat(generation, RH_STAT_COLLECTED));
  }
  (void)fprintf(out, "frozen %" PRId64 "\ngarbage %" PRIu64 "\n", engine->frozen(), engine->garbage_length());
}

/* --- graph --- */

struct drawing {
  const struct rh_graph *graph;
  struct rh_text *text;
  uint32_t from;
};

static void put_quoted(struct rh_text *text, const char *label) {
  rh_text_puts(text, "\"");
  for (const char *c = label; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') rh_text_puts(text, "\\");
    rh_text_append(text, c, 1);
  }
  rh_text_puts(text, "\"");
}

static void draw_edge(void *context, enum rh_edge_kind how, uint64_t index, uint32_t target) {
  const struct drawing *drawing = context;
  struct rh_text label = {0};
  rh_graph_edge_text(drawing->graph, how, index, &label);
  rh_text_printf(drawing->text, "  o%" PRIu32 " -> o%" PRIu32 " [label=", drawing->from,
                 rh_graph_vertex(drawing->graph, target));
  put_quoted(drawing->text, label.bytes != NULL ? label.bytes : "");
  rh_text_puts(drawing->text, "];\n");
  rh_text_free(&label);
}

static void draw_object(const struct rh_graph *graph, uint32_t vertex, struct rh_text *text) {
  uint32_t object = graph->vertices[vertex].object;
  struct rh_text label = {0};
  rh_graph_describe(graph, object, &label);
  if (!graph->engine->immortal(object)) rh_text_printf(&label, ", count %" PRId64, graph->engine->refs(object));
  rh_text_printf(text, "  o%" PRIu32 " [label=", vertex);
  put_quoted(text, label.bytes != NULL ? label.bytes : "");
  rh_text_puts(text, "];\n");
  rh_text_free(&label);
  rh_graph_edges(graph->engine, object, draw_edge, &(struct drawing){.graph = graph, .text = text, .from = vertex});
}

static void print_graph(const struct rh_trace *trace, const struct rh_run *run, const struct rh_graph *graph,
                        FILE *out) {
  struct rh_text text = {0};
  rh_text_puts(&text, "digraph heap {\n  node [shape=box];\n");
  for (uint32_t name = 1; name < trace->nnames; name++) {
    uint32_t object = rh_run_object(run, name);
    if (object == 0) continue;
    rh_text_printf(&text, "  r%" PRIu32 " [shape=plaintext, label=", name);
    put_quoted(&text, rh_trace_name_text(trace, name));
    rh_text_printf(&text, "];\n  r%" PRIu32 " -> o%" PRIu32 ";\n", name, rh_graph_vertex(graph, object));
  }
  for (uint32_t vertex = 0; vertex < graph->n; vertex++) draw_object(graph, vertex, &text);
  rh_text_puts(&text, "}\n");
  (void)fwrite(text.bytes, 1, text.size, out);
  rh_text_free(&text);
}

/* --- both --- */

/* Runs to the end, or to where refheap no longer knows: then the heap is not
 * what a real one would be, and nothing is printed. */
static int look(const struct rh_trace *trace, const struct options *options, bool draw, FILE *out) {
  const struct rh_engine *engine = rh_engines_first(options->engines);
  struct rh_profile profile;
  if (!cli_find_profile(options->profile, trace, &profile)) return RH_EXIT_USAGE;
  struct rh_run *run = rh_run_new(engine, &profile, trace);
  struct rh_observation seen = {.class = RH_OBSERVE_NOTHING};
  struct rh_graph graph = {0};
  int code = RH_EXIT_SYSTEM;
  while (run != NULL && rh_run_step(run, &seen)) continue;
  if (run != NULL && (seen.class == RH_OBSERVE_UNSUPPORTED || seen.class == RH_OBSERVE_UNKNOWN)) {
    (void)cli_usage_error("%s: %s", trace->file, seen.text);
    code = RH_EXIT_NOT_JUDGED;
  } else if (run != NULL && rh_graph_walk(run, engine, trace, &graph)) {
    if (draw) {
      print_graph(trace, run, &graph, out);
    } else {
      print_stats(engine, trace, run, &graph, out);
    }
    code = RH_EXIT_CONFORMS;
  }
  rh_graph_free(&graph);
  rh_run_free(run);
  return code;
}

static int look_at(const struct cli_command *command, int argc, char **argv, bool draw) {
  static const struct option known[] = {{"profile", required_argument, NULL, 'p'},
                                        {"engine", required_argument, NULL, 'e'},
                                        {"out", required_argument, NULL, 'o'},
                                        {0}};
  struct options options = {.engines = RH_ENGINES_RUNTIME};
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    switch (option) {
    case 'p':
      options.profile = optarg;
      break;
    case 'o':
      options.out = optarg;
      break;
    case 'e':
      if (!cli_read_engines(optarg, &options.engines)) return RH_EXIT_USAGE;
      break;
    case 'h':
      return RH_EXIT_CONFORMS;
    default:
      return RH_EXIT_USAGE;
    }
  }
  if (options.engines == RH_ENGINES_BOTH)
    return cli_usage_error("%s: one engine is looked at, not both", command->name);
  if (optind + 1 != argc) return cli_usage_error("%s: exactly one trace is looked at", command->name);
  struct rh_trace *trace = cli_load(argv[optind]);
  if (trace == NULL) return RH_EXIT_USAGE;
  FILE *out = cli_open_output(options.out);
  int code = RH_EXIT_USAGE;
  if (out != NULL) code = cli_close_output(out, options.out, look(trace, &options, draw, out));
  rh_trace_free(trace);
  return code;
}

int cli_stats(const struct cli_command *command, int argc, char **argv) {
  return look_at(command, argc, argv, false);
}

int cli_graph(const struct cli_command *command, int argc, char **argv) {
  return look_at(command, argc, argv, true);
}
