import unittest

import test_summary

GTEST = """<testsuites><testsuite name="A">
  <testcase name="Good" classname="A" status="run" result="completed"/>
  {}
</testsuite></testsuites>"""
BAD = '<testcase name="Bad" classname="A"><failure message="no"/></testcase>'
SKIPPED = '<testcase name="Skip" classname="A" result="skipped"><skipped/></testcase>'
DISABLED = '<testcase name="DISABLED_No" classname="A" status="notrun" result="suppressed"/>'
BY_BAZEL = """<testsuites><testsuite name="x" tests="1">
  <testcase name="x" status="run">{}</testcase>
  <system-out>{}</system-out></testsuite></testsuites>"""


def ran(label, status, *documents):
    """The events of one test target, and its documents by their address."""
    events = [{"id": {"targetCompleted": {"label": label}}, "completed": {"success": True}}]
    for shard, document in enumerate(documents):
        events.append({
            "id": {"testResult": {"label": label, "run": 1, "shard": shard}},
            "testResult": {"testActionOutput": [
                {"name": "test.log", "uri": "none"},
                {"name": "test.xml", "uri": document}]}})
    events.append({"id": {"testSummary": {"label": label}},
                   "testSummary": {"overallStatus": status}})
    return events


def broken(label):
    return [{"id": {"targetCompleted": {"label": label}}, "completed": {}}]


class SummaryTest(unittest.TestCase):
    def check(self, events, status, lines):
        # A document stands for its own address.
        summary = test_summary.summarize(events, status, read=lambda uri: uri)
        self.assertEqual(summary.text().split("\n"), lines)
        self.assertEqual(summary.ok(), lines == [lines[-1]] and lines[-1].endswith(" 0 failed"))

    def test_nothing_ran(self):
        self.check([], 0, ["0 passed, 0 failed"])

    def test_cases_are_counted_over_targets_and_shards(self):
        good = GTEST.format("")
        self.check(ran("//a", "PASSED", good, good) + ran("//b", "PASSED", good), 0,
                   ["3 passed, 0 failed"])

    def test_a_failed_case_is_named(self):
        self.check(ran("//a", "FAILED", GTEST.format(BAD)), 3,
                   ["FAILED //a A.Bad", "1 passed, 1 failed"])

    def test_skipped_and_disabled_cases_are_named(self):
        self.check(ran("//a", "PASSED", GTEST.format(SKIPPED + DISABLED)), 0,
                   ["SKIPPED //a A.Skip", "SKIPPED //a A.DISABLED_No", "1 passed, 0 failed"])

    def test_a_target_without_cases_is_one(self):
        self.check(ran("//a", "PASSED", BY_BAZEL.format("", "fine")), 0,
                   ["1 passed, 0 failed"])
        self.check(ran("//a", "PASSED"), 0, ["1 passed, 0 failed"])
        self.check(ran("//a", "FAILED", BY_BAZEL.format("<error/>", "")), 3,
                   ["FAILED //a", "0 passed, 1 failed"])

    def test_a_target_that_died_failed_whatever_its_cases_say(self):
        for status in ("FAILED", "TIMEOUT", "FLAKY", "REMOTE_FAILURE"):
            self.check(ran("//a", status, GTEST.format("")), 3,
                       ["FAILED //a", "1 passed, 1 failed"])
        self.check(ran("//a", "FAILED", "<testsuites><tests"), 3,
                   ["FAILED //a", "0 passed, 1 failed"])

    def test_what_was_not_built_failed(self):
        self.check(ran("//a", "NO_STATUS") + broken("//b"), 1,
                   ["FAILED //b (not built)", "FAILED //a (not run)", "0 passed, 2 failed"])

    def test_of_an_interrupted_run_one_line_is_said(self):
        events = ran("//a", "PASSED", GTEST.format("")) + broken("//b") + [
            {"id": {"testResult": {"label": "//c"}},
             "testResult": {"testActionOutput": [{"name": "test.xml", "uri": "none"}]}},
            {"id": {"testSummary": {"label": "//c"}},
             "aborted": {"reason": "USER_INTERRUPTED", "description": "..."}},
            {"id": {}, "aborted": {"reason": "USER_INTERRUPTED"}}]
        summary = test_summary.summarize(events, 8, read=lambda uri: uri)
        self.assertEqual(summary.text(), "interrupted after 1 passed, 0 failed")
        self.assertFalse(summary.ok())

    def test_a_document_that_was_never_written(self):
        self.assertEqual(test_summary.read_uri("file:///nowhere/test.xml"), "")
        self.check(ran("//a", "FAILED", ""), 3, ["FAILED //a", "0 passed, 1 failed"])

    def test_bazel_itself_failed(self):
        self.check(ran("//a", "PASSED", GTEST.format("")), 1,
                   ["FAILED bazel (status 1, see above)", "1 passed, 1 failed"])

    def test_unittest_reports(self):
        def log(text):
            return BY_BAZEL.format("", text)

        self.check(ran("//a", "PASSED", log("...\n---\nRan 3 tests in 0.1s\n\nOK\n")), 0,
                   ["3 passed, 0 failed"])
        self.check(
            ran("//a", "PASSED", log("Ran 3 tests in 0.1s\n\nOK (skipped=2)\n")), 0,
            ["SKIPPED //a (one of 3)"] * 2 + ["1 passed, 0 failed"])
        self.check(
            ran("//a", "FAILED", log(
                "===\nFAIL: test_b (T)\n---\nRan 4 tests in 0.1s\n\n"
                "FAILED (failures=1, errors=1, expected failures=1)\n")), 3,
            ["FAILED //a test_b (T)", "FAILED //a (unnamed)", "2 passed, 2 failed"])

    def test_a_missing_program_is_named_and_counted_and_fails_nothing(self):
        said = "MISSING lua (Debian package lua)\n"
        for log in (said, said + "Ran 0 tests in 0.1s\n\nOK (skipped=1)\n"):
            summary = test_summary.summarize(
                ran("//a", "PASSED", BY_BAZEL.format("", log)), 0, read=lambda uri: uri)
            self.assertEqual(summary.text().split("\n"), [
                "MISSING lua (Debian package lua) for //a",
                "1 not run, for want of the programs above", "0 passed, 0 failed"])
            self.assertTrue(summary.ok())
        self.check(ran("//a", "FAILED", BY_BAZEL.format("<error/>", said)), 3,
                   ["FAILED //a", "0 passed, 1 failed"])


if __name__ == "__main__":
    unittest.main()
