"""Runs the worker that stands in SPEC.md, and talks to it as a supervisor.
protoc encodes and decodes for the test, so that the worker's own codec is not
its judge."""
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

import session
import spec_text

PROTO_DIR = pathlib.Path(__file__).absolute().parent.parent
PATIENCE = 20  # seconds; no test waits for it to pass
TIMEOUTS = "timeouts { quit_ms: 10000 loss_ms: 2000 }"
WELCOME = f"welcome {{ capabilities: [2, 65536] {TIMEOUTS} }}"
REFUSED = "RESULT_CODE_UNIMPLEMENTED"


def decode(body):
    done = subprocess.run(
        ["protoc", f"--proto_path={PROTO_DIR}",
         "--decode=drover.worker.v1.ToSupervisor", session.SCHEMA],
        input=body, stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
    return " ".join(done.stdout.decode().split())


def frame(body):
    return struct.pack(">I", len(body)) + body


class Harness(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.program = pathlib.Path(self.directory.name, "worker.py")
        text = (PROTO_DIR / "SPEC.md").read_text()
        self.program.write_text(spec_text.worker_source(text))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.addCleanup(self.listener.close)

    def launch(self, channel=None, listener=None, **environment):
        """Starts the worker; `channel` takes the place of the socket pair."""
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(PATIENCE)
        self.addCleanup(self.channel.close)
        control = theirs.fileno() if channel is None else channel
        serves = (listener or self.listener).fileno()
        env = {"PATH": os.environ["PATH"], "DROVER_FD": str(control),
               "DROVER_PROTOCOL": "1", "DROVER_LISTEN_FDS": f"{serves}:http"}
        env.update(environment)
        self.process = subprocess.Popen(
            [sys.executable, str(self.program)], env=env,
            stderr=subprocess.PIPE, stdout=subprocess.PIPE,
            pass_fds=(control, serves))
        theirs.close()
        self.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate(timeout=PATIENCE)

    def send(self, *messages):
        self.channel.sendall(b"".join(
            session.encode(PROTO_DIR, "supervisor", text)
            for text in messages))

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.channel.recv(size - len(data))
            if not more:
                raise EOFError(data)
            data += more
        return data

    def receive(self):
        return decode(self.read(struct.unpack(">I", self.read(4))[0]))

    def expect(self, text):
        self.assertEqual(self.receive(), text)

    def expect_exit(self, code):
        self.assertEqual(self.process.wait(timeout=PATIENCE), code)

    def barrier(self, number=99):
        """Whatever came before has been handled, and nothing was sent."""
        self.send(f"ping {{ id: {number} }}")
        self.expect(f"pong {{ id: {number} }}")

    def begin(self):
        self.launch()
        self.assertTrue(self.receive().startswith("hello { major: 1 "))
        self.send(WELCOME, "op: 1 start { deadline_ms: 5000 }")
        self.expect("re: 1 state { state: STATE_STARTED }")

    def fetch(self):
        address = self.listener.getsockname()
        with socket.create_connection(address, timeout=PATIENCE) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return client.recv(4096)


class LifecycleTest(Harness):
    def test_starts_serves_stops_resumes_and_quits(self):
        self.begin()
        self.assertIn(b"200 OK", self.fetch())
        self.send("op: 2 stop { deadline_ms: 5000 }")
        self.expect("re: 2 state { state: STATE_STOPPED }")
        self.barrier()
        self.send("op: 3 start { deadline_ms: 5000 }")
        self.expect("re: 3 state { state: STATE_STARTED }")
        self.assertIn(b"200 OK", self.fetch())
        self.send("op: 4 quit { deadline_ms: 5000 }")
        self.expect("re: 4 state { state: STATE_SHUTTING_DOWN }")
        self.expect_exit(0)

    def test_resumes_only_where_that_is_agreed(self):
        self.launch()
        self.receive()
        self.send(f"welcome {{ {TIMEOUTS} }}", "op: 1 stop { }")
        self.expect("re: 1 state { state: STATE_STOPPED }")
        self.send("op: 2 start { deadline_ms: 5000 }")
        self.expect(f"re: 2 result {{ code: {REFUSED} }}")
        self.barrier()

    def test_accepts_nothing_before_start_and_in_stopped(self):
        self.launch()
        self.receive()
        self.send(WELCOME)
        with socket.create_connection(self.listener.getsockname()):
            self.barrier()
            # Still in the queue: this end can take it out itself.
            self.listener.accept()[0].close()

    def test_start_when_started_changes_nothing(self):
        self.begin()
        self.send("op: 2 start { deadline_ms: 5000 }")
        self.expect("re: 2 result { code: RESULT_CODE_INVALID_STATE }")
        self.assertIn(b"200 OK", self.fetch())

    def test_stop_and_quit_in_one_write(self):
        self.begin()
        self.send("op: 2 stop { deadline_ms: 9000 }", "op: 3 quit {}")
        self.expect_exit(0)

    def test_end_of_the_channel_ends_it(self):
        self.begin()
        self.channel.close()
        self.expect_exit(0)

    def test_sigterm_ends_it_and_sigint_does_not(self):
        self.begin()
        self.process.send_signal(signal.SIGINT)
        self.barrier()
        self.process.send_signal(signal.SIGTERM)
        self.expect_exit(0)


class FramingTest(Harness):
    def test_byte_by_byte(self):
        self.begin()
        self.barrier(1)
        ping = session.encode(PROTO_DIR, "supervisor", "ping { id: 1234567 }")
        for byte in ping:
            self.channel.sendall(bytes([byte]))
        self.expect("pong { id: 1234567 }")

    def test_id_keeps_64_bits(self):
        self.begin()
        self.barrier(2**64 - 1)

    def test_largest_frame_and_unknown_fields(self):
        self.begin()
        # Fields of all wire types (a group among them), then padding.
        unknown = bytes.fromhex("a00601 a906 0102030405060708 b50601020304"
                                "bb06 0801 bc06")
        inner = b"\x08\x05" + unknown
        body = b"\x72" + bytes([len(inner)]) + inner + unknown
        padding = 65536 - len(body) - 5
        body += bytes.fromhex("9a06") + bytes(
            [padding & 127 | 128, padding >> 7 & 127 | 128, padding >> 14])
        body += b"x" * padding
        self.channel.sendall(frame(body))
        self.expect("pong { id: 5 }")

    def test_unknown_body_is_refused_or_ignored(self):
        self.begin()
        self.channel.sendall(frame(bytes.fromhex("0809 9a0600")))
        self.expect(f"re: 9 result {{ code: {REFUSED} }}")
        self.channel.sendall(frame(bytes.fromhex("9a0600")))
        self.channel.sendall(frame(bytes.fromhex("080a 1007 9a0600")))
        self.barrier()

    def violate(self, data, code):
        self.begin()
        self.channel.sendall(data)
        self.assertRegex(
            self.receive(),
            f'^protocol_error {{ code: PROTOCOL_ERROR_CODE_{code} text: ".+" }}$')
        self.expect_exit(76)

    def test_length_zero(self):
        self.violate(bytes(4), "FRAME_SIZE")

    def test_length_above_the_limit(self):
        self.violate(struct.pack(">I", 65537), "FRAME_SIZE")

    def test_text(self):
        self.violate(b"Listening on port 80\n", "FRAME_SIZE")

    def test_no_envelope(self):
        self.violate(frame(b"\xff" * 12), "PARSE")

    def test_field_beyond_the_end(self):
        self.violate(frame(b"\x72\x05\x08"), "PARSE")

    def test_second_welcome(self):
        self.violate(session.encode(PROTO_DIR, "supervisor", WELCOME),
                     "SEQUENCE")


class EnvironmentTest(Harness):
    def test_not_supervised(self):
        self.launch()
        self.end()
        done = subprocess.run([sys.executable, str(self.program)],
                              env={"PATH": os.environ["PATH"]},
                              stdout=subprocess.PIPE, timeout=PATIENCE)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"not supervised", done.stdout)

    def test_channel_is_a_pipe(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.launch(channel=writer)
        os.close(writer)
        self.assertNotEqual(self.process.wait(timeout=PATIENCE), 0)
        self.assertEqual(os.read(reader, 1), b"")

    def test_channel_was_closed(self):
        self.launch(DROVER_FD="200")
        self.assertNotEqual(self.process.wait(timeout=PATIENCE), 0)
        self.assertIn(b"wrapper", self.process.stderr.read())

    def test_no_common_version(self):
        self.launch(DROVER_PROTOCOL="99")
        self.expect_exit(78)
        self.assertEqual(self.channel.recv(1), b"")

    def test_listener_is_something_else(self):
        one, other = socket.socketpair()
        self.addCleanup(one.close)
        self.addCleanup(other.close)
        self.launch(listener=one)
        self.assertIn("fatal", self.receive())
        self.assertNotEqual(self.process.wait(timeout=PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
