/*
 * The frame of the interpreter: a run's life, names and arguments, the event
 * log, actions, the operations that hold other operations, and the table of
 * all operations.
 *
 * Re-entrancy: the engine calls back while an operation is under way
 * (finalizers, weak-reference callbacks, collector callbacks). Actions then
 * execute nested operations on the same engine with a text buffer of their
 * own. A root that an engine call may rebind is never kept across the call.
 */
#include "oracle/interpret_memory.h"
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "oracle/literal.h"
#include "rules/evidence.h"

enum {
  DEFAULT_POOL_BYTES = 16384, /* where the profile does not say, nothing said depends on it */
  RAISING_DISTURBS = 100
};

/* --- texts --- */

void rh_text_number(struct rh_text *text, int64_t value) {
  char digits[24], *at = digits + sizeof digits;
  uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do *--at = (char)('0' + magnitude % 10);
  while (magnitude /= 10);
  if (value < 0) *--at = '-';
  rh_text_append(text, at, (size_t)(digits + sizeof digits - at));
}

void rh_say_written(struct rh_run *run, struct rh_observation *seen) {
  rh_text_append(run->text, "", 0); /* there may be no buffer yet */
  rh_say_word(seen, run->text->bytes, run->text->size);
}

void rh_say_number(struct rh_run *run, struct rh_observation *seen, int64_t value) {
  run->text->size = 0;
  rh_text_number(run->text, value);
  rh_say_written(run, seen);
}

void rh_say_window(struct rh_run *run, struct rh_observation *seen, int64_t low, int64_t high) {
  run->text->size = 0;
  rh_text_number(run->text, low);
  rh_text_append(run->text, "..", 2);
  rh_text_number(run->text, high);
  rh_say_written(run, seen);
  seen->class = RH_OBSERVE_WINDOW;
  seen->low = low;
  seen->high = high;
}

void rh_say_opaque(struct rh_observation *seen) {
  rh_say_word(seen, "", 0);
  seen->class = RH_OBSERVE_OPAQUE;
}

void rh_say_exception(struct rh_observation *seen, const char *name) {
  rh_say_word(seen, name, strlen(name));
  seen->is_exception = true;
}

static void say_trouble(struct rh_run *run, struct rh_observation *seen, enum rh_observation_class class,
                        const char *what, const char *which) {
  if (run->trouble == RH_OBSERVE_NOTHING) {
    run->trouble = class;
    (void)snprintf(run->reason, sizeof run->reason, "%s%s%s", what, *which ? " " : "", which);
    rh_make_line(run->reason, strlen(run->reason));
  }
  rh_say_word(seen, run->reason, strlen(run->reason));
  seen->class = run->trouble;
}

void rh_say_unsupported(struct rh_run *run, struct rh_observation *seen, const char *what, const char *which) {
  say_trouble(run, seen, RH_OBSERVE_UNSUPPORTED, what, which);
}

void rh_say_unknown(struct rh_run *run, struct rh_observation *seen, const char *reason) {
  say_trouble(run, seen, RH_OBSERVE_UNKNOWN, reason, "");
}

void rh_say_error(struct rh_run *run, struct rh_observation *seen, int64_t error) {
  static const char *const names[] = {"", "TypeError", "ValueError", "IndexError", "KeyError", "AttributeError"};
  if (error == RH_OK) return;
  if (error == RH_MEMORY_ERROR) {
    rh_say_unknown(run, seen, "refheap's heap is full");
  } else if (error == RH_OVERFLOW_ERROR) {
    rh_say_exception(seen, "OverflowError");
  } else if (error >= RH_ATTRIBUTE_ERROR) {
    rh_say_exception(seen, names[-error]);
  } else {
    rh_say_unsupported(run, seen, "a result no rule predicts:", rh_opcode_spelling((enum rh_opcode)run->code));
  }
}

void rh_say_count(struct rh_run *run, struct rh_observation *seen, int64_t value) {
  if (value < 0) {
    rh_say_error(run, seen, value);
  } else {
    rh_say_number(run, seen, value);
  }
}

/* --- lists of texts --- */

void rh_lines_append(struct rh_lines *lines, const char *first, const char *second, const char *third) {
  if (lines->count == lines->capacity) {
    lines->capacity = lines->capacity ? 2 * lines->capacity : 64;
    lines->ends = realloc(lines->ends, lines->capacity * sizeof *lines->ends);
    if (!lines->ends) abort();
  }
  rh_text_append(&lines->bytes, first, strlen(first));
  rh_text_append(&lines->bytes, second, strlen(second));
  rh_text_append(&lines->bytes, third, strlen(third));
  rh_text_append(&lines->bytes, "", 1); /* the NUL lets sorting use strcmp */
  lines->ends[lines->count++] = lines->bytes.size;
}

