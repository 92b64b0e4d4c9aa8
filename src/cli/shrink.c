/* `shrink`: the smallest trace with the same verdict and the same rule. */
#include "oracle/shrink.h"
#include "cli/cli.h"
#include "oracle/job.h"
#include "oracle/shrink_judge.h"
#include "oracle/suite_judge.h"

#include <inttypes.h>

const char cli_help_shrink[] =
    "usage: refheap shrink [OPTION...] TRACE -- COMMAND [ARGUMENT...]\n"
    "       refheap shrink [OPTION...] TRACE --engines\n"
    "\n"
    "Finds the smallest trace that is wrong in the same way: with the same verdict\n"
    "and, if it diverges, by the same rule at the same operation. COMMAND is judged\n"
    "as `refheap test` judges it. Of the result no single operation can go. What is\n"
    "printed is a trace; an interrupt ends the search and prints the smallest so far.\n"
    "\n"
    "  -o, --out FILE  where to write the trace; default: standard output\n"
    "  --tries N       judge at most N traces (10000)\n"
    "  --engines       shrink a difference between refheap's two engines\n"
    "  --profile P     judge under this profile; default: the one COMMAND declares;\n"
    "                  with --engines: the trace's %profile, else " CLI_DEFAULT_PROFILE "\n"
    "  --timeout S     seconds for one trace (60)\n"
    "  --progress      say on standard error how far it is, also without a terminal\n"
    "\n"
    "The exit code is the verdict's, as for `refheap test`.\n"
    "\n"
    "example: refheap shrink -o small.trace big.trace -- python3 tests/adapters/cpython.py\n";

struct options {
  const char *profile, *out;
  uint64_t tries, timeout;
  bool engines, progress;
};

static bool read_option(struct options *options, int option) {
  switch (option) {
  case 'o':
    options->out = optarg;
    return true;
  case 'n':
    return cli_read_number("tries", optarg, 1, 1000000000, &options->tries);
  case 'e':
    options->engines = true;
    return true;
  case 'p':
    options->profile = optarg;
    return true;
  case 't':
    if (!cli_read_number("timeout", optarg, 1, 86400, &options->timeout)) return false;
    options->timeout *= 1000000000u;
    return true;
  case 'P':
    options->progress = true;
    return true;
  default:
    return false;
  }
}

static void say_progress(void *watcher, const struct rh_shrunk *shrunk) {
  const char *before = NULL, *after = NULL;
  if (!rh_progress_due(watcher, false, &before, &after)) return;
  (void)fprintf(stderr, "%sjudged %" PRIu64 " of at most %" PRIu64 ": operations %zu, now %zu%s", before,
                shrunk->judged, shrunk->most, shrunk->operations, shrunk->trace->nops, after);
}

/* --- the outcome --- */

static void describe(const struct rh_finding *finding, struct rh_text *text) {
  bool diverges = finding->verdict == RH_VERDICT_DIVERGES;
  rh_text_printf(text, "%s", rh_verdict_name(finding->verdict));
  if (finding->op != RH_OP_NONE) rh_text_printf(text, " at %s", rh_opcode_spelling(finding->op));
  if (diverges) {
    rh_text_printf(text, " by %s", finding->cause);
  } else if (finding->reason[0] != '\0') {
    rh_text_printf(text, ": %s", finding->reason);
  }
}

/* Why it is not known that nothing smaller is left, or NULL. */
static const char *unfinished(enum rh_shrink_end end) {
  switch (end) {
  case RH_SHRINK_OUT_OF_TRIES:
    return "--tries is used up";
  case RH_SHRINK_ENDED:
    return rh_os_interrupted() ? "interrupted" : "out of memory";
  case RH_SHRINK_NO_MEMORY:
    return "out of memory";
  case RH_SHRINK_MINIMAL:
  case RH_SHRINK_NOTHING:
    break;
  }
  return NULL;
}

static enum rh_exit code_of(const struct rh_finding *finding) {
  struct rh_counts counts = {0};
  counts.of[finding->verdict] = 1;
  return rh_counts_exit(&counts);
}

/* One line on standard error; the trace to print, if there is any, in `text`. */
static void conclude(const char *file, const struct rh_shrunk *shrunk, struct rh_text *text) {
  struct rh_text line = {0};
  const char *why = unfinished(shrunk->end);
  describe(&shrunk->finding, &line);
  if (shrunk->end == RH_SHRINK_NOTHING) {
    rh_complain("%s: %s; there is nothing to shrink", file, line.bytes);
  } else {
    rh_complain("%s: %s; operations: %zu, now %zu; traces judged: %" PRIu64 "%s%s", file, line.bytes,
                shrunk->operations, shrunk->trace->nops, shrunk->judged, why != NULL ? "; not minimal: " : "",
                why != NULL ? why : "");
    rh_trace_print(shrunk->trace, text);
  }
  rh_text_free(&line);
}

