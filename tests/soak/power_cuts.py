"""P2: the power fails while people type; nothing that anybody was told is missing when the server is back.

A trial is a cut. A *recorded run* is a real server under `tests.support.disk` with four people who type and submit and
a chair who freezes; its journal holds every write and sync with its time. A cut is a moment of that run, most often
right after somebody was told "saved", and a draw of what the disk kept of what was not synced
(`tests.support.power_cut`). On what is left a real server is started; it must hold all that was told by then, and take
the rest from the outboxes, once. Cuts of one run share its timing and differ in moment and loss; both numbers are in
the ledger.
"""

import asyncio
import re
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import text
from typing_extensions import override
from websockets.exceptions import WebSocketException

from crdt.client import Client
from crdt.protocol import Reader, ServerFrame
from opinions.edits import InsertText
from opinions.model import Mark, MarkKind, ParagraphId
from server.database import Database
from server.settings import Settings
from server.verify import verify
from tests.soak.campaign import Campaign, Outcome
from tests.support.checker import broken_promises
from tests.support.disk import Disk
from tests.support.drafters import Drafter
from tests.support.ledger import Ledger
from tests.support.live_server import LiveServer
from tests.support.power_cut import Op, Recording, read_journal
from tests.support.stock import CHAPEAU, ITEM, OPINION, Person, Stock, stocked

CUTS = 25
"""Cuts taken from one recorded run of a campaign."""
WORDS = 300
"""Words each of the four types in a recorded run: enough for several checkpoints of the write-ahead log."""
WINDOW = 2
SUBMIT_EVERY = 30
FREEZE_EVERY = 20
"""Entries of the opinion between two freezes."""
_UNHURRIED = {"UNBRACKET_FRAMES_PER_SECOND": "100000"}


@dataclass(slots=True)
class _Listening(Client):
    """A client that notes when it was told what, in monotonic seconds: never before it was told."""

    told: list[tuple[float, bytes]] = field(default_factory=list)
    saved: dict[int, float] = field(default_factory=dict)
    done: dict[int, float] = field(default_factory=dict)
    welcomed: float | None = None

    @override
    def take(self, frame: bytes) -> None:
        now = time.monotonic()
        reader = Reader(frame)
        match reader.varuint():
            case ServerFrame.WELCOME:
                self.welcomed = self.welcomed or now
            case ServerFrame.UPDATE:
                reader.varuint(), reader.varuint()
                self.told.extend((now, reader.varbytes()) for _ in range(reader.varuint()))
            case ServerFrame.DONE:
                self.done[reader.varuint()] = now
        # Not super(): a dataclass with slots is another class than the one the compiler saw.
        Client.take(self, frame)
        for n in self.acknowledged.keys() - self.saved.keys():
            self.saved[n] = now


@dataclass(frozen=True, slots=True)
class _Message:
    """What was sent as message n, and when: words or, with a key, a command."""

    at: float
    frame: bytes
    update: bytes
    word: str = ""
    key: str = ""


