/*
 * Property: an operation of the runtime that runs out of memory says so and
 * leaves the heap as it was, to everything that can be seen of it, and runs
 * nobody's code; what needs no memory goes on as ever. After that the program
 * goes on as if nothing had been: the clear model, which executes what was
 * executed and knows nothing of faults, has the same results, events and heap.
 * Calls with dead handles are refused and change nothing.
 *
 * Input: a byte for the CPython version, one for the kind of program, then
 * records of four bytes: operation and fault, three operands. By the second
 * byte every operation is tortured, each of its allocations failing in turn,
 * or the heap has a ceiling, or the records say which allocations fail.
 * RH_FUZZ_PRINT=1 in the environment prints the operations.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/object.h"
#include "failing_core.h"
#include "heaps.h"
#include "programs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
  HEAD = 2,
  RECORD = 4,
  RECORDS_MAX = 256,
  ROOTS = 12,
  BLOCKS = 4,
  DEPTH_MAX = 3,       /* actions inside actions */
  OUTCOMES_MAX = 1024, /* of allocations inside the actions of one operation */
  LENGTH_MAX = 40,     /* longer lists are not repeated */
  FAULTLESS = 4,       /* of eight operations */
  COMPARED_EVERY = 16
};

/* Of the second byte. */
enum { TORTURED_ONE_IN = 8, UNMODELLED = 2, CEILING = 1 };

#define FULL INT64_MIN /* an operation ran out of memory */

/* A heap and its user. */
struct side {
  const struct rh_engine *engine;
  uint32_t root[ROOTS];
  uint32_t block[BLOCKS];
  uint64_t block_bytes[BLOCKS];
  uint64_t events; /* all that was called back, as one number */
};

static struct side runtime = {.engine = &rh_engine_runtime}, model = {.engine = &rh_engine_model};
static const struct rh_profile *profile;
static bool printed;
static bool acting; /* finalizers and callbacks do something */
static unsigned depth;
static size_t at; /* the record under way */

/* A container that was made, for which there was no room then, and died again:
 * CPython's counters and free lists show that too. */
static bool blurred;

/* Which allocations inside actions failed on the runtime: the model leaves those out. */
static bool outcome[OUTCOMES_MAX];
static unsigned noutcomes, replayed;

static void require(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "faults: %s: record %zu: %s\n", profile->name, at, what);
  abort();
}

/* --- roots --- */

static void bind(struct side *s, unsigned i, uint32_t owned) {
  uint32_t old = s->root[i % ROOTS];
  s->root[i % ROOTS] = owned;
  if (old != 0) s->engine->drop(old);
}

/* A bound root if there is one, the operand's own or one behind it. */
static unsigned pick(const struct side *s, uint8_t operand) {
  for (unsigned i = 0; i < ROOTS; i++)
    if (s->root[(operand + i) % ROOTS] != 0) return (operand + i) % ROOTS;
  return operand % ROOTS;
}

/* A root of one of the kinds, else none. */
static uint32_t pick_kind(const struct side *s, uint8_t operand, uint64_t kinds) {
  for (unsigned i = 0; i < ROOTS; i++) {
    uint32_t o = s->root[(operand + i) % ROOTS];
    if (o != 0 && (kinds >> s->engine->kind(o) & 1) != 0) return o;
  }
  return 0;
}

#define BIT(kind) (UINT64_C(1) << RH_KIND_##kind)
#define INSTANCES (BIT(NODE) | BIT(FIN) | BIT(LEGACY))
#define LISTS     (BIT(LIST) | BIT(LISTFIN))
#define SEQUENCES (LISTS | BIT(DEQUE))

static uint32_t value_of(const struct side *s, uint8_t operand) {
  uint32_t o = s->root[pick(s, operand)];
  return o != 0 ? o : s->engine->constant(RH_CONST_NONE);
}

/* --- actions --- */

/* May an action allocate? On the model when it went well on the runtime. */
static bool may_allocate(const struct side *s) {
  return s == &runtime ? noutcomes < OUTCOMES_MAX : replayed < noutcomes && outcome[replayed++];
}

static bool note_outcome(const struct side *s, bool good) {
  if (s == &runtime) outcome[noutcomes++] = good;
  return good;
}

