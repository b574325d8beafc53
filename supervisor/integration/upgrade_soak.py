"""Upgrades, one after another, under a strict load: to the other release and
back. No request may fail, no worker may change, nothing may grow.

    upgrade_soak.py [--upgrades N] [--rate REQUESTS_A_SECOND]
"""

import argparse
import os
import sys
import time
import unittest

from supervisor.integration import load, world
from supervisor.integration import upgrade_world as upgrades

WORKER = os.path.abspath("examples/http_cpp/http_worker")
WORKERS = 4
# So many upgrades first: the rings of events and lines are empty before.
WARM = 5
# What the rings may come to, and the allocator beside them.
GROWTH_KB = 8 * 1024

OPTIONS = argparse.Namespace(upgrades=25, rate=300.0, connections=64)


class Soak(upgrades.Case):

    def figures(self):
        """Of the supervisor, while its gateway answers."""
        self.status()
        with open(f"/proc/{self.supervisor.pid}/status",
                  encoding="ascii") as file:
            rss, = (int(line.split()[1]) for line in file
                    if line.startswith("VmRSS"))
        return len(upgrades.descriptors(self.supervisor.pid)), rss

    def upgrade_once(self, number):
        begin = time.monotonic()
        done = self.expect_upgrade(
            upgrades.NEXT if number % 2 == 0 else upgrades.SAME)
        self.assertEqual(done["number"], number + 1)
        self.took.append(time.monotonic() - begin)

    def expect_no_gap(self, events):
        """The watcher that was there from the beginning has had everything."""
        def last(event):
            upgrade = event.get("upgrade_changed", {}).get("upgrade", {})
            return (upgrade.get("number") == OPTIONS.upgrades
                    and upgrade["state"] == upgrades.SUCCEEDED)
        events.until(last)
        numbers = [int(event["token"].rpartition(".")[2])
                   for event in events.seen]
        self.assertEqual(numbers, list(range(numbers[0], numbers[-1] + 1)))

    def test_upgrades_under_load(self):
        self.took = []
        self.supervisor = self.start(world.pool(
            "web", [WORKER], count=WORKERS,
            environment={"RESPONSE": "hello"},
            listeners=[{"name": "http", "address": "tcp://127.0.0.1:0"}]))
        status = self.status()
        pids = self.pids("web")
        address = status["pools"][0]["listeners"][0]["address"]
        events = self.watch()
        traffic = load.Load(self, int(address.rpartition(":")[2]),
                            OPTIONS.rate, OPTIONS.connections)
        for number in range(WARM):
            self.upgrade_once(number)
        before = self.figures()
        for number in range(WARM, OPTIONS.upgrades):
            self.upgrade_once(number)
        after = self.figures()
        report = traffic.end()
        self.show(report, before, after)
        self.assertEqual(report["failed"], 0, report["failures"])
        self.assertGreater(report["sent"], 0)
        self.assertEqual(self.pids("web"), pids)
        self.assertEqual(after[0], before[0], "descriptors")
        self.assertLess(after[1], before[1] + GROWTH_KB, "resident kB")
        self.expect_no_gap(events)
        info = self.supervisor_info()
        self.assertEqual(info["upgrades"], OPTIONS.upgrades)
        self.shut_down(self.supervisor)

    def show(self, report, before, after):
        took = sorted(self.took)
        steps = report["steps"]
        print(f"upgrades {OPTIONS.upgrades}  requests {report['sent']}  "
              f"failed {report['failed']}  "
              f"p50 {steps[-1]['p50_ms']:.1f} ms  "
              f"p99 {steps[-1]['p99_ms']:.1f} ms\n"
              f"drover upgrade: median {took[len(took) // 2] * 1000:.0f} ms, "
              f"longest {took[-1] * 1000:.0f} ms\n"
              f"descriptors {before[0]} -> {after[0]}, resident "
              f"{before[1]} -> {after[1]} kB", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--upgrades", type=int, default=OPTIONS.upgrades)
    parser.add_argument("--rate", type=float, default=OPTIONS.rate)
    parser.add_argument("--connections", type=int,
                        default=OPTIONS.connections)
    parser.parse_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1])


if __name__ == "__main__":
    main()