void rh_log_event(struct rh_run *run, const char *first, const char *second, const char *third) {
  struct rh_event_notes *notes = &run->event_notes;
  rh_lines_append(&run->log, first, second, third);
  if (!rh_evidence_kept) return;
  if (notes->room < run->log.count) {
    notes->room = run->log.capacity;
    notes->at = realloc(notes->at, notes->room * sizeof *notes->at);
    if (!notes->at) abort();
  }
  notes->at[run->log.count - 1] = rh_evidence_notes();
}

static const char *line_at(const struct rh_lines *lines, size_t i) {
  return lines->bytes.bytes + (i ? lines->ends[i - 1] : 0);
}

void rh_lines_clear(struct rh_lines *lines) {
  lines->bytes.size = lines->count = 0;
}

void rh_lines_free(struct rh_lines *lines) {
  rh_text_free(&lines->bytes);
  free(lines->ends);
}

static uint32_t crc32_continue(uint32_t crc, const char *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    crc ^= (unsigned char)bytes[i];
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
  }
  return crc;
}

static int compare_lines(const void *left, const void *right) {
  return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* COUNT:CRC32HEX of the lines joined by commas, sorted bytewise if asked. */
static void write_digest(struct rh_text *text, const struct rh_lines *lines, bool sorted) {
  const char **order = malloc((lines->count + 1) * sizeof *order);
  if (!order) abort();
  for (size_t i = 0; i < lines->count; i++) order[i] = line_at(lines, i);
  if (sorted) qsort(order, lines->count, sizeof *order, compare_lines);
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < lines->count; i++) {
    if (i) crc = crc32_continue(crc, ",", 1);
    crc = crc32_continue(crc, order[i], strlen(order[i]));
  }
  free(order);
  rh_text_printf(text, "%zu:%08x", lines->count, (unsigned)~crc);
}

static void write_list(struct rh_text *text, const struct rh_lines *lines) {
  rh_text_append(text, "[", 1);
  for (size_t i = 0; i < lines->count; i++) {
    if (i) rh_text_append(text, ", ", 2);
    rh_text_puts(text, line_at(lines, i));
  }
  rh_text_append(text, "]", 1);
}

void rh_say_lines(struct rh_run *run, const struct rh_op *op, const struct rh_lines *lines,
                  struct rh_observation *seen) {
  run->text->size = 0;
  if (op->digest) {
    write_digest(run->text, lines, op->unordered);
  } else {
    write_list(run->text, lines);
  }
  rh_say_written(run, seen);
  if (op->unordered && !op->digest) seen->class = RH_OBSERVE_MULTISET;
}

/* --- names and arguments --- */

int rh_slot_index(const char *name) {
  return name[0] >= 'a' && name[0] <= 'c' && name[1] == '\0' ? name[0] - 'a' : -1;
}

bool rh_is_kind(const struct rh_run *run, uint32_t o, uint64_t kinds) {
  return o != 0 && (kinds >> run->engine->kind(o) & 1) != 0;
}

uint32_t rh_resolve(const struct rh_run *run, const struct rh_arg *arg) {
  uint32_t o = run->roots[arg->name];
  for (uint32_t i = 0; i < arg->nparts && o; i++) {
    const char *name = run->trace->text + run->trace->parts[arg->first_part + i];
    int index = rh_slot_index(name);
    if (!rh_is_kind(run, o, RH_BIT(NODE) | RH_BIT(FIN) | RH_BIT(LEGACY))) {
      o = rh_attribute(run, o, name);
    } else {
      o = index >= 0 ? run->engine->field(o, (uint32_t)index) : 0;
    }
  }
  return o;
}

void rh_write_path(const struct rh_run *run, const struct rh_arg *arg, struct rh_text *text) {
  rh_text_puts(text, rh_trace_name_text(run->trace, arg->name));
  for (uint32_t i = 0; i < arg->nparts; i++) {
    rh_text_append(text, ".", 1);
    rh_text_puts(text, run->trace->text + run->trace->parts[arg->first_part + i]);
  }
}

uint32_t rh_make_int(struct rh_run *run, const struct rh_arg *arg) {
  if (!arg->is_unsigned) return run->engine->new_int(arg->integer);
  return run->engine->new_big(false, 63, (int64_t)((uint64_t)arg->integer & INT64_MAX)); /* 2**63 and the other bits */
}

static struct rh_operand made_operand(struct rh_run *run, uint32_t made) {
  struct rh_observation seen;
  if (!made) rh_say_error(run, &seen, RH_MEMORY_ERROR); /* ends the run, whatever the operation says */
  return (struct rh_operand){made, true};
}

