/*
 * Names of generated traces: a letter, which says what the name is bound to,
 * and a digit. Which names are bound is only guessed, because actions bind and
 * drop too; a wrong guess observes `skip`. Private to generate*.c.
 */
#ifndef RH_ORACLE_GENERATE_NAMES_H
#define RH_ORACLE_GENERATE_NAMES_H

#include "oracle/generate_writer.h"

enum {
  RH_NAMES = 8,          /* of one letter, at most */
  RH_LETTERS_MAX = 16,   /* letters */
  RH_GENERATED_NAME = 16 /* bytes of a name or a path */
};

struct rh_letter {
  char letter;
  unsigned count; /* names of that letter, at most RH_NAMES */
};

struct rh_names {
  struct rh_writer *writer;
  const struct rh_letter *letters; /* ended by a letter 0 */
  bool bound[RH_LETTERS_MAX][RH_NAMES];
};

/* A name of one of the letters (a repeated letter weighs more): one that is
 * thought to be bound if there is one, now and then any. */
void rh_pick(struct rh_names *names, const char *letters, char name[RH_GENERATED_NAME]);
/* A name of that letter to bind. */
void rh_pick_target(struct rh_names *names, char letter, char name[RH_GENERATED_NAME]);
/* The name is bound no more. */
void rh_forget(struct rh_names *names, const char *name);
/* Drops one to `most` names of the letters: a whole operation. */
void rh_drop_names(struct rh_names *names, const char *letters, uint32_t most);
/* Writes " NAME" for every name there is to the line and forgets them. */
void rh_write_all_names(struct rh_names *names);

#endif
