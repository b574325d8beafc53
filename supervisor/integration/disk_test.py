"""A disk for logs that hangs or is full costs lines of logs, and nothing else."""

import os
import re
import time
import unittest

from supervisor.integration import disk, held
from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

# Three times what is kept of lines that wait for a disk.
LOUD = world.shell("head -c 3000000 /dev/zero | tr '\\0' x | fold -w 999; "
                   f"exec {' '.join(world.unruly())}")
# Ended by its supervisor, were that too late with a Ping or with an answer.
CALM = world.pool("calm", world.unruly(),
                  heartbeat={"interval": "500ms", "timeout": "2s"})


class DiskTest(upgrades.Case):

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("disk"))
        try:
            self.disk = disk.Disk(self.path("disk"))
        except disk.CannotMount as why:
            print(f"MISSING a disk that falls ill ({why.strerror})", flush=True)
            self.skipTest("nothing can be mounted")
        self.addCleanup(self.disk.close)
        self.supervisor = self.start(
            CALM, world.pool("web", LOUD, output={
                "file": self.path("disk/log"), "forward": False}))
        self.calm = self.pids("calm")

    def hang(self):
        self.disk.hang()
        self.drover("restart", "web/0")
        self.assertTrue(self.disk.await_victim(world.PATIENCE))

    def says(self, pattern):
        return re.search(pattern, self.disk.text("log"))

    def end(self):
        self.assertEqual(self.pids("calm"), self.calm)
        self.shut_down(self.supervisor)

    def test_one_that_hangs(self):
        self.hang()
        # For seconds; commands are obeyed and Pings are sent meanwhile.
        deadline = time.monotonic() + world.PATIENCE
        while "has not answered for 5s" not in "\n".join(
                self.supervisor.lines.seen):
            self.assertLess(time.monotonic(), deadline)
            self.drover("restart", "web/0")
            self.supervisor.lines.ready()
        self.assertIn("disk is too slow; lines are dropped",
                      "\n".join(self.supervisor.lines.seen))
        self.drover("scale", "web", "2")
        self.disk.recover()
        self.supervisor.lines.until("its disk answers again, after ")
        self.drover("restart", "web/0")
        self.end()
        self.assertTrue(self.says(
            r"\n\[drover\] \d+ lines dropped: disk too slow\n"))

    def test_one_that_is_full(self):
        self.disk.room = 5000
        self.drover("restart", "web/0")
        self.supervisor.lines.until("log: write: No space left on device; "
                                    "lines are dropped")
        self.disk.recover()
        self.drover("restart", "web/0")
        self.supervisor.lines.until("log: written again; ")
        self.end()
        self.assertTrue(self.says(r"\n\[drover\] \d+ lines dropped\n"))

    def test_one_that_hangs_in_an_upgrade(self):
        """A program in whose thread the kernel waits cannot be replaced: the
        execve would wait too."""
        self.hang()
        error = self.drover("upgrade", code=6).error
        self.assertEqual(error["reason"], "CANNOT_HAND_OVER")
        self.assertIn(self.path("disk/log"), error["message"])
        self.assertIn("its disk has not answered for 1s", error["message"])
        self.disk.recover()
        self.expect_upgrade()
        self.drover("restart", "web/0")
        self.end()

    def test_what_waits_for_it_is_carried_over(self):
        self.disk.delay = 0.05
        self.drover("restart", "web/0")
        self.expect_upgrade()
        self.disk.recover()
        self.end()
        lines = self.disk.text("log").splitlines()
        self.assertEqual({len(line) for line in lines
                          if line.startswith("x")}, {999, len("xxxstarted")})

    def test_one_that_hangs_at_the_end(self):
        """The workers end; the process can only once the disk answers."""
        self.hang()
        worker, = self.pids("web")
        self.drover("shutdown", "--detach")
        held.await_end(worker)
        self.supervisor.lines.until("could not be written in time")
        self.disk.recover()
        self.supervisor.end(0)


if __name__ == "__main__":
    unittest.main()
