"""What a worker finds when it begins: variables, user, directory, limits,
descriptors, signals."""

import json
import os
import pwd
import unittest

from supervisor.integration import world

# Writes what it finds as JSON to a file of its slot's, then works.
LOOK = """
import json, os, resource, sys
mask = os.umask(0)
os.umask(mask)
with open("/proc/self/status") as file:
    status = dict(line.split(":\\t", 1) for line in file if ":\\t" in line)
found = {
    "variables": dict(os.environ),
    "directory": os.getcwd(),
    "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
    "groups": os.getgroups(),
    "umask": mask,
    "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "fds": [int(fd) for fd in sorted(os.listdir("/proc/self/fd"))
            if os.path.exists("/proc/self/fd/" + fd)],
    "blocked": int(status["SigBlk"], 16),
    # But for those that Python itself ignores: SIGPIPE and SIGXFSZ.
    "ignored": int(status["SigIgn"], 16) & ~(1 << 12 | 1 << 24),
}
with open(sys.argv[1] + os.environ.get("MY_SLOT", ""), "w") as file:
    json.dump(found, file)
sys.path.insert(0, sys.argv[2])
import unruly
unruly.Worker().run()
"""


class EnvironmentTest(world.Case):

    def setUp(self):
        super().setUp()
        # Where every user may write and read.
        os.mkdir(self.path("open"))
        os.chmod(self.path("open"), 0o777)
        with open(world.UNRULY, encoding="utf-8") as file:
            self.write("unruly.py", file.read())
        self.command = [*world.PYTHON, "-B", self.write("look.py", LOOK),
                        self.path("open/found"), self.directory]

    def look(self, which="", outside=None, **fields):
        """What the worker finds that writes to the file `which`; `outside` are
        variables of the supervisor."""
        supervisor = self.run_supervisor(
            "-f", self.config(world.pool("web", self.command, **fields)),
            environment=outside).ready("web")
        self.shut_down(supervisor)
        with open(self.path("open/found") + which, encoding="utf-8") as file:
            return json.load(file)

    def test_pool_and_slot_in_values(self):
        found = self.look("1", count=2, environment={
            "MY_SLOT": "${slot}", "PORT": "${slot+9100}", "COST": "$$5",
            "NAME": "${pool}-${generation}"})["variables"]
        self.assertEqual((found["PORT"], found["NAME"], found["COST"]),
                         ("9101", "web-1", "$5"))

    def test_inherited_unless_told_otherwise(self):
        outside = {"COLOUR": "red", "DROVER_STRAY": "1"}
        found = self.look(outside=outside)["variables"]
        self.assertEqual(found["COLOUR"], "red")
        self.assertNotIn("DROVER_STRAY", found)
        self.assertNotIn("DROVER_SOCKET", found)
        self.assertEqual((found["DROVER_FD"], found["DROVER_PROTOCOL"]),
                         ("3", "1"))
        self.assertNotIn("DROVER_LISTEN_FDS", found)
        found = self.look(outside=outside, inherit_environment=False,
                          environment={"SIZE": "xl"})["variables"]
        self.assertNotIn("COLOUR", found)
        self.assertEqual(found["SIZE"], "xl")

    def test_environment_file(self):
        file = self.write("web.env", "# what it needs\nA=1\nB=two words\n\n")
        found = self.look(environment_file=file,
                          environment={"A": "wins"})["variables"]
        self.assertEqual((found["A"], found["B"]), ("wins", "two words"))

    def test_environment_file_is_read_by_each_generation(self):
        file = self.write("web.env", "MY_SLOT=-first\n")
        supervisor = self.start(world.pool("web", self.command,
                                           environment_file=file))
        self.write("web.env", "MY_SLOT=-second\n")
        # The same generation: as it was.
        self.drover("restart", "web/0")
        self.assertEqual(os.listdir(self.path("open")), ["found-first"])
        self.drover("reload", "web")
        self.assertEqual(sorted(os.listdir(self.path("open"))),
                         ["found-first", "found-second"])
        self.shut_down(supervisor)

    def test_a_missing_environment_file(self):
        path = self.config(world.pool("web", self.command,
                                      environment_file="none.env"))
        said = "\n".join(self.run_supervisor("-f", path).end(1))
        self.assertIn("none.env", said)
        self.assertEqual(os.listdir(self.path("open")), [])

    def test_directory_umask_and_limits(self):
        found = self.look(directory=self.path("open"), umask="0027",
                          limits={"open_files": 77, "core_size": 0})
        self.assertEqual(found["directory"], self.path("open"))
        self.assertEqual(found["umask"], 0o027)
        self.assertEqual((found["files"], found["core"]),
                         ([77, 77], [0, 0]))

    def test_relative_paths_are_those_of_the_file(self):
        self.write("web.env", "A=1\n")
        found = self.look(directory="open", environment_file="web.env")
        self.assertEqual(found["directory"], self.path("open"))
        self.assertEqual(found["variables"]["A"], "1")

    def test_user_and_group(self):
        """Root can be anybody; others at least themselves."""
        if os.getuid() != 0:
            found = self.look(user=str(os.getuid()))
            self.assertEqual(found["ids"],
                             [os.getuid()] * 2 + [os.getgid()] * 2)
            return
        nobody = pwd.getpwnam("nobody")
        found = self.look(user="nobody")
        self.assertEqual(found["ids"],
                         [nobody.pw_uid] * 2 + [nobody.pw_gid] * 2)
        self.assertNotIn(0, found["groups"])
        os.remove(self.path("open/found"))
        found = self.look(user="nobody", group="12345")
        self.assertEqual(found["ids"], [nobody.pw_uid] * 2 + [12345] * 2)

    def test_descriptors_and_signals(self):
        found = self.look(listeners=[
            {"name": "http", "address": "tcp://127.0.0.1:0"},
            {"name": "admin", "address": f"unix://{self.path('web.sock')}"}])
        self.assertEqual(found["fds"], [0, 1, 2, 3, 4, 5])
        self.assertEqual(found["variables"]["DROVER_LISTEN_FDS"],
                         "4:http,5:admin")
        self.assertEqual((found["blocked"], found["ignored"]), (0, 0))

    def test_the_channel_as_standard_input(self):
        found = self.look(control_fd=0, listeners=[
            {"name": "http", "address": "tcp://127.0.0.1:0"}])
        self.assertEqual(found["variables"]["DROVER_FD"], "0")
        self.assertEqual(found["fds"], [0, 1, 2, 4])
        self.assertEqual(found["variables"]["DROVER_LISTEN_FDS"], "4:http")


