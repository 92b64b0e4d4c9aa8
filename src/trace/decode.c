/*
 * Binary to trace, for every byte string. Each record is spelled as a line of
 * text, which the parser reads: it alone decides what is legal. Numbers are
 * reduced into their ranges and bytes of names replaced, so that nearly every
 * record spells a legal line; where free text does not (a literal, an expected
 * value), the operation is spelled again with None and without expectations,
 * and dropped if that is not legal either. Missing bytes read as 0.
 *
 * The same functions find the parts of a binary trace for rh_binary_scan; then
 * the lines are not read.
 */
#include <stdlib.h>
#include <string.h>

#include "trace/binary.h"
#include "trace/internal.h"

struct reader {
  struct rh_trace *trace;
  const uint8_t *bytes;
  size_t size, at;
  struct rh_text line;                     /* the operation being spelled */
  struct rh_text attributes, expectations; /* of the next operation */
  struct rh_text names;                    /* spellings of names, NUL-terminated */
  size_t *spellings;                       /* number - RH_NAMES_KNOWN -> offset in names + 1, 0: not given */
  size_t nspellings, spellings_capacity;
  bool plain;             /* second try: no free text */
  struct rh_parts *parts; /* NULL: nobody asks for them */
  bool cut, open;         /* bytes were missing; a block was not ended */
  bool out_of_memory;     /* for a part or a spelling */
};

static unsigned take_byte(struct reader *r) {
  if (r->at < r->size) return r->bytes[r->at++];
  r->cut = true;
  return 0;
}
static size_t left(const struct reader *r) {
  return r->size - r->at;
}

/* Was there no memory for something? What has been read since is not what the bytes say. */
static bool ran_out(const struct reader *r) {
  return r->out_of_memory || r->line.capacity == SIZE_MAX || r->attributes.capacity == SIZE_MAX ||
         r->expectations.capacity == SIZE_MAX || (r->trace && r->trace->tables->out_of_memory);
}

static void free_text(struct reader *r, struct rh_text *text) {
  r->out_of_memory = r->out_of_memory || text->capacity == SIZE_MAX;
  rh_text_free(text);
}

/* --- parts --- */

/* A part that starts here; its number, for close_part. */
static size_t open_part(struct reader *r, enum rh_part_kind kind, uint32_t depth, char letter) {
  struct rh_parts *parts = r->parts;
  if (!parts) return 0;
  if (!rh_grow(&parts->items, &parts->capacity, parts->n, sizeof *parts->items)) {
    r->out_of_memory = true;
    return 0;
  }
  parts->items[parts->n] =
      (struct rh_part){.start = r->at, .end = r->at, .kind = (uint8_t)kind, .depth = (uint8_t)depth, .letter = letter};
  return parts->n++;
}

static void close_part(struct reader *r, size_t part) {
  if (r->parts && part < r->parts->n) r->parts->items[part].end = r->at;
}

/* --- numbers and texts --- */

struct number {
  uint64_t magnitude; /* of the value, or of -1 - value */
  bool negative;
};

static struct number take_number(struct reader *r) {
  unsigned first = take_byte(r);
  if (first < RH_BYTE_SMALL) return (struct number){first, false};
  if (first < RH_BYTE_POSITIVE) return (struct number){first - RH_BYTE_SMALL, true};
  struct number number = {0, first >= RH_BYTE_NEGATIVE};
  for (unsigned i = 0; i <= (first & 7); i++) number.magnitude |= (uint64_t)take_byte(r) << (8 * i);
  return number;
}

static uint64_t take_unsigned(struct reader *r) {
  return take_number(r).magnitude;
}

/* A text: its bytes stay where they are. */
static size_t take_text(struct reader *r, const char **bytes) {
  uint64_t n = take_unsigned(r);
  if (n > left(r)) {
    n = left(r);
    r->cut = true;
  }
  *bytes = n ? (const char *)r->bytes + r->at : "";
  r->at += (size_t)n;
  return (size_t)n;
}

/* --- spelling arguments --- */

static void spell_number(struct reader *r, struct number number, int64_t low, int64_t high) {
  if (number.negative) number.magnitude &= INT64_MAX;
  int64_t value = number.negative ? -1 - (int64_t)number.magnitude : (int64_t)number.magnitude;
  bool wide = !number.negative && number.magnitude > INT64_MAX;
  if (low <= high && (wide || value < low || value > high)) {
    value = low + (int64_t)(number.magnitude % ((uint64_t)high - (uint64_t)low + 1));
    wide = false;
  }
  if (wide) {
    rh_text_printf(&r->line, "%llu", (unsigned long long)number.magnitude);
  } else {
    rh_text_printf(&r->line, "%lld", (long long)value);
  }
}

