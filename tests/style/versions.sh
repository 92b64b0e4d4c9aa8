#!/bin/sh
# No code outside of src/profile knows a version of CPython: it asks the profile
# for a feature. Comments may say what a rule is about; the language of traces
# (src/trace) reads versions, usage texts (src/cli) show them as examples, and
# the rules (src/rules) come with the range of versions they hold in.
#
# usage: versions.sh [--self-test]
set -eu
cd "$(git rev-parse --show-toplevel)"

# Prints the lines of a file whose code, comments taken out, names a version.
find_versions() {
  code=$(gcc -w -fpreprocessed -dD -E -P -x c "$1")
  printf '%s\n' "$code" | awk -v file="$1" '/(^|[^0-9A-Za-z_.])3\.(9|1[0-9])([^0-9A-Za-z_]|$)|0x03[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]([^0-9A-Za-z_]|$)/ { print file ": " $0 }'
}

if [ "${1:-}" = --self-test ]; then
  sample=$(mktemp)
  trap 'rm -f "$sample"' EXIT
  printf '/* since 3.12 */\nint a = 313;\nif (version >= 0x030c00) name = "cpython-3.14.1";\n' >"$sample"
  [ "$(find_versions "$sample" | wc -l)" = 1 ] || { echo 'versions: the self-test finds nothing' >&2; exit 1; }
fi

files=$(git ls-files 'src/*.c' 'src/*.h' 'src/*.def' | grep -v -e '^src/profile/' -e '^src/trace/' -e '^src/cli/' -e '^src/rules/')
found=$(for file in $files; do find_versions "$file"; done)
if [ -n "$found" ]; then
  printf 'versions: outside of src/profile:\n%s\n' "$found" >&2
  exit 1
fi
echo "versions: $(printf '%s\n' "$files" | wc -l) files ask for features alone"
