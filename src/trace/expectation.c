/*
 * What stands behind the arguments: attributes `(a,b=N)` and expectations
 * `=> V @r | V @r`.
 */
#include <string.h>

#include "trace/internal.h"

/* The versions whose traces are judged: alternatives may not disagree there. */
enum { OLDEST = 0x030900, NEWEST = 0x0310ff };

/* --- attributes --- */

bool rh_parse_fail_nth(struct rh_parser *ps, struct rh_op *op) {
  static const struct rh_slot nth = {.letter = 'I', .low = 1, .high = RH_TRACE_COUNT_MAX};
  const char *at = ps->p, *end = ps->end;
  while (ps->p < end && !rh_is_blank(*ps->p) && *ps->p != ',' && *ps->p != ')') ps->p++;
  ps->end = ps->p; /* the number alone: `,` and `)` end no argument elsewhere */
  ps->p = at;
  bool good = rh_parse_argument(ps, &nth, "fail_nth");
  ps->end = end;
  if (!good) return false;
  op->fail_nth = (uint32_t)ps->trace->args[--ps->trace->nargs].integer;
  return true;
}

static bool parse_attribute(struct rh_parser *ps, struct rh_op *op) {
  static const char words[] = "fail_nth|unordered|digest";
  const char *at = ps->p;
  while (ps->p < ps->end && rh_is_letter(*ps->p)) ps->p++;
  size_t n = (size_t)(ps->p - at);
  bool is_nth = n == 8 && memcmp(at, "fail_nth", n) == 0, *flag = NULL;
  if (n == 9 && memcmp(at, "unordered", n) == 0) flag = &op->unordered;
  if (n == 6 && memcmp(at, "digest", n) == 0) flag = &op->digest;
  if (!is_nth && !flag) {
    return rh_fail(ps, at, "unknown attribute %s; expected fail_nth=N, unordered or digest%s",
                   rh_show(at, n ? n : at < ps->end).text, rh_near_word(at, n, words, sizeof words - 1).text);
  }
  if (flag ? *flag : op->fail_nth > 0) return rh_fail(ps, at, "attribute %s is given twice", rh_show(at, n).text);
  if (flag) return *flag = true;
  if (ps->p == ps->end || *ps->p != '=')
    return rh_fail(ps, ps->p, "attribute 'fail_nth' needs a number; expected fail_nth=N");
  ps->p++;
  return rh_parse_fail_nth(ps, op);
}

bool rh_parse_attributes(struct rh_parser *ps, struct rh_op *op) {
  const char *open = ps->p++;
  for (;; ps->p++) {
    rh_skip_blanks(ps);
    if (!parse_attribute(ps, op)) return false;
    rh_skip_blanks(ps);
    if (ps->p == ps->end) return rh_fail(ps, open, "'(' is not closed; expected ')' after the attributes");
    if (*ps->p == ')') break;
    if (*ps->p != ',')
      return rh_fail(ps, ps->p, "unexpected %s; expected ',' or ')' after an attribute", rh_show_token(ps, ps->p).text);
  }
  ps->p++;
  return true;
}

/* --- values --- */

static bool skip_text(struct rh_parser *ps) {
  const char *at = ps->p++;
  for (; ps->p < ps->end && *ps->p != '"'; ps->p++)
    if (*ps->p == '\\' && ps->p + 1 < ps->end) ps->p++;
  if (ps->p == ps->end)
    return rh_fail(ps, at, "text %s is not closed; expected '\"'", rh_show(at, (size_t)(ps->end - at)).text);
  ps->p++;
  return true;
}

static bool at_value_end(const struct rh_parser *ps) {
  return *ps->p == '|' || *ps->p == '@' || *ps->p == ';' || (*ps->p == '=' && ps->end - ps->p > 1 && ps->p[1] == '>');
}

/* Moves over a value: texts may hold anything, one level of `[...]`
 * anything but a `#`. */
bool rh_skip_value(struct rh_parser *ps) {
  const char *open = NULL;
  while (ps->p < ps->end && *ps->p != '#' && (open || !at_value_end(ps))) {
    if (*ps->p == '"') {
      if (!skip_text(ps)) return false;
      continue;
    }
    if (*ps->p == '[') {
      if (open) return rh_fail(ps, ps->p, "'[' inside a list; lists do not nest");
      open = ps->p;
    } else if (*ps->p == ']') {
      if (!open) return rh_fail(ps, ps->p, "']' without '[' in the expected value");
      open = NULL;
    }
    ps->p++;
  }
  return !open || rh_fail(ps, open, "'[' is not closed; expected ']'");
}

/* Decimal digits with an optional minus; the value saturates. */
static bool take_bound(const char **p, const char *end, int64_t *value) {
  bool negative = *p < end && **p == '-';
  *p += negative;
  const char *start = *p;
  for (*value = 0; *p < end && rh_is_digit(**p); (*p)++)
    *value = *value > INT64_MAX / 10 - 1 ? INT64_MAX : *value * 10 + (**p - '0');
  if (negative) *value = -*value;
  return *p > start;
}

/* A value that looks like a..b must be a range with something in it. */
static bool check_interval(struct rh_parser *ps, const char *value, size_t n) {
  const char *p = value, *end = value + n;
  int64_t low, high;
  if (!take_bound(&p, end, &low) || end - p < 2 || p[0] != '.' || p[1] != '.') return true;
  p += 2;
  if (!take_bound(&p, end, &high) || p != end)
    return rh_fail(ps, value, "bad range %s; expected a..b with two integers", rh_show(value, n).text);
  return low <= high || rh_fail(ps, value, "empty range %s; expected the smaller number first", rh_show(value, n).text);
}

