"""The ends of workers, as `drover watch` tells them: each once, without a gap.

A supervisor's events are its own: what is known of a successor begins with the
snapshot that a new watcher has of it.
"""

import time

from supervisor.integration import world


class Record:
    def __init__(self, case):
        self._case = case
        self._events = None
        self._last = None  # (session, number) of the last event
        self._exits = {}   # identity: how often it was told
        self.violations = []
        self.begin()

    def begin(self):
        """For a supervisor that has just come."""
        self.close()
        self._events = self._case.watch()
        self._last = None

    def take(self):
        """What has come; waits for nothing."""
        for event in self._events.ready():
            self._take(event)

    def _take(self, event):
        session, _, number = event["token"].rpartition(".")
        token = (session, int(number))
        followed = self._last and self._last[0] == session
        if followed and token[1] != self._last[1] + 1:
            self.violations.append(f"event {token} after {self._last}")
        self._last = token
        exited = event.get("worker_exited")
        if exited:
            worker = exited["exit"]["worker"]
            identity = int(worker["incarnation"])
            self._exits[identity] = self._exits.get(identity, 0) + 1
            if self._exits[identity] > 1:
                self.violations.append(f"told twice: the end of {worker}")

    def await_exit(self, worker):
        """Until the end of a worker of `drover status` was told."""
        identity = int(worker["id"]["incarnation"])
        deadline = time.monotonic() + world.PATIENCE
        while time.monotonic() < deadline:
            self.take()
            if identity in self._exits:
                return
            time.sleep(0.02)
        self.violations.append(f"never told: the end of {worker['id']}")

    def close(self):
        if self._events:
            self._events.close()

    @property
    def exits(self):
        return sum(self._exits.values())
