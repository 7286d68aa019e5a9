"""A room with people in it, in memory: what a test says to it goes through the very frames of the wire."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crdt.client import Client
from crdt.founding import founding_entry
from crdt.log import Entry, StoredLog
from crdt.room import Room, Setting
from crdt.step import Answer, Append, Frame, Request, Step
from opinions import commands
from opinions.edits import Edit
from opinions.model import DelegationCode
from opinions.phases import Span
from opinions.record import Document
from opinions.roles import Actor
from tests.support.builders import at

PARTIES = frozenset(DelegationCode(code) for code in ("XAA", "XAB", "XAC"))


@dataclass
class Shelf:
    """The logs as a database would hold them."""

    logs: dict[str, list[Entry]] = field(default_factory=dict)
    appends: list[Append] = field(default_factory=list)

    def take(self, step: Step) -> None:
        for append in step.appends:
            log = self.logs.setdefault(append.document, [])
            assert append.expected_seq == len(log), "an append must continue its log"
            log.extend(append.entries)
            self.appends.append(append)

    def stored(self, document: str) -> StoredLog:
        """The log as loaded anew, with its leases and results."""
        entries = self.logs.get(document, [])
        leases = {lease.client: lease for a in self.appends if a.document == document for lease in a.leases}
        for entry in entries:
            if entry.client in leases and entry.n:
                leases[entry.client] = replace(leases[entry.client], last_n=entry.n)
        results = {entry.key: (entry.seq, entry.result) for entry in entries if entry.key}
        epochs = [a.next_epoch for a in self.appends if a.document == document and a.next_epoch]
        head = entries[-1].hash if entries else bytes(32)
        return StoredLog(
            document,
            epoch=max(epochs, default=1),
            seq=len(entries),
            head=head,
            tail=tuple(entries),
            leases=tuple(leases.values()),
            results=results,
        )

    def workspaces(self) -> dict[DelegationCode, StoredLog]:
        codes = {a.document: a.delegation for a in self.appends if a.delegation}
        return {code: self.stored(document) for document, code in codes.items()}


class Sitting:
    """A room, its shelf, and clients by name. Every step is committed and delivered as the hub does it."""

    def __init__(
        self, document: Document, views: frozenset[DelegationCode] = frozenset(), spans: tuple[Span, ...] = ()
    ) -> None:
        self.views, self.spans = views, spans
        entry = founding_entry("op1", document, member="m-sec", name="S. Clerk", at=at(), source="test")
        self.shelf = Shelf({"op1": [entry]})
        self.clients: dict[str, Client] = {}
        self.actors: dict[str, Actor] = {}
        self.now: datetime = at(1)
        self._peers: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._tickets = itertools.count(1)
        self.open()

    def open(self) -> None:
        """Opens the room from the shelf, as after a restart. Nobody is connected."""
        ids = self._numbers
        setting = Setting(
            "op1",
            PARTIES,
            lambda kind: f"{kind}-made-{next(ids):04}",
            lambda record: b"signed",
            views=self.views,
            spans=self.spans,
        )
        self.room = Room(setting, self.shelf.stored("op1"), self.shelf.workspaces())
        self._peers = {}

    def join(self, name: str, actor: Actor, *, workspace: bool = True) -> Client:
        """Connects somebody and says HELLO; an earlier client of this name says it with what it has."""
        client = self.clients.get(name) or Client(workspace)
        client.workspace = workspace
        self.clients[name] = client
        self.send_hello(name, actor)
        for frame in client.unacknowledged():
            self.send(name, frame)
        return client

    def send_hello(self, name: str, actor: Actor) -> Step:
        """A new connection of somebody, and HELLO on it."""
        self.actors[name] = actor
        self._peers[name] = next(self._numbers)
        self.room.connect(self._peers[name], actor)
        return self.send(name, self.clients[name].hello())

    def peer_of(self, name: str) -> int:
        """The number of somebody's connection."""
        return self._peers[name]

    def leave(self, name: str) -> None:
        self.room.leave(self._peers.pop(name), self.now)

    def send(self, name: str, *frames: bytes) -> Step:
        """One batch of frames of one person."""
        return self.batch([(name, frame) for frame in frames])

    def batch(self, frames: Sequence[tuple[str, bytes]]) -> Step:
        """One batch of frames of several people."""
        step = self.unsaved(frames)
        self.settle(step)
        return step

    def unsaved(self, frames: Sequence[tuple[str, bytes]]) -> Step:
        """A batch gone through of which nothing was saved or told yet."""
        self.now += timedelta(seconds=1)
        return self.room.receive([Frame(self._peers[name], frame) for name, frame in frames], self.now)

    def write(self, name: str, *edits: Edit, party: str = "") -> Step:
        """Somebody types."""
        return self.send(name, self.clients[name].write(edits, party or self.actors[name].delegation or ""))

    def ask(self, name: str, command: commands.Command, *, party: str = "", key: str = "") -> Answer:
        """Somebody gives a command by the way of HTTP."""
        actor, ticket = self.actors[name], next(self._tickets)
        request = Request(
            ticket, actor, party or actor.delegation or "", key or f"key-{ticket:06}", commands.to_json(command)
        )
        self.now += timedelta(seconds=1)
        step = self.room.receive((request,), self.now)
        self.settle(step)
        return step.answers[0]

    def settle(self, step: Step) -> None:
        """Append, commit, deliver: the hub's order."""
        self.shelf.take(step)
        self.room.commit()
        names = {peer: name for name, peer in self._peers.items()}
        for delivery in step.deliveries:
            for peer in delivery.peers:
                if peer in names:
                    self.clients[names[peer]].take(delivery.frame)
