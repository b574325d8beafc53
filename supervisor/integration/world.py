"""A supervisor with its workers, as a user has it: `drover run` and the other
commands in a directory of their own, and a test that waits for what it is told.

Everything that is waited for has the deadline PATIENCE. At the end of a test
nothing that it started may be left: no process, no socket.
"""

import ctypes
import itertools
import json
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

BIN = os.path.abspath("supervisor/bin")
UNRULY = os.path.abspath("supervisor/integration/unruly.py")
PYTHON = ["/usr/bin/python3", "-IS"]
# Longer than anything takes that works, on however busy a machine.
PATIENCE = 60.0

_PR_SET_CHILD_SUBREAPER = 36


def _adopt_orphans():
    """What outlives its parent becomes a child of this process, which so knows
    of everything that its runs have left behind."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl")


def unruly(fault="none"):
    """The command of a worker with a fault."""
    return PYTHON + [UNRULY, fault]


def shell(script):
    return ["/bin/sh", "-c", script]


def pool(name, command, **fields):
    return {"name": name, "command": command, **fields}


# Ends are left as they are, so that a test can look at them.
LEAVE = {"on_external_signal": "leave", "on_abnormal_exit": "leave",
         "on_normal_exit": "leave", "on_start_failure": "leave",
         "on_unresponsive": "leave"}


class Lines:
    """The lines of a pipe, as they come."""

    def __init__(self, pipe):
        self.seen = []  # all that were handed out
        self._queue = queue.Queue()
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        with self._pipe:
            for line in self._pipe:
                self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def next(self):
        """The next line; None at the end."""
        try:
            line = self._queue.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(
                f"silent for {PATIENCE} s after {self.seen[-20:]}") from None
        if line is None:
            self._queue.put(None)
        else:
            self.seen.append(line)
        return line

    def ready(self):
        """The lines that are there; waits for none."""
        lines = []
        while not self._queue.empty() and (line := self.next()) is not None:
            lines.append(line)
        return lines

    def until(self, *texts):
        """The first line that has one of them in it."""
        while (line := self.next()) is not None:
            if any(text in line for text in texts):
                return line
        raise AssertionError(f"ended without {texts}: {self.seen[-20:]}")

    def each(self, *texts):
        """The first line with each of them in it, in whatever order they
        come."""
        found = {}
        while missing := [text for text in texts if text not in found]:
            line = self.until(*missing)
            found.update((text, line) for text in missing if text in line)
        return [found[text] for text in texts]

    def rest(self):
        """All lines up to the end, those before included."""
        while self.next() is not None:
            pass
        return self.seen


class Answer:
    """What a command of drover's came to."""

    def __init__(self, words, done):
        self.words = " ".join(words)
        self.code = done.returncode
        self.text = done.stdout
        self.errors = done.stderr

    @property
    def answers(self):
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def last(self):
        return self.answers[-1]

    @property
    def error(self):
        return json.loads(self.errors.splitlines()[-1])["error"]

    def __str__(self):
        return f"drover {self.words}: {self.code}\n{self.text}{self.errors}"


class Events:
    """`drover watch`, from a snapshot on."""

    def __init__(self, process):
        self._process = process
        self._lines = Lines(process.stdout)
        self.snapshot = json.loads(self._lines.next())["snapshot"]
        self.seen = []

    def __iter__(self):
        while (line := self._lines.next()) is not None:
            event = json.loads(line).get("event")
            if event is not None:
                self.seen.append(event)
                yield event

    def ready(self):
        """The events that have come since; waits for none."""
        lines = map(json.loads, self._lines.ready())
        events = [line["event"] for line in lines if "event" in line]
        self.seen += events
        return events

    def until(self, wanted):
        """The first event, seen already or to come, for which wanted(event) is
        true; what that returns."""
        for event in itertools.chain(list(self.seen), self):
            if found := wanted(event):
                return found
        raise AssertionError(f"the events ended: {self.seen[-3:]}")

    def exit_of(self, pool_name, slot=0):
        def wanted(event):
            exited = event.get("worker_exited")
            if exited is None:
                return None
            worker = exited["exit"]["worker"]
            here = worker["pool"] == pool_name and worker["slot"] == slot
            return exited["exit"] if here else None
        return self.until(wanted)

    def text(self):
        return "\n".join(self._lines.seen)

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(PATIENCE)
        return self._lines.rest()


class Supervisor:
    """A running `drover run`."""

    def __init__(self, case, process):
        self._case = case
        self.process = process
        self.pid = process.pid
        self.lines = Lines(process.stderr)
        self.output = Lines(process.stdout)

    def ready(self, *pools):
        """Waits until these pools run."""
        self.lines.each(*[f"pool {name} RUNNING" for name in pools])
        return self

    def children(self):
        """{pid: name} of the processes whose parent it is."""
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        with open(path, encoding="ascii") as file:
            return {int(pid): name_of(int(pid)) for pid in file.read().split()}

    def gateway(self):
        for pid, name in self.children().items():
            if name.startswith("drover-gateway"):
                return pid
        raise AssertionError(f"no gateway in {self.children()}")

    def end(self, code=0):
        """Waits for its end, and returns all that it said."""
        self._case.assertEqual(self.process.wait(PATIENCE), code,
                               self.lines.rest())
        return self.lines.rest()


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def state_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


