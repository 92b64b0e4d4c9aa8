/*
 * Evidence: by which rule something was decided, and on which numbers. Whoever
 * decides says so on the spot, with rh_because(); whoever explains keeps what
 * is said, and looks it up. Nothing is kept by default: then a decision costs
 * one test more, and the text is not made.
 *
 * Invariant: notes stay in the order in which they were made, and while they
 * are kept none is lost; when memory runs out keeping ends.
 */
#ifndef RH_RULES_EVIDENCE_H
#define RH_RULES_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rh_evidence {
  const char *rule; /* "LST-1": static */
  uint32_t subject; /* the object decided upon: the handle it had then; 0: none; of a counter, threshold or
                       generation (GEN): 1 + its number */
  const char *name; /* what it was called then; "": nothing */
  const char *text; /* a clause without full stop: what was decided, on which numbers */
};

/* Notes a decision: the rule's id (a literal), the object it is about or 0, a
 * format and its values. The values are read only while evidence is kept. */
#define rh_because(rule, subject, ...) (rh_evidence_kept ? rh_evidence_note(rule, subject, __VA_ARGS__) : (void)0)

/* True between rh_evidence_keep(true) and rh_evidence_keep(false). Read only. */
extern bool rh_evidence_kept;

/* What texts call an object, a word; the first name an object gets while
 * evidence is kept stays until "" takes it away, when the object goes. */
#define rh_evidence_call(object, name) (rh_evidence_kept ? rh_evidence_name_it(object, name) : (void)0)
/* That name, or "an unnamed object"; valid until the next object is named. */
const char *rh_evidence_name(uint32_t object);

/* Forgets every note and name; from now on notes are kept, or not. */
void rh_evidence_keep(bool keep);
/* The notes so far: i below rh_evidence_notes(). O(1). Texts live until the next note or rh_evidence_keep. */
size_t rh_evidence_notes(void);
struct rh_evidence rh_evidence(size_t i);

/* What the macros expand to. */
void rh_evidence_name_it(uint32_t object, const char *name);
void rh_evidence_note(const char *rule, uint32_t subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
