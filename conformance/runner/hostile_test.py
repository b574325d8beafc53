"""Whatever is put behind --, the runner comes to a verdict: no crash, no hang,
little memory, nothing left behind, and never a pass."""

import json
import os
import pathlib
import pty
import resource
import subprocess
import tempfile
import time
import unittest

RUNNER = "conformance/runner/drover-conformance"
PATIENCE = 120  # seconds
MEMORY_MAX = 200 * 1024  # kB, of the largest process
HASTE = ["--scale", "0.05"]
PYTHON = ["/usr/bin/python3", "-IS", "-c"]
MARK = "drover-hostile-child"

PROLOGUE = "import os, random, socket, subprocess, sys, time\n" \
           "s = socket.socket(fileno=int(os.environ['DROVER_FD']))\n"
# What a worker says first: major 1, its process id.
HELLO = "hello = b'\\x08\\x01'\n" \
        "body = bytes([82, len(hello)]) + hello\n" \
        "s.sendall(len(body).to_bytes(4, 'big') + body)\n"
WORKERS = {
    "random bytes": "s.sendall(random.randbytes(100000))\n",
    "random frames": HELLO + "s.recv(9999)\n"
                     "for _ in range(400):\n"
                     "  b = random.randbytes(random.randint(1, 60))\n"
                     "  s.sendall(len(b).to_bytes(4, 'big') + b)\n",
    "speaks something else": "s.sendall(b'Listening on port 8080\\n')\n"
                             "time.sleep(600)\n",
    # Progress, for ever.
    "flood": HELLO + "while True: s.sendall(b'\\0\\0\\0\\4\\x7a\\2\\x10\\1')\n",
    "half-close": HELLO + "s.shutdown(socket.SHUT_WR); time.sleep(60)\n",
    "stall": HELLO + "time.sleep(600)\n",
    "half a header": "s.sendall(b'\\0\\0'); time.sleep(600)\n",
    "many children": HELLO + "[os.fork() for _ in range(4)]\n"
                             "time.sleep(600)\n",
    "a child in a session of its own":
        HELLO + "subprocess.Popen(['sleep', '600', '" + MARK + "'],\n"
                "                 start_new_session=True)\n",
    "megabytes of output": "while True: print('x' * 100000)\n",
    "a terminal": "open('/dev/tty').read()\n",
}
# The worker's end is the puppet's, as its channel.
STAGE = "import os, random, socket, subprocess, time\n" \
        "s, theirs = socket.socketpair()\n" \
        "os.environ.update(DROVER_FD=str(theirs.fileno()),\n" \
        "                  DROVER_PROTOCOL='1')\n" \
        "p = subprocess.Popen([os.environ['CONFORMANCE_PUPPET'], '--puppet',\n" \
        "                      os.environ['CONFORMANCE_SOCKET']],\n" \
        "                     pass_fds=[theirs.fileno()])\n" \
        "theirs.close()\n"
SUPERVISORS = {
    "random bytes": "s.sendall(random.randbytes(100000))\ntime.sleep(600)\n",
    "flood": "while True: s.sendall(b'\\0\\0\\0\\4\\x72\\2\\x08\\1')\n",
    "stall": "time.sleep(600)\n",
    "half a header": "s.sendall(b'\\0\\0'); time.sleep(600)\n",
    "goes at once": "",
    "many workers": "[subprocess.Popen(p.args) for _ in range(50)]\n"
                    "time.sleep(600)\n",
    "megabytes of output": "while True: print('x' * 100000)\n",
}


def verdicts(report):
    return [case["verdict"] for case in json.loads(report)["cases"]]


def run(*words):
    return subprocess.run([RUNNER, *words], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)


def marked_processes():
    """Those whose command line has the mark."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if MARK.encode() in path.read_bytes().split(b"\0"):
                found.append(path)
        except OSError:  # it is gone
            pass
    return found


class HostileTest(unittest.TestCase):

    def check(self, done):
        found = verdicts(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("VERDICT_BROKEN", found)
        self.assertNotIn("VERDICT_PASS", found)
        self.assertEqual(marked_processes(), [])

    def worker(self, *command):
        return run(*HASTE, "--chapter", "LC", "--json", "-", "--", *command)

    def supervisor(self, *command):
        cases = [word for case in ("S-01", "S-04", "S-07", "S-28", "S-32")
                 for word in ("--case", case)]
        return run(*HASTE, "--mode", "supervisor", *cases, "--json", "-", "--",
                   *command)

    def test_programs_that_are_neither(self):
        for command in (["/nowhere/at-all"], ["/bin/true"], ["/bin/false"],
                        ["sleep", "1000"], ["yes"]):
            with self.subTest(command=command):
                self.check(self.worker(*command))
                self.check(self.supervisor(*command))

    def test_byzantine_workers(self):
        for name, script in WORKERS.items():
            with self.subTest(name=name):
                self.check(self.worker(*PYTHON, PROLOGUE + script))

    def test_byzantine_supervisors(self):
        for name, script in SUPERVISORS.items():
            with self.subTest(name=name):
                self.check(self.supervisor(*PYTHON, STAGE + script))

    def test_a_worker_that_reads_the_terminal_of_the_run(self):
        with tempfile.NamedTemporaryFile(suffix=".json") as report:
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(RUNNER, [RUNNER, *HASTE, "--chapter", "LC", "--json",
                                  report.name, "--", "cat", "/dev/tty"])
            deadline = time.monotonic() + PATIENCE
            while os.waitpid(pid, os.WNOHANG) == (0, 0):
                self.assertLess(time.monotonic(), deadline)
                try:
                    os.read(terminal, 65536)
                except OSError:  # the other side is gone
                    time.sleep(0.01)
            os.close(terminal)
            found = verdicts(report.read())
        self.assertEqual(set(found) - {"VERDICT_NOT_APPLICABLE"},
                         {"VERDICT_FAIL"})

    def test_bad_input_is_said_before_anything_runs(self):
        with tempfile.TemporaryDirectory() as directory:
            ran = pathlib.Path(directory, "ran")
            bad_list = pathlib.Path(directory, "list")
            bad_list.write_text("W-LC-01\nW-NO-01 # there is no such case\n",
                                encoding="ascii")
            for options in (["--case", "W-NO-01"], ["--json", "/nowhere/report"],
                            ["--html", directory],
                            ["--known-failing", "/nowhere/list"],
                            ["--known-flaky", str(bad_list)],
                            ["--chapter", "LC", "--skip", "W-*"],
                            ["--scale", "nothing"]):
                with self.subTest(options=options):
                    done = run(*options, "--", "touch", str(ran))
                    self.assertEqual(done.returncode, 2)
                    self.assertIn("drover-conformance: ", done.stderr)
                    self.assertEqual(done.stdout, "")
                    self.assertFalse(ran.exists())

    @classmethod
    def tearDownClass(cls):
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        assert used < MEMORY_MAX, f"{used} kB"


if __name__ == "__main__":
    unittest.main()
