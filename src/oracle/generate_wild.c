/*
 * Wild random traces: any supported operation with random arguments, shaped by
 * the signatures of the language's own tables (ops.def, kinds.def). Most lines
 * hit something that is unbound, of the wrong kind or out of range, which is
 * the point. Counts are small, and multiplying lists is rare, so that heaps
 * stay small.
 */
#include <stdlib.h>
#include <string.h>

#include "oracle/generate_writer.h"
#include "oracle/interpret_run.h"

struct row {
  const char *spelling, *signature;
};

static const struct row operations[RH_OPCODE_COUNT] = {
#define OP(code, spelling, signature) [RH_OP_##code] = {spelling, signature},
#include "trace/ops.def"
#undef OP
};

/* The kinds a runtime of the language's first part knows. */
static const struct row kinds[] = {
    {"list", ""},    {"dict", ""},       {"set", ""},       {"deque", ""},     {"object", ""},   {"tuple", "*P"},
    {"nones", "C"},  {"nonetuple", "C"}, {"inttuple", "C"}, {"node", ""},      {"fin", ""},      {"listfin", ""},
    {"nogcfin", ""}, {"int", "I"},       {"float", "R"},    {"bytes", "C"},    {"str", "T"},     {"nodes", "C"},
    {"lists", "C"},  {"floats", "C"},    {"dicts", "C"},    {"tuples", "C C"}, {"intdict", "C"}, {"strdict", "C"},
    {"intset", "C"}, {"comb", "C"},      {"chain", "C"},    {"node", ""},      {"fin", ""},      {"fin", ""},
};

/* Few names, so that they meet. */
static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "self", "nogc"};

/* Where an operation stands: bits. */
enum { NESTED = 1, IN_ACTION = 2, IN_TRY = 4 };

static void write_operation(struct rh_writer *writer, unsigned where);

static void write_name(struct rh_writer *writer) {
  rh_text_puts(&writer->line, names[rh_below(writer, sizeof names / sizeof *names)]);
}

static void write_slots(struct rh_writer *writer, uint32_t n) {
  for (; n > 0; n--) rh_text_printf(&writer->line, ".%c", (char)('a' + rh_below(writer, 4))); /* d is no slot */
}

static void write_path(struct rh_writer *writer) {
  write_name(writer);
  if (rh_chance(writer, 25)) write_slots(writer, 1 + rh_below(writer, 2));
}

static void write_integer(struct rh_writer *writer) {
  static const char *const extremes[] = {"-9223372036854775808",
                                         "9223372036854775807",
                                         "18446744073709551615",
                                         "1000003",
                                         "-5",
                                         "256",
                                         "512",
                                         "497",
                                         "385",
                                         "257",
                                         "100000"};
  if (rh_chance(writer, 20)) {
    rh_text_puts(&writer->line, extremes[rh_below(writer, 11)]);
  } else {
    rh_text_printf(&writer->line, "%d", (int)rh_below(writer, 8) - 2);
  }
}

static void write_text(struct rh_writer *writer) {
  static const char *const texts[] = {"\"\"", "\"a\"", "\"some_name\"", "\"not a name!\"", "\"caf\\u00e9\""};
  rh_text_puts(&writer->line, texts[rh_below(writer, 5)]);
}

static void write_value(struct rh_writer *writer) {
  uint32_t choice = rh_below(writer, 10);
  if (choice == 0) {
    rh_text_puts(&writer->line, "None");
  } else if (choice == 1) {
    rh_text_printf(&writer->line, "%u", (unsigned)rh_below(writer, 2000));
  } else if (choice == 2) {
    write_text(writer);
  } else {
    write_path(writer);
  }
}

/* One of `a|b|c}`, or a bound of `a..b}`. */
static void write_choice(struct rh_writer *writer, const char *choices) {
  size_t size = strcspn(choices, "}"), count = 1;
  for (size_t i = 0; i < size; i++) count += choices[i] == '|';
  const char *at = choices;
  for (uint32_t skip = rh_below(writer, (uint32_t)count); skip > 0; skip--) at = strchr(at, '|') + 1;
  rh_text_append(&writer->line, at, strcspn(at, "|}"));
}

static void write_bounded(struct rh_writer *writer, const char *bounds) {
  long long low = strtoll(bounds, NULL, 10), high = strtoll(strstr(bounds, "..") + 2, NULL, 10);
  if (low < -3) low = -3;
  if (high > low + 9) high = low + 9;
  rh_text_printf(&writer->line, "%lld", low + (long long)rh_below(writer, (uint32_t)(high - low + 1)));
}

static void write_literal(struct rh_writer *writer) {
  static const char *const literals[] = {"None",           "True",      "()",  "7",     "300", "1.5",
                                         "\"ab\" + \"c\"", "\"x\" * 3", "int", "b\"\"", "..."};
  rh_text_puts(&writer->line, literals[rh_below(writer, 11)]);
}

