/*
 * The state the runtime adds to the core, shared by the files of this folder
 * and by nothing else.
 *
 * Object o of the core has the record rh_rt_records[o]; it is valid while o is
 * live. The slots of an object hold its counted references, laid out so that
 * ascending slots are CPython's visiting order, which decides the order of the
 * generation lists:
 *   node, fin, legacy  slots a, b, c
 *   nogcbox          slot 0
 *   list, tuple      item i in slot length - 1 - i (visited last to first)
 *   deque            item i in slot i
 *   dict             entry i: value in slot 2i, key in slot 2i + 1
 *   set, frozenset   slot = place in the hash table
 *   wvd, wkd, finalize: see weak_dict.c
 *   obj, class, func, gen and their parts: see instance.c and compound.c
 * Unused slots are empty. A reference the runtime holds while it works is an
 * ordinary external one, so a collection in between treats its object as
 * reachable, as CPython does.
 *
 * The record of a *dying* object (RH_RT_DYING) has a count of 1, the reference
 * the runtime keeps; to Python its count is 0.
 */
#ifndef RH_RUNTIME_STATE_H
#define RH_RUNTIME_STATE_H

#include "core/config.h"
#include "core/object.h"
#include "profile/profile.h"
#include "runtime/runtime.h"

enum {
  RH_RT_FINALIZED = 1, /* the finalizer ran: collector-managed objects finalize once */
  RH_RT_DYING = 2,
  RH_RT_CALLBACK = 4,   /* weakref: has a callback */
  RH_RT_QUEUED = 8,     /* in no generation but tracked: a weakref waits for its callback, or the set of
                         uncollectable objects (gc.c) has it */
  RH_RT_GENERAL = 16,   /* dict: the table has held a key that is no str */
  RH_RT_HASHED = 32,    /* weakref: `extent` keeps what its hash was made of */
  RH_RT_HAS_ARRAY = 64, /* list: has an array of items, if only one of capacity 0 */
  RH_RT_ORDERED = 128,  /* attribute dict: the slots follow the order of the stores */
  /* weakref, which is no list: the reference that the call of its callback holds is not counted */
  RH_RT_CALLED_ALONE = 64
};

/* Items of a deque are in blocks of 64, the first one starting here. */
enum { RH_RT_DEQUE_CENTRE = 32, RH_RT_DEQUE_BLOCK = 64 };

struct rh_rt_record {
  uint8_t kind;
  uint8_t flags;
  uint8_t log2;     /* dict, set: log2 of the table's places; 0: no table */
  uint8_t constant; /* OTHER: which constant; part: which part */
  uint32_t label;
  uint32_t size;    /* items of a sequence, keys, members */
  uint32_t extent;  /* list: capacity; dict: entries written; set: places filled, dummies included;
                       deque: place of the first item in its block */
  uint32_t payload; /* value of an int, str, float, bytes, sizer, strsub; index of a dict;
                       order of a holder of attributes; 0: none */
  uint32_t weak;    /* first weak reference to this object; weakref: its referent */
  uint32_t next;    /* weakref: neighbours in the list of the referent */
  uint32_t previous;
  uint32_t address; /* what it hashes by where CPython takes its address; 0: it was not hashed yet */
};

extern struct rh_rt_record rh_rt_records[RH_OBJECTS];
extern struct rh_profile rh_rt_profile;
extern struct rh_rt_hooks rh_rt_hooks;

/* ---- vectors of handles ---- */

struct rh_rt_vector {
  uint32_t *items;
  size_t count, capacity;
};

/* Both end the process when it is out of memory. */
void rh_rt_push(struct rh_rt_vector *v, uint32_t item);
void *rh_rt_allocate(void *old, size_t bytes);

static inline uint32_t rh_rt_pop(struct rh_rt_vector *v) {
  return v->items[--v->count];
}

/* References on their way out, owned; used as a stack by re-entrant code. */
extern struct rh_rt_vector rh_rt_scratch;

