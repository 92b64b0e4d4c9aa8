/*
 * What is noted about blocks where the interpreter decides on them
 * (rules/evidence.h): each function makes the notes of one decision, from what
 * it was decided on, and changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>

#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

static const char *domain_name(char domain) {
  return domain == RH_DOMAIN_RAW ? "raw" : domain == RH_DOMAIN_MEMORY ? "memory" : "object";
}

static uint64_t guards(const struct rh_run *run) {
  return run->blocks.memory.guarded ? RH_GUARD : 0;
}

/* --- classes and counts --- */

static void note_class_of_pool(const struct rh_run *run, const struct rh_block_record *record) {
  unsigned class = rh_block_class(record->pool_bytes);
  if (guards(run)) {
    rh_because("ALH-3", RH_SUBJECT_CLASS(class),
               "%" PRIu64 " bytes and %d of guards are %u: class (%u - 1) div 16 = %u", record->bytes, RH_GUARD,
               record->pool_bytes, record->pool_bytes, class);
  } else {
    rh_because("BLK-13", RH_SUBJECT_CLASS(class), "%u bytes are class (%u - 1) div 16 = %u", record->pool_bytes,
               record->pool_bytes, class);
  }
}

/* The subject is the class that the block would have in a pool; no bytes might be taken for one. */
static void note_class_outside(const struct rh_run *run, const struct rh_block_record *record, bool stays) {
  uint64_t bytes = record->bytes + guards(run);
  uint32_t subject = RH_SUBJECT_CLASS(rh_block_class(bytes == 0 ? 1 : bytes));
  if (run->blocks.memory.no_pools) {
    rh_because("BLK-19", subject, "PYTHONMALLOC switches the pools off, so the block is in no class");
  } else if (record->domain == RH_DOMAIN_RAW) {
    rh_because("BLK-14", subject, "the raw domain has no pools: its block of %" PRIu64 " bytes is in no class", bytes);
  } else if (bytes == 0) {
    rh_because("BLK-6", subject, "no bytes are in no class, the block is the system's");
  } else if (stays) {
    rh_because("BLK-12", subject, "the block was outside of pools and stays there, now with %" PRIu64 " bytes", bytes);
  } else {
    rh_because("BLK-12", subject, "%" PRIu64 " bytes are more than %d: the block lies outside of pools", bytes,
               RH_POOL_BLOCK_MAX);
  }
}

void rh_note_class(const struct rh_run *run, const struct rh_block_record *record, bool stays) {
  if (record->in_pool) {
    note_class_of_pool(run, record);
  } else {
    note_class_outside(run, record, stays);
  }
}

void rh_note_counted(const struct rh_run *run, const struct rh_block_record *record, char domain, bool freed) {
  if (run->blocks.memory.no_pools) {
    rh_because("BLK-19", RH_SUBJECT_COUNT, "PYTHONMALLOC switches the pools off, so no block is counted");
  } else if (domain == RH_DOMAIN_RAW || record->domain == RH_DOMAIN_RAW || domain == RH_DOMAIN_MEMORY) {
    rh_because("BLK-14", RH_SUBJECT_COUNT, "a block of the %s domain is %s the %s domain, which %s the count",
               domain_name(record->domain), freed ? "freed in" : "requested from", domain_name(domain),
               domain == RH_DOMAIN_RAW ? "does not change"
               : freed                 ? "takes one from"
                                       : "adds one to");
  } else {
    rh_because("BLK-11", RH_SUBJECT_COUNT, "a block is %s the object domain: one %s",
               freed ? "freed in" : "requested from", freed ? "less" : "more");
  }
}

/* --- requests --- */

void rh_note_granted(const struct rh_run *run, const struct rh_block_record *record) {
  uint32_t subject = rh_block_subject(run, record);
  if (record->bytes == 0) {
    rh_because("BLK-6", subject, "the request is for no bytes, and gets a block of its own");
  } else if (record->domain != RH_DOMAIN_OBJECT) {
    rh_because("BLK-14", subject,
               "%" PRIu64 " bytes are within the limit of 2**63 - 1, and the %s domain gives a block %s", record->bytes,
               domain_name(record->domain), record->in_pool ? "from the pools of the object domain" : "of the system");
  } else {
    rh_because("BLK-7", subject,
               "%" PRIu64 " bytes are within the limit of 2**63 - 1 = 9223372036854775807, and get a block",
               record->bytes);
  }
}

