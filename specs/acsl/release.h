/*
 * What a release frees (R2): the least set that contains an object as soon as
 * everything that holds it is in the set.
 */
#ifndef RH_ACSL_RELEASE_H
#define RH_ACSL_RELEASE_H

/*@ // Derivation in n steps that o dies when x loses one external reference:
    // o keeps no external one and every holder dies in fewer steps.
    predicate dies_n{L}(integer n, integer o, integer x) =
      0 <= n && 1 <= o < rh_nobj && rh_refcnt[o] < RH_COUNT_IMMORTAL && rh_roots[o] == (o == x ? 1 : 0) &&
      (\forall integer j; 0 <= j < rh_nedge && rh_slot[j] == o ==> dies_n{L}(n - 1, rh_own[j], x));
    predicate dies{L}(integer o, integer x) = \exists integer n; 0 <= n && dies_n{L}(n, o, x);

    // Complete: a set closed under the rule contains all that dies.
    predicate all_freed{L1, L2}(integer n, integer x) =
      \forall integer o; dies_n{L1}(n, o, x) ==> \at(rh_refcnt[o], L2) == 0;
    predicate freed_closed{L1, L2}(integer x) =
      \forall integer o;
        1 <= o < \at(rh_nobj, L1) && \at(rh_refcnt[o], L1) < RH_COUNT_IMMORTAL &&
        \at(rh_roots[o], L1) == (o == x ? 1 : 0) &&
        (\forall integer j; 0 <= j < \at(rh_nedge, L1) && \at(rh_slot[j], L1) == o ==>
           \at(rh_refcnt[\at(rh_own[j], L1)], L2) == 0)
        ==> \at(rh_refcnt[o], L2) == 0;
    lemma dies_freed{L1, L2}:
      \forall integer n, x; 0 <= n ==> freed_closed{L1, L2}(x) ==> all_freed{L1, L2}(n, x);
    lemma dies_freed_one{L1, L2}:
      \forall integer n, o, x; 0 <= n ==> freed_closed{L1, L2}(x) ==> dies_n{L1}(n, o, x) ==>
        all_freed{L1, L2}(n, x) && \at(rh_refcnt[o], L2) == 0;
    lemma dies_freed_all{L1, L2}:
      \forall integer x; freed_closed{L1, L2}(x) ==>
        \forall integer o; dies{L1}(o, x) ==> \at(rh_refcnt[o], L2) == 0;

    // Sound: the date of death is a height. Whatever is free dies, if its
    // holders are free and died before.
    predicate freed_dies{L1, L2}(integer k, integer x) =
      \forall integer o; 1 <= o < \at(rh_nobj, L1) && 0 <= \at(rh_died[o], L2) < k &&
        \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==> dies_n{L1}(k, o, x);
    predicate freed_justified{L1, L2}(integer x) =
      \forall integer o; 1 <= o < \at(rh_nobj, L1) && \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==>
        0 <= \at(rh_died[o], L2) <= RH_OBJECTS && \at(rh_refcnt[o], L1) < RH_COUNT_IMMORTAL &&
        \at(rh_roots[o], L1) == (o == x ? 1 : 0) &&
        (\forall integer j; 0 <= j < \at(rh_nedge, L1) && \at(rh_slot[j], L1) == o ==>
           1 <= \at(rh_own[j], L1) < \at(rh_nobj, L1) && \at(rh_refcnt[\at(rh_own[j], L1)], L1) != 0 &&
           \at(rh_refcnt[\at(rh_own[j], L1)], L2) == 0 &&
           \at(rh_died[\at(rh_own[j], L1)], L2) < \at(rh_died[o], L2));
    lemma freed_dies_height{L1, L2}:
      \forall integer k, x; 0 <= k ==> freed_justified{L1, L2}(x) ==> freed_dies{L1, L2}(k, x);
    lemma freed_dies_top{L1, L2}:
      \forall integer x; freed_justified{L1, L2}(x) ==> freed_dies{L1, L2}(RH_OBJECTS + 1, x);
    lemma dies_intro{L}: \forall integer n, o, x; 0 <= n ==> dies_n{L}(n, o, x) ==> dies{L}(o, x);
    lemma freed_dies_all{L1, L2}:
      \forall integer x; freed_justified{L1, L2}(x) ==>
        freed_dies{L1, L2}(RH_OBJECTS + 1, x) &&
        (\forall integer o; 1 <= o < \at(rh_nobj, L1) && \at(rh_refcnt[o], L1) != 0 && \at(rh_refcnt[o], L2) == 0 ==>
           dies{L1}(o, x));
*/

#endif
