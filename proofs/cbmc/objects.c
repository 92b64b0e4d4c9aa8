/*
 * One step of the object half from any consistent heap: the shipped object.c,
 * collect.c and intern.c at the capacities of RH_MICRO. A heap is consistent if it
 * satisfies consistent() below, which says the same as the predicate `heap` of
 * specs/acsl/objects.h, in C and by counting. No bound on references, but for
 * that of immortality; any pattern of holes in the lists.
 *
 * With FIXED_SPANS every object has the span of two slots that belongs to it
 * from the start; else spans are any that tile the slots. With NONE_FOUND the
 * list of the found is empty, as between two collections. GENERATION is the one
 * to collect; else it is any. With SMALL_COUNTS objects have at most 15
 * references, or are immortal. With FOUND the list of the found is fixed too.
 */
#include "check.h"
#include "core/collect.h"
#include "core/intern.h"
#include "core/object.h"
#include "core/object_state.h"

enum { SPANS = 5, WIDEST = 8 }; /* classes of spans that fit into RH_SLOTS; the longest of them */

/* External references, and what the heap was before the step. */
static uint32_t roots[RH_OBJECTS];
static struct {
  uint32_t nobj, nedge, total;
  uint32_t count[RH_OBJECTS], first[RH_OBJECTS], length[RH_OBJECTS], roots[RH_OBJECTS];
  uint8_t span[RH_OBJECTS], list[RH_OBJECTS];
  uint32_t place[RH_OBJECTS], slot[RH_SLOTS], owner[RH_SLOTS], free[SPANS];
} old;

static uint32_t owner[RH_SLOTS]; /* of each slot handed out */

/* ---- consistent heaps ---- */

static bool made(uint32_t o) {
  return o < rh_nobj;
}

static void find_owners(void) {
  for (uint32_t j = 0; j < RH_SLOTS; j++) {
    owner[j] = 0;
    for (uint32_t o = 1; o < RH_OBJECTS; o++)
      if (made(o) && rh_span[o].first <= j && j - rh_span[o].first < rh_capacity[rh_class[o]]) owner[j] = o;
  }
}

/* Spans tile the slots handed out: they are as many as the spans have, and each of them has an owner. */
static bool spans_tile(void) {
  bool fine = rh_nobj >= 1 && rh_nobj <= RH_OBJECTS && rh_nedge <= RH_SLOTS;
  uint32_t sum = 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    if (!made(o)) continue;
    if (rh_class[o] >= SPANS) return false;
    fine &= rh_span[o].first <= rh_nedge && rh_capacity[rh_class[o]] <= rh_nedge - rh_span[o].first;
    fine &= rh_span[o].len <= rh_capacity[rh_class[o]];
    sum += rh_capacity[rh_class[o]];
  }
  if (!fine) return false;
  find_owners();
  for (uint32_t j = 0; j < RH_SLOTS; j++) fine &= (owner[j] != 0) == (j < rh_nedge);
  return fine && sum == rh_nedge;
}

/* Slots refer to objects; those that no live object uses are empty. */
static bool slots_valid(void) {
  bool fine = true;
  for (uint32_t j = 0; j < RH_SLOTS; j++) {
    uint32_t o = owner[j];
    bool used = o != 0 && rh_refcnt[o] != 0 && j - rh_span[o].first < rh_span[o].len;
    fine &= rh_slot[j] < rh_nobj && (used || rh_slot[j] == 0);
  }
  return fine;
}

/* R1, and I1 for the number of live objects. */
static bool counts_exact(void) {
  bool fine = rh_refcnt[0] == 0;
  uint32_t live = 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    uint32_t references = 0;
    for (uint32_t j = 0; j < RH_SLOTS; j++) references += rh_slot[j] == o;
    fine &= rh_refcnt[o] <= RH_COUNT_IMMORTAL && roots[o] <= RH_COUNT_IMMORTAL;
    fine &= rh_refcnt[o] == RH_COUNT_IMMORTAL || rh_refcnt[o] == references + roots[o];
    fine &= made(o) || rh_refcnt[o] == 0;
    live += rh_refcnt[o] != 0;
  }
  return fine && rh_total == live;
}

/* Every dead object is on the stack of its class, once. */
static bool stacks_hold_the_dead(void) {
  uint32_t stacked = 0;
  for (uint32_t c = 0; c < RH_CLASSES; c++) {
    uint32_t o = rh_free[c];
    if (c >= SPANS && o != 0) return false;
    for (uint32_t k = 1; c < SPANS && k < RH_OBJECTS && o != 0; k++) {
      if (!made(o) || rh_refcnt[o] != 0 || rh_class[o] != c) return false;
      stacked++; /* a stack that ends holds nothing twice */
      o = rh_next[o];
    }
    if (o != 0) return false;
  }
  return stacked + rh_total == rh_nobj - 1;
}

static bool has_place(uint32_t o, uint32_t g) {
  for (uint32_t k = 0; k < RH_MEMBERS; k++)
    if (rh_pos[o] == k) return k < rh_end[g] && rh_member[g][k] == o;
  return false;
}

