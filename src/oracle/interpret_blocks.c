/*
 * The block operations: requests, contents, addresses, batches. Contents and
 * results come from the engine; what is said about addresses comes from
 * interpret_pools.c, because engines need not agree on addresses. Where no rule
 * decides, what is said is as wide as what the layout of pools leaves open.
 *
 * A record is a block at one address: realloc that moves makes a new record,
 * and the names and batches that stand for the old one keep standing for it.
 */
#include <stdlib.h>
#include <string.h>

#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

#define IMPOSSIBLE_BYTES ((uint64_t)1 << 57) /* the widest virtual addresses have 57 bits */

enum {
  QUIET_AFTER_FREE = 8,      /* blocks of this class and above an observer leaves alone between two operations */
  MAPPED_BYTES = 128 * 1024, /* the C library gives larger blocks back at once: reading them is deadly */
  REALLOC_ERASES = 128       /* the hooks' realloc erases larger blocks only at both ends */
};

bool rh_blocks_start(struct rh_blocks *blocks, size_t names, uint32_t pool_bytes) {
  blocks->names = calloc(names, sizeof *blocks->names);
  blocks->batches = calloc(names, sizeof *blocks->batches);
  rh_pools_start(&blocks->pools, pool_bytes);
  rh_arenas_start(&blocks->arenas, pool_bytes);
  return blocks->names && blocks->batches;
}

void rh_blocks_free(struct rh_blocks *blocks) {
  rh_pools_free(&blocks->pools);
  rh_arenas_free(&blocks->arenas);
  free(blocks->names);
  free(blocks->batches);
  free(blocks->records);
}

void rh_blocks_disturb(struct rh_blocks *blocks) {
  blocks->disturbances++;
  rh_pools_disturb(&blocks->pools);
}

/* --- records --- */

static uint64_t size_argument(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  return (uint64_t)rh_argument(run, op, i)->integer; /* as C's size_t: a negative one is enormous */
}

