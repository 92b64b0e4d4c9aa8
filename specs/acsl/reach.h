/*
 * Trial deletion (C1, C2): what members of a list hold each other, and what is
 * held from outside it.
 */
#ifndef RH_ACSL_REACH_H
#define RH_ACSL_REACH_H

/*@ // How many of the slots below n refer to o and belong to members of list l - 1.
    logic integer inner{L}(integer l, integer o, integer n) =
      n <= 0 ? 0 : inner{L}(l, o, n - 1) + (rh_slot[n - 1] == o && rh_list[rh_own[n - 1]] == l ? 1 : 0);

    // How many of the slots below n refer to o and are already subtracted.
    logic integer subtracted{L}(integer o, integer n) =
      n <= 0 ? 0 : subtracted{L}(o, n - 1) + (rh_slot[n - 1] == o && rh_done[n - 1] != 0 ? 1 : 0);

    // How many of the objects below n carry mark v.
    logic integer marked{L}(integer v, integer n) =
      n <= 0 ? 0 : marked{L}(v, n - 1) + (rh_mark[n - 1] == v ? 1 : 0);

    // A member that something outside the list holds.
    predicate seed{L}(integer l, integer o) =
      1 <= o < RH_OBJECTS && rh_list[o] == l &&
      (rh_refcnt[o] == RH_COUNT_IMMORTAL || 0 < rh_roots[o] ||
       (\exists integer j; 0 <= j < rh_nedge && rh_slot[j] == o && rh_list[rh_own[j]] != l));

    // o can be reached from a seed in n steps inside the list.
    predicate path_n{L}(integer l, integer n, integer o) =
      n <= 0 ? seed{L}(l, o)
             : 1 <= o < RH_OBJECTS && rh_list[o] == l &&
               (\exists integer j; 0 <= j < rh_nedge && rh_slot[j] == o && path_n{L}(l, n - 1, rh_own[j]));
    predicate reachable{L}(integer l, integer o) = \exists integer n; 0 <= n && path_n{L}(l, n, o);

    lemma reach_seed{L}: \forall integer l, o; seed{L}(l, o) ==> path_n{L}(l, 0, o) && reachable{L}(l, o);
    lemma reach_path_step{L}:
      \forall integer l, n, j; 0 <= n && 0 <= j < rh_nedge && 1 <= rh_slot[j] < RH_OBJECTS &&
        rh_list[rh_slot[j]] == l && path_n{L}(l, n, rh_own[j]) ==> path_n{L}(l, n + 1, rh_slot[j]);
    lemma reach_intro{L}: \forall integer l, n, o; 0 <= n ==> path_n{L}(l, n, o) ==> reachable{L}(l, o);
    lemma reach_step{L}:
      \forall integer l, j; 0 <= j < rh_nedge && 1 <= rh_slot[j] < RH_OBJECTS && rh_list[rh_slot[j]] == l &&
        reachable{L}(l, rh_own[j]) ==> reachable{L}(l, rh_slot[j]);

    // The members that are in list l - 1 after L2 contain the seeds and are closed.
    predicate kept_closed{L1, L2}(integer l) =
      (\forall integer o; seed{L1}(l, o) ==> \at(rh_list[o], L2) == l) &&
      (\forall integer j; 0 <= j < \at(rh_nedge, L1) && \at(rh_list[\at(rh_own[j], L1)], L2) == l &&
         1 <= \at(rh_slot[j], L1) < RH_OBJECTS && \at(rh_list[\at(rh_slot[j], L1)], L1) == l ==>
         \at(rh_list[\at(rh_slot[j], L1)], L2) == l);
    predicate paths_kept{L1, L2}(integer l, integer n) =
      \forall integer o; path_n{L1}(l, n, o) ==> \at(rh_list[o], L2) == l;
    lemma path_kept{L1, L2}: \forall integer n, l; 0 <= n ==> kept_closed{L1, L2}(l) ==> paths_kept{L1, L2}(l, n);
    lemma path_kept_one{L1, L2}:
      \forall integer n, l, o; 0 <= n ==> kept_closed{L1, L2}(l) ==> path_n{L1}(l, n, o) ==>
        paths_kept{L1, L2}(l, n) && \at(rh_list[o], L2) == l;
    lemma reachable_kept{L1, L2}:
      \forall integer l; kept_closed{L1, L2}(l) ==>
        \forall integer o; reachable{L1}(l, o) ==> \at(rh_list[o], L2) == l;

    // Nothing outside list l - 1 holds a member.
    predicate unheld{L}(integer l) =
      (\forall integer o; 0 <= o < RH_OBJECTS && rh_list[o] == l ==>
         rh_roots[o] == 0 && rh_refcnt[o] < RH_COUNT_IMMORTAL) &&
      (\forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 && rh_list[rh_slot[j]] == l ==> rh_list[rh_own[j]] == l);

    // Reachability for the objects a collection of generation k is about: the
    // members of generations 0 .. k and what an earlier one left.
    predicate collected{L}(integer k, integer o) =
      1 <= rh_list[o] <= k + 1 || rh_list[o] == 5;
    predicate collected_seed{L}(integer k, integer o) =
      1 <= o < RH_OBJECTS && collected{L}(k, o) &&
      (rh_refcnt[o] == RH_COUNT_IMMORTAL || 0 < rh_roots[o] ||
       (\exists integer j; 0 <= j < rh_nedge && rh_slot[j] == o && !collected{L}(k, rh_own[j])));
    predicate collected_path{L}(integer k, integer n, integer o) =
      n <= 0 ? collected_seed{L}(k, o)
             : 1 <= o < RH_OBJECTS && collected{L}(k, o) &&
               (\exists integer j; 0 <= j < rh_nedge && rh_slot[j] == o && collected_path{L}(k, n - 1, rh_own[j]));
    predicate collected_reachable{L}(integer k, integer o) = \exists integer n; 0 <= n && collected_path{L}(k, n, o);

    lemma collected_seed_reach{L}:
      \forall integer k, o; collected_seed{L}(k, o) ==> collected_path{L}(k, 0, o) && collected_reachable{L}(k, o);
    lemma collected_path_step{L}:
      \forall integer k, n, j; 0 <= n && 0 <= j < rh_nedge && 1 <= rh_slot[j] < RH_OBJECTS &&
        collected{L}(k, rh_slot[j]) && collected_path{L}(k, n, rh_own[j]) ==>
        collected_path{L}(k, n + 1, rh_slot[j]);
    lemma collected_reach_intro{L}:
      \forall integer k, n, o; 0 <= n ==> collected_path{L}(k, n, o) ==> collected_reachable{L}(k, o);
    lemma collected_reach_step{L}:
      \forall integer k, j; 0 <= j < rh_nedge && 1 <= rh_slot[j] < RH_OBJECTS && collected{L}(k, rh_slot[j]) &&
        collected_reachable{L}(k, rh_own[j]) ==> collected_reachable{L}(k, rh_slot[j]);

    // At L2 list k holds exactly what is collected at L1, and nothing else changed.
    predicate same_collected{L1, L2}(integer k) =
      \at(rh_nedge, L1) == \at(rh_nedge, L2) &&
      (\forall integer o; 0 <= o < RH_OBJECTS ==>
         \at(rh_refcnt[o], L1) == \at(rh_refcnt[o], L2) && \at(rh_roots[o], L1) == \at(rh_roots[o], L2) &&
         (collected{L1}(k, o) <==> \at(rh_list[o], L2) == k + 1)) &&
      (\forall integer j; 0 <= j < \at(rh_nedge, L1) ==>
         \at(rh_slot[j], L1) == \at(rh_slot[j], L2) && \at(rh_own[j], L1) == \at(rh_own[j], L2) &&
         0 <= \at(rh_own[j], L1) < RH_OBJECTS);
    predicate same_paths{L1, L2}(integer k, integer n) =
      \forall integer o; collected_path{L1}(k, n, o) <==> path_n{L2}(k + 1, n, o);
    lemma collected_paths{L1, L2}:
      \forall integer n, k; 0 <= n ==> same_collected{L1, L2}(k) ==> same_paths{L1, L2}(k, n);
    predicate collected_paths_same{L1, L2}(integer k) =
      \forall integer n; 0 <= n ==> same_paths{L1, L2}(k, n);
    lemma collected_paths_all{L1, L2}:
      \forall integer k; same_collected{L1, L2}(k) ==> collected_paths_same{L1, L2}(k);

    // What a collection of generation k frees, derived in n steps: the members that nothing outside reaches,
    // and what nothing but freed objects holds (C4).
    predicate unreached{L}(integer k, integer o) = collected{L}(k, o) && !collected_reachable{L}(k, o);
    predicate falls_n{L}(integer k, integer n, integer o) =
      0 <= n && 1 <= o < rh_nobj &&
      (unreached{L}(k, o) ||
       (rh_refcnt[o] < RH_COUNT_IMMORTAL && rh_roots[o] == 0 &&
        (\forall integer j; 0 <= j < rh_nedge && rh_slot[j] == o ==> falls_n{L}(k, n - 1, rh_own[j]))));
    predicate falls{L}(integer k, integer o) = \exists integer n; 0 <= n && falls_n{L}(k, n, o);

    // Complete: what is dead at L2 contains the unreached and is closed.
    predicate fallen_closed{L1, L2}(integer k) =
      \forall integer o; 1 <= o < \at(rh_nobj, L1) &&
        (unreached{L1}(k, o) ||
         (\at(rh_refcnt[o], L1) < RH_COUNT_IMMORTAL && \at(rh_roots[o], L1) == 0 &&
          (\forall integer j; 0 <= j < \at(rh_nedge, L1) && \at(rh_slot[j], L1) == o ==>
             \at(rh_refcnt[\at(rh_own[j], L1)], L2) == 0))) ==> \at(rh_refcnt[o], L2) == 0;
    predicate all_fallen{L1, L2}(integer k, integer n) =
      \forall integer o; falls_n{L1}(k, n, o) ==> \at(rh_refcnt[o], L2) == 0;
    lemma falls_dead{L1, L2}: \forall integer n, k; 0 <= n ==> fallen_closed{L1, L2}(k) ==> all_fallen{L1, L2}(k, n);
    lemma falls_dead_one{L1, L2}:
      \forall integer n, k, o; 0 <= n ==> fallen_closed{L1, L2}(k) ==> falls_n{L1}(k, n, o) ==>
        all_fallen{L1, L2}(k, n) && \at(rh_refcnt[o], L2) == 0;
    lemma falls_dead_all{L1, L2}:
      \forall integer k; fallen_closed{L1, L2}(k) ==>
        \forall integer o; falls{L1}(k, o) ==> \at(rh_refcnt[o], L2) == 0;

    // Sound: the date of death is a height, but of what was unreached.
    predicate fallen_justified{L1, L2}(integer k) =
      \forall integer o; 1 <= o < \at(rh_nobj, L1) && \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==>
        0 <= \at(rh_died[o], L2) <= RH_OBJECTS &&
        (unreached{L1}(k, o) ||
         (\at(rh_refcnt[o], L1) < RH_COUNT_IMMORTAL && \at(rh_roots[o], L1) == 0 &&
          (\forall integer j; 0 <= j < \at(rh_nedge, L1) && \at(rh_slot[j], L1) == o ==>
             1 <= \at(rh_own[j], L1) < \at(rh_nobj, L1) && \at(rh_refcnt[\at(rh_own[j], L1)], L1) != 0 &&
             \at(rh_refcnt[\at(rh_own[j], L1)], L2) == 0 &&
             (unreached{L1}(k, \at(rh_own[j], L1)) ||
              \at(rh_died[\at(rh_own[j], L1)], L2) < \at(rh_died[o], L2)))));
    predicate fallen_fall{L1, L2}(integer k, integer n) =
      \forall integer o; 1 <= o < \at(rh_nobj, L1) && 0 <= \at(rh_died[o], L2) < n &&
        \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==> falls_n{L1}(k, n, o);
    lemma fallen_falls{L1, L2}: \forall integer n, k; 0 <= n ==> fallen_justified{L1, L2}(k) ==> fallen_fall{L1, L2}(k, n);
    lemma falls_intro{L}: \forall integer k, n, o; 0 <= n ==> falls_n{L}(k, n, o) ==> falls{L}(k, o);
    lemma fallen_falls_all{L1, L2}:
      \forall integer k; fallen_justified{L1, L2}(k) ==>
        fallen_fall{L1, L2}(k, RH_OBJECTS + 1) &&
        (\forall integer o; 1 <= o < \at(rh_nobj, L1) && \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==>
           falls{L1}(k, o));
*/

#endif
