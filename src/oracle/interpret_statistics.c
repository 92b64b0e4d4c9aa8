/*
 * The allocator's statistics: blocks and pools of a class, arenas, the number
 * of blocks in all.
 *
 * Exact is what a class shows that the interpreter does not use itself, as long
 * as no object operation came: then all its blocks are the trace's. Else what
 * is known of the trace's blocks and objects is the middle of a window that has
 * room for the interpreter, the observer and the free lists of kinds.
 */
#include <string.h>

#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

enum {
  GUARDED_NOISE = 4,  /* blocks of a quiet class, whose objects are smaller by the guards then */
  CLASS_NOISE = 300,  /* floats, lists, dicts kept for reuse (100, 80, 80), and the observer's own */
  HELPER_NOISE = 4,   /* blocks an observer may keep for an object it has to remember */
  BLOCK_NOISE = 10,   /* blocks an observer may use in all, and one for each name it remembers */
  FEWER_NOISE = 2,    /* blocks it may have given back */
  SPARE_BLOCKS = 100, /* available in a quiet class before a trace begins: at most 36 were seen */
  ARENA_NOISE = 4     /* arenas: alignment, the observer, one kept for reuse */
};

static bool refuse_without_pools(struct rh_run *run, struct rh_observation *seen) {
  if (!run->blocks.memory.no_pools) return false;
  rh_because("BLK-19", 0, "PYTHONMALLOC switches the pools off, and their statistics with them");
  rh_say_unsupported(run, seen, "statistics of pools", "without pools");
  return true;
}

/* Python's division, which rounds down, of what a pool has room for. */
void rh_operate_pm_perpool(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *arg = rh_argument(run, op, 0);
  int64_t room = (int64_t)run->profile->pool_bytes - RH_POOL_HEADER, bytes = arg->integer;
  if (arg->is_unsigned) {
    rh_say_number(run, seen, 0);
  } else if (bytes == 0) {
    rh_say_exception(seen, "ZeroDivisionError");
  } else {
    int64_t blocks = room / bytes - (bytes < 0 && room % bytes != 0);
    rh_because("BLK-13", 0, "a pool has room for (%u - %d) div %lld = %lld blocks", run->profile->pool_bytes,
               RH_POOL_HEADER, (long long)bytes, (long long)blocks);
    rh_say_number(run, seen, blocks);
  }
}

void rh_operate_pm_identity(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  if (refuse_without_pools(run, seen)) return;
  rh_because(
      "BLK-11", 0,
      "every byte of an arena is in one part only, a block in use or available, an unused pool, a header, the rest "
      "of a pool or what alignment loses, so the parts add up to the arenas");
  RH_SAY(seen, "yes"); /* an identity, whatever the heap */
}

void rh_operate_pm_snap(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_blocks *blocks = &run->blocks;
  struct rh_snapshot *snap = &blocks->snap;
  (void)op;
  if (refuse_without_pools(run, seen)) return;
  memset(snap->drained, 0, sizeof snap->drained);
  memcpy(snap->live, blocks->live, sizeof snap->live);
  memcpy(snap->requests, blocks->requests, sizeof snap->requests);
  memcpy(snap->freed, blocks->freed, sizeof snap->freed);
  memcpy(snap->decided, blocks->pools.drained, sizeof snap->decided);
  memcpy(snap->losses, blocks->pools.losses, sizeof snap->losses);
  memcpy(snap->used, blocks->pools.used, sizeof snap->used);
  snap->taken = true;
  snap->disturbances = blocks->disturbances;
  snap->arenas = blocks->arenas.current;
  snap->arenas_total = blocks->arenas.total;
  snap->arenas_highest = blocks->arenas.highest;
  rh_footprint(run, &snap->objects);
}

/* --- one class --- */

struct window {
  int64_t low, high;
};

static bool is_quiet(const struct rh_run *run, int64_t class) {
  return class >= RH_QUIET_CLASS && run->blocks.snap.disturbances == run->blocks.disturbances;
}

