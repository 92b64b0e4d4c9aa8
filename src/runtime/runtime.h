/*
 * Python's memory behaviour on top of the proven heap (core/): object kinds,
 * ordered release, finalizers, weak references, container growth, interning
 * and the collector's controls. What is true of it is specs/memory-model.md;
 * what differs between versions is asked of the profile, never of a version
 * number.
 *
 * One heap per process. rh_runtime_start empties it and must come first.
 *
 * Handles name objects, 0 is none. An *owned* result is one external
 * reference, given back with rh_runtime_drop; a *borrowed* one counts nothing.
 * Every function accepts any number as a handle: one that names no live object
 * is answered with 0, false or a negative error and changes nothing. Functions
 * with an int or int64_t result return 0 or a positive value, or a negative
 * enum rh_rt_error; a call that fails leaves the heap as it was.
 *
 * Hooks run inside drop, collect and (3.9-3.11) inside every creation; they may
 * call any function here except rh_runtime_start.
 */
#ifndef RH_RUNTIME_RUNTIME_H
#define RH_RUNTIME_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rh_rt_error {
  RH_RT_OK = 0,
  RH_RT_TYPE_ERROR = -1,
  RH_RT_VALUE_ERROR = -2,
  RH_RT_INDEX_ERROR = -3,
  RH_RT_KEY_ERROR = -4,
  RH_RT_ATTRIBUTE_ERROR = -5,
  RH_RT_MEMORY_ERROR = -6,
  RH_RT_OVERFLOW_ERROR = -7,
  RH_RT_UNSUPPORTED = -8 /* what CPython would show is not known */
};

enum rh_rt_kind {
  RH_RT_NONE = 0,
  RH_RT_NODE,    /* slots a, b, c; weakly referenceable */
  RH_RT_FIN,     /* the same with a finalizer */
  RH_RT_LISTFIN, /* list subclass with a finalizer, weakly referenceable */
  RH_RT_NOGCFIN, /* finalizer, but unknown to the collector */
  RH_RT_LEGACY,  /* like node, with a finalizer of old: uncollectable in a cycle */
  RH_RT_NOGCBOX, /* holds one reference, unknown to the collector */
  RH_RT_LIST,
  RH_RT_TUPLE,
  RH_RT_DICT,
  RH_RT_SET,
  RH_RT_FROZENSET,
  RH_RT_DEQUE,
  RH_RT_OBJECT,
  RH_RT_INT,
  RH_RT_STR,
  RH_RT_FLOAT,
  RH_RT_BYTES,
  RH_RT_COMPLEX,
  RH_RT_BYTEARRAY,
  RH_RT_ARRAY,
  RH_RT_WEAKREF,
  RH_RT_PROXY,
  RH_RT_FINALIZE,
  RH_RT_WVD,    /* dict with weak values */
  RH_RT_WKD,    /* dict with weak keys */
  RH_RT_OTHER,  /* True, False, Ellipsis, a built-in type */
  RH_RT_OBJ,    /* any attributes; weakly referenceable */
  RH_RT_BARE,   /* instance of a class with empty slots */
  RH_RT_CLASS,  /* a class without instances */
  RH_RT_FUNC,   /* a function */
  RH_RT_GEN,    /* a suspended generator */
  RH_RT_SIZER,  /* instance whose size method answers a number */
  RH_RT_STRSUB, /* instance of a subclass of str */
  RH_RT_PART,   /* what belongs to one of these: enum rh_rt_part */
  RH_RT_KIND_COUNT
};

/* The parts of compound objects. Those of an exception are in the order in
 * which each refers to the next. */
enum rh_rt_part {
  RH_RT_PART_DICT, /* attributes */
  RH_RT_PART_TUPLE,
  RH_RT_PART_DESCRIPTOR,
  RH_RT_PART_CELL,
  RH_RT_PART_METHOD,
  RH_RT_PART_EXCEPTION,
  RH_RT_PART_TRACEBACK,
  RH_RT_PART_FRAME,
  RH_RT_PART_UNWINDING /* what closing a generator has to release */
};

/* Forms of functions: on its own, in its own closure, in its own globals. */
enum rh_rt_function { RH_RT_PLAIN, RH_RT_CLOSED, RH_RT_GLOBAL };

/* Where the items of a new or growing container come from. */
enum rh_rt_source {
  RH_RT_FROM_LIST = 0,
  RH_RT_FROM_TUPLE,
  RH_RT_FROM_RANGE,
  RH_RT_FROM_SET,
  RH_RT_FROM_DICT,
  RH_RT_FROM_ITER,
  RH_RT_FROM_GEN,
  RH_RT_FROM_COMP,
  RH_RT_FROM_CONST,
  RH_RT_FROM_DISPLAY,
  RH_RT_FROM_REPEAT,
  RH_RT_FROM_SPLIT,
  RH_RT_FROM_COPY,
  RH_RT_FROM_MERGE0,
  RH_RT_FROM_MERGE1
};

