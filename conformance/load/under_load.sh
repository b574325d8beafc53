#!/bin/sh
# under_load.sh LOOPS COMMAND...: the command, beside that many busy loops for
# each core.
loops=$(($1 * $(nproc)))
shift
pids=
while [ "$loops" -gt 0 ]; do
  # It ends with this script, however that ends.
  (while kill -0 $$ 2>/dev/null; do :; done) &
  pids="$pids $!"
  loops=$((loops - 1))
done
"$@"
code=$?
kill $pids
exit $code
