/*
 * Property: of every literal both engines predict the same; where a value is
 * predicted, blanks and parentheses around the literal change nothing that can be
 * observed of it, nor does keeping evidence, and a list display of it is a list of
 * one item. Known answers: what is predicted of each.
 *
 * Input: a byte for the version, then lines with a literal each.
 */
#include "answers.h"
#include "programs.h"
#include "rules/evidence.h"

enum { LINES_MAX = 64, LENGTH_MAX = 400 };

static const struct known_answer known[] = {
#include "answers/literals.def"
};

struct literal {
  const char *text;
  size_t n;
};

static struct rh_trace *read(const char *text, size_t n) {
  struct rh_diagnostic diagnostic;
  return rh_trace_parse("literal", text, n, &diagnostic);
}

/* What is predicted of the literal between these texts; false if they do not make a trace. */
static bool look(const struct rh_profile *profile, const char *before, struct literal literal, const char *after,
                 struct rh_prediction *prediction) {
  struct rh_text text = {0};
  rh_text_printf(&text, "const A %s%.*s%s\n", before, (int)literal.n, literal.text, after);
  rh_text_puts(&text, "len A\nsizeof A\ncap A\ntracked A\nimmortal A\nrefs A\nreferents A\n");
  struct rh_trace *trace = read(text.bytes, text.size);
  if (trace != NULL) {
    if (!rh_predict(trace, profile, RH_ENGINES_BOTH, SIZE_MAX, prediction)) abort();
    REQUIRE(prediction->stop != RH_VERDICT_INTERNAL, "%s: %s%.*s%s: operation %zu: %s", profile->name, before,
            (int)literal.n, literal.text, after, prediction->n + 1, prediction->reason);
  }
  rh_text_free(&text);
  rh_trace_free(trace);
  return trace != NULL;
}

static void check_same(const struct rh_profile *profile, struct literal literal, const char *before, const char *after,
                       const struct rh_prediction *plain) {
  struct rh_prediction inside;
  if (!look(profile, before, literal, after, &inside)) return; /* it nests too deeply */
  REQUIRE(inside.n == plain->n, "%s: %s%.*s%s is predicted otherwise than without", profile->name, before,
          (int)literal.n, literal.text, after);
  for (size_t i = 0; i < plain->n; i++)
    REQUIRE(rh_observations_agree(&inside.observations[i], &plain->observations[i]),
            "%s: of %s%.*s%s operation %zu sees %s", profile->name, before, (int)literal.n, literal.text, after, i + 1,
            inside.observations[i].text);
  rh_prediction_free(&inside);
}

static void check_display(const struct rh_profile *profile, struct literal literal) {
  struct rh_prediction display;
  if (!look(profile, "[", literal, "]", &display)) return;
  REQUIRE(display.n > 1 && strcmp(display.observations[1].text, "1") == 0, "%s: [%.*s] is no list of one item",
          profile->name, (int)literal.n, literal.text);
  rh_prediction_free(&display);
}

/* The literal as the language reads it: without what is around it in the line. */
static void judge(const struct rh_profile *profile, struct literal line) {
  struct rh_text text = {0};
  struct rh_prediction plain;
  rh_text_puts(&text, "const A ");
  rh_text_append(&text, line.text, line.n);
  struct rh_trace *trace = read(text.bytes, text.size);
  if (trace != NULL && trace->nops == 1 && trace->ops[0].code == RH_OP_CONST) {
    const struct rh_arg *arg = &trace->args[trace->ops[0].first_arg + 1];
    struct literal literal = {rh_trace_text(trace, arg->text), arg->text_length};
    if (!look(profile, "", literal, "", &plain)) abort();
    answer_prediction(&plain);
    if (plain.stop == RH_VERDICT_CONFORMS) {
      rh_evidence_keep(true);
      check_same(profile, literal, " \t ", " \t ", &plain);
      rh_evidence_keep(false);
      check_same(profile, literal, "(", ")", &plain);
      check_same(profile, literal, "( ( ", " ) )", &plain);
      check_display(profile, literal);
    }
    rh_prediction_free(&plain);
  }
  rh_trace_free(trace);
  rh_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  struct rh_profile profile = fuzz_profile_or_family(data[0]);
  const char *at = (const char *)data + 1, *end = (const char *)data + size;
  for (int lines = 0; at < end && lines < LINES_MAX; lines++) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t n = (size_t)((newline != NULL ? newline : end) - at);
    if (n <= LENGTH_MAX) judge(&profile, (struct literal){at, n});
    at += n + (newline != NULL);
  }
  fuzz_leave_nothing();
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
