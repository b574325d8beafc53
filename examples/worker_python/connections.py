"""The HTTP side: one thread for each connection, and how they end."""

import http.server
import os
import select
import socket
import threading
import time
import urllib.parse


class Connections:
    """The open connections, counted; made once for the life of the program."""

    def __init__(self):
        self.greeting = ""
        self.closing = False        # answers say "Connection: close"
        self.done = os.eventfd(0)   # readable after connections have ended
        self.given_up = threading.Event()
        self.linger = 0.5           # seconds for a client to close its side
        self._lock = threading.Lock()
        self._busy = {}             # socket -> whether it has a request
        self._last_moment = os.eventfd(0, os.EFD_NONBLOCK)

    def __len__(self):
        with self._lock:
            return len(self._busy)

    def add(self, client):
        with self._lock:
            self._busy[client] = False
        threading.Thread(
            target=self._serve, args=(client,), daemon=True).start()

    def open(self):
        self.closing = False
        self.given_up.clear()
        try:
            os.eventfd_read(self._last_moment)
        except BlockingIOError:
            pass

    def close_idle(self, linger):
        """Idle connections end now; linger is what their clients have left."""
        self.linger = linger
        os.eventfd_write(self._last_moment, 1)

    def abandon(self):
        """Ends all; returns how many requests that gave up."""
        self.given_up.set()
        with self._lock:
            for client in self._busy:
                client.shutdown(socket.SHUT_RDWR)
            return sum(self._busy.values())

    def request_comes(self, client):
        """Waits for the first byte of a request, or for the last moment."""
        self._mark(client, False)
        ready = select.select([client, self._last_moment], [], [])[0]
        self._mark(client, client in ready)
        return client in ready

    def _mark(self, client, busy):
        with self._lock:
            self._busy[client] = busy

    def _serve(self, client):
        try:
            Handler(client, None, self)
            self._mark(client, False)
            self._leave(client)
        except OSError:
            pass  # the client left, or the connection was given up
        finally:
            with self._lock:
                del self._busy[client]
                client.close()
            os.eventfd_write(self.done, 1)

    def _leave(self, client):
        """Closes this side and waits for the other: close() alone could
        destroy the last answer on its way."""
        client.shutdown(socket.SHUT_WR)
        end = time.monotonic() + self.linger
        while (left := end - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(4096):
                return


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10    # seconds for the rest of a request, once it has begun
    rbufsize = 0    # so that select() sees every byte that is there

    def handle(self):
        self.close_connection = False
        while not self.close_connection:
            if not self.server.request_comes(self.connection):
                return
            self.handle_one_request()

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path == "/":
            return self._answer(200, self.server.greeting)
        milliseconds = urllib.parse.parse_qs(url.query).get("ms", [""])[0]
        if url.path != "/slow" or not milliseconds.isascii() \
                or not milliseconds.isdigit() or int(milliseconds) > 60000:
            return self._answer(404, "try / or /slow?ms=300\n")
        if self.server.given_up.wait(int(milliseconds) / 1000):
            self.close_connection = True
            return None
        return self._answer(200, self.server.greeting)

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Worker-Pid", str(os.getpid()))
        # Decided last: a Stop may have come during the work.
        if self.server.closing or self.close_connection:
            self.send_header("Connection", "close")  # sets close_connection
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=W0622
        pass
