import unittest

from examples.testing import toolchain
from examples.testing.spool_contract import SpoolContract


def setUpModule():
    toolchain.require("/usr/lib/bash/fdflags", "bash-builtins")


class WorkerTest(SpoolContract, unittest.TestCase):
    WORKER = ["/bin/bash", "examples/spec_bash/worker.sh"]


if __name__ == "__main__":
    unittest.main()
