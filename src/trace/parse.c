/*
 * The text of a trace: lines, and operations with what they nest.
 *
 * The parser is recursive only in blocks, at most RH_TRACE_DEPTH_MAX deep. The
 * operations of a block collect on a stack of pending ones and move to the
 * trace together, so that siblings lie side by side.
 */
#include <string.h>

#include "trace/internal.h"

static bool parse_operation(struct rh_parser *ps, const struct rh_context *context, struct rh_op *op);

/* --- checks that all spellings share --- */

bool rh_check_context(struct rh_parser *ps, const char *at, const struct rh_op *op, const struct rh_context *context) {
  const char *name = rh_opcode_spelling(op->code);
  bool nests = op->code == RH_OP_TRY || rh_opcode_shape(op->code)->is_block;
  if (nests && context->depth == RH_TRACE_DEPTH_MAX)
    return rh_fail(ps, at, "operations nested more than %d deep", RH_TRACE_DEPTH_MAX);
  if (nests && context->in_try) return rh_fail(ps, at, "'try %s'; expected an operation that holds no other", name);
  if (op->code == RH_OP_RAISE && !context->in_action)
    return rh_fail(ps, at, "'raise' outside an action; only act and cbact run it");
  if (ps->trace->nops + ps->trace->tables->npending >= RH_TRACE_OPS_MAX)
    return rh_fail(ps, at, "more than %d operations", RH_TRACE_OPS_MAX);
  return true;
}

bool rh_check_counts(struct rh_parser *ps, const char *at, const struct rh_op *op, struct rh_context *inner) {
  inner->in_action |= op->code == RH_OP_ACT || op->code == RH_OP_CBACT;
  inner->in_try |= op->code == RH_OP_TRY;
  inner->depth++;
  if (op->code == RH_OP_REPEAT) inner->product *= (uint64_t)ps->trace->args[op->first_arg].integer;
  if (inner->product > RH_TRACE_COUNT_MAX) {
    return rh_fail(ps, at, "nested repeats make %llu rounds; the limit is %d", (unsigned long long)inner->product,
                   RH_TRACE_COUNT_MAX);
  }
  if (op->kind != RH_NEW_TUPLES) return true;
  const struct rh_arg *args = &ps->trace->args[op->first_arg];
  long long items = args[1].integer * args[2].integer;
  return items <= RH_TRACE_COUNT_MAX ||
         rh_fail(ps, at, "'tuples' of %lld items in all; the limit is %d", items, RH_TRACE_COUNT_MAX);
}

/* --- arguments of one operation --- */

static bool more_arguments(const struct rh_parser *ps, bool literal) {
  if (ps->p == ps->end || *ps->p == ';' || *ps->p == ':') return false;
  if (*ps->p == '=' && ps->end - ps->p > 1 && ps->p[1] == '>') return false;
  return literal || *ps->p != '(';
}

static bool fail_missing(struct rh_parser *ps, const struct rh_slot *slot, const char *owner) {
  rh_skip_blanks(ps);
  if (ps->p == ps->end)
    return rh_fail(ps, ps->p, "'%s' needs %s here, found the end of the line", owner, rh_slot_expected(slot));
  return rh_fail(ps, ps->p, "'%s' needs %s here, found %s", owner, rh_slot_expected(slot),
                 rh_show_token(ps, ps->p).text);
}

/* Reads the arguments of one letter; K and O are not among them. */
static bool parse_slot(struct rh_parser *ps, const struct rh_slot *slot, const char *owner) {
  bool many = slot->quantifier == '*' || slot->quantifier == '+';
  bool needed = slot->quantifier == 0 || slot->quantifier == '+';
  do {
    rh_skip_blanks(ps);
    if (!more_arguments(ps, slot->letter == 'L')) return !needed || fail_missing(ps, slot, owner);
    if (!rh_parse_argument(ps, slot, owner)) return false;
    needed = false;
  } while (many);
  return true;
}

static bool parse_slots(struct rh_parser *ps, const struct rh_shape *shape, const char *owner) {
  for (size_t i = 0; i < shape->nslots; i++) {
    char letter = shape->slots[i].letter;
    if (letter != 'K' && letter != 'O' && !parse_slot(ps, &shape->slots[i], owner)) return false;
  }
  return true;
}

bool rh_fail_kind(struct rh_parser *ps, const char *at, size_t n) {
  struct rh_near near = rh_near_begin(at, n);
  for (uint32_t code = 1; code < RH_KINDCODE_COUNT; code++)
    rh_near_offer(&near, rh_kindcode_spelling(code), strlen(rh_kindcode_spelling(code)));
  return rh_fail(ps, at, "unknown kind %s; expected a kind of object%s", rh_show(at, n).text, rh_near_end(&near).text);
}

/* The spelling of an operation or kind. */
static size_t take_spelling(struct rh_parser *ps) {
  const char *start = ps->p;
  while (ps->p < ps->end && !rh_is_blank(*ps->p) && *ps->p != ';' && *ps->p != ':') ps->p++;
  return (size_t)(ps->p - start);
}

