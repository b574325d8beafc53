"""`drover run --hold-sockets`: what happens when the supervisor dies, when the
holder does, and what a user sees of it all: as little as without."""

import os
import re
import signal
import socket
import subprocess
import time
import unittest

from supervisor.integration import held, world

SERVING = os.path.abspath("supervisor/integration/serving.py")


class HoldCase(world.Case):
    def setUp(self):
        super().setUp()
        self.gate, self.open_gate = self.pipe("gate")

    def serving(self, address="tcp://127.0.0.1:0", name="web", **fields):
        return world.pool(
            name, [*world.PYTHON, "-B", SERVING, self.gate],
            listeners=[{"name": "http", "address": address}], **fields)

    def hold(self, *pools, **options):
        pools = pools or [self.serving()]
        supervisor = held.start(self, "-f", self.config(*pools), **options)
        return supervisor.ready(*[pool["name"] for pool in pools]).found()

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


class CrashTest(HoldCase):
    def test_nothing_is_refused_and_nothing_lost(self):
        supervisor = self.hold(self.serving(count=2))
        port = self.port()
        early = self.ask("slow", port)
        supervisor.output.until("holding")
        former = self.pids("web")
        os.kill(supervisor.pid, signal.SIGKILL)
        late = self.ask("late", port)
        supervisor.lines.until("was ended by SIGKILL")
        supervisor.ready("web").found()
        self.assertEqual(self.answer(late)[1], "late")
        self.open_gate("go")
        pid, line = self.answer(early)
        self.assertIn(pid, former)
        self.assertEqual(line, "slow")
        self.assertEqual(self.port(), port)
        self.assertFalse(set(former) & set(self.pids("web")))
        self.shut_down(supervisor)

    def test_again_and_again(self):
        """At once the first time, then later and later."""
        supervisor = self.hold()
        port = self.port()
        waits = []
        for _ in range(4):
            os.kill(supervisor.pid, signal.SIGSEGV)
            said = supervisor.lines.until("was ended by SIGSEGV")
            waits.append(int(re.search(r"again in (\d+) ms", said)[1]))
            supervisor.ready("web").found()
        self.assertEqual(waits, [0, 100, 200, 400])
        self.assertEqual(self.port(), port)
        self.assertEqual(self.answer(self.ask("hello", port))[1], "hello")
        self.shut_down(supervisor)

    def test_the_end_between_two_supervisors(self):
        supervisor = self.hold()
        for _ in range(5):
            os.kill(supervisor.pid, signal.SIGKILL)
            said = supervisor.lines.until("was ended by SIGKILL")
            if "again in 800 ms" in said:
                break
            supervisor.ready("web").found()
        supervisor.process.terminate()
        supervisor.end(0)
        world.await_orphans()

    def test_a_configuration_of_flags(self):
        supervisor = held.start(
            self, "--socket", self.socket, "--name", "web", "--listen",
            "http=tcp://127.0.0.1:0", "--", *world.PYTHON, "-B", SERVING,
            self.gate).ready("web").found()
        port = self.port()
        supervisor.crash("web")
        self.assertEqual(self.answer(self.ask("hello", port))[1], "hello")
        self.shut_down(supervisor)

    def test_without_the_admin_api(self):
        address = f"unix://{self.path('web.sock')}"
        supervisor = held.start(
            self, "--no-admin", "-f", self.config(self.serving(address)))
        supervisor.ready("web").found()
        supervisor.crash("web")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(self.path("web.sock"))
            client.sendall(b"hello\n")
            self.assertEqual(self.answer(client)[1], "hello")
        supervisor.process.terminate()
        supervisor.end(0)
        self.assertFalse(os.path.exists(self.path("web.sock")))

    def test_on_its_way_down_it_is_not_started_again(self):
        for how in ("signal", "command"):
            with self.subTest(how):
                supervisor = self.hold()
                self.ask("slow", self.port())
                supervisor.output.until("holding")
                if how == "signal":
                    supervisor.process.terminate()
                else:
                    self.spawn([f"{world.BIN}/drover", "shutdown"])
                supervisor.lines.until("drain all workers")
                # The holder has heard of it once a later answer has come.
                self.drover("status")
                os.kill(supervisor.pid, signal.SIGKILL)
                said = "\n".join(supervisor.end(128 + signal.SIGKILL))
                self.assertIn("on its way down", said)
                self.open_gate("go")
                held.await_end(supervisor.pid)
                self._wait_for_processes()

    def _wait_for_processes(self):
        for process in self._processes:
            process.wait(world.PATIENCE)
        world.await_orphans()


