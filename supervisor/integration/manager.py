"""A service manager as a test has it: it is told what systemd would be, keeps
descriptors, and hands them to the next supervisor."""

import array
import fcntl
import os
import queue
import socket
import threading

from supervisor.integration import world

# Puts the descriptors of its first argument ("50,51") where LISTEN_FDS says
# that they are, and becomes the rest. Only the process itself knows its pid.
_BECOME = """
import os, sys
given = [int(fd) for fd in sys.argv[1].split(",") if fd]
for number, fd in enumerate(given):
    os.dup2(fd, 3 + number)
    os.close(fd)
for name in ("LISTEN_PID", "WATCHDOG_PID"):
    if name in os.environ:
        os.environ[name] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""
# Above what descriptors are put to there.
_HIGH = 200


class Manager:
    """Hears, from its making to the end of the test."""

    def __init__(self, case):
        self._case = case
        self.address = case.path("notify")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._heard = queue.Queue()
        self.seen = []    # every datagram that was handed out
        self.store = []   # (name, descriptor)
        self._lock = threading.Lock()
        self._fence = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        case.addCleanup(self._close)

    def _close(self):
        self.send("END")
        self._thread.join(world.PATIENCE)
        self._socket.close()
        for _, fd in self.store:
            os.close(fd)

    def send(self, text):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), self.address)

    def _listen(self):
        fds = array.array("i")
        while True:
            text, control, _, _ = self._socket.recvmsg(
                4096, socket.CMSG_SPACE(16 * fds.itemsize))
            received = array.array("i")
            for _, _, data in control:
                received.frombytes(data)
            text = text.decode()
            if text == "END":
                return
            if text == "FENCE":
                self._fence.release()
                continue
            with self._lock:
                self._keep(text, list(received))
            self._heard.put(text)

    def _keep(self, text, fds):
        """What a message does to the store."""
        variables = dict(line.split("=", 1) for line in text.splitlines())
        name = variables.get("FDNAME", "stored")
        if "FDSTOREREMOVE" in variables:
            for kept in [one for one in self.store if one[0] == name]:
                self.store.remove(kept)
                os.close(kept[1])
        for fd in fds:
            known = any(os.path.samestat(os.fstat(fd), os.fstat(one))
                        for _, one in self.store)
            if known or "FDSTORE" not in variables:
                os.close(fd)
            else:
                self.store.append((name, fd))

    def settle(self):
        """Until all that was said by now is heard."""
        self.send("FENCE")
        if not self._fence.acquire(timeout=world.PATIENCE):
            raise AssertionError("the manager does not hear")

    def names(self):
        self.settle()
        with self._lock:
            return sorted(name for name, _ in self.store)

    def next(self):
        try:
            text = self._heard.get(timeout=world.PATIENCE)
        except queue.Empty:
            raise AssertionError(
                f"told nothing more after {self.seen[-10:]}") from None
        self.seen.append(text)
        return text

    def until(self, wanted):
        """The next datagram with this in it."""
        while wanted not in (text := self.next()):
            pass
        return text

    def rest(self):
        """All that was said up to now."""
        self.settle()
        while not self._heard.empty():
            self.next()
        return self.seen

    def start(self, *words, units=(), environment=None):
        """`drover run` with what is in the store, and with the sockets of
        units: (name, socket)."""
        self.settle()
        handed = [(name, unit.fileno()) for name, unit in units]
        with self._lock:
            handed += self.store
        high = [(name, _dup_high(fd)) for name, fd in handed]
        variables = {"NOTIFY_SOCKET": self.address, **(environment or {})}
        if high:
            variables.update(
                LISTEN_FDS=str(len(high)), LISTEN_PID="",
                LISTEN_FDNAMES=":".join(name for name, _ in high))
        fds = [fd for _, fd in high]
        process = self._case.spawn(
            [*world.PYTHON, "-c", _BECOME, ",".join(map(str, fds)),
             f"{world.BIN}/drover", "run", *words], variables, pass_fds=fds)
        for fd in fds:
            os.close(fd)
        return world.Supervisor(self._case, process)


def _dup_high(fd):
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH)
