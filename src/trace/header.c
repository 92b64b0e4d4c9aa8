/*
 * Header lines: `%key value`, one table of keys, the checks of their values.
 */
#include <string.h>

#include "trace/internal.h"

struct key {
  const char *spelling;
  bool repeats;
  bool (*check)(struct rh_parser *ps, const char *value, size_t n);
};

static bool check_ranges(struct rh_parser *ps, const char *value, size_t n) {
  struct rh_ranges ranges;
  const char *at = value, *wrong = rh_ranges_parse(value, n, &ranges, &at);
  return !wrong || rh_fail(ps, at, "%s; found %s", wrong, rh_show(value, n).text);
}

/* Whether a header %env of the same variable is already there. */
static bool is_set(const struct rh_trace *trace, const char *variable, size_t n) {
  for (size_t i = 0; i < trace->nheaders; i++) {
    const char *value = trace->text + trace->headers[i].value;
    if (strcmp(trace->text + trace->headers[i].key, "env") == 0 && strncmp(value, variable, n) == 0 && value[n] == '=')
      return true;
  }
  return false;
}

static bool check_assignment(struct rh_parser *ps, const char *value, size_t n) {
  size_t i = 0;
  while (i < n && (rh_is_letter(value[i]) || (i > 0 && rh_is_digit(value[i])))) i++;
  if (i == 0 || i == n || value[i] != '=')
    return rh_fail(ps, value, "bad setting %s; expected VARIABLE=VALUE", rh_show(value, n).text);
  return !is_set(ps->trace, value, i) || rh_fail(ps, value, "variable %s is set twice", rh_show(value, i).text);
}

/* Rule ids: letters and digits with inner hyphens, a comma between. */
static bool check_rules(struct rh_parser *ps, const char *value, size_t n) {
  const char *end = value + n;
  for (const char *p = value;; p++) {
    while (p < end && rh_is_blank(*p)) p++;
    const char *id = p;
    while (p < end && (rh_is_letter(*p) || rh_is_digit(*p) || *p == '-' || *p == '.')) p++;
    if (p == id || !rh_is_letter(*id)) {
      return rh_fail(ps, id, "bad rule id %s; expected such as GC-7, separated by commas",
                     rh_show(id, (size_t)(end - id)).text);
    }
    while (p < end && rh_is_blank(*p)) p++;
    if (p == end) return true;
    if (*p != ',')
      return rh_fail(ps, p, "unexpected %s; expected ',' between rule ids", rh_show(p, (size_t)(end - p)).text);
  }
}

static bool check_profile(struct rh_parser *ps, const char *value, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (rh_is_blank(value[i])) return rh_fail(ps, value + i, "blank in the name of a profile");
  return true;
}

static const struct key keys[] = {
    {"case", false, NULL},
    {"mined", false, NULL},
    {"why", false, NULL},
    {"applies", false, check_ranges},
    {"env", true, check_assignment},
    {"args", false, NULL},
    {"profile", false, check_profile},
    {"rule", false, check_rules},
    {"verified", false, NULL},
};

unsigned rh_header_index(const char *key) {
  unsigned i = 0;
  while (strcmp(keys[i].spelling, key) != 0) i++;
  return i;
}

const char *rh_header_key(unsigned index) {
  return keys[index % (sizeof keys / sizeof *keys)].spelling;
}

static const struct key *find_key(const char *bytes, size_t n) {
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (strlen(keys[i].spelling) == n && memcmp(keys[i].spelling, bytes, n) == 0) return &keys[i];
  return NULL;
}

static bool fail_unknown(struct rh_parser *ps, const char *key, size_t n) {
  struct rh_near near = rh_near_begin(key, n);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    rh_near_offer(&near, keys[i].spelling, strlen(keys[i].spelling));
  rh_near_offer(&near, "trace", 5);
  return rh_fail(ps, key, "unknown header %s; expected a header of trace language %d%s", rh_show(key, n).text,
                 RH_TRACE_VERSION, rh_near_end(&near).text);
}

/* %trace is the version of the language: first or not at all, never stored. */
static bool check_version(struct rh_parser *ps, const char *key, const char *value, size_t n) {
  struct rh_trace_tables *tables = ps->trace->tables;
  if (tables->has_version) return rh_fail(ps, key, "header 'trace' is given twice");
  if (ps->trace->nheaders > 0 || ps->trace->ntop > 0)
    return rh_fail(ps, key, "'%%trace' is late; expected it before every other header and operation");
  if (n != 1 || value[0] != '0' + RH_TRACE_VERSION) {
    return rh_fail(ps, value, "trace language version %s; this is a reader of version %d", rh_show(value, n).text,
                   RH_TRACE_VERSION);
  }
  tables->has_version = true;
  return true;
}

bool rh_add_header(struct rh_parser *ps, const char *key, size_t nkey, const char *value, size_t nvalue) {
  struct rh_trace *trace = ps->trace;
  if (nkey == 5 && memcmp(key, "trace", 5) == 0) return check_version(ps, key, value, nvalue);
  const struct key *known = find_key(key, nkey);
  if (!known) return fail_unknown(ps, key, nkey);
  if (trace->ntop > 0)
    return rh_fail(ps, key, "header '%s' is late; expected it before every operation", known->spelling);
  if (!known->repeats && rh_trace_header(trace, known->spelling))
    return rh_fail(ps, key, "header '%s' is given twice", known->spelling);
  if (nvalue == 0) return rh_fail(ps, value, "header '%s' needs a value", known->spelling);
  if (trace->nheaders == RH_TRACE_HEADERS_MAX) return rh_fail(ps, key, "more than %d headers", RH_TRACE_HEADERS_MAX);
  if (known->check && !known->check(ps, value, nvalue)) return false;
  struct rh_header header = {.value_length = (uint32_t)nvalue, .line = ps->start ? ps->line : 0};
  if (!rh_store(trace, known->spelling, nkey, &header.key) || !rh_store(trace, value, nvalue, &header.value))
    return rh_fail_memory(ps);
  struct rh_header *added = rh_push_header(trace);
  if (!added) return rh_fail_memory(ps);
  *added = header;
  return true;
}

bool rh_parse_header(struct rh_parser *ps) {
  const char *key = ps->p;
  while (ps->p < ps->end && !rh_is_blank(*ps->p)) ps->p++;
  size_t nkey = (size_t)(ps->p - key);
  rh_skip_blanks(ps);
  const char *end = ps->end;
  while (end > ps->p && rh_is_blank(end[-1])) end--;
  return rh_add_header(ps, key, nkey, ps->p, (size_t)(end - ps->p));
}
