/* `check` and `test`: options of judging. */
#include "cli/cli.h"
#include "oracle/suite_judge.h"
#include "os/os.h"

#include <string.h>

const char cli_help_check[] = "usage: refheap check [OPTION...] TRACE...\n"
                              "\n"
                              "Judges what traces have recorded after `=>` against what must be observed.\n"
                              "TRACE is a file in any of the three forms, or a folder of them. A trace is\n"
                              "judged under --profile, else under its own %profile, else under every release\n"
                              "of CPython at which behaviour changed, as far as its expectations select it.\n"
                              "\n"
                              "  --profile P   judge under this profile\n"
                              "  --engine E    runtime, model, or both (default): when they differ, refheap is\n"
                              "                wrong and says so, exit code 70\n"
                              "  --format F    text (default), json, junit, tap\n"
                              "  --out FILE    where to write the report; default: standard output\n"
                              "  --verbose     text: one line for every trace\n"
                              "  --progress    say on standard error how far it is, also without a terminal\n"
                              "\n"
                              "example: refheap check --profile cpython-3.11.7 mylog.trace\n";

const char cli_help_test[] = "usage: refheap test [OPTION...] [SUITE...] -- COMMAND [ARGUMENT...]\n"
                             "\n"
                             "Starts COMMAND, an implementation that speaks the pipe protocol of\n"
                             "specs/interpreting.md, puts every trace of the suites to it and judges each\n"
                             "observation. SUITE is a trace in any of the three forms, or a folder of them.\n"
                             "\n"
                             "  --profile P   hold it to this profile; default: the one it declares\n"
                             "  --generate N  also N generated traces\n"
                             "  --seed S      the first one's seed (1); the next has S + 1\n"
                             "  --ops M       operations in each (200)\n"
                             "  --mix X       of what: legal (default), interactions, wild; see gen --help\n"
                             "  --jobs N      implementations at a time (1)\n"
                             "  --timeout S   seconds for one trace (60)\n"
                             "  --engine E    runtime, model, or both (default): when they differ, refheap is\n"
                             "                wrong and says so, exit code 70\n"
                             "  --format F    text (default), json, junit, tap\n"
                             "  --out FILE    where to write the report; default: standard output\n"
                             "  --verbose     text: one line for every trace\n"
                             "  --progress    say on standard error how far it is, also without a terminal\n"
                             "\n"
                             "example: refheap test tests/traces/seed -- python3 tests/adapters/cpython.py\n";

struct options {
  struct rh_judging judging;
  struct rh_suite suite;
  const char *file;
  bool seed_given, progress;
};

static bool read_option(struct options *options, int option) {
  uint64_t number = 0;
  switch (option) {
  case 'p':
    options->judging.profile = optarg;
    return true;
  case 'o':
    options->file = optarg;
    return true;
  case 'v':
    options->judging.report.verbose = true;
    return true;
  case 'P':
    options->progress = true;
    return true;
  case 'e':
    return cli_read_engines(optarg, &options->judging.engines);
  case 'f': {
    static const char *const formats[] = {"text", "json", "junit", "tap", NULL};
    unsigned index = 0;
    return cli_read_word("format", optarg, formats, &index) &&
           rh_format_find(formats[index], &options->judging.report.format);
  }
  case 'g':
    if (!cli_read_number("generate", optarg, 1, 1000000000, &number)) return false;
    options->suite.generated = (size_t)number;
    return true;
  case 's':
    options->seed_given = true;
    return cli_read_number("seed", optarg, 0, UINT64_MAX, &options->suite.seed);
  case 'm':
    if (!cli_read_number("ops", optarg, 1, 1000000, &number)) return false;
    options->suite.operations = (uint32_t)number;
    return true;
  case 'x':
    return cli_read_mix(optarg, &options->suite.mix);
  case 'j':
    if (!cli_read_number("jobs", optarg, 1, 64, &number)) return false;
    options->judging.jobs = (size_t)number;
    return true;
  case 't':
    if (!cli_read_number("timeout", optarg, 1, 86400, &number)) return false;
    options->judging.timeout = number * 1000000000u;
    return true;
  default:
    return false;
  }
}