static int64_t noise(const struct rh_run *run, int64_t class, const struct rh_footprint *now) {
  if (is_quiet(run, class)) return run->blocks.memory.guarded ? GUARDED_NOISE : 0;
  const struct rh_footprint *then = &run->blocks.snap.objects;
  int64_t helpers = now->helpers > then->helpers ? now->helpers : then->helpers;
  return CLASS_NOISE + (int64_t)run->trace->nnames + HELPER_NOISE * helpers;
}

/* Of the trace's blocks and objects: how many more there are of the class. */
static void note_growth(const struct rh_run *run, int64_t class, const struct rh_footprint *now, int64_t around) {
  const struct rh_blocks *blocks = &run->blocks;
  const struct rh_snapshot *snap = &blocks->snap;
  bool undisturbed = snap->disturbances == blocks->disturbances;
  struct rh_text objects = {0};
  if (!undisturbed) {
    rh_text_printf(&objects, ", and its objects, with what free lists keep, take %lld more",
                   (long long)(now->blocks[class] - snap->objects.blocks[class]));
  }
  if (!undisturbed && now->bytes[class] > 0) {
    rh_text_printf(&objects, " (one of %lld bytes is of class (%lld - 1) div 16)", (long long)now->bytes[class],
                   (long long)now->bytes[class]);
  }
  if (around > 0) rh_text_printf(&objects, ", give or take %lld of the interpreter's own", (long long)around);
  rh_text_append(&objects, "", 1);
  rh_because(undisturbed ? "BLK-13" : "BLK-15", 0,
             "of class %lld, %lld to %lld bytes, the trace requested %lld block%s and freed %lld%s", (long long)class,
             (long long)class * 16 + 1, (long long)class * 16 + 16,
             (long long)(blocks->requests[class] - snap->requests[class]),
             blocks->requests[class] - snap->requests[class] == 1 ? "" : "s",
             (long long)(blocks->freed[class] - snap->freed[class]), objects.bytes);
  rh_text_free(&objects);
}

/* The growth of a class since `pm.snap`; false if nothing is known. */
static bool class_growth(const struct rh_run *run, int64_t class, struct window *growth) {
  const struct rh_blocks *blocks = &run->blocks;
  const struct rh_snapshot *snap = &blocks->snap;
  struct rh_footprint now = snap->objects;
  if (!snap->taken || snap->drained[class]) return false;
  if (snap->disturbances != blocks->disturbances) rh_footprint(run, &now);
  if (!is_quiet(run, class) && !(now.known && snap->objects.known)) return false;
  int64_t blocks_grown = blocks->live[class] - snap->live[class];
  int64_t objects_grown = now.blocks[class] - snap->objects.blocks[class], around = noise(run, class, &now);
  int64_t middle = blocks_grown + objects_grown;
  if (rh_evidence_kept) note_growth(run, class, &now, around);
  *growth = (struct window){middle - around, middle + around};
  return true;
}

static void say_window(struct rh_run *run, struct rh_observation *seen, struct window window) {
  if (window.low == window.high) {
    rh_say_number(run, seen, window.low);
  } else {
    rh_say_window(run, seen, window.low, window.high);
  }
}

/* The class of argument 0; -1 after saying that there is none, where nothing grows. */
static int64_t class_argument(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  int64_t class = rh_argument(run, op, 0)->integer;
  if (refuse_without_pools(run, seen)) return -1;
  if (class >= 0 && class < RH_POOL_CLASSES) return class;
  rh_because("BLK-13", 0, "the classes are 0 to %d, so nothing is of class %lld", RH_POOL_CLASSES - 1,
             (long long)class);
  rh_say_number(run, seen, 0);
  return -1;
}

void rh_operate_pm_blocks(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct window growth;
  int64_t class = class_argument(run, op, seen);
  if (class < 0) return;
  if (class_growth(run, class, &growth)) {
    say_window(run, seen, growth);
  } else {
    rh_say_opaque(seen);
  }
}

