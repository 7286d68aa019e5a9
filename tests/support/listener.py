"""Somebody else's server: takes what is posted to it, and answers as it is told."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

MAX_TAKEN = 1_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Listener:
    """The server: what it took, in order, and the status of its next answers."""

    address: str
    taken: "Queue[Taken]" = field(default_factory=Queue)
    status: int = 204
    location: str = ""

    def next(self) -> Taken:
        """The next request, waited for a minute at most, on a crowded machine."""
        return self.taken.get(timeout=60)


@contextmanager
def listening() -> Iterator[Listener]:
    """A server on a free port of this machine while the block lasts."""
    listener = Listener("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("content-length", "0")), MAX_TAKEN))
            listener.taken.put(Taken(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(listener.status)
            if listener.location:
                self.send_header("location", listener.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