void rh_note_refused(const struct rh_run *run, uint64_t bytes) {
  const char *more = guards(run) ? " and 24 of guards" : "";
  if (bytes == UINT64_MAX) {
    rh_because("BLK-7", 0, "the bytes%s are more than 2**63 - 1 = 9223372036854775807", more);
  } else if (bytes > INT64_MAX - guards(run)) {
    rh_because("BLK-7", 0, "%" PRIu64 " bytes%s are more than 2**63 - 1 = 9223372036854775807", bytes, more);
  } else if (!run->blocks.faults.on) { /* else an allocation failed on purpose */
    rh_because("BLK-7", 0, "%" PRIu64 " bytes are more than an address space holds, 2**57 at most", bytes);
  }
}

/* What the hooks write before the data. */
static void note_front(const struct rh_run *run, const struct rh_block_record *record, const char *rule) {
  rh_because(rule, rh_block_subject(run, record),
             "bytes %d to %d are%s the size %" PRIu64 " = 0x%" PRIx64
             " in 8 bytes, highest first, the letter '%c' = 0x%02x of the %s domain and 7 bytes 0xfd",
             -RH_GUARD_BEFORE, -1, rule[4] == '2' ? " rewritten:" : "", record->bytes, record->bytes, record->domain,
             (unsigned)record->domain, domain_name(record->domain));
}

static void note_move(const struct rh_run *run, const struct rh_block_record *before, uint64_t bytes) {
  uint64_t whole = bytes + guards(run), size = 16 * ((uint64_t)rh_block_class(before->pool_bytes) + 1);
  const char *rule = guards(run) ? "ALH-3" : "BLK-5";
  char request[80];
  if (guards(run)) {
    (void)snprintf(request, sizeof request, "%" PRIu64 " bytes and 24 of guards, %" PRIu64 ",", bytes, whole);
  } else {
    (void)snprintf(request, sizeof request, "%" PRIu64 " bytes", bytes);
  }
  if (whole > size) {
    rh_because(rule, 0, "%s do not fit the %" PRIu64 " of the block's class, so it moves", request, size);
  } else {
    bool stays = 4 * whole > 3 * size;
    rh_because(rule, 0,
               "%s fit the %" PRIu64 " of the block's class, and 4 * %" PRIu64 " = %" PRIu64 " is %s than 3 * %" PRIu64
               " = %" PRIu64 ", so it %s",
               request, size, whole, 4 * whole, stays ? "more" : "not more", size, 3 * size, stays ? "stays" : "moves");
  }
}

static uint64_t lesser(uint64_t a, uint64_t b) {
  return a < b ? a : b;
}

void rh_note_resized(const struct rh_run *run, const struct rh_block_record *before,
                     const struct rh_block_record *after) {
  rh_note_content(run, after, "BLK-4", 0, (int64_t)lesser(before->bytes, after->bytes),
                  "keep what they were, both sizes have them");
  if (guards(run)) {
    rh_note_content(run, after, "ALH-2", (int64_t)before->bytes, (int64_t)after->bytes,
                    "are added by realloc and filled with 0xcd");
    note_front(run, after, "ALH-2");
    rh_note_content(run, after, "ALH-2", (int64_t)after->bytes, (int64_t)after->bytes + RH_GUARD_AFTER,
                    "are the guard 0xfd, moved behind the new size");
  }
  if (run->blocks.tracing && before->traced) {
    rh_because("TM-2", RH_SUBJECT_TRACED, "realloc replaces the block's trace of %" PRIu64 " bytes by one of %" PRIu64,
               before->bytes, after->bytes);
  } else if (run->blocks.tracing) {
    rh_because("TM-2", RH_SUBJECT_TRACED, "realloc traces the block, which had no trace, with %" PRIu64 " bytes",
               after->bytes);
  }
  if (before->in_pool) {
    note_move(run, before, after->bytes);
  } else {
    rh_because(run->blocks.memory.no_pools ? "BLK-19" : "BLK-12", 0,
               "the block lies outside of pools: the system decides whether it moves");
  }
}

/* --- contents --- */

void rh_note_content(const struct rh_run *run, const struct rh_block_record *record, const char *rule, int64_t from,
                     int64_t end, const char *what) {
  if (from < end)
    rh_because(rule, rh_block_subject(run, record), "bytes %" PRId64 " to %" PRId64 " %s", from, end - 1, what);
}

void rh_note_untraced(const struct rh_run *run, const struct rh_block_record *record) {
  if (!run->blocks.tracing) return;
  if (record->traced) {
    rh_because("TM-1", RH_SUBJECT_TRACED, "a block of %" PRIu64 " bytes is freed, which count no more", record->bytes);
  } else {
    rh_because("TM-2", RH_SUBJECT_TRACED,
               "a block of %" PRIu64 " bytes is freed that had no trace, which changes nothing", record->bytes);
  }
}

