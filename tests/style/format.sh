#!/bin/sh
# clang-format 14 (Debian 12's) has nothing to change in any C file of ours.
set -eu
files=$(find src tests fuzz proofs -name '*.[ch]' -not -path '*/rejected/*' | sort)
[ -n "$files" ] || { echo "format: no files found"; exit 1; }
# shellcheck disable=SC2086
${CLANG_FORMAT:-clang-format} --dry-run --Werror $files
echo "format: $(echo "$files" | wc -l) files clean"
