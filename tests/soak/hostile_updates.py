"""Hostile updates: valid ones changed in their ids, clocks, origins, marks and deletions, sent to a running server by
several delegations at once while an honest one types.

Whatever the server accepts is judged by its effect, from the log and by none of the gate's own code: what is not the
sender's is as it was (I1, `opinions.rules`), the record names the sender's delegation and the person (I2), the text
fits the schema, the bytes are the sent ones. In the end the text is the same in the log, at the honest client, at one
who comes anew, and read again from its bytes.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crdt import protocol
from crdt.decoder import decode_update
from crdt.document import SharedDocument
from crdt.errors import DocumentError
from crdt.protocol import Reader, ServerFrame
from crdt.tree import is_id
from crdt.unicode import refused_character
from opinions.model import DelegationCode, MarkKind
from opinions.record import Amendment, Document, ParagraphRecord, ParagraphState, Status
from opinions.rules import without_delegation
from tests.soak._mutations import Mutator, drawn_update
from tests.soak._rain import Campaigner, House, hostile_guests
from tests.soak.campaign import Campaign, Outcome
from tests.support.checker import _updates
from tests.support.planted import unhurried
from tests.support.stock import OPINION
from tests.support.wires import Guest

GUESTS = 6
PAGES, MUTANTS = 2, 8
"""Updates drawn for each guest and round, and how many hostile ones are made of each."""
PER_HOUSE = 6_000
"""Trials after which a fresh server is taken, for the text of the old one has grown."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One trial: who sent what for whom."""

    number: int
    member: str
    party: str
    update: bytes


@dataclass
class Judge:
    """The log of the document, entry by entry, held against what was sent."""

    database: Path
    document: SharedDocument
    seq: int = 0
    trials: dict[tuple[int, int], Sent] = field(default_factory=dict)
    """By client id and message number."""
    names: dict[str, str] = field(default_factory=dict)
    accepted: int = 0

    def read(self, seed: int) -> Iterator[str]:
        """Takes the entries since the last time; yields what is wrong with those that hostile clients wrote."""
        for seq, client, n, member, name, party, payload in self._entries():
            updates = _updates(payload)
            before = self.document.view()
            try:
                self.document.apply([update for update in updates if update])
            except DocumentError as error:
                yield f"{seed}: entry {seq} breaks the schema: {error.message}"
                raise
            self.seq = seq
            trial = self.trials.pop((client or 0, n or 0), None)
            if trial is None:
                if client and member in self.names:
                    yield f"{seed}: entry {seq} is of client {client}, message {n}, which was never sent"
                continue
            self.accepted += 1
            told = f"{seed}: trial {trial.number}, entry {seq}, update {trial.update.hex()}: "
            if (member, party, name) != (trial.member, trial.party, self.names[trial.member]):
                yield told + f"is on record as {member}'s for {party}"
            if updates[0] != trial.update:
                yield told + "is not logged as it was sent"
            for wrong in (*_writers(updates, client), *_effect(before, self.document.view(), trial.party, name)):
                yield told + wrong

    def _entries(self) -> Sequence[tuple[int, int | None, int | None, str, str, str, bytes]]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            columns = "seq, client, n, member, name, party, payload"
            query = f"SELECT {columns} FROM entries WHERE document = ? AND seq > ? ORDER BY seq"
            return connection.execute(query, (OPINION, self.seq)).fetchall()
        finally:
            connection.close()


def _writers(updates: Sequence[bytes], client: int | None) -> Iterator[str]:
    for number, update in enumerate(updates):
        for block in decode_update(update, trusted=True).blocks if update else ():
            if block.client != (client if number == 0 else 1):
                yield f"holds structs of client {block.client}"


def _effect(before: Document, after: Document, party: str, name: str) -> Iterator[str]:
    """What is wrong with a change that `party` made: I1, I2, and what a text may be at all."""
    code = DelegationCode(party)
    if without_delegation(code, before) != without_delegation(code, after):
        yield "[I1] changed what is not the sender's"
    known = before.record.amendments
    for amendment in after.record.amendments.values():
        was = known.get(amendment.id)
        if was is not None and _superseded(was, amendment, after):
            continue
        if was != amendment and (amendment.delegation != party or amendment.author != (was.author if was else name)):
            yield f"[I2] {party} changed the record of {amendment.id}, {amendment.delegation}'s: {was} is {amendment}"
    if {key for key in known if known[key].delegation != party} - set(after.record.amendments):
        yield "[I2] another's amendment is gone from the record"
    numbered = replace(before.record.opinion, next_number=after.record.opinion.next_number)
    if numbered != after.record.opinion or after.record.opinion.next_number < before.record.opinion.next_number:
        yield "[I2] changed the record of the Opinion"
    for key, label in after.record.paragraphs.items():
        was_there = before.record.paragraphs.get(key, ParagraphRecord(key))
        if before.text.find(key) is not None and label not in (
            was_there,
            replace(was_there, state=ParagraphState.OPEN),
        ):
            yield f"[I2] changed the record of paragraph {key}"
    standing = {paragraph.id: paragraph for paragraph in before.text}
    for paragraph in after.text:
        if standing.get(paragraph.id) is paragraph:
            continue
        if not is_id(paragraph.id) or (paragraph.id not in standing and paragraph.added is None):
            yield f"[G7] paragraph {paragraph.id} is nobody's proposal"
        for run in paragraph.runs:
            if sum(mark.kind is MarkKind.INSERTION for mark in run.marks) > 1 or refused_character(run.text):
                yield f"[G7, G13] {run.text!r} may not stand so"
            for mark in run.marks:
                if mark.kind in (MarkKind.INSERTION, MarkKind.DELETION, MarkKind.BRACKET, MarkKind.ORIGIN):
                    if not is_id(mark.id) or mark.id not in after.record.amendments:
                        yield f"[I2] {mark.key} is on no record"


