#!/bin/bash -eu
# A wrong build.sh: what the base builder asks for is ignored. The check must say so.
export CFLAGS=-O1 CXXFLAGS=-O1
exec "$SRC/refheap/fuzz/oss-fuzz/build.sh"
