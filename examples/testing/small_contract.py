"""What every small worker among the examples has to do, as test cases.

LifecycleContract asks nothing about the work; OneAnswerContract is for workers
that answer each connection of the listener "http" with one response and close
it. A test is a class that inherits one of them and unittest.TestCase and names
its COMMAND and what that needs in its ENVIRONMENT.
"""

import os
import signal
import struct
import subprocess
import time

from examples.testing import schema
from examples.testing.client import Client
from examples.testing.driver import PATIENCE, Broken, Driver

CLOEXEC = 0o2000000


class LifecycleContract:
    COMMAND = None
    ENVIRONMENT = {}
    CHANNEL = 3  # the number of the channel's descriptor

    def driver(self, listener=True, channel=None, **environment):
        driver = Driver(self.COMMAND, {**self.ENVIRONMENT, **environment},
                        listener, channel, self.CHANNEL)
        self.addCleanup(driver.__exit__)
        return driver

    def welcomed(self, **arguments):
        driver = self.driver(**arguments)
        driver.welcome()
        return driver

    def started(self, **arguments):
        driver = self.welcomed(**arguments)
        driver.start()
        return driver

    def has_read_all(self, driver):
        """Returns once the worker has acted on what was sent before."""
        driver.ping(4711)
        driver.expect("pong", lambda f: f.pong.id == 4711)

    def refused(self, driver, op, code):
        result = driver.expect("result", lambda f: f.re == op).result
        self.assertEqual(result.code, schema.ResultCode[code])

    # ---- The handshake

    def test_introduces_itself(self):
        driver = self.welcomed()
        self.assertEqual(driver.hello.major, 1)
        self.assertEqual(driver.hello.pid, driver.process.pid)
        self.assertNotEqual(driver.hello.name, b"")
        self.assertIn(schema.Capability["RESUME"], driver.hello.capabilities)

    def test_keeps_its_descriptors_to_itself(self):
        driver = self.started()
        self.assertEqual(inheritable_sockets(driver.hello.pid), [])

    def test_no_common_version(self):
        driver = self.driver(DROVER_PROTOCOL="99,x,2")
        driver.expect_exit(78)
        with self.assertRaises(Broken):
            driver.expect("hello")

    def test_picks_its_version_from_several(self):
        driver = self.welcomed(DROVER_PROTOCOL="x,2,1", DROVER_WHAT="?")
        self.assertEqual(driver.hello.major, 1)

    def test_says_that_nobody_supervises_it(self):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("DROVER_")}
        done = subprocess.run(
            self.COMMAND, env={**environment, **self.ENVIRONMENT},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"not supervised", done.stdout + done.stderr)

    def test_a_channel_that_is_none(self):
        # The environment names a descriptor, but a file is there.
        with open(os.devnull, "rb") as file:
            self.driver(channel=file).expect_exit(78)

    # ---- Commands

    def test_stop_without_a_start(self):
        driver = self.welcomed()
        driver.stop()
        driver.start()

    def test_resumes_in_the_same_process(self):
        driver = self.started()
        for _ in range(3):
            driver.stop()
            driver.start()

    def test_answers_every_stop(self):
        driver = self.started()
        first, second = driver.command("stop"), driver.command("stop")
        driver.expect_state("STOPPED", second)
        self.assertLess(first, second)
        driver.stop()

    def test_refuses_a_second_start(self):
        driver = self.started()
        self.refused(driver, driver.command("start"), "INVALID_STATE")
        driver.stop()

    def test_refuses_what_it_does_not_know(self):
        driver = self.started()
        driver.op += 1
        driver.send_bytes(framed(bytes([8, driver.op]) + b"\x82\x7d\0"))
        self.refused(driver, driver.op, "UNIMPLEMENTED")

    def test_ignores_what_it_does_not_know(self):
        driver = self.started()
        driver.send_bytes(framed(b"\x82\x7d\0"))
        ping = (b"\x78\1" b"\x79" + bytes(8) + b"\x7d" + bytes(4)
                + b"\x7a\2\xff\xfe" b"\x7b\x08\1\x7c" b"\x08\x09" b"\x70\0")
        driver.send_bytes(framed(b"\x72" + bytes([len(ping)]) + ping))
        driver.expect("pong", lambda f: f.pong.id == 9)

    def test_returns_all_bits_of_a_ping(self):
        driver = self.welcomed()
        for number in (1, 2**53 + 1, 2**63, 2**64 - 1):
            driver.ping(number)
            driver.expect("pong", lambda f, n=number: f.pong.id == n)

    def test_takes_frames_in_pieces(self):
        driver = self.driver()
        driver.in_pieces = True
        driver.welcome()
        driver.start()
        driver.stop()

    def test_takes_frames_together(self):
        driver = self.welcomed()
        driver.send_bytes(framed(b"\x72\2\x08\1") + framed(b"\x72\2\x08\2"))
        for number in (1, 2):
            driver.expect("pong", lambda f, n=number: f.pong.id == n)

    def test_takes_the_longest_frame(self):
        driver = self.welcomed()
        # A Ping, and an unknown field that fills the frame.
        driver.send_bytes(framed(b"\x72\2\x08\5" b"\x82\x7d\xf7\xff\3"
                                 + b"x" * 65527))
        driver.expect("pong", lambda f: f.pong.id == 5)

    # ---- The end

    def test_quit_in_every_stable_state(self):
        for driver in (self.welcomed(), self.started(), self.started()):
            driver.command("quit")
            driver.expect_exit(0)

    def test_quit_while_stopped(self):
        driver = self.started()
        driver.stop()
        driver.expect_state("SHUTTING_DOWN", driver.command("quit"))
        driver.expect_exit(0)

    def test_loss_of_the_supervisor(self):
        for driver in (self.driver(), self.welcomed(), self.started()):
            driver.hang_up()
            driver.expect_exit(0)

    def test_sigterm_ends_it(self):
        driver = self.started()
        os.kill(driver.hello.pid, signal.SIGTERM)
        driver.expect_exit(0)

    def test_sigint_is_the_supervisors(self):
        driver = self.started()
        os.kill(driver.hello.pid, signal.SIGINT)
        self.has_read_all(driver)
        driver.stop()

    def test_a_violation_ends_it(self):
        for data, code in ((b"\0\0\0\0", 1), (b"\0\1\0\1", 1), (b"hello", 1),
                           (framed(b"\xff"), 2), (framed(b"\x72\5"), 2),
                           (framed(b"\0\1"), 2), (framed(b"\x0c"), 2),
                           (framed(b"\x52\0"), 3)):
            with self.subTest(data=data):
                driver = self.started()
                driver.send_bytes(data)
                error = driver.expect("protocol_error").protocol_error
                self.assertEqual(error.code, code)
                driver.expect_exit(76)

    def test_a_frame_before_welcome_is_a_violation(self):
        driver = self.driver()
        driver.expect("hello")
        driver.command("start")
        error = driver.expect("protocol_error").protocol_error
        self.assertEqual(error.code, 3)
        driver.expect_exit(76)

    def test_its_own_violation_ends_it(self):
        driver = self.started()
        driver.send_bytes(framed(b"\x92\1\2\x08\3"))
        driver.expect_exit(76)


