/*
 * What is said on standard error: progress and complaints. On a terminal progress
 * is one line that is written over and stays open; whoever says something else
 * clears it first.
 */
#include "oracle/suite_judge.h"
#include "os/os.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const uint64_t between_lines = 5000000000u, between_updates = 100000000u;

static bool line_is_open;

static void clear_line(void) {
  if (line_is_open) (void)fputs("\r\033[K", stderr);
  line_is_open = false;
}

bool rh_progress_due(struct rh_progress *progress, bool last, const char **before, const char **after) {
  if (!progress->on) return false;
  if (last) clear_line();
  uint64_t now = rh_os_clock();
  if (progress->next == 0) progress->next = now + (progress->terminal ? 0 : between_lines);
  if (last || now < progress->next) return false;
  progress->next = now + (progress->terminal ? between_updates : between_lines);
  clear_line();
  line_is_open = progress->terminal;
  *before = progress->terminal ? "" : "refheap: ";
  *after = progress->terminal ? "" : "\n";
  return true;
}

void rh_progress_say(struct rh_progress *progress, const struct rh_counts *counts, size_t total, bool last) {
  const char *before = NULL, *after = NULL;
  if (!rh_progress_due(progress, last, &before, &after)) return;
  (void)fprintf(stderr,
                "%sjudged %" PRIu64 " of %zu: %" PRIu64 " conform, %" PRIu64 " diverge, %" PRIu64 " unsupported%s",
                before, rh_counts_total(counts), total, counts->of[RH_VERDICT_CONFORMS],
                counts->of[RH_VERDICT_DIVERGES], counts->of[RH_VERDICT_UNSUPPORTED], after);
}

void rh_complain(const char *format, ...) {
  va_list arguments;
  clear_line();
  va_start(arguments, format);
  (void)fputs("refheap: ", stderr);
  (void)vfprintf(stderr, format, arguments);
  (void)fputs("\n", stderr);
  va_end(arguments);
}

bool rh_suite_read_all(struct rh_suite *suite) {
  struct rh_diagnostic diagnostic;
  const char *file = NULL;
  if (rh_suite_read(suite, &diagnostic, &file)) return true;
  rh_complain_at(file, &diagnostic);
  return false;
}

void rh_complain_at(const char *file, const struct rh_diagnostic *diagnostic) {
  clear_line();
  if (diagnostic->line > 0) {
    (void)fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": %s\n", file, diagnostic->line, diagnostic->column,
                  diagnostic->message);
  } else {
    (void)fprintf(stderr, "%s: %s\n", file, diagnostic->message);
  }
}
