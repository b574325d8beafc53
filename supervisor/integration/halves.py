"""A worker that does things by halves: the first with one SIGUSR1, the second
with the next, so that a test can have something happen in between.

    halves.py HALF

HALF is "frame" (a frame, and a line of standard output) or "queue" (more
questions than the socket holds answers for, and then the answers). It says on
standard error what it has come to.
"""

import os
import signal
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import unruly  # noqa: E402  pylint: disable=wrong-import-position

# More than fit into a socket's buffer, less than the supervisor's queue holds
# beside it.
QUESTIONS = 300
TEXT = b"carried over"


def note(text):
    print(text, file=sys.stderr, flush=True)


class Halves(unruly.Worker):
    def on_start(self, op, inner):
        super().on_start(op, inner)
        self.await_signal()
        self.first()
        note("first half")
        self.await_signal()
        self.second()
        note("second half")

    def await_signal(self):
        signal.sigwait({signal.SIGUSR1})


class Frame(Halves):
    def first(self):
        report = unruly.field(1, unruly.STARTED) + unruly.field(2, TEXT)
        self.frame = unruly.frame(unruly.field(unruly.REPORT, report))
        self.channel.sendall(self.frame[:7])
        sys.stdout.write("one line, ")
        sys.stdout.flush()

    def second(self):
        self.channel.sendall(self.frame[7:])
        sys.stdout.write("in two writes\n")
        sys.stdout.flush()


class Queue(Halves):
    def first(self):
        for number in range(1, QUESTIONS + 1):
            self.send(unruly.UNHEARD_OF, b"", op=number)

    def second(self):
        answered = []
        while len(answered) < QUESTIONS:
            size = struct.unpack(">I", self.receive(4))[0]
            envelope = unruly.parse(self.receive(size))
            if 2 in envelope:
                answered.append(envelope[2])
        in_order = answered == list(range(1, QUESTIONS + 1))
        note(f"answered {len(answered)}, in order: {in_order}")


def main():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    {"frame": Frame, "queue": Queue}[sys.argv[1]]().run()


if __name__ == "__main__":
    main()
