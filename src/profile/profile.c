/*
 * Profiles from a table: each row says that from a version on (within the
 * order of version numbers) a feature has a value. A version's profile is what
 * all rows up to it leave behind, so what holds for the last releases of one
 * series but not for the first ones of the next takes a row for each.
 */
#include "profile/profile.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION(major, minor, micro) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (uint32_t)(micro))

enum { FIRST_MINOR = 9, LAST_MINOR = 16, LAST_MICRO = 255, NEWEST = VERSION(3, LAST_MINOR, LAST_MICRO) };

struct row {
  uint16_t offset;
  uint16_t size;
  uint32_t since;
  uint64_t value;
};

#define ROW(feature, major, minor, micro, value)                                                                       \
  {                                                                                                                    \
    offsetof(struct rh_profile, feature), sizeof(((struct rh_profile *)0)->feature), VERSION(major, minor, micro),     \
        value                                                                                                          \
  }

static const struct row rows[] = {
    /* counts */
    ROW(small_int_max, 3, 9, 0, 256),
    ROW(huge_static_counts, 3, 11, 0, true),
    ROW(huge_static_counts, 3, 12, 0, false),
    ROW(immortal_singletons, 3, 12, 0, true),
    ROW(immortal_count, 3, 12, 0, 4294967295),
    ROW(immortal_count, 3, 14, 0, 3221225472),
    ROW(small_int_max, 3, 15, 0, 1024),

    /* collector */
    ROW(thresholds[0], 3, 9, 0, 700),
    ROW(thresholds[1], 3, 9, 0, 10),
    ROW(thresholds[2], 3, 9, 0, 10),
    ROW(startup_objects, 3, 9, 0, 10000),
    ROW(collect_in_allocation, 3, 9, 0, true),
    ROW(collect_in_allocation, 3, 12, 0, false),
    ROW(deque_visits_class, 3, 12, 0, true),
    ROW(disable_cancels, 3, 12, 3, true),
    ROW(thresholds[0], 3, 13, 0, 2000),
    ROW(clear_late_weakrefs, 3, 13, 13, true),
    ROW(clear_late_weakrefs, 3, 14, 0, false),
    ROW(incremental, 3, 14, 0, true),
    ROW(thresholds[2], 3, 14, 0, 0),
    ROW(clear_late_weakrefs, 3, 14, 4, true),
    ROW(incremental, 3, 14, 5, false),
    ROW(thresholds[2], 3, 14, 5, 10),
    ROW(keep_weakrefs_for_finalizers, 3, 15, 0, true),
    ROW(extra_stat_fields, 3, 15, 0, true),

    /* tracking */
    ROW(dict_lazy_tracking, 3, 9, 0, true),
    ROW(dict_lazy_tracking, 3, 14, 0, false),
    ROW(tuple_skip_atoms, 3, 14, 1, true),

    /* free lists */
    ROW(free_list_limit, 3, 9, 0, 80),
    ROW(free_tuple_limit, 3, 9, 0, 2000),
    ROW(free_tuple_lengths, 3, 9, 0, 19),
    ROW(free_tuple_lengths, 3, 11, 0, 20),

    /* release */
    ROW(trashcan, 3, 9, 0, RH_TRASHCAN_NESTING),
    ROW(trashcan_limit, 3, 9, 0, 50),
    ROW(trashcan_resume, 3, 9, 0, 0),
    ROW(trashcan, 3, 13, 0, RH_TRASHCAN_BUDGET),
    ROW(trashcan_limit, 3, 13, 0, 9950),
    ROW(trashcan_resume, 3, 13, 0, 9899),
    ROW(trashcan, 3, 14, 0, RH_TRASHCAN_STACK),
    ROW(trashcan_limit, 3, 14, 0, UINT32_MAX),

    /* interning */
    ROW(interned_immortal, 3, 12, 0, true),
    ROW(interned_immortal, 3, 12, 7, false),

    /* growth */
    ROW(list_presize, 3, 9, 0, RH_PRESIZE_EXACT),
    ROW(list_presize, 3, 10, 5, RH_PRESIZE_EXACT_EXTEND),
    ROW(list_presize, 3, 10, 6, RH_PRESIZE_EVEN),
    ROW(split_presize, 3, 9, 0, 12),
    ROW(split_presize, 3, 12, 0, 0),
    ROW(list_display_limit, 3, 10, 0, 30),
    ROW(list_append_resizes, 3, 9, 0, true),
    ROW(list_append_resizes, 3, 11, 0, false),
    ROW(list_pop_frees, 3, 12, 0, true),
    ROW(list_from_set_grows, 3, 13, 0, true),
    ROW(list_from_gen_appends, 3, 15, 0, true),
    ROW(dict_call_allocates, 3, 9, 0, true),
    ROW(dict_call_allocates, 3, 10, 0, false),
    ROW(dict_lookup_generalizes, 3, 9, 0, true),
    ROW(dict_lookup_generalizes, 3, 10, 0, false),
    ROW(dict_round_up_bug, 3, 10, 0, true),
    ROW(dict_round_up_bug, 3, 13, 4, false),
    ROW(dict_small_entries, 3, 11, 0, true),
    ROW(set_reuses_dummies, 3, 10, 0, true),

    /* blocks */
    ROW(pool_bytes, 3, 9, 0, 4096),
    ROW(pool_bytes, 3, 10, 0, 16384),

    /* sizes */
    ROW(dict_keys_header, 3, 9, 0, 104),
    ROW(dict_keys_header, 3, 11, 0, 96),
    ROW(tuple_header, 3, 9, 0, 40),
    ROW(tuple_header, 3, 14, 0, 48),
    ROW(str_ascii_header, 3, 9, 0, 49),
    ROW(str_ascii_header, 3, 12, 0, 41),
    ROW(str_wide_header, 3, 9, 0, 72),
    ROW(str_wide_header, 3, 12, 0, 56),
    ROW(char_utf8_cached, 3, 12, 0, true),
    ROW(int_zero_size, 3, 9, 0, 24),
    ROW(int_zero_size, 3, 11, 0, 28),
    ROW(node_size, 3, 9, 0, 64),
    ROW(node_size, 3, 12, 0, 72),
    ROW(listfin_size, 3, 9, 0, 64),
    ROW(listfin_size, 3, 12, 0, 72),
    ROW(weakref_size, 3, 9, 0, 72),
    ROW(weakref_size, 3, 11, 0, 80),
    ROW(deque_size, 3, 9, 0, 624),
    ROW(deque_size, 3, 11, 0, 760),
};

