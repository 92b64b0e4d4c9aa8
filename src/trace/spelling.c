/*
 * The operations and kinds by number and by spelling. Their signatures are
 * taken apart once per process, and one small hash table each finds a spelling
 * in a single probe nearly always; both are constant from then on.
 */
#include <stdlib.h>
#include <string.h>
#include <threads.h>

#include "trace/internal.h"

struct entry {
  const char *spelling, *signature;
};

static const struct entry ops[] = {
    {"", ""},
#define OP(code, spelling, signature) {spelling, signature},
#include "trace/ops.def"
#undef OP
};

static const struct entry kinds[] = {
    {"", ""},
#define KIND(code, spelling, signature) {spelling, signature},
#include "trace/kinds.def"
#undef KIND
};

enum { BUCKETS = 1024 };

_Static_assert((int)RH_OPCODE_COUNT <= BUCKETS / 2 && (int)RH_KINDCODE_COUNT <= BUCKETS / 2, "half full at most");

/* Spellings of one table by hash: number of the entry, 0 free, linear probing. */
struct index {
  uint16_t buckets[BUCKETS];
  uint8_t lengths[BUCKETS / 2];
};

static struct index op_index, kind_index;
static struct rh_shape op_shapes[RH_OPCODE_COUNT], kind_shapes[RH_KINDCODE_COUNT];
static once_flag prepared = ONCE_FLAG_INIT;

static uint32_t hash(const char *bytes, size_t n) {
  uint32_t h = (uint32_t)n;
  for (size_t i = 0; i < n; i++) h = h * 31 + (unsigned char)bytes[i];
  return (h ^ h >> 10) % BUCKETS;
}

static uint32_t find(const struct index *index, const struct entry *entries, const char *bytes, size_t n) {
  for (uint32_t i = hash(bytes, n); index->buckets[i]; i = (i + 1) % BUCKETS) {
    uint32_t code = index->buckets[i];
    if (index->lengths[code] == n && memcmp(entries[code].spelling, bytes, n) == 0) return code;
  }
  return 0;
}

static void fill(struct index *index, const struct entry *entries, uint32_t count) {
  for (uint32_t code = 1; code < count; code++) {
    size_t n = strlen(entries[code].spelling);
    uint32_t i = hash(entries[code].spelling, n);
    while (index->buckets[i]) i = (i + 1) % BUCKETS;
    index->buckets[i] = (uint16_t)code;
    index->lengths[code] = (uint8_t)n;
  }
}

/* Reads the `{...}` behind a letter, if there is one. */
static const char *take_options(const char *p, struct rh_slot *slot) {
  if (*p != '{') return p;
  const char *close = strchr(p, '}');
  if (slot->letter == 'W') {
    slot->words = p + 1;
    slot->words_length = (uint16_t)(close - p - 1);
    slot->nwords = 1;
    for (const char *bar = p; bar < close; bar++)
      if (*bar == '|') slot->nwords++;
  } else {
    slot->low = strtoll(p + 1, NULL, 10);
    slot->high = strtoll(strstr(p, "..") + 2, NULL, 10);
  }
  return close + 1;
}

static void take_apart(const char *signature, struct rh_shape *shape) {
  for (const char *p = signature; *p;) {
    struct rh_slot *slot = &shape->slots[shape->nslots++];
    if (strchr("?*+", *p)) slot->quantifier = *p++;
    slot->letter = *p++;
    slot->high = slot->letter == 'C' ? RH_TRACE_COUNT_MAX : -1;
    p = take_options(p, slot);
    if (*p == ' ') p++;
    shape->is_block = slot->letter == 'O' && slot->quantifier == '*';
    if (slot->letter == 'K' || slot->letter == 'O') continue;
    if (!slot->quantifier) shape->nfixed++;
    shape->varies |= slot->quantifier != 0;
  }
}

static void prepare(void) {
  fill(&op_index, ops, RH_OPCODE_COUNT);
  fill(&kind_index, kinds, RH_KINDCODE_COUNT);
  for (uint32_t code = 1; code < RH_OPCODE_COUNT; code++) take_apart(ops[code].signature, &op_shapes[code]);
  for (uint32_t code = 1; code < RH_KINDCODE_COUNT; code++) take_apart(kinds[code].signature, &kind_shapes[code]);
}

void rh_spellings_prepare(void) {
  call_once(&prepared, prepare);
}

uint32_t rh_opcode_find(const char *bytes, size_t n) {
  return find(&op_index, ops, bytes, n);
}
uint32_t rh_kindcode_find(const char *bytes, size_t n) {
  return find(&kind_index, kinds, bytes, n);
}
const struct rh_shape *rh_opcode_shape(uint32_t code) {
  return &op_shapes[code];
}
const struct rh_shape *rh_kindcode_shape(uint32_t code) {
  return &kind_shapes[code];
}
const char *rh_opcode_spelling(enum rh_opcode code) {
  return code < RH_OPCODE_COUNT ? ops[code].spelling : "";
}
const char *rh_kindcode_spelling(enum rh_kindcode code) {
  return code < RH_KINDCODE_COUNT ? kinds[code].spelling : "";
}

uint32_t rh_op_binds(const struct rh_trace *trace, const struct rh_op *op) {
  return op_shapes[op->code].slots[0].letter == 'n' ? trace->args[op->first_arg].name : 0;
}

/* The signature of the arguments that can vary: a kind's for `new`, behind the name. */
static const struct rh_shape *last_shape(const struct rh_op *op) {
  return op->kind != 0 ? &kind_shapes[op->kind] : &op_shapes[op->code];
}

bool rh_op_can_lose(const struct rh_op *op, uint32_t i) {
  return i >= (op->kind != 0) + (uint32_t)last_shape(op)->nfixed;
}

uint32_t rh_op_least_args(const struct rh_op *op) {
  const struct rh_shape *shape = last_shape(op);
  bool needs_one = shape->nslots > 0 && shape->slots[shape->nslots - 1].quantifier == '+';
  return (op->kind != 0) + (uint32_t)shape->nfixed + needs_one;
}
