/*
 * Why objects are in the generations they are in, and counters, thresholds and
 * statistics what they are (rules GEN): by the notes of what changed them, else
 * by watching the trace run again.
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_MAX = 4, KEPT_LENGTHS = 20 };

static const struct rh_op *operation(const struct rh_why *why, size_t position) {
  return &why->trace->ops[why->trace->top[position]];
}

/* The last operation of this code before the one explained; SIZE_MAX: none. */
static size_t find_last(const struct rh_why *why, enum rh_opcode code) {
  for (size_t i = why->position; i-- > 0;)
    if (operation(why, i)->code == (uint16_t)code) return i;
  return SIZE_MAX;
}

/* How many notes there were when the operation had been executed; 0 for SIZE_MAX. */
static size_t notes_behind(const struct rh_why *why, size_t position) {
  return position < why->position ? why->history.evidence[position + 1] : 0;
}

static bool is_note(size_t note, const char *rule, uint32_t subject) {
  struct rh_evidence found = rh_evidence(note);
  return strcmp(found.rule, rule) == 0 && found.subject == subject;
}

/* The last note from `first` on of a rule about a subject, SIZE_MAX: none. */
static size_t find_note(size_t first, const char *rule, uint32_t subject) {
  for (size_t i = rh_evidence_notes(); i-- > first;)
    if (is_note(i, rule, subject)) return i;
  return SIZE_MAX;
}

/* What an operation before this one decided. */
static void say_note(struct rh_why *why, size_t note) {
  rh_why_say(why, "%s, in ", rh_evidence(note).text);
  rh_why_say_operation(why, rh_why_operation_of(why, note));
}

/* An argument that is a number. */
static int64_t number_of(const struct rh_why *why, uint32_t argument) {
  return why->trace->args[why->op->first_arg + argument].integer;
}

/* --- gen --- */

/* How an object came into its generation. */
struct moves {
  uint32_t object;
  int now, before; /* generations; -1: none */
  size_t at;       /* the operation that moved it last; SIZE_MAX: never */
};

static void watch_object(struct rh_why *why, size_t position) {
  struct moves *moves = why->watcher;
  int generation = rh_why_generation(why, moves->object);
  if (generation == moves->now) return;
  moves->before = moves->now;
  moves->now = generation;
  moves->at = position - 1; /* nothing lives before the first operation */
}

static struct moves watch_moves(struct rh_why *why, uint32_t object) {
  struct moves moves = {.object = object, .now = -1, .before = -1, .at = SIZE_MAX};
  why->watch = watch_object;
  why->watcher = &moves;
  rh_why_rewind(why, why->position);
  why->watch = NULL;
  return moves;
}

static void explain_frozen_object(struct rh_why *why, const struct moves *moves) {
  size_t note = rh_why_find_note(why, 0, "GEN-9");
  rh_why_rule(why, "GEN-9");
  rh_why_say(why, " is tracked, but frozen");
  if (note == SIZE_MAX) return;
  rh_why_say(why, ": ");
  rh_why_say_operation(why, rh_why_operation_of(why, note));
  rh_why_say(why, " moved it out of generation %d", moves->before);
}

static void explain_untracked_object(struct rh_why *why, uint32_t object) {
  size_t note = rh_why_find_note(why, object, "TRK-");
  rh_why_say(why, " is not tracked, and only what is tracked is in a generation%s", note != SIZE_MAX ? ": " : "");
  if (note != SIZE_MAX) rh_why_cite(why, note);
  rh_why_rule(why, "TRK-5");
}

static void explain_no_generation(struct rh_why *why, const struct moves *moves) {
  rh_why_say_argument(why, 0);
  if (why->engine->tracked(moves->object)) {
    explain_frozen_object(why, moves);
  } else {
    explain_untracked_object(why, moves->object);
  }
}

