"""A start that fails: says why, in full, and leaves nothing running."""

import os
import unittest

from supervisor.integration import world

GOOD = world.pool("good", world.unruly(), count=2)


class StartTest(world.Case):

    def fail(self, *pools):
        """All that a supervisor says that cannot start these pools. That
        nothing of it is left running is seen to by world."""
        supervisor = self.run_supervisor("-f", self.config(*pools))
        said = "\n".join(supervisor.end(1))
        self.assertFalse(os.path.exists(self.socket))
        self.assertNotIn("pool bad RUNNING", said)
        return said

    def test_command_not_found(self):
        said = self.fail(GOOD, world.pool("bad", ["/no/such/program"]))
        self.assertIn("bad/0 could not be started: execve: "
                      "No such file or directory: /no/such/program", said)

    def test_command_not_in_path(self):
        said = self.fail(GOOD, world.pool("bad", ["no-such-program"]))
        self.assertIn("No such file or directory: no-such-program", said)

    def test_not_executable(self):
        said = self.fail(GOOD, world.pool(
            "bad", [self.write("program", "#!/bin/sh\n")]))
        self.assertIn("bad/0 could not be started: execve: Permission denied: "
                      + self.path("program"), said)

    def test_no_interpreter(self):
        program = self.write("program", "#!/no/such/interpreter\n")
        os.chmod(program, 0o755)
        said = self.fail(GOOD, world.pool("bad", [program]))
        self.assertIn("No such file or directory", said)

    def test_exits_at_once(self):
        said = self.fail(GOOD, world.pool("bad", world.shell(
            "echo reading the license; echo it has expired >&2; exit 7")))
        self.assertIn("bad/0 exited with code 7", said)
        self.assertIn("its last output:\n    reading the license\n"
                      "    it has expired", said)

    def test_exits_at_once_with_code_0(self):
        said = self.fail(world.pool("bad", ["/bin/true"]))
        self.assertIn("bad/0 exited with code 0 without being asked", said)

    def test_dies_of_a_signal(self):
        said = self.fail(world.pool("bad", world.shell("kill -SEGV $$")))
        self.assertIn("bad/0 killed by SIGSEGV", said)

    def test_says_why_itself(self):
        said = self.fail(GOOD, world.pool("bad",
                                          world.unruly("fails-to-start")))
        self.assertIn("bad/0 exited with code 5", said)
        self.assertIn("its last words: no \\x1B[31mdatabase", said)
        self.assertIn("    looking for the database", said)
        self.assertNotIn("\x1b", said)

    def test_what_was_started_is_stopped(self):
        """Of one pool, too: three serve when the fourth fails."""
        pipe, _ = self.pipe("pipe")
        script = ("if [ $SLOT != 3 ]; then "
                  f"echo up > {pipe}; exec {' '.join(world.unruly())}; fi; "
                  f"(read a; read b; read c) < {pipe}; exit 9")
        said = self.fail(world.pool(
            "bad", world.shell(script), count=4,
            environment={"SLOT": "${slot}"}))
        self.assertIn("bad/3 exited with code 9", said)


class FailedChangeTest(world.Case):
    """The same in a supervisor that runs."""

    def setUp(self):
        super().setUp()
        self.gate = self.write("gate", "")
        self.gated = world.pool("gated", world.shell(
            f"[ -e {self.gate} ] && exec {' '.join(world.unruly())}; "
            "echo the gate is shut; exit 4"), count=2)
        self.supervisor = self.start(self.gated)
        self.before = self.pids("gated")
        os.remove(self.gate)

    def tearDown(self):
        self.assertEqual(self.pids("gated"), self.before)
        pool = self.drover("status", "gated").last["pools"][0]
        self.assertEqual((pool["count"], pool["ready"], pool["state"]),
                         (2, 2, "POOL_STATE_RUNNING"))
        self.shut_down(self.supervisor)
        super().tearDown()

    def assert_explained(self, operation, pool_name):
        failure = operation["failure"]
        self.assertEqual(failure["worker"]["pool"], pool_name)
        self.assertIn("exited with code 4", failure["message"])
        self.assertEqual(failure["exit"]["abnormal_exit"], {"code": 4})
        self.assertEqual(failure["exit"]["last_output"], ["the gate is shut"])
        self.assertTrue(failure["remedy"])

    def test_scale(self):
        operation = self.drover("scale", "gated", "4", code=1).last
        self.assertEqual(operation["state"], "OPERATION_STATE_ROLLED_BACK")
        self.assert_explained(operation, "gated")

    def test_reload(self):
        operation = self.drover("reload", "gated", code=1).last
        self.assertEqual(operation["state"], "OPERATION_STATE_ROLLED_BACK")
        self.assert_explained(operation, "gated")

    def test_restart(self):
        operation = self.drover("restart", "gated/1", code=1).last
        self.assert_explained(operation, "gated")

    def test_apply_of_another_pool(self):
        path = self.config(self.gated, {**self.gated, "name": "more"})
        apply = self.drover("apply", "-f", path, code=1).last
        self.assertEqual(apply["state"], "OPERATION_STATE_FAILED")
        start = self.drover("operations").last["operations"]
        start = [o for o in start if o["pool"] == "more"][0]
        self.assert_explained(start, "more")
        more = self.drover("status", "more").last["pools"][0]
        self.assertEqual(more["state"], "POOL_STATE_FAILED")
        self.assertEqual(more["failure"]["exit"]["last_output"],
                         ["the gate is shut"])


if __name__ == "__main__":
    unittest.main()
