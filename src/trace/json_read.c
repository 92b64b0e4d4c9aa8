/*
 * Reading JSON Lines. jansson takes a line apart; every string then passes
 * through the same functions as the text of a trace, so the two spellings
 * cannot disagree about what is legal. There are no columns.
 */
#include <jansson.h>
#include <limits.h>
#include <string.h>

#include "trace/internal.h"

static const char *const arg_types[] = {
    [RH_ARG_NAME] = "name", [RH_ARG_PATH] = "path", [RH_ARG_INTEGER] = "int",    [RH_ARG_REAL] = "real",
    [RH_ARG_TEXT] = "text", [RH_ARG_WORD] = "word", [RH_ARG_LITERAL] = "literal"};

const char *rh_json_arg_type(uint8_t type) {
  return arg_types[type];
}

static bool read_op(struct rh_parser *ps, const json_t *object, const struct rh_context *context, struct rh_op *op);

/* --- fields --- */

/* Refuses fields outside "a|b|c". */
static bool check_fields(struct rh_parser *ps, const json_t *object, const char *allowed) {
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)object, key, value) {
    const struct rh_slot list = {.words = allowed, .words_length = (uint16_t)strlen(allowed)};
    size_t n = strlen(key);
    if (rh_word_index(&list, key, n) == UINT_MAX) {
      return rh_fail(ps, key, "unknown field %s; expected %s%s", rh_show(key, n).text, allowed,
                     rh_near_word(key, n, allowed, strlen(allowed)).text);
    }
  }
  return true;
}

/* Points ps at a string that stands for itself in the text: no control
 * characters, no blanks around. */
static bool enter_string(struct rh_parser *ps, const json_t *value, const char *what) {
  if (!json_is_string(value)) return rh_fail(ps, NULL, "%s is no string; expected a string, numbers too", what);
  ps->p = json_string_value(value);
  ps->end = ps->p + json_string_length(value);
  if (!rh_check_bytes(ps, ps->p, ps->end)) return false;
  bool blanks = ps->p < ps->end && (rh_is_blank(*ps->p) || rh_is_blank(ps->end[-1]));
  return !blanks || rh_fail(ps, ps->p, "blanks around %s", rh_show(ps->p, (size_t)(ps->end - ps->p)).text);
}

static bool at_end(struct rh_parser *ps) {
  return ps->p == ps->end || rh_fail(ps, ps->p, "unexpected %s in a string", rh_show_token(ps, ps->p).text);
}

static bool read_flag(struct rh_parser *ps, const json_t *object, const char *key, bool *flag) {
  const json_t *value = json_object_get(object, key);
  *flag = json_is_true(value);
  return !value || json_is_boolean(value) || rh_fail(ps, NULL, "field '%s' is neither true nor false", key);
}

/* --- arguments --- */

/* The text an argument has in the text spelling. */
static bool spell(struct rh_parser *ps, const char *type, const json_t *value, struct rh_text *out) {
  if (strcmp(type, "text") == 0 && json_is_string(value)) {
    rh_print_quoted(json_string_value(value), json_string_length(value), out);
    return true;
  }
  if (strcmp(type, "path") != 0) {
    if (!enter_string(ps, value, "an argument")) return false;
    rh_text_append(out, ps->p, (size_t)(ps->end - ps->p));
    return true;
  }
  for (size_t i = 0; i < json_array_size(value); i++) {
    if (!enter_string(ps, json_array_get(value, i), "a part of a path")) return false;
    if (memchr(ps->p, '.', (size_t)(ps->end - ps->p))) return rh_fail(ps, ps->p, "'.' in a part of a path");
    if (i) rh_text_append(out, ".", 1);
    rh_text_append(out, ps->p, (size_t)(ps->end - ps->p));
  }
  return json_array_size(value) > 1 || rh_fail(ps, NULL, "a path needs a name and a slot in an array");
}

