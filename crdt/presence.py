"""Who is in the room, as the server knows it from the sessions; a client says only where its caret is
(crdt/SPEC.md, W8).

Nothing of a workspace reaches another delegation: people drafting there are shown to others as present, without a
place.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crdt.step import PeerId
from opinions.model import DelegationCode
from opinions.roles import Actor, Role

RELAY_EVERY = timedelta(milliseconds=250)
"""ROOM frames a second: four; a caret that moves faster cannot be followed by eye and costs ten times the typing."""
CROWD = 40
"""Peers up to which that rhythm holds; in larger rooms it slows in proportion, for a roster grows with its readers."""
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
    wrote_at: datetime | None = None
    refusals: tuple[datetime, ...] = ()
    hellos: tuple[datetime, ...] = ()
    ended: bool = False

    def moved(self, paragraph: str, offset: int) -> "Peer":
        """The peer with its caret elsewhere."""
        return replace(self, paragraph=paragraph, offset=offset)


def roster(peers: Iterable[Peer], audience: DelegationCode | None, now: datetime) -> list[dict[str, Any]]:
    """The peers as one audience may see them: the members of `audience`'s workspace, or everybody else (None)."""
    return [_entry(peer, audience, now) for peer in peers if peer.answered and peer.actor.role is not Role.OBSERVER]


def _entry(peer: Peer, audience: DelegationCode | None, now: datetime) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "peer": peer.id,
        "name": peer.actor.name,
        "delegation": peer.actor.delegation or "",
        "role": peer.actor.role.value,
    }
    if peer.workspace is None or peer.workspace == audience:
        entry["paragraph"], entry["offset"] = peer.paragraph, peer.offset
    if peer.workspace is None and peer.wrote_at is not None and within(peer.wrote_at, now, SENDING_FOR):
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
