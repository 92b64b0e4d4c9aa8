/* Why objects are as large, and have as much room, as they do (rules SIZ, LST, DCT). */
#include "oracle/explain_why.h"

#include <inttypes.h>

static void explain_size(struct rh_why *why) {
  static const char *const rules[] = {
      [RH_KIND_NONE] = "SIZ-1",      [RH_KIND_NODE] = "SIZ-5",      [RH_KIND_FIN] = "SIZ-5",
      [RH_KIND_OBJECT] = "SIZ-1",    [RH_KIND_INT] = "SIZ-2",       [RH_KIND_FLOAT] = "SIZ-1",
      [RH_KIND_STR] = "SIZ-3",       [RH_KIND_TUPLE] = "SIZ-4",     [RH_KIND_LIST] = "SIZ-4",
      [RH_KIND_DICT] = "SIZ-6",      [RH_KIND_SET] = "SIZ-6",       [RH_KIND_DEQUE] = "SIZ-7",
      [RH_KIND_BYTES] = "SIZ-7",     [RH_KIND_WEAKREF] = "SIZ-7",   [RH_KIND_PROXY] = "SIZ-7",
      [RH_KIND_FROZENSET] = "SIZ-6", [RH_KIND_COMPLEX] = "SIZ-1",   [RH_KIND_BYTEARRAY] = "SIZ-8",
      [RH_KIND_ARRAY] = "SIZ-9",     [RH_KIND_FINALIZE] = "SIZ-10", [RH_KIND_WVD] = "SIZ-10",
      [RH_KIND_WKD] = "SIZ-10"};
  int kind = why->engine->kind(rh_why_object(why, 0));
  bool known = kind >= 0 && (size_t)kind < sizeof rules / sizeof *rules && rules[kind] != NULL;
  rh_why_rule(why, known ? rules[kind] : "SIZ-5");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " is a %s", rh_kind_name(kind));
}

static void explain_capacity(struct rh_why *why) {
  uint32_t object = rh_why_object(why, 0);
  int kind = why->engine->kind(object);
  if (rh_why_cite_last(why, object, "LST-")) return;
  rh_why_rule(why, kind == RH_KIND_DICT        ? "DCT-1"
                   : kind == RH_KIND_SET       ? "DCT-7"
                   : kind == RH_KIND_BYTEARRAY ? "SIZ-8"
                   : kind == RH_KIND_ARRAY     ? "SIZ-9"
                   : kind == RH_KIND_DEQUE     ? "SIZ-7"
                                               : "LST-1");
  rh_why_say_argument(why, 0);
  rh_why_say(why, " has %" PRIu64 " items", why->engine->length(object));
  if (kind == RH_KIND_LIST || kind == RH_KIND_LISTFIN)
    rh_why_say(why, " and room for %" PRId64 " before this", why->engine->capacity(object));
}

bool rh_why_sizes(struct rh_why *why) {
  switch (why->op->code) {
  case RH_OP_SIZEOF:
    return rh_why_object(why, 0) != 0 && (explain_size(why), true);
  case RH_OP_CAP:
  case RH_OP_GROWTH:
  case RH_OP_LEN:
    return rh_why_object(why, 0) != 0 && (explain_capacity(why), true);
  default:
    return false;
  }
}