static const char *rule_of_move(const struct rh_why *why, const struct moves *moves) {
  if (operation(why, moves->at)->code == RH_OP_UNFREEZE) return "GEN-10";
  return why->profile->incremental && moves->now == 2 ? "GEN-14" : "GEN-1";
}

/* Why an object is still where it was put first. */
static void say_left(struct rh_why *why, const struct moves *moves) {
  size_t marked = rh_why_find_note(why, 0, "GEN-14");
  if (moves->now == 0 && marked != SIZE_MAX && rh_why_operation_of(why, marked) > moves->at) {
    rh_why_say(why, ", and only visited objects lead to it: ");
    rh_why_cite(why, marked);
  } else {
    rh_why_say(why, "; no collection has met it since");
  }
}

static void explain_moved(struct rh_why *why, const struct moves *moves) {
  const char *rule = rule_of_move(why, moves);
  int collected = rh_why_collected_generation(why, moves->at);
  rh_why_rule(why, rule);
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is in generation %d since ", moves->now);
  rh_why_say_operation(why, moves->at);
  if (strcmp(rule, "GEN-10") == 0) {
    rh_why_say(why, ", which appended what was frozen to the oldest generation");
  } else if (moves->before < 0) {
    rh_why_say(why, ", when it was tracked");
    say_left(why, moves);
  } else if (collected < 0) {
    rh_why_say(why, ", which marked it: an increment moves what roots reach from generation %d on", moves->before);
  } else {
    rh_why_say(why, ": it was in generation %d and survived the collection of generation %d", moves->before, collected);
  }
}

static void explain_gen(struct rh_why *why) {
  struct moves moves = watch_moves(why, rh_why_object(why, 0));
  size_t called = rh_why_find_note(why, moves.object, "GEN-16");
  if (moves.now < 0) {
    explain_no_generation(why, &moves);
  } else if (called != SIZE_MAX && rh_why_operation_of(why, called) >= moves.at) {
    rh_why_say_argument(why, 0);
    rh_why_say(why, " was a living weak reference to garbage: ");
    rh_why_cite(why, called);
  } else {
    explain_moved(why, &moves);
  }
}

/* --- counters --- */

/* Of each operation, before it: counter 0, what free lists keep, the live objects. */
struct counted {
  int64_t counter, kept;
  uint64_t live;
};

static void watch_counter(struct rh_why *why, size_t position) {
  struct counted *counted = &((struct counted *)why->watcher)[position];
  const struct rh_engine *engine = why->engine;
  *counted = (struct counted){.counter = engine->count(0), .live = engine->live_objects()};
  int64_t lists = engine->free_entries(RH_KIND_LIST, 0), dicts = engine->free_entries(RH_KIND_DICT, 0);
  counted->kept = (lists > 0 ? lists : 0) + (dicts > 0 ? dicts : 0);
  for (uint32_t length = 1; length <= KEPT_LENGTHS; length++) {
    int64_t tuples = engine->free_entries(RH_KIND_TUPLE, length);
    if (tuples > 0) counted->kept += tuples;
  }
}

/* What one operation did to counter 0; false: nothing worth saying. */
static bool say_step(struct rh_why *why, const struct counted *counted, size_t position, unsigned shown) {
  const struct counted *before = &counted[position], *after = before + 1;
  uint64_t freed = before->live > after->live ? before->live - after->live : 0;
  int64_t taken = before->kept - after->kept;
  if (before->counter == after->counter && taken == 0 && freed == 0) return false;
  if (shown >= SHOWN_MAX) return true;
  rh_why_say(why, "; ");
  rh_why_say_operation(why, position);
  rh_why_say(why, before->counter == after->counter ? " leaves it at %" PRId64 : " takes it to %" PRId64,
             after->counter);
  if (freed > 0 && after->counter == 0 && (int64_t)freed > before->counter)
    rh_why_say(why, ", not below, although %" PRIu64 " object%s freed", freed, freed == 1 ? " is" : "s are");
  if (taken != 0) {
    rh_why_say(why, ", with %" PRId64 " container%s %s a free list, which %s not counted", taken < 0 ? -taken : taken,
               taken == 1 || taken == -1 ? "" : "s", taken > 0 ? "from" : "to",
               taken == 1 || taken == -1 ? "is" : "are");
  }
  return true;
}

