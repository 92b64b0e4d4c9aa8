/* The rules of specs/memory-model.md, from rules.def. */
#ifndef RH_RULES_RULE_H
#define RH_RULES_RULE_H

#include <stddef.h>

struct rh_rule {
  const char *id, *sentence;
  const char *versions; /* a range in the notation of traces */
};

/* The rules in the order of the specification: i below rh_rules(). O(1). */
size_t rh_rules(void);
const struct rh_rule *rh_rule(size_t i);
/* The rule with this id, or NULL. LANG-1, which is not of memory, is found too. */
const struct rh_rule *rh_rule_find(const char *id);

#endif