struct rh_operand rh_take_operand(struct rh_run *run, const struct rh_arg *arg) {
  switch (arg->type) {
  case RH_ARG_INTEGER:
    return made_operand(run, rh_make_int(run, arg));
  case RH_ARG_TEXT:
    return made_operand(run, run->engine->new_str(run->trace->text + arg->text, arg->text_length, true));
  case RH_ARG_WORD: /* None is the only word a value may be */
    return (struct rh_operand){run->none, false};
  default:
    return (struct rh_operand){rh_resolve(run, arg), false};
  }
}

void rh_release_operand(struct rh_run *run, struct rh_operand operand) {
  if (operand.made && operand.object) run->engine->drop(operand.object);
}

uint32_t rh_subject(struct rh_run *run, const struct rh_op *op, uint32_t i, uint64_t kinds,
                    struct rh_observation *seen) {
  uint32_t o = rh_resolve(run, rh_argument(run, op, i));
  if (rh_is_kind(run, o, kinds)) return o;
  rh_say_skip(seen);
  return 0;
}

void rh_hold(struct rh_run *run, uint32_t o) {
  run->engine->retain(o);
  run->held[run->depth] = o;
}

void rh_let_go(struct rh_run *run) {
  uint32_t o = run->held[run->depth];
  run->held[run->depth] = 0;
  run->engine->drop(o);
}

unsigned rh_times_held(const struct rh_run *run, uint32_t o) {
  unsigned times = 0;
  for (unsigned depth = 0; depth <= run->depth; depth++) times += run->held[depth] == o;
  return times;
}

void rh_bind_root(struct rh_run *run, uint32_t name, uint32_t owned) {
  uint32_t old = run->roots[name];
  bool borrowed = name == run->self_name && run->self_borrowed;
  if (borrowed) run->self_borrowed = false;
  run->roots[name] = owned;
  if (owned) rh_evidence_call(owned, rh_trace_name_text(run->trace, name));
  if (owned && old && !borrowed) {
    rh_because("RC-4", old, "the name %s is bound to its new object before it lets go of the old one, %s",
               rh_trace_name_text(run->trace, name), rh_evidence_name(old));
  }
  if (old && !borrowed) run->engine->drop(old);
}

void rh_bind_made(struct rh_run *run, uint32_t name, uint32_t made, struct rh_observation *seen) {
  if (made) {
    rh_bind_root(run, name, made);
  } else {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
  }
}

/* --- labels --- */

static uint32_t find_name(const struct rh_trace *trace, const char *wanted) {
  for (uint32_t i = 1; i < trace->nnames; i++)
    if (strcmp(rh_trace_name_text(trace, i), wanted) == 0) return i;
  return 0;
}

const char *rh_run_label_text(struct rh_run *run, uint32_t label) {
  if (label < RH_LABEL_INDEX) return rh_trace_name_text(run->trace, label & ~RH_LABEL_LATE);
  (void)snprintf(run->label_text, sizeof run->label_text, "%u", (unsigned)(label - RH_LABEL_INDEX));
  return run->label_text;
}

/* --- actions --- */

/* Does execution go on? Not after a raise, trouble or the process's death. */
static bool goes_on(const struct rh_run *run) {
  return !run->raising && run->trouble == RH_OBSERVE_NOTHING && !run->end.died;
}

/* An event is as predicted or is not: there is no room for bounds. */
static void log_observation(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool exact = seen->class == RH_OBSERVE_NOTHING || seen->class == RH_OBSERVE_SKIP || seen->class == RH_OBSERVE_EXACT;
  struct rh_op plain = *op;
  plain.recorded = false; /* its `=> ?` is no part of the text */
  run->spelled.size = 0;
  rh_op_print(run->trace, &plain, false, &run->spelled);
  for (size_t i = 0; i < run->spelled.size; i++) {
    char byte = run->spelled.bytes[i];
    if (byte == ' ' || byte == '"' || byte == '\'') run->spelled.bytes[i] = '_';
  }
  rh_log_event(run, run->spelled.bytes, "=", seen->class == RH_OBSERVE_NOTHING ? "ok" : seen->text);
  if (!exact && goes_on(run)) {
    rh_say_unsupported(
        run, seen, "in an action, what is known within bounds alone:", rh_opcode_spelling((enum rh_opcode)op->code));
  }
}

