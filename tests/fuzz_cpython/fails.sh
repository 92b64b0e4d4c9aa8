#!/bin/sh
# usage: fails.sh PATTERN COMMAND...     succeeds if the command fails and says a line that matches (grep -E)
set -u
pattern=$1
shift
output=$("$@" 2>&1) && { echo "it does not fail: $output" >&2; exit 1; }
printf '%s\n' "$output" | grep -E "$pattern" || { printf 'it fails otherwise: %s\n' "$output" >&2; exit 1; }
