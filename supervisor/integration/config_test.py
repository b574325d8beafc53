"""Configurations that are wrong: one message that says where and what, exit
code 2, nothing started, and what runs stays as it is."""

import json
import os
import signal
import unittest

from supervisor.integration import world

ALIAS_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
) + "pools: *a8\n"


def pools(*lines):
    return "pools:\n" + "".join(line + "\n" for line in lines)


def with_field(line):
    return pools("- name: web", "  command: [touch, started]", "  " + line)


# name: (file name, content, what the message has to have in it)
WRONG = {
    "unknown field": (
        "drover.yaml", pools("- name: web", "  comand: [touch, started]"),
        ("drover.yaml:3:3:", "pools[0].comand", "did you mean command")),
    "wrong type": (
        "drover.yaml", with_field("count: many"),
        ("drover.yaml:4:10:", "pools[0].count", "many", "number")),
    "missing command": (
        "drover.yaml", pools("- name: web"),
        ("drover.yaml:2:", "pools[0].command")),
    "count 0": (
        "drover.yaml", with_field("count: 0"),
        ("drover.yaml:4:10:", "pools[0].count", "1..4096")),
    "count above the limit": (
        "drover.yaml", with_field("count: 4097"),
        ("drover.yaml:4:10:", "pools[0].count", "1..4096")),
    "duplicate pool": (
        "drover.yaml", pools("- {name: web, command: [touch, started]}",
                             "- {name: web, command: [touch, started]}"),
        ("drover.yaml:3:", "pools[1].name", "web")),
    "duplicate listener": (
        "drover.yaml", with_field(
            "listeners: [{name: a, address: 'tcp://127.0.0.1:0'},"
            " {name: a, address: 'tcp://127.0.0.1:0'}]"),
        ("drover.yaml:4:", "pools[0].listeners[1].name", "a")),
    "address of two listeners": (
        "drover.yaml", with_field(
            "listeners: [{name: a, address: 'tcp://127.0.0.1:81'},"
            " {name: b, address: 'tcp://127.0.0.1:81'}]"),
        ("drover.yaml:4:", "pools[0].listeners[1].address")),
    "bad address": (
        "drover.yaml", with_field(
            "listeners: [{name: a, address: 'localhost:http'}]"),
        ("drover.yaml:4:", "pools[0].listeners[0].address", "tcp://")),
    "negative timeout": (
        "drover.yaml", with_field("timeouts: {stop: -1s}"),
        ("drover.yaml:4:", "pools[0].timeouts.stop", "1ms..24h")),
    "unknown user": (
        "drover.yaml", with_field("user: nosuchuser"),
        ("drover.yaml:4:", "pools[0].user", "nosuchuser")),
    "not UTF-8": (
        "drover.yaml", with_field("directory: ").encode() + b"\xff\xfe\n",
        ("drover.yaml:5", "UTF-8")),
    "empty file": (
        "drover.yaml", "", ("drover.yaml:", "at least one pool")),
    "10 MB file": (
        "drover.yaml", "# " + "x" * 10_000_000,
        ("drover.yaml:", "too large", "524288 bytes")),
    "alias bomb": (
        "drover.yaml", ALIAS_BOMB, ("drover.yaml", "aliases")),
    "no YAML": (
        "drover.yaml", "pools: [", ("drover.yaml:1:",)),
    "no JSON": (
        "drover.json", '{"pools": [\n{"name": }]}', ("drover.json:2:",)),
    "no textproto": (
        "drover.textproto", "pools {\n  nmae: 'web'\n}",
        ("drover.textproto:2:", "nmae")),
    "unknown ending": (
        "drover.ini", "[pools]", ("drover.ini:", ".textproto")),
}


class ConfigTest(world.Case):

    def each(self, ask):
        """Has each wrong file asked about; ask(path) returns what was said."""
        for name, (file, content, texts) in WRONG.items():
            with self.subTest(name):
                said = ask(self.write(file, content))
                self.assertLess(len(said), 400)
                for text in texts:
                    self.assertIn(text, said)

    def complaint(self, *words):
        answer = self.drover(*words, code=2)
        self.assertEqual(answer.text, "")
        self.assertEqual(answer.errors.count("\n"), 1)
        self.assertEqual(answer.error["exit_code"], 2)
        return answer.error["message"] + "; " + answer.error["remedy"]

    def test_check_says_where_and_what(self):
        self.each(lambda path: self.complaint("check", path))

    def test_check_speaks_to_people(self):
        path = self.write("drover.yaml", with_field("count: 0"))
        answer = self.drover("check", path, code=2, json_output=False)
        self.assertEqual(
            answer.errors.splitlines(),
            [f"error: {path}:4:10: pools[0].count: 0 is below 1",
             "remedy: give 1..4096"])

    def test_check_shows_every_default(self):
        path = self.config(world.pool("web", ["x"]))
        checked = self.drover("check", path).last
        self.assertEqual(checked["pools"][0]["count"], 1)
        self.assertEqual(checked["pools"][0]["timeouts"]["stop"], "30s")

    def test_run_starts_nothing(self):
        def run(path):
            supervisor = self.run_supervisor("-f", path)
            said = supervisor.end(2)
            self.assertEqual(supervisor.output.rest(), [])
            self.assertFalse(os.path.exists(self.socket))
            self.assertFalse(os.path.exists(self.path("started")))
            return "\n".join(said)
        self.each(run)

    def test_run_without_a_file(self):
        answer = self.drover("run", "-f", self.path("none.yaml"), code=2)
        self.assertIn("none.yaml", answer.error["message"])
        self.assertIn("No such file", answer.error["message"])

    def test_apply_and_plan_change_nothing(self):
        supervisor = self.start(world.pool("web", world.unruly(), count=2))
        before = (self.pids("web"), self.status()["pools"])
        self.each(lambda path: self.complaint("apply", "-f", path))
        self.each(lambda path: self.complaint("plan", "-f", path))
        self.assertEqual((self.pids("web"), self.status()["pools"]), before)
        self.assertEqual(len(self.drover("operations").last["operations"]), 2)
        self.shut_down(supervisor)

    def test_a_wrong_file_and_sighup(self):
        supervisor = self.start(world.pool("web", world.unruly()))
        before = self.pids("web")
        with open(self.path("drover.json"), encoding="utf-8") as file:
            body = json.load(file)
        body["pools"][0]["count"] = 0
        self.write("drover.json", json.dumps(body))
        supervisor.process.send_signal(signal.SIGHUP)
        line = supervisor.lines.until("pools[0].count")
        self.assertIn("the running configuration stays", line)
        self.assertEqual(self.pids("web"), before)
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
