"""An HTTP client of one connection that shows every step: when the request is
written, and whether the answer came whole."""

import select
import socket

from examples.testing.driver import PATIENCE


class Client:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._file = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._file.close()
        self._socket.close()

    def address(self):
        """The client's end: (address, port)."""
        return self._socket.getsockname()

    def send(self, path="/", keep=True):
        connection = "keep-alive" if keep else "close"
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: test\r\n"
            f"Connection: {connection}\r\n\r\n".encode())

    def send_half(self):
        self._socket.sendall(b"GET / HTTP/1.1\r\nHost: te")

    def send_rest(self):
        self._socket.sendall(b"st\r\n\r\n")

    def answer(self):
        """(status, headers in lower case, body); ConnectionError at EOF."""
        words = self._line().split()
        headers = {}
        while line := self._line():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip().lower()
        if headers.get("transfer-encoding") == "chunked":
            body = self._chunks()
        elif "content-length" in headers:
            body = self._file.read(int(headers["content-length"]))
        else:
            body = self._file.read()
        return int(words[1]), headers, body.decode()

    def get(self, path="/", keep=True):
        self.send(path, keep)
        return self.answer()

    def heard(self):
        """Whether the server has said anything yet, or closed."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def ended(self):
        """Waits for the server to close; true if nothing came before."""
        return self._file.read() == b""

    def _line(self):
        line = self._file.readline()
        if not line:
            raise ConnectionError("closed without an answer")
        return line.decode().rstrip("\r\n")

    def _chunks(self):
        body = b""
        while size := int(self._line(), 16):
            body += self._file.read(size)
            self._line()
        self._line()
        return body