/* Did free lists do more in the operation than allocating and freeing? */
static bool outweighs(const struct counted *before) {
  const struct counted *after = before + 1;
  int64_t kept = llabs(before->kept - after->kept), growth = llabs(before->counter - after->counter);
  return kept > growth && (before->live <= after->live || kept >= (int64_t)(before->live - after->live));
}

/* Counter 0 from behind operation `base` (SIZE_MAX: from the start) to here. */
static void say_steps(struct rh_why *why, size_t base, const char *rule) {
  struct counted *counted = rh_why_granted(why, calloc(why->position + 1, sizeof *counted));
  size_t from = base == SIZE_MAX ? 0 : base + 1;
  unsigned shown = 0;
  if (counted == NULL) return;
  why->watch = watch_counter;
  why->watcher = counted;
  rh_why_rewind(why, why->position);
  why->watch = NULL;
  rh_why_say(why, "counter 0 is %" PRId64, counted[from].counter);
  if (base != SIZE_MAX) {
    rh_why_say(why, " behind ");
    rh_why_say_operation(why, base);
  }
  for (size_t i = from; i < why->position; i++) {
    if (!say_step(why, counted, i, shown)) continue;
    shown++;
    rule = outweighs(&counted[i]) ? "GEN-13" : "GEN-2";
  }
  if (shown > SHOWN_MAX) rh_why_say(why, "; ...; it is %" PRId64 " in the end", counted[why->position].counter);
  if (shown == 0) rh_why_say(why, ", and nothing collected is allocated or freed from there on");
  rh_why_say(why, "; the observer's own containers may come on top");
  rh_why_rule(why, rule);
  free(counted);
}

/* The last note of what set or raised a counter. */
static size_t find_counter_note(int64_t counter) {
  size_t collected = find_note(0, "GEN-3", (uint32_t)counter + 1),
         frozen = find_note(0, "GEN-9", (uint32_t)counter + 1);
  if (collected == SIZE_MAX) return frozen;
  return frozen != SIZE_MAX && frozen > collected ? frozen : collected;
}

static void explain_count(struct rh_why *why) {
  int64_t counter = number_of(why, 0);
  counter += counter < 0 ? 3 : 0;
  if (counter < 0 || counter > 2) {
    rh_why_rule(why, "GEN-3");
    rh_why_say(why, "there are counters 0, 1 and 2");
    return;
  }
  size_t note = find_counter_note(counter);
  if (counter == 0) {
    const char *rule = note != SIZE_MAX && strcmp(rh_evidence(note).rule, "GEN-9") == 0 ? "GEN-9" : "GEN-3";
    say_steps(why, note != SIZE_MAX ? rh_why_operation_of(why, note) : SIZE_MAX, rule);
  } else if (note != SIZE_MAX) {
    rh_why_cite(why, note);
  } else {
    rh_why_rule(why, "GEN-3");
    rh_why_say(why, "no collection changed counter %" PRId64 " since the full one before the trace, which sets it to 0",
               counter);
  }
}

static void explain_young(struct rh_why *why) {
  rh_why_say(why, "from `mark` on ");
  say_steps(why, find_last(why, RH_OP_MARK), "GEN-2");
}

/* --- thresholds --- */

