"""The freeze of a whole volume as one cut: all of its Opinions in one transaction, or none (crdt/SPEC.md, V6).

    cut = await cutting.cut(wish, freezing)

1. This server process claims the cut, so that nobody else begins one, and takes the writing of every Opinion over,
   where another process has it.
2. Each Opinion's room is asked to freeze, in its own queue. Its append waits in this process's log (`held.Held`), and
   the room with it: what is typed meanwhile waits in the queue and becomes part of the next draft.
3. When every part is there, they and the cut's own row are one transaction, guarded by each log's seq and epoch and by
   each owner's fence: a process that was paused in between writes nothing late, one that is killed writes all or
   nothing.
4. A room that refuses, or does not come within `HOLD_SECONDS`, releases all the others, and whoever asked is told why.

Volumes name the cut that they publish by its id; what a cut holds is in `server.freezes.cuts`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from crdt.step import Answer
from crdt.versions import Version
from opinions.commands import Freeze, to_json
from opinions.roles import Act, Actor, may
from opinions.version_kinds import VersionKind
from server import metrics
from server.database import Database
from server.errors import CutAbandoned, RoomClosed, ServerError
from server.freezes import cuts
from server.freezes.cuts import Cut
from server.freezes.held import Keep
from server.signing import SigningKey

HOLD_SECONDS = 5.0
"""Longest that rooms wait for one another: a room opens in tenths of a second, and people who type wait with it."""
SETTLE_SECONDS = 20.0
"""Longest that whoever asked waits for the commit, once every room has done its part."""
NOT_YOURS = "you are not in the chair of it."
CLAIM_SECONDS = 60.0
"""After so long a claim counts no more: its server died, or does not come back."""

_log = logging.getLogger("unbracket.freezes")


@dataclass(frozen=True, slots=True)
class Wish:
    """A cut that somebody wants. `id` names it for good, and keeps it to one however often it is asked for; `seen` is
    how many cuts there were on the screen.
    """

    id: str
    label: str
    milestone: str
    kind: VersionKind
    note: str
    ruled_by: str
    seen: int


@dataclass(frozen=True, slots=True)
class Freezing:
    """An Opinion that is to be frozen: its id and name, who asks, and at which version of the rights."""

    opinion: str
    name: str
    actor: Actor
    version: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an Opinion was not frozen; `opinion` is empty for a reason that concerns all."""

    opinion: str
    name: str
    message: str


class CutRefused(ServerError):
    """Raised when nothing was frozen; `reasons` says why, in the order of the volume."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(" ".join(f"{one.name}: {one.message}" if one.name else one.message for one in reasons))
        self.reasons = tuple(reasons)


class Holding(Protocol):
    """What of the log a cut needs (`server.update_log.UpdateLog`)."""

    def hold(self, cut: str, opinions: frozenset[str], keep: Keep) -> None: ...
    def give_up(self, cut: str) -> bool: ...


Ask = Callable[[str, Actor, int | None, str, str, Mapping[str, object]], Awaitable[Answer]]
"""`Hub.command`."""
Gather = Callable[[Sequence[str]], Awaitable[None]]
"""Makes Opinions this process's own, and keeps them so until `release`. Raises `RoomClosed`."""


async def gather_nothing(opinions: Sequence[str]) -> None:
    """Where one process is all there is, all is its own."""


