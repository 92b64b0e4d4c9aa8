/*
 * What the files of this folder share: the shapes of operations, the parser's
 * state, growth of a trace's arrays, diagnostics.
 *
 * One authority: whatever spelling a trace is read from, every argument,
 * header, attribute and expectation passes through the functions of
 * argument.c, header.c and expectation.c. Nothing else decides what is legal.
 */
#ifndef RH_TRACE_INTERNAL_H
#define RH_TRACE_INTERNAL_H

#include "trace/trace.h"

enum {
  RH_SLOTS_MAX = 4,           /* letters in a signature */
  RH_RANGES_MAX = 32,         /* items in a list of version ranges */
  RH_BRACKETS_MAX = 64,       /* open brackets in a literal */
  RH_ALTERNATIVES_MAX = 64,   /* alternatives of an expectation */
  RH_JSON_LINE_MAX = 1 << 24, /* bytes in a line of JSON */
  RH_INTERN_MAX = 64          /* longest text that is looked up before it is stored */
};

/* How a binary trace starts, before the digit of its version. */
#define RH_BINARY_MAGIC "\x89RHT"

/* One letter of a signature (ops.def), taken apart. */
struct rh_slot {
  char letter;
  char quantifier; /* '?', '*', '+', or 0: exactly one */
  uint16_t nwords;
  uint16_t words_length; /* W{...}: */
  const char *words;     /* "a|b|c", or NULL: any word */
  int64_t low, high;     /* I{low..high} and C; high < low: any 64-bit number */
};

/* The signature of an operation or kind. */
struct rh_shape {
  uint8_t nslots;
  uint8_t nfixed; /* arguments that are always there */
  bool varies;    /* some are optional or repeated */
  bool is_block;  /* ends in *O */
  struct rh_slot slots[RH_SLOTS_MAX];
};

/* --- spelling.c: the two tables, ready after rh_spellings_prepare --- */
void rh_spellings_prepare(void);                        /* cheap after the first call; any thread */
uint32_t rh_opcode_find(const char *bytes, size_t n);   /* 0: none */
uint32_t rh_kindcode_find(const char *bytes, size_t n); /* 0: none */
const struct rh_shape *rh_opcode_shape(uint32_t code);
const struct rh_shape *rh_kindcode_shape(uint32_t code);

/* --- build.c: growth --- */

/* An entry of the intern table: a stored text, and the number of the name it is. */
struct rh_word {
  uint32_t hash, offset, length; /* length 0: an empty entry */
  uint32_t name;                 /* 0: not used as a name */
};

struct rh_trace_tables {
  size_t ops_capacity, top_capacity, args_capacity, parts_capacity, expectations_capacity, headers_capacity;
  size_t names_capacity, text_capacity;
  struct rh_word *words; /* open addressing, power of two, at most half full */
  uint32_t words_size, words_used;
  struct rh_op *pending; /* operations of blocks being read, innermost last */
  size_t npending, pending_capacity;
  struct rh_text scratch; /* decoded quoted texts */
  bool has_version;       /* a %trace line was read */
  bool out_of_memory;     /* there was none for something that was read */
};

/* Makes room for one more element of the array whose pointer is stored at
 * array_address; false, and nothing changed, when out of memory. */
bool rh_grow(void *array_address, size_t *capacity, size_t used, size_t element_size);

/* Each appends a zeroed element and returns it, or NULL. */
struct rh_arg *rh_push_arg(struct rh_trace *trace);
struct rh_expectation *rh_push_expectation(struct rh_trace *trace);
struct rh_header *rh_push_header(struct rh_trace *trace);
bool rh_push_op(struct rh_trace *trace, const struct rh_op *op);
bool rh_push_top(struct rh_trace *trace, uint32_t index);
bool rh_push_part(struct rh_trace *trace, uint32_t text);

/* Stores a text with a NUL behind it and gives its offset; equal short texts
 * share one. rh_intern_name also numbers it. False when out of memory. */
bool rh_store(struct rh_trace *trace, const char *bytes, size_t n, uint32_t *offset);
bool rh_intern_name(struct rh_trace *trace, const char *bytes, size_t n, uint32_t *name);

/* --- the parser --- */
struct rh_parser {
  struct rh_trace *trace;
  struct rh_diagnostic *diagnostic;
  const char *start; /* of the line; NULL: not text, no columns */
  const char *p, *end;
  uint32_t line;
};

/* Where an operation stands. */
struct rh_context {
  uint32_t depth;   /* 1: top level */
  uint64_t product; /* of the counts of the repeats around it */
  bool in_action;   /* inside act or cbact */
  bool in_try;      /* the operand of a try */
};