/* Entries are objects, members have their place, sizes are counted. */
static bool lists_valid(void) {
  bool fine = rh_list[0] == 0 && rh_end[RH_LISTS - 1] == 0;
  for (uint32_t g = 0; g < RH_LISTS; g++) {
    uint32_t members = 0;
    fine &= rh_end[g] <= RH_MEMBERS;
    for (uint32_t k = 0; k < RH_MEMBERS; k++) fine &= k >= rh_end[g] || rh_member[g][k] < RH_OBJECTS;
    for (uint32_t o = 1; o < RH_OBJECTS; o++) {
      if (rh_list[o] != g + 1) continue;
      fine &= rh_refcnt[o] != 0 && has_place(o, g);
      members++;
    }
    fine &= rh_size[g] == members;
  }
  for (uint32_t o = 1; o < RH_OBJECTS; o++) fine &= rh_list[o] <= RH_LISTS;
  return fine;
}

static void claim_consistent(void) {
  bool spans = spans_tile();
  CLAIM("spans tile the slots", spans);
  SUPPOSE(spans);
  CLAIM("slots are valid, unused ones empty", slots_valid());
  CLAIM("R1: counts are the numbers of references", counts_exact());
  CLAIM("free stacks hold the dead, once", stacks_hold_the_dead());
  CLAIM("lists are valid", lists_valid());
  CLAIM("nobody waits to be emptied", rh_ndead == 0);
  for (uint32_t o = 0; o < RH_OBJECTS; o++) CLAIM("the collector leaves no count behind", rh_gcref[o] == 0);
}

/* ---- the heap before the step ---- */

static void fix_spans(void) {
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    rh_span[o].first = 2 * (o - 1);
    rh_class[o] = 2;
  }
}

/* Up to 15: a heap of RH_MICRO is consistent with less, and no table is as long, so that use of an entry that means
 * nothing is noticed. */
static uint32_t any_small(void) {
  return nondet_byte() & 15;
}

static void small_counts(void) {
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    roots[o] = any_small();
    rh_refcnt[o] = nondet_byte() & 1 ? RH_COUNT_IMMORTAL : any_small();
  }
}

#ifdef FOUND
/* List g is the digits of a number, in this order and without holes. */
static void fix_list(uint32_t g, uint32_t number) {
  bool member[RH_OBJECTS] = {false};
  uint32_t end = 0;
  for (uint32_t digits = number; digits != 0; digits /= 10) end++;
  rh_end[g] = rh_size[g] = end;
  for (uint32_t digits = number; digits != 0; digits /= 10) {
    uint32_t o = digits % 10;
    end--;
    member[o] = true;
    rh_list[o] = (uint8_t)(g + 1);
    rh_pos[o] = end;
    rh_member[g][end] = o;
  }
  for (uint32_t o = 1; o < RH_OBJECTS; o++) SUPPOSE(member[o] || rh_list[o] != g + 1);
}
#endif

static void remember(void) {
  old.nobj = rh_nobj;
  old.nedge = rh_nedge;
  old.total = rh_total;
  for (uint32_t o = 0; o < RH_OBJECTS; o++) {
    old.count[o] = rh_refcnt[o];
    old.first[o] = rh_span[o].first;
    old.length[o] = rh_span[o].len;
    old.span[o] = rh_class[o];
    old.list[o] = rh_list[o];
    old.place[o] = rh_pos[o];
    old.roots[o] = roots[o];
  }
  for (uint32_t j = 0; j < RH_SLOTS; j++) {
    old.slot[j] = rh_slot[j];
    old.owner[j] = owner[j];
  }
  for (uint32_t c = 0; c < SPANS; c++) old.free[c] = rh_free[c];
}

static void any_heap(void) {
  rh_nobj = any_small();
  rh_nedge = any_small();
  rh_total = any_small();
  FILL(rh_refcnt, nondet_word());
  FILL(rh_span, ((struct rh_span){any_small(), any_small()}));
  FILL(rh_class, (uint8_t)any_small());
  FILL(rh_slot, any_small());
  FILL(rh_next, any_small());
  FILL(rh_dead, any_small());
  FILL(rh_list, (uint8_t)any_small());
  FILL(rh_pos, any_small());
  FILL(rh_gcref, 0);
  FILL(roots, nondet_word());
  for (uint32_t c = 0; c < SPANS; c++) rh_free[c] = any_small();
  for (uint32_t g = 0; g < RH_LISTS; g++) {
    FILL(rh_member[g], any_small());
    rh_end[g] = any_small();
    rh_size[g] = any_small();
  }
  rh_end[RH_LISTS - 1] = 0;
  rh_refcnt[0] = 0;
  rh_list[0] = 0;
  roots[0] = 0;
#ifdef FIXED_SPANS
  fix_spans();
#endif
#ifdef NONE_FOUND
  rh_end[RH_FOUND] = 0;
#endif
#ifdef FOUND
  fix_list(RH_FOUND, FOUND);
#endif
#ifdef SMALL_COUNTS
  small_counts();
#endif
  SUPPOSE(spans_tile() && slots_valid() && counts_exact() && stacks_hold_the_dead() && lists_valid());
  remember();
}

