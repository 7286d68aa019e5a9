"""Mistakes planted into a running server by tests, to see that the tests would notice them. The product has no switch
for any.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from crdt import effect, gate, preflight, room, writing
from crdt.decoder import Id
from crdt.decoder import Update as Decoded
from crdt.index import Index
from crdt.protocol import ServerFrame
from crdt.step import Step
from opinions.settling import settle
from server import log_store, tables
from server.fanout import Pulse
from server.jobs import LocalJobs
from server.live_room import LiveRoom


async def _turn_telling_first(self: LiveRoom) -> None:
    """`LiveRoom._turn` with I5 turned round: the wires first, the log some moments later."""
    waiting, self._inbox = self._inbox, []
    batch = self._batch(waiting)
    step = self._room.receive(batch, datetime.now(UTC))
    writers, gone = self._take(waiting, len(batch))
    for peer in gone:
        self._room.leave(peer, datetime.now(UTC))
    self._room.commit()
    self._deliver(step)
    await asyncio.sleep(0.01)
    if step.appends:
        await self._store.append(self.opinion, step.appends, writers)


async def _turn_acknowledging_first(self: LiveRoom) -> None:
    """The acknowledgements alone first; what others are told waits for the log, as it should."""
    waiting, self._inbox = self._inbox, []
    batch = self._batch(waiting)
    step = self._room.receive(batch, datetime.now(UTC))
    writers, gone = self._take(waiting, len(batch))
    for peer in gone:
        self._room.leave(peer, datetime.now(UTC))
    early = tuple(one for one in step.deliveries if one.frame[0] == ServerFrame.ACK)
    self._deliver(Step((), early, (), (), ()))
    await asyncio.sleep(0.01)
    if step.appends:
        await self._store.append(self.opinion, step.appends, writers)
    self._room.commit()
    self._deliver(replace(step, deliveries=tuple(one for one in step.deliveries if one not in early)))


def acknowledge_before_log() -> None:
    """Say "saved" some moments before it is, in this process, for good."""
    LiveRoom._turn = _turn_acknowledging_first  # type: ignore[method-assign]


def _append_unfenced(connection: Connection, steps: Sequence[log_store.RoomAppends], key: str, at: datetime) -> None:
    for one in (one for step in steps for one in step.appends):
        if one.founding:
            documents = insert(tables.documents).values(
                id=one.document, opinion=one.document.partition("/")[0], delegation=one.delegation, generation=1,
                epoch=1, seq=0, head_hash=bytes(32),
            )  # fmt: skip
            connection.execute(documents.on_conflict_do_nothing())
        chosen = select(func.max(tables.entries.c.seq)).where(tables.entries.c.document == one.document)
        last = connection.scalar(chosen) or 0
        for seq, entry in enumerate(one.entries, last + 1):
            values = {**log_store._entry_values(one.document, entry), "seq": seq}
            connection.execute(insert(tables.entries).values(values).on_conflict_do_nothing())
            moved = update(tables.documents).where(tables.documents.c.id == one.document)
            connection.execute(moved.values(seq=seq, head_hash=entry.hash, epoch=one.next_epoch or one.epoch))
        for lease in one.leases:
            lent = {"document": one.document, "client": lease.client, "member": lease.member, "created_at": at}
            connection.execute(insert(tables.leases).values(lent).on_conflict_do_nothing())
        if one.version is not None:
            version = log_store._version_values(one.document, one.version, key)
            connection.execute(insert(tables.versions).values(version).on_conflict_do_nothing())


def no_fence() -> None:
    """Append at the end of a log whoever owns it by now and wherever it stood when the append was made: what a paused
    owner writes late lands. For PostgreSQL.
    """
    log_store.append_all = _append_unfenced


def tell_before_log() -> None:
    """Turn I5 round in this process, for good."""
    LiveRoom._turn = _turn_telling_first  # type: ignore[method-assign]


class PanicException(BaseException):
    """What a panic of the CRDT library looks like: no `Exception`, told by its name alone."""


def fail_at(word: str) -> Callable[[], None]:
    """Make the room fail half-way at every update with this word: the gate's copy has taken it, the log has not."""
    return partial(_fail_at, word)


def _fail_at(word: str) -> None:
    def failing(accepted: gate.Accepted, *rest: Any, **named: Any) -> object:
        if any(word.encode() in update for update in accepted.updates):
            raise PanicException(word)
        return settle(accepted, *rest, **named)

    vars(writing).update(settle=failing, unremarkable=lambda *_, **__: False)


def no_exports() -> None:
    """No planted mistake: a version leaves no work behind, so that a campaign may freeze several times a second."""

    async def none(self: LocalJobs) -> None:
        return

    LocalJobs._do_all = none  # type: ignore[method-assign]


def unhurried() -> None:
    """No planted mistake: the limits on refusals and greetings lifted, so that a campaign may send what it likes."""
    room.MAX_REFUSALS = room.MAX_HELLOS = 10**9


def forgiving() -> None:
    """No planted mistake: as `unhurried`, and a frame that is none does not close its socket, so that the next one is
    judged too.
    """
    unhurried()
    close = room.Room._close

    def closing(self: room.Room, peer: int, code: int, reason: str) -> None:
        if code != 4400:
            close(self, peer, code, reason)

    room.Room._close = closing  # type: ignore[method-assign]


def no_effect_checked() -> None:
    """Take every update for harmless that can be applied: nothing is mended, nothing is held against I1."""
    unhurried()

    def blind(changes: Sequence[Any], rights: effect.Rights) -> effect.Verdict:
        return effect.Verdict([], 1)

    vars(gate).update(judge=blind, interferes=lambda *_: False, destroys=lambda *_: False)


def no_lease_checked() -> None:
    """Take structs under whatever client id they come, as if it were leased to their sender."""
    unhurried()

    def trusting(update: Decoded, client: int, index: Index, tail: tuple[Id, Id | None] | None = None) -> Any:
        named = update.blocks[0].client if update.blocks else client
        return preflight.preflight(update, named if named >= 1000 else client, index, tail if named == client else None)

    vars(gate)["preflight"] = trusting


def seldom_pings() -> None:
    """No planted mistake: whoever does not read for minutes is not taken for gone, however slow the machine is."""
    Pulse.__init__.__defaults__ = (3_600.0,)
