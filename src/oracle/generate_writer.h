/*
 * What both generators share: a small random source and a trace being written
 * line by line. Private to generate*.c.
 */
#ifndef RH_ORACLE_GENERATE_WRITER_H
#define RH_ORACLE_GENERATE_WRITER_H

#include "oracle/generate.h"

struct rh_writer {
  uint64_t state; /* of the random source */
  struct rh_trace *trace;
  struct rh_text line; /* the line being written */
  uint32_t written;    /* operations so far */
  bool failed;         /* out of memory */
};

static inline uint64_t rh_random_next(uint64_t *state) { /* splitmix64 */
  uint64_t z = *state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* A number below n > 0. */
static inline uint32_t rh_below(struct rh_writer *writer, uint32_t n) {
  return (uint32_t)((rh_random_next(&writer->state) >> 32) * n >> 32);
}

static inline bool rh_chance(struct rh_writer *writer, uint32_t percent) {
  return rh_below(writer, 100) < percent;
}

/* Appends the line to the trace and starts the next one. */
void rh_end_line(struct rh_writer *writer);
/* A whole operation. */
#define rh_emit(writer, ...) (rh_text_printf(&(writer)->line, __VA_ARGS__), rh_end_line(writer))

void rh_generate_legal(struct rh_writer *writer, const struct rh_generate_options *options);
void rh_generate_interactions(struct rh_writer *writer, const struct rh_generate_options *options);
void rh_generate_wild(struct rh_writer *writer, const struct rh_generate_options *options);

#endif
