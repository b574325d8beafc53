"""The lock file is that of SPEC.md, and an edited clause is seen."""

import pathlib
import unittest

import lock

SPEC = pathlib.Path("proto/SPEC.md").read_text(encoding="utf-8")
LOCK = pathlib.Path("conformance/clauses.lock").read_text(encoding="ascii")
# As if it had been locked a moment ago.
FRESH = "\n".join(f"{clause} {pin}" for clause, pin in lock.pins(SPEC).items())


class LockTest(unittest.TestCase):

    def test_the_specification_is_as_it_was_when_its_cases_were_read(self):
        self.assertEqual(list(lock.differences(SPEC, LOCK)), [])

    def test_edited_text_is_seen(self):
        edited = SPEC.replace("**DRV-LIMIT-1** [MUST, both] A writer MUST NOT",
                              "**DRV-LIMIT-1** [MUST, both] A writer MUST  NOT")
        self.assertNotEqual(edited, SPEC)
        found = list(lock.differences(edited, FRESH))
        self.assertEqual(len(found), 1)
        self.assertIn("DRV-LIMIT-1 has changed", found[0])

    def test_new_and_withdrawn_clauses_are_seen(self):
        more = SPEC + "\n- **DRV-LIMIT-99** [MAY, both] A writer MAY sing.\n"
        self.assertIn("DRV-LIMIT-99 is new", list(lock.differences(more, FRESH))[0])
        lines = [line for line in SPEC.splitlines()
                 if not line.startswith("- **DRV-LIMIT-2**")]
        less = "\n".join(lines)
        self.assertIn("DRV-LIMIT-2 is gone", list(lock.differences(less, FRESH))[0])


if __name__ == "__main__":
    unittest.main()
