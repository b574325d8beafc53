"""The channel to the supervisor: a socket, and frames on it (SPEC.md, chapters
3 and 4)."""

import asyncio
import socket
import warnings

from google.protobuf.message import DecodeError

from drover.worker.v1 import worker_pb2 as protocol

FRAME_MAX = 65536


class Violation(Exception):
    """The supervisor broke the protocol: a ProtocolErrorCode and why."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class NoSocket(Exception):
    """A descriptor is not what the environment says it is."""


def adopt(number, *, listens):
    """The stream socket at an inherited number, once it is known to be one."""
    try:
        found = socket.socket(fileno=int(number))
    except (OSError, ValueError) as error:
        raise NoSocket(f"descriptor {number}: {error}; "
                       "a wrapper may have closed it") from error
    is_listener = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if found.type != socket.SOCK_STREAM or bool(is_listener) != listens:
        raise NoSocket(f"descriptor {number} is another kind of socket; "
                       "a wrapper may have closed what it should be")
    if not listens:
        if found.family != socket.AF_UNIX:
            raise NoSocket(f"descriptor {number} is no unix socket; "
                           "a wrapper may have closed what it should be")
        try:
            found.getpeername()
        except OSError as error:
            raise NoSocket(f"descriptor {number}: {error}") from error
    found.set_inheritable(False)
    return found


def parse(data):
    # Of a tag that cannot be, Debian's protobuf only warns, and gives what it
    # has read so far.
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        message = protocol.ToWorker.FromString(data)
    if warned:
        raise DecodeError(warned[0].message)
    return message


class Channel:
    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, connected):
        return cls(*await asyncio.open_unix_connection(sock=connected))

    async def receive(self):
        """The next message; None at the end of the stream."""
        try:
            size = int.from_bytes(await self._reader.readexactly(4), "big")
            if not 1 <= size <= FRAME_MAX:
                raise Violation(protocol.PROTOCOL_ERROR_CODE_FRAME_SIZE,
                                f"a frame of {size} bytes")
            return parse(await self._reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        except DecodeError as error:
            raise Violation(protocol.PROTOCOL_ERROR_CODE_PARSE,
                            "no ToWorker message") from error

    def send(self, re=0, **body):
        """Writes what the socket takes at once; the loop writes the rest."""
        data = protocol.ToSupervisor(re=re, **body).SerializeToString()
        self._writer.write(len(data).to_bytes(4, "big") + data)