static void write_body(struct rh_writer *writer, unsigned where) {
  writer->line.size--; /* the blank before a colon */
  rh_text_puts(&writer->line, ": ");
  for (uint32_t n = 1 + rh_below(writer, 3); n > 0; n--) {
    write_operation(writer, where | NESTED);
    if ((where & IN_ACTION) && rh_chance(writer, 20)) rh_text_puts(&writer->line, " => ?");
    if (n > 1) rh_text_puts(&writer->line, "; ");
  }
}

static void write_arguments(struct rh_writer *writer, const char *signature, unsigned where);

static void write_argument(struct rh_writer *writer, const char *letter, unsigned where) {
  struct rh_text *line = &writer->line;
  uint32_t kind = rh_below(writer, sizeof kinds / sizeof *kinds);
  switch (*letter) {
  case 'n':
  case 'N':
  case 'A':
    write_name(writer);
    break;
  case 'P':
    write_path(writer);
    break;
  case 'S':
    write_name(writer);
    write_slots(writer, 1 + rh_below(writer, 2));
    break;
  case 'V':
    write_value(writer);
    break;
  case 'C':
    rh_text_printf(line, "%u", (unsigned)rh_below(writer, rh_chance(writer, 5) ? 300 : 9));
    break;
  case 'R':
    rh_text_puts(line, "1.5");
    break;
  case 'T':
    write_text(writer);
    break;
  case 'X':
    rh_text_puts(line, "e9");
    break;
  case 'L':
    write_literal(writer);
    break;
  case 'I':
    if (letter[1] == '{') {
      write_bounded(writer, letter + 2);
    } else {
      write_integer(writer);
    }
    break;
  case 'W':
    if (letter[1] == '{') {
      write_choice(writer, letter + 2);
    } else {
      rh_text_puts(line, "ValueError");
    }
    break;
  case 'K':
    rh_text_printf(line, "%s ", kinds[kind].spelling);
    write_arguments(writer, kinds[kind].signature, where);
    line->size--;
    break;
  default:
    write_operation(writer, where | NESTED | IN_TRY);
  }
}

/* Every argument is followed by a blank; operations after a colon end the line. */
static void write_arguments(struct rh_writer *writer, const char *signature, unsigned where) {
  for (const char *at = signature; *at;) {
    uint32_t times = 1;
    if (at[0] == '*' && at[1] == 'O') {
      write_body(writer, where);
      rh_text_append(&writer->line, " ", 1);
      return;
    }
    if (*at == '?') times = rh_below(writer, 2);
    if (*at == '*') times = rh_below(writer, 4);
    if (*at == '+') times = 1 + rh_below(writer, 3);
    if (*at == '?' || *at == '*' || *at == '+') at++;
    for (; times > 0; times--) {
      write_argument(writer, at, where);
      rh_text_append(&writer->line, " ", 1);
    }
    at += strcspn(at, " ");
    at += strspn(at, " ");
  }
}

static bool is_block(unsigned code) {
  return code == RH_OP_ACT || code == RH_OP_CBACT || code == RH_OP_REPEAT;
}

/* Does the language allow an operation there? */
static bool is_legal(unsigned code, unsigned where) {
  if (is_block(code)) return !(where & NESTED);
  if (code == RH_OP_TRY) return !(where & IN_TRY);
  return code != RH_OP_RAISE || (where & IN_ACTION);
}

/* May blow up a heap, or ends many a trace as unsupported. */
static bool is_rare(unsigned code) {
  switch (code) {
  case RH_OP_IMUL:
  case RH_OP_GROWTH:
  case RH_OP_CHAR:
  case RH_OP_PM_ARENABATCH:
  case RH_OP_PM_DRAIN:
  case RH_OP_PM_POOLBATCH:
  case RH_OP_PM_BLOCKS:
  case RH_OP_PM_OFF:
  case RH_OP_PM_DELTA:
  case RH_OP_PM_SAMEPOOL:
    return true;
  default:
    return false;
  }
}

static unsigned pick_operation(struct rh_writer *writer, unsigned where) {
  if (rh_chance(writer, 45)) return rh_chance(writer, 50) ? RH_OP_NEW : RH_OP_SET;
  for (;;) {
    unsigned code = 1 + rh_below(writer, RH_OPCODE_COUNT - 1);
    if (is_legal(code, where) && !(is_rare(code) && rh_chance(writer, 95))) return code;
  }
}

static void write_operation(struct rh_writer *writer, unsigned where) {
  unsigned code = pick_operation(writer, where);
  if (code == RH_OP_ACT || code == RH_OP_CBACT) where |= IN_ACTION;
  rh_text_printf(&writer->line, "%s ", operations[code].spelling);
  write_arguments(writer, operations[code].signature, where);
  writer->line.size--;
}

void rh_generate_wild(struct rh_writer *writer, const struct rh_generate_options *options) {
  while (writer->written < options->operations && !writer->failed) {
    write_operation(writer, 0);
    rh_end_line(writer);
  }
}
