import unittest

from examples.testing import toolchain
from examples.testing.small_contract import OneAnswerContract


def setUpModule():
    toolchain.require("perl", "perl")


class WorkerTest(OneAnswerContract, unittest.TestCase):
    COMMAND = ["/usr/bin/env", "perl", "examples/spec_perl/worker.pl"]


if __name__ == "__main__":
    unittest.main()
