/*
 * Why objects are as large, and have as much room, as they do (rules SIZ, LST,
 * DCT). The runtime notes each decision about a container's room; the last one
 * says why it is what it is. A note that leaves the room "as it is" needs
 * another, older one to say what it was.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Who decides on the room of a container; and who sums up a size. */
static const char room_groups[] = "LST- DCT- SIZ-8 SIZ-9";
static const char size_groups[] = "SIZ- OBJ- CLS- FUN-";

/* --- room --- */

static bool leaves_room(struct rh_evidence note) {
  return strstr(note.text, "as it is") != NULL;
}

/* The note of the same group about the same object before `note`; SIZE_MAX: none. */
static size_t note_before(size_t note) {
  struct rh_evidence last = rh_evidence(note);
  size_t group = strcspn(last.rule, "-");
  while (note-- > 0) {
    struct rh_evidence before = rh_evidence(note);
    if (before.subject == last.subject && strncmp(before.rule, last.rule, group) == 0) return note;
  }
  return SIZE_MAX;
}

/* Says what led to what the note says, if that is not all: the rule stays. */
static void say_before(struct rh_why *why, size_t note) {
  const struct rh_rule *rule = why->explanation->rule;
  bool appended = strstr(rh_evidence(note).text, "append") != NULL && !leaves_room(rh_evidence(note));
  size_t before = note_before(note);
  while (!appended && before != SIZE_MAX && leaves_room(rh_evidence(before))) before = note_before(before);
  if (before == SIZE_MAX || (!appended && !leaves_room(rh_evidence(note)))) return;
  if (appended && strstr(rh_evidence(before).text, "resized") == NULL) return;
  rh_why_say(why, appended ? "; the last growth: " : "; before: ");
  rh_why_cite(why, before);
  why->explanation->rule = rule;
}

/* Cites what decided on the object's room last; false when nothing did. */
static bool cite_room(struct rh_why *why, uint32_t object) {
  size_t note = rh_why_find_note(why, object, room_groups);
  if (note == SIZE_MAX) return false;
  rh_why_cite(why, note);
  say_before(why, note);
  return true;
}

static bool is_list(int kind) {
  return kind == RH_KIND_LIST || kind == RH_KIND_LISTFIN;
}

/* The rule that decides on the room of a kind where no note says more. */
static const char *room_rule(int kind) {
  return kind == RH_KIND_DICT                               ? "DCT-1"
         : kind == RH_KIND_SET || kind == RH_KIND_FROZENSET ? "DCT-7"
         : kind == RH_KIND_BYTEARRAY                        ? "SIZ-8"
         : kind == RH_KIND_ARRAY                            ? "SIZ-9"
         : kind == RH_KIND_DEQUE                            ? "SIZ-7"
                                                            : "LST-1";
}

static void explain_capacity(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  uint64_t n = why->engine->length(object);
  rh_why_say_argument(why, 0);
  rh_why_say(why, ": ");
  if (cite_room(why, object)) {
    rh_why_say(why, "; it has %" PRIu64 " item%s now", n, rh_why_plural(n));
    return;
  }
  rh_why_rule(why, room_rule(kind));
  rh_why_say(why, "%" PRIu64 " item%s and room for %" PRId64, n, rh_why_plural(n), why->engine->capacity(object));
}

/* A failure that left the length as it was, else the keys that are equal, else what is there. */
static void explain_length(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  uint64_t n = why->engine->length(object);
  size_t note = is_list(kind) ? rh_why_find_note(why, object, "LST-") : SIZE_MAX;
  rh_why_say_argument(why, 0);
  rh_why_say(why, ": ");
  if (note != SIZE_MAX && strcmp(rh_evidence(note).rule, "LST-8") == 0) {
    rh_why_cite(why, note);
    return;
  }
  rh_why_say(why, "of kind %s, with %" PRIu64 " item%s now", rh_kind_name(kind), n, rh_why_plural(n));
  for (uint64_t i = 0; kind == RH_KIND_DICT && i < n && i < 6; i++) {
    rh_why_say(why, i == 0 ? ", whose keys, none equal to another, are: " : ", ");
    rh_graph_describe(&why->graph, why->engine->item(object, i), &why->explanation->argument);
  }
  if (kind == RH_KIND_DICT) rh_why_rule(why, "RC-12");
}

/* --- sizes --- */