/* What a finalizer or callback does is in its label. */
static void act(struct side *s, uint32_t self, uint32_t label) {
  const struct rh_engine *engine = s->engine;
  unsigned where = label / 8 % ROOTS;
  uint32_t list, made;
  switch (label % 8) {
  case 2:
    engine->retain(self);
    bind(s, where, self);
    break;
  case 3:
    bind(s, where, 0);
    break;
  case 4:
    if (!may_allocate(s)) break;
    made = engine->new_object(RH_KIND_NODE, 0);
    if (note_outcome(s, made != 0)) bind(s, where, made);
    break;
  case 5:
    list = pick_kind(s, (uint8_t)where, SEQUENCES);
    if (list != 0 && may_allocate(s)) (void)note_outcome(s, engine->append(list, self) == RH_OK);
    break;
  case 6:
    (void)engine->collect(profile->incremental ? 2 : 0);
    break;
  default:
    break;
  }
}

static void call_back(struct side *s, uint32_t self, uint32_t label) {
  s->events = (s->events ^ (label + 1)) * 0x9e3779b97f4a7c15u;
  if (!acting || depth == DEPTH_MAX) return;
  depth++;
  act(s, self, label);
  depth--;
}

static void on_finalizer(void *context, uint32_t object, uint32_t label) {
  call_back(context, object, label);
}

static void on_weak_callback(void *context, uint32_t weakref, uint32_t label) {
  call_back(context, weakref, label);
}

static void on_found(void *context, bool collectable, uint32_t object) {
  (void)context, (void)collectable, (void)object;
}

static void on_collection(void *context, enum rh_gc_phase phase, int generation, uint64_t collected,
                          uint64_t uncollectable) {
  struct side *s = context;
  uint64_t event = (uint64_t)phase + 2 * (uint64_t)generation + 8 * collected + (uncollectable << 32);
  s->events = (s->events ^ event) * 0x9e3779b97f4a7c15u;
}

/* --- operations: what they result in, or FULL --- */

typedef const uint8_t *record;

static int64_t give(struct side *s, unsigned i, uint32_t made) {
  if (made == 0) return FULL;
  bind(s, i, made);
  return 0;
}

static int64_t result(int error) {
  return error == RH_MEMORY_ERROR ? FULL : error;
}

static uint32_t make_text(const struct side *s, uint8_t operand, bool constant) {
  static const char *const texts[] = {"name", "not a name!", "other", "", "name2", "caf\xc3\xa9"};
  static const uint8_t sizes[] = {4, 11, 5, 0, 5, 5};
  return s->engine->new_str(texts[operand % 6], sizes[operand % 6], constant);
}

static int64_t new_object(struct side *s, record r) {
  static const uint8_t kinds[] = {RH_KIND_NODE,    RH_KIND_NODE,   RH_KIND_FIN,    RH_KIND_FIN,
                                  RH_KIND_LISTFIN, RH_KIND_LIST,   RH_KIND_LIST,   RH_KIND_DICT,
                                  RH_KIND_SET,     RH_KIND_DEQUE,  RH_KIND_FIN,    RH_KIND_DICT,
                                  RH_KIND_DEQUE,   RH_KIND_OBJECT, RH_KIND_LEGACY, RH_KIND_NOGCFIN};
  return give(s, r[2], s->engine->new_object(kinds[r[1] % 16], r[3]));
}

static int64_t new_tuple(struct side *s, record r) {
  uint32_t items[3] = {value_of(s, r[1]), value_of(s, (uint8_t)(r[1] / 4)), value_of(s, (uint8_t)(r[1] / 16))};
  return give(s, r[2], s->engine->new_tuple(items, r[3] % 4u, RH_FROM_DISPLAY));
}

static int64_t new_box(struct side *s, record r) {
  return give(s, r[2], s->engine->new_box(value_of(s, r[1])));
}

static int64_t new_container(struct side *s, record r) {
  uint32_t n = r[1] % 20u;
  int source = r[3] % 15;
  switch (r[1] / 20 % 4) {
  case 0:
    return give(s, r[2], s->engine->new_dict(n, source));
  case 1:
    return give(s, r[2], s->engine->new_set(n, source));
  default:
    return give(s, r[2], s->engine->new_list(n, source % 13)); /* none merges */
  }
}

