/*
 * Profiles: names, and the first and last release of everything that differs.
 */
#include "profile/profile.h"
#include "test.h"

static struct rh_profile found(const char *name) {
  struct rh_profile profile = {0};
  char reason[160] = "";
  bool known = rh_profile_find(name, &profile, reason, sizeof reason);
  if (!known) fprintf(stderr, "%s: %s\n", name, reason);
  CHECK(known);
  return profile;
}

static void names_are_read(void) {
  CHECK_TEXT(found("cpython-3.11.7").name, "cpython-3.11.7");
  CHECK_INT(found("cpython-3.11.7").version, 0x030b07);
  CHECK_INT(found("cpython-3.9").family, RH_FAMILY_CPYTHON);
  CHECK_INT(found("rc-gc").family, RH_FAMILY_RC_GC);
  CHECK_INT(found("gc").family, RH_FAMILY_GC);
  CHECK_INT(found("blocks").family, RH_FAMILY_BLOCKS);
  CHECK_INT(found("rc-gc").version, 0);
}

static void refuses(const char *name, const char *part) {
  struct rh_profile profile;
  char reason[160] = "";
  CHECK(!rh_profile_find(name, &profile, reason, sizeof reason));
  if (strstr(reason, part) == NULL) fprintf(stderr, "%s: %s\n", name, reason);
  CHECK(strstr(reason, part) != NULL);
}

static void other_names_are_refused_with_a_near_one(void) {
  refuses("cpython-3.8", "cpython-3.9");
  refuses("cpython-3.17", "cpython-3.16");
  refuses("cpython-3.12.1.2", "looks like");
  refuses("cpython-3.012", "looks like");
  refuses("cpython-3.12.300", "looks like");
  refuses("cpython-3.", "looks like");
  refuses("cpython-2.7", "looks like");
  refuses("cpython-", "looks like");
  refuses("3.12", "cpython-3.12");
  refuses("2.7", "did you mean cpython-3.13?");
  refuses("mygc", "rc-gc");
  refuses("", "did you mean");
}

static void reasons_are_one_clean_line(void) {
  refuses("cpython-\n3.12", "'cpython-?3.12'");
  refuses("a\x7f-\t", "'a?-?'");
  refuses("abcdefghijklmnopqrstuvwxyz0123456789+++\xc3\xa9", "789+++' is");
  refuses("abcdefghijklmnopqrstuvwxyz0123456789++\xc3\xa9", "789++\xc3\xa9' is");
}

static void long_names_do_not_overflow(void) {
  struct rh_profile profile;
  char name[400], reason[8];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  CHECK(!rh_profile_find(name, &profile, reason, sizeof reason));
  memcpy(name, "cpython-", 8);
  CHECK(!rh_profile_find(name, &profile, reason, sizeof reason));
}

/* A feature on both sides of the release that changed it. */
#define CHANGES(feature, before, old, after, new)                                                                      \
  do {                                                                                                                 \
    CHECK_INT(found("cpython-" before).feature, old);                                                                  \
    CHECK_INT(found("cpython-" after).feature, new);                                                                   \
  } while (0)

static void features_change_at_their_release(void) {
  CHANGES(small_int_max, "3.14", 256, "3.15.0", 1024);
  CHANGES(huge_static_counts, "3.10", 0, "3.11.0", 1);
  CHANGES(huge_static_counts, "3.11", 1, "3.12.0", 0);
  CHANGES(immortal_singletons, "3.11", 0, "3.12.0", 1);
  CHANGES(immortal_count, "3.13", 4294967295, "3.14.0", 3221225472);
  CHANGES(threshold0, "3.12", 700, "3.13.0", 2000);
  CHANGES(threshold2, "3.13", 10, "3.14.0", 0);
  CHANGES(threshold2, "3.14.4", 0, "3.14.5", 10);
  CHANGES(incremental, "3.13", 0, "3.14.0", 1);
  CHANGES(incremental, "3.14.4", 1, "3.14.5", 0);
  CHANGES(collect_in_allocation, "3.11", 1, "3.12.0", 0);
  CHANGES(disable_cancels, "3.12.2", 0, "3.12.3", 1);
  CHANGES(clear_late_weakrefs, "3.13.12", 0, "3.13.13", 1);
  CHANGES(clear_late_weakrefs, "3.14.3", 0, "3.14.4", 1);
  CHANGES(keep_weakrefs_for_finalizers, "3.14", 0, "3.15.0", 1);
  CHANGES(dict_lazy_tracking, "3.13", 1, "3.14.0", 0);
  CHANGES(tuple_skip_atoms, "3.14.0", 0, "3.14.1", 1);
  CHANGES(trashcan, "3.12", RH_TRASHCAN_NESTING, "3.13.0", RH_TRASHCAN_BUDGET);
  CHANGES(trashcan, "3.13", RH_TRASHCAN_BUDGET, "3.14.0", RH_TRASHCAN_STACK);
  CHANGES(trashcan_limit, "3.13", 9950, "3.14.0", UINT32_MAX);
  CHANGES(interned_immortal, "3.11", 0, "3.12.0", 1);
  CHANGES(interned_immortal, "3.12.6", 1, "3.12.7", 0);
  CHANGES(list_presize, "3.10.4", RH_PRESIZE_EXACT, "3.10.5", RH_PRESIZE_EXACT_EXTEND);
  CHANGES(list_presize, "3.10.5", RH_PRESIZE_EXACT_EXTEND, "3.10.6", RH_PRESIZE_EVEN);
  CHANGES(list_from_set_grows, "3.12", 0, "3.13.0", 1);
  CHANGES(list_from_gen_appends, "3.14", 0, "3.15.0", 1);
  CHANGES(dict_round_up_bug, "3.9", 0, "3.10.0", 1);
  CHANGES(dict_round_up_bug, "3.13.3", 1, "3.13.4", 0);
  CHANGES(dict_small_entries, "3.10", 0, "3.11.0", 1);
  CHANGES(set_reuses_dummies, "3.9", 0, "3.10.0", 1);
  CHANGES(free_tuple_lengths, "3.10", 19, "3.11.0", 20);
  CHANGES(pool_bytes, "3.9", 4096, "3.10.0", 16384);
  CHANGES(tuple_header, "3.13", 40, "3.14.0", 48);
  CHANGES(str_ascii_header, "3.11", 49, "3.12.0", 41);
  CHANGES(node_size, "3.11", 64, "3.12.0", 72);
}

