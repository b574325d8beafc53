"""The worker of README.md, built as it stands there, does what it says."""

import os
import signal
import socket
import struct
import subprocess
import unittest

WORKER = "sdk-cpp/readme_worker"


class Readme(unittest.TestCase):

    def test_supervised(self):
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        environment = dict(os.environ, DROVER_FD=str(theirs.fileno()),
                           DROVER_PROTOCOL="1")
        worker = subprocess.Popen(
            [WORKER], env=environment, pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE, text=True)
        theirs.close()

        def send(text):
            body = bytes.fromhex(text)
            ours.sendall(struct.pack(">I", len(body)) + body)

        def read():
            size, = struct.unpack(">I", ours.recv(4, socket.MSG_WAITALL))
            return ours.recv(size, socket.MSG_WAITALL)

        self.assertIn(b"hello", read())
        send("52041a021007")              # Welcome, slot 7
        send("08015a0408e0d403")          # Start, op 1
        self.assertEqual(read(), bytes.fromhex("10015a020803"))
        send("0802620408e0d403")          # Stop, op 2
        self.assertEqual(read(), bytes.fromhex("10025a020805"))
        send("08036a0408e0d403")          # Quit, op 3
        output, _ = worker.communicate(timeout=20)
        self.assertEqual((worker.returncode, output), (0, "slot 7 works\n"))
        ours.close()

    def test_not_supervised(self):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("DROVER_")}
        worker = subprocess.Popen([WORKER], env=environment,
                                  stdout=subprocess.PIPE, text=True)
        self.assertEqual(worker.stdout.readline(), "slot 0 works\n")
        worker.send_signal(signal.SIGINT)
        worker.communicate(timeout=20)
        self.assertEqual(worker.returncode, 0)


if __name__ == "__main__":
    unittest.main()
