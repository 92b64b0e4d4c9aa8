#!/bin/sh
# What is committed speaks of the project alone: no machine paths, no work left
# for later in the code.
set -eu
status=0
if git grep -nIE '(^|[^A-Za-z0-9_./-])/(work|root|home)/' -- . ':!tests/style/words.sh'; then
  echo "words: machine paths are not committed"; status=1
fi
if git grep -nIwE 'TODO|FIXME|XXX|HACK' -- src specs proofs ci tests fuzz ':!tests/style/words.sh'; then
  echo "words: finish it, or say it in the documents"; status=1
fi
[ $status = 0 ] && echo "words: clean"
exit $status
