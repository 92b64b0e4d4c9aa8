/*
 * Attributes of instances and of classes (OBJ, CLS).
 *
 * Every attribute name has a number, given when it is first used. Values lie
 * in the slots of a *holder*, in one of two layouts:
 *   shared   the slot follows from the place of the name among the keys that
 *            all instances of the class share (3.11+); the holder is the
 *            instance, or its attribute dict once that took the values over
 *   ordered  the i-th stored attribute is in slot i (RH_RT_ORDERED); the holder
 *            is an attribute dict
 * The payload of a holder numbers its *order*: the names in the order of their
 * first store; in the ordered layout GONE stands for one that was deleted.
 *
 * Slot 0 of an instance is its attribute dict; where a traversal of the
 * instance does not visit the dict, it is in `extent` instead, held from
 * outside. A dict that left the values with its instance has no slots of its
 * own. The `label` of an attribute dict is its instance.
 */
#include "core/collect.h"
#include "rules/evidence.h"
#include "runtime/state.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DICT_SLOT = 0, FIRST_VALUE = 1, SHARED_KEYS = 30 };
#define GONE    UINT32_MAX
#define NOWHERE UINT32_MAX

struct name {
  uint32_t str;    /* the interned string, owned */
  uint32_t shared; /* 1 + its place among the shared keys; 0: it has none */
};

static struct name *names;
static uint32_t name_count, name_capacity;
static uint32_t shared_count; /* keys that all instances share */
static uint32_t shared_room;  /* how many more there may be */

static struct rh_rt_vector *orders; /* 1 .. order_count - 1 */
static uint32_t order_count = 1, order_capacity;
static struct rh_rt_vector free_orders;

void rh_rt_reset_instances(void) {
  name_count = shared_count = 0;
  shared_room = SHARED_KEYS;
  for (uint32_t i = 1; i < order_count; i++) free(orders[i].items);
  order_count = 1;
  free_orders.count = 0;
}

/* ---- orders ---- */

static uint32_t new_order(void) {
  if (free_orders.count > 0) return rh_rt_pop(&free_orders);
  if (order_count >= order_capacity) {
    order_capacity = order_capacity ? 2 * order_capacity : 64;
    orders = rh_rt_allocate(orders, order_capacity * sizeof *orders);
  }
  orders[order_count] = (struct rh_rt_vector){0};
  return order_count++;
}

void rh_rt_free_order(uint32_t order) {
  if (order == 0) return;
  orders[order].count = 0;
  rh_rt_push(&free_orders, order);
}

static struct rh_rt_vector *order_of(uint32_t holder) {
  struct rh_rt_record *r = rh_rt_record(holder);
  if (r->payload == 0) r->payload = new_order();
  return &orders[r->payload];
}

static void leave_order(uint32_t holder, uint32_t name) {
  struct rh_rt_vector *order = order_of(holder);
  size_t i = 0;
  while (i < order->count && order->items[i] != name) i++;
  if (i == order->count) return;
  if (rh_rt_record(holder)->flags & RH_RT_ORDERED) {
    order->items[i] = GONE;
    return;
  }
  memmove(&order->items[i], &order->items[i + 1], (order->count - i - 1) * sizeof *order->items);
  order->count--;
}

/* ---- names ---- */

static uint32_t find_name(const char *text, size_t n) {
  for (uint32_t i = 0; i < name_count; i++) {
    const struct rh_rt_value *v = rh_rt_value(names[i].str);
    if (v->bytes == n && memcmp(v->text, text, n) == 0) return i;
  }
  return NOWHERE;
}

/* The interpreter's lookup caches refer to names as well. */
bool rh_rt_is_attribute_name(uint32_t o) {
  for (uint32_t i = 0; i < name_count; i++) {
    if (names[i].str == o) return true;
  }
  return false;
}

/* A new name; takes over the reference to its string. */
static uint32_t add_name(uint32_t str) {
  if (name_count >= name_capacity) {
    name_capacity = name_capacity ? 2 * name_capacity : 64;
    names = rh_rt_allocate(names, name_capacity * sizeof *names);
  }
  names[name_count] = (struct name){.str = str};
  return name_count++;
}

