/*
 * The state of the tracemalloc operations (`tm.*`).
 */
#ifndef RH_ORACLE_INTERPRET_TRACED_H
#define RH_ORACLE_INTERPRET_TRACED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rh_run;
struct rh_op;

/* A number of traced bytes: within low..high, an observer's own aside; a
 * negative low is an rh_error. `stretch`: which stretch of tracing it belongs
 * to, 0 none: then it is exact. */
struct rh_traced_bytes {
  int64_t low, high;
  uint64_t stretch;
  int64_t blocks, manual; /* parts of low; the rest is the objects' */
  int64_t spread;         /* of high - low, the objects' part */
};

struct rh_manual_trace {
  uint32_t domain;
  uint64_t address;
  int64_t bytes;
};

struct rh_traced {
  bool on;
  int64_t limit;    /* frames a traceback; 0: never started */
  uint64_t stretch; /* counts the times everything was forgotten */
  struct rh_traced_bytes mark, peak;
  struct rh_manual_trace *manual;
  size_t nmanual, room;
};

/* What notes about a trace entered by hand are about. Two places may have one subject. */
static inline uint32_t rh_manual_subject(int64_t domain, int64_t address) {
  return 0x7E000000u + (((uint32_t)domain * 40503u ^ (uint32_t)address) & 0xFFFFFFu);
}

void rh_traced_free(struct rh_traced *traced);
/* Whether an operation needs the allocator's statistics, which have no blocks
 * and pools while tracemalloc traces. */
bool rh_traced_hides(const struct rh_traced *traced, unsigned code);
/* After a top-level operation: follows the peak. */
void rh_traced_settle(struct rh_run *run, const struct rh_op *op);

#endif
