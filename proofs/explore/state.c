/* See state.h. */
#include "state.h"
#include "core/object_state.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

_Static_assert(OBJECTS < 16 && RH_SLOTS < 16, "numbers of a state fit into a byte");

enum { POISON = 0x7fffffff };

uint8_t outside[RH_OBJECTS];

/* ---- between the tables and a state ---- */

static void load_object(const struct state *s, uint32_t o) {
  uint32_t x = o - 1;
  bool live = s->count[x] != 0;
  rh_refcnt[o] = s->count[x] == IMMORTAL ? RH_COUNT_IMMORTAL : s->count[x];
  rh_span[o].first = s->first[x];
  rh_class[o] = s->span[x];
  rh_span[o].len = live ? s->length[x] : 0;
  rh_next[o] = live ? POISON : s->next[x];
  rh_list[o] = s->list[x];
  rh_pos[o] = POISON;
  rh_gcref[o] = 0;
  rh_dead[o] = POISON;
  outside[o] = s->outside[x];
  rh_total += live;
}

static void load_list(const struct state *s, uint32_t g, enum holes holes) {
  uint32_t n = 0, any = 1;
  for (uint32_t x = 0; x < OBJECTS; x++)
    if (s->list[x] == g + 1) any = x + 1, n++;
  rh_size[g] = n;
  rh_end[g] = holes == NO_HOLES ? n : 2 * n + (holes == HOLES_FIRST);
  for (uint32_t k = 0; k < RH_MEMBERS; k++) rh_member[g][k] = k < rh_end[g] ? any : POISON;
  for (uint32_t x = 0; x < OBJECTS; x++) {
    if (s->list[x] != g + 1) continue;
    rh_pos[x + 1] = holes == NO_HOLES ? s->place[x] : 2u * s->place[x] + (holes == HOLES_FIRST);
    rh_member[g][rh_pos[x + 1]] = x + 1;
  }
}

void state_load(const struct state *s, enum holes holes) {
  rh_nobj = s->made + 1u;
  rh_nedge = s->slots;
  rh_total = 0;
  rh_ndead = 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) load_object(s, o);
  for (uint32_t g = 0; g < LISTS; g++) load_list(s, g, holes);
  load_list(s, LISTS, NO_HOLES);
  for (uint32_t j = 0; j < RH_SLOTS; j++) rh_slot[j] = s->slot[j];
  for (uint32_t c = 0; c < RH_CLASSES; c++) rh_free[c] = c < SPANS ? s->top[c] : 0;
}

/* How many members of its list come before o? */
static uint8_t rank(uint32_t o) {
  uint8_t n = 0;
  for (uint32_t p = 1; p < RH_OBJECTS; p++) n = (uint8_t)(n + (rh_list[p] == rh_list[o] && rh_pos[p] < rh_pos[o]));
  return n;
}

static void save_object(struct state *s, uint32_t o) {
  uint32_t x = o - 1;
  bool live = rh_refcnt[o] != 0;
  s->outside[x] = outside[o];
  s->count[x] = (uint8_t)(rh_refcnt[o] == RH_COUNT_IMMORTAL ? IMMORTAL : rh_refcnt[o]);
  s->list[x] = rh_list[o];
  s->place[x] = rh_list[o] != 0 ? rank(o) : 0;
  if (o >= rh_nobj) return;
  s->first[x] = (uint8_t)rh_span[o].first;
  s->span[x] = rh_class[o];
  s->length[x] = (uint8_t)(live ? rh_span[o].len : 0);
  s->next[x] = (uint8_t)(live ? 0 : rh_next[o]);
}

const char *state_save(struct state *s) {
  memset(s, 0, sizeof *s);
  if (rh_ndead != 0) return "objects still wait to be emptied";
  if (rh_end[RH_LISTS - 1] != 0) return "the scratch list is not empty";
  s->made = (uint8_t)(rh_nobj - 1);
  s->slots = (uint8_t)rh_nedge;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    if (o >= rh_nobj && (rh_refcnt[o] != 0 || rh_list[o] != 0)) return "an object that was never made is in use";
    if (rh_refcnt[o] >= IMMORTAL && rh_refcnt[o] != RH_COUNT_IMMORTAL) return "a count beyond all references";
    save_object(s, o);
  }
  for (uint32_t j = 0; j < RH_SLOTS; j++) {
    if (j >= rh_nedge && rh_slot[j] != 0) return "a slot never handed out is in use";
    s->slot[j] = (uint8_t)rh_slot[j];
  }
  for (uint32_t c = 0; c < SPANS; c++) s->top[c] = (uint8_t)rh_free[c];
  return NULL;
}

/* ---- names ---- */

