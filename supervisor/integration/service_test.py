"""As a service: what the manager is told, and what it keeps and hands over."""

import os
import signal
import socket
import time
import unittest

from supervisor.integration import manager, world

SERVING = os.path.abspath("supervisor/integration/serving.py")


class ServiceTest(world.Case):
    def setUp(self):
        super().setUp()
        self.manager = manager.Manager(self)
        self.gate, self.open_gate = self.pipe("gate")

    def serving(self, address="tcp://127.0.0.1:0", **fields):
        return world.pool(
            "web", [*world.PYTHON, "-B", SERVING, self.gate],
            listeners=[{"name": "http", "address": address}], **fields)

    def file(self, *pools, **fields):
        return self.config(*(pools or [self.serving()]), **fields)

    def port(self):
        address = self.status()["pools"][0]["listeners"][0]["address"]
        return int(address.rsplit(":", 1)[1])

    def ask(self, line, port):
        client = socket.create_connection(("127.0.0.1", port),
                                          timeout=world.PATIENCE)
        self.addCleanup(client.close)
        client.sendall(f"{line}\n".encode())
        return client

    def answer(self, client):
        pid, line = client.makefile().readline().split()
        return int(pid), line

    def kill(self, supervisor):
        supervisor.process.kill()
        supervisor.process.wait(world.PATIENCE)


class ToldTest(ServiceTest):
    def test_ready_when_all_are_started(self):
        path, release = self.pipe("hold")
        slow = world.shell(
            f"read line < {path}; exec {' '.join(world.unruly())}")
        supervisor = self.manager.start("-f", self.file(
            world.pool("fast", world.unruly()),
            world.pool("slow", slow, timeouts={"hello": "90s"})))
        supervisor.ready("fast")
        self.manager.until("fast 1/1")
        told = "".join(self.manager.seen)
        self.assertNotIn("READY=1", told)
        self.assertIn("STATUS=starting: ", told)
        self.assertIn("EXTEND_TIMEOUT_USEC=", told)
        release("go")
        self.assertIn("slow 1/1", self.manager.until("READY=1"))
        self.shut_down(supervisor)

    def test_a_start_that_fails_is_never_ready(self):
        supervisor = self.manager.start("-f", self.file(
            world.pool("web", world.unruly("fails-to-start"))))
        supervisor.end(1)
        told = "".join(self.manager.rest())
        self.assertNotIn("READY=1", told)
        self.assertIn("STOPPING=1", told)
        self.assertEqual(self.manager.names(), [])

    def test_a_reload_begins_and_ends(self):
        supervisor = self.manager.start("-f", self.file())
        self.manager.until("READY=1")
        before = supervisor_time()
        self.file(self.serving(count=2))
        os.kill(supervisor.pid, signal.SIGHUP)
        begun = variables(self.manager.until("RELOADING=1"))
        self.assertGreaterEqual(int(begun["MONOTONIC_USEC"]), before)
        self.assertLessEqual(int(begun["MONOTONIC_USEC"]), supervisor_time())
        self.assertIn("web 2/2", self.manager.until("READY=1"))
        self.shut_down(supervisor)

    def test_a_reload_that_is_refused_ends_too(self):
        supervisor = self.manager.start("-f", self.file())
        self.manager.until("READY=1")
        self.write("drover.json", "{")
        os.kill(supervisor.pid, signal.SIGHUP)
        self.manager.until("RELOADING=1")
        self.assertIn("the last reload failed: ", self.manager.until("READY=1"))
        self.shut_down(supervisor)

    def test_a_reload_that_rolls_back_ends_too(self):
        supervisor = self.manager.start("-f", self.file(
            world.pool("web", world.unruly())))
        self.manager.until("READY=1")
        self.file(world.pool("web", world.unruly("fails-to-start")))
        os.kill(supervisor.pid, signal.SIGHUP)
        self.manager.until("RELOADING=1")
        self.assertIn("the last reload failed: ", self.manager.until("READY=1"))
        self.shut_down(supervisor)

    def test_the_end(self):
        supervisor = self.manager.start("-f", self.file())
        self.manager.until("READY=1")
        # The listener, the admin socket with its lock, the journal.
        self.assertEqual(len(self.manager.names()), 4)
        client = self.ask("slow", self.port())
        supervisor.output.until("holding")
        os.kill(supervisor.pid, signal.SIGTERM)
        told = self.manager.until("STOPPING=1")
        self.assertIn("STATUS=stopping: ", told)
        self.assertIn("EXTEND_TIMEOUT_USEC=", told)
        self.open_gate("go")
        self.assertEqual(self.answer(client)[1], "slow")
        supervisor.end(0)
        self.manager.rest()
        self.assertEqual(self.manager.names(), [])

    def test_signs_of_life(self):
        supervisor = self.manager.start(
            "-f", self.file(), environment={"WATCHDOG_USEC": "20000",
                                            "WATCHDOG_PID": ""})
        for _ in range(5):
            self.manager.until("WATCHDOG=1")
        self.shut_down(supervisor.ready("web"))

    def test_signs_of_life_of_another_process(self):
        supervisor = self.manager.start("-f", self.file())
        self.manager.until("READY=1")
        self.shut_down(supervisor)
        self.assertNotIn("WATCHDOG=1", self.manager.rest())

    def test_nothing_of_it_is_passed_on(self):
        supervisor = self.manager.start(
            "-f", self.file(), environment={"WATCHDOG_USEC": "3600000000",
                                            "WATCHDOG_PID": ""})
        supervisor.ready("web")
        self.kill(supervisor)
        world.await_orphans()
        again = self.manager.start("-f", self.file()).ready("web")
        self.drover("status")
        for pid in again.children():
            with open(f"/proc/{pid}/environ", encoding="utf-8") as file:
                names = [v.split("=")[0] for v in file.read().split("\0")]
            strays = [n for n in names if n == "NOTIFY_SOCKET"
                      or n.startswith(("LISTEN_", "WATCHDOG_"))]
            self.assertEqual(strays, [], names)
        self.shut_down(again)

    def test_a_manager_that_cannot_be_reached(self):
        supervisor = self.run_supervisor("-f", self.file(), environment={
            "NOTIFY_SOCKET": self.path("nobody")})
        supervisor.lines.until("the service manager is told nothing")
        self.shut_down(supervisor.ready("web"))


