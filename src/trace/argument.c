/*
 * Arguments: one function per letter of ops.def. Each reads from ps->p up to
 * the argument's end and appends one struct rh_arg. An argument ends at a
 * blank, at `;`, at `:` or with the text.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trace/internal.h"

void rh_skip_blanks(struct rh_parser *ps) {
  while (ps->p < ps->end && rh_is_blank(*ps->p)) ps->p++;
}

static bool at_delimiter(const struct rh_parser *ps) {
  return ps->p == ps->end || rh_is_blank(*ps->p) || *ps->p == ';' || *ps->p == ':';
}

/* What a letter stands for, in words. */
const char *rh_slot_expected(const struct rh_slot *slot) {
  switch (slot->letter) {
  case 'n':
    return "a name to bind";
  case 'N':
    return "a name";
  case 'A':
    return "the name or number of a finalizable object";
  case 'P':
    return "a name or a path such as A.b";
  case 'S':
    return "a slot such as A.b";
  case 'V':
    return "a path, None, an integer or a \"text\"";
  case 'C':
    return "a count from 0 to 10000000";
  case 'I':
    return "an integer";
  case 'X':
    return "a code point in hexadecimal";
  case 'R':
    return "a number";
  case 'T':
    return "a \"text\"";
  case 'L':
    return "a literal";
  case 'K':
    return "a kind";
  case 'O':
    return "an operation";
  default:
    return "a word";
  }
}

/* A new argument that starts at `at`, or NULL with the diagnostic. */
static struct rh_arg *new_arg(struct rh_parser *ps, const char *at, enum rh_arg_type type) {
  struct rh_arg *arg = rh_push_arg(ps->trace);
  if (!arg) {
    rh_fail_memory(ps);
    return NULL;
  }
  arg->type = (uint8_t)type;
  arg->column = ps->start ? (uint32_t)(at - ps->start) + 1 : 0;
  return arg;
}

static bool set_text(struct rh_parser *ps, struct rh_arg *arg, const char *bytes, size_t n) {
  arg->text_length = (uint32_t)n;
  return rh_store(ps->trace, bytes, n, &arg->text) || rh_fail_memory(ps);
}

/* --- names and paths --- */

/* Takes [A-Za-z_][A-Za-z0-9_]* and gives its length, 0 when there is none. */
static size_t take_identifier(struct rh_parser *ps) {
  const char *start = ps->p;
  if (ps->p == ps->end || !rh_is_letter(*ps->p)) return 0;
  do {
    ps->p++;
  } while (ps->p < ps->end && (rh_is_letter(*ps->p) || rh_is_digit(*ps->p)));
  return (size_t)(ps->p - start);
}

static bool check_name(struct rh_parser *ps, const char *at, size_t n) {
  if (n > RH_TRACE_NAME_MAX)
    return rh_fail(ps, at, "name %s is %zu bytes long; the limit is %d", rh_show(at, n).text, n, RH_TRACE_NAME_MAX);
  if (n == 4 && memcmp(at, "None", 4) == 0) return rh_fail(ps, at, "'None' is no name; it stands for the None object");
  return true;
}

static bool fail_name(struct rh_parser *ps, const char *at, const struct rh_slot *slot) {
  return rh_fail(ps, at, "bad name %s; expected %s, of letters, digits and '_', not starting with a digit",
                 rh_show_token(ps, at).text, rh_slot_expected(slot));
}

static bool parse_name(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  size_t n = take_identifier(ps);
  if (slot->letter == 'A' && n == 0) {
    while (ps->p < ps->end && rh_is_digit(*ps->p)) ps->p++;
    n = (size_t)(ps->p - at);
    if (n > 1 && *at == '0') return rh_fail(ps, at, "bad number %s; expected no leading zero", rh_show(at, n).text);
  }
  if (n == 0 || !at_delimiter(ps)) return fail_name(ps, at, slot);
  if (!check_name(ps, at, n)) return false;
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_NAME);
  return arg && (rh_intern_name(ps->trace, at, n, &arg->name) || rh_fail_memory(ps));
}