static uint32_t mix(uint32_t h, uint32_t v) {
  h ^= v + 0x9e3779b9u + (h << 6) + (h >> 2);
  h *= 0x85ebca6bu;
  return h ^ (h >> 15);
}

static uint8_t target(const struct state *s, uint32_t x, uint32_t i) {
  return s->slot[s->first[x] + i];
}

/* Colours tell objects apart by what is around them, whatever their names. */
static void refine(const struct state *s, uint32_t colour[OBJECTS]) {
  uint32_t finer[OBJECTS];
  for (uint32_t x = 0; x < OBJECTS; x++) {
    finer[x] = mix(colour[x], 1);
    for (uint32_t i = 0; s->count[x] != 0 && i < s->length[x]; i++)
      finer[x] = mix(finer[x], target(s, x, i) == 0 ? 7 : colour[target(s, x, i) - 1]);
  }
  for (uint32_t x = 0; x < OBJECTS; x++) /* who refers to it: in any order */
    for (uint32_t i = 0; s->count[x] != 0 && i < s->length[x]; i++)
      if (target(s, x, i) != 0) finer[target(s, x, i) - 1] += mix(colour[x], 11 + i) | 1u;
  memcpy(colour, finer, sizeof finer);
}

/* The live objects by colour; returns how many there are. */
static uint32_t sort(const struct state *s, const uint32_t colour[OBJECTS], uint8_t order[OBJECTS]) {
  uint32_t n = 0;
  for (uint32_t x = 0; x < OBJECTS; x++) {
    if (s->count[x] == 0) continue;
    uint32_t k = n++;
    for (; k > 0 && colour[order[k - 1]] > colour[x]; k--) order[k] = order[k - 1];
    order[k] = (uint8_t)x;
  }
  return n;
}

/* The same, each with a colour of its own: of equal ones any may go first. */
static uint32_t order_live(const struct state *s, uint8_t order[OBJECTS]) {
  uint32_t colour[OBJECTS];
  for (uint32_t x = 0; x < OBJECTS; x++) {
    colour[x] = mix(mix(s->outside[x], s->count[x] == IMMORTAL), s->length[x]);
    colour[x] = mix(mix(colour[x], s->list[x] * 256u + s->place[x]), s->span[x]);
  }
  for (uint32_t k = 0; k < OBJECTS; k++) refine(s, colour);
  uint32_t n = sort(s, colour, order);
  for (uint32_t k = 0; k + 1 < n; k++) {
    if (colour[order[k]] != colour[order[k + 1]]) continue;
    colour[order[k]] = mix(colour[order[k]], 99);
    for (uint32_t r = 0; r < OBJECTS; r++) refine(s, colour);
    sort(s, colour, order);
    k = UINT32_MAX; /* from the start */
  }
  return n;
}

/* Live objects first, then the dead in the order of their free stacks. */
static void new_names(const struct state *s, uint8_t to[RH_OBJECTS]) {
  uint8_t order[OBJECTS];
  uint32_t n = order_live(s, order);
  memset(to, 0, RH_OBJECTS);
  for (uint32_t k = 0; k < n; k++) to[order[k] + 1] = (uint8_t)(k + 1);
  for (uint32_t c = 0; c < SPANS; c++)
    for (uint32_t o = s->top[c]; o != 0; o = s->next[o - 1]) to[o] = (uint8_t)(++n);
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    if (to[o] == 0) to[o] = (uint8_t)o; /* never made */
}

void state_rename(struct state *s, uint8_t to[RH_OBJECTS]) {
  struct state old = *s;
  uint8_t from[RH_OBJECTS] = {0};
  new_names(s, to);
  for (uint32_t o = 1; o < RH_OBJECTS; o++) from[to[o]] = (uint8_t)o;
  uint32_t slots = 0;
  memset(s->slot, 0, sizeof s->slot);
  for (uint32_t x = 0; x < OBJECTS; x++) {
    uint32_t y = from[x + 1] - 1u;
    s->outside[x] = old.outside[y];
    s->count[x] = old.count[y];
    s->span[x] = old.span[y];
    s->length[x] = old.length[y];
    s->next[x] = to[old.next[y]];
    s->list[x] = old.list[y];
    s->place[x] = old.place[y];
    s->first[x] = 0;
    if (x >= s->made) continue;
    s->first[x] = (uint8_t)slots;
    for (uint32_t i = 0; i < rh_capacity[s->span[x]]; i++) s->slot[slots + i] = to[old.slot[old.first[y] + i]];
    slots += rh_capacity[s->span[x]];
  }
  for (uint32_t c = 0; c < SPANS; c++) s->top[c] = to[old.top[c]];
}
