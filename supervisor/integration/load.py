"""The strict load of the demo, examples/load, steered by lines."""

import json
import os
import subprocess

from supervisor.integration import world

PROGRAM = os.path.abspath("examples/load/load")


class Load:
    def __init__(self, case, port, rate, connections, accept_logs=None):
        logs = ["--accept-logs", accept_logs] if accept_logs else []
        self._process = case.spawn(
            [PROGRAM, "--port", str(port), "--rate", str(rate),
             "--connections", str(connections), *logs],
            stdin=subprocess.PIPE, stderr=None)
        self._lines = world.Lines(self._process.stdout)

    def _say(self, line):
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._lines.next())

    def mark(self, step):
        """What follows belongs to this step; the figures of the former."""
        return self._say(f"mark {step}")

    def killed(self, pid):
        """Failures on connections that this process had are excused."""
        self._say(f"killed {pid}")

    def end(self):
        """Its report."""
        report = self._say("end")
        self._process.wait(world.PATIENCE)
        return report