class OneAnswerContract(LifecycleContract):
    def client(self, driver):
        client = Client(driver.port)
        self.addCleanup(client.__exit__)
        return client

    def answered(self, client):
        status, headers, body = client.answer()
        self.assertEqual((status, headers["connection"]), (200, "close"))
        self.assertEqual(body, "hello from web/3 generation 2\n")
        self.assertTrue(client.ended())

    def test_answers(self):
        driver = self.started()
        for _ in range(3):
            client = self.client(driver)
            client.send()
            self.answered(client)

    def test_takes_nothing_before_start(self):
        driver = self.welcomed()
        self.starts_late(driver)

    def test_takes_nothing_while_stopped(self):
        driver = self.started()
        driver.stop()
        self.starts_late(driver)

    def test_finishes_what_is_in_flight(self):
        for command in ("stop", "quit", "hang_up"):
            with self.subTest(command=command):
                driver = self.started()
                client = self.half_a_request(driver)
                if command == "hang_up":
                    driver.hang_up()
                else:
                    op = driver.command(command)
                client.send_rest()
                self.answered(client)
                if command == "stop":
                    report = driver.expect_state("STOPPED", op)
                    self.assertFalse(report.forced)
                else:
                    driver.expect_exit(0)

    def test_keeps_its_connections_to_itself(self):
        driver = self.started()
        self.half_a_request(driver)
        self.assertEqual(inheritable_sockets(driver.hello.pid), [])

    def test_gives_up_at_the_deadline_and_says_so(self):
        driver = self.started()
        client = self.half_a_request(driver)
        report = driver.stop(deadline_ms=200)
        self.assertTrue(report.forced)
        self.assertEqual(report.abandoned, 1)
        self.assertTrue(client.ended())

    def test_many_rounds_leak_no_descriptor(self):
        driver = self.started()
        self.round(driver)
        before = sockets(driver.hello.pid)
        for _ in range(20):
            self.round(driver)
        self.assertEqual(sockets(driver.hello.pid), before)

    def test_without_its_listener(self):
        driver = self.driver(listener=False)
        self.assertIn(b"http", driver.expect("fatal").fatal.text)
        driver.expect_exit(78)

    def test_a_listener_that_is_none(self):
        driver = self.driver(DROVER_LISTEN_FDS=f"{self.CHANNEL}:http")
        self.assertIn(b"http", driver.expect("fatal").fatal.text)
        driver.expect_exit(78)

    def starts_late(self, driver):
        before = sockets(driver.hello.pid)
        client = self.client(driver)
        client.send()
        # One round of its loop would accept, another would answer.
        for _ in range(3):
            self.has_read_all(driver)
        self.assertEqual(sockets(driver.hello.pid), before)
        self.assertFalse(client.heard())
        driver.start()
        self.answered(client)

    def round(self, driver):
        client = self.client(driver)
        client.send()
        self.answered(client)
        driver.stop()
        driver.start()

    def half_a_request(self, driver):
        """A client that the worker has accepted and that is not finished."""
        before = sockets(driver.hello.pid)
        client = self.client(driver)
        client.send_half()
        end = time.monotonic() + PATIENCE
        while sockets(driver.hello.pid) == before:
            if time.monotonic() > end:
                raise Broken("nothing was accepted")
            time.sleep(0.005)
        return client