class KeptTest(ServiceTest):
    def test_a_successor_serves_who_came_in_between(self):
        first = self.manager.start("-f", self.file()).ready("web")
        port = self.port()
        early = self.ask("slow", port)
        first.output.until("holding")
        (old,) = self.pids("web")
        self.kill(first)
        late = self.ask("late", port)
        second = self.manager.start("-f", self.file()).ready("web")
        # Whom the lost worker had taken it serves to the end.
        self.open_gate("go")
        self.assertEqual(self.answer(early), (old, "slow"))
        self.assertEqual(self.answer(late), (self.pids("web")[0], "late"))
        self.assertEqual(self.port(), port)
        self.shut_down(second)
        self.assertEqual(self.manager.names(), [])

    def test_unix_sockets_are_the_same(self):
        address = f"unix://{self.path('web.sock')}"
        file = self.file(self.serving(address))
        first = self.manager.start("-f", file).ready("web")
        places = [os.stat(self.path(name)).st_ino
                  for name in ("web.sock", "admin.sock")]
        self.kill(first)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path("web.sock"))
            client.sendall(b"late\n")
            second = self.manager.start("-f", file).ready("web")
            self.assertEqual(self.answer(client)[1], "late")
        self.assertEqual(places, [os.stat(self.path(name)).st_ino
                                  for name in ("web.sock", "admin.sock")])
        self.shut_down(second)
        self.assertFalse(os.path.exists(self.path("web.sock")))

    def test_another_supervisor_cannot_come_in_between(self):
        first = self.manager.start("-f", self.file()).ready("web")
        self.kill(first)
        stranger = self.run_supervisor("-f", self.file())
        self.assertIn("in use by another supervisor",
                      "\n".join(stranger.end(1)))
        second = self.manager.start("-f", self.file()).ready("web")
        self.shut_down(second)

    def test_sockets_of_units(self):
        with socket.create_server(("127.0.0.1", 0)) as unit, \
                socket.create_server(("127.0.0.1", 0)) as other:
            port = unit.getsockname()[1]
            file = self.file(self.serving(f"tcp://127.0.0.1:{port}"))
            supervisor = self.manager.start(
                "-f", file, units=[("web.socket", unit), ("other", other)])
            supervisor.lines.until("is no listener of the configuration: other")
            supervisor.ready("web")
            self.assertEqual(self.answer(self.ask("hello", port))[1], "hello")
            # Not the listener: a unit's is the manager's to hand over again.
            self.assertEqual(len(self.manager.names()), 3)
            self.shut_down(supervisor)


def variables(text):
    return dict(line.split("=", 1) for line in text.splitlines())


def supervisor_time():
    """The clock of MONOTONIC_USEC."""
    return int(time.monotonic() * 1e6)


if __name__ == "__main__":
    unittest.main()
