/*
 * What is said of one logged event, and of two that follow each other: from the
 * evidence that was there when it was logged. Private to explain_event*.c.
 * Without evidence (the model makes none) a general sentence is said.
 */
#ifndef RH_ORACLE_EXPLAIN_EVENT_H
#define RH_ORACLE_EXPLAIN_EVENT_H

#include "oracle/explain_why.h"

/* A text that is not terminated. */
struct rh_why_item {
  const char *bytes;
  size_t n;
};

/* `del:A` has the prefix `del:` and the rest `A`. */
bool rh_why_has_prefix(const struct rh_why_item *item, const char *prefix, struct rh_why_item *rest);
/* The text of event i of the history. */
struct rh_why_item rh_why_event_text(const struct rh_why *why, size_t i);

/* Says why event i was logged when it was, without the operation, and sets the rule. `alone`: nothing is said of
 * others. */
void rh_why_say_event(struct rh_why *why, size_t i, bool alone);
/* Sets the rule by which event j comes after event i of the same operation, and says what joins them, if anything. */
void rh_why_join_events(struct rh_why *why, size_t i, size_t j);

#endif
