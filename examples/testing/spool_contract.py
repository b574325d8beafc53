"""What the workers without a listener have to do, as test cases: they take
jobs from a directory and run a command for each."""

import os
import shutil
import tempfile
import time

from examples.testing.driver import PATIENCE, Broken
from examples.testing.small_contract import LifecycleContract

# The job says how many seconds it takes, or asks what the command has open.
JOB = ["sh", "-c", 'read -r job; case $job in fds) ls -l /proc/self/fd;; '
       'fail) exit 3;; *) echo "slept $job"; exec sleep "$job";; esac']


class SpoolContract(LifecycleContract):
    WORKER = None  # the command, before the directory and the command of jobs

    def setUp(self):
        self.spool = tempfile.mkdtemp(prefix="drover.", dir="/tmp")
        self.addCleanup(shutil.rmtree, self.spool, ignore_errors=True)
        self.COMMAND = [*self.WORKER, self.spool, *JOB]

    def put(self, name, text):
        path = os.path.join(self.spool, name)
        with open(path + ".new", "w") as file:
            file.write(text + "\n")
        os.rename(path + ".new", path + ".job")

    def names(self):
        return sorted(os.listdir(self.spool))

    def wait_for(self, name):
        """Returns what the file holds, once it is there."""
        end = time.monotonic() + PATIENCE
        while name not in self.names():
            if time.monotonic() > end:
                raise Broken(f"no {name}; there are {self.names()}")
            time.sleep(0.005)
        with open(os.path.join(self.spool, name)) as file:
            return file.read()

    def wait_for_claim(self, driver, name):
        self.wait_for(f"{name}.claimed-{driver.hello.pid}")

    def takes_nothing(self, driver):
        self.put("late", "0")
        for _ in range(3):
            self.has_read_all(driver)
        self.assertEqual(self.names(), ["late.job"])
        driver.start()
        self.assertEqual(self.wait_for("late.done"), "slept 0\n")

    def test_takes_jobs(self):
        driver = self.started()
        for name in ("a", "b"):
            self.put(name, "0")
            self.assertEqual(self.wait_for(name + ".done"), "slept 0\n")
        driver.stop()
        self.assertEqual(self.names(), ["a.done", "b.done"])

    def test_puts_failed_jobs_aside(self):
        driver = self.started()
        self.put("bad", "fail")
        self.wait_for("bad.failed")
        driver.stop()
        self.assertEqual(self.names(), ["bad.failed"])

    def test_takes_nothing_before_start(self):
        self.takes_nothing(self.welcomed())

    def test_takes_nothing_while_stopped(self):
        driver = self.started()
        driver.stop()
        self.takes_nothing(driver)

    def test_finishes_what_is_in_flight(self):
        for command in ("stop", "quit", "hang_up"):
            with self.subTest(command=command):
                driver = self.started()
                self.put(command, "0.3")
                self.wait_for_claim(driver, command)
                if command == "hang_up":
                    driver.hang_up()
                    driver.expect_exit(0)
                elif command == "quit":
                    driver.command(command)
                    driver.expect_exit(0)
                else:
                    self.assertFalse(driver.stop().forced)
                self.assertIn(command + ".done", self.names())

    def test_hears_while_it_works(self):
        driver = self.started()
        self.put("long", "60")
        self.wait_for_claim(driver, "long")
        self.has_read_all(driver)
        op = driver.command("stop")
        driver.expect_state("STOPPING", op)
        self.has_read_all(driver)

    def test_gives_a_job_back_at_the_deadline(self):
        driver = self.started()
        self.put("long", "60")
        self.wait_for_claim(driver, "long")
        report = driver.stop(deadline_ms=200)
        self.assertTrue(report.forced)
        self.assertEqual(report.abandoned, 1)
        self.assertEqual(self.names(), ["long.job"])
        self.assertEqual(children(driver.hello.pid), [])

    def test_gives_a_job_back_at_the_end(self):
        for command in ("quit", "hang_up"):
            with self.subTest(command=command):
                driver = self.driver()
                driver.welcome(loss_ms=200)
                driver.start()
                self.put("long", "60")
                self.wait_for_claim(driver, "long")
                if command == "quit":
                    driver.command("quit", deadline_ms=200)
                else:
                    driver.hang_up()
                driver.expect_exit(0)
                self.assertEqual(self.names(), ["long.job"])

    def test_takes_back_the_jobs_of_the_dead(self):
        self.put("left", "0")
        os.rename(os.path.join(self.spool, "left.job"),
                  os.path.join(self.spool, "left.claimed-4194399"))
        self.started()
        self.assertEqual(self.wait_for("left.done"), "slept 0\n")

    def test_commands_have_no_socket(self):
        self.started()
        self.put("open", "fds")
        self.assertNotIn("socket:", self.wait_for("open.done"))


def children(pid):
    """The processes whose parent is that one; zombies do not count."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                state, parent = file.read().rsplit(")", 1)[1].split()[:2]
        except OSError:
            continue  # ended meanwhile
        if int(parent) == pid and state != "Z":
            found.append(int(entry))
    return found
