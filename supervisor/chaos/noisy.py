"""A worker that writes megabytes before it says that it has started."""

import os
import sys

sys.path.insert(0, sys.argv[1])
import unruly  # pylint: disable=C0413

LINE = b"x" * 1023 + b"\n"
LINES = 2048


class Noisy(unruly.Worker):
    def on_start(self, op, inner):
        for _ in range(LINES):
            os.write(1, LINE)
            os.write(2, LINE)
        super().on_start(op, inner)


Noisy().run()