/* Executes the operations inside `op` as long as it goes on. */
static void execute_children(struct rh_run *run, const struct rh_op *op) {
  struct rh_observation seen;
  for (uint32_t i = 0; i < op->nchildren && goes_on(run); i++) {
    if (run->depth && ++run->action_steps > RH_ACTION_STEPS_MAX) {
      rh_say_unknown(run, &seen, "too many operations inside actions");
    } else {
      rh_execute(run, &run->trace->ops[op->first_child + i], &seen);
    }
  }
}

/* What `self` meant before an action. */
struct saved_self {
  uint32_t object;
  bool borrowed;
};

static struct saved_self enter_self(struct rh_run *run, uint32_t self) {
  struct saved_self saved = {run->roots[run->self_name], run->self_borrowed};
  run->roots[run->self_name] = self;
  run->self_borrowed = true;
  return saved;
}

/* An action may have rebound `self`: then the new binding is its own and goes. */
static void leave_self(struct rh_run *run, struct saved_self saved) {
  uint32_t own = run->self_borrowed ? 0 : run->roots[run->self_name];
  run->roots[run->self_name] = saved.object;
  run->self_borrowed = saved.borrowed;
  if (own) run->engine->drop(own);
}

/* The action of `self`, a weak reference or a finalizable object, was left by an exception. */
static void note_left(const struct rh_run *run, uint32_t self) {
  if (rh_is_kind(run, self, RH_BIT(WEAKREF) | RH_BIT(PROXY))) {
    rh_because("WR-10", self, "%s left the callback of %s: it is reported, and the other callbacks still run",
               run->raised, rh_evidence_name(self));
  } else {
    rh_because("FIN-6", self, "%s left the finalizer of %s: it is reported, and the death goes on as without it",
               run->raised, rh_evidence_name(self));
  }
}

/* Runs the action stored as 1 + operation index, 0: none. */
static void run_action(struct rh_run *run, uint32_t stored, uint32_t self) {
  struct rh_observation seen;
  if (stored == 0 || run->trouble != RH_OBSERVE_NOTHING || run->end.died) return;
  if (run->end.reached) {
    run->end.acted = true;
    return;
  }
  if (run->depth == RH_ACTION_DEPTH_MAX) {
    rh_say_unknown(run, &seen, "actions nest too deeply");
    return;
  }
  struct rh_text *text = run->text;
  struct saved_self saved = enter_self(run, self);
  bool raising = run->raising; /* a raise under way is not this action's */
  run->raising = false;
  run->text = &run->nested_text;
  run->depth++;
  execute_children(run, &run->trace->ops[stored - 1]);
  run->depth--;
  if (run->raising) note_left(run, self);
  if (run->raising && run->hook_unraisable) {
    rh_because("END-4", 0, "a hook takes the `%s` that leaves a finalizer or callback: it is an event, and not written",
               run->raised);
    rh_log_event(run, "unraisable:", run->raised, "");
  } else if (run->raising) {
    rh_note_ignored(run);
  }
  run->text = text;
  run->raising = raising;
  leave_self(run, saved);
}

/* The name whose action a finalizer with this label runs; 0 has none. */
static uint32_t action_name(struct rh_run *run, uint32_t label) {
  if (label < RH_LABEL_INDEX) return label & ~RH_LABEL_LATE;
  return run->has_numbers ? find_name(run->trace, rh_run_label_text(run, label)) : 0;
}

static void on_finalizer(void *context, uint32_t object, uint32_t label) {
  struct rh_run *run = context;
  int kind = run->engine->kind(object);
  bool nameless = kind == RH_KIND_NOGCFIN,
       late = kind == RH_KIND_FIN && (label & (RH_LABEL_LATE | RH_LABEL_INDEX)) == RH_LABEL_LATE;
  run->end.late_ran += late;
  const char *what = kind == RH_KIND_LEGACY ? "tpdel:" : "del:";
  const char *whose = nameless ? "nogc" : rh_run_label_text(run, label);
  if (!late) {
    rh_log_event(run, what, whose, "");
  } else if (run->end.reached) {
    rh_lines_append(&run->end.late, what, whose, "");
  } else {
    rh_because("END-1", object, "%s is finalized before the end, and not again", whose);
  }
  if (nameless) {
    run_action(run, run->actions[run->nogc_name], object);
  } else {
    run_action(run, run->actions[action_name(run, label)], object);
  }
}

static void on_weak_callback(void *context, uint32_t weakref, uint32_t label) {
  struct rh_run *run = context;
  if (label & RH_LABEL_FINALIZE) {
    rh_log_event(run, "finalize:", rh_run_label_text(run, label & ~RH_LABEL_FINALIZE), "");
    return;
  }
  rh_log_event(run, "cb:", rh_run_label_text(run, label), "");
  run_action(run, run->callbacks[label], weakref);
}