static void explain_threshold(struct rh_why *why) {
  size_t ignored = find_note(0, "GEN-14", 3), set = 0;
  rh_why_rule(why, ignored != SIZE_MAX ? "GEN-14" : "GEN-4");
  for (uint32_t i = 0; i < 3; i++) {
    size_t note = find_note(0, "GEN-4", i + 1);
    if (note == SIZE_MAX) continue;
    rh_why_say(why, "%s", set++ > 0 ? "; " : "");
    say_note(why, note);
  }
  if (ignored != SIZE_MAX) {
    rh_why_say(why, "; "); /* behind the first two, which are set with it */
    say_note(why, ignored);
  } else if (set < 3) {
    rh_why_say(why, "%s thresholds of %s, which starts with %d, %d, %d",
               set > 0 ? "; the others are the" : "none is set: these are the", why->profile->name,
               (int)why->profile->threshold0, (int)why->profile->threshold1, (int)why->profile->threshold2);
  }
}

/* --- statistics --- */

/* The collections of a generation from a note on, with what they returned. */
static void say_collections(struct rh_why *why, size_t first, int64_t generation) {
  unsigned shown = 0;
  size_t last = SIZE_MAX; /* operation */
  for (size_t i = first; i < rh_evidence_notes(); i++) {
    if (!is_note(i, "GEN-11", (uint32_t)generation + 1) || shown++ >= SHOWN_MAX) continue;
    size_t at = rh_why_operation_of(why, i);
    rh_why_say(why, shown == 1 ? ": " : "; ");
    if (at != last) rh_why_say_operation(why, at);
    rh_why_say(why, "%s%s", at != last ? " with " : "", rh_evidence(i).text);
    last = at;
  }
  if (shown > SHOWN_MAX) rh_why_say(why, "; and %u more", shown - SHOWN_MAX);
}

static unsigned count_collections(size_t first, int64_t generation) {
  unsigned n = 0;
  for (size_t i = first; i < rh_evidence_notes(); i++) n += is_note(i, "GEN-11", (uint32_t)generation + 1);
  return n;
}

/* Why there was no collection of a generation. */
static void say_none(struct rh_why *why, size_t first, int64_t generation) {
  size_t waits = generation == 2 ? find_note(first, "GEN-8", 3) : SIZE_MAX;
  size_t marks = generation == 1 && why->profile->incremental ? find_note(first, "GEN-14", 0) : SIZE_MAX;
  size_t note = waits != SIZE_MAX ? waits : marks;
  if (note == SIZE_MAX) return;
  rh_why_say(why, ": ");
  rh_why_cite(why, note);
}

/* Is the number that was observed larger than any that is predicted? */
static bool is_above(const struct rh_why *why) {
  int64_t most = why->predicted->class == RH_OBSERVE_WINDOW ? why->predicted->high : INT64_MAX;
  return why->observed != NULL && strtoll(why->observed, NULL, 10) > most;
}

/* Which full collections did not run. */
static void say_waiting(struct rh_why *why, size_t first) {
  size_t waits = find_note(first, "GEN-8", 3);
  if (waits == SIZE_MAX) return;
  rh_why_say(why, "; before and behind, ");
  rh_why_cite(why, waits);
}

static void say_fields(struct rh_why *why) {
  rh_why_say(why, "the statistics of %s have the fields collections, collected and uncollectable%s", why->profile->name,
             why->profile->extra_stat_fields ? ", candidates and duration" : " alone");
}

static void explain_stat(struct rh_why *why) {
  int64_t generation = number_of(why, 0);
  size_t mark = find_last(why, RH_OP_STATMARK), first = notes_behind(why, mark);
  rh_why_rule(why, "GEN-11");
  if (strcmp(why->predicted->text, "IndexError") == 0) {
    rh_why_say(why, "there are statistics of generations 0, 1 and 2, none of %" PRId64, generation);
    return;
  }
  if (strcmp(why->predicted->text, "KeyError") == 0) {
    say_fields(why);
    return;
  }
  generation += generation < 0 ? 3 : 0;
  unsigned n = count_collections(first, generation);
  rh_why_say(why, "%u collection%s of generation %" PRId64 " ran since ", n, rh_why_plural(n), generation);
  if (mark != SIZE_MAX) {
    rh_why_say_operation(why, mark);
  } else {
    rh_why_say(why, "the start");
  }
  if (n == 0) {
    say_none(why, first, generation);
  } else {
    say_collections(why, first, generation);
    if (generation == 2 && is_above(why)) say_waiting(why, first);
  }
}

