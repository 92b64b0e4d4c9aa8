/*
 * Why counts and identities are what they are: references, immortal values,
 * interned ones, addresses that come back (rules RC, INT, FL).
 */
#include "oracle/explain_why.h"

#include <inttypes.h>

enum { HOLDERS_SHOWN_MAX = 6 };

struct holders {
  struct rh_why *why;
  uint64_t n;
  struct rh_text text; /* the first of them, as `A, L[0]` */
};

static void count_holder(void *context, uint32_t parent, enum rh_edge_kind how, uint64_t index) {
  struct holders *holders = context;
  struct rh_why *why = holders->why;
  struct rh_text *picture = &why->explanation->picture, holder = {0};
  if (++holders->n > HOLDERS_SHOWN_MAX) return;
  if (parent != RH_NO_VERTEX) rh_graph_path(&why->graph, parent, &holder);
  rh_graph_edge_text(&why->graph, how, index, &holder);
  rh_text_printf(&holders->text, "%s%s", holders->n > 1 ? ", " : "", holder.bytes != NULL ? holder.bytes : "");
  rh_text_printf(picture, "%s -> ", holder.bytes != NULL ? holder.bytes : "");
  rh_graph_describe(&why->graph, rh_why_object(why, 0), picture);
  rh_text_puts(picture, "\n");
  rh_text_free(&holder);
}

static void explain_refs(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int64_t count = why->engine->refs(object);
  struct holders holders = {.why = why};
  if (why->engine->immortal(object)) {
    rh_why_rule(why, "RC-13");
    rh_why_say_argument(why, 0);
    rh_why_say(why, " is immortal: its reported count is the same whatever refers to it");
    return;
  }
  rh_graph_holders(&why->graph, object, count_holder, &holders);
  rh_why_rule(why, "RC-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, "'s object is referred to by %s", holders.n > 0 ? holders.text.bytes : "nothing that a name reaches");
  if (holders.n > HOLDERS_SHOWN_MAX)
    rh_why_say(why, " and %" PRIu64 " more that names reach", holders.n - HOLDERS_SHOWN_MAX);
  if (count > 0 && (uint64_t)count > holders.n) {
    rh_why_say(why, ", and %" PRIu64 " time%s by objects that no name reaches", (uint64_t)count - holders.n,
               rh_why_plural((uint64_t)count - holders.n));
  }
  rh_why_say(why, ": that makes %" PRId64, count);
  rh_text_free(&holders.text);
}

static void explain_immortal(struct rh_why *why) {
  bool yes = why->engine->immortal(rh_why_object(why, 0));
  rh_why_rule(why, !yes ? "RC-15" : why->profile->immortal_singletons ? "RC-13" : "RC-14");
  rh_why_say_argument(why, 0);
  rh_why_say(why, yes ? " is one of the shared values with a constant or huge count"
                      : " is an object like any other, whose count is the number of its references");
}

static void explain_same(struct rh_why *why) {
  uint32_t first = rh_why_object(why, 0), second = rh_why_object(why, 1);
  int kind = why->engine->kind(first);
  bool same = why->engine->same(first, second);
  rh_why_rule(why, kind == RH_KIND_INT                                ? "INT-1"
                   : kind == RH_KIND_STR                              ? (same ? "INT-4" : "INT-7")
                   : kind == RH_KIND_TUPLE || kind == RH_KIND_BYTES   ? "INT-8"
                   : kind == RH_KIND_WEAKREF                          ? "WR-1"
                   : kind == RH_KIND_PROXY                            ? "WR-12"
                   : kind == RH_KIND_FROZENSET                        ? "INT-10"
                   : kind == RH_KIND_FLOAT || kind == RH_KIND_COMPLEX ? "INT-11"
                                                                      : "RC-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " and ");
  rh_why_say_argument(why, 1);
  rh_why_say(why, same ? " are bound to one %s" : " are bound to two objects, the first of kind %s",
             rh_kind_name(kind));
}

static const struct rh_why_sentence sentences[] = {
    {RH_OP_RAWLOCALREFS, "RC-1", "the query's own reference counts or not, by version"},
    {RH_OP_INTERN, "INT-6", "only strings are interned"},
    {RH_OP_SAMEID, "FL-6", "an address is a live object's, a kept one's, or free to be used again"},
    {RH_OP_FREECOUNT, "FL-5", "deaths fill the list, new objects of the type and full collections empty it"},
    {RH_OP_FREETUPLES, "FL-3", "deaths of tuples of the length fill the list, new ones and full collections empty it"},
};

bool rh_why_counts(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_REFS:
    return rh_why_object(why, 0) != 0 && (explain_refs(why), true);
  case RH_OP_IMMORTAL:
    return rh_why_object(why, 0) != 0 && (explain_immortal(why), true);
  case RH_OP_SAME:
    return rh_why_object(why, 0) != 0 && (explain_same(why), true);
  default:
    return rh_why_say_sentence(why, sentences, sizeof sentences / sizeof *sentences);
  }
}
