/*
 * Legal random traces.
 *
 * The first letter of a name says what it is bound to, if anything: n node,
 * f fin, l list, m listfin, t tuple, d dict, s set, q deque, i large int,
 * x str, w weak reference, r resurrected fin or listfin, g nogcfin.
 *
 * What keeps a trace predictable (each is a thing an interpreter decides by
 * addresses, hashes or objects of its own):
 *   - a set holds at most one object that has an address for a hash;
 *   - slots hold containers or None, so that no count of a shared value is seen;
 *   - actions make nodes only, so that they cannot start one another for ever;
 *   - counts are not looked at inside actions;
 *   - automatic collection stays off;
 *   - young collections are left out for collectors that work in increments;
 *   - thawed objects may not come before the interpreter's own namespace in the
 *     oldest generation, because that is then found after them and reorders
 *     them: a trace that freezes does so right after a full collection, and
 *     collects nothing but the youngest generation until it thaws.
 *
 * A trace is a sequence of seasons: random operations, then everything is
 * dropped, collected and looked at, so that heaps stay small however long the
 * trace is.
 */
#include <string.h>

#include "oracle/generate_names.h"

static const struct rh_letter letters_in_use[] = {{'n', 6}, {'f', 6}, {'l', 5}, {'m', 3}, {'t', 3}, {'d', 3}, {'s', 2},
                                                  {'q', 2}, {'i', 2}, {'x', 2}, {'w', 6}, {'r', 3}, {'g', 1}, {0}};

enum {
  SEASON = 400, /* operations */
  CLOSING = 8,  /* operations at the end of a season, at most */
  NAME_SIZE = RH_GENERATED_NAME
};

struct generator {
  struct rh_writer *writer;
  struct rh_names names;
  bool young;   /* young collections are predicted */
  bool freezes; /* the trace may freeze */
  bool frozen, saving, observing, weak_stored, hooked, stat_marked;
};

/* --- names --- */

static char random_slot(struct generator *g) {
  return (char)('a' + rh_below(g->writer, 3));
}

/* A name, or sometimes a path through slots. */
static void pick_path(struct generator *g, const char *letters, char path[NAME_SIZE]) {
  if (!rh_chance(g->writer, 15)) {
    rh_pick(&g->names, letters, path);
    return;
  }
  /* Random choices are statements of their own: the order in which arguments
   * are evaluated depends on the compiler. */
  char name[NAME_SIZE], first = random_slot(g), second = random_slot(g);
  rh_pick(&g->names, "nf", name);
  if (rh_chance(g->writer, 70)) {
    (void)snprintf(path, NAME_SIZE, "%.3s.%c", name, first);
  } else {
    (void)snprintf(path, NAME_SIZE, "%.3s.%c.%c", name, first, second);
  }
}

#define CONTAINERS "nnfflmtdsq"

/* An object for a slot: a container, None, or now and then a weak reference. */
static void pick_object(struct generator *g, char value[NAME_SIZE]) {
  if (rh_chance(g->writer, 8)) {
    (void)snprintf(value, NAME_SIZE, "None");
  } else if (rh_chance(g->writer, 5)) {
    g->weak_stored = true;
    rh_pick(&g->names, "w", value);
  } else {
    pick_path(g, CONTAINERS, value);
  }
}

/* A value for a container: also numbers and texts. */
static void pick_value(struct generator *g, char value[NAME_SIZE]) {
  uint32_t choice = rh_below(g->writer, 20);
  if (choice == 0) {
    (void)snprintf(value, NAME_SIZE, "%u", (unsigned)rh_below(g->writer, 1000000));
  } else if (choice == 1) {
    (void)snprintf(value, NAME_SIZE, "\"text %u\"", (unsigned)rh_below(g->writer, 100));
  } else if (choice == 2) {
    rh_pick(&g->names, "gix", value);
  } else {
    pick_object(g, value);
  }
}

/* --- making --- */

static void new_tuple(struct generator *g, const char *name) {
  struct rh_text *line = &g->writer->line;
  char item[NAME_SIZE];
  rh_text_printf(line, "new %s tuple", name);
  for (uint32_t n = 1 + rh_below(g->writer, 3); n > 0; n--) {
    pick_path(g, "nfltdix", item);
    rh_text_printf(line, " %s", item);
  }
  rh_end_line(g->writer);
}

