/*
 * Debug hooks of the allocator (memory-model.md, DBG): what they write around
 * a block, what they check, and the report they end the process with.
 *
 * The engine's block is laid out as the real one: 8 bytes of size, highest
 * first, the letter of the domain, 7 forbidden bytes, the data, 8 forbidden
 * bytes. A check goes by what the bytes say, which a trace may have changed.
 */
#include <string.h>

#include "oracle/interpret_memory.h"
#include "rules/evidence.h"

enum { CLEAN = 0xCD, DEAD = 0xDD, FORBIDDEN = 0xFD, LEADING = 7, TRAILING = 8, SHOWN = 8, UNKNOWN = -1 };

/* --- bytes, at offsets from the data --- */

static int byte_at(const struct rh_run *run, const struct rh_block_record *record, int64_t offset) {
  if (offset >= (int64_t)record->bytes + RH_GUARD_AFTER) return UNKNOWN;
  return run->engine->block_read(record->handle, (uint64_t)(offset + RH_GUARD_BEFORE));
}

static void fill(struct rh_run *run, const struct rh_block_record *record, int64_t offset, int byte, uint64_t n) {
  (void)run->engine->block_write(record->handle, (uint64_t)(offset + RH_GUARD_BEFORE), (uint8_t)byte, n);
}

/* The size the block says it has; false if nobody knows. */
static bool read_size(const struct rh_run *run, const struct rh_block_record *record, uint64_t *size) {
  *size = 0;
  if (record->freed) return false;
  for (int i = 0; i < 8; i++) *size = *size << 8 | (uint64_t)byte_at(run, record, i - RH_GUARD_BEFORE);
  return true;
}

void rh_guard_dress(struct rh_run *run, const struct rh_block_record *record, uint64_t from) {
  for (int i = 0; i < 8; i++) fill(run, record, i - RH_GUARD_BEFORE, (int)(record->bytes >> (56 - 8 * i) & 255), 1);
  fill(run, record, -8, record->domain, 1);
  fill(run, record, -LEADING, FORBIDDEN, LEADING);
  if (from < record->bytes) fill(run, record, (int64_t)from, CLEAN, record->bytes - from);
  fill(run, record, (int64_t)record->bytes, FORBIDDEN, TRAILING);
}

void rh_guard_bury(struct rh_run *run, const struct rh_block_record *record) {
  uint64_t size = 0;
  for (int i = 0; i < 8; i++) size = size << 8 | (uint64_t)run->engine->block_read(record->handle, (uint64_t)i);
  fill(run, record, -RH_GUARD_BEFORE, DEAD, (size < record->bytes ? size : record->bytes) + RH_GUARD);
}

/* --- checks --- */

enum fault { FAULT_NONE, FAULT_DOMAIN, FAULT_LEADING, FAULT_TRAILING, FAULT_UNDECIDED };

/* Offsets are written as the report does, from the data. */
static void note_wrong_pad(const struct rh_run *run, const struct rh_block_record *record, int64_t offset, int byte,
                           const char *before) {
  rh_because("ALH-5", rh_block_subject(run, record), "%s the byte at p%+lld is 0x%02x, not 0xfd", before,
             (long long)offset, (unsigned)byte);
}

static void note_wrong_letter(const struct rh_run *run, const struct rh_block_record *record, char domain) {
  unsigned letter = (unsigned)byte_at(run, record, -8);
  if (record->freed) {
    rh_because("ALH-8", rh_block_subject(run, record),
               "the block is free and nobody took it: its letter is 0x%02x, not the '%c' of the call", letter, domain);
  } else {
    rh_because("ALH-5", rh_block_subject(run, record),
               "the letter at p-8, checked first, is 0x%02x, and the call is of domain '%c' = 0x%02x", letter, domain,
               (unsigned)domain);
  }
}

static enum fault check_trailing(const struct rh_run *run, const struct rh_block_record *record) {
  uint64_t size;
  if (!read_size(run, record, &size) || size > record->bytes + RH_GUARD_AFTER) return FAULT_UNDECIDED;
  for (int i = 0; i < TRAILING; i++) {
    int byte = byte_at(run, record, (int64_t)size + i);
    if (byte == FORBIDDEN) continue;
    if (byte == UNKNOWN) return FAULT_UNDECIDED;
    note_wrong_pad(run, record, (int64_t)size + i, byte, "letter and leading pad are right, but behind the size");
    return FAULT_TRAILING;
  }
  return FAULT_NONE;
}

static enum fault check(const struct rh_run *run, const struct rh_block_record *record, char domain) {
  if (byte_at(run, record, -8) != (uint8_t)domain) {
    note_wrong_letter(run, record, domain);
    return FAULT_DOMAIN;
  }
  for (int i = LEADING; i >= 1; i--) {
    if (byte_at(run, record, -i) == FORBIDDEN) continue;
    note_wrong_pad(run, record, -i, byte_at(run, record, -i), "the letter is right, but before the data");
    return FAULT_LEADING;
  }
  return check_trailing(run, record);
}

/* --- the report --- */

static int count_wrong(const struct rh_run *run, const struct rh_block_record *record, int64_t from, int count) {
  int wrong = 0;
  for (int i = 0; i < count; i++) wrong += byte_at(run, record, from + i) != FORBIDDEN;
  return wrong;
}

/* Pad bytes one a line, or one word when all is well. */
static void report_pads(const struct rh_run *run, const struct rh_block_record *record, struct rh_text *text,
                        int64_t from, int count, const char *where, int first, int step) {
  if (count_wrong(run, record, from, count) == 0) {
    rh_text_puts(text, "FORBIDDENBYTE, as expected.\n");
    return;
  }
  rh_text_puts(text, "not all FORBIDDENBYTE (0xfd):\n");
  for (int i = 0; i < count; i++) {
    int byte = byte_at(run, record, from + i);
    rh_text_printf(text, "        at %s%d: 0x%02x%s\n", where, first + i * step, (unsigned)byte,
                   byte == FORBIDDEN ? "" : " *** OUCH");
  }
}

