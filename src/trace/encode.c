/*
 * Trace to binary. Every record stands for itself: it refers to names by
 * number and to nothing else, so cutting one out leaves the others as they
 * were.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/binary.h"
#include "trace/internal.h"

struct writer {
  const struct rh_trace *trace;
  struct rh_text *out;
  uint32_t *numbers; /* name -> its number in the binary + 1; 0: not used */
};

static void put_byte(struct writer *w, unsigned byte) {
  char c = (char)byte;
  rh_text_append(w->out, &c, 1);
}

static void put_bytes(struct writer *w, unsigned first, uint64_t value) {
  unsigned n = 1;
  while (n < 8 && value >> (8 * n)) n++;
  put_byte(w, first + n - 1);
  for (unsigned i = 0; i < n; i++) put_byte(w, value >> (8 * i) & 0xff);
}

static void put_unsigned(struct writer *w, uint64_t value) {
  if (value < RH_BYTE_SMALL) {
    put_byte(w, (unsigned)value);
  } else {
    put_bytes(w, RH_BYTE_POSITIVE, value);
  }
}

static void put_integer(struct writer *w, const struct rh_arg *arg) {
  if (arg->integer >= 0 || arg->is_unsigned) {
    put_unsigned(w, (uint64_t)arg->integer);
  } else if (arg->integer >= -16) {
    put_byte(w, (unsigned)(RH_BYTE_SMALL - 1 - arg->integer));
  } else {
    put_bytes(w, RH_BYTE_NEGATIVE, ~(uint64_t)arg->integer);
  }
}

static void put_text(struct writer *w, uint32_t offset, size_t n) {
  put_unsigned(w, n);
  rh_text_append(w->out, w->trace->text + offset, n);
}

/* --- arguments --- */

static void put_reference(struct writer *w, uint32_t name) {
  uint32_t number = w->numbers[name] - 1;
  if (number < RH_BYTE_LONG) {
    put_byte(w, number);
    return;
  }
  put_byte(w, RH_BYTE_LONG);
  put_unsigned(w, number);
}

static void put_slots(struct writer *w, const struct rh_arg *arg) {
  put_byte(w, arg->nparts - 1u);
  for (uint32_t i = 0; i < arg->nparts; i++) {
    uint32_t offset = w->trace->parts[arg->first_part + i];
    const char *slot = w->trace->text + offset;
    if (slot[0] >= 'a' && slot[0] <= 'z' && slot[1] == '\0') {
      put_byte(w, (unsigned)(slot[0] - 'a'));
    } else {
      put_byte(w, RH_SLOTS_KNOWN);
      put_text(w, offset, strlen(slot));
    }
  }
}

/* Where any of name, path, None, integer and text may stand. */
static void put_value(struct writer *w, const struct rh_arg *arg) {
  switch ((enum rh_arg_type)arg->type) {
  case RH_ARG_NAME:
    put_reference(w, arg->name);
    break;
  case RH_ARG_PATH:
    put_byte(w, RH_BYTE_PATH);
    put_reference(w, arg->name);
    put_slots(w, arg);
    break;
  case RH_ARG_INTEGER:
    put_byte(w, RH_BYTE_INTEGER);
    put_integer(w, arg);
    break;
  case RH_ARG_TEXT:
    put_byte(w, RH_BYTE_TEXT);
    put_text(w, arg->text, arg->text_length);
    break;
  default:
    put_byte(w, RH_BYTE_NONE);
  }
}

static void put_arg(struct writer *w, const struct rh_slot *slot, const struct rh_arg *arg) {
  switch (slot->letter) {
  case 'n':
  case 'N':
  case 'A':
    put_reference(w, arg->name);
    break;
  case 'P':
  case 'V':
    put_value(w, arg);
    break;
  case 'S':
    put_reference(w, arg->name);
    put_slots(w, arg);
    break;
  case 'I':
  case 'C':
  case 'X':
    put_integer(w, arg);
    break;
  case 'W':
    if (slot->words) {
      put_byte(w, rh_word_index(slot, w->trace->text + arg->text, arg->text_length));
      break;
    }
    put_text(w, arg->text, arg->text_length);
    break;
  default:
    put_text(w, arg->text, arg->text_length);
  }
}

/* How many items of the optional or repeated letters follow. */
static void put_extra(struct writer *w, const struct rh_shape *shape, uint32_t extra) {
  if (!shape->varies) return;
  if (extra < RH_LIST_SHORT) {
    put_byte(w, extra);
  } else {
    put_byte(w, RH_BYTE_LONG);
    put_unsigned(w, extra);
  }
}

