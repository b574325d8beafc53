"""What the completion scripts offer, asked of the shells themselves."""

import os
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

DROVER = os.path.abspath("supervisor/cli/drover")
PATIENCE = 60.0

# Beginnings of a command line, what must be offered, and what must not be.
OFFERED = (
    ("drover sca", {"scale"}, {"status"}),
    ("drover st", {"status", "start", "stop"}, {"scale"}),
    ("drover operations ", {"watch", "cancel"}, {"scale"}),
    ("drover operations can", {"cancel"}, {"watch"}),
    ("drover scale --det", {"--detach"}, {"--socket"}),
    ("drover shutdown --h", {"--hard"}, {"--detach"}),
    ("drover --output ", {"json"}, {"scale"}),
    ("drover completion ", {"bash", "zsh", "fish"}, {"scale"}),
)


def script(shell):
    return subprocess.run([DROVER, "completion", shell], capture_output=True,
                          text=True, timeout=PATIENCE, check=True).stdout


class Terminal:
    """An interactive shell on a terminal, in a directory of its own."""

    def __init__(self, words, directory):
        pid, self._fd = pty.fork()
        if pid == 0:
            os.chdir(directory)
            os.execvpe(words[0], words, {"PATH": "/usr/bin:/bin",
                                         "TERM": "dumb", "HOME": directory})
        self._pid = pid
        self._seen = ""

    def say(self, text):
        os.write(self._fd, text.encode())

    def until(self, pattern):
        """What came up to and with the match, which is taken out."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self._seen)):
            left = deadline - time.monotonic()
            if not select.select([self._fd], [], [], max(0, left))[0]:
                raise AssertionError(f"no {pattern!r} in {self._seen!r}")
            self._seen += os.read(self._fd, 4096).decode(errors="replace")
        before = self._seen[:found.end()]
        self._seen = self._seen[found.end():]
        return before

    def close(self):
        os.close(self._fd)  # hangs up
        os.waitpid(self._pid, 0)


class CompletionTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="drover.", dir="/tmp")
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def check(self, offers):
        for line, wanted, unwanted in OFFERED:
            with self.subTest(line):
                offered = offers(line)
                self.assertLessEqual(wanted, offered)
                self.assertFalse(unwanted & offered)

    def run_shell(self, *words):
        done = subprocess.run(words, capture_output=True, text=True,
                              timeout=PATIENCE, check=True,
                              cwd=self.directory,
                              env={"PATH": "/usr/bin:/bin",
                                   "HOME": self.directory})
        self.assertEqual(done.stderr, "")
        return done.stdout

    def test_bash(self):
        path = self.file("drover.bash", script("bash"))
        self.check(lambda line: set(self.run_shell(
            "bash", "--norc", "-c",
            f"source {path}; read -ra COMP_WORDS <<<'{line}x'; "
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
            "COMP_WORDS[COMP_CWORD]=${COMP_WORDS[COMP_CWORD]%x}; "
            "_drover; printf '%s\\n' \"${COMPREPLY[@]}\"").split()))

    def test_fish(self):
        path = self.file("drover.fish", script("fish"))
        self.check(lambda line: {
            offer.split("\t")[0] for offer in self.run_shell(
                "fish", "--no-config", "-c",
                f"source {path}; complete -C '{line}'").splitlines()})

    def zsh(self, load):
        """The offers of an interactive zsh, which has no other door."""
        terminal = Terminal(["zsh", "-f", "-i"], self.directory)
        self.addCleanup(terminal.close)
        terminal.say("PS1='ready''> '; unsetopt zle_bracketed_paste; "
                     "LISTMAX=10000; autoload -U compinit; "
                     f"{load}\n")
        terminal.until("ready> ")

        def offers(line):
            # ^D lists what fits and completes nothing; ^U takes the line away.
            terminal.say(line + "\x04")
            terminal.say("\x15print do''ne\n")
            said = terminal.until("done\r\n")
            terminal.until("ready> ")
            return set(said.replace(line, " ", 1).split())
        return offers

    def test_zsh_from_a_directory_of_fpath(self):
        self.file("_drover", script("zsh"))
        self.check(self.zsh(f"fpath=({self.directory} $fpath); compinit -u -D"))

    def test_zsh_sourced(self):
        path = self.file("drover.zsh", script("zsh"))
        self.check(self.zsh(f"compinit -u -D; source {path}"))


if __name__ == "__main__":
    unittest.main()
