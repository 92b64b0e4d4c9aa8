/* Steps that make operations and headers simpler; none removes an operation. */
#include "oracle/shrink_steps.h"

#include <string.h>

static struct rh_op *operation(struct rh_shrinker *shrinker, size_t i) {
  struct rh_draft *draft = &shrinker->draft;
  return shrinker->over || i >= draft->norder ? NULL : &draft->trace.ops[draft->order[i]];
}

static struct rh_arg *argument(struct rh_shrinker *shrinker, size_t i, uint32_t k) {
  const struct rh_op *op = operation(shrinker, i);
  return op == NULL || k >= op->nargs ? NULL : &shrinker->draft.trace.args[op->first_arg + k];
}

/* --- expectations and attributes --- */

void rh_shrink_expectations(struct rh_shrinker *shrinker) {
  for (size_t i = 0; i < shrinker->draft.norder; i++) operation(shrinker, i)->nexpectations = 0;
  (void)rh_shrink_offer(shrinker);
}

/* Without one alternative: the last, or the first. */
static void drop_alternatives(struct rh_shrinker *shrinker, size_t i) {
  for (uint32_t end = 0; end < 2; end++) {
    struct rh_op *op;
    do {
      op = operation(shrinker, i);
      if (op == NULL || op->nexpectations == 0) return;
      op->nexpectations--;
      op->first_expectation += end;
    } while (rh_shrink_offer(shrinker));
  }
}

/* No fault, else an earlier one. */
static bool lower_fault(struct rh_shrinker *shrinker, size_t i) {
  const struct rh_op *op = operation(shrinker, i);
  uint32_t nth = op != NULL ? op->fail_nth : 0;
  for (uint32_t less = nth; less > 0 && !shrinker->over; less /= 2) {
    operation(shrinker, i)->fail_nth = nth - less;
    if (rh_shrink_offer(shrinker)) return true;
  }
  return false;
}

static void drop_flags(struct rh_shrinker *shrinker, size_t i) {
  struct rh_op *op = operation(shrinker, i);
  if (op != NULL && op->recorded) {
    op->recorded = false;
    (void)rh_shrink_offer(shrinker);
  }
  op = operation(shrinker, i);
  if (op != NULL && op->unordered) {
    op->unordered = false;
    (void)rh_shrink_offer(shrinker);
  }
  op = operation(shrinker, i);
  if (op != NULL && op->digest) {
    op->digest = false;
    (void)rh_shrink_offer(shrinker);
  }
}

void rh_shrink_attributes(struct rh_shrinker *shrinker) {
  for (size_t i = shrinker->draft.norder; i-- > 0 && !shrinker->over;) {
    drop_alternatives(shrinker, i);
    while (lower_fault(shrinker, i)) continue;
    drop_flags(shrinker, i);
  }
}

/* --- bodies --- */

void rh_shrink_bodies(struct rh_shrinker *shrinker) {
  struct rh_draft *draft = &shrinker->draft;
  for (size_t i = draft->norder; i-- > 0 && !shrinker->over;)
    while (i < draft->norder && rh_draft_unwrap(draft, draft->order[i]) && rh_shrink_offer(shrinker)) continue;
}

/* --- arguments --- */

static bool leave_out(struct rh_shrinker *shrinker, size_t i, uint32_t k) {
  const struct rh_op *op = operation(shrinker, i);
  if (argument(shrinker, i, k) == NULL || !rh_op_can_lose(op, k)) return false;
  shrinker->draft.without_arg[op->first_arg + k] = 1;
  rh_draft_leave_out(&shrinker->draft);
  return rh_shrink_offer(shrinker);
}

/* Without the last slot of a path, or without the first. */
static bool shorten_path(struct rh_shrinker *shrinker, size_t i, uint32_t k) {
  for (uint32_t end = 0; end < 2; end++) {
    struct rh_arg *arg = argument(shrinker, i, k);
    if (arg == NULL || arg->type != RH_ARG_PATH) return false;
    arg->first_part += end;
    arg->nparts--;
    if (arg->nparts == 0) arg->type = RH_ARG_NAME;
    if (rh_shrink_offer(shrinker)) return true;
  }
  return false;
}

static bool make_none(struct rh_shrinker *shrinker, size_t i, uint32_t k) {
  struct rh_arg *arg = argument(shrinker, i, k);
  if (arg == NULL || arg->type == RH_ARG_WORD) return false;
  *arg = (struct rh_arg){.type = RH_ARG_WORD, .text = shrinker->draft.none, .text_length = sizeof "None" - 1};
  return rh_shrink_offer(shrinker);
}

