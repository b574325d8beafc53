#!/usr/bin/env bash
# Fuzzes every target with the tag "fuzz" for so many seconds each (default 60).
# What it finds lies beside the corpus that it grew, in fuzz-out/NAME.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
seconds=${1:-60}

mapfile -t targets < <(bazel query --noshow_progress 'attr(tags, "\bfuzz\b", //...)' 2>/dev/null)
[ ${#targets[@]} -gt 0 ] || { echo "fuzz: no fuzz targets yet"; exit 0; }
bazel build --config=fuzz "${targets[@]}"
bin=$(bazel info --config=fuzz bazel-bin 2>/dev/null)
for target in "${targets[@]}"; do
  path=${target#//}
  out=fuzz-out/${target##*:}
  mkdir -p "$out/corpus" "$out/found"
  seeds=()
  if [ -d "${path%%:*}/corpus" ]; then seeds=("${path%%:*}/corpus"); fi
  echo "== $target, $seconds s"
  "$bin/${path/:/\/}" -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$out/found/" "$out/corpus" "${seeds[@]}"
done
