"""A client of the wire without a socket: what goes out, what comes in, the document in between (crdt/SPEC.md, W).

The browser's half is TypeScript; this one serves the demonstration, tools and tests. It does what an honest client
does and keeps
every update until it is acknowledged.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crdt import protocol
from crdt.document import SharedDocument
from crdt.protocol import Reader, ServerFrame
from opinions.edits import Edit
from opinions.record import Document

READER = 999
"""The client id of a document that only reads: below every lease, so nothing under it would be accepted."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server would not take: the message number, the code, the words to the user."""

    n: int
    code: str
    message: str


@dataclass(slots=True)
class Client:
    """One connection's state; `make` makes its document. Feed it frames with `take`; send what `hello`, `write` and
    `command` return.
    """

    workspace: bool
    make: Callable[[int, Sequence[bytes]], SharedDocument] = SharedDocument
    document: SharedDocument | None = None
    welcome: Mapping[str, Any] = field(default_factory=dict)
    seqs: list[int] = field(default_factory=lambda: [0, 0])
    sent: dict[int, bytes] = field(default_factory=dict)
    acknowledged: dict[int, int] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    results: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    notices: list[Mapping[str, Any]] = field(default_factory=list)
    peers: Sequence[Mapping[str, Any]] = ()
    group: str = ""
    """The drafting group in whose workspace it drafts; empty: its delegation's."""
    _n: int = 0

    def hello(self) -> bytes:
        """The frame that begins, or begins again with what is already here."""
        state_vector = self.document.state_vector() if self.document else b"\0"
        return protocol.hello(
            schema=protocol.SCHEMA,
            workspace=self.workspace,
            generation=self.welcome.get("generation", 0),
            client=self.welcome.get("client"),
            state_vector=state_vector,
            can=("changes",),
            group=self.group,
        )

    def write(self, edits: Sequence[Edit], party: str) -> bytes:
        """Carries edits out here and returns the UPDATE that tells the server, empty when they changed nothing.

        Needs an answered HELLO.
        """
        assert self.document is not None, "say hello first"
        update, _ = self.document.write(edits)
        return self.update(update, party) if update else b""

    def update(self, update: bytes, party: str) -> bytes:
        """The UPDATE of a Yjs update made by other means."""
        self._n += 1
        self.sent[self._n] = protocol.client_update(self._n, party, update)
        return self.sent[self._n]

    def command(self, fields: Mapping[str, Any], party: str, key: str) -> bytes:
        """The COMMAND with this JSON; `key` makes it safe to send twice."""
        self._n += 1
        self.sent[self._n] = protocol.client_command(self._n, party, key, fields)
        return self.sent[self._n]

    def unacknowledged(self) -> tuple[bytes, ...]:
        """The frames to send again after a reconnection, oldest first."""
        return tuple(self.sent[n] for n in sorted(self.sent))

    def view(self) -> Document:
        """Text and record as this client sees them."""
        assert self.document is not None, "say hello first"
        return self.document.view()

    def take(self, frame: bytes) -> None:
        """A frame from the server."""
        reader = Reader(frame)
        match reader.varuint():
            case ServerFrame.WELCOME:
                self._welcome(json.loads(reader.varstring()))
            case ServerFrame.SYNC:
                self.seqs = [reader.varuint(), reader.varuint()]
                self._apply([reader.varbytes()])
            case ServerFrame.UPDATE:
                stream, seq, count = reader.varuint(), reader.varuint(), reader.varuint()
                self._apply([reader.varbytes() for _ in range(count)])
                self.seqs[stream] = seq
            case ServerFrame.ACK:
                n, _, seq = reader.varuint(), reader.varuint(), reader.varuint()
                for one in [one for one in self.sent if one <= n]:
                    self.acknowledged[one] = seq
                    del self.sent[one]
            case ServerFrame.REFUSED:
                n = reader.varuint()
                answer = json.loads(reader.varstring())
                self.refusals.append(Refusal(n, answer["code"], answer["message"]))
                self.sent.pop(n, None)
            case ServerFrame.DONE:
                n, seq = reader.varuint(), reader.varuint()
                self.results[n] = json.loads(reader.varstring())
                self.acknowledged[n] = seq
                self.sent.pop(n, None)
            case ServerFrame.ROOM:
                self._room(json.loads(reader.varstring()))
            case ServerFrame.NOTICE:
                self.notices.append(json.loads(reader.varstring()))
            case _:
                pass

    def _welcome(self, welcome: Mapping[str, Any]) -> None:
        """Goes on with the document it has when the lease is the same; else with a copy under the new client id."""
        fresh = self.document is None or welcome["client"] != self.welcome.get("client")
        self.welcome = welcome
        if fresh:
            held = (self.document.state(),) if self.document else ()
            self.document = self.make(welcome["client"] or READER, held)
            self.sent.clear()
            self._n = welcome["n"]

    def _room(self, said: Mapping[str, Any]) -> None:
        if "peers" in said:
            self.peers = said["peers"]
            return
        known = {peer["peer"]: peer for peer in (*self.peers, *said["changed"])}
        self.peers = [peer for number, peer in known.items() if number not in said["gone"]]

    def _apply(self, updates: Sequence[bytes]) -> None:
        assert self.document is not None, "the server answers HELLO with WELCOME first"
        self.document.apply([update for update in updates if update])
