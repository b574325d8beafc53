import os
import unittest

from examples.testing import toolchain
from examples.testing.small_contract import SeveralAnswersContract


def setUpModule():
    toolchain.require("go", "golang-go")


class WorkerTest(SeveralAnswersContract, unittest.TestCase):
    COMMAND = ["examples/worker_go/worker_go"]
    ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c")}


if __name__ == "__main__":
    unittest.main()
