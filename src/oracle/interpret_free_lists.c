/*
 * The operations on free lists and addresses (FL).
 *
 * An interpreter uses its lists and short tuples all the time, so the number of
 * kept ones is blurred by a few in either direction: what an observer takes and
 * gives back is one more in an empty list, what it holds while it looks is one
 * less. It has floats of its own only where the collector measures time.
 */
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

#include <inttypes.h>
#include <string.h>

enum {
  CONTAINER_NOISE = 8,    /* containers an observer gives back to or holds from a free list */
  TUPLE_NOISE = 64,       /* short tuples, of which statistics are made: one for each class of blocks */
  TIME_NOISE = 6,         /* floats it makes where statistics have durations */
  LONGEST_NOISY_TUPLE = 6 /* an observer's tuples are no longer */
};

static void say_none(struct rh_observation *seen) {
  RH_SAY(seen, "none");
}

static void say_entries(struct rh_run *run, int kind, uint32_t items, int64_t noise, int64_t limit,
                        struct rh_observation *seen) {
  int64_t entries = run->engine->free_entries(kind, items);
  if (entries == RH_INDEX_ERROR) {
    say_none(seen);
  } else if (entries < 0 || noise == 0) {
    rh_say_count(run, seen, entries);
  } else {
    rh_say_window(run, seen, entries > noise ? entries - noise : 0, entries < limit - noise ? entries + noise : limit);
  }
}

void rh_operate_freecount(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_profile *profile = run->profile;
  const char *type = rh_argument_text(run, op, 0);
  if (strcmp(type, "PyFloatObject") == 0) {
    say_entries(run, RH_KIND_FLOAT, 0, profile->extra_stat_fields ? TIME_NOISE : 0, profile->free_float_limit, seen);
  } else if (strcmp(type, "PyListObject") == 0) {
    say_entries(run, RH_KIND_LIST, 0, CONTAINER_NOISE, profile->free_list_limit, seen);
  } else if (strcmp(type, "PyDictObject") == 0) {
    say_entries(run, RH_KIND_DICT, 0, CONTAINER_NOISE, profile->free_list_limit, seen);
  } else if ((strcmp(type, "PyFrameObject") == 0 && profile->free_frames_listed) ||
             (strcmp(type, "PyDictKeysObject") == 0 && profile->free_keys_listed)) {
    rh_say_opaque(seen); /* frames of the observer's own calls, key tables of its own dicts */
  } else {
    rh_because("FL-4", 0,
               "of free lists the statistics of this version show those of floats, lists, dicts%s, and tuples by "
               "length, and none of %.40s",
               profile->free_frames_listed ? ", frames"
               : profile->free_keys_listed ? ", key tables of dicts"
                                           : "",
               type);
    say_none(seen);
  }
}

void rh_operate_freetuples(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *length = rh_argument(run, op, 0);
  if (length->is_unsigned || length->integer < 1 || length->integer > run->profile->free_tuple_lengths) {
    rh_because("FL-3", 0, "tuples of lengths from 1 to %" PRIu32 " are kept when freed, others are not",
               run->profile->free_tuple_lengths);
    say_none(seen);
    return;
  }
  int64_t noise = length->integer <= LONGEST_NOISY_TUPLE ? TUPLE_NOISE : 0;
  say_entries(run, RH_KIND_TUPLE, (uint32_t)length->integer, noise, run->profile->free_tuple_limit, seen);
}

/* --- addresses --- */

void rh_operate_idof(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_resolve(run, rh_argument(run, op, 1));
  if (o) {
    run->engine->note_address(rh_argument(run, op, 0)->name, o);
  } else {
    rh_say_skip(seen);
  }
}

void rh_operate_sameid(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_resolve(run, rh_argument(run, op, 1));
  int there = o ? run->engine->at_address(rh_argument(run, op, 0)->name, o) : RH_INDEX_ERROR;
  if (there == RH_INDEX_ERROR) {
    rh_say_skip(seen);
  } else if (there == RH_UNSUPPORTED) {
    rh_say_opaque(seen);
  } else if (there < 0) {
    rh_say_error(run, seen, there);
  } else {
    rh_say_bool(seen, there);
  }
}
