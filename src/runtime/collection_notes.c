/*
 * Evidence of how a collection orders what survives it (rules/evidence.h).
 *
 * Before trial deletion the members are written down in the order in which
 * they will be scanned; behind it, survivors that are out of that order are the
 * ones that the scan had already passed. Nothing is done unless evidence is
 * kept, and nothing is said of more than NOTED members of one collection.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"

enum { NOTED = 16 };

static uint32_t *places; /* by member: its place in the collected list, from 1 on; of no object: 0 */
static uint32_t members;

static void place_list(uint32_t list) {
  for (uint32_t o = rh_gc_first(list); o != 0; o = rh_gc_next(o)) places[o] = ++members;
}

void rh_rt_note_members(uint32_t generation) {
  if (!rh_evidence_kept) return;
  if (places == NULL) places = rh_rt_allocate(NULL, RH_OBJECTS * sizeof *places);
  places[0] = 0;
  members = 0;
  place_list(generation);
  for (uint32_t younger = 0; younger < generation; younger++) place_list(younger);
}

static bool refers_to(uint32_t container, uint32_t o) {
  for (uint32_t slot = 0; slot < rh_object_length(container); slot++)
    if (rh_slot_get(container, slot) == o) return true;
  return false;
}

static void note_passed(uint32_t generation, uint32_t o) {
  uint32_t holder = rh_gc_first(generation);
  while (holder != 0 && holder != o && !refers_to(holder, o)) holder = rh_gc_next(holder);
  rh_because(
      "GC-7", o,
      "it was member %u of the %u collected, and nothing had led to it when the scan passed it; member %u, scanned "
      "later, does, so it went to the end of the list",
      places[o], members, places[holder]);
}

void rh_rt_note_moved(uint32_t generation) {
  if (!rh_evidence_kept) return;
  bool passed = false; /* behind the first one that was, all were */
  uint32_t last = 0, noted = 0;
  for (uint32_t o = rh_gc_first(generation); o != 0 && noted < NOTED; o = rh_gc_next(o)) {
    passed = passed || places[o] < last;
    last = places[o];
    if (passed) {
      note_passed(generation, o);
      noted++;
    }
  }
}
