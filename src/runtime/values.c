/*
 * Ints, strings, floats, bytes: their values, caches and interning (10.1-10.5).
 *
 * A value object has no slots; its record's payload numbers an entry of
 * `values`. Cached and singleton objects are immortal to the core in every
 * version: what other code contributes to their counts is not known.
 *
 * The intern table is the core's; what strings are equal is known here.
 */
#include "core/collect.h"
#include "core/intern.h"
#include "rules/evidence.h"
#include "runtime/state.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_INT_MIN = -5, SMALL_INTS = 1030, LATIN1 = 256 };

static struct rh_rt_value *values; /* 1 .. value_count - 1 */
static uint32_t value_count, value_capacity, free_value;

static uint32_t small_ints[SMALL_INTS]; /* 0 before they are made */
static uint32_t latin1[LATIN1];
static uint32_t name_characters[128]; /* the interned ones, where they may be others (INT-9) */
static uint32_t byte_strings[LATIN1];
static uint32_t empty_str, empty_bytes;

static int64_t hash_text(const char *text, size_t n);

void rh_rt_reset_values(void) {
  for (uint32_t i = 1; i < value_count; i++) free(values[i].text);
  if (value_count > 1) {
    memset(small_ints, 0, sizeof small_ints);
    memset(latin1, 0, sizeof latin1);
    memset(name_characters, 0, sizeof name_characters);
    memset(byte_strings, 0, sizeof byte_strings);
  }
  value_count = 1;
  free_value = 0;
  empty_str = empty_bytes = 0;
}

struct rh_rt_value *rh_rt_value(uint32_t o) {
  return &values[rh_rt_record(o)->payload];
}

static uint32_t new_value_entry(void) {
  uint32_t i = free_value;
  if (i != 0) {
    free_value = values[i].chain;
  } else {
    if (value_count >= value_capacity) {
      value_capacity = value_capacity ? 2 * value_capacity : 256;
      values = rh_rt_allocate(values, value_capacity * sizeof *values);
    }
    i = value_count++;
  }
  values[i] = (struct rh_rt_value){0};
  return i;
}

uint32_t rh_rt_new_value(int kind) {
  uint32_t o = rh_rt_new(kind, 0, 0);
  if (o != 0) rh_rt_record(o)->payload = new_value_entry();
  return o;
}

/* ---- what notes say (rules/evidence.h) ---- */

const char *rh_rt_quoted(uint32_t o) {
  enum { SHOWN_MAX = 40 };
  static char quoted[SHOWN_MAX + 32];
  const struct rh_rt_value *v = rh_rt_value(o);
  bool plain = v->bytes <= SHOWN_MAX;
  for (uint32_t i = 0; plain && i < v->bytes; i++) plain = v->text[i] >= ' ' && v->text[i] <= '~';
  if (plain) {
    (void)snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)v->bytes, v->text != NULL ? v->text : "");
  } else {
    (void)snprintf(quoted, sizeof quoted, "of %" PRIu64 " character%s", v->length, v->length == 1 ? "" : "s");
  }
  return quoted;
}

/* ---- ints, floats, bytes ---- */

static uint32_t new_integer(int64_t value) {
  uint32_t o = rh_rt_new_value(RH_RT_INT);
  if (o != 0) rh_rt_value(o)->integer = value;
  return o;
}

static uint32_t keep(uint32_t *cache, uint32_t o) {
  if (o != 0) rh_rt_make_immortal(o);
  return *cache = o;
}

uint32_t rh_runtime_new_int(int64_t value) {
  bool small = value >= SMALL_INT_MIN && value <= rh_rt_profile.small_int_max;
  uint32_t *cache = small ? &small_ints[value - SMALL_INT_MIN] : NULL;
  uint32_t o = cache == NULL ? new_integer(value) : *cache != 0 ? *cache : keep(cache, new_integer(value));
  rh_because("INT-1", o, "%" PRId64 " is %s -5..%" PRId64 ", so it is %s", value, small ? "in" : "not in",
             (int64_t)rh_rt_profile.small_int_max, small ? "the cached object" : "a fresh object");
  return o;
}