static uint32_t any_generation(void) {
#ifdef GENERATION
  return GENERATION;
#else
  return nondet_word();
#endif
}

static bool was_live(uint32_t o) {
  return o < RH_OBJECTS && old.count[o] != 0;
}

static bool was_mortal(uint32_t o) {
  return was_live(o) && old.count[o] < RH_COUNT_IMMORTAL;
}

/* ---- what a step leaves alone ---- */

static bool same_counts(void) {
  bool fine = rh_total == old.total;
  for (uint32_t o = 0; o < RH_OBJECTS; o++) fine &= rh_refcnt[o] == old.count[o];
  return fine;
}

static bool same_slots(void) {
  bool fine = true;
  for (uint32_t j = 0; j < RH_SLOTS; j++) fine &= rh_slot[j] == old.slot[j];
  return fine;
}

static bool same_spans(void) {
  bool fine = rh_nobj == old.nobj && rh_nedge == old.nedge;
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    fine &= o >= old.nobj ||
            (rh_span[o].first == old.first[o] && rh_class[o] == old.span[o] && rh_span[o].len == old.length[o]);
  return fine;
}

/* Members of the same lists at the same places, but for the dead, and but for object `x` (0: none). */
static bool same_lists_but(uint32_t x) {
  bool fine = true;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    if (o == x || rh_refcnt[o] == 0) continue;
    fine &= rh_list[o] == old.list[o] && (rh_list[o] == 0 || rh_pos[o] == old.place[o]);
  }
  return fine;
}

/* O1: members that were in list g and still are have kept their order. */
static bool order_kept(uint32_t g) {
  bool fine = true;
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    for (uint32_t p = 1; p < RH_OBJECTS; p++)
      if (old.list[o] == g + 1 && old.list[p] == g + 1 && rh_list[o] == g + 1 && rh_list[p] == g + 1)
        fine &= (old.place[o] < old.place[p]) == (rh_pos[o] < rh_pos[p]);
  return fine;
}

/* ---- objects and slots ---- */

void check_new(void) {
  any_heap();
  uint32_t n = nondet_word(), o = rh_object_new(n);
  bool room = false;
  for (uint32_t c = 0; c < SPANS; c++) {
    bool fits = rh_capacity[c] >= n && (c == 0 || rh_capacity[c - 1] < n);
    room |= fits && (old.free[c] != 0 || (old.nobj < RH_OBJECTS && rh_capacity[c] <= RH_SLOTS - old.nedge));
  }
  CLAIM("fails only without room", (o != 0) == room);
  CLAIM("refused: nothing changed", o != 0 || (same_counts() && same_spans()));
  CLAIM("made: what was dead", o == 0 || (o < RH_OBJECTS && !was_live(o)));
  SUPPOSE(o < RH_OBJECTS);
  CLAIM("made: one reference, untracked", o == 0 || (rh_refcnt[o] == 1 && rh_span[o].len == n && rh_list[o] == 0));
  for (uint32_t p = 1; p < RH_OBJECTS; p++) CLAIM("others keep their counts", p == o || rh_refcnt[p] == old.count[p]);
  CLAIM("no slot changed", same_slots());
  if (o != 0) roots[o] = 1;
  HAPPENS("an object is made", o != 0);
  HAPPENS("there is no room", o == 0);
  claim_consistent();
}

void check_retain(void) {
  any_heap();
  uint32_t o = nondet_word();
  rh_object_retain(o);
  for (uint32_t p = 1; p < RH_OBJECTS; p++) {
    bool more = p == o && was_mortal(o);
    CLAIM("one more reference", rh_refcnt[p] == old.count[p] + more);
    roots[p] += more;
  }
  CLAIM("nothing else changed", same_slots() && same_spans() && same_lists_but(0));
  HAPPENS("a count is moved", was_mortal(o));
  HAPPENS("an object becomes immortal", was_mortal(o) && rh_refcnt[o] == RH_COUNT_IMMORTAL);
  claim_consistent();
}

/* R2, by definition: o dies with the last reference, and whatever only the dying hold dies. */
static void find_dying(uint32_t o, bool dies[RH_OBJECTS]) {
  for (uint32_t p = 0; p < RH_OBJECTS; p++) dies[p] = p == o && old.count[p] == 1;
  for (uint32_t round = 1; round < RH_OBJECTS; round++)
    for (uint32_t p = 1; p < RH_OBJECTS; p++) {
      bool held = !was_mortal(p) || roots[p] != 0;
      for (uint32_t j = 0; j < RH_SLOTS; j++) held |= old.slot[j] == p && !dies[old.owner[j]];
      dies[p] |= !held;
    }
}

/* `emptied`: a slot that the step itself empties; RH_SLOTS: none. */
static void claim_survivors(const bool dies[RH_OBJECTS], uint32_t emptied) {
  for (uint32_t p = 1; p < RH_OBJECTS; p++)
    CLAIM("R2: exactly what nothing else holds dies", (rh_refcnt[p] != 0) == (was_live(p) && !dies[p]));
  for (uint32_t j = 0; j < RH_SLOTS; j++)
    CLAIM("survivors keep their slots", rh_slot[j] == (j == emptied || dies[old.owner[j]] ? 0 : old.slot[j]));
  CLAIM("survivors keep their places", same_lists_but(0));
}

