/*
 * What may be observed, said a second time and as plainly as it can be: values
 * by strtoll, lists by crossing items out. The targets hold the oracle's
 * comparison against it.
 */
#ifndef RH_FUZZ_ALLOWED_H
#define RH_FUZZ_ALLOWED_H

#include <errno.h>
#include <string.h>

#include "hostile.h"
#include "oracle/observe.h"

enum allowed { ALLOWED_NO, ALLOWED_YES, ALLOWED_OPEN /* nothing is said here */ };

static inline bool same_text(const char *a, size_t n, const char *b, size_t m) {
  return n == m && (n == 0 || memcmp(a, b, n) == 0);
}

/* A decimal integer of 64 bits at the beginning; how long it is, or 0. */
static inline size_t integer_at(const char *text, size_t n, int64_t *value) {
  char digits[32]; /* more are no integer of 64 bits unless they are zeros */
  size_t at = n > 0 && text[0] == '-', length = at;
  while (length < n && text[length] >= '0' && text[length] <= '9') length++;
  size_t digits_begin = at;
  while (digits_begin + 1 < length && text[digits_begin] == '0') digits_begin++;
  if (length == at || length - digits_begin >= sizeof digits - 1) return 0;
  digits[0] = at ? '-' : '+';
  memcpy(digits + 1, text + digits_begin, length - digits_begin);
  digits[1 + length - digits_begin] = '\0';
  errno = 0;
  *value = strtoll(digits, NULL, 10);
  return errno == 0 ? length : 0;
}

static inline bool is_integer(const char *text, size_t n, int64_t *value) {
  return n > 0 && integer_at(text, n, value) == n;
}

static inline bool is_range(const char *text, size_t n, int64_t *low, int64_t *high) {
  size_t first = integer_at(text, n, low);
  return first > 0 && n - first > 2 && memcmp(text + first, "..", 2) == 0 &&
         is_integer(text + first + 2, n - first - 2, high);
}

/* Takes the first item of a list's inside: its length. *at moves behind it. */
static inline size_t item_at(const char *inside, size_t n, size_t *at) {
  size_t begin = *at, i = begin;
  while (i < n && !(i + 1 < n && inside[i] == ',' && inside[i + 1] == ' ')) i++;
  *at = i < n ? i + 2 : n + 1;
  return i - begin;
}

/* The same items in any order. */
static inline bool is_permutation(const char *a, size_t n, const char *b, size_t m) {
  if (n != m || n < 2 || a[0] != '[' || b[0] != '[' || a[n - 1] != ']' || b[n - 1] != ']') return false;
  a++, b++, n -= 2;
  if (n == 0) return true;
  char *crossed = calloc(n + 1, 1); /* by where an item of b begins */
  if (crossed == NULL) abort();
  bool same = true;
  for (size_t at = 0; same && at <= n;) {
    size_t begin = at, length = item_at(a, n, &at);
    same = false;
    for (size_t other = 0; !same && other <= n;) {
      size_t start = other, size = item_at(b, n, &other);
      if (crossed[start] || !same_text(a + begin, length, b + start, size)) continue;
      crossed[start] = 1;
      same = true;
    }
  }
  free(crossed);
  return same;
}

static inline bool is_alternative(const struct rh_observation *predicted, const char *text, size_t n) {
  for (unsigned i = 0; i < predicted->nalternatives; i++)
    if (same_text(predicted->alternatives[i], strlen(predicted->alternatives[i]), text, n)) return true;
  return false;
}

static inline bool is_word(const char *line, size_t n, const char *word) {
  size_t length = strlen(word);
  return n >= length && memcmp(line, word, length) == 0 && (n == length || line[length] == ' ');
}

