/*
 * Random traces of what finalizers, weak references and collections do to one
 * another: finalizers and callbacks that resurrect, tear down, make garbage,
 * make weak references or ask for a collection, started by counting, by
 * collections of any generation and by automatic ones, also while garbage is
 * saved or frozen. Short traces do: everything happens among few objects.
 *
 * The first letter of a name says what it is bound to, if anything: n node,
 * f fin, m listfin, l list, q deque, d dict, w weak reference, r what a
 * finalizer rescued, b what makes a collection start.
 *
 * What keeps a trace predictable, beside what generate_legal.c says of slots,
 * counts and collectors that work in increments:
 *   - automatic collection is on only while one list of nodes is made, and the
 *     list ends half way between two collections, so that the containers an
 *     observer makes do not change how many there are; its nodes are dropped
 *     before anything else looks at generations;
 *   - the third threshold is never reached, because a full collection waits
 *     for a share of the interpreter's own objects;
 *   - an action makes finalizable objects only of a later index than its own,
 *     and a callback none, so that they cannot start one another for ever;
 *   - a trace that freezes either never thaws, or freezes right after a full
 *     collection and collects nothing but the youngest generation until it
 *     thaws (see generate_legal.c).
 */
#include "oracle/generate_names.h"

enum {
  CLOSING = 8, /* operations at the end of a trace, at most */
  LONGEST = 6, /* operations of a move, at most */
  FINS = 6,    /* names f0.. */
  WEAKS = 6,   /* names w0.. */
  NAME_SIZE = RH_GENERATED_NAME
};

static const struct rh_letter letters_in_use[] = {{'n', 5}, {'f', FINS},  {'m', 2}, {'l', 2}, {'q', 1},
                                                  {'d', 1}, {'w', WEAKS}, {'r', 3}, {'b', 1}, {0}};

/* How a trace deals with freezing. */
enum freezing { NEVER, THAWING, LASTING };

struct generator {
  struct rh_writer *writer;
  struct rh_names names;
  enum freezing freezing;
  bool young;  /* young collections are predicted */
  bool saves;  /* the trace may save its garbage */
  bool frozen; /* and will thaw */
  bool saving, weak_stored, stat_marked;
};

static char random_slot(struct generator *g) {
  return (char)('a' + rh_below(g->writer, 3));
}

/* A generation whose collection is predicted here. */
static unsigned random_generation(struct generator *g) {
  static const unsigned generations[] = {0, 0, 1, 1, 2, 2, 2};
  unsigned generation = generations[rh_below(g->writer, 7)];
  return g->frozen ? 0 : g->young ? generation : 2;
}

/* --- the graph --- */

static void new_object(struct generator *g) {
  static const char letters[] = "nnnffffffffmmlqd";
  char name[NAME_SIZE], letter = letters[rh_below(g->writer, sizeof letters - 1)];
  const char *kind = letter == 'n'   ? "node"
                     : letter == 'f' ? "fin"
                     : letter == 'm' ? "listfin"
                     : letter == 'l' ? "list"
                     : letter == 'q' ? "deque"
                                     : "dict";
  rh_pick_target(&g->names, letter, name);
  rh_emit(g->writer, "new %s %s", name, kind);
}

/* What a slot or container may hold. */
static void pick_held(struct generator *g, char value[NAME_SIZE]) {
  if (rh_chance(g->writer, 10)) {
    g->weak_stored = true;
    rh_pick(&g->names, "w", value);
  } else {
    rh_pick(&g->names, "nnfffffmlqdr", value);
  }
}

static void link_objects(struct generator *g) {
  char name[NAME_SIZE], value[NAME_SIZE], slot = random_slot(g);
  rh_pick(&g->names, "nnffffmlqdr", name);
  pick_held(g, value);
  switch (name[0]) {
  case 'd':
    rh_emit(g->writer, "put %s %u %s", name, (unsigned)rh_below(g->writer, 3), value);
    break;
  case 'm':
  case 'l':
  case 'q':
    rh_emit(g->writer, "append %s %s", name, value);
    break;
  default:
    rh_emit(g->writer, "set %s.%c %s", name, slot, value);
  }
}

/* Two objects that refer to each other, or one to itself. */
static void tie_knot(struct generator *g) {
  char one[NAME_SIZE], other[NAME_SIZE], there = random_slot(g), back = random_slot(g);
  rh_pick(&g->names, "nffff", one);
  rh_pick(&g->names, "nffff", other);
  rh_emit(g->writer, "set %s.%c %s", one, there, other);
  rh_emit(g->writer, "set %s.%c %s", other, back, one);
}

