#!/bin/bash -eu
# Licensed under the Apache License, Version 2.0, as OSS-Fuzz asks of its
# projects' files: http://www.apache.org/licenses/LICENSE-2.0
#
# Builds every target with what the base builder sets: CC CXX CFLAGS CXXFLAGS
# LIB_FUZZING_ENGINE SRC WORK OUT. No flag here selects a sanitizer, an engine or
# a level of optimisation. ClusterFuzzLite and `ci/fuzz --oss-fuzz-check` run it too.
source=$SRC/refheap
build=$WORK/refheap

cmake -G Ninja -S "$source" -B "$build" -DCMAKE_BUILD_TYPE=None -DRH_FUZZ=oss-fuzz
cmake --build "$build" --target fuzz_targets
if grep -q '^build fuzz_seeds:' "$build/build.ninja"; then cmake --build "$build" --target fuzz_seeds; fi

while read -r target _; do
  name=${target}_fuzzer
  cp "$build/fuzz/$name" "$OUT/"
  for suffix in options dict; do
    for folder in "$build/fuzz" "$source/fuzz"; do
      if [ -f "$folder/$name.$suffix" ]; then cp "$folder/$name.$suffix" "$OUT/"; fi
    done
  done
  rm -f "$OUT/${name}_seed_corpus.zip"
  for seeds in "$build/fuzz/seeds/$target" "$source/fuzz/corpus/$target" "$source/fuzz/regress/$target"; do
    if [ -n "$(find "$seeds" -type f 2>/dev/null)" ]; then find "$seeds" -type f | sort | zip -q -j -@ "$OUT/${name}_seed_corpus.zip"; fi
  done
done <"$build/fuzz/targets.txt"