static int64_t new_value(struct side *s, record r) {
  switch (r[1] % 6) {
  case 0:
    return give(s, r[2], s->engine->new_int(r[3] * 100));
  case 1:
    return give(s, r[2], s->engine->new_float(r[3] * 0.5));
  case 2:
    return give(s, r[2], s->engine->new_bytes(r[3]));
  case 3:
    return give(s, r[2], s->engine->new_pow2(r[3]));
  default:
    return give(s, r[2], make_text(s, r[3], r[1] % 2));
  }
}

/* What consists of several objects, each of which may be the one that there is no room for. */
static int64_t new_compound(struct side *s, record r) {
  static const uint8_t kinds[] = {RH_KIND_WVD,  RH_KIND_WKD,       RH_KIND_OBJ,   RH_KIND_OBJ,
                                  RH_KIND_BARE, RH_KIND_BYTEARRAY, RH_KIND_ARRAY, RH_KIND_OBJ};
  const struct rh_engine *engine = s->engine;
  uint32_t o = value_of(s, r[3]), made = 0;
  switch (r[1] % 12) {
  case 0:
    return give(s, r[2], engine->new_class());
  case 1:
    return give(s, r[2], engine->new_function(r[3] % 3));
  case 2:
    return give(s, r[2], engine->new_generator(o));
  case 3:
    return give(s, r[2], engine->new_method(o));
  case 4:
    return give(s, r[2], engine->new_sizer(r[3], r[3] % 8 == 0));
  case 5:
    return give(s, r[2], engine->new_strsub("subclass", r[3] % 9));
  case 6:
    return give(s, r[2], engine->new_complex(r[3], 0.5));
  case 7:
    return engine->make_cycle(RH_PART_EXCEPTION, RH_PART_FRAME) ? 0 : FULL;
  case 8:
    return engine->new_finalize(o, r[3], &made) == RH_TYPE_ERROR ? RH_TYPE_ERROR : give(s, r[2], made);
  default:
    return give(s, r[2], engine->new_object(kinds[r[3] % 8], 0));
  }
}

static int64_t set_attribute(struct side *s, record r) {
  static const char *const names[] = {"a", "b", "name", "x y"};
  uint32_t o = pick_kind(s, r[1], BIT(OBJ) | BIT(CLASS));
  const char *name = names[r[2] % 4];
  if (o == 0) return 1;
  if (r[2] % 16 == 15) return result(s->engine->materialize(o));
  uint32_t was = s->engine->attribute(o, name, strlen(name));
  int64_t got = result(s->engine->set_attribute(o, name, strlen(name), r[3] % 8 ? value_of(s, r[3]) : 0));
  require(got != FULL || s->engine->attribute(o, name, strlen(name)) == was, "what was not stored is there");
  return got;
}

static int64_t append_number(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], BIT(BYTEARRAY) | BIT(ARRAY));
  return o == 0
             ? 1
             : result(s->engine->append(o, r[3] % 8 == 7 ? value_of(s, r[2])
                                                         : s->engine->new_int(r[3] % 64))); /* small: they are there */
}

static int64_t put_weak(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], BIT(WVD) | BIT(WKD)), key = value_of(s, r[2]), v = value_of(s, r[3]);
  if (o == 0) return 1;
  if (r[3] % 8 == 0) return result(s->engine->remove_key(o, key));
  return result(s->engine->put(o, key, v));
}

static int64_t copy_object(struct side *s, record r) {
  uint32_t from = pick_kind(s, r[1], r[3] % 2 ? LISTS | BIT(TUPLE) : SEQUENCES | BIT(DICT) | BIT(SET) | BIT(TUPLE));
  if (from == 0) return 1;
  return give(s, r[2], r[3] % 2 ? s->engine->list_copy(from) : s->engine->copy(from));
}

static int64_t set_field(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], INSTANCES);
  if (o == 0) return 1;
  return result(s->engine->set_field(o, r[2] % 3u, r[3] % 16 ? value_of(s, r[3]) : 0));
}

static int64_t append(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], SEQUENCES);
  return o == 0 ? 1 : result(s->engine->append(o, value_of(s, r[2])));
}