/* Drops what was pushed on rh_rt_scratch since its count was `base`, last first. */
void rh_rt_drop_scratch(size_t base);

/* ---- kinds.c ---- */

static inline struct rh_rt_record *rh_rt_record(uint32_t o) {
  return &rh_rt_records[o];
}

/* Is o a live object of this kind? */
static inline bool rh_rt_is(uint32_t o, int kind) {
  return rh_object_live(o) && rh_rt_records[o].kind == kind;
}

static inline bool rh_rt_is_list(uint32_t o) {
  return rh_rt_is(o, RH_RT_LIST) || rh_rt_is(o, RH_RT_LISTFIN);
}

static inline bool rh_rt_is_instance(int kind) {
  return kind == RH_RT_NODE || kind == RH_RT_FIN || kind == RH_RT_LEGACY;
}

static inline bool rh_rt_has_finalizer(int kind) {
  return kind == RH_RT_FIN || kind == RH_RT_LISTFIN || kind == RH_RT_NOGCFIN;
}

/* Does the collector manage objects of this kind? */
bool rh_rt_is_managed(int kind);
/* A new object with an initialised record, untracked; 0 when the heap is full.
 * `items` is the length that decides its free list. A managed kind is counted,
 * which may run a collection (3.9-3.11). */
uint32_t rh_rt_new(int kind, uint32_t slots, uint32_t items);
/* The same without counting. */
uint32_t rh_rt_new_unmanaged(int kind, uint32_t slots);
uint32_t rh_rt_none(void);  /* borrowed */
uint32_t rh_rt_dummy(void); /* what a discarded set member leaves behind; borrowed */
uint32_t rh_rt_class(void); /* stands for the class of an instance; borrowed */
void rh_rt_make_immortal(uint32_t o);
/* The kind whose free list and counter o is an object of: a part can be a dict. */
int rh_rt_counted_kind(uint32_t o);
void rh_rt_reset_kinds(void);

/* ---- release.c ---- */

void rh_rt_reset_release(void);
/* Frees the record's payload, accounts for the object and frees it. Its slots
 * are empty and the runtime holds its last reference. */
void rh_rt_free(uint32_t o);
/* Releases what a container holds and leaves it empty, as its clear does. */
void rh_rt_empty(uint32_t o);

/* For what is said of a death (rules/evidence.h): what it is part of. */
struct rh_rt_scene {
  uint32_t emptied; /* the container whose former contents are being dropped, 0: none */
  uint32_t code;    /* the object whose finalizer or callbacks a release runs, 0: none */
};
/* From now on what is dropped is what o held, or what code of o drops; until the end, which gets the result. */
struct rh_rt_scene rh_rt_begin_emptying(uint32_t o);
struct rh_rt_scene rh_rt_begin_code(uint32_t o);
void rh_rt_end_scene(struct rh_rt_scene outer);
bool rh_rt_runs_code(void);

/* ---- weakref.c ---- */

bool rh_rt_is_referenceable(int kind);
/* A weak reference or proxy? */
static inline bool rh_rt_is_weak(int kind) {
  return kind == RH_RT_WEAKREF || kind == RH_RT_PROXY;
}
/* A weak reference to o with a callback that is not the trace's, with empty
 * slots (see weak_dict.c); *out is owned. */
int rh_rt_new_called(uint32_t o, uint32_t slots, uint32_t *out);
void rh_rt_clear_weakref(uint32_t w);
/* At death by count: clears all weak references to o, then calls back. */
void rh_rt_clear_weakrefs_of(uint32_t o);

/* ---- weak_dict.c: wvd, wkd, finalize ---- */

uint32_t rh_rt_new_weak_dict(int kind); /* owned; 0 when the heap is full */
bool rh_rt_is_weak_dict(uint32_t o);
uint64_t rh_rt_weak_dict_length(uint32_t dict);
int rh_rt_weak_dict_put(uint32_t dict, uint32_t key, uint32_t v);
int rh_rt_weak_dict_remove(uint32_t dict, uint32_t key);
void rh_rt_clear_weak_dict(uint32_t dict);
/* Is it a finalize object that has not run? */
bool rh_rt_is_registered(uint32_t o);
/* Runs the callback of a weak reference that has been cleared. */
void rh_rt_call_back(uint32_t w);

