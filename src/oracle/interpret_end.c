/*
 * What is predicted about the end of a process (interpret_end.h).
 *
 * Exit is played on the engine when the first operation looks at the end: a
 * full collection of what the trace left unreachable, then the names go and
 * the rest follows. When exactly an interpreter lets go of the names of a
 * program is not predicted, so events of what they held come in any order.
 */
#include "oracle/interpret_end.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/interpret_memory.h"
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

bool rh_looks_at_end(const struct rh_op *op) {
  return op->code == RH_OP_STDERR || op->code == RH_OP_NOSTDERR || op->code == RH_OP_LATE || op->code == RH_OP_FATAL;
}

void rh_end_free(struct rh_end *end) {
  rh_text_free(&end->errors);
  rh_lines_free(&end->late);
  rh_text_free(&end->ahead.texts);
  free(end->ahead.seen);
  free(end->ahead.places);
}

/* --- operations behind one that looks at the end --- */

static void keep_ahead(struct rh_ahead *ahead, const struct rh_observation *seen) {
  ahead->places[ahead->n] = ahead->texts.size;
  ahead->seen[ahead->n++] = *seen;
  rh_text_append(&ahead->texts, seen->text, seen->size);
  rh_text_append(&ahead->texts, "", 1);
}

void rh_run_ahead(struct rh_run *run) {
  struct rh_ahead *ahead = &run->end.ahead;
  struct rh_observation seen;
  size_t left = run->trace->ntop - run->position;
  if (ahead->done) return;
  ahead->done = true;
  ahead->seen = malloc((left + 1) * sizeof *ahead->seen);
  ahead->places = malloc((left + 1) * sizeof *ahead->places);
  if (!ahead->seen || !ahead->places) abort();
  for (size_t i = run->position; i < run->trace->ntop && run->trouble == RH_OBSERVE_NOTHING; i++) {
    const struct rh_op *op = &run->trace->ops[run->trace->top[i]];
    if (rh_looks_at_end(op)) continue;
    rh_execute_top(run, op, &seen);
    keep_ahead(ahead, &seen);
  }
}

void rh_take_ahead(struct rh_run *run, struct rh_observation *seen) {
  struct rh_ahead *ahead = &run->end.ahead;
  *seen = ahead->seen[ahead->taken];
  seen->text = ahead->texts.bytes + ahead->places[ahead->taken++];
}

/* --- headers --- */

/* A filter of warnings, of n bytes: does it show resource warnings? It is an
 * action, or one for the category ResourceWarning alone. */
static bool shows_warnings(const char *filter, size_t n, bool *known) {
  static const char *const shown[] = {"d", "default", "a", "always", "module", "once"};
  static const char *const hidden[] = {"i", "ignore"};
  static const char category[] = "::ResourceWarning";
  size_t action = strcspn(filter, ": "); /* the filter ends at a blank */
  if (action < n && (n - action != sizeof category - 1 || memcmp(filter + action, category, n - action) != 0))
    *known = false;
  for (unsigned i = 0; i < sizeof shown / sizeof *shown; i++)
    if (strlen(shown[i]) == action && memcmp(filter, shown[i], action) == 0) return true;
  for (unsigned i = 0; i < sizeof hidden / sizeof *hidden; i++)
    if (strlen(hidden[i]) == action && memcmp(filter, hidden[i], action) == 0) return false;
  *known = false;
  return false;
}

/* Options of the interpreter: filters of warnings, and some that decide
 * nothing that is predicted. */
static bool read_options(struct rh_run *run, const char *options) {
  static const char *const harmless[] = {"-B", "-O", "-OO", "-q", "-s", "-u"};
  bool known = true;
  for (const char *at = options; known && *at; at += strspn(at, " ")) {
    size_t n = strcspn(at, " ");
    if (n >= 2 && memcmp(at, "-W", 2) == 0) {
      const char *filter = n > 2 ? at + 2 : at + n + strspn(at + n, " ");
      size_t filter_size = strcspn(filter, " ");
      run->end.warns = shows_warnings(filter, filter_size, &known);
      at = filter + filter_size;
      continue;
    }
    bool found = false;
    for (unsigned i = 0; i < sizeof harmless / sizeof *harmless; i++)
      found = found || (strlen(harmless[i]) == n && memcmp(at, harmless[i], n) == 0);
    known = found;
    at += n;
  }
  return known;
}

