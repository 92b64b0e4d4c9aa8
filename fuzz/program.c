/* Programs out of bytes. */
#include "program.h"

#include <string.h>

enum { NAMES_MAX = 8, LETTERS_MAX = 24, NAME_SIZE = 16, NOBODY = 0xff, ANY_NAME = 0xf4 };

static const struct letter {
  char letter;
  uint8_t count;
  const char *kind; /* of what `new` makes without arguments */
} letters[] = {{'n', 5, "node"},  {'f', 6, "fin"}, {'m', 2, "listfin"}, {'l', 3, "list"},   {'q', 2, "deque"},
               {'d', 2, "dict"},  {'s', 2, "set"}, {'t', 2, "tuple"},   {'w', 6, NULL},     {'p', 2, NULL},
               {'i', 2, NULL},    {'x', 3, NULL},  {'g', 2, "nogcfin"}, {'y', 2, "legacy"}, {'h', 1, NULL},
               {'r', 3, NULL},    {'v', 1, "wvd"}, {'k', 1, "wkd"},     {'z', 1, NULL},     {'o', 2, "obj"},
               {'c', 1, "class"}, {'e', 1, NULL}};

enum { LETTERS = sizeof letters / sizeof *letters };

/* The program under way. */
struct writer {
  const struct program_options *options;
  struct rh_text *out;
  uint8_t bound[LETTERS];
  const uint8_t *next, *end;  /* records to come */
  bool in_action, of_weakref; /* who acts is a weak reference */
  uint8_t actor;              /* its index */
  uint8_t crowded;            /* sets that have had a member whose hash is its address: one is enough, as the
                                 order of two is not known */
  bool leaves_nothing;
};

/* A record, and a name or path. */
typedef const uint8_t *record;
struct name {
  char text[NAME_SIZE];
};

/* --- names --- */

static unsigned find_letter(char letter) {
  unsigned i = 0;
  while (letters[i].letter != letter) i++;
  return i;
}

static struct name make_name(char letter, unsigned index) {
  return (struct name){{letter, (char)('0' + index), '\0'}};
}

/* A name of that letter to bind. */
static struct name target(struct writer *w, char letter, uint8_t operand) {
  unsigned at = find_letter(letter), index = operand % letters[at].count;
  w->bound[at] |= (uint8_t)(1u << index);
  return make_name(letter, index);
}

/* A bound name of one of the letters, if there is one. */
static struct name pick(struct writer *w, const char *choice, uint8_t operand) {
  unsigned n = (unsigned)strlen(choice), start = operand % n;
  for (unsigned i = 0; i < n && operand < ANY_NAME; i++) {
    unsigned at = find_letter(choice[(start + i) % n]), count = letters[at].count;
    for (unsigned k = 0; k < count; k++) {
      unsigned index = (operand / n + k) % count;
      if (w->bound[at] >> index & 1) return make_name(letters[at].letter, index);
    }
  }
  return make_name(choice[start], operand / n % letters[find_letter(choice[start])].count);
}

static void forget(struct writer *w, struct name name) {
  w->bound[find_letter(name.text[0])] &= (uint8_t) ~(1u << (name.text[1] - '0'));
}

/* Inside an action often what acts, or a neighbour; now and then a slot of another object. */
static struct name pick_object(struct writer *w, const char *choice, uint8_t operand) {
  struct name name = pick(w, choice, operand);
  char slot = (char)('a' + operand % 3);
  if (w->in_action && !w->of_weakref && operand % 4 != 0) {
    (void)memcpy(name.text, "self", 5);
    if (operand % 2) (void)memcpy(name.text + 4, (char[]){'.', slot, '\0'}, 3);
  } else if (operand % 16 == 5 && strchr("nfyr", name.text[0])) {
    (void)memcpy(name.text + 2, (char[]){'.', slot, '\0'}, 3);
  }
  return name;
}

#define HOLDERS "nfffymlqdr" /* what can refer to something */
#define OBJECTS "nnfffffmlqdstwpgyhr"
#define EVERY   "nfmlqdstwpixgyhrvkzoce"

static struct name pick_held(struct writer *w, uint8_t operand) {
  return pick_object(w, w->options->all_kinds ? "nnfffffmlqdstwpgyhrvkzoce" : OBJECTS, operand);
}

/* --- lines --- */

#define write(w, ...) rh_text_printf((w)->out, __VA_ARGS__)

