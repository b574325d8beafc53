"""Two supervisors and one admin socket; and a gateway that dies."""

import os
import signal
import socket
import stat
import unittest

from supervisor.integration import world

WEB = world.pool("web", world.unruly(), count=2)


class SecondSupervisorTest(world.Case):

    def test_a_second_one_is_refused_and_told_of_the_first(self):
        first = self.start(WEB)
        before = self.pids("web")
        second = self.run_supervisor(
            "-f", self.config(world.pool("other", ["touch",
                                                   self.path("started")])))
        said = "\n".join(second.end(1))
        self.assertIn(self.socket, said)
        self.assertIn(str(first.pid), said)
        self.assertFalse(os.path.exists(self.path("started")))
        self.assertEqual(self.pids("web"), before)
        self.shut_down(first)

    def test_the_socket_of_a_dead_one_is_taken_over(self):
        first = self.start(WEB)
        pids = self.pids("web")
        first.process.kill()
        first.process.wait(world.PATIENCE)
        # Its workers see the end of their channels and go by themselves.
        world.await_orphans()
        for pid in pids:
            self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertTrue(os.path.exists(self.socket))
        second = self.start(WEB)
        self.assertEqual(self.status()["supervisor"]["pid"], second.pid)
        self.shut_down(second)

    def test_another_program_at_the_socket(self):
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(self.socket)
            taken.listen()
            said = "\n".join(self.run_supervisor(
                "-f", self.config(WEB)).end(1))
            self.assertIn(self.socket, said)
            self.assertTrue(stat.S_ISSOCK(os.stat(self.socket).st_mode))

    def test_a_file_at_the_socket(self):
        self.write("admin.sock", "precious")
        said = "\n".join(self.run_supervisor("-f", self.config(WEB)).end(1))
        self.assertIn(self.socket, said)
        with open(self.socket, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")


class GatewayTest(world.Case):

    def test_killed_it_is_started_again(self):
        supervisor = self.start(WEB)
        before = self.pids("web")
        for kills in (1, 2):
            former = supervisor.gateway()
            os.kill(former, signal.SIGKILL)
            # Connections wait in the socket, which the supervisor holds.
            status = self.status()
            self.assertNotEqual(supervisor.gateway(), former)
            self.assertEqual(status["supervisor"]["gateway_restarts"], kills)
            self.assertEqual(self.pids("web"), before)
        self.drover("scale", "web", "3")
        self.assertEqual(self.pids("web")[:2], before)
        self.shut_down(supervisor)

    def test_an_operation_outlives_it(self):
        pipe, say = self.pipe("pipe")
        gate = self.write("open", "")
        script = (f"rm {gate} 2>/dev/null || read line < {pipe}; "
                  f"exec {' '.join(world.unruly())}")
        supervisor = self.start(world.pool("web", world.shell(script)))
        reload = self.drover("reload", "web", "--detach").last["id"]
        os.kill(supervisor.gateway(), signal.SIGKILL)
        say("go")
        done = self.drover("operations", "watch", reload).last
        self.assertEqual(done["state"], "OPERATION_STATE_SUCCEEDED")
        self.shut_down(supervisor)

    def test_a_watch_goes_on_where_it_was(self):
        supervisor = self.start(WEB)
        events = self.watch()
        os.kill(supervisor.gateway(), signal.SIGKILL)
        self.drover("scale", "web", "3")

        def started(event):
            change = event.get("worker_changed", {})
            return (change.get("state") == "WORKER_STATE_STARTED"
                    and change["id"]["slot"] == 2)
        self.assertTrue(events.until(started))
        self.shut_down(supervisor)

    def test_without_admin(self):
        supervisor = self.run_supervisor(
            "-f", self.config(WEB), "--no-admin").ready("web")
        self.assertFalse(os.path.exists(self.socket))
        self.assertEqual([name for name in supervisor.children().values()
                          if "gateway" in name], [])
        self.assertEqual(len(supervisor.children()), 2)
        self.drover("status", code=3)
        supervisor.process.send_signal(signal.SIGTERM)
        supervisor.end(0)

    def test_a_gateway_that_cannot_run(self):
        """The workers run all the same."""
        broken = self.write("gateway", "#!/bin/sh\nexit 1\n")
        os.chmod(broken, 0o755)
        supervisor = self.run_supervisor(
            "-f", self.config(WEB), "--gateway", broken).ready("web")
        supervisor.process.send_signal(signal.SIGTERM)
        said = "\n".join(supervisor.end(0))
        self.assertIn("gateway", said)


if __name__ == "__main__":
    unittest.main()
