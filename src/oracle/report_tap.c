/* Test Anything Protocol, version 13: unsupported and undefined are skipped,
 * the explanation of a divergence and the summary are comments. */
#include "oracle/report_format.h"

#include <inttypes.h>
#include <string.h>

/* `#` begins a directive in a description. */
static void put_description(struct rh_text *out, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '#') rh_text_puts(out, "\\");
    rh_text_append(out, c, 1);
  }
}

static void put_comment(struct rh_text *out, const char *lines) {
  for (const char *line = lines; *line != '\0';) {
    size_t n = strcspn(line, "\n");
    rh_text_printf(out, "# %.*s\n", (int)n, line);
    line += n + (line[n] == '\n');
  }
}

void rh_tell_tap(struct rh_report *report, const struct rh_told *told) {
  bool skipped = told->code == RH_VERDICT_UNSUPPORTED || told->code == RH_VERDICT_UNDEFINED;
  struct rh_text out = {0}, more = {0};
  rh_text_printf(&out, "%sok %" PRIu64 " - ", skipped || told->code == RH_VERDICT_CONFORMS ? "" : "not ",
                 rh_counts_total(&report->counts));
  put_description(&out, told->file);
  if (skipped) rh_text_printf(&out, " # SKIP %s: %s", told->verdict, told->reason);
  rh_text_puts(&out, "\n");
  if (!skipped && told->code != RH_VERDICT_CONFORMS) {
    rh_text_puts(&more, told->verdict);
    if (told->line > 0) rh_text_printf(&more, " at line %" PRIu32 ": %s", told->line, told->operation);
    if (*told->reason != '\0') rh_text_printf(&more, ": %s", told->reason);
    rh_text_puts(&more, "\n");
    if (told->code == RH_VERDICT_DIVERGES) rh_tell_divergence(told, "  ", &more);
    put_comment(&out, more.bytes);
  }
  rh_text_free(&more);
  rh_report_put(report, &out);
}

void rh_end_tap(struct rh_report *report) {
  struct rh_text out = {0};
  rh_text_puts(&out, "# ");
  rh_report_summary(report, &out);
  rh_text_puts(&out, "\n");
  rh_report_put(report, &out);
}