/* Ends an operation: a line, or a step of an action. */
static void end_operation(struct writer *w) {
  if (w->in_action) {
    rh_text_puts(w->out, "; ");
  } else {
    rh_text_puts(w->out, "\n");
  }
}

#define emit(w, ...) (write(w, __VA_ARGS__), end_operation(w))

/* --- making --- */

static const char *const sources[] = {"list", "tuple", "range",   "set",    "dict",  "iter", "gen",
                                      "comp", "const", "display", "repeat", "split", "copy"};

static void new_container(struct writer *w, struct name name, record r) {
  unsigned n = r[3] % 12;
  const char *from = sources[(unsigned)(r[3] >> 4) % 13];
  switch (name.text[0]) {
  case 'l':
    if (r[2] % 4 == 1) {
      emit(w, "new %s list.from %s %u", name.text, from, n);
    } else if (r[2] % 4 == 2) {
      emit(w, "new %s %s %u", name.text, r[3] % 2 ? "nodes" : "tuples 2", n % 6);
    } else {
      emit(w, "new %s list", name.text);
    }
    return;
  case 'd':
    emit(w, r[2] % 4 == 1 ? "new %s intdict %u" : r[2] % 4 == 2 ? "new %s strdict %u" : "new %s dict", name.text, n);
    return;
  case 's':
    if (!w->in_action) w->crowded &= (uint8_t) ~(1u << (name.text[1] - '0'));
    emit(w, r[2] % 4 == 1 ? "new %s intset %u" : "new %s set", name.text, n);
    return;
  default:
    write(w, "new %s tuple", name.text);
    for (unsigned i = 0; i < r[2] % 4u; i++) write(w, " %s", pick_held(w, (uint8_t)(r[3] + 37 * i)).text);
    end_operation(w);
  }
}

static void new_value(struct writer *w, struct name name, record r) {
  static const char *const texts[] = {"\"name\"", "\"not a name!\"", "\"a\"", "\"\"", "\"caf\\xe9\"", "\"name2\""};
  if (name.text[0] == 'i') {
    emit(w, r[3] % 4 ? "new %s int %u" : "new %s pow2 %u", name.text, r[3] * (r[3] % 2 ? 1u : 1000u) % 200000u);
  } else if (r[3] % 4 == 0) {
    emit(w, "char %s %u", name.text, 90u + r[2] % 80u);
  } else if (r[3] % 4 == 1) {
    emit(w, "const %s %s", name.text, texts[r[2] % 6]);
  } else {
    emit(w, "new %s str %s", name.text, texts[r[2] % 6]);
  }
}

/* A finalizable object that an action makes has a later index than its own. */
static bool may_make(const struct writer *w, char letter, uint8_t index) {
  if (!w->in_action) return true;
  if (letter == 'f') return !w->of_weakref && index > w->actor;
  return letter != 'm' && letter != 'y' && letter != 'g';
}

static void new_object(struct writer *w, record r) {
  const char *choice = w->options->all_kinds ? "nnffffffmlqdstgyhixvkzoooce" : "nnnnffffffffmmllqqddsstgyhixx";
  char letter = choice[r[1] % strlen(choice)];
  if (!may_make(w, letter, r[2] % 6)) letter = 'n';
  struct name name = target(w, letter, r[2]);
  w->leaves_nothing = w->leaves_nothing && letter != 'y' && letter != 'h';
  if (strchr("ldst", letter)) {
    new_container(w, name, r);
  } else if (letter == 'i' || letter == 'x') {
    new_value(w, name, r);
  } else if (letter == 'h' || letter == 'e' || letter == 'z') {
    const char *kind = letter == 'h' ? "nogcbox" : letter == 'e' ? "gen" : "finalize";
    emit(w, "new %s %s %s", name.text, kind, pick_object(w, letter == 'z' ? "nfmo" : OBJECTS, r[3]).text);
  } else {
    emit(w, "new %s %s", name.text, letters[find_letter(letter)].kind);
  }
}

