"""What this node owns of the Opinions' writing, and which other nodes there are (server/SPEC.md, N5).

The leases are in the database (`server.ownership_store`), by its clock. Here they are renewed, all together, three
times in their length, and counted by this process's monotonic clock from the moment before it asked, so that what runs
out, runs out here first. Whoever appends names its fence; what an owner that was asleep writes late matches nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from server import ownership_store
from server.database import Database
from server.errors import RoomElsewhere, ServerError
from server.ownership_store import Node, Owner

BEATS = 3
"""Renewals within the length of a lease."""
MARGIN = 0.9
"""Of a lease's length is believed: clocks of machines run apart by far less."""
SILENT_LEASES = 2.0
"""A node not heard of for so many leases' length is taken for dead."""
FORGET_LEASES = 200.0

_log = logging.getLogger("unbracket.ownership")


@dataclass(slots=True)
class _Held:
    fence: int
    until: float
    handing_over: bool = False


@dataclass(frozen=True, slots=True)
class _Look:
    kept: frozenset[str]
    nodes: tuple[Node, ...]


@dataclass(slots=True)
class Ownership:
    """One node's. `run` is its task; `taken_away(opinion)` is called when another node owns what was this one's."""

    database: Database
    node: str
    build: str
    lease_seconds: float
    taken_away: Callable[[str], None] = lambda opinion: None
    address: str = ""
    draining: bool = False
    nodes: tuple[Node, ...] = ()
    """Who was running at the last beat, this node among them."""
    _held: dict[str, _Held] = field(default_factory=dict)
    _renewed_at: float = 0.0
    _left: bool = False

    @property
    def held(self) -> tuple[str, ...]:
        """The Opinions that are this node's."""
        return tuple(self._held)

    @property
    def renewed_ago(self) -> float:
        """Seconds since the beginning of the last renewal that the database took."""
        return asyncio.get_running_loop().time() - self._renewed_at

    def has(self, opinion: str) -> bool:
        """Whether this node owns an Opinion now, for certain, and may let somebody in."""
        held = self._held.get(opinion)
        return held is not None and not held.handing_over and asyncio.get_running_loop().time() < held.until

    def fence_of(self, opinion: str) -> int:
        """Under which fence this node appends. Raises `RoomElsewhere` when the Opinion is not its own any more.

        Also for a lease that has run out: the database refuses the append when somebody else has it.
        """
        held = self._held.get(opinion)
        if held is None:
            raise RoomElsewhere("Another process has this draft Opinion now.")
        return held.fence

    async def owner(self, opinion: str) -> Owner | None:
        """Whose an Opinion is, if its owner's time has not run out."""
        owner = await self.database.read(partial(ownership_store.owner_of, opinion=opinion))
        return owner if owner is not None and owner.remaining_seconds > 0 else None

    async def acquire(self, opinion: str) -> bool:
        """Make an Opinion this node's, if it is nobody's; whether it is now. Raises `UnknownOpinion`."""
        asked = asyncio.get_running_loop().time()
        acquire = partial(ownership_store.acquire, opinion=opinion, node=self.node, seconds=self.lease_seconds)
        owner = await self.database.write(acquire)
        if owner.node != self.node:
            return False
        known = self._held.get(opinion)
        if known is None or known.fence != owner.fence:
            self._held[opinion] = _Held(owner.fence, asked + self.lease_seconds * MARGIN)
            _log.info("owns", extra={"opinion": opinion, "fence": owner.fence})
        return self.has(opinion)

    def hand_over(self, opinion: str) -> None:
        """Let nobody in any more; what is in its room is still committed. `release` it then."""
        if (held := self._held.get(opinion)) is not None:
            held.handing_over = True

    async def release(self, opinion: str) -> None:
        """Give an Opinion up: another node has it at once."""
        held = self._held.pop(opinion, None)
        if held is not None:
            release = partial(ownership_store.release, opinion=opinion, node=self.node, fence=held.fence)
            await self.database.write(release)
            _log.info("gives up", extra={"opinion": opinion, "fence": held.fence})

    async def leave(self) -> None:
        """Strike this node off; all that it owned is free at once."""
        self._left = True
        self._held.clear()
        await self.database.write(partial(ownership_store.forget_node, node=self.node))

    async def beat(self) -> None:
        """Say that this node runs, renew what it owns, look who else runs."""
        asked = asyncio.get_running_loop().time()
        before = dict(self._held)
        look = await self.database.write(self._beat)
        self.nodes, self._renewed_at = look.nodes, asked
        for opinion, held in before.items():
            if self._held.get(opinion) is not held:
                continue
            if opinion in look.kept:
                held.until = asked + self.lease_seconds * MARGIN
            else:
                del self._held[opinion]
                _log.warning("another node owns what was ours", extra={"opinion": opinion, "fence": held.fence})
                self.taken_away(opinion)

    async def run(self) -> None:
        """Beat until cancelled, through every failure of the database."""
        while True:
            await asyncio.sleep(self.lease_seconds / BEATS)
            if self._left:
                return
            try:
                await self.beat()
            except ServerError as error:
                _log.error("leases were not renewed", extra={"reason": type(error).__name__})

    async def live_nodes(self) -> tuple[Node, ...]:
        """The nodes that run, as the database says now."""
        return await self.database.read(partial(ownership_store.live_nodes, within_seconds=self._silent))

    @property
    def _silent(self) -> float:
        return self.lease_seconds * SILENT_LEASES

    def _beat(self, connection: Connection) -> _Look:
        ownership_store.beat(connection, self.node, self.address, self.build, self.draining)
        kept = ownership_store.renew(connection, self.node, self.lease_seconds)
        ownership_store.forget_silent_nodes(connection, self.lease_seconds * FORGET_LEASES)
        return _Look(kept, ownership_store.live_nodes(connection, self._silent))
