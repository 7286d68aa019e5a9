"""A person at the developer tools of an open page: a socket of the page's own session, spoken to by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from crdt import protocol
from crdt.client import Client, Refusal
from opinions.edits import Edit
from tests.browser.desk import Desk

_OPEN = """
path => new Promise((done, failed) => {
  const address = new URL(path, location.href);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  socket.binaryType = "arraybuffer";
  globalThis.byHand = { socket, heard: [], code: null };
  socket.onmessage = ({ data }) => byHand.heard.push(Array.from(new Uint8Array(data)));
  socket.onclose = ({ code }) => (byHand.code = code);
  socket.onopen = () => done();
  socket.onerror = () => failed(new Error("no socket"));
})
"""


class Console:
    """Frames out of a desk's page, written by hand; what comes back is read like an honest client reads it."""

    def __init__(self, desk: Desk, *, opinion: str = "", workspace: bool = False) -> None:
        self.client = Client(workspace)
        self._page = desk.page
        self._page.evaluate(_OPEN, f"/ws/opinions/{opinion or desk.opinion}")
        self.start_over()

    @property
    def lease(self) -> int:
        """The client id that the server lent to this socket."""
        return int(self.client.welcome["client"])

    def send(self, frame: bytes) -> None:
        """Send these bytes as they are."""
        self._page.evaluate("bytes => byHand.socket.send(new Uint8Array(bytes))", list(frame))

    def write(self, edits: Sequence[Edit], party: str) -> None:
        """Send an update that carries these edits out, whatever they are."""
        self.send(self.client.write(edits, party))

    def command(self, fields: Mapping[str, Any], party: str, key: str) -> None:
        """Send a command."""
        self.send(self.client.command(fields, party, key))

    def start_over(self) -> None:
        """Say HELLO again on the same socket, with nothing in hand, as after a refusal."""
        self.client = Client(self.client.workspace)
        self.send(self.client.hello())
        self.hear(lambda: self.client.document is not None, "the text")

    def refusal(self) -> Refusal:
        """The server's refusal, once it is there."""
        self.hear(lambda: bool(self.client.refusals), "a refusal")
        return self.client.refusals[-1]

    def taken(self) -> None:
        """Wait until all that was sent is acknowledged."""
        self.hear(lambda: not self.client.sent, "an acknowledgement")
        assert not self.client.refusals

    def closed(self) -> int:
        """The code with which the server closed the socket, once it did."""
        self._page.wait_for_function("() => byHand.code !== null")
        return int(self._page.evaluate("() => byHand.code"))

    def answers(self) -> None:
        """Wait until the server has read everything sent so far: it answers a PING in its turn."""
        self.send(protocol.varuint(protocol.ClientFrame.PING))
        self.hear(lambda: protocol.PONG in self._last, "an answer")

    _last: tuple[bytes, ...] = ()

    def hear(self, enough: Any, what: str) -> None:
        """Read frames until it is enough."""
        for _ in range(200):
            if enough():
                return
            self._page.wait_for_function("() => byHand.heard.length > 0 || byHand.code !== null")
            frames = [bytes(frame) for frame in self._page.evaluate("() => byHand.heard.splice(0)")]
            for frame in frames:
                self.client.take(frame)
            self._last = tuple(frames)
            assert frames, f"the server closed the socket before {what}"
        raise AssertionError(f"the server said a lot, but not {what}")