/* The slots of a path: `.slot` repeated. */
static bool parse_parts(struct rh_parser *ps, const char *at, struct rh_arg *arg, const struct rh_slot *slot) {
  arg->first_part = (uint32_t)ps->trace->nparts;
  while (ps->p < ps->end && *ps->p == '.') {
    const char *part = ++ps->p;
    size_t n = take_identifier(ps);
    uint32_t text;
    if (n == 0) return fail_name(ps, at, slot);
    if (n > RH_TRACE_NAME_MAX) {
      return rh_fail(ps, part, "slot name %s is %zu bytes long; the limit is %d", rh_show(part, n).text, n,
                     RH_TRACE_NAME_MAX);
    }
    if (arg->nparts == RH_TRACE_PARTS_MAX) return rh_fail(ps, part, "path with more than %d slots", RH_TRACE_PARTS_MAX);
    if (!rh_store(ps->trace, part, n, &text) || !rh_push_part(ps->trace, text)) return rh_fail_memory(ps);
    arg->nparts++;
  }
  return true;
}

static bool parse_path(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  size_t n = take_identifier(ps);
  bool ended = at_delimiter(ps);
  if (n == 0 || (!ended && *ps->p != '.')) return fail_name(ps, at, slot);
  if (!check_name(ps, at, n)) return false;
  struct rh_arg *arg = new_arg(ps, at, ended ? RH_ARG_NAME : RH_ARG_PATH);
  if (!arg || !rh_intern_name(ps->trace, at, n, &arg->name)) return rh_fail_memory(ps);
  if (ended && slot->letter == 'S')
    return rh_fail(ps, at, "%s names no slot; expected a slot such as A.b", rh_show(at, n).text);
  if (ended) return true;
  return parse_parts(ps, at, arg, slot) && (at_delimiter(ps) || fail_name(ps, at, slot));
}

/* --- numbers --- */

static bool fail_number(struct rh_parser *ps, const char *at, const struct rh_slot *slot) {
  return rh_fail(ps, at, "bad number %s; expected %s", rh_show_token(ps, at).text, rh_slot_expected(slot));
}

static unsigned digit_value(char c) {
  if (rh_is_digit(c)) return (unsigned)(c - '0');
  return rh_is_letter(c) && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a') + 10 : 16;
}

/* Takes digits of a base; false when there is none or the value needs more than 64 bits. */
static bool take_digits(struct rh_parser *ps, unsigned base, uint64_t *value) {
  const char *start = ps->p;
  bool fits = true;
  for (*value = 0; ps->p < ps->end && digit_value(*ps->p) < base; ps->p++) {
    uint64_t digit = digit_value(*ps->p);
    if (*value > (UINT64_MAX - digit) / base) fits = false;
    *value = *value * base + digit;
  }
  return fits && ps->p > start;
}

static bool check_range(struct rh_parser *ps, const char *at, const struct rh_arg *arg, const struct rh_slot *slot) {
  if (slot->high < slot->low) return true;
  if (!arg->is_unsigned && arg->integer >= slot->low && arg->integer <= slot->high) return true;
  return rh_fail(ps, at, "number %s is out of range; expected %lld to %lld", rh_show_token(ps, at).text,
                 (long long)slot->low, (long long)slot->high);
}

static bool parse_integer(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  uint64_t value;
  bool negative = ps->p < ps->end && *ps->p == '-';
  ps->p += negative;
  const char *digits = ps->p;
  bool hex = ps->end - ps->p > 2 && ps->p[0] == '0' && ps->p[1] == 'x';
  ps->p += hex ? 2 : 0;
  bool fits = take_digits(ps, hex ? 16 : 10, &value);
  bool leading_zero = !hex && ps->p - digits > 1 && *digits == '0';
  if (ps->p == digits + (hex ? 2 : 0) || leading_zero || !at_delimiter(ps)) return fail_number(ps, at, slot);
  if (!fits || (negative && value > (uint64_t)INT64_MAX + 1))
    return rh_fail(ps, at, "number %s is out of range; expected -2^63 to 2^64-1", rh_show_token(ps, at).text);
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_INTEGER);
  if (!arg) return false;
  arg->is_unsigned = !negative && value > INT64_MAX;
  arg->integer = (int64_t)(negative ? 0 - value : value);
  return check_range(ps, at, arg, slot);
}

