#!/bin/sh
# The body of drover_conformance_test (defs.bzl).
exec conformance/runner/drover-conformance "$@"
