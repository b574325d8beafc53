#!/usr/bin/python3
"""Counts the test cases of one `bazel test` run.

Usage: test_summary.py EVENTS BAZEL_STATUS

EVENTS is what bazel wrote to --build_event_json_file: it names exactly the targets
of that run, also those whose result was cached or that did not build. The last line
printed is "N passed, M failed". The status is 0 only if no case failed, none was
skipped and bazel itself was content. What a test could not do for want of a program
(examples/testing/toolchain.py) is named and counted, and is neither; under CI that
test has failed by itself. Of a run that was interrupted, one line says how far it came.
"""
import json
import re
import signal
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree


INTERRUPTED = 8  # bazel's status after Ctrl-C


class Summary:
    def __init__(self):
        self.interrupted = False
        self.passed = 0
        self.failed = []
        self.skipped = []
        self.missing = []

    def ok(self):
        return not self.failed and not self.skipped and not self.interrupted

    def text(self):
        lines = [f"SKIPPED {name}" for name in self.skipped]
        lines += [f"MISSING {name}" for name in self.missing]
        lines += [f"FAILED {name}" for name in self.failed]
        if self.missing:
            lines.append(f"{len(self.missing)} not run, for want of the programs above")
        before = "interrupted after " if self.interrupted else ""
        lines.append(f"{before}{self.passed} passed, {len(self.failed)} failed")
        return "\n".join(lines)


def count_missing(label, log, summary):
    """Returns how many programs the log says are missing."""
    missing = re.findall(r"^MISSING (.*)$", log, re.M)
    summary.missing += [f"{what} for {label}" for what in missing]
    return len(missing)


def count_unittest(label, log, summary):
    """Counts from the report of Python's unittest, which names no cases.

    Returns whether log ends in one.
    """
    found = re.search(r"^Ran (\d+) tests? in [^\n]*\n\s*"
                      r"(?:OK|FAILED|NO TESTS RAN)(?: \(([^)\n]*)\))?\s*\Z", log, re.M)
    if not found:
        return False
    parts = dict(re.findall(r"([a-z ]+)=(\d+)", found[2] or ""))
    parts = {name.strip(): int(number) for name, number in parts.items()}
    failures = parts.get("failures", 0) + parts.get("errors", 0)
    failures += parts.get("unexpected successes", 0)
    skips = parts.get("skipped", 0)
    summary.passed += max(0, int(found[1]) - failures - skips)
    named = re.findall(r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.*)$", log, re.M)
    named += ["(unnamed)"] * (failures - len(named))
    summary.failed += [f"{label} {name}" for name in named[:failures]]
    missing = count_missing(label, log, summary) if skips else 0
    summary.skipped += [f"{label} (one of {found[1]})"] * (skips - missing)
    return True


def count_case(label, case, summary):
    # Bazel writes one case for a test that reports none, without a class.
    suite = case.get("classname")
    name = f"{label} {suite}.{case.get('name')}" if suite else label
    if case.find("failure") is not None or case.find("error") is not None:
        summary.failed.append(name)
    elif (case.find("skipped") is not None or case.get("status") == "notrun"
          or case.get("result") in ("skipped", "suppressed")):
        summary.skipped.append(name)
    else:
        summary.passed += 1


def count_target(label, passed, documents, summary):
    """Adds what the test.xml texts of one target hold.

    A target without cases, or one that failed while all its cases passed (it
    crashed or timed out after them), counts as one case of its own.
    """
    part = Summary()
    for text in documents:
        try:
            root = ElementTree.fromstring(text)
        except ElementTree.ParseError:
            continue  # Cut off: the target died while it wrote.
        cases = list(root.iter("testcase"))
        log = "".join(node.text or "" for node in root.iter("system-out"))
        if len(cases) == 1 and count_unittest(label, log, part):
            continue
        if len(cases) == 1 and passed and count_missing(label, log, part):
            continue
        for case in cases:
            count_case(label, case, part)
    if passed and not (part.passed or part.failed or part.skipped or part.missing):
        part.passed = 1
    if not passed and not part.failed:
        part.failed.append(label)
    summary.passed += part.passed
    summary.failed += part.failed
    summary.skipped += part.skipped
    summary.missing += part.missing


def read_uri(uri):
    """The text there; none of a test that was interrupted before it wrote one."""
    path = urllib.request.url2pathname(urllib.parse.urlparse(uri).path)
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def summarize(events, bazel_status, read=read_uri):
    documents = {}   # label -> (run, shard) -> test.xml of its last attempt
    statuses = {}    # label -> overall status of a test that ran
    broken = []      # labels of whatever did not build
    for event in events:
        kind, identity = next(iter(event.get("id", {}).items()), (None, None))
        if kind == "testResult":
            where = (identity.get("run"), identity.get("shard"))
            for output in event.get("testResult", {}).get("testActionOutput", []):
                if output["name"] == "test.xml":
                    documents.setdefault(identity["label"], {})[where] = output["uri"]
        elif kind == "testSummary":
            # Without one, bazel was interrupted before the test had ended.
            summary = event.get("testSummary", {})
            statuses[identity["label"]] = summary.get("overallStatus", "NO_STATUS")
        elif kind == "targetCompleted" and not event.get("completed", {}).get("success"):
            broken.append(identity["label"])

    summary = Summary()
    for label in sorted(statuses):
        if statuses[label] == "NO_STATUS" or label in broken:
            continue
        # A test that passed only when repeated has failed.
        passed = statuses[label] == "PASSED"
        count_target(label, passed, map(read, documents.get(label, {}).values()), summary)
    if bazel_status == INTERRUPTED:
        summary.interrupted = True  # What did not come to run has not failed.
        return summary
    summary.failed += [f"{label} (not built)" for label in broken]
    summary.failed += [f"{label} (not run)" for label in sorted(statuses)
                       if statuses[label] == "NO_STATUS" and label not in broken]
    if bazel_status != 0 and not summary.failed:
        summary.failed.append(f"bazel (status {bazel_status}, see above)")
    return summary


def read_events(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return  # Bazel was interrupted in the midst of a line.


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    # A second Ctrl-C shall not take away what the first has left.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    summary = summarize(read_events(sys.argv[1]), int(sys.argv[2]))
    print(summary.text())
    return 0 if summary.ok() else 1


if __name__ == "__main__":
    sys.exit(main())
