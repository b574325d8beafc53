"""A stop or a kill of a worker, with a note of the connections that it held.

The note is an accept log as examples/load reads it: what fails on one of these
connections is the killed worker's, all else counts. It is taken from outside,
while the worker stands still, so workers of any language need not help.
"""

import os
import signal
import socket
import struct
import time

from supervisor.integration import upgrade_world as upgrades
from supervisor.integration import world


def note(pid, directory):
    """Writes down whose connections a stopped process holds."""
    held = set(upgrades.descriptors(pid).values())
    now = time.monotonic_ns()
    with open(os.path.join(directory, str(pid)), "a",
              encoding="ascii") as file:
        for inode, address, port in _connections():
            if f"socket:[{inode}]" in held and port != 0:
                file.write(f"{now} {address} {port}\n")


def _connections():
    """(inode, peer's address, peer's port) of each TCP socket."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        next(file)
        for line in file:
            fields = line.split()
            address, port = fields[2].split(":")
            yield fields[9], _dotted(address), int(port, 16)


def _dotted(address):
    return socket.inet_ntoa(struct.pack("=I", int(address, 16)))


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    world.await_state(pid, "T")


def stop_and_note(pid, directory):
    stop(pid)
    note(pid, directory)


def kill(pid, directory):
    stop_and_note(pid, directory)
    os.kill(pid, signal.SIGKILL)
