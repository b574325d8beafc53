import os
import unittest

from examples.testing import toolchain
from examples.testing.small_contract import OneAnswerContract


def setUpModule():
    toolchain.require("ruby", "ruby")


class WorkerTest(OneAnswerContract, unittest.TestCase):
    COMMAND = ["/usr/bin/env", "ruby", "examples/worker_ruby/worker.rb"]
    ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c")}


if __name__ == "__main__":
    unittest.main()