/* A container of so many items, made from one of n sources. Around 30 items displays are built another way. */
static void new_from(struct generator *g, const char *name, const char *kind, const char *const *sources, uint32_t n) {
  const char *source = sources[rh_below(g->writer, n)];
  uint32_t items = rh_chance(g->writer, 70) ? rh_below(g->writer, 12) : 26 + rh_below(g->writer, 10);
  rh_emit(g->writer, "new %s %s %s %u", name, kind, source, (unsigned)items);
}

static void new_set(struct generator *g, const char *name) {
  static const char *const sources[] = {"list", "tuple", "range", "set",     "dict", "iter",
                                        "gen",  "comp",  "const", "display", "copy"};
  char member[NAME_SIZE];
  if (rh_chance(g->writer, 30)) {
    new_from(g, name, "set.from", sources, sizeof sources / sizeof *sources);
    return;
  }
  rh_emit(g->writer, "new %s set", name);
  rh_pick(&g->names, "nfg", member);
  if (rh_chance(g->writer, 60)) rh_emit(g->writer, "add %s %s", name, member);
}

static void new_list(struct generator *g, const char *name) {
  static const char *const sources[] = {"list", "tuple", "range",   "set",    "dict",  "iter", "gen",
                                        "comp", "const", "display", "repeat", "split", "copy"};
  uint32_t n = rh_below(g->writer, 12);
  switch (rh_below(g->writer, 6)) {
  case 0:
    rh_emit(g->writer, "new %s nones %u", name, (unsigned)n);
    break;
  case 1:
    rh_emit(g->writer, "new %s nodes %u", name, (unsigned)n);
    break;
  case 2:
    new_from(g, name, "list.from", sources, sizeof sources / sizeof *sources);
    break;
  default:
    rh_emit(g->writer, "new %s list", name);
  }
}

static void new_dict(struct generator *g, const char *name) {
  static const char *const sources[] = {"list", "tuple", "set",     "dict", "iter",   "gen",
                                        "comp", "const", "display", "copy", "merge0", "merge1"};
  switch (rh_below(g->writer, 5)) {
  case 0:
    rh_emit(g->writer, "new %s intdict 7", name);
    break;
  case 1:
    new_from(g, name, "dict.from", sources, sizeof sources / sizeof *sources);
    break;
  default:
    rh_emit(g->writer, "new %s dict", name);
  }
}

static void new_of(struct generator *g, char letter) {
  char name[NAME_SIZE];
  rh_pick_target(&g->names, letter, name);
  switch (letter) {
  case 'n':
    rh_emit(g->writer, "new %s node", name);
    break;
  case 'f':
    rh_emit(g->writer, "new %s fin", name);
    break;
  case 'l':
    new_list(g, name);
    break;
  case 'm':
    rh_emit(g->writer, "new %s listfin", name);
    break;
  case 't':
    new_tuple(g, name);
    break;
  case 'd':
    new_dict(g, name);
    break;
  case 's':
    new_set(g, name);
    break;
  case 'q':
    rh_emit(g->writer, "new %s deque", name);
    break;
  case 'i':
    rh_emit(g->writer, "new %s int %u", name, 100000 + (unsigned)rh_below(g->writer, 1000000));
    break;
  case 'x':
    rh_emit(g->writer, "new %s str \"made at %u\"", name, (unsigned)rh_below(g->writer, 1000));
    break;
  default:
    rh_emit(g->writer, "new %s nogcfin", name);
  }
}

static void new_object(struct generator *g) {
  static const char letters[] = "nnnnnffffffllllmmttddsqixg";
  new_of(g, letters[rh_below(g->writer, sizeof letters - 1)]);
}

/* --- references --- */

static void set_slot(struct generator *g) {
  char name[NAME_SIZE], value[NAME_SIZE];
  rh_pick(&g->names, "nf", name);
  pick_object(g, value);
  rh_emit(g->writer, "set %s.%c %s", name, random_slot(g), value);
}

static void empty_slot(struct generator *g) {
  char name[NAME_SIZE], slot = random_slot(g);
  rh_pick(&g->names, "nf", name);
  rh_emit(g->writer, "%s %s.%c", rh_chance(g->writer, 50) ? "del" : "unset", name, slot);
}

static void bind_name(struct generator *g) {
  char from[NAME_SIZE], to[NAME_SIZE];
  rh_pick(&g->names, "nflmtdqr", from);
  rh_pick_target(&g->names, from[0], to);
  rh_emit(g->writer, "bind %s %s", to, from);
}

