"""What workers write: by line, with pool and slot, forwarded, filed, kept."""

import json
import os
import unittest

from supervisor.integration import world

PLAIN = " ".join(world.unruly())


def writes(script):
    """A worker that runs a script of the shell's first."""
    return world.shell(f"{script}; exec {PLAIN}")


class LogTest(world.Case):

    def test_lines_come_with_pool_and_slot(self):
        supervisor = self.start(
            world.pool("web", writes("printf 'one\\ntw'; printf 'o\\n'"),
                       count=2),
            world.pool("mail", writes("echo trouble >&2")))
        self.assertEqual(
            {(line["worker"]["pool"], line["worker"]["slot"],
              line["stream"].removeprefix("LOG_STREAM_"), line["line"])
             for line in self.drover("logs").answers},
            {("web", slot, "STDOUT", text) for slot in (0, 1)
             for text in ("one", "two", "started")}
            | {("mail", 0, "STDERR", "trouble"),
               ("mail", 0, "STDOUT", "started")})
        self.shut_down(supervisor)
        forwarded = supervisor.output.rest() + supervisor.lines.seen
        for line in ("[web/0] one", "[web/1] two", "[mail/0] trouble"):
            self.assertIn(line, forwarded)

    def test_lines_of_one_slot_and_the_last_ones(self):
        supervisor = self.start(
            world.pool("web", writes("seq 100"), count=2))
        lines = self.drover("logs", "web/1", "-n", "3").answers
        self.assertEqual([line["line"] for line in lines],
                         ["99", "100", "started"])
        self.assertEqual({line["worker"]["slot"] for line in lines}, {1})
        self.shut_down(supervisor)

    def test_following(self):
        pipe, say = self.pipe("pipe")
        supervisor = self.start(world.pool("web", writes(
            "echo before; "
            f"(while read line; do echo $line; done < {pipe}) & :")))
        process = self.spawn([f"{world.BIN}/drover", "logs", "-f", "web",
                              "--output", "json"], stderr=None)
        lines = world.Lines(process.stdout)
        lines.until("before")
        for word in ("first", "second"):
            say(word)
            self.assertEqual(json.loads(lines.until(word))["line"], word)
        process.terminate()
        process.wait(world.PATIENCE)
        self.shut_down(supervisor)

    def test_to_a_file_that_is_rotated(self):
        supervisor = self.start(world.pool(
            "web", writes("seq -f '%09g' 2000"), output={
                "file": self.path("out-${pool}-${slot}.log"),
                "file_max_bytes": 4096, "file_keep": 2, "forward": False}))
        self.shut_down(supervisor)
        self.assertEqual(supervisor.output.rest(), [])
        names = [f"out-web-0.log{end}" for end in (".2", ".1", "")]
        self.assertEqual(sorted(n for n in os.listdir(self.directory)
                                if n.startswith("out-")), sorted(names))
        lines = []
        for name in names:
            with open(self.path(name), encoding="ascii") as file:
                text = file.read()
            self.assertLessEqual(len(text), 4096)
            lines += text.splitlines()
        # Whole lines, none lost and none twice, up to the newest.
        numbers = [int(line.split()[-1]) for line in lines[:-1]]
        self.assertEqual(numbers, list(range(numbers[0], 2001)))
        self.assertGreater(len(numbers), 300)
        self.assertIn("started", lines[-1])

    def test_long_lines_are_cut(self):
        supervisor = self.start(world.pool(
            "web", writes("printf '%0700d\\n' 7"),
            output={"line_max_bytes": 256}))
        lines = [a["line"] for a in self.drover("logs").answers][:-1]
        self.assertEqual([len(line) for line in lines], [256, 256, 188])
        self.assertEqual("".join(lines), "7".zfill(700))
        self.shut_down(supervisor)

    def test_what_is_no_text_is_escaped(self):
        supervisor = self.start(world.pool(
            "web", writes("printf 'a\\033[31mb\\377c\\n'")))
        line = self.drover("logs").answers[0]["line"]
        self.assertEqual(line, "a\\x1B[31mb\\xFFc")
        self.shut_down(supervisor)

    def test_the_last_lines_are_in_the_report_of_an_end(self):
        supervisor = self.start(world.pool("good", world.unruly()))
        bad = world.pool("bad", world.shell(
            "seq 100; printf 'no newline'; exit 3"), restart=world.LEAVE)
        events = self.watch()
        answer = self.drover(
            "apply", "-f", self.config(world.pool("good", world.unruly()), bad),
            code=1, json_output=False)
        last = [str(n) for n in range(82, 101)] + ["no newline"]
        # Events and lists are brief.
        self.assertEqual(events.exit_of("bad")["last_output"], last[-5:])
        end = self.workers("bad")[0]["last_exit"]
        self.assertEqual(end["last_output"], last[-5:])
        self.assertIn("no newline", answer.text + answer.errors)
        self.assertIn("no newline",
                      self.drover("status", json_output=False).text)
        said = "\n".join(self.shut_down(supervisor))
        self.assertIn("its last output:\n    " + "\n    ".join(last), said)

    def test_a_worker_that_never_stops_writing(self):
        """It is read no faster than it can be written; others go on."""
        supervisor = self.start(
            world.pool("loud", world.shell(
                f"yes & exec {PLAIN}"), output={"forward": False}),
            world.pool("web", world.unruly()))
        self.drover("restart", "web/0")
        self.assertEqual(self.drover("logs", "loud", "-n", "1")
                         .answers[0]["line"], "y")
        self.shut_down(supervisor)


if __name__ == "__main__":
    unittest.main()
