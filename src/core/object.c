/*
 * Objects, counts and spans. The state and its invariants are described in
 * object_state.h, the operations in object.h.
 */
#include "core/object.h"
#include "core/object_state.h"

uint32_t rh_nobj = 1;
uint32_t rh_nedge;
uint32_t rh_total;
uint32_t rh_refcnt[RH_OBJECTS];
uint32_t rh_first[RH_OBJECTS];
uint32_t rh_len[RH_OBJECTS];
uint8_t rh_class[RH_OBJECTS];
uint32_t rh_slot[RH_SLOTS];
uint32_t rh_free[RH_CLASSES];
uint32_t rh_next[RH_OBJECTS];

/* The objects that died in the release under way, in that order. */
static uint32_t rh_dead[RH_OBJECTS];
static uint32_t rh_ndead;

/* ---- spans ---- */

/* The smallest class whose spans hold n slots; RH_CLASSES if there is none. */
static inline uint32_t span_class(uint32_t n) {
  uint32_t c = 0;
  while (c < RH_CLASSES && rh_capacity[c] < n) c++;
  return c;
}

/* Puts the dead object o, which is on no free stack, on that of its class. */
static inline void free_push(uint32_t o) {
  uint32_t c = rh_class[o];
  rh_next[o] = rh_free[c];
  rh_free[c] = o;
}

/* A dead object of class c that is on no free stack: the last one freed, else
 * one with a new span. 0 when there is neither; nothing changed then. */
static inline uint32_t take_span(uint32_t c) {
  uint32_t o = rh_free[c];
  if (o != 0) {
    rh_free[c] = rh_next[o];
    return o;
  }
  if (rh_nobj == RH_OBJECTS || rh_capacity[c] > RH_SLOTS - rh_nedge) return 0;
  o = rh_nobj;
  rh_first[o] = rh_nedge;
  rh_class[o] = (uint8_t)c;
  rh_nedge += rh_capacity[c];
  rh_nobj++;
  return o;
}

/* ---- release ---- */

/* The object t, whose count has just reached zero, is dead. Its slots are
 * emptied by drain. */
static inline void bury(uint32_t t) {
  if (rh_list[t] != 0) rh_list_remove(t);
  rh_total--;
  free_push(t);
  rh_dead[rh_ndead] = t;
  rh_ndead++;
}

/* Empties slot j; what it referred to is buried if nothing else holds it. */
static inline void drop_edge(uint32_t j) {
  uint32_t t = rh_slot[j];
  rh_slot[j] = 0;
  if (t != 0 && rh_refcnt[t] < RH_COUNT_IMMORTAL) {
    rh_refcnt[t]--;
    if (rh_refcnt[t] == 0) bury(t);
  }
}

/* Empties the slots of the buried; those they alone held are buried behind
 * them and are emptied in their turn. */
static void drain(void) {
  for (uint32_t h = 0; h < rh_ndead; h++) {
    uint32_t o = rh_dead[h];
    uint32_t end = rh_first[o] + rh_len[o];
    for (uint32_t j = rh_first[o]; j < end; j++) drop_edge(j);
  }
  rh_ndead = 0;
}

void rh_slot_drop(uint32_t j) {
  drop_edge(j);
  if (rh_ndead != 0) drain();
}

void rh_object_release(uint32_t o) {
  if (!rh_is_live(o) || rh_refcnt[o] >= RH_COUNT_IMMORTAL) return;
  rh_refcnt[o]--;
  if (rh_refcnt[o] == 0) {
    bury(o);
    drain();
  }
}

/* ---- the rest of the operations ---- */

uint32_t rh_object_new(uint32_t slots) {
  uint32_t c = span_class(slots);
  if (c == RH_CLASSES) return 0;
  uint32_t o = take_span(c);
  if (o == 0) return 0;
  rh_refcnt[o] = 1;
  rh_len[o] = slots;
  rh_total++;
  return o;
}

bool rh_object_live(uint32_t o) {
  return rh_is_live(o);
}

uint32_t rh_object_count(uint32_t o) {
  return rh_is_live(o) ? rh_refcnt[o] : 0;
}

void rh_object_retain(uint32_t o) {
  if (rh_is_live(o) && rh_refcnt[o] < RH_COUNT_IMMORTAL) rh_refcnt[o]++;
}

void rh_object_immortalize(uint32_t o) {
  if (rh_is_live(o)) rh_refcnt[o] = RH_COUNT_IMMORTAL;
}

uint32_t rh_object_length(uint32_t o) {
  return rh_is_live(o) ? rh_len[o] : 0;
}

uint32_t rh_slot_get(uint32_t o, uint32_t i) {
  return rh_is_live(o) && i < rh_len[o] ? rh_slot[rh_first[o] + i] : 0;
}

uint32_t rh_slot_swap(uint32_t o, uint32_t i, uint32_t v) {
  if (!rh_is_live(o) || i >= rh_len[o] || (v != 0 && !rh_is_live(v))) return RH_SLOT_REFUSED;
  uint32_t j = rh_first[o] + i;
  uint32_t old = rh_slot[j];
  rh_slot[j] = v;
  return old;
}

/* Are the slots from number n on of the live object o empty? */
static bool empty_from(uint32_t o, uint32_t n) {
  for (uint32_t i = n; i < rh_len[o]; i++)
    if (rh_slot[rh_first[o] + i] != 0) return false;
  return true;
}

/* Moves the first n slots of o to the empty span of the dead object d, which
 * is on no free stack, and exchanges the two spans. */
static void exchange_spans(uint32_t o, uint32_t d, uint32_t n) {
  uint32_t from = rh_first[o];
  uint32_t to = rh_first[d];
  uint8_t c = rh_class[o];
  for (uint32_t i = 0; i < n; i++) {
    rh_slot[to + i] = rh_slot[from + i];
    rh_slot[from + i] = 0;
  }
  rh_first[o] = to;
  rh_class[o] = rh_class[d];
  rh_first[d] = from;
  rh_class[d] = c;
}

bool rh_object_resize(uint32_t o, uint32_t slots) {
  if (!rh_is_live(o) || !empty_from(o, slots)) return false;
  uint32_t c = span_class(slots);
  if (c != rh_class[o]) {
    uint32_t d = c < RH_CLASSES ? take_span(c) : 0;
    if (d != 0) {
      exchange_spans(o, d, slots < rh_len[o] ? slots : rh_len[o]);
      free_push(d);
    } else if (slots > rh_capacity[rh_class[o]]) {
      return false;
    }
  }
  rh_len[o] = slots;
  return true;
}

uint32_t rh_object_total(void) {
  return rh_total;
}

void rh_object_reset(void) {
  for (uint32_t o = 1; o < rh_nobj; o++) rh_refcnt[o] = 0;
  for (uint32_t j = 0; j < rh_nedge; j++) rh_slot[j] = 0;
  for (uint32_t c = 0; c < RH_CLASSES; c++) rh_free[c] = 0;
  rh_nobj = 1;
  rh_nedge = 0;
  rh_total = 0;
}