/* Appends an identifier made of any bytes; `labels`: digits alone may stay. */
static void spell_identifier(struct rh_text *out, const char *bytes, size_t n, bool labels) {
  bool digits = labels && n > 0 && n <= RH_TRACE_NAME_MAX && (bytes[0] != '0' || n == 1);
  for (size_t i = 0; digits && i < n; i++) digits = rh_is_digit(bytes[i]);
  if (n > RH_TRACE_NAME_MAX) n = RH_TRACE_NAME_MAX;
  for (size_t i = 0; i < n; i++) {
    bool good = rh_is_letter(bytes[i]) || (rh_is_digit(bytes[i]) && (i > 0 || digits));
    rh_text_append(out, good ? &bytes[i] : "_", 1);
  }
  if (n == 0) rh_text_puts(out, "_");
}

static const char *spelling_of(const struct reader *r, uint64_t number) {
  if (number < RH_NAMES_KNOWN || number - RH_NAMES_KNOWN >= r->nspellings) return NULL;
  size_t offset = r->spellings[number - RH_NAMES_KNOWN];
  return offset ? r->names.bytes + offset - 1 : NULL;
}

static void spell_name(struct reader *r, uint64_t number, bool label) {
  const char *spelling = spelling_of(r, number);
  if (spelling && (label || !rh_is_digit(spelling[0]))) {
    rh_text_puts(&r->line, spelling);
  } else if (number % RH_NAMES_KNOWN == RH_NAMES_KNOWN - 1) {
    rh_text_puts(&r->line, "self");
  } else {
    char letter = (char)('A' + number % RH_NAMES_KNOWN);
    rh_text_append(&r->line, &letter, 1);
  }
}

/* A reference whose first byte is read; bytes above LONG are numbers again. */
static void spell_reference(struct reader *r, unsigned first, bool label) {
  uint64_t number = first < RH_BYTE_LONG ? first : first > RH_BYTE_LONG ? first - RH_BYTE_LONG : take_unsigned(r);
  spell_name(r, number, label);
}

static void spell_slots(struct reader *r) {
  unsigned n = take_byte(r);
  n = n < RH_TRACE_PARTS_MAX ? n + 1 : n % 4 + 1;
  for (; n > 0; n--) {
    unsigned slot = take_byte(r);
    char letter = (char)('a' + (slot > RH_SLOTS_KNOWN ? slot % 3 : slot));
    rh_text_append(&r->line, ".", 1);
    if (slot != RH_SLOTS_KNOWN) {
      rh_text_append(&r->line, &letter, 1);
    } else {
      const char *bytes;
      size_t length = take_text(r, &bytes);
      spell_identifier(&r->line, bytes, length, false);
    }
  }
}

static void spell_text(struct reader *r) {
  const char *p, *end;
  size_t n = take_text(r, &p);
  struct rh_text clean = {0};
  for (end = p + n; p < end;) {
    size_t length = *p ? rh_utf8_length(p, end) : 0;
    rh_text_append(&clean, length ? p : "?", length ? length : 1);
    p += length ? length : 1;
  }
  rh_print_quoted(clean.bytes, clean.size, &r->line);
  free_text(r, &clean);
}

static void spell_value(struct reader *r, bool only_path) {
  unsigned first = take_byte(r);
  if (first == RH_BYTE_PATH) {
    spell_reference(r, take_byte(r), false);
    spell_slots(r);
  } else if (only_path || first <= RH_BYTE_LONG || first > RH_BYTE_TEXT) {
    spell_reference(r, first, false);
  } else if (first == RH_BYTE_NONE) {
    rh_text_puts(&r->line, "None");
  } else if (first == RH_BYTE_INTEGER) {
    spell_number(r, take_number(r), 0, -1);
  } else {
    spell_text(r);
  }
}

static void spell_word(struct reader *r, const struct rh_slot *slot) {
  const char *bytes;
  if (slot->words) {
    size_t n = rh_word_at(slot, take_byte(r) % slot->nwords, &bytes);
    rh_text_append(&r->line, bytes, n);
    return;
  }
  size_t n = take_text(r, &bytes);
  if (n > RH_TRACE_NAME_MAX) n = RH_TRACE_NAME_MAX;
  for (size_t i = 0; i < n; i++) rh_text_append(&r->line, rh_is_word_byte(bytes[i]) ? &bytes[i] : "_", 1);
  if (n == 0) rh_text_puts(&r->line, "_");
}

