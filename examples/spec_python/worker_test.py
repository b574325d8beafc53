import os
import unittest

from examples.testing.small_contract import SeveralAnswersContract


class WorkerTest(SeveralAnswersContract, unittest.TestCase):
    COMMAND = ["/usr/bin/python3", "examples/spec_python/worker.py"]
    ENVIRONMENT = {"PYTHONPATH": os.path.abspath("examples/spec_python")}


if __name__ == "__main__":
    unittest.main()
