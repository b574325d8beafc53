"""Plays the supervisor to one worker, over the channel it would get from one.

A test starts a Driver with the worker's command, commands it and expects its
answers. Everything that is waited for has a deadline, and nothing is said to
the worker but what the test asks for.
"""

import fcntl
import os
import select
import socket
import struct
import subprocess
import time

from examples.testing import schema

# Longer than anything takes that works; a test that waits so long has failed.
PATIENCE = 20.0


class Broken(AssertionError):
    """The worker did not do what was expected."""


class Driver:
    """One worker process, its channel and its listener "http"."""

    def __init__(self, command, environment=None, listener=True, channel=None,
                 number=3):
        """Without a listener the worker gets none; with a `channel`, that file
        instead of one. `number` is the channel's descriptor: 3, or 0."""
        self.op = 0
        self.hello = None
        self.in_pieces = False  # write every byte by itself
        self._inbox = b""
        self._frames = []
        self._channel, theirs = socket.socketpair()
        self.listener = _listen() if listener else None
        fds = {number: (channel or theirs).fileno()}
        if listener:
            fds[4] = self.listener.fileno()
        try:
            self.process = _spawn(command, environment or {}, fds)
        finally:
            theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._channel.close()
        if self.listener:
            self.listener.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)

    @property
    def port(self):
        return self.listener.getsockname()[1]

    # ---- What the supervisor says

    def welcome(self, capabilities=None, slot=3, generation=2, stop_ms=10000,
                loss_ms=5000):
        """Waits for Hello and answers it, with all capabilities it offers
        unless others are named."""
        self.hello = self.expect("hello").hello
        if capabilities is None:
            capabilities = list(self.hello.capabilities)
        frame = schema.ToWorker()
        frame.welcome.capabilities.extend(capabilities)
        identity = frame.welcome.identity
        identity.pool, identity.slot = "web", slot
        identity.generation, identity.incarnation = generation, 7
        times = frame.welcome.timeouts
        times.start_ms = times.quit_ms = 10000
        times.stop_ms, times.loss_ms = stop_ms, loss_ms
        if self.listener:
            frame.welcome.listeners.add(fd=4, name="http")
        self.send(frame)

    def command(self, kind, deadline_ms=10000):
        """Sends start, stop, quit or reload; returns its op."""
        self.op += 1
        frame = schema.ToWorker(op=self.op)
        getattr(frame, kind).deadline_ms = deadline_ms
        self.send(frame)
        return self.op

    def ping(self, number):
        frame = schema.ToWorker()
        frame.ping.id = number
        self.send(frame)

    def send(self, frame):
        data = frame.SerializeToString()
        self.send_bytes(struct.pack(">I", len(data)) + data)

    def send_bytes(self, data):
        step = 1 if self.in_pieces else len(data)
        for at in range(0, len(data), step):
            self._channel.sendall(data[at:at + step])

    def hang_up(self):
        self._channel.close()

    # ---- What the worker answers

    def start(self):
        self.expect_state("STARTED", self.command("start"))

    def stop(self, deadline_ms=10000):
        return self.expect_state("STOPPED", self.command("stop", deadline_ms))

    def expect_state(self, name, op):
        """Waits for that state in answer to op; returns the report."""
        state = schema.State[name]
        frame = self.expect(
            "state", lambda f: f.state.state == state and f.re == op)
        return frame.state

    def expect(self, body, also=lambda frame: True):
        """Waits for a frame of that body; those before it are dropped."""
        deadline = time.monotonic() + PATIENCE
        seen = []
        while True:
            while self._frames:
                frame = self._frames.pop(0)
                if frame.WhichOneof("body") == body and also(frame):
                    return frame
                seen.append(str(frame))
            if not self._read(deadline):
                raise Broken(f"no {body}; instead: {seen or 'nothing'}, "
                             f"exit code {self.process.poll()}")

    def expect_exit(self, code=0):
        try:
            found = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Broken("the worker did not end") from None
        if found != code:
            raise Broken(f"the worker ended with {found}, not {code}")

    def _read(self, deadline):
        left = max(0.0, deadline - time.monotonic())
        if not select.select([self._channel], [], [], left)[0]:
            return False
        data = self._channel.recv(65536)
        self._inbox += data
        while len(self._inbox) >= 4:
            size = struct.unpack(">I", self._inbox[:4])[0]
            if not 1 <= size <= 65536:
                raise Broken(f"a frame of {size} bytes")
            if len(self._inbox) < 4 + size:
                break
            self._frames.append(
                schema.ToSupervisor.FromString(self._inbox[4:4 + size]))
            self._inbox = self._inbox[4 + size:]
        return bool(data)


def _listen():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    # As a supervisor does: the flag belongs to the socket, not to a process.
    listener.setblocking(False)
    return listener


def _spawn(command, environment, fds):
    """Runs the command with the descriptors of {number: descriptor}; the
    first is the channel."""

    def place():
        # First out of the way of one another.
        moved = {number: fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64)
                 for number, fd in fds.items()}
        for number, fd in moved.items():
            os.dup2(fd, number)

    settings = {"DROVER_FD": str(next(iter(fds))), "DROVER_PROTOCOL": "1"}
    if 4 in fds:
        settings["DROVER_LISTEN_FDS"] = "4:http"
    return subprocess.Popen(
        command, env={**os.environ, **settings, **environment},
        preexec_fn=place, close_fds=False, stdin=subprocess.DEVNULL)
