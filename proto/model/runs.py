"""Which models are looked at: switches of bounds.pml, and what for."""
from typing import NamedTuple

LIVENESS = ("down_is_down", "start_ends", "stop_ends", "quit_ends",
            "reload_ends", "handshake_ends", "end_is_reported")

# Statements are not merged, so that each can be counted.
UNMERGED = "-o3"
ONE_PROCESS = ("-DSPAWNS=1", "-DBACKLOG=1")
WRAPPED = ("-DABLE=false", "-DCHILD=true", "-DBACKLOG=1", "-DWISHES=1",
           "-DEXTRAS=0")


class Run(NamedTuple):
    switches: tuple
    liveness: bool = False


# A worker of each kind; each of these models has no fault.
SOUND = {
    # One process that can do everything; then one that says no more than it
    # has to, to an operator of two minds.
    "conforming": Run((UNMERGED, *ONE_PROCESS, "-DWISHES=1")),
    "conforming, again": Run(
        (UNMERGED, *ONE_PROCESS, "-DWISHES=2", "-DEXTRAS=0")),
    # Two processes without any capability, each behind a wrapper.
    "wrapped": Run((UNMERGED, *WRAPPED)),
    "hostile": Run((UNMERGED, "-DHOSTILE", *ONE_PROCESS, "-DWISHES=1")),
    "conforming, in the end": Run(
        (*ONE_PROCESS, "-DWISHES=1", "-DEXTRAS=0"), liveness=True),
    "hostile, in the end": Run(
        ("-DHOSTILE", "-DABLE=false", *ONE_PROCESS, "-DWISHES=0"),
        liveness=True),
}

# What the mutants of mutants.txt are looked for in: small, for speed.
FAULTY = {
    "conforming": (*ONE_PROCESS, "-DWISHES=1"),
    "again": (*ONE_PROCESS, "-DWISHES=2", "-DEXTRAS=0"),
    "restarted": (*ONE_PROCESS, "-DABLE=false", "-DWISHES=2", "-DEXTRAS=0"),
    "wrapped": WRAPPED,
    "hostile": ("-DHOSTILE", *ONE_PROCESS, "-DWISHES=1"),
}


class Mutant(NamedTuple):
    name: str
    broken: str
    run: str

    @property
    def claim(self):
        return self.broken if self.broken in LIVENESS else None

    @property
    def switches(self):
        return (*FAULTY[self.run], f"-DMUTANT={self.name}")


def mutants(text):
    return [Mutant(*line.split()) for line in text.splitlines()
            if line and not line.startswith("#")]