static void unlink_objects(struct generator *g) {
  char name[NAME_SIZE], slot = random_slot(g);
  rh_pick(&g->names, "nfffmlqd", name);
  if (name[0] == 'n' || name[0] == 'f') {
    rh_emit(g->writer, "unset %s.%c", name, slot);
  } else {
    rh_emit(g->writer, "clear %s", name);
  }
}

static void bind_name(struct generator *g) {
  char from[NAME_SIZE], to[NAME_SIZE], slot = random_slot(g);
  rh_pick(&g->names, "nffr", from);
  rh_pick_target(&g->names, 'r', to);
  if (rh_chance(g->writer, 50)) {
    rh_emit(g->writer, "bind %s %s", to, from);
  } else {
    rh_emit(g->writer, "bind %s %s.%c", to, from, slot);
  }
}

static void drop_names(struct generator *g) {
  rh_drop_names(&g->names, "nnfffffmmlqdrrw", 4);
}

static void make_weak(struct generator *g) {
  char name[NAME_SIZE], target[NAME_SIZE], slot = random_slot(g);
  bool called = rh_chance(g->writer, 65), by_slot = rh_chance(g->writer, 15);
  rh_pick_target(&g->names, 'w', name);
  rh_pick(&g->names, by_slot ? "nf" : "nnffffmqr", target);
  rh_text_printf(&g->writer->line, "weak %s %s", name, target);
  if (by_slot) rh_text_printf(&g->writer->line, ".%c", slot);
  if (called) rh_text_puts(&g->writer->line, " cb");
  rh_end_line(g->writer);
}

/* --- actions --- */

/* Who runs an action: a finalizable object or the callback of a weak reference. */
struct actor {
  bool weak;
  unsigned index; /* in its name */
};

/* A neighbour of self. */
static void write_neighbour(struct generator *g) {
  char slot = random_slot(g);
  rh_text_printf(&g->writer->line, "self.%c", slot);
}

static void write_look(struct generator *g, const struct actor *actor) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE];
  switch (rh_below(g->writer, actor->weak ? 3 : 5)) {
  case 0:
    rh_pick(&g->names, "w", name);
    rh_text_printf(line, "probe %s", name);
    break;
  case 1:
    rh_pick(&g->names, "w", name);
    rh_text_printf(line, "deref %s => ?", name);
    break;
  case 2:
    rh_pick(&g->names, "fr", name);
    rh_text_printf(line, "finalized %s => ?", name);
    break;
  case 3:
    rh_text_puts(line, "weakcount self => ?");
    break;
  default:
    rh_text_puts(line, "finalized self => ?");
  }
}

/* Keeps self or a neighbour: resurrection, if nothing else referred to it. */
static void write_rescue(struct generator *g, const struct actor *actor) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE], slot = random_slot(g);
  switch (rh_below(g->writer, actor->weak ? 1 : 4)) {
  case 0:
    rh_pick_target(&g->names, 'r', name);
    rh_text_printf(line, "bind %s ", name);
    if (actor->weak) {
      rh_pick(&g->names, "nf", name);
      rh_text_printf(line, "%s.%c", name, slot);
    } else {
      write_neighbour(g);
    }
    break;
  case 1:
    rh_pick_target(&g->names, 'r', name);
    rh_text_printf(line, "bind %s self", name);
    break;
  case 2:
    rh_pick(&g->names, "mlq", name);
    rh_text_printf(line, "append %s self", name);
    break;
  default:
    rh_pick(&g->names, "nfr", name);
    rh_text_printf(line, "set %s.%c self", name, slot);
  }
}

/* Takes something down. */
static void write_release(struct generator *g, const struct actor *actor) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE];
  switch (rh_below(g->writer, actor->weak ? 2 : 3)) {
  case 0:
    rh_pick(&g->names, "nffmrww", name);
    rh_text_printf(line, "drop %s", name);
    break;
  case 1:
    rh_pick(&g->names, "mlqd", name);
    rh_text_printf(line, "clear %s", name);
    break;
  default:
    rh_text_puts(line, "unset ");
    write_neighbour(g);
  }
}

/* A weak reference to self, a neighbour or something else. A callback makes
 * only such whose callback is a later one than its own. */