class Typist:
    """Somebody who types numbered words, submits what gathered now and then, and remembers everything."""

    def __init__(self, person: Person, number: int) -> None:
        self.person = person
        self.number = number
        self.client = _Listening(workspace=person.delegation is not None)
        self.messages: dict[int, _Message] = {}

    @property
    def document(self) -> str:
        """The log this person's words go to."""
        code = self.person.delegation
        return OPINION if code is None else f"{OPINION}/{code.lower()}"

    async def type(self, port: int, words: int) -> None:
        """So many words, the last ones still unacknowledged at the end."""
        async with Drafter(port, self.person, workspace=self.client.workspace, client=self.client) as drafter:
            party = self.person.delegation or "SEC"
            amendment = ""
            for count in range(words):
                if count % SUBMIT_EVERY == 0:
                    if amendment and self.person.delegation is not None:
                        await self._submit(drafter, amendment, party)
                    amendment = f"a-typist-{self.number}-{count:04}"
                word = f" w{self.number}x{count:05}"
                mark = Mark(MarkKind.INSERTION, amendment)
                place = ParagraphId((CHAPEAU, ITEM)[self.number % 2])
                frame = self.client.write([InsertText(place, 0, word, frozenset({mark}))], party)
                self._note(frame, word=word)
                await drafter.line.send(frame)
                await drafter.until(lambda: len(self.client.sent) < WINDOW, "room in the window")
            assert not self.client.refusals, self.client.refusals

    async def _submit(self, drafter: Drafter, amendment: str, party: str) -> None:
        await drafter.until(lambda: not self.client.sent, "the acknowledgements before Submit")
        key = secrets.token_hex(8)
        frame = self.client.command({"act": "submit", "amendment": amendment}, party, key)
        self._note(frame, key=key)
        await drafter.line.send(frame)
        await drafter.until(lambda: not self.client.sent, "DONE")

    def _note(self, frame: bytes, word: str = "", key: str = "") -> None:
        reader = Reader(frame)
        _, n, _ = reader.varuint(), reader.varuint(), reader.varstring()
        update = b"" if key else reader.varbytes()
        self.messages[n] = _Message(time.monotonic(), frame, update, word, key)

    def ledger(self, moment: float) -> Ledger:
        """What this person had sent and been told of words at a moment."""
        # Who has no lease is no client of any entry; what he or she was told counts all the same.
        ledger = Ledger(self.document, self.client.welcome["client"] or -1, self.person.member)
        ledger.sent = {n: one.update for n, one in self.messages.items() if one.word and one.at <= moment}
        ledger.acknowledged = {
            n: self.client.acknowledged[n]
            for n, at in self.client.saved.items()
            if at <= moment and self.messages[n].word
        }
        ledger.told = {update for at, update in self.client.told if at <= moment}
        return ledger

    async def resend(self, port: int, moment: float) -> Iterator[str]:
        """Come back as the browser would that was open at that moment; what is not as it must be then."""
        if self.client.welcomed is None or self.client.welcomed > moment:
            return iter(())
        lease = self.client.welcome["client"] or None
        client = Client(self.client.workspace, welcome={"generation": 1, "client": lease})
        sent = [n for n, one in self.messages.items() if one.at <= moment]
        waiting = [n for n in sent if self.client.saved.get(n, moment + 1) > moment]
        async with Drafter(port, self.person, workspace=client.workspace, client=client) as drafter:
            if client.welcome["client"] != self.client.welcome["client"]:
                return iter([f"{self.person.member}'s lease is gone"])
            # One that is acknowledged already comes along, as if its acknowledgement had been lost on the way.
            for n in [*[n for n in sent if n not in waiting][-1:], *waiting]:
                client.sent[n] = self.messages[n].frame
                await drafter.line.send(self.messages[n].frame)
            await drafter.until(lambda: not client.sent or client.refusals, "the outbox to drain")
            seen = drafter.text(CHAPEAU) + drafter.text(ITEM)
        times = Counter(re.findall(r"w\d+x\d{5}", seen))
        words = [one.word.strip() for n, one in self.messages.items() if n in sent and one.word]
        found = [f"{word} is there {times[word]} times" for word in words if times[word] != 1]
        found += [f"{self.person.member} was refused: {one.message}" for one in client.refusals]
        return iter(found)