static bool read_typed(struct rh_parser *ps, const char *type, const json_t *value, const struct rh_slot *slot,
                       const char *owner) {
  struct rh_text text = {0};
  bool good = spell(ps, type, value, &text);
  if (text.capacity == SIZE_MAX) good = rh_fail_memory(ps);
  if (good) {
    ps->p = text.bytes ? text.bytes : "";
    ps->end = ps->p + text.size;
    good = rh_parse_argument(ps, slot, owner) && at_end(ps);
  }
  if (good) {
    const struct rh_arg *arg = &ps->trace->args[ps->trace->nargs - 1];
    if (strcmp(rh_json_arg_type(arg->type), type) != 0) {
      good = rh_fail(ps, NULL, "argument %s is of type '%s', not '%s'", rh_show(text.bytes, text.size).text,
                     rh_json_arg_type(arg->type), type);
    }
  }
  rh_text_free(&text);
  return good;
}

static bool read_arg(struct rh_parser *ps, const json_t *argument, const struct rh_slot *slot, const char *owner) {
  void *field = json_object_iter((json_t *)argument);
  if (!json_is_object(argument) || json_object_size(argument) != 1)
    return rh_fail(ps, NULL, "an argument of '%s' is no object with one field, its type", owner);
  if (!check_fields(ps, argument, "name|path|int|real|text|word|literal")) return false;
  return read_typed(ps, json_object_iter_key(field), json_object_iter_value(field), slot, owner);
}

/* Reads the arguments of a shape from *at on; K and O are not among them. */
static bool read_slots(struct rh_parser *ps, const json_t *args, size_t *at, const struct rh_shape *shape,
                       const char *owner) {
  for (size_t i = 0; i < shape->nslots; i++) {
    const struct rh_slot *slot = &shape->slots[i];
    if (slot->letter == 'K' || slot->letter == 'O') continue;
    bool many = slot->quantifier == '*' || slot->quantifier == '+';
    bool needed = slot->quantifier == 0 || slot->quantifier == '+';
    for (bool more = true; more; more = many) {
      const json_t *argument = json_array_get(args, *at);
      if (!argument && needed) return rh_fail(ps, NULL, "'%s' needs %s in 'args'", owner, rh_slot_expected(slot));
      if (!argument) break;
      if (!read_arg(ps, argument, slot, owner)) return false;
      ++*at;
      needed = false;
    }
  }
  return true;
}

static bool read_args(struct rh_parser *ps, const json_t *object, struct rh_op *op) {
  const json_t *args = json_object_get(object, "args"), *kind = json_object_get(object, "kind");
  const char *owner = rh_opcode_spelling(op->code);
  size_t at = 0;
  if (args && !json_is_array(args)) return rh_fail(ps, NULL, "field 'args' is no array");
  if (!read_slots(ps, args, &at, rh_opcode_shape(op->code), owner)) return false;
  if (!kind != (op->code != RH_OP_NEW)) return rh_fail(ps, NULL, "field 'kind' belongs to 'new', and to nothing else");
  if (kind) {
    if (!enter_string(ps, kind, "field 'kind'")) return false;
    uint32_t code = rh_kindcode_find(ps->p, (size_t)(ps->end - ps->p));
    if (!code) return rh_fail_kind(ps, ps->p, (size_t)(ps->end - ps->p));
    op->kind = (uint16_t)code;
    owner = rh_kindcode_spelling(code);
    if (!read_slots(ps, args, &at, rh_kindcode_shape(code), owner)) return false;
  }
  op->nargs = (uint32_t)ps->trace->nargs - op->first_arg;
  return at == json_array_size(args) || rh_fail(ps, NULL, "'%s' takes no more than %zu arguments here", owner, at);
}

/* --- attributes and expectations --- */

static bool read_attributes(struct rh_parser *ps, const json_t *object, const struct rh_context *context,
                            struct rh_op *op) {
  const json_t *nth = json_object_get(object, "fail_nth");
  if (nth && !(enter_string(ps, nth, "field 'fail_nth'") && rh_parse_fail_nth(ps, op) && at_end(ps))) return false;
  if (!read_flag(ps, object, "unordered", &op->unordered) || !read_flag(ps, object, "digest", &op->digest) ||
      !read_flag(ps, object, "record", &op->recorded))
    return false;
  if (op->recorded && !context->in_action)
    return rh_fail(ps, NULL, "'record' outside an action; only act and cbact record");
  return !op->recorded || !json_object_get(object, "expect") || rh_fail(ps, NULL, "both 'record' and 'expect'");
}