static void write_weak(struct generator *g, const struct actor *actor) {
  struct rh_text *line = &g->writer->line;
  char target[NAME_SIZE];
  unsigned first = actor->weak ? actor->index + 1 : 0, choice = rh_below(g->writer, 3);
  bool called = rh_chance(g->writer, 60);
  if (first == WEAKS) {
    write_look(g, actor);
    return;
  }
  rh_text_printf(line, "weak w%u ", first + (unsigned)rh_below(g->writer, WEAKS - first));
  if (actor->weak || choice == 0) {
    rh_pick(&g->names, "nffmr", target);
    rh_text_puts(line, target);
  } else if (choice == 1) {
    rh_text_puts(line, "self");
  } else {
    write_neighbour(g);
  }
  if (called) rh_text_puts(line, " cb");
}

/* Something new: garbage at once, or with self in a cycle. */
static void write_making(struct generator *g, const struct actor *actor) {
  struct rh_text *line = &g->writer->line;
  char slot = random_slot(g);
  unsigned first = actor->weak ? FINS : actor->index + 1, choice = rh_below(g->writer, 3);
  if (choice == 0 || first >= FINS) {
    rh_text_puts(line, "new n0 node; set n0.a n0; drop n0");
    return;
  }
  unsigned index = first + (unsigned)rh_below(g->writer, FINS - first);
  if (choice == 1) {
    rh_text_printf(line, "new f%u fin; set f%u.%c f%u; drop f%u", index, index, slot, index, index);
  } else {
    rh_text_printf(line, "new f%u fin; set f%u.%c self; set self.%c f%u", index, index, slot, slot, index);
  }
}

/* The collector, from inside. */
static void write_control(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  uint32_t choice = rh_below(g->writer, 8);
  if (choice == 0) {
    rh_text_puts(line, "disable");
  } else if (choice == 1 && g->freezing == LASTING) {
    rh_text_puts(line, "freeze");
  } else if (choice == 2 && g->saves) {
    rh_text_puts(line, rh_chance(g->writer, 50) ? "debug SAVEALL" : "debug 0");
  } else if (g->freezing == THAWING) { /* it may run while frozen */
    rh_text_printf(line, "collect %s => ?", g->young ? "0" : "5");
  } else {
    rh_text_printf(line, "collect %u => ?", random_generation(g));
  }
}

static void write_step(struct generator *g, const struct actor *actor) {
  uint32_t choice = rh_below(g->writer, 100);
  if (choice < 18) {
    write_look(g, actor);
  } else if (choice < 45) {
    write_rescue(g, actor);
  } else if (choice < 60) {
    write_release(g, actor);
  } else if (choice < 75) {
    write_weak(g, actor);
  } else if (choice < 90) {
    write_making(g, actor);
  } else {
    write_control(g);
  }
}

static void register_action(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  struct actor actor = {.weak = rh_chance(g->writer, 35)};
  bool listfin = !actor.weak && rh_chance(g->writer, 15);
  actor.index = rh_below(g->writer, actor.weak ? WEAKS : FINS);
  if (listfin) {
    actor.index = FINS; /* makes no finalizable objects */
    rh_text_printf(line, "act m%u: ", (unsigned)rh_below(g->writer, 2));
  } else {
    rh_text_printf(line, "%s%u: ", actor.weak ? "cbact w" : "act f", actor.index);
  }
  for (uint32_t n = 1 + rh_below(g->writer, 3); n > 0; n--) {
    write_step(g, &actor);
    if (n > 1) rh_text_puts(line, "; ");
  }
  if (rh_chance(g->writer, 8)) rh_text_puts(line, "; raise ValueError");
  rh_end_line(g->writer);
}

/* --- the collector --- */

static void collect(struct generator *g) {
  if (g->young || !g->frozen) rh_emit(g->writer, "collect %u", random_generation(g));
}

/* Much is given up at once, and looked for in one collection. */
static void lose_and_collect(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  char name[NAME_SIZE];
  rh_text_puts(line, "drop");
  for (uint32_t n = 4 + rh_below(g->writer, 5); n > 0; n--) {
    rh_pick(&g->names, "nnfffffffmrr", name);
    rh_forget(&g->names, name);
    rh_text_printf(line, " %s", name);
  }
  rh_end_line(g->writer);
  collect(g);
}

/* A few automatic collections: of the youngest generation, or of the middle
 * one after every `middle` of those. */
static void collect_automatically(struct generator *g) {
  if (!g->young) return;
  unsigned starts = 1 + (unsigned)rh_below(g->writer, 4), middle = g->frozen ? 1000 : rh_below(g->writer, 3);
  unsigned every = 100 + 50 * (unsigned)rh_below(g->writer, 3);
  rh_emit(g->writer, "collect 0");
  rh_emit(g->writer, "threshold %u %u 1000", every, middle);
  rh_emit(g->writer, "enable");
  rh_emit(g->writer, "new b0 nodes %u", (every + 1) * starts + every / 2);
  rh_emit(g->writer, "disable");
  rh_emit(g->writer, "drop b0");
}

