/* What the explanations of blocks and of tracing share. Private to explain_blocks.c and explain_traced.c. */
#ifndef RH_ORACLE_EXPLAIN_MEMORY_H
#define RH_ORACLE_EXPLAIN_MEMORY_H

#include "oracle/explain_why.h"

/* Carries the operation out and cites the last note it made; false, with a general sentence, when it made none. */
bool rh_why_own(struct rh_why *why);
/* Cites a note behind what was said, unless it is SIZE_MAX: also its rule, or only its text. */
void rh_why_also(struct rh_why *why, size_t note, bool rule);
/* The last top-level operation of this code before the one explained; SIZE_MAX: none. */
size_t rh_why_last_operation(const struct rh_why *why, enum rh_opcode code);
/* Appends ", since `pm.snap` at line 3"; nothing for SIZE_MAX. */
void rh_why_say_since(struct rh_why *why, size_t operation);
/* As rh_why_find_note, among the notes made after an operation (SIZE_MAX: all). */
size_t rh_why_find_since(const struct rh_why *why, size_t operation, uint32_t object, const char *groups);
/* Explains an operation of tracemalloc's; false for any other. */
bool rh_why_traced(struct rh_why *why);

#endif