static bool parse_code_point(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  uint64_t value;
  bool fits = take_digits(ps, 16, &value);
  if (!at_delimiter(ps) || ps->p == at) return fail_number(ps, at, slot);
  if (!fits || value > 0x10ffff)
    return rh_fail(ps, at, "code point %s is out of range; expected 0 to 10ffff", rh_show_token(ps, at).text);
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_WORD);
  if (!arg) return false;
  arg->integer = (int64_t)value;
  char digits[8];
  int n = snprintf(digits, sizeof digits, "%x", (unsigned)value);
  return set_text(ps, arg, digits, (size_t)n);
}

static void take_decimals(struct rh_parser *ps) {
  while (ps->p < ps->end && rh_is_digit(*ps->p)) ps->p++;
}

/* Takes inf, nan, or digits[.digits][e[sign]digits]. */
static bool take_real(struct rh_parser *ps) {
  if (ps->end - ps->p >= 3 && (memcmp(ps->p, "inf", 3) == 0 || memcmp(ps->p, "nan", 3) == 0)) {
    ps->p += 3;
    return true;
  }
  const char *start = ps->p;
  take_decimals(ps);
  if (ps->p == start) return false;
  if (ps->p < ps->end && *ps->p == '.') {
    start = ++ps->p;
    take_decimals(ps);
    if (ps->p == start) return false;
  }
  if (ps->p < ps->end && (*ps->p | 32) == 'e') {
    ps->p++;
    if (ps->p < ps->end && (*ps->p == '-' || *ps->p == '+')) ps->p++;
    start = ps->p;
    take_decimals(ps);
    return ps->p > start;
  }
  return true;
}

static bool parse_real(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  if (ps->p < ps->end && *ps->p == '-') ps->p++;
  if (!take_real(ps) || !at_delimiter(ps)) return fail_number(ps, at, slot);
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_REAL);
  if (!arg || !set_text(ps, arg, at, (size_t)(ps->p - at))) return false;
  arg->real = strtod(ps->trace->text + arg->text, NULL);
  if (isinf(arg->real) && !memchr(at, 'i', (size_t)(ps->p - at)))
    return rh_fail(ps, at, "number %s is out of range of a 64-bit float", rh_show_token(ps, at).text);
  return true;
}

/* --- texts --- */

/* Appends a code point in UTF-8. */
static void append_code_point(struct rh_text *out, uint32_t c) {
  char bytes[4];
  size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  for (size_t i = n - 1; i > 0; i--, c >>= 6) bytes[i] = (char)(0x80 | (c & 0x3f));
  static const unsigned lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  bytes[0] = (char)(lead[n] | c);
  rh_text_append(out, bytes, n);
}

/* The escape behind a backslash: \" \\ \n \t \r \xHH \uHHHH \UHHHHHHHH. */
static bool parse_escape(struct rh_parser *ps, struct rh_text *out) {
  static const char letters[] = "\"\\ntr", meanings[] = "\"\\\n\t\r";
  const char *at = ps->p - 1;
  char c = '\0';
  if (ps->p < ps->end) c = *ps->p++;
  const char *simple = c ? strchr(letters, c) : NULL;
  if (simple) {
    rh_text_append(out, &meanings[simple - letters], 1);
    return true;
  }
  int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  uint32_t value = 0;
  bool good = digits > 0 && ps->end - ps->p >= digits;
  for (int i = 0; good && i < digits; i++, ps->p++) {
    good = digit_value(*ps->p) < 16;
    value = value << 4 | digit_value(*ps->p);
  }
  if (!good) {
    return rh_fail(ps, at, "bad escape %s; expected \\\" \\\\ \\n \\t \\r \\xHH \\uHHHH or \\UHHHHHHHH",
                   rh_show(at, (size_t)(ps->p - at)).text);
  }
  if (value == 0 || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
    return rh_fail(ps, at, "escape %s is no character a text may hold; expected U+0001 to U+10FFFF without surrogates",
                   rh_show(at, (size_t)(ps->p - at)).text);
  }
  append_code_point(out, value);
  return true;
}

