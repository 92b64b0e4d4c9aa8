/* JUnit's XML: a divergence is a failure, unsupported and undefined are
 * skipped, everything else that does not conform is an error. */
#include "oracle/report_format.h"

#include <inttypes.h>

static void put_escaped(struct rh_text *out, const char *text) {
  for (const char *c = text; *c != '\0'; c++) {
    switch (*c) {
    case '&':
      rh_text_puts(out, "&amp;");
      break;
    case '<':
      rh_text_puts(out, "&lt;");
      break;
    case '>':
      rh_text_puts(out, "&gt;");
      break;
    case '"':
      rh_text_puts(out, "&quot;");
      break;
    default:
      /* XML 1.0 has no other control characters, not even escaped. */
      if ((unsigned char)*c >= 0x20 || *c == '\n') rh_text_append(out, c, 1);
    }
  }
}

static void put_attribute(struct rh_text *out, const char *key, const char *text) {
  rh_text_printf(out, " %s=\"", key);
  put_escaped(out, text);
  rh_text_puts(out, "\"");
}

static void put_result(struct rh_text *out, const struct rh_told *told, const char *element) {
  rh_text_printf(out, "      <%s", element);
  put_attribute(out, "message", *told->reason != '\0' ? told->reason : told->operation);
  if (element[0] != 's') put_attribute(out, "type", told->rule != NULL ? told->rule->id : told->verdict);
  rh_text_puts(out, ">");
  struct rh_text body = {0};
  rh_text_puts(&body, told->file);
  if (told->line > 0) rh_text_printf(&body, ":%" PRIu32 ": %s", told->line, told->operation);
  rh_text_puts(&body, "\n");
  if (told->code == RH_VERDICT_DIVERGES) rh_tell_divergence(told, "  ", &body);
  put_escaped(out, body.bytes);
  rh_text_free(&body);
  rh_text_printf(out, "</%s>\n", element);
}

void rh_tell_junit(struct rh_report *report, const struct rh_told *told) {
  struct rh_text *out = &report->cases;
  rh_text_puts(out, "    <testcase");
  put_attribute(out, "classname", told->profile);
  put_attribute(out, "name", told->file);
  rh_text_puts(out, " time=\"0\"");
  if (told->code == RH_VERDICT_CONFORMS) {
    rh_text_puts(out, "/>\n");
    return;
  }
  rh_text_puts(out, ">\n");
  bool skipped = told->code == RH_VERDICT_UNSUPPORTED || told->code == RH_VERDICT_UNDEFINED;
  put_result(out, told, skipped ? "skipped" : told->code == RH_VERDICT_DIVERGES ? "failure" : "error");
  rh_text_puts(out, "    </testcase>\n");
}

static void put_totals(struct rh_text *out, const struct rh_counts *counts, bool with_skipped) {
  const uint64_t *of = counts->of;
  rh_text_printf(out, " tests=\"%" PRIu64 "\" failures=\"%" PRIu64 "\" errors=\"%" PRIu64 "\"", rh_counts_total(counts),
                 of[RH_VERDICT_DIVERGES],
                 of[RH_VERDICT_UNKNOWN] + of[RH_VERDICT_CRASHED] + of[RH_VERDICT_PROTOCOL] + of[RH_VERDICT_INTERNAL]);
  if (with_skipped)
    rh_text_printf(out, " skipped=\"%" PRIu64 "\"", of[RH_VERDICT_UNSUPPORTED] + of[RH_VERDICT_UNDEFINED]);
}

void rh_end_junit(struct rh_report *report) {
  struct rh_text out = {0};
  rh_text_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"refheap\"");
  put_totals(&out, &report->counts, false);
  rh_text_puts(&out, " time=\"0\">\n  <testsuite");
  put_attribute(&out, "name", report->subject);
  put_totals(&out, &report->counts, true);
  rh_text_puts(&out, " time=\"0\">\n    <properties>\n");
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) {
    rh_text_printf(&out, "      <property name=\"%s\" value=\"%" PRIu64 "\"/>\n",
                   rh_verdict_name((enum rh_verdict)verdict), report->counts.of[verdict]);
  }
  rh_text_puts(&out, "    </properties>\n");
  rh_report_put(report, &out);
  rh_report_put(report, &report->cases);
  (void)fputs("  </testsuite>\n</testsuites>\n", report->out);
}
