"""The pools of a run: workers in three languages, and one that is noisy."""

import os

from supervisor.integration import world

COMMANDS = {
    "cpp": [os.path.abspath("examples/http_cpp/http_worker")],
    "python": ["/usr/bin/python3",
               os.path.abspath("examples/worker_python/worker.py")],
    "node": ["/usr/bin/env", "node",
             os.path.abspath("examples/worker_node/worker.js")],
}
COUNTS = {"cpp": 2, "python": 2, "node": 2, "noisy": 1}
NOISY = [*world.PYTHON, "-B", os.path.abspath("supervisor/chaos/noisy.py"),
         os.path.dirname(world.UNRULY)]
# From a worker that stands still to its end.
HEARTBEAT = {"interval": "1s", "timeout": "4s"}
# Nothing is given up, however many are killed.
RESTART = {"backoff": {"initial": "100ms", "max": "1s"}, "max_restarts": 10000}


# Rotated often: the disk is memory.
FILE = {"file_max_bytes": 1 << 20, "file_keep": 1}


def _output(disk):
    """To a file on the disk, if there is one."""
    return {"output": {"file": f"{disk}/${{pool}}", **FILE}} if disk else {}


def of(counts, colours, disk):
    """colours: {pool: a number}; another one is a reason for a reload. disk: the
    directory for files of lines, or None."""
    served = [world.pool(
        name, command, count=counts[name],
        listeners=[{"name": "http", "address": "tcp://127.0.0.1:0"}],
        environment={"COLOUR": str(colours[name]), "RESPONSE": "hello",
                     "LD_LIBRARY_PATH": os.path.abspath("sdk-c")},
        timeouts={"start": "30s", "stop": "20s"},
        heartbeat=HEARTBEAT, restart=RESTART, **_output(disk))
        for name, command in COMMANDS.items()]
    return [*served, world.pool("noisy", NOISY, heartbeat=HEARTBEAT,
                                 restart=RESTART, **_output(disk))]
