"""Every step of the upgrade fails once, in each way: one of the two programs
goes on with the same workers. A SIGKILL is nothing that a program can mend, and
the holder's part (upgrade_killed_test.py).

The failing release is both programs: what fails is where the variable
DROVER_FAILPOINT of the supervisor's environment points.
"""

import os
import signal
import unittest

from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

WEB = world.pool("web", world.unruly(), count=2)

# In the program that is asked, and what is said of it.
ASKED = {
    "check": "asked whether it can take over",
    "check-answering": "asked whether it can take over",
}
# In the program that goes: from where on it can be executed again.
GOING = {"old-armed": "while handing over"}
# In the program that comes.
COMING = {
    "new-guarded": "while beginning",
    "new-before-reading": "while reading the state",
    "new-read": "while looking at the descriptors",
    "new-verified": "while looking at the descriptors",
    "new-core-read": "while taking over",
    "new-taken-over": "while taking over",
}


class UpgradeFailpointTest(upgrades.Case):

    def fail_at(self, point, words):
        supervisor = self.run_supervisor_by(
            f"{world.BIN}/drover-supervisor", WEB,
            environment={"DROVER_FAILPOINT": point})
        pids = self.pids("web")
        upgrade = self.expect_failure(upgrades.FAILING, *words)
        self.assertEqual(self.pids("web"), pids)
        info = self.supervisor_info()
        self.assertEqual(info["pid"], supervisor.pid)
        self.assertEqual(info.get("upgrades", 0), 0)
        self.assertEqual(info["last_upgrade"], upgrade)
        self.assertEqual(os.readlink(f"/proc/{supervisor.pid}/exe"),
                         os.path.realpath(upgrades.SAME))
        # It is none the worse.
        self.drover("restart", "web/1")
        self.expect_upgrade(upgrades.NEXT)
        os.kill(supervisor.pid, signal.SIGTERM)
        supervisor.end(0)

    def fail_going(self, point, words):
        supervisor = self.run_supervisor_by(
            upgrades.FAILING, WEB, environment={"DROVER_FAILPOINT": point})
        pids = self.pids("web")
        self.expect_failure(upgrades.SAME, *words)
        self.assertEqual(self.pids("web"), pids)
        self.drover("restart", "web/1")
        os.kill(supervisor.pid, signal.SIGTERM)
        supervisor.end(0)


    def test_beside_another_upgrade(self):
        supervisor = self.run_supervisor_by(
            f"{world.BIN}/drover-supervisor", WEB,
            environment={"DROVER_FAILPOINT": "check=hang"})
        first = self.spawn([f"{world.BIN}/drover", "upgrade", "--binary",
                            upgrades.FAILING])
        world.Lines(first.stdout).until("asks")
        error = self.drover("upgrade", code=6).error
        self.assertEqual(error["reason"], "UPGRADE_RUNNING")
        os.kill(supervisor.pid, signal.SIGUSR2)
        supervisor.lines.until("is under way")
        self.assertEqual(first.wait(world.PATIENCE), 1)
        os.kill(supervisor.pid, signal.SIGTERM)
        supervisor.end(0)


def add(method, point, way, *words):
    def test(self):
        getattr(self, method)(f"{point}={way}", words)
    name = f"test_{point}_{way}".replace("-", "_")
    setattr(UpgradeFailpointTest, name, test)


for _point, _words in ASKED.items():
    add("fail_at", _point, "abort", _words, "it crashed (signal 6)")
    add("fail_at", _point, "kill", _words, "it crashed (signal 9)")
    add("fail_at", _point, "hang", "did not answer within 10s")
for _point, _words in COMING.items():
    add("fail_at", _point, "abort", f"it crashed (SIGABRT) {_words}")
    add("fail_at", _point, "segv", f"it crashed (SIGSEGV) {_words}")
    add("fail_at", _point, "hang", f"it hung {_words}")
for _point, _words in GOING.items():
    add("fail_going", _point, "abort", f"it crashed (SIGABRT) {_words}")
    add("fail_going", _point, "hang", f"it hung {_words}")


if __name__ == "__main__":
    unittest.main()
