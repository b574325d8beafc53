"""The supervisor is killed again and again, at moments that a seed chooses,
under the strict load of the demo: no request may be lost.

    bazel run //supervisor/integration:crash_soak -- --kills=200 --seed=1

It runs below a holder. Each kill comes at a random moment of a phase: while all
is quiet, while its successor starts, during a reload, a scale, a restart, an
upgrade in place. After each the pool must have its full capacity again, no
slot two workers of the supervisor that runs, and no identity may come twice.
At the end there are kills on the way down, each of a supervisor of its own:
nothing may be left of them.

Exits with 1 if anything of that did not hold, and prints the plan that the seed
has made with the failure.
"""

import argparse
import os
import random
import select
import signal
import sys
import time
import unittest

from supervisor.integration import held, load, world

WORKER = os.path.abspath("examples/http_cpp/http_worker")
COUNT = 4
# Of the kills, those on the way down, which end what they belong to.
DOWN_PART = 0.1


class Soak(world.Case):
    """One run; its options are class attributes."""

    kills = 12
    seed = 1
    rate = 300

    def file(self):
        logs = self.path("accepted")
        os.makedirs(logs, exist_ok=True)
        return self.config(world.pool(
            "web", [WORKER], count=COUNT,
            listeners=[{"name": "http", "address": "tcp://127.0.0.1:0"}],
            environment={"ACCEPT_LOG_DIR": logs, "RESPONSE": "hello"},
            reload={"max_surge": "2"},
            timeouts={"start": "30s", "stop": "30s"}))

    def hold(self):
        return held.start(
            self, "-f", self.file(),
            environment={"DROVER_HOLDER_HEALTHY": "0"}).ready("web").found()

    def port(self):
        address = self.status()["pools"][0]["listeners"][0]["address"]
        return int(address.rsplit(":", 1)[1])

    def detached(self, *words):
        """A command whose supervisor may die under it."""
        self.drover(*words, "--detach", code=None)

    def pause(self, seconds):
        select.select([], [], [], seconds)

    # Phases: each returns when the kill is due.

    def quiet(self, chance):
        self.pause(chance.uniform(0, 0.3))

    def starting(self, chance):
        """The successor of one that was killed just before."""
        former = self.supervisor.pid
        os.kill(former, signal.SIGKILL)
        self.supervisor.lines.until(f"(pid {former}) was ended by SIGKILL")
        self.pause(chance.uniform(0, 0.2))
        self.supervisor.pid = self.running()

    def running(self):
        """The supervisor that runs now, or is about to."""
        deadline = time.monotonic() + world.PATIENCE
        while time.monotonic() < deadline:
            try:
                return held.supervisor_of(self.supervisor.holder)
            except AssertionError:
                self.pause(0.005)
        raise AssertionError("no supervisor")

    def reload(self, chance):
        self.detached("reload", "web")
        self.pause(chance.uniform(0, 0.5))

    def scale(self, chance):
        self.count = chance.randint(2, COUNT * 2)
        self.detached("scale", "web", str(self.count))
        self.pause(chance.uniform(0, 0.3))

    def restart(self, chance):
        self.detached("restart", f"web/{chance.randint(0, 1)}")
        self.pause(chance.uniform(0, 0.3))

    def upgrade(self, chance):
        self.supervisor.process.send_signal(signal.SIGUSR2)
        self.pause(chance.uniform(0, 0.4))

    PHASES = ("quiet", "starting", "reload", "scale", "restart", "upgrade")

    def kill(self, number, phase, chance):
        getattr(self, phase)(chance)
        former = self.supervisor.pid
        killed = time.monotonic()
        os.kill(former, signal.SIGKILL)
        self.supervisor.lines.until(f"(pid {former}) was ended by SIGKILL")
        self.supervisor.lines.until("pool web RUNNING")
        self.back.append(time.monotonic() - killed)
        self.supervisor.found()
        self.check(number, phase)

    def check(self, number, phase):
        what = f"kill {number} ({phase})"
        status = self.status()
        pool, = status["pools"]
        self.assertEqual(pool["ready"], pool["count"], what)
        if phase != "scale":
            self.assertEqual(pool["count"], self.known_count, what)
        self.known_count = pool["count"]
        slots = [worker["id"]["slot"] for worker in status["workers"]]
        self.assertEqual(sorted(slots), list(range(pool["count"])), what)
        identities = {int(worker["id"]["incarnation"])
                      for worker in status["workers"]}
        self.assertGreater(min(identities), self.last_identity, what)
        self.last_identity = max(identities)
        own = [pid for pid, name in self.supervisor.children().items()
               if name.startswith("http_worker")]
        self.assertEqual(sorted(own), sorted(
            worker["pid"] for worker in status["workers"]), what)
        self.assertIn("predecessor", status["supervisor"], what)

    def test_crashes(self):
        chance = random.Random(self.seed)
        down = max(2, round(self.kills * DOWN_PART))
        plan = [chance.choice(self.PHASES) for _ in range(self.kills - down)]
        self.back = []
        self.count = self.known_count = COUNT
        self.last_identity = 0
        self.supervisor = self.hold()
        traffic = load.Load(self, self.port(), self.rate, 96,
                            self.path("accepted"))
        fds = len(os.listdir(f"/proc/{self.supervisor.holder}/fd"))
        for number, phase in enumerate(plan):
            traffic.mark(phase)
            with self.subTest(seed=self.seed, number=number, phase=phase):
                self.kill(number, phase, chance)
        self.assertLessEqual(
            len(os.listdir(f"/proc/{self.supervisor.holder}/fd")), fds + 2)
        report = traffic.end()
        self.shut_down(self.supervisor)
        world.await_orphans()
        self.kills_on_the_way_down(down, chance)
        self.tell(plan, down, report)
        self.assertEqual(report["failures"], [])
        self.assertEqual(report["failed"], 0)

    def kills_on_the_way_down(self, number, chance):
        for _ in range(number):
            supervisor = self.hold()
            self.drover("shutdown", "--detach", code=None)
            self.pause(chance.uniform(0, 0.05))
            try:
                os.kill(supervisor.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it was faster
            code = supervisor.process.wait(world.PATIENCE)
            self.assertIn(code, (0, 128 + signal.SIGKILL),
                          supervisor.lines.rest())
            world.await_orphans()

    def tell(self, plan, down, report):
        back = sorted(self.back)
        print(f"seed {self.seed}: {len(plan)} kills "
              f"({', '.join(f'{plan.count(p)} {p}' for p in self.PHASES)}) "
              f"and {down} on the way down; {report['sent']} requests, "
              f"{report['failed']} failed; full capacity again after "
              f"{back[len(back) // 2]:.2f} s (median), {back[-1]:.2f} s (most)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=300)
    options = parser.parse_args()
    Soak.kills, Soak.seed, Soak.rate = options.kills, options.seed, options.rate
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(Soak)
    result = unittest.TextTestRunner().run(suite)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
