/* The rules of specs/memory-model.md. */
#include "rules/rule.h"

#include <string.h>

static const struct rh_rule rules[] = {
#define RULE(id, sentence, versions) {id, sentence, versions},
#include "rules/rules.def"
#undef RULE
};

/* Not of memory: the operation itself. */
static const struct rh_rule language = {
    "LANG-1", "What an operation observes, and which exception it raises, is what the trace language says of it.",
    "3.9+"};

size_t rh_rules(void) {
  return sizeof rules / sizeof *rules;
}

const struct rh_rule *rh_rule(size_t i) {
  return &rules[i];
}

const struct rh_rule *rh_rule_find(const char *id) {
  for (size_t i = 0; i < rh_rules(); i++)
    if (strcmp(rules[i].id, id) == 0) return &rules[i];
  return strcmp(language.id, id) == 0 ? &language : NULL;
}
