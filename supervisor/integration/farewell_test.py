"""The end, as those hear of it who watch."""

import signal
import unittest

from supervisor.integration import world

WATCHERS = 4
# Enough of them that what they do at the end is more than a client takes at
# once.
WORKERS = 25


class FarewellTest(world.Case):

    def follow(self, *words):
        """A command that goes on until the supervisor ends."""
        process = self.spawn([f"{world.BIN}/drover", *words])
        return process, world.Lines(process.stdout), world.Lines(process.stderr)

    def ended(self, process, errors):
        self.assertEqual(process.wait(world.PATIENCE), 0, errors.rest())
        self.assertEqual(errors.rest(), ["the supervisor has ended"])

    def test_watchers_hear_all_of_it(self):
        supervisor = self.start(
            world.pool("web", world.unruly(), count=WORKERS))
        watchers = [self.follow("watch", "--output", "json")
                    for _ in range(WATCHERS)]
        for _, lines, _ in watchers:
            lines.until("snapshot")
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.end(0)
        for process, lines, errors in watchers:
            self.ended(process, errors)
            text = "\n".join(lines.rest())
            self.assertEqual(text.count('"worker_exited"'), WORKERS)
            self.assertIn("OPERATION_STATE_SUCCEEDED", lines.seen[-1])

    def test_logs_end_too(self):
        supervisor = self.start(world.pool("web", world.unruly()))
        process, lines, errors = self.follow("logs", "-f")
        lines.until("started")
        self.drover("shutdown")
        supervisor.end(0)
        self.ended(process, errors)

    def test_a_watcher_that_does_not_read_is_not_waited_for_long(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=2))
        process, lines, _ = self.follow("watch", "--output", "json")
        lines.until("snapshot")
        process.send_signal(signal.SIGSTOP)
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.end(0)
        process.kill()
        process.wait(world.PATIENCE)

    def test_a_pool_that_is_not_there(self):
        supervisor = self.start(world.pool("web", world.unruly()))
        for words in (("watch", "wbe"), ("logs", "-f", "wbe")):
            error = self.drover(*words, code=5).error
            self.assertEqual(error["reason"], "UNKNOWN_POOL")
            self.assertIn("drover status", error["remedy"])
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
