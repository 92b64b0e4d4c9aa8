/*
 * What differs between versions, as one record. `profile.c` fills it from a
 * table of rows (feature, value, first version): no code asks for a version
 * number, it asks for a feature.
 *
 * A profile name is cpython-MAJOR.MINOR[.MICRO] (a missing micro means the
 * series' last release), `rc-gc`, `gc` or `blocks`.
 */
#ifndef RH_PROFILE_PROFILE_H
#define RH_PROFILE_PROFILE_H

#include <stdbool.h>
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

  /* counts (memory-model.md, RC) */
  uint64_t immortal_count;  /* the count getrefcount reports for them */
  int64_t small_int_max;    /* -5..this are cached */
  bool immortal_singletons; /* None, small ints, "" and () have a constant count */
  bool huge_static_counts;  /* 3.11: small ints, "", () report about 1e9 but count */

  /* collector (GC, GEN) */
  bool incremental;                  /* 3.14.0-3.14.4: only full collections are predicted */
  bool collect_in_allocation;        /* an automatic collection runs inside the allocation */
  bool keep_weakrefs_for_finalizers; /* 3.15+: callback-less weakrefs outlive finalizers */
  bool clear_late_weakrefs;          /* weakrefs made by finalizers are cleared silently */
  bool disable_cancels;              /* 3.12.3+: disabling cancels a scheduled collection */
  bool extra_stat_fields;            /* 3.15+: candidates, duration */
  bool deque_visits_class;           /* 3.12+: a deque refers to its class */
  uint32_t startup_objects;          /* about what a started interpreter keeps tracked: weighs in GEN-8 */
  int64_t thresholds[3];

  /* free lists (FL): freed objects of the exact type kept for reuse */
  uint32_t free_list_limit;    /* lists, dicts: this many each */
  uint32_t free_tuple_limit;   /* tuples: this many of each length */
  uint32_t free_tuple_lengths; /* 1..this; at most 20 */

  /* release (TRC) */
  enum rh_trashcan trashcan;
  uint32_t trashcan_limit;  /* a deallocation this deep is deferred; UINT32_MAX: none */
  uint32_t trashcan_resume; /* deferred ones continue when the nesting is down to this */

  /* tracking (TRK) */
  bool dict_lazy_tracking; /* dicts untracked until they hold a container */
  bool tuple_skip_atoms;   /* 3.14.1+: a packed tuple of atoms is never tracked */

  /* interning (INT) */
  bool interned_immortal; /* 3.12.0-3.12.6 */

  /* growth (LST, DCT) */
  bool list_from_set_grows;     /* 3.13+ */
  bool list_from_gen_appends;   /* 3.15+ */
  bool list_append_resizes;     /* 3.9-3.10: append may shrink an array less than half full */
  bool list_pop_frees;          /* 3.12+: popping the only item frees the array */
  bool dict_round_up_bug;       /* 3.10-3.13.3 */
  bool dict_small_entries;      /* 3.11+: 16-byte entries while keys are strings */
  bool dict_call_allocates;     /* 3.9: dict(x) has a table even if x is empty */
  bool dict_lookup_generalizes; /* 3.9: looking up another key ends a table of strings */
  bool set_reuses_dummies;      /* 3.10+: adding may take the place of a discarded member */
  enum rh_presize list_presize;
  uint32_t split_presize;      /* initial capacity str.split uses: 12, or 0: pieces + 1, at most 12 */
  uint32_t list_display_limit; /* 3.10+: a display of more variables than this is built by appending; 0: none */

  /* sizes (SIZ) */
  uint32_t dict_keys_header; /* bytes of a key table's header + dict: 104 or 96 */
  uint32_t tuple_header;     /* 40 or 48 */
  uint32_t str_ascii_header; /* 49 or 41 */
  uint32_t str_wide_header;  /* 72 or 56 */
  uint32_t int_zero_size;    /* 24 or 28 */
  uint32_t node_size;        /* 64 or 72 */
  uint32_t listfin_size;     /* without its array: 64 or 72 */
  uint32_t weakref_size;     /* 72 or 80 */
  uint32_t deque_size;       /* 624 or 760 */
  bool char_utf8_cached;     /* 3.12+: one-character singletons keep their UTF-8 form */

  /* blocks (PM) */
  uint32_t pool_bytes; /* 4096 or 16384; 0: the profile says nothing about pools */
};

/* Fills *profile from a name. False, with a one-line reason that names the
 * nearest known profile, when the name is none. */
bool rh_profile_find(const char *name, struct rh_profile *profile, char *reason, unsigned reason_size);

#endif
