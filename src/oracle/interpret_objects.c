/*
 * The operations that change references: roots, slots, containers.
 *
 * What applies to which kind is the table of specs/trace-language.md: any
 * other kind, an unbound name or a path that leads nowhere observes `skip`;
 * the exceptions are the engine's.
 */
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

#include <inttypes.h>
#include <string.h>

#define SLOTTED    (RH_BIT(NODE) | RH_BIT(FIN) | RH_BIT(LEGACY))
#define ATTRIBUTED (RH_BIT(OBJ) | RH_BIT(CLASS))
#define LISTS      (RH_BIT(LIST) | RH_BIT(LISTFIN))
#define ENDED      (LISTS | RH_BIT(DEQUE)) /* has a right end to append objects to */
#define BYTE_KINDS (RH_BIT(BYTEARRAY) | RH_BIT(ARRAY))
#define POPPED     (ENDED | BYTE_KINDS)
#define DICTS      (RH_BIT(DICT) | RH_BIT(WVD) | RH_BIT(WKD))
#define SETS       RH_BIT(SET)
#define EVENTLESS                                                                                                      \
  (RH_BIT(INT) | RH_BIT(FLOAT) | RH_BIT(COMPLEX) | RH_BIT(STR) | RH_BIT(BYTES) | RH_BIT(NONE) | RH_BIT(OTHER))
#define COPYABLE (ENDED | RH_BIT(DICT) | SETS | RH_BIT(BYTEARRAY))
#define CLEARED  (COPYABLE | DICTS)
#define SLICED   (LISTS | RH_BIT(TUPLE))

/* Operations that are one method call hold their container to their end, even
 * if an action drops it meanwhile; storing, deleting and popping do not. */
static void settle(struct rh_run *run, int error, struct rh_observation *seen) {
  rh_let_go(run);
  rh_say_error(run, seen, error);
}

/* Numbers above 2^63-1 do not fit the index of a method. */
static bool overflows(struct rh_run *run, const struct rh_op *op, uint32_t i, struct rh_observation *seen) {
  if (!rh_argument(run, op, i)->is_unsigned) return false;
  rh_say_exception(seen, "OverflowError");
  return true;
}

/* The bound of a slice, which is clipped instead. */
static int64_t bound_argument(const struct rh_run *run, const struct rh_op *op, uint32_t i) {
  const struct rh_arg *arg = rh_argument(run, op, i);
  return arg->is_unsigned ? INT64_MAX : arg->integer;
}

/* --- roots --- */

void rh_operate_bind(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  const struct rh_arg *from = rh_argument(run, op, 1), *to = rh_argument(run, op, 0);
  uint32_t o = rh_resolve(run, from);
  if (!o) {
    rh_say_skip(seen);
    return;
  }
  run->engine->retain(o);
  rh_bind_root(run, to->name, o);
}

/* Left to right; unbound names are passed over, and if all are it is a skip. */
void rh_operate_drop(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  bool any = false;
  for (uint32_t i = 0; i < op->nargs; i++) {
    uint32_t name = rh_argument(run, op, i)->name;
    if (!run->roots[name]) continue;
    any = true;
    rh_bind_root(run, name, 0);
  }
  if (!any) rh_say_skip(seen);
}

/* --- slots and attributes --- */

/* What an S argument names: everything but the last part leads to the owner,
 * which has slots or takes any attribute. */
struct place {
  uint32_t owner;
  int slot; /* -1: an attribute */
  const char *name;
};

/* False, and `skip` or AttributeError said, when there is no such place. */
static bool find_place(struct rh_run *run, const struct rh_op *op, struct place *place, struct rh_observation *seen) {
  struct rh_arg owner = *rh_argument(run, op, 0);
  owner.nparts--;
  place->owner = rh_resolve(run, &owner);
  place->name = run->trace->text + run->trace->parts[owner.first_part + owner.nparts];
  bool slotted = rh_is_kind(run, place->owner, SLOTTED);
  if (!slotted && !rh_is_kind(run, place->owner, ATTRIBUTED)) {
    rh_say_skip(seen);
    return false;
  }
  place->slot = slotted ? rh_slot_index(place->name) : -1;
  if (!slotted || place->slot >= 0) return true;
  rh_say_exception(seen, "AttributeError");
  return false;
}

static uint32_t held_in(struct rh_run *run, const struct place *place) {
  return place->slot >= 0 ? run->engine->field(place->owner, (uint32_t)place->slot)
                          : rh_attribute(run, place->owner, place->name);
}