uint32_t rh_runtime_new_pow2(uint32_t k) {
  return k < 63 ? rh_runtime_new_int(INT64_C(1) << k) : rh_runtime_new_big(false, k, 0);
}

uint32_t rh_runtime_new_float(double value) {
  uint32_t o = rh_rt_new_value(RH_RT_FLOAT);
  if (o != 0) rh_rt_value(o)->real = value;
  return o;
}

uint32_t rh_runtime_new_complex(double real, double imaginary) {
  uint32_t o = rh_rt_new_value(RH_RT_COMPLEX);
  if (o == 0) return 0;
  rh_rt_value(o)->real = real;
  rh_rt_value(o)->imaginary = imaginary;
  return o;
}

uint32_t rh_runtime_new_bytes(uint64_t n) {
  uint32_t o = n == 0 ? empty_bytes : 0;
  if (o == 0) {
    o = rh_rt_new_value(RH_RT_BYTES);
    if (o == 0) return 0;
    rh_rt_value(o)->length = n;
    rh_rt_value(o)->hash = (int64_t)n;
    if (n == 0) keep(&empty_bytes, o);
  }
  if (n == 0) {
    rh_because("INT-8", o, "empty bytes are one shared object");
  } else {
    rh_because("INT-8", o, "%" PRIu64 " byte%s a fresh object", n, n == 1 ? " is" : "s are");
  }
  return o;
}

uint32_t rh_runtime_new_sizer(int64_t size, bool above) {
  uint32_t o = rh_rt_new_value(RH_RT_SIZER);
  if (o == 0) return 0;
  rh_rt_value(o)->integer = size;
  rh_rt_value(o)->power = above;
  rh_gc_track(o);
  return o;
}

/* Content of zeros is not held, so that it hashes and compares as such. */
static uint32_t new_content(const char *bytes, size_t n) {
  uint32_t o = rh_runtime_new_bytes(n);
  size_t zeros = 0;
  while (zeros < n && bytes[zeros] == 0) zeros++;
  if (o != 0 && zeros < n) {
    rh_rt_value(o)->text = memcpy(rh_rt_allocate(NULL, n), bytes, n);
    rh_rt_value(o)->hash = hash_text(bytes, n);
  }
  return o;
}

uint32_t rh_runtime_new_bytes_of(const char *bytes, size_t n) {
  if (n != 1) return new_content(bytes, n);
  uint32_t *single = &byte_strings[(unsigned char)bytes[0]];
  uint32_t o = *single != 0 ? *single : keep(single, new_content(bytes, n));
  rh_because("INT-8", o, "a literal of the one byte 0x%02x is the object shared by all of them",
             (unsigned char)bytes[0]);
  return o;
}

/* ---- strings ---- */

/* The code point at text, and its length in bytes; text is UTF-8, but any
 * bytes are read somehow. */
static uint32_t decode(const char *text, size_t left, size_t *bytes) {
  const unsigned char *t = (const unsigned char *)text;
  size_t n = t[0] < 0xc0 ? 1 : t[0] < 0xe0 ? 2 : t[0] < 0xf0 ? 3 : 4;
  if (n > left) n = left;
  *bytes = n;
  if (n == 1) return t[0];
  uint32_t point = t[0] & (0xffu >> (n + 1));
  for (size_t i = 1; i < n; i++) point = point << 6 | (t[i] & 0x3fu);
  return point;
}

static int64_t hash_text(const char *text, size_t n) {
  uint64_t h = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < n; i++) h = (h ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
  h ^= h >> 29;
  return (int64_t)(h == UINT64_MAX ? 0 : h);
}

static bool has_text(uint32_t o, const char *text, size_t n) {
  const struct rh_rt_value *v = rh_rt_value(o);
  return v->bytes == n && memcmp(v->text, text, n) == 0;
}

