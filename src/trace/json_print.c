/*
 * JSON Lines: one object a line, numbers as strings, every argument with its
 * type, so that a reader needs no parser of ours.
 */
#include <inttypes.h>
#include <string.h>

#include "trace/internal.h"

static void print_string(const char *bytes, size_t n, struct rh_text *out) {
  rh_text_append(out, "\"", 1);
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '"' || bytes[i] == '\\') {
      rh_text_printf(out, "\\%c", bytes[i]);
    } else if ((unsigned char)bytes[i] < 0x20) {
      rh_text_printf(out, "\\u%04x", (unsigned char)bytes[i]);
    } else {
      rh_text_append(out, &bytes[i], 1);
    }
  }
  rh_text_append(out, "\"", 1);
}

static void print_path(const struct rh_trace *trace, const struct rh_arg *arg, struct rh_text *out) {
  rh_text_printf(out, "[\"%s\"", rh_trace_name_text(trace, arg->name));
  for (uint32_t i = 0; i < arg->nparts; i++)
    rh_text_printf(out, ",\"%s\"", trace->text + trace->parts[arg->first_part + i]);
  rh_text_puts(out, "]");
}

static void print_arg(const struct rh_trace *trace, const struct rh_arg *arg, struct rh_text *out) {
  rh_text_printf(out, "{\"%s\":", rh_json_arg_type(arg->type));
  if (arg->type == RH_ARG_PATH) {
    print_path(trace, arg, out);
  } else if (arg->type == RH_ARG_NAME || arg->type == RH_ARG_INTEGER) {
    rh_text_puts(out, "\"");
    rh_print_arg(trace, arg, out);
    rh_text_puts(out, "\"");
  } else {
    print_string(trace->text + arg->text, arg->text_length, out);
  }
  rh_text_puts(out, "}");
}

static void print_expectations(const struct rh_trace *trace, const struct rh_op *op, struct rh_text *out) {
  rh_text_puts(out, ",\"expect\":[");
  for (uint32_t i = 0; i < op->nexpectations; i++) {
    const struct rh_expectation *alternative = &trace->expectations[op->first_expectation + i];
    rh_text_puts(out, i ? ",{\"value\":" : "{\"value\":");
    print_string(trace->text + alternative->value, alternative->value_length, out);
    if (alternative->versions_length) rh_text_printf(out, ",\"versions\":\"%s\"", trace->text + alternative->versions);
    rh_text_puts(out, "}");
  }
  rh_text_puts(out, "]");
}

static void print_op(const struct rh_trace *trace, const struct rh_op *op, struct rh_text *out) {
  rh_text_printf(out, "{\"op\":\"%s\"", rh_opcode_spelling(op->code));
  if (op->kind) rh_text_printf(out, ",\"kind\":\"%s\"", rh_kindcode_spelling(op->kind));
  for (uint32_t i = 0; i < op->nargs; i++) {
    rh_text_puts(out, i ? "," : ",\"args\":[");
    print_arg(trace, &trace->args[op->first_arg + i], out);
  }
  if (op->nargs) rh_text_puts(out, "]");
  for (uint32_t i = 0; i < op->nchildren; i++) {
    rh_text_puts(out, i ? "," : ",\"do\":[");
    print_op(trace, &trace->ops[op->first_child + i], out);
  }
  if (op->nchildren) rh_text_puts(out, "]");
  if (op->fail_nth) rh_text_printf(out, ",\"fail_nth\":\"%" PRIu32 "\"", op->fail_nth);
  if (op->unordered) rh_text_puts(out, ",\"unordered\":true");
  if (op->digest) rh_text_puts(out, ",\"digest\":true");
  if (op->recorded) rh_text_puts(out, ",\"record\":true");
  if (op->nexpectations) print_expectations(trace, op, out);
  rh_text_puts(out, "}");
}

void rh_trace_print_json(const struct rh_trace *trace, struct rh_text *out) {
  rh_text_printf(out, "{\"trace\":\"%d\"}\n", RH_TRACE_VERSION);
  for (size_t i = 0; i < trace->nheaders; i++) {
    const struct rh_header *header = &trace->headers[i];
    rh_text_printf(out, "{\"header\":\"%s\",\"value\":", trace->text + header->key);
    print_string(trace->text + header->value, header->value_length, out);
    rh_text_puts(out, "}\n");
  }
  for (size_t i = 0; i < trace->ntop; i++) {
    print_op(trace, &trace->ops[trace->top[i]], out);
    rh_text_puts(out, "\n");
  }
}
