"""The line between one person's browser and the server: slow, cut and mended on demand.

A relay of bytes on a port of its own, for a browser's emulation of bad networks leaves open sockets alone. The server
must know the relay's address as an origin (`UNBRACKET_ORIGINS`).
"""

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_CHUNK = 65_536
_Piece = tuple[float, bytes]


class Line:
    """Relays to the server's port while it is whole. `seconds` is the delay each way, of what comes from then on."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.seconds = 0.0
        self._target = 0
        self._whole = True
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def lead_to(self, port: int) -> None:
        """Begin to relay to this port."""
        self._target = port
        self._accepting.start()

    def cut(self) -> None:
        """End all connections, and every new one at once."""
        with self._lock:
            self._whole = False
            ended, self._open = self._open, set()
        for one in ended:
            _end(one)

    def mend(self) -> None:
        """Relay again, without delay."""
        self.seconds = 0.0
        with self._lock:
            self._whole = True

    def close(self) -> None:
        """Give up the port."""
        self.cut()
        _end(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            _end(near)
            return
        with self._lock:
            whole = self._whole
            if whole:
                self._open |= {near, far}
        if not whole:
            _end(near)
            _end(far)
            return
        ways = [threading.Thread(target=self._carry, args=pair, daemon=True) for pair in ((near, far), (far, near))]
        for way in ways:
            way.start()
        for way in ways:
            way.join()
        with self._lock:
            self._open -= {near, far}
        _end(near)
        _end(far)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()
        delivering = threading.Thread(target=self._deliver, args=(pieces, target), daemon=True)
        delivering.start()
        while True:
            try:
                data = source.recv(_CHUNK)
            except OSError:
                data = b""
            pieces.put((time.monotonic() + self.seconds, data))
            if not data:
                break
        delivering.join()

    def _deliver(self, pieces: "queue.SimpleQueue[_Piece]", target: socket.socket) -> None:
        pause = threading.Event()
        while True:
            due, data = pieces.get()
            pause.wait(max(0.0, due - time.monotonic()))
            try:
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
            except OSError:
                return


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@contextmanager
def lines(count: int) -> Iterator[tuple[Line, ...]]:
    """So many lines, given up with the block."""
    made = tuple(Line() for _ in range(count))
    try:
        yield made
    finally:
        for line in made:
            line.close()
