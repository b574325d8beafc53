"""What every HTTP worker among the examples has to do, as test cases.

A test of a worker is a class that inherits HttpContract and unittest.TestCase
and names its COMMAND and what that needs in its ENVIRONMENT. The worker serves
GET / and GET /slow?ms=N and says which process it is in X-Worker-Pid.
"""

import os
import signal
import time

from examples.testing import schema
from examples.testing.client import Client
from examples.testing.driver import Driver


class HttpContract:
    COMMAND = None
    ENVIRONMENT = {}

    def driver(self, listener=True, **environment):
        driver = Driver(
            self.COMMAND, {**self.ENVIRONMENT, **environment}, listener)
        self.addCleanup(driver.__exit__)
        return driver

    def started(self, **environment):
        driver = self.driver(**environment)
        driver.welcome()
        driver.start()
        return driver

    def client(self, driver):
        client = Client(driver.port)
        self.addCleanup(client.__exit__)
        return client

    def has_read_all(self, driver):
        """Returns once the worker has acted on what was sent before."""
        driver.ping(self.next_ping)
        driver.expect("pong", lambda f: f.pong.id == self.next_ping)
        self.next_ping += 1

    def setUp(self):
        self.next_ping = 1

    # ---- Start

    def test_introduces_itself(self):
        driver = self.driver()
        driver.welcome()
        self.assertEqual(driver.hello.major, 1)
        self.assertEqual(driver.hello.pid, driver.process.pid)
        self.assertNotEqual(driver.hello.name, b"")

    def test_takes_nothing_before_start(self):
        driver = self.driver()
        driver.welcome()
        client = self.client(driver)
        client.send()
        self.has_read_all(driver)
        self.assertFalse(client.heard())
        driver.start()
        status, headers, body = client.answer()
        self.assertEqual(status, 200)
        self.assertEqual(headers["x-worker-pid"], str(driver.hello.pid))
        self.assertIn("web/3 generation 2", body)

    def test_keeps_connections(self):
        client = self.client(self.started())
        for _ in range(3):
            status, headers, _ = client.get()
            self.assertEqual(status, 200)
            self.assertNotEqual(headers.get("connection"), "close")
        _, headers, _ = client.get(keep=False)
        self.assertEqual(headers["connection"], "close")
        self.assertTrue(client.ended())

    # ---- Stop

    def test_stop_without_a_start(self):
        driver = self.driver()
        driver.welcome()
        driver.stop()

    def test_takes_nothing_while_stopped(self):
        driver = self.started()
        driver.stop()
        client = self.client(driver)
        client.send()
        self.has_read_all(driver)
        self.assertFalse(client.heard())

    def test_finishes_what_is_in_flight(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        began = time.monotonic()
        client.send("/slow?ms=400")
        report = driver.stop()
        self.assertGreaterEqual(time.monotonic() - began, 0.4)
        self.assertFalse(report.forced)
        status, headers, _ = client.answer()
        self.assertEqual((status, headers["connection"]), (200, "close"))
        self.assertTrue(client.ended())

    def test_answers_an_idle_connection_once_more(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        op = driver.command("stop")
        self.has_read_all(driver)
        status, headers, _ = client.get()
        self.assertEqual((status, headers["connection"]), (200, "close"))
        self.assertTrue(client.ended())
        self.assertFalse(driver.expect_state("STOPPED", op).forced)

    def test_closes_idle_connections_at_the_last_moment(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        began = time.monotonic()
        report = driver.stop(deadline_ms=1000)
        self.assertGreaterEqual(time.monotonic() - began, 0.5)
        self.assertFalse(report.forced)
        self.assertTrue(client.ended())

    def test_gives_up_at_the_deadline_and_says_so(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=60000")
        report = driver.stop(deadline_ms=500)
        self.assertTrue(report.forced)
        self.assertEqual(report.abandoned, 1)

    # ---- The end

    def test_quit(self):
        driver = self.started()
        driver.stop()
        driver.command("quit")
        driver.expect_exit(0)

    def test_quit_without_stop_finishes(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=300")
        driver.command("quit")
        self.assertEqual(client.answer()[0], 200)
        driver.expect_exit(0)

    def test_loss_of_the_supervisor(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=300")
        driver.hang_up()
        self.assertEqual(client.answer()[0], 200)
        driver.expect_exit(0)

    def test_sigterm_finishes_and_ends(self):
        driver = self.started()
        client = self.client(driver)
        client.get()
        client.send("/slow?ms=300")
        os.kill(driver.hello.pid, signal.SIGTERM)
        self.assertEqual(client.answer()[0], 200)
        driver.expect_exit(0)

    def test_sigint_is_the_supervisors(self):
        driver = self.started()
        os.kill(driver.hello.pid, signal.SIGINT)
        self.has_read_all(driver)
        self.assertEqual(self.client(driver).get()[0], 200)

    def test_without_its_listener(self):
        driver = self.driver(listener=False)
        self.assertIn(b"http", driver.expect("fatal").fatal.text)
        driver.expect_exit(78)


class ResumeContract(HttpContract):
    """And of those that offer RESUME."""

    def test_offers_resume(self):
        driver = self.driver()
        driver.welcome()
        self.assertIn(schema.Capability["RESUME"], driver.hello.capabilities)

    def test_start_after_a_stop_without_one(self):
        driver = self.driver()
        driver.welcome()
        driver.stop()
        driver.start()
        self.assertEqual(self.client(driver).get()[0], 200)

    def test_resumes_in_the_same_process(self):
        driver = self.started()
        driver.stop()
        client = self.client(driver)
        client.send()
        driver.start()
        status, headers, _ = client.answer()
        self.assertEqual(status, 200)
        self.assertNotEqual(headers.get("connection"), "close")
        self.assertEqual(headers["x-worker-pid"], str(driver.hello.pid))

    def test_many_rounds_leak_no_descriptor(self):
        driver = self.started()
        self.round(driver)
        before = descriptors(driver.hello.pid)
        for _ in range(20):
            self.round(driver)
        self.assertEqual(descriptors(driver.hello.pid), before)

    def round(self, driver):
        with Client(driver.port) as client:
            client.get()
        driver.stop()
        driver.start()


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
