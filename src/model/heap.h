/*
 * The clear heap's data and what its files share. Private to src/model.
 *
 * Invariants, true whenever no function of the model is running:
 *   - every reference is exactly one edge record, found on its target's list
 *     (`inside` when an object holds it, `outside` when the program does) and,
 *     if inside, in exactly one slot of its holder;
 *   - an object without any record is dead: it is being released, or gone;
 *   - an object is in at most one list, `in` names it, and only objects of
 *     collected kinds are in one.
 */
#ifndef RH_MODEL_HEAP_H
#define RH_MODEL_HEAP_H

#include "model/model.h"

enum { RH_M_DEQUE_CENTRE = 32 }; /* SIZ-7: where an empty deque's next item goes in its block of 64 */

struct object;

/* One strong reference. `from` NULL: held by the program, not by an object;
 * such references to one object are interchangeable. */
struct edge {
  struct object *from, *to;
  struct edge *prev, *next; /* other references to the same target */
};

/* A place in a circular list; a list is a link of its own (the head). */
struct link {
  struct link *prev, *next;
};

/* The table of a dict (dict.c) or set (set.c). */
struct table {
  uint64_t size;    /* CPython's table slots; 0: no table */
  size_t used;      /* entries or members */
  bool general;     /* dict: a key that is no str was stored; set: a member that is no int */
  uint32_t *places; /* dict: hash -> entry number + 1 */
  size_t nplaces;   /* dict: a power of two, or 0 */
  bool *dummies;    /* set: places of discarded members */
  uint64_t fill;    /* set: members and dummies */
  uint64_t most;    /* set: the same if no dummy was used again */
  bool vague;       /* set: how many dummies are left depends on unknown hashes */
};

struct object {
  struct link link; /* must stay first: a list leads back to its object */
  struct link *in;  /* the list the object is in; NULL: untracked (TRK-1) */
  uint32_t handle, label;
  uint64_t address; /* what it hashes by where CPython takes its address; 0: it was not hashed yet */
  uint8_t kind;
  bool finalized;                /* FIN-2 */
  bool wanted, reached, scanned; /* only inside collect.c */
  struct edge *outside, *inside; /* who refers to it */
  struct edge *forever;          /* objects that never die: stands for all references to it */
  struct edge **slots;           /* what it refers to; NULL: empty */
  size_t length;                 /* slots in use */
  uint64_t capacity;             /* list: allocated slots; deque: left index in its block */
  uint64_t bytes;                /* byte array, array: its length */
  bool array;                    /* list: has an array, be it one without slots (LST-3) */
  struct object *weakrefs;       /* weak references to it, in order (WR-2) */
  union {
    struct table *table; /* dict, set */
    struct {             /* weakref */
      struct object *referent, *prev, *next;
      bool callback, hashed;
      bool alone;    /* RC-1: the reference its call holds is not counted */
      uint64_t hash; /* of the referent, if hashed */
    } weak;
    struct { /* int: integer, or 2**exponent from 2**63 on; bytes: integer is the length */
      int64_t integer;
      uint32_t exponent;
    } number;
    double real;
    struct {
      char *utf8;
      size_t size;                 /* bytes of utf8 */
      struct object *next;         /* chain of the intern table */
      uint32_t characters, widest; /* number of code points, largest code point */
      bool interned;
    } text;
  };
};

struct rh_m_heap {
  struct rh_model_params params;
  struct rh_model_hooks hooks;
  struct object **objects; /* by handle; [0] unused */
  uint32_t nobjects;
  uint32_t *spare; /* free handles, last freed first */
  uint32_t nspare;
  struct link generations[3], permanent;
};
extern struct rh_m_heap rh_m;

/* LST-2, DCT-8: does the compiler make one constant of a display of n constants, by which the container is then extended? */
static inline bool rh_m_is_folded(uint64_t n) {
  uint64_t limit = rh_m.params.constant_display_limit;
  return n >= 3 && (limit == 0 || n <= limit);
}

