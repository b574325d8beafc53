"""The minimal worker through a whole life, and without a supervisor."""

import os
import socket
import struct
import subprocess
import unittest

WORKER = "examples/minimal_c/minimal_worker"


class MinimalWorker(unittest.TestCase):

    def test_a_whole_life(self):
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        environment = dict(os.environ, DROVER_FD=str(theirs.fileno()),
                           DROVER_PROTOCOL="1")
        worker = subprocess.Popen([WORKER], env=environment,
                                  pass_fds=[theirs.fileno()])
        theirs.close()

        def send(text):
            body = bytes.fromhex(text)
            ours.sendall(struct.pack(">I", len(body)) + body)

        def read():
            size, = struct.unpack(">I", ours.recv(4, socket.MSG_WAITALL))
            return ours.recv(size, socket.MSG_WAITALL).hex()

        self.assertIn(b"minimal".hex(), read())
        send("5203120102")                # Welcome, with RESUME
        send("08015a0408e0d403")          # Start, op 1
        self.assertEqual(read(), "10015a020803")
        send("72020801")                  # Ping
        self.assertEqual(read(), "62020801")
        send("0802620408e0d403")          # Stop, op 2
        self.assertEqual(read(), "10025a020805")
        send("08035a0408e0d403")          # Start again
        self.assertEqual(read(), "10035a020803")
        send("08046a0408e0d403")          # Quit, op 4
        self.assertEqual(read(), "10045a020806")
        self.assertEqual(worker.wait(timeout=20), 0)
        ours.close()

    def test_not_supervised(self):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("DROVER_")}
        run = subprocess.run([WORKER], env=environment, capture_output=True,
                             text=True, timeout=20)
        self.assertEqual(run.returncode, 0)
        self.assertIn("not supervised", run.stdout)

    def test_a_channel_that_a_wrapper_closed(self):
        run = subprocess.run([WORKER], env=dict(os.environ, DROVER_FD="9"),
                             capture_output=True, text=True, timeout=20)
        self.assertEqual(run.returncode, 78)
        self.assertIn("wrapper", run.stderr)


if __name__ == "__main__":
    unittest.main()