/* The rule about the size of a kind, where no note says more. */
static const char *size_rule(int kind) {
  static const char *const rules[RH_KIND_PART + 1] = {
      [RH_KIND_NONE] = "SIZ-1",      [RH_KIND_NODE] = "SIZ-5",      [RH_KIND_FIN] = "SIZ-5",
      [RH_KIND_OBJECT] = "SIZ-1",    [RH_KIND_INT] = "SIZ-2",       [RH_KIND_FLOAT] = "SIZ-1",
      [RH_KIND_STR] = "SIZ-3",       [RH_KIND_TUPLE] = "SIZ-4",     [RH_KIND_LIST] = "SIZ-4",
      [RH_KIND_DICT] = "SIZ-6",      [RH_KIND_SET] = "SIZ-6",       [RH_KIND_DEQUE] = "SIZ-7",
      [RH_KIND_BYTES] = "SIZ-7",     [RH_KIND_WEAKREF] = "SIZ-7",   [RH_KIND_PROXY] = "SIZ-7",
      [RH_KIND_FROZENSET] = "SIZ-6", [RH_KIND_COMPLEX] = "SIZ-1",   [RH_KIND_BYTEARRAY] = "SIZ-8",
      [RH_KIND_ARRAY] = "SIZ-9",     [RH_KIND_FINALIZE] = "SIZ-10", [RH_KIND_WVD] = "SIZ-10",
      [RH_KIND_WKD] = "SIZ-10",      [RH_KIND_OBJ] = "OBJ-1",       [RH_KIND_BARE] = "OBJ-1",
      [RH_KIND_SIZER] = "OBJ-2",     [RH_KIND_STRSUB] = "OBJ-3",    [RH_KIND_CLASS] = "CLS-4",
      [RH_KIND_FUNC] = "FUN-1",      [RH_KIND_OTHER] = "SIZ-2"};
  return rules[kind] != NULL ? rules[kind] : "SIZ-5";
}

/* Slots of the dict's table that makes it this large, with any size that entries have; 0: none does. */
static uint64_t slots_of_dict(const struct rh_profile *profile, uint64_t bytes) {
  for (uint32_t log2 = 3; log2 < 32; log2++) {
    uint64_t slots = UINT64_C(1) << log2, index = log2 < 8 ? slots : log2 < 16 ? 2 * slots : 4 * slots;
    uint64_t fixed = profile->dict_keys_header + index, usable = 2 * slots / 3;
    if (bytes == fixed + 24 * usable || (profile->dict_small_entries && bytes == fixed + 16 * usable)) return slots;
  }
  return 0;
}

/* May the room be other than predicted, or is the size of the same room wrong? The latter's rule, or NULL. */
static const char *rule_of_wrong_size(const struct rh_why *why, int kind, uint64_t predicted, uint64_t observed) {
  uint64_t slots = observed >= 216 ? (observed - 216) / 16 : 0;
  uint64_t table = slots_of_dict(why->profile, observed);
  uint64_t header = kind == RH_KIND_LISTFIN ? why->profile->listfin_size : 56;
  switch (kind) {
  case RH_KIND_LIST:
  case RH_KIND_LISTFIN:
    return observed >= header && (observed - header) % 8 == 0 ? NULL : size_rule(kind);
  case RH_KIND_DICT:
    if (observed == 64 || observed == predicted) return NULL;
    return table == 0 ? "SIZ-6" : table == slots_of_dict(why->profile, predicted) ? "DCT-5" : NULL;
  case RH_KIND_SET:
  case RH_KIND_FROZENSET:
    return observed < 216 || (observed - 216) % 16 != 0 || (slots & (slots - 1)) != 0 ? "SIZ-6" : NULL;
  default:
    return NULL;
  }
}

static uint64_t read_number(const char *text, size_t n) {
  char digits[24] = "";
  if (n < sizeof digits) memcpy(digits, text, n);
  return strtoull(digits, NULL, 10);
}

/* The rule to name where `room` decided on the room, and `size` on what it takes. */
static const char *rule_of_size(const struct rh_why *why, int kind, const char *room, const char *size) {
  uint64_t predicted = read_number(why->predicted->text, why->predicted->size);
  bool table = kind == RH_KIND_DICT || kind == RH_KIND_SET || kind == RH_KIND_FROZENSET;
  if (why->observed != NULL && (table || is_list(kind))) {
    const char *wrong = rule_of_wrong_size(why, kind, predicted, read_number(why->observed, why->nobserved));
    return wrong != NULL ? wrong : room;
  }
  bool bare =
      predicted == (kind == RH_KIND_DICT ? 64 : 216) && (strcmp(room, "DCT-1") == 0 || strcmp(room, "DCT-7") == 0);
  return table && !bare ? room : size;
}

static bool has_room(int kind) {
  return is_list(kind) || kind == RH_KIND_DICT || kind == RH_KIND_SET || kind == RH_KIND_FROZENSET ||
         kind == RH_KIND_BYTEARRAY || kind == RH_KIND_ARRAY;
}

