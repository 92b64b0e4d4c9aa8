/* Reports: counting, gathering what there is to say, and the text format. */
#define _POSIX_C_SOURCE 200809L
#include "oracle/report_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool rh_format_find(const char *name, enum rh_format *format) {
  static const char *const names[] = {
      [RH_FORMAT_TEXT] = "text", [RH_FORMAT_JSON] = "json", [RH_FORMAT_JUNIT] = "junit", [RH_FORMAT_TAP] = "tap"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) {
      *format = (enum rh_format)i;
      return true;
    }
  }
  return false;
}

void rh_report_put(struct rh_report *report, struct rh_text *text) {
  if (text->size > 0) (void)fwrite(text->bytes, 1, text->size, report->out);
  rh_text_free(text);
}

/* --- counting --- */

static void count_reason(struct rh_report *report, const char *reason) {
  size_t at = 0;
  while (at < report->nreasons && strcmp(report->reasons[at].reason, reason) < 0) at++;
  if (at < report->nreasons && strcmp(report->reasons[at].reason, reason) == 0) {
    report->reasons[at].count++;
    return;
  }
  if (report->nreasons == report->room) {
    size_t room = report->room * 2 + 16;
    struct rh_reason_count *reasons = realloc(report->reasons, room * sizeof *reasons);
    if (reasons == NULL) return;
    report->reasons = reasons;
    report->room = room;
  }
  char *copy = strdup(reason);
  if (copy == NULL) return;
  memmove(report->reasons + at + 1, report->reasons + at, (report->nreasons - at) * sizeof *report->reasons);
  report->reasons[at] = (struct rh_reason_count){.reason = copy, .count = 1};
  report->nreasons++;
}

/* `a unsupported, b unknown, ...` in the fixed order; internal only if there is any. */
void rh_report_summary(const struct rh_report *report, struct rh_text *out) {
  rh_text_printf(out, "%s: ", report->subject);
  for (int verdict = 0; verdict < RH_VERDICT_INTERNAL; verdict++) {
    rh_text_printf(out, "%s%" PRIu64 " %s", verdict > 0 ? ", " : "", report->counts.of[verdict],
                   rh_verdict_plural((enum rh_verdict)verdict));
  }
  if (report->counts.of[RH_VERDICT_INTERNAL] > 0)
    rh_text_printf(out, ", %" PRIu64 " internal", report->counts.of[RH_VERDICT_INTERNAL]);
  rh_text_printf(out, " of %" PRIu64, rh_counts_total(&report->counts));
}

/* --- gathering --- */

static const char *text_or_nothing(const struct rh_text *text) {
  return text->bytes != NULL ? text->bytes : "";
}

/* The operation at a top-level position as canonical text, and its line. */
static uint32_t operation_at(const struct rh_trace *trace, int64_t position, struct rh_text *text) {
  if (position < 0 || (size_t)position >= trace->ntop) return 0;
  const struct rh_op *op = &trace->ops[trace->top[position]];
  rh_op_print(trace, op, false, text);
  return op->line;
}

void rh_report_begin(struct rh_report *report, size_t total) {
  if (report->format == RH_FORMAT_TAP) (void)fprintf(report->out, "TAP version 13\n1..%zu\n", total);
}

void rh_report_trace(struct rh_report *report, const struct rh_judged *judged) {
  static void (*const tell[])(struct rh_report *, const struct rh_told *) = {[RH_FORMAT_TEXT] = rh_tell_text,
                                                                             [RH_FORMAT_JSON] = rh_tell_json,
                                                                             [RH_FORMAT_JUNIT] = rh_tell_junit,
                                                                             [RH_FORMAT_TAP] = rh_tell_tap};
  const struct rh_trace *trace = judged->trace;
  const struct rh_judgement *judgement = judged->judgement;
  struct rh_text operation = {0}, good = {0};
  struct rh_explanation explanation = {0};
  report->counts.of[judgement->verdict]++;
  report->alone += judgement->alone;
  if (judgement->verdict == RH_VERDICT_UNSUPPORTED) count_reason(report, text_or_nothing(&judgement->reason));
  struct rh_told told = {.file = trace->file,
                         .profile = judged->profile->name,
                         .verdict = rh_verdict_name(judgement->verdict),
                         .code = judgement->verdict,
                         .judged = judgement->judged};
  told.line = operation_at(trace, judgement->position, &operation);
  told.good_line = operation_at(trace, judgement->last_good, &good);
  const char *title = rh_trace_header(trace, "case");
  if (judgement->verdict == RH_VERDICT_DIVERGES &&
      rh_explain(trace, judged->profile, rh_engines_first(report->engines), (size_t)judgement->position,
                 text_or_nothing(&judgement->observed), judgement->observed.size, &explanation))
    told.rule = explanation.rule;
  told.title = title != NULL ? title : "";
  told.operation = text_or_nothing(&operation);
  told.good_operation = text_or_nothing(&good);
  told.observed = text_or_nothing(&judgement->observed);
  told.allowed = text_or_nothing(&judgement->allowed);
  told.reason = text_or_nothing(&judgement->reason);
  told.argument = text_or_nothing(&explanation.argument);
  told.picture = text_or_nothing(&explanation.picture);
  tell[report->format](report, &told);
  rh_explanation_free(&explanation);
  rh_text_free(&operation);
  rh_text_free(&good);
}