/* Is the name a shared key, or can it become one? */
static bool share(uint32_t name) {
  if (names[name].shared != 0) return true;
  if (shared_room == 0) return false;
  names[name].shared = ++shared_count;
  if (--shared_room == 0) {
    const struct rh_rt_value *text = rh_rt_value(names[name].str);
    rh_because("OBJ-6", 0, "`%.*s` took the last place among the keys that instances share, as number %" PRIu32,
               (int)text->bytes, text->text, shared_count);
  }
  return true;
}

/* Every new instance takes a place from the keys to come, except the last. */
void rh_rt_count_instance(uint32_t o) {
  bool takes = shared_room > 1;
  if (takes) shared_room--;
  if (rh_rt_profile.attributes_inline) {
    rh_because("OBJ-6", o, "the instance took %s, which leaves %" PRIu32 " for further names",
               takes ? "one of the places for shared keys" : "none of the places for shared keys", shared_room);
  } else {
    rh_because("OBJ-10", o, "an instance without attributes was made");
  }
}

/* ---- where values are ---- */

static bool is_ordered(uint32_t holder) {
  return (rh_rt_record(holder)->flags & RH_RT_ORDERED) != 0;
}

static uint32_t dict_of(uint32_t o) {
  uint32_t dict = rh_slot_get(o, DICT_SLOT);
  return dict == 0 && rh_rt_record(o)->kind == RH_RT_OBJ ? rh_rt_record(o)->extent : dict;
}

static bool is_instance(uint32_t holder) {
  return rh_rt_record(holder)->kind == RH_RT_OBJ;
}

/* What holds the values of o; 0: nothing yet. */
static uint32_t holder_of(uint32_t o) {
  uint32_t dict = dict_of(o);
  if (!is_instance(o) || !rh_rt_profile.attributes_inline) return dict;
  bool keeps = dict == 0 || (rh_rt_profile.materialized_keeps_values && !is_ordered(dict));
  return keeps ? o : dict;
}

static uint32_t shared_slot(uint32_t holder, uint32_t name) {
  return names[name].shared - 1 + (is_instance(holder) ? FIRST_VALUE : 0);
}

static uint32_t slot_of(uint32_t holder, uint32_t name) {
  if (!is_ordered(holder)) {
    uint32_t slot = names[name].shared == 0 ? NOWHERE : shared_slot(holder, name);
    return rh_slot_get(holder, slot) != 0 ? slot : NOWHERE;
  }
  const struct rh_rt_vector *order = order_of(holder);
  for (uint32_t i = 0; i < order->count; i++) {
    if (order->items[i] == name) return i;
  }
  return NOWHERE;
}

/* ---- what notes say (rules/evidence.h) ---- */

enum { LISTED_MAX = 8, LISTED_BYTES = 160 };

/* The names in `listed`, as "a, b, ...". */
struct listing {
  char text[LISTED_BYTES];
  uint32_t n;
};

static void list_name(struct listing *listing, uint32_t name) {
  size_t used = strlen(listing->text);
  const struct rh_rt_value *v = rh_rt_value(names[name].str);
  if (listing->n > LISTED_MAX) return;
  bool fits = listing->n < LISTED_MAX && used + v->bytes + 8 < LISTED_BYTES;
  (void)snprintf(listing->text + used, LISTED_BYTES - used, "%s%.*s", listing->n > 0 ? ", " : "",
                 fits ? (int)v->bytes : 3, fits ? v->text : "...");
  listing->n = fits ? listing->n + 1 : LISTED_MAX + 1;
}

/* By the order of the stores; true when a name is there again after it was deleted. */
static bool list_stores(uint32_t holder, struct listing *listing) {
  const struct rh_rt_vector *order = order_of(holder);
  bool gone = false;
  for (size_t i = 0; i < order->count; i++) {
    gone = gone || order->items[i] == GONE;
    if (order->items[i] != GONE) list_name(listing, order->items[i]);
  }
  return gone;
}

static void list_keys(uint32_t holder, struct listing *listing) {
  for (uint32_t place = 1; place <= shared_count; place++) {
    for (uint32_t name = 0; name < name_count; name++)
      if (names[name].shared == place && slot_of(holder, name) != NOWHERE) list_name(listing, name);
  }
}

