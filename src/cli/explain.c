/* `explain`: one sentence about one observation. */
#include "oracle/explain.h"
#include "cli/cli.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char cli_help_explain[] =
    "usage: refheap explain [--profile P] [--line N] [--engine runtime|model] TRACE\n"
    "\n"
    "Says why an operation observes what it observes: the rule, and in one sentence\n"
    "the path or the count that decides.\n"
    "\n"
    "  --line N      the operation at this line; default: the last that observes\n"
    "  --profile P   whose behaviour; default: the trace's %profile, else " CLI_DEFAULT_PROFILE "\n"
    "  --engine E    whose heap explains: runtime (default) or model\n"
    "\n"
    "example: refheap explain tests/traces/cpython/FIN-02.trace\n";

struct options {
  const char *profile;
  enum rh_engines engines;
  uint64_t line;
};

/* The operation to explain: at the line, else the last that observes. */
static size_t find_operation(const struct rh_trace *trace, const struct rh_prediction *prediction, uint64_t line) {
  for (size_t i = prediction->n; i-- > 0;) {
    const struct rh_op *op = &trace->ops[trace->top[i]];
    uint64_t at = op->line > 0 ? op->line : i + 1;
    bool wanted = line > 0 ? at == line : rh_observation_recorded(&prediction->observations[i]) != NULL;
    if (wanted) return i;
  }
  return SIZE_MAX;
}

static int print_explanation(const struct rh_trace *trace, const struct rh_profile *profile,
                             const struct rh_prediction *prediction, size_t position, enum rh_engines engines) {
  struct rh_explanation why = {0};
  struct rh_text text = {0};
  const struct rh_op *op = &trace->ops[trace->top[position]];
  rh_text_printf(&text, "%s:%" PRIu32 ": ", trace->file, op->line > 0 ? op->line : (uint32_t)position + 1);
  rh_op_print(trace, op, false, &text);
  rh_text_puts(&text, " => ");
  rh_observation_describe(&prediction->observations[position], &text);
  bool enough = rh_explain(trace, profile, rh_engines_first(engines), position, NULL, 0, &why);
  if (enough) {
    printf("%s\n%s\n", text.bytes, why.argument.bytes);
    printf("%s: %s\n", why.rule->id, why.rule->sentence);
    if (why.picture.size > 0) printf("%s", why.picture.bytes);
  }
  rh_explanation_free(&why);
  rh_text_free(&text);
  return enough ? RH_EXIT_CONFORMS : RH_EXIT_SYSTEM;
}

static int explain(const struct rh_trace *trace, const struct options *options) {
  struct rh_profile profile;
  if (!cli_find_profile(options->profile, trace, &profile)) return RH_EXIT_USAGE;
  struct rh_prediction prediction;
  int code = RH_EXIT_SYSTEM;
  if (rh_predict(trace, &profile, options->engines, SIZE_MAX, &prediction)) {
    size_t position = find_operation(trace, &prediction, options->line);
    if (position != SIZE_MAX) {
      code = print_explanation(trace, &profile, &prediction, position, options->engines);
    } else if (prediction.stop != RH_VERDICT_CONFORMS) {
      (void)cli_usage_error("%s: %s: %s", trace->file, rh_verdict_name(prediction.stop), prediction.reason);
      code = RH_EXIT_NOT_JUDGED;
    } else if (options->line > 0) {
      code = cli_usage_error("%s: no operation at line %" PRIu64, trace->file, options->line);
    } else {
      code = cli_usage_error("%s: no operation observes anything", trace->file);
    }
  }
  rh_prediction_free(&prediction);
  return code;
}

int cli_explain(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {{"profile", required_argument, NULL, 'p'},
                                        {"engine", required_argument, NULL, 'e'},
                                        {"line", required_argument, NULL, 'l'},
                                        {0}};
  struct options options = {.engines = RH_ENGINES_RUNTIME};
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    switch (option) {
    case 'p':
      options.profile = optarg;
      break;
    case 'l':
      if (!cli_read_number("line", optarg, 1, UINT32_MAX, &options.line)) return RH_EXIT_USAGE;
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
  if (options.engines == RH_ENGINES_BOTH) return cli_usage_error("explain: one engine explains, not both");
  if (optind + 1 != argc) return cli_usage_error("explain: exactly one trace is explained");
  struct rh_trace *trace = cli_load(argv[optind]);
  if (trace == NULL) return RH_EXIT_USAGE;
  int code = explain(trace, &options);
  rh_trace_free(trace);
  return code;
}
