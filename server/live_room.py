"""One Opinion's room while it is in memory: its task, its queue, and the one order that is safe (I4, I5).

`LiveRoom._turn` is the way of one batch, and the only place where it is written: the gate on copies, the log, the live
documents, the wires. `server.hub` opens rooms and seats peers in them.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crdt import protocol
from crdt.presence import RELAY_EVERY
from crdt.room import Room
from crdt.step import Answer, Append, Delivery, Frame, Incoming, PeerId, Request, Step
from opinions.model import Kind
from opinions.record import Document
from opinions.roles import Actor
from server import metrics
from server.errors import CutAbandoned, RoomClosed, WriterRevoked
from server.pace import EARLY_SECONDS, Alarm, Pace
from server.peers import Bundle, Seat
from server.room_store import RoomStore
from server.settings import Settings
from server.telling import Telling

MAX_BATCH = 1024
"""Frames offered to one turn."""
TURN_SECONDS = 0.02
"""When a batch has taken this long, the rest of it waits for the next turn: the loop belongs to everybody."""
GATHER = 20.0
"""A busy room gathers for this many times what telling costs it: telling then takes a twentieth of its time at most."""
HELD_SECONDS = 1.2
"""When a commit takes longer than this, everybody in the room is told that nothing can be saved now (W9). Promised is
that within two seconds, also by a machine that has more to do than it can.
"""
LOOK_AGAIN = 600.0
"""Longest sleep before a telling of the phases: the clock that says when it is due may be put right meanwhile."""
HELD_AGAIN = 5.0
"""For as long as that lasts it is told again, so that nobody takes the quiet line for a dead one."""
RIGHTS_GONE = "What you may do here has changed. Load the page again."
TRY_AGAIN = "This could not be saved now. Your text is kept and sent again."
NOT_SAVED = "This could not be saved now. Try again."
NOT_KNOWN = "It is not known yet whether this could be saved. Load the page again and look before you repeat it."

_DRAINING = Bundle((protocol.notice("draining"),))
_HELD = Bundle((protocol.notice("saving", on=False),))
_SAVING = Bundle((protocol.notice("saving", on=True),))
_log = logging.getLogger("unbracket.room")


@dataclass(frozen=True, slots=True)
class _Joined:
    seat: Seat


@dataclass(frozen=True, slots=True)
class _Sent:
    seat: Seat
    data: bytes


@dataclass(frozen=True, slots=True)
class _Left:
    seat: Seat


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    version: int | None


_Waiting = _Joined | _Sent | _Left | _Asked


class LiveRoom:
    """Everything that happens in an Opinion happens in `run`, in the order it came.

    Kept here: nothing of a step is told before its appends are committed (I5); while the disk takes none, everybody is
    told so and waits. A batch whose append fails for good is told to nobody, its room is dropped and its sockets are
    closed with "try again".
    """

    def __init__(
        self,
        opinion: str,
        room: Room,
        store: RoomStore,
        settings: Settings,
        pace: Pace,
        retired: Callable[[], None],
    ) -> None:
        self.opinion = opinion
        self.over = False
        self.ended = asyncio.Event()
        """Set when the task has nothing left to do."""
        self.seq = room.opinion.seq
        """The last committed entry of the opinion's log."""
        self._room = room
        self._store = store
        self._settings = settings
        self._pace = pace
        self._retired = retired
        self._loop = asyncio.get_running_loop()
        self._inbox: list[_Waiting] = []
        self._seats: dict[PeerId, Seat] = {}
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._tickets = 0
        self._watchers = 0
        self._wake = asyncio.Event()
        self._alarm = Alarm(self._wake.set)
        self._held_alarm = Alarm(self._hold)
        self._changed = asyncio.Event()
        self._stopping = False
        self._held = False
        self._used_at = self._told_at = self._loop.time()
        self._told_in = 0.0
        self._left_over = False
        self._listed: tuple[str, bool, bool] | None = None
        self._telling = Telling(self._seats)

    # --- what comes in; none of these waits

    def sit(self, seat: Seat) -> None:
        """A peer came."""
        self._seats[seat.number] = seat
        self._put(_Joined(seat))
        if self._held:
            seat.peer.send(_HELD)

    def submit(self, seat: Seat, frame: bytes) -> None:
        """A peer sent a frame."""
        if seat.number in self._seats:
            seat.arrived(frame)
            self._put(_Sent(seat, frame))

    def rise(self, seat: Seat) -> None:
        """A peer is gone. Frames it sent before still count."""
        if self._seats.pop(seat.number, None) is not None:
            seat.leave()
            self._put(_Left(seat))

    def expel(self, member: str, code: int, reason: str) -> None:
        """Close a member's sockets and forget what of theirs still waits here."""
        for seat in [seat for seat in self._seats.values() if seat.actor.member == member]:
            self._inbox = [one for one in self._inbox if not (isinstance(one, _Sent) and one.seat is seat)]
            self.rise(seat)
            seat.peer.close(code, reason)

    def ask(
        self, actor: Actor, version: int | None, party: str, key: str, command: Mapping[str, Any]
    ) -> asyncio.Future[Answer]:
        """A command that came by another way than a socket. Its answer comes after its commit, or else `RoomClosed`."""
        self._tickets += 1
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._answers[self._tickets] = answer
        self._put(_Asked(Request(self._tickets, actor, party, key, command), version))
        return answer

    def stop(self) -> None:
        """Tell the peers that the server restarts, read no further, finish what waits, keep a snapshot, end."""
        self._stopping = True
        for seat in self._seats.values():
            seat.peer.send(_DRAINING)
            seat.peer.pause()
        self._wake.set()

    def _put(self, waiting: _Waiting) -> None:
        self._inbox.append(waiting)
        self._used_at = self._loop.time()
        self._wake.set()

    # --- what can be read

    @property
    def document(self) -> Document:
        """The opinion's text and record as committed; never a draft."""
        return self._room.document()

    @property
    def sockets(self) -> int:
        """Peers connected."""
        return len(self._seats)

    @property
    def waiting(self) -> int:
        """What came and no turn has taken up."""
        return len(self._inbox)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Keeps the room in memory for somebody who waits on `changed`."""
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1
            self._used_at = self._loop.time()
            self._wake.set()

    async def changed(self, after: int) -> int:
        """The opinion's seq, once it is above `after`. Raises `RoomClosed` when the room ends first."""
        while self.seq <= after:
            if self.over:
                raise RoomClosed("The room was closed; open it again.")
            await self._changed.wait()
        return self.seq

    # --- the task

    async def run(self) -> None:
        """The room's whole life: until it was idle for long enough, was stopped, or failed and had to be dropped."""
        try:
            while await self._due():
                await self._prepare()
                await self._turn()
            self._retire()
            await self._beside(self._keep_snapshots(now=True))
            self._dismiss(1012, "The server restarts. Your text is kept and sent again.")
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            self._retire()
            raise
        except BaseException as error:
            # A panic of the CRDT library is no Exception; it must end this room and not the server.
            self._retire()
            metrics.ROOMS_DROPPED.inc()
            _log.error("room dropped", extra={"opinion": self.opinion, "sockets": len(self._seats)}, exc_info=error)
            self._dismiss(1013, TRY_AGAIN)
        finally:
            self.ended.set()

    async def _turn(self) -> None:
        """The way of one batch (I5): the gate on copies, the log, the live documents, and only then the wires."""
        waiting, self._inbox = self._inbox[:MAX_BATCH], self._inbox[MAX_BATCH:]
        batch = self._batch(waiting)
        enough_at = time.perf_counter() + TURN_SECONDS
        step = self._through(batch, lambda: time.perf_counter() > enough_at)
        writers, gone = self._take(waiting, step.taken)
        self._left_over = step.taken < len(batch)
        batch = batch[: step.taken]
        while step.appends:
            try:
                await self._save(step.appends, writers)
                break
            except WriterRevoked as revoked:
                if writers.pop(revoked.member, None) is None:
                    raise
                batch = self._without(revoked.member, batch)
                self._room.undo()
                step = self._through(batch)
            except CutAbandoned as abandoned:
                batch = self._without_cut(abandoned, batch)
                self._room.undo()
                step = self._through(batch)
        for peer in gone:
            self._room.leave(peer, datetime.now(UTC))
        started = time.perf_counter()
        self._room.commit()
        self._deliver(step)
        self._told_at = self._loop.time()
        self._told_in = time.perf_counter() - started
        await self._beside(self._keep_snapshots())
        await self._beside(self._list(step))

    async def _prepare(self) -> None:
        """What must be done before the first that waits is judged: in parts, for the loop belongs to everybody."""
        while (first := next((one for one in self._inbox if isinstance(one, _Sent)), None)) is not None:
            if not self._room.prepare(Frame(first.seat.number, first.data)):
                break
            await asyncio.sleep(0)

    def _through(self, batch: Sequence[Incoming], enough: Callable[[], bool] | None = None) -> Step:
        started = time.perf_counter()
        step = self._room.receive(batch, datetime.now(UTC), enough)
        metrics.GATE_SECONDS.observe(time.perf_counter() - started)
        metrics.FRAMES.inc(step.taken)
        for fault in step.faults:
            extra = {"opinion": self.opinion, "member": fault.member, "workspace": fault.workspace}
            what = "failed at a workspace" if fault.workspace else "failed at a frame"
            _log.error(what, extra=extra, exc_info=fault.error)
        return step

    def _without(self, member: str, batch: Sequence[Incoming]) -> list[Incoming]:
        """Put a member out whose rights went while the batch was being saved; what the others sent in it."""
        theirs = {peer.id for peer in self._room.peers if peer.actor.member == member}
        kept: list[Incoming] = []
        for one in batch:
            if isinstance(one, Frame):
                if one.peer not in theirs:
                    kept.append(one)
            elif one.actor.member != member:
                kept.append(one)
            elif (waiting := self._answers.pop(one.ticket, None)) is not None and not waiting.done():
                waiting.set_exception(RoomClosed(RIGHTS_GONE))
        _log.warning("rights went", extra={"opinion": self.opinion, "member": member})
        self.expel(member, 4401, RIGHTS_GONE)
        return kept

    def _without_cut(self, abandoned: CutAbandoned, batch: Sequence[Incoming]) -> list[Incoming]:
        """What came but for the freeze that was part of a cut, whose asker is told; the room goes on."""
        kept: list[Incoming] = []
        for one in batch:
            if isinstance(one, Frame) or one.command.get("cut") != abandoned.cut:
                kept.append(one)
            elif (waiting := self._answers.pop(one.ticket, None)) is not None and not waiting.done():
                waiting.set_exception(RoomClosed(str(abandoned)))
        if len(kept) == len(batch):
            raise abandoned
        return kept

    async def _save(self, appends: Sequence[Append], writers: Mapping[str, int]) -> None:
        """Append; when that takes long, the peers are told, and told again when it is done."""
        self._held_alarm.set(self._loop.time() + HELD_SECONDS)
        try:
            await self._store.append(self.opinion, appends, writers)
        finally:
            self._held_alarm.clear()
        if self._held:
            self._held = False
            for seat in self._seats.values():
                seat.peer.send(_SAVING)

    def _hold(self) -> None:
        if not self._held:
            _log.error("nothing can be saved now", extra={"opinion": self.opinion, "sockets": len(self._seats)})
        for seat in self._seats.values():
            seat.peer.send(_HELD)
        # Whoever asked over HTTP is not kept waiting: not yet taken up is not done; taken up is done or not, later.
        asked = {one.request.ticket for one in self._inbox if isinstance(one, _Asked)}
        self._inbox = [one for one in self._inbox if not isinstance(one, _Asked)]
        for ticket in [ticket for ticket in self._answers if ticket in asked or self._held]:
            waiting = self._answers.pop(ticket)
            if not waiting.done():
                waiting.set_exception(RoomClosed(NOT_SAVED if ticket in asked else NOT_KNOWN))
        self._held = True
        self._held_alarm.set(self._loop.time() + HELD_AGAIN)

    async def _due(self) -> bool:
        """Waits until there is something to do; False when the room is to end."""
        while not self._inbox:
            if self._stopping:
                return False
            if self._room.prepare():
                await asyncio.sleep(0)
                continue
            now = self._loop.time()
            if self._told_by_now():
                return True
            if self._room.roster_due:
                until = now + RELAY_EVERY.total_seconds()
            elif self._seats or self._watchers or self._answers:
                until = math.inf
            elif (until := self._used_at + self._settings.idle_seconds) <= now:
                return False
            self._wake.clear()
            self._alarm.set(min(until, now + self._until_told()))
            await self._wake.wait()
            if self._room.roster_due and self._loop.time() + EARLY_SECONDS >= until:
                return True
        if self._stopping or len(self._inbox) >= MAX_BATCH:
            await asyncio.sleep(0)
        elif self._left_over:
            await self._pace.turn()  # What has waited for a whole turn gathers nothing more.
        else:
            await self._pace.turn(self._told_at + min(self._settings.gather_ms / 1000, GATHER * self._told_in))
        return True

    def _until_told(self) -> float:
        """Seconds until something of the phases is to be told here; now and then the wall clock is looked at anew."""
        at = self._room.tells_at if self._seats else None
        return math.inf if at is None else min(max(0.0, (at - datetime.now(UTC)).total_seconds()), LOOK_AGAIN)

    def _told_by_now(self) -> bool:
        return self._until_told() <= 0.0

    def _batch(self, waiting: Sequence[_Waiting]) -> list[Incoming]:
        """The frames and requests of what waits; who came is connected."""
        batch: list[Incoming] = []
        for one in waiting:
            match one:
                case _Sent(seat, data):
                    batch.append(Frame(seat.number, data))
                case _Asked(request, _):
                    batch.append(request)
                case _Joined(seat):
                    self._room.connect(seat.number, seat.actor)
        return batch

    def _take(self, waiting: Sequence[_Waiting], count: int) -> tuple[dict[str, int], list[PeerId]]:
        """Who wrote the first `count` frames and requests, at which version of their rights, and who left after
        them; the rest waits again.
        """
        writers: dict[str, int] = {}
        gone: list[PeerId] = []
        for number, one in enumerate(waiting):
            match one:
                case _Sent() | _Asked() if not count:
                    # Who came is connected by now, whatever is left for the next turn.
                    self._inbox[:0] = [one for one in waiting[number:] if not isinstance(one, _Joined)]
                    break
                case _Sent(seat, data):
                    count -= 1
                    seat.taken(data)
                    writers[seat.actor.member] = seat.version
                case _Asked(request, version):
                    count -= 1
                    if version is not None:
                        writers[request.actor.member] = version
                case _Left(seat):
                    gone.append(seat.number)
        return writers, gone

    def _deliver(self, step: Step) -> None:
        self._telling.tell(step.deliveries)
        for delivery in step.deliveries:
            if delivery.frame[0] == protocol.ServerFrame.REFUSED:
                self._note_refusal(delivery)
        for closing in step.closings:
            if (seat := self._seats.get(closing.peer)) is not None:
                _log.warning("closed by the room", extra=self._whose(seat) | {"code": closing.code})
                self.rise(seat)
                seat.peer.close(closing.code, closing.reason)
        for answer in step.answers:
            waiting = self._answers.pop(answer.ticket, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
        for append in step.appends:
            if append.document == self._room.opinion.document and append.entries:
                self.seq = append.entries[-1].seq
                self._changed.set()
                self._changed = asyncio.Event()

    def _note_refusal(self, delivery: Delivery) -> None:
        """One line for each refusal: whose and why; never the words."""
        reader = protocol.Reader(delivery.frame)
        _, n, answer = reader.varuint(), reader.varuint(), json.loads(reader.varstring())
        metrics.REFUSALS.labels(answer["code"]).inc()
        for seat in (self._seats[peer] for peer in delivery.peers if peer in self._seats):
            _log.info("refused", extra=self._whose(seat) | {"n": n, "code": answer["code"]})

    def _whose(self, seat: Seat) -> dict[str, object]:
        return {"opinion": self.opinion, "member": seat.actor.member}

    async def _beside(self, saving: Awaitable[None]) -> None:
        """What can be made again from the log may fail: nobody's words depend on it."""
        try:
            await saving
        except Exception as error:
            self._listed = None
            _log.error("not saved beside the log", extra={"opinion": self.opinion}, exc_info=error)

    async def _keep_snapshots(self, *, now: bool = False) -> None:
        for due in self._room.snapshots_due(now=now):
            await self._store.save_snapshot(due.document, due.snapshot)

    async def _list(self, step: Step) -> None:
        """Repeat for lists what a command changed of the title and the switches."""
        if not any(entry.command for append in step.appends for entry in append.entries):
            return
        document = self._room.document()
        title = next((paragraph.text for paragraph in document.text if paragraph.kind is Kind.TITLE), "")
        record = document.record.opinion
        listed = (title, record.closed, record.observers_admitted)
        if listed == self._listed:
            return
        self._listed = listed
        await self._store.save_projection(self.opinion, title, record.closed, record.observers_admitted)

    def _retire(self) -> None:
        self.over = True
        self._retired()
        self._changed.set()

    def _dismiss(self, code: int, reason: str) -> None:
        """Close every socket and disappoint everybody who waits; the room is over."""
        for seat in self._seats.values():
            seat.leave()
            seat.peer.close(code, reason)
        self._seats.clear()
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(RoomClosed(NOT_SAVED))
        self._answers.clear()
        self._inbox.clear()
