import subprocess
import unittest

from examples.testing.http_contract import ResumeContract


class WorkerTest(ResumeContract, unittest.TestCase):
    COMMAND = ["examples/worker_c/worker_c"]

    def test_says_that_nobody_supervises_it(self):
        done = subprocess.run(self.COMMAND, env={}, timeout=20, check=True,
                              stdout=subprocess.PIPE)
        self.assertIn(b"not supervised", done.stdout)


if __name__ == "__main__":
    unittest.main()
