import tempfile
import time
import unittest

from examples.testing import schema
from examples.testing.http_contract import ResumeContract


class HttpWorkerTest(ResumeContract, unittest.TestCase):
    COMMAND = ["examples/http_cpp/http_worker"]

    def test_reports_what_is_left_while_it_drains(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=300")
        op = driver.command("stop")
        progress = driver.expect("progress").progress
        self.assertEqual(progress.in_flight, 1)
        driver.expect_state("STOPPED", op)

    def test_leaves_rotation(self):
        driver = self.started()
        frame = schema.ToWorker()
        frame.lame_duck.stop_in_ms = 1000
        driver.send(frame)
        self.has_read_all(driver)
        client = self.client(driver)
        status, headers, _ = client.get()
        self.assertEqual((status, headers["connection"]), (200, "close"))

    def test_fails_its_start_with_words(self):
        driver = self.driver(FAIL_START="1")
        driver.welcome()
        report = driver.expect_state("FAILED", driver.command("start"))
        self.assertIn(b"FAIL_START", report.text)
        driver.expect_exit(1)

    def test_a_stop_ends_a_start_that_never_ends(self):
        driver = self.driver(NEVER_READY="1")
        driver.welcome()
        driver.command("start")
        driver.stop()

    def test_a_stop_cancels_a_slow_start(self):
        driver = self.driver(START_DELAY_MS="200")
        driver.welcome()
        driver.command("start")
        driver.stop()
        # The cancelled start must not end after all: only the second one does.
        driver.start()
        self.assertEqual(self.client(driver).get()[0], 200)

    def test_logs_whom_it_accepted(self):
        with tempfile.TemporaryDirectory(dir="/tmp") as directory:
            driver = self.started(ACCEPT_LOG_DIR=directory)
            client = self.client(driver)
            client.get()
            with open(f"{directory}/{driver.hello.pid}",
                      encoding="ascii") as log:
                lines = log.read().splitlines()
        nanoseconds, address, port = lines[0].split()
        self.assertEqual(len(lines), 1)
        self.assertLess(int(nanoseconds), time.monotonic_ns())
        self.assertEqual((address, int(port)), client.address())

    def test_a_bad_setting_is_fatal(self):
        driver = self.driver(START_DELAY_MS="soon")
        self.assertIn(b"START_DELAY_MS", driver.expect("fatal").fatal.text)
        driver.expect_exit(78)


if __name__ == "__main__":
    unittest.main()