class SecretTest(world.Case):

    def test_values_are_shown_nowhere(self):
        """Of the environment and its file: not in what the supervisor says,
        nor in what it answers; also where a start fails."""
        good = world.pool("good", world.unruly(), environment={
            "TOKEN": "hunter2-a"},
            environment_file=self.write("web.env", "PASSWORD=hunter2-b\n"))
        supervisor = self.run_supervisor(
            "-f", self.config(good), environment={"DROVER_LOG": "*"})
        supervisor.ready("good")
        events = self.watch()
        path = self.config(
            {**good, "environment": {"TOKEN": "hunter2-c"}},
            world.pool("bad", ["/bin/false"],
                       environment={"TOKEN": "hunter2-d"}))
        said = self.drover("plan", "-f", path).text
        self.assertIn("TOKEN", said)
        answer = self.drover("apply", "-f", path, code=1)
        said += answer.text + answer.errors
        for words in ("status", "operations", "logs"):
            for json_output in (False, True):
                said += self.drover(words, json_output=json_output).text
        self.assertIn("good", said)
        said += "\n".join(self.shut_down(supervisor) + events.close()
                          + supervisor.output.rest())
        self.assertIn("bad/0", said)
        self.assertNotIn("hunter2", said)


if __name__ == "__main__":
    unittest.main()