static uint64_t guards(const struct rh_run *run) {
  return run->blocks.memory.guarded ? RH_GUARD : 0;
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

static unsigned record_class(const struct rh_block_record *record) {
  return rh_block_class(record->pool_bytes);
}

/* The allocator counts the blocks of its two domains, wherever they come from. */
static int64_t counts(const struct rh_blocks *blocks, char domain) {
  return domain != RH_DOMAIN_RAW && !blocks->memory.no_pools;
}

static bool goes_to_pool(const struct rh_run *run, uint64_t bytes, char domain) {
  return counts(&run->blocks, domain) && rh_in_pool(bytes + guards(run));
}

static void place_record(const struct rh_run *run, struct rh_block_record *record, bool in_pool) {
  record->in_pool = in_pool;
  record->pool_bytes = in_pool ? (uint16_t)(record->bytes + guards(run)) : 0;
}

/* The record's block was just made or moved into place. */
static void enter_record(struct rh_run *run, struct rh_block_record *record, uint32_t subject) {
  struct rh_blocks *blocks = &run->blocks;
  unsigned class = record_class(record);
  blocks->live[class]++;
  blocks->requests[class]++;
  record->place = rh_pools_take(&blocks->pools, record->pool_bytes, subject);
  if (record->in_pool) record->arena_pool = rh_arenas_take(&blocks->arenas, class);
  trace_record(blocks, record, true);
}

static uint32_t add_record(struct rh_run *run, struct rh_block_record record) {
  struct rh_blocks *blocks = &run->blocks;
  if (blocks->nrecords == blocks->room) {
    blocks->room = blocks->room ? 2 * blocks->room : 64;
    blocks->records = realloc(blocks->records, blocks->room * sizeof *blocks->records);
    if (!blocks->records) abort();
  }
  enter_record(run, &record, (uint32_t)blocks->nrecords + 1);
  blocks->records[blocks->nrecords] = record;
  return (uint32_t)blocks->nrecords++;
}

uint32_t rh_block_subject(const struct rh_run *run, const struct rh_block_record *record) {
  return (uint32_t)(record - run->blocks.records) + 1;
}

static void end_record(struct rh_run *run, struct rh_block_record *record) {
  struct rh_blocks *blocks = &run->blocks;
  unsigned class = record_class(record);
  trace_record(blocks, record, false);
  blocks->live[class]--;
  blocks->freed[class]++;
  rh_because("BLK-8", rh_block_subject(run, record), "this block becomes free, and no other");
  record->place = rh_pools_give(&blocks->pools, record->place, record->pool_bytes, rh_block_subject(run, record));
  if (record->in_pool) rh_arenas_give(&blocks->arenas, record->arena_pool, class);
  record->freed = true;
  record->requests = blocks->requests[class];
  record->disturbances = blocks->disturbances;
}

/* The record a name stands for; NULL and `skip` when it stands for none. */
static struct rh_block_record *named_record(struct rh_run *run, const struct rh_op *op, uint32_t i,
                                            struct rh_observation *seen) {
  uint32_t bound = run->blocks.names[rh_argument(run, op, i)->name];
  if (!bound) {
    rh_because("LANG-1", 0, "%s stands for no block", rh_trace_name_text(run->trace, rh_argument(run, op, i)->name));
    rh_say_skip(seen);
  }
  return bound ? &run->blocks.records[bound - 1] : NULL;
}

/* Is its block there to be used? Debug hooks are there to find that it is not. */
static bool usable(const struct rh_run *run, const struct rh_block_record *record) {
  return !record->freed || run->blocks.memory.guarded;
}

static struct rh_block_record *usable_record(struct rh_run *run, const struct rh_op *op, uint32_t i,
                                             struct rh_observation *seen) {
  struct rh_block_record *record = named_record(run, op, i, seen);
  if (!record || usable(run, record)) return record;
  rh_because("BLK-8", rh_block_subject(run, record), "the block is free, so it is not touched");
  rh_say_skip(seen);
  return NULL;
}

bool rh_block_is_stale(const struct rh_run *run, const struct rh_block_record *record) {
  unsigned class = record_class(record);
  return record->freed &&
         (!record->in_pool || class < QUIET_AFTER_FREE || record->requests != run->blocks.requests[class] ||
          record->disturbances != run->blocks.disturbances);
}

/* --- requests --- */

/* Requests that no address space can hold fail everywhere; that refheap's own
 * heap is full says nothing about others. */
static uint32_t request(struct rh_run *run, uint64_t bytes, char domain, bool zeroed, struct rh_observation *seen) {
  bool in_pool = goes_to_pool(run, bytes, domain), refused = bytes > INT64_MAX - guards(run);
  if (refused || rh_allocation_fails(run, !in_pool && domain != RH_DOMAIN_RAW) || bytes >= IMPOSSIBLE_BYTES) {
    rh_note_refused(run, bytes);
    RH_SAY(seen, "null");
    return 0;
  }
  uint32_t handle = run->engine->block_new(bytes + guards(run), zeroed);
  if (!handle) {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
    return 0;
  }
  struct rh_block_record record = {.handle = handle, .bytes = bytes, .domain = domain};
  record.known = zeroed ? bytes : 0;
  place_record(run, &record, in_pool);
  run->blocks.counted += counts(&run->blocks, domain);
  if (guards(run)) rh_guard_dress(run, &record, zeroed ? bytes : 0);
  rh_note_class(run, &record, false);
  rh_note_counted(run, &record, domain, false);
  uint32_t made = add_record(run, record) + 1;
  if (rh_evidence_kept) rh_note_fresh(run, &run->blocks.records[made - 1], zeroed);
  return made;
}

static void request_named(struct rh_run *run, const struct rh_op *op, uint64_t bytes, char domain, bool zeroed,
                          struct rh_observation *seen) {
  uint32_t record = request(run, bytes, domain, zeroed, seen);
  if (!record) return;
  if (rh_evidence_kept) rh_note_granted(run, &run->blocks.records[record - 1]);
  run->blocks.names[rh_argument(run, op, 0)->name] = record;
  RH_SAY(seen, "ok");
}

void rh_operate_pm_malloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  request_named(run, op, size_argument(run, op, 1), RH_DOMAIN_OBJECT, false, seen);
}

