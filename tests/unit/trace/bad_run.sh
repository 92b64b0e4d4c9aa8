#!/bin/sh
# `refheap run` refuses every malformed file of a folder: exit code 2, the
# expected diagnostic on the error output, nothing on the other.
# usage: bad_run.sh REFHEAP FOLDER SUFFIX
set -u
cd "$2" || exit 2
failed=0 count=0
for file in *."$3"; do
  expected="${file%.*}.expected"
  errors=$("$1" run "$file" 2>&1 >/dev/null)
  code=$?
  output=$("$1" run "$file" 2>/dev/null)
  count=$((count + 1))
  [ $code -eq 2 ] && [ -z "$output" ] && printf '%s\n' "$errors" | grep -qxF -f "$expected" && continue
  printf '%s: exit code %d, output "%s"\n  %s\nexpected\n  %s\n' "$file" $code "$output" "$errors" "$(cat "$expected")"
  failed=$((failed + 1))
done
echo "$count files, $failed failed"
[ $failed -eq 0 ] && [ $count -gt 0 ]
