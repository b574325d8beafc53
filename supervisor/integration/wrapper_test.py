"""Wrappers between the supervisor and the worker: most pass the channel on;
where one closes it, that is what the message says."""

import unittest

from supervisor.integration import world

PLAIN = " ".join(world.unruly())


class WrapperTest(world.Case):

    def explained(self, command, **fields):
        supervisor = self.run_supervisor("-f", self.config(
            world.pool("web", command, **fields)))
        return "\n".join(supervisor.end(1))

    def test_wrappers_that_pass_the_channel_on(self):
        """And one of which the worker is a child, not the process itself."""
        supervisor = self.start(
            world.pool("exec", world.shell(f"exec {PLAIN}")),
            world.pool("env", ["env", "A=1", "nice", *world.unruly()]),
            world.pool("child", world.shell(f"{PLAIN}; exit $?")))
        (worker,) = self.workers("exec")
        self.assertEqual(worker["hello_pid"], 0)
        (worker,) = self.workers("child")
        self.assertNotIn(worker["hello_pid"], (0, worker["pid"]))
        self.drover("reload", "child")
        self.shut_down(supervisor)

    def test_a_channel_that_ends_before_hello(self):
        said = self.explained(
            world.shell("exec 3>&-; exec sleep 1000"),
            timeouts={"loss": "200ms"})
        self.assertIn("its channel was closed before any Hello", said)
        self.assertIn("wrapper (npm", said)

    def test_a_wrapper_that_keeps_it_from_the_worker(self):
        """As Python's subprocess does, and npm: the wrapper still holds the
        channel, so that nothing but the silence is seen."""
        wrapper = [*world.PYTHON, "-c",
                   "import subprocess, sys; subprocess.call(sys.argv[1:])"]
        said = self.explained(wrapper + ["sleep", "1000"],
                              timeouts={"hello": "300ms"})
        self.assertIn("no Hello", said)
        self.assertIn("wrapper", said)

    def test_a_worker_that_finds_its_channel_closed(self):
        """What it says of that itself is in the report."""
        wrapper = [*world.PYTHON, "-c", "import subprocess, sys; "
                   "sys.exit(subprocess.call(sys.argv[1:]))"]
        said = self.explained(wrapper + world.unruly())
        self.assertIn("web/0 exited with code 78", said)
        self.assertIn("a wrapper may have closed it", said)


if __name__ == "__main__":
    unittest.main()