/* A container that alone holds two new objects, whose deaths are seen, in the order of its release. */
static void stock_container(struct writer *w, record r) {
  char letter = "lqmtdm"[r[1] % 6];
  struct name one = target(w, 'f', r[2]), other = target(w, 'f', (uint8_t)(r[2] + 1)), name = target(w, letter, r[3]);
  emit(w, "new %s fin", one.text);
  emit(w, "new %s fin", other.text);
  if (letter == 't') {
    emit(w, "new %s tuple %s %s", name.text, one.text, other.text);
  } else {
    emit(w, "new %s %s", name.text, letters[find_letter(letter)].kind);
    if (letter == 'd') {
      emit(w, "put %s %s %s", name.text, one.text, other.text);
    } else {
      emit(w, "append %s %s", name.text, one.text);
      emit(w, "append %s %s", name.text, other.text);
    }
  }
  forget(w, one);
  forget(w, other);
  emit(w, "drop %s %s", one.text, other.text);
  if (r[3] % 4 == 0) emit(w, letter == 't' ? "drop %s" : "clear %s", name.text);
  if (r[3] % 4 == 1 && (letter == 'l' || letter == 'm')) emit(w, "slicedel %s 0 2", name.text);
}

/* --- references --- */

static struct name pick_key(struct writer *w, uint8_t operand) {
  struct name key;
  if (operand % 4 == 0) return pick(w, "nftgxw", operand / 4);
  (void)snprintf(key.text, sizeof key.text, operand % 4 == 1 ? "\"k%u\"" : "%u", operand / 4 % 5u);
  return key;
}

static void put_into(struct writer *w, struct name name, record r) {
  struct name key = pick_key(w, r[2]), value = pick_held(w, r[3]);
  if (name.text[0] == 'v') value = pick(w, "nfmo", r[3]);
  if (name.text[0] == 'k') key = pick(w, "nfmo", r[2]);
  emit(w, "put %s %s %s", name.text, key.text, value.text);
}

static void link_objects(struct writer *w, record r) {
  struct name name = pick_object(w, w->options->all_kinds ? "nfffymlqdrvko" : HOLDERS, r[1]);
  char slot = (char)('a' + r[2] % 3);
  switch (strlen(name.text) > 2 ? 'n' : name.text[0]) {
  case 'd':
  case 'v':
  case 'k':
    put_into(w, name, r);
    return;
  case 'm':
  case 'l':
  case 'q':
    emit(w, "append %s %s", name.text, pick_held(w, r[3]).text);
    return;
  default:
    emit(w, "set %s.%c %s", name.text, slot, r[3] % 32 == 31 ? "1000" : pick_held(w, r[3]).text);
  }
}

/* Two objects that refer to each other, or one to itself. */
static void tie_knot(struct writer *w, record r) {
  struct name one = pick_object(w, "nffff", r[1]), other = pick_object(w, "nfffym", r[2]);
  char there = (char)('a' + r[3] % 3), back = (char)('a' + r[3] / 3 % 3);
  emit(w, "set %s.%c %s", one.text, there, other.text);
  if (other.text[0] == 'm') {
    emit(w, "append %s %s", other.text, one.text);
  } else {
    emit(w, "set %s.%c %s", other.text, back, one.text);
  }
}

static void unlink_objects(struct writer *w, record r) {
  struct name name = pick_object(w, w->options->all_kinds ? "nfffmlqdsvk" : "nfffmlqds", r[1]);
  char letter = strlen(name.text) > 2 ? 'n' : name.text[0];
  if (letter == 'n' || letter == 'f') {
    emit(w, "%s %s.%c", r[2] % 2 ? "unset" : "del", name.text, 'a' + r[3] % 3);
  } else if (letter == 'd' && r[2] % 3) {
    emit(w, "delkey %s %s", name.text, pick_key(w, r[3]).text);
  } else if (letter == 's' && r[2] % 3) {
    emit(w, "discardrange %s %u %u", name.text, r[3] % 4u, r[3] / 4 % 8u);
  } else {
    emit(w, "clear %s", name.text);
  }
}

static void bind_name(struct writer *w, record r) {
  struct name from = pick_object(w, "nffrmlqdsty", r[1]);
  emit(w, "bind %s %s", target(w, 'r', r[2]).text, from.text);
}

static void drop_names(struct writer *w, record r) {
  unsigned n = r[0] % 3 == 0 ? 1 : 1 + r[3] % 3u;
  write(w, "drop");
  for (unsigned i = 0; i < n; i++) {
    struct name name = pick(w, w->options->all_kinds ? EVERY : "nffmlqdstwpixgyhr", (uint8_t)(r[1] + r[2] * i));
    if (!w->in_action) forget(w, name);
    write(w, " %s", name.text);
  }
  end_operation(w);
}

/* --- containers --- */

