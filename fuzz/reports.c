/* Readers of the four formats, as small as they can be and as strict as their specifications. */
#include "reports.h"

#include <inttypes.h>
#include <jansson.h>

#include "allowed.h"
#include "trace_roundtrip.h"

/* A text that is read from its beginning to its end. */
struct reader {
  const char *at, *end;
};

static bool accepts(struct reader *reader, const char *text) {
  size_t n = strlen(text);
  if ((size_t)(reader->end - reader->at) < n || memcmp(reader->at, text, n) != 0) return false;
  reader->at += n;
  return true;
}

static void expect(struct reader *reader, const char *text) {
  REQUIRE(accepts(reader, text), "a report without '%s' where it must be", text);
}

static void expect_number(struct reader *reader, uint64_t number) {
  char digits[24];
  (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
  expect(reader, digits);
}

/* The next line, without its end. */
static struct reader take_line(struct reader *reader) {
  const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
  REQUIRE(newline != NULL, "a line of a report without end");
  struct reader line = {reader->at, newline};
  REQUIRE(is_clean_text(line.at, (size_t)(line.end - line.at)), "an unclean line: %.*s", (int)(line.end - line.at),
          line.at);
  reader->at = newline + 1;
  return line;
}

static uint64_t total_of(const struct rh_counts *counts) {
  uint64_t total = 0;
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) total += counts->of[verdict];
  return total;
}

static uint64_t skipped_of(const struct rh_counts *counts) {
  return counts->of[RH_VERDICT_UNSUPPORTED] + counts->of[RH_VERDICT_UNDEFINED];
}

/* "a conform, b diverge, ...: of n", at the end of a line. */
static void check_summary(struct reader line, const struct rh_counts *counts) {
  const char *begin = line.at;
  while (begin < line.end && !(begin[0] == ':' && begin[1] == ' ')) begin++;
  line.at = begin;
  expect(&line, ": ");
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) {
    if (verdict == RH_VERDICT_INTERNAL && counts->of[verdict] == 0) continue;
    if (verdict > 0) expect(&line, ", ");
    expect_number(&line, counts->of[verdict]);
    expect(&line, " ");
    expect(&line, rh_verdict_plural((enum rh_verdict)verdict));
  }
  expect(&line, " of ");
  expect_number(&line, total_of(counts));
  REQUIRE(line.at == line.end, "a summary with something behind it");
}

/* --- text: lines about traces, those of a divergence indented, the summary, indented counts --- */

static void read_text(struct reader *report, bool verbose, const struct rh_counts *counts) {
  uint64_t quiet = verbose ? 0 : counts->of[RH_VERDICT_CONFORMS] + counts->of[RH_VERDICT_UNSUPPORTED];
  for (uint64_t left = total_of(counts) - quiet; left > 0; left--) {
    struct reader line = take_line(report);
    REQUIRE(*line.at != ' ', "a trace without a line");
    while (report->at < report->end && *report->at == ' ') (void)take_line(report);
  }
  check_summary(take_line(report), counts);
  while (report->at < report->end) {
    struct reader line = take_line(report);
    expect(&line, "  ");
  }
}

/* --- JSON Lines --- */

static json_t *read_object(struct reader *report) {
  struct reader line = take_line(report);
  json_error_t error;
  json_t *object = json_loadb(line.at, (size_t)(line.end - line.at), JSON_REJECT_DUPLICATES, &error);
  REQUIRE(json_is_object(object), "no JSON object: %s: %.*s", error.text, (int)(line.end - line.at), line.at);
  return object;
}

static const char *field(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  REQUIRE(text != NULL, "a JSON object without %s", key);
  return text;
}

static void read_json(struct reader *report, const struct rh_counts *counts) {
  struct rh_counts met = {{0}};
  for (uint64_t left = total_of(counts); left > 0; left--) {
    json_t *object = read_object(report);
    int verdict = 0;
    REQUIRE(strcmp(field(object, "type"), "trace") == 0, "a line of no trace");
    while (verdict < RH_VERDICTS && strcmp(field(object, "verdict"), rh_verdict_name((enum rh_verdict)verdict)) != 0)
      verdict++;
    REQUIRE(verdict < RH_VERDICTS, "no verdict: %s", field(object, "verdict"));
    if (verdict == RH_VERDICT_DIVERGES) (void)field(object, "observed"), (void)field(object, "allowed");
    met.of[verdict]++;
    json_decref(object);
  }
  json_t *summary = read_object(report);
  REQUIRE(strcmp(field(summary, "type"), "summary") == 0 && report->at == report->end, "no summary at the end");
  for (int verdict = 0; verdict < RH_VERDICTS; verdict++) {
    const char *said = field(summary, rh_verdict_name((enum rh_verdict)verdict));
    REQUIRE(strtoull(said, NULL, 10) == counts->of[verdict] && met.of[verdict] == counts->of[verdict],
            "%s %s, %" PRIu64 " lines, not %" PRIu64, said, rh_verdict_name((enum rh_verdict)verdict), met.of[verdict],
            counts->of[verdict]);
  }
  json_decref(summary);
}

/* --- JUnit --- */