void rh_report_end(struct rh_report *report) {
  static void (*const ends[])(struct rh_report *) = {[RH_FORMAT_TEXT] = rh_end_text,
                                                     [RH_FORMAT_JSON] = rh_end_json,
                                                     [RH_FORMAT_JUNIT] = rh_end_junit,
                                                     [RH_FORMAT_TAP] = rh_end_tap};
  ends[report->format](report);
  for (size_t i = 0; i < report->nreasons; i++) free(report->reasons[i].reason);
  free(report->reasons);
  report->reasons = NULL;
  report->nreasons = report->room = 0;
}

/* --- the text format --- */

static void tell_field(struct rh_text *out, const char *indent, const char *field, const char *text) {
  rh_text_printf(out, "%s%-9s %s\n", indent, field, text);
}

static void tell_lines(struct rh_text *out, const char *indent, const char *field, const char *lines) {
  for (const char *line = lines; *line != '\0';) {
    size_t n = strcspn(line, "\n");
    rh_text_printf(out, "%s%-9s %.*s\n", indent, line == lines ? field : "", (int)n, line);
    line += n + (line[n] == '\n');
  }
}

void rh_tell_divergence(const struct rh_told *told, const char *indent, struct rh_text *out) {
  char where[32];
  tell_field(out, indent, "profile", told->profile);
  if (told->good_line > 0) {
    (void)snprintf(where, sizeof where, "line %" PRIu32 ":", told->good_line);
    rh_text_printf(out, "%s%-9s %s %s\n", indent, "last good", where, told->good_operation);
  }
  tell_field(out, indent, "observed", told->observed);
  tell_field(out, indent, "allowed", told->allowed);
  if (told->rule != NULL) rh_text_printf(out, "%s%-9s %s: %s\n", indent, "rule", told->rule->id, told->rule->sentence);
  if (*told->argument != '\0') tell_field(out, indent, "because", told->argument);
  tell_lines(out, indent, "objects", told->picture);
}

static void tell_place(const struct rh_told *told, struct rh_text *out) {
  rh_text_puts(out, told->file);
  if (told->line > 0) rh_text_printf(out, ":%" PRIu32, told->line);
  rh_text_printf(out, ": %s", told->verdict);
}

void rh_tell_text(struct rh_report *report, const struct rh_told *told) {
  bool quiet = told->code == RH_VERDICT_CONFORMS || told->code == RH_VERDICT_UNSUPPORTED;
  if (quiet && !report->verbose) return;
  struct rh_text out = {0};
  tell_place(told, &out);
  if (told->line > 0) rh_text_printf(&out, ": %s", told->operation);
  if (*told->reason != '\0') rh_text_printf(&out, ": %s", told->reason);
  if (told->code == RH_VERDICT_INTERNAL) rh_text_printf(&out, " (profile %s)", told->profile);
  rh_text_puts(&out, "\n");
  if (told->code == RH_VERDICT_DIVERGES) rh_tell_divergence(told, "  ", &out);
  rh_report_put(report, &out);
}

void rh_end_text(struct rh_report *report) {
  struct rh_text out = {0};
  rh_report_summary(report, &out);
  rh_text_puts(&out, "\n");
  for (size_t i = 0; i < report->nreasons; i++)
    rh_text_printf(&out, "  unsupported %6" PRIu64 "  %s\n", report->reasons[i].count, report->reasons[i].reason);
  if (report->alone > 0) {
    rh_text_printf(&out, "  one engine  %6" PRIu64 "  the model was at its limits, the runtime predicted the rest\n",
                   report->alone);
  }
  rh_report_put(report, &out);
}
