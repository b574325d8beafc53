"""docs/operations.md, "The policies at work": every section is run as a reader
would paste it. What stands before the first is done here: the programs and the
worker have other places."""

import os
import re
import shutil
import subprocess
import unittest

from supervisor.integration import world

GUIDE = "docs/operations.md"
CHAPTER = "## The policies at work"
BLOCK = re.compile(r"^```(yaml|sh)( \w+)?\n(.*?)^```$", re.S | re.M)


def sections():
    """{title: [(language, text)]} of the chapter; "" is what stands before the
    first title."""
    with open(GUIDE, encoding="utf-8") as file:
        chapter = file.read().split(CHAPTER)[1].split("\n## ")[0]
    found = {}
    for part in re.split(r"^### ", "\n" + chapter, flags=re.M):
        title, _, body = part.partition("\n")
        found[title.strip()] = [(kind, text)
                                for kind, _, text in BLOCK.findall(body)]
    return found


def steps(block):
    """The commands of a block, each with what its output holds."""
    for line in block.splitlines():
        command, _, expected = line.partition("#>")
        yield command.strip(), expected.strip()


SECTIONS = sections()


class OperationsTest(world.Case):
    def setUp(self):
        super().setUp()
        self.variables = self.environment({
            "PATH": f"{world.BIN}:{os.environ['PATH']}"})
        shutil.copy(world.UNRULY, self.path("worker.py"))
        begin = SECTIONS[""][1][1]
        self.begin = begin.replace("&\n", "& echo $!\n", 1)

    def sh(self, script):
        done = subprocess.run(
            ["/bin/bash", "-c", script], cwd=self.directory,
            env=self.variables, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=world.PATIENCE, check=False)
        return done.stdout

    def follow(self, title):
        blocks = SECTIONS[title]
        (_, config), (_, commands) = blocks
        self.write("drover.yaml", config)
        self.sh(self.begin)
        try:
            for command, expected in steps(commands):
                output = self.sh(command)
                self.assertIn(expected, output, command)
        finally:
            self.sh("drover shutdown")
            world.await_orphans()


def add(title):
    def test(self):
        self.follow(title)
    setattr(OperationsTest, "test_" + re.sub(r"\W+", "_", title.lower()), test)


for each in SECTIONS:
    if each:
        add(each)


class GuideTest(unittest.TestCase):
    def test_every_policy_is_there(self):
        self.assertEqual(len(SECTIONS) - 1, 10, list(SECTIONS))


if __name__ == "__main__":
    unittest.main()