static int64_t divided_up(int64_t n, int64_t by) {
  return n > 0 ? (n + by - 1) / by : -(-n / by);
}

/* Every pool taken since is one of ours; so many blocks that there must be more
 * pools, beyond those available then; no more than the requests can fill. */
static struct window pool_window(const struct rh_run *run, int64_t class, struct window growth) {
  const struct rh_blocks *blocks = &run->blocks;
  int64_t in_pool = rh_pools_per_pool(&blocks->pools, 16 * ((uint64_t) class + 1));
  int64_t spare = SPARE_BLOCKS + blocks->snap.freed[class];
  int64_t asked = blocks->requests[class] - blocks->snap.requests[class];
  int64_t most = asked > growth.high ? asked : growth.high;
  return (struct window){divided_up(growth.low - spare, in_pool) - 1, divided_up(most, in_pool) + 1};
}

void rh_operate_pm_pools(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_snapshot *snap = &run->blocks.snap;
  const struct rh_pools *pools = &run->blocks.pools;
  struct window growth = {0, 0};
  int64_t class = class_argument(run, op, seen);
  if (class < 0) return;
  bool known = class_growth(run, class, &growth); /* makes a note, which a later one overrules */
  if (known && growth.low == growth.high && snap->decided[class] && pools->losses[class] == snap->losses[class]) {
    rh_because("BLK-13", 0,
               "of the pools that class %lld took after it was drained %u have blocks in use, %u had any then",
               (long long)class, pools->used[class], snap->used[class]);
    rh_say_number(run, seen, (int64_t)pools->used[class] - snap->used[class]);
  } else if (known && is_quiet(run, class)) {
    rh_because("BLK-13", 0, "class %lld grew by %lld blocks, and a pool has room for %u", (long long)class,
               (long long)growth.low, rh_pools_per_pool(&pools[0], 16 * ((uint64_t) class + 1)));
    say_window(run, seen, pool_window(run, class, growth));
  } else {
    rh_say_opaque(seen); /* objects that came and went may have left pools behind */
  }
}

/* What is left after draining: parts of pools, what was freed since, and what
 * others freed. */
static void say_left(struct rh_run *run, int64_t class, struct rh_observation *seen) {
  const struct rh_blocks *blocks = &run->blocks;
  int64_t freed = blocks->freed[class] - blocks->emptied_freed[class];
  int64_t in_pool = rh_pools_per_pool(&blocks->pools, 16 * ((uint64_t) class + 1));
  rh_say_window(run, seen, 0, freed + in_pool + CLASS_NOISE);
}

static void note_available(const struct rh_blocks *blocks, unsigned class, int64_t available) {
  uint32_t room = rh_pools_per_pool(&blocks->pools, 16 * ((uint64_t) class + 1));
  int64_t in_line = rh_pools_in_line(&blocks->pools, class);
  rh_because("BLK-13", 0,
             "class %u has %lld pool%s with blocks in use and room for more: %lld * %u = %lld blocks, %lld "
             "in use, leave %lld",
             class, (long long)in_line, in_line == 1 ? "" : "s", (long long)in_line, room, (long long)(in_line * room),
             (long long)(in_line * room - available), (long long)available);
}

void rh_operate_pm_avail(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_blocks *blocks = &run->blocks;
  int64_t class = class_argument(run, op, seen);
  if (class < 0) return;
  int64_t available = rh_pools_available(&blocks->pools, (unsigned)class);
  bool undisturbed = blocks->emptied[class] && blocks->emptied_disturbances[class] == blocks->disturbances;
  if (undisturbed && available >= 0 && !blocks->memory.guarded) {
    if (rh_evidence_kept) note_available(blocks, (unsigned)class, available);
    rh_say_number(run, seen, available);
  } else if (undisturbed) {
    rh_because("BLK-13", 0, "class %lld was drained, %lld blocks of it were freed since", (long long)class,
               (long long)(blocks->freed[class] - blocks->emptied_freed[class]));
    say_left(run, class, seen);
  } else {
    rh_say_opaque(seen);
  }
}