static void explain_size(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  const char *room = room_rule(kind), *size = size_rule(kind);
  size_t decided = has_room(kind) ? rh_why_find_note(why, object, room_groups) : SIZE_MAX;
  size_t first = rh_why_carry_out(why), summed = rh_why_find_note(why, 0, size_groups);
  rh_why_say_argument(why, 0);
  if (summed == SIZE_MAX || summed < first) {
    rh_why_say(why, " is of kind %s", rh_kind_name(kind));
  } else {
    rh_why_say(why, ": ");
    rh_why_cite(why, summed);
    size = rh_evidence(summed).rule;
  }
  if (decided != SIZE_MAX) {
    rh_why_say(why, "; ");
    rh_why_cite(why, decided);
    say_before(why, decided);
    room = rh_evidence(decided).rule;
  }
  rh_why_rule(why, rule_of_size(why, kind, room, size));
}

/* --- growth --- */

/* Length of the item of "[0:0, 1:4]" at the offset, without what separates it. */
static size_t item_length(const char *text, size_t n, size_t at) {
  size_t length = 0;
  while (at + length < n && text[at + length] != ',' && text[at + length] != ']') length++;
  return length;
}

/* The first item that is not as observed. */
struct wrong {
  size_t item;       /* from 0; SIZE_MAX: nothing was observed */
  uint64_t observed; /* what was at the same step; 0: no such step */
};

static struct wrong first_wrong_item(const struct rh_why *why) {
  const char *predicted = why->predicted->text, *observed = why->observed;
  struct wrong wrong = {observed == NULL ? SIZE_MAX : 0, 0};
  for (size_t at = 1; observed != NULL && at < why->predicted->size && at < why->nobserved; wrong.item++) {
    size_t n = item_length(predicted, why->predicted->size, at), m = item_length(observed, why->nobserved, at);
    const char *colon = memchr(predicted + at, ':', n);
    size_t step = colon == NULL ? 0 : (size_t)(colon + 1 - predicted) - at;
    if (n != m || memcmp(predicted + at, observed + at, n) != 0) {
      if (m > step && memcmp(predicted + at, observed + at, step) == 0)
        wrong.observed = read_number(observed + at + step, m - step);
      break;
    }
    at += n + 2;
  }
  return wrong;
}

/* A step of `growth` that changed the room, and the notes that say why, and what the size is the sum of now;
 * SIZE_MAX: none. */
struct change {
  int64_t step, from, to;
  size_t room, size;
};

/* The last note by these rules, if it is not before `first`. */
static size_t note_since(const struct rh_why *why, size_t first, uint32_t object, const char *groups) {
  size_t note = rh_why_find_note(why, object, groups);
  return note == SIZE_MAX || note < first ? SIZE_MAX : note;
}

/* Carries the steps out, up to change number `wanted` or to the end; the last change. */
static struct change follow_growth(struct rh_why *why, uint32_t object, size_t wanted) {
  int64_t steps = why->trace->args[why->op->first_arg + 2].integer;
  int64_t value = rh_run_growth_step(why->run, why->op, object, -1);
  struct change last = {0, value, value, SIZE_MAX, SIZE_MAX};
  why->engine->retain(object); /* popped items may run actions that drop it */
  for (int64_t i = 0; i < steps && wanted > 0; i++) {
    size_t first = rh_evidence_notes();
    int64_t now = rh_run_growth_step(why->run, why->op, object, i);
    if (now == last.to) continue;
    last = (struct change){i + 1, last.to, now, note_since(why, first, object, room_groups),
                           note_since(why, first, 0, size_groups)};
    wanted--;
  }
  return last;
}

static void cite_if_any(struct rh_why *why, const char *separator, size_t note) {
  if (note == SIZE_MAX) return;
  rh_why_say(why, "%s", separator);
  rh_why_cite(why, note);
}

static void explain_growth(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  const char *unit = is_list(kind) ? "slots" : "bytes";
  struct wrong wrong = first_wrong_item(why);
  struct change change = follow_growth(why, object, wrong.item);
  rh_why_rule(why, room_rule(kind));
  rh_why_say_argument(why, 0);
  if (change.step == 0) {
    rh_why_say(why, " begins with %" PRId64 " %s; ", change.from, unit);
    if (!cite_room(why, object))
      rh_why_say(why, "that is a %s of %" PRIu64, rh_kind_name(kind), why->engine->length(object));
    return;
  }
  rh_why_say(why, " goes from %" PRId64 " to %" PRId64 " %s at step %" PRId64, change.from, change.to, unit,
             change.step);
  if (!is_list(kind)) cite_if_any(why, ": ", change.size);
  cite_if_any(why, is_list(kind) ? ": " : "; ", change.room);
  if (wrong.observed == 0 || is_list(kind)) return;
  const char *rule = rule_of_wrong_size(why, kind, (uint64_t)change.to, wrong.observed);
  if (rule != NULL) rh_why_rule(why, rule);
}

bool rh_why_sizes(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_SIZEOF:
    return explain_size(why), true;
  case RH_OP_CAP:
    return explain_capacity(why), true;
  case RH_OP_GROWTH:
    return explain_growth(why), true;
  case RH_OP_LEN:
    return explain_length(why), true;
  default:
    return false;
  }
}
