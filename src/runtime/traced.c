/*
 * What tracemalloc knows of objects (TM): which were made while it traced, and
 * how many of the traced bytes are theirs.
 *
 * Every stretch of tracing has a number that no other has, in any run; an
 * object carries the number of the stretch it was made in. So forgetting all
 * traces is a new number, and what handles had before cannot be mistaken.
 *
 * An object from a free list is in memory that may have been taken before the
 * stretch began, or by an object an observer dropped: whether it is traced is
 * not known, and what it may take is `spread`.
 */
#include "rules/evidence.h"
#include "runtime/state.h"

enum {
  LIST_HEADER = 56,        /* bytes of a list without its array */
  DICT_HEADER = 64,        /* of a dict without its table */
  SET_HEADER = 216,        /* of a set of the first size */
  KEPT_TABLE = 240,        /* of a key table that a free list keeps */
  LONGEST_KEPT = 20,       /* the longest tuple of any free list */
  OBSERVED_TUPLE = 6,      /* an observer's tuples are no longer */
  BESIDE_AN_OBJECT = 1024, /* more than what an instance owns besides itself */
  UNKNOWN_OBJECT = 8192
};

/* Added to the stretch an object was made in: its memory may be older. */
#define UNSURE (1u << 31)

static uint32_t made_in[RH_OBJECTS];
static uint32_t last_stretch, stretch; /* stretch: 0 while nothing is traced */

void rh_rt_reset_traced(void) {
  stretch = 0;
}

void rh_runtime_trace_memory(bool on) {
  stretch = on ? ++last_stretch : 0;
}

/* An observer has lists, dicts and short tuples of its own, which it may have
 * left in the free lists; it has no other kind that is kept. */
void rh_rt_trace_new(uint32_t o, uint32_t items, bool reused) {
  if (stretch == 0) return;
  int kind = rh_rt_record(o)->kind;
  bool shared = kind == RH_RT_LIST || kind == RH_RT_DICT || (kind == RH_RT_TUPLE && items <= OBSERVED_TUPLE);
  made_in[o] = reused || shared ? stretch | UNSURE : stretch;
  rh_because("TM-6", o, "its memory is requested while tracing");
}

/* Values every process shares are older than any trace, except that characters
 * may be made when they are first asked for, where they are not static. */
static int shared_is_traced(uint32_t o) {
  const struct rh_rt_record *r = rh_rt_record(o);
  bool character = (r->kind == RH_RT_STR || r->kind == RH_RT_BYTES) && rh_rt_value(o)->length == 1;
  if (character && !rh_rt_profile.immortal_singletons) return RH_RT_UNSUPPORTED;
  if (r->kind == RH_RT_STR && rh_rt_value(o)->length > 1) return made_in[o] == stretch;
  return 0;
}

int rh_runtime_traced(uint32_t o) {
  if (!rh_object_live(o)) return RH_RT_TYPE_ERROR;
  if (stretch == 0) return 0;
  if (rh_object_count(o) == RH_COUNT_IMMORTAL) return shared_is_traced(o);
  if (made_in[o] == (stretch | UNSURE)) return RH_RT_UNSUPPORTED;
  return made_in[o] == stretch;
}

struct bytes {
  int64_t sure, spread;
};

/* The part of an object that is allocated apart and may be allocated again
 * while the object stays. */
static int64_t apart(const struct rh_rt_record *r, int64_t size) {
  switch (r->kind) {
  case RH_RT_LIST:
    return size - LIST_HEADER;
  case RH_RT_LISTFIN:
    return size - rh_rt_profile.listfin_size;
  case RH_RT_DICT:
    return size - DICT_HEADER;
  case RH_RT_SET:
    return size - SET_HEADER;
  case RH_RT_DEQUE:
    return size - rh_rt_profile.deque_size;
  case RH_RT_BYTEARRAY:
    return size - rh_rt_profile.bytearray_size;
  case RH_RT_ARRAY:
    return size - rh_rt_profile.array_size;
  default:
    return 0;
  }
}

/* What a live object contributes. */
static struct bytes bytes_of(uint32_t o) {
  const struct rh_rt_record *r = rh_rt_record(o);
  bool traced = made_in[o] == stretch, unsure = made_in[o] == (stretch | UNSURE);
  int64_t size = rh_runtime_size_of(o), more = apart(r, size < 0 ? 0 : size);
  if (rh_object_count(o) == RH_COUNT_IMMORTAL) return (struct bytes){0, traced || unsure ? BESIDE_AN_OBJECT : 0};
  if (!traced && !unsure) return (struct bytes){0, more > 0 ? more : 0};
  if (size < 0) return (struct bytes){0, UNKNOWN_OBJECT};
  if (r->kind == RH_RT_DICT && r->log2 <= 3) more = 0; /* such tables have a free list of their own */
  if (unsure) return (struct bytes){more, size - more};
  int64_t beside = rh_rt_is_managed(r->kind) ? BESIDE_AN_OBJECT : 0;
  return (struct bytes){size, r->kind == RH_RT_NODE ? 0 : beside};
}

/* What free lists may keep of traced memory. */
static int64_t kept_bytes(void) {
  int64_t bytes = 24 * rh_runtime_free_entries(RH_RT_FLOAT, 0) + LIST_HEADER * rh_runtime_free_entries(RH_RT_LIST, 0) +
                  (DICT_HEADER + KEPT_TABLE) * rh_runtime_free_entries(RH_RT_DICT, 0);
  for (uint32_t n = 1; n <= LONGEST_KEPT; n++) {
    int64_t kept = rh_runtime_free_entries(RH_RT_TUPLE, n);
    if (kept > 0) bytes += kept * (rh_rt_profile.tuple_header + 8 * (int64_t)n);
  }
  return bytes;
}

int64_t rh_runtime_traced_bytes(int64_t *spread) {
  struct bytes sum = {0, 0};
  *spread = 0;
  if (stretch == 0) return 0;
  uint32_t left = rh_object_total();
  for (uint32_t o = 1; o < RH_OBJECTS && left > 0; o++) {
    if (!rh_object_live(o)) continue;
    struct bytes bytes = bytes_of(o);
    sum.sure += bytes.sure;
    sum.spread += bytes.spread;
    left--;
  }
  *spread = sum.spread + kept_bytes();
  return sum.sure;
}
