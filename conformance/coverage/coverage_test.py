"""docs/conformance.md holds the table as it is, and no MUST is without a case
and a mutant."""

import pathlib
import unittest

import coverage

DOCUMENT = pathlib.Path("docs/conformance.md")
REMEDY = "bazel run //conformance/coverage:update"


class CoverageTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.rows = list(coverage.rows())

    def test_every_must_is_covered(self):
        self.assertEqual(list(coverage.complaints(self.rows)), [])

    def test_cases_name_clauses_that_exist(self):
        known = {clause.id for clause, *_ in self.rows}
        named = {clause for clauses in coverage.cases().values()
                 for clause in clauses}
        self.assertEqual(named - known, set())

    def test_planned_cases_are_there(self):
        planned = [line.split()[0] for line in
                   pathlib.Path("proto/spec/cases.txt").read_text(
                       encoding="ascii").splitlines()
                   if line and not line.startswith("#")]
        self.assertEqual(set(planned) - set(coverage.cases()), set())

    def test_the_document_holds_the_table(self):
        text = DOCUMENT.read_text(encoding="utf-8")
        # Not assertIn: it would print both.
        self.assertTrue(coverage.table(self.rows) in text, REMEDY)


if __name__ == "__main__":
    unittest.main()
