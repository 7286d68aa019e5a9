"""People at their desks for tests: a real socket (or, where it is blocked, plain HTTP), the frames of crdt/SPEC.md, and
what a browser would have on its screen.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from crdt.client import Client
from crdt.protocol import ServerFrame
from opinions.edits import Edit, InsertText
from opinions.model import Mark, MarkKind, ParagraphId
from tests.support.addresses import Address, address_of
from tests.support.http_line import HttpLine
from tests.support.stock import OPINION, Person
from tests.support.waiting import PATIENCE


class Line(Protocol):
    """What carries frames: a socket, or requests."""

    async def send(self, message: bytes, /) -> None: ...
    async def close(self) -> None: ...
    def __aiter__(self) -> AsyncIterator[str | bytes]: ...
    @property
    def close_code(self) -> int | None: ...


class Drafter:
    """One socket of one person. `async with` connects and says HELLO; frames are taken in as they come."""

    def __init__(
        self,
        place: int | Address,
        person: Person,
        opinion: str = OPINION,
        *,
        workspace: bool = False,
        client: Client | None = None,
        over_http: bool = False,
    ) -> None:
        self.person = person
        self.client = client or Client(workspace=workspace)
        self.frames: list[bytes] = []
        self.closed: int | None = None
        self._address = address_of(place)
        self._opinion = opinion
        self._over_http = over_http
        self._news = asyncio.Condition()
        self.line: Line
        self._reader: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self.open()
        await self.hello()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def open(self) -> None:
        """Connect, and begin to take frames in."""
        if self._over_http:
            headers = self._address.headers(self.person)
            self.line = await HttpLine.open(self._address, self._opinion, headers)
        else:
            headers = dict(self._address.headers(self.person))
            self.line = await connect(
                f"{self._address.sockets}/ws/opinions/{self._opinion}",
                ssl=self._address.trust,
                origin=Origin(headers.pop("Origin")),
                additional_headers=headers,
                compression=None,
                max_size=None,
                # As a browser's socket, which asks for no pongs itself.
                ping_interval=None,
            )
        self.closed = None
        self._reader = asyncio.create_task(self._read())

    @property
    def socket(self) -> ClientConnection:
        """The socket itself, for tests that mistreat it."""
        assert isinstance(self.line, ClientConnection), "this drafter has no socket"
        return self.line

    async def hello(self) -> None:
        """Say HELLO and wait for the text; then send again what was never acknowledged."""
        before = len(self.frames)
        await self.line.send(self.client.hello())
        await self.until(lambda: any(frame[0] == ServerFrame.SYNC for frame in self.frames[before:]), "SYNC")
        for frame in self.client.unacknowledged():
            await self.line.send(frame)

    async def leave(self) -> None:
        """Close the line."""
        await self.line.close()
        await self._reader

    async def drop(self) -> None:
        """Be gone without a word, as a machine that is switched off."""
        if isinstance(self.line, HttpLine):
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            await self.line.drop()
        else:
            self.socket.transport.abort()

    async def until(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Wait for what the server will tell. Fails when the socket closes first."""
        async with asyncio.timeout(seconds), self._news:
            while not condition():
                assert self.closed is None, f"closed with {self.closed} while waiting for {what}"
                await self._news.wait()

    async def ended(self) -> int:
        """The close code, once the socket is closed."""
        async with asyncio.timeout(PATIENCE):
            await self._reader
        assert self.closed is not None
        return self.closed

    async def write(self, edits: Sequence[Edit], party: str | None = None) -> int:
        """Type; returns the message number. `saved` waits for its acknowledgement."""
        frame = self.client.write(edits, party if party is not None else self.person.delegation or "SEC")
        n = max(self.client.sent)
        await self.line.send(frame)
        return n

    async def type(self, paragraph: str, at: int, words: str, amendment: str | None = None) -> int:
        """Type words as an insertion of an amendment, a new one if none is named."""
        mark = Mark(MarkKind.INSERTION, amendment or f"a-{secrets.token_hex(8)}")
        return await self.write([InsertText(ParagraphId(paragraph), at, words, frozenset({mark}))])

    async def command(self, fields: Mapping[str, Any], party: str = "") -> Mapping[str, Any]:
        """Send a command; its result, once it is done."""
        frame = self.client.command(fields, party, secrets.token_hex(8))
        n = max(self.client.sent)
        await self.line.send(frame)
        await self.until(lambda: n in self.client.results or any(r.n == n for r in self.client.refusals), "DONE")
        assert n in self.client.results, self.client.refusals
        return self.client.results[n]

    async def saved(self, n: int) -> int:
        """The seq that holds message n, once it is acknowledged."""
        await self.until(lambda: n in self.client.acknowledged or self.client.refusals, f"the ACK of {n}")
        assert n in self.client.acknowledged, self.client.refusals
        return self.client.acknowledged[n]

    def text(self, paragraph: str) -> str:
        """A paragraph's characters as this person sees them."""
        found = self.client.view().text.find(paragraph)
        assert found is not None, f"paragraph {paragraph} is not there"
        return found.text

    async def _read(self) -> None:
        try:
            async for frame in self.line:
                assert isinstance(frame, bytes)
                self.frames.append(frame)
                self.client.take(frame)
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            self.closed = self.line.close_code
            async with self._news:
                self._news.notify_all()