enum rh_rt_constant {
  RH_RT_CONST_NONE,
  RH_RT_CONST_TRUE,
  RH_RT_CONST_FALSE,
  RH_RT_CONST_ELLIPSIS,
  RH_RT_CONST_TYPE,
  RH_RT_CONST_TYPES_END = RH_RT_CONST_TYPE + 64 /* built-in types are TYPE and the numbers behind it */
};

enum rh_rt_phase { RH_RT_START, RH_RT_STOP };

enum rh_rt_realloc { RH_RT_REALLOC_NULL = 0, RH_RT_REALLOC_SAME, RH_RT_REALLOC_MOVED };

enum rh_rt_stat { RH_RT_COLLECTIONS, RH_RT_COLLECTED, RH_RT_UNCOLLECTABLE, RH_RT_CANDIDATES, RH_RT_STATS };

enum { RH_RT_DEBUG_COLLECTABLE = 2, RH_RT_DEBUG_UNCOLLECTABLE = 4, RH_RT_DEBUG_SAVEALL = 32 };

/* What the runtime calls back; all but `context` must be set. */
struct rh_rt_hooks {
  void *context;
  void (*finalizer)(void *context, uint32_t object, uint32_t label);
  void (*weak_callback)(void *context, uint32_t weakref, uint32_t label);
  void (*found)(void *context, bool collectable, uint32_t object); /* only under the debug flag that asks for it */
  void (*collection)(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable);
};

struct rh_profile;

/* Empties the heap, in time proportional to what was used, and adopts the
 * profile and the hooks (both copied). Not inside a hook. */
void rh_runtime_start(const struct rh_profile *profile, const struct rh_rt_hooks *hooks);

/* ---- creation: owned; 0 when the heap is full (RC-1, TRK, GEN-3) ---- */

/* An empty node, fin, listfin, nogcfin, legacy, list, dict, set, deque, object,
 * bytearray, array, wvd, wkd, obj or bare; 0 for any other kind. `label` comes
 * back through the finalizer hook. O(1). */
uint32_t rh_runtime_new_object(int kind, uint32_t label);
/* A nogcbox that holds `held` (borrowed); 0 also when that is no object. O(1). */
uint32_t rh_runtime_new_box(uint32_t held);
/* Items borrowed; each gains a reference; 0 also when one is no object.
 * n = 0 is the one empty tuple. */
uint32_t rh_runtime_new_tuple(const uint32_t *items, uint32_t n, int source);
/* The cached object in the range of small ints, else a fresh one. */
uint32_t rh_runtime_new_int(int64_t value);
/* 2**k. */
uint32_t rh_runtime_new_pow2(uint32_t k);
/* +-(2**power + offset), power at least 63; the value is beyond int64_t. 0 also
 * when power is less. */
uint32_t rh_runtime_new_big(bool negative, uint32_t power, int64_t offset);
/* The int o + n; 0 also when o is no int and when the sum is neither an
 * int64_t nor within 2**63 of a power of two. */
uint32_t rh_runtime_add_int(uint32_t o, int64_t n);
uint32_t rh_runtime_new_float(double value);
uint32_t rh_runtime_new_complex(double real, double imaginary);
/* n zero bytes, never a singleton unless n is 0; content is not stored. */
uint32_t rh_runtime_new_bytes(uint64_t n);
/* A bytes literal: of length 0 and 1 singletons. */
uint32_t rh_runtime_new_bytes_of(const char *bytes, size_t n);
/* n bytes of UTF-8. `constant`: as compiled (identifier-like text is
 * interned), else as built at run time. Empty and one-character Latin-1
 * strings are singletons. */
uint32_t rh_runtime_new_str(const char *utf8, size_t n, bool constant);
/* enum rh_rt_constant; 0 for any other number. */
uint32_t rh_runtime_constant(int which);
/* n times None with the capacity its source leads to (LST). */
uint32_t rh_runtime_new_list(uint32_t n, int source);
/* Keys 0..n-1, values None (DCT). */
uint32_t rh_runtime_new_dict(uint32_t n, int source);
/* Members 0..n-1. */
uint32_t rh_runtime_new_set(uint32_t n, int source);
/* The frozenset made of a sequence of the members of a set that the caller
 * alone holds, which is gone then; 0 for any other set. */
uint32_t rh_runtime_freeze_set(uint32_t set);
/* The copy method: list, listfin (gives a list), tuple (itself), dict, set, deque. */
uint32_t rh_runtime_copy(uint32_t o);
/* The full slice of a list, listfin or tuple. */
uint32_t rh_runtime_list_copy(uint32_t o);

