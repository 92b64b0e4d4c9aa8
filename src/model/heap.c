/*
 * Objects, references and generation lists: the parts every rule stands on.
 * A count is never stored: it is the number of edge records on the target
 * (RC-1). No rule about dying is here; see release.c.
 */
#include "model/heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rh_m_heap rh_m;

/* GEN-13: freed lists, dicts and short tuples that wait to be used again. */
static uint32_t kept_floats, kept_lists, kept_dicts, kept_tuples[RH_MODEL_KEPT_TUPLE_LENGTHS + 1];

void *rh_m_memory(void *old, size_t count, size_t size) {
  void *memory = count > SIZE_MAX / size ? NULL : realloc(old, count * size + !count);
  if (!memory) {
    fprintf(stderr, "refheap: the clear heap is out of memory\n");
    abort();
  }
  return memory;
}

void *rh_m_room(void *items, size_t n, size_t size) {
  bool full = (n & (n - 1)) == 0; /* an array of n items has room for the next power of two from n */
  return full ? rh_m_memory(items, n ? 2 * n : 1, size) : items;
}

/* ---- generation lists ---- */

void rh_m_list_init(struct link *list) {
  list->prev = list->next = list;
}

static void list_remove(struct object *o) {
  o->link.prev->next = o->link.next;
  o->link.next->prev = o->link.prev;
}

void rh_m_list_move(struct object *o, struct link *list) {
  if (o->in) list_remove(o);
  o->link.prev = list->prev;
  o->link.next = list;
  list->prev = list->prev->next = &o->link;
  o->in = list;
}

void rh_m_list_merge(struct link *from, struct link *to) {
  while (from->next != from) rh_m_list_move((struct object *)from->next, to);
}

uint64_t rh_m_list_size(const struct link *list) {
  uint64_t n = 0;
  for (const struct link *l = list->next; l != list; l = l->next) n++;
  return n;
}

/* TRK-1: a tracked object joins the end of the young generation. */
void rh_m_track(struct object *o) {
  if (!o->in) rh_m_list_move(o, &rh_m.generations[0]);
}

void rh_m_untrack(struct object *o) {
  if (o->in) list_remove(o);
  o->in = NULL;
}

/* ---- references ---- */

static struct edge **holders(const struct edge *e) {
  return e->from ? &e->to->inside : &e->to->outside;
}

struct edge *rh_m_refer(struct object *from, struct object *to) {
  /* RC-13: the references to an object that never dies are not counted. */
  if (to->forever) return to->forever;
  struct edge *e = rh_m_memory(NULL, 1, sizeof *e);
  *e = (struct edge){.from = from, .to = to};
  struct edge **first = holders(e);
  e->next = *first;
  if (*first) (*first)->prev = e;
  *first = e;
  return e;
}

void rh_m_unlink(struct edge *e) {
  if (e == e->to->forever) return;
  if (e->prev) {
    e->prev->next = e->next;
  } else {
    *holders(e) = e->next;
  }
  if (e->next) e->next->prev = e->prev;
  free(e);
}

bool rh_m_held(const struct object *o) {
  return o->outside || o->inside;
}

void rh_m_keep_forever(struct object *o) {
  if (!o->forever) o->forever = rh_m_refer(NULL, o);
}

uint32_t rh_m_own(struct object *o) {
  rh_m_refer(NULL, o);
  return o->handle;
}

void rh_m_disown(struct object *o) {
  rh_m_unlink(o->forever ? o->forever : o->outside);
}

void rh_m_push_slot(struct object *o, struct object *v) {
  o->slots = rh_m_room(o->slots, o->length, sizeof(struct edge *));
  o->slots[o->length++] = v ? rh_m_refer(o, v) : NULL;
}

void rh_model_retain(uint32_t o) {
  rh_m_refer(NULL, rh_m_at(o));
}

void rh_model_drop(uint32_t o) {
  rh_m_drop(rh_m_at(o));
}

/* RC-1: counting. The count of an object that never dies is either constant
 * (RC-13) or has an unknown offset (RC-14). */
int64_t rh_model_refs(uint32_t handle) {
  const struct object *o = rh_m_at(handle);
  if (o->forever) {
    return rh_model_immortal(handle) && rh_m.params.immortal_singletons ? (int64_t)rh_m.params.immortal_count - 1
                                                                        : RH_MODEL_UNSUPPORTED;
  }
  int64_t n = 0;
  for (const struct edge *e = o->outside; e; e = e->next) n++;
  for (const struct edge *e = o->inside; e; e = e->next) n++;
  return n - (rh_m_is_weak(o) && o->weak.alone);
}

/* ---- objects ---- */

struct object *rh_m_at(uint32_t handle) {
  return handle ? rh_m.objects[handle] : NULL;
}

bool rh_m_is_collected_kind(const struct object *o) {
  switch (o->kind) {
  case RH_MODEL_NODE:
  case RH_MODEL_FIN:
  case RH_MODEL_LEGACY:
  case RH_MODEL_LISTFIN:
  case RH_MODEL_LIST:
  case RH_MODEL_TUPLE:
  case RH_MODEL_DICT:
  case RH_MODEL_SET:
  case RH_MODEL_DEQUE:
  case RH_MODEL_WEAKREF:
  case RH_MODEL_PROXY:
    return true;
  case RH_MODEL_ARRAY:
    return rh_m.params.array_is_collected;
  default:
    return false;
  }
}

bool rh_m_may_be_tracked(const struct object *o) {
  return rh_m_is_collected_kind(o) && (o->kind != RH_MODEL_TUPLE || o->in);
}