static int64_t change_list(struct side *s, record r) {
  const struct rh_engine *engine = s->engine;
  uint32_t o = pick_kind(s, r[1], LISTS);
  int64_t from = r[2] % 8 - 2, to = r[3] % 8 - 1;
  if (o == 0) return 1;
  switch (r[2] / 8 % 7) {
  case 0:
    return result(engine->insert(o, from, value_of(s, r[3])));
  case 1:
    return result(engine->pop(o, from));
  case 2:
    return result(engine->extend(o, r[3] % 24u, RH_FROM_LIST));
  case 3:
    return result(engine->extend(o, r[3] % 24u, r[3] % 2 ? RH_FROM_ITER : RH_FROM_GEN));
  case 4:
    return result(engine->delete_slice(o, from, to));
  case 5:
    return result(engine->replace_slice(o, from, to, r[3] / 8 % 16u));
  default:
    return engine->length(o) > LENGTH_MAX ? 1 : result(engine->repeat(o, r[3] % 4));
  }
}

static int64_t pop(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], SEQUENCES);
  return o == 0 ? 1 : result(s->engine->pop(o, -1));
}

static int64_t change_table(struct side *s, record r) {
  const struct rh_engine *engine = s->engine;
  uint32_t o = pick_kind(s, r[1], BIT(DICT) | BIT(SET)), key;
  if (o == 0) return 1;
  bool is_set = engine->kind(o) == RH_KIND_SET; /* two members with addresses for hashes would have no known order */
  if (!is_set && r[2] % 8 == 7) {
    key = value_of(s, (uint8_t)(r[2] / 8));
    engine->retain(key);
  } else {
    key = r[2] % 8 == 6 ? make_text(s, (uint8_t)(r[2] / 8), true) : engine->new_int(r[2] % 32 * 20);
  }
  if (key == 0) return FULL;
  int error = r[3] % 4 == 0 ? (is_set ? engine->discard(o, key) : engine->remove_key(o, key))
              : is_set      ? engine->add(o, key)
                            : engine->put(o, key, value_of(s, r[3]));
  engine->drop(key);
  return result(error);
}

static int64_t clear(struct side *s, record r) {
  uint32_t o = pick_kind(s, r[1], SEQUENCES | BIT(DICT) | BIT(SET));
  return o == 0 ? 1 : result(s->engine->clear(o));
}

static int64_t make_weak(struct side *s, record r) {
  uint32_t made = 0, o = value_of(s, r[1]);
  bool called = r[3] % 4 != 0;
  uint32_t label = called ? r[3] : 0;
  int error =
      r[3] % 8 == 7 ? s->engine->new_proxy(o, called, label, &made) : s->engine->new_weakref(o, called, label, &made);
  if (error != RH_OK) return result(error);
  bind(s, r[2], made);
  return 0;
}

static int64_t change_text(struct side *s, record r) {
  uint32_t text = pick_kind(s, r[1], BIT(STR));
  if (text == 0) return 1;
  uint64_t i = r[3] % 4u;
  if (r[3] % 8 > 3) return give(s, r[2], s->engine->intern(text));
  return i >= s->engine->length(text) ? 1 : give(s, r[2], s->engine->char_of(text, i));
}

static int64_t drop_root(struct side *s, record r) {
  bind(s, pick(s, r[1]), 0);
  return 0;
}

static int64_t bind_root(struct side *s, record r) {
  uint32_t o = s->root[pick(s, r[1])];
  if (o == 0) return 1;
  s->engine->retain(o);
  bind(s, r[2], o);
  return 0;
}

static int64_t collect(struct side *s, record r) {
  if (r[2] % 16 == 0) s->engine->freeze();
  if (r[2] % 16 == 1) s->engine->unfreeze();
  if (r[2] % 16 == 2) s->engine->clear_garbage();
  return s->engine->collect(profile->incremental ? 2 : r[1] % 3);
}

static int64_t make_block(struct side *s, record r) {
  unsigned i = r[1] % BLOCKS;
  uint64_t bytes = r[2] * (r[3] % 4 ? 4u : 32u);
  int moved = 0;
  if (s->block[i] == 0) {
    uint32_t made = s->engine->block_new(bytes, true);
    if (made == 0) return FULL;
    s->block[i] = made;
  } else {
    moved = s->engine->block_resize(&s->block[i], bytes);
    if (moved == RH_REALLOC_NULL) return FULL;
  }
  s->block_bytes[i] = bytes;
  return s->engine->block_write(s->block[i], 0, r[3], bytes);
}

