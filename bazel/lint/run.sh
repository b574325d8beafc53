#!/usr/bin/env bash
# Everything that reads the sources without running them. Each check says what to
# do; all of them run, then the status is that of the worst.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
status=0

fail() {
  echo "lint: $*" >&2
  status=1
}

ours() { git ls-files --cached --others --exclude-standard -- "$@"; }

echo "== clang-format"
ours '*.h' '*.cc' '*.c' | xargs -r clang-format --dry-run -Werror ||
  fail "formatting; run: make format"

echo "== buf (schemas)"
(cd bazel/lint && npm ci --silent --no-audit --no-fund) ||
  fail "npm could not install bazel/lint/package.json; is the registry reachable?"
if [ -x bazel/lint/node_modules/.bin/buf ]; then
  (cd proto && ../bazel/lint/node_modules/.bin/buf lint --config ../bazel/lint/buf.yaml) ||
    fail "schemas"
fi

echo "== clang-tidy"
# The generated headers have to exist before clang can read what includes them.
bazel build --noshow_progress --ui_event_filters=-info,-stdout,-stderr \
  //proto:admin_cc_grpc //proto:control_cc_proto //proto:worker_cc_proto || fail "bazel build"
ours '*.cc' | xargs -r -P "$(nproc)" -n 4 clang-tidy --quiet --warnings-as-errors='*' -- \
  -std=c++20 -I. -isystem bazel-bin/proto -isystem proto -isystem sdk-c/include -isystem sdk-cpp/include \
  -DASIO_STANDALONE -DASIO_NO_DEPRECATED 2> >(grep -v 'warnings generated' >&2) ||
  fail "clang-tidy"

exit "$status"
