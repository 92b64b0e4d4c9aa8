/*
 * Where the tables are that grow with the objects, for the shell around the
 * operating system: by what kind of pages they are backed is not the core's to
 * say, and changes nothing that it can read.
 */
#ifndef RH_CORE_TABLES_H
#define RH_CORE_TABLES_H

#include <stddef.h>

struct rh_table {
  void *start;
  size_t bytes;
};

/* Table i, counted from 0; no bytes behind the last one. The memory stays the
 * core's: it is there to be backed, not to be read or written. O(1). */
struct rh_table rh_core_table(size_t i);

#endif