static void drop_names(struct generator *g) {
  rh_drop_names(&g->names, "nnffflmtdsqwrgix", 3);
}

static void copy_object(struct generator *g) {
  char from[NAME_SIZE], to[NAME_SIZE];
  if (rh_chance(g->writer, 70)) {
    rh_pick(&g->names, "lldsq", from);
    rh_pick_target(&g->names, from[0], to);
    rh_emit(g->writer, "copy %s %s", to, from);
  } else {
    rh_pick(&g->names, "lmt", from);
    rh_pick_target(&g->names, from[0] == 't' ? 't' : 'l', to);
    rh_emit(g->writer, "listcopy %s %s", to, from);
  }
}

/* --- containers --- */

static void append_value(struct generator *g) {
  char name[NAME_SIZE], value[NAME_SIZE];
  rh_pick(&g->names, "lllmmq", name);
  pick_value(g, value);
  rh_emit(g->writer, "append %s %s", name, value);
}

static void change_list(struct generator *g) {
  char name[NAME_SIZE], value[NAME_SIZE];
  unsigned small = rh_below(g->writer, 6), other = rh_below(g->writer, 6);
  rh_pick(&g->names, "llm", name);
  pick_object(g, value);
  switch (rh_below(g->writer, 12)) {
  case 0:
    rh_emit(g->writer, "insert %s %d %s", name, (int)small - 2, value);
    break;
  case 1:
    rh_emit(g->writer, "pop %s %d", name, (int)small - 2);
    break;
  case 2:
    rh_emit(g->writer, "appendn %s %u", name, small);
    break;
  case 3:
    rh_emit(g->writer, "popn %s %u", name, small / 2);
    break;
  case 4:
    rh_emit(g->writer, "slicedel %s %u %u", name, small, other);
    break;
  case 5:
    rh_emit(g->writer, "sliceset %s %u %u %u", name, small, other, rh_below(g->writer, 5));
    break;
  case 6:
    rh_emit(g->writer, "imul %s %u", name, small / 2);
    break;
  case 7:
    rh_emit(g->writer, "extendn %s %u", name, small);
    break;
  case 8:
    rh_emit(g->writer, "extenditer %s %u", name, small);
    break;
  case 9:
    rh_emit(g->writer, "appendints %s %u", name, small);
    break;
  case 10:
    rh_emit(g->writer, "clear %s", name);
    break;
  default:
    rh_emit(g->writer, "try pop %s", name);
  }
}

static void pick_key(struct generator *g, char key[NAME_SIZE]) {
  uint32_t choice = rh_below(g->writer, 4);
  if (choice == 0) {
    rh_pick(&g->names, "nfg", key);
  } else if (choice == 1) {
    (void)snprintf(key, NAME_SIZE, "\"k%u\"", (unsigned)rh_below(g->writer, 4));
  } else {
    (void)snprintf(key, NAME_SIZE, "%u", (unsigned)rh_below(g->writer, 6));
  }
}

static void change_dict(struct generator *g) {
  char name[NAME_SIZE], key[NAME_SIZE], value[NAME_SIZE];
  uint32_t choice = rh_below(g->writer, 20);
  rh_pick(&g->names, "d", name);
  pick_key(g, key);
  pick_object(g, value);
  if (choice < 4) {
    rh_emit(g->writer, "delkey %s %s", name, key);
  } else if (choice == 4) {
    rh_emit(g->writer, "clear %s", name);
  } else if (choice == 5) {
    rh_emit(g->writer, "put %s %s %s", name, name, value); /* a dict is no key */
  } else {
    rh_emit(g->writer, "put %s %s %s", name, key, value);
  }
}

static void change_set_or_deque(struct generator *g) {
  char name[NAME_SIZE];
  unsigned small = rh_below(g->writer, 8);
  rh_pick(&g->names, "sq", name);
  if (name[0] == 'q') {
    rh_emit(g->writer, rh_chance(g->writer, 80) ? "pop %s" : "clear %s", name);
  } else if (small < 5) {
    rh_emit(g->writer, "add %s %u", name, small);
  } else if (small < 7) {
    rh_emit(g->writer, "discardrange %s 0 %u", name, small);
  } else {
    rh_emit(g->writer, "clear %s", name);
  }
}

/* --- weak references and actions --- */

