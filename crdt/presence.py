"""Who is in the room, as the server knows it from the sessions; a client says only where its caret is
(crdt/SPEC.md, W8).

Nothing of a workspace, a delegation's or a group's, reaches others: people drafting there are shown to them as
present, without a place, and no frame says when their carets move or that they went from one workspace to another.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crdt import protocol
from crdt.step import PeerId
from opinions.model import DelegationCode
from opinions.roles import FOLLOWERS, Actor

RELAY_EVERY = timedelta(milliseconds=250)
"""ROOM frames a second: four; a caret that moves faster cannot be followed by eye and costs ten times the typing."""
CROWD = 200
"""Peers up to which that rhythm holds; in larger rooms it slows in proportion: what is told grows with its readers."""
SENDING_FOR = timedelta(seconds=3)
"""How long after its last update a person counts as still sending (the freeze dialog waits for them)."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A connected client: whose it is, which document it holds, where its caret is.

    `workspace` is the delegation whose view it holds, None for the opinion alone. `client` is its leased id, 0 for
    readers.
    `answered` is false until its HELLO; `refused` drops its updates until the next one (W6); `ended` drops whatever
    it sent behind the frame for which it is closed.
    """

    id: PeerId
    actor: Actor
    workspace: DelegationCode | None = None
    client: int = 0
    answered: bool = False
    refused: bool = False
    writes: bool = False
    paragraph: str = ""
    offset: int = 0
    refusals: tuple[datetime, ...] = ()
    hellos: tuple[datetime, ...] = ()
    ended: bool = False
    can: frozenset[str] = frozenset()
    """What its program understands beyond the first schema (W1)."""

    def moved(self, paragraph: str, offset: int) -> "Peer":
        """The peer with its caret elsewhere."""
        return replace(self, paragraph=paragraph, offset=offset)


class Attendance:
    """Who is told of whom, and when: everything to those who have just come, to the others what changed since."""

    def __init__(self, peers: Mapping[PeerId, Peer]) -> None:
        """`peers` are the room's own, looked at whenever something is to be told."""
        self._peers = peers
        self._audiences: dict[DelegationCode | None, tuple[PeerId, ...]] | None = None
        self._new: set[PeerId] = set()
        self._changed: set[PeerId] = set()
        self._gone: set[PeerId] = set()
        self._sending: dict[PeerId, datetime] = {}
        self._shown: dict[PeerId, tuple[DelegationCode | None, dict[str, Any]]] = {}
        self._told_at: datetime | None = None

    def came(self, peer: PeerId) -> None:
        """Its HELLO was answered."""
        self._audiences = None
        self._new.add(peer)
        self._changed.add(peer)
        self._gone.discard(peer)

    def moved(self, peer: PeerId) -> None:
        """Its caret is elsewhere."""
        self._changed.add(peer)

    def wrote(self, peer: PeerId, now: datetime) -> None:
        """Its words were taken."""
        if self._sending.pop(peer, None) is None:
            self._changed.add(peer)
        self._sending[peer] = now

    def left(self, peer: PeerId) -> None:
        """It is gone."""
        self._audiences = None
        self._new.discard(peer)
        self._changed.discard(peer)
        self._sending.pop(peer, None)
        self._shown.pop(peer, None)
        self._gone.add(peer)

    def again(self) -> None:
        """The peers are as they were before, and what was to be told was not: everybody is told everything."""
        self._audiences = None
        self._shown.clear()
        self._new.update(self._peers)
        self._changed.update(self._peers)

    @property
    def due(self) -> bool:
        """Whether somebody came, left, moved, or has stopped sending, and the others were not told yet."""
        return bool(self._changed or self._gone or self._sending)

    @property
    def audiences(self) -> Mapping[DelegationCode | None, tuple[PeerId, ...]]:
        """Who hears the same: the peers by the workspace they are in. The same tuples until somebody comes or goes."""
        if self._audiences is None:
            found: dict[DelegationCode | None, list[PeerId]] = {}
            for peer in self._peers.values():
                if peer.answered:
                    found.setdefault(peer.workspace, []).append(peer.id)
            self._audiences = {audience: tuple(members) for audience, members in found.items()}
        return self._audiences

    def tell(self, now: datetime) -> Iterator[tuple[tuple[PeerId, ...], bytes]]:
        """The ROOM frames that are due now, each with who gets it."""
        if not self.due or (self._told_at is not None and within(self._told_at, now, relay_every(len(self._peers)))):
            return
        # They stand in the order in which they last wrote.
        while self._sending and not within(self._sending[peer := next(iter(self._sending))], now, SENDING_FOR):
            del self._sending[peer]
            self._changed.add(peer)
        if not (self._changed or self._gone):
            return
        told = False
        concerned = self._concerned()
        for audience, members in self.audiences.items():
            changed = [peer for peer, whom in concerned if whom is None or audience in whom]
            to_tell = members if changed or self._gone else tuple(one for one in members if one in self._new)
            whole = tuple(one for one in to_tell if one in self._new or "changes" not in self._peers[one].can)
            told |= bool(to_tell)
            if whole:
                yield whole, protocol.room(roster(self._peers.values(), audience, self._sending))
            others = to_tell if not whole else tuple(set(to_tell).difference(whole))
            if others:
                yield others, protocol.room_changes(roster(changed, audience, self._sending), sorted(self._gone))
        if told:
            self._told_at = now
        self._new.clear()
        self._changed.clear()
        self._gone.clear()

    def _concerned(self) -> list[tuple[Peer, frozenset[DelegationCode | None] | None]]:
        """The peers that changed, each with the audiences that see it; None: all of them."""
        found: list[tuple[Peer, frozenset[DelegationCode | None] | None]] = []
        for peer in [self._peers[one] for one in sorted(self._changed)]:
            outside = _entry(peer, None, self._sending)
            before, seen = self._shown.get(peer.id, (None, None))
            self._shown[peer.id] = peer.workspace, outside
            found.append((peer, frozenset({before, peer.workspace}) if seen == outside else None))
        return found


def roster(
    peers: Iterable[Peer], audience: DelegationCode | None, sending: Container[PeerId] = ()
) -> list[dict[str, Any]]:
    """The peers as one audience may see them: the members of `audience`'s workspace, or everybody else (None)."""
    return [_entry(peer, audience, sending) for peer in peers if peer.answered and peer.actor.role not in FOLLOWERS]


def _entry(peer: Peer, audience: DelegationCode | None, sending: Container[PeerId]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "peer": peer.id,
        "name": peer.actor.name,
        "delegation": peer.actor.delegation or "",
        "role": peer.actor.role.value,
    }
    if peer.workspace is None or peer.workspace == audience:
        entry["paragraph"], entry["offset"] = peer.paragraph, peer.offset
    if peer.workspace is None and peer.id in sending:
        entry["sending"] = True
    return entry


def within(at: datetime, now: datetime, span: timedelta) -> bool:
    """Whether a moment was less than this span ago. One that a clock set back has put into the future was not: a room
    must not wait for such a clock to come round.
    """
    return timedelta() <= now - at < span


def relay_every(peers: int) -> timedelta:
    """How often a room of so many peers is told who is where."""
    return RELAY_EVERY * max(1.0, peers / CROWD)