void check_release(void) {
  any_heap();
  uint32_t o = nondet_word();
  bool dies[RH_OBJECTS];
  SUPPOSE(!was_mortal(o) || roots[o] > 0);
  if (was_mortal(o)) roots[o]--;
  find_dying(was_mortal(o) ? o : 0, dies);
  rh_object_release(o);
  claim_survivors(dies, RH_SLOTS);
  HAPPENS("nobody dies", was_mortal(o) && rh_total == old.total);
  HAPPENS("everybody dies", old.total == RH_OBJECTS - 1 && rh_total == 0);
  HAPPENS("it is refused", !was_mortal(o));
  claim_consistent();
}

/* The two calls that clearing is made of, besides rh_object_retain. */
void check_slot_drop(void) {
  any_heap();
  uint32_t j = nondet_word();
  bool dies[RH_OBJECTS];
  SUPPOSE(j < old.nedge);
  uint32_t o = old.slot[j];
  old.slot[j] = 0; /* as far as holding goes */
  find_dying(was_mortal(o) ? o : 0, dies);
  old.slot[j] = o;
  rh_slot_drop(j);
  claim_survivors(dies, j);
  HAPPENS("nobody dies", was_mortal(o) && rh_total == old.total);
  HAPPENS("everybody dies", old.total == RH_OBJECTS - 1 && rh_total == 0);
  claim_consistent();
}

void check_release_empty(void) {
  any_heap();
  uint32_t o = nondet_word();
  bool dies[RH_OBJECTS] = {false};
  SUPPOSE(was_live(o) && (!was_mortal(o) || roots[o] > 0));
  for (uint32_t j = 0; j < RH_SLOTS; j++) SUPPOSE(owner[j] != o || old.slot[j] == 0);
  if (was_mortal(o)) roots[o]--;
  dies[o] = old.count[o] == 1;
  rh_release_empty(o);
  claim_survivors(dies, RH_SLOTS);
  CLAIM("one reference less", rh_refcnt[o] == old.count[o] - was_mortal(o));
  HAPPENS("it dies in a list", dies[o] && old.list[o] != 0);
  HAPPENS("it is immortal", !was_mortal(o));
  claim_consistent();
}

void check_immortalize(void) {
  any_heap();
  uint32_t o = nondet_word();
  rh_object_immortalize(o);
  for (uint32_t p = 1; p < RH_OBJECTS; p++)
    CLAIM("immortal", rh_refcnt[p] == (p == o && was_live(o) ? RH_COUNT_IMMORTAL : old.count[p]));
  CLAIM("nothing else changed", same_slots() && same_spans() && same_lists_but(0));
  HAPPENS("an object becomes immortal", was_mortal(o));
  claim_consistent();
}

void check_swap(void) {
  any_heap();
  uint32_t o = nondet_word(), i = nondet_word(), v = nondet_word();
  SUPPOSE(!was_mortal(v) || roots[v] > 0);
  bool exists = was_live(o) && i < old.length[o] && (v == 0 || was_live(v));
  uint32_t at = exists ? old.first[o] + i : RH_SLOTS;
  CLAIM("what is there can be seen", exists <= (rh_slot_get(o, i) == old.slot[at < RH_SLOTS ? at : 0]));
  uint32_t former = rh_slot_swap(o, i, v);
  CLAIM("refused iff there is no such slot or value", (former == RH_SLOT_REFUSED) == !exists);
  for (uint32_t j = 0; j < RH_SLOTS; j++) CLAIM("stored there alone", rh_slot[j] == (j == at ? v : old.slot[j]));
  CLAIM("the former reference is returned", !exists || former == old.slot[at]);
  CLAIM("nothing else changed", same_counts() && same_spans() && same_lists_but(0));
  if (exists && was_mortal(v)) roots[v]--;
  if (exists && was_mortal(former)) roots[former]++;
  HAPPENS("one reference for another", exists && v != 0 && former != 0 && v != former);
  HAPPENS("it is refused", !exists);
  claim_consistent();
}

static bool kept_prefix(uint32_t o, uint32_t n) {
  bool fine = true;
  for (uint32_t i = 0; i < RH_SLOTS; i++)
    if (i < n) fine &= rh_slot_get(o, i) == (i < old.length[o] ? old.slot[old.first[o] + i] : 0);
  return fine;
}

static bool rest_empty(uint32_t o, uint32_t n) {
  bool fine = true;
  for (uint32_t i = 0; i < RH_SLOTS; i++)
    if (n <= i && i < old.length[o]) fine &= old.slot[old.first[o] + i] == 0;
  return fine;
}