static void note_order(uint32_t instance, uint32_t holder) {
  struct listing stores = {0}, keys = {0};
  bool again = list_stores(holder, &stores);
  if (stores.n < 2) return;
  if (!is_ordered(holder)) {
    list_keys(holder, &keys);
    rh_because(
        "OBJ-4", instance,
        "the instance released its values in the order in which the class's instances first used the names, %s; it "
        "stored %s itself",
        keys.text, stores.text);
  } else if (again) {
    rh_because("OBJ-5", instance,
               "the values were released in the order of the stores, what was deleted and stored again last: %s",
               stores.text);
  } else if (rh_rt_profile.attributes_inline) {
    rh_because("OBJ-6", holder, "the instance had a dict of its own, which releases in the order of its stores: %s",
               stores.text);
  } else {
    rh_because("OBJ-4", instance,
               "the values were released in the order in which the instance stored the names first: %s", stores.text);
  }
}

void rh_rt_note_release(uint32_t o) {
  if (!rh_evidence_kept || rh_rt_record(o)->payload == 0) return;
  bool instance = is_instance(o), dict = rh_runtime_part(o) == RH_RT_PART_DICT && rh_rt_record(o)->label != 0;
  if ((instance || dict) && order_of(o)->count > 1) note_order(instance ? o : rh_rt_record(o)->label, o);
}

/* ---- attribute dicts ---- */

bool rh_rt_dict_holds_trackable(uint32_t dict) {
  uint32_t o = rh_rt_record(dict)->label;
  uint32_t holder = o != 0 && rh_rt_is(o, RH_RT_OBJ) ? holder_of(o) : dict;
  uint32_t first = is_instance(holder) ? FIRST_VALUE : 0;
  for (uint32_t i = first; i < rh_object_length(holder); i++) {
    uint32_t v = rh_slot_get(holder, i);
    if (v != 0 && rh_rt_may_be_tracked(v)) return true;
  }
  return false;
}

/* Gives o an attribute dict without values. May run a collection. */
static uint32_t add_dict(uint32_t o) {
  rh_object_retain(o);
  uint32_t dict = rh_rt_new_part(RH_RT_PART_DICT, 0);
  if (dict != 0) {
    rh_rt_record(dict)->label = o;
    rh_because("OBJ-7", dict,
               rh_rt_profile.attributes_inline ? "the attribute dict became an object of its own"
                                               : "the first attribute made the attribute dict");
    bool visited = !rh_rt_profile.attributes_inline || rh_rt_profile.materialized_is_visited;
    if (dict_of(o) != 0) {
      rh_runtime_drop(dict); /* code run by the collection was first */
    } else if (visited) {
      rh_slot_swap(o, DICT_SLOT, dict);
    } else {
      rh_rt_record(o)->extent = dict;
    }
  }
  rh_runtime_drop(o);
  return dict == 0 ? 0 : dict_of(o);
}

static void track_if_needed(uint32_t dict) {
  if (rh_gc_generation(dict) != RH_UNTRACKED) return;
  if (!rh_rt_profile.dict_lazy_tracking || rh_rt_dict_holds_trackable(dict)) {
    rh_gc_track(dict);
  } else if (rh_rt_profile.attributes_inline) { /* else there was nothing to hold yet */
    rh_because("OBJ-8", dict, "the attribute dict held nothing that may be tracked, and so was not tracked");
  }
}

/* Takes the values out of a holder, in the order of their stores, and gives
 * them to `dict` by place(dict, i-th name, i). */
static bool move_values(uint32_t holder, uint32_t dict, bool ordered) {
  const struct rh_rt_vector *order = order_of(holder);
  uint32_t n = (uint32_t)order->count, room = ordered ? n + 1 : shared_count;
  size_t base = rh_rt_scratch.count;
  if (room > rh_object_length(dict) && !rh_object_resize(dict, room)) return false;
  for (uint32_t i = 0; i < n; i++)
    rh_rt_push(&rh_rt_scratch, rh_slot_swap(holder, shared_slot(holder, order->items[i]), 0));
  for (uint32_t i = 0; i < n; i++)
    rh_slot_swap(dict, ordered ? i : names[order->items[i]].shared - 1, rh_rt_scratch.items[base + i]);
  rh_rt_scratch.count = base;
  if (holder == dict) return true;
  rh_rt_free_order(rh_rt_record(dict)->payload);
  rh_rt_record(dict)->payload = rh_rt_record(holder)->payload;
  rh_rt_record(holder)->payload = 0;
  rh_object_resize(holder, FIRST_VALUE);
  return true;
}

