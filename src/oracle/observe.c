/*
 * Comparison of observations by class. Nothing here knows an operation.
 */
#include "oracle/observe.h"

#include <stdlib.h>
#include <string.h>

/* --- integers and ranges --- */

/* Reads a decimal integer that fits; returns the first unread byte, NULL when
 * there is none. */
static const char *read_integer(const char *at, const char *end, int64_t *value) {
  bool negative = at < end && *at == '-';
  if (negative) at++;
  if (at == end || *at < '0' || *at > '9') return NULL;
  uint64_t magnitude = 0, limit = (uint64_t)INT64_MAX + negative;
  for (; at < end && *at >= '0' && *at <= '9'; at++) {
    unsigned digit = (unsigned)(*at - '0');
    if (magnitude > (limit - digit) / 10) return NULL;
    magnitude = magnitude * 10 + digit;
  }
  *value = negative ? -(int64_t)(magnitude - (magnitude > 0)) - (magnitude > 0) : (int64_t)magnitude;
  return at;
}

/* The whole text is an integer. */
static bool read_value(const char *text, size_t size, int64_t *value) {
  return read_integer(text, text + size, value) == text + size;
}

/* `a..b` with something in it. */
static bool read_range(const char *text, size_t size, int64_t *low, int64_t *high) {
  const char *end = text + size, *at = read_integer(text, end, low);
  if (!at || end - at < 2 || at[0] != '.' || at[1] != '.') return false;
  return read_integer(at + 2, end, high) == end && *low <= *high;
}

static bool in_window(const struct rh_observation *observation, const char *text, size_t size) {
  int64_t value;
  return read_value(text, size, &value) && observation->low <= value && value <= observation->high;
}

/* The integers that are allowed. */
static bool window_of(const struct rh_observation *observation, int64_t *low, int64_t *high) {
  *low = observation->low;
  *high = observation->high;
  if (observation->class == RH_OBSERVE_WINDOW) return true;
  if (observation->class != RH_OBSERVE_EXACT || !read_value(observation->text, observation->size, low)) return false;
  *high = *low;
  return true;
}

/* --- lists --- */

bool rh_list_items(const char *text, size_t size, void (*item)(void *context, const char *bytes, size_t n),
                   void *context) {
  if (size < 2 || text[0] != '[' || text[size - 1] != ']') return false;
  const char *at = text + 1, *end = text + size - 1;
  if (at == end) return true;
  for (;;) {
    const char *stop = at;
    while (stop < end && !(stop[0] == ',' && stop + 1 < end && stop[1] == ' ')) stop++;
    item(context, at, (size_t)(stop - at));
    if (stop == end) return true;
    at = stop + 2;
  }
}

struct span {
  const char *bytes;
  size_t size;
};

struct spans {
  struct span *at;
  size_t count;
};

static void count_item(void *context, const char *bytes, size_t n) {
  (void)bytes, (void)n;
  ++*(size_t *)context;
}

static void keep_item(void *context, const char *bytes, size_t n) {
  struct spans *spans = context;
  spans->at[spans->count++] = (struct span){bytes, n};
}