bool rh_add_alternative(struct rh_parser *ps, struct rh_op *op, const char *value, size_t nvalue, const char *versions,
                        size_t nversions) {
  struct rh_ranges ranges;
  const char *at;
  if (nvalue == 0) return rh_fail(ps, value, "expected a value after '%s'", op->nexpectations ? "|" : "=>");
  if (nvalue == 1 && *value == '?') return rh_fail(ps, value, "'?' among alternatives; it stands alone behind '=>'");
  if (!check_interval(ps, value, nvalue)) return false;
  const char *wrong = nversions ? rh_ranges_parse(versions, nversions, &ranges, &at) : NULL;
  if (wrong) return rh_fail(ps, at, "%s; found %s", wrong, rh_show(versions, nversions).text);
  if (op->nexpectations == 0) op->first_expectation = (uint32_t)ps->trace->nexpectations;
  struct rh_expectation *added = rh_push_expectation(ps->trace);
  if (!added) return rh_fail_memory(ps);
  op->nexpectations++;
  added->value_length = (uint32_t)nvalue;
  added->versions_length = (uint32_t)nversions;
  return (rh_store(ps->trace, value, nvalue, &added->value) &&
          rh_store(ps->trace, versions, nversions, &added->versions)) ||
         rh_fail_memory(ps);
}

static void ranges_of(const struct rh_trace *trace, const struct rh_expectation *alternative,
                      struct rh_ranges *ranges) {
  const char *at;
  if (alternative->versions_length > 0) {
    rh_ranges_parse(trace->text + alternative->versions, alternative->versions_length, ranges, &at);
  } else {
    *ranges = (struct rh_ranges){.n = 1, .items = {{0, UINT32_MAX}}};
  }
}

/* The first judged version both select, or 0. */
static uint32_t common_version(const struct rh_ranges *a, const struct rh_ranges *b) {
  for (size_t i = 0; i < a->n; i++) {
    for (size_t j = 0; j < b->n; j++) {
      uint32_t low = a->items[i].low > b->items[j].low ? a->items[i].low : b->items[j].low;
      uint32_t high = a->items[i].high < b->items[j].high ? a->items[i].high : b->items[j].high;
      if (low < OLDEST) low = OLDEST;
      if (high > NEWEST) high = NEWEST;
      if (low <= high) return low;
    }
  }
  return 0;
}

static bool same_value(const struct rh_trace *trace, const struct rh_expectation *a, const struct rh_expectation *b) {
  return a->value_length == b->value_length &&
         memcmp(trace->text + a->value, trace->text + b->value, a->value_length) == 0;
}

bool rh_check_alternatives(struct rh_parser *ps, const char *at, const struct rh_op *op) {
  const struct rh_expectation *all = ps->trace->expectations + op->first_expectation;
  if (op->nexpectations > RH_ALTERNATIVES_MAX)
    return rh_fail(ps, at, "%u alternatives; the limit is %d", op->nexpectations, RH_ALTERNATIVES_MAX);
  for (uint32_t j = 1; j < op->nexpectations; j++) {
    for (uint32_t i = 0; i < j; i++) {
      struct rh_ranges a, b;
      ranges_of(ps->trace, &all[i], &a);
      ranges_of(ps->trace, &all[j], &b);
      uint32_t version = common_version(&a, &b);
      if (version == 0 || same_value(ps->trace, &all[i], &all[j])) continue;
      return rh_fail(ps, at, "contradictory expectations: for version %u.%u.%u both %s and %s", version >> 16,
                     version >> 8 & 0xff, version & 0xff,
                     rh_show(ps->trace->text + all[i].value, all[i].value_length).text,
                     rh_show(ps->trace->text + all[j].value, all[j].value_length).text);
    }
  }
  return true;
}

static bool parse_alternative(struct rh_parser *ps, struct rh_op *op) {
  rh_skip_blanks(ps);
  const char *value = ps->p, *versions = ps->p;
  if (!rh_skip_value(ps)) return false;
  const char *value_end = ps->p;
  while (value_end > value && rh_is_blank(value_end[-1])) value_end--;
  size_t nversions = 0;
  if (ps->p < ps->end && *ps->p == '@') {
    versions = ++ps->p;
    while (ps->p < ps->end && !rh_is_blank(*ps->p) && *ps->p != '|' && *ps->p != ';') ps->p++;
    nversions = (size_t)(ps->p - versions);
    if (nversions == 0) return rh_fail(ps, versions, "expected a version range after '@', such as 3.12+");
    rh_skip_blanks(ps);
  }
  return rh_add_alternative(ps, op, value, (size_t)(value_end - value), versions, nversions);
}

static bool is_recording(const struct rh_parser *ps) {
  const char *p = ps->p;
  if (p == ps->end || *p++ != '?') return false;
  while (p < ps->end && rh_is_blank(*p)) p++;
  return p == ps->end || *p == ';';
}

bool rh_parse_expectations(struct rh_parser *ps, struct rh_op *op, const struct rh_context *context) {
  const char *at = ps->p;
  ps->p += 2;
  rh_skip_blanks(ps);
  if (is_recording(ps)) {
    if (!context->in_action) return rh_fail(ps, ps->p, "'=> ?' outside an action; only act and cbact record");
    op->recorded = true;
    ps->p++;
    rh_skip_blanks(ps);
    return true;
  }
  for (;; ps->p++) {
    if (!parse_alternative(ps, op)) return false;
    if (ps->p == ps->end || *ps->p != '|') break;
  }
  return op->nexpectations < 2 || rh_check_alternatives(ps, at, op);
}
