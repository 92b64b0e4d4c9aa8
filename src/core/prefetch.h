/*
 * Hints to the memory system. They change nothing that a program can read, so
 * the proof assumes their contracts; see proofs/SOUNDNESS.md.
 */
#ifndef RH_CORE_PREFETCH_H
#define RH_CORE_PREFETCH_H

#include "core/config.h"
#include <stdint.h>

/* What a scan reads of object o, and then what it reads of its slots. The
 * second wants the first to have arrived. */
/*@ requires range: o < RH_OBJECTS;
    terminates \true;
    assigns \nothing;
    exits \false;
*/
void rh_prefetch_object(uint32_t o);
/*@ requires range: o < RH_OBJECTS;
    terminates \true;
    assigns \nothing;
    exits \false;
*/
void rh_prefetch_slots(uint32_t o);

#endif
