"""Every mutant is seen by the case that is for it, and every case sees one."""

import concurrent.futures
import json
import os
import subprocess
import sys
import unittest

RUNNER = "conformance/runner/drover-conformance"
TESTEE = "conformance/testee/testee"
# A mutant that says nothing is waited for; no longer than it takes here.
SCALE = "0.3"
SIDE_BY_SIDE = 2 * (os.cpu_count() or 1)
PATIENCE = 120  # seconds, for one mutant
SEEN = ("VERDICT_FAIL", "VERDICT_WARN")


def faults():
    """(fault, case) of every mutant."""
    listed = subprocess.run([TESTEE, "--list-faults"], capture_output=True,
                            text=True, check=True, timeout=PATIENCE)
    return [tuple(line.split()[:2]) for line in listed.stdout.splitlines()]


def cases():
    listed = subprocess.run([RUNNER, "--list"], capture_output=True, text=True,
                            check=True, timeout=PATIENCE)
    return [line.split()[0] for line in listed.stdout.splitlines()]


def verdict(fault, case):
    """What the case says of the mutant; "" for one without a fault."""
    command = [TESTEE] + ([f"--fault={fault}"] if fault else [])
    run = subprocess.run(
        [RUNNER, "--testee", "--scale", SCALE, "--case", case, "--json", "-",
         "--"] + command,
        capture_output=True, text=True, check=False, timeout=PATIENCE)
    found = json.loads(run.stdout)["cases"][0]
    return found["verdict"], found.get("reason", "")


class KillMatrix(unittest.TestCase):

    def test_every_mutant_is_killed_by_its_case(self):
        pairs = faults()
        with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            found = list(pool.map(lambda pair: verdict(*pair), pairs))
        survivors = [f"{fault} survives {case}: {what}"
                     for (fault, case), what in zip(pairs, found)
                     if what[0] not in SEEN]
        self.assertEqual(survivors, [])

    def test_every_case_kills_a_mutant(self):
        killers = {case for _, case in faults()}
        self.assertEqual([case for case in cases() if case not in killers], [])
        self.assertEqual(killers - set(cases()), set())


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--all":
        # Which cases see which mutant; takes a while.
        everything = cases()
        for each, meant in faults():
            with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
                results = threads.map(lambda c, f=each: verdict(f, c)[0],
                                      everything)
            seen = [c for c, v in zip(everything, results) if v in SEEN]
            print(each, meant, "also:", *(c for c in seen if c != meant))
    else:
        unittest.main()
