#!/usr/bin/env bash
# Runs every target with the tag "benchmark", optimised, one after the other.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

mapfile -t targets < <(bazel query --noshow_progress 'attr(tags, "\bbenchmark\b", //...)' 2>/dev/null)
[ ${#targets[@]} -gt 0 ] || { echo "bench: no benchmarks yet"; exit 0; }
bazel build --config=opt "${targets[@]}"
for target in "${targets[@]}"; do
  echo "== $target"
  bazel run --config=opt --noshow_progress --ui_event_filters=-info "$target" -- "$@"
done