void check_resize(void) {
  any_heap();
  uint32_t o = nondet_word(), n = nondet_word();
  bool done = rh_object_resize(o, n);
  CLAIM("resized: only what lives, nothing cut off", !done || (was_live(o) && rest_empty(o, n)));
  CLAIM("resized: as long as asked", !done || rh_span[o].len == n);
  CLAIM("resized: keeps its prefix", !done || kept_prefix(o, n));
  CLAIM("refused: nothing changed", done || (same_slots() && same_spans()));
  CLAIM("shrinking finds room", done || !was_live(o) || !rest_empty(o, n) || n > old.length[o]);
  CLAIM("no count changed", same_counts() && same_lists_but(0));
  for (uint32_t p = 1; p < RH_OBJECTS; p++) {
    if (p == o || !was_live(p)) continue;
    CLAIM("others keep their spans", rh_span[p].first == old.first[p] && rh_span[p].len == old.length[p]);
    for (uint32_t i = 0; i < RH_SLOTS; i++)
      CLAIM("others keep their slots",
            i >= rh_span[p].len || rh_slot[rh_span[p].first + i] == old.slot[old.first[p] + i]);
  }
  HAPPENS("two spans are exchanged", done && rh_span[o].first != old.first[o] && rh_slot_get(o, 0) != 0);
  HAPPENS("there is no room", !done && was_live(o) && rest_empty(o, n) && n <= RH_SLOTS);
  claim_consistent();
}

/* ---- lists ---- */

/* o is the last member of list g now, and the others are as they were. */
static void claim_last(uint32_t o, uint32_t g) {
  CLAIM("in the list", rh_list[o] == g + 1);
  for (uint32_t p = 1; p < RH_OBJECTS; p++) {
    if (p == o) continue;
    CLAIM("O1: at its end", rh_list[p] != g + 1 || rh_pos[p] < rh_pos[o]);
    CLAIM("others stay in their lists", rh_list[p] == old.list[p]);
  }
  for (uint32_t h = 0; h < RH_LISTS; h++)
    CLAIM("O1: others keep their order", o == 0 || order_kept(h) || old.list[o] == h + 1);
}

void check_track(void) {
  any_heap();
  uint32_t o = nondet_word();
  bool done = was_live(o) && old.list[o] == 0;
  rh_gc_track(o);
  if (done) claim_last(o, 0);
  CLAIM("refused: nothing changed", done || same_lists_but(0));
  CLAIM("no count or slot changed", same_counts() && same_slots() && same_spans());
  HAPPENS("holes are closed on the way", done && rh_pos[o] < 2 && rh_size[0] == 2);
  claim_consistent();
}

void check_untrack(void) {
  any_heap();
  uint32_t o = nondet_word();
  rh_gc_untrack(o);
  CLAIM("in no list", !was_live(o) || rh_list[o] == 0);
  CLAIM("nothing else changed", same_lists_but(o) && same_counts() && same_slots() && same_spans());
  CLAIM("says so", rh_gc_generation(o) == RH_UNTRACKED);
  HAPPENS("a member leaves", was_live(o) && old.list[o] != 0);
  claim_consistent();
}

void check_move(void) {
  any_heap();
  uint32_t o = nondet_word(), g = nondet_word();
  bool done = was_live(o) && old.list[o] != 0 && g <= RH_FOUND;
  rh_gc_move(o, g);
  if (done) claim_last(o, g);
  CLAIM("refused: nothing changed", done || same_lists_but(0));
  CLAIM("no count or slot changed", same_counts() && same_slots() && same_spans());
  HAPPENS("to another list", done && old.list[o] != g + 1);
  HAPPENS("to the end of its own", done && old.list[o] == g + 1 && old.place[o] != rh_pos[o]);
  claim_consistent();
}

/* Members of the lists below `lists` of `from` went behind those of list `to`; from[g] says whether list g moved. */
static void claim_joined(const bool from[RH_LISTS], uint32_t to) {
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    bool moved = old.list[o] != 0 && from[old.list[o] - 1];
    CLAIM("in the right list", rh_list[o] == (moved ? to + 1 : old.list[o]));
    for (uint32_t p = 1; p < RH_OBJECTS; p++) {
      bool same = moved && old.list[p] == old.list[o];
      CLAIM("O1: in the same order", !same || (old.place[o] < old.place[p]) == (rh_pos[o] < rh_pos[p]));
      CLAIM("O1: behind those there before", !moved || old.list[p] != to + 1 || rh_pos[p] < rh_pos[o]);
    }
  }
  for (uint32_t h = 0; h < RH_LISTS; h++) CLAIM("O1: others keep their order", from[h] || order_kept(h));
  CLAIM("no count or slot changed", same_counts() && same_slots() && same_spans());
}

void check_promote(void) {
  any_heap();
  uint32_t k = any_generation();
  bool from[RH_LISTS] = {false};
  if (k < 2) from[k] = true;
  rh_gc_promote(k);
  claim_joined(from, k < 2 ? k + 1 : 2);
  HAPPENS("all are in one list", k < 2 && rh_size[k + 1] == RH_OBJECTS - 1);
  claim_consistent();
}

void check_freeze(void) {
  any_heap();
  bool from[RH_LISTS] = {true, true, true};
  rh_gc_freeze();
  claim_joined(from, RH_FROZEN);
  HAPPENS("all are frozen", rh_gc_size(RH_FROZEN) == RH_OBJECTS - 1);
  claim_consistent();
}