static uint32_t fresh_text(int kind, const char *utf8, size_t n) {
  if (n > UINT32_MAX) return 0;
  uint32_t o = rh_rt_new_value(kind);
  if (o == 0) return 0;
  struct rh_rt_value *v = rh_rt_value(o);
  v->text = rh_rt_allocate(NULL, n + 1);
  memcpy(v->text, utf8, n);
  v->bytes = (uint32_t)n;
  v->hash = hash_text(utf8, n);
  size_t step;
  for (size_t i = 0; i < n; i += step) {
    uint32_t point = decode(utf8 + i, n - i, &step);
    if (point > v->widest) v->widest = point;
    v->length++;
  }
  return o;
}

static uint32_t fresh_str(const char *utf8, size_t n) {
  return fresh_text(RH_RT_STR, utf8, n);
}

uint32_t rh_runtime_new_strsub(const char *utf8, size_t n) {
  uint32_t o = fresh_text(RH_RT_STRSUB, utf8, n);
  if (o != 0) rh_gc_track(o);
  return o;
}

/* The text that is looked for in the intern table. */
static struct {
  const char *text;
  size_t bytes;
} sought;

bool rh_intern_same(uint32_t o) {
  return has_text(o, sought.text, sought.bytes);
}

static uint32_t bucket(int64_t hash) {
  return (uint32_t)((uint64_t)hash % RH_INTERN_BUCKETS);
}

static uint32_t find_interned(const char *text, size_t n, int64_t hash) {
  sought.text = text;
  sought.bytes = n;
  return rh_intern_find(bucket(hash));
}

static void add_interned(uint32_t o) {
  rh_intern_add(o, bucket(rh_rt_value(o)->hash));
  if (rh_rt_profile.interned_immortal) rh_rt_make_immortal(o);
}

/* Only ASCII letters, digits and underscores: a constant that the compiler
 * interns (10.3). */
static bool is_identifier_like(const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return true;
}

/* The place of the singleton with this text, or NULL (10.2). */
static uint32_t *singleton(const char *utf8, size_t n) {
  if (n == 0) return &empty_str;
  if (n > 2) return NULL;
  size_t bytes;
  uint32_t point = decode(utf8, n, &bytes);
  return bytes == n && point < LATIN1 ? &latin1[point] : NULL;
}

/* The place of the interned string of one character that a name could have, in
 * versions whose start-up may have made one of its own (INT-9); else NULL. */
static uint32_t *name_character(const char *utf8, size_t n) {
  bool apart = rh_rt_profile.name_characters_apart && n == 1 && is_identifier_like(utf8, n);
  return apart ? &name_characters[(unsigned char)utf8[0]] : NULL;
}

static void note_singleton(uint32_t o) {
  const struct rh_rt_value *v = rh_rt_value(o);
  if (v->length == 0) {
    rh_because("INT-2", o, "the empty string is one shared object");
  } else {
    rh_because("INT-2", o, "the character U+%04" PRIX32 " is not above U+00FF, so it is the shared object", v->widest);
  }
}

static uint32_t constant_single(const char *utf8, size_t n) {
  uint32_t *single = name_character(utf8, n);
  if (single == NULL) single = singleton(utf8, n);
  if (single == NULL) return 0;
  uint32_t o = *single != 0 ? *single : keep(single, fresh_str(utf8, n));
  if (o == 0) return 0;
  if (n == 1 && is_identifier_like(utf8, n)) {
    rh_because("INT-9", o, "the constant %s could be a name, so it is one object in all units", rh_rt_quoted(o));
  } else {
    note_singleton(o);
  }
  return o;
}

static uint32_t computed_single(uint32_t *single, const char *utf8, size_t n) {
  uint32_t o = *single != 0 ? *single : keep(single, fresh_str(utf8, n));
  if (o != 0) note_singleton(o);
  return o;
}

