/* Options, near matches, and the files a subcommand reads and writes. */
#define _GNU_SOURCE
#include "cli/cli.h"
#include "oracle/suite_judge.h"
#include "os/os.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int cli_usage_error(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  (void)fputs("refheap: ", stderr);
  (void)vfprintf(stderr, format, arguments);
  (void)fputs("\n", stderr);
  va_end(arguments);
  return RH_EXIT_USAGE;
}

/* Edits (insert, delete, replace) between two words of at most 31 bytes. */
static unsigned distance(const char *a, const char *b) {
  enum { MOST = 32 };
  unsigned row[MOST];
  size_t n = strlen(a), m = strlen(b);
  if (n >= MOST || m >= MOST) return MOST;
  for (unsigned j = 0; j <= m; j++) row[j] = j;
  for (unsigned i = 1; i <= n; i++) {
    unsigned corner = row[0];
    row[0] = i;
    for (unsigned j = 1; j <= m; j++) {
      unsigned best = corner + (a[i - 1] != b[j - 1]);
      if (row[j] + 1 < best) best = row[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      corner = row[j];
      row[j] = best;
    }
  }
  return row[m];
}

const char *cli_nearest(const char *word, const char *const *words) {
  const char *nearest = NULL;
  unsigned least = (unsigned)strlen(word) / 2 + 1;
  for (; *words != NULL; words++) {
    unsigned edits = distance(word, *words);
    if (edits < least) {
      least = edits;
      nearest = *words;
    }
  }
  return nearest;
}

static void complain_unknown(const struct cli_command *command, const char *given, const struct option *options) {
  const char *names[32];
  size_t n = 0;
  for (const struct option *option = options; option->name != NULL && n < 30; option++) names[n++] = option->name;
  names[n++] = "help";
  names[n] = NULL;
  char word[64];
  const char *begin = given + strspn(given, "-");
  (void)snprintf(word, sizeof word, "%.*s", (int)strcspn(begin, "="), begin);
  const char *nearest = cli_nearest(word, names);
  if (nearest != NULL) {
    (void)cli_usage_error("%s: unknown option '%s'; did you mean '--%s'?", command->name, given, nearest);
  } else {
    (void)cli_usage_error("%s: unknown option '%s'; see 'refheap %s --help'", command->name, given, command->name);
  }
}

int cli_next_option(const struct cli_command *command, int argc, char **argv, const struct option *options) {
  static struct option with_help[32];
  size_t n = 0;
  while (options[n].name != NULL && n < 30) {
    with_help[n] = options[n];
    n++;
  }
  const char *letters = ":h";
  for (size_t i = 0; i < n; i++)
    if (with_help[i].val == 'o') letters = ":ho:"; /* -o FILE is --out FILE */
  with_help[n] = (struct option){"help", no_argument, NULL, 'h'};
  with_help[n + 1] = (struct option){0};
  opterr = 0;
  int at = optind > 0 ? optind : 1;
  int option = getopt_long(argc, argv, letters, with_help, NULL);
  if (option == 'h') {
    (void)fputs(command->help, stdout);
  } else if (option == ':') {
    (void)cli_usage_error("%s: option '%s' needs a value", command->name, argv[optind - 1]);
    return '?';
  } else if (option == '?') {
    /* getopt moves other arguments behind: what it stopped at is just before optind. */
    const char *given = optind > at || optind > 1 ? argv[optind - 1] : argv[at];
    if (given[0] != '-') given = argv[optind];
    complain_unknown(command, given, options);
  }
  return option;
}

int cli_find_separator(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (strcmp(argv[i], "--") == 0) return i;
  return argc;
}

bool cli_read_number(const char *option, const char *text, uint64_t low, uint64_t high, uint64_t *value) {
  char *end = NULL;
  errno = 0;
  *value = strtoull(text, &end, 10);
  bool digits = *text >= '0' && *text <= '9' && *end == '\0';
  if (digits && errno == 0 && *value >= low && *value <= high) return true;
  (void)cli_usage_error("--%s: '%s' is no number from %" PRIu64 " to %" PRIu64, option, text, low, high);
  return false;
}

bool cli_read_word(const char *option, const char *text, const char *const *words, unsigned *index) {
  struct rh_text all = {0};
  for (*index = 0; words[*index] != NULL; (*index)++) {
    if (strcmp(text, words[*index]) == 0) {
      rh_text_free(&all);
      return true;
    }
    rh_text_printf(&all, "%s%s", *index > 0 ? ", " : "", words[*index]);
  }
  const char *nearest = cli_nearest(text, words);
  if (nearest != NULL) {
    (void)cli_usage_error("--%s: unknown '%s'; did you mean '%s'?", option, text, nearest);
  } else {
    (void)cli_usage_error("--%s: unknown '%s'; there are %s", option, text, all.bytes);
  }
  rh_text_free(&all);
  return false;
}

bool cli_read_engines(const char *text, enum rh_engines *engines) {
  static const char *const words[] = {"runtime", "model", "both", NULL};
  unsigned index = 0;
  if (!cli_read_word("engine", text, words, &index)) return false;
  *engines = (enum rh_engines)(index + 1);
  return true;
}

bool cli_read_mix(const char *text, enum rh_mix *mix) {
  static const char *const words[] = {
      [RH_MIX_LEGAL] = "legal", [RH_MIX_WILD] = "wild", [RH_MIX_INTERACTIONS] = "interactions", NULL};
  unsigned index = 0;
  if (!cli_read_word("mix", text, words, &index)) return false;
  *mix = (enum rh_mix)index;
  return true;
}

struct rh_trace *cli_load(const char *file) {
  struct rh_diagnostic diagnostic = {0};
  struct rh_trace *trace = rh_trace_load(file, &diagnostic);
  if (trace == NULL) rh_complain_at(file, &diagnostic);
  return trace;
}

bool cli_find_profile(const char *option, const struct rh_trace *trace, struct rh_profile *profile) {
  const char *own = trace != NULL ? rh_trace_header(trace, "profile") : NULL;
  const char *name = option != NULL ? option : own != NULL ? own : CLI_DEFAULT_PROFILE;
  char reason[256];
  if (rh_profile_find(name, profile, reason, sizeof reason)) return true;
  if (option != NULL || trace == NULL) {
    (void)cli_usage_error("--profile: %s", reason);
  } else {
    (void)cli_usage_error("%s: %s", trace->file, reason);
  }
  return false;
}

FILE *cli_open_output(const char *file) {
  if (file == NULL || strcmp(file, "-") == 0) return stdout;
  FILE *out = fopen(file, "we");
  if (out == NULL) (void)cli_usage_error("%s: %s", file, strerror(errno));
  return out;
}

/* Where a file is made before it gets its name; NULL when it is written in place. */
static char *name_beside(const char *file) {
  static const char ending[] = ".part";
  bool in_place = file == NULL || strcmp(file, "-") == 0 || rh_os_path_kind(file) == RH_OS_DEVICE;
  size_t room = in_place ? 0 : strlen(file) + sizeof ending;
  char *name = in_place ? NULL : malloc(room);
  if (name != NULL) (void)snprintf(name, room, "%s%s", file, ending);
  return name;
}

bool cli_begin_whole(struct cli_whole *whole, const char *file) {
  *whole = (struct cli_whole){.file = file, .part = name_beside(file)};
  whole->out = cli_open_output(whole->part != NULL ? whole->part : file);
  if (whole->out == NULL) free(whole->part);
  return whole->out != NULL;
}

int cli_end_whole(struct cli_whole *whole, const struct rh_text *text, int code) {
  if (text->size > 0) (void)fwrite(text->bytes, 1, text->size, whole->out);
  int result = cli_close_output(whole->out, whole->file, code);
  if (whole->part != NULL && (text->size == 0 || result != code)) {
    (void)remove(whole->part);
  } else if (whole->part != NULL && rename(whole->part, whole->file) != 0) {
    rh_complain("%s: could not be written: %s", whole->file, strerror(errno));
    result = RH_EXIT_SYSTEM;
  }
  free(whole->part);
  return result;
}

int cli_close_output(FILE *out, const char *file, int code) {
  bool failed = fflush(out) != 0 || ferror(out) != 0;
  int error = errno;
  clearerr(out);
  if (out != stdout && fclose(out) != 0) failed = true;
  if (!failed) return code;
  rh_complain("%s: could not be written: %s", file != NULL ? file : "standard output", strerror(error));
  return RH_EXIT_SYSTEM;
}