void check_unfreeze(void) {
  any_heap();
  bool from[RH_LISTS] = {[RH_FROZEN] = true};
  rh_gc_unfreeze();
  claim_joined(from, 2);
  HAPPENS("all are thawed", rh_gc_size(2) == RH_OBJECTS - 1);
  claim_consistent();
}

/* The walk shows each list in order. */
void check_walk(void) {
  any_heap();
  uint32_t g = nondet_word(), o = nondet_word();
  uint32_t head = rh_gc_first(g), next = rh_gc_next(o);
  bool listed = was_live(o) && old.list[o] != 0;
  CLAIM("nothing in a list that does not exist", g <= RH_FOUND || (head == 0 && rh_gc_size(g) == 0));
  CLAIM("nothing behind what is in no list", listed || next == 0);
  for (uint32_t p = 1; p < RH_OBJECTS; p++) {
    CLAIM("none before the first", g > RH_FOUND || rh_list[p] != g + 1 || (head != 0 && rh_pos[head] <= rh_pos[p]));
    bool behind = listed && rh_list[p] == rh_list[o] && rh_pos[p] > rh_pos[o];
    CLAIM("none between two neighbours", !behind || (next != 0 && rh_pos[next] <= rh_pos[p]));
  }
  CLAIM("a member", head == 0 || rh_list[head] == g + 1);
  CLAIM("a later member", next == 0 || (rh_list[next] == rh_list[o] && rh_pos[next] > rh_pos[o]));
  HAPPENS("the second of three", next != 0 && next != head && old.list[o] == g + 1 && rh_size[g] == 3);
  claim_consistent();
}

/* ---- the collector ---- */

/* C2, by definition: what can be reached from outside the set `in`. */
static void find_reachable(const bool in[RH_OBJECTS], bool reached[RH_OBJECTS]) {
  for (uint32_t o = 0; o < RH_OBJECTS; o++) {
    reached[o] = in[o] && (!was_mortal(o) || roots[o] != 0);
    for (uint32_t j = 0; j < RH_SLOTS; j++) reached[o] |= o != 0 && in[o] && old.slot[j] == o && !in[old.owner[j]];
  }
  for (uint32_t round = 1; round < RH_OBJECTS; round++)
    for (uint32_t j = 0; j < RH_SLOTS; j++)
      if (old.slot[j] != 0 && in[old.slot[j]] && reached[old.owner[j]]) reached[old.slot[j]] = true;
}

static void find_collected(uint32_t k, bool in[RH_OBJECTS]) {
  for (uint32_t o = 0; o < RH_OBJECTS; o++)
    in[o] = old.list[o] == RH_FOUND + 1 || (1 <= old.list[o] && old.list[o] <= k + 1);
}

void check_find(void) {
  any_heap();
  uint32_t k = any_generation();
  bool in[RH_OBJECTS], reached[RH_OBJECTS];
  SUPPOSE(k <= 2);
  find_collected(k, in);
  find_reachable(in, reached);
  rh_gc_find(k);
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    CLAIM("C2: kept iff reachable", rh_list[o] == (!in[o] ? old.list[o] : reached[o] ? k + 1 : RH_FOUND + 1));
  CLAIM("no count or slot changed", same_counts() && same_slots() && same_spans());
  HAPPENS("all are found", rh_gc_size(RH_FOUND) == RH_OBJECTS - 1);
  HAPPENS("one is found, one kept", rh_gc_size(RH_FOUND) == 1 && rh_gc_size(k) == 1);
  claim_consistent();
}

void check_confirm(void) {
  any_heap();
  uint32_t g = any_generation();
  bool in[RH_OBJECTS], reached[RH_OBJECTS];
  for (uint32_t o = 0; o < RH_OBJECTS; o++) in[o] = old.list[o] == RH_FOUND + 1;
  find_reachable(in, reached);
  uint32_t left = rh_gc_confirm(g);
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    bool resurrected = g <= RH_FROZEN && in[o] && reached[o];
    CLAIM("C5: exactly the reachable are taken back", rh_list[o] == (resurrected ? g + 1 : old.list[o]));
  }
  CLAIM("the number left", left == rh_gc_size(RH_FOUND));
  CLAIM("no count or slot changed", same_counts() && same_slots() && same_spans());
  HAPPENS("one is left, the others are taken back", g <= RH_FROZEN && left == 1 && rh_gc_size(g) == RH_OBJECTS - 2);
  claim_consistent();
}

/* What nothing holds once the slots of the set `emptied` are empty. */
static void find_unheld(const bool emptied[RH_OBJECTS], bool dies[RH_OBJECTS]) {
  for (uint32_t p = 0; p < RH_OBJECTS; p++) dies[p] = false;
  for (uint32_t round = 1; round < RH_OBJECTS; round++)
    for (uint32_t p = 1; p < RH_OBJECTS; p++) {
      bool held = !was_mortal(p) || roots[p] != 0;
      for (uint32_t j = 0; j < RH_SLOTS; j++) held |= old.slot[j] == p && !emptied[old.owner[j]] && !dies[old.owner[j]];
      dies[p] |= was_live(p) && !held;
    }
}