/* ---- instances, classes, functions, generators (OBJ, CLS, FUN) ---- */

uint32_t rh_runtime_new_class(void);
/* enum rh_rt_function; of RH_RT_GLOBAL the dict of globals, else the function. */
uint32_t rh_runtime_new_function(int form);
/* Suspended; a local holds `held`, borrowed. */
uint32_t rh_runtime_new_generator(uint32_t held);
/* Bound to o, borrowed. */
uint32_t rh_runtime_new_method(uint32_t o);
/* An instance whose own size method answers `size`, or a number `above` all of them. */
uint32_t rh_runtime_new_sizer(int64_t size, bool above);
/* An instance of a subclass of str. */
uint32_t rh_runtime_new_strsub(const char *utf8, size_t n);
/* A cycle of the parts first..last that nothing else holds; false when the heap is full. */
bool rh_runtime_make_cycle(int first, int last);
/* Which part a RH_RT_PART is. */
int rh_runtime_part(uint32_t o);

/* Attributes of obj and class. v borrowed, stored before the old value is
 * dropped; 0 deletes, RH_RT_ATTRIBUTE_ERROR when there is none. */
int rh_runtime_set_attribute(uint32_t o, const char *text, size_t n, uint32_t v);
/* The same named by a str object, which is interned. */
int rh_runtime_set_attribute_named(uint32_t o, uint32_t s, uint32_t v);
/* Borrowed; 0: no such attribute. O(names). */
uint32_t rh_runtime_attribute(uint32_t o, const char *text, size_t n);
/* Makes the attribute dict of an obj an object of its own. */
int rh_runtime_materialize(uint32_t o);
/* The name of the attribute of an obj stored last, borrowed; 0: it has none. */
uint32_t rh_runtime_last_attribute(uint32_t o);

/* ---- references ---- */

void rh_runtime_retain(uint32_t o);
/* Gives back one reference. At zero everything only it held dies, in
 * CPython's order, finalizers and callbacks included, without C recursion
 * other than through hooks. */
void rh_runtime_drop(uint32_t o);
int rh_runtime_kind(uint32_t o);
uint32_t rh_runtime_label(uint32_t o);
/* The reported count less the observer's own reference. */
int64_t rh_runtime_refs(uint32_t o);
/* Whether the reported count is in the immortal or artificially huge range. */
bool rh_runtime_immortal(uint32_t o);
/* 1 or 0; RH_RT_UNSUPPORTED for the constant and the computed string of one
 * character in versions that may have two objects for it (INT-9). */
int rh_runtime_same(uint32_t a, uint32_t b);

/* ---- slots a, b, c (0..2) of node and fin ---- */

/* v borrowed; 0 deletes. RH_RT_ATTRIBUTE_ERROR: no such slot, or deleting an
 * empty one. The old value is dropped after the new one is stored. */
int rh_runtime_set_field(uint32_t o, uint32_t index, uint32_t v);
uint32_t rh_runtime_field(uint32_t o, uint32_t index);

/* ---- containers; values borrowed ---- */

/* Items, entries, members, characters or bytes. O(1). */
uint64_t rh_runtime_length(uint32_t o);
/* i-th item of a list, tuple, deque; i-th key of a dict in insertion order;
 * i-th member of a set in table order. O(1) for sequences and dicts without
 * holes, else O(n). */
uint32_t rh_runtime_item(uint32_t o, uint64_t i);
uint32_t rh_runtime_value(uint32_t o, uint64_t i);
int rh_runtime_append(uint32_t o, uint32_t v);             /* list, listfin, deque; bytearray, array an int */
int rh_runtime_insert(uint32_t o, int64_t i, uint32_t v);  /* list, listfin */
int rh_runtime_pop(uint32_t o, int64_t i);                 /* list, listfin, bytearray, array; deque with -1 */
int rh_runtime_clear(uint32_t o);                          /* list, listfin, dict, set, deque */
int rh_runtime_extend(uint32_t o, uint32_t n, int source); /* list, listfin: n times None */
int rh_runtime_delete_slice(uint32_t o, int64_t from, int64_t to);
int rh_runtime_replace_slice(uint32_t o, int64_t from, int64_t to, uint32_t n);
int rh_runtime_repeat(uint32_t o, int64_t times);
int rh_runtime_put(uint32_t o, uint32_t key, uint32_t v);
int rh_runtime_remove_key(uint32_t o, uint32_t key);
int rh_runtime_add(uint32_t o, uint32_t v);
int rh_runtime_discard(uint32_t o, uint32_t v);
/* Allocated slots of a list or listfin. */
int64_t rh_runtime_capacity(uint32_t o);
/* Bytes as getsizeof reports them (SIZ); above 2**63-1 less 2**64. */
int64_t rh_runtime_size_of(uint32_t o);

/* ---- free lists and addresses (FL) ---- */

