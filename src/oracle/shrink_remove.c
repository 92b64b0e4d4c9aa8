/* Steps that remove operations: the tail, chunks with what depends on them, all
 * on one name, those that bind a name when another does as well. */
#include "oracle/shrink_steps.h"

#include <stdlib.h>

static const struct rh_op *operation(const struct rh_draft *draft, size_t i) {
  return &draft->base->ops[draft->order[i]];
}

/* What happens after the operation at which it shows, nobody looks at. */
void rh_shrink_tail(struct rh_shrinker *shrinker) {
  const struct rh_trace *base = shrinker->draft.base;
  int64_t position = shrinker->shrunk->finding.position;
  if (position < 0 || (size_t)position + 1 >= base->ntop) return;
  for (size_t i = (size_t)position + 1; i < base->ntop; i++) shrinker->draft.without_op[base->top[i]] = 1;
  rh_draft_leave_out(&shrinker->draft);
  (void)rh_shrink_offer(shrinker);
}

/* Marks what operation i does with lost names: an argument that can be left
 * out, else the operation. True when there was something. */
static bool mark_uses(struct rh_draft *draft, size_t i, const uint8_t *lost, uint32_t first) {
  const struct rh_op *op = operation(draft, i);
  bool any = false;
  for (uint32_t k = first; k < op->nargs; k++) {
    const struct rh_arg *arg = &draft->base->args[op->first_arg + k];
    if ((arg->type != RH_ARG_NAME && arg->type != RH_ARG_PATH) || !lost[arg->name]) continue;
    any = true;
    if (rh_op_can_lose(op, k)) {
      draft->without_arg[op->first_arg + k] = 1;
    } else {
      draft->without_op[draft->order[i]] = 1;
    }
  }
  return any;
}

static void mark_chunk(struct rh_draft *draft, size_t first, size_t last) {
  for (size_t i = first; i < last; i++) draft->without_op[draft->order[i]] = 1;
}

/* Marks what comes after a chunk and needs a name bound in it, until the name is
 * bound again. False when nothing does. */
static bool mark_dependants(struct rh_draft *draft, size_t first, size_t last) {
  uint8_t *lost = calloc(draft->base->nnames + 1, 1);
  bool any = false;
  for (size_t i = first; lost != NULL && i < draft->norder; i++) {
    uint32_t bound = rh_op_binds(draft->base, operation(draft, i));
    if (i >= last) any = mark_uses(draft, i, lost, bound != 0) || any;
    if (bound != 0) lost[bound] = draft->without_op[draft->order[i]];
  }
  free(lost);
  return any;
}

static bool offer_chunk(struct rh_shrinker *shrinker, size_t first, size_t last) {
  struct rh_draft *draft = &shrinker->draft;
  mark_chunk(draft, first, last);
  if (mark_dependants(draft, first, last)) {
    rh_draft_leave_out(draft);
    if (rh_shrink_offer(shrinker)) return true;
    mark_chunk(draft, first, last);
  }
  rh_draft_leave_out(draft);
  return rh_shrink_offer(shrinker);
}

void rh_shrink_chunks(struct rh_shrinker *shrinker) {
  const struct rh_draft *draft = &shrinker->draft;
  for (size_t size = draft->norder; size > 0; size /= 2) {
    for (size_t last = draft->norder; last > 0 && !shrinker->over;) {
      size_t first = last > size ? last - size : 0;
      (void)offer_chunk(shrinker, first, last);
      last = first < draft->norder ? first : draft->norder;
    }
  }
}

void rh_shrink_names(struct rh_shrinker *shrinker) {
  struct rh_draft *draft = &shrinker->draft;
  for (size_t name = draft->base->nnames; name-- > 1 && !shrinker->over;) {
    if (name >= draft->base->nnames) continue; /* others went with one */
    uint8_t *lost = calloc(draft->base->nnames, 1);
    if (lost == NULL) return;
    lost[name] = 1;
    for (size_t i = 0; i < draft->norder; i++) (void)mark_uses(draft, i, lost, 0);
    free(lost);
    rh_draft_leave_out(draft);
    (void)rh_shrink_offer(shrinker);
  }
}

/* Without the operations that bind a name, another one in its place. A name that
 * nothing binds is renamed to no use. */
static void offer_instead(struct rh_shrinker *shrinker, uint32_t name, uint32_t other) {
  struct rh_draft *draft = &shrinker->draft;
  bool bound = false;
  for (size_t i = 0; i < draft->norder; i++) {
    const struct rh_op *op = operation(draft, i);
    bool binds = rh_op_binds(draft->base, op) == name;
    bound = bound || binds;
    draft->without_op[draft->order[i]] = binds;
    for (uint32_t k = 0; k < op->nargs; k++)
      if (draft->base->args[op->first_arg + k].name == name) draft->trace.args[op->first_arg + k].name = other;
  }
  if (!bound) {
    rh_draft_begin(draft);
    return;
  }
  rh_draft_leave_out(draft);
  (void)rh_shrink_offer(shrinker);
}

void rh_shrink_merges(struct rh_shrinker *shrinker) {
  enum { NAMES_MAX = 9 }; /* below that their pairs are tried */
  const struct rh_draft *draft = &shrinker->draft;
  for (size_t name = draft->base->nnames; name-- > 1;) {
    for (size_t other = 1; !shrinker->over && other < draft->base->nnames; other++) {
      if (draft->base->nnames <= NAMES_MAX && other != name && name < draft->base->nnames)
        offer_instead(shrinker, (uint32_t)name, (uint32_t)other);
    }
  }
}
