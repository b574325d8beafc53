"""The work: one line of HTTP on each connection, then its end."""

import asyncio
import contextlib

PATIENCE = 5  # seconds for a client to send its request


class Server:
    def __init__(self, listener, on_idle):
        """Calls on_idle whenever nothing is in flight any more."""
        self._greeting = b""
        self._listener = listener
        self._on_idle = on_idle
        self._tasks = set()

    def in_flight(self):
        return len(self._tasks)

    def open(self, greeting):
        self._greeting = greeting.encode()
        asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def close(self):
        """Takes nothing more; what is in flight goes on."""
        asyncio.get_running_loop().remove_reader(self._listener)

    def abandon(self):
        """Gives up what is in flight; returns how much that was."""
        abandoned = self.in_flight()
        for task in self._tasks:
            task.cancel()
        return abandoned

    def _accept(self):
        # O_NONBLOCK is as it was: it belongs to all who share the listener.
        with contextlib.suppress(OSError):  # a sibling was faster
            client, _ = self._listener.accept()
            client.setblocking(False)
            task = asyncio.create_task(self._serve(client))
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task):
        self._tasks.discard(task)
        if not self._tasks:
            self._on_idle()

    async def _serve(self, client):
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                         b"Content-Length: %d\r\n\r\n%s"
                         % (len(self._greeting), self._greeting))
            await writer.drain()
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError,
                asyncio.LimitOverrunError):
            pass  # the client left, was too slow, or talked too much
        finally:
            writer.close()