/* v = 0 deletes. */
static int store_in(struct rh_run *run, const struct place *place, uint32_t v) {
  return place->slot >= 0 ? run->engine->set_field(place->owner, (uint32_t)place->slot, v)
                          : run->engine->set_attribute(place->owner, place->name, strlen(place->name), v);
}

void rh_operate_set(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct place place;
  struct rh_operand value = rh_take_operand(run, rh_argument(run, op, 1));
  if (!value.object) {
    rh_say_skip(seen);
  } else if (find_place(run, op, &place, seen)) {
    if (value.made) run->held[run->depth] = value.object; /* the place alone holds it when the old value goes */
    rh_say_error(run, seen, store_in(run, &place, value.object));
    run->held[run->depth] = 0;
  }
  rh_release_operand(run, value);
}

void rh_operate_del(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct place place;
  if (!find_place(run, op, &place, seen)) return;
  if (held_in(run, &place)) {
    rh_say_error(run, seen, store_in(run, &place, 0));
  } else {
    rh_say_exception(seen, "AttributeError");
  }
}

void rh_operate_unset(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  struct place place;
  if (find_place(run, op, &place, seen)) rh_say_error(run, seen, store_in(run, &place, run->none));
}

/* --- dicts and sets --- */

void rh_operate_put(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t dict = rh_subject(run, op, 0, DICTS, seen);
  if (!dict) return;
  if (!rh_is_kind(run, dict, RH_BIT(DICT))) rh_disturb(run); /* it makes objects of its own */
  struct rh_operand key = rh_take_operand(run, rh_argument(run, op, 1));
  struct rh_operand value = rh_take_operand(run, rh_argument(run, op, 2));
  if (key.object && value.object) {
    rh_say_error(run, seen, run->engine->put(dict, key.object, value.object));
  } else {
    rh_say_skip(seen);
  }
  rh_release_operand(run, value);
  rh_release_operand(run, key);
}

void rh_operate_delkey(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t dict = rh_subject(run, op, 0, DICTS, seen);
  if (!dict) return;
  struct rh_operand key = rh_take_operand(run, rh_argument(run, op, 1));
  if (key.object) {
    rh_say_error(run, seen, run->engine->remove_key(dict, key.object));
  } else {
    rh_say_skip(seen);
  }
  rh_release_operand(run, key);
}

/* Applies `remove` to the integers from..to-1 until one fails. */
static void remove_range(struct rh_run *run, const struct rh_op *op, uint32_t o, int (*remove)(uint32_t o, uint32_t v),
                         struct rh_observation *seen) {
  int64_t to = rh_argument(run, op, 2)->integer;
  int error = RH_OK;
  rh_hold(run, o);
  for (int64_t i = rh_argument(run, op, 1)->integer; i < to && error == RH_OK; i++) {
    uint32_t key = run->engine->new_int(i);
    error = key ? remove(o, key) : RH_MEMORY_ERROR;
    if (key) run->engine->drop(key);
  }
  settle(run, error, seen);
}

void rh_operate_delrange(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t dict = rh_subject(run, op, 0, DICTS, seen);
  if (dict) remove_range(run, op, dict, run->engine->remove_key, seen);
}

void rh_operate_add(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t set = rh_subject(run, op, 0, SETS, seen);
  if (!set) return;
  struct rh_operand value = rh_take_operand(run, rh_argument(run, op, 1));
  if (value.object) {
    rh_say_error(run, seen, run->engine->add(set, value.object));
    if (!rh_is_kind(run, value.object, EVENTLESS) && run->engine->length(set) > 1) run->scattered = true;
  } else {
    rh_say_skip(seen);
  }
  rh_release_operand(run, value);
}

void rh_operate_discardrange(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t set = rh_subject(run, op, 0, SETS, seen);
  if (set) remove_range(run, op, set, run->engine->discard, seen);
}

/* --- lists and deques --- */

void rh_operate_append(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, ENDED, seen);
  if (!o) return;
  struct rh_operand value = rh_take_operand(run, rh_argument(run, op, 1));
  if (value.object) {
    rh_say_error(run, seen, run->engine->append(o, value.object));
  } else {
    rh_say_skip(seen);
  }
  rh_release_operand(run, value);
}

void rh_operate_insert(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  if (!list) return;
  struct rh_operand value = rh_take_operand(run, rh_argument(run, op, 2));
  if (!value.object) {
    rh_say_skip(seen);
  } else if (!overflows(run, op, 1, seen)) {
    rh_say_error(run, seen, run->engine->insert(list, rh_argument(run, op, 1)->integer, value.object));
  }
  rh_release_operand(run, value);
}