class SeveralAnswersContract(OneAnswerContract):
    """And of those that serve several connections at a time."""

    def test_finishes_all_that_are_in_flight(self):
        driver = self.started()
        clients = [self.half_a_request(driver) for _ in range(3)]
        op = driver.command("stop")
        self.has_read_all(driver)
        for client in reversed(clients):
            client.send_rest()
            self.answered(client)
        self.assertFalse(driver.expect_state("STOPPED", op).forced)


def framed(envelope):
    return struct.pack(">I", len(envelope)) + envelope


def inheritable_sockets(pid):
    """Those that a program executed by the process would find, beside the
    standard descriptors."""
    found = []
    for number, name in descriptors(pid).items():
        if int(number) <= 2:
            continue
        with open(f"/proc/{pid}/fdinfo/{number}") as file:
            flags = next(line.split()[1] for line in file
                         if line.startswith("flags:"))
        if name.startswith("socket:") and not int(flags, 8) & CLOEXEC:
            found.append((number, name))
    return found


def sockets(pid):
    """How many sockets the process has."""
    return sum(name.startswith("socket:") for name in descriptors(pid).values())


def descriptors(pid):
    """{number: what it leads to}."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[number] = os.readlink(f"/proc/{pid}/fd/{number}")
        except FileNotFoundError:
            pass  # closed meanwhile
    return found
