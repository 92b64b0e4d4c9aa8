/*
 * The clear heap: the shortest executable reading of specs/memory-model.md.
 * It is the second engine: every conformance trace runs on it and on the core
 * with the runtime, and the two must agree. It therefore works in another way:
 *
 *   - no count is stored; every reference is a record hanging on its target,
 *     and a count is found by counting the records (RC-1);
 *   - the generations are doubly linked lists, moved about literally as
 *     CPython does, because their order is observable (GC-7);
 *   - which members of a collected set are garbage is decided twice, by that
 *     literal walk and by plain reachability, and the two are compared (GC-1).
 *
 * Handles are dense, 0 is none. "Owned": the caller holds one counted
 * reference and gives it back with rh_model_drop. "Borrowed": no count is
 * involved. Running out of memory ends the process: the clear heap has no
 * capacity of its own. Handles are trusted; the caller keeps them valid.
 *
 * Files: heap.c (objects, references), release.c (death), weak.c, collect.c,
 * sequence.c, dict.c, set.c and bytes.c (containers), value.c (numbers, text, sizes),
 * block.c, limits.c (what it leaves to the runtime).
 */
#ifndef RH_MODEL_MODEL_H
#define RH_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rh_model_error {
  RH_MODEL_OK = 0,
  RH_MODEL_TYPE_ERROR = -1,
  RH_MODEL_VALUE_ERROR = -2,
  RH_MODEL_INDEX_ERROR = -3,
  RH_MODEL_KEY_ERROR = -4,
  RH_MODEL_ATTRIBUTE_ERROR = -5,
  RH_MODEL_MEMORY_ERROR = -6,
  RH_MODEL_OVERFLOW_ERROR = -7,
  RH_MODEL_UNSUPPORTED = -8
};

enum rh_model_kind {
  RH_MODEL_NONE = 0,
  RH_MODEL_NODE,
  RH_MODEL_FIN,
  RH_MODEL_LISTFIN,
  RH_MODEL_NOGCFIN,
  RH_MODEL_LEGACY,
  RH_MODEL_NOGCBOX,
  RH_MODEL_LIST,
  RH_MODEL_TUPLE,
  RH_MODEL_DICT,
  RH_MODEL_SET,
  RH_MODEL_FROZENSET,
  RH_MODEL_DEQUE,
  RH_MODEL_OBJECT,
  RH_MODEL_INT,
  RH_MODEL_STR,
  RH_MODEL_FLOAT,
  RH_MODEL_BYTES,
  RH_MODEL_COMPLEX,
  RH_MODEL_BYTEARRAY,
  RH_MODEL_ARRAY,
  RH_MODEL_WEAKREF,
  RH_MODEL_PROXY,
  RH_MODEL_FINALIZE,
  RH_MODEL_WVD, /* dict with weak values */
  RH_MODEL_WKD, /* dict with weak keys */
  RH_MODEL_OTHER,
  RH_MODEL_OBJ, /* from here on: none is ever made, see compound.c */
  RH_MODEL_BARE,
  RH_MODEL_CLASS,
  RH_MODEL_FUNC,
  RH_MODEL_GEN,
  RH_MODEL_SIZER,
  RH_MODEL_STRSUB,
  RH_MODEL_PART
};

/* Where the items of a container come from: decides its capacity (LST-3..). */
enum rh_model_source {
  RH_MODEL_FROM_LIST = 0,
  RH_MODEL_FROM_TUPLE,
  RH_MODEL_FROM_RANGE,
  RH_MODEL_FROM_SET,
  RH_MODEL_FROM_DICT,
  RH_MODEL_FROM_ITER,
  RH_MODEL_FROM_GEN,
  RH_MODEL_FROM_COMP,
  RH_MODEL_FROM_CONST,
  RH_MODEL_FROM_DISPLAY,
  RH_MODEL_FROM_REPEAT,
  RH_MODEL_FROM_SPLIT,
  RH_MODEL_FROM_COPY,
  RH_MODEL_FROM_MERGE0,
  RH_MODEL_FROM_MERGE1
};

