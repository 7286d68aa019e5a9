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
GRACE = timedelta(seconds=5)
"""Whoever is back within this has not left, as far as the others are told. When a group ends or changes, its people's
sockets close in one moment: told at once, that would name them to the room (G19). A browser tries again after a second,
and a page that has to be loaded anew is there after two more.
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A connected client: whose it is, which document it holds, where its caret is.

    `workspace` is the delegation whose view it holds, None for the opinion alone. `client` is its leased id, 0 for
    readers.
    `shown_as` is the number that the others are told: its own, or that of the connection it carries on; 0 before HELLO.
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
    shown_as: PeerId = 0
    can: frozenset[str] = frozenset()
    """What its program understands beyond the first schema (W1)."""

    def moved(self, paragraph: str, offset: int) -> "Peer":
        """The peer with its caret elsewhere."""
        return replace(self, paragraph=paragraph, offset=offset)


class Attendance:
    """Who is told of whom, and when: everything to those who have just come, to the others what changed since.

    People are told by the number they are `shown_as`. One whose connection ended is told as before until `GRACE` is
    over, and goes on under that number when he or she is back until then.
    """

    def __init__(self, peers: Mapping[PeerId, Peer]) -> None:
        """`peers` are the room's own, looked at whenever something is to be told."""
        self._peers = peers
        self._audiences: dict[DelegationCode | None, tuple[PeerId, ...]] | None = None
        self._new: set[PeerId] = set()
        self._changed: set[PeerId] = set()
        self._gone: set[PeerId] = set()
        self._departed: dict[PeerId, tuple[Peer, datetime]] = {}
        self._sending: dict[PeerId, datetime] = {}
        self._shown: dict[PeerId, tuple[DelegationCode | None, dict[str, Any]]] = {}
        self._told_at: datetime | None = None

    def seated(self, peer: Peer, workspace: DelegationCode | None, client: int | None) -> Peer:
        """The peer with its number and its caret's place, as its HELLO for this workspace finds them: those of the
        connection that it carries on, else a number of its own and no place. `client` is the lease it asks for.

        Each connection carries on one at most, so a person has no more numbers than sockets at one time.
        """
        if peer.shown_as:
            # Where somebody was in a workspace is not shown to those elsewhere.
            return peer if peer.workspace == workspace else peer.moved("", 0)
        own = [] if peer.actor.role in FOLLOWERS else self._given_up(peer.actor.member)
        if not own:
            return replace(peer, shown_as=peer.id)

        def unlike(other: Peer) -> tuple[bool, bool, bool]:
            outside = (other.workspace is None) != (workspace is None)
            return other.client != client, other.workspace != workspace, outside

        before = min(own, key=unlike)
        peer = replace(peer, shown_as=before.shown_as)
        return peer.moved(before.paragraph, before.offset) if before.workspace == workspace else peer

    def _given_up(self, member: str) -> list[Peer]:
        """A person's connections that ended and that no other carries on."""
        ended = [one for one, _ in self._departed.values()] if self._departed else []
        ended += [one for one in self._peers.values() if one.ended and _is_told_of(one)]
        own = [one for one in ended if one.actor.member == member]
        carried_on = {one.shown_as for one in self._peers.values() if not one.ended} if own else ()
        return [one for one in own if one.shown_as not in carried_on]

    def came(self, peer: Peer) -> None:
        """Its HELLO was answered."""
        self._audiences = None
        self._new.add(peer.id)
        self._changed.add(peer.shown_as)

    def moved(self, peer: Peer) -> None:
        """Its caret is elsewhere."""
        self._changed.add(peer.shown_as)

    def wrote(self, peer: Peer, now: datetime) -> None:
        """Its words were taken."""
        if self._sending.pop(peer.shown_as, None) is None:
            self._changed.add(peer.shown_as)
        self._sending[peer.shown_as] = now

    def left(self, peer: Peer, now: datetime) -> None:
        """Its connection is gone."""
        self._audiences = None
        self._new.discard(peer.id)
        if _is_told_of(peer):
            self._departed[peer.shown_as] = peer, now

    def again(self) -> None:
        """The peers are as they were before, and what was to be told was not: everybody is told everything."""
        self._audiences = None
        self._shown.clear()
        self._new.update(self._peers)
        self._changed.update(self._here())

    @property
    def due(self) -> bool:
        """Whether somebody came, moved, or has stopped sending, and the others were not told yet, or somebody is gone
        who may be back. Never while there is nobody to tell.
        """
        return bool(self._peers) and bool(self._changed or self._gone or self._sending or self._departed)

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
        self._let_go(now)
        if not (self._changed or self._gone):
            return
        told = False
        here = self._here()
        concerned = self._concerned(here)
        for audience, members in self.audiences.items():
            changed = [peer for peer, whom in concerned if whom is None or audience in whom]
            to_tell = members if changed or self._gone else tuple(one for one in members if one in self._new)
            whole = tuple(one for one in to_tell if one in self._new or "changes" not in self._peers[one].can)
            told |= bool(to_tell)
            if whole:
                yield whole, protocol.room(roster(here.values(), audience, self._sending))
            others = to_tell if not whole else tuple(set(to_tell).difference(whole))
            if others:
                yield others, protocol.room_changes(roster(changed, audience, self._sending), sorted(self._gone))
        if told:
            self._told_at = now
        self._new.clear()
        self._changed.clear()
        self._gone.clear()

    def _here(self) -> dict[PeerId, Peer]:
        """Those of whom the others are told, by number: in the order in which they came, not in that of their latest
        connections, which would show who was away.
        """
        found = {number: peer for number, (peer, _) in self._departed.items()}
        for ended in (True, False):
            found.update((one.shown_as, one) for one in self._peers.values() if one.ended is ended and _is_told_of(one))
        return dict(sorted(found.items()))

    def _let_go(self, now: datetime) -> None:
        """Those who are not back in time have left."""
        late = [number for number, (_, at) in self._departed.items() if not within(at, now, GRACE)]
        for number in late:
            del self._departed[number]
        if not late:
            return
        for number in set(late).difference(self._here()):
            self._gone.add(number)
            self._changed.discard(number)
            self._shown.pop(number, None)

    def _concerned(self, here: Mapping[PeerId, Peer]) -> list[tuple[Peer, frozenset[DelegationCode | None] | None]]:
        """The people that changed, each with the audiences that see it; None: all of them."""
        found: list[tuple[Peer, frozenset[DelegationCode | None] | None]] = []
        for number in sorted(self._changed.intersection(here)):
            peer = here[number]
            outside = _entry(peer, None, self._sending)
            before, seen = self._shown.get(number, (None, None))
            self._shown[number] = peer.workspace, outside
            # Those who are in no workspace see just that.
            inside = frozenset({before, peer.workspace}) - {None}
            found.append((peer, inside if seen == outside else None))
        return found


def roster(
    peers: Iterable[Peer], audience: DelegationCode | None, sending: Container[PeerId] = ()
) -> list[dict[str, Any]]:
    """The peers as one audience may see them: the members of `audience`'s workspace, or everybody else (None)."""
    return [_entry(peer, audience, sending) for peer in peers]


def _is_told_of(peer: Peer) -> bool:
    return peer.answered and peer.actor.role not in FOLLOWERS


def _entry(peer: Peer, audience: DelegationCode | None, sending: Container[PeerId]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "peer": peer.shown_as,
        "name": peer.actor.name,
        "delegation": peer.actor.delegation or "",
        "role": peer.actor.role.value,
    }
    # Nowhere looks like in a workspace, so that nobody is seen to come out of one before the caret is somewhere.
    if peer.paragraph and (peer.workspace is None or peer.workspace == audience):
        entry["paragraph"], entry["offset"] = peer.paragraph, peer.offset
    if peer.workspace is None and peer.shown_as in sending:
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