void check_clear(void) {
  any_heap();
  bool found[RH_OBJECTS], dies[RH_OBJECTS];
  for (uint32_t o = 0; o < RH_OBJECTS; o++) found[o] = old.list[o] == RH_FOUND + 1;
  find_unheld(found, dies);
  uint32_t freed = rh_gc_clear();
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    CLAIM("exactly what nothing holds any more dies", (rh_refcnt[o] != 0) == (was_live(o) && !dies[o]));
  for (uint32_t j = 0; j < RH_SLOTS; j++) {
    bool empty = found[old.owner[j]] || dies[old.owner[j]];
    CLAIM("the found are empty, others as they were", rh_slot[j] == (empty ? 0 : old.slot[j]));
  }
  CLAIM("the number freed", freed == old.total - rh_total);
  CLAIM("survivors keep their places", same_lists_but(0));
#if defined FOUND && FOUND == 0
  HAPPENS("nothing is found", old.total == RH_OBJECTS - 1);
#else
  HAPPENS("everybody dies", old.total == RH_OBJECTS - 1 && rh_total == 0);
  HAPPENS("one that is held survives", freed == 1 && rh_total != 0);
#endif
  claim_consistent();
}

void check_collect(void) {
  any_heap();
  uint32_t k = any_generation(), number = 0;
  bool in[RH_OBJECTS], reached[RH_OBJECTS], unreachable[RH_OBJECTS], dies[RH_OBJECTS];
  SUPPOSE(k <= 2);
  find_collected(k, in);
  find_reachable(in, reached);
  for (uint32_t o = 0; o < RH_OBJECTS; o++) number += unreachable[o] = in[o] && !reached[o];
  find_unheld(unreachable, dies);
  uint32_t found = rh_gc_collect(k);
  CLAIM("the number found", found == number);
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    CLAIM("C3, C4: exactly the unreachable and what only they held die",
          (rh_refcnt[o] != 0) == (was_live(o) && !dies[o]));
    CLAIM("C3, C4: what was found is dead", !unreachable[o] || dies[o]);
    CLAIM("survivors become older", rh_refcnt[o] == 0 || rh_list[o] == (in[o] ? (k < 2 ? k + 2 : 3) : old.list[o]) ||
                                        (k < 2 && old.list[o] == k + 2 && rh_list[o] == k + 2));
  }
  for (uint32_t j = 0; j < RH_SLOTS; j++)
    CLAIM("survivors keep their slots", rh_slot[j] == (dies[old.owner[j]] ? 0 : old.slot[j]));
  HAPPENS("all are found", found == RH_OBJECTS - 1);
  HAPPENS("one is found, the others survive", found == 1 && rh_total == RH_OBJECTS - 2);
  claim_consistent();
}

/* ---- the intern table ---- */

/*
 * Which values are equal is any relation: objects of one value share a number.
 * Up to RH_OBJECTS numbers tell all objects and what is looked for apart.
 */
static uint8_t value[RH_OBJECTS], bucket_of[RH_OBJECTS], sought;
static uint32_t old_in[RH_OBJECTS], old_rank[RH_OBJECTS];
static uint32_t rank[RH_OBJECTS]; /* of an entry in its chain, from 1; 0: not seen there */

bool rh_intern_same(uint32_t o) {
  CLAIM("only entries are compared", o < RH_OBJECTS && rh_intern_in[o < RH_OBJECTS ? o : 0] != 0);
  return o < RH_OBJECTS && value[o] == sought;
}

/* Chains end, and hold every entry once. */
static bool chains_hold_the_entries(void) {
  uint32_t entries = 0, seen = 0;
  FILL(rank, 0);
  for (uint32_t o = 0; o < RH_OBJECTS; o++) entries += rh_intern_in[o] != 0;
  for (uint32_t b = 0; b < RH_INTERN_BUCKETS; b++) {
    uint32_t o = rh_intern_head[b];
    for (uint32_t k = 1; k < RH_OBJECTS && o != 0; k++) {
      if (!made(o) || rh_intern_in[o] != b + 1) return false;
      seen++; /* a chain that ends holds nothing twice */
      rank[o] = k;
      o = rh_intern_next[o];
    }
    if (o != 0) return false;
  }
  return seen == entries;
}

/* Entries are live, in the bucket of their value, and N1: of different values. */
static bool entries_valid(void) {
  bool fine = rh_intern_in[0] == 0;
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    if (rh_intern_in[o] == 0) continue;
    fine &= rh_refcnt[o] != 0 && rh_intern_in[o] == bucket_of[value[o]] + 1;
    for (uint32_t p = 1; p < o; p++) fine &= rh_intern_in[p] == 0 || value[p] != value[o];
  }
  return fine;
}