static void on_found(void *context, bool collectable, uint32_t object) {
  rh_note_found(context, collectable, object);
}

static void on_collection(void *context, enum rh_gc_phase phase, int generation, uint64_t collected,
                          uint64_t uncollectable) {
  rh_note_collection(context, phase, generation, collected, uncollectable);
}

/* --- operations that hold operations, events --- */

static void operate_act(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)seen;
  uint32_t name = rh_argument(run, op, 0)->name;
  char first = rh_trace_name_text(run->trace, name)[0];
  run->has_numbers = run->has_numbers || first <= '9'; /* digits come before letters */
  run->actions[name] = (uint32_t)(op - run->trace->ops) + 1;
}

static void operate_cbact(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)seen;
  run->callbacks[rh_argument(run, op, 0)->name] = (uint32_t)(op - run->trace->ops) + 1;
}

static void operate_repeat(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)seen;
  int64_t times = rh_argument(run, op, 0)->integer;
  for (int64_t i = 0; i < times && goes_on(run); i++) execute_children(run, op);
}

static void operate_try(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool raising = run->raising;
  rh_execute(run, &run->trace->ops[op->first_child], seen);
  run->raising = raising;
  if (run->trouble != RH_OBSERVE_NOTHING || seen->is_exception || seen->class == RH_OBSERVE_SKIP) {
    seen->is_exception = false;
    return;
  }
  RH_SAY(seen, "ok");
}

static void operate_raise(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  rh_say_exception(seen, rh_argument_text(run, op, 0));
  run->raising = run->depth > 0;
  run->raised = seen->text;
}

static void operate_hookunraisable(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op, (void)seen;
  run->hook_unraisable = true;
}

static void operate_events(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  rh_say_lines(run, op, &run->log, seen);
  rh_lines_clear(&run->log);
  run->logs_taken++;
}

/* --- the table --- */

