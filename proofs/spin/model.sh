#!/bin/sh
# Prints the Promela model of the object heap: one process that makes any legal
# move, for ever. The state of the model is the explorers' (proofs/explore) and
# every move is made by the shipped C code, see heap.h.
#
# usage: model.sh MOVES      MOVES: as many as `explore --moves` says
set -eu
cat <<'EOF'
c_decl {
\#include "heap.h"
}
c_state "struct state heap" "Global"

active proctype user() {
  d_step { c_code { moves_start(&now.heap); } }
  do
EOF
# Outer parentheses: Spin 6.5 believes that an expression which begins with a
# call has side effects. This one has none on the state of the model.
move=0
while [ "$move" -lt "$1" ]; do
  echo "  :: d_step { c_expr { (heap_try(&now.heap, $move)) } -> c_code { heap_commit(&now.heap); }; assert(c_expr { (heap_fine()) }) }"
  move=$((move + 1))
done
printf '  od\n}\n'