static bool parse_kind(struct rh_parser *ps, struct rh_op *op) {
  static const struct rh_slot kind = {.letter = 'K'};
  rh_skip_blanks(ps);
  if (!more_arguments(ps, false)) return fail_missing(ps, &kind, "new");
  const char *at = ps->p;
  size_t n = take_spelling(ps);
  uint32_t code = rh_kindcode_find(at, n);
  if (!code) return rh_fail_kind(ps, at, n);
  op->kind = (uint16_t)code;
  return parse_slots(ps, rh_kindcode_shape(code), rh_kindcode_spelling(code));
}

/* --- nesting --- */

bool rh_push_pending(struct rh_parser *ps, const struct rh_op *op) {
  struct rh_trace_tables *tables = ps->trace->tables;
  if (!rh_grow(&tables->pending, &tables->pending_capacity, tables->npending, sizeof *tables->pending))
    return rh_fail_memory(ps);
  tables->pending[tables->npending++] = *op;
  return true;
}

bool rh_finish_block(struct rh_parser *ps, struct rh_op *op, size_t mark) {
  struct rh_trace_tables *tables = ps->trace->tables;
  op->first_child = (uint32_t)ps->trace->nops;
  op->nchildren = (uint32_t)(tables->npending - mark);
  for (size_t i = mark; i < tables->npending; i++)
    if (!rh_push_op(ps->trace, &tables->pending[i])) return rh_fail_memory(ps);
  tables->npending = mark;
  return true;
}

/* `: op; op` up to the end of the line; no operation at all is a block too. */
static bool parse_block(struct rh_parser *ps, const struct rh_context *inner, struct rh_op *op) {
  size_t mark = ps->trace->tables->npending;
  rh_skip_blanks(ps);
  if (ps->p == ps->end || *ps->p != ':')
    return rh_fail(ps, ps->p, "expected ':' and operations after '%s'", rh_opcode_spelling(op->code));
  ps->p++;
  rh_skip_blanks(ps);
  while (ps->p < ps->end) {
    struct rh_op child = {0};
    if (!parse_operation(ps, inner, &child) || !rh_push_pending(ps, &child)) return false;
    if (ps->p == ps->end) break;
    ps->p++; /* the `;` */
    rh_skip_blanks(ps);
    if (ps->p == ps->end) return rh_fail(ps, ps->p, "expected an operation after ';'");
  }
  return rh_finish_block(ps, op, mark);
}

static bool parse_operand(struct rh_parser *ps, const struct rh_context *inner, struct rh_op *op) {
  size_t mark = ps->trace->tables->npending;
  struct rh_op child = {0};
  rh_skip_blanks(ps);
  return parse_operation(ps, inner, &child) && rh_push_pending(ps, &child) && rh_finish_block(ps, op, mark);
}

/* --- one operation --- */

bool rh_fail_operation(struct rh_parser *ps, const char *at, size_t n) {
  if (n == 0) {
    if (at == ps->end) return rh_fail(ps, at, "expected an operation, found the end of the line");
    return rh_fail(ps, at, "expected an operation, found %s", rh_show_token(ps, at).text);
  }
  if (n == 2 && memcmp(at, "=>", 2) == 0) return rh_fail(ps, at, "expected an operation before '=>'");
  struct rh_near near = rh_near_begin(at, n);
  for (uint32_t code = 1; code < RH_OPCODE_COUNT; code++)
    rh_near_offer(&near, rh_opcode_spelling(code), strlen(rh_opcode_spelling(code)));
  return rh_fail(ps, at, "unknown operation %s; expected an operation of trace language %d%s", rh_show(at, n).text,
                 RH_TRACE_VERSION, rh_near_end(&near).text);
}

/* Attributes, expectations, and nothing else. */
static bool parse_tail(struct rh_parser *ps, const struct rh_context *context, struct rh_op *op) {
  rh_skip_blanks(ps);
  if (ps->p < ps->end && *ps->p == '(' && !rh_parse_attributes(ps, op)) return false;
  rh_skip_blanks(ps);
  if (ps->end - ps->p > 1 && ps->p[0] == '=' && ps->p[1] == '>' && !rh_parse_expectations(ps, op, context))
    return false;
  if (ps->p == ps->end || (*ps->p == ';' && context->depth > 1)) return true;
  if (*ps->p == ';') return rh_fail(ps, ps->p, "';' outside act, cbact and repeat; expected one operation a line");
  if (op->recorded || op->nexpectations) {
    return rh_fail(ps, ps->p, "unexpected %s behind the expectation; expected '|' or the end of the operation",
                   rh_show_token(ps, ps->p).text);
  }
  return rh_fail(ps, ps->p, "unexpected %s after '%s'; expected '=>' or the end of the operation",
                 rh_show_token(ps, ps->p).text, rh_opcode_spelling(op->code));
}

