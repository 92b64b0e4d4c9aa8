/*
 * What the files about blocks share: debug hooks (interpret_guard.c),
 * statistics (interpret_statistics.c), the blocks objects take
 * (interpret_footprint.c). Private to interpret_*.c.
 */
#ifndef RH_ORACLE_INTERPRET_MEMORY_H
#define RH_ORACLE_INTERPRET_MEMORY_H

#include "oracle/interpret_run.h"

/* From 432 bytes on, hooks not counted, an interpreter hardly uses a class itself. */
enum { RH_QUIET_CLASS = 26 };

/* Reads a setting VARIABLE=VALUE of the allocator; false if it is of another
 * variable, or not known. */
bool rh_memory_env(struct rh_run *run, const char *setting);
/* What the allocator writes at exit. */
void rh_memory_end(struct rh_run *run);

/* Blocks of the trace's objects now, by the sizes they report. O(objects). */
void rh_footprint(const struct rh_run *run, struct rh_footprint *footprint);

/* Counts a request, twice when it is passed on to the raw domain: does `nomem`
 * let it fail? */
bool rh_allocation_fails(struct rh_run *run, bool twice);
/* Can nobody tell what an operation does while allocations fail? */
bool rh_faults_refuse(const struct rh_run *run, const struct rh_op *op);

/* Was the block freed, and may somebody have used its memory since? */
bool rh_block_is_stale(const struct rh_run *run, const struct rh_block_record *record);

/* --- what is noted about blocks (interpret_block_notes.c) --- */

/* What notes call a record that is in the table. */
uint32_t rh_block_subject(const struct rh_run *run, const struct rh_block_record *record);
/* Which class the record is of, if any; `stays`: it was outside of pools before. */
void rh_note_class(const struct rh_run *run, const struct rh_block_record *record, bool stays);
/* What requesting or freeing the block in a domain does to the count of blocks. */
void rh_note_counted(const struct rh_run *run, const struct rh_block_record *record, char domain, bool freed);
/* Why a request is met, and why it is not. */
void rh_note_granted(const struct rh_run *run, const struct rh_block_record *record);
void rh_note_refused(const struct rh_run *run, uint64_t bytes);
/* What freeing a block takes from what is traced. */
void rh_note_untraced(const struct rh_run *run, const struct rh_block_record *record);
/* What a new block's bytes are, and what it adds to what is traced. */
void rh_note_fresh(const struct rh_run *run, const struct rh_block_record *record, bool zeroed);
/* Why realloc moved the block or did not, and what its bytes are now. */
void rh_note_resized(const struct rh_run *run, const struct rh_block_record *before,
                     const struct rh_block_record *after);
/* The bytes from `from` to `end` - 1 of a block were written; `what` goes on "bytes 3 to 5 ". Explanations read the
 * numbers. Nothing for no bytes. */
void rh_note_content(const struct rh_run *run, const struct rh_block_record *record, const char *rule, int64_t from,
                     int64_t end, const char *what);
void rh_note_written(const struct rh_run *run, const struct rh_block_record *record, int64_t from, int64_t end,
                     uint8_t value);
/* The bytes are not all the block's. */
void rh_note_outside(const struct rh_run *run, const struct rh_block_record *record, int64_t offset, uint64_t n);
/* Where a block lies, and two to each other. */
void rh_note_offset(const struct rh_run *run, const struct rh_block_record *record, bool placed);
void rh_note_places(const struct rh_run *run, const struct rh_block_record *a, const struct rh_block_record *b);

/* --- debug hooks; the record's engine block is there --- */

/* Writes the guards for the record's size and domain, and clean bytes from
 * `from` on. */
void rh_guard_dress(struct rh_run *run, const struct rh_block_record *record, uint64_t from);
/* Fills a block with dead bytes. */
void rh_guard_bury(struct rh_run *run, const struct rh_block_record *record);
/* The hooks' checks before they free or resize in a domain; true without
 * hooks. False: the process died with a report, or nothing can be said. */
bool rh_guard_passes(struct rh_run *run, const struct rh_block_record *record, char domain, bool resizes,
                     struct rh_observation *seen);

#endif
