/*
 * A recursive-descent reader of constant expressions. The grammar it accepts:
 *
 *   literal := word | number | bytes | sum
 *   bytes   := 'b' string ('*' integer)?
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
  size_t characters = size > 0 ? count_characters(literal->text.bytes + start, size) : 0;
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

__extension__ typedef unsigned __int128 wide;

enum { WORD_POWER = 63, BIG_BITS_MAX = 66, POWER_MAX = 1000000 };

/* Takes a value of 2**63 and more apart. False where it is too far from a power of two. */
static bool set_big(struct rh_literal *literal, wide magnitude, bool negative) {
  uint32_t power = WORD_POWER;
  while (magnitude >> power >> 1 != 0) power++;
  wide offset = magnitude - ((wide)1 << power);
  if (offset > INT64_MAX) offset = ((wide)1 << ++power) - magnitude;
  if (offset > INT64_MAX) return false;
  bool below = magnitude < (wide)1 << power;
  literal->type = RH_LITERAL_BIG;
  literal->negative = negative;
  literal->power = power;
  literal->integer = below ? -(int64_t)offset : (int64_t)offset;
  return true;
}

static bool read_whole_big(struct reader reader) {
  bool negative = take_byte(&reader, '-');
  unsigned base = read_base(&reader);
  wide magnitude = 0;
  if (at_byte(&reader, '0')) return false;
  for (; reader.at < reader.end; reader.at++) {
    int digit = digit_value(*reader.at);
    if (digit >= (int)base) break;
    magnitude = magnitude * base + (unsigned)digit;
    if (magnitude >> BIG_BITS_MAX != 0) return false;
  }
  return magnitude >> WORD_POWER != 0 && at_end(&reader) && set_big(reader.literal, magnitude, negative);
}

/* 2 ** K and 1 << K. */
static bool read_whole_power(struct reader reader) {
  int64_t base, power;
  if (!read_integer(&reader, &base)) return false;
  skip_blanks(&reader);
  char operator= base == 2 ? '*' : '<';
  if ((base != 1 && base != 2) || !take_byte(&reader, operator) || !take_byte(&reader, operator)) return false;
  skip_blanks(&reader);
  if (!read_integer(&reader, &power) || !at_end(&reader) || power < 0 || power > POWER_MAX) return false;
  reader.literal->type = power < WORD_POWER ? RH_LITERAL_INTEGER : RH_LITERAL_BIG;
  reader.literal->integer = power < WORD_POWER ? INT64_C(1) << power : 0;
  reader.literal->power = (uint32_t)power;
  reader.literal->negative = false;
  return true;
}

/* A decimal number with a point or an exponent, and nothing else. */
static bool read_whole_real(struct reader reader) {
  char spelled[64], *stop;
  size_t size = (size_t)(reader.end - reader.at);
  if (size == 0 || size >= sizeof spelled || memchr(reader.at, '\0', size)) return false;
  memcpy(spelled, reader.at, size);
  spelled[size] = '\0';
  if (strspn(spelled, "0123456789.eE+-") != size || !strpbrk(spelled, ".eE")) return false;
  reader.literal->type = RH_LITERAL_REAL;
  reader.literal->real = strtod(spelled, &stop);
  return *stop == '\0';
}

/* An imaginary number, or a real one and an imaginary one with a sign. */
static bool read_whole_complex(struct reader reader) {
  char spelled[64], *stop;
  size_t size = (size_t)(reader.end - reader.at);
  if (size < 2 || size >= sizeof spelled || (reader.at[size - 1] | 0x20) != 'j') return false;
  memcpy(spelled, reader.at, --size);
  spelled[size] = '\0';
  if (strspn(spelled, "0123456789.eE+-") != size || spelled[0] == '+') return false;
  reader.literal->type = RH_LITERAL_COMPLEX;
  reader.literal->real = 0;
  reader.literal->imaginary = strtod(spelled, &stop);
  if (stop == spelled || *stop == '\0') return stop != spelled;
  if (*stop != '+' && *stop != '-') return false;
  reader.literal->real = reader.literal->imaginary;
  char *second = stop;
  reader.literal->imaginary = strtod(second, &stop);
  return stop != second && *stop == '\0';
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

/* --- bytes --- */

/* The characters below 256 that the text holds, as bytes. */
static bool encode_latin1(struct rh_text *text) {
  size_t size = 0;
  for (size_t i = 0; i < text->size; i++) {
    unsigned char byte = (unsigned char)text->bytes[i];
    if (byte > 0xc3) return false;
    if (byte >= 0x80) byte = (unsigned char)(byte << 6 | (text->bytes[++i] & 0x3f));
    text->bytes[size++] = (char)byte;
  }
  text->size = size;
  return true;
}

/* Only ASCII, and no escapes that mean code points: those stand for themselves. */
static bool is_bytes_source(const struct reader *reader) {
  for (const char *at = reader->at; at < reader->end; at++) {
    if (*at & 0x80) return false;
    if (*at == '\\' && at + 1 < reader->end && (at[1] | 0x20) == 'u') return false;
  }
  return true;
}

static bool read_whole_bytes(struct reader reader) {
  struct rh_literal *literal = reader.literal;
  if (!(take_byte(&reader, 'b') || take_byte(&reader, 'B')) || !is_bytes_source(&reader)) return false;
  literal->type = RH_LITERAL_BYTES;
  literal->folded = true;
  literal->text.size = 0;
  if (!read_string(&reader) || !encode_latin1(&literal->text)) return false;
  skip_blanks(&reader);
  if (take_byte(&reader, '*')) {
    int64_t times;
    skip_blanks(&reader);
    if (!read_integer(&reader, &times)) return false;
    size_t size = literal->text.size;
    if (!repeat_tail(literal, 0, times)) return false;
    literal->folded = size == 0 || (times >= 0 && (uint64_t)times <= RH_FOLD_MAX / size);
  }
  return at_end(&reader);
}

/* --- words --- */

static const struct {
  const char *spelling;
  enum rh_literal_type type;
} words[] = {
    {"None", RH_LITERAL_NONE},         {"True", RH_LITERAL_TRUE},     {"False", RH_LITERAL_FALSE},
    {"Ellipsis", RH_LITERAL_ELLIPSIS}, {"...", RH_LITERAL_ELLIPSIS},  {"int", RH_LITERAL_TYPE},
    {"memoryview", RH_LITERAL_TYPE},   {"property", RH_LITERAL_TYPE}, {"str", RH_LITERAL_TYPE},
    {"float", RH_LITERAL_TYPE},        {"bytes", RH_LITERAL_TYPE},    {"list", RH_LITERAL_TYPE},
    {"tuple", RH_LITERAL_TYPE},        {"dict", RH_LITERAL_TYPE},     {"set", RH_LITERAL_TYPE},
    {"bool", RH_LITERAL_TYPE},         {"object", RH_LITERAL_TYPE},   {"type", RH_LITERAL_TYPE},
    {"frozenset", RH_LITERAL_TYPE},    {"complex", RH_LITERAL_TYPE},  {"bytearray", RH_LITERAL_TYPE},
    {"range", RH_LITERAL_TYPE},        {"slice", RH_LITERAL_TYPE},
};

static bool read_word(const struct reader *reader) {
  size_t size = (size_t)(reader->end - reader->at);
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
  return read_word(&reader) || read_whole_integer(reader) || read_whole_big(reader) || read_whole_power(reader) ||
         read_whole_real(reader) || read_whole_complex(reader) || read_whole_bytes(reader) || read_whole_sum(reader);
}
