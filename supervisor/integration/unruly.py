"""A worker with one fault, written by hand from proto/SPEC.md.

    unruly.py FAULT

FAULT is a key of FAULTS. Without its fault it is a plain worker: it answers
Start, Stop, Quit and Ping at once. It says on standard output what it has come
to, one line a step, so that a test can look for it.
"""

import os
import signal
import socket
import struct
import sys

# ToWorker bodies; ToSupervisor bodies; states. Numbers of SPEC.md, chapter 21.
WELCOME, START, STOP, QUIT, PING, RELOAD, LAME_DUCK = 10, 11, 12, 13, 14, 15, 16
HELLO, REPORT, PONG, RESULT, REQUEST, GAUGES, FATAL = 10, 11, 12, 13, 14, 16, 17
STARTING, STARTED, STOPPING, STOPPED, SHUTTING_DOWN, FAILED = 2, 3, 4, 5, 6, 7
CAPABLE_OF_RELOAD, RESUME, CAPABLE_OF_LAME_DUCK = 1, 2, 7
OK, REFUSED = 1, 2
UNHEARD_OF = 900  # a body that no supervisor knows


def varint(number):
    if number < 128:
        return bytes([number])
    return bytes([number & 127 | 128]) + varint(number >> 7)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def frame(payload):
    return struct.pack(">I", len(payload)) + payload


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def parse(data):
    """{field number: last value} of a message without fixed-size fields."""
    fields, at = {}, 0
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        fields[key >> 3] = value
    return fields


def say(line):
    print(line, flush=True)


class Worker:
    """As it should be. A fault overrides what it does wrong."""

    major = 1
    capabilities = [RESUME]

    def __init__(self):
        fd = os.environ["DROVER_FD"]
        try:
            self.channel = socket.socket(fileno=int(fd))
        except OSError:
            say(f"descriptor {fd} is no socket; a wrapper may have closed it")
            sys.exit(78)

    def send(self, body, content=b"", op=0, re=0):
        envelope = field(1, op) if op else b""
        envelope += field(2, re) if re else b""
        self.channel.sendall(frame(envelope + field(body, content)))

    def report(self, state, op):
        self.send(REPORT, field(1, state), re=op)

    def receive(self, size):
        data = self.channel.recv(size, socket.MSG_WAITALL)
        if len(data) < size:
            self.on_end()
        return data

    def run(self):
        self.say_hello()
        handlers = self.handlers()
        while True:
            size = struct.unpack(">I", self.receive(4))[0]
            envelope = parse(self.receive(size))
            for body, handler in handlers.items():
                if body in envelope:
                    handler(envelope.get(1, 0), parse(envelope[body]))

    def handlers(self):
        return {WELCOME: self.on_welcome, START: self.on_start,
                STOP: self.on_stop, QUIT: self.on_quit, PING: self.on_ping}

    def say_hello(self):
        capabilities = b"".join(field(3, one) for one in self.capabilities)
        self.send(HELLO, field(1, self.major) + capabilities
                  + field(4, os.getpid()) + field(5, b"unruly"))

    def on_welcome(self, op, inner):
        pass

    def on_start(self, op, inner):
        self.report(STARTED, op)
        say("started")

    def on_stop(self, op, inner):
        self.report(STOPPED, op)

    def on_quit(self, op, inner):
        self.report(SHUTTING_DOWN, op)
        sys.exit(0)

    def on_ping(self, op, inner):
        self.send(PONG, field(1, inner.get(1, 0)))

    def on_end(self):
        sys.exit(0)


def die():
    say("dying")
    os._exit(3)


def linger():
    """Lives until a signal ends it."""
    while True:
        signal.pause()


class NoHello(Worker):
    def say_hello(self):
        say("saying nothing")
        linger()


class WrongVersion(Worker):
    major = 9


class Once(Worker):
    """Writes some bytes once it is STARTED."""

    bytes = b""

    def on_start(self, op, inner):
        super().on_start(op, inner)
        self.channel.sendall(self.bytes)


class Garbage(Once):
    bytes = b"Listening on port 8080\n"


class BadMessage(Once):
    bytes = frame(b"\xff" * 8)


class Oversize(Once):
    bytes = struct.pack(">I", 65537)


class Zero(Once):
    bytes = struct.pack(">I", 0)


class Flood(Worker):
    """Legal frames, as fast as they are taken, for as long as it lives."""

    def on_start(self, op, inner):
        super().on_start(op, inner)
        report = frame(field(GAUGES, b"")) * 1000
        while True:
            self.channel.sendall(report)


class NeverReads(Worker):
    """Says Hello and reads nothing, not even Welcome."""

    def run(self):
        self.say_hello()
        linger()


class Asks(Worker):
    """Asks for more answers than it has room for, and reads none."""

    def on_start(self, op, inner):
        super().on_start(op, inner)
        for number in range(1, 951):
            self.send(UNHEARD_OF, b"", op=number)
        linger()


class HangsInStart(Worker):
    def on_start(self, op, inner):
        self.report(STARTING, op)
        say("hanging")
        linger()


