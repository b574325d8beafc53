#!/usr/bin/env bash
# bazel test with these arguments, then the count of its test cases as the last line.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
events=$(mktemp)
trap 'rm -f "$events"' EXIT

bazel test --keep_going --build_event_json_file="$events" "$@"
status=$?
/usr/bin/python3 "$here/test_summary.py" "$events" "$status"
