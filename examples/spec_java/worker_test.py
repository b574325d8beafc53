import unittest

from examples.testing import toolchain
from examples.testing.spool_contract import SpoolContract


def setUpModule():
    toolchain.require("javac", "default-jdk-headless")


class WorkerTest(SpoolContract, unittest.TestCase):
    CHANNEL = 0
    WORKER = ["/usr/bin/java", "-XX:TieredStopAtLevel=1", "-cp",
              "examples/spec_java/spec_java.jar", "Worker"]

    # Java has no word for the flag; it closes them in what it executes.
    test_keeps_its_descriptors_to_itself = \
        SpoolContract.test_commands_have_no_socket


if __name__ == "__main__":
    unittest.main()
