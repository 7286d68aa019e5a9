"""The line between one person's browser and the server: slow, cut and mended on demand, and closed to WebSockets.

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
from enum import Enum

_CHUNK = 65_536
_Piece = tuple[float, bytes]
_REFUSED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Sockets(Enum):
    """What becomes of a WebSocket on this line, as networks have it that let none through."""

    PASSED = "passed"
    REFUSED = "refused"
    """The upgrade is answered with 400."""
    SWALLOWED = "swallowed"
    """The upgrade is never answered."""
    SHUT = "shut"
    """The upgrade is answered by the server, and then the connection is closed."""
    MUTE = "mute"
    """The upgrade is answered by the server, and then nothing is carried any more."""


class Loss(Enum):
    """Where a request that carries frames up is cut."""

    REQUEST = "request"
    """In the middle: the server gets half of it."""
    ANSWER = "answer"
    """After it: the server has it all, its answer is lost."""


class Line:
    """Relays to the server's port while it is whole. `seconds` is the delay each way, of what comes from then on."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.seconds = 0.0
        self.sockets = Sockets.PASSED
        self.losses: list[Loss] = []
        """How the next bodies of frames are lost, one after the other."""
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
        """Relay again, without delay or loss."""
        self.seconds = 0.0
        self.sockets = Sockets.PASSED
        self.losses.clear()
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
        if not self._blocked(near, far):
            ways = [threading.Thread(target=self._carry, args=pair, daemon=True) for pair in ((near, far), (far, near))]
            for way in ways:
                way.start()
            for way in ways:
                way.join()
        with self._lock:
            self._open -= {near, far}
        _end(near)
        _end(far)

    def _blocked(self, near: socket.socket, far: socket.socket) -> bool:
        """Whether this was the connection of a WebSocket, and the line has dealt with it in its way."""
        with contextlib.suppress(OSError):
            if (
                self.sockets is Sockets.PASSED
                or b"upgrade: websocket" not in near.recv(_CHUNK, socket.MSG_PEEK).lower()
            ):
                return False
            if self.sockets is Sockets.REFUSED:
                near.sendall(_REFUSED)
            elif self.sockets is not Sockets.SWALLOWED:
                far.sendall(near.recv(_CHUNK))
                near.sendall(far.recv(_CHUNK))
            while self.sockets in {Sockets.SWALLOWED, Sockets.MUTE} and near.recv(_CHUNK):
                pass
        return True

    def _lost(self, source: socket.socket, target: socket.socket, data: bytes) -> bool:
        """Whether the connection was cut at this body of frames."""
        if not (self.losses and data.startswith(b"POST /frames/") and b"octet-stream" in data):
            return False
        if self.losses.pop(0) is Loss.REQUEST:
            target.sendall(data[:-1])
            target.shutdown(socket.SHUT_WR)
        else:
            # The server answers what it has read; the browser is not there to hear it.
            source.shutdown(socket.SHUT_RDWR)
            target.sendall(data)
        _end(source)
        return True

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()
        delivering = threading.Thread(target=self._deliver, args=(pieces, target), daemon=True)
        delivering.start()
        while True:
            try:
                data = source.recv(_CHUNK)
            except OSError:
                data = b""
            if self._lost(source, target, data):
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
