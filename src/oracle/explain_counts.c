/*
 * Why counts are what they are: references, immortal values (rules RC).
 */
#include "oracle/explain_why.h"

#include <inttypes.h>
#include <stdlib.h>

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
  if (holders->n > 1) rh_text_puts(&holders->text, ", ");
  rh_text_append(&holders->text, holder.bytes, holder.size);
  rh_text_append(picture, holder.bytes, holder.size);
  rh_text_puts(picture, " -> ");
  rh_graph_describe(&why->graph, rh_why_object(why, 0), picture);
  rh_text_puts(picture, "\n");
  rh_text_free(&holder);
}

/* What makes an object one of the shared values. */
static void say_shared(struct rh_why *why, uint32_t object) {
  switch (why->engine->kind(object)) {
  case RH_KIND_NONE:
    rh_why_say(why, " is None");
    break;
  case RH_KIND_INT:
    rh_why_say(why, " is one of the ints from -5 to %" PRId64 ", which exist once", why->profile->small_int_max);
    break;
  case RH_KIND_TUPLE:
    rh_why_say(why, " is the empty tuple, which exists once");
    break;
  case RH_KIND_STR:
    rh_why_say(why, why->engine->length(object) > 1
                        ? " is an interned string"
                        : " is the empty string or one of a single Latin-1 character, which "
                          "exist once");
    break;
  case RH_KIND_BYTES:
    rh_why_say(why, " is a bytes object of at most one byte, which exists once");
    break;
  default:
    rh_why_say(why, " is True, False, Ellipsis or a built-in type");
  }
}

/* Whether, and by which rule, the count of a shared value says nothing. */
static void explain_immortality(struct rh_why *why, uint32_t object) {
  int kind = why->engine->kind(object);
  bool yes = why->engine->immortal(object), constant = why->profile->immortal_singletons;
  bool shared = why->engine->refs(object) < 0 || kind == RH_KIND_NONE || kind == RH_KIND_OTHER;
  rh_why_say_argument(why, 0);
  if (yes || shared) {
    say_shared(why, object);
    rh_why_rule(why, constant ? "RC-13" : why->profile->huge_static_counts ? "RC-14" : "RC-1");
  } else {
    rh_why_say(why, " is a%s %s made for itself", kind == RH_KIND_INT ? "n" : "", rh_kind_name(kind));
    rh_why_rule(why, "RC-15");
  }
  if (yes && constant) {
    rh_why_say(why, ": this version gives such objects the constant count %" PRIu64, why->profile->immortal_count);
  } else if (yes) {
    rh_why_say(why, ": this version starts its count at about 10**9, and counts from there");
  } else {
    rh_why_say(why, ": in this version its count is the number of its references");
  }
}

static void explain_immortal(struct rh_why *why) {
  explain_immortality(why, rh_why_object(why, 0));
}

/* By what is the count, or what was observed instead, to be judged? */
static const char *count_rule(const struct rh_why *why, uint32_t object, int64_t count) {
  int kind = why->engine->kind(object);
  int64_t weak = why->engine->weak_count(object);
  char text[24] = "";
  for (size_t i = 0; why->observed != NULL && i < why->nobserved && i + 1 < sizeof text; i++)
    text[i] = why->observed[i];
  enum { HUGE_COUNT = 100000000 };
  int64_t observed = strtoll(text, NULL, 10);
  if (weak > 1 && observed == count + weak) return "WR-11";
  if (kind == RH_KIND_FINALIZE) return "WR-14";
  return observed > HUGE_COUNT ? "RC-15" : "RC-1";
}

static void explain_refs(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int64_t count = why->engine->refs(object), weak = why->engine->weak_count(object);
  struct holders holders = {.why = why};
  if (why->engine->immortal(object)) {
    explain_immortality(why, object);
    return;
  }
  rh_graph_holders(&why->graph, object, count_holder, &holders);
  const char *rule = count_rule(why, object, count);
  rh_why_rule(why, rule);
  rh_why_say_argument(why, 0);
  rh_why_say(why, "'s object is referred to by %s", holders.n > 0 ? holders.text.bytes : "nothing that a name reaches");
  if (holders.n > HOLDERS_SHOWN_MAX)
    rh_why_say(why, " and %" PRIu64 " more that names reach", holders.n - HOLDERS_SHOWN_MAX);
  if (count > 0 && (uint64_t)count > holders.n) {
    bool registered = why->engine->kind(object) == RH_KIND_FINALIZE;
    rh_why_say(why, ", and %" PRIu64 " time%s by %s", (uint64_t)count - holders.n,
               rh_why_plural((uint64_t)count - holders.n),
               registered ? "the registry and the weak reference that calls it" : "objects that no name reaches");
  }
  rh_why_say(why, ": that makes %" PRId64, count);
  if (weak > 0) rh_why_say(why, "; weak references to it, %" PRId64 ", do not count", weak);
  size_t key = rh_why_find_note(why, object, "RC-12");
  if (key != SIZE_MAX) {
    rh_why_say(why, "; ");
    rh_why_cite(why, key);
  }
  rh_text_free(&holders.text);
}

bool rh_why_counts(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_REFS:
    return explain_refs(why), true;
  case RH_OP_IMMORTAL:
    return explain_immortal(why), true;
  default:
    return false;
  }
}
