/* Names of generated traces. */
#include "oracle/generate_names.h"

#include <string.h>

static unsigned find_letter(const struct rh_names *names, char letter) {
  unsigned i = 0;
  while (names->letters[i].letter != letter) i++;
  return i;
}

void rh_pick(struct rh_names *names, const char *letters, char name[RH_GENERATED_NAME]) {
  uint32_t n = (uint32_t)strlen(letters), start = rh_below(names->writer, n);
  bool any = rh_chance(names->writer, 3);
  for (uint32_t i = 0;; i++) { /* the last round takes what there is */
    char letter = letters[(start + i) % n];
    unsigned at = find_letter(names, letter), count = names->letters[at].count;
    unsigned index = rh_below(names->writer, count), step = 0;
    for (; step < count && !names->bound[at][index]; step++) index = index + 1 < count ? index + 1 : 0;
    if (step == count && !any && i < n) continue;
    (void)snprintf(name, RH_GENERATED_NAME, "%c%u", letter, index);
    return;
  }
}

void rh_pick_target(struct rh_names *names, char letter, char name[RH_GENERATED_NAME]) {
  unsigned at = find_letter(names, letter), index = rh_below(names->writer, names->letters[at].count);
  names->bound[at][index] = true;
  (void)snprintf(name, RH_GENERATED_NAME, "%c%u", letter, index);
}

void rh_forget(struct rh_names *names, const char *name) {
  names->bound[find_letter(names, name[0])][name[1] - '0'] = false;
}

void rh_drop_names(struct rh_names *names, const char *letters, uint32_t most) {
  struct rh_text *line = &names->writer->line;
  char name[RH_GENERATED_NAME];
  rh_text_puts(line, "drop");
  for (uint32_t n = 1 + rh_below(names->writer, most); n > 0; n--) {
    rh_pick(names, letters, name);
    rh_forget(names, name);
    rh_text_printf(line, " %s", name);
  }
  rh_end_line(names->writer);
}

void rh_write_all_names(struct rh_names *names) {
  for (const struct rh_letter *letter = names->letters; letter->letter; letter++)
    for (unsigned i = 0; i < letter->count; i++) rh_text_printf(&names->writer->line, " %c%u", letter->letter, i);
  memset(names->bound, 0, sizeof names->bound);
}