static int compare_spans(const void *left, const void *right) {
  const struct span *a = left, *b = right;
  size_t common = a->size < b->size ? a->size : b->size;
  int order = common ? memcmp(a->bytes, b->bytes, common) : 0;
  return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* The sorted items of a list; `at` is NULL when the text is no list. */
static struct spans sorted_items(const char *text, size_t size) {
  size_t count = 0;
  struct spans spans = {NULL, 0};
  if (!rh_list_items(text, size, count_item, &count)) return spans;
  spans.at = malloc((count + 1) * sizeof *spans.at);
  if (!spans.at) abort();
  rh_list_items(text, size, keep_item, &spans);
  qsort(spans.at, spans.count, sizeof *spans.at, compare_spans);
  return spans;
}

static bool same_items(const struct rh_observation *observation, const char *text, size_t size) {
  struct spans expected = sorted_items(observation->text, observation->size), got = sorted_items(text, size);
  bool same = expected.at && got.at && expected.count == got.count;
  for (size_t i = 0; same && i < got.count; i++) same = compare_spans(&expected.at[i], &got.at[i]) == 0;
  free(expected.at);
  free(got.at);
  return same;
}

/* --- the end of a process --- */

static int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The character an escape stands for, of at most n bytes after the backslash;
 * -1 for none. *used is how many of them it takes. */
static int escaped(const char *at, size_t n, size_t *used) {
  static const char letters[] = "\"\\ntr", meant[] = "\"\\\n\t\r";
  const char *letter = n ? memchr(letters, *at, sizeof letters - 1) : NULL;
  *used = 1;
  if (letter) return (unsigned char)meant[letter - letters];
  if (n < 3 || *at != 'x' || hex_value(at[1]) < 0 || hex_value(at[2]) < 0) return -1;
  *used = 3;
  return hex_value(at[1]) * 16 + hex_value(at[2]);
}

ptrdiff_t rh_text_decode(const char *quoted, size_t n, char *bytes) {
  ptrdiff_t size = 0;
  if (n < 2 || quoted[0] != '"' || quoted[n - 1] != '"') return -1;
  for (size_t i = 1; i + 1 < n;) {
    size_t used = 1;
    int byte = (unsigned char)quoted[i];
    if (byte == '\\') {
      byte = escaped(quoted + i + 1, n - i - 2, &used);
      i++;
    } else if (byte == '"' || byte < ' ' || byte > '~') {
      return -1;
    }
    if (byte < 0) return -1;
    bytes[size++] = (char)byte;
    i += used;
  }
  return size;
}

/* Are both quoted texts, and is it as said whether the one that is looked for occurs in what was written? */
static bool occurs_in(const char *wanted, const char *output, size_t size, bool occurs) {
  size_t wanted_size = strlen(wanted);
  char *bytes = malloc(size + wanted_size + 1);
  if (!bytes) abort();
  ptrdiff_t n = rh_text_decode(output, size, bytes), m = rh_text_decode(wanted, wanted_size, bytes + size);
  bool found = false;
  for (ptrdiff_t i = 0; m >= 0 && i + m <= n && !found; i++) found = memcmp(bytes + i, bytes + size, (size_t)m) == 0;
  free(bytes);
  return n >= 0 && found == occurs;
}

static bool begins_with(const char *text, size_t size, const char *word) {
  size_t n = strlen(word);
  return size >= n && memcmp(text, word, n) == 0 && (size == n || text[n] == ' ');
}

/* `ended "OUTPUT"`, `died HOW "OUTPUT"`. */
static bool end_allows(const struct rh_observation *observation, const char *text, size_t size) {
  if (!begins_with(text, size, observation->died ? "died" : "ended")) return false;
  const char *output = memchr(text, '"', size);
  return output && occurs_in(observation->alternatives[0], output, size - (size_t)(output - text), observation->occurs);
}

/* --- the classes --- */

static bool equals(const char *expected, size_t expected_size, const char *text, size_t size) {
  return expected_size == size && memcmp(expected, text, size) == 0;
}

static bool any_alternative(const struct rh_observation *observation, const char *text, size_t size) {
  for (unsigned i = 0; i < observation->nalternatives; i++) {
    const char *alternative = observation->alternatives[i];
    if (equals(alternative, strlen(alternative), text, size)) return true;
  }
  return false;
}

bool rh_observation_allows(const struct rh_observation *observation, const char *text, size_t size) {
  switch (observation->class) {
  case RH_OBSERVE_NOTHING:
    return equals("ok", 2, text, size);
  case RH_OBSERVE_SKIP:
  case RH_OBSERVE_EXACT:
    return equals(observation->text, observation->size, text, size);
  case RH_OBSERVE_RELATION:
    return any_alternative(observation, text, size);
  case RH_OBSERVE_MULTISET:
    return same_items(observation, text, size);
  case RH_OBSERVE_WINDOW:
    return in_window(observation, text, size);
  case RH_OBSERVE_DIED:
    return begins_with(text, size, "died");
  case RH_OBSERVE_END:
    return equals(observation->text, observation->size, text, size) || end_allows(observation, text, size);
  case RH_OBSERVE_OPAQUE:
  case RH_OBSERVE_UNSUPPORTED:
  case RH_OBSERVE_UNKNOWN:
    return true;
  }
  return false;
}

bool rh_observation_records(const struct rh_observation *observation, const char *text, size_t size) {
  int64_t low, high, from, to;
  if (rh_observation_allows(observation, text, size)) return true;
  return read_range(text, size, &from, &to) && window_of(observation, &low, &high) && from <= high && low <= to;
}
