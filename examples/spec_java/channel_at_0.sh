#!/bin/bash
# Moves the channel to descriptor 0, the only one that Java adopts, for a
# supervisor that was not asked to place it there: channel_at_0.sh java ...
if [[ ${DROVER_FD-0} != 0 ]]; then
  exec <&"$DROVER_FD" {DROVER_FD}<&- || {
    echo "descriptor $DROVER_FD: a wrapper may have closed the channel" >&2
    exit 78
  }
  DROVER_FD=0
fi
exec "$@"
