/*
 * What the targets that run programs share: the versions they run under, and
 * which programs are passed over.
 */
#ifndef RH_FUZZ_PROGRAMS_H
#define RH_FUZZ_PROGRAMS_H

#include "oracle/engine.h"
#include "profile/profile.h"
#include "trace/trace.h"

#include <stdlib.h>

enum {
  FUZZ_CPYTHONS = 10,
  FUZZ_PROFILES = 13,
  FUZZ_ROUNDS_MAX = 60,   /* deaths are put off from 50 levels on */
  FUZZ_DOUBLINGS_MAX = 8, /* rounds where a container may be multiplied */
  FUZZ_ARENAS_MAX = 2,
  FUZZ_COUNT_MAX = 300,
  FUZZ_PRODUCT_MAX = 100000,
  FUZZ_SIZE_MAX = 5000
};

#define FUZZ_HUGE ((int64_t)1 << 40) /* no heap has so much */

/* One of the first n profiles: a CPython, or a family behind them. */
static inline struct rh_profile fuzz_profile_below(unsigned choice, unsigned n) {
  static const char *const names[FUZZ_PROFILES] = {"cpython-3.9",    "cpython-3.10", "cpython-3.11",   "cpython-3.12.1",
                                                   "cpython-3.12",   "cpython-3.13", "cpython-3.13.0", "cpython-3.14",
                                                   "cpython-3.14.0", "cpython-3.15", "rc-gc",          "gc",
                                                   "blocks"};
  struct rh_profile profile;
  char reason[256];
  if (!rh_profile_find(names[choice % n], &profile, reason, sizeof reason)) abort();
  return profile;
}

static inline struct rh_profile fuzz_profile(unsigned choice) {
  return fuzz_profile_below(choice, FUZZ_CPYTHONS);
}

static inline struct rh_profile fuzz_profile_or_family(unsigned choice) {
  return fuzz_profile_below(choice, FUZZ_PROFILES);
}

/* A version where behaviour changes. The list is made once: to make it costs more than an input. */
static inline const struct rh_profile *fuzz_version(unsigned choice) {
  enum { VERSIONS_MAX = 64 };
  static struct rh_profile versions[VERSIONS_MAX];
  static size_t n;
  for (; n < rh_profile_changes() && n < VERSIONS_MAX; n++) rh_profile_change(n, &versions[n]);
  if (n == 0) abort();
  return &versions[choice % n];
}

/* Leaves both engines with the same empty heap, whatever ran. A start first walks what is there, so without this the next
 * input would seem to reach what this one left. */
static inline void fuzz_leave_nothing(void) {
  static const struct rh_hooks none;
  struct rh_profile profile = fuzz_profile(0);
  rh_engine_runtime.start(&profile, &none);
  rh_engine_model.start(&profile, &none);
}

/* Is an integer of this operation a size or a place, which costs nothing however large it is? */
static inline bool is_free_of_cost(unsigned code) {
  switch (code) {
  case RH_OP_INSERT:
  case RH_OP_POP:
  case RH_OP_SLICEDEL:
  case RH_OP_PM_OFF:
  case RH_OP_PM_POKE:
  case RH_OP_PM_DRAIN:
  case RH_OP_PM_PERPOOL:
    return true;
  default:
    return false;
  }
}

/* The same for one that fails when it is huge. */
static inline bool is_size(unsigned code) {
  return code == RH_OP_IMUL || (code >= RH_OP_PM_MALLOC && code <= RH_OP_PM_RMALLOC);
}

/* Is its k-th operand a number of bytes? */
static inline bool is_bytes(unsigned code, uint32_t k) {
  bool of_blocks = code == RH_OP_PM_BATCH || code == RH_OP_PM_POOLBATCH;
  return (code >= RH_OP_PM_MALLOC && code <= RH_OP_PM_BYTES) || (of_blocks && k == 1);
}

static inline bool is_large_integer(const struct rh_op *op, uint32_t k, const struct rh_arg *arg) {
  if (is_free_of_cost(op->code)) return false;
  if (op->code == RH_OP_PM_ARENABATCH) return arg->integer > FUZZ_ARENAS_MAX;
  if (is_size(op->code) && (arg->is_unsigned || arg->integer > FUZZ_HUGE)) return false;
  if (is_bytes(op->code, k)) return arg->integer > FUZZ_SIZE_MAX;
  return op->code != RH_OP_REPEAT && arg->integer > FUZZ_COUNT_MAX;
}

/* The rounds of a repetition, with those inside it; not more than one above the limit. */
static inline int64_t rounds_of(const struct rh_trace *trace, const struct rh_op *op) {
  int64_t inside = 1, own = op->code == RH_OP_REPEAT ? trace->args[op->first_arg].integer : 1;
  for (uint32_t i = 0; i < op->nchildren; i++) {
    int64_t rounds = rounds_of(trace, &trace->ops[op->first_child + i]);
    if (rounds > inside) inside = rounds;
  }
  return own > FUZZ_ROUNDS_MAX || own * inside > FUZZ_ROUNDS_MAX ? FUZZ_ROUNDS_MAX + 1 : own * inside;
}

/* Traces with large counts cost time and reach no new state; what is multiplied in rounds grows beyond all bounds. */
static inline bool is_large(const struct rh_trace *trace) {
  int64_t product = 1, rounds = 1;
  for (size_t i = 0; i < trace->nops; i++) {
    const struct rh_op *op = &trace->ops[i];
    if (rounds_of(trace, op) > rounds) rounds = rounds_of(trace, op);
    for (uint32_t k = 0; k < op->nargs; k++) {
      const struct rh_arg *arg = &trace->args[op->first_arg + k];
      if (arg->type != RH_ARG_INTEGER) continue;
      if (is_large_integer(op, k, arg)) return true;
      if (op->code == RH_OP_IMUL && arg->integer > 1 && arg->integer <= FUZZ_COUNT_MAX) product *= arg->integer;
    }
    if (product > FUZZ_PRODUCT_MAX) return true;
  }
  return rounds > (product > 1 ? FUZZ_DOUBLINGS_MAX : FUZZ_ROUNDS_MAX);
}

#endif
