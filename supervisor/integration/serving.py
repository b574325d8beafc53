"""A worker that serves: it takes connections of its first listener while it is
STARTED, and answers each line with its pid and the line. "slow" is answered
when a line "go" comes into the pipe that its argument names.

It stops, and ends, as proto/SPEC.md asks for: what it has taken is finished.
"""

import os
import select
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import unruly


class Serving(unruly.Worker):
    def __init__(self):
        super().__init__()
        number = os.environ["DROVER_LISTEN_FDS"].split(":", 1)[0]
        self.listener = socket.socket(fileno=int(number))
        self.gate = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
        self.taking = False
        self.held = []

    def receive(self, size):
        """Serves until there is something to receive."""
        while True:
            ready = select.select(
                [self.channel, *([self.listener] if self.taking else [])],
                [], [])[0]
            if self.channel in ready:
                return super().receive(size)
            self.take()

    def take(self):
        try:
            client, _ = self.listener.accept()
        except BlockingIOError:  # a sibling was faster
            return
        client.setblocking(True)
        line = client.makefile().readline().strip()
        if line == "slow":
            unruly.say("holding")
            self.held.append(client)
        else:
            self.answer(client, line)

    def answer(self, client, line):
        client.sendall(f"{os.getpid()} {line}\n".encode())
        client.close()

    def finish(self):
        self.taking = False
        for client in self.held:
            select.select([self.gate], [], [])
            os.read(self.gate, len("go\n"))
            self.answer(client, "slow")
        self.held = []

    def on_start(self, op, inner):
        super().on_start(op, inner)
        self.taking = True

    def on_stop(self, op, inner):
        self.finish()
        super().on_stop(op, inner)

    def on_quit(self, op, inner):
        self.finish()
        super().on_quit(op, inner)

    def on_end(self):
        self.finish()
        super().on_end()


if __name__ == "__main__":
    Serving().run()
