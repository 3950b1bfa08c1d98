#!/usr/bin/env bash
# Builds every fuzz target into $OUT, with its seeds, its options and its dictionary, as ClusterFuzzLite and OSS-Fuzz
# want them. With JETSPEC_FUZZ_STABLE set it builds with the stable compiler and without
# instrumentation, which is how `fuzz/replay` keeps this file true.
set -euo pipefail
: "${OUT:?the folder that the targets are put into}"
OUT=$(cd "$OUT" && pwd)
# In the builder's image this file is copied out of the repository, which is at $SRC/jetspec.
if [ -n "${SRC:-}" ]; then cd "$SRC/jetspec/fuzz"; else cd "$(dirname "$0")/.."; fi

if [ -n "${JETSPEC_FUZZ_STABLE:-}" ]; then
    RUSTFLAGS="${RUSTFLAGS:-} --cfg fuzzing" cargo build --quiet --bins
    built=${CARGO_TARGET_DIR:-target}/debug
else
    cargo fuzz build --fuzz-dir . -O --debug-assertions
    built=${CARGO_TARGET_DIR:-target}/x86_64-unknown-linux-gnu/release
fi

for target in fuzz_targets/*.rs; do
    name=$(basename "$target" .rs)
    cp "$built/$name" "$OUT/"
    (cd "seeds/$name" && zip -q -r "$OUT/${name}_seed_corpus.zip" .)
    cp clusterfuzzlite/options "$OUT/$name.options"
    if [ -f "dictionaries/$name.dict" ]; then
        cp "dictionaries/$name.dict" "$OUT/"
    fi
done
