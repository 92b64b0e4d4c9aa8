/*
 * What differs between versions, as one record. Each topic has one table,
 * topics/TOPIC.def; adding a version means adding rows there. No code asks for
 * a version number, it asks for a feature.
 *
 * An entry of a table is FEATURE(type, name, rule, meaning, rows): a field of
 * struct rh_profile, the rule of specs/memory-model.md it is part of, what it
 * says, and rows SINCE(major, minor, micro, value): from that version on, in
 * the order of version numbers, it has that value; before the first row it is
 * 0. What holds for the last releases of one series but not for the first
 * ones of the next takes a row for each.
 *
 * A profile name is cpython-MAJOR.MINOR[.MICRO] (a missing micro means the
 * series' last release), `rc-gc`, `gc` or `blocks`.
 */
#ifndef RH_PROFILE_PROFILE_H
#define RH_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rh_family { RH_FAMILY_CPYTHON, RH_FAMILY_RC_GC, RH_FAMILY_GC, RH_FAMILY_BLOCKS };

/* How deep deallocation nests before it is deferred. */
enum rh_trashcan {
  RH_TRASHCAN_NESTING, /* 3.9-3.12: at 50 participating levels */
  RH_TRASHCAN_BUDGET,  /* 3.13: at 9950 levels, then blocks of 50 */
  RH_TRASHCAN_STACK    /* 3.14+: by stack distance; none below 10000 levels */
};

enum rh_presize { RH_PRESIZE_EXACT, RH_PRESIZE_EXACT_EXTEND, RH_PRESIZE_EVEN };

struct rh_profile {
  char name[32];
  enum rh_family family;
  uint32_t version; /* 3.11.7 is 0x030b07; 0 for the families without one */
#define FEATURE(type, name, rule, meaning, rows) type name;
#include "profile/topics/topics.def"
#undef FEATURE
};

/* One entry of the tables, to be shown. */
struct rh_feature {
  const char *name, *rule, *meaning;
  const char *table; /* the path of topics/TOPIC.def */
};

/* Fills *profile from a name. False, with a one-line reason that names the
 * nearest known profile, when the name is none. */
bool rh_profile_find(const char *name, struct rh_profile *profile, char *reason, unsigned reason_size);

/* The profile of the i-th version, in ascending order, that differs from the one
 * before it in any feature, or is the first: i below rh_profile_changes(), at
 * most one for each row of the tables. What holds in all of them holds in every
 * version. O(rows). */
size_t rh_profile_changes(void);
void rh_profile_change(size_t i, struct rh_profile *profile);

/* The features in the order of the tables: i below rh_profile_features(). O(1). */
size_t rh_profile_features(void);
const struct rh_feature *rh_profile_feature(size_t i);
/* The topic of feature i: the name of its table. */
void rh_profile_topic(size_t i, char *text, size_t size);
/* The value of feature i in words: yes or no, a number, none for a limit that is
 * never reached, or the name of a choice. */
void rh_profile_spell(const struct rh_profile *profile, size_t i, char *text, size_t size);

#endif