/* Arguments that change together: one alone, or all that have its value. */
static bool changes_with(const struct rh_trace *base, const struct rh_arg *arg, const struct rh_arg *other, bool all) {
  if (arg == other) return true;
  if (!all || arg->type != other->type) return false;
  if (arg->type == RH_ARG_INTEGER) return arg->integer == other->integer && arg->is_unsigned == other->is_unsigned;
  return arg->text_length == other->text_length &&
         memcmp(rh_trace_text(base, arg->text), rh_trace_text(base, other->text), arg->text_length) == 0;
}

/* The argument's type decides what `value` is: a magnitude, or a length. */
static bool offer_value(struct rh_shrinker *shrinker, const struct rh_arg *arg, bool all, bool negative,
                        uint64_t value) {
  const struct rh_trace *base = shrinker->draft.base;
  for (size_t i = 0; i < base->nargs; i++) {
    struct rh_arg *draft = &shrinker->draft.trace.args[i];
    if (!changes_with(base, arg, &base->args[i], all)) continue;
    if (arg->type == RH_ARG_INTEGER) {
      draft->is_unsigned = !negative && value > INT64_MAX;
      draft->integer = (int64_t)(negative ? 0 - value : value);
    } else {
      draft->text_length = (uint32_t)value;
    }
  }
  return rh_shrink_offer(shrinker);
}

/* 0, half, three quarters, ... down to one less. */
static bool lower(struct rh_shrinker *shrinker, const struct rh_arg *arg, bool all, bool negative, uint64_t value) {
  for (uint64_t less = value; less > 0 && !shrinker->over; less /= 2)
    if (offer_value(shrinker, arg, all, negative, value - less)) return true;
  return false;
}

/* A number without its sign, or nearer to 0; a text shorter, where a character
 * cut in two is not legal. */
static bool lower_value(struct rh_shrinker *shrinker, size_t i, uint32_t k, bool all) {
  const struct rh_op *op = operation(shrinker, i);
  if (argument(shrinker, i, k) == NULL) return false;
  const struct rh_arg *arg = &shrinker->draft.base->args[op->first_arg + k];
  if (arg->type == RH_ARG_TEXT) return lower(shrinker, arg, all, false, arg->text_length);
  if (arg->type != RH_ARG_INTEGER) return false;
  bool negative = !arg->is_unsigned && arg->integer < 0;
  uint64_t magnitude = negative ? 0 - (uint64_t)arg->integer : (uint64_t)arg->integer;
  return (negative && offer_value(shrinker, arg, all, false, magnitude)) ||
         lower(shrinker, arg, all, negative, magnitude);
}

static bool simplify(struct rh_shrinker *shrinker, size_t i, uint32_t k) {
  return leave_out(shrinker, i, k) || shorten_path(shrinker, i, k) || make_none(shrinker, i, k) ||
         lower_value(shrinker, i, k, false) || lower_value(shrinker, i, k, true);
}

void rh_shrink_arguments(struct rh_shrinker *shrinker) {
  for (size_t i = shrinker->draft.norder; i-- > 0 && !shrinker->over;) {
    const struct rh_op *op = operation(shrinker, i);
    for (uint32_t k = op != NULL ? op->nargs : 0; k-- > 0 && !shrinker->over;)
      while (simplify(shrinker, i, k)) continue;
  }
}

/* --- headers --- */

/* Does a list of versions hold the whole series of this one? */
static bool has_series(const char *ranges, size_t n, uint32_t version) {
  for (uint32_t patch = 0; patch < 256; patch++)
    if (!rh_version_selected((version & ~UINT32_C(255)) | patch, ranges, n)) return false;
  return true;
}

static void narrow_versions(struct rh_shrinker *shrinker, struct rh_header *header) {
  const struct rh_trace *trace = &shrinker->draft.trace;
  if (!has_series(rh_trace_text(trace, header->value), header->value_length, shrinker->shrinking->version)) return;
  header->value = shrinker->draft.series;
  header->value_length = (uint32_t)strlen(rh_trace_text(trace, header->value));
  (void)rh_shrink_offer(shrinker);
}

static void drop_header(struct rh_shrinker *shrinker, size_t i) {
  struct rh_trace *trace = &shrinker->draft.trace;
  trace->nheaders--;
  memmove(trace->headers + i, trace->headers + i + 1, (trace->nheaders - i) * sizeof *trace->headers);
  (void)rh_shrink_offer(shrinker);
}

void rh_shrink_headers(struct rh_shrinker *shrinker) {
  struct rh_trace *trace = &shrinker->draft.trace;
  for (size_t i = trace->nheaders; i-- > 0 && !shrinker->over;) {
    const char *key = rh_trace_text(trace, trace->headers[i].key);
    if (strcmp(key, "applies") == 0) {
      narrow_versions(shrinker, &trace->headers[i]);
    } else if (strcmp(key, "profile") != 0) {
      drop_header(shrinker, i);
    }
  }
}
