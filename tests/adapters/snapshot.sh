#!/bin/sh
# The heap of a real program, predicted and compared: takes its snapshot, makes
# a trace that rebuilds it and drops random roots, and judges the interpreter on
# it. At 50 % mostly counting frees, at 98 % the collector has to find the rest.
# usage: snapshot.sh REFHEAP PYTHON PROGRAM
set -eu
adapters=$(cd "$(dirname "$0")" && pwd)
refheap=$1 python=$2 program=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" "$adapters/heapsnap.py" --program "$program" "$work/heap.hg"
for drop in 50 98; do
  "$refheap" gen --from-snapshot "$work/heap.hg" --seed 1 --drop $drop --out "$work/$program-drop$drop.trace"
done
"$refheap" test --timeout 300 "$work" -- "$python" "$adapters/cpython.py"
