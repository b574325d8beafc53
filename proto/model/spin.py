"""Runs Spin on the model: generates the verifier, compiles it, searches, and
reads what it printed."""
import pathlib
import re
import subprocess
import tempfile
from typing import NamedTuple

HERE = pathlib.Path(__file__).absolute().parent
MODEL = HERE / "lifecycle.pml"
MEGABYTES = 1500
DEPTH = 20000
HASH = 21           # slots of the hash table, as a power of 2
SECONDS = 170

SAFETY = ("-DSAFETY", "-DNOCLAIM")
FAILED_ASSERTION = re.compile(r"assertion violated .*\|\|(\w+)\)+ \(at depth")
INCOMPLETE = re.compile(r"Search not completed|depth too small|out of memory"
                        r"|memory limit|hit the bound", re.I)
# What Spin says of files is not always so; of processes and lines it is.
PROCESS = re.compile(r"^(?:unreached in )?(?:proctype|claim) (\w+)")
UNREACHED = re.compile(r"^\t\S+:(\d+), state \d+,")
STATEMENT = re.compile(r"^\tstate .*:(\d+) =>")


class Result(NamedTuple):
    broken: str      # the property that does not hold; "" for none
    states: int
    depth: int
    unreached: list  # (process, line) of each statement not reached
    output: str      # of the verifier


class Verifier:
    """The model with some switches, compiled; a context manager."""

    def __init__(self, switches, liveness=False, optimise=True):
        self.switches = list(switches)
        self.liveness = liveness
        self.optimise = optimise

    def __enter__(self):
        self.place = tempfile.TemporaryDirectory(prefix="drover.")
        self._run("spin", "-a", *self.switches, str(MODEL))
        flags = () if self.liveness else SAFETY
        self._run("gcc", "-O1" if self.optimise else "-O0", "-w",
                  f"-DMEMLIM={MEGABYTES}", "-DCOLLAPSE", "-DNOREDUCE", *flags,
                  "-o", "pan", "pan.c")
        return self

    def __exit__(self, *_):
        self.place.cleanup()

    def search(self, claim=None):
        """Looks everywhere: for a property of safety that fails, or for a run
        that breaks the claim."""
        how = ["-a", "-f", "-N", claim] if claim else []
        output = self._run("./pan", f"-m{DEPTH}", f"-w{HASH}", *how)
        broken = broken_property(output, claim)
        return Result(broken, number(r"(\d+) states, stored", output),
                      number(r"depth reached (\d+)", output),
                      places(UNREACHED, output),
                      output)

    def statements(self):
        """(process, line) of every statement."""
        return places(STATEMENT, self._run("./pan", "-d"))

    def trace(self):
        """The run that broke a property, step by step."""
        return self._run("spin", "-k", MODEL.name + ".trail", "-p", "-g",
                         *self.switches, str(MODEL))

    def _run(self, *command):
        done = subprocess.run(command, cwd=self.place.name, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, check=False)
        if done.returncode != 0 and command[0] != "./pan":
            raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2000:]}")
        return done.stdout


def broken_property(output, claim):
    """Raises where the search is not exhaustive: that is no result."""
    failed = FAILED_ASSERTION.search(output)
    if failed:
        return failed[1]
    if "acceptance cycle (at" in output:
        return claim
    if "errors: 0" not in output or INCOMPLETE.search(output):
        raise RuntimeError(output[:3000])
    return ""


def number(pattern, output):
    found = re.search(pattern, output)
    return int(found[1]) if found else 0


def places(pattern, output):
    found, process = [], ""
    for line in output.splitlines():
        head, match = PROCESS.match(line), pattern.match(line)
        if head:
            process = head[1]
        elif match:
            found.append((process, int(match[1])))
    return found
