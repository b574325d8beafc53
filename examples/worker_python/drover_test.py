"""The module by itself."""

import os
import unittest

from examples.testing.driver import Driver

COMMAND = ["/usr/bin/python3", "examples/worker_python/testdata/forks.py"]
ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c"),
               "PYTHONPATH": os.path.abspath("examples/worker_python")}


class DroverTest(unittest.TestCase):
    def test_a_forked_child_cannot_speak(self):
        with Driver(COMMAND, ENVIRONMENT, listener=False) as driver:
            driver.welcome()
            driver.start()
            report = driver.stop()
            self.assertEqual(report.text, b"in the child: forked, fatal")
            driver.command("quit")
            driver.expect_exit(0)


if __name__ == "__main__":
    unittest.main()
