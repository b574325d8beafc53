#!/usr/bin/python3
"""The table of docs/conformance.md: clause, cases, mutants.

    coverage.py          prints the table
    coverage.py --check  the same, and complains of what is not covered
"""

import collections
import pathlib
import subprocess
import sys

import spec_text

RUNNER = "conformance/runner/drover-conformance"
TESTEES = ("conformance/testee/testee",
           "conformance/supervisor_testee/supervisor_testee")
SPEC = pathlib.Path("proto/SPEC.md")
UNTESTED = pathlib.Path("conformance/untested.txt")
PATIENCE = 60  # seconds


def lines(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          timeout=PATIENCE)
    return [line.split() for line in done.stdout.splitlines()]


def cases():
    """{case: its clauses}, of both modes."""
    return {case: clauses for mode in ("worker", "supervisor")
            for case, *clauses in lines(RUNNER, "--mode", mode, "--list",
                                        "--verbose")}


def mutants():
    """{case: the mutants it is there to see}."""
    found = collections.defaultdict(list)
    for testee in TESTEES:
        for name, case, *_ in lines(testee, "--list-faults"):
            found[case].append(name)
    return found


def untested():
    """{clause: why no case stands on it}."""
    entries = [line.split(maxsplit=1)
               for line in UNTESTED.read_text(encoding="ascii").splitlines()
               if line and not line.startswith("#")]
    return {clause: why for clause, why in entries}


def rows():
    """(clause, cases, mutants, why not) of each clause."""
    by_clause = collections.defaultdict(list)
    for case, clauses in cases().items():
        for clause in clauses:
            by_clause[clause].append(case)
    seen, reasons = mutants(), untested()
    for clause in spec_text.clauses(SPEC.read_text(encoding="utf-8")):
        here = by_clause[clause.id]
        yield (clause, here, [name for case in here for name in seen[case]],
               reasons.get(clause.id, ""))


def table(found):
    text = ["| clause | level | binds | cases | mutants |", "|---|---|---|---|---|"]
    for clause, here, seen, why in found:
        names = " ".join(f"`{name}`" for name in seen)
        text.append(f"| {clause.id} | {clause.level} | {clause.side} | "
                    f"{' '.join(here) or why or 'none'} | {names} |")
    return "\n".join(text)


def complaints(found):
    """What a MUST lacks, and reasons that are out of date."""
    for clause, here, seen, why in found:
        if here and why:
            yield f"{clause.id} has cases, and stands in untested.txt"
        if clause.level == "MUST" and not here and not why:
            yield f"{clause.id} is a MUST without a case"
        if clause.level == "MUST" and here and not seen:
            yield f"{clause.id} is a MUST without a mutant"
    known = {clause.id for clause, *_ in found}
    for clause in untested():
        if clause not in known:
            yield f"untested.txt: there is no clause {clause}"


def main():
    found = list(rows())
    print(table(found))
    bad = list(complaints(found)) if "--check" in sys.argv else []
    print("\n".join(bad), file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
