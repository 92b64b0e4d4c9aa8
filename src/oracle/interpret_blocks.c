/*
 * The block operations. Contents and results come from the engine; what is
 * said about addresses comes from interpret_pools.c, because engines need not
 * agree on addresses. A relation no rule decides ends the run as unsupported.
 *
 * A record is a block at one address: realloc that moves makes a new record,
 * and the names and batches that stand for the old one keep standing for it.
 */
#include "oracle/interpret_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/interpret_run.h"

#define IMPOSSIBLE_BYTES ((uint64_t)1 << 57) /* the widest virtual addresses have 57 bits */

enum {
  POOLS_PER_ARENA = 64,
  TOP_CLASS = RH_POOL_CLASSES - 1,
  QUIET_CLASS = 26, /* from 432 bytes on an interpreter hardly uses a class itself */
  CLASS_NOISE = 4,  /* blocks an observer may use of a quiet class */
  BLOCK_NOISE = 10, /* blocks an observer may use in all */
  ARENA_NOISE = 4   /* arenas: alignment, the observer, one kept for reuse */
};

bool rh_blocks_start(struct rh_blocks *blocks, size_t names, uint32_t pool_bytes) {
  blocks->names = calloc(names, sizeof *blocks->names);
  blocks->batches = calloc(names, sizeof *blocks->batches);
  rh_pools_start(&blocks->pools, pool_bytes);
  return blocks->names && blocks->batches;
}

void rh_blocks_free(struct rh_blocks *blocks) {
  rh_pools_free(&blocks->pools);
  free(blocks->names);
  free(blocks->batches);
  free(blocks->records);
}

/* --- records --- */

static uint64_t size_argument(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  return (uint64_t)rh_argument(run, op, i)->integer; /* as C's size_t: a negative one is enormous */
}

static void count_block(struct rh_blocks *blocks, uint64_t bytes, int64_t by) {
  blocks->live += by;
  if (!rh_in_pool(bytes)) return;
  int64_t *in_class = &blocks->in_class[(bytes - 1) / 16];
  *in_class += by;
  if (bytes <= RH_POOL_BLOCK_MAX - 16) return;
  if (by < 0) {
    blocks->arena_freed = true;
  } else if (blocks->arena_freed) {
    blocks->arena_mixed = true;
  }
  if (*in_class > blocks->arena_peak) blocks->arena_peak = *in_class;
}

/* What tracemalloc counts: a request, or what becomes of one, while it traces. */
static void trace_record(struct rh_blocks *blocks, struct rh_block_record *record, bool traced) {
  if (record->traced) blocks->traced_bytes -= (int64_t)record->bytes;
  record->traced = traced && blocks->tracing;
  if (!record->traced) return;
  blocks->traced_bytes += (int64_t)record->bytes;
  blocks->traced_requests++;
}

void rh_blocks_trace(struct rh_blocks *blocks, bool on) {
  for (size_t i = 0; i < blocks->nrecords; i++) blocks->records[i].traced = false;
  blocks->tracing = on;
  blocks->traced_bytes = blocks->traced_requests = 0;
}

/* A record of a block the engine made. */
static uint32_t add_record(struct rh_blocks *blocks, uint32_t handle, uint64_t bytes) {
  if (blocks->nrecords == blocks->room) {
    blocks->room = blocks->room ? 2 * blocks->room : 64;
    blocks->records = realloc(blocks->records, blocks->room * sizeof *blocks->records);
    if (!blocks->records) abort();
  }
  count_block(blocks, bytes, 1);
  blocks->records[blocks->nrecords] =
      (struct rh_block_record){.handle = handle, .bytes = bytes, .place = rh_pools_take(&blocks->pools, bytes)};
  trace_record(blocks, &blocks->records[blocks->nrecords], true);
  return (uint32_t)blocks->nrecords++;
}

static void end_record(struct rh_blocks *blocks, struct rh_block_record *record) {
  trace_record(blocks, record, false);
  count_block(blocks, record->bytes, -1);
  record->place = rh_pools_give(&blocks->pools, record->place, record->bytes);
  record->handle = 0;
}

