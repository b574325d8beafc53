"""After a crash: what the successor says of it, and what it goes on with."""

import os
import signal
import unittest

from supervisor.integration import held, manager, reflection_client, world

# Says what it does, as its status.
BUSY = """
import sys
sys.path.insert(0, sys.argv[1])
import unruly
class Busy(unruly.Worker):
    def on_start(self, op, inner):
        super().on_start(op, inner)
        self.send(unruly.REPORT, unruly.field(1, unruly.STARTED)
                  + unruly.field(2, b"counting \\x1b[31msheep"))
        unruly.say("reported")
Busy().run()
"""


class RecoveryTest(world.Case):
    def setUp(self):
        super().setUp()
        with open(world.UNRULY, encoding="utf-8") as file:
            self.write("unruly.py", file.read())
        self.command = [*world.PYTHON, "-B", self.write("busy.py", BUSY),
                        self.directory]

    def hold(self, *pools):
        supervisor = held.start(self, "-f", self.config(*pools))
        return supervisor.ready(*[pool["name"] for pool in pools]).found()

    def incarnations(self):
        return {int(worker["id"]["incarnation"])
                for worker in self.status()["workers"]}

    def test_what_was_lost_is_told(self):
        supervisor = self.hold(world.pool("web", self.command, count=2))
        for _ in range(2):
            supervisor.output.until("reported")
        before = self.status()
        os.kill(supervisor.pid, signal.SIGKILL)
        said = supervisor.lines.until("the former supervisor")
        self.assertIn("was killed by SIGKILL; 2 workers lost it", said)
        lost = supervisor.lines.until("lost web/0")
        self.assertIn("STARTED", lost)
        self.assertIn("sheep", lost)
        self.assertNotIn("\x1b", lost)
        supervisor.lines.until("lost web/1")
        supervisor.ready("web")
        after = self.status()["supervisor"]["predecessor"]
        self.assertEqual(after["pid"], supervisor.pid)
        self.assertEqual(after["ended_by"], "SIGKILL")
        self.assertEqual([worker["id"] for worker in after["workers"]],
                         [worker["id"] for worker in before["workers"]])
        self.assertEqual([worker["pid"] for worker in after["workers"]],
                         [worker["pid"] for worker in before["workers"]])
        text = self.drover("status", json_output=False).text
        self.assertIn("was killed by SIGKILL; 2 workers lost it", text)
        self.assertIn("web/1 was STARTED: counting", text)
        self.shut_down(supervisor.found())

    def test_no_identity_is_given_twice(self):
        supervisor = self.hold(world.pool("web", self.command, count=2))
        seen = self.incarnations()
        for _ in range(3):
            self.drover("restart", "web/0")
            seen |= self.incarnations()
            highest = max(seen)
            supervisor.crash("web")
            new = self.incarnations()
            self.assertGreater(min(new), highest)
            seen |= new
        self.shut_down(supervisor)

    def test_after_an_end_in_order_there_is_nothing_to_tell(self):
        supervisor = self.hold(world.pool("web", self.command))
        self.assertNotIn("predecessor", self.status()["supervisor"])
        self.shut_down(supervisor)

    def test_capacity_stays_as_it_was_scaled(self):
        supervisor = self.hold(world.pool("web", self.command))
        self.drover("scale", "web", "3")
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.lines.until("pool web starts with 3 workers, as it was")
        supervisor.ready("web").found()
        self.assertEqual(len(self.pids("web")), 3)
        # And once more: the configuration still says one.
        supervisor.crash("web")
        self.assertEqual(len(self.pids("web")), 3)
        # What is applied counts from then on.
        self.drover("apply", "-f", self.path("drover.json"))
        supervisor.crash("web")
        self.assertEqual(len(self.pids("web")), 1)
        self.shut_down(supervisor)

    def test_so_it_does_after_an_apply_of_another_count(self):
        supervisor = self.hold(world.pool("web", self.command))
        self.drover("apply", "-f",
                    self.config(world.pool("web", self.command, count=3)))
        self.drover("scale", "web", "2")
        supervisor.crash("web")
        self.assertEqual(len(self.pids("web")), 2)
        self.shut_down(supervisor)

    def test_the_event_is_the_first(self):
        supervisor = self.hold(world.pool("web", self.command))
        session = self.status()["supervisor"]["session"]
        supervisor.crash("web")
        info = self.status()["supervisor"]
        self.assertNotEqual(info["session"], session)
        with reflection_client.AdminClient(f"unix:{self.socket}") as client:
            events = client.call("WatchEvents",
                                 {"token": info["session"] + ".0"})
            lost = next(events)["event"]["supervisor_lost"]["predecessor"]
            events.close()
        self.assertEqual((lost["ended_by"], lost["workers_lost"]),
                         ("SIGKILL", 1))
        self.shut_down(supervisor)


class DamagedTest(world.Case):
    """A journal that cannot be used is told in words, and the start is a clean
    one."""

    def setUp(self):
        super().setUp()
        self.keeper = manager.Manager(self)

    def crash(self, damage):
        keeper = self.keeper
        pool = world.pool("web", world.unruly(), count=2)
        first = keeper.start("-f", self.config(pool)).ready("web")
        first.process.kill()
        first.process.wait(world.PATIENCE)
        world.await_orphans()
        self.damage(keeper, damage)
        second = keeper.start("-f", self.config(pool))
        said = second.lines.until("the former supervisor")
        second.ready("web")
        self.assertEqual(len(self.pids("web")), 2)
        unknown = self.status()["supervisor"]["predecessor"].get("unknown", "")
        # Of the damaged one nothing is left.
        journals = [name for name in keeper.names() if "journal" in name]
        self.assertEqual(len(journals), 1)
        self.shut_down(second)
        self.assertEqual(keeper.names(), [])
        return said, unknown

    def damage(self, keeper, damage):
        keeper.settle()
        for index, (name, fd) in enumerate(keeper.store):
            if not name.startswith("drover-journal."):
                continue
            content = os.pread(fd, os.fstat(fd).st_size, 0)
            os.close(fd)
            other = os.memfd_create("other")
            os.write(other, damage(bytearray(content)))
            keeper.store[index] = (name, other)

    def test_damages(self):
        def flip(content):
            for at in range(1000, len(content), 100):
                content[at] ^= 0xff
            return content

        def newer(content):
            content[8] += 1
            return content

        for damage, words in (
                (lambda content: content, ""),
                (flip, "notes are damaged"),
                (newer, "version 2"),
                (lambda content: content[:1000], "cut off"),
                (lambda content: b"", "it is empty"),
                (lambda content: os.urandom(5000), "does not begin as")):
            with self.subTest(words):
                said, unknown = self.crash(damage)
                if words:
                    self.assertIn(words, said)
                    self.assertIn(words, unknown)
                    self.assertIn("not all are known", said)
                else:
                    self.assertIn("2 workers lost it", said)
                    self.assertEqual(unknown, "")


if __name__ == "__main__":
    unittest.main()
