/*
 * A growing buffer of bytes. Out of memory is remembered by dropping the
 * buffer's capacity to SIZE_MAX: the text stays what it was and takes no more.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "trace/internal.h"

static bool make_room(struct rh_text *text, size_t n) {
  if (text->capacity == SIZE_MAX) return false;
  if (n < text->capacity - text->size) return true;
  size_t capacity = text->capacity ? text->capacity : 64;
  while (capacity - text->size <= n && capacity < SIZE_MAX / 4) capacity *= 2;
  char *bytes = capacity - text->size > n ? realloc(text->bytes, capacity) : NULL;
  if (!bytes) {
    text->capacity = SIZE_MAX;
    return false;
  }
  text->bytes = bytes;
  text->capacity = capacity;
  return true;
}

void rh_text_append(struct rh_text *text, const char *bytes, size_t n) {
  if (!make_room(text, n)) return;
  if (n) memcpy(text->bytes + text->size, bytes, n);
  text->size += n;
  text->bytes[text->size] = '\0';
}

void rh_text_puts(struct rh_text *text, const char *string) {
  rh_text_append(text, string, strlen(string));
}

void rh_text_printf(struct rh_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  if (n >= 0 && make_room(text, (size_t)n)) {
    vsnprintf(text->bytes + text->size, (size_t)n + 1, format, again);
    text->size += (size_t)n;
  }
  va_end(again);
  va_end(args);
}

void rh_text_free(struct rh_text *text) {
  free(text->bytes);
  *text = (struct rh_text){0};
}

static bool continues(char byte) {
  return ((unsigned char)byte & 0xc0) == 0x80;
}

void rh_make_line(char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i] == '\t') bytes[i] = ' ';
  size_t last = n > 0 ? n - 1 : 0;
  while (last > 0 && continues(bytes[last])) last--;
  bytes[last < n && rh_utf8_length(bytes + last, bytes + n) > 0 ? n : last] = '\0';
}
