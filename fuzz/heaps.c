/* Two heaps side by side, and one heap as a number. */
#include "heaps.h"

#include <stdio.h>

enum { PAIRS = 1 << 12, KEPT_TUPLES = 4 };

static const struct rh_engine *engines[2];
static uint32_t pair[PAIRS][2]; /* to be compared, and compared */
static uint32_t npairs;
static uint32_t partner[PAIRS]; /* of a small handle of the one heap */
static const char *difference;  /* found while pairing */
static char message[120];

void heaps_start(const struct rh_engine *one, const struct rh_engine *other) {
  engines[0] = one;
  engines[1] = other;
  difference = NULL;
}

/* Strings of one character may be one object or two, by how they were made (INT-9). */
static bool are_characters(uint32_t a, uint32_t b) {
  return engines[0]->kind(a) == RH_KIND_STR && engines[1]->kind(b) == RH_KIND_STR && engines[0]->length(a) == 1 &&
         engines[1]->length(b) == 1;
}

void heaps_pair(uint32_t a, uint32_t b) {
  if ((a == 0) != (b == 0)) difference = "one refers to an object and the other to none";
  if (a == 0 || b == 0 || a >= PAIRS || npairs == PAIRS) return;
  if (are_characters(a, b)) return;
  if (partner[a] != 0 && partner[a] != b) difference = "two references lead to one object and to two";
  if (partner[a] != 0) return;
  partner[a] = b;
  pair[npairs][0] = a;
  pair[npairs++][1] = b;
}

/* What can be asked of any object, or of a container. */
enum { FACTS = 11 };
static const char *const fact_names[FACTS] = {"kind",       "count",     "immortality",       "tracking",
                                              "generation", "finalized", "weak references",   "label",
                                              "referents",  "size",      "length or capacity"};

static bool is_container(int kind) {
  const uint64_t containers = UINT64_C(1) << RH_KIND_LIST | UINT64_C(1) << RH_KIND_LISTFIN |
                              UINT64_C(1) << RH_KIND_TUPLE | UINT64_C(1) << RH_KIND_DICT | UINT64_C(1) << RH_KIND_SET |
                              UINT64_C(1) << RH_KIND_DEQUE | UINT64_C(1) << RH_KIND_FROZENSET;
  return (containers >> kind & 1) != 0;
}

static bool is_list(int kind) {
  return kind == RH_KIND_LIST || kind == RH_KIND_LISTFIN;
}

static void read_facts(const struct rh_engine *engine, uint32_t o, int64_t facts[FACTS]) {
  int kind = engine->kind(o);
  facts[0] = kind;
  facts[1] = engine->refs(o);
  facts[2] = engine->immortal(o);
  facts[3] = engine->tracked(o);
  facts[4] = engine->generation(o);
  facts[5] = engine->finalized(o);
  facts[6] = engine->weak_count(o);
  facts[7] = engine->label(o);
  facts[8] = (int64_t)engine->referents(o);
  facts[9] = engine->size_of(o);
  facts[10] = is_container(kind) ? (int64_t)(engine->length(o) << 32) : 0;
  if (is_list(kind)) facts[10] += engine->capacity(o);
}

static void pair_contents(uint32_t a, uint32_t b, int kind) {
  const struct rh_engine *one = engines[0], *other = engines[1];
  if (kind == RH_KIND_NODE || kind == RH_KIND_FIN || kind == RH_KIND_LEGACY) {
    for (uint32_t i = 0; i < 3; i++) heaps_pair(one->field(a, i), other->field(b, i));
  } else if (kind == RH_KIND_WEAKREF || kind == RH_KIND_PROXY) {
    heaps_pair(one->referent(a), other->referent(b));
  } else if (is_container(kind) && kind != RH_KIND_SET && kind != RH_KIND_FROZENSET) {
    for (uint64_t i = 0; i < one->length(a); i++) heaps_pair(one->item(a, i), other->item(b, i));
    for (uint64_t i = 0; kind == RH_KIND_DICT && i < one->length(a); i++)
      heaps_pair(one->value(a, i), other->value(b, i));
  }
}

static const char *compare_objects(uint32_t a, uint32_t b) {
  int64_t facts[2][FACTS];
  read_facts(engines[0], a, facts[0]);
  read_facts(engines[1], b, facts[1]);
  for (unsigned i = 0; i < FACTS; i++) {
    if (facts[0][i] == facts[1][i] || facts[0][i] == RH_UNSUPPORTED || facts[1][i] == RH_UNSUPPORTED) continue;
    (void)snprintf(message, sizeof message, "%s of an object of kind %d: %lld and %lld", fact_names[i],
                   (int)facts[0][0], (long long)facts[0][i], (long long)facts[1][i]);
    return message;
  }
  pair_contents(a, b, (int)facts[0][0]);
  return NULL;
}