static rh_operation *const operations[RH_OPCODE_COUNT] = {
    [RH_OP_NEW] = rh_operate_new,
    [RH_OP_BIND] = rh_operate_bind,
    [RH_OP_DROP] = rh_operate_drop,
    [RH_OP_CONST] = rh_operate_const,
    [RH_OP_SET] = rh_operate_set,
    [RH_OP_DEL] = rh_operate_del,
    [RH_OP_UNSET] = rh_operate_unset,
    [RH_OP_PUT] = rh_operate_put,
    [RH_OP_DELKEY] = rh_operate_delkey,
    [RH_OP_DELRANGE] = rh_operate_delrange,
    [RH_OP_ADD] = rh_operate_add,
    [RH_OP_DISCARDRANGE] = rh_operate_discardrange,
    [RH_OP_APPEND] = rh_operate_append,
    [RH_OP_INSERT] = rh_operate_insert,
    [RH_OP_POP] = rh_operate_pop,
    [RH_OP_APPENDN] = rh_operate_appendn,
    [RH_OP_POPN] = rh_operate_popn,
    [RH_OP_APPENDINT] = rh_operate_appendint,
    [RH_OP_APPENDINTS] = rh_operate_appendints,
    [RH_OP_CLEAR] = rh_operate_clear,
    [RH_OP_COPY] = rh_operate_copy,
    [RH_OP_LISTCOPY] = rh_operate_listcopy,
    [RH_OP_EXTENDN] = rh_operate_extend,
    [RH_OP_EXTENDITER] = rh_operate_extend,
    [RH_OP_EXTENDGEN] = rh_operate_extend,
    [RH_OP_SLICEDEL] = rh_operate_slicedel,
    [RH_OP_SLICESET] = rh_operate_sliceset,
    [RH_OP_IMUL] = rh_operate_imul,
    [RH_OP_MATERIALIZE] = rh_operate_materialize,
    [RH_OP_SELFMETHOD] = rh_operate_selfmethod,
    [RH_OP_FRAMECYCLE] = rh_operate_framecycle,
    [RH_OP_EXCCYCLE] = rh_operate_exccycle,
    [RH_OP_RAWLOCALREFS] = rh_operate_rawlocalrefs,
    [RH_OP_SETATTR] = rh_operate_setattr,
    [RH_OP_ATTRNAME] = rh_operate_attrname,
    [RH_OP_INCR] = rh_operate_incr,
    [RH_OP_REPEAT] = operate_repeat,
    [RH_OP_TRY] = operate_try,
    [RH_OP_WEAK] = rh_operate_weak,
    [RH_OP_PROXY] = rh_operate_proxy,
    [RH_OP_DEREF] = rh_operate_deref,
    [RH_OP_PROBE] = rh_operate_probe,
    [RH_OP_WEAKCOUNT] = rh_operate_weakcount,
    [RH_OP_USE] = rh_operate_use,
    [RH_OP_ACT] = operate_act,
    [RH_OP_CBACT] = operate_cbact,
    [RH_OP_RAISE] = operate_raise,
    [RH_OP_HOOKUNRAISABLE] = operate_hookunraisable,
    [RH_OP_EVENTS] = operate_events,
    [RH_OP_COLLECT] = rh_operate_collect,
    [RH_OP_ENABLE] = rh_operate_enable,
    [RH_OP_DISABLE] = rh_operate_disable,
    [RH_OP_THRESHOLD] = rh_operate_threshold,
    [RH_OP_COUNT] = rh_operate_count,
    [RH_OP_MARK] = rh_operate_mark,
    [RH_OP_YOUNG] = rh_operate_young,
    [RH_OP_STATMARK] = rh_operate_statmark,
    [RH_OP_STAT] = rh_operate_stat,
    [RH_OP_STATKEYS] = rh_operate_statkeys,
    [RH_OP_FREEZE] = rh_operate_freeze,
    [RH_OP_UNFREEZE] = rh_operate_unfreeze,
    [RH_OP_FROZEN] = rh_operate_frozen,
    [RH_OP_FROZENDELTA] = rh_operate_frozendelta,
    [RH_OP_DEBUG] = rh_operate_debug,
    [RH_OP_GARBAGE] = rh_operate_garbage,
    [RH_OP_CLEARGARBAGE] = rh_operate_cleargarbage,
    [RH_OP_TRACKED] = rh_operate_tracked,
    [RH_OP_FINALIZED] = rh_operate_finalized,
    [RH_OP_GEN] = rh_operate_gen,
    [RH_OP_GCCB] = rh_operate_gccb,
    [RH_OP_GCCBOFF] = rh_operate_gccboff,
    [RH_OP_NCOLLECTIONS] = rh_operate_ncollections,
    [RH_OP_REFERENTS] = rh_operate_referents,
    [RH_OP_REFERRERS] = rh_operate_referrers,
    [RH_OP_REFS] = rh_operate_refs,
    [RH_OP_IMMORTAL] = rh_operate_immortal,
    [RH_OP_SAME] = rh_operate_same,
    [RH_OP_IDOF] = rh_operate_idof,
    [RH_OP_SAMEID] = rh_operate_sameid,
    [RH_OP_CAP] = rh_operate_cap,
    [RH_OP_SIZEOF] = rh_operate_sizeof,
    [RH_OP_LEN] = rh_operate_len,
    [RH_OP_GROWTH] = rh_operate_growth,
    [RH_OP_INTERN] = rh_operate_intern,
    [RH_OP_CHAR] = rh_operate_char,
    [RH_OP_CHAROF] = rh_operate_charof,
    [RH_OP_KEYOF] = rh_operate_keyof,
    [RH_OP_FREECOUNT] = rh_operate_freecount,
    [RH_OP_FREETUPLES] = rh_operate_freetuples,
    [RH_OP_PM_MALLOC] = rh_operate_pm_malloc,
    [RH_OP_PM_CALLOC] = rh_operate_pm_calloc,
    [RH_OP_PM_REALLOC] = rh_operate_pm_realloc,
    [RH_OP_PM_FREE] = rh_operate_pm_free,
    [RH_OP_PM_MMALLOC] = rh_operate_pm_mmalloc,
    [RH_OP_PM_MFREE] = rh_operate_pm_mfree,
    [RH_OP_PM_RMALLOC] = rh_operate_pm_rmalloc,
    [RH_OP_PM_RFREE] = rh_operate_pm_rfree,
    [RH_OP_PM_FILL] = rh_operate_pm_fill,
    [RH_OP_PM_POKE] = rh_operate_pm_poke,
    [RH_OP_PM_BYTES] = rh_operate_pm_bytes,
    [RH_OP_PM_OFF] = rh_operate_pm_off,
    [RH_OP_PM_DELTA] = rh_operate_pm_delta,
    [RH_OP_PM_EQ] = rh_operate_pm_eq,
    [RH_OP_PM_SAMEPOOL] = rh_operate_pm_samepool,
    [RH_OP_PM_DRAIN] = rh_operate_pm_drain,
    [RH_OP_PM_POOLBATCH] = rh_operate_pm_poolbatch,
    [RH_OP_PM_BATCH] = rh_operate_pm_batch,
    [RH_OP_PM_PICK] = rh_operate_pm_pick,
    [RH_OP_PM_FREEBATCH] = rh_operate_pm_freebatch,
    [RH_OP_PM_FREEBUT] = rh_operate_pm_freebut,
    [RH_OP_PM_FREEREST] = rh_operate_pm_freerest,
    [RH_OP_PM_PERPOOL] = rh_operate_pm_perpool,
    [RH_OP_PM_IDENTITY] = rh_operate_pm_identity,
    [RH_OP_PM_LOSSIDENTITY] = rh_operate_pm_identity,
    [RH_OP_PM_SNAP] = rh_operate_pm_snap,
    [RH_OP_PM_BLOCKS] = rh_operate_pm_blocks,
    [RH_OP_PM_POOLS] = rh_operate_pm_pools,
    [RH_OP_PM_AVAIL] = rh_operate_pm_avail,
    [RH_OP_PM_DRAINPOOLS] = rh_operate_pm_drainpools,
    [RH_OP_PM_ARENABATCH] = rh_operate_pm_arenabatch,
    [RH_OP_PM_ARENAS] = rh_operate_pm_arenas,
    [RH_OP_BLOCKS_MARK] = rh_operate_blocks_mark,
    [RH_OP_BLOCKS] = rh_operate_blocks,
    [RH_OP_STDERR] = rh_operate_error_output,
    [RH_OP_NOSTDERR] = rh_operate_error_output,
    [RH_OP_LATE] = rh_operate_late,
    [RH_OP_FATAL] = rh_operate_error_output,
    [RH_OP_TM_START] = rh_operate_tm_start,
    [RH_OP_TM_STOP] = rh_operate_tm_stop,
    [RH_OP_TM_CLEAR] = rh_operate_tm_clear,
    [RH_OP_TM_RESETPEAK] = rh_operate_tm_resetpeak,
    [RH_OP_TM_TRACING] = rh_operate_tm_tracing,
    [RH_OP_TM_LIMIT] = rh_operate_tm_limit,
    [RH_OP_TM_MARK] = rh_operate_tm_mark,
    [RH_OP_TM_DELTA] = rh_operate_tm_delta,
    [RH_OP_TM_PEAKDELTA] = rh_operate_tm_peakdelta,
    [RH_OP_TM_OBJTB] = rh_operate_tm_objtb,
    [RH_OP_TM_TRACK] = rh_operate_tm_track,
    [RH_OP_TM_UNTRACK] = rh_operate_tm_untrack,
    [RH_OP_TM_HAS] = rh_operate_tm_has,
    [RH_OP_TM_TRACESIZE] = rh_operate_tm_tracesize,
    [RH_OP_NOMEM] = rh_operate_nomem,
    [RH_OP_NOMEMOFF] = rh_operate_nomemoff,
};

