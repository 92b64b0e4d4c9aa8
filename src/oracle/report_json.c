/* JSON Lines: one object for each trace, then one with all counts. Numbers are
 * strings, so that no reader rounds them. */
#include "oracle/report_format.h"

#include <inttypes.h>
#include <string.h>

static void put_string(struct rh_text *out, const char *text) {
  rh_text_puts(out, "\"");
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      rh_text_printf(out, "\\%c", *c);
    } else if (*c == '\n') {
      rh_text_puts(out, "\\n");
    } else if ((unsigned char)*c < 0x20) {
      rh_text_printf(out, "\\u%04x", (unsigned)(unsigned char)*c);
    } else {
      rh_text_append(out, c, 1);
    }
  }
  rh_text_puts(out, "\"");
}

static void put_field(struct rh_text *out, const char *key, const char *text) {
  rh_text_printf(out, ",\"%s\":", key);
  put_string(out, text);
}

static void put_number(struct rh_text *out, const char *key, uint64_t number) {
  rh_text_printf(out, ",\"%s\":\"%" PRIu64 "\"", key, number);
}

static void put_lines(struct rh_text *out, const char *key, const char *lines) {
  rh_text_printf(out, ",\"%s\":[", key);
  for (const char *line = lines; *line != '\0';) {
    size_t n = strcspn(line, "\n");
    struct rh_text one = {0};
    rh_text_append(&one, line, n);
    if (line != lines) rh_text_puts(out, ",");
    put_string(out, one.bytes);
    rh_text_free(&one);
    line += n + (line[n] == '\n');
  }
  rh_text_puts(out, "]");
}

static void put_divergence(struct rh_text *out, const struct rh_told *told) {
  put_field(out, "observed", told->observed);
  put_field(out, "allowed", told->allowed);
  if (told->rule != NULL) {
    put_field(out, "rule", told->rule->id);
    put_field(out, "sentence", told->rule->sentence);
  }
  put_field(out, "argument", told->argument);
  put_lines(out, "objects", told->picture);
}

void rh_tell_json(struct rh_report *report, const struct rh_told *told) {
  struct rh_text out = {0};
  rh_text_puts(&out, "{\"type\":\"trace\"");
  put_field(&out, "file", told->file);
  if (*told->title != '\0') put_field(&out, "case", told->title);
  put_field(&out, "profile", told->profile);
  put_field(&out, "verdict", told->verdict);
  put_number(&out, "judged", told->judged);
  if (told->line > 0) {
    put_number(&out, "line", told->line);
    put_field(&out, "operation", told->operation);
  }
  if (told->good_line > 0) put_number(&out, "last_good_line", told->good_line);
  if (*told->reason != '\0') put_field(&out, "reason", told->reason);
  if (told->code == RH_VERDICT_DIVERGES) put_divergence(&out, told);
  rh_text_puts(&out, "}\n");
  rh_report_put(report, &out);
}

void rh_end_json(struct rh_report *report) {
  struct rh_text out = {0};
  rh_text_puts(&out, "{\"type\":\"summary\"");
  put_field(&out, "subject", report->subject);
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++)
    put_number(&out, rh_verdict_name((enum rh_verdict)verdict), report->counts.of[verdict]);
  put_number(&out, "total", rh_counts_total(&report->counts));
  put_number(&out, "one_engine", report->alone);
  rh_text_puts(&out, ",\"unsupported_by_reason\":{");
  for (size_t i = 0; i < report->nreasons; i++) {
    if (i > 0) rh_text_puts(&out, ",");
    put_string(&out, report->reasons[i].reason);
    rh_text_printf(&out, ":\"%" PRIu64 "\"", report->reasons[i].count);
  }
  rh_text_puts(&out, "}}\n");
  rh_report_put(report, &out);
}
