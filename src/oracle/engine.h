/*
 * The engine interface: what a heap must be able to do so that a trace can be
 * run on it. Two engines stand behind it, `runtime` (on the proven core) and
 * `model` (the clear heap); one interpreter (interpret.c) drives either.
 *
 * Division of labour. The interpreter owns names, the event log, actions and
 * the text of observations. An engine owns objects, counts, release order,
 * weak references, finalization state and collection. An engine never sees a
 * name: finalizable objects and weak references carry a `label` chosen by the
 * interpreter, which comes back through the hooks.
 *
 * Handles are dense numbers, 0 is none. "Owned" means: the caller holds one
 * counted external reference and gives it back with drop. "Borrowed" means no
 * count is involved.
 *
 * Errors are the negative values of enum rh_error; a call that fails leaves
 * the heap as it was.
 */
#ifndef RH_ORACLE_ENGINE_H
#define RH_ORACLE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The exceptions an operation can observe. */
enum rh_error {
  RH_OK = 0,
  RH_TYPE_ERROR = -1,
  RH_VALUE_ERROR = -2,
  RH_INDEX_ERROR = -3,
  RH_KEY_ERROR = -4,
  RH_ATTRIBUTE_ERROR = -5,
  RH_MEMORY_ERROR = -6,
  RH_OVERFLOW_ERROR = -7,
  RH_UNSUPPORTED = -8 /* the engine does not know: never an observation */
};

/* Object kinds. The same numbers in runtime/runtime.h and model/model.h
 * (checked by static assertions where the tables are filled). */
enum rh_engine_kind {
  RH_KIND_NONE = 0, /* the None object */
  RH_KIND_NODE,
  RH_KIND_FIN,
  RH_KIND_LISTFIN,
  RH_KIND_NOGCFIN,
  RH_KIND_LEGACY,
  RH_KIND_NOGCBOX,
  RH_KIND_LIST,
  RH_KIND_TUPLE,
  RH_KIND_DICT,
  RH_KIND_SET,
  RH_KIND_FROZENSET,
  RH_KIND_DEQUE,
  RH_KIND_OBJECT,
  RH_KIND_INT,
  RH_KIND_STR,
  RH_KIND_FLOAT,
  RH_KIND_BYTES,
  RH_KIND_COMPLEX,
  RH_KIND_BYTEARRAY,
  RH_KIND_ARRAY,
  RH_KIND_WEAKREF,
  RH_KIND_PROXY,
  RH_KIND_FINALIZE,
  RH_KIND_WVD,   /* dict with weak values */
  RH_KIND_WKD,   /* dict with weak keys */
  RH_KIND_OTHER, /* True, False, Ellipsis, built-in types */
  RH_KIND_OBJ,
  RH_KIND_BARE,
  RH_KIND_CLASS,
  RH_KIND_FUNC,
  RH_KIND_GEN,
  RH_KIND_SIZER,
  RH_KIND_STRSUB,
  RH_KIND_PART /* belongs to one of these: enum rh_engine_part */
};

enum rh_engine_part {
  RH_PART_DICT,
  RH_PART_TUPLE,
  RH_PART_DESCRIPTOR,
  RH_PART_CELL,
  RH_PART_METHOD,
  RH_PART_EXCEPTION,
  RH_PART_TRACEBACK,
  RH_PART_FRAME,
  RH_PART_UNWINDING /* only while a generator is closed */
};

/* A function on its own, in its own closure, in its own globals. */
enum rh_function_form { RH_FUNCTION_PLAIN, RH_FUNCTION_CLOSED, RH_FUNCTION_GLOBAL };

/* How the items of a new or growing container are supplied: decides capacity. */
enum rh_source {
  RH_FROM_LIST = 0,
  RH_FROM_TUPLE,
  RH_FROM_RANGE,
  RH_FROM_SET,
  RH_FROM_DICT,
  RH_FROM_ITER,    /* iterator with a length hint */
  RH_FROM_GEN,     /* generator without one */
  RH_FROM_COMP,    /* comprehension */
  RH_FROM_CONST,   /* constant display */
  RH_FROM_DISPLAY, /* display of variables */
  RH_FROM_REPEAT,  /* [None] * n */
  RH_FROM_SPLIT,   /* str.split */
  RH_FROM_COPY,    /* the copy method */
  RH_FROM_MERGE0,  /* update of an empty dict */
  RH_FROM_MERGE1   /* update of a dict with one other key */
};

