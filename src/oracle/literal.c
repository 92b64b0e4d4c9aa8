/*
 * A recursive-descent reader of constant expressions. The grammar it accepts:
 *
 *   literal := word | number | '()' | bytes | sum
 *   sum     := product ('+' product)*
 *   product := strings ('*' integer)* | integer '*' strings ('*' integer)*
 *   strings := string string*
 *
 * Strings are decoded into literal->text as they are read, so a product works
 * on the tail of that buffer.
 */
#include "oracle/literal.h"

#include <stdlib.h>
#include <string.h>

struct reader {
  const char *at, *end;
  struct rh_literal *literal;
};

static void skip_blanks(struct reader *reader) {
  while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t')) reader->at++;
}

static bool at_byte(const struct reader *reader, char byte) {
  return reader->at < reader->end && *reader->at == byte;
}

static bool take_byte(struct reader *reader, char byte) {
  if (!at_byte(reader, byte)) return false;
  reader->at++;
  return true;
}

/* --- text --- */

void rh_text_append_code_point(struct rh_text *text, uint32_t code_point) {
  char bytes[4];
  size_t n = 0;
  if (code_point < 0x80) {
    bytes[n++] = (char)code_point;
  } else if (code_point < 0x800) {
    bytes[n++] = (char)(0xc0 | code_point >> 6);
    bytes[n++] = (char)(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    bytes[n++] = (char)(0xe0 | code_point >> 12);
    bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3f));
    bytes[n++] = (char)(0x80 | (code_point & 0x3f));
  } else {
    bytes[n++] = (char)(0xf0 | code_point >> 18);
    bytes[n++] = (char)(0x80 | (code_point >> 12 & 0x3f));
    bytes[n++] = (char)(0x80 | (code_point >> 6 & 0x3f));
    bytes[n++] = (char)(0x80 | (code_point & 0x3f));
  }
  rh_text_append(text, bytes, n);
}

static int digit_value(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return 99;
}

/* Exactly `digits` hexadecimal digits, or one to three octal ones. */
static bool read_code_point(struct reader *reader, unsigned base, unsigned least, unsigned most, uint32_t *code_point) {
  unsigned n = 0;
  for (*code_point = 0; n < most && reader->at < reader->end; n++, reader->at++) {
    int digit = digit_value(*reader->at);
    if (digit >= (int)base) break;
    *code_point = *code_point * base + (uint32_t)digit;
  }
  bool surrogate = *code_point >= 0xd800 && *code_point < 0xe000;
  return n >= least && *code_point < 0x110000 && !surrogate;
}

static bool read_escape(struct reader *reader) {
  static const char letters[] = "abfnrtv\\'\"", meanings[] = "\a\b\f\n\r\t\v\\'\"";
  if (reader->at == reader->end) return false;
  char letter = *reader->at;
  const char *found = memchr(letters, letter, sizeof letters - 1);
  uint32_t code_point = 0;
  bool good;
  if (found) {
    code_point = (unsigned char)meanings[found - letters];
    reader->at++;
    good = true;
  } else if (letter == 'x' || letter == 'u' || letter == 'U') {
    unsigned digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 8;
    reader->at++;
    good = read_code_point(reader, 16, digits, digits, &code_point);
  } else {
    good = read_code_point(reader, 8, 1, 3, &code_point);
  }
  if (good) rh_text_append_code_point(&reader->literal->text, code_point);
  return good;
}

static bool at_string(const struct reader *reader) {
  return at_byte(reader, '"') || at_byte(reader, '\'');
}

static bool read_string(struct reader *reader) {
  if (!at_string(reader)) return false;
  char quote = *reader->at++;
  while (reader->at < reader->end && *reader->at != quote) {
    if (take_byte(reader, '\\')) {
      if (!read_escape(reader)) return false;
    } else {
      rh_text_append(&reader->literal->text, reader->at++, 1);
    }
  }
  return take_byte(reader, quote);
}

static size_t count_characters(const char *bytes, size_t size) {
  size_t count = 0;
  for (size_t i = 0; i < size; i++) count += (bytes[i] & 0xc0) != 0x80;
  return count;
}

/* The text from `start` on, `times` times. Python folds a repetition only up
 * to RH_FOLD_MAX characters; a longer one is computed when the unit runs. */
static bool repeat_tail(struct rh_literal *literal, size_t start, int64_t times) {
  size_t size = literal->text.size - start;
  size_t characters = count_characters(literal->text.bytes + start, size);
  if (characters && (times < 0 || (uint64_t)times > RH_FOLD_MAX / characters)) literal->folded = false;
  if (times <= 0 || size == 0) {
    literal->text.size = start;
    return true;
  }
  if ((uint64_t)times > RH_LITERAL_TEXT_MAX / size) return false;
  char *unit = malloc(size);
  if (!unit) abort();
  memcpy(unit, literal->text.bytes + start, size);
  for (int64_t i = 1; i < times; i++) rh_text_append(&literal->text, unit, size);
  free(unit);
  return true;
}

/* --- numbers --- */

/* Digits of one base, single underscores between them. */
static bool read_digits(struct reader *reader, unsigned base, uint64_t *value) {
  bool any = false;
  for (*value = 0; reader->at < reader->end; reader->at++) {
    if (any && *reader->at == '_' && reader->at + 1 < reader->end && digit_value(reader->at[1]) < (int)base) continue;
    int digit = digit_value(*reader->at);
    if (digit >= (int)base) break;
    if (*value > (UINT64_MAX - (unsigned)digit) / base) return false;
    *value = *value * base + (unsigned)digit;
    any = true;
  }
  return any;
}

