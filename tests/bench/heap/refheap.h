/*
 * How every peer that is refheap's object heap starts: its tables backed as
 * runtime has them backed.
 */
#ifndef REFHEAP_H
#define REFHEAP_H

#include "core/tables.h"
#include "os/os.h"

static inline void back_tables(void) {
  struct rh_table table;
  for (size_t i = 0; (table = rh_core_table(i)).bytes != 0; i++) rh_os_prefer_huge(table.start, table.bytes);
}

#endif