static void freeze(struct generator *g) {
  if (g->freezing == LASTING) {
    rh_emit(g->writer, "freeze");
  } else if (g->freezing == THAWING && g->frozen) {
    rh_emit(g->writer, "unfreeze");
    g->frozen = false;
  } else if (g->freezing == THAWING) {
    rh_emit(g->writer, "collect 2");
    rh_emit(g->writer, "freeze");
    g->frozen = true;
  }
}

static void save_all(struct generator *g) {
  if (!g->saves) return;
  rh_emit(g->writer, g->saving ? "debug 0" : "debug SAVEALL");
  g->saving = !g->saving;
}

static void look_at_garbage(struct generator *g) {
  /* what a weak reference is called there depends on the version */
  if (g->saves && !g->weak_stored) rh_emit(g->writer, "garbage");
}

/* --- looking --- */

static void look(struct generator *g) {
  static const struct {
    const char *word, *letters;
  } looks[] = {
      {"deref", "w"},        {"deref", "w"},     {"probe", "w"},        {"refs", "nffmlqdr"},  {"refs", "w"},
      {"finalized", "ffmr"}, {"gen", "nfmlqdr"}, {"weakcount", "nfmr"}, {"referrers", "nfmr"}, {"tracked", "dw"},
  };
  char name[NAME_SIZE];
  uint32_t at = rh_below(g->writer, sizeof looks / sizeof *looks);
  rh_pick(&g->names, looks[at].letters, name);
  if (looks[at].word[0] == 'g' && !g->young) return;
  rh_emit(g->writer, "%s %s", looks[at].word, name);
}

static void look_at_events(struct generator *g) {
  rh_emit(g->writer, "events");
}

/* --- a trace --- */

static const struct {
  void (*make)(struct generator *g);
  unsigned weight;
} moves[] = {
    {new_object, 24},    {link_objects, 16},    {tie_knot, 9},   {unlink_objects, 3}, {bind_name, 3},
    {drop_names, 9},     {lose_and_collect, 8}, {make_weak, 15}, {collect, 6},        {collect_automatically, 3},
    {freeze, 2},         {register_action, 8},  {save_all, 2},   {look, 14},          {look_at_garbage, 1},
    {look_at_events, 6},
};

static void random_move(struct generator *g) {
  unsigned total = 0, move = 0;
  for (unsigned i = 0; i < sizeof moves / sizeof *moves; i++) total += moves[i].weight;
  unsigned point = rh_below(g->writer, total);
  for (; point >= moves[move].weight; move++) point -= moves[move].weight;
  moves[move].make(g);
}

/* Actions first, then some objects that run them. */
static void start(struct generator *g, uint32_t end) {
  rh_emit(g->writer, "hookunraisable");
  rh_emit(g->writer, "gccb");
  for (unsigned i = 0; i < 6 && g->writer->written < end; i++) register_action(g);
  for (unsigned i = 0; i < 8 && g->writer->written < end; i++) new_object(g);
}

/* Everything is given up, collected and looked at. */
static void finish(struct generator *g) {
  struct rh_text *line = &g->writer->line;
  if (g->frozen) rh_emit(g->writer, "unfreeze");
  if (g->saves) {
    rh_emit(g->writer, "debug 0");
    look_at_garbage(g);
    rh_emit(g->writer, "cleargarbage");
  }
  rh_emit(g->writer, "events");
  rh_text_puts(line, "drop");
  rh_write_all_names(&g->names);
  rh_end_line(g->writer);
  rh_emit(g->writer, "collect 2");
  rh_emit(g->writer, "events");
}

void rh_generate_interactions(struct rh_writer *writer, const struct rh_generate_options *options) {
  struct generator g = {.writer = writer,
                        .names = {.writer = writer, .letters = letters_in_use},
                        .young = !options->profile || !options->profile->incremental};
  uint32_t chance = rh_below(writer, 100);
  g.freezing = chance < 12 ? THAWING : chance < 30 ? LASTING : NEVER;
  g.saves = rh_chance(writer, 25);
  uint32_t end = options->operations > CLOSING ? options->operations - CLOSING : 0;
  start(&g, end);
  while (writer->written < end) {
    if (writer->written + LONGEST <= end) {
      random_move(&g);
    } else {
      new_object(&g);
    }
  }
  finish(&g);
  while (writer->written < options->operations) rh_emit(writer, "events");
}