static int64_t free_block(struct side *s, record r) {
  unsigned i = r[1] % BLOCKS;
  int error = s->block[i] != 0 ? s->engine->block_free(s->block[i]) : RH_OK;
  s->block[i] = 0;
  return error;
}

/* What an operation needs room for: without any it cannot fail; what fails to make a container has made one that died;
 * what fails to store an attribute has made a place for it. */
enum needs { NOTHING, ROOM, CONTAINER, PLACE };

struct operation {
  int64_t (*run)(struct side *s, record r);
  const char *name;
  enum needs needs;
};

static const struct operation operations[32] = {{new_object, "new object", ROOM},
                                                {new_object, "new object", ROOM},
                                                {new_object, "new object", ROOM},
                                                {new_object, "new object", ROOM},
                                                {new_object, "new object", ROOM},
                                                {new_object, "new object", ROOM},
                                                {new_tuple, "new tuple", ROOM},
                                                {new_tuple, "new tuple", ROOM},
                                                {new_container, "new container", CONTAINER},
                                                {new_container, "new container", CONTAINER},
                                                {new_value, "new value", ROOM},
                                                {new_box, "new box", ROOM},
                                                {copy_object, "copy", CONTAINER},
                                                {set_field, "set field", NOTHING},
                                                {set_field, "set field", NOTHING},
                                                {set_field, "set field", NOTHING},
                                                {set_field, "set field", NOTHING},
                                                {append, "append", ROOM},
                                                {append, "append", ROOM},
                                                {append, "append", ROOM},
                                                {change_list, "change list", ROOM},
                                                {change_list, "change list", ROOM},
                                                {pop, "pop", NOTHING},
                                                {change_table, "change table", ROOM},
                                                {change_table, "change table", ROOM},
                                                {change_table, "change table", ROOM},
                                                {make_weak, "make weak", ROOM},
                                                {make_weak, "make weak", ROOM},
                                                {drop_root, "drop", NOTHING},
                                                {drop_root, "drop", NOTHING},
                                                {collect, "collect", NOTHING},
                                                {NULL, "others", NOTHING}};

static const struct operation others[8] = {{clear, "clear", NOTHING},           {change_text, "change text", ROOM},
                                           {bind_root, "bind", NOTHING},        {make_block, "make block", ROOM},
                                           {make_block, "make block", ROOM},    {make_block, "make block", ROOM},
                                           {free_block, "free block", NOTHING}, {collect, "collect", NOTHING}};

/* Of what the model does not know. */
static const struct operation unmodelled[4] = {{new_compound, "new compound", CONTAINER},
                                               {set_attribute, "set attribute", PLACE},
                                               {append_number, "append number", ROOM},
                                               {put_weak, "put weak", CONTAINER}};

static const struct operation *operation_of(record r) {
  const struct operation *operation = &operations[r[0] % 32];
  return operation->run ? operation : &others[r[1] / 16 % 8];
}

/* --- misuse --- */

/* What is no object has nothing to be seen. */
static void misuse_looks(uint32_t h) {
  const struct rh_engine *engine = runtime.engine;
  size_t n;
  require(engine->length(h) == 0 && engine->item(h, 0) == 0 && engine->value(h, 0) == 0, "what is no object has items");
  require(engine->referents(h) == 0 && engine->referent_at(h, 0) == 0 && engine->referrers(h) == 0,
          "what is no object refers, or is referred to");
  require(!engine->tracked(h) && !engine->finalized(h) && engine->generation(h) < 0 && engine->label(h) == 0,
          "the collector knows what is no object");
  require(engine->size_of(h) < 0 && engine->traced(h) < 0 && engine->capacity(h) < 0, "what is no object has a size");
  require(engine->kind(h) == RH_KIND_OTHER && engine->refs(h) == 0, "what is no object has a kind, or a count");
  require(engine->text(h, &n) == NULL && engine->part(h) < 0 && engine->field(h, 0) == 0,
          "what is no object is something");
  require(engine->attribute(h, "a", 1) == 0 && engine->last_attribute(h) == 0, "what is no object has attributes");
  require(engine->referent(h) == 0 && engine->weak_count(h) == 0, "what is no object has weak references");
  engine->note_address(0, h);
  engine->note_address(1, engine->constant(RH_CONST_NONE));
  require(engine->at_address(1, h) < 0, "what is no object is where another is");
  require(engine->at_address(ROOTS, h) < 0, "what is no object has an address");
}

