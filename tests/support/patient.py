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
from tests.support.drafters import Drafter
from tests.support.ledger import Ledger
from tests.support.stock import CHAPEAU, ITEM, OPINION, Person
from tests.support.waiting import until

WINDOW = 4
"""Messages under way at once."""
PACE_SECONDS = 0.02
"""Between two words."""
PLACES = (CHAPEAU, ITEM, *(f"p-item-{n:05}" for n in range(2, 8)))
WORDS_IN_A_PLACE = 500
"""Then the next paragraph: one holds 20,000 characters (G14)."""
MOST_WORDS = 2 * len(PLACES) * WORDS_IN_A_PLACE
PING_SECONDS = 4.0
"""With words under way a quiet line is tried after this; without an answer for twice as long it is given up."""
AGAIN_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Waits between attempts; the last one goes on."""
CONNECT_SECONDS = 8.0


@dataclass(slots=True)
class Remembering(Client):
    """A client that keeps what it sent and was told."""

    updates: dict[int, bytes] = field(default_factory=dict)
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
        Client.take(self, frame)
        if self.notices and self.notices[-1]["kind"] == "saving":
            self.saving = self.notices[-1]["on"]

    @override
    def update(self, update: bytes, party: str) -> bytes:
        frame = Client.update(self, update, party)
        self.updates[max(self.sent)] = update
        return frame


class Patient:
    """Somebody who types numbered words until told to stop, and then until all of them are acknowledged."""

    def __init__(self, person: Person, number: int, port: int) -> None:
        self.person = person
        self.client = Remembering(workspace=person.delegation is not None)
        self.words: list[str] = []
        self.connections = 0
        self.refused = ""
        self.port = port
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
        attempt = 0
        while not (self._stop.is_set() and not self.client.sent):
            drafter = Drafter(self.port, self.person, workspace=self.client.workspace, client=self.client)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await drafter.open()
                    self.client.saving, self.client.heard = True, time.monotonic()
                    await drafter.hello()
                attempt, self._drafter = 0, drafter
                self.connections += 1
                await self._type(drafter)
            except (OSError, WebSocketException, AssertionError, TimeoutError):
                # The line broke, or is taken for broken; refusals are looked at below.
                await asyncio.sleep(AGAIN_SECONDS[min(attempt, len(AGAIN_SECONDS) - 1)])
                attempt += 1
            finally:
                self._drafter = None
                with suppress(AttributeError):
                    drafter.socket.transport.abort()
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
            if self.client.sent and quiet > 2 * PING_SECONDS:
                raise OSError("nothing is heard")
            if self.client.sent and quiet > PING_SECONDS:
                await drafter.line.send(protocol.varuint(protocol.ClientFrame.PING))
            ready = self.client.saving and len(self.client.sent) < WINDOW and now - typed >= PACE_SECONDS
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
        return ledger


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