enum rh_constant {
  RH_CONST_NONE,
  RH_CONST_TRUE,
  RH_CONST_FALSE,
  RH_CONST_ELLIPSIS,
  RH_CONST_TYPE,
  RH_CONST_TYPES_END = RH_CONST_TYPE + 64 /* built-in types are TYPE and the numbers behind it */
};

enum rh_gc_phase { RH_GC_START, RH_GC_STOP };

enum rh_realloc_result { RH_REALLOC_NULL = 0, RH_REALLOC_SAME, RH_REALLOC_MOVED };

/* Statistics fields of `stat g FIELD`. */
/* candidates: members of the collected generations when a collection began. */
enum rh_gc_stat { RH_STAT_COLLECTIONS, RH_STAT_COLLECTED, RH_STAT_UNCOLLECTABLE, RH_STAT_CANDIDATES, RH_STATS };

/* Debug flags, CPython's values. */
enum { RH_DEBUG_STATS = 1, RH_DEBUG_COLLECTABLE = 2, RH_DEBUG_UNCOLLECTABLE = 4, RH_DEBUG_SAVEALL = 32 };

/* What an engine calls back. Calls are re-entrant: a hook may call any
 * engine function, including collect. */
struct rh_hooks {
  void *context;
  /* The finalizer body of `object` runs now. */
  void (*finalizer)(void *context, uint32_t object, uint32_t label);
  /* The callback of the (already cleared) weak reference runs now. */
  void (*weak_callback)(void *context, uint32_t weakref, uint32_t label);
  /* A collection found `object`, which it will clear or which is uncollectable,
   * while the debug flag that asks for it is set. */
  void (*found)(void *context, bool collectable, uint32_t object);
  /* A collection starts or stops (both numbers 0 at the start). */
  void (*collection)(void *context, enum rh_gc_phase phase, int generation, uint64_t collected, uint64_t uncollectable);
};

