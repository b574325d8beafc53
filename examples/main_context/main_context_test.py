"""The main context prints what the ancestor's does, restarts what is killed, and
ends gracefully."""

import os
import signal
import subprocess
import unittest

MAIN = "examples/main_context/main_context"
WORKER = "examples/minimal_c/minimal_worker"


def children(pid):
    """Processes that any thread of `pid` has started."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as f:
            found += [int(child) for child in f.read().split()]
    return sorted(found)


class MainContextTest(unittest.TestCase):

    def setUp(self):
        self.process = subprocess.Popen(
            [MAIN, WORKER], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True)
        self.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def block(self):
        """The lines up to the next ---."""
        lines = []
        for line in self.process.stdout:
            if line == "---\n":
                return lines
            lines.append(line.rstrip("\n"))
        self.fail("the main context ended: " + self.process.stderr.read())

    def test_states_restart_and_graceful_end(self):
        started = [f"[app-{slot}]: STARTED" for slot in range(4)]
        self.assertEqual(self.block(), started)
        before = children(self.process.pid)
        self.assertEqual(len(before), 4)
        os.kill(before[0], signal.SIGKILL)
        self.assertIn("killed by SIGKILL", self.process.stderr.readline())
        while self.block() != started:
            pass
        after = children(self.process.pid)
        self.assertEqual(len(set(before) & set(after)), 3)
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.process.wait(30), 0)
        for pid in after:
            self.assertFalse(os.path.exists(f"/proc/{pid}"), pid)


if __name__ == "__main__":
    unittest.main()
