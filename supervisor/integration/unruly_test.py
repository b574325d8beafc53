"""Workers that do wrong, each in its own way: the consequence that SPEC.md's
tables name, with the reason, in events and status, and nobody else concerned.
"""

import os
import signal
import unittest

from supervisor.integration import world

# What a fault's pool has beside its command. Only the time that the fault
# exceeds is short: a busy machine must not make another one pass.
SOON = "200ms"
HEARTBEAT = {"heartbeat": {"interval": "100ms", "timeout": "400ms"}}


def within(**timeouts):
    return {"timeouts": {"answer_grace": "100ms", **timeouts}}


# Faults that a worker commits by itself once it is asked to start.
# fault: (the pool's fields, cause, how it ended, words of the explanation,
#         whether it was STARTED before)
EXITS = {
    "no-hello": (within(hello=SOON), "HELLO_TIMEOUT", "SIGTERM",
                 ["no Hello"], False),
    "wrong-version": ({}, "UNSUPPORTED_VERSION", "SIGTERM",
                      ["9"], False),
    "garbage": ({}, "VIOLATION", "SIGTERM",
                ["frame of length 1281979252, above 65536"], True),
    "bad-message": ({}, "VIOLATION", "SIGTERM", ["message"], True),
    "oversize": ({}, "VIOLATION", "SIGTERM",
                 ["frame of length 65537, above 65536"], True),
    "zero": ({}, "VIOLATION", "SIGTERM", ["length 0"], True),
    "flood": ({}, "VIOLATION", "SIGTERM", ["1000 frames"], True),
    "never-reads": (within(start=SOON), "START_TIMEOUT", "SIGTERM",
                    ["STARTED"], False),
    "asks": ({}, "QUEUE_FULL", "SIGTERM", ["read"], True),
    "hangs-in-start": (within(start=SOON), "START_TIMEOUT", "SIGTERM",
                       ["STARTED"], False),
    "fails-to-start": ({}, "WORKER_FAILED", 5, ["database"], False),
    "stops-itself": (HEARTBEAT, "UNRESPONSIVE", "SIGTERM", ["Pong"], True),
    "dies-spawned": ({}, "EXITED", 3, [], False),
    "dies-initialized": ({}, "EXITED", 3, [], False),
    "dies-starting": ({}, "EXITED", 3, [], False),
    "dies-started": ({}, "EXITED", 3, [], True),
    "closes-channel": (within(loss=SOON), "CHANNEL_LOST", "SIGTERM",
                       ["channel"], True),
    "closes-before-hello": (within(loss=SOON), "CHANNEL_LOST", "SIGTERM",
                            ["wrapper"], False),
}

# Faults in an orderly end, that of a pool which leaves the configuration.
ENDS = {
    "ignores-stop": (within(stop=SOON), "STOP_TIMEOUT", 0, ["STOPPED"]),
    "ignores-quit": (within(quit=SOON), "QUIT_TIMEOUT", "SIGTERM",
                     ["after Quit"]),
    "ignores-term": (within(stop=SOON, quit=SOON, kill=SOON), "STOP_TIMEOUT",
                     "SIGKILL", ["STOPPED"]),
    "dies-stopping": ({}, "EXITED", 3, []),
    "dies-shutting-down": ({}, None, 3, []),
}


