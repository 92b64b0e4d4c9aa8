/*
 * A trace: the program of operations, in memory. Parsing, printing and the two
 * other spellings (JSON Lines, binary) all go through this form.
 *
 * Everything a trace owns lives in one arena and is freed with it. Names and
 * texts are interned once per trace: equal names have equal numbers, dense
 * from 1, so an interpreter can keep an array indexed by name.
 *
 * Reference: specs/trace-language.md.
 */
#ifndef RH_TRACE_TRACE_H
#define RH_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Limits of the language (specs/trace-language.md, section "Limits"). */
enum {
  RH_TRACE_VERSION = 1,
  RH_TRACE_LINE_MAX = 1 << 20,  /* bytes in a line */
  RH_TRACE_NAME_MAX = 64,       /* bytes in a name */
  RH_TRACE_DEPTH_MAX = 8,       /* nested operations */
  RH_TRACE_OPS_MAX = 1 << 24,   /* operations, nested ones included */
  RH_TRACE_PARTS_MAX = 64,      /* slots in a path */
  RH_TRACE_HEADERS_MAX = 256,   /* header lines */
  RH_TRACE_COUNT_MAX = 10000000 /* a count argument; also the product of nested repeats */
};

/* Operation codes and kind codes come from two tables (ops.def, kinds.def):
 * OP(CODE, "spelling", "signature") and KIND(CODE, "spelling", "signature"). */
enum rh_opcode {
  RH_OP_NONE = 0,
#define OP(code, spelling, signature) RH_OP_##code,
#include "trace/ops.def"
#undef OP
  RH_OPCODE_COUNT
};

enum rh_kindcode {
  RH_KINDCODE_NONE = 0,
#define KIND(code, spelling, signature) RH_NEW_##code,
#include "trace/kinds.def"
#undef KIND
  RH_KINDCODE_COUNT
};

/* One argument. */
enum rh_arg_type {
  RH_ARG_NAME,    /* a root alone: `name` */
  RH_ARG_PATH,    /* NAME.slot...: `name`, then 1..64 slot texts, `nparts` of them from `first_part` */
  RH_ARG_INTEGER, /* `integer`, or above INT64_MAX: `is_unsigned` and (uint64_t)integer */
  RH_ARG_REAL,    /* `real`, spelled as in `text` */
  RH_ARG_TEXT,    /* quoted text: decoded UTF-8 in `text`, never with a NUL inside */
  RH_ARG_WORD,    /* a bare word in `text`: field, flag, way, None; HEX also as `integer` */
  RH_ARG_LITERAL  /* source text of a literal, as written */
};

struct rh_arg {
  uint8_t type; /* enum rh_arg_type */
  bool is_unsigned;
  uint16_t nparts;
  uint32_t name;       /* number of the name, 1.. */
  uint32_t first_part; /* index into trace->parts */
  uint32_t column;     /* 1-based byte column, 0 when from JSON */
  uint32_t text;       /* offset into trace->text, NUL-terminated */
  uint32_t text_length;
  union {
    int64_t integer;
    double real;
  };
};

/* One alternative of an expectation: a value and the versions that select it. */
struct rh_expectation {
  uint32_t value, value_length;       /* text as written, blanks around it removed */
  uint32_t versions, versions_length; /* "3.9-3.12,3.14.4+", empty: every version */
};

/* One operation. Nested operations (try, repeat, act, cbact) are `nchildren`
 * operations from `first_child` in trace->ops; children never are top-level.
 * act, cbact and repeat (blocks) have no attributes and no expectation and are
 * the last of their siblings, because their text reaches to the end of the
 * line; `try` has exactly one child, neither a block nor a try. */
struct rh_op {
  uint16_t code; /* enum rh_opcode */
  uint16_t kind; /* enum rh_kindcode, for `new` */
  uint32_t line; /* 1-based, of the file; of the canonical text in a built or binary trace */
  uint32_t first_arg, nargs;
  uint32_t first_child, nchildren;
  uint32_t first_expectation, nexpectations; /* 0: nothing is expected */
  uint32_t fail_nth;                         /* attribute (fail_nth=N), 0: none */
  bool unordered;                            /* attribute (unordered): compare a list as a multiset */
  bool digest;                               /* attribute (digest): a list is observed as count:crc32 */
  bool recorded;                             /* `=> ?`: observe into the event log (inside actions) */
};

/* One header line: %key text. */
struct rh_header {
  uint32_t key, value, value_length, line;
};