static int shrink(const struct rh_trace *trace, struct rh_shrinking *shrinking, const struct options *options) {
  bool terminal = rh_os_terminal(2);
  struct rh_progress progress = {.on = terminal || options->progress, .terminal = terminal};
  struct rh_shrunk shrunk;
  struct rh_text text = {0};
  struct cli_whole whole;
  const char *before, *after;
  int code = RH_EXIT_SYSTEM;
  if (!cli_begin_whole(&whole, options->out)) return RH_EXIT_USAGE;
  shrinking->tries = options->tries;
  shrinking->watch = say_progress;
  shrinking->watcher = &progress;
  rh_os_catch_interrupts();
  rh_shrink(trace, shrinking, &shrunk);
  (void)rh_progress_due(&progress, true, &before, &after);
  if (shrunk.end == RH_SHRINK_ENDED && shrunk.judged == 1) {
    rh_complain("%s: %s before anything was judged", trace->file, unfinished(shrunk.end));
    code = RH_EXIT_NOT_JUDGED;
  } else if (shrunk.trace == NULL) {
    rh_complain("%s: out of memory", trace->file);
  } else {
    code = (int)code_of(&shrunk.finding);
    conclude(trace->file, &shrunk, &text);
  }
  code = cli_end_whole(&whole, &text, code);
  rh_text_free(&text);
  rh_shrunk_free(&shrunk);
  return code;
}

/* --- the two judges --- */

static int shrink_by_engines(const struct rh_trace *trace, const struct options *options) {
  struct rh_profile profile;
  if (!cli_find_profile(options->profile, trace, &profile)) return RH_EXIT_USAGE;
  struct rh_shrinking shrinking = {.judge = rh_judge_by_engines, .context = &profile, .version = profile.version};
  return shrink(trace, &shrinking, options);
}

static int shrink_by_pipe(const struct rh_trace *trace, const struct options *options, char **argv) {
  struct rh_sessions sessions;
  struct rh_pipe_judge judge = {.sessions = &sessions};
  if (options->profile != NULL && !cli_find_profile(options->profile, NULL, &judge.profile)) return RH_EXIT_USAGE;
  if (!rh_sessions_open(&sessions, argv, 1, options->timeout)) return RH_EXIT_SYSTEM;
  int code = (int)rh_sessions_introduce(&sessions, options->profile, &judge.profile);
  if (code == RH_EXIT_CONFORMS) {
    struct rh_shrinking shrinking = {.judge = rh_judge_by_pipe, .context = &judge, .version = judge.profile.version};
    code = shrink(trace, &shrinking, options);
  }
  rh_sessions_close(&sessions);
  return code;
}

static int check_arguments(const struct options *options, int ntraces, bool separated, int ncommand) {
  if (ntraces == 0) return cli_usage_error("shrink: no trace given; see 'refheap shrink --help'");
  if (ntraces > 1) return cli_usage_error("shrink: one trace at a time");
  if (options->engines && separated) return cli_usage_error("shrink: --engines judges refheap, not a command");
  if (!options->engines && ncommand <= 0)
    return cli_usage_error("shrink: no command given after '--'; see 'refheap shrink --help'");
  return -1;
}

int cli_shrink(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {{"out", required_argument, NULL, 'o'},
                                        {"tries", required_argument, NULL, 'n'},
                                        {"engines", no_argument, NULL, 'e'},
                                        {"profile", required_argument, NULL, 'p'},
                                        {"timeout", required_argument, NULL, 't'},
                                        {"progress", no_argument, NULL, 'P'},
                                        {0}};
  struct options options = {.tries = 10000, .timeout = UINT64_C(60000000000)};
  int separator = cli_find_separator(argc, argv);
  for (int option; (option = cli_next_option(command, separator, argv, known)) != -1;) {
    if (option == 'h') return RH_EXIT_CONFORMS;
    if (option == '?' || !read_option(&options, option)) return RH_EXIT_USAGE;
  }
  int code = check_arguments(&options, separator - optind, separator < argc, argc - separator - 1);
  if (code >= 0) return code;
  struct rh_trace *trace = cli_load(argv[optind]);
  if (trace == NULL) return RH_EXIT_USAGE;
  code = options.engines ? shrink_by_engines(trace, &options) : shrink_by_pipe(trace, &options, argv + separator + 1);
  rh_trace_free(trace);
  return code;
}
