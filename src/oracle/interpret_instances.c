/*
 * Instances with attributes, classes, functions, generators: their kinds, the
 * operations on attributes, and cycles that calls leave behind.
 *
 * Attributes that every object has, of the form __NAME__, and what a class
 * inherits are none of the trace's: a path with one is unsupported.
 */
#include "oracle/interpret_run.h"
#include "rules/evidence.h"

#include <string.h>

#define ATTRIBUTED (RH_BIT(OBJ) | RH_BIT(CLASS))

static const char *part_text(const struct rh_run *run, const struct rh_arg *arg, uint32_t i) {
  return run->trace->text + run->trace->parts[arg->first_part + i];
}

/* --- attributes in paths --- */

uint32_t rh_attribute(const struct rh_run *run, uint32_t o, const char *name) {
  return rh_is_kind(run, o, ATTRIBUTED) ? run->engine->attribute(o, name, strlen(name)) : 0;
}

static bool is_inherited(const struct rh_run *run, uint32_t o, const char *name) {
  if (rh_is_kind(run, o, RH_BIT(STRSUB))) return true;
  if (rh_is_kind(run, o, RH_BIT(CLASS)) && strcmp(name, "mro") == 0) return true;
  size_t n = strlen(name);
  return rh_is_kind(run, o, ATTRIBUTED) && n > 4 && memcmp(name, "__", 2) == 0 && memcmp(name + n - 2, "__", 2) == 0;
}

const char *rh_inherited_attribute(const struct rh_run *run, const struct rh_op *op) {
  for (uint32_t i = 0; i < op->nargs; i++) {
    const struct rh_arg *arg = rh_argument(run, op, i);
    struct rh_arg owner = *arg;
    for (owner.nparts = 0; owner.nparts < arg->nparts; owner.nparts++) {
      const char *name = part_text(run, arg, owner.nparts);
      if (is_inherited(run, rh_resolve(run, &owner), name)) return name;
    }
  }
  return NULL;
}

/* --- kinds --- */

static uint32_t make_generator(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t held = rh_resolve(run, rh_argument(run, op, 1));
  if (held) return run->engine->new_generator(held);
  rh_say_skip(seen);
  return 0;
}

static uint32_t make_sizer(struct rh_run *run, const struct rh_op *op) {
  const struct rh_arg *arg = rh_argument(run, op, 1);
  return run->engine->new_sizer(arg->integer, arg->is_unsigned);
}

uint32_t rh_make_compound(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  rh_disturb(run); /* making one leaves freed tuples and dicts behind, and finds some */
  switch (op->kind) {
  case RH_NEW_CLASS:
    return run->engine->new_class();
  case RH_NEW_FUNC:
    return run->engine->new_function(RH_FUNCTION_PLAIN);
  case RH_NEW_CLOSURE:
    return run->engine->new_function(RH_FUNCTION_CLOSED);
  case RH_NEW_EXECFUNC:
    return run->engine->new_function(RH_FUNCTION_GLOBAL);
  case RH_NEW_GEN:
    return make_generator(run, op, seen);
  case RH_NEW_SIZER:
    return make_sizer(run, op);
  default: /* RH_NEW_STRSUB: there are no others */
    return run->engine->new_strsub(rh_argument_text(run, op, 1), rh_argument(run, op, 1)->text_length);
  }
}

/* --- operations on attributes --- */

void rh_operate_materialize(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_BIT(OBJ), seen);
  if (!o) return;
  rh_disturb(run); /* an observer's freed dict may be used again */
  rh_say_error(run, seen, run->engine->materialize(o));
}

void rh_operate_selfmethod(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_BIT(OBJ), seen);
  if (!o) return;
  uint32_t method = run->engine->new_method(o);
  if (!method) {
    rh_say_error(run, seen, RH_MEMORY_ERROR);
    return;
  }
  rh_say_error(run, seen, run->engine->set_attribute(o, "m", 1, method));
  run->engine->drop(method);
}

void rh_operate_setattr(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 0, RH_BIT(OBJ), seen);
  uint32_t name = o ? rh_subject(run, op, 1, RH_BIT(STR), seen) : 0;
  uint32_t canonical = name ? rh_intern(run, name, seen) : 0;
  if (!canonical) return;
  rh_say_error(run, seen, run->engine->set_attribute_named(o, name, run->none));
  run->engine->drop(canonical);
}

/* Looking for the name touches the attribute dict. */
void rh_operate_attrname(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  uint32_t o = rh_subject(run, op, 1, RH_BIT(OBJ), seen);
  if (!o) return;
  rh_disturb(run);
  int error = run->engine->materialize(o);
  if (error != RH_OK) {
    rh_say_error(run, seen, error);
    return;
  }
  uint32_t name = run->engine->last_attribute(o);
  if (name) {
    run->engine->retain(name);
    rh_bind_root(run, rh_argument(run, op, 0)->name, name);
  } else {
    rh_say_skip(seen);
  }
}

/* --- cycles that no root names --- */

static void make_cycle(struct rh_run *run, int first, struct rh_observation *seen) {
  if (!run->engine->make_cycle(first, RH_PART_FRAME)) rh_say_error(run, seen, RH_MEMORY_ERROR);
}

void rh_operate_framecycle(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  make_cycle(run, RH_PART_FRAME, seen);
}

/* Exception, traceback, frame: its local is the exception. */
void rh_operate_exccycle(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  make_cycle(run, RH_PART_EXCEPTION, seen);
}

/* The local's reference, and the argument's where passing adds one. */
void rh_operate_rawlocalrefs(struct rh_run *run, const struct rh_op *op, struct rh_observation *seen) {
  (void)op;
  if (run->profile->local_loads_borrow) {
    rh_because("FUN-7", 0,
               "the local variable refers to the list, and the call borrows that reference for its argument: 1");
  } else {
    rh_because("FUN-7", 0, "the local variable refers to the list, and so does the argument of the call: 2");
  }
  rh_say_number(run, seen, run->profile->local_loads_borrow ? 1 : 2);
}
