"""The core's transition table is the supervisor table of SPEC.md, cell by cell."""
import pathlib
import subprocess
import sys
import unittest

import spec_text

PRINTER = sys.argv.pop(1)
SPEC = pathlib.Path("proto/SPEC.md")


def spec_cells():
    """{(state, input): cell} of SPEC.md, whose rows are inputs."""
    rows = spec_text.named_table(SPEC.read_text(encoding="utf-8"), "supervisor")
    return {(state, row["input"]): cell
            for row in rows for state, cell in row.items() if state != "input"}


def core_cells():
    """{(state, input): cell} of the core, whose rows are states. A cell whose
    action enters the next state by itself names it as SPEC.md does."""
    printed = subprocess.run([PRINTER], check=True, capture_output=True, text=True)
    rows = spec_text.table_after("\n" + printed.stdout, "\n")
    return {(row["state"], given): cell
            for row in rows for given, cell in row.items() if given != "state"}


class SpecTableTest(unittest.TestCase):
    maxDiff = None

    def test_the_tables_are_one(self):
        self.assertEqual(core_cells(), spec_cells())

    def test_every_state_and_input_is_there(self):
        self.assertEqual(len(core_cells()), 9 * 22)


if __name__ == "__main__":
    unittest.main()
