"""Programs that cannot take over: refused, given up, and the former goes on."""

import os
import shutil
import unittest

from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world

WEB = world.pool("web", world.unruly(), count=2)


class UpgradeRefusedTest(upgrades.Case):

    def setUp(self):
        super().setUp()
        self.supervisor = self.start(WEB)
        self.before = self.pids("web")

    def tearDown(self):
        """Whatever was tried: the same workers, and an upgrade that works."""
        self.assertEqual(self.pids("web"), self.before)
        self.expect_upgrade()
        self.assertEqual(self.pids("web"), self.before)
        self.shut_down(self.supervisor)
        super().tearDown()

    def test_missing(self):
        self.expect_bad(self.path("none"), "No such file or directory")

    def test_not_executable(self):
        self.expect_bad(self.program("new", mode=0o644), "chmod +x")

    def test_a_directory(self):
        self.expect_bad(self.directory, "no regular file")

    def test_a_pipe(self):
        os.mkfifo(self.path("pipe"), 0o755)
        self.expect_bad(self.path("pipe"), "no regular file")

    def test_writable_by_others(self):
        self.expect_bad(self.program("new", mode=0o777), "chmod go-w")
        self.expect_bad(self.program("new", mode=0o775), "chmod go-w")

    @unittest.skipUnless(os.getuid() == 0, "only root gives files away")
    def test_of_another_user(self):
        program = self.program("new")
        os.chown(program, 1, 1)
        self.expect_bad(program, "uid 1's")

    def test_text(self):
        self.expect_bad(self.program("new", "not a program\n"),
                        "cannot be executed", "Exec format error")

    def test_a_script(self):
        """It cannot be executed by its descriptor, and is no supervisor."""
        self.expect_bad(self.program("new", "#!/bin/sh\nexit 0\n"),
                        "no program, or one whose loader is missing")

    def test_another_program(self):
        shutil.copyfile("/bin/true", self.path("new"))
        os.chmod(self.path("new"), 0o755)
        self.expect_failure(self.path("new"), "ended with code 0",
                            "is it a drover-supervisor?")

    def test_one_that_fails_with_words(self):
        shutil.copyfile("/bin/ls", self.path("new"))
        os.chmod(self.path("new"), 0o755)
        self.expect_failure(self.path("new"), "ended with code 2",
                            "it wrote: ")

    def test_without_its_gateway(self):
        """A release of which only a part is there."""
        self.expect_failure(self.program("drover-supervisor"),
                            "there is no gateway", self.directory)


if __name__ == "__main__":
    unittest.main()
