"""Drover workers in Python, over the C library (libdrover.so.1).

    worker = drover.open(name="billing", capabilities=[drover.Capability.RESUME])
    if worker is None:
        serve_without_supervisor()
    for event in worker.events():
        if event.kind == drover.Kind.START:
            begin()
            worker.started()
        elif event.kind == drover.Kind.STOP:
            finish()
            worker.stopped()
        elif event.kind in (drover.Kind.QUIT, drover.Kind.LOST):
            sys.exit(0)
        elif event.kind == drover.Kind.END:
            sys.exit(event.exit_code)

Programs with a loop of their own watch worker.fileno() for reading and go
through worker.events(timeout=0) when it is readable.

Statements may be made by any thread; one thread asks for events. A process
that os.fork() makes of a worker is none: its statements raise. Errors raise
drover.Error; .fatal says whether the worker has to end, .exit_code with what.
"""

import ctypes
import dataclasses
import enum
import os
import socket

__all__ = ["Capability", "Error", "Event", "Kind", "State", "Worker", "open"]


class Kind(enum.IntEnum):
    """What an event tells to do; drover.h describes each."""
    WELCOME = 1
    START = 2
    STOP = 3
    QUIT = 4
    RELOAD = 5
    LAME_DUCK = 6
    LOST = 7
    DEADLINE = 8
    RESULT = 9
    MESSAGE = 10
    END = 11


class State(enum.IntEnum):
    CONNECTING = 0
    INITIALIZED = 1
    STARTING = 2
    STARTED = 3
    STOPPING = 4
    STOPPED = 5
    SHUTTING_DOWN = 6
    FAILED = 7


class Capability(enum.IntEnum):
    RELOAD = 1
    RESUME = 2
    REQUEST = 3
    PROGRESS = 4
    GAUGES = 5
    USER_MESSAGES = 6
    LAME_DUCK = 7


@dataclasses.dataclass(frozen=True)
class Event:
    kind: Kind
    deadline: float  # seconds from when the event was handed out
    cause: int
    text: str
    data: bytes
    topic: str
    op: int
    re: int
    code: int
    exit_code: int


class Error(Exception):
    """A call that the library refused."""

    def __init__(self, number):
        super().__init__(_lib.drover_strerror(number).decode())
        self.number = number
        self.fatal = bool(_lib.drover_error_is_fatal(number))
        self.exit_code = _lib.drover_exit_code(number)


def open(name="", version="", capabilities=()):  # pylint: disable=W0622
    """The worker that this process is; None if nobody supervises it.

    Call it early, before other threads run: it changes the environment."""
    options = ctypes.c_void_p()
    _check(_lib.drover_options_new(ctypes.byref(options)))
    try:
        _check(_lib.drover_options_set_name(options, name.encode()))
        _check(_lib.drover_options_set_version(options, version.encode()))
        _check(_lib.drover_options_set_sdk(options, b"drover-python/1.0.0"))
        for capability in capabilities:
            _check(_lib.drover_options_add_capability(options, capability))
        handle = ctypes.c_void_p()
        supervised = _check(_lib.drover_open(options, ctypes.byref(handle)))
        return Worker(handle) if supervised else None
    finally:
        _lib.drover_options_free(options)


class Worker:
    """Made by open(), once in a process."""

    def __init__(self, handle):
        self._handle = handle
        self._session = _lib.drover_worker_session(handle)
        # The library closes the channel in a forked child; here the child
        # forgets the handle, whose locks another thread may have held.
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self):
        self._handle = self._session = None

    def fileno(self):
        return self._call("drover_fd")

    def listener(self, name):
        """The listening socket of that name; accept on it in STARTED only.

        It is shared with the other workers of the pool: accept may raise
        BlockingIOError where a sibling was faster. Never change its mode."""
        fd = self._call("drover_listener", name.encode())
        return socket.socket(fileno=fd)

    def next_event(self, timeout=None):
        """The next event; None when the time (in seconds) is over."""
        milliseconds = -1 if timeout is None else int(timeout * 1000)
        event = ctypes.c_void_p()
        got = self._call("drover_next_event", milliseconds, ctypes.byref(event))
        return _event(event) if got else None

    def events(self, timeout=None):
        """The events that come, until none does within the time, or END."""
        while event := self.next_event(timeout):
            yield event
            if event.kind == Kind.END:
                return

    # ---- What is known

    @property
    def state(self):
        return State(self._call("drover_state"))

    @property
    def pool(self):
        return _lib.drover_session_pool(self._known()).decode()

    @property
    def slot(self):
        return _lib.drover_session_slot(self._known())

    @property
    def generation(self):
        return _lib.drover_session_generation(self._known())

    def has(self, capability):
        return _lib.drover_session_has(self._known(), capability) == 1

    # ---- Statements; drover.h says when each is allowed

    def started(self, text=""):
        self._call("drover_started", text.encode())

    def stopped(self, text=""):
        self._call("drover_stopped", text.encode())

    def stopped_forced(self, abandoned, text=""):
        self._call("drover_stopped_forced", text.encode(), abandoned)

    def reloaded(self, succeeded, text=""):
        self._call("drover_reloaded", int(succeeded), text.encode())

    def failed(self, text):
        self._call("drover_failed", text.encode())

    def fatal(self, code, text):
        self._call("drover_fatal", code, text.encode())

    def status(self, text):
        self._call("drover_status", text.encode())

    def progress(self, in_flight, extend=0.0, text=""):
        self._call("drover_progress", int(extend * 1000), in_flight,
                   text.encode())

    def gauge(self, name, value):
        self._call("drover_gauge", name.encode(), value)

    def terminate(self):
        """Acts as if SIGTERM had come; when shutting down: leaves at once."""
        self._call("drover_terminate")

    def _known(self):
        if self._session is None:
            raise Error(_E_FORKED)
        return self._session

    def _call(self, function, *arguments):
        if self._handle is None:
            raise Error(_E_FORKED)
        return _check(getattr(_lib, function)(self._handle, *arguments))