static void any_table(void) {
  any_heap();
  FILL(value, nondet_byte());
  FILL(bucket_of, nondet_byte() % RH_INTERN_BUCKETS);
  FILL(rh_intern_head, any_small());
  FILL(rh_intern_next, any_small());
  FILL(rh_intern_in, (uint16_t)any_small());
  sought = nondet_byte();
  SUPPOSE(sought < RH_OBJECTS);
  for (uint32_t o = 0; o < RH_OBJECTS; o++) SUPPOSE(value[o] < RH_OBJECTS);
  SUPPOSE(chains_hold_the_entries() && entries_valid());
  for (uint32_t o = 0; o < RH_OBJECTS; o++) {
    old_in[o] = rh_intern_in[o];
    old_rank[o] = rank[o];
  }
}

/* Object x alone enters or leaves (0: none does); the others stay in their order. */
static void claim_entries_but(uint32_t x) {
  bool chains = chains_hold_the_entries();
  CLAIM("chains hold the entries, once", chains);
  CLAIM("N1: entries are live, and the only ones of their values", entries_valid());
  for (uint32_t o = 1; o < RH_OBJECTS; o++) {
    CLAIM("others stay", o == x || rh_intern_in[o] == old_in[o]);
    for (uint32_t p = 1; p < RH_OBJECTS; p++) {
      bool same = o != x && p != x && old_in[o] != 0 && old_in[o] == old_in[p];
      CLAIM("in their order", !same || (rank[o] < rank[p]) == (old_rank[o] < old_rank[p]));
    }
  }
}

void check_intern_find(void) {
  any_table();
  uint32_t found = rh_intern_find(bucket_of[sought]);
  CLAIM("an entry of that value", found == 0 || (found < RH_OBJECTS && old_in[found] != 0 && value[found] == sought));
  for (uint32_t o = 1; o < RH_OBJECTS; o++)
    CLAIM("none only if there is none", found != 0 || old_in[o] == 0 || value[o] != sought);
  HAPPENS("the last of the chain", found != 0 && rank[found] == RH_OBJECTS - 1);
  HAPPENS("a chain without it", found == 0 && rh_intern_head[bucket_of[sought]] != 0);
}

void check_intern_add(void) {
  any_table();
  uint32_t o = nondet_word(), b = nondet_word();
  for (uint32_t p = 1; p < RH_OBJECTS; p++) {
    SUPPOSE(o != p || b == bucket_of[value[p]] || b >= RH_INTERN_BUCKETS);
    SUPPOSE(o >= RH_OBJECTS || p == o || old_in[p] == 0 || value[p] != value[o]);
  }
  bool added = was_live(o) && old.length[o] == 0 && old_in[o] == 0 && b < RH_INTERN_BUCKETS;
  rh_intern_add(o, b);
  claim_entries_but(added ? o : 0);
  CLAIM("an entry now, the first of its chain", !added || (rh_intern_in[o] == b + 1 && rank[o] == 1));
  CLAIM("nothing else changed", same_counts() && same_slots() && same_spans() && same_lists_but(0));
  HAPPENS("before others", added && rh_intern_next[o] != 0);
  HAPPENS("it is refused", !added && was_live(o));
  claim_consistent();
}

void check_intern_release(void) {
  any_table();
  uint32_t o = nondet_word();
  bool taken = was_mortal(o) && old.length[o] == 0, dies = taken && old.count[o] == 1;
  SUPPOSE(!taken || roots[o] > 0);
  if (taken) roots[o]--;
  rh_intern_release(o);
  claim_entries_but(dies ? o : 0);
  CLAIM("its entry goes with it", !dies || rh_intern_in[o] == 0);
  for (uint32_t p = 1; p < RH_OBJECTS; p++)
    CLAIM("one reference less", rh_refcnt[p] == old.count[p] - (taken && p == o));
  CLAIM("nothing else changed", same_slots() && same_spans() && same_lists_but(0));
  HAPPENS("an entry leaves from between two others", dies && old_rank[o] == 2 && old_in[o] == 1 && rank[1] == 2);
  HAPPENS("an entry stays", taken && !dies && old_in[o] != 0);
  claim_consistent();
}

void check_intern_reset(void) {
  any_table();
  rh_intern_reset();
  for (uint32_t o = 1; o < RH_OBJECTS; o++) CLAIM("no entry", rh_intern_in[o] == 0);
  CLAIM("no chain", chains_hold_the_entries());
  CLAIM("nothing else changed", same_counts() && same_slots() && same_spans() && same_lists_but(0));
  HAPPENS("all had one", old_in[RH_OBJECTS - 1] != 0 && old_rank[RH_OBJECTS - 1] == RH_OBJECTS - 1);
  claim_consistent();
}

/* ---- the first state ---- */

void check_start(void) {
  claim_consistent();
  CLAIM("empty", rh_total == 0 && rh_nobj == 1);
  HAPPENS("the harness ends", true);
}

void check_reset(void) {
  any_heap();
  rh_gc_reset();
  rh_object_reset();
  for (uint32_t o = 1; o < RH_OBJECTS; o++) roots[o] = 0;
  CLAIM("empty", rh_total == 0 && rh_nobj == 1);
  for (uint32_t o = 1; o < RH_OBJECTS; o++) CLAIM("no object", rh_refcnt[o] == 0 && rh_list[o] == 0);
  HAPPENS("everything was in use", old.total == RH_OBJECTS - 1);
  claim_consistent();
}