static void explain_statkeys(struct rh_why *why) {
  rh_why_rule(why, "GEN-11");
  say_fields(why);
}

/* --- freezing --- */

static void explain_frozen(struct rh_why *why) {
  size_t frozen = find_note(0, "GEN-9", 0), thawed = find_note(0, "GEN-10", 0);
  bool empty = thawed != SIZE_MAX && (frozen == SIZE_MAX || frozen < thawed);
  size_t note = empty ? thawed : frozen;
  if (note != SIZE_MAX) {
    rh_why_cite(why, note);
  } else {
    rh_why_say(why, "nothing was frozen in this trace");
  }
  rh_why_rule(why, why->profile->immortals_freeze ? "GEN-15" : empty ? "GEN-10" : "GEN-9");
  if (why->profile->immortals_freeze && empty) {
    rh_why_say(why, ", the immortal containers that collections had moved there included");
  } else if (why->profile->immortals_freeze) {
    rh_why_say(why, "; collections before moved immortal containers there as well");
  }
}

static void explain_frozen_growth(struct rh_why *why) {
  size_t note = find_note(0, "GEN-9", 0);
  if (note != SIZE_MAX) {
    rh_why_cite(why, note);
  } else {
    rh_why_rule(why, "GEN-9");
    rh_why_say(why, "nothing was frozen in this trace");
  }
}

/* --- which collections ran --- */

static unsigned count_notes(size_t first, const char *rule, uint32_t subject) {
  unsigned n = 0;
  for (size_t i = first; i < rh_evidence_notes(); i++) n += is_note(i, rule, subject);
  return n;
}

/* Why none ran: the last allocation that passed the threshold, else that none did. */
static void explain_none(struct rh_why *why, size_t first) {
  size_t passed = find_note(first, "GEN-5", 1), cancelled = find_note(first, "GEN-6", 1);
  if (cancelled != SIZE_MAX && (passed == SIZE_MAX || cancelled > passed)) {
    rh_why_cite(why, cancelled);
  } else if (passed != SIZE_MAX) {
    rh_why_cite(why, passed);
  } else {
    rh_why_rule(why, "GEN-5");
    rh_why_say(why,
               "no allocation brought counter 0, now %" PRId64 ", above threshold 0 of %" PRId64
               ", and no operation asked for a collection",
               why->engine->count(0), why->engine->threshold(0));
  }
}

/* The note of the first automatic collection of an older generation; SIZE_MAX: none. */
static size_t find_older(size_t first) {
  for (size_t i = first; i < rh_evidence_notes(); i++)
    if (is_note(i, "GEN-7", 2) || is_note(i, "GEN-7", 3)) return i;
  return SIZE_MAX;
}

/* The number of the first collection in which two records like `0 0 1` differ, from 0 on, and its generations; false
 * when one of them is only shorter. */
static bool find_difference(const struct rh_why *why, unsigned *number, char *right, char *wrong) {
  const char *text = why->predicted->text;
  for (size_t i = 0; why->observed != NULL && i < why->predicted->size && i < why->nobserved; i++) {
    if (text[i] == why->observed[i]) continue;
    *number = (unsigned)(i / 2);
    *right = text[i];
    *wrong = why->observed[i];
    return true;
  }
  return false;
}

/* The note of an automatic collection by its number; there are more than that. */
static size_t find_automatic(size_t first, unsigned number) {
  size_t i = first;
  while (strcmp(rh_evidence(i).rule, "GEN-7") != 0 || number-- > 0) i++;
  return i;
}