/* A literal or real number: as it stands, or something that is always legal. */
static void spell_source(struct reader *r, const char *instead) {
  const char *bytes;
  size_t n = take_text(r, &bytes);
  if (r->plain) {
    rh_text_puts(&r->line, instead);
  } else {
    rh_text_append(&r->line, bytes, n);
  }
}

static void spell_arg(struct reader *r, const struct rh_slot *slot) {
  rh_text_append(&r->line, " ", 1);
  switch (slot->letter) {
  case 'n':
  case 'N':
  case 'A':
    spell_reference(r, take_byte(r), slot->letter == 'A');
    break;
  case 'P':
    spell_value(r, true);
    break;
  case 'V':
    spell_value(r, false);
    break;
  case 'S':
    spell_reference(r, take_byte(r), false);
    spell_slots(r);
    break;
  case 'X':
    rh_text_printf(&r->line, "%x", (unsigned)(take_unsigned(r) % 0x110000));
    break;
  case 'T':
    spell_text(r);
    break;
  case 'L':
    spell_source(r, "None");
    break;
  case 'R':
    spell_source(r, "0.0");
    break;
  case 'W':
    spell_word(r, slot);
    break;
  default:
    spell_number(r, take_number(r), slot->low, slot->high);
  }
}

static size_t take_extra(struct reader *r, const struct rh_shape *shape) {
  if (!shape->varies) return 0;
  unsigned first = take_byte(r);
  if (first < RH_BYTE_LONG) return first % RH_LIST_SHORT;
  uint64_t n = take_unsigned(r);
  if (n <= left(r)) return (size_t)n;
  r->cut = true; /* every argument has a byte at least */
  return left(r);
}

static void spell_args(struct reader *r, const struct rh_shape *shape, uint32_t depth) {
  size_t extra = take_extra(r, shape);
  for (size_t i = 0; i < shape->nslots; i++) {
    const struct rh_slot *slot = &shape->slots[i];
    if (slot->letter == 'K' || slot->letter == 'O') continue;
    size_t times = slot->quantifier == 0 ? 1 : slot->quantifier == '?' ? extra > 0 : extra;
    if (slot->quantifier) extra -= times;
    if (slot->quantifier == '+' && times == 0) times = 1;
    for (; times > 0; times--) {
      size_t part = open_part(r, RH_PART_ARGUMENT, depth, slot->letter);
      spell_arg(r, slot);
      close_part(r, part);
    }
  }
}

/* --- spelling operations --- */

static void spell_attributes(struct reader *r) {
  static const char *const words[] = {"unordered", "digest"};
  unsigned flags = take_byte(r);
  r->attributes.size = 0;
  if (flags & RH_FLAG_FAIL_NTH) {
    uint64_t nth = (take_unsigned(r) + RH_TRACE_COUNT_MAX - 1) % RH_TRACE_COUNT_MAX + 1;
    rh_text_printf(&r->attributes, " (fail_nth=%u", (unsigned)nth);
  }
  for (unsigned i = 0; i < 2; i++)
    if (flags >> i & 1) rh_text_printf(&r->attributes, "%s%s", r->attributes.size ? "," : " (", words[i]);
  if (r->attributes.size) rh_text_puts(&r->attributes, ")");
}

static void spell_expectations(struct reader *r) {
  r->expectations.size = 0;
  for (unsigned i = 0, n = take_byte(r) % RH_ALTERNATIVES_MAX + 1; i < n; i++) {
    if (left(r) == 0) {
      r->cut = true;
      return;
    }
    const char *value, *versions;
    size_t nvalue = take_text(r, &value), nversions = take_text(r, &versions);
    if (r->plain) continue;
    rh_text_puts(&r->expectations, i ? " | " : " => ");
    rh_text_append(&r->expectations, value, nvalue);
    if (nversions) rh_text_puts(&r->expectations, " @");
    rh_text_append(&r->expectations, versions, nversions);
  }
}

static void spell_recording(struct reader *r, bool in_action) {
  r->expectations.size = 0;
  if (in_action) rh_text_puts(&r->expectations, " => ?");
}

