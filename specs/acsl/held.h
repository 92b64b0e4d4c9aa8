/*
 * What an external reference holds, directly or through other objects: what a
 * collection must keep, and a full one alone keeps (C3).
 */
#ifndef RH_ACSL_HELD_H
#define RH_ACSL_HELD_H

/*@ // An external reference, or an immortal count, leads to o in n steps.
    predicate held_n{L}(integer n, integer o) =
      1 <= o < RH_OBJECTS &&
      (n <= 0 ? rh_refcnt[o] == RH_COUNT_IMMORTAL || 0 < rh_roots[o]
              : (\exists integer j; 0 <= j < rh_nedge && rh_slot[j] == o && held_n{L}(n - 1, rh_own[j])));
    predicate held{L}(integer o) = \exists integer n; 0 <= n && held_n{L}(n, o);

    // What is live at L2 contains what is held from outside at L1 and is closed.
    predicate survivors_closed{L1, L2} =
      (\forall integer o; held_n{L1}(0, o) ==> \at(rh_refcnt[o], L2) != 0) &&
      (\forall integer j; 0 <= j < \at(rh_nedge, L1) && 1 <= \at(rh_slot[j], L1) < RH_OBJECTS &&
         \at(rh_refcnt[\at(rh_own[j], L1)], L2) != 0 ==> \at(rh_refcnt[\at(rh_slot[j], L1)], L2) != 0);
    predicate held_survive{L1, L2}(integer n) =
      \forall integer o; held_n{L1}(n, o) ==> \at(rh_refcnt[o], L2) != 0;
    lemma held_survives{L1, L2}: \forall integer n; 0 <= n ==> survivors_closed{L1, L2} ==> held_survive{L1, L2}(n);
    lemma held_survives_all{L1, L2}:
      survivors_closed{L1, L2} ==>
        (\forall integer n, o; 0 <= n && held_n{L1}(n, o) ==> held_survive{L1, L2}(n) && \at(rh_refcnt[o], L2) != 0) &&
        (\forall integer o; held{L1}(o) ==> \at(rh_refcnt[o], L2) != 0);

    // Where nothing but what a collection of generation k is about holds anything, its seeds are held from outside.
    predicate all_collected{L}(integer k) =
      \forall integer j; 0 <= j < rh_nedge && rh_slot[j] != 0 ==> collected{L}(k, rh_own[j]);
    predicate paths_held{L}(integer k, integer n) = \forall integer o; collected_path{L}(k, n, o) ==> held_n{L}(n, o);
    lemma path_held{L}: \forall integer n, k; 0 <= n ==> all_collected{L}(k) ==> paths_held{L}(k, n);
    lemma path_held_all{L}:
      \forall integer k; all_collected{L}(k) ==>
        \forall integer n, o; 0 <= n && collected_path{L}(k, n, o) ==> paths_held{L}(k, n) && held{L}(o);
    lemma reachable_held{L}:
      \forall integer k; all_collected{L}(k) ==> \forall integer o; collected_reachable{L}(k, o) ==> held{L}(o);
*/

#endif
