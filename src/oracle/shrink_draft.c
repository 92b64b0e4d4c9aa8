/* Drafts: copies of a trace's arrays, and the two changes that move operations. */
#include "oracle/shrink_draft.h"

#include <stdlib.h>
#include <string.h>

void rh_draft_free(struct rh_draft *draft) {
  free(draft->trace.ops);
  free(draft->trace.top);
  free(draft->trace.args);
  free(draft->trace.headers);
  free(draft->trace.text);
  free(draft->without_op);
  free(draft->without_arg);
  free(draft->order);
  *draft = (struct rh_draft){0};
}

/* A NUL-terminated text behind those of the base. */
static uint32_t add_text(struct rh_draft *draft, const char *text) {
  size_t at = draft->trace.ntext, n = strlen(text) + 1;
  memcpy(draft->trace.text + at, text, n);
  draft->trace.ntext += n;
  return (uint32_t)at;
}

static void order_from(struct rh_draft *draft, uint32_t op) {
  const struct rh_op *it = &draft->base->ops[op];
  draft->order[draft->norder++] = op;
  for (uint32_t i = 0; i < it->nchildren; i++) order_from(draft, it->first_child + i);
}

static bool has_room(const struct rh_draft *draft) {
  return draft->trace.ops != NULL && draft->trace.top != NULL && draft->trace.args != NULL &&
         draft->trace.headers != NULL && draft->trace.text != NULL && draft->without_op != NULL &&
         draft->without_arg != NULL && draft->order != NULL;
}

bool rh_draft_base(struct rh_draft *draft, const struct rh_trace *base, uint32_t version) {
  char series[16];
  (void)snprintf(series, sizeof series, "%u.%u", (unsigned)(version >> 16 & 255), (unsigned)(version >> 8 & 255));
  struct rh_draft fresh = {
      .trace = {.ops = malloc((2 * base->nops + 1) * sizeof *base->ops),          /* room for bodies */
                .top = malloc((base->ntop + base->nops + 1) * sizeof *base->top), /* here too */
                .args = malloc((base->nargs + 1) * sizeof *base->args),
                .headers = malloc((base->nheaders + 1) * sizeof *base->headers),
                .text = malloc(base->ntext + sizeof "None" + sizeof series)},
      .base = base,
      .without_op = malloc(base->nops + 1),
      .without_arg = malloc(base->nargs + 1),
      .order = malloc((base->nops + 1) * sizeof *draft->order),
  };
  if (!has_room(&fresh)) {
    rh_draft_free(&fresh);
    return false;
  }
  memcpy(fresh.trace.text, base->text, base->ntext);
  fresh.trace.ntext = base->ntext;
  fresh.none = add_text(&fresh, "None");
  fresh.series = add_text(&fresh, series);
  for (size_t i = 0; i < base->ntop; i++) order_from(&fresh, base->top[i]);
  rh_draft_begin(&fresh);
  rh_draft_free(draft);
  *draft = fresh;
  return true;
}

static void copy(void *to, const void *from, size_t n, size_t size) {
  if (n > 0) memcpy(to, from, n * size);
}

void rh_draft_begin(struct rh_draft *draft) {
  const struct rh_trace *base = draft->base;
  struct rh_trace own = draft->trace;
  draft->trace = *base;
  draft->trace.ops = own.ops;
  draft->trace.top = own.top;
  draft->trace.args = own.args;
  draft->trace.headers = own.headers;
  draft->trace.text = own.text;
  draft->trace.ntext = own.ntext;
  copy(own.ops, base->ops, base->nops, sizeof *base->ops);
  copy(own.top, base->top, base->ntop, sizeof *base->top);
  copy(own.args, base->args, base->nargs, sizeof *base->args);
  copy(own.headers, base->headers, base->nheaders, sizeof *base->headers);
  memset(draft->without_op, 0, base->nops + 1);
  memset(draft->without_arg, 0, base->nargs + 1);
}

/* --- leaving out --- */

