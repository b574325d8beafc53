#!/bin/sh
# The body of drover_conformance_test (defs.bzl).
while [ "$1" = --needs ]; do
  if ! command -v "$2" >/dev/null && ! [ -f "$2" ]; then
    echo "MISSING $2 (Debian package $3)"
    [ -z "$CI" ]
    exit
  fi
  shift 3
done
# Where everything is slower, .bazelrc says how much.
case "$*" in
  *--scale=*) ;;
  *) set -- "--scale=${DROVER_TEST_SCALE:-1}" "$@" ;;
esac
exec conformance/runner/drover-conformance "$@"