void rh_operate_pm_mmalloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  request_named(run, op, size_argument(run, op, 1), RH_DOMAIN_MEMORY, false, seen);
}

void rh_operate_pm_rmalloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  request_named(run, op, size_argument(run, op, 1), RH_DOMAIN_RAW, false, seen);
}

void rh_operate_pm_calloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint64_t count = size_argument(run, op, 1), size = size_argument(run, op, 2);
  bool overflows = size && count > UINT64_MAX / size;
  request_named(run, op, overflows ? UINT64_MAX : count * size, RH_DOMAIN_OBJECT, true, seen);
}

static void say_either(struct rh_observation *seen, const char *both, const char *one, const char *other) {
  rh_say_word(seen, both, strlen(both));
  seen->class = RH_OBSERVE_RELATION;
  seen->nalternatives = 2;
  seen->alternatives[0] = one;
  seen->alternatives[1] = other;
}

static void say_same_or_moved(struct rh_observation *seen, bool decided, bool same) {
  if (!decided) {
    say_either(seen, "same or moved", "same", "moved");
  } else if (same) {
    RH_SAY(seen, "same");
  } else {
    RH_SAY(seen, "moved");
  }
}

/* The block went to `handle`, as large as `bytes`: a new record. What lay
 * outside of pools stays outside. */
static struct rh_block_record *move_record(struct rh_run *run, uint32_t name, struct rh_block_record *old,
                                           uint32_t handle, uint64_t bytes) {
  size_t index = (size_t)(old - run->blocks.records);
  struct rh_block_record record = *old;
  record.handle = handle;
  record.bytes = bytes;
  record.traced = false;
  record.known = old->known < bytes ? old->known : bytes;
  place_record(run, &record, old->in_pool && goes_to_pool(run, bytes, old->domain));
  rh_note_class(run, &record, !old->in_pool);
  uint32_t made = add_record(run, record); /* may move the records */
  end_record(run, &run->blocks.records[index]);
  run->blocks.names[name] = made + 1;
  return &run->blocks.records[made];
}

static struct rh_block_record *keep_record(struct rh_run *run, struct rh_block_record *record, uint64_t bytes) {
  trace_record(&run->blocks, record, false);
  record->bytes = bytes;
  trace_record(&run->blocks, record, true);
  if (record->known > bytes) record->known = bytes;
  if (!record->in_pool) rh_note_class(run, record, true);
  return record;
}

/* With debug hooks a block that moved leaves dead bytes behind, all of which
 * are known only of a small one. */
static void leave_behind(struct rh_run *run, struct rh_block_record *record, struct rh_observation *seen) {
  record->handle = run->engine->block_new(record->bytes + RH_GUARD, false);
  if (!record->handle) {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
    return;
  }
  rh_guard_dress(run, record, 0);
  rh_guard_bury(run, record);
  if (record->bytes > REALLOC_ERASES) {
    record->requests = -1;
  } else {
    rh_note_content(run, record, "ALH-4", -RH_GUARD_BEFORE, (int64_t)record->bytes + RH_GUARD_AFTER,
                    "are filled with 0xdd when realloc moves the block away");
  }
}