/* ---- heap.c ---- */
void *rh_m_memory(void *old, size_t count, size_t size); /* realloc that ends the process */
void *rh_m_room(void *items, size_t n, size_t size);     /* the array, with room for one item after n */
struct object *rh_m_at(uint32_t handle);                 /* 0 gives NULL */
/* A new object, unreferenced and untracked; `n` is a tuple's length. May run a collection (GEN-6). */
struct object *rh_m_new(int kind, size_t n);
void rh_m_delete(struct object *o);       /* gives its memory back */
uint32_t rh_m_own(struct object *o);      /* adds a reference of the program */
void rh_m_disown(struct object *o);       /* takes one back without consequences */
void rh_m_keep_forever(struct object *o); /* an object that never dies */
bool rh_m_held(const struct object *o);
struct edge *rh_m_refer(struct object *from, struct object *to);
void rh_m_unlink(struct edge *e);                        /* forgets the reference; kills nothing */
void rh_m_push_slot(struct object *o, struct object *v); /* o gets one more slot, holding v */
bool rh_m_is_collected_kind(const struct object *o);
void rh_m_track(struct object *o);
void rh_m_untrack(struct object *o);
bool rh_m_may_be_tracked(const struct object *o); /* TRK-2, TRK-3 */
/* Visiting (GC-15): positions 0..visits-1; visit gives NULL for an empty one. */
size_t rh_m_visits(const struct object *o);
struct object *rh_m_visit(const struct object *o, size_t i);

void rh_m_forget_kept(void); /* GEN-13: empties the stores of freed objects */

/* ---- lists ---- */
void rh_m_list_init(struct link *list);
void rh_m_list_move(struct object *o, struct link *list); /* to its end, from wherever */
void rh_m_list_merge(struct link *from, struct link *to); /* append all */
uint64_t rh_m_list_size(const struct link *list);

/* ---- release.c ---- */
void rh_m_release(struct edge *e);            /* drops a reference of an object; dies what only it held */
void rh_m_drop(struct object *o);             /* drops a reference of the program */
struct object *rh_m_take(struct edge **slot); /* empties a slot: the program holds what it held */
void rh_m_release_slots(struct object *o, size_t from, size_t to); /* of a sequence: cut out, then dropped (RC-5) */
void rh_m_empty(struct object *o);                                 /* clear(): drops everything it refers to */
void rh_m_release_reset(void);

/* ---- weak.c ---- */
bool rh_m_is_weak(const struct object *o); /* a weak reference or a proxy */
bool rh_m_weakly_referenceable(const struct object *o);
void rh_m_weak_detach(struct object *w);    /* w no longer refers to anything */
void rh_m_weak_clear_all(struct object *o); /* detaches every weak reference to o, silently */
void rh_m_weak_die(struct object *o);       /* o dies: detach all, then call back (WR-3) */

/* ---- collect.c ---- */
void rh_m_count_allocation(void);
void rh_m_count_free(void);
void rh_m_collect_reset(void);

/* ---- dict.c, set.c ---- */
void rh_m_set_empty(struct object *o); /* a fresh table, whatever the slots were */
uint32_t rh_m_copy_dict(struct object *o);
uint32_t rh_m_copy_set(struct object *o);

/* ---- bytes.c ---- */
bool rh_m_is_bytes(const struct object *o);
void rh_m_resize_bytes(struct object *o, uint64_t n);
uint32_t rh_m_copy_bytes(const struct object *from); /* owned */
int64_t rh_m_bytes_size(const struct object *o);

/* ---- value.c ---- */
void rh_m_value_delete(struct object *o); /* leaves the intern table, frees text */
void rh_m_value_reset(void);
struct object *rh_m_none(void);
bool rh_m_is_built_in_type(const struct object *o);
struct object *rh_m_empty_tuple(void);

/* ---- keys.c ---- */
int rh_m_hash(struct object *o, uint64_t *hash); /* TYPE_ERROR: unhashable */
uint64_t rh_m_hash_text(const char *bytes, size_t n);
bool rh_m_equal(const struct object *a, const struct object *b);
bool rh_m_same_text(const struct object *a, const struct object *b);
void rh_m_keys_reset(void);

/* ---- block.c ---- */
void rh_m_block_reset(void);

#endif
