/*
 * What the targets on hostile input share: how they fail, and what a text for
 * people must be: one line of UTF-8, and where it names a place, a place of the
 * input.
 */
#ifndef RH_FUZZ_HOSTILE_H
#define RH_FUZZ_HOSTILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fails visibly for every engine. */
#define REQUIRE(condition, ...)                                                                                        \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                                  \
      fprintf(stderr, __VA_ARGS__);                                                                                    \
      fputc('\n', stderr);                                                                                             \
      abort();                                                                                                         \
    }                                                                                                                  \
  } while (0)

/* A choice that hangs on every byte (FNV-1a). */
static inline uint32_t sum_of(const uint8_t *data, size_t size) {
  uint32_t sum = 2166136261u;
  for (size_t i = 0; i < size; i++) sum = (sum ^ data[i]) * 16777619u;
  return sum;
}

/* The code point at *at, which moves behind it; -1 when there is none. */
static inline long next_character(const char **at, const char *end) {
  static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
  unsigned char first = (unsigned char)*(*at)++;
  int length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  long character = first < 0x80 ? first : first & (0x7f >> length);
  if (length == 0 || end - *at < length - 1) return -1;
  for (int i = 1; i < length; i++) {
    if ((*(*at) & 0xc0) != 0x80) return -1;
    character = character << 6 | (*(*at)++ & 0x3f);
  }
  bool surrogate = character >= 0xd800 && character < 0xe000;
  return character < least[length] || character > 0x10ffff || surrogate ? -1 : character;
}

/* UTF-8 without control characters. */
static inline bool is_clean_text(const char *text, size_t n) {
  for (const char *at = text, *end = text + n; at < end;) {
    long character = next_character(&at, end);
    if (character < 0x20 || character == 0x7f) return false;
  }
  return true;
}

static inline void check_message(const char *message) {
  REQUIRE(message[0] != '\0', "an empty message");
  REQUIRE(is_clean_text(message, strlen(message)), "a message is not one clean line: %s", message);
}

/* A diagnostic is one clean line about a place of the text. A place right
 * behind the last byte of a line, or of the text, is one. */
static inline void check_placed(const struct rh_diagnostic *diagnostic, const char *text, size_t size) {
  REQUIRE(memchr(diagnostic->message, '\0', sizeof diagnostic->message) != NULL, "a message without end");
  check_message(diagnostic->message);
  REQUIRE(diagnostic->line > 0 && diagnostic->column > 0, "no place: %s", diagnostic->message);
  const char *line = text, *end = text + size;
  for (uint32_t i = 1; i < diagnostic->line; i++) {
    line = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    REQUIRE(line != NULL, "line %u is not in the text: %s", (unsigned)diagnostic->line, diagnostic->message);
    line++;
  }
  const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
  size_t length = (size_t)((newline ? newline : end) - line);
  REQUIRE(diagnostic->column <= length + 1, "line %u has no column %u: %s", (unsigned)diagnostic->line,
          (unsigned)diagnostic->column, diagnostic->message);
}

#endif
