#!/bin/sh
# Runs the demo with the programs that were built for it.
exec /usr/bin/python3 examples/demo/demo.py \
  --bin supervisor/bin \
  --worker examples/http_cpp/http_worker \
  --load examples/load/load "$@"