static bool read_header(struct rh_run *run, const char *key, const char *value) {
  bool known = true;
  if (strcmp(value, "none") == 0) return true;
  if (strcmp(key, "args") == 0) {
    known = read_options(run, value);
  } else if (strncmp(value, "PYTHONWARNINGS=", 15) == 0) {
    run->end.warns = shows_warnings(value + 15, strlen(value + 15), &known);
  } else if (!rh_memory_env(run, value)) {
    known = strncmp(value, "PYTHONHASHSEED=", 15) == 0; /* decides nothing that is predicted */
  }
  return known;
}

const char *rh_read_headers(struct rh_run *run) {
  for (size_t i = 0; i < run->trace->nheaders; i++) {
    const char *key = rh_trace_text(run->trace, run->trace->headers[i].key);
    bool asks = strcmp(key, "env") == 0 || strcmp(key, "args") == 0;
    if (asks && !read_header(run, key, rh_trace_text(run->trace, run->trace->headers[i].value))) return key;
  }
  return NULL;
}

/* --- the error output --- */

void rh_write_error(struct rh_run *run, const char *text) {
  if (!run->end.reached) rh_text_puts(&run->end.errors, text);
}

/* END-3 */
void rh_note_debug(struct rh_run *run, enum rh_gc_phase phase, int generation, uint64_t collected,
                   uint64_t uncollectable) {
  char line[120];
  if ((run->debug & RH_DEBUG_STATS) == 0) return;
  if (phase == RH_GC_START) {
    (void)snprintf(line, sizeof line, "gc: collecting generation %d...\n", generation);
    rh_because("END-3", 0,
               "under STATS the collection writes `gc: collecting generation %d...`, and `gc: objects in each "
               "generation: ` with their sizes",
               generation);
    rh_write_error(run, line);
    rh_write_error(run, "gc: objects in each generation: " RH_GAP_NUMBER " " RH_GAP_NUMBER " " RH_GAP_NUMBER
                        "\ngc: objects in permanent generation: " RH_GAP_NUMBER "\n");
  } else if (run->profile->debug_done_line) {
    (void)snprintf(line, sizeof line, "gc: done, %" PRIu64 " unreachable, %" PRIu64 " uncollectable, ",
                   collected + uncollectable, uncollectable);
    rh_because("END-3", 0,
               "under STATS the collection writes `gc: done, %" PRIu64 " unreachable, %" PRIu64 " uncollectable, `",
               collected + uncollectable, uncollectable);
    rh_write_error(run, line);
    rh_write_error(run, RH_GAP_NUMBER "s elapsed\n");
  } else {
    rh_because("END-3", 0, "under STATS a collection of this version writes no line `gc: done, `");
  }
}

/* The name a type gives itself, as opposed to the one it goes by. */
static const char *own_type_name(const struct rh_run *run, uint32_t object) {
  int kind = run->engine->kind(object);
  uint32_t label = run->engine->label(object);
  if (kind == RH_KIND_DEQUE) return "collections.deque";
  if (kind == RH_KIND_WEAKREF) return run->profile->weakref_qualified ? "weakref.ReferenceType" : "weakref";
  if (kind == RH_KIND_FIN && (label & (RH_LABEL_LATE | RH_LABEL_INDEX)) == RH_LABEL_LATE) return "latefin";
  return rh_type_name(run, object);
}

void rh_note_found(struct rh_run *run, bool collectable, uint32_t object) {
  char line[80];
  (void)snprintf(line, sizeof line, "gc: %scollectable <%s 0x", collectable ? "" : "un", own_type_name(run, object));
  rh_because("END-3", object, "under %s the collection writes `%s...>` for an object that it %s",
             collectable ? "COLLECTABLE" : "UNCOLLECTABLE", line, collectable ? "will clear" : "leaves alone");
  rh_write_error(run, line);
  rh_write_error(run, RH_GAP_NUMBER ">\n");
}

void rh_note_ignored(struct rh_run *run) {
  rh_because("END-4", 0,
             "`%s` leaves a finalizer or callback and no hook takes it: it is written behind `Exception ignored`",
             run->raised);
  rh_write_error(run, "Exception ignored " RH_GAP_ANY "\n");
  rh_write_error(run, run->raised);
  rh_write_error(run, RH_GAP_ANY "\n");
}

void rh_say_died(struct rh_observation *seen) {
  *seen = (struct rh_observation){0}; /* of what was said before, nothing holds */
  RH_SAY(seen, "died");
  seen->class = RH_OBSERVE_DIED;
}

void rh_die(struct rh_run *run, struct rh_observation *seen, const char *report) {
  rh_write_error(run, report);
  run->end.died = true;
  rh_say_died(seen);
}

/* --- exit --- */

