#!/bin/sh
# clang-tidy (checks in .clang-tidy) has nothing to say about any C file of ours.
# usage: tidy.sh BUILD_FOLDER (with compile_commands.json)
set -eu
[ -f "$1/compile_commands.json" ] || { echo "tidy: $1/compile_commands.json is missing; configure with a preset"; exit 1; }
files=$(find src -name '*.c' | sort)
# shellcheck disable=SC2086
echo "$files" | xargs -P "$(nproc)" -n 1 ${CLANG_TIDY:-clang-tidy} --quiet -p "$1" --warnings-as-errors='*'
echo "tidy: $(echo "$files" | wc -l) files clean"
