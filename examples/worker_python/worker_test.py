import os
import subprocess
import unittest

from examples.testing.http_contract import ResumeContract

COMMAND = ["/usr/bin/python3", "examples/worker_python/worker.py"]
ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c")}


class WorkerTest(ResumeContract, unittest.TestCase):
    COMMAND = COMMAND
    ENVIRONMENT = ENVIRONMENT

    def test_says_that_nobody_supervises_it(self):
        done = subprocess.run(COMMAND, env=ENVIRONMENT, timeout=20, check=True,
                              stdout=subprocess.PIPE)
        self.assertIn(b"not supervised", done.stdout)

    def test_reports_what_is_left_while_it_drains(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=300")
        op = driver.command("stop")
        self.assertEqual(driver.expect("progress").progress.in_flight, 1)
        driver.expect_state("STOPPED", op)


if __name__ == "__main__":
    unittest.main()
