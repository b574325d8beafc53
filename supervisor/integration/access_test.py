"""Who gets in at the admin socket, and how many."""

import os
import pwd
import resource
import selectors
import shutil
import socket
import stat
import unittest

from supervisor.integration import world

# Another than the one that runs the test; numbers need no account.
OTHER = 54321


class AccessTest(world.Case):
    """Root can be anybody else, and so is judged in every way. Anybody else
    can only be himself: then the socket's mode is what keeps others out, and
    what the configuration says about users is tried upon oneself."""

    def setUp(self):
        super().setUp()
        self.root = os.getuid() == 0
        # Where others than root find it.
        self.program = self.path("drover")
        shutil.copy(f"{world.BIN}/drover", self.program)

    def mode(self):
        return stat.S_IMODE(os.stat(self.socket).st_mode)

    def as_other(self, *words, code):
        options = {"user": OTHER, "group": OTHER, "extra_groups": []} \
            if self.root else {}
        process = self.spawn([self.program, *words, "--output", "json"],
                             **options)
        out, errors = process.communicate(timeout=world.PATIENCE)
        self.assertEqual(process.returncode, code, out + errors)
        return out + errors

    def web(self):
        return world.pool("web", world.unruly(), count=2)

    def test_the_mode_keeps_others_out(self):
        supervisor = self.start(self.web())
        self.assertEqual(self.mode(), 0o600)
        self.assertEqual(os.stat(self.socket).st_uid, os.getuid())
        if not self.root:
            os.chmod(self.socket, 0)
        said = self.as_other("status", code=4)
        self.assertIn("NOT_ALLOWED", said)
        self.assertIn("allow_users", said)
        os.chmod(self.socket, 0o600)
        self.drover("status")
        self.shut_down(supervisor)

    def test_refused_at_accept_where_the_mode_lets_in(self):
        supervisor = self.start(self.web(), socket_mode="0666")
        self.assertEqual(self.mode(), 0o666)
        if self.root:
            before = self.pids("web")
            self.as_other("status", code=4)
            self.as_other("shutdown", "--hard", code=4)
            self.assertEqual(self.pids("web"), before)
        self.drover("status")
        self.shut_down(supervisor)

    def test_observers_may_look_and_not_touch(self):
        supervisor = self.start(self.web(), socket_mode="0666",
                                observe_users=[str(OTHER)])
        before = self.pids("web")
        if self.root:
            self.assertIn('"web"', self.as_other("status", code=0))
            self.as_other("logs", "web", code=0)
            for words in (("scale", "web", "3"), ("stop", "web"),
                          ("shutdown",)):
                said = self.as_other(*words, code=4)
                self.assertIn("ROLE_", said)
                self.assertIn("allow_users", said)
        # The user that runs it is no observer, whatever the list says.
        self.assertEqual(self.pids("web"), before)
        self.drover("scale", "web", "1")
        self.shut_down(supervisor)

    def test_allowed_users_may_do_everything(self):
        supervisor = self.start(self.web(), socket_mode="0666",
                                allow_users=[str(OTHER)])
        self.as_other("scale", "web", "3", code=0)
        self.assertEqual(len(self.pids("web")), 3)
        (scale,) = [o for o in self.drover("operations").last["operations"]
                    if o["kind"] == "OPERATION_KIND_SCALE"]
        self.assertEqual(scale["caller"],
                         f"uid {OTHER if self.root else os.getuid()}")
        self.shut_down(supervisor)

    def test_the_directory_is_made_for_nobody_else(self):
        self.socket = self.path("made/admin.sock")
        supervisor = self.start(self.web())
        self.assertEqual(
            stat.S_IMODE(os.stat(self.path("made")).st_mode), 0o700)
        self.shut_down(supervisor)

    def test_the_gateway_is_nobody(self):
        supervisor = self.start(self.web())
        self.status()  # an answer: it has become what it will be
        with open(f"/proc/{supervisor.gateway()}/status",
                  encoding="ascii") as file:
            status = dict(line.split(":\t", 1) for line in file
                          if ":\t" in line)
        user = pwd.getpwnam("nobody").pw_uid if self.root else os.getuid()
        self.assertEqual(status["Uid"].split(), [str(user)] * 4)
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        self.shut_down(supervisor)


class ManyTest(world.Case):

    def test_two_thousand_idle_connections(self):
        """More than the cap wait, hold nothing up but newcomers, and these
        are served once they close."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 2000 if hard == resource.RLIM_INFINITY \
            else min(2000, hard - 100)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted + 100, hard))
        supervisor = self.start(world.pool("web", world.unruly()),
                                max_connections=16)
        idle, waiting = self.connect(wanted)
        self.assertGreater(len(idle), 100)
        # They are on their way in the kernel, no further: the gateway holds
        # those that it has accepted.
        held = len(os.listdir(f"/proc/{supervisor.gateway()}/fd"))
        self.assertLess(held, 2 * 16 + 64)
        # A newcomer waits in the kernel's queue or, if that is full, is told.
        late = self.drover("status", "--timeout", "500ms", code=None)
        self.assertIn(late.code, (7, 9), late)
        for connection in idle + waiting:
            connection.close()
        self.assertEqual(len(self.status()["workers"]), 1)
        self.shut_down(supervisor)

    def connect(self, count):
        """Connections made, and sockets that the kernel had no room for."""
        made, waiting = [], []
        for _ in range(count):
            connection = socket.socket(socket.AF_UNIX)
            self.addCleanup(connection.close)
            connection.setblocking(False)
            try:
                connection.connect(self.socket)
                made.append(connection)
            except BlockingIOError:
                waiting.append(connection)
        return made, waiting

    def test_a_connection_beyond_the_cap_waits_for_its_turn(self):
        supervisor = self.start(world.pool("web", world.unruly()),
                                max_connections=4)
        idle, _ = self.connect(4)
        # Each is in once the server speaks first, as HTTP/2 servers do.
        with selectors.DefaultSelector() as ready:
            for connection in idle:
                ready.register(connection, selectors.EVENT_READ)
            spoken = set()
            while len(spoken) < 4:
                events = ready.select(world.PATIENCE)
                self.assertTrue(events, "a connection below the cap waits")
                for key, _ in events:
                    ready.unregister(key.fileobj)
                    spoken.add(key.fd)
        client = self.spawn([f"{world.BIN}/drover", "status"])
        idle.pop().close()
        out, errors = client.communicate(timeout=world.PATIENCE)
        self.assertEqual(client.returncode, 0, errors)
        self.assertIn("web", out)
        for connection in idle:
            connection.close()
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