static bool parse_text(struct rh_parser *ps, const struct rh_slot *slot) {
  const char *at = ps->p;
  struct rh_text *scratch = &ps->trace->tables->scratch;
  scratch->size = 0;
  if (ps->p == ps->end || *ps->p++ != '"')
    return rh_fail(ps, at, "bad text %s; expected %s", rh_show_token(ps, at).text, rh_slot_expected(slot));
  for (;;) {
    const char *plain = ps->p;
    while (ps->p < ps->end && *ps->p != '"' && *ps->p != '\\') ps->p++;
    rh_text_append(scratch, plain, (size_t)(ps->p - plain));
    if (ps->p == ps->end)
      return rh_fail(ps, at, "text %s is not closed; expected '\"'", rh_show(at, (size_t)(ps->p - at)).text);
    if (*ps->p++ == '"') break;
    if (!parse_escape(ps, scratch)) return false;
  }
  if (scratch->capacity == SIZE_MAX) return rh_fail_memory(ps);
  if (!at_delimiter(ps))
    return rh_fail(ps, ps->p, "expected a blank after the text, found %s", rh_show_token(ps, ps->p).text);
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_TEXT);
  return arg && set_text(ps, arg, scratch->bytes, scratch->size);
}

/* --- words and values --- */

unsigned rh_word_index(const struct rh_slot *slot, const char *word, size_t n) {
  const char *end = slot->words + slot->words_length;
  unsigned index = 0;
  for (const char *p = slot->words; p < end; p++, index++) {
    const char *start = p;
    while (p < end && *p != '|') p++;
    if ((size_t)(p - start) == n && memcmp(start, word, n) == 0) return index;
  }
  return UINT_MAX;
}

size_t rh_word_at(const struct rh_slot *slot, unsigned index, const char **word) {
  const char *end = slot->words + slot->words_length;
  *word = slot->words;
  for (const char *p = slot->words; p < end; p++) {
    if (*p == '|' && index-- == 0) return (size_t)(p - *word);
    if (*p == '|') *word = p + 1;
  }
  return (size_t)(end - *word);
}

static bool parse_word(struct rh_parser *ps, const struct rh_slot *slot, const char *owner) {
  const char *at = ps->p;
  while (ps->p < ps->end && rh_is_word_byte(*ps->p)) ps->p++;
  size_t n = (size_t)(ps->p - at);
  if (n == 0 || !at_delimiter(ps)) {
    return rh_fail(ps, at, "bad word %s after '%s'; expected letters, digits, '_', '.' and '-'",
                   rh_show_token(ps, at).text, owner);
  }
  if (n > RH_TRACE_NAME_MAX)
    return rh_fail(ps, at, "word %s is %zu bytes long; the limit is %d", rh_show(at, n).text, n, RH_TRACE_NAME_MAX);
  if (slot->words && rh_word_index(slot, at, n) == UINT_MAX) {
    return rh_fail(ps, at, "unknown word %s after '%s'; expected %.*s%s", rh_show(at, n).text, owner,
                   (int)slot->words_length, slot->words, rh_near_word(at, n, slot->words, slot->words_length).text);
  }
  struct rh_arg *arg = new_arg(ps, at, RH_ARG_WORD);
  return arg && set_text(ps, arg, at, n);
}

static bool parse_value(struct rh_parser *ps, const struct rh_slot *slot, const char *owner) {
  static const struct rh_slot none = {.letter = 'W', .words = "None", .words_length = 4};
  const char *at = ps->p;
  if (at == ps->end) return fail_name(ps, at, slot);
  if (*at == '"') return parse_text(ps, slot);
  if (*at == '-' || rh_is_digit(*at)) return parse_integer(ps, slot);
  size_t n = take_identifier(ps);
  bool is_none = n == 4 && memcmp(at, "None", 4) == 0 && at_delimiter(ps);
  ps->p = at;
  return is_none ? parse_word(ps, &none, owner) : parse_path(ps, slot);
}

