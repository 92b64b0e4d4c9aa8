/*
 * Profiles from the tables of the topics: a version's profile is what the rows
 * up to it leave behind.
 */
#include "profile/profile.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION(major, minor, micro) ((uint32_t)(major) << 16 | (uint32_t)(minor) << 8 | (uint32_t)(micro))

enum { FIRST_MINOR = 9, LAST_MINOR = 16, LAST_MICRO = 255, NEWEST = VERSION(3, LAST_MINOR, LAST_MICRO) };

struct row {
  uint32_t since;
  uint64_t value;
};

/* The rows of each feature. */
#define SINCE(major, minor, micro, value)        {VERSION(major, minor, micro), (uint64_t)(value)},
#define FEATURE(type, name, rule, meaning, rows) static const struct row rows_of_##name[] = {rows};
#include "profile/topics/topics.def"
#undef FEATURE
#undef SINCE

struct entry {
  struct rh_feature shown;
  const struct row *rows;
  const char *type;
  uint16_t count, offset, size;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))
static const struct entry entries[] = {
#define FEATURE(type, name, rule, meaning, rows)                                                                       \
  {{#name, rule, meaning, __FILE__},  rows_of_##name, #type, COUNT(rows_of_##name),                                    \
   offsetof(struct rh_profile, name), sizeof(type)},
#include "profile/topics/topics.def"
#undef FEATURE
};

/* A feature's value: the last row up to the version. */
static uint64_t value_in(const struct entry *entry, uint32_t version) {
  uint64_t value = 0;
  for (unsigned i = 0; i < entry->count && entry->rows[i].since <= version; i++) value = entry->rows[i].value;
  return value;
}

/* Every feature is a bool, or a number of 4 or 8 bytes. */
static void store(struct rh_profile *profile, const struct entry *entry, uint64_t value) {
  unsigned char *field = (unsigned char *)profile + entry->offset;
  const uint32_t word = (uint32_t)value;
  if (entry->size == sizeof(bool)) {
    *field = (unsigned char)value;
  } else if (entry->size == sizeof word) {
    memcpy(field, &word, sizeof word);
  } else {
    memcpy(field, &value, sizeof value);
  }
}

static uint64_t load(const struct rh_profile *profile, const struct entry *entry) {
  const unsigned char *field = (const unsigned char *)profile + entry->offset;
  uint32_t word;
  uint64_t value;
  if (entry->size == sizeof(bool)) return *field;
  if (entry->size == sizeof word) {
    memcpy(&word, field, sizeof word);
    return word;
  }
  memcpy(&value, field, sizeof value);
  return value;
}

static void fill(struct rh_profile *profile, const char *name, enum rh_family family, uint32_t version) {
  memset(profile, 0, sizeof *profile);
  for (size_t i = 0; i < COUNT(entries); i++) store(profile, &entries[i], value_in(&entries[i], version));
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

/* The nearest minor version that is covered. */
static unsigned nearest_minor(unsigned minor) {
  return minor < FIRST_MINOR ? FIRST_MINOR : minor > LAST_MINOR ? LAST_MINOR : minor;
}

/* A name as a message shows it: its first bytes, but no part of a character, and no control character. */
struct shown {
  char text[41];
};

static struct shown show(const char *name) {
  struct shown shown = {""};
  size_t n = strlen(name);
  if (n >= sizeof shown.text)
    for (n = sizeof shown.text - 1; n > 0 && ((unsigned char)name[n] & 0xc0) == 0x80;) n--;
  memcpy(shown.text, name, n);
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)name[i] < ' ' || name[i] == 0x7f) shown.text[i] = '?';
  return shown;
}

static bool find_cpython(const char *name, struct rh_profile *profile, char *reason, unsigned reason_size) {
  unsigned minor, micro;
  if (!read_version(name + strlen("cpython-"), &minor, &micro)) {
    snprintf(reason, reason_size, "'%s' is no profile: a version looks like cpython-3.13 or cpython-3.13.2",
             show(name).text);
    return false;
  }
  if (minor != nearest_minor(minor)) {
    snprintf(reason, reason_size, "'%s' is not covered; the nearest profile is cpython-3.%u", show(name).text,
             nearest_minor(minor));
    return false;
  }
  fill(profile, name, RH_FAMILY_CPYTHON, VERSION(3, minor, micro));
  return true;
}

/* The reason why a name is none that begins like a CPython's. */
static void offer(const char *name, char *reason, unsigned reason_size) {
  unsigned minor, micro;
  bool is_version = read_version(name, &minor, &micro) && minor == nearest_minor(minor);
  const char *near = strstr(name, "gc") != NULL ? "rc-gc" : "cpython-3.13";
  snprintf(reason, reason_size, "'%s' is no profile; did you mean %s%s?", show(name).text,
           is_version ? "cpython-" : near, is_version ? name : "");
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
  offer(name, reason, reason_size);
  return false;
}

/* The first version of a row after `version`; UINT32_MAX: none. */
static uint32_t next_change(uint32_t version) {
  uint32_t next = UINT32_MAX;
  for (size_t i = 0; i < COUNT(entries); i++) {
    for (unsigned row = 0; row < entries[i].count; row++) {
      const uint32_t since = entries[i].rows[row].since;
      if (since > version && since < next) next = since;
    }
  }
  return next;
}

size_t rh_profile_changes(void) {
  size_t n = 0;
  for (uint32_t version = next_change(0); version != UINT32_MAX; version = next_change(version)) n++;
  return n;
}

void rh_profile_change(size_t i, struct rh_profile *profile) {
  char name[sizeof profile->name];
  uint32_t version = next_change(0);
  while (i-- > 0) version = next_change(version);
  snprintf(name, sizeof name, "cpython-%u.%u.%u", (unsigned)version >> 16, (unsigned)version >> 8 & 255,
           (unsigned)version & 255);
  fill(profile, name, RH_FAMILY_CPYTHON, version);
}

size_t rh_profile_features(void) {
  return COUNT(entries);
}

const struct rh_feature *rh_profile_feature(size_t i) {
  return &entries[i].shown;
}

void rh_profile_topic(size_t i, char *text, size_t size) {
  const char *path = entries[i].shown.table, *slash = strrchr(path, '/');
  const char *file = slash ? slash + 1 : path;
  snprintf(text, size, "%.*s", (int)strcspn(file, "."), file);
}

/* The words of the features that are neither yes or no nor a number. */
static const char *choice(const char *type, uint64_t value) {
  static const struct {
    const char *type;
    const char *words[3];
  } choices[] = {
      {"enum rh_trashcan", {"nesting", "budget", "stack"}},
      {"enum rh_presize", {"exact", "exact, extending too", "even"}},
      {"bool", {"no", "yes", ""}},
  };
  for (size_t i = 0; i < COUNT(choices); i++)
    if (strcmp(choices[i].type, type) == 0) return choices[i].words[value];
  return NULL;
}

void rh_profile_spell(const struct rh_profile *profile, size_t i, char *text, size_t size) {
  const uint64_t value = load(profile, &entries[i]);
  const char *word = choice(entries[i].type, value);
  if (word) {
    snprintf(text, size, "%s", word);
  } else if (entries[i].size == sizeof(uint32_t) && value == UINT32_MAX) {
    snprintf(text, size, "none");
  } else {
    snprintf(text, size, "%" PRIu64, value);
  }
}
