/*
 * Traces as text: a line is an operation, what stands between blanks and
 * punctuation is an operand. New operations are made in the binary form and
 * printed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mutator_trace.h"
#include "trace/trace.h"

enum { NEAR = 8 };

/* The last line gets its end, so that another one may follow. */
static bool split(struct program *program, struct scratch *scratch) {
  (void)scratch;
  if (program->size > program->header && program->bytes[program->size - 1] != '\n' && program->size < program->capacity)
    program->bytes[program->size++] = '\n';
  for (size_t at = program->header; at < program->size;) {
    const uint8_t *end = memchr(program->bytes + at, '\n', program->size - at);
    size_t next = end != NULL ? (size_t)(end - program->bytes) + 1 : program->size;
    if (!program_add(program, at, next, 1)) return false;
    at = next;
  }
  program->rest = program->size;
  return true;
}

/* --- new lines --- */

/* Prints a trace of one operation; its first line is the version of the language. */
static bool print(struct edit *edit) {
  struct rh_text text = {0};
  struct rh_trace *trace = rh_trace_decode(edit->bytes, edit->size);
  if (trace != NULL) rh_trace_print(trace, &text);
  rh_trace_free(trace);
  const char *line = text.bytes != NULL ? memchr(text.bytes, '\n', text.size) : NULL;
  size_t n = line != NULL ? text.size - (size_t)(line + 1 - text.bytes) : 0;
  bool fits = n > 0 && n <= OPERATION_MAX;
  edit->size = fits ? n : 0;
  if (fits) memcpy(edit->bytes, line + 1, n);
  rh_text_free(&text);
  return fits;
}

static bool make(struct edit *edit, struct scratch *scratch, struct chance *chance) {
  return trace_make(edit, scratch, chance) && print(edit);
}

static void put_string(struct edit *edit, const char *string) {
  edit->size = strlen(string);
  memcpy(edit->bytes, string, edit->size);
}

static bool make_header(struct edit *edit, struct chance *chance) {
  static const char *const lines[] = {"%trace 1\n",
                                      "%case name\n",
                                      "%applies 3.12+\n",
                                      "%applies 3.9-3.11,3.14+\n",
                                      "%env PYTHONMALLOC=debug\n",
                                      "%args -X tracemalloc\n",
                                      "%profile blocks\n",
                                      "%rule GC-7, RC-3\n",
                                      "# comment\n"};
  put_string(edit, lines[chance_below(chance, sizeof lines / sizeof *lines)]);
  return true;
}

/* --- tokens --- */

struct token {
  size_t start, end;
  bool is_operation; /* the first of a line, or behind a colon or semicolon */
};

static bool is_punctuation(uint8_t byte) {
  return memchr(" \t\r\n:;|@(),", byte, 12) != NULL;
}

static bool next_token(const uint8_t *bytes, size_t size, struct token *token) {
  size_t at = token->end;
  token->is_operation = at == 0;
  for (; at < size && is_punctuation(bytes[at]); at++) {
    if (bytes[at] == ':' || bytes[at] == ';') token->is_operation = true;
  }
  token->start = at;
  while (at < size && !is_punctuation(bytes[at])) at++;
  token->end = at;
  return token->end > token->start;
}

/* One of the tokens that are operations, or are not; false: there is none. */
static bool pick_token(const uint8_t *bytes, size_t size, bool is_operation, struct token *picked,
                       struct chance *chance) {
  size_t seen = 0;
  for (struct token token = {0}; next_token(bytes, size, &token);) {
    if (token.is_operation == is_operation && chance_one_in(chance, ++seen)) *picked = token;
  }
  return seen > 0;
}

static bool replace(struct edit *edit, struct token token, const char *string, size_t n) {
  if (edit->size - (token.end - token.start) + n > OPERATION_MAX) return false;
  memmove(edit->bytes + token.start + n, edit->bytes + token.end, edit->size - token.end);
  memcpy(edit->bytes + token.start, string, n);
  edit->size = edit->size - (token.end - token.start) + n;
  return true;
}

