/*
 * The address shell: the only file of the core that knows where the heap's
 * region is. Handle h names the 16 bytes from RH_GRANULE * h on. See
 * proofs/SOUNDNESS.md for what is assumed of it.
 */
#ifndef RH_CORE_ADDRESS_H
#define RH_CORE_ADDRESS_H

#include <stdint.h>

#include "core/config.h"

/* The private region: every block's bytes, and nothing else. */
extern unsigned char rh_region[(uint64_t)RH_GRANULES * RH_GRANULE];

/* Zeroes n granules from granule `to` on. */
/*@ requires range: to + n <= RH_GRANULES;
    terminates \true;
    assigns rh_region[to * RH_GRANULE .. (to + n) * RH_GRANULE - 1];
    exits \false;
    ensures zeroed: \forall integer k; to * RH_GRANULE <= k < (to + n) * RH_GRANULE ==> rh_region[k] == 0;
*/
void rh_region_zero(uint32_t to, uint32_t n);

/* Copies n granules; the two ranges do not overlap. */
/*@ requires range: to + n <= RH_GRANULES && from + n <= RH_GRANULES;
    requires apart: to + n <= from || from + n <= to;
    terminates \true;
    assigns rh_region[to * RH_GRANULE .. (to + n) * RH_GRANULE - 1];
    exits \false;
    ensures copied: \forall integer k; 0 <= k < n * RH_GRANULE ==>
      rh_region[to * RH_GRANULE + k] == \old(rh_region[from * RH_GRANULE + k]);
*/
void rh_region_copy(uint32_t to, uint32_t from, uint32_t n);

#endif
