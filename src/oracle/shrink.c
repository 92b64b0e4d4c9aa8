/* Shrinking: what an offer goes through, and the rounds. */
#include "oracle/shrink.h"
#include "oracle/shrink_steps.h"

#include <string.h>

bool rh_findings_same(const struct rh_finding *a, const struct rh_finding *b) {
  bool observed = a->verdict == RH_VERDICT_DIVERGES || a->verdict == RH_VERDICT_INTERNAL;
  return a->verdict == b->verdict && (!observed || a->op == b->op) && strcmp(a->cause, b->cause) == 0;
}

static void end(struct rh_shrinker *shrinker, enum rh_shrink_end why) {
  shrinker->shrunk->end = why;
  shrinker->over = true;
}

/* --- an offer --- */

static struct rh_size size_of(const struct rh_trace *trace) {
  struct rh_size size = {.operations = trace->nops};
  for (size_t i = 0; i < trace->nargs; i++)
    size.uses += trace->args[i].type == RH_ARG_NAME || trace->args[i].type == RH_ARG_PATH;
  return size;
}

static bool is_smaller(const struct rh_shrinker *shrinker, const struct rh_size *size, const struct rh_text *text) {
  const struct rh_size *least = &shrinker->size;
  if (size->operations != least->operations) return size->operations < least->operations;
  if (size->uses != least->uses) return size->uses < least->uses;
  if (text->size != shrinker->text.size) return text->size < shrinker->text.size;
  return memcmp(text->bytes, shrinker->text.bytes, text->size) < 0;
}

/* The draft as a trace, and its text; NULL when it is not legal, not smaller or
 * not new. */
static struct rh_trace *read_draft(struct rh_shrinker *shrinker, struct rh_text *text) {
  struct rh_diagnostic diagnostic;
  rh_trace_print(&shrinker->draft.trace, text);
  if (text->size == 0 || !rh_seen_add(&shrinker->seen, text)) return NULL;
  struct rh_trace *trace = rh_trace_parse(shrinker->draft.trace.file, text->bytes, text->size, &diagnostic);
  if (trace == NULL) return NULL;
  struct rh_size size = size_of(trace);
  if (is_smaller(shrinker, &size, text)) return trace;
  rh_trace_free(trace);
  return NULL;
}

/* False ends the shrinking. */
static bool judge(struct rh_shrinker *shrinker, const struct rh_trace *trace, struct rh_finding *finding) {
  const struct rh_shrinking *shrinking = shrinker->shrinking;
  struct rh_shrunk *shrunk = shrinker->shrunk;
  if (shrunk->judged == shrunk->most) {
    end(shrinker, RH_SHRINK_OUT_OF_TRIES);
    return false;
  }
  *finding = (struct rh_finding){0};
  shrunk->judged++;
  bool judged = shrinking->judge(shrinking->context, trace, finding);
  if (!judged) end(shrinker, RH_SHRINK_ENDED);
  return judged;
}

/* Takes the trace and its text over. */
static void take(struct rh_shrinker *shrinker, struct rh_trace *trace, struct rh_text *text,
                 const struct rh_finding *finding) {
  rh_trace_free(shrinker->shrunk->trace);
  rh_text_free(&shrinker->text);
  shrinker->shrunk->trace = trace;
  shrinker->shrunk->finding = *finding;
  shrinker->text = *text;
  shrinker->size = size_of(trace);
  shrinker->taken++;
  if (!rh_draft_base(&shrinker->draft, trace, shrinker->shrinking->version)) end(shrinker, RH_SHRINK_NO_MEMORY);
}

static void watch(const struct rh_shrinker *shrinker) {
  const struct rh_shrinking *shrinking = shrinker->shrinking;
  if (shrinking->watch != NULL) shrinking->watch(shrinking->watcher, shrinker->shrunk);
}

bool rh_shrink_offer(struct rh_shrinker *shrinker) {
  struct rh_text text = {0};
  struct rh_finding finding;
  if (shrinker->over) return false;
  struct rh_trace *trace = read_draft(shrinker, &text);
  bool judged = trace != NULL && judge(shrinker, trace, &finding);
  if (judged && rh_findings_same(&finding, &shrinker->shrunk->finding)) {
    take(shrinker, trace, &text, &finding);
    watch(shrinker);
    return true;
  }
  if (judged) watch(shrinker);
  rh_trace_free(trace);
  rh_text_free(&text);
  rh_draft_begin(&shrinker->draft);
  return false;
}

/* --- rounds --- */

static void play_round(struct rh_shrinker *shrinker) {
  static void (*const steps[])(struct rh_shrinker *) = {
      rh_shrink_expectations, rh_shrink_tail,      rh_shrink_chunks,     rh_shrink_names,  rh_shrink_merges,
      rh_shrink_bodies,       rh_shrink_arguments, rh_shrink_attributes, rh_shrink_headers};
  for (size_t i = 0; !shrinker->over && i < sizeof steps / sizeof *steps; i++) steps[i](shrinker);
}

/* Is it for the judge to say more, or for nobody? */
static bool is_wrong(enum rh_verdict verdict) {
  return verdict == RH_VERDICT_DIVERGES || verdict == RH_VERDICT_CRASHED || verdict == RH_VERDICT_PROTOCOL ||
         verdict == RH_VERDICT_INTERNAL;
}

/* The trace given, in its canonical form, judged. */
static void begin(struct rh_shrinker *shrinker, const struct rh_trace *given) {
  struct rh_diagnostic diagnostic;
  struct rh_text text = {0};
  struct rh_finding finding = {0};
  rh_trace_print(given, &text);
  struct rh_trace *trace = text.size > 0 ? rh_trace_parse(given->file, text.bytes, text.size, &diagnostic) : NULL;
  if (trace == NULL) {
    rh_text_free(&text);
    end(shrinker, RH_SHRINK_NO_MEMORY);
    return;
  }
  (void)rh_seen_add(&shrinker->seen, &text);
  bool judged = judge(shrinker, trace, &finding);
  take(shrinker, trace, &text, &finding);
  if (judged && !is_wrong(finding.verdict)) end(shrinker, RH_SHRINK_NOTHING);
}

void rh_shrink(const struct rh_trace *trace, const struct rh_shrinking *shrinking, struct rh_shrunk *shrunk) {
  *shrunk = (struct rh_shrunk){.operations = trace->nops, .most = shrinking->tries, .end = RH_SHRINK_MINIMAL};
  struct rh_shrinker shrinker = {.shrinking = shrinking, .shrunk = shrunk};
  begin(&shrinker, trace);
  for (uint64_t taken = 0; !shrinker.over && shrinker.taken != taken;) {
    taken = shrinker.taken;
    play_round(&shrinker);
  }
  rh_draft_free(&shrinker.draft);
  rh_text_free(&shrinker.text);
  rh_seen_free(&shrinker.seen);
}

void rh_shrunk_free(struct rh_shrunk *shrunk) {
  rh_trace_free(shrunk->trace);
  *shrunk = (struct rh_shrunk){0};
}