class FailsToStart(Worker):
    def on_start(self, op, inner):
        say("looking for the database")
        self.send(FATAL, field(1, 5) + field(2, b"no \x1b[31mdatabase"), re=op)
        sys.exit(5)


class IgnoresStop(Worker):
    def on_stop(self, op, inner):
        say("ignoring stop")


class IgnoresQuit(Worker):
    def on_quit(self, op, inner):
        say("ignoring quit")


class IgnoresTerm(IgnoresStop, IgnoresQuit):
    def __init__(self):
        super().__init__()
        signal.signal(signal.SIGTERM, lambda *_: say("ignoring term"))


class StopsItself(Worker):
    def on_start(self, op, inner):
        super().on_start(op, inner)
        os.kill(os.getpid(), signal.SIGSTOP)


class DiesSpawned(Worker):
    def say_hello(self):
        die()


class DiesInitialized(Worker):
    def on_welcome(self, op, inner):
        die()


class DiesStarting(Worker):
    def on_start(self, op, inner):
        self.report(STARTING, op)
        die()


class DiesStarted(Worker):
    def on_start(self, op, inner):
        super().on_start(op, inner)
        die()


class DiesStopping(Worker):
    def on_stop(self, op, inner):
        self.report(STOPPING, op)
        die()


class DiesStopped(Worker):
    def on_stop(self, op, inner):
        super().on_stop(op, inner)
        die()


class DiesShuttingDown(Worker):
    def on_quit(self, op, inner):
        self.report(SHUTTING_DOWN, op)
        die()


class ChildKeepsChannel(Worker):
    """Dies, while a child that has left the process group holds the channel."""

    def on_start(self, op, inner):
        super().on_start(op, inner)
        if os.fork() == 0:
            os.setsid()
            say(f"child {os.getpid()}")
            os.write(self.dying[1], b".")
            linger()
        os.read(self.dying[0], 1)
        die()

    def __init__(self):
        super().__init__()
        self.dying = os.pipe()


class ClosesChannel(Worker):
    def on_start(self, op, inner):
        super().on_start(op, inner)
        self.channel.close()
        linger()


class ClosesBeforeHello(Worker):
    """What the supervisor sees of a wrapper that closes descriptors."""

    def say_hello(self):
        self.channel.close()
        linger()


class Moody(Worker):
    """Does what the file "mood" in its directory says whenever it starts or
    reloads: "fail" (to start), "exit N" (once STARTED), "refuse" (to reload).
    SIGUSR1 makes it say where it is, SIGUSR2 makes it deaf to Ping."""

    capabilities = [CAPABLE_OF_RELOAD, RESUME, CAPABLE_OF_LAME_DUCK]

    def __init__(self):
        super().__init__()
        self.deaf = False
        signal.signal(signal.SIGUSR1, lambda *_: say("dump: waits for frames"))
        signal.signal(signal.SIGUSR2, self.on_usr2)

    def on_usr2(self, *_):
        self.deaf = True
        say("deaf from now on")

    def handlers(self):
        return {**super().handlers(), RELOAD: self.on_reload,
                LAME_DUCK: lambda op, inner: say("lame duck")}

    def mood(self):
        try:
            with open("mood", encoding="ascii") as file:
                return file.read().strip()
        except FileNotFoundError:
            return ""

    def on_start(self, op, inner):
        mood = self.mood()
        if mood == "fail":
            FailsToStart.on_start(self, op, inner)
        super().on_start(op, inner)
        if mood.startswith("exit"):
            sys.exit(int(mood.split()[1]))

    def on_reload(self, op, inner):
        if self.mood() == "refuse":
            self.send(RESULT, field(1, REFUSED)
                      + field(2, b"line 3: no such route"), re=op)
        else:
            self.send(RESULT, field(1, OK), re=op)
            say("reloaded")

    def on_ping(self, op, inner):
        if not self.deaf:
            super().on_ping(op, inner)


FAULTS = {
    "none": Worker,
    "moody": Moody,
    "no-hello": NoHello,
    "wrong-version": WrongVersion,
    "garbage": Garbage,
    "bad-message": BadMessage,
    "oversize": Oversize,
    "zero": Zero,
    "flood": Flood,
    "never-reads": NeverReads,
    "asks": Asks,
    "hangs-in-start": HangsInStart,
    "fails-to-start": FailsToStart,
    "ignores-stop": IgnoresStop,
    "ignores-quit": IgnoresQuit,
    "ignores-term": IgnoresTerm,
    "stops-itself": StopsItself,
    "dies-spawned": DiesSpawned,
    "dies-initialized": DiesInitialized,
    "dies-starting": DiesStarting,
    "dies-started": DiesStarted,
    "dies-stopping": DiesStopping,
    "dies-stopped": DiesStopped,
    "dies-shutting-down": DiesShuttingDown,
    "child-keeps-channel": ChildKeepsChannel,
    "closes-channel": ClosesChannel,
    "closes-before-hello": ClosesBeforeHello,
}


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    FAULTS[sys.argv[1]]().run()


if __name__ == "__main__":
    main()