/* Closes the gaps in one operation; false when nothing is left of it. */
static bool close_gaps(struct rh_draft *draft, struct rh_op *op) {
  struct rh_trace *trace = &draft->trace;
  uint32_t args = 0, children = 0;
  for (uint32_t i = 0; i < op->nargs; i++)
    if (!draft->without_arg[op->first_arg + i]) trace->args[op->first_arg + args++] = trace->args[op->first_arg + i];
  for (uint32_t i = 0; i < op->nchildren; i++) {
    uint32_t child = op->first_child + i;
    if (!draft->without_op[child] && close_gaps(draft, &trace->ops[child]))
      trace->ops[op->first_child + children++] = trace->ops[child];
  }
  bool nothing = args < rh_op_least_args(op) || (op->code == RH_OP_TRY && children == 0);
  op->nargs = args;
  op->nchildren = children;
  return !nothing;
}

void rh_draft_leave_out(struct rh_draft *draft) {
  struct rh_trace *trace = &draft->trace;
  size_t kept = 0;
  for (size_t i = 0; i < trace->ntop; i++) {
    uint32_t op = trace->top[i];
    if (!draft->without_op[op] && close_gaps(draft, &trace->ops[op])) trace->top[kept++] = op;
  }
  trace->ntop = kept;
}

/* --- unwrapping --- */

static void inherit(const struct rh_op *from, struct rh_op *to) {
  to->fail_nth = from->fail_nth;
  to->unordered = from->unordered;
  to->digest = from->digest;
  to->recorded = from->recorded;
  to->first_expectation = from->first_expectation;
  to->nexpectations = from->nexpectations;
}

static void splice_top(struct rh_draft *draft, uint32_t op) {
  struct rh_trace *trace = &draft->trace;
  const struct rh_op *block = &trace->ops[op];
  size_t at = 0;
  while (trace->top[at] != op) at++;
  memmove(trace->top + at + block->nchildren, trace->top + at + 1, (trace->ntop - at - 1) * sizeof *trace->top);
  for (uint32_t i = 0; i < block->nchildren; i++) trace->top[at + i] = block->first_child + i;
  trace->ntop += block->nchildren - 1;
}

/* The parent's children move behind all operations, where there is room for the block's among them. */
static void splice_nested(struct rh_draft *draft, struct rh_op *parent, uint32_t op) {
  struct rh_op *ops = draft->trace.ops, *to = ops + draft->base->nops;
  const struct rh_op *block = &ops[op];
  uint32_t before = op - parent->first_child, after = parent->nchildren - before - 1;
  copy(to, ops + parent->first_child, before, sizeof *ops);
  copy(to + before, ops + block->first_child, block->nchildren, sizeof *ops);
  copy(to + before + block->nchildren, ops + op + 1, after, sizeof *ops);
  parent->first_child = (uint32_t)draft->base->nops;
  parent->nchildren += block->nchildren - 1;
}

/* Whose child the operation is; NULL: it is top-level. */
static struct rh_op *parent_of(struct rh_draft *draft, uint32_t op) {
  for (size_t i = 0; i < draft->base->nops; i++) {
    struct rh_op *it = &draft->trace.ops[i];
    if (op >= it->first_child && op - it->first_child < it->nchildren) return it;
  }
  return NULL;
}

bool rh_draft_unwrap(struct rh_draft *draft, uint32_t op) {
  struct rh_op *block = &draft->trace.ops[op];
  if ((block->code != RH_OP_REPEAT && block->code != RH_OP_TRY) || block->nchildren == 0) return false;
  if (block->nchildren > 1) {
    struct rh_op *parent = parent_of(draft, op);
    if (parent != NULL) {
      splice_nested(draft, parent, op);
    } else {
      splice_top(draft, op);
    }
    return true;
  }
  struct rh_op inner = draft->trace.ops[block->first_child];
  if (block->code == RH_OP_TRY) inherit(block, &inner);
  *block = inner;
  return true;
}
