"""The programs themselves: two processes, no gRPC in the supervisor, and what
DROVER_LOG shows."""

import os
import re
import unittest

from supervisor.integration import world

COMPONENTS = {"core", "wire", "os", "config", "control", "admin", "cli"}


class ProgramTest(world.Case):

    def contents(self, name):
        with open(f"{world.BIN}/{name}", "rb") as file:
            return file.read()

    def test_the_supervisor_has_no_grpc_in_it(self):
        """Neither linked in nor loaded; the gateway shows that the traces
        looked for are there to be found."""
        traces = [b"grpc_init", b"grpc_chttp2", b"libgrpc", b"ev_epoll1"]
        gateway = self.contents("drover-gateway")
        self.assertTrue(any(trace in gateway for trace in traces))
        supervisor = self.contents("drover-supervisor")
        self.assertEqual([t for t in traces if t in supervisor], [])

    def test_two_processes_of_which_one_has_one_thread(self):
        supervisor = self.start(world.pool("web", world.unruly()))
        self.assertEqual(
            os.readlink(f"/proc/{supervisor.pid}/exe"),
            os.path.realpath(f"{world.BIN}/drover-supervisor"))
        gateway = supervisor.gateway()
        self.assertEqual(world.parent_of(gateway), supervisor.pid)
        with open(f"/proc/{supervisor.pid}/maps", encoding="ascii") as file:
            self.assertNotIn("grpc", file.read())
        self.assertEqual(len(os.listdir(f"/proc/{supervisor.pid}/task")), 1)
        self.shut_down(supervisor)

    def debug_lines(self, selection):
        supervisor = self.run_supervisor(
            "-f", self.config(world.pool("web", world.unruly())),
            environment={"DROVER_LOG": selection}).ready("web")
        self.drover("restart", "web/0")
        lines = self.shut_down(supervisor)
        found = [re.match("drover ([a-z]+): ", line) for line in lines]
        return [match.group(1) for match in found if match]

    def test_debug_lines_of_some_components(self):
        for selection in ("os,core", "drover:os,drover:core"):
            self.assertEqual(set(self.debug_lines(selection)), {"os", "core"})

    def test_debug_lines_of_all_but_one(self):
        found = set(self.debug_lines("*,-os"))
        self.assertIn("core", found)
        self.assertNotIn("os", found)
        self.assertLessEqual(found, COMPONENTS)

    def test_no_debug_lines_unless_asked_for(self):
        self.assertEqual(self.debug_lines(""), [])


if __name__ == "__main__":
    unittest.main()