def await_state(pid, state):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (now := state_of(pid)) == state:
            return
        time.sleep(0.01)
    raise AssertionError(f"{pid} is {now}, not {state}")


class Case(unittest.TestCase):
    """A test with a directory, in which supervisors run."""

    maxDiff = None

    def setUp(self):
        _adopt_orphans()
        # Others than root have to get through to a socket in it.
        self.directory = tempfile.mkdtemp(prefix="dit-", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.addCleanup(shutil.rmtree, self.directory)
        self.socket = self.path("admin.sock")
        self._processes = []
        self.addCleanup(self._nothing_is_left)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        mode = "wb" if isinstance(text, bytes) else "w"
        with open(self.path(name), mode) as file:
            file.write(text)
        return self.path(name)

    def pipe(self, name):
        """The path of a pipe for workers to read, and what writes a line to it.
        It is open for as long as the test: neither side waits for the other
        to open it."""
        os.mkfifo(self.path(name))
        fd = os.open(self.path(name), os.O_RDWR | os.O_CLOEXEC)
        self.addCleanup(os.close, fd)
        return self.path(name), lambda line: os.write(fd, f"{line}\n".encode())

    def config(self, *pools, name="drover.json", supervisor=None, **admin):
        """Writes a configuration and returns its path."""
        body = {"supervisor": {"admin": {"socket": self.socket, **admin},
                               **(supervisor or {})},
                "pools": list(pools)}
        return self.write(name, json.dumps(body, indent=1))

    def environment(self, more=None):
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("DROVER_")}
        return {**kept, "DROVER_SOCKET": self.socket, **(more or {})}

    def spawn(self, words, environment=None, **options):
        """A process of this test, ended with it if need be."""
        process = subprocess.Popen(
            words, env=self.environment(environment), text=True,
            stdin=options.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE,
            stderr=options.pop("stderr", subprocess.PIPE),
            errors="backslashreplace", **options)
        self._processes.append(process)
        return process

    def run_supervisor(self, *words, environment=None, **options):
        return Supervisor(self, self.spawn(
            [f"{BIN}/drover", "run", *words], environment, **options))

    def start(self, *pools, **fields):
        """A supervisor with these pools, all of them RUNNING."""
        supervisor = self.run_supervisor("-f", self.config(*pools, **fields))
        return supervisor.ready(*[p["name"] for p in pools])

    def drover(self, *words, code=0, json_output=True, **options):
        """Runs a command to its end, which must be that exit code."""
        more = ["--output", "json"] if json_output else []
        done = subprocess.run(
            [f"{BIN}/drover", *words, *more], env=self.environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE, check=False, **options)
        answer = Answer(words, done)
        if code is not None:
            self.assertEqual(answer.code, code, answer)
        return answer

    def status(self):
        return self.drover("status").last

    def workers(self, pool_name):
        return [w for w in self.status()["workers"]
                if w["id"]["pool"] == pool_name]

    def pids(self, pool_name):
        return [worker["pid"] for worker in self.workers(pool_name)]

    def watch(self, *words):
        events = Events(self.spawn(
            [f"{BIN}/drover", "watch", *words, "--output", "json"],
            stderr=None))
        self.addCleanup(events.close)
        return events

    def until_status(self, wanted):
        """Waits, by the events, until wanted(status) is true."""
        events = self.watch()
        while not (found := wanted(status := self.status())):
            if next(iter(events), None) is None:
                raise AssertionError(f"the events ended: {status}")
        events.close()
        return found

    def shut_down(self, supervisor, code=0):
        """Ends it as a user would; nothing of it may be left then."""
        self.drover("shutdown")
        lines = supervisor.end(code)
        self.assertFalse(os.path.exists(self.socket), "the socket is left")
        return lines

    def _nothing_is_left(self):
        """Ends what a failed test has left behind, and fails if something was
        that ought to have ended by itself."""
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        for process in self._processes:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(PATIENCE)
        self.assertEqual(_end_orphans(), [], "left running")


def _end_orphans():
    """The names of the processes that outlive all that this test started;
    they are killed."""
    left = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] != 0:
                continue
        except ChildProcessError:
            return left
        for pid in _children():
            left.append(f"{pid} {name_of(pid)}")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    raise AssertionError(f"cannot be ended: {left}")


def _children():
    found = []
    for task in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{task}/children",
                      encoding="ascii") as file:
                found += [int(pid) for pid in file.read().split()]
        except FileNotFoundError:  # a thread that has ended meanwhile
            pass
    return found


def await_orphans():
    """Waits until what has lost its parent has ended, as after the death of a
    supervisor. Processes that a test itself started must have ended before."""
    def late(*_):
        raise AssertionError(f"still there: {[*map(name_of, _children())]}")
    former = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