/* The record a name stands for; NULL and `skip` when it stands for none. */
static struct rh_block_record *named_record(struct rh_run *run, const struct rh_op *op, uint32_t i,
                                            struct rh_observation *seen) {
  uint32_t bound = run->blocks.names[rh_argument(run, op, i)->name];
  if (!bound) rh_say_skip(seen);
  return bound ? &run->blocks.records[bound - 1] : NULL;
}

/* The same, of a live block. */
static struct rh_block_record *live_record(struct rh_run *run, const struct rh_op *op, uint32_t i,
                                           struct rh_observation *seen) {
  struct rh_block_record *record = named_record(run, op, i, seen);
  if (record && !record->handle) {
    rh_say_skip(seen);
    return NULL;
  }
  return record;
}

/* --- requests --- */

/* Requests that no address space can hold fail everywhere; that refheap's own
 * heap is full says nothing about others. */
static uint32_t request(struct rh_run *run, uint64_t bytes, bool zeroed, struct rh_observation *seen) {
  if (bytes >= IMPOSSIBLE_BYTES) {
    RH_SAY(seen, "null");
    return 0;
  }
  uint32_t handle = run->engine->block_new(bytes, zeroed);
  if (!handle) rh_say_error(run, seen, RH_MEMORY_ERROR);
  return handle;
}

static void request_named(struct rh_run *run, const struct rh_op *op, uint64_t bytes, bool zeroed,
                          struct rh_observation *seen) {
  uint32_t handle = request(run, bytes, zeroed, seen);
  if (!handle) return;
  uint32_t record = add_record(&run->blocks, handle, bytes);
  if (zeroed) run->blocks.records[record].known = bytes;
  run->blocks.names[rh_argument(run, op, 0)->name] = record + 1;
  RH_SAY(seen, "ok");
}

void rh_operate_pm_malloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  request_named(run, op, size_argument(run, op, 1), false, seen);
}

void rh_operate_pm_calloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t count = size_argument(run, op, 1), size = size_argument(run, op, 2);
  bool overflows = size && count > UINT64_MAX / size;
  request_named(run, op, overflows ? UINT64_MAX : count * size, true, seen);
}

static void say_same_or_moved(struct rh_observation *seen, bool decided, bool same) {
  if (decided) {
    if (same) {
      RH_SAY(seen, "same");
    } else {
      RH_SAY(seen, "moved");
    }
    return;
  }
  RH_SAY(seen, "same or moved");
  seen->class = RH_OBSERVE_RELATION;
  seen->nalternatives = 2;
  seen->alternatives[0] = "same";
  seen->alternatives[1] = "moved";
}

/* The block went to `handle`, as large as `bytes`: a new record. */
static void move_record(struct rh_run *run, uint32_t name, struct rh_block_record *old, uint32_t handle,
                        uint64_t bytes) {
  size_t index = (size_t)(old - run->blocks.records);
  uint64_t known = old->known < bytes ? old->known : bytes;
  uint32_t record = add_record(&run->blocks, handle, bytes); /* may move the records */
  run->blocks.records[record].known = known;
  end_record(&run->blocks, &run->blocks.records[index]);
  run->blocks.names[name] = record + 1;
}

static void keep_record(struct rh_run *run, struct rh_block_record *record, uint64_t bytes) {
  count_block(&run->blocks, record->bytes, -1);
  count_block(&run->blocks, bytes, 1);
  trace_record(&run->blocks, record, false);
  record->bytes = bytes;
  trace_record(&run->blocks, record, true);
  if (record->known > bytes) record->known = bytes;
}

void rh_operate_pm_realloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = live_record(run, op, 0, seen);
  uint64_t bytes = size_argument(run, op, 1);
  if (!record) return;
  if (bytes >= IMPOSSIBLE_BYTES) {
    RH_SAY(seen, "null");
    return;
  }
  /* Blocks outside of CPython's pools are the system's to keep or move. */
  bool decided = run->profile->family == RH_FAMILY_CPYTHON && rh_in_pool(record->bytes);
  uint32_t handle = record->handle;
  int result = run->engine->block_resize(&handle, bytes);
  if (result == RH_REALLOC_NULL) {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
    return;
  }
  if (result == RH_REALLOC_SAME) {
    keep_record(run, record, bytes);
  } else {
    move_record(run, rh_argument(run, op, 0)->name, record, handle, bytes);
  }
  say_same_or_moved(seen, decided, result == RH_REALLOC_SAME);
}

