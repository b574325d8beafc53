#!/usr/bin/python3
"""An HTTP server in Python that is a Drover worker and loses no request."""

import contextlib
import os
import select
import sys
import time

import connections
import drover

CAPABILITIES = [drover.Capability.RESUME, drover.Capability.PROGRESS]


class Program:
    def __init__(self, worker, listener):
        self.worker = worker
        self.listener = listener
        self.connections = connections.Connections()
        self.accepting = False
        self.leaving = False
        self.last_moment = None  # when idle connections are closed, and how
        self.linger = 0.0

    def run(self):
        """Returns what to exit with."""
        while True:
            self.wait()
            # Commands first: after a Stop nothing more is accepted.
            for event in self.worker.events(timeout=0):
                if event.kind == drover.Kind.END:
                    return event.exit_code
                self.act(event)
            if self.accepting:
                self.accept()
            if self.finished():
                return 0

    def wait(self):
        watched = [self.worker, self.connections.done]
        if self.accepting:
            watched.append(self.listener)
        timeout = None
        if self.last_moment is not None:
            timeout = max(0.0, self.last_moment - time.monotonic())
        ready = select.select(watched, [], [], timeout)[0]
        if self.connections.done in ready:
            os.eventfd_read(self.connections.done)
        if timeout is not None and time.monotonic() >= self.last_moment:
            self.connections.close_idle(self.linger)
            self.last_moment = None

    def act(self, event):
        kind = event.kind
        if kind == drover.Kind.START:
            with contextlib.suppress(drover.Error):  # a Stop cancelled it
                self.worker.started()
                self.open()
        elif kind == drover.Kind.STOP:
            self.drain(event.deadline)
        elif kind in (drover.Kind.QUIT, drover.Kind.LOST):
            self.drain(event.deadline)
            self.leaving = True
        elif kind == drover.Kind.DEADLINE \
                and self.worker.state == drover.State.STOPPING:
            self.worker.stopped_forced(self.connections.abandon())

    def open(self):
        self.connections.greeting = (
            f"hello from {self.worker.pool}/{self.worker.slot} "
            f"generation {self.worker.generation}\n")
        self.connections.open()
        self.accepting = True
        self.last_moment = None

    def drain(self, seconds):
        self.accepting = False
        self.connections.closing = True
        margin = min(1.0, seconds / 4)
        self.last_moment = time.monotonic() + seconds - margin
        self.linger = margin / 2

    def accept(self):
        # A sibling may be faster, a client may leave again.
        with contextlib.suppress(OSError):
            client, _ = self.listener.accept()
            self.connections.add(client)

    def finished(self):
        """Says Stopped when nothing is left; true = exit."""
        left = len(self.connections)
        stopping = self.worker.state == drover.State.STOPPING
        if stopping and left == 0:
            self.worker.stopped()
        elif stopping and self.worker.has(drover.Capability.PROGRESS):
            self.worker.progress(left)
        return self.leaving and left == 0


def main():
    worker = drover.open("worker_python", "1.0", CAPABILITIES)
    if worker is None:
        print("worker.py: not supervised; see README.md for how to run it")
        return 0
    try:
        listener = worker.listener("http")
    except drover.Error as error:
        worker.fatal(error.exit_code, f'listener "http": {error}')
        return error.exit_code
    return Program(worker, listener).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except drover.Error as error:
        print(f"worker.py: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