/* The store of freed objects of this shape, or NULL. */
static uint32_t *kept(int kind, size_t n, uint32_t *limit) {
  *limit = rh_m.params.kept_lists;
  if (kind == RH_MODEL_LIST) return &kept_lists;
  if (kind == RH_MODEL_DICT) return &kept_dicts;
  *limit = rh_m.params.kept_floats;
  if (kind == RH_MODEL_FLOAT) return &kept_floats;
  *limit = rh_m.params.kept_tuples;
  return kind == RH_MODEL_TUPLE && n >= 1 && n <= rh_m.params.kept_tuple_lengths ? &kept_tuples[n] : NULL;
}

int64_t rh_model_free_entries(int kind, uint32_t items) {
  uint32_t limit;
  const uint32_t *store = kept(kind, items, &limit);
  return store ? (int64_t)*store : RH_MODEL_INDEX_ERROR;
}

/* Where objects are is beyond this heap. */
void rh_model_note_address(uint32_t place, uint32_t handle) {
  (void)place, (void)handle;
}

int rh_model_at_address(uint32_t place, uint32_t handle) {
  (void)place, (void)handle;
  return RH_MODEL_MEMORY_ERROR;
}

void rh_model_trace_memory(bool on) {
  (void)on;
}

int rh_model_traced(uint32_t handle) {
  (void)handle;
  return RH_MODEL_MEMORY_ERROR;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the engines' shape */
int64_t rh_model_traced_bytes(int64_t *spread) {
  (void)spread;
  return RH_MODEL_MEMORY_ERROR;
}

void rh_m_forget_kept(void) {
  uint64_t n = (uint64_t)kept_lists + kept_dicts;
  for (size_t i = 0; i <= RH_MODEL_KEPT_TUPLE_LENGTHS; i++) n += kept_tuples[i];
  while (n--) rh_m_count_free();
  kept_floats = kept_lists = kept_dicts = 0;
  memset(kept_tuples, 0, sizeof kept_tuples);
}

static uint32_t new_handle(void) {
  if (rh_m.nspare) return rh_m.spare[--rh_m.nspare];
  rh_m.objects = rh_m_room(rh_m.objects, rh_m.nobjects, sizeof(struct object *));
  return rh_m.nobjects++;
}

struct object *rh_m_new(int kind, size_t n) {
  struct object *o = rh_m_memory(NULL, 1, sizeof *o);
  *o = (struct object){.kind = (uint8_t)kind};
  uint32_t limit, *store = kept(kind, n, &limit);
  if (store && *store) {
    (*store)--; /* GEN-13: reuse is no allocation */
  } else if (rh_m_is_collected_kind(o) && !(kind == RH_MODEL_TUPLE && n == 0)) {
    rh_m_count_allocation();
  }
  o->handle = new_handle();
  rh_m.objects[o->handle] = o;
  return o;
}

void rh_m_delete(struct object *o) {
  uint32_t limit, *store = kept(o->kind, o->length, &limit);
  if (store && *store < limit) {
    (*store)++;
  } else if (rh_m_is_collected_kind(o)) {
    rh_m_count_free();
  }
  rh_m_value_delete(o);
  rh_m.objects[o->handle] = NULL;
  rh_m.spare = rh_m_room(rh_m.spare, rh_m.nspare, sizeof *rh_m.spare);
  rh_m.spare[rh_m.nspare++] = o->handle;
  free(o->slots);
  free(o);
}

int rh_model_kind(uint32_t o) {
  return rh_m_at(o)->kind;
}

uint32_t rh_model_label(uint32_t o) {
  return rh_m_at(o)->label;
}

uint64_t rh_model_live_objects(void) {
  uint64_t n = 0;
  for (uint32_t i = 1; i < rh_m.nobjects; i++) n += rh_m.objects[i] && !rh_m.objects[i]->forever;
  return n;
}

uint32_t rh_model_next_object(uint32_t o) {
  while (++o < rh_m.nobjects)
    if (rh_m.objects[o] && !rh_m.objects[o]->forever) return o;
  return 0;
}

static void free_edges(struct edge *e) {
  while (e) {
    struct edge *next = e->next;
    free(e);
    e = next;
  }
}

void rh_model_start(const struct rh_model_params *params, const struct rh_model_hooks *hooks) {
  for (uint32_t i = 1; i < rh_m.nobjects; i++) {
    struct object *o = rh_m.objects[i];
    if (!o) continue;
    free_edges(o->outside);
    free_edges(o->inside);
    rh_m_delete(o);
  }
  rh_m_value_reset();
  rh_m_keys_reset();
  rh_m_release_reset();
  rh_m_block_reset();
  free(rh_m.objects);
  free(rh_m.spare);
  rh_m = (struct rh_m_heap){.params = *params, .hooks = *hooks};
  rh_m.objects = rh_m_room(NULL, 0, sizeof(struct object *));
  rh_m.nobjects = 1; /* handle 0 is none */
  for (int i = 0; i < 3; i++) rh_m_list_init(&rh_m.generations[i]);
  rh_m_list_init(&rh_m.permanent);
  rh_m_forget_kept();
  rh_m_collect_reset();
}

/* ---- visiting (GC-15) ---- */

size_t rh_m_visits(const struct object *o) {
  return rh_m_is_weak(o) || o->kind == RH_MODEL_NOGCBOX ? 0 : o->length;
}

/* Lists and tuples are visited from the last item, dicts value before key, and
 * the keys of a dict of strings not at all. */
struct object *rh_m_visit(const struct object *o, size_t i) {
  switch (o->kind) {
  case RH_MODEL_LIST:
  case RH_MODEL_LISTFIN:
  case RH_MODEL_TUPLE:
    i = o->length - 1 - i;
    break;
  case RH_MODEL_DICT:
    if (i % 2 == 1 && !o->table->general) return NULL;
    i ^= 1;
    break;
  default:
    break;
  }
  return o->slots[i] ? o->slots[i]->to : NULL;
}