void rh_operate_pop(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, POPPED, seen);
  if (!o) return;
  bool indexed = op->nargs > 1;
  if (indexed && run->engine->kind(o) == RH_KIND_DEQUE) {
    rh_say_skip(seen);
  } else if (!indexed || !overflows(run, op, 1, seen)) {
    rh_say_error(run, seen, run->engine->pop(o, indexed ? rh_argument(run, op, 1)->integer : -1));
  }
}

/* Appends `value`, borrowed, n times. */
static void append_times(struct rh_run *run, uint32_t o, uint32_t value, int64_t n, struct rh_observation *seen) {
  int error = RH_OK;
  for (int64_t i = 0; i < n && error == RH_OK; i++) error = run->engine->append(o, value);
  rh_say_error(run, seen, error);
}

static void append_int(struct rh_run *run, const struct rh_op *op, int64_t value, int64_t n,
                       struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, ENDED | BYTE_KINDS, seen);
  if (!o) return;
  uint32_t number = run->engine->new_int(value);
  if (number) {
    append_times(run, o, number, n, seen);
    run->engine->drop(number);
  } else {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
  }
}

void rh_operate_appendn(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, ENDED, seen);
  if (o) append_times(run, o, run->none, rh_argument(run, op, 1)->integer, seen);
}

void rh_operate_appendint(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  append_int(run, op, 0, 1, seen);
}

void rh_operate_appendints(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  append_int(run, op, 1, rh_argument(run, op, 1)->integer, seen);
}

void rh_operate_popn(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, POPPED, seen);
  uint64_t n = (uint64_t)rh_argument(run, op, 1)->integer;
  int error = RH_OK;
  if (!o) return;
  if (n > run->engine->length(o)) {
    rh_say_exception(seen, "IndexError");
    return;
  }
  rh_hold(run, o);
  for (uint64_t i = 0; i < n && error == RH_OK; i++) error = run->engine->pop(o, -1);
  settle(run, error, seen);
}

void rh_operate_clear(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, CLEARED, seen);
  if (!o) return;
  rh_hold(run, o);
  settle(run, run->engine->clear(o), seen);
}

void rh_operate_copy(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 1, COPYABLE, seen);
  if (!o) return;
  rh_hold(run, o); /* making the copy may collect */
  uint32_t made = run->engine->copy(o);
  rh_let_go(run);
  rh_bind_made(run, rh_argument(run, op, 0)->name, made, seen);
}

void rh_operate_listcopy(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 1, SLICED, seen);
  if (!o) return;
  rh_hold(run, o);
  uint32_t made = run->engine->list_copy(o);
  rh_let_go(run);
  rh_bind_made(run, rh_argument(run, op, 0)->name, made, seen);
}

void rh_operate_extend(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  int source = op->code == RH_OP_EXTENDN ? RH_FROM_LIST : op->code == RH_OP_EXTENDITER ? RH_FROM_ITER : RH_FROM_GEN;
  if (list) rh_say_error(run, seen, run->engine->extend(list, (uint32_t)rh_argument(run, op, 1)->integer, source));
}

void rh_operate_slicedel(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  if (!list) return;
  int64_t from = bound_argument(run, op, 1), to = bound_argument(run, op, 2);
  rh_hold(run, list);
  settle(run, run->engine->delete_slice(list, from, to), seen);
}

void rh_operate_sliceset(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  if (!list) return;
  int64_t from = bound_argument(run, op, 1), to = bound_argument(run, op, 2);
  uint32_t n = (uint32_t)rh_argument(run, op, 3)->integer;
  rh_hold(run, list);
  settle(run, run->engine->replace_slice(list, from, to, n), seen);
}

/* More slots than an address space has bytes for is a MemoryError everywhere. */
static bool is_impossible(uint64_t length, int64_t times) {
  return length > 0 && times > 0 && (uint64_t)times > (uint64_t)INT64_MAX / 8 / length;
}

void rh_operate_imul(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t list = rh_subject(run, op, 0, LISTS, seen);
  int64_t times = rh_argument(run, op, 1)->integer;
  if (!list || overflows(run, op, 1, seen)) return;
  if (is_impossible(run->engine->length(list), times)) {
    rh_because("LST-8", list,
               "%" PRIu64 " item%s repeated %" PRId64 " times would need more than 2**63 - 1 bytes, at 8 a "
               "slot: that raises MemoryError and leaves the list as it is",
               run->engine->length(list), run->engine->length(list) == 1 ? "" : "s", times);
    rh_say_exception(seen, "MemoryError");
    return;
  }
  rh_hold(run, list);
  settle(run, run->engine->repeat(list, times), seen);
}
