"""The state tables of SPEC.md are whole, and every cell is in their grammar:
other tests and tools read them."""
import pathlib
import re
import unittest

import spec_text

TEXT = (pathlib.Path(__file__).absolute().parent.parent
        / "SPEC.md").read_text()
WORKER = ["CONNECTING", "INITIALIZED", "STARTING", "STARTED", "STOPPING",
          "STOPPED", "SHUTTING_DOWN", "FAILED"]
SUPERVISOR = ["SPAWNED"] + WORKER[1:] + ["ENDED"]
WORKER_ACTIONS = {"", "violation", "begin", "refuse", "ignore", "STOPPED",
                  "cancel", "drain", "earlier", "pong", "result", "note",
                  "unimplemented", "exit 0", "exit 1", "exit 76"}
STABLE = ["INITIALIZED", "STARTED", "STOPPED"]


def split(cell):
    """(action, next state or None)"""
    match = re.fullmatch(r"(.*?)\s*(?:-> ([A-Z_]+))?", cell)
    return match[1], match[2]


class WorkerTableTest(unittest.TestCase):
    def setUp(self):
        self.rows = {row["input"]: row for row in
                     spec_text.named_table(TEXT, "worker")}

    def test_columns_are_the_states(self):
        for row in self.rows.values():
            self.assertEqual(list(row), ["input"] + WORKER)

    def test_cells_are_in_the_grammar(self):
        for name, row in self.rows.items():
            for state in WORKER:
                action, after = split(row[state])
                self.assertIn(action, WORKER_ACTIONS, (name, state))
                self.assertTrue(action or after, (name, state))
                self.assertIn(after, [None] + WORKER, (name, state))

    def test_every_stable_state_answers_ping(self):
        for state in STABLE:
            self.assertEqual(self.rows["Ping"][state], "pong")

    def test_quit_leads_out_of_every_state(self):
        for state in WORKER[1:6]:
            self.assertEqual(split(self.rows["Quit"][state])[1],
                             "SHUTTING_DOWN")

    def test_start_is_possible_in_two_states(self):
        begun = [state for state in WORKER
                 if split(self.rows["Start"][state])[1] == "STARTING"]
        self.assertEqual(begun, ["INITIALIZED", "STOPPED"])


class SupervisorTableTest(unittest.TestCase):
    def setUp(self):
        self.rows = {row["input"]: row for row in
                     spec_text.named_table(TEXT, "supervisor")}
        actions = spec_text.table_after(TEXT, "5. everything else")
        self.actions = {name for row in actions
                        for name in row["action"].split(", ")}

    def test_columns_are_the_states(self):
        for row in self.rows.values():
            self.assertEqual(list(row), ["input"] + SUPERVISOR)

    def test_cells_are_in_the_grammar_and_every_action_is_used(self):
        used = set()
        for name, row in self.rows.items():
            for state in SUPERVISOR:
                action, after = split(row[state])
                used.add(action)
                self.assertIn(action, self.actions, (name, state))
                self.assertIn(after, [None] + SUPERVISOR, (name, state))
                self.assertNotEqual(after, state, (name, state))
        self.assertEqual(used, self.actions)

    def test_every_deadline_has_a_row(self):
        states = {row["state"] for row in
                  spec_text.named_table(TEXT, "supervisor-deadlines")}
        self.assertEqual(states, set(SUPERVISOR) - {"ENDED"})

    def test_the_end_of_the_process_ends_every_state(self):
        for state in SUPERVISOR[:-1]:
            self.assertEqual(self.rows["exited"][state], "end -> ENDED")

    def test_no_way_leads_back_from_failed(self):
        for row in self.rows.values():
            self.assertIn(split(row["FAILED"])[1], (None, "ENDED"))

    def test_a_conforming_worker_causes_no_violation(self):
        """What a worker may have sent before it read a command is tolerated
        in the state that the command leads to."""
        crossing = {"INITIALIZED": ["STARTING", "STOPPING"],
                    "SHUTTING_DOWN": SUPERVISOR[1:],
                    "FAILED": SUPERVISOR[1:]}
        for report, states in crossing.items():
            for state in states:
                self.assertNotIn("violation", self.rows[report][state],
                                 (report, state))

    def test_commands_start_and_end_in_states(self):
        rows = spec_text.named_table(TEXT, "supervisor-commands")
        for row in rows:
            self.assertIn(row["from"], SUPERVISOR)
            self.assertIn(row["next"], SUPERVISOR)
        start = {row["from"] for row in rows if row["command"] == "Start"}
        self.assertEqual(start, {"INITIALIZED", "STOPPED"})


class ExitTableTest(unittest.TestCase):
    def test_all_eight_combinations(self):
        rows = spec_text.named_table(TEXT, "exits")
        self.assertEqual(
            len({(row["observed"], row["asked for"]) for row in rows}), 8)
        for row in rows:
            self.assertEqual(row["due"] == "true", row["asked for"] == "yes")
            normal = row["observed"] == "exit code 0"
            self.assertEqual(row["reason"] == "NormalExit{0}", normal)
            self.assertEqual(row["state"] == "SHUT_DOWN", normal)


if __name__ == "__main__":
    unittest.main()