static void release_record(struct rh_run *run, struct rh_block_record *record) {
  if (!record->handle) return;
  (void)run->engine->block_free(record->handle); /* a live handle cannot be refused */
  end_record(&run->blocks, record);
}

void rh_operate_pm_free(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool any = false;
  for (uint32_t i = 0; i < op->nargs; i++) {
    uint32_t bound = run->blocks.names[rh_argument(run, op, i)->name];
    if (!bound || !run->blocks.records[bound - 1].handle) continue;
    any = true;
    release_record(run, &run->blocks.records[bound - 1]);
  }
  if (!any) rh_say_skip(seen);
}

/* --- contents --- */

/* Is [offset, offset + n) inside the request? Says ValueError if not. */
static bool inside(const struct rh_block_record *record, int64_t offset, uint64_t n, struct rh_observation *seen) {
  if (offset >= 0 && (uint64_t)offset <= record->bytes && n <= record->bytes - (uint64_t)offset) return true;
  rh_say_exception(seen, "ValueError");
  return false;
}

static void write_bytes(struct rh_run *run, struct rh_block_record *record, uint64_t offset, uint8_t value, uint64_t n,
                        struct rh_observation *seen) {
  rh_say_error(run, seen, run->engine->block_write(record->handle, offset, value, n));
  if (offset <= record->known && offset + n > record->known) record->known = offset + n;
}

void rh_operate_pm_fill(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = live_record(run, op, 0, seen);
  uint64_t n = size_argument(run, op, 2);
  if (record && inside(record, 0, n, seen))
    write_bytes(run, record, 0, (uint8_t)rh_argument(run, op, 1)->integer, n, seen);
}

void rh_operate_pm_poke(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = live_record(run, op, 0, seen);
  int64_t offset = rh_argument(run, op, 1)->integer;
  if (record && inside(record, offset, 1, seen))
    write_bytes(run, record, (uint64_t)offset, (uint8_t)rh_argument(run, op, 2)->integer, 1, seen);
}

static void append_hex(struct rh_text *text, int byte) {
  static const char digits[] = "0123456789abcdef";
  const char pair[2] = {digits[byte >> 4 & 15], digits[byte & 15]};
  rh_text_append(text, pair, 2);
}

/* Bytes nobody wrote are anything; no bytes are no observation. */
void rh_operate_pm_bytes(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = live_record(run, op, 0, seen);
  int64_t offset = rh_argument(run, op, 1)->integer;
  uint64_t n = size_argument(run, op, 2);
  if (!record || !inside(record, offset, n, seen) || n == 0) return;
  if ((uint64_t)offset + n > record->known) {
    rh_say_opaque(seen);
    return;
  }
  run->text->size = 0;
  for (uint64_t i = 0; i < n; i++) append_hex(run->text, run->engine->block_read(record->handle, (uint64_t)offset + i));
  rh_say_written(run, seen);
}

/* --- addresses --- */

static void say_undecided(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  rh_say_unsupported(run, seen, "an address no rule decides:", rh_opcode_spelling((enum rh_opcode)op->code));
}

static bool same_place(struct rh_place a, struct rh_place b) {
  return a.pool == b.pool && a.offset == b.offset;
}

void rh_operate_pm_off(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *record = named_record(run, op, 0, seen);
  if (!record) return;
  if (rh_pools_anonymous(&run->blocks.pools, record->place)) {
    say_undecided(run, op, seen);
  } else {
    rh_say_number(run, seen, record->place.offset);
  }
}

/* The two records of a relation; false after saying `skip`. */
static bool named_pair(struct rh_run *run, const struct rh_op *op, const struct rh_block_record *pair[2],
                       struct rh_observation *seen) {
  pair[0] = named_record(run, op, 0, seen);
  pair[1] = pair[0] ? named_record(run, op, 1, seen) : NULL;
  return pair[1] != NULL;
}

