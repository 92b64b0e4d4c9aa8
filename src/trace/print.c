/*
 * The canonical text: one blank between words, `; ` between operations, no
 * comments, headers first behind `%trace 1`. Reading it back gives the same
 * trace, and printing that the same bytes.
 */
#include <inttypes.h>
#include <string.h>

#include "trace/internal.h"

void rh_print_quoted(const char *bytes, size_t n, struct rh_text *out) {
  static const char special[] = "\"\\\n\t\r", letters[] = "\"\\ntr";
  rh_text_append(out, "\"", 1);
  for (size_t i = 0; i < n; i++) {
    const char *found = memchr(special, bytes[i], sizeof special - 1);
    if (found) {
      rh_text_printf(out, "\\%c", letters[found - special]);
    } else if ((unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f) {
      rh_text_printf(out, "\\x%02x", (unsigned char)bytes[i]);
    } else {
      rh_text_append(out, &bytes[i], 1);
    }
  }
  rh_text_append(out, "\"", 1);
}

/* printf would cost more than parsing did. */
static void print_unsigned(uint64_t value, struct rh_text *out) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + value % 10);
  while (value /= 10);
  rh_text_append(out, digits + at, sizeof digits - at);
}

static void print_integer(const struct rh_arg *arg, struct rh_text *out) {
  bool negative = arg->integer < 0 && !arg->is_unsigned;
  if (negative) rh_text_append(out, "-", 1);
  print_unsigned(negative ? 0 - (uint64_t)arg->integer : (uint64_t)arg->integer, out);
}

void rh_print_arg(const struct rh_trace *trace, const struct rh_arg *arg, struct rh_text *out) {
  switch ((enum rh_arg_type)arg->type) {
  case RH_ARG_NAME:
  case RH_ARG_PATH:
    rh_text_puts(out, rh_trace_name_text(trace, arg->name));
    for (uint32_t i = 0; i < arg->nparts; i++) {
      rh_text_append(out, ".", 1);
      rh_text_puts(out, trace->text + trace->parts[arg->first_part + i]);
    }
    break;
  case RH_ARG_INTEGER:
    print_integer(arg, out);
    break;
  case RH_ARG_TEXT:
    rh_print_quoted(trace->text + arg->text, arg->text_length, out);
    break;
  case RH_ARG_REAL:
  case RH_ARG_WORD:
  case RH_ARG_LITERAL:
    rh_text_append(out, trace->text + arg->text, arg->text_length);
    break;
  }
}

static void print_attributes(const struct rh_op *op, struct rh_text *out) {
  if (!op->fail_nth && !op->unordered && !op->digest) return;
  const char *before = " (";
  if (op->fail_nth) {
    rh_text_printf(out, "%sfail_nth=%" PRIu32, before, op->fail_nth);
    before = ",";
  }
  if (op->unordered) {
    rh_text_printf(out, "%sunordered", before);
    before = ",";
  }
  if (op->digest) rh_text_printf(out, "%sdigest", before);
  rh_text_append(out, ")", 1);
}

static void print_expectations(const struct rh_trace *trace, const struct rh_op *op, struct rh_text *out) {
  for (uint32_t i = 0; i < op->nexpectations; i++) {
    const struct rh_expectation *alternative = &trace->expectations[op->first_expectation + i];
    rh_text_puts(out, i ? " | " : " => ");
    rh_text_append(out, trace->text + alternative->value, alternative->value_length);
    if (!alternative->versions_length) continue;
    rh_text_append(out, " @", 2);
    rh_text_append(out, trace->text + alternative->versions, alternative->versions_length);
  }
}

static void print_args(const struct rh_trace *trace, const struct rh_op *op, struct rh_text *out) {
  for (uint32_t i = 0; i < op->nargs; i++) {
    rh_text_append(out, " ", 1);
    rh_print_arg(trace, &trace->args[op->first_arg + i], out);
    if (i > 0 || !op->kind) continue;
    rh_text_append(out, " ", 1);
    rh_text_puts(out, rh_kindcode_spelling(op->kind));
  }
}

void rh_op_print(const struct rh_trace *trace, const struct rh_op *op, bool with_expectation, struct rh_text *out) {
  bool is_block = rh_opcode_shape(op->code)->is_block;
  rh_text_puts(out, rh_opcode_spelling(op->code));
  print_args(trace, op, out);
  if (is_block) rh_text_append(out, ":", 1);
  for (uint32_t i = 0; i < op->nchildren; i++) {
    rh_text_puts(out, i ? "; " : " ");
    rh_op_print(trace, &trace->ops[op->first_child + i], with_expectation, out);
  }
  print_attributes(op, out);
  if (op->recorded) rh_text_puts(out, " => ?");
  if (with_expectation) print_expectations(trace, op, out);
}

void rh_trace_print(const struct rh_trace *trace, struct rh_text *out) {
  rh_text_printf(out, "%%trace %d\n", RH_TRACE_VERSION);
  for (size_t i = 0; i < trace->nheaders; i++) {
    const struct rh_header *header = &trace->headers[i];
    rh_text_printf(out, "%%%s ", trace->text + header->key);
    rh_text_append(out, trace->text + header->value, header->value_length);
    rh_text_append(out, "\n", 1);
  }
  for (size_t i = 0; i < trace->ntop; i++) {
    rh_op_print(trace, &trace->ops[trace->top[i]], true, out);
    rh_text_append(out, "\n", 1);
  }
}