static unsigned read_base(struct reader *reader) {
  if (reader->end - reader->at < 2 || reader->at[0] != '0') return 10;
  char letter = (char)(reader->at[1] | 0x20);
  unsigned base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
  if (base != 10) reader->at += 2;
  return base;
}

static bool read_integer(struct reader *reader, int64_t *value) {
  bool negative = take_byte(reader, '-');
  uint64_t magnitude;
  unsigned base = read_base(reader);
  bool leading_zero = base == 10 && at_byte(reader, '0');
  if (!read_digits(reader, base, &magnitude) || magnitude > (uint64_t)INT64_MAX || (leading_zero && magnitude))
    return false;
  *value = negative ? -(int64_t)magnitude : (int64_t)magnitude;
  return true;
}

static bool at_end(struct reader *reader) {
  skip_blanks(reader);
  return reader->at == reader->end;
}

static bool read_whole_integer(struct reader reader) {
  reader.literal->type = RH_LITERAL_INTEGER;
  return read_integer(&reader, &reader.literal->integer) && at_end(&reader);
}

/* A decimal number with a point or an exponent, and nothing else. */
static bool read_whole_real(struct reader reader) {
  char spelled[64], *stop;
  size_t size = (size_t)(reader.end - reader.at);
  while (size && (reader.at[size - 1] == ' ' || reader.at[size - 1] == '\t')) size--;
  if (size == 0 || size >= sizeof spelled || memchr(reader.at, '\0', size)) return false;
  memcpy(spelled, reader.at, size);
  spelled[size] = '\0';
  if (strspn(spelled, "0123456789.eE+-") != size || !strpbrk(spelled, ".eE")) return false;
  reader.literal->type = RH_LITERAL_REAL;
  reader.literal->real = strtod(spelled, &stop);
  return *stop == '\0';
}

/* --- sums and products of texts --- */

static bool read_strings(struct reader *reader) {
  if (!at_string(reader)) return false;
  while (at_string(reader)) {
    if (!read_string(reader)) return false;
    skip_blanks(reader);
  }
  return true;
}

static bool read_product(struct reader *reader) {
  size_t start = reader->literal->text.size;
  int64_t times = 1;
  if (!at_string(reader)) {
    if (!read_integer(reader, &times)) return false;
    skip_blanks(reader);
    if (!take_byte(reader, '*')) return false;
    skip_blanks(reader);
  }
  bool scaled = times != 1;
  if (!read_strings(reader)) return false;
  if (scaled && !repeat_tail(reader->literal, start, times)) return false;
  while (take_byte(reader, '*')) {
    skip_blanks(reader);
    if (!read_integer(reader, &times) || !repeat_tail(reader->literal, start, times)) return false;
    skip_blanks(reader);
  }
  return true;
}

static bool read_whole_sum(struct reader reader) {
  reader.literal->type = RH_LITERAL_TEXT;
  reader.literal->folded = true;
  do {
    skip_blanks(&reader);
    if (!read_product(&reader)) return false;
    skip_blanks(&reader);
  } while (take_byte(&reader, '+'));
  return reader.at == reader.end;
}

/* --- words --- */

static const struct {
  const char *spelling;
  enum rh_literal_type type;
} words[] = {
    {"None", RH_LITERAL_NONE},         {"True", RH_LITERAL_TRUE},       {"False", RH_LITERAL_FALSE},
    {"Ellipsis", RH_LITERAL_ELLIPSIS}, {"...", RH_LITERAL_ELLIPSIS},    {"()", RH_LITERAL_EMPTY_TUPLE},
    {"b\"\"", RH_LITERAL_EMPTY_BYTES}, {"b''", RH_LITERAL_EMPTY_BYTES}, {"int", RH_LITERAL_TYPE},
    {"str", RH_LITERAL_TYPE},          {"float", RH_LITERAL_TYPE},      {"bytes", RH_LITERAL_TYPE},
    {"list", RH_LITERAL_TYPE},         {"tuple", RH_LITERAL_TYPE},      {"dict", RH_LITERAL_TYPE},
    {"set", RH_LITERAL_TYPE},          {"bool", RH_LITERAL_TYPE},       {"object", RH_LITERAL_TYPE},
    {"type", RH_LITERAL_TYPE},         {"frozenset", RH_LITERAL_TYPE},  {"complex", RH_LITERAL_TYPE},
    {"bytearray", RH_LITERAL_TYPE},    {"range", RH_LITERAL_TYPE},      {"slice", RH_LITERAL_TYPE},
};

static bool read_word(const struct reader *reader) {
  size_t size = (size_t)(reader->end - reader->at);
  while (size && (reader->at[size - 1] == ' ' || reader->at[size - 1] == '\t')) size--;
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
    if (strlen(words[i].spelling) != size || memcmp(words[i].spelling, reader->at, size) != 0) continue;
    reader->literal->type = words[i].type;
    reader->literal->name = i;
    return true;
  }
  return false;
}

bool rh_literal_parse(const char *source, size_t size, struct rh_literal *literal) {
  struct reader reader = {source, source + size, literal};
  literal->text.size = 0;
  skip_blanks(&reader);
  return read_word(&reader) || read_whole_integer(reader) || read_whole_real(reader) || read_whole_sum(reader);
}