/* What is no object is not made into something, nor changed. */
static void misuse_changes(uint32_t h, uint32_t o) {
  const struct rh_engine *engine = runtime.engine;
  uint32_t out;
  require(engine->new_generator(h) == 0 && engine->new_method(h) == 0, "something holds what is no object");
  require(engine->new_finalize(h, 0, &out) < 0 && engine->new_proxy(h, false, 0, &out) < 0,
          "what is no object is observed");
  require(engine->add_int(h, 1) == 0 && engine->freeze_set(h) == 0, "something was made of what is no object");
  require(engine->set_attribute(h, "a", 1, o) < 0 && engine->set_attribute(o, "a", 1, h) < 0,
          "what is no object is an attribute");
  require(engine->set_attribute_named(h, o, o) < 0 && engine->set_attribute_named(o, h, o) < 0 &&
              engine->materialize(h) < 0,
          "what is no object has attributes, or names one");
  require(h == 0 || engine->set_field(o, 0, h) < 0, "what is no object was stored");
  require(engine->discard(h, o) < 0 && engine->remove_key(h, o) < 0, "what is no object has lost something");
  require(engine->extend(h, 1, RH_FROM_LIST) < 0 && engine->delete_slice(h, 0, 1) < 0 &&
              engine->replace_slice(h, 0, 1, 1) < 0,
          "what is no list was changed");
}

/* There are three generations, and places begin at 0. */
static void misuse_numbers(uint32_t o) {
  const struct rh_engine *engine = runtime.engine;
  require(engine->threshold(-1) < 0 && engine->threshold(3) < 0 && engine->count(-1) < 0 && engine->count(3) < 0,
          "what is no generation has a threshold, or a counter");
  require(engine->stat(-1, 0) < 0 && engine->stat(3, 0) < 0 && engine->stat(0, -1) < 0 && engine->stat(0, RH_STATS) < 0,
          "there are statistics of what there is not");
  engine->set_threshold(-1, 1);
  engine->set_threshold(3, 1);
  require(engine->garbage_item(engine->garbage_length()) == 0, "there is garbage behind the garbage");
  require(engine->item(o, UINT64_MAX) == 0 && engine->referent_at(o, UINT64_MAX - 8) == 0,
          "something is behind the last item");
  require(engine->new_object(RH_KIND_PART, 0) == 0 && engine->new_function(-1) == 0 && engine->constant(-1) == 0,
          "something was made that there is not");
  require(engine->constant(RH_CONST_TYPES_END) == 0 && engine->new_big(false, 62, 0) == 0,
          "there is what there is not");
  uint32_t none = engine->constant(RH_CONST_NONE);
  require(engine->copy(none) == 0 && engine->clear(none) < 0, "None is a container");
  require(engine->free_entries(RH_KIND_NODE, 0) < 0, "there is a free list of what is never kept");
}

static void misuse_blocks(void) {
  const struct rh_engine *engine = runtime.engine;
  uint32_t none = UINT32_MAX, nothing = 0;
  require(engine->block_free(0) < 0 && engine->block_free(none) < 0, "what is no block was freed");
  require(engine->block_resize(&nothing, 8) == RH_REALLOC_NULL && nothing == 0, "nothing was resized");
  require(engine->block_resize(&none, 8) == RH_REALLOC_NULL && none == UINT32_MAX, "what is no block was resized");
  require(engine->block_read(0, 0) < 0 && engine->block_write(none, 0, 0, 1) < 0, "what is no block has bytes");
  require(engine->block_address(none) == 0, "what is no block has an address");
  for (unsigned i = 0; i < BLOCKS; i++) {
    uint64_t bytes = runtime.block_bytes[i];
    if (runtime.block[i] == 0) continue;
    require(engine->block_write(runtime.block[i], bytes + 1, 1, 0) < 0 &&
                engine->block_write(runtime.block[i], bytes, 1, 1) < 0,
            "a block was written behind its end");
    require(engine->block_address(runtime.block[i]) != 0, "a block is nowhere");
  }
}