static void make_weak(struct generator *g) {
  char name[NAME_SIZE], target[NAME_SIZE];
  rh_pick_target(&g->names, 'w', name);
  pick_path(g, "nnfffmsql", target); /* a list has no weak references */
  rh_emit(g->writer, "weak %s %s%s", name, target, rh_chance(g->writer, 60) ? " cb" : "");
}

/* One operation of an action; `of_weakref`: self is a weak reference. */
static void write_step(struct generator *g, bool of_weakref) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE];
  unsigned index = rh_below(g->writer, 3);
  switch (rh_below(g->writer, of_weakref ? 5 : 9)) {
  case 0:
    rh_pick(&g->names, "w", name);
    rh_text_printf(line, "probe %s", name);
    break;
  case 1:
    rh_pick(&g->names, "nflmtdqw", name);
    rh_text_printf(line, "drop %s", name);
    break;
  case 2:
    rh_text_printf(line, "new n%u node; set n%u.a n%u; drop n%u", index, index, index, index);
    break;
  case 3:
    if (g->freezes) {
      rh_text_printf(line, "collect %s => ?", g->young ? "0" : "5");
    } else {
      rh_text_printf(line, "collect %u => ?", g->young ? index : 2);
    }
    break;
  case 4:
    rh_pick(&g->names, "lmq", name);
    rh_text_printf(line, "clear %s", name);
    break;
  case 5:
    rh_text_printf(line, "bind r%u self", index);
    break;
  case 6:
    rh_pick(&g->names, "lmq", name);
    rh_text_printf(line, "append %s self", name);
    break;
  case 7:
    rh_pick(&g->names, "nf", name);
    rh_text_printf(line, "set %s.%c self", name, random_slot(g));
    break;
  default:
    rh_text_puts(line, "len self => ?");
  }
}

static void register_action(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE];
  bool of_weakref = rh_chance(g->writer, 35);
  if (!g->hooked) {
    g->hooked = true;
    rh_emit(g->writer, "hookunraisable");
  }
  rh_pick(&g->names, of_weakref ? "w" : "ffmg", name);
  rh_text_printf(line, "%s %s: ", of_weakref ? "cbact" : "act", name[0] == 'g' ? "nogc" : name);
  for (uint32_t n = 1 + rh_below(g->writer, 2); n > 0; n--) {
    write_step(g, of_weakref);
    if (n > 1) rh_text_puts(line, "; ");
  }
  if (rh_chance(g->writer, 8)) rh_text_puts(line, "; raise ValueError");
  rh_end_line(g->writer);
}

/* --- looking --- */

static void look_at_weak(struct generator *g) {
  char name[NAME_SIZE];
  if (rh_chance(g->writer, 70)) {
    rh_pick(&g->names, "w", name);
    rh_emit(g->writer, rh_chance(g->writer, 80) ? "deref %s" : "probe %s", name);
  } else {
    rh_pick(&g->names, "nfms", name);
    rh_emit(g->writer, "weakcount %s", name);
  }
}

static void look_at_object(struct generator *g) {
  static const struct {
    const char *word, *letters;
  } looks[] = {
      {"refs", CONTAINERS "wrixg"},
      {"refs", CONTAINERS},
      {"refs", CONTAINERS},
      {"len", "lmtdsq"},
      {"cap", "lm"},
      {"cap", "l"},
      {"tracked", CONTAINERS "wixg"},
      {"gen", CONTAINERS},
      {"finalized", "nfmr"},
      {"referents", "nflmtdq"},
      {"referrers", "nflmdq"},
      {"sizeof", "nltdix"},
  };
  char path[NAME_SIZE];
  uint32_t look = rh_below(g->writer, sizeof looks / sizeof *looks);
  bool sizes = strcmp(looks[look].word, "sizeof") == 0; /* a set's depends on hashes */
  if (sizes) {
    rh_pick(&g->names, looks[look].letters, path);
  } else {
    pick_path(g, looks[look].letters, path);
  }
  if (strcmp(looks[look].word, "gen") == 0 && !g->young) return;
  rh_emit(g->writer, "%s %s", looks[look].word, path);
}

static void compare_objects(struct generator *g) {
  char one[NAME_SIZE], other[NAME_SIZE];
  pick_path(g, CONTAINERS "wix", one);
  pick_path(g, CONTAINERS "wix", other);
  rh_emit(g->writer, "same %s %s", one, other);
}

static void look_at_events(struct generator *g) {
  rh_emit(g->writer, "events");
}

