/*
 * What the runtime's tests share: starting under a profile, a log of events,
 * one registered action, short forms.
 */
#ifndef RH_TESTS_RUNTIME_TEST_H
#define RH_TESTS_RUNTIME_TEST_H

#include "core/config.h"
#include "profile/profile.h"
#include "runtime/runtime.h"
#include "test.h"

static char event_log[1 << 16];
static void (*action)(uint32_t object, uint32_t label); /* runs after the event is logged */

static void log_event(const char *what, uint32_t label) {
  size_t n = strlen(event_log);
  snprintf(event_log + n, sizeof event_log - n, "%s%s%" PRIu32, n ? " " : "", what, label);
}

static void on_finalizer(void *context, uint32_t object, uint32_t label) {
  (void)context;
  log_event("del", label);
  if (action != NULL) action(object, label);
}

static void on_weak_callback(void *context, uint32_t weakref, uint32_t label) {
  (void)context;
  log_event(rh_runtime_referent(weakref) == 0 ? "cb" : "live-cb", label);
  if (action != NULL) action(weakref, label);
}

static void on_collection(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable) {
  (void)context, (void)collected, (void)uncollectable;
  if (phase == RH_RT_START) log_event("gc", (uint32_t)generation);
}

static void start(const char *name) {
  static const struct rh_rt_hooks hooks = {
      .finalizer = on_finalizer, .weak_callback = on_weak_callback, .collection = on_collection};
  struct rh_profile profile;
  char reason[160];
  CHECK(rh_profile_find(name, &profile, reason, sizeof reason));
  rh_runtime_start(&profile, &hooks);
  event_log[0] = '\0';
  action = NULL;
}

/* The log, which is emptied. */
static inline const char *events(void) {
  static char copy[sizeof event_log];
  strcpy(copy, event_log);
  event_log[0] = '\0';
  return copy;
}

static inline uint32_t fin(uint32_t label) {
  return rh_runtime_new_object(RH_RT_FIN, label);
}

static inline uint32_t node(void) {
  return rh_runtime_new_object(RH_RT_NODE, 0);
}

static inline uint32_t list(void) {
  return rh_runtime_new_object(RH_RT_LIST, 0);
}

/* Moves the caller's reference to v into o. */
static inline void give_field(uint32_t o, uint32_t index, uint32_t v) {
  CHECK_INT(rh_runtime_set_field(o, index, v), RH_RT_OK);
  rh_runtime_drop(v);
}

static inline void give_item(uint32_t o, uint32_t v) {
  CHECK_INT(rh_runtime_append(o, v), RH_RT_OK);
  rh_runtime_drop(v);
}

static inline uint32_t weak(uint32_t o, bool callback, uint32_t label) {
  uint32_t w;
  CHECK_INT(rh_runtime_new_weakref(o, callback, label, &w), RH_RT_OK);
  return w;
}

/* The full heap holds what these tests need, the tiny one does not. */
static inline bool has_room(void) {
  return RH_OBJECTS > 1000000;
}

#endif