/* --- literals --- */

bool rh_at_attributes(const struct rh_parser *ps) {
  static const char *const words[] = {"fail_nth", "unordered", "digest"};
  const char *p = ps->p;
  if (p == ps->end || *p++ != '(') return false;
  while (p < ps->end && rh_is_blank(*p)) p++;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t n = strlen(words[i]);
    if ((size_t)(ps->end - p) > n && memcmp(p, words[i], n) == 0 && strchr("=,) \t", p[n])) return true;
  }
  return false;
}

static bool skip_quoted(struct rh_parser *ps) {
  const char *at = ps->p;
  char quote = *ps->p++;
  for (; ps->p < ps->end && *ps->p != quote; ps->p++)
    if (*ps->p == '\\' && ps->p + 1 < ps->end) ps->p++;
  if (ps->p++ < ps->end) return true;
  ps->p = ps->end;
  return rh_fail(ps, at, "text %s is not closed; expected '%c'", rh_show(at, (size_t)(ps->end - at)).text, quote);
}

/* Where a literal ends outside brackets and quotes. It cannot begin with what begins a block. */
static bool at_literal_end(const struct rh_parser *ps, const char *start) {
  if (*ps->p == ';' || (*ps->p == ':' && ps->p == start)) return true;
  if (*ps->p == '=' && ps->end - ps->p > 1 && ps->p[1] == '>') return true;
  return ps->p > start && rh_is_blank(ps->p[-1]) && rh_at_attributes(ps);
}

/* Source text in another language: quotes and brackets must close, nothing
 * else is looked at. */
static bool parse_literal(struct rh_parser *ps) {
  const char *start = ps->p, *open[RH_BRACKETS_MAX];
  size_t nopen = 0;
  while (ps->p < ps->end && *ps->p != '#' && (nopen > 0 || !at_literal_end(ps, start))) {
    const char *at = ps->p;
    if (*at == '"' || *at == '\'') {
      if (!skip_quoted(ps)) return false;
      continue;
    }
    if (strchr("([{", *at)) {
      if (nopen == RH_BRACKETS_MAX) return rh_fail(ps, at, "more than %d open brackets in a literal", RH_BRACKETS_MAX);
      open[nopen++] = at;
    } else if (strchr(")]}", *at)) {
      bool matches = nopen > 0 && *at - *open[nopen - 1] <= 2 && *at > *open[nopen - 1];
      if (!matches) return rh_fail(ps, at, "'%c' closes no bracket in the literal", *at);
      nopen--;
    }
    ps->p++;
  }
  if (nopen > 0) return rh_fail(ps, open[nopen - 1], "'%c' is not closed in the literal", *open[nopen - 1]);
  const char *end = ps->p;
  while (end > start && rh_is_blank(end[-1])) end--;
  if (end == start) return rh_fail(ps, start, "'const' needs a literal after the name");
  struct rh_arg *arg = new_arg(ps, start, RH_ARG_LITERAL);
  return arg && set_text(ps, arg, start, (size_t)(end - start));
}

bool rh_parse_argument(struct rh_parser *ps, const struct rh_slot *slot, const char *owner) {
  switch (slot->letter) {
  case 'n':
  case 'N':
  case 'A':
    return parse_name(ps, slot);
  case 'P':
  case 'S':
    return parse_path(ps, slot);
  case 'V':
    return parse_value(ps, slot, owner);
  case 'I':
  case 'C':
    return parse_integer(ps, slot);
  case 'X':
    return parse_code_point(ps, slot);
  case 'R':
    return parse_real(ps, slot);
  case 'T':
    return parse_text(ps, slot);
  case 'L':
    return parse_literal(ps);
  default:
    return parse_word(ps, slot, owner);
  }
}
