/*
 * The refheap command: what its subcommands share. A subcommand is a function
 * of its own arguments (argv[0] is its name) that returns the exit code.
 */
#ifndef RH_CLI_CLI_H
#define RH_CLI_CLI_H

#include "oracle/compare.h"
#include "oracle/generate.h"
#include "oracle/verdict.h"

#include <getopt.h>

struct cli_command {
  const char *name;
  const char *summary; /* one line of the overview */
  const char *help;    /* the whole of `refheap NAME --help` */
  int (*run)(const struct cli_command *command, int argc, char **argv);
};

int cli_run(const struct cli_command *command, int argc, char **argv);
int cli_check(const struct cli_command *command, int argc, char **argv);
int cli_test(const struct cli_command *command, int argc, char **argv);
int cli_shrink(const struct cli_command *command, int argc, char **argv);
int cli_gen(const struct cli_command *command, int argc, char **argv);
int cli_convert(const struct cli_command *command, int argc, char **argv);
int cli_explain(const struct cli_command *command, int argc, char **argv);
int cli_stats(const struct cli_command *command, int argc, char **argv);
int cli_graph(const struct cli_command *command, int argc, char **argv);
int cli_profile(const struct cli_command *command, int argc, char **argv);
int cli_version(const struct cli_command *command, int argc, char **argv);

extern const char cli_help_run[], cli_help_check[], cli_help_test[], cli_help_shrink[], cli_help_gen[],
    cli_help_convert[], cli_help_explain[], cli_help_stats[], cli_help_graph[], cli_help_profile[], cli_help_version[];

/* The profile of a trace that names none. */
#define CLI_DEFAULT_PROFILE "cpython-3.14"

/* --- options (options.c) --- */

/* Prints "refheap: ..." on standard error and returns RH_EXIT_USAGE. */
int cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The word of a NULL-terminated list nearest to `word`, or NULL when none is
 * near. */
const char *cli_nearest(const char *word, const char *const *words);

/* The next option: its `val`, -1 at the end, or '?' after a complaint about an
 * unknown option or a missing argument. `--help` is handled: 'h' is returned
 * after the help was printed. An option of val 'o' has the short form -o. Options end at the first other argument only
 * with `strict`; `--` ends them always. */
int cli_next_option(const struct cli_command *command, int argc, char **argv, const struct option *options);

/* Numbers given to options: false after a complaint. */
bool cli_read_number(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value);
/* --engine: false after a complaint. */
bool cli_read_engines(const char *text, enum rh_engines *engines);
/* --mix: false after a complaint. */
bool cli_read_mix(const char *text, enum rh_mix *mix);
/* Makes a word legal for one of several values: false after a complaint that
 * names the nearest. */
bool cli_read_word(const char *option, const char *text, const char *const *words, unsigned *index);

/* --- files (options.c) --- */

/* Loads a trace; NULL after a diagnostic on standard error. */
struct rh_trace *cli_load(const char *file);
/* The profile by option, else by the trace's header, else the default; false
 * after a complaint. */
bool cli_find_profile(const char *option, const struct rh_trace *trace, struct rh_profile *profile);
/* Opens an output file ("-" or NULL: standard output); NULL after a complaint. */
FILE *cli_open_output(const char *file);
/* Flushes and closes; returns `code`, or RH_EXIT_SYSTEM after a complaint when
 * something could not be written. */
int cli_close_output(FILE *out, const char *file, int code);
/* A file that keeps what it has until all of the new is written: that goes to
 * FILE.part, which is then renamed. Standard output and devices are written in
 * place. */
struct cli_whole {
  const char *file; /* borrowed */
  char *part;
  FILE *out;
};
/* False after a complaint: nothing can be written there. */
bool cli_begin_whole(struct cli_whole *whole, const char *file);
/* Writes the text, an empty one not at all. Returns `code`, or RH_EXIT_SYSTEM
 * after a complaint. */
int cli_end_whole(struct cli_whole *whole, const struct rh_text *text, int code);
/* The index of `--`, which separates what is judged from the command, or argc. */
int cli_find_separator(int argc, char **argv);

#endif