class Chair(Typist):
    """Somebody who types nothing and freezes the text again and again; what was DONE is in the log with its version."""

    def __init__(self, person: Person, number: int) -> None:
        super().__init__(person, number)
        self.client = _Listening(workspace=False)

    @property
    @override
    def document(self) -> str:
        return OPINION

    @override
    async def type(self, port: int, words: int) -> None:
        async with Drafter(port, self.person, client=self.client) as drafter:
            for count in range(words // FREEZE_EVERY - 1):
                goal = (count + 1) * FREEZE_EVERY
                await drafter.until(partial(self._reached, goal), "words to freeze")
                key = secrets.token_hex(8)
                frame = self.client.command({"act": "freeze", "label": f"Freeze {count}"}, "", key)
                self._note(frame, key=key)
                await drafter.line.send(frame)
                await drafter.until(lambda: not self.client.sent, "DONE")
            assert not self.client.refusals, self.client.refusals

    def _reached(self, seq: int) -> bool:
        return self.client.seqs[0] >= seq


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """What a server did to its disk while people typed, and what they were told."""

    stock: Stock
    recording: Recording
    typists: tuple[Typist, ...]

    @property
    def acknowledged(self) -> int:
        """Words that were acknowledged."""
        return sum(len(typist.client.saved) for typist in self.typists)

    def moment(self, chance: Random) -> float:
        """When to cut: mostly right after an acknowledgement; else during a sync, or at any time."""
        told = [at for typist in self.typists for at in typist.client.saved.values() if at <= self.recording.end]
        syncs = [event for event in self.recording.events if event.op is Op.SYNC]
        match chance.random():
            case drawn if drawn < 0.6:
                return chance.choice(told)
            case drawn if drawn < 0.8:
                sync = chance.choice(syncs)
                return chance.uniform(sync.started, sync.ended)
        return chance.uniform(self.recording.begin, self.recording.end)


def record(place: Path, words: int = WORDS, plant: Callable[[], None] | None = None) -> RecordedRun:
    """Make a recorded run in an empty directory; ended by SIGKILL, with messages under way."""
    stock = stocked(Settings(data_dir=place / "data"))
    shutil.copytree(place / "data", place / "before")
    names = ("m-xaa-1", "m-xaa-2", "m-xbb-1", "m-sec")
    writing = (Typist(stock[name], number) for number, name in enumerate(names))
    typists = (*writing, Chair(stock["m-chair"], len(names)))
    with Disk(place / "data") as disk:
        server = LiveServer(place / "data", environ=_UNHURRIED, plant=plant, under=disk.environment)
        server.start()
        try:
            asyncio.run(_type_all(typists, server.port, words))
        finally:
            server.kill()
        return RecordedRun(stock, Recording(place / "before", read_journal(disk.journal)), typists)


async def _type_all(typists: tuple[Typist, ...], port: int, words: int) -> None:
    async with asyncio.TaskGroup() as tasks:
        for typist in typists:
            tasks.create_task(typist.type(port, words))


def cut(run: RecordedRun, chance: Random, place: Path) -> list[str]:
    """One power cut, in an empty directory; every promise it broke."""
    moment = run.moment(chance)
    data = place / "data"
    data.mkdir()
    run.recording.cut(moment, chance, data)
    settings = Settings(data_dir=data)
    server = LiveServer(data, environ=_UNHURRIED)
    ledgers = [typist.ledger(moment) for typist in run.typists]
    try:
        server.start()
    except AssertionError as error:
        return [f"the server does not start: {error}"]
    try:
        found = _missing(settings, run, ledgers, moment)
        if not found:
            found = asyncio.run(_resent(run.typists, server.port, moment))
    finally:
        server.kill()
    if not found:
        found = _missing(settings, run, ledgers, moment)
    return found


def _missing(settings: Settings, run: RecordedRun, ledgers: list[Ledger], moment: float) -> list[str]:
    found = broken_promises(settings.data_dir / "unbracket.db", ledgers)
    with Database.reading(settings) as connection:
        found += [f"{one.document}: {finding}" for one in verify(connection) for finding in one.findings]
        if (sound := connection.scalar(text("PRAGMA integrity_check"))) != "ok":
            found.append(f"integrity_check says {sound}")
        keys = set(connection.scalars(text("SELECT key FROM entries WHERE key IS NOT NULL")))
    for typist in run.typists:
        for n, at in typist.client.done.items():
            if at <= moment and typist.messages[n].key not in keys:
                found.append(f"{typist.person.member}'s command was DONE and is not in the log")
    return found


async def _resent(typists: tuple[Typist, ...], port: int, moment: float) -> list[str]:
    found: list[str] = []
    for typist in typists:
        try:
            found += await typist.resend(port, moment)
        except (AssertionError, TimeoutError, WebSocketException) as error:
            found.append(f"{typist.person.member} cannot come back: {error}")
    return found


def cuts(run: RecordedRun, chance: Random, count: int, until: float = float("inf")) -> Iterator[list[str]]:
    """What each of so many cuts broke; no further one is begun once the clock (monotonic) says `until`."""
    for number in range(count):
        if number and time.monotonic() > until:
            return
        with tempfile.TemporaryDirectory(prefix="unbracket-cut-") as place:
            yield cut(run, chance, Path(place))


def _campaign(seed: int, seconds: float) -> Outcome:
    until, chance = time.monotonic() + seconds, Random(seed)
    trials = runs = words = syncs = 0
    failures: list[str] = []
    while not trials or time.monotonic() < until:
        runs += 1
        with tempfile.TemporaryDirectory(prefix="unbracket-run-") as place:
            run = record(Path(place))
            words += run.acknowledged
            syncs += run.recording.syncs()
            for found in cuts(run, chance, CUTS, until):
                trials += 1
                if found:
                    failures.append(f"{seed}: run {runs}, cut {trials}: {'; '.join(found[:3])}")
    return Outcome(trials, tuple(failures), {"recorded runs": runs, "acknowledged words": words, "syncs": syncs})


CAMPAIGN = Campaign(
    name="power cuts",
    promise="After a power cut nothing that anybody was told is missing, and what was under way goes in once.",
    goal=1_000,
    run=_campaign,
)