struct rh_trace {
  char *file;        /* for diagnostics */
  struct rh_op *ops; /* all operations */
  size_t nops;
  uint32_t *top; /* indexes of the top-level operations, in order */
  size_t ntop;
  struct rh_arg *args;
  size_t nargs;
  uint32_t *parts; /* slot texts of paths: offsets into text */
  size_t nparts;
  struct rh_expectation *expectations;
  size_t nexpectations;
  struct rh_header *headers;
  size_t nheaders;
  uint32_t *names; /* name number -> offset into text; [0] unused */
  size_t nnames;   /* largest name number + 1 */
  char *text;      /* all texts */
  size_t ntext;
  struct rh_trace_tables *tables; /* private: capacities and the intern table */
};

/* One diagnostic: `file:line:column: message`. Line and column count from 1;
 * both are 0 where they mean nothing (a file that cannot be read). */
struct rh_diagnostic {
  uint32_t line, column;
  char message[512];
};

/* --- text (parse.c, print.c) --- */

/* Parses `size` bytes. Returns a new trace (free with rh_trace_free), or NULL
 * with *diagnostic filled in (the first fault only). O(size). */
struct rh_trace *rh_trace_parse(const char *file, const char *bytes, size_t size, struct rh_diagnostic *diagnostic);
/* Reads and parses a file ("-": standard input; any of the three spellings,
 * told apart by their first bytes). */
struct rh_trace *rh_trace_load(const char *file, struct rh_diagnostic *diagnostic);
void rh_trace_free(struct rh_trace *trace);

/* Appends text to a growing buffer; all printing goes through it. */
struct rh_text {
  char *bytes;
  size_t size, capacity;
};
void rh_text_append(struct rh_text *text, const char *bytes, size_t n);
void rh_text_puts(struct rh_text *text, const char *string);
void rh_text_printf(struct rh_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rh_text_free(struct rh_text *text);
/* Makes one line of whole characters of n bytes of UTF-8 that may have been cut
 * off: what is left of a character at the end goes, a tab becomes a blank. There
 * is room for a NUL behind them. O(n). */
void rh_make_line(char *bytes, size_t n);

/* The canonical text of a whole trace / of one operation (no newline; the
 * expectation only if asked for, but `=> ?`, which is an instruction, always). */
void rh_trace_print(const struct rh_trace *trace, struct rh_text *out);
void rh_op_print(const struct rh_trace *trace, const struct rh_op *op, bool with_expectation, struct rh_text *out);

/* --- JSON Lines (json.c) and binary (binary.c) --- */
struct rh_trace *rh_trace_parse_json(const char *file, const char *bytes, size_t size,
                                     struct rh_diagnostic *diagnostic);
void rh_trace_print_json(const struct rh_trace *trace, struct rh_text *out);
/* Total: every byte string is a legal trace. NULL only when out of memory. */
struct rh_trace *rh_trace_decode(const uint8_t *bytes, size_t size);
void rh_trace_encode(const struct rh_trace *trace, struct rh_text *out);

/* --- building one in a program (build.c): what generators use --- */
struct rh_trace *rh_trace_new(const char *file);
/* The number of a name, new or known; 0 when it is not a legal name. */
uint32_t rh_trace_name(struct rh_trace *trace, const char *name, size_t n);
/* Parses one line (operation, header, comment; no line end) onto the end of the
 * trace; false, the diagnostic and an unchanged trace when it is not legal. */
bool rh_trace_append_line(struct rh_trace *trace, const char *line, size_t n, struct rh_diagnostic *diagnostic);

/* --- looking --- */
static inline const char *rh_trace_text(const struct rh_trace *trace, uint32_t offset) {
  return trace->text + offset;
}
static inline const char *rh_trace_name_text(const struct rh_trace *trace, uint32_t name) {
  return trace->text + trace->names[name];
}
/* The value of the first header `key`, or NULL. */
const char *rh_trace_header(const struct rh_trace *trace, const char *key);
const char *rh_opcode_spelling(enum rh_opcode code);
const char *rh_kindcode_spelling(enum rh_kindcode code);
/* The number of the name an operation binds, or 0. */
uint32_t rh_op_binds(const struct rh_trace *trace, const struct rh_op *op);
/* How many arguments the operation must have. */
uint32_t rh_op_least_args(const struct rh_op *op);
/* May argument i be left out, as long as there are enough? */
bool rh_op_can_lose(const struct rh_op *op, uint32_t i);

/* --- versions (version.c) --- */
/* 3.11.7 as 0x030b07. A range text is `3.9`, `3.9-3.12`, `3.12+`,
 * `3.14.0-3.14.4`, or a comma list; an empty text selects everything. An open
 * item ends before the series of the next higher item of its list: in
 * `3.13.13+,3.14.4+`, the first item ends with 3.13. */
bool rh_version_selected(uint32_t version, const char *ranges, size_t n);
/* The alternative selected for a version, or NULL: not checked. */
const struct rh_expectation *rh_expectation_select(const struct rh_trace *trace, const struct rh_op *op,
                                                   uint32_t version);

#endif
