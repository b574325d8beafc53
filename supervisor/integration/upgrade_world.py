"""What the tests of the upgrade in place share: other releases of the
supervisor, and what must be the same before and after."""

import os
import shutil

from supervisor.integration import world

SAME = f"{world.BIN}/drover-supervisor"
NEXT = os.path.abspath("supervisor/next/drover-supervisor")
NEXT_VERSION = "0.1.1-next"
# Fails where the variable DROVER_FAILPOINT of the supervisor says.
FAILING = os.path.abspath("supervisor/failing/drover-supervisor")

SUCCEEDED = "UPGRADE_STATE_SUCCEEDED"
FAILED = "UPGRADE_STATE_FAILED"


def descriptors(pid):
    """What each open descriptor of a process is, by number, without those of
    the event loop and of the gateway, which are new each time."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            pass
    return found


class Case(world.Case):

    def program(self, name, text=None, mode=0o755):
        """A program of this test's, of a copy of the present one by default."""
        path = self.path(name)
        if text is None:
            shutil.copyfile(SAME, path)
        else:
            self.write(name, text)
        os.chmod(path, mode)
        return path

    def upgrade(self, binary=SAME, code=0):
        """The upgrade's last state as the command tells it."""
        return self.drover("upgrade", "--binary", binary, code=code).last

    def expect_upgrade(self, binary=SAME):
        upgrade = self.upgrade(binary)
        self.assertEqual(upgrade["state"], SUCCEEDED, upgrade)
        return upgrade

    def expect_failure(self, binary, *words):
        """An upgrade that is given up, with these words in the reason."""
        upgrade = self.upgrade(binary, code=1)
        self.assertEqual(upgrade["state"], FAILED, upgrade)
        for word in words:
            self.assertIn(word, upgrade["message"])
        self.assertIn("former program goes on", upgrade["remedy"])
        return upgrade

    def expect_bad(self, binary, *words):
        """An upgrade that is not even begun, with these words."""
        error = self.drover("upgrade", "--binary", binary, code=6).error
        self.assertEqual((error["reason"], error["field"]),
                         ("BAD_BINARY", "binary"))
        for word in words:
            self.assertIn(word, error["message"])

    def run_supervisor_by(self, program, *pools, environment=None):
        """A supervisor of another release."""
        process = self.spawn(
            [program, "--file", self.config(*pools)], environment)
        supervisor = world.Supervisor(self, process)
        return supervisor.ready(*[pool["name"] for pool in pools])

    def supervisor_info(self):
        return self.status()["supervisor"]
