"""The kill matrix: every mutant is seen by the case that is for it, and every
case sees one.

A test of one kind of testee is a module that calls main() with its Matrix; with
--all it prints which other cases see which mutant, which takes a while.
"""

import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys
import unittest

RUNNER = "conformance/runner/drover-conformance"
# A mutant that says nothing is waited for; no longer than it takes here (the
# factor: .bazelrc).
SCALE = str(0.3 * float(os.environ.get("DROVER_TEST_SCALE", "1")))
SIDE_BY_SIDE = 2 * (os.cpu_count() or 1)
PATIENCE = 120  # seconds, for one mutant
SEEN = ("VERDICT_FAIL", "VERDICT_WARN")


def words(*command):
    """The words of each line that a command prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          timeout=PATIENCE)
    return [line.split() for line in done.stdout.splitlines()]


@dataclasses.dataclass(frozen=True)
class Matrix:
    testee: str
    options: tuple  # of the runner
    mode: str = "worker"

    def faults(self):
        """(fault, case) of every mutant."""
        return [tuple(line[:2]) for line in words(self.testee, "--list-faults")]

    def cases(self):
        return [line[0] for line in
                words(RUNNER, "--mode", self.mode, "--list")]

    def run(self, *words):
        """[(case, verdict)] of one run."""
        done = subprocess.run(
            [RUNNER, "--mode", self.mode, *self.options, "--scale", SCALE,
             "--json", "-", *words],
            capture_output=True, text=True, check=False, timeout=PATIENCE)
        return [(case["id"], case["verdict"])
                for case in json.loads(done.stdout)["cases"]]

    def verdict(self, fault, case):
        (_, found), = self.run("--case", case, "--", self.testee,
                               f"--fault={fault}")
        return found

    def verdicts(self, pairs):
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            return list(pool.map(lambda pair: self.verdict(*pair), pairs))


class KillMatrixTest(unittest.TestCase):
    matrix = None

    def test_every_mutant_is_killed_by_its_case(self):
        pairs = self.matrix.faults()
        survivors = [f"{fault} survives {case}: {verdict}"
                     for (fault, case), verdict
                     in zip(pairs, self.matrix.verdicts(pairs))
                     if verdict not in SEEN]
        self.assertEqual(survivors, [])

    def test_nothing_is_seen_where_there_is_no_fault(self):
        # In the same haste, or a kill would prove nothing. A busy machine may
        # be late once.
        found = self.matrix.run("--", self.matrix.testee)
        late = [case for case, verdict in found if verdict != "VERDICT_PASS"]
        again = [self.matrix.run("--case", case, "--", self.matrix.testee)[0]
                 for case in late]
        self.assertEqual([pair for pair in again if pair[1] != "VERDICT_PASS"],
                         [])

    def test_every_case_kills_a_mutant(self):
        killers = {case for _, case in self.matrix.faults()}
        known = self.matrix.cases()
        self.assertEqual([case for case in known if case not in killers], [])
        self.assertEqual(killers - set(known), set())


def print_all(matrix):
    for fault, meant in matrix.faults():
        found = matrix.run("--", matrix.testee, f"--fault={fault}")
        also = [case for case, verdict in found
                if verdict in SEEN and case != meant]
        print(fault, meant, "also:", *also, flush=True)


def main(matrix):
    if sys.argv[1:] == ["--all"]:
        return print_all(matrix)
    KillMatrixTest.matrix = matrix
    return unittest.main(module=__name__)