static void note_leak_report(const struct rh_run *run, uint64_t fewest, uint64_t most) {
  bool lists = (run->debug & RH_DEBUG_UNCOLLECTABLE) != 0;
  if ((run->debug & RH_DEBUG_SAVEALL) != 0) {
    rh_because("END-2", 0, "the flag SAVEALL is set, and so the garbage list, which has %" PRIu64 ", is not reported",
               fewest);
  } else if (most == 0) {
    rh_because("END-2", 0, "the garbage list is empty when the process ends, and nothing is reported");
  } else if (!run->end.warns) {
    rh_because("END-2", 0,
               "the garbage list has %" PRIu64 " behind the full collection of exit, but no option shows a "
               "ResourceWarning%s",
               fewest, lists ? "; the flag UNCOLLECTABLE lists it as `      [...]` all the same" : "");
  } else {
    rh_because("END-2", 0,
               "the garbage list has %" PRIu64 " behind the full collection of exit and options show resource "
               "warnings: `gc:0: ResourceWarning: gc: %" PRIu64 " uncollectable objects at shutdown%s",
               fewest, fewest,
               lists ? "` and, under UNCOLLECTABLE, the list as `      [...]`"
                     : "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them`");
  }
}

/* END-2. `fewest` and `most`: how many objects the garbage list may have. */
static void write_leak_report(struct rh_run *run, uint64_t fewest, uint64_t most) {
  struct rh_text *errors = &run->end.errors;
  bool lists = (run->debug & RH_DEBUG_UNCOLLECTABLE) != 0;
  note_leak_report(run, fewest, most);
  if ((run->debug & RH_DEBUG_SAVEALL) != 0 || most == 0) return;
  if (fewest == 0) {
    rh_text_puts(errors, RH_GAP_ANY); /* or nothing */
    return;
  }
  if (run->end.warns) {
    rh_text_puts(errors, "gc:0: ResourceWarning: gc: ");
    if (fewest == most) {
      rh_text_number(errors, (int64_t)fewest);
    } else {
      rh_text_puts(errors, RH_GAP_NUMBER);
    }
    rh_text_puts(errors, " uncollectable objects at shutdown");
    if (!lists) rh_text_puts(errors, "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them");
    rh_text_puts(errors, "\n");
  }
  if (lists) rh_text_puts(errors, "      [" RH_GAP_ANY "]\n");
}

/* What collections at exit find is not only the trace's. */
static void write_exit_debug(struct rh_run *run) {
  if ((run->debug & (RH_DEBUG_STATS | RH_DEBUG_COLLECTABLE | RH_DEBUG_UNCOLLECTABLE)) != 0)
    rh_text_puts(&run->end.errors, RH_GAP_ANY);
}

static void drop_names(struct rh_run *run) {
  for (uint32_t name = 1; name < run->trace->nnames; name++)
    if (run->roots[name]) rh_bind_root(run, name, 0);
}

/* The finalizers from number `first` on that ran during exit. */
static void note_late(const struct rh_end *end, size_t first, const char *when) {
  struct rh_text names = {0};
  if (!rh_evidence_kept) return;
  for (size_t i = first; i < end->late.count; i++) {
    size_t begin = i > 0 ? end->late.ends[i - 1] : 0;
    rh_text_puts(&names, i > first ? ", " : "");
    rh_text_puts(&names, end->late.bytes.bytes + begin);
  }
  if (names.size > 0) rh_because("END-1", 0, "%s: %s", when, names.bytes);
  rh_text_free(&names);
}

static void reach_end(struct rh_run *run) {
  struct rh_end *end = &run->end;
  if (end->reached) return;
  end->reached = true;
  if (end->died) return;
  (void)run->engine->collect(2);
  size_t certain = end->late.count;
  note_late(end, 0, "the full collection of exit finds garbage and finalizes it in list order");
  uint64_t fewest = run->engine->garbage_length();
  drop_names(run);
  (void)run->engine->collect(2);
  end->late_in_any_order = end->late.count > certain;
  note_late(end, certain, "the names go, and what they held is finalized, in an order that is not promised");
  write_exit_debug(run);
  rh_memory_end(run);
  write_leak_report(run, fewest, run->engine->garbage_length());
}

static bool is_top_level(const struct rh_run *run, const struct rh_op *op) {
  return run->depth == 0 && op == &run->trace->ops[run->trace->top[run->position - 1]];
}

/* True when the end can be looked at; else says why not. */
static bool look_at_end(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const char *spelling = rh_opcode_spelling((enum rh_opcode)op->code);
  if (run->profile->family != RH_FAMILY_CPYTHON) {
    rh_say_unsupported(run, seen, "operation", spelling);
    return false;
  }
  if (!is_top_level(run, op)) {
    rh_say_unsupported(run, seen, "inside another operation:", spelling);
    return false;
  }
  reach_end(run);
  return run->trouble == RH_OBSERVE_NOTHING;
}

