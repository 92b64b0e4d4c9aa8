/*
 * Blocks: the allocator of the heap core.
 *
 * A block is named by a handle: the number of its first granule (16 bytes) in
 * the heap's private region; 0 names none. Requests of up to RH_SMALL_MAX
 * bytes are served as CPython serves them from 3.10 on: 32 size classes, pools
 * of 16 KiB whose first 48 bytes stay unused, arenas of 64 pools that are
 * given back when wholly free (arena.h, pool.h). Larger ones are runs of
 * 512-byte pages that split and join (run.h).
 *
 * Relations between addresses are relations between handles: two small blocks
 * share a pool iff their handles agree in b / RH_POOL_GRANULES, and
 * b % RH_POOL_GRANULES * 16 is the offset in the pool.
 *
 * Every function takes any handle: one that is not that of a live block (none,
 * freed, interior, outside) is refused, and nothing changes. Every function
 * that fails for want of room leaves the heap as it was. The metadata is out
 * of band, so what a program writes into its blocks cannot hurt the heap.
 * Not for concurrent use.
 */
#ifndef RH_CORE_BLOCK_H
#define RH_CORE_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"

#ifdef __FRAMAC__
#include "acsl/blocks.h" /* what the contracts speak of */
#endif

/*
 * A new block of at least `bytes` bytes, 0 counting as 1, with undefined
 * contents. Returns 0 when there is no room, as for every request above
 * 2^63 - 1. The caller owns the block until rh_block_free. Time as told in
 * arena.h and run.h, else constant.
 */
uint32_t rh_block_new(uint64_t bytes);

/* The same, with every usable byte 0. */
uint32_t rh_block_new_zeroed(uint64_t bytes);

/* Frees block b and returns true; false, and nothing changed, when b is not a live block. */
bool rh_block_free(uint32_t b);

/*
 * Makes block *b at least `bytes` bytes long (0 counting as 1), keeping its
 * contents up to the shorter of old and new size, and returns true; *b may
 * change. *b = 0 asks for a new block. Returns false, with *b and its block
 * untouched, when there is no room or *b is neither 0 nor a live block.
 *
 * A small block of size S stays where it is iff bytes <= S and 4 bytes > 3 S
 * (CPython's rule: at most a quarter may be wasted), otherwise it moves. A
 * large block never becomes a small one; it stays where it is when its pages
 * and the free ones right behind it suffice, and gives back those it no longer
 * needs.
 */
bool rh_block_resize(uint32_t *b, uint64_t bytes);

/* What rh_block_resize does, without the pointer: returns the block's handle from now on, 0 on failure. */
uint32_t rh_block_move(uint32_t b, uint64_t bytes);

/* Usable bytes of block b, a multiple of 16; 0 when b is not a live block. */
uint64_t rh_block_size(uint32_t b);

/* The bytes of block b, aligned to 16; a null pointer when b is not a live block. Valid until b is freed or moved. */
void *rh_block_bytes(uint32_t b);

/* The handle of the live block that starts at this address, 0 when none does. Takes any address. */
uint32_t rh_block_at(const void *address);

/* rh_block_new and rh_block_free for those who name blocks by their bytes: a null pointer when there is no room;
 * false, and nothing changed, when no live block starts at this address. Any address may be given. In a build with
 * AddressSanitizer the bytes behind those asked for, and those of freed blocks, may not be touched (poison.h). */
void *rh_block_new_bytes(uint64_t bytes);
bool rh_block_free_bytes(void *address);

/* Statistics; the walks take time proportional to the pools and runs in use. */
uint32_t rh_block_total(void);     /* live blocks (walk) */
uint64_t rh_block_usage(void);     /* their usable bytes (walk) */
uint32_t rh_pool_total(void);      /* pools with a live block (walk over the arenas) */
uint32_t rh_arena_total(void);     /* arenas in use */
uint32_t rh_arena_peak(void);      /* the most arenas that were ever in use */
uint64_t rh_arena_reclaimed(void); /* arenas given back so far; stays at its maximum */

/*
 * For the shell around the operating system: an arena whose memory may be
 * returned to it now, RH_ARENAS for none. Each arena that became wholly free
 * is told once, and not at all if it is in use again. The contents of the
 * arena are undefined from now on.
 */
uint32_t rh_arena_take_releasable(void);

/* The first of the RH_ARENA_BYTES bytes of arena a, aligned to 4096. */
void *rh_arena_bytes(uint32_t a);

/* Frees everything: back to the first state, in time proportional to what was used. */
/*@ RH_REQUIRES_BLOCKS;
    terminates \true;
    assigns RH_SMALL_STATE, RH_RUN_STATE;
    exits \false;
    RH_ENSURES_BLOCKS;
    ensures none_small: \forall integer p, i; 0 <= p < RH_POOLS && 0 <= i < RH_POOL_SPAN ==> !block_live(p, i);
    ensures none_large: \forall integer f; 0 <= f <= RH_PAGES ==> rh_run_live[f] == 0;
*/
void rh_block_reset(void);

#ifdef RH_CHECKS
/* Walks the whole block half and returns whether every invariant holds; if not, *why names the first broken one. */
bool rh_block_check(const char **why);
#endif

#endif