/* Objects kept for reuse by the free list of a kind, of tuples by length;
 * RH_RT_INDEX_ERROR when objects of that kind or length are not kept. */
int64_t rh_runtime_free_entries(int kind, uint32_t items);
/* Remembers the address of o under a number of the caller's. */
void rh_runtime_note_address(uint32_t place, uint32_t o);
/* 1 when o is at the address remembered there, 0 when it is not;
 * RH_RT_INDEX_ERROR when nothing is, RH_RT_UNSUPPORTED when the allocator may
 * have used that address again. */
int rh_runtime_at_address(uint32_t place, uint32_t o);

/* ---- traced memory (TM) ---- */

/* Forgets every trace; objects made from here on are traced, if `on`. */
void rh_runtime_trace_memory(bool on);
/* 1 when o was made while traced, 0 when not; RH_RT_UNSUPPORTED when its
 * memory may be older than it is. */
int rh_runtime_traced(uint32_t o);
/* Bytes of traced memory that objects take: at least the result, at most
 * *spread more. O(heap). */
int64_t rh_runtime_traced_bytes(int64_t *spread);

/* ---- strings ---- */

/* The canonical object of the value of s, owned; 0 when s is no str. */
uint32_t rh_runtime_intern(uint32_t s);
/* Its n bytes of UTF-8, valid until the next call; NULL when s is no str. */
const char *rh_runtime_text(uint32_t s, size_t *n);
/* Owned; 0 when s is no str or i is out of range. */
uint32_t rh_runtime_char_of(uint32_t s, uint64_t i);

/* ---- weak references (WR) ---- */

/* *out is owned. RH_RT_TYPE_ERROR when the kind is not weakly referenceable.
 * Without a callback the object's shared reference is returned if it has one. */
int rh_runtime_new_weakref(uint32_t o, bool callback, uint32_t label, uint32_t *out);
/* The same with a proxy. */
int rh_runtime_new_proxy(uint32_t o, bool callback, uint32_t label, uint32_t *out);
/* A finalize object registered for o; its label comes through the hook of weak
 * references, once, when o goes. */
int rh_runtime_new_finalize(uint32_t o, uint32_t label, uint32_t *out);
/* Of a weak reference or proxy. */
uint32_t rh_runtime_referent(uint32_t w);
int64_t rh_runtime_weak_count(uint32_t o);

/* ---- collection (GC, GEN) ---- */

/* Collects generation 0, 1 or 2; the number of objects found, or
 * RH_RT_VALUE_ERROR; 0 at once inside a collection; RH_RT_UNSUPPORTED when
 * there is doubt. */
int64_t rh_runtime_collect(int generation);
/* RH_RT_UNSUPPORTED once a collection may have taken objects that cannot be
 * told: late increments of the incremental collector (3.14.0-3.14.4). */
int rh_runtime_doubt(void);
void rh_runtime_safepoint(void);
void rh_runtime_enable(bool on);
void rh_runtime_set_threshold(int index, int64_t value);
int64_t rh_runtime_threshold(int index);
int64_t rh_runtime_count(int generation);
int64_t rh_runtime_stat(int generation, int field);
void rh_runtime_freeze(void);
void rh_runtime_unfreeze(void);
int64_t rh_runtime_frozen(void);
void rh_runtime_set_debug(int flags);
uint64_t rh_runtime_garbage_length(void);
uint32_t rh_runtime_garbage_item(uint64_t i);
void rh_runtime_clear_garbage(void);
bool rh_runtime_tracked(uint32_t o);
bool rh_runtime_finalized(uint32_t o);
int rh_runtime_generation(uint32_t o);
/* References a traversal visits, with multiplicity and in its order; the class
 * of an instance is one of them. */
uint64_t rh_runtime_referents(uint32_t o);
uint32_t rh_runtime_referent_at(uint32_t o, uint64_t i);
/* Tracked containers, frozen ones aside, that refer to o. O(heap). */
uint64_t rh_runtime_referrers(uint32_t o);
/* Live objects that are not immortal. */
uint64_t rh_runtime_live_objects(void);
/* The mortal object with the lowest handle above o, 0 if there is none: from 0
 * on, all of them. O(handles in between). */
uint32_t rh_runtime_next_object(uint32_t o);

/* ---- blocks: handles of their own ---- */

uint32_t rh_runtime_block_new(uint64_t bytes, bool zeroed);
int rh_runtime_block_resize(uint32_t *block, uint64_t bytes);
int rh_runtime_block_free(uint32_t block);
int rh_runtime_block_write(uint32_t block, uint64_t offset, uint8_t value, uint64_t n);
int rh_runtime_block_read(uint32_t block, uint64_t offset);
uint64_t rh_runtime_block_address(uint32_t block);
uint64_t rh_runtime_live_blocks(void);

#endif