enum { DEPTH_MAX = 8, NAME_MAX_LENGTH = 16 };

/* What an XML document has: how deep it is now, and how many elements of the names that are counted. */
struct document {
  char open[DEPTH_MAX][NAME_MAX_LENGTH];
  int depth;
  uint64_t cases, failures, errors, skipped;
};

static void take_entity(struct reader *xml) {
  REQUIRE(accepts(xml, "&amp;") || accepts(xml, "&lt;") || accepts(xml, "&gt;") || accepts(xml, "&quot;"),
          "an XML text with a bare &");
}

/* Characters up to `last`, which is left. */
static void take_characters(struct reader *xml, char last) {
  while (xml->at < xml->end && *xml->at != last) {
    REQUIRE(*xml->at != '<' && *xml->at != '>', "an XML text with a bare < or >");
    if (*xml->at == '&') {
      take_entity(xml);
    } else {
      REQUIRE((unsigned char)*xml->at >= 0x20 || *xml->at == '\n', "an XML text with a control character");
      xml->at++;
    }
  }
}

static void take_name(struct reader *xml, char *name) {
  size_t n = 0;
  while (xml->at < xml->end && *xml->at >= 'a' && *xml->at <= 'z' && n < NAME_MAX_LENGTH - 1) name[n++] = *xml->at++;
  name[n] = '\0';
  REQUIRE(n > 0, "an XML element or attribute without name");
}

static void count_element(struct document *document, const char *name) {
  document->cases += strcmp(name, "testcase") == 0;
  document->failures += strcmp(name, "failure") == 0;
  document->errors += strcmp(name, "error") == 0;
  document->skipped += strcmp(name, "skipped") == 0;
}

static void take_element(struct reader *xml, struct document *document) {
  char attribute[NAME_MAX_LENGTH];
  REQUIRE(document->depth < DEPTH_MAX, "XML elements that are not closed");
  char *name = document->open[document->depth++];
  take_name(xml, name);
  count_element(document, name);
  while (accepts(xml, " ")) {
    take_name(xml, attribute);
    expect(xml, "=\"");
    take_characters(xml, '"');
    expect(xml, "\"");
  }
  if (accepts(xml, "/>")) {
    document->depth--;
  } else {
    expect(xml, ">");
  }
}

static void read_junit(struct reader *xml, const struct rh_counts *counts) {
  struct document document = {.depth = 0};
  const uint64_t *of = counts->of;
  expect(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
  for (struct reader lines = *xml; lines.at < lines.end;) (void)take_line(&lines);
  take_element(xml, &document);
  while (document.depth > 0) {
    take_characters(xml, '<');
    expect(xml, "<");
    if (accepts(xml, "/")) {
      expect(xml, document.open[--document.depth]);
      expect(xml, ">");
    } else {
      take_element(xml, &document);
    }
  }
  expect(xml, "\n");
  REQUIRE(xml->at == xml->end, "an XML document with something behind it");
  REQUIRE(document.cases == total_of(counts) && document.failures == of[RH_VERDICT_DIVERGES] &&
              document.skipped == skipped_of(counts) &&
              document.errors == document.cases - document.failures - document.skipped - of[RH_VERDICT_CONFORMS],
          "%" PRIu64 " cases, %" PRIu64 " failures, %" PRIu64 " errors, %" PRIu64 " skipped", document.cases,
          document.failures, document.errors, document.skipped);
}

/* --- TAP 13 --- */

static bool has_directive(const struct reader *line) {
  for (const char *c = line->at; c + 1 < line->end; c++)
    if (c[0] == '#' && c[-1] != '\\') return true;
  return false;
}

static void read_tap(struct reader *report, const struct rh_counts *counts) {
  struct reader line = take_line(report);
  uint64_t failed = 0, skipped = 0, total = total_of(counts);
  expect(&line, "TAP version 13");
  line = take_line(report);
  expect(&line, "1..");
  expect_number(&line, total);
  for (uint64_t number = 1; number <= total; number++) {
    line = take_line(report);
    failed += accepts(&line, "not ");
    expect(&line, "ok ");
    expect_number(&line, number);
    expect(&line, " - ");
    skipped += has_directive(&line);
    for (struct reader next = *report; number < total && accepts(&next, "# "); next = *report) (void)take_line(report);
  }
  while (report->at < report->end) {
    line = take_line(report);
    expect(&line, "# ");
  }
  check_summary(line, counts);
  REQUIRE(skipped == skipped_of(counts) && failed == total - skipped - counts->of[RH_VERDICT_CONFORMS],
          "%" PRIu64 " skipped, %" PRIu64 " failed", skipped, failed);
}

void check_report(enum rh_format format, bool verbose, const char *bytes, size_t size, const struct rh_counts *counts) {
  struct reader report = {bytes, bytes + size};
  switch (format) {
  case RH_FORMAT_TEXT:
    read_text(&report, verbose, counts);
    break;
  case RH_FORMAT_JSON:
    if (READS_JSON) read_json(&report, counts);
    break;
  case RH_FORMAT_JUNIT:
    read_junit(&report, counts);
    break;
  case RH_FORMAT_TAP:
    read_tap(&report, counts);
    break;
  }
}