/* Every field a row fills is a bool, or an unsigned or signed number of 4 or 8 bytes. */
static void apply(struct rh_profile *profile, const struct row *row) {
  unsigned char *field = (unsigned char *)profile + row->offset;
  const uint8_t byte = (uint8_t)row->value;
  const uint32_t word = (uint32_t)row->value;
  switch (row->size) {
  case sizeof byte:
    memcpy(field, &byte, sizeof byte);
    break;
  case sizeof word:
    memcpy(field, &word, sizeof word);
    break;
  default:
    memcpy(field, &row->value, sizeof row->value);
    break;
  }
}

static void fill(struct rh_profile *profile, const char *name, enum rh_family family, uint32_t version) {
  memset(profile, 0, sizeof *profile);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (rows[i].since <= version) apply(profile, &rows[i]);
  }
  snprintf(profile->name, sizeof profile->name, "%s", name);
  profile->family = family;
  profile->version = family == RH_FAMILY_CPYTHON ? version : 0;
}

/* A decimal number of at most three digits without leading zeros; moves *text behind it. */
static bool read_number(const char **text, unsigned *number) {
  const char *t = *text;
  unsigned n = 0;
  while (t - *text < 3 && *t >= '0' && *t <= '9') n = 10 * n + (unsigned)(*t++ - '0');
  if (t == *text || (**text == '0' && t - *text > 1)) return false;
  *text = t;
  *number = n;
  return true;
}

/* What follows "cpython-": 3.MINOR or 3.MINOR.MICRO. */
static bool read_version(const char *text, unsigned *minor, unsigned *micro) {
  unsigned major;
  *micro = LAST_MICRO;
  if (!read_number(&text, &major) || major != 3 || *text++ != '.' || !read_number(&text, minor)) return false;
  if (*text == '\0') return true;
  return *text++ == '.' && read_number(&text, micro) && *text == '\0' && *micro <= LAST_MICRO;
}

static bool find_cpython(const char *name, struct rh_profile *profile, char *reason, unsigned reason_size) {
  unsigned minor, micro;
  if (!read_version(name + strlen("cpython-"), &minor, &micro)) {
    snprintf(reason, reason_size, "'%s' is no profile: a version looks like cpython-3.13 or cpython-3.13.2", name);
    return false;
  }
  if (minor < FIRST_MINOR || minor > LAST_MINOR) {
    int nearest = minor < FIRST_MINOR ? FIRST_MINOR : LAST_MINOR;
    snprintf(reason, reason_size, "'%s' is not covered; the nearest profile is cpython-3.%d", name, nearest);
    return false;
  }
  fill(profile, name, RH_FAMILY_CPYTHON, VERSION(3, minor, micro));
  return true;
}

bool rh_profile_find(const char *name, struct rh_profile *profile, char *reason, unsigned reason_size) {
  static const struct {
    const char *name;
    enum rh_family family;
  } families[] = {{"rc-gc", RH_FAMILY_RC_GC}, {"gc", RH_FAMILY_GC}, {"blocks", RH_FAMILY_BLOCKS}};
  for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
    if (strcmp(name, families[i].name) != 0) continue;
    fill(profile, name, families[i].family, NEWEST);
    return true;
  }
  if (strncmp(name, "cpython-", strlen("cpython-")) == 0) return find_cpython(name, profile, reason, reason_size);
  bool version_only = *name >= '0' && *name <= '9';
  snprintf(reason, reason_size, "'%.40s' is no profile; did you mean %s%s?", name,
           version_only                 ? "cpython-"
           : strstr(name, "gc") != NULL ? "rc-gc"
                                        : "cpython-3.13",
           version_only ? name : "");
  return false;
}