static void say_refused(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (op->fail_nth) {
    rh_say_unsupported(run, seen, "attribute", "fail_nth");
  } else {
    rh_say_unsupported(run, seen, "operation", rh_opcode_spelling((enum rh_opcode)op->code));
  }
}

void rh_disturb(struct rh_run *run) {
  run->moment += RAISING_DISTURBS;
}

static bool has_actions(const struct rh_run *run) {
  for (size_t name = 0; name < run->trace->nnames; name++)
    if (run->actions[name] != 0 || run->callbacks[name] != 0) return true;
  return false;
}

/* RC-16: members of a set may have died in another order, and what acts then may have found something else. */
static void weaken_scattered(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (seen->class != RH_OBSERVE_EXACT || seen->is_exception) return;
  if (op->code == RH_OP_EVENTS && has_actions(run)) {
    rh_say_opaque(seen);
  } else {
    rh_weaken_order(op, seen);
  }
}

void rh_execute(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  rh_operation *operation = operations[op->code];
  run->code = op->code;
  run->moment++;
  *seen = (struct rh_observation){.class = RH_OBSERVE_NOTHING, .text = ""};
  if (op->fail_nth || rh_faults_refuse(run, op) ||
      (run->profile->family != RH_FAMILY_CPYTHON && rh_family_refuses(run, op))) {
    say_refused(run, op, seen);
    return;
  }
  const char *inherited = rh_inherited_attribute(run, op);
  if (inherited) {
    rh_say_unsupported(run, seen, "attribute", inherited);
    return;
  }
  if (rh_traced_hides(&run->traced, op->code)) {
    rh_say_unsupported(run, seen, "statistics of a traced allocator:", rh_opcode_spelling((enum rh_opcode)op->code));
    return;
  }
  bool observes_blocks = op->code >= RH_OP_PM_MALLOC && op->code < RH_OP_TM_START;
  if (!observes_blocks && op->code != RH_OP_REPEAT && op->code != RH_OP_TRY) rh_blocks_disturb(&run->blocks);
  operation(run, op, seen);
  if (run->end.died && !rh_looks_at_end(op)) {
    rh_say_died(seen); /* perhaps of an operation inside this one */
    return;
  }
  if (run->profile->family != RH_FAMILY_CPYTHON) rh_weaken(run, op, seen);
  if (run->scattered) weaken_scattered(run, op, seen);
  if (op->recorded) log_observation(run, op, seen);
  if (seen->is_exception) rh_disturb(run);
  run->engine->safepoint();
  if (run->engine->doubt() != RH_OK) rh_say_error(run, seen, run->engine->doubt());
}

