/*
 * The clear heap as an engine: translates the profile into the model's own
 * parameters and checks that both sides number everything alike.
 */
#include "model/model.h"
#include "oracle/engine.h"
#include "profile/profile.h"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours " and " #theirs " differ")
SAME(RH_MODEL_TYPE_ERROR, RH_TYPE_ERROR);
SAME(RH_MODEL_VALUE_ERROR, RH_VALUE_ERROR);
SAME(RH_MODEL_INDEX_ERROR, RH_INDEX_ERROR);
SAME(RH_MODEL_KEY_ERROR, RH_KEY_ERROR);
SAME(RH_MODEL_ATTRIBUTE_ERROR, RH_ATTRIBUTE_ERROR);
SAME(RH_MODEL_MEMORY_ERROR, RH_MEMORY_ERROR);
SAME(RH_MODEL_OVERFLOW_ERROR, RH_OVERFLOW_ERROR);
SAME(RH_MODEL_UNSUPPORTED, RH_UNSUPPORTED);
SAME(RH_MODEL_NONE, RH_KIND_NONE);
SAME(RH_MODEL_NODE, RH_KIND_NODE);
SAME(RH_MODEL_FIN, RH_KIND_FIN);
SAME(RH_MODEL_LISTFIN, RH_KIND_LISTFIN);
SAME(RH_MODEL_NOGCFIN, RH_KIND_NOGCFIN);
SAME(RH_MODEL_LEGACY, RH_KIND_LEGACY);
SAME(RH_MODEL_NOGCBOX, RH_KIND_NOGCBOX);
SAME(RH_MODEL_LIST, RH_KIND_LIST);
SAME(RH_MODEL_TUPLE, RH_KIND_TUPLE);
SAME(RH_MODEL_DICT, RH_KIND_DICT);
SAME(RH_MODEL_SET, RH_KIND_SET);
SAME(RH_MODEL_FROZENSET, RH_KIND_FROZENSET);
SAME(RH_MODEL_DEQUE, RH_KIND_DEQUE);
SAME(RH_MODEL_OBJECT, RH_KIND_OBJECT);
SAME(RH_MODEL_INT, RH_KIND_INT);
SAME(RH_MODEL_STR, RH_KIND_STR);
SAME(RH_MODEL_FLOAT, RH_KIND_FLOAT);
SAME(RH_MODEL_BYTES, RH_KIND_BYTES);
SAME(RH_MODEL_COMPLEX, RH_KIND_COMPLEX);
SAME(RH_MODEL_BYTEARRAY, RH_KIND_BYTEARRAY);
SAME(RH_MODEL_ARRAY, RH_KIND_ARRAY);
SAME(RH_MODEL_WEAKREF, RH_KIND_WEAKREF);
SAME(RH_MODEL_PROXY, RH_KIND_PROXY);
SAME(RH_MODEL_FINALIZE, RH_KIND_FINALIZE);
SAME(RH_MODEL_WVD, RH_KIND_WVD);
SAME(RH_MODEL_WKD, RH_KIND_WKD);
SAME(RH_MODEL_OTHER, RH_KIND_OTHER);
SAME(RH_MODEL_FROM_LIST, RH_FROM_LIST);
SAME(RH_MODEL_FROM_TUPLE, RH_FROM_TUPLE);
SAME(RH_MODEL_FROM_RANGE, RH_FROM_RANGE);
SAME(RH_MODEL_FROM_SET, RH_FROM_SET);
SAME(RH_MODEL_FROM_DICT, RH_FROM_DICT);
SAME(RH_MODEL_FROM_ITER, RH_FROM_ITER);
SAME(RH_MODEL_FROM_GEN, RH_FROM_GEN);
SAME(RH_MODEL_FROM_COMP, RH_FROM_COMP);
SAME(RH_MODEL_FROM_CONST, RH_FROM_CONST);
SAME(RH_MODEL_FROM_DISPLAY, RH_FROM_DISPLAY);
SAME(RH_MODEL_FROM_REPEAT, RH_FROM_REPEAT);
SAME(RH_MODEL_FROM_SPLIT, RH_FROM_SPLIT);
SAME(RH_MODEL_FROM_COPY, RH_FROM_COPY);
SAME(RH_MODEL_FROM_MERGE0, RH_FROM_MERGE0);
SAME(RH_MODEL_FROM_MERGE1, RH_FROM_MERGE1);
SAME(RH_MODEL_CONST_NONE, RH_CONST_NONE);
SAME(RH_MODEL_CONST_TRUE, RH_CONST_TRUE);
SAME(RH_MODEL_CONST_FALSE, RH_CONST_FALSE);
SAME(RH_MODEL_CONST_ELLIPSIS, RH_CONST_ELLIPSIS);
SAME(RH_MODEL_CONST_TYPE, RH_CONST_TYPE);
SAME(RH_MODEL_COLLECTIONS, RH_STAT_COLLECTIONS);
SAME(RH_MODEL_COLLECTED, RH_STAT_COLLECTED);
SAME(RH_MODEL_UNCOLLECTABLE, RH_STAT_UNCOLLECTABLE);
SAME(RH_MODEL_CANDIDATES, RH_STAT_CANDIDATES);
SAME(RH_MODEL_START, RH_GC_START);
SAME(RH_MODEL_STOP, RH_GC_STOP);
SAME(RH_MODEL_EXACT, RH_PRESIZE_EXACT);
SAME(RH_MODEL_EXACT_EXTEND, RH_PRESIZE_EXACT_EXTEND);
SAME(RH_MODEL_EVEN, RH_PRESIZE_EVEN);
SAME(RH_MODEL_REALLOC_NULL, RH_REALLOC_NULL);
SAME(RH_MODEL_REALLOC_SAME, RH_REALLOC_SAME);
SAME(RH_MODEL_REALLOC_MOVED, RH_REALLOC_MOVED);
SAME(RH_MODEL_DEBUG_COLLECTABLE, RH_DEBUG_COLLECTABLE);
SAME(RH_MODEL_DEBUG_UNCOLLECTABLE, RH_DEBUG_UNCOLLECTABLE);
SAME(RH_MODEL_SAVEALL, RH_DEBUG_SAVEALL);