/* --- the collector --- */

static void collect(struct generator *g) {
  static const unsigned generations[] = {0, 0, 1, 2, 2};
  if (!g->frozen) {
    rh_emit(g->writer, "collect %u", g->young ? generations[rh_below(g->writer, 5)] : 2);
  } else if (g->young) {
    rh_emit(g->writer, "collect 0");
  }
}

static void freeze(struct generator *g) {
  if (!g->freezes) return;
  if (!g->frozen) rh_emit(g->writer, "collect 2");
  rh_emit(g->writer, g->frozen ? "unfreeze" : "freeze");
  g->frozen = !g->frozen;
}

static void save_all(struct generator *g) {
  if (!g->saving) {
    rh_emit(g->writer, "debug SAVEALL");
  } else {
    rh_emit(g->writer, "debug 0");
    /* what a weak reference is called there depends on the version */
    if (!g->weak_stored) rh_emit(g->writer, "garbage");
    rh_emit(g->writer, "cleargarbage");
  }
  g->saving = !g->saving;
}

static void observe_collector(struct generator *g) {
  switch (rh_below(g->writer, 4)) {
  case 0:
    rh_emit(g->writer, g->observing ? "gccboff" : "gccb");
    g->observing = !g->observing;
    break;
  case 1:
    rh_emit(g->writer, "ncollections");
    break;
  case 2:
    rh_emit(g->writer, "statmark");
    g->stat_marked = true;
    break;
  default:
    if (g->stat_marked) {
      rh_emit(g->writer, "stat 2 %s", rh_chance(g->writer, 50) ? "collected" : "collections");
    } else {
      rh_emit(g->writer, "threshold");
    }
  }
}

static void make_garbage(struct generator *g) {
  char name[NAME_SIZE];
  rh_pick_target(&g->names, 'n', name);
  rh_emit(g->writer, "repeat %u: new %s node; set %s.b %s", 1 + (unsigned)rh_below(g->writer, 5), name, name, name);
}

/* --- seasons --- */

static const struct {
  void (*make)(struct generator *g);
  unsigned weight;
} moves[] = {
    {new_object, 34},    {set_slot, 26},         {append_value, 16},
    {drop_names, 16},    {change_list, 10},      {bind_name, 6},
    {empty_slot, 5},     {change_dict, 9},       {change_set_or_deque, 5},
    {copy_object, 4},    {make_weak, 12},        {register_action, 9},
    {look_at_weak, 9},   {look_at_object, 22},   {compare_objects, 2},
    {look_at_events, 8}, {collect, 9},           {freeze, 4},
    {save_all, 1},       {observe_collector, 3}, {make_garbage, 2},
};

static void random_move(struct generator *g) {
  static unsigned total;
  if (!total)
    for (unsigned i = 0; i < sizeof moves / sizeof *moves; i++) total += moves[i].weight;
  unsigned point = rh_below(g->writer, total), move = 0;
  for (; point >= moves[move].weight; move++) point -= moves[move].weight;
  moves[move].make(g);
}

/* Something of everything to work with. */
static void start_season(struct generator *g, uint32_t end) {
  static const char letters[] = "nnnfffllmdsqixt";
  for (const char *letter = letters; *letter && g->writer->written < end; letter++) new_of(g, *letter);
}

/* Everything is given up, collected and looked at. */
static void end_season(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  if (g->frozen) freeze(g);
  if (g->saving) save_all(g);
  rh_emit(g->writer, "events");
  rh_text_puts(line, "drop");
  rh_write_all_names(&g->names);
  rh_end_line(g->writer);
  rh_emit(g->writer, "collect 2");
  rh_emit(g->writer, "events");
  g->weak_stored = false;
}

void rh_generate_legal(struct rh_writer *writer, const struct rh_generate_options *options) {
  struct generator g = {.writer = writer,
                        .names = {.writer = writer, .letters = letters_in_use},
                        .young = !options->profile || !options->profile->incremental};
  g.freezes = rh_chance(writer, 20);
  while (writer->written + CLOSING < options->operations) {
    uint32_t left = options->operations - CLOSING - writer->written;
    uint32_t end = writer->written + (left < SEASON ? left : SEASON);
    start_season(&g, end);
    while (writer->written < end) random_move(&g);
    end_season(&g);
  }
  while (writer->written < options->operations) rh_emit(writer, "events");
}