static uint32_t new_identifier(const char *utf8, size_t n) {
  uint32_t o = find_interned(utf8, n, hash_text(utf8, n));
  if (o != 0) {
    rh_object_retain(o);
    rh_because("INT-3", o,
               "the constant %s has only letters, digits and underscores: the interned object of that value",
               rh_rt_quoted(o));
    return o;
  }
  o = fresh_str(utf8, n);
  if (o == 0) return 0;
  add_interned(o);
  rh_because("INT-3", o, "the constant %s has only letters, digits and underscores and was interned as the first",
             rh_rt_quoted(o));
  return o;
}

static uint32_t new_unshared(const char *utf8, size_t n, bool constant) {
  uint32_t o = fresh_str(utf8, n);
  if (o != 0 && constant) {
    rh_because("INT-3", o,
               "the constant %s has not only ASCII letters, digits and underscores, so it is its unit's own",
               rh_rt_quoted(o));
  } else if (o != 0) {
    rh_because("INT-7", o, "%" PRIu64 " character%s built at run time %s a fresh object", rh_rt_value(o)->length,
               rh_rt_value(o)->length == 1 ? "" : "s", rh_rt_value(o)->length == 1 ? "is" : "are");
  }
  return o;
}

uint32_t rh_runtime_new_str(const char *utf8, size_t n, bool constant) {
  uint32_t shared = constant ? constant_single(utf8, n) : 0;
  if (shared != 0) return shared;
  uint32_t *single = singleton(utf8, n);
  if (single != NULL) return computed_single(single, utf8, n);
  return constant && is_identifier_like(utf8, n) ? new_identifier(utf8, n) : new_unshared(utf8, n, constant);
}

static void note_interning(uint32_t s, uint32_t o) {
  if (o == 0) {
    rh_because("INT-4", s, "no string %s was interned then, so this one itself became the interned one",
               rh_rt_quoted(s));
  } else if (rh_rt_profile.interned_immortal) {
    rh_because("INT-5", o, "the string %s that was interned first is still there, as interned strings never die",
               rh_rt_quoted(o));
  } else {
    rh_because("INT-4", o, "interning gave the one interned string %s", rh_rt_quoted(o));
  }
}

uint32_t rh_runtime_intern(uint32_t s) {
  if (!rh_rt_is(s, RH_RT_STR)) return 0;
  const struct rh_rt_value *v = rh_rt_value(s);
  uint32_t o = constant_single(v->text, v->bytes);
  if (o == 0) {
    o = find_interned(v->text, v->bytes, v->hash);
    note_interning(s, o);
    if (o == 0) add_interned(o = s);
  }
  rh_object_retain(o);
  return o;
}

const char *rh_runtime_text(uint32_t s, size_t *n) {
  if (!rh_rt_is(s, RH_RT_STR)) return NULL;
  *n = rh_rt_value(s)->bytes;
  return *n > 0 ? rh_rt_value(s)->text : "";
}

uint32_t rh_runtime_char_of(uint32_t s, uint64_t i) {
  if (!rh_rt_is(s, RH_RT_STR) || i >= rh_rt_value(s)->length) return 0;
  const struct rh_rt_value *v = rh_rt_value(s);
  size_t at = 0, step;
  decode(v->text, v->bytes, &step);
  for (; i > 0; i--) {
    at += step;
    decode(v->text + at, v->bytes - at, &step);
  }
  char text[4];
  memcpy(text, v->text + at, step);
  return rh_runtime_new_str(text, step, false);
}

int rh_runtime_same(uint32_t a, uint32_t b) {
  if (a == b) return 1;
  if (!rh_rt_is(a, RH_RT_STR) || !rh_rt_is(b, RH_RT_STR)) return 0;
  const struct rh_rt_value *x = rh_rt_value(a), *y = rh_rt_value(b);
  bool apart = x->length == 1 && y->bytes == x->bytes && name_character(x->text, x->bytes) != NULL;
  return apart && x->text[0] == y->text[0] ? RH_RT_UNSUPPORTED : 0;
}

void rh_rt_free_value(uint32_t o) {
  struct rh_rt_value *v = rh_rt_value(o);
  free(v->text);
  v->text = NULL;
  v->chain = free_value;
  free_value = rh_rt_record(o)->payload;
}
