/*
 * What must be true of the generation lists. The state these definitions speak
 * of is in core/object_state.h.
 */
#ifndef RH_ACSL_LISTS_H
#define RH_ACSL_LISTS_H

/*@ // How many of the objects below n are in list l - 1.
    logic integer listed{L}(integer l, integer n) =
      n <= 0 ? 0 : listed{L}(l, n - 1) + (rh_list[n - 1] == l ? 1 : 0);

    // Entries are objects; which of them are members, list_places says.
    predicate list_entries{L} =
      \forall integer g, k; 0 <= g < RH_LISTS && 0 <= k < rh_end[g] ==> rh_member[g][k] < RH_OBJECTS;
    predicate list_places{L} =
      \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != 0 ==>
        rh_list[o] <= RH_LISTS && rh_pos[o] < rh_end[rh_list[o] - 1] && rh_member[rh_list[o] - 1][rh_pos[o]] == o;
    predicate list_live{L} = \forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] != 0 ==> rh_refcnt[o] != 0;
    predicate list_room{L} = \forall integer g; 0 <= g < RH_LISTS ==> rh_end[g] <= RH_MEMBERS;
    predicate list_sizes{L} =
      \forall integer g; 0 <= g < RH_LISTS ==> rh_size[g] == listed(g + 1, RH_OBJECTS);
    predicate scratch_empty{L} = rh_end[RH_LISTS - 1] == 0;

    // List g has no holes.
    predicate dense{L}(integer g) =
      \forall integer k; 0 <= k < rh_end[g] ==>
        1 <= rh_member[g][k] < RH_OBJECTS && rh_list[rh_member[g][k]] == g + 1 && rh_pos[rh_member[g][k]] == k;

    // How many of the objects below n are in list l - 1 at a place below k.
    logic integer placed{L}(integer l, integer k, integer n) =
      n <= 0 ? 0 : placed{L}(l, k, n - 1) + (rh_list[n - 1] == l && rh_pos[n - 1] < k ? 1 : 0);

    // Members of list g at L1 are members at L2, in the same order (O1).
    predicate list_order_kept{L1, L2}(integer g) =
      \forall integer o, p; 0 <= o < RH_OBJECTS && 0 <= p < RH_OBJECTS && \at(rh_list[o], L1) == g + 1 &&
        \at(rh_list[p], L1) == g + 1 && \at(rh_pos[o], L1) < \at(rh_pos[p], L1) ==>
        \at(rh_pos[o], L2) < \at(rh_pos[p], L2);

    // The order in which lists join generation k, 2 + 1 for the frozen: its own members, what an
    // earlier collection left in RH_FOUND, then younger generations; or the frozen after generation 2.
    logic integer join_rank(integer k, integer l) = l == k + 1 ? 0 : l == 5 ? 1 : 1 + l;
    predicate joins_before{L}(integer k, integer o, integer p) =
      join_rank(k, rh_list[o]) < join_rank(k, rh_list[p]) || (rh_list[o] == rh_list[p] && rh_pos[o] < rh_pos[p]);

    predicate lists{L} = list_entries && list_places && list_room && list_sizes;
*/

#endif