def _superseded(was: Amendment, now: Amendment, after: Document) -> bool:
    """Whether all that happened to an amendment is that the words it stood on went with their own proposal."""
    same = replace(now, status=was.status, changed_at=was.changed_at, removed=was.removed) == was
    stands = any(mark.id == now.id for paragraph in after.text for run in paragraph.runs for mark in run.marks)
    return same and was.open and now.status is Status.SUPERSEDED and not stands


class HostileUpdates(Campaigner):
    """Runs trials on one server after the other."""

    most_failures = 20
    said = "answered"

    async def run(self) -> Outcome:
        """Trials until the time is over."""
        while not self.over:
            async with self.housed(str(self.seed)) as made:
                await self._house(made)
            self.keep({"longest turn (CPU ms)": made.longest})
        return self.outcome()

    async def _house(self, made: House) -> None:
        ground, last = made.ground, self.trials + PER_HOUSE
        async with hostile_guests(ground, GUESTS) as guests:
            judge = Judge(ground.database, SharedDocument(999))
            for guest in guests:
                guest.wire.took = guest.wire.frames.append  # What it is told is read from the log instead.
            self.failures += judge.read(self.seed)
            judge.names = {one.person.member: str(one.client.welcome["name"]) for one in guests}
            made.begin()
            stands = True
            while stands and not self.over and self.trials < last:
                stands = await self._round(guests, judge)
            if stands:
                self.failures += await self._same_everywhere(made, judge)
        self.answers["ACK (taken, judged by effect)"] += judge.accepted

    async def _round(self, guests: Sequence[Guest], judge: Judge) -> bool:
        """Whether this server stands: a socket that it closed is a failure, and the trials go on at the next one."""
        state = judge.document.state()
        vector = judge.document.state_vector()
        decoded = decode_update(state, trusted=True)
        structs = [(block.client, one) for block in decoded.blocks for one in block.structs]
        record = judge.document.record().amendments
        clients = [int(guest.client.welcome["client"]) for guest in guests]
        mutator = Mutator(self.chance, structs, clients, list(record))
        sent: dict[tuple[int, int], Sent] = {}
        for guest, client in zip(guests, clients, strict=True):
            mine = [one.id for one in record.values() if one.delegation == guest.party]
            pages = [drawn_update(self.chance, client, state, mine, list(record)) for _ in range(PAGES)]
            updates = [decode_update(one, trusted=True) for one in pages if one]
            hello = protocol.hello(schema=1, workspace=False, generation=1, client=client, state_vector=vector)
            frames: list[bytes] = []
            for update in updates:
                for _ in range(MUTANTS):
                    data = mutator.mutated(update, self.chance.choice(updates))
                    party = (
                        guest.party if self.chance.random() < 0.96 else self.chance.choice(("XBB", "SEC", "CHR", ""))
                    )
                    guest.client._n += 1
                    sent[(client, guest.client._n)] = Sent(self.trials, guest.person.member, party, data)
                    frames += (protocol.client_update(guest.client._n, party, data), hello)
                    self.trials += 1
            guest.wire.frames.clear()
            guest.wire.send(*frames, protocol.varuint(protocol.ClientFrame.PING))
        judge.trials = sent
        for guest in guests:
            await guest.wire.until(lambda guest=guest: protocol.PONG in guest.wire.frames, "PONG", 60)  # type: ignore[misc]
            if guest.wire.closed is not None:
                self.failures.append(f"{self.seed}: trial {self.trials}: a socket was closed with {guest.wire.closed}")
            self.answers.update(_refusals(guest.wire.frames))
        self.failures += judge.read(self.seed)
        return all(guest.wire.closed is None for guest in guests)

    async def _same_everywhere(self, made: House, judge: Judge) -> list[str]:
        """What differs between the log, the honest client, one who comes anew, and the bytes read again."""
        honest = made.ground.honest
        await made.hush()
        await honest.round_trip()
        found = list(judge.read(self.seed))
        async with made.ground.guest("m-chair") as fresh:
            views = {
                "the honest client": honest.client.view(),
                "one who comes anew": fresh.client.view(),
                "the same, read again from its bytes": SharedDocument(998, (judge.document.state(),)).view(),
            }
        here = judge.document.view()
        return found + [f"{self.seed}: {name} is not as in the log" for name, view in views.items() if view != here]


def _refusals(frames: Sequence[bytes]) -> Iterator[str]:
    for frame in frames:
        if frame[0] == ServerFrame.REFUSED:
            reader = Reader(frame)
            reader.varuint(), reader.varuint()
            yield str(protocol._object(reader.varstring())["code"])


def trials(seed: int, seconds: float, *, most: int = 10**9, plant: Callable[[], None] = unhurried) -> Outcome:
    """The campaign; `most` trials at most, on a server with something planted."""
    return asyncio.run(HostileUpdates(seed, seconds, most, plant).run())


CAMPAIGN = Campaign(
    name="hostile updates",
    promise="No changed client has anything accepted that is not its own: actor, schema, text and state stay true.",
    goal=100_000,
    run=trials,
)
