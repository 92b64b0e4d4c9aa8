/*
 * A clear model of the block half: which handle a request gets, by the rules
 * that core/block.h, core/arena.h and core/run.h state, kept in the plainest
 * form. Nothing is linked: orders are arrays, and what the core finds by
 * following rings is searched for here.
 */
#ifndef RH_FUZZ_BLOCK_MODEL_H
#define RH_FUZZ_BLOCK_MODEL_H

#include <stdint.h>

/* Back to an empty heap. */
void block_model_reset(void);

/* The handle of the new block; 0 when there is no room. */
uint32_t block_model_new(uint64_t bytes);

/* Frees the live block of this handle. */
void block_model_free(uint32_t handle);

/* The handle of a live block from now on; 0 when there is no room, and nothing has changed. */
uint32_t block_model_resize(uint32_t handle, uint64_t bytes);

/* Usable bytes of a live block. */
uint64_t block_model_size(uint32_t handle);

struct block_model_counts {
  uint32_t pools, arenas, peak; /* in use, in use, the most ever in use */
  uint64_t reclaimed;           /* arenas given back */
};
struct block_model_counts block_model_counts(void);

#endif