static bool read_alternative(struct rh_parser *ps, const json_t *object, struct rh_op *op) {
  const json_t *versions = json_object_get(object, "versions");
  if (!json_is_object(object)) return rh_fail(ps, NULL, "an alternative of 'expect' is no object");
  if (!check_fields(ps, object, "value|versions")) return false;
  if (versions && !enter_string(ps, versions, "field 'versions'")) return false;
  const char *ranges = versions ? ps->p : "";
  if (versions && ps->p == ps->end) return rh_fail(ps, NULL, "field 'versions' is empty");
  if (!enter_string(ps, json_object_get(object, "value"), "field 'value'")) return false;
  const char *value = ps->p;
  return rh_skip_value(ps) && at_end(ps) &&
         rh_add_alternative(ps, op, value, (size_t)(ps->end - value), ranges, strlen(ranges));
}

static bool read_expectations(struct rh_parser *ps, const json_t *object, struct rh_op *op) {
  const json_t *expect = json_object_get(object, "expect");
  if (!expect) return true;
  if (json_array_size(expect) == 0) return rh_fail(ps, NULL, "field 'expect' is no array of alternatives");
  for (size_t i = 0; i < json_array_size(expect); i++)
    if (!read_alternative(ps, json_array_get(expect, i), op)) return false;
  return rh_check_alternatives(ps, NULL, op);
}

/* --- operations --- */

/* Operations inside another; see struct rh_op for what may stand where. */
static bool read_children(struct rh_parser *ps, const json_t *object, const struct rh_context *inner,
                          struct rh_op *op) {
  const json_t *list = json_object_get(object, "do");
  size_t mark = ps->trace->tables->npending, n = json_array_size(list);
  if (list && !json_is_array(list)) return rh_fail(ps, NULL, "field 'do' is no array");
  if (op->code == RH_OP_TRY && n != 1) return rh_fail(ps, NULL, "'try' needs one operation in 'do'");
  for (size_t i = 0; i < n; i++) {
    struct rh_op child = {0};
    if (!read_op(ps, json_array_get(list, i), inner, &child)) return false;
    if (rh_opcode_shape(child.code)->is_block && i + 1 < n)
      return rh_fail(ps, NULL, "'%s' is not the last operation of its block", rh_opcode_spelling(child.code));
    if (!rh_push_pending(ps, &child)) return false;
  }
  return rh_finish_block(ps, op, mark);
}

static bool read_nested(struct rh_parser *ps, const json_t *object, const struct rh_context *context,
                        struct rh_op *op) {
  struct rh_context inner = *context;
  if (!rh_check_counts(ps, NULL, op, &inner)) return false;
  if (rh_opcode_shape(op->code)->is_block || op->code == RH_OP_TRY) return read_children(ps, object, &inner, op);
  return !json_object_get(object, "do") || rh_fail(ps, NULL, "'%s' holds no operations", rh_opcode_spelling(op->code));
}

static bool read_op(struct rh_parser *ps, const json_t *object, const struct rh_context *context, struct rh_op *op) {
  if (!json_is_object(object)) return rh_fail(ps, NULL, "an operation in 'do' is no object");
  if (!check_fields(ps, object, "op|kind|args|do|fail_nth|unordered|digest|record|expect")) return false;
  if (!enter_string(ps, json_object_get(object, "op"), "field 'op'")) return false;
  uint32_t code = rh_opcode_find(ps->p, (size_t)(ps->end - ps->p));
  if (!code) return rh_fail_operation(ps, ps->p, (size_t)(ps->end - ps->p));
  *op = (struct rh_op){.code = (uint16_t)code, .line = ps->line, .first_arg = (uint32_t)ps->trace->nargs};
  if (!rh_check_context(ps, NULL, op, context)) return false;
  if (!read_args(ps, object, op) || !read_nested(ps, object, context, op)) return false;
  if (!read_attributes(ps, object, context, op) || !read_expectations(ps, object, op)) return false;
  bool tail = op->fail_nth || op->unordered || op->digest || op->recorded || op->nexpectations;
  bool closed = context->in_try || rh_opcode_shape(code)->is_block;
  return !tail || !closed ||
         rh_fail(ps, NULL, "'%s' takes no attributes and no expectation here", rh_opcode_spelling(code));
}