enum rh_model_constant {
  RH_MODEL_CONST_NONE,
  RH_MODEL_CONST_TRUE,
  RH_MODEL_CONST_FALSE,
  RH_MODEL_CONST_ELLIPSIS,
  RH_MODEL_CONST_TYPE,
  RH_MODEL_CONST_TYPES_END = RH_MODEL_CONST_TYPE + 64 /* built-in types are TYPE and the numbers behind it */
};
enum rh_model_stat {
  RH_MODEL_COLLECTIONS,
  RH_MODEL_COLLECTED,
  RH_MODEL_UNCOLLECTABLE,
  RH_MODEL_CANDIDATES,
  RH_MODEL_STATS
};
enum rh_model_phase { RH_MODEL_START, RH_MODEL_STOP };
enum rh_model_presize { RH_MODEL_EXACT, RH_MODEL_EXACT_EXTEND, RH_MODEL_EVEN };
enum rh_model_realloc { RH_MODEL_REALLOC_NULL, RH_MODEL_REALLOC_SAME, RH_MODEL_REALLOC_MOVED };
enum {
  RH_MODEL_DEBUG_COLLECTABLE = 2,
  RH_MODEL_DEBUG_UNCOLLECTABLE = 4,
  RH_MODEL_SAVEALL = 32,
  RH_MODEL_KEPT_TUPLE_LENGTHS = 20
};

/* A version's behaviour; each field is named by the rules that use it. */
struct rh_model_params {
  uint64_t immortal_count;         /* RC-13: the count reported */
  int64_t small_int_max;           /* INT-1 */
  int64_t thresholds[3];           /* GEN-4 */
  uint32_t startup_objects;        /* GEN-8: survivors that no trace made */
  uint32_t trashcan_limit;         /* TRC-1: deaths nest this deep; 0: without limit */
  uint32_t trashcan_resume;        /* TRC-1: depth below which deferred deaths go on */
  int presize;                     /* LST-3: enum rh_model_presize */
  uint32_t split_presize;          /* LST-6 */
  uint32_t list_display_limit;     /* LST-2: longer displays are appended to; 0: none */
  uint32_t constant_display_limit; /* LST-2, DCT-8: longer displays of constants are built one by one; 0: none */
  uint32_t kept_floats;            /* FL-1: so many freed floats */
  uint32_t kept_lists;             /* GEN-13: so many freed lists, and as many dicts */
  uint32_t kept_tuples;            /* GEN-13: so many freed tuples of each length */
  uint32_t kept_tuple_lengths;     /* GEN-13: 1..this, at most RH_MODEL_KEPT_TUPLE_LENGTHS */
  uint32_t dict_keys_header;       /* SIZ-* */
  uint32_t tuple_header;
  uint32_t str_ascii_header;
  uint32_t str_wide_header;
  uint32_t int_zero_size;
  uint32_t node_size;
  uint32_t listfin_size;
  uint32_t weakref_size;
  uint32_t deque_size;
  bool immortal_singletons;          /* RC-13 */
  bool huge_static_counts;           /* RC-14 */
  bool lone_callback_held;           /* RC-1 */
  bool partial_collections;          /* GEN-14: false in the incremental versions */
  bool collect_in_allocation;        /* GEN-6 */
  bool keep_weakrefs_for_finalizers; /* WR-8 */
  bool proxy_hashes;                 /* WR-15 */
  bool clear_late_weakrefs;          /* WR-9 */
  bool disable_cancels;              /* GEN-6 */
  bool dict_lazy_tracking;           /* TRK-3, TRK-4 */
  bool tuple_skip_atoms;             /* TRK-6 */
  bool deque_refers_to_class;        /* GC-15 */
  bool interned_immortal;            /* INT-5 */
  bool list_from_set_grows;          /* LST-4 */
  bool list_from_gen_appends;        /* LST-5 */
  bool list_append_resizes;          /* LST-1 */
  bool list_pop_frees;               /* LST-7 */
  bool dict_call_allocates;          /* DCT-1: dict() makes a table at once */
  bool dict_round_up_bug;            /* DCT-2 */
  bool dict_small_entries;           /* DCT-5 */
  bool set_reuses_dummies;           /* DCT-9 */
  bool dict_lookup_generalizes;      /* GC-15 */
  bool char_utf8_cached;
  bool name_characters_apart; /* INT-9 */
  bool array_is_collected;    /* TRK-9 */
  bool bytearray_final_byte;  /* SIZ-8 */
  uint32_t bytearray_size, bytearray_buffer_header, array_size;
};