void rh_operate_pm_realloc(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = usable_record(run, op, 0, seen);
  uint64_t bytes = size_argument(run, op, 1), old = record ? record->bytes : 0;
  if (!record || !rh_guard_passes(run, record, RH_DOMAIN_OBJECT, true, seen)) return;
  bool twice = !record->in_pool || !goes_to_pool(run, bytes, record->domain);
  if (bytes > INT64_MAX - guards(run) || rh_allocation_fails(run, twice) || bytes >= IMPOSSIBLE_BYTES) {
    rh_note_content(run, record, "BLK-4", 0, (int64_t)old, "stay as they are, because realloc fails");
    rh_note_refused(run, bytes);
    RH_SAY(seen, "null");
    return;
  }
  struct rh_block_record before = *record;
  /* Blocks outside of CPython's pools are the system's to keep or move. */
  bool decided = run->profile->family == RH_FAMILY_CPYTHON && record->in_pool;
  uint32_t handle = record->handle, name = rh_argument(run, op, 0)->name, index = run->blocks.names[name] - 1;
  int result = run->engine->block_resize(&handle, bytes + guards(run));
  if (result == RH_REALLOC_NULL) {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
    return;
  }
  if (result == RH_REALLOC_SAME) {
    record = keep_record(run, record, bytes);
  } else {
    record = move_record(run, name, record, handle, bytes);
    if (guards(run)) leave_behind(run, &run->blocks.records[index], seen);
  }
  if (run->trouble != RH_OBSERVE_NOTHING) return;
  if (guards(run)) rh_guard_dress(run, record, old);
  if (rh_evidence_kept) rh_note_resized(run, &before, record);
  say_same_or_moved(seen, decided, result == RH_REALLOC_SAME);
}

/* Frees through a domain; false when nothing after it is done. */
static bool release(struct rh_run *run, struct rh_block_record *record, char domain, struct rh_observation *seen) {
  if (!rh_guard_passes(run, record, domain, false, seen)) return false;
  if (domain == RH_DOMAIN_RAW && record->in_pool) {
    rh_say_unsupported(run, seen, "a block of a pool freed", "in the raw domain");
    return false;
  }
  run->blocks.counted -= counts(&run->blocks, domain);
  rh_note_counted(run, record, domain, true);
  rh_note_untraced(run, record);
  end_record(run, record);
  if (guards(run)) {
    rh_guard_bury(run, record);
    rh_note_content(run, record, "ALH-4", -RH_GUARD_BEFORE, (int64_t)record->bytes + RH_GUARD_AFTER,
                    "are filled with 0xdd when the block is freed");
  } else {
    (void)run->engine->block_free(record->handle); /* a live handle cannot be refused */
  }
  return true;
}

static void free_named(struct rh_run *run, const struct rh_op *op, char domain, struct rh_observation *seen) {
  bool any = false;
  for (uint32_t i = 0; i < op->nargs; i++) {
    uint32_t bound = run->blocks.names[rh_argument(run, op, i)->name];
    if (!bound || !usable(run, &run->blocks.records[bound - 1])) continue;
    any = true;
    if (!release(run, &run->blocks.records[bound - 1], domain, seen)) return;
  }
  if (any) return;
  rh_because("BLK-8", 0, "no block given is live, so nothing is freed");
  rh_say_skip(seen);
}

void rh_operate_pm_free(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  free_named(run, op, RH_DOMAIN_OBJECT, seen);
}

void rh_operate_pm_mfree(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  free_named(run, op, RH_DOMAIN_MEMORY, seen);
}

void rh_operate_pm_rfree(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  free_named(run, op, RH_DOMAIN_RAW, seen);
}

/* --- contents --- */

/* Is [offset, offset + n) inside the request and its guards? Says ValueError if not. */
static bool inside(const struct rh_run *run, const struct rh_block_record *record, int64_t offset, uint64_t n,
                   struct rh_observation *seen) {
  int64_t before = guards(run) ? RH_GUARD_BEFORE : 0;
  uint64_t room = record->bytes + guards(run);
  if (offset >= -before && (uint64_t)(offset + before) <= room && n <= room - (uint64_t)(offset + before)) return true;
  rh_note_outside(run, record, offset, n);
  rh_say_exception(seen, "ValueError");
  return false;
}

