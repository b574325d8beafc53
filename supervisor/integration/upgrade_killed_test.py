"""A SIGKILL at every step of the upgrade, below a holder: what no program can
mend is a crash like any other. A successor starts on the same sockets, with
full capacity, and says what was lost; no connection is refused meanwhile.
"""

import os
import unittest

from supervisor.integration import held, load
from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

WORKER = os.path.abspath("examples/http_cpp/http_worker")
COUNT = 3
RATE, CONNECTIONS = 200.0, 16

# In the program that goes.
GOING = ("old-before-writing", "old-written", "old-armed")
# In the program that comes.
COMING = ("new-guarded", "new-before-reading", "new-read", "new-verified",
          "new-core-read", "new-taken-over")


class UpgradeKilledTest(upgrades.Case):

    def hold(self, point):
        self.supervisor = held.start(
            self, "-f", self.config(world.pool(
                "web", [WORKER], count=COUNT,
                environment={"RESPONSE": "hello"},
                listeners=[{"name": "http", "address": "tcp://127.0.0.1:0"}],
                timeouts={"loss": "10s"})),
            environment={"DROVER_FAILPOINT": f"{point}=kill",
                         "DROVER_HOLDER_HEALTHY": "0"}).ready("web").found()
        address, = self.status()["pools"][0]["listeners"]
        self.port = int(address["address"].rpartition(":")[2])

    def be_killed(self, binary):
        """In an upgrade; its command and its watcher see the end of it."""
        before = self.status()["workers"]
        command = self.spawn([f"{world.BIN}/drover", "upgrade", "--binary",
                              binary, "--output", "json"])
        former = self.supervisor.pid
        self.supervisor.lines.until(f"(pid {former}) was ended by SIGKILL")
        self.supervisor.lines.until(
            f"was killed by SIGKILL; {COUNT} workers lost it")
        self.supervisor.ready("web").found()
        self.assertNotEqual(command.wait(world.PATIENCE), 0)
        self.expect_told(former, before)

    def expect_told(self, former, before):
        told = self.status()["supervisor"]["predecessor"]
        self.assertEqual((told["pid"], told["ended_by"], told["workers_lost"]),
                         (former, "SIGKILL", COUNT))
        self.assertEqual([worker["pid"] for worker in told["workers"]],
                         [worker["pid"] for worker in before])
        self.told = told

    def expect_whole(self):
        """As many workers as there ought to be, each slot one, all new, and all
        of them the children of the supervisor that runs."""
        status = self.status()
        self.assertEqual(status["supervisor"]["pid"], self.supervisor.pid)
        self.assertEqual(status["pools"][0]["ready"], COUNT)
        self.assertEqual([worker["id"]["slot"] for worker in status["workers"]],
                         list(range(COUNT)))
        own = {pid for pid, name in self.supervisor.children().items()
               if name.startswith("http_worker")}
        self.assertEqual(own, {worker["pid"] for worker in status["workers"]})
        lost = {worker["pid"] for worker in self.told["workers"]}
        self.assertFalse(own & lost)

    def expect_none_the_worse(self):
        self.expect_upgrade(upgrades.NEXT)
        self.expect_whole()
        # What was lost is still known.
        self.assertEqual(self.status()["supervisor"]["predecessor"], self.told)

    def kill_at(self, point, before=None, binary=upgrades.FAILING):
        self.hold(point)
        if before:
            self.expect_upgrade(before)
        traffic = load.Load(self, self.port, RATE, CONNECTIONS)
        traffic.mark(point)
        self.be_killed(binary)
        self.expect_whole()
        self.expect_none_the_worse()
        report = traffic.end()
        self.assertEqual(report["failed"], 0, report["failures"])
        self.assertGreater(report["sent"], 0)
        self.shut_down(self.supervisor)
        world.await_orphans()


def add(point, **how):
    def test(self):
        self.kill_at(point, **how)
    setattr(UpgradeKilledTest, f"test_{point}".replace("-", "_"), test)


for _point in GOING:
    add(_point, before=upgrades.FAILING, binary=upgrades.SAME)
for _point in COMING:
    add(_point)


if __name__ == "__main__":
    unittest.main()
