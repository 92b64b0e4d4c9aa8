/* `profile`: what a profile says, and what differs between two. */
#include "cli/cli.h"
#include "rules/rule.h"

#include <string.h>

const char cli_help_profile[] = "usage: refheap profile NAME [--diff OTHER] [--out FILE]\n"
                                "\n"
                                "Prints what the profile NAME says where versions differ, topic by topic: the\n"
                                "feature, its value, the rule of specs/memory-model.md it is part of, and what\n"
                                "it means. A name is cpython-3.12.4, cpython-3.12 (its last release), rc-gc, gc\n"
                                "or blocks.\n"
                                "\n"
                                "  --diff OTHER  only what differs from NAME to OTHER, rule by rule: the features,\n"
                                "                and the rules that hold in one of the two versions only\n"
                                "  --out FILE    where to write; default: standard output\n"
                                "\n"
                                "example: refheap profile cpython-3.13 --diff cpython-3.14\n";

enum { WORD = 32 /* bytes of a value or a topic */ };

static void print_features(const struct rh_profile *profile, FILE *out) {
  char topic[WORD] = "", before[WORD] = "", value[WORD];
  for (size_t i = 0; i < rh_profile_features(); i++) {
    const struct rh_feature *feature = rh_profile_feature(i);
    rh_profile_topic(i, topic, sizeof topic);
    if (strcmp(topic, before) != 0) (void)fprintf(out, "%s%s\n", i > 0 ? "\n" : "", topic);
    memcpy(before, topic, sizeof topic);
    rh_profile_spell(profile, i, value, sizeof value);
    (void)fprintf(out, "  %-28s %-10s %-7s %s\n", feature->name, value, feature->rule, feature->meaning);
  }
}

/* Prints the features of a rule that differ. Returns their number. */
static size_t diff_features(const struct rh_rule *rule, const struct rh_profile *from, const struct rh_profile *to,
                            FILE *out) {
  size_t differing = 0;
  for (size_t i = 0; i < rh_profile_features(); i++) {
    const struct rh_feature *feature = rh_profile_feature(i);
    char old[WORD], new[WORD];
    rh_profile_spell(from, i, old, sizeof old);
    rh_profile_spell(to, i, new, sizeof new);
    if (strcmp(feature->rule, rule->id) != 0 || strcmp(old, new) == 0) continue;
    (void)fprintf(out, "%-7s %s: %s -> %s\n", rule->id, feature->meaning, old, new);
    differing++;
  }
  return differing;
}

static bool applies(const struct rh_rule *rule, const struct rh_profile *profile) {
  return rh_version_selected(profile->version, rule->versions, strlen(rule->versions));
}

/* Prints a rule that holds in one of the two only. Returns 1 if it does. */
static size_t diff_rule(const struct rh_rule *rule, const struct rh_profile *from, const struct rh_profile *to,
                        FILE *out) {
  bool both_are_versions = from->family == RH_FAMILY_CPYTHON && to->family == RH_FAMILY_CPYTHON;
  if (!both_are_versions || applies(rule, from) == applies(rule, to)) return 0;
  (void)fprintf(out, "%-7s only in %s: %s\n", rule->id, applies(rule, from) ? from->name : to->name, rule->sentence);
  return 1;
}

static void print_difference(const struct rh_profile *from, const struct rh_profile *to, FILE *out) {
  size_t differing = 0;
  for (size_t i = 0; i < rh_rules(); i++) {
    differing += diff_rule(rh_rule(i), from, to, out);
    differing += diff_features(rh_rule(i), from, to, out);
  }
  if (from->family != to->family) {
    (void)fprintf(out, "%s and %s judge by different rules; see \"Other profiles\" in specs/memory-model.md\n",
                  from->name, to->name);
  } else if (differing == 0) {
    (void)fprintf(out, "nothing differs between %s and %s\n", from->name, to->name);
  }
}

int cli_profile(const struct cli_command *command, int argc, char **argv) {
  static const struct option known[] = {
      {"diff", required_argument, NULL, 'd'}, {"out", required_argument, NULL, 'o'}, {0}};
  const char *other = NULL, *file = NULL;
  for (int option; (option = cli_next_option(command, argc, argv, known)) != -1;) {
    switch (option) {
    case 'd':
      other = optarg;
      break;
    case 'o':
      file = optarg;
      break;
    case 'h':
      return RH_EXIT_CONFORMS;
    default:
      return RH_EXIT_USAGE;
    }
  }
  if (optind + 1 != argc) return cli_usage_error("profile: exactly one profile is shown; see 'refheap profile --help'");
  struct rh_profile from, to;
  if (!cli_find_profile(argv[optind], NULL, &from)) return RH_EXIT_USAGE;
  if (other != NULL && !cli_find_profile(other, NULL, &to)) return RH_EXIT_USAGE;
  FILE *out = cli_open_output(file);
  if (out == NULL) return RH_EXIT_USAGE;
  if (other != NULL) {
    print_difference(&from, &to, out);
  } else {
    print_features(&from, out);
  }
  return cli_close_output(out, file, RH_EXIT_CONFORMS);
}
