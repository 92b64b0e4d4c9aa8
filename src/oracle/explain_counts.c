/*
 * Why counts are what they are: references, immortal values (rules RC).
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

bool rh_why_counts(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_REFS:
    return rh_why_object(why, 0) != 0 && (explain_refs(why), true);
  case RH_OP_IMMORTAL:
    return rh_why_object(why, 0) != 0 && (explain_immortal(why), true);
  default:
    return false;
  }
}