static struct rh_hooks outer;

static void collection(void *context, int phase, int generation, uint64_t collected, uint64_t uncollectable) {
  outer.collection(context, phase == RH_MODEL_START ? RH_GC_START : RH_GC_STOP, generation, collected, uncollectable);
}

static void start(const struct rh_profile *profile, const struct rh_hooks *hooks) {
  struct rh_model_params params = {
      .immortal_singletons = profile->immortal_singletons,
      .lone_callback_held = profile->lone_callback_held,
      .immortal_count = profile->immortal_count,
      .huge_static_counts = profile->huge_static_counts,
      .small_int_max = profile->small_int_max,
      .partial_collections = !profile->incremental,
      .thresholds = {profile->threshold0, profile->threshold1, profile->threshold2},
      .startup_objects = profile->startup_objects,
      .collect_in_allocation = profile->collect_in_allocation,
      .keep_weakrefs_for_finalizers = profile->keep_weakrefs_for_finalizers,
      .proxy_hashes = profile->proxy_hashes,
      .clear_late_weakrefs = profile->clear_late_weakrefs,
      .dict_lazy_tracking = profile->dict_lazy_tracking,
      .tuple_skip_atoms = profile->tuple_skip_atoms,
      .disable_cancels = profile->disable_cancels,
      .deque_refers_to_class = profile->deque_visits_class,
      .interned_immortal = profile->interned_immortal,
      .presize = (int)profile->list_presize,
      .list_from_set_grows = profile->list_from_set_grows,
      .list_from_gen_appends = profile->list_from_gen_appends,
      .split_presize = profile->split_presize,
      .list_display_limit = profile->list_display_limit,
      .constant_display_limit = profile->constant_display_limit,
      .list_append_resizes = profile->list_append_resizes,
      .list_pop_frees = profile->list_pop_frees,
      .kept_floats = profile->free_float_limit,
      .kept_lists = profile->free_list_limit,
      .kept_tuples = profile->free_tuple_limit,
      .kept_tuple_lengths = profile->free_tuple_lengths,
      .dict_call_allocates = profile->dict_call_allocates,
      .dict_round_up_bug = profile->dict_round_up_bug,
      .dict_small_entries = profile->dict_small_entries,
      .set_reuses_dummies = profile->set_reuses_dummies,
      .dict_lookup_generalizes = profile->dict_lookup_generalizes,
      .dict_keys_header = profile->dict_keys_header,
      .tuple_header = profile->tuple_header,
      .str_ascii_header = profile->str_ascii_header,
      .str_wide_header = profile->str_wide_header,
      .char_utf8_cached = profile->char_utf8_cached,
      .int_zero_size = profile->int_zero_size,
      .node_size = profile->node_size,
      .listfin_size = profile->listfin_size,
      .weakref_size = profile->weakref_size,
      .deque_size = profile->deque_size,
      .name_characters_apart = profile->name_characters_apart,
      .array_is_collected = profile->array_is_collected,
      .bytearray_final_byte = profile->bytearray_final_byte,
      .bytearray_size = profile->bytearray_size,
      .bytearray_buffer_header = profile->bytearray_buffer_header,
      .array_size = profile->array_size,
  };
  if (profile->trashcan != RH_TRASHCAN_STACK) {
    params.trashcan_limit = profile->trashcan_limit;
    params.trashcan_resume = profile->trashcan_resume;
  }
  outer = *hooks;
  const struct rh_model_hooks inner = {hooks->context, hooks->finalizer, hooks->weak_callback, hooks->found,
                                       collection};
  rh_model_start(&params, &inner);
}

const struct rh_engine rh_engine_model = {.name = "model",
                                          .start = start,
#define MEMBER(result, function, parameters) .function = rh_model_##function,
                                          RH_ENGINE_FUNCTIONS(MEMBER)
#undef MEMBER
};
