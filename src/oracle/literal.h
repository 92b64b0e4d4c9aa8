/*
 * The literals of `const X LIT`: the part of Python's constant expressions
 * whose object refheap can predict. A literal stands for a constant compiled
 * as a unit of its own (specs/trace-language.md, operation `const`).
 *
 *   None True False Ellipsis ...          1.5 -2e3  2j -1+2.5j
 *   12 -7 0x1f 1_000  2**100  1 << 64     b"bytes" with escapes, b"x" * 30
 *   "text" 'text' with escapes            "a" "b"   "a" + "b"   "x" * 30   3 * "x"
 *   the name of a built-in type: int str ...
 */
#ifndef RH_ORACLE_LITERAL_H
#define RH_ORACLE_LITERAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/trace.h"

enum rh_literal_type {
  RH_LITERAL_NONE,
  RH_LITERAL_TRUE,
  RH_LITERAL_FALSE,
  RH_LITERAL_ELLIPSIS,
  RH_LITERAL_TYPE, /* `name`: which built-in type, an index */
  RH_LITERAL_INTEGER,
  RH_LITERAL_BIG, /* beyond `integer` alone: 2**power + integer, `negative`: its opposite */
  RH_LITERAL_REAL,
  RH_LITERAL_COMPLEX,
  RH_LITERAL_TEXT,
  RH_LITERAL_BYTES /* its bytes in `text` */
};

enum {
  RH_FOLD_MAX = 4096,           /* characters a repeated string may have to be folded */
  RH_LITERAL_TEXT_MAX = 1 << 24 /* bytes of text a literal may make */
};

struct rh_literal {
  enum rh_literal_type type;
  int64_t integer;
  uint32_t power;
  bool negative;
  double real, imaginary;
  unsigned name;
  bool folded;         /* texts, bytes: a compiled constant; false: built at run time */
  struct rh_text text; /* texts: UTF-8; bytes as they are; reused from call to call, freed by the owner */
};

/* Reads a literal, without blanks around it. False when it is none of the above (a number out of range,
 * a lone surrogate, another kind of expression): unsupported. O(size of the
 * source and of the text). */
bool rh_literal_parse(const char *source, size_t size, struct rh_literal *literal);

/* Appends one code point (below 0x110000, no surrogate) as UTF-8. */
void rh_text_append_code_point(struct rh_text *text, uint32_t code_point);

#endif