void rh_operate_pm_delta(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *pair[2];
  if (!named_pair(run, op, pair, seen)) return;
  if (pair[0] == pair[1]) {
    rh_say_number(run, seen, 0);
  } else if (rh_pools_anonymous(&run->blocks.pools, pair[0]->place) || pair[0]->place.pool != pair[1]->place.pool) {
    say_undecided(run, op, seen);
  } else {
    rh_say_number(run, seen, (int64_t)pair[1]->place.offset - (int64_t)pair[0]->place.offset);
  }
}

void rh_operate_pm_eq(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *pair[2];
  if (!named_pair(run, op, pair, seen)) return;
  bool placed = pair[0]->place.pool && pair[1]->place.pool;
  if (pair[0] == pair[1]) {
    RH_SAY(seen, "yes");
  } else if (pair[0]->handle && pair[1]->handle) {
    RH_SAY(seen, "no"); /* live blocks are disjoint */
  } else if (placed) {
    rh_say_bool(seen, same_place(pair[0]->place, pair[1]->place));
  } else {
    say_undecided(run, op, seen);
  }
}

void rh_operate_pm_samepool(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *pair[2];
  if (!named_pair(run, op, pair, seen)) return;
  const struct rh_pools *pools = &run->blocks.pools;
  bool known = !rh_pools_anonymous(pools, pair[0]->place) && !rh_pools_anonymous(pools, pair[1]->place);
  if (pair[0] == pair[1]) {
    RH_SAY(seen, "yes");
  } else if (known) {
    rh_say_bool(seen, pair[0]->place.pool == pair[1]->place.pool);
  } else {
    say_undecided(run, op, seen);
  }
}

void rh_operate_pm_drain(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t bytes = size_argument(run, op, 0);
  if (bytes > RH_POOL_BLOCK_MAX - 16 * (RH_POOL_CLASSES - QUIET_CLASS) && rh_in_pool(bytes)) {
    rh_pools_drain(&run->blocks.pools, bytes);
  } else {
    rh_say_unsupported(run, seen, "draining", "a class the interpreter uses itself");
  }
}

/* --- batches --- */

static void make_batch(struct rh_run *run, uint32_t name, uint64_t bytes, uint64_t count, struct rh_observation *seen) {
  struct rh_batch batch = {true, (uint32_t)run->blocks.nrecords, 0};
  for (; batch.count < count; batch.count++) {
    uint32_t handle = request(run, bytes, false, seen);
    if (!handle) break;
    add_record(&run->blocks, handle, bytes);
  }
  if (batch.count < count && bytes >= IMPOSSIBLE_BYTES) {
    rh_say_exception(seen, "MemoryError");
  } else if (batch.count == count) {
    run->blocks.batches[name] = batch;
  }
}

void rh_operate_pm_batch(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  make_batch(run, rh_argument(run, op, 0)->name, size_argument(run, op, 1), size_argument(run, op, 2), seen);
}

void rh_operate_pm_poolbatch(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t bytes = size_argument(run, op, 1);
  if (rh_in_pool(bytes)) {
    make_batch(run, rh_argument(run, op, 0)->name, bytes, rh_pools_per_pool(&run->blocks.pools, bytes), seen);
  } else {
    rh_say_unsupported(run, seen, "pool of", "blocks that lie outside of pools");
  }
}

void rh_operate_pm_arenabatch(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t in_pool = rh_pools_per_pool(&run->blocks.pools, RH_POOL_BLOCK_MAX);
  make_batch(run, rh_argument(run, op, 0)->name, RH_POOL_BLOCK_MAX,
             POOLS_PER_ARENA * in_pool * size_argument(run, op, 1), seen);
}

void rh_operate_pm_pick(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_batch batch = run->blocks.batches[rh_argument(run, op, 1)->name];
  int64_t i = rh_argument(run, op, 2)->integer;
  if (!batch.bound) {
    rh_say_skip(seen);
    return;
  }
  if (i < 0) i += batch.count;
  if (rh_argument(run, op, 2)->is_unsigned || i < 0 || i >= batch.count) {
    rh_say_exception(seen, "IndexError");
  } else {
    run->blocks.names[rh_argument(run, op, 0)->name] = batch.first + (uint32_t)i + 1;
  }
}