static const char *compare_collectors(bool counters) {
  const struct rh_engine *one = engines[0], *other = engines[1];
  for (int i = 0; i < 3; i++) {
    if (counters && one->count(i) != other->count(i)) return "a counter of the collector";
    if (one->stat(i, RH_STAT_COLLECTED) != other->stat(i, RH_STAT_COLLECTED)) return "what was collected";
    if (one->stat(i, RH_STAT_COLLECTIONS) != other->stat(i, RH_STAT_COLLECTIONS)) return "the number of collections";
  }
  if (one->frozen() != other->frozen()) return "the number of frozen objects";
  if (one->garbage_length() != other->garbage_length()) return "the length of the garbage list";
  for (uint64_t i = 0; i < one->garbage_length(); i++) heaps_pair(one->garbage_item(i), other->garbage_item(i));
  if (one->live_objects() != other->live_objects()) return "the number of live objects";
  return one->live_blocks() != other->live_blocks() ? "the number of live blocks" : NULL;
}

/* No generation has these numbers: the runtime says so, and neither engine collects it. */
static const char *check_refusals(void) {
  const struct rh_engine *runtime = &rh_engine_runtime;
  for (int i = -1; i <= 3; i += 4) {
    for (size_t k = 0; k < 2; k++)
      if (engines[k]->collect(i) != RH_VALUE_ERROR) return "what is said of the collection of no generation";
    if (runtime->count(i) != RH_INDEX_ERROR || runtime->threshold(i) != RH_INDEX_ERROR ||
        runtime->stat(i, RH_STAT_COLLECTED) != RH_INDEX_ERROR)
      return "what is said of the counters of no generation";
  }
  return NULL;
}

const char *heaps_compare(bool counters) {
  const char *what = compare_collectors(counters);
  if (what == NULL) what = check_refusals();
  for (uint32_t i = 0; i < npairs && !what && !difference; i++) what = compare_objects(pair[i][0], pair[i][1]);
  for (uint32_t i = 0; i < npairs; i++) partner[pair[i][0]] = 0; /* now: the next comparison may be another input's */
  npairs = 0;
  return difference ? difference : what;
}

/* --- one heap --- */

static uint64_t mix(uint64_t digest, uint64_t value) {
  digest = (digest ^ value) * 0x9e3779b97f4a7c15u;
  return digest ^ digest >> 29;
}

static uint64_t digest_contents(const struct rh_engine *engine, uint32_t o, int kind, uint64_t digest) {
  for (uint64_t i = 0; i < engine->referents(o); i++) digest = mix(digest, engine->referent_at(o, i));
  for (uint64_t i = 0; is_container(kind) && i < engine->length(o); i++) {
    digest = mix(digest, engine->item(o, i));
    if (kind == RH_KIND_DICT) digest = mix(digest, engine->value(o, i));
  }
  if (kind == RH_KIND_WEAKREF || kind == RH_KIND_PROXY) digest = mix(digest, engine->referent(o));
  return digest;
}

static uint64_t digest_counters(const struct rh_engine *engine) {
  uint64_t digest = mix((uint64_t)engine->frozen(), engine->garbage_length());
  for (int i = 0; i < 3; i++) digest = mix(digest, (uint64_t)engine->count(i));
  return digest;
}

static uint64_t digest_kept(const struct rh_engine *engine) {
  uint64_t digest =
      mix((uint64_t)engine->free_entries(RH_KIND_LIST, 0), (uint64_t)engine->free_entries(RH_KIND_DICT, 0));
  for (uint32_t n = 0; n < KEPT_TUPLES; n++) digest = mix(digest, (uint64_t)engine->free_entries(RH_KIND_TUPLE, n));
  return mix(digest, (uint64_t)engine->free_entries(RH_KIND_FLOAT, 0));
}

struct heap_digest heap_digest(const struct rh_engine *engine) {
  struct heap_digest digest = {mix(engine->live_objects(), engine->live_blocks()), digest_counters(engine),
                               digest_kept(engine)};
  for (uint32_t o = engine->next_object(0); o != 0; o = engine->next_object(o)) {
    int64_t facts[FACTS];
    read_facts(engine, o, facts);
    digest.objects = mix(digest.objects, o);
    for (unsigned i = 0; i < FACTS; i++) digest.objects = mix(digest.objects, (uint64_t)facts[i]);
    digest.objects = digest_contents(engine, o, (int)facts[0], digest.objects);
  }
  return digest;
}
