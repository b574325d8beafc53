#!/usr/bin/python3
"""A Drover worker in Python, from SPEC.md and worker.proto alone."""

import asyncio
import os
import signal
import sys

from drover.worker.v1 import worker_pb2 as protocol

from channel import Channel, NoSocket, Violation, adopt
from server import Server

CONNECTING = protocol.STATE_UNSPECIFIED  # never reported
INITIALIZED = protocol.STATE_INITIALIZED
STARTED = protocol.STATE_STARTED
STOPPING = protocol.STATE_STOPPING
STOPPED = protocol.STATE_STOPPED
SHUTTING_DOWN = protocol.STATE_SHUTTING_DOWN
EX_PROTOCOL, EX_CONFIG = 76, 78


class Worker:
    """The worker's states (SPEC.md, chapter 7): each on_... is a row of that
    table."""

    def __init__(self, channel, listener):
        self._channel = channel
        self._server = Server(listener, self._idle)
        self._state = CONNECTING
        self._welcome = None
        self._stop_op = 0
        self._deadline = (CONNECTING, None)  # for which state, and its timer
        self._exit_code = asyncio.get_running_loop().create_future()

    async def run(self):
        """Returns what to exit with."""
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor's matter
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        self._channel.send(hello=protocol.Hello(
            major=1, capabilities=[protocol.CAPABILITY_RESUME],
            pid=os.getpid(), name=b"spec_python",
            pong_source=protocol.PONG_SOURCE_MAIN_LOOP))
        reading = asyncio.create_task(self._read())
        code = await self._exit_code
        reading.cancel()
        return code

    async def _read(self):
        try:
            while (frame := await self._channel.receive()) is not None:
                self._handle(frame)
            self._lost()
        except Violation as violation:
            self._channel.send(protocol_error=protocol.ProtocolError(
                code=violation.code, text=str(violation).encode()))
            self._exit(EX_PROTOCOL)

    def _handle(self, frame):
        body = frame.WhichOneof("body") or "nothing"
        known = getattr(self, "_on_" + body, None)
        if body == "protocol_error":
            self._exit(EX_PROTOCOL)
        elif self._state == SHUTTING_DOWN:
            if body in ("ping", "quit"):
                known(frame)
        elif (body == "welcome") != (self._state == CONNECTING):
            raise Violation(protocol.PROTOCOL_ERROR_CODE_SEQUENCE,
                            f"{body} in state {self._state}")
        elif known:
            if body in ("start", "stop", "quit") and not frame.op:
                raise Violation(protocol.PROTOCOL_ERROR_CODE_SEQUENCE,
                                f"{body} without op")
            known(frame)
        elif frame.op and not frame.re and body != "lame_duck":
            self._refuse(frame.op, protocol.RESULT_CODE_UNIMPLEMENTED)

    # ---- What comes

    def _on_welcome(self, frame):
        self._welcome = frame.welcome
        self._state = INITIALIZED
        said = [(entry.name, str(entry.fd)) for entry in frame.welcome.listeners]
        if said != listeners():
            self._channel.send(fatal=protocol.Fatal(
                code=EX_CONFIG, text=b"the listeners of Welcome are not those "
                                     b"of DROVER_LISTEN_FDS"))
            self._exit(EX_CONFIG)

    def _on_start(self, frame):
        resumes = (protocol.CAPABILITY_RESUME in self._welcome.capabilities)
        if self._state == STOPPED and not resumes:
            self._refuse(frame.op, protocol.RESULT_CODE_UNIMPLEMENTED)
        elif self._state not in (INITIALIZED, STOPPED):
            self._refuse(frame.op, protocol.RESULT_CODE_INVALID_STATE)
        else:
            place = self._welcome.identity
            self._report(STARTED, frame.op)
            self._server.open(f"hello from {place.pool}/{place.slot} "
                              f"generation {place.generation}\n")

    def _on_stop(self, frame):
        self._server.close()
        self._stop_op = frame.op
        if self._server.in_flight():
            self._report(STOPPING, frame.op)
            self._set_deadline(frame.stop.deadline_ms, self._give_up)
        else:
            self._report(STOPPED, frame.op)

    def _on_quit(self, frame):
        if self._state != SHUTTING_DOWN:
            self._report(SHUTTING_DOWN, frame.op)
        self._leave(frame.quit.deadline_ms)

    def _on_ping(self, frame):
        self._channel.send(pong=protocol.Pong(id=frame.ping.id))

    def _lost(self):
        if self._welcome is None:
            self._exit(0)
        else:
            self._leave(self._welcome.timeouts.loss_ms)

    def _terminate(self):
        """SIGTERM."""
        if self._state in (CONNECTING, SHUTTING_DOWN):
            self._exit(0)
        else:
            self._report(SHUTTING_DOWN, 0)
            self._leave(self._welcome.timeouts.quit_ms)

    # ---- What happens in the worker itself

    def _idle(self):
        if self._state == STOPPING:
            self._report(STOPPED, self._stop_op)
        elif self._state == SHUTTING_DOWN:
            self._exit(0)

    def _give_up(self):
        """The deadline of a Stop."""
        self._report(STOPPED, self._stop_op, forced=True,
                     abandoned=self._server.abandon())

    def _leave(self, milliseconds):
        self._state = SHUTTING_DOWN
        self._server.close()
        if self._server.in_flight():
            self._set_deadline(milliseconds, lambda: self._exit(0))
        else:
            self._exit(0)

    def _exit(self, code):
        if not self._exit_code.done():
            self._exit_code.set_result(code)

    # ---- Words and times

    def _report(self, state, op, **more):
        self._state = state
        self._channel.send(
            re=op, state=protocol.StateReport(state=state, **more))

    def _refuse(self, op, code):
        self._channel.send(re=op, result=protocol.Result(code=code))

    def _set_deadline(self, milliseconds, action):
        """Within one state the earlier of two deadlines holds."""
        loop = asyncio.get_running_loop()
        when = loop.time() + milliseconds / 1000
        for_state, timer = self._deadline
        if timer:
            timer.cancel()
            if for_state == self._state:
                when = min(when, timer.when())
        self._deadline = (self._state, loop.call_at(when, self._reached,
                                                    self._state, action))

    def _reached(self, for_state, action):
        self._deadline = (CONNECTING, None)
        if for_state == self._state:
            action()


async def supervised(connected):
    channel = await Channel.over(connected)
    try:
        listener = adopt(dict(listeners()).get("http", "http"), listens=True)
    except NoSocket as error:
        channel.send(fatal=protocol.Fatal(
            code=EX_CONFIG, text=f'listener "http": {error}'.encode()))
        return EX_CONFIG
    return await Worker(channel, listener).run()


def listeners():
    """(name, number) of each in DROVER_LISTEN_FDS."""
    entries = os.environ.get("DROVER_LISTEN_FDS", "").split(",")
    return [tuple(reversed(entry.split(":", 1))) for entry in entries if entry]


def main():
    if "DROVER_FD" not in os.environ:
        print("worker.py: not supervised; see README.md for how to run it")
        return 0
    if "1" not in os.environ.get("DROVER_PROTOCOL", "1").split(","):
        print("worker.py: speaks version 1 alone", file=sys.stderr)
        return EX_CONFIG
    try:
        connected = adopt(os.environ["DROVER_FD"], listens=False)
    except NoSocket as error:
        print(f"worker.py: {error}", file=sys.stderr)
        return EX_CONFIG
    return asyncio.run(supervised(connected))


if __name__ == "__main__":
    sys.exit(main())