class EndTest(HoldCase):
    def test_exit_codes_are_the_supervisors(self):
        for code, pool in (
                (1, world.pool("web", world.unruly("fails-to-start"))),
                (2, {"name": "web"})):
            with self.subTest(code):
                held.start(self, "-f", self.config(pool)).end(code)
        supervisor = self.hold(
            world.pool("vital", world.unruly(),
                       restart={"on_external_signal": "shut_down"}))
        os.kill(self.pids("vital")[0], signal.SIGKILL)
        supervisor.end(3)

    def test_a_program_that_is_not_there(self):
        done = subprocess.run([f"{world.BIN}/drover-holder", "/no/such"],
                              capture_output=True, text=True, check=False,
                              timeout=world.PATIENCE)
        self.assertEqual(done.returncode, 127)
        self.assertIn("/no/such: No such file", done.stderr)

    def test_a_service_manager_holds_already(self):
        supervisor = held.start(self, "-f", self.config(self.serving()),
                                environment={"NOTIFY_SOCKET": "/run/x"})
        self.assertIn("--hold-sockets", "\n".join(supervisor.end(2)))

    def test_signals_are_passed_on(self):
        supervisor = self.hold()
        self.config(self.serving(count=2))
        os.kill(supervisor.holder, signal.SIGHUP)
        supervisor.lines.until("is scaled", "scale", "apply SUCCEEDED")
        self.until_status(lambda status: len(status["workers"]) == 2)
        os.kill(supervisor.holder, signal.SIGTERM)
        supervisor.end(0)

    def test_an_interrupt_at_the_terminal_is_one(self):
        """It is sent to the whole foreground group; two would hasten."""
        supervisor = self.hold(start_new_session=True)
        client = self.ask("slow", self.port())
        supervisor.output.until("holding")
        os.killpg(supervisor.holder, signal.SIGINT)
        supervisor.lines.until("drain all workers")
        self.drover("status")
        self.open_gate("go")
        self.assertEqual(self.answer(client)[1], "slow")
        said = "\n".join(supervisor.end(0))
        self.assertNotIn("SIG", said)

    def test_a_second_interrupt_hastens(self):
        supervisor = self.hold(
            world.pool("web", world.unruly("ignores-term"),
                       timeouts={"quit": "200ms", "kill": "200ms"}),
            start_new_session=True)
        os.killpg(supervisor.holder, signal.SIGINT)
        supervisor.output.until("ignoring stop")
        os.killpg(supervisor.holder, signal.SIGINT)
        supervisor.end(0)

    def test_suspended_and_continued_together(self):
        supervisor = self.hold(start_new_session=True)
        os.killpg(supervisor.holder, signal.SIGTSTP)
        for pid in (supervisor.holder, supervisor.pid):
            world.await_state(pid, "T")
        os.killpg(supervisor.holder, signal.SIGCONT)
        world.await_state(supervisor.holder, "S")
        self.drover("status")
        self.shut_down(supervisor)

    def test_the_death_of_the_holder(self):
        supervisor = self.hold()
        port = self.port()
        supervisor.process.kill()
        supervisor.lines.until("does not hear it any more")
        self.assertEqual(self.answer(self.ask("hello", port))[1], "hello")
        self.drover("shutdown")
        world.await_orphans()

    def test_what_the_dead_one_leaves_is_reaped(self):
        supervisor = self.hold(self.serving(count=3))
        supervisor.crash("web")
        self.until_children(supervisor.holder, 1)
        self.shut_down(supervisor)

    def until_children(self, holder, count):
        path = f"/proc/{holder}/task/{holder}/children"
        deadline = time.monotonic() + world.PATIENCE
        while time.monotonic() < deadline:
            with open(path, encoding="ascii") as file:
                found = file.read().split()
            if len(found) == count:
                return
            for pid in found:
                if world.name_of(int(pid)).startswith("python"):
                    held.await_end(int(pid))
        raise AssertionError(f"children of the holder: {found}")


class HostileTest(HoldCase):
    """Of another process than the supervisor nothing is believed."""

    def notify(self, address, text, fds=()):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(address)
            control = []
            if fds:
                packed = b"".join(fd.to_bytes(4, "little") for fd in fds)
                control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)]
            sender.sendmsg([text], control)

    def test_datagrams_of_others(self):
        supervisor = self.hold()
        port = self.port()
        supervisor.crash("web")
        # What the holder has is in the names that it gave to the second.
        names = variable(supervisor.pid, "LISTEN_FDNAMES").split(":")
        self.assertGreater(len(names), 2)
        address = variable(supervisor.pid, "NOTIFY_SOCKET")
        self.assertTrue(address.startswith("@"), address)
        address = "\0" + address[1:]
        before = fds_of(supervisor.holder)
        null = os.open(os.devnull, os.O_RDONLY)
        self.addCleanup(os.close, null)
        for text, fds in (
                (b"STOPPING=1", []),
                (b"FDSTORE=1\nFDNAME=drover-socket.0.", [null]),
                (b"FDSTORE=1", [null] * 253),
                (b"\0\xff" * 1000, []),
                (b"FDSTORE=1\n" + b"x" * 50000, [null]),
                (b"", [])):
            self.notify(address, text, fds)
        for name in names:
            self.notify(address, f"FDSTOREREMOVE=1\nFDNAME={name}".encode())
        supervisor.crash("web")
        self.assertEqual(fds_of(supervisor.holder), before)
        self.assertEqual(self.answer(self.ask("hello", port))[1], "hello")
        self.shut_down(supervisor)

    def test_a_supervisor_that_never_removes_anything(self):
        """The holder's memory of a broken one is bounded."""
        script = """
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("\\0" + os.environ["NOTIFY_SOCKET"][1:])
for number in range(400):
    fd = os.memfd_create("x")
    s.sendmsg([b"FDSTORE=1\\nFDNAME=x%d" % number], [(
        socket.SOL_SOCKET, socket.SCM_RIGHTS, fd.to_bytes(4, "little"))])
    os.close(fd)
print("sent", flush=True)
__import__("signal").pause()
"""
        process = self.spawn([f"{world.BIN}/drover-holder", *world.PYTHON,
                              "-c", script])
        lines = world.Lines(process.stdout)
        errors = world.Lines(process.stderr)
        errors.until("is not held: there are 256 already")
        lines.until("sent")
        self.assertLess(fds_of(process.pid), 256 + 16)
        process.terminate()
        self.assertEqual(process.wait(world.PATIENCE), 128 + signal.SIGTERM)
        told = [line for line in errors.rest() if "not held" in line]
        self.assertEqual(len(told), 1)


def variable(pid, name):
    with open(f"/proc/{pid}/environ", encoding="utf-8") as file:
        for entry in file.read().split("\0"):
            if entry.startswith(name + "="):
                return entry.split("=", 1)[1]
    return None


def fds_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


if __name__ == "__main__":
    unittest.main()
