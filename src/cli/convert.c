/* `convert` between the three forms of a trace, and `version`. */
#include "cli/cli.h"
#include "oracle/pipe.h"

const char cli_help_convert[] = "usage: refheap convert --to text|json|binary [--out FILE] TRACE\n"
                                "\n"
                                "Writes a trace in another form; the meaning stays. What only the text form has\n"
                                "(comments, blank lines) is lost.\n"
                                "\n"
                                "  --to F        text, json (JSON Lines) or binary\n"
                                "  --out FILE    where to write; default: standard output\n"
                                "\n"
                                "example: refheap convert --to json --out a.jsonl a.trace\n";

const char cli_help_version[] = "usage: refheap version\n"
                                "\n"
                                "Prints the version of refheap, of the trace language and of the pipe protocol.\n"
                                "\n"
                                "example: refheap version\n";

enum form { FORM_TEXT, FORM_JSON, FORM_BINARY };

static int convert(const char *file, enum form form, FILE *out) {
  struct rh_trace *trace = cli_load(file);
  if (trace == NULL) return RH_EXIT_USAGE;
  struct rh_text text = {0};
  switch (form) {
  case FORM_TEXT:
    rh_trace_print(trace, &text);
    break;
  case FORM_JSON:
    rh_trace_print_json(trace, &text);
    break;
  case FORM_BINARY:
    rh_trace_encode(trace, &text);
    break;
  }
  if (text.size > 0) (void)fwrite(text.bytes, 1, text.size, out);
  rh_text_free(&text);
  rh_trace_free(trace);
  return RH_EXIT_CONFORMS;
}

int cli_convert(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {
      {"to", required_argument, NULL, 't'}, {"out", required_argument, NULL, 'o'}, {0}};
  static const char *const forms[] = {"text", "json", "binary", NULL};
  const char *file = NULL;
  unsigned form = 0;
  bool given = false;
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    switch (option) {
    case 't':
      if (!cli_read_word("to", optarg, forms, &form)) return RH_EXIT_USAGE;
      given = true;
      break;
    case 'o':
      file = optarg;
      break;
    case 'h':
      return RH_EXIT_CONFORMS;
    default:
      return RH_EXIT_USAGE;
    }
  }
  if (!given) return cli_usage_error("convert: --to is missing; see 'refheap convert --help'");
  if (optind + 1 != argc) return cli_usage_error("convert: exactly one trace is converted");
  FILE *out = cli_open_output(file);
  if (out == NULL) return RH_EXIT_USAGE;
  return cli_close_output(out, file, convert(argv[optind], (enum form)form, out));
}

int cli_version(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {{0}};
  int option = cli_next_option(command, argc, argv, known);
  if (option == 'h') return RH_EXIT_CONFORMS;
  if (option != -1) return RH_EXIT_USAGE;
  if (optind != argc) return cli_usage_error("version: takes no argument");
  printf("refheap %s\ntrace language %d\npipe protocol %d\n", RH_VERSION, RH_TRACE_VERSION, RH_PROTOCOL_VERSION);
  return RH_EXIT_CONFORMS;
}
