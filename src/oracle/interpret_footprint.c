/*
 * Which blocks the trace's objects take (memory-model.md, BLK-15): from their
 * kinds and the sizes they report. An object is one block; arrays of items,
 * tables and the blocks of a deque are blocks of their own.
 */
#include "oracle/interpret_memory.h"

enum {
  LIST_BYTES = 56,
  DICT_BYTES = 64,
  SET_BYTES = 216, /* eight places included */
  DEQUE_PART = 528,
  PLAIN_BYTES = 16,
  FLOAT_BYTES = 24
};

static void add_blocks(const struct rh_run *run, struct rh_footprint *footprint, int64_t bytes, int64_t blocks) {
  int64_t taken = bytes + (run->blocks.memory.guarded ? RH_GUARD : 0);
  if (bytes <= 0) return;
  footprint->blocks[rh_block_class((uint64_t)taken)] += blocks;
  footprint->bytes[rh_block_class((uint64_t)taken)] = taken;
}

static void add_list(const struct rh_run *run, uint32_t o, int64_t size, struct rh_footprint *footprint) {
  int64_t array = 8 * run->engine->capacity(o);
  add_blocks(run, footprint, size - array, 1);
  add_blocks(run, footprint, array, 1);
}

/* An object of `own` bytes and what else it has. */
static void add_parted(const struct rh_run *run, int64_t own, int64_t size, struct rh_footprint *footprint) {
  add_blocks(run, footprint, own, 1);
  add_blocks(run, footprint, size - own, 1);
}

static void add_deque(const struct rh_run *run, int64_t size, struct rh_footprint *footprint) {
  int64_t own = (int64_t)run->profile->deque_size - DEQUE_PART;
  add_blocks(run, footprint, own, 1);
  add_blocks(run, footprint, DEQUE_PART, (size - own) / DEQUE_PART);
}

static void add_object(const struct rh_run *run, uint32_t o, struct rh_footprint *footprint) {
  int kind = run->engine->kind(o);
  int64_t size = kind == RH_KIND_NOGCFIN ? PLAIN_BYTES : run->engine->size_of(o);
  footprint->known = footprint->known && size >= 0;
  switch (kind) {
  case RH_KIND_FIN:
  case RH_KIND_LEGACY:
  case RH_KIND_NOGCFIN:
  case RH_KIND_WEAKREF:
    footprint->helpers++;
    add_blocks(run, footprint, size, 1);
    return;
  case RH_KIND_LISTFIN:
    footprint->helpers++;
    add_list(run, o, size, footprint);
    return;
  case RH_KIND_LIST:
    add_list(run, o, size, footprint);
    return;
  case RH_KIND_DICT:
    add_parted(run, DICT_BYTES, size, footprint);
    return;
  case RH_KIND_SET:
    add_parted(run, SET_BYTES, size, footprint);
    return;
  case RH_KIND_DEQUE:
    add_deque(run, size, footprint);
    return;
  case RH_KIND_NODE:
  case RH_KIND_BARE:
  case RH_KIND_TUPLE:
  case RH_KIND_OBJECT:
  case RH_KIND_INT:
  case RH_KIND_STR:
  case RH_KIND_FLOAT:
  case RH_KIND_BYTES:
    add_blocks(run, footprint, size, 1);
    return;
  default:
    footprint->known = false;
  }
}

static void add_kept(const struct rh_run *run, int kind, uint32_t items, int64_t bytes,
                     struct rh_footprint *footprint) {
  int64_t entries = run->engine->free_entries(kind, items);
  if (entries > 0) add_blocks(run, footprint, bytes, entries);
}

/* Freed objects that are kept for reuse keep their blocks. */
static void add_all_kept(const struct rh_run *run, struct rh_footprint *footprint) {
  add_kept(run, RH_KIND_FLOAT, 0, FLOAT_BYTES, footprint);
  add_kept(run, RH_KIND_LIST, 0, LIST_BYTES, footprint);
  add_kept(run, RH_KIND_DICT, 0, DICT_BYTES, footprint);
  for (uint32_t n = 1; n <= run->profile->free_tuple_lengths; n++)
    add_kept(run, RH_KIND_TUPLE, n, (int64_t)run->profile->tuple_header + 8 * n, footprint);
}

void rh_footprint(const struct rh_run *run, struct rh_footprint *footprint) {
  *footprint = (struct rh_footprint){.known = true};
  for (uint32_t o = run->engine->next_object(0); o; o = run->engine->next_object(o)) add_object(run, o, footprint);
  add_all_kept(run, footprint);
}
