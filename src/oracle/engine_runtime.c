/*
 * The runtime on the core as an engine: checks that both sides number
 * everything alike, and passes the hooks on.
 */
#include "oracle/engine.h"
#include "profile/profile.h"
#include "runtime/runtime.h"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours " and " #theirs " differ")
SAME(RH_RT_TYPE_ERROR, RH_TYPE_ERROR);
SAME(RH_RT_VALUE_ERROR, RH_VALUE_ERROR);
SAME(RH_RT_INDEX_ERROR, RH_INDEX_ERROR);
SAME(RH_RT_KEY_ERROR, RH_KEY_ERROR);
SAME(RH_RT_ATTRIBUTE_ERROR, RH_ATTRIBUTE_ERROR);
SAME(RH_RT_MEMORY_ERROR, RH_MEMORY_ERROR);
SAME(RH_RT_OVERFLOW_ERROR, RH_OVERFLOW_ERROR);
SAME(RH_RT_UNSUPPORTED, RH_UNSUPPORTED);
SAME(RH_RT_NONE, RH_KIND_NONE);
SAME(RH_RT_NODE, RH_KIND_NODE);
SAME(RH_RT_FIN, RH_KIND_FIN);
SAME(RH_RT_LISTFIN, RH_KIND_LISTFIN);
SAME(RH_RT_NOGCFIN, RH_KIND_NOGCFIN);
SAME(RH_RT_LIST, RH_KIND_LIST);
SAME(RH_RT_TUPLE, RH_KIND_TUPLE);
SAME(RH_RT_DICT, RH_KIND_DICT);
SAME(RH_RT_SET, RH_KIND_SET);
SAME(RH_RT_DEQUE, RH_KIND_DEQUE);
SAME(RH_RT_OBJECT, RH_KIND_OBJECT);
SAME(RH_RT_INT, RH_KIND_INT);
SAME(RH_RT_STR, RH_KIND_STR);
SAME(RH_RT_FLOAT, RH_KIND_FLOAT);
SAME(RH_RT_BYTES, RH_KIND_BYTES);
SAME(RH_RT_WEAKREF, RH_KIND_WEAKREF);
SAME(RH_RT_OTHER, RH_KIND_OTHER);
SAME(RH_RT_FROM_LIST, RH_FROM_LIST);
SAME(RH_RT_FROM_TUPLE, RH_FROM_TUPLE);
SAME(RH_RT_FROM_RANGE, RH_FROM_RANGE);
SAME(RH_RT_FROM_SET, RH_FROM_SET);
SAME(RH_RT_FROM_DICT, RH_FROM_DICT);
SAME(RH_RT_FROM_ITER, RH_FROM_ITER);
SAME(RH_RT_FROM_GEN, RH_FROM_GEN);
SAME(RH_RT_FROM_COMP, RH_FROM_COMP);
SAME(RH_RT_FROM_CONST, RH_FROM_CONST);
SAME(RH_RT_FROM_DISPLAY, RH_FROM_DISPLAY);
SAME(RH_RT_FROM_REPEAT, RH_FROM_REPEAT);
SAME(RH_RT_FROM_SPLIT, RH_FROM_SPLIT);
SAME(RH_RT_FROM_COPY, RH_FROM_COPY);
SAME(RH_RT_FROM_MERGE0, RH_FROM_MERGE0);
SAME(RH_RT_FROM_MERGE1, RH_FROM_MERGE1);
SAME(RH_RT_CONST_NONE, RH_CONST_NONE);
SAME(RH_RT_CONST_TRUE, RH_CONST_TRUE);
SAME(RH_RT_CONST_FALSE, RH_CONST_FALSE);
SAME(RH_RT_CONST_ELLIPSIS, RH_CONST_ELLIPSIS);
SAME(RH_RT_CONST_TYPE, RH_CONST_TYPE);
SAME(RH_RT_START, RH_GC_START);
SAME(RH_RT_STOP, RH_GC_STOP);
SAME(RH_RT_REALLOC_NULL, RH_REALLOC_NULL);
SAME(RH_RT_REALLOC_SAME, RH_REALLOC_SAME);
SAME(RH_RT_REALLOC_MOVED, RH_REALLOC_MOVED);
SAME(RH_RT_COLLECTIONS, RH_STAT_COLLECTIONS);
SAME(RH_RT_COLLECTED, RH_STAT_COLLECTED);
SAME(RH_RT_UNCOLLECTABLE, RH_STAT_UNCOLLECTABLE);
SAME(RH_RT_CANDIDATES, RH_STAT_CANDIDATES);
SAME(RH_RT_DEBUG_SAVEALL, RH_DEBUG_SAVEALL);

static struct rh_hooks outer;

static void collection(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable) {
  outer.collection(context, phase == RH_RT_START ? RH_GC_START : RH_GC_STOP, generation, collected, uncollectable);
}

static void start(const struct rh_profile *profile, const struct rh_hooks *hooks) {
  outer = *hooks;
  const struct rh_rt_hooks inner = {hooks->context, hooks->finalizer, hooks->weak_callback, collection};
  rh_runtime_start(profile, &inner);
}

const struct rh_engine rh_engine_runtime = {.name = "runtime",
                                            .start = start,
#define MEMBER(result, function, parameters) .function = rh_runtime_##function,
                                            RH_ENGINE_FUNCTIONS(MEMBER)
#undef MEMBER
};