/* --- arenas --- */

void rh_operate_pm_arenas(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arenas *arenas = &run->blocks.arenas;
  const struct rh_snapshot *snap = &run->blocks.snap;
  const char *field = rh_argument_text(run, op, 0);
  int64_t total = arenas->total - snap->arenas_total, current = arenas->current - snap->arenas;
  int64_t change = total;
  if (refuse_without_pools(run, seen)) return;
  if (strcmp(field, "current") == 0) change = current;
  if (strcmp(field, "reclaimed") == 0) change = total - current;
  if (strcmp(field, "highwater") == 0) change = arenas->highest - snap->arenas_highest;
  if (!snap->taken || snap->disturbances != run->blocks.disturbances) {
    rh_say_opaque(seen);
  } else {
    bool reclaims = strcmp(field, "reclaimed") == 0 || (strcmp(field, "current") == 0 && total != current);
    rh_because(
        reclaims ? "BLK-10" : "BLK-16", 0,
        "the trace's blocks took %lld arenas and %lld became wholly free and went back; of the %lld left %lld have "
        "blocks in use (one is enough), give or take %d arenas of the interpreter's own",
        (long long)total, (long long)(total - current), (long long)current,
        (long long)(current - rh_arenas_idle(arenas)), ARENA_NOISE);
    rh_say_window(run, seen, change - ARENA_NOISE, change + ARENA_NOISE);
  }
}

/* --- all blocks --- */

void rh_operate_blocks_mark(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct rh_blocks *blocks = &run->blocks;
  (void)op, (void)seen;
  blocks->mark.taken = true;
  blocks->mark.drained = false;
  blocks->mark.disturbances = blocks->disturbances;
  blocks->mark.counted = blocks->counted;
  rh_footprint(run, &blocks->mark.objects);
}

static int64_t all_blocks(const struct rh_footprint *footprint) {
  int64_t all = 0;
  for (unsigned class = 0; class < RH_BLOCK_CLASSES; class ++) all += footprint->blocks[class];
  return all;
}

static void say_blocks_and_objects(struct rh_run *run, int64_t growth, struct rh_observation *seen) {
  const struct rh_footprint *then = &run->blocks.mark.objects;
  struct rh_footprint now;
  rh_footprint(run, &now);
  if (!now.known || !then->known) {
    rh_say_opaque(seen);
    return;
  }
  int64_t helpers = now.helpers > then->helpers ? now.helpers : then->helpers;
  int64_t around = 2 * CLASS_NOISE + 4 * (int64_t)run->trace->nnames + HELPER_NOISE * helpers;
  int64_t objects = all_blocks(&now) - all_blocks(then), middle = growth + objects;
  rh_because(
      "BLK-15", 0,
      "the count of blocks grew by %lld for the trace's blocks and by %lld for its objects and what free lists keep, "
      "give or take %lld of the interpreter's own",
      (long long)growth, (long long)objects, (long long)around);
  rh_say_window(run, seen, middle - around, middle + around);
}

/* Without pools the allocator counts nothing. */
void rh_operate_blocks(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_blocks *blocks = &run->blocks;
  int64_t growth = blocks->counted - blocks->mark.counted;
  (void)op;
  if (blocks->memory.no_pools) {
    rh_because("BLK-19", 0, "PYTHONMALLOC switches the pools off, so no block is counted");
    RH_SAY(seen, "0");
  } else if (!blocks->mark.taken || blocks->mark.drained) {
    rh_say_opaque(seen);
  } else if (blocks->mark.disturbances == blocks->disturbances) {
    rh_because("BLK-11", 0,
               "the count of blocks grew by %lld for the trace's blocks (and up to %lld of the observer's own)",
               (long long)growth, (long long)BLOCK_NOISE + (int64_t)run->trace->nnames);
    rh_say_window(run, seen, growth - FEWER_NOISE, growth + BLOCK_NOISE + (int64_t)run->trace->nnames);
  } else {
    say_blocks_and_objects(run, growth, seen);
  }
}
