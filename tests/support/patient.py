"""People who keep typing whatever happens: they come back when the line breaks, and remember all they were told.

Their patience is the browser's (web/src/sync/connection.ts): how soon they try again, and when a quiet line is a dead
one. What they remember is a `Ledger` for the checker, and the words that must be there once.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from typing_extensions import override
from websockets.exceptions import WebSocketException

from crdt import protocol
from crdt.client import Client
from crdt.protocol import Reader, ServerFrame
from opinions.edits import InsertText
from opinions.model import Mark, MarkKind, ParagraphId
from tests.support.addresses import Address
from tests.support.drafters import Drafter
from tests.support.ledger import Ledger
from tests.support.stock import CHAPEAU, ITEM, OPINION, Person
from tests.support.waiting import until

WINDOW = 4
"""Messages under way at once."""
PLACES = (CHAPEAU, ITEM, *(f"p-item-{n:05}" for n in range(2, 8)))
WORDS_IN_A_PLACE = 500
"""Then the next paragraph: one holds 20,000 characters (G14)."""
MOST_WORDS = 2 * len(PLACES) * WORDS_IN_A_PLACE


@dataclass(frozen=True, slots=True)
class Patience:
    """How fast somebody types, and how long they wait; a browser's, unless a test is in a hurry.

    `word`: between two words. `ping`: with words under way a quiet line is tried after this; without an answer for
    twice as long it is given up. `again`: between attempts to connect; the last one goes on. `connect`: for one.
    """

    word: float = 0.02
    ping: float = 4.0
    again: Sequence[float] = (0.5, 1.0, 2.0, 4.0)
    connect: float = 8.0


AS_A_BROWSER = Patience()


@dataclass(slots=True)
class Remembering(Client):
    """A client that keeps what it sent and was told."""

    updates: dict[int, bytes] = field(default_factory=dict)
    sent_at: dict[int, float] = field(default_factory=dict)
    acknowledged_at: dict[int, float] = field(default_factory=dict)
    told: set[bytes] = field(default_factory=set)
    saving: bool = True
    heard: float = 0.0

    @override
    def take(self, frame: bytes) -> None:
        self.heard = time.monotonic()
        reader = Reader(frame)
        if reader.varuint() == ServerFrame.UPDATE:
            reader.varuint(), reader.varuint()
            self.told.update(reader.varbytes() for _ in range(reader.varuint()))
        # Not super(): a dataclass with slots is another class than the one the compiler saw.
        waiting, noticed = tuple(self.sent), len(self.notices)
        Client.take(self, frame)
        self.acknowledged_at.update({n: self.heard for n in waiting if n in self.acknowledged})
        # What an earlier line had said last says nothing of this one.
        for notice in self.notices[noticed:]:
            if notice["kind"] == "saving":
                self.saving = notice["on"]

    @override
    def update(self, update: bytes, party: str) -> bytes:
        frame = Client.update(self, update, party)
        n = max(self.sent)
        self.updates[n], self.sent_at[n] = update, time.monotonic()
        return frame


class Patient:
    """Somebody who types numbered words until told to stop, and then until all of them are acknowledged.

    Who has `others` tries those ports in turn when a line breaks, as a load balancer would. `away` gets the seconds
    of each time without a text, from the line's break to the next SYNC.
    """

    def __init__(
        self,
        person: Person,
        number: int,
        port: int | Address,
        *,
        others: Sequence[int | Address] = (),
        patience: Patience = AS_A_BROWSER,
        over_http: bool = False,
    ) -> None:
        self.person = person
        self.client = Remembering(workspace=person.delegation is not None)
        self.words: list[str] = []
        self.connections = 0
        self.refused = ""
        self.port = port
        self.away: list[float] = []
        self._ports = (port, *others)
        self._patience = patience
        self._over_http = over_http
        self._number = number
        self._stop = asyncio.Event()
        self._drafter: Drafter | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a text and a line that is not known to be broken."""
        return self._drafter is not None

    @property
    def acknowledged(self) -> int:
        """Words acknowledged so far."""
        return len(self.client.acknowledged)

    @property
    def unsaved(self) -> int:
        """Words under way."""
        return len(self.client.sent)

    def stop(self) -> None:
        """Type no more; `run` ends with the last acknowledgement."""
        self._stop.set()

    async def run(self) -> None:
        """Type, and come back. Ends early, and says why in `refused`, when the server refuses honest words."""
        attempt, broke, patience = 0, 0.0, self._patience
        while not (self._stop.is_set() and not self.client.sent):
            drafter = Drafter(
                self.port,
                self.person,
                workspace=self.client.workspace,
                client=self.client,
                over_http=self._over_http,
            )
            try:
                async with asyncio.timeout(patience.connect):
                    await drafter.open()
                    self.client.saving, self.client.heard = True, time.monotonic()
                    await drafter.hello()
                attempt, self._drafter = 0, drafter
                self.connections += 1
                if broke:
                    self.away.append(time.monotonic() - broke)
                    broke = 0.0
                await self._type(drafter)
            except (OSError, WebSocketException, AssertionError, TimeoutError):
                # The line broke, or is taken for broken; refusals are looked at below.
                broke = broke or time.monotonic()
                await _dropped(drafter)
                self._drafter = None
                self.port = self._ports[(self._ports.index(self.port) + 1) % len(self._ports)]
                await asyncio.sleep(patience.again[min(attempt, len(patience.again) - 1)])
                attempt += 1
            finally:
                self._drafter = None
                await _dropped(drafter)
            if self.client.refusals:
                self.refused = f"{self.person.member} was refused: {self.client.refusals[0].message}"
                return

    async def _type(self, drafter: Drafter) -> None:
        typed = 0.0
        while not (self._stop.is_set() and not self.client.sent):
            if drafter.closed is not None or self.client.refusals:
                raise OSError("the line broke")
            now = time.monotonic()
            quiet = now - self.client.heard
            if self.client.sent and quiet > 2 * self._patience.ping:
                raise OSError("nothing is heard")
            if self.client.sent and quiet > self._patience.ping:
                await drafter.line.send(protocol.varuint(protocol.ClientFrame.PING))
            ready = self.client.saving and len(self.client.sent) < WINDOW and now - typed >= self._patience.word
            if ready and len(self.words) < MOST_WORDS and not self._stop.is_set():
                typed = now
                await drafter.line.send(self._word())
            await asyncio.sleep(0.02)

    def _word(self) -> bytes:
        place = (self._number + len(self.words) // WORDS_IN_A_PLACE) % len(PLACES)
        self.words.append(f"w{self._number}x{len(self.words):05}")
        mark = Mark(MarkKind.INSERTION, f"a-patient-{self._number:04}-{place}")
        edit = InsertText(ParagraphId(PLACES[place]), 0, f" {self.words[-1]}", frozenset({mark}))
        return self.client.write([edit], self.person.delegation or "SEC")

    def ledger(self) -> Ledger:
        """For the checker: what was sent and told, now."""
        code = self.person.delegation
        document = OPINION if code is None else f"{OPINION}/{code.lower()}"
        ledger = Ledger(document, self.client.welcome["client"], self.person.member)
        ledger.sent, ledger.told = dict(self.client.updates), set(self.client.told)
        ledger.acknowledged = dict(self.client.acknowledged)
        ledger.sent_at, ledger.acknowledged_at = dict(self.client.sent_at), dict(self.client.acknowledged_at)
        return ledger


async def _dropped(drafter: Drafter) -> None:
    """Gone without a word, if it ever connected."""
    with suppress(AttributeError):
        await drafter.drop()


async def finish(people: Sequence[Patient], seconds: float) -> None:
    """All stop typing, and all is acknowledged in so many seconds."""
    for one in people:
        one.stop()
    await until(lambda: not any(one.unsaved and not one.refused for one in people), "every outbox to drain", seconds)


async def not_once(people: Sequence[Patient]) -> list[str]:
    """The words that are not there exactly once, as somebody sees them who comes now."""
    found: list[str] = []
    for one in people:
        async with Drafter(one.port, one.person, workspace=one.client.workspace) as reader:
            times = Counter(re.findall(r"w\d+x\d{5}", "".join(map(reader.text, PLACES))))
        found += [f"{word} is there {times[word]} times" for word in one.words if times[word] != 1]
    return found