/* ---- sequence.c ---- */

static inline uint32_t rh_rt_item_slot(uint32_t o, uint32_t i) {
  return rh_object_length(o) - 1 - i;
}

/* Empty the container, leaving its items on rh_rt_scratch in the order in
 * which rh_rt_drop_scratch then releases them as its clear does. */
void rh_rt_push_items(uint32_t list);
void rh_rt_push_deque(uint32_t deque);
uint32_t rh_rt_empty_tuple(void); /* borrowed; 0 when the heap is full */
void rh_rt_reset_sequences(void);

/* ---- instance.c ---- */

/* A new instance of the one ordinary class exists (2.4). */
void rh_rt_count_instance(uint32_t o);
void rh_rt_free_order(uint32_t order);
/* Notes in which order an instance that dies releases its values. */
void rh_rt_note_release(uint32_t o);
/* Does an attribute dict hold a value that would have it tracked? */
bool rh_rt_dict_holds_trackable(uint32_t dict);
/* Gives the class's dict a value that no attribute name leads to; owned. */
void rh_rt_add_hidden(uint32_t dict, uint32_t v);
/* Is o the string an attribute is named by? Its count is not known then. */
bool rh_rt_is_attribute_name(uint32_t o);
void rh_rt_reset_instances(void);

/* ---- compound.c ---- */

/* A new part, untracked; owned; 0 when the heap is full. */
uint32_t rh_rt_new_part(int part, uint32_t slots);
/* Before a generator that dies releases what it held. */
void rh_rt_unwind_generator(uint32_t o);
/* What the finalizer of a generator does. */
void rh_rt_close_generator(uint32_t o);

/* ---- keys.c ---- */

/* Hash as CPython's where it is fixed (numbers, tuples of them), else any;
 * RH_RT_TYPE_ERROR for unhashable objects. */
int rh_rt_hash(uint32_t key, int64_t *hash);
bool rh_rt_keys_equal(uint32_t a, uint32_t b);
void rh_rt_reset_keys(void);

/* ---- mapping.c ---- */

void rh_rt_push_dict(uint32_t dict);
uint32_t rh_rt_copy_dict(uint32_t o); /* owned; 0 when the heap is full */
uint32_t rh_rt_dict_key(uint32_t dict, uint64_t i);
uint32_t rh_rt_dict_get(uint32_t dict, uint32_t key); /* the value stored under an equal key, borrowed; 0: none */
void rh_rt_free_index(uint32_t index);
void rh_rt_reset_indexes(void);
uint32_t rh_rt_dict_usable(uint32_t log2);

/* ---- set.c ---- */

void rh_rt_push_set(uint32_t set);
uint32_t rh_rt_copy_set(uint32_t o);
void rh_rt_reset_sets(void);
uint32_t rh_rt_set_member(uint32_t set, uint64_t i); /* in table order */

/* ---- tracking.c ---- */

/* Could o, as an item, ever need its container tracked? */
bool rh_rt_may_be_tracked(uint32_t o);
/* Tracks a new container whose items are in place. */
void rh_rt_track_new(uint32_t o);
void rh_rt_track_tuple(uint32_t o, int source);
/* Before v is stored in a dict (lazy tracking, 7.3). */
void rh_rt_track_dict(uint32_t dict, uint32_t v);
/* A frozenset whose members are in place. */
void rh_rt_untrack_frozenset(uint32_t o);
void rh_rt_untrack_tuples(uint32_t generation);
void rh_rt_untrack_dicts(uint32_t generation);

/* ---- gc.c ---- */

/* One managed object allocated or freed: counter 0, free lists, and the
 * automatic collection. `items`: the length of a tuple. */
