"""Listeners that cannot be had: the message names them, and nothing starts."""

import os
import pwd
import shutil
import socket
import unittest

from supervisor.integration import world


class ListenerTest(world.Case):

    def pool(self, address):
        return world.pool("web", ["touch", self.path("started")], listeners=[
            {"name": "http", "address": address}])

    def refused(self, address):
        supervisor = self.run_supervisor("-f", self.config(self.pool(address)))
        said = "\n".join(supervisor.end(1))
        self.assertFalse(os.path.exists(self.socket))
        self.assertFalse(os.path.exists(self.path("started")))
        self.assertIn("web", said)
        self.assertIn("http", said)
        self.assertIn(address, said)
        return said

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            said = self.refused(f"tcp://127.0.0.1:{taken.getsockname()[1]}")
        self.assertIn("in use", said)

    def test_unix_socket_in_use(self):
        path = self.path("taken.sock")
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(path)
            taken.listen()
            said = self.refused(f"unix://{path}")
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)
        self.assertIn("in use", said)

    def test_address_of_another_machine(self):
        said = self.refused("tcp://192.0.2.1:0")
        self.assertIn("Cannot assign requested address", said)

    def test_in_use_on_apply(self):
        good = world.pool("good", world.unruly())
        supervisor = self.start(good)
        before = self.pids("good")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
            answer = self.drover(
                "apply", "-f", self.config(good, self.pool(address)), code=None)
        self.assertNotEqual(answer.code, 0)
        self.assertIn(address, answer.text + answer.errors)
        self.assertEqual(self.pids("good"), before)
        self.assertEqual([p["name"] for p in self.status()["pools"]], ["good"])
        self.shut_down(supervisor)

    def test_no_permission(self):
        """In a directory where only others may write. Root runs it as
        somebody else; anybody else as himself."""
        closed = self.path("closed")
        os.mkdir(closed, 0o555)
        mine = self.path("mine")
        os.mkdir(mine)
        self.socket = os.path.join(mine, "admin.sock")
        address = f"unix://{closed}/web.sock"
        options = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(mine, nobody.pw_uid, nobody.pw_gid)
            options = {"user": nobody.pw_uid, "group": nobody.pw_gid,
                       "extra_groups": []}
        # Where others than root find it.
        shutil.copytree(world.BIN, self.path("bin"))
        process = self.spawn(
            [self.path("bin/drover"), "run", "-f",
             self.config(self.pool(address))], **options)
        said = "\n".join(world.Supervisor(self, process).end(1))
        self.assertIn("web", said)
        self.assertIn("http", said)
        self.assertIn(address, said)
        self.assertIn("Permission denied", said)
        self.assertEqual(os.listdir(mine), [])


if __name__ == "__main__":
    unittest.main()
