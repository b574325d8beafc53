"""Faults of many kinds, drawn by a seed, on a supervisor with workers in three
languages under the strict load of the demo.

    bazel run //supervisor/chaos -- --seconds=600 --seed=1

After each action every pool must have its capacity again within a bound, and at
the end no request may have failed but on connections of workers that were
killed. Ends with a table; exits with 1 if anything did not hold.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
import unittest

from supervisor.chaos import faults, plan, pools, record, table
from supervisor.integration import disk, held, load, world
from supervisor.integration import upgrade_world as upgrades

# From an action to full capacity, seconds.
BOUND = 30.0
# What the rings of events and lines may come to, and the allocator beside them.
GROWTH_KB = 24 * 1024
# Descriptors of clients that come and go.
SLACK = 2

OPTIONS = argparse.Namespace(seconds=40.0, seed=1, rate=100.0, connections=32)


class Run(upgrades.Case):
    """One run. Faults know it as `run`, and its commands by `run.case`."""

    def setUp(self):
        super().setUp()
        self.case = self
        self.accept_logs = self.path("accepted")
        os.mkdir(self.accept_logs)
        self.counts = dict(pools.COUNTS)
        self.colours = {name: 0 for name in pools.COMMANDS}
        self.release = upgrades.SAME
        self.table = table.Table()
        self.violations = []
        self.base = self.last_size = None
        self.disk = self.mount()

    def mount(self):
        """The disk for files of lines; None where none can be mounted."""
        os.mkdir(self.path("disk"))
        try:
            mounted = disk.Disk(self.path("disk"))
        except disk.CannotMount as why:
            print(f"MISSING a disk that falls ill ({why.strerror}): it does "
                  "not hang and is not full", flush=True)
            return None
        self.addCleanup(mounted.close)
        return mounted

    def file(self):
        return self.config(*pools.of(
            self.counts, self.colours, self.disk and self.disk.path))

    def begin(self):
        self.supervisor = held.start(
            self, "-f", self.file(),
            environment={"DROVER_HOLDER_HEALTHY": "0"})
        self.supervisor.ready(*self.counts).found()
        self.record = record.Record(self)
        self.loads = {
            pool["name"]: load.Load(self, self.port(pool), OPTIONS.rate,
                                    OPTIONS.connections, self.accept_logs)
            for pool in self.status()["pools"] if pool["name"] in self.colours}

    def port(self, pool):
        return int(pool["listeners"][0]["address"].rpartition(":")[2])

    # What faults use.

    def excuse(self, pool, pid):
        self.loads[pool].killed(pid)

    def change(self, *words):
        """A command that waits its turn behind a hasty one's operation."""
        deadline = time.monotonic() + BOUND
        while (answer := self.drover(*words, code=None)).code == 6:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        self.assertEqual(answer.code, 0, answer)

    def await_capacity(self):
        deadline = time.monotonic() + BOUND
        while missing := self.missing():
            if time.monotonic() > deadline:
                raise AssertionError(f"after {BOUND} s: {missing}")
            time.sleep(0.05)

    # Checks.

    def missing(self):
        """What there is not of what there ought to be; empty if nothing."""
        answer = self.drover("status", code=None)
        if answer.code != 0:
            return str(answer)
        status = answer.last
        found = {pool["name"]: (pool["state"], pool.get("ready", 0))
                 for pool in status["pools"]}
        wanted = {name: ("POOL_STATE_RUNNING", count)
                  for name, count in self.counts.items()}
        if found != wanted:
            return f"pools {found}, not {wanted}"
        slots = sorted((worker["id"]["pool"], worker["id"].get("slot", 0))
                       for worker in status["workers"])
        each = sorted((name, slot) for name, count in self.counts.items()
                      for slot in range(count))
        return "" if slots == each else f"slots {slots}"

    def size(self):
        """(descriptors, resident kB) of the supervisor."""
        with open(f"/proc/{self.supervisor.pid}/status",
                  encoding="ascii") as file:
            rss, = (int(line.split()[1]) for line in file
                    if line.startswith("VmRSS"))
        return len(upgrades.descriptors(self.supervisor.pid)), rss

    def check_size(self):
        """Back to what it was, where as many workers run as at first."""
        if sum(self.counts.values()) != sum(pools.COUNTS.values()):
            return
        self.base = self.base or self.size()
        deadline = time.monotonic() + BOUND
        while ((now := self.size())[0] > self.base[0] + SLACK
               or now[1] > self.base[1] + GROWTH_KB):
            if time.monotonic() > deadline:
                raise AssertionError(f"descriptors, kB: {self.base} -> {now}")
            time.sleep(0.1)
        self.last_size = now

    # The run.

    def act(self, number, action):
        print(f"{time.monotonic() - self.began:6.1f} s  {number:3}  "
              f"{action.kind}  ({action.pool})"
              f"{' and on' if action.hasty else ''}", flush=True)
        for traffic in self.loads.values():
            traffic.mark(action.kind)
        begin = time.monotonic()
        faults.OF[action.kind](self, action)
        if not action.hasty:
            self.await_capacity()
            self.check_size()
        self.table.did(action.kind, time.monotonic() - begin)
        self.record.take()
        # What the noisy one has written is read, and forgotten.
        self.supervisor.output.ready()
        self.supervisor.output.seen.clear()

    def all_actions(self):
        for number, action in enumerate(plan.actions(OPTIONS.seed), 1):
            if action.kind in faults.OF_THE_DISK and not self.disk:
                self.table.left_out(action.kind)
                continue
            time.sleep(action.pause)
            if time.monotonic() - self.began > OPTIONS.seconds:
                return
            try:
                self.act(number, action)
            except (AssertionError, OSError, LookupError,
                    subprocess.SubprocessError) as problem:
                self.violations.append(
                    f"action {number} ({action.kind}): {problem!r}")
                return  # what comes after would tell of this one

    def back_to_the_beginning(self):
        """As many workers as at first: so is the size to be."""
        self.counts = dict(pools.COUNTS)
        self.change("apply", "-f", self.file())
        self.await_capacity()
        self.check_size()

    def kill_holder(self):
        """Last: nobody starts it again. All goes on without it."""
        for traffic in self.loads.values():
            traffic.mark("kill holder")
        os.kill(self.supervisor.holder, signal.SIGKILL)
        self.supervisor.lines.until("does not hear it any more")
        self.await_capacity()
        time.sleep(1)
        self.table.did("kill holder", 0)

    def end(self):
        for name, traffic in self.loads.items():
            self.table.add(name, traffic.end())
        self.record.take()
        self.record.close()
        self.drover("shutdown")
        self.supervisor.process.wait(world.PATIENCE)
        world.await_orphans()

    def test_chaos(self):
        self.begin()
        self.await_capacity()
        self.check_size()
        self.began = time.monotonic()
        self.all_actions()
        try:
            if not self.violations:
                self.back_to_the_beginning()
                self.kill_holder()
            self.end()
        finally:
            self.violations += self.record.violations
            self.table.show()
            self.tell()
        self.assertEqual(self.violations, [])
        self.assertEqual(self.table.failures, [])

    def tell(self):
        print(f"{self.record.exits} ends of workers told; descriptors, kB: "
              f"{self.base} -> {self.last_size}")
        for violation in [*self.violations, *self.table.failures]:
            print(f"VIOLATED: {violation}")
        print(f"seed {OPTIONS.seed}, {OPTIONS.seconds:.0f} s; the same plan "
              f"again: make chaos SECONDS={OPTIONS.seconds:.0f} "
              f"SEED={OPTIONS.seed}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=OPTIONS.seconds)
    parser.add_argument("--seed", type=int, default=OPTIONS.seed)
    parser.add_argument("--rate", type=float, default=OPTIONS.rate,
                        help="requests a second to each pool")
    parser.add_argument("--connections", type=int,
                        default=OPTIONS.connections, help="to each pool")
    parser.parse_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