static void take_name(struct reader *r) {
  const char *bytes;
  uint64_t number = take_unsigned(r);
  size_t n = take_text(r, &bytes);
  /* Numbers are dense, so no honest one is above the size of the whole. */
  if (number < RH_NAMES_KNOWN || number - RH_NAMES_KNOWN > r->size) return;
  if (n == 4 && memcmp(bytes, "None", 4) == 0) return;
  while (r->nspellings <= number - RH_NAMES_KNOWN) {
    if (!rh_grow(&r->spellings, &r->spellings_capacity, r->nspellings, sizeof *r->spellings)) {
      r->out_of_memory = true;
      return;
    }
    r->spellings[r->nspellings++] = 0;
  }
  size_t offset = r->names.size + 1;
  spell_identifier(&r->names, bytes, n, true);
  rh_text_append(&r->names, "", 1);
  bool kept = r->names.capacity != SIZE_MAX;
  r->spellings[number - RH_NAMES_KNOWN] = kept ? offset : 0;
  r->out_of_memory = r->out_of_memory || !kept;
}

static void take_header(struct reader *r) {
  const char *value;
  const char *key = rh_header_key(take_byte(r));
  size_t n = take_text(r, &value);
  struct rh_text line = {0};
  struct rh_diagnostic ignored;
  if (r->parts) return;
  rh_text_printf(&line, "%%%s ", key);
  rh_text_append(&line, value, n);
  rh_trace_append_line(r->trace, line.bytes, line.size, &ignored);
  free_text(r, &line);
}

static bool nests(uint32_t code) {
  return code == RH_OP_TRY || rh_opcode_shape(code)->is_block;
}

static uint32_t take_opcode(unsigned first, bool may_nest) {
  uint32_t code = first % (RH_OPCODE_COUNT - 1) + 1;
  while (!may_nest && nests(code)) code = code % (RH_OPCODE_COUNT - 1) + 1;
  return code;
}

static void spell_head(struct reader *r, uint32_t code, uint32_t depth) {
  rh_text_puts(&r->line, rh_opcode_spelling(code));
  spell_args(r, rh_opcode_shape(code), depth);
  if (code != RH_OP_NEW) return;
  size_t part = open_part(r, RH_PART_KIND, depth, 'K');
  uint32_t kind = take_byte(r) % (RH_KINDCODE_COUNT - 1) + 1;
  close_part(r, part);
  rh_text_printf(&r->line, " %s", rh_kindcode_spelling(kind));
  spell_args(r, rh_kindcode_shape(kind), depth);
}

static void spell_tail(struct reader *r) {
  rh_text_append(&r->line, r->attributes.bytes, r->attributes.size);
  rh_text_append(&r->line, r->expectations.bytes, r->expectations.size);
}

/* A header or a name's spelling is a part of its own where nothing stands
 * before it; returns the part that goes on behind it. */
static size_t end_record(struct reader *r, size_t part, size_t start) {
  if (!r->parts || part >= r->parts->n || r->parts->items[part].start != start) return part;
  struct rh_part *ended = &r->parts->items[part];
  ended->kind = RH_PART_OTHER;
  ended->end = r->at;
  ended->ending = r->cut ? RH_PART_CUT : RH_PART_WHOLE;
  return open_part(r, RH_PART_OPERATION, ended->depth, 0);
}

/* The last part turns out to be no operation: it goes up to `end`. */
static void end_without_operation(struct reader *r, size_t part, size_t end) {
  if (!r->parts || part >= r->parts->n) return;
  struct rh_part *ended = &r->parts->items[part];
  ended->kind = RH_PART_OTHER;
  ended->end = end;
  ended->ending = r->cut ? RH_PART_CUT : RH_PART_WHOLE;
  if (ended->start == end) r->parts->n = part;
}

/* Reads records up to the next operation; false at the end of a block or of
 * the input. *part is the operation's. */
static bool take_prefixes(struct reader *r, uint32_t depth, bool in_action, unsigned *first, size_t *part) {
  r->attributes.size = r->expectations.size = 0;
  *part = open_part(r, RH_PART_OPERATION, depth, 0);
  while (left(r) > 0) {
    size_t start = r->at;
    *first = take_byte(r);
    switch (*first) {
    case RH_BYTE_RECORD:
      spell_recording(r, in_action);
      break;
    case RH_BYTE_ATTRIBUTES:
      spell_attributes(r);
      break;
    case RH_BYTE_EXPECT:
      spell_expectations(r);
      break;
    case RH_BYTE_HEADER:
      take_header(r);
      *part = end_record(r, *part, start);
      break;
    case RH_BYTE_NAME:
      take_name(r);
      *part = end_record(r, *part, start);
      break;
    case RH_BYTE_END:
      end_without_operation(r, *part, depth == 1 ? r->at : start);
      return false;
    default:
      return true;
    }
  }
  end_without_operation(r, *part, r->at);
  r->open = true;
  return false;
}

