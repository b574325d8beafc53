import unittest

from examples.testing import toolchain
from examples.testing.small_contract import SeveralAnswersContract


def setUpModule():
    toolchain.require("go", "golang-go")


class WorkerTest(SeveralAnswersContract, unittest.TestCase):
    COMMAND = ["examples/spec_go/spec_go"]


if __name__ == "__main__":
    unittest.main()