void rh_note_fresh(const struct rh_run *run, const struct rh_block_record *record, bool zeroed) {
  int64_t end = (int64_t)record->bytes;
  if (record->traced) {
    rh_because("TM-1", RH_SUBJECT_TRACED, "a block of %" PRIu64 " bytes is requested while tracing and counts",
               record->bytes);
  }
  if (zeroed) rh_note_content(run, record, guards(run) ? "ALH-1" : "BLK-3", 0, end, "start as zeros, calloc's block");
  if (!guards(run)) return;
  note_front(run, record, "ALH-1");
  if (!zeroed) rh_note_content(run, record, "ALH-1", 0, end, "are filled with 0xcd in a new block");
  rh_note_content(run, record, "ALH-1", end, end + RH_GUARD_AFTER, "are the guard behind the data, 0xfd");
}

void rh_note_written(const struct rh_run *run, const struct rh_block_record *record, int64_t from, int64_t end,
                     uint8_t value) {
  if (from < end) {
    rh_because("BLK-3", rh_block_subject(run, record), "bytes %" PRId64 " to %" PRId64 " are written with 0x%02x", from,
               end - 1, value);
  }
}

void rh_note_outside(const struct rh_run *run, const struct rh_block_record *record, int64_t offset, uint64_t n) {
  const struct rh_memory *memory = &run->blocks.memory;
  int64_t last = (int64_t)record->bytes - 1, end = offset + (int64_t)n - 1;
  if (memory->guarded) {
    rh_because("ALH-1", 0,
               "bytes %" PRId64 " to %" PRId64 " are not within %d to %" PRId64 ", the block with its guards", offset,
               end, -RH_GUARD_BEFORE, last + RH_GUARD_AFTER);
  } else if (memory->setting != NULL) {
    rh_because("ALH-9", 0,
               "PYTHONMALLOC=%s gives %s and no hooks: there are no guards, and bytes %" PRId64 " to %" PRId64
               " are not within 0 to %" PRId64,
               memory->setting, memory->no_pools ? "no pools" : "pools", offset, end, last);
  } else {
    rh_because("BLK-3", 0, "bytes %" PRId64 " to %" PRId64 " are not within 0 to %" PRId64 ", what was requested",
               offset, end, last);
  }
}

/* --- places --- */

void rh_note_offset(const struct rh_run *run, const struct rh_block_record *record, bool placed) {
  unsigned class = rh_block_class(record->pool_bytes);
  if (placed && guards(run)) {
    rh_because("ALH-3", 0, "the block lies at %u, and its data behind %d bytes of guards at %u", record->place.offset,
               RH_GUARD_BEFORE, record->place.offset + RH_GUARD_BEFORE);
  } else if (placed) {
    rh_because("BLK-2", 0, "the block lies at %u in its pool", record->place.offset);
  } else if (record->in_pool) {
    rh_because("BLK-2", 0,
               "nobody knows which block of its pool it is: one at %d + %u * k, k below %u, all multiples of 16",
               RH_POOL_HEADER, 16 * (class + 1), rh_pools_per_pool(&run->blocks.pools, record->pool_bytes));
  } else {
    rh_because("BLK-2", 0, "the block lies outside of pools, at a multiple of 16");
  }
}

void rh_note_places(const struct rh_run *run, const struct rh_block_record *a, const struct rh_block_record *b) {
  struct rh_place one = a->place, other = b->place;
  if (a == b) {
    rh_because("BLK-1", 0, "both names stand for one block");
  } else if (one.pool == 0 || other.pool == 0) {
    rh_because("BLK-9", 0, "where the blocks lie to each other is not known, because their %s",
               a->in_pool && b->in_pool ? "classes were not drained before" : "places are the system's");
  } else if (one.pool != other.pool) {
    rh_because("BLK-9", 0, "the blocks lie in different pools");
  } else if (rh_pools_anonymous(&run->blocks.pools, one)) {
    rh_because("BLK-9", 0, "the blocks lie in one pool that was there before its class was drained");
  } else if (one.offset == other.offset && a->domain != b->domain) {
    rh_because("BLK-14", 0, "both lie at offset %u of one pool, which the %s and the %s domain share", one.offset,
               domain_name(a->domain), domain_name(b->domain));
  } else if (one.offset == other.offset) {
    rh_because("BLK-9", 0, "both lie at offset %u of one pool", one.offset);
  } else {
    rh_because("BLK-9", 0, "the blocks lie at %u and %u of one pool, %" PRId64 " apart", one.offset, other.offset,
               (int64_t)other.offset - (int64_t)one.offset);
  }
}
