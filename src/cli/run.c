/*
 * `run`: prints each trace with every observation filled in. Only the runtime
 * runs; nothing is kept, so that long traces cost no memory beyond themselves.
 */
#include "cli/cli.h"

#include <string.h>

const char cli_help_run[] = "usage: refheap run [--profile P] [--engine runtime|model] [--out FILE] TRACE...\n"
                            "\n"
                            "Completes traces: prints each with what every operation must observe. What a\n"
                            "trace already expects is replaced. The result is itself a trace, a log that\n"
                            "`refheap check` accepts.\n"
                            "\n"
                            "  --profile P   whose behaviour: cpython-3.9 to cpython-3.15, with or without a\n"
                            "                micro version; rc-gc, gc, blocks. Default: the trace's %profile,\n"
                            "                else " CLI_DEFAULT_PROFILE "\n"
                            "  --engine E    which heap answers: runtime (default) or model\n"
                            "  --out FILE    where to write; default: standard output\n"
                            "\n"
                            "TRACE is a file in any of the three forms; - is standard input.\n"
                            "Exit codes: 0 complete; 2 malformed input; 5 an operation is outside what\n"
                            "refheap knows, the rest is printed without observations.\n"
                            "\n"
                            "example: refheap run --profile cpython-3.11 tests/traces/cpython/FIN-02.trace\n";

enum { FLUSH_SIZE = 1 << 16 };

struct options {
  const char *profile, *file;
  enum rh_engines engines;
};

static void put_headers(const struct rh_trace *trace, const struct rh_profile *profile, struct rh_text *out) {
  rh_text_puts(out, "%trace 1\n");
  for (size_t i = 0; i < trace->nheaders; i++) {
    const char *key = rh_trace_text(trace, trace->headers[i].key);
    if (strcmp(key, "trace") == 0 || strcmp(key, "profile") == 0) continue;
    rh_text_printf(out, "%%%s %s\n", key, rh_trace_text(trace, trace->headers[i].value));
  }
  rh_text_printf(out, "%%profile %s\n", profile->name);
}

static void put_operation(const struct rh_trace *trace, size_t i, const struct rh_observation *seen,
                          struct rh_text *out) {
  rh_op_print(trace, &trace->ops[trace->top[i]], false, out);
  const char *text = seen != NULL ? rh_observation_recorded(seen) : NULL;
  if (text != NULL) {
    rh_text_append(out, " => ", 4);
    rh_text_puts(out, text);
  }
  rh_text_append(out, "\n", 1);
}

static void flush(struct rh_text *text, FILE *out) {
  if (text->size > 0) (void)fwrite(text->bytes, 1, text->size, out);
  text->size = 0;
}

/* True when the whole trace could be completed. */
static bool complete(const struct rh_trace *trace, struct rh_run *run, struct rh_text *text, FILE *out) {
  struct rh_observation seen;
  size_t i = 0;
  bool known = true;
  for (; known && rh_run_step(run, &seen); i++) {
    if (seen.class == RH_OBSERVE_UNSUPPORTED || seen.class == RH_OBSERVE_UNKNOWN) {
      rh_text_puts(text,
                   seen.class == RH_OBSERVE_UNSUPPORTED ? "# unsupported from here on: " : "# unknown from here on: ");
      rh_text_printf(text, "%s\n", seen.text);
      known = false;
      break;
    }
    put_operation(trace, i, &seen, text);
    if (text->size >= FLUSH_SIZE) flush(text, out);
  }
  for (; i < trace->ntop; i++) put_operation(trace, i, NULL, text);
  return known;
}

static int run_file(const char *file, const struct options *options, FILE *out) {
  struct rh_trace *trace = cli_load(file);
  if (trace == NULL) return RH_EXIT_USAGE;
  struct rh_profile profile;
  int code = RH_EXIT_USAGE;
  if (cli_find_profile(options->profile, trace, &profile)) {
    struct rh_run *run = rh_run_new(rh_engines_first(options->engines), &profile, trace);
    struct rh_text text = {0};
    code = RH_EXIT_SYSTEM;
    if (run != NULL) {
      put_headers(trace, &profile, &text);
      code = complete(trace, run, &text, out) ? RH_EXIT_CONFORMS : RH_EXIT_NOT_JUDGED;
    }
    flush(&text, out);
    rh_text_free(&text);
    rh_run_free(run);
  }
  rh_trace_free(trace);
  return code;
}

int cli_run(const struct cli_command *command, int argc, char **argv) {
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
      options.file = optarg;
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
  if (options.engines == RH_ENGINES_BOTH) return cli_usage_error("run: one engine completes a trace, not both");
  if (optind == argc) return cli_usage_error("run: no trace given; see 'refheap run --help'");
  FILE *out = cli_open_output(options.file);
  if (out == NULL) return RH_EXIT_USAGE;
  int code = RH_EXIT_CONFORMS;
  for (int i = optind; i < argc && (code == RH_EXIT_CONFORMS || code == RH_EXIT_NOT_JUDGED); i++) {
    int next = run_file(argv[i], &options, out);
    if (next != RH_EXIT_CONFORMS) code = next;
  }
  return cli_close_output(out, options.file, code);
}