static void change_list(struct writer *w, record r) {
  struct name name = pick(w, "lllmmq", r[1]);
  unsigned small = r[2] % 7u, other = r[3] % 7u;
  switch (r[2] / 7 % 13) {
  case 0:
    emit(w, "insert %s %d %s", name.text, (int)small - 3, pick_held(w, r[3]).text);
    break;
  case 1:
    emit(w, "pop %s %d", name.text, (int)small - 3);
    break;
  case 2:
    emit(w, "appendn %s %u", name.text, small);
    break;
  case 3:
    emit(w, "popn %s %u", name.text, small);
    break;
  case 4:
    emit(w, "slicedel %s %d %d", name.text, (int)small - 2, (int)other - 1);
    break;
  case 5:
    emit(w, "sliceset %s %u %u %u", name.text, small, other, r[3] / 7 % 5u);
    break;
  case 6:
    emit(w, "imul %s %u", name.text, small % 3);
    break;
  case 7:
    emit(w, "extendn %s %u", name.text, small);
    break;
  case 8:
    emit(w, "extenditer %s %u", name.text, small);
    break;
  case 9:
    emit(w, "extendgen %s %u", name.text, small);
    break;
  case 10:
    emit(w, "pop %s", name.text);
    break;
  case 11:
    emit(w, "growth %s %s %u", name.text, r[3] % 2 ? "append" : "popdown", small);
    break;
  default:
    emit(w, "clear %s", name.text);
  }
}

static void add_member(struct writer *w, struct name set, struct name key) {
  uint8_t bit = (uint8_t)(1u << (set.text[1] - '0'));
  bool hashes_address = strchr("nftgw", key.text[0]) != NULL;
  if (hashes_address && (w->in_action || (w->crowded & bit) != 0)) {
    emit(w, "add %s %u", set.text, (unsigned)(key.text[1] - '0') + 6);
    return;
  }
  if (hashes_address) w->crowded |= bit;
  emit(w, "add %s %s", set.text, key.text);
}

static void change_table(struct writer *w, record r) {
  struct name name = pick(w, "dds", r[1]), key = pick_key(w, r[2]);
  if (name.text[0] == 's') {
    add_member(w, name, key);
  } else if (r[3] % 4 == 0) {
    emit(w, "delkey %s %s", name.text, key.text);
  } else {
    emit(w, "put %s %s %s", name.text, key.text, pick_held(w, r[3]).text);
  }
}

static void copy_object(struct writer *w, record r) {
  struct name from = pick(w, "llmdsqt", r[1]);
  char letter = from.text[0] == 'm' ? 'l' : from.text[0];
  if (letter == 's') w->crowded |= w->crowded ? 3 : 0;
  bool slice = letter == 't' || (letter == 'l' && r[3] % 2);
  emit(w, "%s %s %s", slice ? "listcopy" : "copy", target(w, letter, r[2]).text, from.text);
}

static void change_string(struct writer *w, record r) {
  if (r[3] % 4 == 0) {
    emit(w, "keyof %s %s %u", target(w, 'x', r[2]).text, pick(w, "d", r[1]).text, r[3] / 4 % 4u);
  } else if (r[3] % 4 == 1) {
    emit(w, "charof %s %s %u", target(w, 'x', r[2]).text, pick(w, "x", r[1]).text, r[3] / 4 % 4u);
  } else {
    emit(w, "intern %s %s", target(w, 'x', r[2]).text, pick(w, "x", r[1]).text);
  }
}

/* --- weak references, actions --- */

/* A callback that makes weak references with callbacks makes only later ones than its own. */
static void make_weak(struct writer *w, record r) {
  bool proxy = r[3] % 8 == 7, called = r[3] % 3 != 0;
  uint8_t index = r[2] % 6;
  if (w->in_action && w->of_weakref && index <= w->actor) called = false;
  if (w->in_action && proxy) called = false;
  struct name object = pick_object(w, "nnfffffmqsrr", r[1]);
  emit(w, "%s %s %s%s", proxy ? "proxy" : "weak", target(w, proxy ? 'p' : 'w', index).text, object.text,
       called ? " cb" : "");
}

static void write_step(struct writer *w, record r);