/* A missing micro version is the last release of its series. */
static void series_means_its_last_release(void) {
  CHECK_INT(found("cpython-3.12").interned_immortal, 0);
  CHECK_INT(found("cpython-3.10").list_presize, RH_PRESIZE_EVEN);
  CHECK_INT(found("cpython-3.14").incremental, 0);
}

/* The feature of that name. */
static size_t index_of(const char *name) {
  size_t i = 0;
  while (i < rh_profile_features() && strcmp(rh_profile_feature(i)->name, name) != 0) i++;
  CHECK(i < rh_profile_features());
  return i;
}

static void spells(const char *profile, const char *feature, const char *value) {
  struct rh_profile that = found(profile);
  char text[32];
  rh_profile_spell(&that, index_of(feature), text, sizeof text);
  CHECK_TEXT(text, value);
}

static void values_are_spelt(void) {
  spells("cpython-3.11.7", "collect_in_allocation", "yes");
  spells("cpython-3.12.1", "collect_in_allocation", "no");
  spells("cpython-3.13", "immortal_count", "4294967295");
  spells("cpython-3.13", "threshold0", "2000");
  spells("cpython-3.12", "trashcan", "nesting");
  spells("cpython-3.14", "trashcan", "stack");
  spells("cpython-3.13", "trashcan_limit", "9950");
  spells("cpython-3.14", "trashcan_limit", "none");
  spells("cpython-3.10.5", "list_presize", "exact, extending too");
}

static void topics_are_the_names_of_the_tables(void) {
  char topic[32];
  rh_profile_topic(index_of("incremental"), topic, sizeof topic);
  CHECK_TEXT(topic, "collector");
  rh_profile_topic(index_of("free_list_limit"), topic, sizeof topic);
  CHECK_TEXT(topic, "free_lists");
  for (size_t i = 0; i < rh_profile_features(); i++) {
    rh_profile_topic(i, topic, sizeof topic);
    CHECK(topic[0] != '\0' && strchr(topic, '/') == NULL);
    CHECK(rh_profile_feature(i)->rule[0] != '\0' && rh_profile_feature(i)->meaning[0] != '\0');
  }
}

/* Neighbours differ in a feature, and the first has the version of the first rows. */
static void changes_are_the_versions_that_differ(void) {
  struct rh_profile before, after;
  rh_profile_change(0, &before);
  CHECK_TEXT(before.name, "cpython-3.9.0");
  CHECK(rh_profile_changes() > 10);
  for (size_t i = 1; i < rh_profile_changes(); i++, before = after) {
    bool differ = false;
    rh_profile_change(i, &after);
    CHECK(after.version > before.version);
    for (size_t f = 0; f < rh_profile_features(); f++) {
      char old[64], new[64];
      rh_profile_spell(&before, f, old, sizeof old);
      rh_profile_spell(&after, f, new, sizeof new);
      differ = differ || strcmp(old, new) != 0;
    }
    CHECK(differ);
  }
}

TEST_MAIN(changes_are_the_versions_that_differ, names_are_read, other_names_are_refused_with_a_near_one,
          reasons_are_one_clean_line, long_names_do_not_overflow, features_change_at_their_release,
          series_means_its_last_release, values_are_spelt, topics_are_the_names_of_the_tables)