void rh_operate_late(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (!look_at_end(run, op, seen)) return;
  /* What is held by the garbage list, frozen, or hidden from the collector
   * goes very late or never. */
  if (run->end.acted || run->end.late_made > run->end.late_ran) {
    rh_say_opaque(seen);
    return;
  }
  bool any_order = (run->end.late_in_any_order || run->scattered) && run->end.late.count > 1;
  rh_say_lines(run, op, &run->end.late, seen);
  if (any_order && !op->digest) {
    seen->class = RH_OBSERVE_MULTISET;
  } else if (any_order && !op->unordered) {
    rh_say_opaque(seen);
  }
}

/* --- does a text occur in output with gaps? --- */

static bool is_gap(char byte) {
  return byte == RH_GAP_NUMBER[0] || byte == RH_GAP_ANY[0];
}

static bool is_number_byte(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || byte == '.';
}

/* Is the text somewhere between gaps? */
static bool occurs_for_certain(const struct rh_text *output, const char *text, size_t n) {
  if (n == 0) return true;
  for (size_t i = 0; i + n <= output->size; i++) {
    bool same = memcmp(output->bytes + i, text, n) == 0;
    for (size_t k = 0; same && k < n; k++) same = !is_gap(text[k]);
    if (same) return true;
  }
  return false;
}

/* Could the text be in it, if the gaps were filled suitably? `at` are the
 * places of the output at which a match may go on. O(text * output). */
static bool may_occur(const struct rh_text *output, const char *text, size_t n) {
  if (output->size == 0) return n == 0;
  if (memchr(output->bytes, RH_GAP_ANY[0], output->size)) return true;
  bool *at = malloc(output->size + 1), *next = malloc(output->size + 1);
  if (!at || !next) abort();
  memset(at, true, output->size + 1);
  bool any = true;
  for (size_t k = 0; k < n && any; k++) {
    any = false;
    memset(next, false, output->size + 1);
    for (size_t i = 0; i < output->size; i++) {
      bool gap = output->bytes[i] == RH_GAP_NUMBER[0];
      if (!at[i] || (gap ? !is_number_byte(text[k]) : output->bytes[i] != text[k])) continue;
      next[i + 1] = any = true;
      if (gap) next[i] = true; /* more of the same number */
    }
    bool *swapped = at;
    at = next;
    next = swapped;
  }
  free(at);
  free(next);
  return any;
}

/* --- stderr, nostderr, fatal --- */

/* The observation of a question whose answer is known: `yes` is what a trace
 * records when it is answered with yes. */
static void say_end(struct rh_run *run, const struct rh_op *op, const char *quoted, size_t n, bool occurs,
                    struct rh_observation *seen) {
  bool holds = op->code == RH_OP_NOSTDERR ? !occurs : occurs && (op->code == RH_OP_STDERR || run->end.died);
  run->text->size = 0;
  rh_text_append(run->text, quoted, n);
  rh_text_append(run->text, "", 1);
  size_t said = run->text->size;
  if (holds) {
    rh_text_append(run->text, quoted, n);
  } else {
    rh_text_puts(run->text, op->code == RH_OP_FATAL && !run->end.died ? "ended" : occurs ? "present" : "absent");
  }
  rh_say_word(seen, run->text->bytes + said, run->text->size - said);
  seen->class = RH_OBSERVE_END;
  seen->died = run->end.died;
  seen->occurs = occurs;
  seen->nalternatives = 1;
  seen->alternatives[0] = run->text->bytes;
}

void rh_operate_error_output(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (!look_at_end(run, op, seen)) return;
  const struct rh_expectation *asked = rh_expectation_select(run->trace, op, run->profile->version);
  if (!asked || run->end.acted) {
    rh_say_opaque(seen); /* nothing in particular is looked for, or nothing is known */
    return;
  }
  const char *quoted = rh_trace_text(run->trace, asked->value);
  char *text = malloc(asked->value_length + 1);
  if (!text) abort();
  ptrdiff_t n = rh_text_decode(quoted, asked->value_length, text);
  if (n < 0) {
    rh_say_unsupported(run, seen, "text", quoted);
  } else if (occurs_for_certain(&run->end.errors, text, (size_t)n)) {
    say_end(run, op, quoted, asked->value_length, true, seen);
  } else if (!may_occur(&run->end.errors, text, (size_t)n)) {
    say_end(run, op, quoted, asked->value_length, false, seen);
  } else {
    rh_say_opaque(seen);
  }
  free(text);
}
