/*
 * Page runs: blocks above RH_SMALL_MAX bytes.
 *
 * The large space is RH_PAGES pages of RH_PAGE_GRANULES granules. Its first
 * rh_run_end pages are tiled by runs, each live or free; the rest was not
 * needed yet and counts as free. Two free runs are never neighbours, and the
 * last run below rh_run_end is live: what is freed joins its free neighbours.
 *
 * A request takes the first run long enough in the lowest bin that has one
 * (bins hold single lengths up to 31 pages, ranges by powers of two above),
 * splits off what it does not need, and takes new pages only when no free run
 * is long enough.
 *
 * Invariants: page f starts a run iff rh_run_size[f] != 0, its length; then
 * rh_run_back[f + rh_run_size[f]] is the same length, so the run before f is
 * found in constant time; every free run is in the ring of its bin, no live
 * one is in any.
 *
 * Taking a run takes time proportional to the free runs of the request's own
 * bin, and to the number of bins; everything else takes constant time.
 */
#ifndef RH_CORE_RUN_H
#define RH_CORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"

/* Written by run.c alone. */
extern uint32_t rh_run_size[RH_PAGES + 1]; /* pages of the run that starts here; 0: none does */
extern uint32_t rh_run_back[RH_PAGES + 1]; /* where a run starts, or at the end: pages of the run before */
extern uint8_t rh_run_live[RH_PAGES + 1];  /* 1: a live run starts here */
extern uint32_t rh_run_end;                /* pages in the tiled part */

/* Takes n pages, n >= 1. Returns the first, or RH_PAGES and has changed nothing when no free run is long enough. */
uint32_t rh_run_take(uint32_t n);

/* Frees the live run that starts at page f and returns true; when there is none, changes nothing and returns false. */
bool rh_run_give(uint32_t f);

/*
 * Makes the live run at page f n pages long where it stands, n >= 1: a shorter
 * one gives its tail back, a longer one takes the pages right behind it.
 * Returns false, and has changed nothing, when those are not free or too few.
 */
bool rh_run_fit(uint32_t f, uint32_t n);

/* Back to the first state; time proportional to the number of runs. Rings are the caller's. */
void rh_run_reset(void);

#endif
