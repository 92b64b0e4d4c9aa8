/*
 * Numbers, strings, bytes: which of them are one shared object (INT), and the
 * sizes reported for every kind (SIZ).
 */
#include "model/heap.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CACHED_INT = -5, CACHED_INTS = 4096, LATIN1 = 256, CHAINS = 4096, DIGIT_BITS = 30 };

static struct object *cached_ints[CACHED_INTS];
static struct object *characters[LATIN1];
static struct object *none, *empty_tuple, *empty_text, *empty_bytes;
static struct object *others[RH_MODEL_CONST_TYPES_END];
static struct object *name_characters[128]; /* INT-9: the interned ones */
static struct object *chains[CHAINS];       /* INT-4: the intern table; holds no reference */

/* ---- objects that never die ---- */

static struct object *forever(struct object **cache, int kind) {
  if (!*cache) {
    *cache = rh_m_new(kind, 0);
    rh_m_keep_forever(*cache);
  }
  return *cache;
}

struct object *rh_m_none(void) {
  return forever(&none, RH_MODEL_NONE);
}

struct object *rh_m_empty_tuple(void) {
  return forever(&empty_tuple, RH_MODEL_TUPLE);
}

uint32_t rh_model_constant(int which) {
  if (which == RH_MODEL_CONST_NONE) return rh_m_none()->handle;
  struct object *o = forever(&others[which], RH_MODEL_OTHER);
  o->number.integer = which == RH_MODEL_CONST_TRUE;
  o->label = (uint32_t)which;
  return o->handle;
}

bool rh_m_is_built_in_type(const struct object *o) {
  return o->kind == RH_MODEL_OTHER && o->label >= RH_MODEL_CONST_TYPE;
}

/* RC-13: all of them from 3.12; RC-14: in 3.11 only those built into the program
 * with a huge count. */
bool rh_model_immortal(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  if (!o->forever) return false;
  return rh_m.params.immortal_singletons ||
         (rh_m.params.huge_static_counts && o->kind != RH_MODEL_NONE && o->kind != RH_MODEL_OTHER);
}

/* ---- numbers ---- */

uint32_t rh_model_new_int(int64_t value) {
  bool cached = value >= SMALLEST_CACHED_INT && value <= rh_m.params.small_int_max; /* INT-1 */
  struct object *o =
      cached ? forever(&cached_ints[value - SMALLEST_CACHED_INT], RH_MODEL_INT) : rh_m_new(RH_MODEL_INT, 0);
  o->number.integer = value;
  return rh_m_own(o);
}

uint32_t rh_model_new_pow2(uint32_t k) {
  if (k < 63) return rh_model_new_int(INT64_C(1) << k);
  struct object *o = rh_m_new(RH_MODEL_INT, 0);
  o->number.exponent = k;
  return rh_m_own(o);
}

uint32_t rh_model_new_big(bool negative, uint32_t power, int64_t offset) {
  return negative || offset != 0 || power < 63 ? 0 : rh_model_new_pow2(power); /* others: at its limits */
}

uint32_t rh_model_add_int(uint32_t handle, int64_t n) {
  const struct object *o = rh_m_at(handle);
  int64_t sum;
  bool known = o->kind == RH_MODEL_INT && o->number.exponent == 0;
  return known && !__builtin_add_overflow(o->number.integer, n, &sum) ? rh_model_new_int(sum) : 0;
}

uint32_t rh_model_new_float(double value) {
  struct object *o = rh_m_new(RH_MODEL_FLOAT, 0);
  o->real = value;
  return rh_m_own(o);
}

uint32_t rh_model_new_bytes(uint64_t n) {
  struct object *o = n ? rh_m_new(RH_MODEL_BYTES, 0) : forever(&empty_bytes, RH_MODEL_BYTES); /* INT-8 */
  o->number.integer = (int64_t)n;
  return rh_m_own(o);
}

/* ---- text ---- */

/* The code point at *at, which moves on. */
static uint32_t next_character(const char *utf8, size_t *at) {
  unsigned char lead = (unsigned char)utf8[(*at)++];
  if (lead < 0x80) return lead;
  int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  uint32_t c = lead & (0x3fu >> more);
  while (more--) c = c << 6 | ((unsigned char)utf8[(*at)++] & 0x3fu);
  return c;
}