static bool parse_operation(struct rh_parser *ps, const struct rh_context *context, struct rh_op *op) {
  const char *at = ps->p;
  size_t n = take_spelling(ps);
  uint32_t code = rh_opcode_find(at, n);
  if (!code) return rh_fail_operation(ps, at, n);
  const struct rh_shape *shape = rh_opcode_shape(code);
  *op = (struct rh_op){.code = (uint16_t)code, .line = ps->line, .first_arg = (uint32_t)ps->trace->nargs};
  if (!rh_check_context(ps, at, op, context)) return false;
  if (!parse_slots(ps, shape, rh_opcode_spelling(code))) return false;
  if (code == RH_OP_NEW && !parse_kind(ps, op)) return false;
  op->nargs = (uint32_t)ps->trace->nargs - op->first_arg;
  struct rh_context inner = *context;
  if (!rh_check_counts(ps, at, op, &inner)) return false;
  if (shape->is_block) return parse_block(ps, &inner, op);
  if (code == RH_OP_TRY && !parse_operand(ps, &inner, op)) return false;
  return context->in_try || parse_tail(ps, context, op);
}

/* --- lines --- */

bool rh_check_bytes(struct rh_parser *ps, const char *p, const char *end) {
  const uint64_t high = 0x8080808080808080u;
  for (; end - p >= 8; p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    /* A byte below 0x20 borrows, 0x7f carries, 0x80 and up has the bit. */
    if ((word | (word - 0x2020202020202020u) | (word + 0x0101010101010101u)) & high) break;
  }
  while (p < end) {
    size_t length = rh_utf8_length(p, end);
    if (length == 0) return rh_fail(ps, p, "byte %s is not UTF-8", rh_show(p, 1).text);
    if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
      return rh_fail(ps, p, "control character %s; expected printable text", rh_show(p, 1).text);
    p += length;
  }
  return true;
}

/* Where the operation on a line ends: at a `#` outside quotes, or at the end. */
static const char *comment_start(const char *p, const char *end) {
  if (!memchr(p, '#', (size_t)(end - p))) return end;
  char quote = 0;
  for (; p < end; p++) {
    if (quote) {
      if (*p == quote) quote = 0;
      if (*p == '\\') p++;
    } else if (*p == '"' || *p == '\'') {
      quote = *p;
    } else if (*p == '#') {
      return p;
    }
  }
  return end;
}

bool rh_parse_line(struct rh_parser *ps) {
  static const struct rh_context top = {.depth = 1, .product = 1};
  if (ps->end - ps->p > RH_TRACE_LINE_MAX) {
    return rh_fail(ps, ps->p + RH_TRACE_LINE_MAX, "line of %zu bytes; the limit is %d", (size_t)(ps->end - ps->p),
                   RH_TRACE_LINE_MAX);
  }
  if (!rh_check_bytes(ps, ps->p, ps->end)) return false;
  rh_skip_blanks(ps);
  if (ps->p == ps->end || *ps->p == '#') return true;
  if (*ps->p == '%') {
    ps->p++;
    return rh_parse_header(ps);
  }
  ps->end = comment_start(ps->p, ps->end);
  struct rh_op op;
  if (!parse_operation(ps, &top, &op)) return false;
  return (rh_push_op(ps->trace, &op) && rh_push_top(ps->trace, (uint32_t)ps->trace->nops - 1)) || rh_fail_memory(ps);
}

/* A byte order mark would end up in the first word: say so. */
static bool check_start(struct rh_parser *ps, const char *bytes, size_t size) {
  ps->start = bytes;
  ps->line = 1;
  if (size < 3 || memcmp(bytes, "\xef\xbb\xbf", 3) != 0) return true;
  return rh_fail(ps, bytes, "byte order mark; expected plain UTF-8");
}

struct rh_trace *rh_trace_parse(const char *file, const char *bytes, size_t size, struct rh_diagnostic *diagnostic) {
  struct rh_parser ps = {.trace = rh_trace_new(file), .diagnostic = diagnostic, .p = bytes};
  bool good = ps.trace ? check_start(&ps, bytes, size) : rh_fail_memory(&ps);
  for (const char *p = bytes, *end = bytes + size; good && p < end; ps.line++) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    ps.start = ps.p = p;
    ps.end = newline ? newline : end;
    p = newline ? newline + 1 : end;
    if (ps.end > ps.p && ps.end[-1] == '\r') ps.end--;
    good = rh_parse_line(&ps);
  }
  if (good) return ps.trace;
  rh_trace_free(ps.trace);
  return NULL;
}

bool rh_trace_append_line(struct rh_trace *trace, const char *line, size_t n, struct rh_diagnostic *diagnostic) {
  struct rh_parser ps = {
      .trace = trace, .diagnostic = diagnostic, .start = line, .p = line, .end = n > 0 ? line + n : line};
  ps.line = (uint32_t)(1 + trace->nheaders + trace->ntop + 1); /* behind %trace, in the canonical text */
  const struct rh_trace before = *trace;
  if (rh_parse_line(&ps)) return true;
  /* Stored texts and names stay: they are only spellings. */
  trace->nops = before.nops;
  trace->ntop = before.ntop;
  trace->nargs = before.nargs;
  trace->nparts = before.nparts;
  trace->nexpectations = before.nexpectations;
  trace->nheaders = before.nheaders;
  trace->tables->npending = 0;
  return false;
}
