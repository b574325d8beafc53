"""Every normative sentence of SPEC.md is a clause, and every clause is well
formed; every planned conformance case stands on one."""
import collections
import pathlib
import re
import unittest

import spec_text

HERE = pathlib.Path(__file__).absolute().parent
TEXT = (HERE.parent / "SPEC.md").read_text()
KEYWORD = re.compile(
    r"\b(MUST NOT|MUST|SHOULD NOT|SHOULD|MAY|SHALL|REQUIRED|RECOMMENDED|"
    r"OPTIONAL)\b")
LEVEL = {"MUST NOT": "MUST", "SHOULD NOT": "SHOULD"}
# The sentence that introduces the words.
CONVENTIONS = 'The key words "MUST"'


class ClausesTest(unittest.TestCase):
    def setUp(self):
        self.clauses = spec_text.clauses(TEXT)

    def test_there_are_clauses_in_every_chapter(self):
        chapters = {clause.id.split("-")[1] for clause in self.clauses}
        self.assertEqual(chapters, {
            "LIMIT", "ENV", "FRAME", "CMD", "HELLO", "CAP", "STATE", "BEAT",
            "REPORT", "REQ", "MSG", "EXIT", "FD", "SUP", "ERR", "EVOL"})

    def test_ids_are_unique(self):
        counts = collections.Counter(clause.id for clause in self.clauses)
        self.assertEqual([i for i, n in counts.items() if n > 1], [])

    def test_every_id_that_is_mentioned_exists(self):
        known = {clause.id for clause in self.clauses}
        mentioned = set(re.findall(r"DRV-[A-Z]+-\d+", TEXT))
        self.assertEqual(mentioned - known, set())

    def test_level_is_the_keyword_of_the_sentence(self):
        for clause in self.clauses:
            found = {LEVEL.get(word, word)
                     for word in KEYWORD.findall(clause.text)}
            self.assertEqual(found, {clause.level}, clause.id)

    def test_a_clause_is_one_sentence(self):
        for clause in self.clauses:
            self.assertRegex(clause.text, r"^[A-Z].*\.$", clause.id)
            self.assertNotRegex(clause.text, r"\.\s+[A-Z]", clause.id)

    def test_no_normative_sentence_without_an_id(self):
        for line in spec_text.prose(TEXT):
            if not line.startswith(CONVENTIONS):
                self.assertIsNone(KEYWORD.search(line), line)

    def test_prose_has_one_sentence_a_line(self):
        for line in spec_text.prose(TEXT):
            if line[:1] not in ("|", "#", "*", "`"):
                self.assertNotRegex(line, r"[a-z)]\. [A-Z]", line)


class CasesTest(unittest.TestCase):
    def setUp(self):
        lines = (HERE / "cases.txt").read_text().splitlines()
        self.cases = [line.split() for line in lines
                      if line and not line.startswith("#")]

    def test_every_case_has_a_clause(self):
        known = {clause.id for clause in spec_text.clauses(TEXT)}
        for case, *ids in self.cases:
            self.assertTrue(ids, case)
            self.assertEqual([i for i in ids if i not in known], [], case)

    def test_cases_are_named_once(self):
        counts = collections.Counter(case for case, *_ in self.cases)
        self.assertEqual([c for c, n in counts.items() if n > 1], [])
        self.assertEqual(sum(c.startswith("W-") for c in counts), 79)
        self.assertEqual(sum(c.startswith("S-") for c in counts), 30)


if __name__ == "__main__":
    unittest.main()
