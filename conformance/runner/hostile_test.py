"""Whatever is put behind --, the runner comes to a verdict: no crash, no hang,
nothing left behind, and never a pass."""

import json
import subprocess
import unittest

RUNNER = "conformance/runner/drover-conformance"
PATIENCE = 120  # seconds
PROLOGUE = "import os, random, socket, sys, time\n" \
           "s = socket.socket(fileno=int(os.environ['DROVER_FD']))\n"
# What a worker says first: major 1, its process id.
HELLO = "hello = b'\\x08\\x01'\n" \
        "body = bytes([82, len(hello)]) + hello\n" \
        "s.sendall(len(body).to_bytes(4, 'big') + body)\n"
BYZANTINE = {
    "random bytes": "s.sendall(random.randbytes(100000))\n",
    "random frames": HELLO + "s.recv(9999)\n"
                     "for _ in range(400):\n"
                     "  b = random.randbytes(random.randint(1, 60))\n"
                     "  s.sendall(len(b).to_bytes(4, 'big') + b)\n",
    "half-close": HELLO + "s.shutdown(socket.SHUT_WR); time.sleep(60)\n",
    "stall": HELLO + "time.sleep(600)\n",
    "half a header": "s.sendall(b'\\0\\0'); time.sleep(600)\n",
    "many children": HELLO + "[os.fork() for _ in range(4)]\n"
                             "time.sleep(600)\n",
    "output": "while True: print('x' * 100000)\n",
}


def run(*command):
    done = subprocess.run(
        [RUNNER, "--scale", "0.05", "--chapter", "LC", "--json", "-", "--",
         *command], capture_output=True, text=True, timeout=PATIENCE,
        check=False)
    verdicts = [case["verdict"] for case in json.loads(done.stdout)["cases"]]
    return done.returncode, verdicts


class HostileTest(unittest.TestCase):

    def check(self, *command):
        code, verdicts = run(*command)
        self.assertEqual(code, 1)
        self.assertNotIn("VERDICT_BROKEN", verdicts)
        self.assertNotIn("VERDICT_PASS", verdicts)

    def test_programs_that_are_no_workers(self):
        for command in (["/nowhere/at-all"], ["/bin/true"], ["/bin/false"],
                        ["sleep", "1000"], ["yes"]):
            with self.subTest(command=command):
                self.check(*command)

    def test_byzantine_workers(self):
        for name, script in BYZANTINE.items():
            with self.subTest(name=name):
                self.check("/usr/bin/python3", "-IS", "-c", PROLOGUE + script)

    def test_bad_input_is_said_before_anything_runs(self):
        for options in (["--case", "W-NO-01"], ["--json", "/nowhere/report"],
                        ["--known-failing", "/nowhere/list"],
                        ["--scale", "nothing"]):
            with self.subTest(options=options):
                done = subprocess.run(
                    [RUNNER, *options, "--", "/bin/sh", "-c", "exit 9"],
                    capture_output=True, text=True, timeout=PATIENCE,
                    check=False)
                self.assertEqual(done.returncode, 2)
                self.assertIn("drover-conformance: ", done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