/* parse.c. The steps of reading an operation that all spellings take. */
bool rh_check_bytes(struct rh_parser *ps, const char *p, const char *end); /* UTF-8, no control characters */
bool rh_fail_operation(struct rh_parser *ps, const char *at, size_t n);    /* no such operation */
bool rh_fail_kind(struct rh_parser *ps, const char *at, size_t n);         /* no such kind */
bool rh_parse_line(struct rh_parser *ps);                                  /* ps->start, p, end, line are set */
bool rh_check_context(struct rh_parser *ps, const char *at, const struct rh_op *op, const struct rh_context *context);
bool rh_check_counts(struct rh_parser *ps, const char *at, const struct rh_op *op, struct rh_context *inner);
bool rh_finish_block(struct rh_parser *ps, struct rh_op *op, size_t mark);
bool rh_push_pending(struct rh_parser *ps, const struct rh_op *op);

/* argument.c: reads one argument of the slot at ps->p and appends it. */
bool rh_parse_argument(struct rh_parser *ps, const struct rh_slot *slot, const char *owner);
/* The number of a word in the slot's list, UINT_MAX when it is not there; the
 * word of a number, the last one when there are not so many. */
unsigned rh_word_index(const struct rh_slot *slot, const char *word, size_t n);
size_t rh_word_at(const struct rh_slot *slot, unsigned index, const char **word);
const char *rh_slot_expected(const struct rh_slot *slot); /* what the letter stands for, in words */
void rh_skip_blanks(struct rh_parser *ps);
bool rh_at_attributes(const struct rh_parser *ps);

/* expectation.c */
bool rh_parse_attributes(struct rh_parser *ps, struct rh_op *op);
bool rh_parse_fail_nth(struct rh_parser *ps, struct rh_op *op); /* the digits at ps->p */
bool rh_skip_value(struct rh_parser *ps);                       /* to the end of one expected value */
bool rh_parse_expectations(struct rh_parser *ps, struct rh_op *op, const struct rh_context *context);
/* Appends one alternative after checking both of its texts. */
bool rh_add_alternative(struct rh_parser *ps, struct rh_op *op, const char *value, size_t nvalue, const char *versions,
                        size_t nversions);
/* Refuses two alternatives with different values for one version. */
bool rh_check_alternatives(struct rh_parser *ps, const char *at, const struct rh_op *op);

/* print.c */
void rh_print_arg(const struct rh_trace *trace, const struct rh_arg *arg, struct rh_text *out);
void rh_print_quoted(const char *bytes, size_t n, struct rh_text *out);

/* json_read.c: the field that holds an argument of a type */
const char *rh_json_arg_type(uint8_t type);

/* header.c: ps stands behind the %. */
bool rh_parse_header(struct rh_parser *ps);
unsigned rh_header_index(const char *key);
const char *rh_header_key(unsigned index); /* modulo their number */
bool rh_add_header(struct rh_parser *ps, const char *key, size_t nkey, const char *value, size_t nvalue);

/* version.c */
struct rh_range {
  uint32_t low, high; /* both inclusive */
};
struct rh_ranges {
  size_t n;
  struct rh_range items[RH_RANGES_MAX];
};
/* NULL when well-formed, else what is wrong, and where. */
const char *rh_ranges_parse(const char *bytes, size_t n, struct rh_ranges *ranges, const char **at);

/* --- diagnose.c --- */

/* A token made fit to print: quoted, capped, control and stray bytes as \xHH. */
struct rh_shown {
  char text[200];
};
struct rh_shown rh_show(const char *bytes, size_t n);
struct rh_shown rh_show_token(const struct rh_parser *ps, const char *at); /* the token at `at` */

/* Fills the diagnostic in for the place `at`; always false. */
bool rh_fail(struct rh_parser *ps, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool rh_fail_memory(struct rh_parser *ps);

/* "; did you mean 'x'?" for the nearest candidate, or "" when none is near.
 * Candidates are offered one by one. */
struct rh_near {
  const char *token;
  size_t length;
  const char *best;
  size_t best_length, best_distance;
};
struct rh_near rh_near_begin(const char *token, size_t n);
void rh_near_offer(struct rh_near *near, const char *candidate, size_t n);
struct rh_shown rh_near_end(const struct rh_near *near);
/* The same over a whole list "a|b|c". */
struct rh_shown rh_near_word(const char *token, size_t n, const char *words, size_t nwords);

/* --- bytes --- */
static inline bool rh_is_digit(char c) {
  return (unsigned char)(c - '0') < 10;
}
static inline bool rh_is_letter(char c) {
  return (unsigned char)((c | 32) - 'a') < 26 || c == '_';
}
static inline bool rh_is_blank(char c) {
  return c == ' ' || c == '\t';
}
static inline bool rh_is_word_byte(char c) {
  return rh_is_letter(c) || rh_is_digit(c) || c == '.' || c == '-';
}
/* Length of the well-formed UTF-8 sequence at p, or 0. */
size_t rh_utf8_length(const char *p, const char *end);

#endif