/* Calls with a handle that names nothing: refused, and nothing changes. */
static void misuse(record r, uint32_t dead) {
  const struct rh_engine *engine = runtime.engine;
  uint32_t wrong[] = {0, UINT32_MAX, RH_OBJECTS + r[1], rh_object_live(dead) ? 0 : dead}, out = 0;
  uint32_t h = wrong[r[2] % 4], o = value_of(&runtime, r[1]), pair[2] = {o, h};
  engine->retain(h);
  engine->drop(h);
  require(engine->new_tuple(pair, 2, RH_FROM_DISPLAY) == 0, "a tuple of what is no object");
  require(engine->new_box(h) == 0, "a box of what is no object");
  require(engine->copy(h) == 0 && engine->list_copy(h) == 0, "a copy of what is no object");
  require(engine->intern(h) == 0 && engine->char_of(h, 0) == 0, "a string of what is no object");
  require(engine->new_weakref(h, true, 0, &out) < 0, "a weak reference to what is no object");
  require(engine->append(h, o) < 0 && engine->append(o, h) < 0, "what is no object was appended, or to it");
  require(engine->insert(h, 0, o) < 0 && engine->insert(o, 0, h) < 0, "what is no object was inserted, or into it");
  require(engine->put(h, o, o) < 0 && engine->put(o, h, o) < 0 && engine->put(o, o, h) < 0,
          "what is no object was put, or into it");
  require(engine->add(h, o) < 0 && engine->add(o, h) < 0, "what is no object was added, or to it");
  require(engine->pop(h, -1) < 0 && engine->clear(h) < 0 && engine->repeat(h, 2) < 0, "what is no object was changed");
  require(engine->set_field(h, 0, o) < 0 && engine->set_field(o, 3, o) < 0, "what is no slot was written");
  require(engine->collect(3) < 0 && engine->collect(-1) < 0, "what is no generation was collected");
  misuse_looks(h);
  misuse_changes(h, o);
  misuse_numbers(o);
  misuse_blocks();
}

/* --- judging --- */

static void check_blocks(void) {
  for (unsigned i = 0; i < BLOCKS; i++) {
    require((runtime.block[i] != 0) == (model.block[i] != 0), "one has a block and the other none");
    if (runtime.block[i] == 0) continue;
    uint64_t bytes = model.block_bytes[i];
    for (uint64_t k = 0; k < bytes; k += bytes / 4 + 1) {
      require(runtime.engine->block_read(runtime.block[i], k) == model.engine->block_read(model.block[i], k),
              "the content of a block differs");
    }
    require(runtime.engine->block_read(runtime.block[i], bytes) < 0, "a block is larger than was asked for");
  }
}

static void compare(void) {
  heaps_start(runtime.engine, model.engine);
  for (unsigned i = 0; i < ROOTS; i++) heaps_pair(runtime.root[i], model.root[i]);
  const char *what = heaps_compare(!blurred);
  require(what == NULL, what);
  check_blocks();
}

/* What the user of the runtime holds belongs to what may not change. */
static struct heap_digest digest(void) {
  struct heap_digest heap = heap_digest(runtime.engine);
  uint64_t value = heap.objects ^ runtime.events;
  for (unsigned i = 0; i < ROOTS; i++) value = value * 31 + runtime.root[i];
  for (unsigned i = 0; i < BLOCKS; i++) {
    value = value * 31 + runtime.block[i];
    if (runtime.block[i] == 0) continue;
    value = value * 31 + (uint64_t)runtime.engine->block_read(runtime.block[i], 0);
    value = value * 31 + (uint64_t)runtime.engine->block_read(runtime.block[i], runtime.block_bytes[i] - 1);
  }
  heap.objects = value;
  return heap;
}

static void require_unchanged(struct heap_digest before, bool makes) {
  struct heap_digest now = digest();
  require(now.objects == before.objects, "an operation that failed changed objects");
  if (makes) {
    blurred = blurred || now.counters != before.counters || now.kept != before.kept;
    return;
  }
  require(now.counters == before.counters, "an operation that failed changed the collector's counters");
  require(now.kept == before.kept, "an operation that failed changed free lists");
}

/* Runs it on the runtime under a plan; FULL must leave everything as it was. */
static int64_t run_failing(const struct operation *operation, record r, struct failing_plan plan) {
  bool armed = operation->needs != NOTHING && (plan.to != 0 || plan.ceiling != 0);
  struct heap_digest before = armed ? digest() : (struct heap_digest){0};
  failing_core_plan(plan);
  noutcomes = replayed = 0;
  int64_t got = operation->run(&runtime, r);
  require(got != FULL || failing_core_refused() != 0, "out of memory, although every allocation was granted");
  require(got != FULL || operation->needs != NOTHING, "an operation that needs no memory ran out of it");
  failing_core_plan((struct failing_plan){0});
  if (got == FULL && operation->needs != PLACE) require_unchanged(before, operation->needs == CONTAINER);
  return got;
}