static struct object *fill_text(struct object *o, const char *utf8, size_t n) {
  o->text.utf8 = rh_m_memory(NULL, n + 1, 1);
  memcpy(o->text.utf8, utf8, n);
  o->text.utf8[n] = 0;
  o->text.size = n;
  for (size_t at = 0; at < n; o->text.characters++) {
    uint32_t c = next_character(utf8, &at);
    if (c > o->text.widest) o->text.widest = c;
  }
  return o;
}

/* INT-2: the empty string and one-character Latin-1 strings. */
static struct object *shared_text(const char *utf8, size_t n) {
  size_t at = 0;
  uint32_t c = n ? next_character(utf8, &at) : 0;
  if (at != n || c >= LATIN1) return NULL;
  struct object *o = forever(n ? &characters[c] : &empty_text, RH_MODEL_STR);
  return o->text.utf8 ? o : fill_text(o, utf8, n);
}

static struct object **chain_of(const struct object *o) {
  return &chains[rh_m_hash_text(o->text.utf8, o->text.size) % CHAINS];
}

/* INT-3: only ASCII letters, digits and underscore. */
static bool looks_like_a_name(const char *utf8, size_t n) {
  for (size_t i = 0; i < n; i++) {
    unsigned char c = (unsigned char)utf8[i], letter = c | 0x20;
    if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

/* INT-9: a constant character of a name, where it may be another object than
 * the one that is computed. */
static struct object *constant_character(const char *utf8, size_t n) {
  if (!rh_m.params.name_characters_apart || n != 1 || !looks_like_a_name(utf8, n)) return NULL;
  struct object *o = forever(&name_characters[(unsigned char)*utf8], RH_MODEL_STR);
  return o->text.utf8 ? o : fill_text(o, utf8, n);
}

int rh_model_same(uint32_t a, uint32_t b) {
  const struct object *x = rh_m_at(a), *y = rh_m_at(b);
  if (x == y) return 1;
  if (x->kind != RH_MODEL_STR || y->kind != RH_MODEL_STR || !rh_m_same_text(x, y)) return 0;
  bool unknown = rh_m.params.name_characters_apart && x->text.size == 1 && looks_like_a_name(x->text.utf8, 1);
  return unknown ? RH_MODEL_UNSUPPORTED : 0;
}

/* INT-4: the canonical string equal to s, s itself if there was none. */
static struct object *canonical(struct object *s) {
  struct object *character = constant_character(s->text.utf8, s->text.size);
  if (character) return character;
  if (s->forever || s->text.interned) return s;
  struct object *shared = shared_text(s->text.utf8, s->text.size);
  if (shared) return shared;
  struct object **chain = chain_of(s);
  for (struct object *o = *chain; o; o = o->text.next)
    if (rh_m_same_text(o, s)) return o;
  s->text.next = *chain;
  s->text.interned = true;
  *chain = s;
  if (rh_m.params.interned_immortal) rh_m_keep_forever(s); /* INT-5 */
  return s;
}

/* INT-5: the entry goes with the string. */
void rh_m_value_delete(struct object *o) {
  if (o->kind == RH_MODEL_DICT || o->kind == RH_MODEL_SET) {
    free(o->table->places);
    free(o->table->dummies);
    free(o->table);
  }
  if (o->kind != RH_MODEL_STR) return;
  if (o->text.interned) {
    struct object **at = chain_of(o);
    while (*at != o) at = &(*at)->text.next;
    *at = o->text.next;
  }
  free(o->text.utf8);
}

uint32_t rh_model_new_str(const char *utf8, size_t n, bool constant) {
  struct object *o = constant ? constant_character(utf8, n) : NULL;
  if (!o) o = shared_text(utf8, n);
  if (o) return rh_m_own(o);
  uint32_t handle = rh_m_own(fill_text(rh_m_new(RH_MODEL_STR, 0), utf8, n));
  if (!constant || !looks_like_a_name(utf8, n)) return handle;
  uint32_t interned = rh_model_intern(handle);
  rh_model_drop(handle);
  return interned;
}

uint32_t rh_model_intern(uint32_t s) {
  struct object *o = rh_m_at(s);
  return o->kind == RH_MODEL_STR ? rh_m_own(canonical(o)) : 0;
}

const char *rh_model_text(uint32_t s, size_t *n) {
  const struct object *o = rh_m_at(s);
  if (o->kind != RH_MODEL_STR) return NULL;
  *n = o->text.size;
  return *n > 0 ? o->text.utf8 : "";
}

uint32_t rh_model_char_of(uint32_t s, uint64_t i) {
  const struct object *o = rh_m_at(s);
  if (o->kind != RH_MODEL_STR || i >= o->text.characters) return 0;
  size_t from = 0, to = 0;
  do {
    from = to;
    next_character(o->text.utf8, &to);
  } while (i--);
  return rh_model_new_str(o->text.utf8 + from, to - from, false);
}

void rh_m_value_reset(void) {
  memset(cached_ints, 0, sizeof cached_ints);
  memset(characters, 0, sizeof characters);
  memset(others, 0, sizeof others);
  memset(name_characters, 0, sizeof name_characters);
  memset(chains, 0, sizeof chains);
  none = empty_tuple = empty_text = empty_bytes = NULL;
}

/* ---- sizes ---- */

/* SIZ-2 */
static int64_t int_size(const struct object *o) {
  uint64_t magnitude = o->number.integer < 0 ? -(uint64_t)o->number.integer : (uint64_t)o->number.integer;
  if (o->number.exponent) return 24 + 4 * (int64_t)(o->number.exponent / DIGIT_BITS + 1);
  if (magnitude == 0) return rh_m.params.int_zero_size;
  int64_t digits = 0;
  for (; magnitude; magnitude >>= DIGIT_BITS) digits++;
  return 24 + 4 * digits;
}

/* SIZ-3 */
static int64_t text_size(const struct object *o) {
  int64_t n = o->text.characters;
  if (o->text.widest < 0x80) return rh_m.params.str_ascii_header + n;
  int64_t width = o->text.widest < 0x100 ? 1 : o->text.widest < 0x10000 ? 2 : 4;
  bool singleton = n == 1 && width == 1;
  int64_t cached_utf8 = singleton && rh_m.params.char_utf8_cached ? (int64_t)o->text.size + 1 : 0;
  return rh_m.params.str_wide_header + (n + 1) * width + cached_utf8;
}

/* SIZ-6, DCT-5 */
static int64_t dict_size(const struct object *o) {
  int64_t size = (int64_t)o->table->size;
  if (size == 0) return 64;
  int64_t index = size < 0x100 ? 1 : size < 0x10000 ? 2 : 4;
  int64_t entry = rh_m.params.dict_small_entries && !o->table->general ? 16 : 24;
  return rh_m.params.dict_keys_header + size * index + entry * (2 * size / 3);
}

int64_t rh_model_size_of(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  const struct rh_model_params *p = &rh_m.params;
  switch (o->kind) {
  case RH_MODEL_NONE:
  case RH_MODEL_OBJECT:
    return 16;
  case RH_MODEL_NODE:
  case RH_MODEL_FIN:
  case RH_MODEL_LEGACY:
    return p->node_size;
  case RH_MODEL_LISTFIN:
    return p->listfin_size + 8 * (int64_t)o->capacity;
  case RH_MODEL_LIST:
    return 56 + 8 * (int64_t)o->capacity;
  case RH_MODEL_TUPLE:
    return p->tuple_header + 8 * (int64_t)o->length;
  case RH_MODEL_DICT:
    return dict_size(o);
  case RH_MODEL_SET:
    if (o->table->vague) return RH_MODEL_UNSUPPORTED;
    return 216 + (o->table->size > 8 ? 16 * (int64_t)o->table->size : 0);
  case RH_MODEL_DEQUE: /* SIZ-7 */
    return p->deque_size + 528 * (((int64_t)(o->capacity + o->length) + 63) / 64 - 1);
  case RH_MODEL_INT:
    return int_size(o);
  case RH_MODEL_STR:
    return text_size(o);
  case RH_MODEL_FLOAT:
    return 24;
  case RH_MODEL_BYTES:
    return 33 + o->number.integer;
  case RH_MODEL_BYTEARRAY:
  case RH_MODEL_ARRAY:
    return rh_m_bytes_size(o);
  case RH_MODEL_WEAKREF:
  case RH_MODEL_PROXY:
    return p->weakref_size;
  case RH_MODEL_OTHER:
    if (o->label == RH_MODEL_CONST_ELLIPSIS) return 16;
    return o->label <= RH_MODEL_CONST_FALSE ? int_size(o) : RH_MODEL_UNSUPPORTED;
  default:
    return RH_MODEL_UNSUPPORTED;
  }
}