static uint32_t materialize(uint32_t o) {
  uint32_t dict = dict_of(o);
  if (dict != 0) return dict;
  dict = add_dict(o);
  if (dict == 0) return 0;
  if (!rh_rt_profile.attributes_inline) {
    rh_rt_record(dict)->flags |= RH_RT_ORDERED;
  } else if (!rh_rt_profile.materialized_keeps_values && !move_values(o, dict, false)) {
    return 0;
  }
  track_if_needed(dict);
  return dict;
}

/* A name that cannot be shared: from now on the instance has a dict with its
 * own names, which is returned; 0 when the heap is full. */
static uint32_t combine(uint32_t o) {
  bool fresh = dict_of(o) == 0;
  uint32_t dict = fresh ? add_dict(o) : dict_of(o);
  if (dict == 0) return 0;
  uint32_t holder = fresh || rh_rt_profile.materialized_keeps_values ? o : dict;
  if (!move_values(holder, dict, true)) return 0;
  rh_rt_record(dict)->flags |= RH_RT_ORDERED;
  if (rh_rt_record(o)->extent == dict) {
    rh_rt_record(o)->extent = 0;
    rh_slot_swap(o, DICT_SLOT, dict);
  }
  if (fresh) track_if_needed(dict);
  return dict;
}

/* ---- storing ---- */

/* Stores a name the holder does not have; the reference is new. */
static int store_new(uint32_t holder, uint32_t name, uint32_t v) {
  struct rh_rt_vector *order = order_of(holder);
  uint32_t slot = is_ordered(holder) ? (uint32_t)order->count : shared_slot(holder, name);
  uint32_t room = is_ordered(holder) ? slot + slot / 2 + 1 : slot + 1;
  if (slot >= rh_object_length(holder) && !rh_object_resize(holder, room)) return RH_RT_MEMORY_ERROR;
  rh_object_retain(v);
  rh_slot_swap(holder, slot, v);
  rh_rt_push(order, name);
  return RH_RT_OK;
}

static void follow_tracking(uint32_t o, uint32_t holder, uint32_t v) {
  uint32_t dict = dict_of(o);
  if (dict == 0 || rh_gc_generation(dict) != RH_UNTRACKED) return;
  bool follows = dict == holder || rh_rt_profile.materialized_follows;
  if (follows) rh_rt_track_dict(dict, v);
  if (rh_gc_generation(dict) != RH_UNTRACKED) {
    rh_because("OBJ-8", dict, "a value that may be tracked was stored, and so the attribute dict was tracked");
  } else if (!follows && rh_rt_may_be_tracked(v)) {
    rh_because("OBJ-8", dict, "a value that may be tracked was stored in the instance, which left the dict untracked");
  }
}

/* A name for which the instance got a dict of its own. */
static void note_unshared(uint32_t dict, uint32_t name) {
  const struct rh_rt_value *text = rh_rt_value(names[name].str);
  if (dict == 0) return;
  rh_because("OBJ-6", dict,
             "the class shares %" PRIu32 " key%s and had no place for `%.*s`, which gave the instance a dict "
             "of its own",
             shared_count, shared_count == 1 ? "" : "s", (int)text->bytes, text->text);
}

static int store(uint32_t o, uint32_t name, uint32_t v) {
  uint32_t holder = holder_of(o);
  if (holder == 0) holder = materialize(o);
  uint32_t slot = holder == 0 ? NOWHERE : slot_of(holder, name);
  uint32_t old = 0;
  if (slot != NOWHERE) {
    rh_object_retain(v);
    old = rh_slot_swap(holder, slot, v);
  } else {
    if (holder != 0 && !is_ordered(holder) && !share(name)) {
      holder = combine(o);
      note_unshared(holder, name);
    }
    if (holder == 0 || store_new(holder, name, v) != RH_RT_OK) return RH_RT_MEMORY_ERROR;
  }
  follow_tracking(o, holder, v);
  if (old != 0) rh_runtime_drop(old);
  return RH_RT_OK;
}