static void write_bytes(struct rh_run *run, struct rh_block_record *record, int64_t offset, uint8_t value, uint64_t n,
                        struct rh_observation *seen) {
  bool link = record->freed && offset < -8; /* where the allocator keeps its list */
  if (record->freed && (link || rh_block_is_stale(run, record))) {
    rh_say_unsupported(run, seen, "writing to", "a freed block");
    return;
  }
  uint64_t at = (uint64_t)(offset + (guards(run) ? RH_GUARD_BEFORE : 0));
  rh_say_error(run, seen, run->engine->block_write(record->handle, at, value, n));
  rh_note_written(run, record, offset, offset + (int64_t)n, value);
  if (!guards(run) && at <= record->known && at + n > record->known) record->known = at + n;
}

void rh_operate_pm_fill(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = usable_record(run, op, 0, seen);
  uint64_t n = size_argument(run, op, 2);
  if (record && inside(run, record, 0, n, seen))
    write_bytes(run, record, 0, (uint8_t)rh_argument(run, op, 1)->integer, n, seen);
}

void rh_operate_pm_poke(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = usable_record(run, op, 0, seen);
  int64_t offset = rh_argument(run, op, 1)->integer;
  if (record && inside(run, record, offset, 1, seen))
    write_bytes(run, record, offset, (uint8_t)rh_argument(run, op, 2)->integer, 1, seen);
}

static void append_hex(struct rh_text *text, int byte) {
  static const char digits[] = "0123456789abcdef";
  const char pair[2] = {digits[byte >> 4 & 15], digits[byte & 15]};
  rh_text_append(text, pair, 2);
}

/* Does the trace know the bytes? With debug hooks all of a live block, and all
 * but the allocator's link of one that was just freed. */
static bool is_known(const struct rh_run *run, const struct rh_block_record *record, int64_t offset, uint64_t n) {
  if (!guards(run)) return (uint64_t)offset + n <= record->known;
  return !record->freed || (offset >= -8 && !rh_block_is_stale(run, record));
}

/* Bytes nobody wrote are anything; no bytes are no observation. */
void rh_operate_pm_bytes(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_block_record *record = usable_record(run, op, 0, seen);
  int64_t offset = rh_argument(run, op, 1)->integer;
  uint64_t n = size_argument(run, op, 2);
  if (!record || !inside(run, record, offset, n, seen) || n == 0) return;
  if (record->freed && !record->in_pool && record->bytes + RH_GUARD >= MAPPED_BYTES) {
    rh_say_unsupported(run, seen, "reading", "memory that went back to the system");
  } else if (!is_known(run, record, offset, n)) {
    rh_because("BLK-3", 0, "some of the bytes %lld to %lld were never written, so they may be anything",
               (long long)offset, (long long)offset + (long long)n - 1);
    rh_say_opaque(seen);
  } else {
    uint64_t at = (uint64_t)(offset + (guards(run) ? RH_GUARD_BEFORE : 0));
    run->text->size = 0;
    for (uint64_t i = 0; i < n; i++) append_hex(run->text, run->engine->block_read(record->handle, at + i));
    rh_say_written(run, seen);
  }
}

/* --- addresses --- */

static bool same_place(struct rh_place a, struct rh_place b) {
  return a.pool == b.pool && a.offset == b.offset;
}

static bool placed(const struct rh_run *run, const struct rh_block_record *record) {
  return !rh_pools_anonymous(&run->blocks.pools, record->place);
}