def _event(pointer):
    size = ctypes.c_size_t()
    data = _lib.drover_event_data(pointer, ctypes.byref(size))
    return Event(
        kind=Kind(_lib.drover_event_kind(pointer)),
        deadline=_lib.drover_event_deadline(pointer) / 1000,
        cause=_lib.drover_event_cause(pointer),
        text=_lib.drover_event_text(pointer).decode(errors="replace"),
        data=ctypes.string_at(data, size.value) if size.value else b"",
        topic=_lib.drover_event_topic(pointer).decode(errors="replace"),
        op=_lib.drover_event_op(pointer),
        re=_lib.drover_event_re(pointer),
        code=_lib.drover_event_code(pointer),
        exit_code=_lib.drover_event_exit_code(pointer))


def _check(result):
    if result < 0:
        raise Error(result)
    return result


_E_FORKED = -105

_P, _S = ctypes.c_void_p, ctypes.c_char_p
_I, _U, _U64 = ctypes.c_int, ctypes.c_uint32, ctypes.c_uint64

# Every function used here: what it gives and what it takes.
_PROTOTYPES = {
    "drover_strerror": (_S, _I),
    "drover_error_is_fatal": (_I, _I),
    "drover_exit_code": (_I, _I),
    "drover_options_new": (_I, _P),
    "drover_options_free": (None, _P),
    "drover_options_set_name": (_I, _P, _S),
    "drover_options_set_version": (_I, _P, _S),
    "drover_options_set_sdk": (_I, _P, _S),
    "drover_options_add_capability": (_I, _P, _U),
    "drover_open": (_I, _P, _P),
    "drover_worker_session": (_P, _P),
    "drover_fd": (_I, _P),
    "drover_listener": (_I, _P, _S),
    "drover_next_event": (_I, _P, _I, _P),
    "drover_state": (_I, _P),
    "drover_terminate": (_I, _P),
    "drover_session_pool": (_S, _P),
    "drover_session_slot": (_U, _P),
    "drover_session_generation": (_U64, _P),
    "drover_session_has": (_I, _P, _U),
    "drover_event_kind": (_I, _P),
    "drover_event_deadline": (_U, _P),
    "drover_event_cause": (_I, _P),
    "drover_event_text": (_S, _P),
    "drover_event_data": (_P, _P, _P),
    "drover_event_topic": (_S, _P),
    "drover_event_op": (_U64, _P),
    "drover_event_re": (_U64, _P),
    "drover_event_code": (_I, _P),
    "drover_event_exit_code": (_I, _P),
    "drover_started": (_I, _P, _S),
    "drover_stopped": (_I, _P, _S),
    "drover_stopped_forced": (_I, _P, _S, _U),
    "drover_reloaded": (_I, _P, _I, _S),
    "drover_failed": (_I, _P, _S),
    "drover_fatal": (_I, _P, _U, _S),
    "drover_status": (_I, _P, _S),
    "drover_progress": (_I, _P, _U, _U, _S),
    "drover_gauge": (_I, _P, _S, ctypes.c_double),
}


def _load():
    lib = ctypes.CDLL("libdrover.so.1", use_errno=True)
    for name, (result, *arguments) in _PROTOTYPES.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


_lib = _load()