/* The `n` arguments of a shape. */
static void put_args(struct writer *w, const struct rh_shape *shape, const struct rh_arg *args, uint32_t n) {
  uint32_t extra = n - shape->nfixed, at = 0;
  put_extra(w, shape, extra);
  for (size_t i = 0; i < shape->nslots; i++) {
    const struct rh_slot *slot = &shape->slots[i];
    if (slot->letter == 'K' || slot->letter == 'O') continue;
    uint32_t times = slot->quantifier == 0 ? 1 : slot->quantifier == '?' ? extra > 0 : extra;
    if (slot->quantifier) extra -= times;
    for (; times > 0; times--) put_arg(w, slot, &args[at++]);
  }
}

/* --- records --- */

static void put_prefixes(struct writer *w, const struct rh_op *op) {
  if (op->fail_nth || op->unordered || op->digest) {
    put_byte(w, RH_BYTE_ATTRIBUTES);
    put_byte(w, (op->unordered ? RH_FLAG_UNORDERED : 0u) | (op->digest ? RH_FLAG_DIGEST : 0u) |
                    (op->fail_nth ? RH_FLAG_FAIL_NTH : 0u));
    if (op->fail_nth) put_unsigned(w, op->fail_nth);
  }
  if (op->recorded) put_byte(w, RH_BYTE_RECORD);
  if (!op->nexpectations) return;
  put_byte(w, RH_BYTE_EXPECT);
  put_byte(w, op->nexpectations - 1);
  for (uint32_t i = 0; i < op->nexpectations; i++) {
    const struct rh_expectation *alternative = &w->trace->expectations[op->first_expectation + i];
    put_text(w, alternative->value, alternative->value_length);
    put_text(w, alternative->versions, alternative->versions_length);
  }
}

static void put_op(struct writer *w, const struct rh_op *op) {
  const struct rh_shape *shape = rh_opcode_shape(op->code);
  const struct rh_arg *args = w->trace->args + op->first_arg;
  put_prefixes(w, op);
  put_byte(w, op->code - 1u);
  if (op->kind) {
    put_reference(w, args[0].name);
    put_byte(w, op->kind - 1u);
    put_args(w, rh_kindcode_shape(op->kind), args + 1, op->nargs - 1);
  } else {
    put_args(w, shape, args, op->nargs);
  }
  for (uint32_t i = 0; i < op->nchildren; i++) put_op(w, &w->trace->ops[op->first_child + i]);
  /* A block that ends in a block ends with it. */
  bool ended = op->nchildren > 0 && rh_opcode_shape(w->trace->ops[op->first_child + op->nchildren - 1].code)->is_block;
  if (shape->is_block && !ended) put_byte(w, RH_BYTE_END);
}

static void put_headers(struct writer *w) {
  for (size_t i = 0; i < w->trace->nheaders; i++) {
    const struct rh_header *header = &w->trace->headers[i];
    put_byte(w, RH_BYTE_HEADER);
    put_byte(w, rh_header_index(w->trace->text + header->key));
    put_text(w, header->value, header->value_length);
  }
}

/* A..Z and self have their numbers already; another name gets the next one. */
static void put_name(struct writer *w, uint32_t name, uint32_t *next) {
  const char *text = rh_trace_name_text(w->trace, name);
  if (text[0] >= 'A' && text[0] <= 'Z' && text[1] == '\0') {
    w->numbers[name] = (uint32_t)(text[0] - 'A') + 1;
  } else if (strcmp(text, "self") == 0) {
    w->numbers[name] = RH_NAMES_KNOWN;
  } else {
    put_byte(w, RH_BYTE_NAME);
    put_unsigned(w, *next);
    put_text(w, w->trace->names[name], strlen(text));
    w->numbers[name] = ++*next;
  }
}

/* Names in the order of their use; a trace may know more of them. */
static void put_names(struct writer *w) {
  uint32_t next = RH_NAMES_KNOWN;
  for (size_t i = 0; i < w->trace->nargs; i++) {
    uint32_t name = w->trace->args[i].name;
    if (name && !w->numbers[name]) put_name(w, name, &next);
  }
}

void rh_trace_encode(const struct rh_trace *trace, struct rh_text *out) {
  struct writer w = {trace, out, calloc(trace->nnames, sizeof *w.numbers)};
  if (!w.numbers) {
    out->capacity = SIZE_MAX; /* as when the text itself cannot grow */
    return;
  }
  rh_text_printf(out, "%s%d", RH_BINARY_MAGIC, RH_TRACE_VERSION);
  put_headers(&w);
  put_names(&w);
  for (size_t i = 0; i < trace->ntop; i++) put_op(&w, &trace->ops[trace->top[i]]);
  free(w.numbers);
}
