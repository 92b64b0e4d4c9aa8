/* See tables.h. */
#include "core/tables.h"
#include "core/object_state.h"

struct rh_table rh_core_table(size_t i) {
  static const struct rh_table tables[] = {
      {rh_refcnt, sizeof rh_refcnt}, {rh_span, sizeof rh_span}, {rh_class, sizeof rh_class},
      {rh_slot, sizeof rh_slot},     {rh_next, sizeof rh_next}, {rh_dead, sizeof rh_dead},
      {rh_list, sizeof rh_list},     {rh_pos, sizeof rh_pos},   {rh_gcref, sizeof rh_gcref},
      {rh_member, sizeof rh_member},
  };
  if (i >= sizeof tables / sizeof *tables) return (struct rh_table){NULL, 0};
  return tables[i];
}