/* X(result, name, parameters) for every engine function. */
/* clang-format off */
#define RH_ENGINE_FUNCTIONS(X) \
  /* ---- creation: the result is owned; 0 means out of memory ---- */ \
  X(uint32_t, new_object, (int kind, uint32_t label)) /* empty node fin listfin nogcfin legacy list dict set deque object bytearray array wvd wkd obj bare */ \
  X(uint32_t, new_box, (uint32_t held)) /* nogcbox; held is borrowed */ \
  X(uint32_t, new_tuple, (const uint32_t *items, uint32_t n, int source)) /* items borrowed */ \
  X(uint32_t, new_int, (int64_t value)) \
  X(uint32_t, new_pow2, (uint32_t k)) \
  X(uint32_t, new_big, (bool negative, uint32_t power, int64_t offset)) /* +-(2**power + offset), power from 63, beyond 64 bits */ \
  X(uint32_t, add_int, (uint32_t o, int64_t n)) /* o + n, owned; 0 also beyond what is held exactly */ \
  X(uint32_t, new_float, (double value)) \
  X(uint32_t, new_complex, (double real, double imaginary)) \
  X(uint32_t, new_bytes, (uint64_t n)) /* zeros */ \
  X(uint32_t, new_bytes_of, (const char *bytes, size_t n)) /* as a literal */ \
  X(uint32_t, new_str, (const char *utf8, size_t n, bool constant)) /* constant: compiled literal, else built at run time */ \
  X(uint32_t, constant, (int which)) \
  X(uint32_t, new_list, (uint32_t n, int source)) /* n times None, capacity by the source's rule */ \
  X(uint32_t, new_dict, (uint32_t n, int source)) /* keys 0..n-1, value None */ \
  X(uint32_t, new_set, (uint32_t n, int source))  /* 0..n-1 */ \
  X(uint32_t, freeze_set, (uint32_t set)) /* the frozenset of a set that the caller alone owns, which it consumes */ \
  X(uint32_t, copy, (uint32_t o))       /* list listfin->list tuple dict set deque; 0: out of memory */ \
  X(uint32_t, list_copy, (uint32_t o))  /* the full slice of a list or tuple */ \
  X(uint32_t, new_class, (void)) \
  X(uint32_t, new_function, (int form)) /* enum rh_function_form; GLOBAL: the dict of globals */ \
  X(uint32_t, new_generator, (uint32_t held)) /* suspended, a local holds what is borrowed */ \
  X(uint32_t, new_method, (uint32_t o)) /* bound to o, borrowed */ \
  X(uint32_t, new_sizer, (int64_t size, bool above)) /* above: any number from 2**63 on */ \
  X(uint32_t, new_strsub, (const char *utf8, size_t n)) \
  X(bool, make_cycle, (int first, int last)) /* of the parts first..last, held by nothing; false: out of memory */ \
  X(int, part, (uint32_t o)) /* which part a RH_KIND_PART is */ \
  /* ---- attributes of obj and class; v borrowed, 0 deletes ---- */ \
  X(int, set_attribute, (uint32_t o, const char *text, size_t n, uint32_t v)) \
  X(int, set_attribute_named, (uint32_t o, uint32_t s, uint32_t v)) /* named by a str */ \
  X(uint32_t, attribute, (uint32_t o, const char *text, size_t n)) /* borrowed; 0: none */ \
  X(int, materialize, (uint32_t o)) /* the attribute dict of an obj */ \
  X(uint32_t, last_attribute, (uint32_t o)) /* name of the attribute stored last, borrowed; 0: none */ \
  /* ---- references ---- */ \
  X(void, retain, (uint32_t o)) \
  X(void, drop, (uint32_t o)) /* in CPython's release order, finalizers and callbacks included */ \
  X(int, kind, (uint32_t o)) \
  X(uint32_t, label, (uint32_t o)) \
  X(int64_t, refs, (uint32_t o)) /* reported count without the observer's own; < 0: rh_error */ \
  X(bool, immortal, (uint32_t o)) \
  X(int, same, (uint32_t a, uint32_t b)) /* 1, 0; RH_UNSUPPORTED where CPython may have one object or two */ \
  /* ---- named slots of node and fin: 0 = a, 1 = b, 2 = c; v borrowed, 0 deletes ---- */ \
  X(int, set_field, (uint32_t o, uint32_t index, uint32_t v)) \
  X(uint32_t, field, (uint32_t o, uint32_t index)) /* borrowed */ \
  /* ---- containers; values borrowed ---- */ \
  X(uint64_t, length, (uint32_t o)) \
  X(uint32_t, item, (uint32_t o, uint64_t i)) /* i-th item of a sequence, i-th key of a dict; borrowed */ \
  X(uint32_t, value, (uint32_t o, uint64_t i)) /* i-th value of a dict, borrowed */ \
  X(int, append, (uint32_t o, uint32_t v)) \
  X(int, insert, (uint32_t o, int64_t i, uint32_t v)) \
  X(int, pop, (uint32_t o, int64_t i)) /* the popped value is dropped; -1 = last */ \
  X(int, clear, (uint32_t o)) \
  X(int, extend, (uint32_t o, uint32_t n, int source)) /* by n times None */ \
  X(int, delete_slice, (uint32_t o, int64_t from, int64_t to)) \
  X(int, replace_slice, (uint32_t o, int64_t from, int64_t to, uint32_t n)) \
  X(int, repeat, (uint32_t o, int64_t times)) \
  X(int, put, (uint32_t o, uint32_t key, uint32_t v)) \
  X(int, remove_key, (uint32_t o, uint32_t key)) \
  X(int, add, (uint32_t o, uint32_t v)) \
  X(int, discard, (uint32_t o, uint32_t v)) \
  X(int64_t, capacity, (uint32_t o)) /* lists: allocated slots */ \
  X(int64_t, size_of, (uint32_t o))  /* bytes as reported, modulo 2**64; RH_UNSUPPORTED where unknown */ \
  /* ---- free lists and addresses ---- */ \
  X(int64_t, free_entries, (int kind, uint32_t items)) /* kept for reuse, tuples by length; RH_INDEX_ERROR: none are */ \
  X(void, note_address, (uint32_t place, uint32_t o)) /* remembers where o is */ \
  X(int, at_address, (uint32_t place, uint32_t o)) /* 1 0; RH_INDEX_ERROR: nothing remembered; RH_UNSUPPORTED: unknown */ \
  /* ---- traced memory ---- */ \
  X(void, trace_memory, (bool on)) /* forgets all traces; objects made from here on are traced if on */ \
  X(int, traced, (uint32_t o)) /* 1 0; RH_UNSUPPORTED: in memory of another age */ \
  X(int64_t, traced_bytes, (int64_t *spread)) /* of objects: at least the result, at most *spread more */ \
  /* ---- strings ---- */ \
  X(uint32_t, intern, (uint32_t s)) /* owned canonical object; 0 with a non-str */ \
  X(uint32_t, char_of, (uint32_t s, uint64_t i)) /* owned i-th character */ \
  X(const char *, text, (uint32_t s, size_t *n)) /* UTF-8, valid until the next call; NULL: no str */ \
  /* ---- weak references ---- */ \
  X(int, new_weakref, (uint32_t o, bool callback, uint32_t label, uint32_t *out)) /* *out owned */ \
  X(int, new_proxy, (uint32_t o, bool callback, uint32_t label, uint32_t *out)) /* *out owned */ \
  X(int, new_finalize, (uint32_t o, uint32_t label, uint32_t *out)) /* *out owned; the label comes as of a callback */ \
  X(uint32_t, referent, (uint32_t w)) /* of a weak reference or proxy; borrowed, 0 when dead */ \
  X(int64_t, weak_count, (uint32_t o)) \
  /* ---- collection ---- */ \
  X(int64_t, collect, (int generation)) \
  X(int, doubt, (void)) /* RH_OK, or why nothing after the last collection can be predicted */ \
  X(void, safepoint, (void)) /* where a deferred automatic collection may run (3.12+) */ \
  X(void, enable, (bool on)) \
  X(void, set_threshold, (int index, int64_t value)) \
  X(int64_t, threshold, (int index)) \
  X(int64_t, count, (int generation)) \
  X(int64_t, stat, (int generation, int field)) \
  X(void, freeze, (void)) \
  X(void, unfreeze, (void)) \
  X(int64_t, frozen, (void)) \
  X(void, set_debug, (int flags)) \
  X(uint64_t, garbage_length, (void)) \
  X(uint32_t, garbage_item, (uint64_t i)) /* borrowed */ \
  X(void, clear_garbage, (void)) \
  X(bool, tracked, (uint32_t o)) \
  X(bool, finalized, (uint32_t o)) \
  X(int, generation, (uint32_t o)) /* 0 1 2; -1: in no listed generation */ \
  X(uint64_t, referents, (uint32_t o)) /* number of visited references, with multiplicity */ \
  X(uint32_t, referent_at, (uint32_t o, uint64_t i)) /* borrowed, in visiting order */ \
  X(uint64_t, referrers, (uint32_t o)) /* tracked containers that refer to o */ \
  X(uint64_t, live_objects, (void)) \
  X(uint32_t, next_object, (uint32_t o)) /* the mortal object with the next handle, 0: none; from 0 on, all of them */ \
  /* ---- blocks: handles of their own, 0 = null ---- */ \
  X(uint32_t, block_new, (uint64_t bytes, bool zeroed)) \
  X(int, block_resize, (uint32_t *block, uint64_t bytes)) /* enum rh_realloc_result; *block follows a move */ \
  X(int, block_free, (uint32_t block)) \
  X(int, block_write, (uint32_t block, uint64_t offset, uint8_t value, uint64_t n)) /* RH_VALUE_ERROR outside the request */ \
  X(int, block_read, (uint32_t block, uint64_t offset)) /* the byte, or RH_VALUE_ERROR */ \
  X(uint64_t, block_address, (uint32_t block)) /* for relations only; engines need not agree on it */ \
  X(uint64_t, live_blocks, (void))
/* clang-format on */

struct rh_profile;

/* One engine. `start` empties it and sets the version's behaviour; it must be
 * called before anything else and may be called again at any time outside a hook. */
struct rh_engine {
  const char *name;
  void (*start)(const struct rh_profile *profile, const struct rh_hooks *hooks);
/* NOLINTNEXTLINE(bugprone-macro-parentheses): the parts of a declaration */
#define RH_ENGINE_MEMBER(result, name, parameters) result(*name) parameters;
  RH_ENGINE_FUNCTIONS(RH_ENGINE_MEMBER)
#undef RH_ENGINE_MEMBER
};

/* The engines of this build. */
extern const struct rh_engine rh_engine_runtime;
extern const struct rh_engine rh_engine_model;

#endif
