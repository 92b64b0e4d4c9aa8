/*
 * What must be true of objects, counts and spans. The state these definitions
 * speak of is in core/object_state.h.
 */
#ifndef RH_ACSL_OBJECTS_H
#define RH_ACSL_OBJECTS_H

/*@ // How many of the slots below n refer to o.
    logic integer refs{L}(integer o, integer n) =
      n <= 0 ? 0 : refs{L}(o, n - 1) + (rh_slot[n - 1] == o ? 1 : 0);

    // How many of the objects below n are live.
    logic integer alive{L}(integer n) =
      n <= 0 ? 0 : alive{L}(n - 1) + (rh_refcnt[n - 1] != 0 ? 1 : 0);

    // Spans lie inside the slots handed out, tile them, and own what they cover.
    predicate span_bounds{L} =
      1 <= rh_nobj <= RH_OBJECTS && rh_nedge <= RH_SLOTS &&
      (\forall integer o; 1 <= o < rh_nobj ==>
         rh_class[o] < RH_CLASSES && rh_span[o].first + rh_capacity[rh_class[o]] <= rh_nedge);
    predicate span_owned{L} =
      \forall integer o, j; 1 <= o < rh_nobj && rh_span[o].first <= j < rh_span[o].first + rh_capacity[rh_class[o]] ==>
        rh_own[j] == o;
    predicate span_tiling{L} =
      \forall integer j; 0 <= j < rh_nedge ==>
        1 <= rh_own[j] < rh_nobj &&
        rh_span[rh_own[j]].first <= j < rh_span[rh_own[j]].first + rh_capacity[rh_class[rh_own[j]]];
    predicate spans{L} = span_bounds && span_owned && span_tiling;

    // Slots refer to objects; slots never handed out are empty.
    predicate slots_valid{L} =
      (\forall integer j; 0 <= j < RH_SLOTS ==> rh_slot[j] < rh_nobj) &&
      (\forall integer j; rh_nedge <= j < RH_SLOTS ==> rh_slot[j] == 0);

    // The slots in use of an object are inside its span.
    predicate lengths{L} =
      \forall integer o; 1 <= o < rh_nobj ==> rh_span[o].len <= rh_capacity[rh_class[o]];

    // Slots not in use are empty, and so are those of dead objects.
    predicate unused_empty{L} =
      \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==> j < rh_span[rh_own[j]].first + rh_span[rh_own[j]].len;
    predicate dead_empty{L} =
      \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==> rh_refcnt[rh_own[j]] != 0;

    // R1, for every object that is not immortal.
    predicate counts{L} =
      rh_refcnt[0] == 0 &&
      (\forall integer o; 1 <= o < RH_OBJECTS ==> rh_refcnt[o] <= RH_COUNT_IMMORTAL) &&
      (\forall integer o; 1 <= o < RH_OBJECTS && rh_refcnt[o] < RH_COUNT_IMMORTAL ==>
         rh_refcnt[o] == refs(o, RH_SLOTS) + rh_roots[o]) &&
      (\forall integer o; rh_nobj <= o < RH_OBJECTS ==> rh_refcnt[o] == 0);

    predicate total_exact{L} = rh_total == alive(RH_OBJECTS);

    // The free stacks hold dead objects of their class, each at most once:
    // whatever points to o is rh_prev[o], the head is pointed to by nothing.
    // Object x, if not 0, is dead but on no stack.
    predicate free_heads{L}(integer x) =
      \forall integer c; 0 <= c < RH_CLASSES && rh_free[c] != 0 ==>
        1 <= rh_free[c] < rh_nobj && rh_free[c] != x && rh_refcnt[rh_free[c]] == 0 &&
        rh_class[rh_free[c]] == c && rh_prev[rh_free[c]] == 0;
    predicate free_links{L}(integer x) =
      \forall integer o; 1 <= o < rh_nobj && o != x && rh_refcnt[o] == 0 && rh_next[o] != 0 ==>
        1 <= rh_next[o] < rh_nobj && rh_next[o] != x && rh_refcnt[rh_next[o]] == 0 &&
        rh_class[rh_next[o]] == rh_class[o] && rh_prev[rh_next[o]] == o;

    predicate no_dangling{L} =
      \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==> rh_refcnt[rh_slot[j]] != 0;

    predicate none_dying{L} = rh_ndead == 0;

    predicate gcrefs_zero{L} = \forall integer o; 0 <= o < RH_OBJECTS ==> rh_gcref[o] == 0;

    // The whole heap between two operations.
    predicate heap{L} =
      spans && slots_valid && lengths && unused_empty && dead_empty && counts && total_exact && free_heads(0) &&
      free_links(0) && lists && list_live && scratch_empty && none_dying && gcrefs_zero;
*/

