/* refheap: finds the subcommand. */
#include "cli/cli.h"
#include "os/os.h"

#include <stdio.h>
#include <string.h>

static const struct cli_command commands[] = {
    {"run", "complete a trace: what must be observed", cli_help_run, cli_run},
    {"check", "judge what traces have recorded", cli_help_check, cli_check},
    {"test", "drive an implementation over a pipe and judge it", cli_help_test, cli_test},
    {"shrink", "the smallest trace that is wrong in the same way", cli_help_shrink, cli_shrink},
    {"gen", "make legal traces, also from a heap snapshot", cli_help_gen, cli_gen},
    {"convert", "between text, JSON Lines and the binary form", cli_help_convert, cli_convert},
    {"explain", "why an observation is what it is", cli_help_explain, cli_explain},
    {"stats", "numbers of the heap a trace leaves", cli_help_stats, cli_stats},
    {"graph", "the live objects a trace leaves, for Graphviz", cli_help_graph, cli_graph},
    {"profile", "what a version does, and how two differ", cli_help_profile, cli_profile},
    {"version", "the version of refheap and of its formats", cli_help_version, cli_version},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_overview(FILE *out) {
  (void)fputs("refheap judges memory managers: it says of each observation in a trace of heap\n"
              "operations whether it is allowed, and by which rule.\n"
              "\n"
              "usage: refheap COMMAND [OPTION...] ...\n"
              "\n",
              out);
  for (int i = 0; i < COMMANDS; i++) (void)fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
  (void)fputs("\n"
              "`refheap COMMAND --help` says more. Exit codes: 0 all judged conform, 1 a\n"
              "divergence, 2 usage or malformed input, 3 protocol error or time-out, 4 the\n"
              "implementation crashed, 5 nothing could be judged, 6 output could not be\n"
              "written, 70 refheap itself is wrong.\n",
              out);
}

static int complain_unknown(const char *given) {
  const char *names[COMMANDS + 1] = {0};
  for (int i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
  const char *nearest = cli_nearest(given, names);
  if (nearest != NULL) return cli_usage_error("unknown command '%s'; did you mean '%s'?", given, nearest);
  return cli_usage_error("unknown command '%s'; see 'refheap --help'", given);
}

int main(int argc, char **argv) {
  rh_os_ignore_broken_pipes();
  if (argc < 2) {
    print_overview(stderr);
    return RH_EXIT_USAGE;
  }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
    print_overview(stdout);
    return cli_close_output(stdout, NULL, RH_EXIT_CONFORMS);
  }
  const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
  for (int i = 0; i < COMMANDS; i++) {
    if (strcmp(name, commands[i].name) == 0) {
      int code = commands[i].run(&commands[i], argc - 1, argv + 1);
      return cli_close_output(stdout, NULL, code);
    }
  }
  return complain_unknown(argv[1]);
}