/* Each allocation of the operation fails in turn, until there is none left to fail. */
static int64_t run_tortured(const struct operation *operation, record r) {
  for (uint32_t k = 0;; k++) {
    int64_t got = run_failing(operation, r, (struct failing_plan){k, k + 1, 0});
    if (got != FULL) return got;
  }
}

static struct failing_plan plan_of(record r, uint8_t kind) {
  unsigned fault = r[0] / 32;
  if (kind & CEILING) return (struct failing_plan){0, 0, 20u + kind / 4u % 32u};
  if (fault < FAULTLESS) return (struct failing_plan){0};
  if (fault == 7) return (struct failing_plan){0, UINT32_MAX, 0};
  return (struct failing_plan){fault - FAULTLESS, fault - FAULTLESS + 1, 0};
}

static void run_record(record r, uint8_t kind) {
  const struct operation *operation = operation_of(r);
  bool tortured = kind % TORTURED_ONE_IN == 0;
  if (printed) fprintf(stderr, "%3zu %s %u %u %u, fault %u\n", at, operation->name, r[1], r[2], r[3], r[0] / 32);
  int64_t got = tortured ? run_tortured(operation, r) : run_failing(operation, r, plan_of(r, kind));
  if (got == FULL && r[3] % 2) return; /* it was not meant to be */
  if (got == FULL) got = run_failing(operation, r, (struct failing_plan){0});
  require(operation->run(&model, r) == got, "the result differs");
  require(runtime.events == model.events, "what was called back differs");
}

/* --- programs --- */

static void start(struct side *s) {
  struct rh_hooks hooks = {s, on_finalizer, on_weak_callback, on_found, on_collection};
  *s = (struct side){.engine = s->engine};
  s->engine->start(profile, &hooks);
  s->engine->enable(false);
}

static void finish(struct side *s) {
  for (unsigned i = 0; i < ROOTS; i++) bind(s, i, 0);
  for (unsigned i = 0; i < BLOCKS; i++)
    if (s->block[i] != 0) (void)s->engine->block_free(s->block[i]);
  for (unsigned i = 0; i < BLOCKS; i++) s->block[i] = 0;
  s->engine->unfreeze();
  s->engine->clear_garbage();
  (void)s->engine->collect(2);
}

/* What the model does not know is judged on the runtime alone: each operation that fails leaves the heap as it was. */
static void run_unmodelled(const uint8_t *data, size_t records) {
  start(&runtime);
  for (at = 0; at < records; at++) {
    record r = data + at * RECORD;
    const struct operation *operation = r[0] % 2 ? &unmodelled[r[0] / 2 % 4] : operation_of(r);
    if (printed) fprintf(stderr, "%3zu %s %u %u %u, alone\n", at, operation->name, r[1], r[2], r[3]);
    (void)run_tortured(operation, r);
  }
  finish(&runtime);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < HEAD) return 0;
  size_t records = (size - HEAD) / RECORD < RECORDS_MAX ? (size - HEAD) / RECORD : RECORDS_MAX;
  profile = fuzz_version(data[0]);
  acting = true;
  printed = getenv("RH_FUZZ_PRINT") != NULL;
  blurred = false;
  start(&runtime);
  start(&model);
  for (at = 0; at < records; at++) {
    record r = data + HEAD + at * RECORD;
    uint32_t first = runtime.root[r[1] % ROOTS];
    run_record(r, data[1]);
    if (at % COMPARED_EVERY == 0) compare();
    if (r[3] % 16 != 3) continue;
    struct heap_digest before = digest();
    misuse(r, first);
    require_unchanged(before, false);
  }
  compare();
  acting = false;
  finish(&runtime);
  finish(&model);
  require(runtime.events == model.events, "what was called back in the end differs");
  compare();
  if (data[1] % TORTURED_ONE_IN == UNMODELLED) run_unmodelled(data + HEAD, records);
  fuzz_leave_nothing();
  return 0;
}
