/*
 * The binary spelling: what encoder and decoder agree on. The layout is
 * described in specs/trace-language.md, section "Binary".
 */
#ifndef RH_TRACE_BINARY_H
#define RH_TRACE_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first byte of a record: an operation, or one of these. */
enum {
  RH_BYTE_RECORD = 0xfa,     /* => ? for the next operation */
  RH_BYTE_ATTRIBUTES = 0xfb, /* attributes of the next operation */
  RH_BYTE_EXPECT = 0xfc,     /* expectations of the next operation */
  RH_BYTE_HEADER = 0xfd,
  RH_BYTE_NAME = 0xfe, /* the spelling of a name's number */
  RH_BYTE_END = 0xff   /* of a block */
};

/* Numbers: 0..223 and -1..-16 in one byte, else the length and the bytes,
 * lowest first, of the value or of its complement. */
enum { RH_BYTE_SMALL = 0xe0, RH_BYTE_POSITIVE = 0xf0, RH_BYTE_NEGATIVE = 0xf8 };

/* References to names: below LONG the number itself. Where more than a name
 * may stand, the bytes behind say what it is. */
enum {
  RH_BYTE_LONG = 0xf0, /* a number follows */
  RH_BYTE_PATH = 0xf1, /* a reference and slots follow */
  RH_BYTE_NONE = 0xf2,
  RH_BYTE_INTEGER = 0xf3,
  RH_BYTE_TEXT = 0xf4
};

/* Names 0..26 are A..Z and self unless a record says otherwise; slots 0..25
 * are a..z, 26 is spelled out. */
enum { RH_NAMES_KNOWN = 27, RH_SLOTS_KNOWN = 26 };

/* Lists: up to this many items in one byte. */
enum { RH_LIST_SHORT = 8 };

enum { RH_FLAG_UNORDERED = 1, RH_FLAG_DIGEST = 2, RH_FLAG_FAIL_NTH = 4 };

/* --- where things are, for programs that edit binary traces (decode.c) --- */

enum rh_part_kind {
  RH_PART_OPERATION, /* with what stands in front of it (expectations, attributes) */
  RH_PART_OTHER,     /* outside of operations: a header, a name's spelling, a stray end, ... */
  RH_PART_CODE,      /* the byte that is an operation's number */
  RH_PART_KIND,      /* the byte that is a kind's number */
  RH_PART_ARGUMENT
};

enum rh_part_end {
  RH_PART_WHOLE,
  RH_PART_OPEN, /* the bytes ended where a block could have gone on */
  RH_PART_CUT   /* the bytes ended inside */
};

/* Bytes start..end - 1 of a binary trace. */
struct rh_part {
  size_t start, end;
  uint8_t kind;   /* enum rh_part_kind */
  uint8_t ending; /* enum rh_part_end, of operations */
  uint8_t depth;  /* of the operation: 1 is the top level */
  char letter;    /* of the signature, for arguments */
};

struct rh_parts {
  struct rh_part *items; /* to be freed by the caller; may be reused */
  size_t n, capacity;
};

/* Finds the parts of a binary trace as rh_trace_decode reads it, in the order
 * of their starts, what encloses before what is enclosed. The parts of depth 1
 * tile the bytes behind the version. False when out of memory. */
bool rh_binary_scan(const uint8_t *bytes, size_t size, struct rh_parts *parts);

#endif
