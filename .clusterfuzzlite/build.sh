#!/bin/bash -eu
# The build of OSS-Fuzz, of the tree under test.
exec "$SRC/refheap/fuzz/oss-fuzz/build.sh"