/* The next records are its steps. */
static void register_action(struct writer *w, record r) {
  struct name name = pick(w, "ffffffmgywwwwp", r[1]);
  unsigned steps = 1 + r[3] % 3u;
  bool of_weakref = name.text[0] == 'w' || name.text[0] == 'p';
  w->actor = name.text[0] == 'f' || name.text[0] == 'w' ? (uint8_t)(name.text[1] - '0') : NOBODY;
  if (name.text[0] == 'g') (void)memcpy(name.text, "nogc", 5);
  write(w, "%s %s: ", of_weakref ? "cbact" : "act", name.text);
  w->in_action = true;
  w->of_weakref = of_weakref;
  for (; steps > 0 && w->end - w->next >= PROGRAM_RECORD; steps--) {
    w->next += PROGRAM_RECORD;
    write_step(w, w->next - PROGRAM_RECORD);
  }
  w->in_action = false;
  if (r[2] % 8 == 0) {
    write(w, "raise ValueError");
  } else {
    w->out->size -= w->out->bytes[w->out->size - 2] == ';' ? 2 : 1;
  }
  end_operation(w);
}

/* --- the collector --- */

static void collect(struct writer *w, record r) {
  emit(w, "collect %u%s", w->options->young ? r[1] % 3u : 2, w->in_action ? " => ?" : "");
}

/* Much is given up at once, and looked for in one collection. */
static void lose_and_collect(struct writer *w, record r) {
  write(w, "drop");
  for (unsigned i = 0; i < 3 + r[3] % 4u; i++) {
    struct name name = pick(w, "nffffmr", (uint8_t)(r[2] + 51 * i));
    forget(w, name);
    write(w, " %s", name.text);
  }
  end_operation(w);
  collect(w, r);
}

static void control(struct writer *w, record r) {
  static const char *const simple[] = {"freeze",         "unfreeze", "freeze",       "unfreeze",
                                       "debug SAVEALL",  "debug 0",  "cleargarbage", "disable",
                                       "hookunraisable", "gccb",     "gccboff",      "statmark"};
  if (r[1] % 16 < 12) {
    emit(w, "%s", simple[r[1] % 16]);
  } else if (w->options->automatic && r[1] % 16 == 12) {
    emit(w, "enable");
  } else if (w->options->automatic) {
    emit(w, "threshold %u %u %u", 6 + r[2] % 16u, r[3] % 4u, 100u);
  } else {
    emit(w, "mark");
  }
}

/* --- looking --- */

struct look {
  const char *word, *choice;
};

static const struct look looks[] = {{"refs", "nnffmlqdstgyhr"},
                                    {"refs", "wpix"},
                                    {"gen", "nfmlqdsty"},
                                    {"weakcount", "nfmqsr"},
                                    {"finalized", "ffmr"},
                                    {"tracked", "dtnfw"},
                                    {"referrers", "nfm"},
                                    {"referents", "nfmldstqw"},
                                    {"sizeof", "ldstxi"},
                                    {"cap", "lm"},
                                    {"len", "lmdstq"},
                                    {"deref", "w"},
                                    {"deref", "w"},
                                    {"use", "p"},
                                    {"immortal", "ixtw"},
                                    {"stat", NULL},
                                    {"garbage", NULL},
                                    {"count", NULL},
                                    {"ncollections", NULL},
                                    {"same", "xtlri"}};

/* In an action what is looked at becomes an event, which must be exact. */
static void look(struct writer *w, record r) {
  const struct look *at = &looks[r[1] % (sizeof looks / sizeof *looks)];
  if (w->in_action) {
    static const char *const words[] = {"finalized", "weakcount", "tracked", "refs"};
    if (r[1] % 2 || w->of_weakref) {
      emit(w, "probe %s", pick(w, "w", r[2]).text);
    } else {
      emit(w, "%s %s => ?", words[r[2] % 4], pick_object(w, "nfr", r[3]).text);
    }
    return;
  }
  if (!w->options->looks) return;
  if (at->word[0] == 's' && at->word[1] == 't') {
    emit(w, "stat %u %s", r[2] % 3u, r[3] % 2 ? "collected" : "collections");
  } else if (at->word[0] == 'c' && at->word[1] == 'o') {
    emit(w, "count %u", r[2] % 3u);
  } else if (!at->choice) {
    emit(w, "%s", at->word);
  } else if (at->word[0] == 's' && at->word[1] == 'a') {
    emit(w, "same %s %s", pick(w, at->choice, r[2]).text, pick(w, at->choice, r[3]).text);
  } else {
    emit(w, "%s %s", at->word, pick(w, at->choice, r[2]).text);
  }
}