/* The same as clauses: one goal each. */
#define RH_ENSURES_LISTS \
  ensures list_entries: list_entries; \
  ensures list_places: list_places; \
  ensures list_room: list_room; \
  ensures list_sizes: list_sizes
#define RH_ENSURES_HEAP \
  ensures spans: spans; \
  ensures slots_valid: slots_valid; \
  ensures lengths: lengths; \
  ensures unused_empty: unused_empty; \
  ensures dead_empty: dead_empty; \
  ensures counts: counts; \
  ensures total_exact: total_exact; \
  ensures free_heads: free_heads(0); \
  ensures free_links: free_links(0); \
  RH_ENSURES_LISTS; \
  ensures list_live: list_live; \
  ensures scratch_empty: scratch_empty; \
  ensures none_dying: none_dying; \
  ensures gcrefs_zero: gcrefs_zero

/* What moving objects between lists may write. */
#define RH_LIST_STATE \
  rh_member[0 .. RH_LISTS - 1][0 .. RH_MEMBERS - 1], rh_pos[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1], \
  rh_end[0 .. RH_LISTS - 1], rh_size[0 .. RH_LISTS - 1]

/* What a release may write, and what it says about objects other than those it
 * frees. */
#define RH_DYING_STATE \
  rh_refcnt[0 .. RH_OBJECTS - 1], rh_total, rh_free[0 .. RH_CLASSES - 1], rh_next[0 .. RH_OBJECTS - 1], \
  rh_prev[0 .. RH_OBJECTS - 1], rh_dead[0 .. RH_OBJECTS - 1], rh_ndead, rh_place[0 .. RH_OBJECTS - 1], \
  rh_died[0 .. RH_OBJECTS - 1], rh_list[0 .. RH_OBJECTS - 1], rh_size[0 .. RH_LISTS - 1]
#define RH_RELEASE_STATE rh_slot[0 .. RH_SLOTS - 1], RH_DYING_STATE
#define RH_ENSURES_RELEASED \
  ensures counts_fall: counts_fall{Pre, Here}; \
  ensures immortals: immortals_stay{Pre, Here}; \
  ensures order: only_deaths_leave{Pre, Here}; \
  ensures dated: dated{Pre, Here}

/*@ // No count grows, so nothing dead comes to life.
    predicate counts_fall{L1, L2} =
      \forall integer o; 0 <= o < RH_OBJECTS ==> \at(rh_refcnt[o], L2) <= \at(rh_refcnt[o], L1);
    predicate immortals_stay{L1, L2} =
      \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_refcnt[o], L1) == RH_COUNT_IMMORTAL ==>
        \at(rh_refcnt[o], L2) == RH_COUNT_IMMORTAL;

    // Nothing but a death takes an object out of its list; its place in it,
    // and so the order of every list, stays (O1).
    predicate only_deaths_leave{L1, L2} =
      \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_refcnt[o], L2) != 0 ==>
        \at(rh_list[o], L2) == \at(rh_list[o], L1);

    // What died since L1 has a later date than all that was dead then.
    predicate dated{L1, L2} =
      \at(rh_total, L2) <= \at(rh_total, L1) &&
      \forall integer o; 0 <= o < RH_OBJECTS && \at(rh_refcnt[o], L2) == 0 ==>
        (\at(rh_refcnt[o], L1) == 0 ? \at(rh_died[o], L2) == \at(rh_died[o], L1)
           : RH_OBJECTS - \at(rh_total, L1) < \at(rh_died[o], L2) <= RH_OBJECTS - \at(rh_total, L2));

    // If what slot i referred to is dead, so is the slot's owner, and died before it.
    predicate dies_first{L1, L2}(integer i) =
      \at(rh_slot[i], L1) != 0 && \at(rh_refcnt[\at(rh_slot[i], L1)], L2) == 0 ==>
        \at(rh_refcnt[\at(rh_own[i], L1)], L2) == 0 &&
        \at(rh_died[\at(rh_own[i], L1)], L2) < \at(rh_died[\at(rh_slot[i], L1)], L2);
*/

#endif
