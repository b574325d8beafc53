"""A worker that forks in its start, and says in its stop what the child saw."""

import os
import sys

import drover


def child_says():
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            worker.status("from the child")
            words = b"spoke"
        except drover.Error as error:
            words = b"forked" + (b", fatal" if error.fatal else b"")
        os.write(writer, words)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        return pipe.read()


worker = drover.open("forks")
for event in worker.events():
    if event.kind == drover.Kind.START:
        words = child_says()
        worker.started()
    elif event.kind == drover.Kind.STOP:
        worker.stopped(f"in the child: {words}")
    elif event.kind in (drover.Kind.QUIT, drover.Kind.LOST):
        sys.exit(0)
