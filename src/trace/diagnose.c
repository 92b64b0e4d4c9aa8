/*
 * Diagnostics: one sentence that says what is wrong and what was expected,
 * with the offending token made printable and the nearest legal word.
 */
#include <stdarg.h>
#include <string.h>

#include "trace/internal.h"

enum { SHOWN_MAX = 40, NEAR_MAX = 24 };

size_t rh_utf8_length(const char *p, const char *end) {
  const unsigned char *s = (const unsigned char *)p;
  size_t left = (size_t)(end - p);
  if (s[0] < 0x80) return 1;
  /* The first byte fixes the length and the range of the second (RFC 3629). */
  size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
  unsigned low = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
  unsigned high = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
  if (s[0] < 0xc2 || s[0] > 0xf4 || left < n || s[1] < low || s[1] > high) return 0;
  for (size_t i = 2; i < n; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  return n;
}

struct rh_shown rh_show(const char *bytes, size_t n) {
  struct rh_shown shown;
  const char *p = bytes, *end = bytes + n;
  size_t used = 0;
  shown.text[used++] = '\'';
  while (p < end && p - bytes < SHOWN_MAX) {
    size_t length = rh_utf8_length(p, end);
    if (length == 0 || (unsigned char)*p < 0x20 || *p == 0x7f) {
      used += (size_t)snprintf(shown.text + used, 5, "\\x%02x", (unsigned char)*p++);
    } else {
      memcpy(shown.text + used, p, length);
      used += length;
      p += length;
    }
  }
  snprintf(shown.text + used, sizeof shown.text - used, "%s'", p < end ? "..." : "");
  return shown;
}

struct rh_shown rh_show_token(const struct rh_parser *ps, const char *at) {
  const char *p = at;
  while (p < ps->end && !rh_is_blank(*p) && *p != ';' && *p != ':') p++;
  return rh_show(at, p > at ? (size_t)(p - at) : at < ps->end);
}

bool rh_fail(struct rh_parser *ps, const char *at, const char *format, ...) {
  va_list args;
  va_start(args, format);
  ps->diagnostic->line = ps->line;
  ps->diagnostic->column = ps->start ? (uint32_t)(at - ps->start) + 1 : 1;
  vsnprintf(ps->diagnostic->message, sizeof ps->diagnostic->message, format, args);
  va_end(args);
  return false;
}

bool rh_fail_memory(struct rh_parser *ps) {
  if (ps->trace) ps->trace->tables->out_of_memory = true;
  return rh_fail(ps, ps->p, "out of memory");
}

static int lower(char c) {
  return c >= 'A' && c <= 'Z' ? c | 32 : c;
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b, both at
 * most NEAR_MAX bytes, letter case ignored. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb) {
  size_t rows[3][NEAR_MAX + 1];
  for (size_t j = 0; j <= nb; j++) rows[0][j] = j;
  for (size_t i = 1; i <= na; i++) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      int x = lower(a[i - 1]), y = lower(b[j - 1]);
      size_t best = above[j - 1] + (x != y);
      if (above[j] + 1 < best) best = above[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      bool swapped = i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]);
      if (swapped && above2[j - 2] + 1 < best) best = above2[j - 2] + 1;
      row[j] = best;
    }
  }
  return rows[na % 3][nb];
}

struct rh_near rh_near_begin(const char *token, size_t n) {
  /* One edit in three letters is a slip; more is another word. */
  return (struct rh_near){.token = token, .length = n, .best_distance = n < 3 ? 2 : 2 + (n - 1) / 3};
}

void rh_near_offer(struct rh_near *near, const char *candidate, size_t n) {
  if (near->length > NEAR_MAX || n > NEAR_MAX) return;
  size_t d = distance(near->token, near->length, candidate, n);
  if (d >= near->best_distance || d >= n) return;
  near->best = candidate;
  near->best_length = n;
  near->best_distance = d;
}

struct rh_shown rh_near_end(const struct rh_near *near) {
  struct rh_shown shown = {""};
  if (near->best) {
    struct rh_shown word = rh_show(near->best, near->best_length);
    snprintf(shown.text, sizeof shown.text, "; did you mean %.60s?", word.text);
  }
  return shown;
}

struct rh_shown rh_near_word(const char *token, size_t n, const char *words, size_t nwords) {
  struct rh_near near = rh_near_begin(token, n);
  for (const char *p = words, *end = words + nwords; p < end;) {
    const char *bar = memchr(p, '|', (size_t)(end - p));
    const char *stop = bar ? bar : end;
    rh_near_offer(&near, p, (size_t)(stop - p));
    p = stop + 1;
  }
  return rh_near_end(&near);
}