/* What a quoted text says, at most n bytes; -1: it is none. */
static inline int64_t unquoted(const char *quoted, size_t n, char *bytes) {
  static const char plain[] = "\"\\ntr", meant[] = "\"\\\n\t\r", hex[] = "0123456789abcdef";
  int64_t size = 0;
  if (n < 2 || quoted[0] != '"' || quoted[n - 1] != '"') return -1;
  for (const char *at = quoted + 1, *end = quoted + n - 1; at < end; at++) {
    char c = *at;
    if (c < ' ' || c > '~' || c == '"') return -1;
    if (c == '\\') {
      if (++at == end) return -1;
      const char *letter = strchr(plain, *at);
      const char *high = end - at > 2 ? strchr(hex, at[1]) : NULL, *low = end - at > 2 ? strchr(hex, at[2]) : NULL;
      if (*at == '\0' || (letter == NULL && (*at != 'x' || high == NULL || low == NULL || !at[1] || !at[2]))) return -1;
      c = letter != NULL ? meant[letter - plain] : (char)((high - hex) * 16 + (low - hex));
      at += letter != NULL ? 0 : 2;
    }
    bytes[size++] = c;
  }
  return size;
}

/* `ended "OUTPUT"` or `died HOW "OUTPUT"`, whichever is predicted, and the text asked for is in OUTPUT, or is not. */
static inline bool is_end(const struct rh_observation *predicted, const char *text, size_t n) {
  const char *asked = predicted->alternatives[0], *quote = n > 0 ? memchr(text, '"', n) : NULL;
  if (!is_word(text, n, predicted->died ? "died" : "ended") || quote == NULL) return false;
  size_t length = strlen(asked);
  char *output = malloc(n + length + 2), *wanted = output + n + 1;
  if (output == NULL) abort();
  int64_t written = unquoted(quote, n - (size_t)(quote - text), output), m = unquoted(asked, length, wanted);
  bool occurs = m == 0;
  for (int64_t at = 0; !occurs && at + m <= written; at++) occurs = memcmp(output + at, wanted, (size_t)m) == 0;
  free(output);
  return written >= 0 && occurs == predicted->occurs;
}

/* May an implementation answer this? */
static inline enum allowed may_answer(const struct rh_observation *predicted, const char *text, size_t n) {
  int64_t value;
  switch (predicted->class) {
  case RH_OBSERVE_NOTHING:
    return same_text("ok", 2, text, n) ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_SKIP:
    return same_text("skip", 4, text, n) ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_EXACT:
    return same_text(predicted->text, predicted->size, text, n) ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_RELATION:
    return is_alternative(predicted, text, n) ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_MULTISET:
    return is_permutation(predicted->text, predicted->size, text, n) ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_WINDOW:
    return is_integer(text, n, &value) && value >= predicted->low && value <= predicted->high ? ALLOWED_YES
                                                                                              : ALLOWED_NO;
  case RH_OBSERVE_OPAQUE:
    return ALLOWED_YES;
  case RH_OBSERVE_DIED:
    return is_word(text, n, "died") ? ALLOWED_YES : ALLOWED_NO;
  case RH_OBSERVE_END:
    return same_text(predicted->text, predicted->size, text, n) || is_end(predicted, text, n) ? ALLOWED_YES
                                                                                              : ALLOWED_NO;
  case RH_OBSERVE_UNSUPPORTED:
  case RH_OBSERVE_UNKNOWN:
    break;
  }
  return ALLOWED_OPEN;
}

/* May a log record this? A range is a promise that the value lies in it. */
static inline enum allowed may_record(const struct rh_observation *predicted, const char *text, size_t n) {
  int64_t low, high, value;
  if (is_range(text, n, &low, &high)) {
    if (predicted->class == RH_OBSERVE_WINDOW)
      return low <= predicted->high && predicted->low <= high ? ALLOWED_YES : ALLOWED_NO;
    if (predicted->class == RH_OBSERVE_EXACT && is_integer(predicted->text, predicted->size, &value))
      return low <= value && value <= high ? ALLOWED_YES : ALLOWED_NO;
  }
  return may_answer(predicted, text, n);
}

#endif
