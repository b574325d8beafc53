#!/bin/sh
exec /usr/bin/python3 supervisor/bench/footprint.py \
  --bin supervisor/bin --worker examples/minimal_c/minimal_worker "$@"