/* What the heap calls back; re-entrant. */
struct rh_model_hooks {
  void *context;
  void (*finalizer)(void *context, uint32_t object, uint32_t label);
  void (*weak_callback)(void *context, uint32_t weakref, uint32_t label);
  void (*found)(void *context, bool collectable, uint32_t object); /* under the debug flag that asks for it */
  void (*collection)(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable);
};

/* Empties the heap and sets the version's behaviour. Not inside a hook. */
void rh_model_start(const struct rh_model_params *params, const struct rh_model_hooks *hooks);

/* ---- creation: owned ---- */
uint32_t rh_model_new_object(int kind, uint32_t label);
uint32_t rh_model_new_box(uint32_t held);
uint32_t rh_model_new_tuple(const uint32_t *items, uint32_t n, int source);
uint32_t rh_model_new_int(int64_t value);
uint32_t rh_model_new_pow2(uint32_t k);
uint32_t rh_model_new_big(bool negative, uint32_t power, int64_t offset);
uint32_t rh_model_add_int(uint32_t handle, int64_t n);
uint32_t rh_model_new_float(double value);
uint32_t rh_model_new_complex(double real, double imaginary);
uint32_t rh_model_new_bytes(uint64_t n);
uint32_t rh_model_new_bytes_of(const char *bytes, size_t n);
uint32_t rh_model_new_str(const char *utf8, size_t n, bool constant);
uint32_t rh_model_constant(int which);
uint32_t rh_model_new_list(uint32_t n, int source);
uint32_t rh_model_new_dict(uint32_t n, int source);
uint32_t rh_model_new_set(uint32_t n, int source);
uint32_t rh_model_freeze_set(uint32_t handle);
uint32_t rh_model_copy(uint32_t handle);
uint32_t rh_model_list_copy(uint32_t handle);

/* ---- references ---- */
void rh_model_retain(uint32_t o);
void rh_model_drop(uint32_t o);
int rh_model_kind(uint32_t o);
uint32_t rh_model_label(uint32_t o);
int64_t rh_model_refs(uint32_t handle);
bool rh_model_immortal(uint32_t handle);
int rh_model_same(uint32_t a, uint32_t b);

/* ---- named slots of node and fin ---- */
int rh_model_set_field(uint32_t handle, uint32_t index, uint32_t v);
uint32_t rh_model_field(uint32_t handle, uint32_t index);

/* ---- containers ---- */
uint64_t rh_model_length(uint32_t handle);
uint32_t rh_model_item(uint32_t handle, uint64_t i);
uint32_t rh_model_value(uint32_t handle, uint64_t i);
int rh_model_append(uint32_t handle, uint32_t v);
int rh_model_insert(uint32_t handle, int64_t i, uint32_t v);
int rh_model_pop(uint32_t handle, int64_t i);
int rh_model_clear(uint32_t handle);
int rh_model_extend(uint32_t handle, uint32_t n, int source);
int rh_model_delete_slice(uint32_t handle, int64_t from, int64_t to);
int rh_model_replace_slice(uint32_t handle, int64_t from, int64_t to, uint32_t n);
int rh_model_repeat(uint32_t handle, int64_t times);
int rh_model_put(uint32_t handle, uint32_t key_handle, uint32_t v_handle);
int rh_model_remove_key(uint32_t handle, uint32_t key_handle);
int rh_model_add(uint32_t handle, uint32_t member);
int rh_model_discard(uint32_t handle, uint32_t member);
int64_t rh_model_capacity(uint32_t handle);
int64_t rh_model_size_of(uint32_t handle);
/* Freed objects of a kind that are kept, tuples by length; RH_MODEL_INDEX_ERROR: none ever are. */
int64_t rh_model_free_entries(int kind, uint32_t items);
/* Addresses are not modelled: the answer is RH_MODEL_MEMORY_ERROR, a limit of this heap. */
void rh_model_note_address(uint32_t place, uint32_t handle);
int rh_model_at_address(uint32_t place, uint32_t handle);
/* Nor is traced memory, in the same way. */
void rh_model_trace_memory(bool on);
int rh_model_traced(uint32_t handle);
int64_t rh_model_traced_bytes(int64_t *spread);