void rh_operate_pm_freebatch(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t name = rh_argument(run, op, 0)->name;
  struct rh_batch batch = run->blocks.batches[name];
  bool reversed = op->nargs > 1;
  if (!batch.bound) rh_say_skip(seen);
  for (uint32_t i = 0; i < batch.count; i++)
    release_record(run, &run->blocks.records[batch.first + (reversed ? batch.count - 1 - i : i)]);
  run->blocks.batches[name].bound = false;
}

/* --- statistics --- */

/* Python's division, which rounds down, of what a pool has room for. */
void rh_operate_pm_perpool(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *arg = rh_argument(run, op, 0);
  int64_t room = (int64_t)run->profile->pool_bytes - RH_POOL_HEADER, bytes = arg->integer;
  if (arg->is_unsigned) {
    rh_say_number(run, seen, 0);
  } else if (bytes == 0) {
    rh_say_exception(seen, "ZeroDivisionError");
  } else {
    rh_say_number(run, seen, room / bytes - (bytes < 0 && room % bytes != 0));
  }
}

void rh_operate_pm_identity(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)run, (void)op;
  RH_SAY(seen, "yes"); /* an identity of the statistics, whatever the heap */
}

void rh_operate_pm_drainpools(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->blocks.pools_drained = true;
}

void rh_operate_pm_snap(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_blocks *blocks = &run->blocks;
  (void)op, (void)seen;
  memcpy(blocks->in_class_snap, blocks->in_class, sizeof blocks->in_class);
  blocks->snapped = true;
  blocks->snapped_drained = blocks->pools_drained;
  blocks->snap_disturbed = false;
  blocks->arena_peak = blocks->in_class[TOP_CLASS];
  blocks->arena_freed = blocks->arena_mixed = false;
}

/* Objects live in blocks too, so after any object operation nothing is known. */
void rh_operate_pm_blocks(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_blocks *blocks = &run->blocks;
  int64_t class = rh_argument(run, op, 0)->integer;
  if (class < QUIET_CLASS || class >= RH_POOL_CLASSES) {
    rh_say_unsupported(run, seen, "pm.blocks of", "a class the interpreter uses itself");
    return;
  }
  int64_t growth = blocks->in_class[class] - blocks->in_class_snap[class];
  if (blocks->snapped && !blocks->snap_disturbed) {
    rh_say_window(run, seen, growth - CLASS_NOISE, growth + CLASS_NOISE);
  } else {
    rh_say_opaque(seen);
  }
}

static void say_arenas(struct rh_run *run, int64_t blocks, struct rh_observation *seen) {
  int64_t in_arena = (int64_t)POOLS_PER_ARENA * rh_pools_per_pool(&run->blocks.pools, RH_POOL_BLOCK_MAX);
  int64_t arenas = blocks / in_arena;
  rh_say_window(run, seen, arenas - ARENA_NOISE, arenas + ARENA_NOISE);
}

/* Arenas since `pm.snap`, when before it no unused pool was left. */
void rh_operate_pm_arenas(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_blocks *blocks = &run->blocks;
  const char *field = rh_argument_text(run, op, 0);
  int64_t growth = blocks->in_class[TOP_CLASS] - blocks->in_class_snap[TOP_CLASS];
  int64_t peak = blocks->arena_peak - blocks->in_class_snap[TOP_CLASS];
  if (!blocks->snapped || !blocks->snapped_drained || blocks->snap_disturbed || blocks->arena_mixed) {
    rh_say_opaque(seen);
  } else if (strcmp(field, "current") == 0) {
    say_arenas(run, growth, seen);
  } else if (strcmp(field, "reclaimed") == 0) {
    say_arenas(run, peak - growth, seen);
  } else {
    say_arenas(run, peak, seen);
  }
}

void rh_operate_blocks_mark(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->blocks.live_mark = run->blocks.live;
  run->blocks.mark_disturbed = false;
}

void rh_operate_blocks(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  int64_t growth = run->blocks.live - run->blocks.live_mark;
  if (run->blocks.mark_disturbed) {
    rh_say_opaque(seen);
  } else {
    rh_say_window(run, seen, growth, growth + BLOCK_NOISE);
  }
}