static int delete (uint32_t o, uint32_t name) {
  uint32_t holder = holder_of(o);
  uint32_t slot = holder == 0 ? NOWHERE : slot_of(holder, name);
  if (slot == NOWHERE) return RH_RT_ATTRIBUTE_ERROR;
  const struct rh_rt_value *text = rh_rt_value(names[name].str);
  if (rh_rt_is(o, RH_RT_CLASS)) {
    rh_because("CLS-3", o, "the class's dict let go of the value of `%.*s`", (int)text->bytes, text->text);
  } else {
    rh_because("OBJ-5", o, "deleting `%.*s` released its value at once", (int)text->bytes, text->text);
  }
  leave_order(holder, name);
  rh_runtime_drop(rh_slot_swap(holder, slot, 0));
  return RH_RT_OK;
}

static bool has_attributes(uint32_t o) {
  return rh_rt_is(o, RH_RT_OBJ) || rh_rt_is(o, RH_RT_CLASS);
}

int rh_runtime_set_attribute(uint32_t o, const char *text, size_t n, uint32_t v) {
  if (!has_attributes(o)) return RH_RT_TYPE_ERROR;
  uint32_t name = find_name(text, n);
  if (v == 0) return name == NOWHERE ? RH_RT_ATTRIBUTE_ERROR : delete (o, name);
  if (!rh_object_live(v)) return RH_RT_TYPE_ERROR;
  if (name == NOWHERE) {
    uint32_t str = rh_runtime_new_str(text, n, true);
    if (str == 0) return RH_RT_MEMORY_ERROR;
    name = add_name(str);
  }
  return store(o, name, v);
}

int rh_runtime_set_attribute_named(uint32_t o, uint32_t s, uint32_t v) {
  if (!has_attributes(o) || !rh_rt_is(s, RH_RT_STR) || !rh_object_live(v)) return RH_RT_TYPE_ERROR;
  uint32_t canonical = rh_runtime_intern(s);
  const struct rh_rt_value *value = rh_rt_value(canonical);
  rh_because("OBJ-9", canonical, "the string %s names a stored attribute, and so is the interned object of its value",
             rh_rt_quoted(canonical));
  uint32_t name = find_name(value->text, value->bytes);
  if (name == NOWHERE) {
    name = add_name(canonical);
  } else {
    rh_runtime_drop(canonical);
  }
  return store(o, name, v);
}

uint32_t rh_runtime_attribute(uint32_t o, const char *text, size_t n) {
  if (!has_attributes(o)) return 0;
  uint32_t name = find_name(text, n), holder = holder_of(o);
  uint32_t slot = name == NOWHERE || holder == 0 ? NOWHERE : slot_of(holder, name);
  return slot == NOWHERE ? 0 : rh_slot_get(holder, slot);
}

int rh_runtime_materialize(uint32_t o) {
  if (!rh_rt_is(o, RH_RT_OBJ)) return RH_RT_TYPE_ERROR;
  return materialize(o) != 0 ? RH_RT_OK : RH_RT_MEMORY_ERROR;
}

uint32_t rh_runtime_last_attribute(uint32_t o) {
  uint32_t holder = rh_rt_is(o, RH_RT_OBJ) ? holder_of(o) : 0;
  if (holder == 0) return 0;
  const struct rh_rt_vector *order = order_of(holder);
  size_t i = order->count;
  while (i > 0 && order->items[i - 1] == GONE) i--;
  if (i == 0) return 0;
  uint32_t name = names[order->items[i - 1]].str;
  rh_because("OBJ-9", o,
             "of %zu attribute%s %s is the one whose first store is the latest, and its name is the interned string", i,
             i == 1 ? "" : "s", rh_rt_quoted(name));
  return name;
}

/* ---- hidden members of a class's dict ---- */

void rh_rt_add_hidden(uint32_t dict, uint32_t v) {
  rh_rt_record(dict)->flags |= RH_RT_ORDERED;
  uint32_t slot = (uint32_t)order_of(dict)->count;
  rh_rt_push(order_of(dict), GONE);
  rh_slot_swap(dict, slot, v);
}
