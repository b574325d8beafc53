"""One worker's fault costs no other pool's commands time: the same commands,
with an unruly worker beside them and without."""

import statistics
import time
import unittest

from supervisor.integration import reflection_client
from supervisor.integration import world

ROUNDS = 15
# Again and again, at once, for as long as the test lasts.
AGAIN = {"max_restarts": 100000,
         "backoff": {"initial": "0s", "max": "0s", "jitter": 0}}


class CalmTest(world.Case):

    def setUp(self):
        super().setUp()
        self.good = world.pool("good", world.unruly())
        self.supervisor = self.start(self.good)
        self.client = reflection_client.AdminClient(
            "unix:" + self.socket, world.PATIENCE)
        self.client.__enter__()
        self.addCleanup(self.client.__exit__)

    def command(self, name):
        """How long a command takes that the worker itself has to answer."""
        began = time.monotonic()
        (*_, last) = self.client.call(name, {"pool": "good"})
        self.assertEqual(last["state"], "OPERATION_STATE_SUCCEEDED")
        return time.monotonic() - began

    def typical(self):
        return statistics.median(
            self.command(name) for _ in range(ROUNDS)
            for name in ("StopPool", "StartPool"))

    def beside(self, *bad, until):
        """The time without and with these pools, once `until` of them was
        seen to go wrong."""
        alone = self.typical()
        events = self.watch()
        process = self.spawn([f"{world.BIN}/drover", "apply", "-f",
                              self.config(self.good, *bad)])
        if until is not None:
            events.until(until)
        beside = self.typical()
        self.assertLess(beside, alone + 0.1)
        process.communicate()
        (*_, done) = self.client.call("Shutdown", {"hard": True})
        self.assertEqual(done["kind"], "OPERATION_KIND_SHUTDOWN")
        self.supervisor.end(0)

    def exited(self, cause):
        def wanted(event):
            exited = event.get("worker_exited")
            return exited and exited["exit"]["cause"].endswith(cause)
        return wanted

    def test_floods_of_frames(self):
        self.beside(world.pool("bad", world.unruly("flood"), restart=AGAIN),
                    until=self.exited("VIOLATION"))

    def test_one_that_reads_nothing(self):
        self.beside(world.pool("bad", world.unruly("asks"), restart=AGAIN),
                    until=self.exited("QUEUE_FULL"))

    def test_crashes_without_end(self):
        self.beside(world.pool("bad", world.shell("exit 1"), restart=AGAIN),
                    until=None)

    def test_one_that_hangs_in_its_start(self):
        self.beside(world.pool("bad", world.unruly("hangs-in-start"), count=3,
                               timeouts={"start": "3s"},
                               restart=AGAIN), until=None)


if __name__ == "__main__":
    unittest.main()
