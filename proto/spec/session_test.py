"""The session in SPEC.md: its bytes are what protoc makes of its messages."""
import pathlib
import re
import unittest

import session
import spec_text

PROTO_DIR = pathlib.Path(__file__).absolute().parent.parent
OTHER = {"worker": "supervisor", "supervisor": "worker"}


def number(step, name):
    match = re.search(rf"^{name}: (\d+)$", step.message, re.M)
    return int(match[1]) if match else 0


class SessionTest(unittest.TestCase):
    def setUp(self):
        self.steps = spec_text.session((PROTO_DIR / "SPEC.md").read_text())

    def test_steps_are_numbered_without_a_gap(self):
        self.assertGreater(len(self.steps), 15)
        self.assertEqual([step.number for step in self.steps],
                         list(range(1, len(self.steps) + 1)))

    def test_bytes_are_those_of_the_messages(self):
        for step in self.steps:
            right = session.encode(PROTO_DIR, step.writer, step.message)
            self.assertEqual(step.bytes.hex(" "), right.hex(" "),
                             f"step {step.number}; session.py --rewrite")

    def test_op_rises_and_re_answers(self):
        last = {"worker": 0, "supervisor": 0}
        for step in self.steps:
            if number(step, "op"):
                self.assertGreater(number(step, "op"), last[step.writer])
                last[step.writer] = number(step, "op")
            self.assertLessEqual(number(step, "re"), last[OTHER[step.writer]])


if __name__ == "__main__":
    unittest.main()