/* --- operands --- */

static bool put_nearby(struct edit *edit, struct token token, struct chance *chance) {
  char text[32];
  uint8_t *last = &edit->bytes[token.end - 1];
  size_t length = token.end - token.start;
  if (isdigit(*last) && length < 10 && (isdigit(edit->bytes[token.start]) || edit->bytes[token.start] == '-')) {
    memcpy(text, edit->bytes + token.start, length);
    text[length] = '\0';
    long value = strtol(text, NULL, 10) + (long)chance_below(chance, 9) - 4;
    return replace(edit, token, text, (size_t)snprintf(text, sizeof text, "%ld", value));
  }
  *last = (uint8_t)(chance_one_in(chance, 2) ? *last + 1 : *last - 1);
  return !is_punctuation(*last);
}

static bool put_used(struct edit *edit, struct token token, const struct program *program, size_t operation,
                     struct chance *chance) {
  size_t low = operation < NEAR ? 0 : operation - NEAR;
  size_t high = operation + NEAR < program->n ? operation + NEAR : program->n - 1;
  const struct operation *near = &program->operations[low + chance_below(chance, high - low + 1)];
  const uint8_t *bytes = program->bytes + near->start;
  struct token used;
  if (!pick_token(bytes, near->end - near->start, false, &used, chance)) return false;
  if (used.end - used.start > OPERATION_MAX) return false;
  return replace(edit, token, (const char *)bytes + used.start, used.end - used.start);
}

static bool put_limit(struct edit *edit, struct token token, struct chance *chance) {
  static const char *const limits[] = {"0",
                                       "1",
                                       "-1",
                                       "-5",
                                       "-6",
                                       "255",
                                       "256",
                                       "257",
                                       "512",
                                       "513",
                                       "10000000",
                                       "10000001",
                                       "9223372036854775807",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "18446744073709551615",
                                       "18446744073709551616",
                                       "0x110000",
                                       "10ffff",
                                       "None",
                                       "A",
                                       "B",
                                       "A.a",
                                       "A.a.b",
                                       "B.x",
                                       "self",
                                       "self.a",
                                       "\"\"",
                                       "\"a\\n\"",
                                       "\"\\u00e9\"",
                                       "1.5",
                                       "inf",
                                       "nan",
                                       "1e400",
                                       "()",
                                       "=>",
                                       "?",
                                       "=> ?",
                                       "3.9",
                                       "3.14+",
                                       "skip",
                                       "yes",
                                       "[]",
                                       "[A, B]",
                                       "(fail_nth=1)",
                                       "(unordered)",
                                       "(digest,unordered)",
                                       "cb",
                                       "rev",
                                       "list"};
  const char *limit = limits[chance_below(chance, sizeof limits / sizeof *limits)];
  return replace(edit, token, limit, strlen(limit));
}

static bool change_operand(struct edit *edit, const struct program *program, size_t operation, struct scratch *scratch,
                           struct chance *chance) {
  (void)scratch;
  struct token token;
  if (!pick_token(edit->bytes, edit->size, false, &token, chance)) return false;
  switch (chance_below(chance, 3)) {
  case 0:
    return put_nearby(edit, token, chance);
  case 1:
    return put_used(edit, token, program, operation, chance);
  default:
    return put_limit(edit, token, chance);
  }
}

static bool change_operation(struct edit *edit, const struct program *program, size_t operation,
                             struct scratch *scratch, struct chance *chance) {
  (void)program;
  (void)operation;
  (void)scratch;
  struct token token;
  if (!pick_token(edit->bytes, edit->size, true, &token, chance)) return false;
  const char *spelling = rh_opcode_spelling((enum rh_opcode)(1 + chance_below(chance, RH_OPCODE_COUNT - 1)));
  return replace(edit, token, spelling, strlen(spelling));
}

const struct format format_text = {.name = "text",
                                   .split = split,
                                   .make = make,
                                   .change_operand = change_operand,
                                   .change_operation = change_operation,
                                   .make_header = make_header};