/* The automatic collection that an implementation made of another generation: an older one, when the counter of that
 * was not reset. False when there is none. */
static bool explain_other_generation(struct rh_why *why, size_t first, unsigned automatic) {
  unsigned number;
  char right, wrong;
  if (why->profile->incremental || !find_difference(why, &number, &right, &wrong) || number >= automatic) return false;
  size_t note = find_automatic(first, number), reset = SIZE_MAX;
  for (size_t i = first; wrong > right && wrong <= '2' && i < note; i++)
    if (is_note(i, "GEN-3", (uint32_t)(wrong - '0') + 1)) reset = i;
  rh_why_say(why, "of automatic collection %u: ", number + 1);
  rh_why_cite(why, note);
  if (reset == SIZE_MAX || strstr(rh_evidence(reset).text, "to 0") == NULL) return true;
  rh_why_say(why, "; before, ");
  rh_why_cite(why, reset);
  return true;
}

/* What decided most about automatic collections, of which some ran. */
static size_t choose_automatic(const struct rh_why *why, size_t first, unsigned automatic) {
  size_t older = find_older(first), waits = find_note(first, "GEN-8", 3);
  if (why->profile->incremental) return find_note(first, "GEN-14", 2);
  if (older != SIZE_MAX) return older;
  if (waits != SIZE_MAX) return waits;
  bool asked_for = automatic == 1 && why->profile->collect_in_allocation;
  return find_note(first, asked_for ? "GEN-5" : "GEN-6", 1);
}

static void explain_manual(struct rh_why *why, size_t first) {
  rh_why_rule(why, "GEN-12");
  rh_why_say(why, "each installed callback notes each collection");
  for (int64_t generation = 0; generation < 3; generation++) {
    unsigned n = count_collections(first, generation);
    if (n == 0) continue;
    rh_why_say(why, "; of generation %" PRId64, generation);
    say_collections(why, first, generation);
  }
  size_t refused = find_note(first, "GEN-5", 1);
  if (refused == SIZE_MAX) return;
  rh_why_say(why, "; none started by itself: ");
  rh_why_cite(why, refused);
}

static void explain_ncollections(struct rh_why *why) {
  size_t first = notes_behind(why, find_last(why, RH_OP_NCOLLECTIONS));
  unsigned automatic = why->profile->incremental ? count_notes(first, "GEN-14", 2) : 0;
  for (uint32_t generation = 0; generation < 3; generation++) automatic += count_notes(first, "GEN-7", generation + 1);
  if (strcmp(why->predicted->text, "none") == 0) {
    explain_none(why, first);
  } else if (automatic == 0) {
    explain_manual(why, first);
  } else if (!explain_other_generation(why, first, automatic)) {
    rh_why_say(why, "%u automatic collection%s ran: ", automatic, rh_why_plural(automatic));
    rh_why_cite(why, choose_automatic(why, first, automatic));
  }
}

bool rh_why_no_collection(struct rh_why *why, size_t since) {
  bool installed = false;
  for (size_t i = since; i < why->position; i++) installed = installed || operation(why, i)->code == RH_OP_GCCB;
  if (installed) explain_none(why, why->history.evidence[since]);
  return installed;
}

bool rh_why_generations(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_GEN:
    return explain_gen(why), true;
  case RH_OP_COUNT:
    return explain_count(why), true;
  case RH_OP_YOUNG:
    return explain_young(why), true;
  case RH_OP_THRESHOLD:
    return explain_threshold(why), true;
  case RH_OP_STAT:
    return explain_stat(why), true;
  case RH_OP_STATKEYS:
    return explain_statkeys(why), true;
  case RH_OP_FROZEN:
    return explain_frozen(why), true;
  case RH_OP_FROZENDELTA:
    return explain_frozen_growth(why), true;
  case RH_OP_NCOLLECTIONS:
    return explain_ncollections(why), true;
  default:
    return false;
  }
}
