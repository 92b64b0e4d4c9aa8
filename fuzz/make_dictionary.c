/*
 * Writes the dictionary of a format of traces, from the tables of the language
 * itself, so that it is never behind them.
 *
 * usage: make_dictionary text|trace[+H] FILE
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/binary.h"
#include "trace/trace.h"

static FILE *out;

static void write_entry(const uint8_t *bytes, size_t n) {
  fputc('"', out);
  for (size_t i = 0; i < n; i++) {
    bool plain = isprint(bytes[i]) && bytes[i] != '"' && bytes[i] != '\\';
    fprintf(out, plain ? "%c" : "\\x%02X", bytes[i]);
  }
  fputs("\"\n", out);
}

static void write_text(const char *text) {
  write_entry((const uint8_t *)text, strlen(text));
}

/* The words of a signature: `W{a|b|c}`. */
static void write_words(const char *signature) {
  for (const char *p = signature; (p = strstr(p, "W{")) != NULL;) {
    for (p += 2; *p != '}'; p += *p == '|') {
      size_t n = strcspn(p, "|}");
      write_entry((const uint8_t *)p, n);
      p += n;
    }
  }
}

static void write_text_dictionary(void) {
  static const char *const tokens[] = {" => ",
                                       " | ",
                                       " @3.12+",
                                       " @3.9-3.11",
                                       "=> ?",
                                       " (fail_nth=1)",
                                       " (unordered)",
                                       " (digest)",
                                       ": ",
                                       "; ",
                                       "None",
                                       "self",
                                       "skip",
                                       "%trace 1\n",
                                       "%case ",
                                       "%applies ",
                                       "%env ",
                                       "%args ",
                                       "%profile ",
                                       "%rule ",
                                       "%why ",
                                       "# ",
                                       "\\x41",
                                       "\\u00e9",
                                       "\\U0001f600",
                                       "9223372036854775807",
                                       "-9223372036854775808",
                                       "18446744073709551615",
                                       "10000000"};
#define OP(code, spelling, signature) write_text(spelling " ");
#include "trace/ops.def"
#undef OP
#define OP(code, spelling, signature) write_words(signature);
#include "trace/ops.def"
#undef OP
#define KIND(code, spelling, signature) write_text(" " spelling);
#include "trace/kinds.def"
#undef KIND
#define KIND(code, spelling, signature) write_words(signature);
#include "trace/kinds.def"
#undef KIND
  for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) write_text(tokens[i]);
}

/* Every operation and every kind with as many zero bytes as it needs. */
static void write_smallest(uint8_t *bytes, struct rh_parts *parts) {
  if (rh_binary_scan(bytes, 64, parts) && parts->n > 0) write_entry(bytes, parts->items[0].end);
}

static void write_binary_dictionary(void) {
  static const char *const marks[] = {"\xfa", "\xfb\x04\x01", "\xfb\x01",     "\xfb\x02", "\xf1\x01\x01",
                                      "\xf2", "\xf3\x07",     "\xf4\x01\x61", "\xff"};
  struct rh_parts parts = {0};
  for (unsigned code = 0; code + 1 < RH_OPCODE_COUNT; code++) {
    uint8_t bytes[64] = {(uint8_t)code};
    if (code + 1 == RH_OP_ACT || code + 1 == RH_OP_CBACT || code + 1 == RH_OP_REPEAT) bytes[2] = RH_BYTE_END;
    write_smallest(bytes, &parts);
  }
  for (unsigned kind = 0; kind + 1 < RH_KINDCODE_COUNT; kind++) {
    uint8_t bytes[64] = {RH_OP_NEW - 1, 0, (uint8_t)kind};
    write_smallest(bytes, &parts);
  }
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) write_text(marks[i]);
  free(parts.items);
}

int main(int argc, char **argv) {
  bool text = argc == 3 && strcmp(argv[1], "text") == 0;
  if (!text && (argc != 3 || strncmp(argv[1], "trace", 5) != 0)) {
    fprintf(stderr, "usage: %s text|trace[+H] FILE\n", argv[0]);
    return 2;
  }
  out = fopen(argv[2], "w");
  if (out == NULL) {
    perror(argv[2]);
    return 2;
  }
  if (text) {
    write_text_dictionary();
  } else {
    write_binary_dictionary();
  }
  if (fclose(out) == 0) return 0;
  perror(argv[2]);
  return 2;
}