/* From now on counter 0 may be off by `slack` more: what Python code that
 * stands behind an operation makes meanwhile is not known to the unit. */
void rh_rt_blur_counter(int64_t slack);
void rh_rt_count_new(int kind, uint32_t items);
void rh_rt_count_free(int kind, uint32_t items);
void rh_rt_reset_gc(void);
/* An object the set of uncollectable ones has (RH_RT_QUEUED) dies, or is taken over. */
void rh_rt_forget_aside(uint32_t o);

/* ---- free_list.c ---- */

/* Takes an entry of the list that objects of this kind (tuples: and length)
 * come from, for o if it is not 0; false when there is none. */
bool rh_rt_take_kept(int kind, uint32_t items, uint32_t o);
/* An object goes; true when its list keeps it. o: the object, 0 for one the
 * heap never had. */
bool rh_rt_keep_freed(int kind, uint32_t items, uint32_t o);
/* Gives everything kept back; returns how many of it the collector manages. */
uint32_t rh_rt_empty_free_lists(void);
void rh_rt_reset_free_lists(void);

/* ---- traced.c ---- */

/* A new object, of a tuple's length; `reused`: its memory comes from a free list. */
void rh_rt_trace_new(uint32_t o, uint32_t items, bool reused);
void rh_rt_reset_traced(void);

/* ---- increments.c: the incremental collector ---- */

/* A cycle begins. */
void rh_rt_begin_cycle(void);
/* Before a full collection: all old objects join generation 2, and a cycle ends. */
void rh_rt_join_spaces(void);
/* Frozen objects become visited ones. */
void rh_rt_unfreeze_visited(void);
/* An increment begins, with so many new objects since the last collection.
 * True when it only marks, which is done then. */
bool rh_rt_increment_marks(int64_t fresh, int64_t threshold1);

/* ---- collection_notes.c ---- */

/* Around rh_gc_find(generation): notes which survivors the scan moved to the end of their list, and why. */
void rh_rt_note_members(uint32_t generation);
void rh_rt_note_moved(uint32_t generation);
/* Whether an increment may have taken objects nobody can name. */
bool rh_rt_increment_doubted(void);

/* ---- bytearray.c: byte arrays and arrays ---- */

bool rh_rt_is_bytes_like(uint32_t o);
int rh_rt_append_byte(uint32_t o, uint32_t v);
int rh_rt_pop_byte(uint32_t o, int64_t i);
void rh_rt_clear_bytes(uint32_t o);
uint32_t rh_rt_copy_bytearray(uint32_t o); /* owned; 0 when the heap is full */

/* ---- integer.c ---- */

struct rh_rt_value;
/* Bits of the magnitude; 0 has none. */
uint32_t rh_rt_integer_bits(const struct rh_rt_value *v);
int64_t rh_rt_integer_hash(const struct rh_rt_value *v);

/* ---- values.c ---- */

struct rh_rt_value {
  int64_t integer; /* int: its value, or what it has beyond the power */
  double real, imaginary;
  char *text;      /* str: UTF-8, not terminated; bytes: content, NULL for zeros */
  uint64_t length; /* str: characters; bytes: bytes */
  uint32_t bytes;  /* str: of its UTF-8 */
  uint32_t power;  /* int: 0, or 63 and more for 2**power + integer */
  uint32_t widest; /* str: widest code point */
  uint32_t chain;  /* str: next interned object in its bucket; free list link */
  int64_t hash;    /* str, bytes */
  bool negative;   /* int with a power: the opposite of that */
};

struct rh_rt_value *rh_rt_value(uint32_t o);
/* An object of this kind with a value of zeros; 0 when the heap is full. */
uint32_t rh_rt_new_value(int kind);
void rh_rt_free_value(uint32_t o);
/* The text of a str for a note: quoted when it is short and plain. Lives until the next call. */
const char *rh_rt_quoted(uint32_t o);
void rh_rt_reset_values(void);

/* ---- blocks.c ---- */

void rh_rt_reset_blocks(void);

#endif
