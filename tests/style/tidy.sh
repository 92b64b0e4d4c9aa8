#!/bin/sh
# clang-tidy (checks in .clang-tidy) has nothing to say about any C file of ours.
# usage: tidy.sh BUILD_FOLDER (with compile_commands.json)
set -eu
[ -f "$1/compile_commands.json" ] || { echo "tidy: $1/compile_commands.json is missing; configure with a preset"; exit 1; }
files=$(find src -name '*.c' | sort)
# Targets that compile a file anew, with other definitions, would have it read twice in one process; the analyzer of clang 14
# then believes in uninitialised argument lists. Here a file is what the library makes of it.
once=$(mktemp -d)
trap 'rm -r "$once"' EXIT
python3 - "$1" "$once" <<'PYTHON'
import json, sys
entries = json.load(open(f"{sys.argv[1]}/compile_commands.json"))
json.dump([entry for entry in entries if " -o src/" in entry["command"]], open(f"{sys.argv[2]}/compile_commands.json", "w"))
PYTHON
# shellcheck disable=SC2086
echo "$files" | xargs -P "$(nproc)" -n 1 ${CLANG_TIDY:-clang-tidy} --quiet -p "$once" --warnings-as-errors='*'
echo "tidy: $(echo "$files" | wc -l) files clean"
