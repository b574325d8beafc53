"""A supervisor below a holder: `drover run --hold-sockets`."""

import os
import select

from supervisor.integration import world


class Held(world.Supervisor):
    """`pid` is the supervisor's; `process` is the holder."""

    def __init__(self, case, process):
        super().__init__(case, process)
        self.holder = process.pid

    def found(self):
        """Finds the supervisor that runs now, once its pools do."""
        self.pid = supervisor_of(self.holder)
        return self

    def crash(self, *pools):
        """Kills the supervisor, and waits until the next one's pools run."""
        os.kill(self.pid, 9)
        self.lines.until("was ended by SIGKILL")
        return self.ready(*pools).found()


def start(case, *words, environment=None, **options):
    return Held(case, case.spawn(
        [f"{world.BIN}/drover", "run", "--hold-sockets", *words], environment,
        **options))


def supervisor_of(holder):
    path = f"/proc/{holder}/task/{holder}/children"
    with open(path, encoding="ascii") as file:
        for pid in file.read().split():
            if world.name_of(int(pid)).startswith("drover-supervis"):
                return int(pid)
    raise AssertionError(f"holder {holder} has no supervisor")


def await_end(pid):
    """Until the process has ended, whether or not it was reaped."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if not select.select([fd], [], [], world.PATIENCE)[0]:
            raise AssertionError(f"{pid} lives")
    finally:
        os.close(fd)
