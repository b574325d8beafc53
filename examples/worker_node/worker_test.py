import os
import unittest

from examples.testing import schema
from examples.testing.driver import Driver
from examples.testing.http_contract import HttpContract

COMMAND = ["/usr/bin/env", "node", "examples/worker_node/worker.js"]


class WorkerTest(HttpContract, unittest.TestCase):
    COMMAND = COMMAND

    def test_offers_no_resume_and_refuses_it(self):
        driver = self.started()
        self.assertNotIn(schema.Capability["RESUME"],
                         driver.hello.capabilities)
        driver.stop()
        op = driver.command("start")
        result = driver.expect("result", lambda frame: frame.re == op).result
        self.assertEqual(result.code, schema.ResultCode["UNIMPLEMENTED"])

    def test_returns_all_bits_of_a_ping(self):
        driver = self.started()
        for number in (2**53 + 1, 2**64 - 1):
            driver.ping(number)
            driver.expect("pong", lambda f, n=number: f.pong.id == n)

    def test_takes_frames_in_pieces(self):
        driver = self.driver()
        driver.in_pieces = True
        driver.welcome()
        driver.start()
        self.assertEqual(self.client(driver).get()[0], 200)

    def test_a_violation_ends_it(self):
        for data, code in ((b"\0\0\0\0", 1), (b"\0\0\0\1\xff", 2),
                           (b"hello", 1)):
            driver = self.started()
            driver.send_bytes(data)
            self.assertEqual(
                driver.expect("protocol_error").protocol_error.code, code)
            driver.expect_exit(76)

    def test_a_channel_that_is_none(self):
        # The environment says 3, but a file is there.
        with open(os.devnull, "rb") as file:
            with Driver(COMMAND, channel=file) as driver:
                driver.expect_exit(78)


if __name__ == "__main__":
    unittest.main()
