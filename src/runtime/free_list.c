/*
 * Free lists: freed objects of an exact built-in type that are kept for the
 * next object of that type, last freed first (FL). A kept object is no live
 * object, but its memory is not given back: counter 0 hears neither of the
 * keeping nor of the reuse, and the next object of the type is where the last
 * kept one was.
 *
 * Addresses. Only those the trace has asked about have a number (`tokens`).
 * The invariant: tokens[t].object is the live object at address t, or 0; if it
 * is 0 and `kept` is true, exactly one entry of one list is t.
 */
#include "rules/evidence.h"
#include "runtime/state.h"

#include <inttypes.h>

enum { MOST_FLOATS = 100, MOST_CONTAINERS = 80, MOST_TUPLES = 2000, LONGEST_TUPLE = 20 };

struct token {
  uint32_t object;
  bool kept;
};

/* What one list keeps: for each entry the number of its address, 0 if nobody
 * asked about it. */
struct list {
  uint32_t *entries;
  uint32_t count, limit;
  const char *rule, *what; /* which says so, and its objects: for notes */
};

static uint32_t float_entries[MOST_FLOATS], list_entries[MOST_CONTAINERS], dict_entries[MOST_CONTAINERS];
static uint32_t tuple_entries[LONGEST_TUPLE][MOST_TUPLES];
static struct list floats, lists, dicts, tuples[LONGEST_TUPLE]; /* tuples: by length - 1 */

static struct token *tokens; /* 1 .. token_count - 1 */
static uint32_t token_count, token_room;
static uint32_t *places; /* by place: the token of the address remembered there, 0: none */
static uint32_t place_room;

static uint32_t at_most(uint32_t limit, uint32_t most) {
  return limit < most ? limit : most;
}

static struct list new_list(uint32_t *entries, uint32_t limit, const char *rule, const char *what) {
  return (struct list){.entries = entries, .limit = limit, .rule = rule, .what = what};
}

void rh_rt_reset_free_lists(void) {
  const struct rh_profile *profile = &rh_rt_profile;
  floats = new_list(float_entries, at_most(profile->free_float_limit, MOST_FLOATS), "FL-1", "float");
  lists = new_list(list_entries, at_most(profile->free_list_limit, MOST_CONTAINERS), "FL-2", "list");
  dicts = new_list(dict_entries, at_most(profile->free_list_limit, MOST_CONTAINERS), "FL-2", "dict");
  for (uint32_t i = 0; i < LONGEST_TUPLE; i++) {
    bool listed = i < profile->free_tuple_lengths;
    uint32_t limit = listed ? at_most(profile->free_tuple_limit, MOST_TUPLES) : 0;
    tuples[i] = new_list(tuple_entries[i], limit, "FL-3", "tuple of that length");
  }
  token_count = 1;
  for (uint32_t i = 0; i < place_room; i++) places[i] = 0;
}

static struct list *list_of(int kind, uint32_t items) {
  switch (kind) {
  case RH_RT_FLOAT:
    return &floats;
  case RH_RT_LIST:
    return &lists;
  case RH_RT_DICT:
    return &dicts;
  case RH_RT_TUPLE:
    return items >= 1 && items <= LONGEST_TUPLE && tuples[items - 1].limit != 0 ? &tuples[items - 1] : NULL;
  default:
    return NULL;
  }
}

int64_t rh_runtime_free_entries(int kind, uint32_t items) {
  const struct list *list = list_of(kind, items);
  return list != NULL ? (int64_t)list->count : RH_RT_INDEX_ERROR;
}

/* ---- addresses ---- */

static uint32_t token_of(uint32_t o) {
  for (uint32_t t = 1; o != 0 && t < token_count; t++)
    if (tokens[t].object == o) return t;
  return 0;
}

static uint32_t new_token(uint32_t o) {
  if (token_count >= token_room) {
    token_room = token_room ? 2 * token_room : 16;
    tokens = rh_rt_allocate(tokens, token_room * sizeof *tokens);
  }
  tokens[token_count] = (struct token){.object = o};
  return token_count++;
}

void rh_runtime_note_address(uint32_t place, uint32_t o) {
  if (!rh_object_live(o)) return;
  if (place >= place_room) {
    uint32_t room = place + 16;
    places = rh_rt_allocate(places, room * sizeof *places);
    for (uint32_t i = place_room; i < room; i++) places[i] = 0;
    place_room = room;
  }
  uint32_t token = token_of(o);
  places[place] = token != 0 ? token : new_token(o);
  rh_because("FL-6", o, "the address remembered is that of this object, which has lived since");
}

/* Whose an address is that is not o's. */
static void note_other(uint32_t token) {
  uint32_t owner = tokens[token].object;
  if (owner != 0) {
    rh_because("FL-6", 0, "the address remembered is that of another object, which is alive");
    return;
  }
  const struct list *all[] = {&floats, &lists, &dicts};
  for (uint32_t i = 0; i < 3 + LONGEST_TUPLE; i++) {
    const struct list *list = i < 3 ? all[i] : &tuples[i - 3];
    for (uint32_t entry = 0; entry < list->count; entry++) {
      if (list->entries[entry] != token) continue;
      rh_because("FL-6", 0,
                 "the address remembered is that of a freed %s, kept as number %" PRIu32 " of %" PRIu32
                 " for the next one, so no object has it",
                 list->what, entry + 1, list->count);
    }
  }
}

int rh_runtime_at_address(uint32_t place, uint32_t o) {
  uint32_t token = place < place_room ? places[place] : 0;
  if (token == 0 || !rh_object_live(o)) return RH_RT_INDEX_ERROR;
  if (tokens[token].object == o) return 1;
  if (tokens[token].object == 0 && !tokens[token].kept) return RH_RT_UNSUPPORTED;
  if (rh_evidence_kept) note_other(token);
  return 0;
}

/* ---- keeping and reusing ---- */

bool rh_rt_take_kept(int kind, uint32_t items, uint32_t o) {
  struct list *list = list_of(kind, items);
  if (list == NULL || list->count == 0) return false;
  uint32_t token = list->entries[--list->count];
  if (token != 0) {
    tokens[token] = (struct token){.object = o};
    rh_because(list->rule, o, "the %s was made where the last freed of %" PRIu32 " kept had been", list->what,
               list->count + 1);
  }
  return true;
}

bool rh_rt_keep_freed(int kind, uint32_t items, uint32_t o) {
  struct list *list = list_of(kind, items);
  bool kept = list != NULL && list->count < list->limit;
  uint32_t token = token_of(o);
  if (token != 0) tokens[token] = (struct token){.kept = kept};
  if (kept) list->entries[list->count++] = token;
  return kept;
}

static uint32_t empty(struct list *list) {
  uint32_t count = list->count;
  for (uint32_t i = 0; i < count; i++)
    if (list->entries[i] != 0) tokens[list->entries[i]].kept = false;
  list->count = 0;
  return count;
}

uint32_t rh_rt_empty_free_lists(void) {
  uint32_t managed = 0;
  empty(&floats);
  managed += empty(&lists) + empty(&dicts);
  for (uint32_t i = 0; i < LONGEST_TUPLE; i++) managed += empty(&tuples[i]);
  return managed;
}
