#!/usr/bin/python3
"""Pins the text of each clause, so that edited text demands a second look at
the cases that stand on it.

    lock.py SPEC.md             prints the lock file
    lock.py SPEC.md LOCK        says what differs; exit code 1 where it does
"""

import hashlib
import pathlib
import sys

import spec_text

HEADER = ("# A fingerprint of each clause of SPEC.md. Written by lock.py once the\n"
          "# cases of the clauses that changed have been read again:\n"
          "#   bazel run //conformance/spec:lock -- $PWD/proto/SPEC.md "
          "> conformance/clauses.lock\n")


def fingerprint(clause):
    text = f"{clause.level} {clause.side} {clause.text}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pins(spec):
    return {clause.id: fingerprint(clause)
            for clause in spec_text.clauses(spec)}


def parse(lock):
    lines = [line.split() for line in lock.splitlines()]
    return {line[0]: line[1] for line in lines
            if line and not line[0].startswith("#")}


def differences(spec, lock):
    """A sentence for each clause that is not as it was locked."""
    now, locked = pins(spec), parse(lock)
    for clause in sorted(now.keys() | locked.keys()):
        if clause not in locked:
            yield f"{clause} is new: write its cases, then lock it"
        elif clause not in now:
            yield f"{clause} is gone: withdraw its cases, then unlock it"
        elif now[clause] != locked[clause]:
            yield f"{clause} has changed: read its cases again, then lock it"


def main():
    spec = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")
    if len(sys.argv) == 2:
        print(HEADER + "\n".join(f"{clause} {pin}"
                                 for clause, pin in pins(spec).items()))
        return 0
    lock = pathlib.Path(sys.argv[2]).read_text(encoding="ascii")
    found = list(differences(spec, lock))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
