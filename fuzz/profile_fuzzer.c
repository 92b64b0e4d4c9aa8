/*
 * Property: a name is a profile's, and what the profile says is what the last
 * change up to its version says; or it is refused in one clean line that offers
 * the name of a profile. Known answers: each feature, in words, or the reason.
 *
 * Input: a name.
 */
#include "answers.h"
#include "profile/profile.h"

enum { NAME_BYTES = 200, WORD_BYTES = 32, REASON_BYTES = 300, CHANGES_MAX = 200 };

static const struct known_answer known[] = {
#include "answers/profile.def"
};

static void tell(const char *what, const char *text) {
  if (getenv("RH_FUZZ_PRINT") != NULL) fprintf(stderr, "%s: %s\n", what, text);
  answer_bytes(text, strlen(text));
}

/* Of the changes up to this version the last. */
static const struct rh_profile *last_change(uint32_t version) {
  static struct rh_profile changes[CHANGES_MAX];
  static size_t n;
  if (n == 0) REQUIRE(rh_profile_changes() <= CHANGES_MAX, "%zu changes", rh_profile_changes());
  for (; n < rh_profile_changes(); n++) rh_profile_change(n, &changes[n]);
  size_t last = 0;
  while (last + 1 < n && changes[last + 1].version <= version) last++;
  return &changes[last];
}

static void check_feature(const struct rh_profile *profile, const struct rh_profile *same, size_t i) {
  char word[WORD_BYTES], expected[WORD_BYTES], topic[WORD_BYTES];
  const struct rh_feature *feature = rh_profile_feature(i);
  rh_profile_spell(profile, i, word, sizeof word);
  rh_profile_spell(same, i, expected, sizeof expected);
  rh_profile_topic(i, topic, sizeof topic);
  REQUIRE(strcmp(word, expected) == 0, "%s: %s is %s, in %s it is %s", profile->name, feature->name, word, same->name,
          expected);
  REQUIRE(word[0] != '\0' && strstr(feature->table, topic) != NULL, "%s of %s: '%s'", feature->name, topic, word);
  tell(feature->name, word);
}

static void check_profile(const char *name, const struct rh_profile *profile) {
  bool of_cpython = strncmp(name, "cpython-", strlen("cpython-")) == 0;
  REQUIRE(strcmp(profile->name, name) == 0, "%s is called %s", name, profile->name);
  REQUIRE(of_cpython == (profile->family == RH_FAMILY_CPYTHON), "%s is of family %d", name, (int)profile->family);
  REQUIRE(of_cpython == (profile->version != 0), "%s has version %x", name, (unsigned)profile->version);
  const struct rh_profile *same = last_change(of_cpython ? profile->version : UINT32_MAX);
  answer_number(profile->version);
  for (size_t i = 0; i < rh_profile_features(); i++) check_feature(profile, same, i);
}

static bool is_utf8(const char *text) {
  const char *end = text + strlen(text);
  while (text < end)
    if (next_character(&text, end) < 0) return false;
  return true;
}

/* What is offered ends the reason. */
static void check_offer(const char *reason) {
  struct rh_profile profile;
  char offered[WORD_BYTES], again[REASON_BYTES];
  const char *word = strrchr(reason, ' ') + 1;
  (void)snprintf(offered, sizeof offered, "%.*s", (int)strcspn(word, "?"), word);
  REQUIRE(rh_profile_find(offered, &profile, again, sizeof again), "what is offered is none: %s", reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rh_profile profile;
  char name[NAME_BYTES + 1], reason[REASON_BYTES] = "";
  size_t n = size < NAME_BYTES ? size : NAME_BYTES;
  if (n > 0) memcpy(name, data, n);
  name[n] = '\0';
  if (rh_profile_find(name, &profile, reason, sizeof reason)) {
    check_profile(name, &profile);
  } else {
    if (is_utf8(name)) check_message(reason);
    check_offer(reason);
    tell("reason", reason);
  }
  answer_check(known, sizeof known / sizeof *known, data, size);
  return 0;
}