/* Where a block can be at all: in its pool, or anywhere. */
void rh_operate_pm_off(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *record = named_record(run, op, 0, seen);
  if (!record) return;
  int64_t before = guards(run) ? RH_GUARD_BEFORE : 0;
  rh_note_offset(run, record, placed(run, record));
  if (placed(run, record)) {
    rh_say_number(run, seen, record->place.offset + before);
  } else if (record->in_pool) {
    unsigned class = record_class(record);
    int64_t last = rh_pools_per_pool(&run->blocks.pools, record->pool_bytes) - 1;
    rh_say_window(run, seen, RH_POOL_HEADER + before, RH_POOL_HEADER + before + last * 16 * (class + 1));
  } else {
    rh_say_window(run, seen, 0, (int64_t)run->profile->pool_bytes - 16);
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
  rh_note_places(run, pair[0], pair[1]);
  if (pair[0] == pair[1]) {
    rh_say_number(run, seen, 0);
  } else if (placed(run, pair[0]) && pair[0]->place.pool == pair[1]->place.pool) {
    rh_say_number(run, seen, (int64_t)pair[1]->place.offset - (int64_t)pair[0]->place.offset);
  } else {
    rh_say_opaque(seen); /* how pools and arenas lie to each other is the system's */
  }
}

void rh_operate_pm_eq(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *pair[2];
  if (!named_pair(run, op, pair, seen)) return;
  rh_note_places(run, pair[0], pair[1]);
  if (pair[0] == pair[1]) {
    RH_SAY(seen, "yes");
  } else if (!pair[0]->freed && !pair[1]->freed) {
    rh_because("BLK-1", 0, "both blocks are live, so no byte is in both");
    RH_SAY(seen, "no"); /* live blocks are disjoint */
  } else if (pair[0]->place.pool && pair[1]->place.pool) {
    rh_say_bool(seen, same_place(pair[0]->place, pair[1]->place));
  } else {
    say_either(seen, "yes or no", "yes", "no");
  }
}

/* Two live blocks of different classes, or only one in a pool: a pool has one class. */
static bool are_apart(const struct rh_block_record *a, const struct rh_block_record *b) {
  return !a->freed && !b->freed && (a->in_pool || b->in_pool) && record_class(a) != record_class(b);
}

void rh_operate_pm_samepool(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_block_record *pair[2];
  if (!named_pair(run, op, pair, seen)) return;
  rh_note_places(run, pair[0], pair[1]);
  if (pair[0] == pair[1]) {
    RH_SAY(seen, "yes");
  } else if (placed(run, pair[0]) && placed(run, pair[1])) {
    rh_say_bool(seen, pair[0]->place.pool == pair[1]->place.pool);
  } else if (are_apart(pair[0], pair[1])) {
    rh_because("BLK-13", 0, "a pool has blocks of one class, and of the two live blocks no pool could hold both");
    RH_SAY(seen, "no");
  } else {
    say_either(seen, "yes or no", "yes", "no");
  }
}

/* --- draining --- */

/* So many blocks of a class were requested for good; -1: nobody knows how many. */
static void note_drained(struct rh_blocks *blocks, unsigned class, int64_t taken) {
  if (taken < 0) {
    blocks->snap.drained[class] = blocks->mark.drained = true;
    return;
  }
  rh_because("BLK-13", RH_SUBJECT_CLASS(class), "draining class %u requests what is available, %lld block%s", class,
             (long long)taken, taken == 1 ? "" : "s");
  blocks->live[class] += taken;
  blocks->requests[class] += taken;
  blocks->counted += taken;
  for (int64_t i = 0; i < taken; i++) (void)rh_arenas_take(&blocks->arenas, class);
}

/* Where an interpreter has objects of its own, a class does not stay drained. */
void rh_operate_pm_drain(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_blocks *blocks = &run->blocks;
  uint64_t bytes = size_argument(run, op, 0) + guards(run);
  unsigned class = rh_block_class(bytes);
  (void)seen;
  if (class == RH_OUTSIDE_POOLS || blocks->memory.no_pools) return;
  int64_t taken = class >= RH_QUIET_CLASS ? rh_pools_drain(&blocks->pools, bytes) : -1;
  note_drained(blocks, class, taken);
  blocks->emptied[class] = true;
  blocks->emptied_freed[class] = blocks->freed[class];
  blocks->emptied_disturbances[class] = blocks->disturbances;
}

void rh_operate_pm_drainpools(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  note_drained(&run->blocks, RH_POOL_CLASSES - 1, -1);
  rh_pools_drain_pools(&run->blocks.pools);
  rh_arenas_drain(&run->blocks.arenas);
}

/* --- batches --- */

static void make_batch(struct rh_run *run, uint32_t name, uint64_t bytes, uint64_t count, struct rh_observation *seen) {
  struct rh_batch batch = {count > 0, (uint32_t)run->blocks.nrecords, 0};
  while (batch.count < count && request(run, bytes, RH_DOMAIN_OBJECT, false, seen)) batch.count++;
  if (batch.count == count) {
    run->blocks.batches[name] = batch;
  } else if (run->trouble == RH_OBSERVE_NOTHING) {
    rh_say_exception(seen, "MemoryError");
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
             RH_POOLS_PER_ARENA * in_pool * size_argument(run, op, 1), seen);
}

/* The batch of argument i; unbound after saying `skip`. */
static struct rh_batch named_batch(struct rh_run *run, const struct rh_op *op, uint32_t i,
                                   struct rh_observation *seen) {
  struct rh_batch batch = run->blocks.batches[rh_argument(run, op, i)->name];
  if (!batch.bound) {
    rh_because("LANG-1", 0, "%s stands for no batch of blocks",
               rh_trace_name_text(run->trace, rh_argument(run, op, i)->name));
    rh_say_skip(seen);
  }
  return batch;
}

void rh_operate_pm_pick(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_batch batch = named_batch(run, op, 1, seen);
  int64_t i = rh_argument(run, op, 2)->integer;
  if (!batch.bound) return;
  if (i < 0) i += batch.count;
  if (rh_argument(run, op, 2)->is_unsigned || i < 0 || i >= batch.count) {
    rh_because("LANG-1", 0, "the batch has %u blocks", batch.count);
    rh_say_exception(seen, "IndexError");
  } else {
    run->blocks.names[rh_argument(run, op, 0)->name] = batch.first + (uint32_t)i + 1;
  }
}

/* Frees record i unless it is free; false when nothing after it is done. */
static bool release_member(struct rh_run *run, uint32_t i, struct rh_observation *seen) {
  struct rh_block_record *record = &run->blocks.records[i];
  return record->freed || release(run, record, RH_DOMAIN_OBJECT, seen);
}

void rh_operate_pm_freebatch(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_batch batch = named_batch(run, op, 0, seen);
  bool reversed = op->nargs > 1;
  run->blocks.batches[rh_argument(run, op, 0)->name].bound = false;
  for (uint32_t i = 0; i < batch.count; i++)
    if (!release_member(run, batch.first + (reversed ? batch.count - 1 - i : i), seen)) return;
}

/* Frees of k equal runs either the middle block or all but that. What is left
 * over behind the last run belongs to none. */
static void free_runs(struct rh_run *run, const struct rh_op *op, bool middle, struct rh_observation *seen) {
  struct rh_batch batch = named_batch(run, op, 0, seen);
  uint64_t runs = size_argument(run, op, 1);
  if (!batch.bound) return;
  if (runs == 0) {
    rh_because("LANG-1", 0, "a batch cannot be divided into 0 runs");
    rh_say_exception(seen, "ValueError");
    return;
  }
  uint32_t length = (uint32_t)(batch.count / runs);
  for (uint64_t i = 0; length > 0 && i < runs * length; i++)
    if ((i % length == length / 2) == middle && !release_member(run, batch.first + (uint32_t)i, seen)) return;
}

void rh_operate_pm_freebut(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  free_runs(run, op, false, seen);
}

void rh_operate_pm_freerest(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  free_runs(run, op, true, seen);
}