bool program_looks(const struct rh_op *op) {
  static const uint8_t codes[] = {RH_OP_REFS,      RH_OP_GEN,          RH_OP_WEAKCOUNT, RH_OP_FINALIZED, RH_OP_TRACKED,
                                  RH_OP_REFERRERS, RH_OP_REFERENTS,    RH_OP_SIZEOF,    RH_OP_CAP,       RH_OP_LEN,
                                  RH_OP_DEREF,     RH_OP_USE,          RH_OP_IMMORTAL,  RH_OP_STAT,      RH_OP_GARBAGE,
                                  RH_OP_COUNT,     RH_OP_NCOLLECTIONS, RH_OP_SAME};
  return memchr(codes, op->code, sizeof codes) != NULL;
}

/* --- instances --- */

static void change_instance(struct writer *w, record r) {
  struct name name = pick(w, "oooc", r[1]);
  switch (r[2] % 6) {
  case 0:
    emit(w, "materialize %s", name.text);
    break;
  case 1:
    emit(w, "selfmethod %s", name.text);
    break;
  case 2:
    emit(w, "setattr %s %s", name.text, pick(w, "x", r[3]).text);
    break;
  case 3:
    emit(w, "del %s.%c", name.text, 'a' + r[3] % 4);
    break;
  default:
    emit(w, "set %s.%c %s", name.text, 'a' + r[2] / 6 % 4, pick_held(w, r[3]).text);
  }
}

/* --- programs --- */

typedef void operation(struct writer *w, record r);

static const struct {
  operation *run;
  uint8_t weight; /* of 64 */
  bool acts;      /* also inside actions */
} operations[] = {{new_object, 10, true},
                  {stock_container, 3, false},
                  {link_objects, 8, true},
                  {tie_knot, 5, true},
                  {unlink_objects, 2, true},
                  {bind_name, 3, true},
                  {drop_names, 5, true},
                  {make_weak, 6, true},
                  {register_action, 3, false},
                  {lose_and_collect, 3, false},
                  {collect, 3, true},
                  {control, 2, true},
                  {look, 3, true},
                  {change_list, 3, true},
                  {change_table, 3, true},
                  {copy_object, 1, true},
                  {change_string, 1, true}};

static void write_step(struct writer *w, record r) {
  unsigned point = r[0] % 64, i = 0;
  for (; point >= operations[i].weight; i++) point -= operations[i].weight;
  if (w->options->all_kinds && !w->in_action && operations[i].run == change_string && r[0] >= 64) {
    change_instance(w, r);
  } else if (w->in_action && !operations[i].acts) {
    bind_name(w, r); /* resurrection is what actions are for */
  } else {
    operations[i].run(w, r);
  }
}

static void write_all_names(struct writer *w) {
  write(w, "drop");
  for (unsigned i = 0; i < LETTERS; i++)
    for (unsigned k = 0; k < letters[i].count; k++) write(w, " %c%u", letters[i].letter, k);
  end_operation(w);
}

/* Nothing acts any more; everything is given up. */
static void clean_up(struct writer *w) {
  emit(w, "disable");
  emit(w, "unfreeze");
  emit(w, "debug 0");
  for (unsigned i = 0; i < 6; i++) emit(w, "act f%u:", i);
  for (unsigned i = 0; i < 2; i++) emit(w, "act m%u:", i);
  for (unsigned i = 0; i < 2; i++) emit(w, "act y%u:", i);
  emit(w, "act nogc:");
  for (unsigned i = 0; i < 6; i++) emit(w, "cbact w%u:", i);
  for (unsigned i = 0; i < 2; i++) emit(w, "cbact p%u:", i);
  emit(w, "cleargarbage");
  write_all_names(w);
  emit(w, "collect 2");
  emit(w, "events");
}

bool program_write(const uint8_t *records, size_t n, const struct program_options *options, struct rh_text *out) {
  struct writer w = {.options = options, .out = out, .next = records, .end = records + n, .leaves_nothing = true};
  emit(&w, "hookunraisable");
  emit(&w, "gccb");
  if (options->automatic) emit(&w, "threshold 8 2 100");
  if (options->automatic) emit(&w, "enable");
  while (w.end - w.next >= PROGRAM_RECORD) {
    w.next += PROGRAM_RECORD;
    write_step(&w, w.next - PROGRAM_RECORD);
  }
  emit(&w, "events");
  if (options->clean_up) clean_up(&w);
  return w.leaves_nothing;
}
