/*
 * Capacities of the heap, fixed at build time. They are enumerators, not
 * macros, so that annotations see them. Every table is zero-initialised
 * storage: capacity that is never used costs no memory.
 *
 * RH_TINY shrinks them, to give bugs a chance: small enough that tests and
 * model checkers reach every limit. RH_MEDIUM suits tools that cannot load a
 * program with more than a gigabyte of tables, such as valgrind. RH_MICRO is
 * for tools that go through every state: its value is the number of objects,
 * with two slots for each.
 */
#ifndef RH_CORE_CONFIG_H
#define RH_CORE_CONFIG_H

enum {
#ifdef RH_MICRO
  RH_OBJECTS = RH_MICRO + 1,
  RH_SLOTS = 2 * RH_MICRO,
#elif defined RH_TINY
  RH_OBJECTS = 64, /* object handles are 1 .. RH_OBJECTS - 1 */
  RH_SLOTS = 256,  /* slots of all objects together */
#elif defined RH_MEDIUM
  RH_OBJECTS = 1 << 19,
  RH_SLOTS = 1 << 22,
#else
  RH_OBJECTS = 1 << 22,
  RH_SLOTS = 1 << 25,
#endif
#ifdef RH_MICRO
  RH_INTERN_BUCKETS = 2,
#elif defined RH_TINY
  RH_INTERN_BUCKETS = 8,
#else
  RH_INTERN_BUCKETS = 1024, /* chains of the intern table */
#endif
  RH_CLASSES = 27,            /* span classes: 0, 1, 2, 4 ... 1 << 25 slots */
  RH_COUNT_IMMORTAL = 1 << 30 /* counts stay here once they reach it */
};

/*
 * The block half. A pool is RH_POOL_GRANULES granules of 16 bytes, an arena
 * RH_ARENA_POOLS pools; blocks of up to RH_SMALL_MAX bytes live there, larger
 * ones in runs of the RH_PAGES pages behind the arenas. The full geometry is
 * CPython's from 3.10 on: 16 KiB pools, 1 MiB arenas.
 */
enum {
#ifdef RH_MICRO
  RH_ARENAS = 2,
  RH_ARENA_POOLS = 2,
  RH_POOL_GRANULES = 8,
  RH_PAGES = 5,
#elif defined RH_TINY
  RH_ARENAS = 4,
  RH_ARENA_POOLS = 4,
  RH_POOL_GRANULES = 128,
  RH_PAGES = 64,
#elif defined RH_MEDIUM
  RH_ARENAS = 64,
  RH_ARENA_POOLS = 64,
  RH_POOL_GRANULES = 1024,
  RH_PAGES = 65536,
#else
  RH_ARENAS = 512,
  RH_ARENA_POOLS = 64,
  RH_POOL_GRANULES = 1024,
  RH_PAGES = 524288,
#endif
  RH_GRANULE = 16, /* bytes */
#ifdef RH_MICRO
  RH_SIZE_CLASSES = 2,
  RH_SMALL_MAX = 32,
#else
  RH_SIZE_CLASSES = 32,  /* class c: blocks of c granules */
  RH_SMALL_MAX = 512,    /* bytes; RH_SIZE_CLASSES granules */
#endif
  RH_POOL_HEADER = 3, /* granules left unused at the start of a pool */
  RH_POOL_SPAN = RH_POOL_GRANULES - RH_POOL_HEADER,
  RH_POOLS = RH_ARENAS * RH_ARENA_POOLS,
  RH_ARENA_BYTES = RH_ARENA_POOLS * RH_POOL_GRANULES * RH_GRANULE,
#ifdef RH_MICRO
  RH_PAGE_GRANULES = 4,
#else
  RH_PAGE_GRANULES = 32, /* a page is 512 bytes */
#endif
  RH_SMALL_GRANULES = RH_POOLS * RH_POOL_GRANULES, /* handles below this are in arenas, */
  RH_GRANULES = RH_SMALL_GRANULES + RH_PAGES * RH_PAGE_GRANULES
};

#endif
