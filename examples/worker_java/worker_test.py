import os
import unittest

from examples.testing import toolchain
from examples.testing.small_contract import OneAnswerContract

JNA = "/usr/share/java/jna.jar"


def setUpModule():
    toolchain.require("javac", "default-jdk-headless")
    toolchain.require(JNA, "libjna-java")


class WorkerTest(OneAnswerContract, unittest.TestCase):
    COMMAND = ["/usr/bin/java", "-XX:TieredStopAtLevel=1", "-cp",
               f"examples/worker_java/worker_java.jar:{JNA}",
               "Main"]
    ENVIRONMENT = {"LD_LIBRARY_PATH": os.path.abspath("sdk-c")}


if __name__ == "__main__":
    unittest.main()