/* ---- strings ---- */
uint32_t rh_model_intern(uint32_t s);
uint32_t rh_model_char_of(uint32_t s, uint64_t i);
const char *rh_model_text(uint32_t s, size_t *n); /* borrowed; NULL: no str */

/* ---- weak references ---- */
int rh_model_new_weakref(uint32_t handle, bool callback, uint32_t label, uint32_t *out);
int rh_model_new_proxy(uint32_t handle, bool callback, uint32_t label, uint32_t *out);
int rh_model_new_finalize(uint32_t handle, uint32_t label, uint32_t *out);
uint32_t rh_model_referent(uint32_t w);
int64_t rh_model_weak_count(uint32_t handle);

/* ---- collection ---- */
int64_t rh_model_collect(int generation);
/* RH_MODEL_MEMORY_ERROR once an incremental collection was due, which this heap does not know. */
int rh_model_doubt(void);
void rh_model_safepoint(void);
void rh_model_enable(bool on);
void rh_model_set_threshold(int index, int64_t value);
int64_t rh_model_threshold(int index);
int64_t rh_model_count(int generation);
int64_t rh_model_stat(int generation, int field);
void rh_model_freeze(void);
void rh_model_unfreeze(void);
int64_t rh_model_frozen(void);
void rh_model_set_debug(int flags);
uint64_t rh_model_garbage_length(void);
uint32_t rh_model_garbage_item(uint64_t i);
void rh_model_clear_garbage(void);
bool rh_model_tracked(uint32_t o);
bool rh_model_finalized(uint32_t o);
int rh_model_generation(uint32_t o);
uint64_t rh_model_referents(uint32_t handle);
uint32_t rh_model_referent_at(uint32_t handle, uint64_t wanted);
uint64_t rh_model_referrers(uint32_t handle);
uint64_t rh_model_live_objects(void);
/* The object that may die with the lowest handle above o; 0: none. */
uint32_t rh_model_next_object(uint32_t o);

/* ---- blocks: handles of their own ---- */
uint32_t rh_model_block_new(uint64_t bytes, bool zeroed);
int rh_model_block_resize(uint32_t *handle, uint64_t bytes);
int rh_model_block_free(uint32_t handle);
int rh_model_block_write(uint32_t handle, uint64_t offset, uint8_t value, uint64_t n);
int rh_model_block_read(uint32_t handle, uint64_t offset);
uint64_t rh_model_block_address(uint32_t handle);
uint64_t rh_model_live_blocks(void);

/* ---- beyond its limits (compound.c): 0, false or RH_MODEL_MEMORY_ERROR ---- */
uint32_t rh_model_new_class(void);
uint32_t rh_model_new_function(int form);
uint32_t rh_model_new_generator(uint32_t held);
uint32_t rh_model_new_method(uint32_t o);
uint32_t rh_model_new_sizer(int64_t size, bool above);
uint32_t rh_model_new_strsub(const char *utf8, size_t n);
bool rh_model_make_cycle(int first, int last);
int rh_model_part(uint32_t o);
int rh_model_set_attribute(uint32_t o, const char *text, size_t n, uint32_t v);
int rh_model_set_attribute_named(uint32_t o, uint32_t s, uint32_t v);
uint32_t rh_model_attribute(uint32_t o, const char *text, size_t n);
int rh_model_materialize(uint32_t o);
uint32_t rh_model_last_attribute(uint32_t o);

#endif