class UnrulyTest(world.Case):

    def setUp(self):
        super().setUp()
        self.good = world.pool("good", world.unruly(), count=2)
        self.supervisor = self.start(self.good)
        self.before = self.pids("good")
        self.events = self.watch()

    def add(self, fault, fields, code=0):
        bad = world.pool("bad", world.unruly(fault), restart=world.LEAVE,
                         **fields)
        return self.drover("apply", "-f", self.config(self.good, bad),
                           code=code)

    def assert_undisturbed(self):
        self.assertEqual(self.pids("good"), self.before)
        self.drover("restart", "good/1")

    def assert_exit(self, end, cause, how, words):
        self.assertEqual(end["cause"],
                         "FAILURE_REASON_" + (cause or "UNSPECIFIED"), end)
        if how is None:
            self.assertFalse(end["by_supervisor"])
        elif isinstance(how, str):
            self.assertEqual(end["external_signal"]["name"], how, end)
            self.assertTrue(end["by_supervisor"])
        elif how == 0:
            self.assertEqual(end["normal_exit"], {"code": 0}, end)
        else:
            self.assertEqual(end["abnormal_exit"], {"code": how}, end)
        for word in words:
            self.assertIn(word, end["text"])

    def check_exit(self, fault):
        fields, cause, how, words, was_started = EXITS[fault]
        self.add(fault, fields, code=None)
        end = self.events.exit_of("bad")
        self.assert_exit(end, cause, how, words)
        self.assertEqual((end["due"], end["was_started"]),
                         (False, was_started))
        (worker,) = self.until_status(
            lambda status: [w for w in status["workers"]
                            if w["id"]["pool"] == "bad"
                            and w["state"] == "WORKER_STATE_FAILED"])
        self.assertEqual(worker["last_exit"]["text"], end["text"])
        self.assertIn(end["text"], self.drover(
            "status", json_output=False).text)
        self.assert_undisturbed()
        said = self.shut_down(self.supervisor)
        self.assertIn(f"bad/0 {end['text']}", "\n".join(said))

    def check_end(self, fault):
        fields, cause, how, words = ENDS[fault]
        self.add(fault, fields)
        self.drover("apply", "-f", self.config(self.good), code=None)
        self.assert_exit(self.events.exit_of("bad"), cause, how, words)
        self.assert_undisturbed()
        self.shut_down(self.supervisor)

    def test_a_child_that_keeps_the_channel(self):
        """Outside of the process group, so that it lives on: the end of the
        worker is told all the same, and the child reaped when it ends."""
        self.add("child-keeps-channel", {}, code=None)
        end = self.events.exit_of("bad")
        self.assertEqual(end["abnormal_exit"], {"code": 3})
        self.assertTrue(end["was_started"])
        child = int(end["last_output"][-2].split()[1])
        self.assertIn(child, self.supervisor.children())
        os.kill(child, signal.SIGTERM)
        self.assert_undisturbed()
        self.shut_down(self.supervisor)

    def test_a_pool_that_ends_again_and_again_is_given_up(self):
        bad = world.pool("bad", world.unruly("dies-started"), restart={
            "max_restarts": 2, "backoff": {"initial": "10ms", "max": "20ms"}})
        self.drover("apply", "-f", self.config(self.good, bad), code=None)

        def given_up(event):
            change = event.get("pool_changed", {})
            return change.get("state") == "POOL_STATE_FAILED" and change
        failure = self.events.until(given_up)["failure"]
        self.assertEqual(failure["reason"], "FAILURE_REASON_CRASH_LOOP")
        self.assertEqual(failure["exit"]["abnormal_exit"], {"code": 3})
        self.assertTrue(failure["remedy"])
        exits = [e for e in self.events.seen if "worker_exited" in e]
        self.assertEqual(len(exits), 3)
        self.assert_undisturbed()
        self.shut_down(self.supervisor)

    def test_death_of_a_worker_that_is_stopped(self):
        self.add("none", {})
        self.drover("stop", "bad")
        (pid,) = self.pids("bad")
        os.kill(pid, signal.SIGKILL)
        end = self.events.exit_of("bad")
        self.assert_exit(end, "EXITED", None, ["killed by SIGKILL"])
        self.assertEqual(end["external_signal"]["name"], "SIGKILL")
        self.assert_undisturbed()
        self.shut_down(self.supervisor)

    def test_sigkill_of_a_worker(self):
        os.kill(self.before[1], signal.SIGKILL)
        end = self.events.exit_of("good", 1)
        self.assertEqual(end["external_signal"]["name"], "SIGKILL")
        self.assertFalse(end["by_supervisor"])
        self.until_status(lambda status: status["pools"][0]["ready"] == 2)
        after = self.workers("good")
        self.assertEqual(after[0]["pid"], self.before[0])
        self.assertNotEqual(after[1]["pid"], self.before[1])
        self.assertEqual(after[1]["restarts"], 1)
        self.shut_down(self.supervisor)


def _add_tests():
    """One test a fault."""
    for table, check in ((EXITS, UnrulyTest.check_exit),
                         (ENDS, UnrulyTest.check_end)):
        for fault in table:
            def test(self, fault=fault, check=check):
                check(self, fault)
            setattr(UnrulyTest, "test_" + fault.replace("-", "_"), test)


_add_tests()

if __name__ == "__main__":
    unittest.main()
