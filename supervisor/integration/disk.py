"""A disk that falls ill when it is told to: it hangs, is slow, or is full.

A file system in this process's memory, behind the kernel's FUSE, so that who
writes to it waits where a writer waits for a real disk: in open(2), write(2) or
fstat(2), deaf to signals. It has one directory of regular files, and knows what
a writer of logs does. Mounting needs root and /dev/fuse.
"""

import ctypes
import errno
import os
import select
import struct
import threading

_LIBC = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2
_ROOT = 1
_LARGEST_WRITE = 128 * 1024

# Of linux/fuse.h.
_REQUEST = struct.Struct("<IIQQIIII")
_ANSWER = struct.Struct("<IiQ")
_ATTRIBUTES = struct.Struct("<6Q10I")
_ENTRY = struct.Struct("<4Q2I")
_CHANGE = struct.Struct("<IIQQ")
_WRITE = struct.Struct("<QQII")
_DIRECT_IO = 1
_CHANGES_SIZE = 1 << 3


class CannotMount(OSError):
    """No file system can be mounted here."""


class _File:
    def __init__(self, node):
        self.node = node
        self.data = bytearray()


class Disk:
    """Mounted at `path`, an empty directory, until close()."""

    def __init__(self, path):
        self.path = path
        self.room = None  # bytes that can still be written; None = plenty
        self.delay = 0.0  # seconds before each answer
        self._files = {}  # by name
        self._nodes = {}  # by number, those that were removed included
        self._lock = threading.Lock()
        self._well = threading.Event()
        self._well.set()
        self._waited_for = threading.Event()
        self._closed = threading.Event()
        self._fd = _mount(path)
        self._end, self._ended = os.pipe2(os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    # For tests.

    def hang(self):
        """From now on nothing is answered."""
        self._waited_for.clear()
        self._well.clear()

    def await_victim(self, seconds):
        """Whether someone waits for an answer, at the latest after so long."""
        return self._waited_for.wait(seconds)

    def recover(self):
        self.room, self.delay = None, 0.0
        self._well.set()

    def text(self, name):
        with self._lock:
            return self._files[name].data.decode(errors="backslashreplace")

    def names(self):
        with self._lock:
            return sorted(self._files)

    def close(self):
        self.recover()
        self._closed.set()
        _LIBC.umount2(self.path.encode(), _MNT_DETACH)
        os.close(self._ended)
        self._thread.join()
        os.close(self._end)

    # Requests.

    def _serve(self):
        waits = select.poll()
        waits.register(self._fd, select.POLLIN)
        waits.register(self._end, 0)
        try:
            while not any(fd == self._end for fd, _ in waits.poll()):
                try:
                    self._take(os.read(self._fd, _LARGEST_WRITE + 4096))
                except OSError as error:
                    if error.errno == errno.ENODEV:  # unmounted
                        return
        finally:
            os.close(self._fd)  # whoever still waits gets an error

    def _take(self, request):
        _, code, unique, node, *_ = _REQUEST.unpack_from(request)
        if code in _UNANSWERED:
            return
        if not self._well.is_set():
            self._waited_for.set()
        self._well.wait()
        if self.delay:
            self._closed.wait(self.delay)
        operation = _OPERATIONS.get(code, Disk._unknown)
        try:
            with self._lock:
                answer = operation(self, node, request[_REQUEST.size:])
            error = 0
        except OSError as refused:
            answer, error = b"", -refused.errno
        os.write(self._fd, _ANSWER.pack(_ANSWER.size + len(answer), error,
                                        unique) + answer)

    # Operations: from the node and what is asked to the answer.

    def _unknown(self, *_):
        raise OSError(errno.ENOSYS, "not of a writer of logs")

    def _begin(self, _, body):
        major, minor, read_ahead, _ = struct.unpack_from("<4I", body)
        return struct.pack("<4IHH2IHH8I", major, min(minor, 31), read_ahead, 0,
                           16, 12, _LARGEST_WRITE, 1, 0, *[0] * 9)

    def _look_up(self, _, body):
        return self._entry(self._named(_text(body)))

    def _attributes(self, node, _):
        return struct.pack("<QII", 0, 0, 0) + self._attributes_of(node)

    def _change(self, node, body):
        what, _, _, size = _CHANGE.unpack_from(body)
        if what & _CHANGES_SIZE:
            del self._nodes[node].data[size:]
        return self._attributes(node, body)

    def _create(self, _, body):
        name = _text(body[16:])
        if name not in self._files:
            file = _File(_ROOT + 1 + len(self._nodes))
            self._files[name] = self._nodes[file.node] = file
        return self._entry(self._files[name]) + self._open(_, body)

    def _open(self, *_):
        # Each write comes through, as it is.
        return struct.pack("<QII", 0, _DIRECT_IO, 0)

    def _write(self, node, body):
        _, offset, size, _ = _WRITE.unpack_from(body)
        data = body[40:40 + size]
        if self.room is not None:
            data = data[:self.room]
            if not data:
                raise OSError(errno.ENOSPC, "full")
            self.room -= len(data)
        self._nodes[node].data[offset:offset + len(data)] = data
        return struct.pack("<II", len(data), 0)

    def _rename(self, _, body):
        former, name = body[8:].decode().split("\0")[:2]
        file = self._named(former)
        del self._files[former]
        self._files[name] = file
        return b""

    def _rename_with_flags(self, node, body):
        return self._rename(node, body[:8] + body[16:])

    def _remove(self, _, body):
        name = _text(body)
        self._named(name)
        del self._files[name]
        return b""

    def _nothing(self, *_):
        return b""

    # What there is.

    def _named(self, name):
        if name not in self._files:
            raise OSError(errno.ENOENT, name)
        return self._files[name]

    def _entry(self, file):
        return (_ENTRY.pack(file.node, 0, 0, 0, 0, 0)
                + self._attributes_of(file.node))

    def _attributes_of(self, node):
        if node == _ROOT:
            mode, links, size = 0o40777, 2, 0
        else:
            mode, links, size = 0o100644, 1, len(self._nodes[node].data)
        return _ATTRIBUTES.pack(node, size, (size + 511) // 512, 0, 0, 0,
                                0, 0, 0, mode, links, 0, 0, 0, 4096, 0)


_OPERATIONS = {
    26: Disk._begin,
    1: Disk._look_up,
    3: Disk._attributes,
    4: Disk._change,
    35: Disk._create,
    14: Disk._open,
    16: Disk._write,
    12: Disk._rename,
    45: Disk._rename_with_flags,
    10: Disk._remove,
    18: Disk._nothing,  # release
    25: Disk._nothing,  # flush, which close(2) waits for
    20: Disk._nothing,  # fsync
}
# Forget, of one or of many, interrupt, and the end.
_UNANSWERED = (2, 42, 36, 38)


def _text(body):
    return body.split(b"\0", 1)[0].decode()


def _mount(path):
    try:
        fd = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CannotMount(error.errno, f"/dev/fuse: {error.strerror}") from None
    options = (f"fd={fd},rootmode=40000,user_id={os.getuid()},"
               f"group_id={os.getgid()},allow_other")
    if _LIBC.mount(b"drover-disk", path.encode(), b"fuse", 0,
                   options.encode()) != 0:
        number = ctypes.get_errno()
        os.close(fd)
        raise CannotMount(number, f"mount: {os.strerror(number)}")
    return fd