/* --- a run --- */

struct rh_run *rh_run_new(const struct rh_engine *engine, const struct rh_profile *profile,
                          const struct rh_trace *trace) {
  struct rh_run *run = calloc(1, sizeof *run);
  if (!run) return NULL;
  size_t names = trace->nnames; /* with the one that is none */
  run->engine = engine;
  run->profile = profile;
  run->trace = trace;
  run->hooks = (struct rh_hooks){run, on_finalizer, on_weak_callback, on_found, on_collection};
  run->roots = calloc(names, sizeof *run->roots);
  run->actions = calloc(names, sizeof *run->actions);
  run->callbacks = calloc(names, sizeof *run->callbacks);
  run->literal = calloc(1, sizeof *run->literal);
  run->text = &run->top_text;
  if (!run->roots || !run->actions || !run->callbacks || !run->literal ||
      !rh_blocks_start(&run->blocks, names, profile->pool_bytes ? profile->pool_bytes : DEFAULT_POOL_BYTES)) {
    rh_run_free(run);
    return NULL;
  }
  run->self_name = find_name(trace, "self");
  run->nogc_name = find_name(trace, "nogc");
  engine->start(profile, &run->hooks);
  run->none = engine->constant(RH_CONST_NONE);
  rh_start_collector(run);
  return run;
}

void rh_run_free(struct rh_run *run) {
  if (!run) return;
  rh_blocks_free(&run->blocks);
  rh_end_free(&run->end);
  rh_traced_free(&run->traced);
  rh_lines_free(&run->log);
  rh_lines_free(&run->list);
  free(run->event_notes.at);
  rh_text_free(&run->top_text);
  rh_text_free(&run->nested_text);
  rh_text_free(&run->spelled);
  rh_text_free(&run->collections.generations);
  if (run->literal) rh_text_free(&run->literal->text);
  free(run->literal);
  free(run->handles.at);
  free(run->roots);
  free(run->actions);
  free(run->callbacks);
  free(run);
}

void rh_execute_top(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  if (run->end.died) {
    rh_say_died(seen);
  } else {
    rh_execute(run, op, seen);
    rh_traced_settle(run, op);
  }
}

bool rh_run_step(struct rh_run *run, struct rh_observation *observation) {
  if (run->position == run->trace->ntop || run->trouble != RH_OBSERVE_NOTHING) return false;
  const struct rh_op *op = &run->trace->ops[run->trace->top[run->position]];
  const char *header = run->position == 0 ? rh_read_headers(run) : NULL;
  run->position++;
  if (header) {
    rh_say_unsupported(run, observation, "header", header);
  } else if (rh_looks_at_end(op)) {
    rh_run_ahead(run);
    if (run->trouble == RH_OBSERVE_NOTHING) rh_execute(run, op, observation);
  } else if (run->end.ahead.done) {
    rh_take_ahead(run, observation);
  } else {
    rh_execute_top(run, op, observation);
  }
  if (run->trouble != RH_OBSERVE_NOTHING) say_trouble(run, observation, run->trouble, "", "");
  return true;
}

bool rh_run_pass_look(struct rh_run *run) {
  if (!rh_looks_at_end(&run->trace->ops[run->trace->top[run->position]])) return false;
  if (run->position == 0) (void)rh_read_headers(run); /* they were legal when the trace was predicted */
  run->position++;
  return true;
}

size_t rh_run_position(const struct rh_run *run) {
  return run->position;
}

size_t rh_run_logs_taken(const struct rh_run *run) {
  return run->logs_taken;
}

size_t rh_run_events(const struct rh_run *run) {
  return run->log.count;
}

const char *rh_run_event(const struct rh_run *run, size_t i) {
  return line_at(&run->log, i);
}

size_t rh_run_event_notes(const struct rh_run *run, size_t i) {
  return run->event_notes.at[i];
}

uint32_t rh_run_object(const struct rh_run *run, uint32_t name) {
  return run->roots[name];
}

uint32_t rh_run_block(const struct rh_run *run, uint32_t name) {
  return run->blocks.names[name];
}
