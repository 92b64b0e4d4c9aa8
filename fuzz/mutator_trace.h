/*
 * Making a new operation in the binary form, for both formats of traces.
 */
#ifndef RH_FUZZ_MUTATOR_TRACE_H
#define RH_FUZZ_MUTATOR_TRACE_H

#include "mutator_format.h"

bool trace_make(struct edit *edit, struct scratch *scratch, struct chance *chance);

#endif
