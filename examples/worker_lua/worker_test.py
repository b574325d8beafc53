import os
import unittest

from examples.testing import toolchain
from examples.testing.small_contract import OneAnswerContract


def setUpModule():
    toolchain.require("luajit", "luajit")


class WorkerTest(OneAnswerContract, unittest.TestCase):
    COMMAND = ["/usr/bin/env", "luajit", "examples/worker_lua/worker.lua"]
    ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c")}


if __name__ == "__main__":
    unittest.main()