/* A line of text is bounded; so is the operation here. */
static bool check_length(struct rh_parser *ps, const struct rh_op *op) {
  struct rh_text text = {0};
  rh_op_print(ps->trace, op, true, &text);
  size_t size = text.size;
  bool printed = text.capacity != SIZE_MAX;
  rh_text_free(&text);
  if (!printed) return rh_fail_memory(ps);
  return size <= RH_TRACE_LINE_MAX ||
         rh_fail(ps, NULL, "operation of %zu bytes; the limit is %d", size, RH_TRACE_LINE_MAX);
}

/* --- lines --- */

static bool read_header(struct rh_parser *ps, const json_t *object, const char *key_field, const char *value_field) {
  const json_t *key = json_object_get(object, key_field);
  if (key_field != value_field && !enter_string(ps, key, "field 'header'")) return false;
  const char *spelling = key_field == value_field ? "trace" : ps->p;
  size_t n = strlen(spelling);
  if (!enter_string(ps, json_object_get(object, value_field), "the value of a header")) return false;
  return rh_add_header(ps, spelling, n, ps->p, (size_t)(ps->end - ps->p));
}

static bool read_object(struct rh_parser *ps, const json_t *object) {
  static const struct rh_context top = {.depth = 1, .product = 1};
  if (json_object_get(object, "trace"))
    return check_fields(ps, object, "trace") && read_header(ps, object, "trace", "trace");
  if (json_object_get(object, "header"))
    return check_fields(ps, object, "header|value") && read_header(ps, object, "header", "value");
  if (!json_object_get(object, "op")) return rh_fail(ps, NULL, "expected an object with 'trace', 'header' or 'op'");
  struct rh_op op;
  if (!read_op(ps, object, &top, &op) || !check_length(ps, &op)) return false;
  return (rh_push_op(ps->trace, &op) && rh_push_top(ps->trace, (uint32_t)ps->trace->nops - 1)) || rh_fail_memory(ps);
}

static const char *describe(const json_error_t *error) {
  switch (json_error_code(error)) {
  case json_error_premature_end_of_input:
    return "the object does not end";
  case json_error_end_of_input_expected:
    return "something behind the object";
  case json_error_invalid_utf8:
    return "not UTF-8";
  case json_error_null_character:
    return "U+0000 in a string";
  case json_error_duplicate_key:
    return "a field given twice";
  case json_error_stack_overflow:
    return "nested too deep";
  case json_error_numeric_overflow:
    return "a number out of range";
  default:
    return "bad syntax";
  }
}

static bool read_line(struct rh_parser *ps) {
  json_error_t error;
  size_t n = (size_t)(ps->end - ps->p);
  if (n > RH_JSON_LINE_MAX) return rh_fail(ps, NULL, "line of %zu bytes; the limit is %d", n, RH_JSON_LINE_MAX);
  json_t *object = json_loadb(ps->p, n, JSON_REJECT_DUPLICATES, &error);
  if (!object) {
    rh_fail(ps, NULL, "malformed JSON: %s; expected one object a line", describe(&error));
    ps->diagnostic->column = error.column > 0 ? (uint32_t)error.column : 1;
    return false;
  }
  bool good = json_is_object(object) ? read_object(ps, object) : rh_fail(ps, NULL, "expected one object a line");
  json_decref(object);
  return good;
}

struct rh_trace *rh_trace_parse_json(const char *file, const char *bytes, size_t size,
                                     struct rh_diagnostic *diagnostic) {
  struct rh_parser ps = {.trace = rh_trace_new(file), .diagnostic = diagnostic, .line = 1};
  bool good = ps.trace || rh_fail_memory(&ps);
  for (const char *p = bytes, *end = bytes + size; good && p < end; ps.line++) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    ps.p = p;
    ps.end = newline ? newline : end;
    p = newline ? newline + 1 : end;
    while (ps.end > ps.p && (rh_is_blank(ps.end[-1]) || ps.end[-1] == '\r')) ps.end--;
    good = ps.p == ps.end || read_line(&ps);
  }
  if (good) return ps.trace;
  rh_trace_free(ps.trace);
  return NULL;
}