@dataclass(slots=True)
class Cutting:
    """Makes cuts in this process. `gather` and `release` are those of its cluster, where it is one of several."""

    database: Database
    log: Holding
    ask: Ask
    key: SigningKey
    gather: Gather = gather_nothing
    release: Callable[[], None] = lambda: None
    hold_seconds: float = HOLD_SECONDS

    async def cut(self, wish: Wish, freezing: Sequence[Freezing]) -> Cut:
        """Freeze all of these Opinions, given in the order of the volume, as one cut; one already made under this id is
        answered again. Raises `CutRefused` when nothing was frozen, `DatabaseUnavailable` when it is not known.
        """
        if not freezing:
            raise CutRefused([Reason("", "", "There is no draft Opinion to freeze.")])
        if (made := await self._made(wish)) is not None:
            return made
        kept = [one for one in freezing if not may(one.actor, Act.OPINION_FREEZE)]
        if kept:
            raise CutRefused([Reason(one.opinion, one.name, NOT_YOURS) for one in kept])
        name = freezing[0].actor.name
        under_way = await self.database.write(partial(cuts.claim, cut_id=wish.id, name=name, seconds=CLAIM_SECONDS))
        if under_way:
            metrics.CUTS.labels("refused").inc()
            raise CutRefused([Reason("", "", f"{under_way} is freezing the whole volume just now. Look at it first.")])
        try:
            reasons = await self._attempt(wish, freezing)
        finally:
            self.release()
            await self.database.write(partial(cuts.unclaim, cut_id=wish.id))
        # What is true stands in the database, whatever was heard on the way.
        if (made := await self._made(wish)) is not None:
            metrics.CUTS.labels("made").inc()
            _log.info("volume frozen", extra={"cut": wish.id, "opinions": len(freezing)})
            return made
        metrics.CUTS.labels("refused").inc()
        _log.warning("volume not frozen", extra={"cut": wish.id, "reasons": len(reasons)})
        raise CutRefused(reasons or [Reason("", "", "The rooms did not come together in time. Try again.")])

    async def _attempt(self, wish: Wish, freezing: Sequence[Freezing]) -> list[Reason]:
        seen = await self.database.read(cuts.last_cut)
        if (seen.number if seen else 0) != wish.seen:
            assert seen is not None
            told = f"The volume was frozen meanwhile as “{seen.label}” ({seen.recorded_by}). Look at it first."
            return [Reason("", "", told)]
        try:
            await self.gather([one.opinion for one in freezing])
        except RoomClosed as error:
            return [Reason("", "", str(error))]
        order = [one.opinion for one in freezing]
        self.log.hold(wish.id, frozenset(order), partial(self._keep, wish=wish, order=order))
        asked = {asyncio.create_task(self._freeze(wish, one)): one for one in freezing}
        try:
            return await self._answers(wish, asked)
        finally:
            self.log.give_up(wish.id)
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)

    async def _answers(self, wish: Wish, asked: "Mapping[asyncio.Task[str], Freezing]") -> list[Reason]:
        """Waits for the rooms; why some refused. The first that refuses releases those that wait."""
        refused: dict[str, str] = {}
        loop = asyncio.get_running_loop()
        until, waiting, released = loop.time() + self.hold_seconds, set(asked), False
        while waiting:
            done, waiting = await asyncio.wait(
                waiting, timeout=max(0.0, until - loop.time()), return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                if message := task.result():
                    refused[asked[task].opinion] = message
            if waiting and not released and (refused or not done):
                # False: all parts are there and the commit is under way, which is worth more patience.
                released = True
                until = loop.time() + (self.hold_seconds if self.log.give_up(wish.id) else SETTLE_SECONDS)
            elif waiting and not done:
                break
        return [Reason(one.opinion, one.name, refused[one.opinion]) for one in asked.values() if one.opinion in refused]

    async def _freeze(self, wish: Wish, one: Freezing) -> str:
        """Have an Opinion do its part; empty, or why it does not."""
        command = Freeze(wish.label, wish.milestone, wish.note, ruled_by=wish.ruled_by, kind=wish.kind, cut=wish.id)
        key = f"{wish.id}:{wish.seen}"
        try:
            answer = await self.ask(one.opinion, one.actor, one.version, "", key, to_json(command))
        except CutAbandoned:
            return ""
        except ServerError as error:
            return "" if str(error) == str(CutAbandoned(wish.id)) else str(error)
        return answer.message if answer.code else ""

    def _keep(self, connection: Connection, made: Mapping[str, Version], wish: Wish, order: Sequence[str]) -> None:
        last = cuts.last_cut(connection)
        if (last.number if last else 0) != wish.seen:
            raise CutAbandoned(wish.id)
        ordered = [made[opinion] for opinion in order]
        previous = last.record_hash if last else ""
        cuts.save_cut(connection, cuts.make_cut(wish.id, wish.seen + 1, ordered, previous, self.key))

    async def _made(self, wish: Wish) -> Cut | None:
        return await self.database.read(partial(cuts.load_cut, cut_id=wish.id))
