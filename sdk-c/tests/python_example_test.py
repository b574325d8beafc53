"""The worker in Python of docs/writing-a-worker.md, as it stands there."""

import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

PAGE = "docs/writing-a-worker.md"
LIBRARY = "sdk-c/libdrover.so.1"


class PythonExample(unittest.TestCase):

    def setUp(self):
        with open(PAGE, encoding="utf-8") as file:
            code = re.search(r"```python\n(.*?)```", file.read(), re.DOTALL)
        self.program = tempfile.NamedTemporaryFile("w", suffix=".py")
        self.program.write(code.group(1))
        self.program.flush()
        self.environment = dict(
            os.environ, LD_LIBRARY_PATH=os.path.abspath("sdk-c"))
        self.environment.pop("DROVER_FD", None)

    def tearDown(self):
        self.program.close()

    def test_a_whole_life(self):
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        worker = subprocess.Popen(
            [sys.executable, self.program.name],
            env=dict(self.environment, DROVER_FD=str(theirs.fileno())),
            pass_fds=[theirs.fileno()])
        theirs.close()

        def send(text):
            body = bytes.fromhex(text)
            ours.sendall(struct.pack(">I", len(body)) + body)

        def read():
            size, = struct.unpack(">I", ours.recv(4, socket.MSG_WAITALL))
            return ours.recv(size, socket.MSG_WAITALL)

        self.assertIn(b"drover-c", read())
        send("5200")                      # Welcome
        send("08015a0408e0d403")          # Start, op 1
        self.assertIn(b"serving", read())
        send("0802620408e0d403")          # Stop, op 2
        self.assertEqual(read(), bytes.fromhex("10025a020805"))
        send("08036a0408e0d403")          # Quit, op 3
        self.assertEqual(worker.wait(timeout=20), 0)
        ours.close()

    def test_not_supervised(self):
        run = subprocess.run([sys.executable, self.program.name],
                             env=self.environment, capture_output=True,
                             text=True, timeout=20)
        self.assertEqual((run.returncode, run.stderr), (1, "not supervised\n"))


if __name__ == "__main__":
    unittest.main()