/* Progress is for people: on a terminal by itself, else when asked for. */
static void decide_progress(struct options *options) {
  bool terminal = rh_os_terminal(2);
  options->judging.progress = (struct rh_progress){.on = terminal || options->progress, .terminal = terminal};
}

/* Opens the report; false after a complaint. */
static bool open_report(struct options *options) {
  decide_progress(options);
  options->judging.report.engines = options->judging.engines;
  options->judging.report.out = cli_open_output(options->file);
  return options->judging.report.out != NULL;
}

static bool add_suites(struct options *options, char **paths, int n) {
  char message[512];
  for (int i = 0; i < n; i++) {
    if (!rh_suite_add(&options->suite, paths[i], message, sizeof message)) {
      (void)cli_usage_error("%s", message);
      return false;
    }
  }
  return true;
}

static struct options default_options(void) {
  return (struct options){
      .judging = {.engines = RH_ENGINES_BOTH, .timeout = UINT64_C(60000000000), .jobs = 1},
      .suite = {.seed = 1, .operations = 200},
  };
}

/* Reads options up to the first other argument; RH_EXIT_CONFORMS when help was
 * printed, RH_EXIT_USAGE after a complaint, -1 to go on. */
static int read_options(const struct cli_command *command, int argc, char **argv, const struct option *known,
                        struct options *options) {
  *options = default_options();
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    if (option == 'h') return RH_EXIT_CONFORMS;
    if (option == '?' || !read_option(options, option)) return RH_EXIT_USAGE;
  }
  return -1;
}

#define JUDGING_OPTIONS                                                                                                \
  {"profile", required_argument, NULL, 'p'}, {"engine", required_argument, NULL, 'e'},                                 \
      {"format", required_argument, NULL, 'f'}, {"out", required_argument, NULL, 'o'},                                 \
      {"verbose", no_argument, NULL, 'v'}, {                                                                           \
    "progress", no_argument, NULL, 'P'                                                                                 \
  }

int cli_check(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {JUDGING_OPTIONS, {0}};
  struct options options;
  int code = read_options(command, argc, argv, known, &options);
  if (code >= 0) return code;
  if (optind == argc) return cli_usage_error("check: no trace given; see 'refheap check --help'");
  code = RH_EXIT_USAGE;
  struct rh_profile profile;
  bool known_profile = options.judging.profile == NULL || cli_find_profile(options.judging.profile, NULL, &profile);
  if (known_profile && add_suites(&options, argv + optind, argc - optind) && open_report(&options)) {
    code = (int)rh_suite_check(&options.suite, &options.judging);
    code = cli_close_output(options.judging.report.out, options.file, code);
  }
  rh_suite_free(&options.suite);
  return code;
}

static int check_test_arguments(const struct options *options, int nsuites, int ncommand) {
  if (ncommand <= 0) return cli_usage_error("test: no command given after '--'; see 'refheap test --help'");
  if (nsuites == 0 && options->suite.generated == 0)
    return cli_usage_error("test: no suite given and nothing to generate; see 'refheap test --help'");
  return -1;
}

int cli_test(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {JUDGING_OPTIONS,
                                        {"generate", required_argument, NULL, 'g'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"ops", required_argument, NULL, 'm'},
                                        {"mix", required_argument, NULL, 'x'},
                                        {"jobs", required_argument, NULL, 'j'},
                                        {"timeout", required_argument, NULL, 't'},
                                        {0}};
  struct options options;
  int separator = cli_find_separator(argc, argv);
  int code = read_options(command, separator, argv, known, &options);
  if (code >= 0) return code;
  code = check_test_arguments(&options, separator - optind, argc - separator - 1);
  if (code >= 0) return code;
  code = RH_EXIT_USAGE;
  struct rh_profile profile;
  bool known_profile = options.judging.profile == NULL || cli_find_profile(options.judging.profile, NULL, &profile);
  if (known_profile && add_suites(&options, argv + optind, separator - optind) && open_report(&options)) {
    code = (int)rh_suite_test(&options.suite, &options.judging, argv + separator + 1);
    code = cli_close_output(options.judging.report.out, options.file, code);
  }
  rh_suite_free(&options.suite);
  return code;
}
