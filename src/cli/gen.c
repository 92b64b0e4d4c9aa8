/* `gen`: random traces, and traces from the heap of a real program. */
#define _POSIX_C_SOURCE 200809L
#include "cli/cli.h"
#include "oracle/generate.h"
#include "oracle/snapshot.h"
#include "oracle/suite_judge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char cli_help_gen[] = "usage: refheap gen [--seed S] [--ops M] [--count N] [--profile P] [--out PATH]\n"
                            "       refheap gen --from-snapshot FILE [--drop PERCENT] [--seed S] [--out PATH]\n"
                            "\n"
                            "Makes random traces; equal options make equal traces on every machine.\n"
                            "\n"
                            "  --seed S      the first trace's seed (1); the next has S + 1\n"
                            "  --ops M       operations in each (200)\n"
                            "  --count N     how many (1); with more than one, --out is a folder that exists\n"
                            "                and gets S.trace, S+1.trace, ...\n"
                            "  --mix X       legal (default): what every CPython answers in the same way;\n"
                            "                interactions: finalizers, weak references and collections\n"
                            "                upon one another; wild: any operation on any name\n"
                            "  --profile P   only what this profile predicts; default: any CPython\n"
                            "  --out PATH    where to write; default: standard output\n"
                            "\n"
                            "From a heap snapshot (specs/interpreting.md; tests/adapters/heapsnap.py takes\n"
                            "one) it makes the trace that rebuilds the heap, drops PERCENT of what the\n"
                            "program itself holds (50), looks at what counting freed, then collects.\n"
                            "\n"
                            "example: refheap gen --seed 7 --ops 50\n";

struct options {
  struct rh_generate_options generate;
  struct rh_snapshot_options snapshot;
  const char *profile, *from, *out;
  struct rh_profile only;
  uint64_t count;
};

static int write_generated(const struct rh_generate_options *generate, const char *file) {
  FILE *out = cli_open_output(file);
  if (out == NULL) return RH_EXIT_USAGE;
  struct rh_trace *trace = rh_generate(generate);
  struct rh_text text = {0};
  rh_trace_print(trace, &text);
  if (text.size > 0) (void)fwrite(text.bytes, 1, text.size, out);
  rh_text_free(&text);
  rh_trace_free(trace);
  return cli_close_output(out, file, RH_EXIT_CONFORMS);
}

static int generate(struct options *options) {
  if (options->profile != NULL) {
    if (!cli_find_profile(options->profile, NULL, &options->only)) return RH_EXIT_USAGE;
    options->generate.profile = &options->only;
  }
  if (options->count == 1) return write_generated(&options->generate, options->out);
  if (options->out == NULL) return cli_usage_error("gen: --count needs --out with a folder");
  int code = RH_EXIT_CONFORMS;
  for (uint64_t i = 0; code == RH_EXIT_CONFORMS && i < options->count; i++) {
    struct rh_text file = {0};
    rh_text_printf(&file, "%s/%" PRIu64 ".trace", options->out, options->generate.seed);
    code = file.bytes != NULL ? write_generated(&options->generate, file.bytes) : RH_EXIT_SYSTEM;
    rh_text_free(&file);
    options->generate.seed++;
  }
  return code;
}

/* Reads a whole file; false after a complaint. */
static bool read_file(const char *file, struct rh_text *bytes) {
  char block[1 << 16];
  FILE *in = fopen(file, "re");
  for (size_t n = 0; in != NULL && (n = fread(block, 1, sizeof block, in)) > 0;) rh_text_append(bytes, block, n);
  bool failed = in == NULL || ferror(in) != 0;
  if (failed) (void)cli_usage_error("%s: %s", file, strerror(errno));
  if (in != NULL) (void)fclose(in);
  return !failed;
}

static int from_snapshot(const struct options *options) {
  struct rh_text bytes = {0};
  int code = RH_EXIT_USAGE;
  FILE *out = read_file(options->from, &bytes) ? cli_open_output(options->out) : NULL;
  if (out != NULL) {
    struct rh_snapshot_counts counts;
    struct rh_diagnostic diagnostic = {0};
    const char *all = bytes.bytes != NULL ? bytes.bytes : "";
    if (rh_snapshot_write(options->from, all, bytes.size, &options->snapshot, out, &counts, &diagnostic)) {
      code = RH_EXIT_CONFORMS;
    } else {
      rh_complain_at(options->from, &diagnostic);
    }
    code = cli_close_output(out, options->out, code);
  }
  rh_text_free(&bytes);
  return code;
}

static bool read_option(struct options *options, int option) {
  uint64_t number = 0;
  switch (option) {
  case 's':
    if (!cli_read_number("seed", optarg, 0, UINT64_MAX, &number)) return false;
    options->generate.seed = options->snapshot.seed = number;
    return true;
  case 'm':
    if (!cli_read_number("ops", optarg, 1, 10000000, &number)) return false;
    options->generate.operations = (uint32_t)number;
    return true;
  case 'c':
    return cli_read_number("count", optarg, 1, 10000000, &options->count);
  case 'x':
    return cli_read_mix(optarg, &options->generate.mix);
  case 'd':
    if (!cli_read_number("drop", optarg, 0, 100, &number)) return false;
    options->snapshot.drop_permille = (unsigned)number * 10;
    return true;
  case 'p':
    options->profile = optarg;
    return true;
  case 'f':
    options->from = optarg;
    return true;
  case 'o':
    options->out = optarg;
    return true;
  default:
    return false;
  }
}

int cli_gen(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {{"seed", required_argument, NULL, 's'},
                                        {"ops", required_argument, NULL, 'm'},
                                        {"count", required_argument, NULL, 'c'},
                                        {"mix", required_argument, NULL, 'x'},
                                        {"profile", required_argument, NULL, 'p'},
                                        {"from-snapshot", required_argument, NULL, 'f'},
                                        {"drop", required_argument, NULL, 'd'},
                                        {"out", required_argument, NULL, 'o'},
                                        {0}};
  struct options options = {
      .generate = {.seed = 1, .operations = 200}, .snapshot = {.seed = 1, .drop_permille = 500}, .count = 1};
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    if (option == 'h') return RH_EXIT_CONFORMS;
    if (option == '?' || !read_option(&options, option)) return RH_EXIT_USAGE;
  }
  if (optind != argc) return cli_usage_error("gen: '%s' is one argument too many", argv[optind]);
  return options.from != NULL ? from_snapshot(&options) : generate(&options);
}
