"""What is half done when the program is replaced is finished by the next."""

import os
import signal
import unittest

from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

HALVES = os.path.join(os.path.dirname(world.UNRULY), "halves.py")


def halves(half):
    return world.PYTHON + [HALVES, half]


class UpgradeCarriedTest(upgrades.Case):

    def start_halves(self, half):
        supervisor = self.start(world.pool("web", halves(half)))
        self.pid, = self.pids("web")
        return supervisor

    def next_half(self, supervisor, *texts):
        os.kill(self.pid, signal.SIGUSR1)
        for text in texts:
            supervisor.output.until(text)

    def test_half_a_frame_and_half_a_line(self):
        supervisor = self.start_halves("frame")
        self.next_half(supervisor, "first half")
        self.expect_upgrade()
        self.next_half(supervisor, "second half")
        self.until_status(lambda status: status["workers"][0].get(
            "status_text") == "carried over")
        lines = [line["line"] for line in self.drover("logs").answers]
        self.assertIn("one line, in two writes", lines)
        self.assertEqual(self.pids("web"), [self.pid])
        self.shut_down(supervisor)

    def test_answers_that_wait_for_their_reader(self):
        supervisor = self.start_halves("queue")
        self.next_half(supervisor, "first half")
        # Asked for and answered, as far as there is room.
        self.status()
        self.expect_upgrade()
        self.next_half(supervisor, "answered 300, in order: True")
        self.assertEqual(self.pids("web"), [self.pid])
        self.shut_down(supervisor)

    def test_lines_that_were_kept(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=2))
        before = self.drover("logs").text
        self.assertIn("started", before)
        self.expect_upgrade()
        self.assertEqual(self.drover("logs").text, before)
        self.shut_down(supervisor)

    def test_a_file_of_lines(self):
        path = self.path("lines")
        supervisor = self.start(world.pool(
            "web", halves("frame"), output={"file": path}))
        self.pid, = self.pids("web")
        self.next_half(supervisor, "first half")
        self.expect_upgrade()
        self.next_half(supervisor, "second half")
        self.until_status(lambda status: status["workers"][0].get(
            "status_text") == "carried over")
        self.shut_down(supervisor)
        with open(path, encoding="ascii") as file:
            self.assertIn("one line, in two writes\n", file.read())


class UpgradeDuringTest(upgrades.Case):
    """Operations go on, with their own ids and outcomes."""

    def begin(self, *words):
        return self.drover(*words, "--detach").last["id"]

    def outcome(self, operation):
        return self.drover("operations", "watch", operation,
                           code=None).last["state"]

    def test_a_reload(self):
        supervisor = self.start(world.pool(
            "web", world.unruly(), count=3, reload={"min_ready_time": "1s"}))
        former = self.pids("web")
        operation = self.begin("reload", "web")
        self.expect_upgrade()
        self.assertEqual(self.outcome(operation), "OPERATION_STATE_SUCCEEDED")
        self.assertFalse(set(former) & set(self.pids("web")))
        self.shut_down(supervisor)

    def test_a_canary_that_bakes(self):
        supervisor = self.start(world.pool(
            "web", world.unruly(), count=3,
            reload={"canary": {"workers": 1, "bake_time": "3s"}}))
        operation = self.begin("reload", "web")
        self.until_status(
            lambda status: "bakes_for" in status["pools"][0])
        self.expect_upgrade()
        self.assertIn("bakes_for", self.status()["pools"][0])
        self.assertEqual(self.outcome(operation), "OPERATION_STATE_SUCCEEDED")
        self.shut_down(supervisor)

    def test_a_reload_that_is_rolled_back_afterwards(self):
        supervisor = self.start(world.pool(
            "web", world.unruly("moody"), count=2, directory=self.directory,
            timeouts={"start": "60s"}))
        former = self.pids("web")
        self.write("mood", "fail")
        operation = self.begin("reload", "web")
        self.expect_upgrade()
        self.assertEqual(self.outcome(operation),
                         "OPERATION_STATE_ROLLED_BACK")
        self.assertEqual(self.pids("web"), former)
        self.shut_down(supervisor)

    def test_a_scale(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=1))
        operation = self.begin("scale", "web", "12")
        self.expect_upgrade()
        self.assertEqual(self.outcome(operation), "OPERATION_STATE_SUCCEEDED")
        self.assertEqual(len(self.pids("web")), 12)
        self.shut_down(supervisor)

    def test_a_shutdown(self):
        supervisor = self.start(world.pool(
            "web", world.unruly("ignores-quit"), timeouts={"quit": "3s"}))
        self.begin("shutdown")
        self.expect_upgrade()
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.socket))

    def test_a_restart_that_waits_for_its_time(self):
        supervisor = self.start(world.pool(
            "web", world.unruly(),
            restart={"backoff": {"initial": "3s", "max": "3s"}}))
        os.kill(self.pids("web")[0], signal.SIGKILL)
        self.until_status(lambda status: status["workers"][0]["state"]
                          == "WORKER_STATE_BACKING_OFF")
        self.expect_upgrade()
        self.until_status(lambda status: status["workers"][0]["state"]
                          == "WORKER_STATE_STARTED")
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