static void close_operation(struct reader *r, size_t part) {
  close_part(r, part);
  if (r->parts && part < r->parts->n)
    r->parts->items[part].ending = r->cut ? RH_PART_CUT : r->open ? RH_PART_OPEN : RH_PART_WHOLE;
}

static bool spell_op(struct reader *r, unsigned first, uint32_t depth, bool in_action);

/* The operations of a block; one that is a block itself ends this one too. */
static void spell_block(struct reader *r, uint32_t depth, bool in_action) {
  unsigned first;
  size_t part;
  bool ended = false;
  rh_text_append(&r->line, ":", 1);
  for (const char *before = " "; !ended && take_prefixes(r, depth, in_action, &first, &part); before = "; ") {
    rh_text_puts(&r->line, before);
    ended = spell_op(r, first, depth, in_action);
    close_operation(r, part);
  }
}

/* The byte that was read last is an operation's number. */
static void note_code(struct reader *r, uint32_t depth) {
  size_t part = open_part(r, RH_PART_CODE, depth, 0);
  if (r->parts && part < r->parts->n) r->parts->items[part].start = r->at - 1;
}

/* Spells an operation; true when it is a block. */
static bool spell_op(struct reader *r, unsigned first, uint32_t depth, bool in_action) {
  uint32_t code = take_opcode(first, depth < RH_TRACE_DEPTH_MAX);
  note_code(r, depth);
  spell_head(r, code, depth);
  if (rh_opcode_shape(code)->is_block) {
    spell_block(r, depth + 1, in_action || code == RH_OP_ACT || code == RH_OP_CBACT);
    return true;
  }
  if (code == RH_OP_TRY) {
    rh_text_append(&r->line, " ", 1);
    code = take_opcode(take_byte(r), false);
    note_code(r, depth);
    spell_head(r, code, depth);
  }
  spell_tail(r);
  return false;
}

/* Spells one top-level operation with what stands before it; false when none is left. */
static bool spell_next(struct reader *r) {
  unsigned first;
  size_t part;
  r->line.size = 0;
  if (!take_prefixes(r, 1, false, &first, &part)) return false;
  spell_op(r, first, 1, false);
  close_operation(r, part);
  return true;
}

static bool take_operation(struct reader *r) {
  struct rh_diagnostic ignored;
  return !spell_next(r) || rh_trace_append_line(r->trace, r->line.bytes, r->line.size, &ignored);
}

static void skip_version(struct reader *r) {
  size_t magic = strlen(RH_BINARY_MAGIC);
  if (r->size > magic && memcmp(r->bytes, RH_BINARY_MAGIC, magic) == 0) r->at = magic + 1;
}

static void free_texts(struct reader *r) {
  rh_text_free(&r->line);
  rh_text_free(&r->attributes);
  rh_text_free(&r->expectations);
  rh_text_free(&r->names);
  free(r->spellings);
}

bool rh_binary_scan(const uint8_t *bytes, size_t size, struct rh_parts *parts) {
  struct reader r = {.bytes = bytes, .size = size, .parts = parts};
  rh_spellings_prepare();
  parts->n = 0;
  skip_version(&r);
  while (left(&r) > 0 && !ran_out(&r)) (void)spell_next(&r);
  bool good = !ran_out(&r);
  free_texts(&r);
  return good;
}

struct rh_trace *rh_trace_decode(const uint8_t *bytes, size_t size) {
  struct reader r = {.trace = rh_trace_new("binary"), .bytes = bytes, .size = size};
  if (!r.trace) return NULL;
  skip_version(&r);
  while (left(&r) > 0 && !ran_out(&r)) {
    size_t start = r.at;
    r.plain = false;
    if (take_operation(&r)) continue;
    r.at = start;
    r.plain = true;
    take_operation(&r);
  }
  if (ran_out(&r)) {
    rh_trace_free(r.trace);
    r.trace = NULL;
  }
  free_texts(&r);
  return r.trace;
}
