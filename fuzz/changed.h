/*
 * An observation that is not quite the predicted one: what a log or an
 * implementation with a fault may say.
 */
#ifndef RH_FUZZ_CHANGED_H
#define RH_FUZZ_CHANGED_H

#include <inttypes.h>

#include "allowed.h"
#include "oracle/compare.h"

struct change {
  unsigned kind;
  const uint8_t *bytes; /* two */
};

/* An integer near one end of what is allowed, or a range from there. */
static inline void put_integer(struct rh_text *out, int64_t low, int64_t high, const struct change *change) {
  uint64_t near = (uint64_t)(change->bytes[1] & 1 ? high : low) + change->bytes[0] % 5 - 2u;
  rh_text_printf(out, "%" PRId64, (int64_t)near);
  if (change->bytes[1] & 2) rh_text_printf(out, "..%" PRId64, (int64_t)(near + change->bytes[1] / 4));
}

static inline void put_item(struct rh_text *out, const char *item, size_t n) {
  if (out->bytes[out->size - 1] != '[') rh_text_puts(out, ", ");
  rh_text_append(out, item, n);
}

/* The first item left out, moved to the end, or doubled. */
static inline void put_list(struct rh_text *out, const char *list, size_t n, const struct change *change) {
  size_t at = 0, inside = n - 2, length = item_at(list + 1, inside, &at);
  rh_text_puts(out, "[");
  if (at <= inside) put_item(out, list + 1 + at, inside - at);
  for (unsigned times = change->bytes[1] % 3; times > 0; times--) put_item(out, list + 1, length);
  rh_text_puts(out, "]");
}

static inline void put_changed(struct rh_text *out, const struct rh_observation *seen, const struct change *change) {
  static const char *const words[] = {"ok", "skip", "TypeError", "MemoryError", "[]",         "True", "same", "dead",
                                      "0",  "-0",   "?",         "died",        "ended \"\"", "0..",  "..0",  "[a, b]"};
  int64_t value = 0;
  const char *text = rh_observation_recorded(seen);
  size_t n = text != NULL ? strlen(text) : 0;
  if (change->kind % 4 == 0) {
    rh_text_puts(out, words[change->bytes[0] % (sizeof words / sizeof *words)]);
  } else if (change->kind % 4 == 1 && n > 0) { /* a byte of it */
    rh_text_append(out, text, n);
    out->bytes[out->size - 1 - change->bytes[0] % n] = (char)change->bytes[1];
  } else if (seen->class == RH_OBSERVE_WINDOW) {
    put_integer(out, seen->low, seen->high, change);
  } else if (is_integer(text, n, &value)) {
    put_integer(out, value, value, change);
  } else if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
    put_list(out, text, n, change);
  } else {
    rh_text_append(out, (const char *)change->bytes, 2);
  }
}

#endif
