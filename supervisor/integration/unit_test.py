"""The unit file that `drover systemd-unit` prints, as systemd reads it."""

import os
import re
import shutil
import subprocess
import unittest

from supervisor.integration import world


def systemd_version():
    done = subprocess.run(["systemd-analyze", "--version"], check=True,
                          capture_output=True, text=True)
    return re.match(r"systemd (\d+)", done.stdout)[1]


class UnitTest(world.Case):
    def unit(self, *words):
        return self.drover("systemd-unit", "--systemd-version",
                           systemd_version(), *words, json_output=False).text

    def verify(self, name, text):
        """What systemd has to say against it."""
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", self.write(name, text)],
            check=False, capture_output=True, text=True,
            timeout=world.PATIENCE)
        # Of the machine's own units it may complain as well.
        said = [line for line in (done.stdout + done.stderr).splitlines()
                if name in line]
        return "\n".join(said)

    def test_systemd_has_nothing_against_it(self):
        file = self.config(world.pool("web", world.unruly()))
        self.assertEqual(self.verify("web.service", self.unit("-f", file)), "")

    def test_nor_against_the_template(self):
        self.assertEqual(self.verify("drover@.service", self.unit()), "")

    def test_it_would_say_so(self):
        text = self.unit().replace("KillMode=process", "KillMode=nonsense")
        self.assertIn("nonsense", self.verify("drover@.service", text))

    def test_any_path(self):
        directory = self.path("a b%i$HOME'\"\\")
        os.mkdir(directory)
        file = shutil.copy(self.config(world.pool("web", world.unruly())),
                           directory)
        text = self.unit("-f", file, "--program", f"{world.BIN}/drover")
        self.assertEqual(self.verify("web.service", text), "")
        self.assertIn("%%i$$HOME", text)

    def test_a_configuration_that_is_wrong(self):
        answer = self.drover("systemd-unit", "-f", self.write("a.yaml", "x: 1"),
                             code=2)
        self.assertIn("a.yaml", answer.errors)


if __name__ == "__main__":
    unittest.main()
