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
    predicate lists{L} = list_entries && list_places && list_room && list_sizes;
*/

#endif