static void report_bytes(const struct rh_run *run, const struct rh_block_record *record, struct rh_text *text,
                         uint64_t from, uint64_t to) {
  for (uint64_t i = from; i < to; i++) rh_text_printf(text, " %02x", (unsigned)byte_at(run, record, (int64_t)i));
}

static void report_data(const struct rh_run *run, const struct rh_block_record *record, struct rh_text *text,
                        uint64_t size) {
  if (size == 0) return;
  rh_text_puts(text, "    Data at p:");
  report_bytes(run, record, text, 0, size < SHOWN ? size : SHOWN);
  if (size > 2 * SHOWN) rh_text_puts(text, " ...");
  if (size > SHOWN) report_bytes(run, record, text, size > 2 * SHOWN ? size - SHOWN : SHOWN, size);
  rh_text_puts(text, "\n");
}

/* A letter that is no text is written as it is, or not at all. */
static void report_letter(const struct rh_run *run, const struct rh_block_record *record, struct rh_text *text) {
  int letter = byte_at(run, record, -8);
  if (letter < ' ') {
    rh_text_puts(text, RH_GAP_ANY);
  } else {
    rh_text_printf(text, "%c", letter);
  }
}

static void note_report(const struct rh_run *run, const struct rh_block_record *record) {
  uint64_t size;
  uint32_t subject = rh_block_subject(run, record);
  int wrong = count_wrong(run, record, -LEADING, LEADING);
  if (!read_size(run, record, &size)) {
    rh_because("ALH-6", subject, "the report shows the letter 0x%02x and %d wrong bytes of the 7 before the data",
               (unsigned)byte_at(run, record, -8), wrong);
  } else {
    rh_because(
        "ALH-6", subject,
        "the report shows the letter 0x%02x, the size %llu, the 7 bytes before the data (%d wrong), the 8 behind "
        "(%d wrong; each pad byte by byte if one is), then of the data %s",
        (unsigned)byte_at(run, record, -8), (unsigned long long)size, wrong,
        size <= record->bytes ? count_wrong(run, record, (int64_t)size, TRAILING) : 0,
        size == 0           ? "nothing"
        : size <= 2 * SHOWN ? "every byte"
                            : "the first and the last eight bytes");
  }
}

/* What is written about the block, as far as it can be told. False when the end cannot: the report may itself die. */
static bool report_block(const struct rh_run *run, const struct rh_block_record *record, struct rh_text *text) {
  uint64_t size;
  bool sized = read_size(run, record, &size);
  rh_text_puts(text, "Debug memory block at address p=0x" RH_GAP_NUMBER ": API '");
  report_letter(run, record, text);
  rh_text_puts(text, "'\n    ");
  if (sized) {
    rh_text_printf(text, "%llu", (unsigned long long)size);
  } else {
    rh_text_puts(text, RH_GAP_NUMBER);
  }
  rh_text_puts(text, " bytes originally requested\n    The 7 pad bytes at p-7 are ");
  size_t before = text->size;
  report_pads(run, record, text, -LEADING, LEADING, "p-", LEADING, -1);
  if (text->bytes[before] == 'n') {
    rh_text_puts(text, "    Because memory is corrupted at the start, the count of bytes requested\n"
                       "       may be bogus, and checking the trailing pad bytes may segfault.\n");
  }
  rh_text_puts(text, "    The 8 pad bytes at tail=0x" RH_GAP_NUMBER " are ");
  if (!sized || size > record->bytes) return false; /* it reads what nobody knows */
  report_pads(run, record, text, (int64_t)size, TRAILING, "tail+", 0, 1);
  report_data(run, record, text, size);
  rh_text_puts(text, "\nEnable tracemalloc to get the memory block allocation traceback\n\n");
  return true;
}

static void report(const struct rh_run *run, const struct rh_block_record *record, enum fault fault, char domain,
                   bool resizes, struct rh_text *text) {
  bool whole = report_block(run, record, text);
  if (whole) {
    rh_text_printf(text, "Fatal Python error: _PyMem_DebugRaw%s: ", resizes ? "Realloc" : "Free");
    if (fault == FAULT_DOMAIN) {
      rh_text_printf(text, "bad ID: Allocated using API '%c', verified using API '%c'", byte_at(run, record, -8),
                     domain);
    } else {
      rh_text_printf(text, "bad %s pad byte", fault == FAULT_LEADING ? "leading" : "trailing");
    }
    rh_text_puts(text, "\nPython runtime state: initialized\n");
  }
  rh_text_puts(text, RH_GAP_ANY); /* where the program was */
}

bool rh_guard_passes(struct rh_run *run, const struct rh_block_record *record, char domain, bool resizes,
                     struct rh_observation *seen) {
  if (!run->blocks.memory.guarded) return true;
  enum fault fault = rh_block_is_stale(run, record) ? FAULT_UNDECIDED : check(run, record, domain);
  if (fault == FAULT_NONE) return true;
  if (fault == FAULT_UNDECIDED) {
    rh_say_unsupported(run, seen, "debug hooks that read memory", "nobody knows");
    return false;
  }
  struct rh_text text = {0};
  report(run, record, fault, domain, resizes, &text);
  if (rh_evidence_kept) note_report(run, record);
  rh_text_append(&text, "", 1);
  rh_die(run, seen, text.bytes);
  rh_text_free(&text);
  return false;
}
