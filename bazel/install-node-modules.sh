#!/usr/bin/env bash
# Installs what the Node.js examples need, as their package-lock.json says; where
# that is in place already, it does nothing.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

for lock in examples/*/package-lock.json; do
  directory=$(dirname "$lock")
  # npm writes this file last.
  installed=$directory/node_modules/.package-lock.json
  if [ "$installed" -nt "$lock" ]; then continue; fi
  echo "Installing node_modules of $directory" >&2
  npm ci --prefix "$directory" --ignore-scripts --no-audit --no-fund >/dev/null ||
    { echo "install-node-modules: npm ci failed in $directory; is the network up?" >&2; exit 1; }
done
