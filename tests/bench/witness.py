"""One connection that remembers what a server told it: the updates it was shown, and those it was told are taken.

Speaks all dialects of `tests.bench.plans`, slowly; the load generator is for speed.
"""

import asyncio
from collections.abc import Callable

from crdt.decoder import decode_state_vector
from crdt.document import Replica
from crdt.protocol import Reader, ServerFrame
from tests.bench.plans import Connection, Dialect, Server, joins, request, update_frame
from tests.support.wires import message

CONNECT_SECONDS = 30.0
_SYNC, _SYNC_REPLY, _SYNC_STATUS = 0, 4, 8
_UPDATES = (1, 2)


class Witness:
    """Reads until the connection ends. `acknowledged`: updates of its own that it was told are taken; of a server that
    tells nothing of the kind, none.
    """

    def __init__(self, server: Server, one: Connection) -> None:
        self.acknowledged = 0
        self.sent = 0
        self.has_text = False
        self._server, self._one = server, one
        self._text = Replica(999)
        self._statuses = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter

    async def join(self) -> None:
        """Shake hands, say what a connection says first, and wait for the answer."""
        port = self._one.port or self._server.port
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
            self._writer.write(request(self._server, self._one))
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101"), head[:200]
            self._task = asyncio.create_task(self._read(reader))
            for frame in joins(self._server, self._one):
                self._writer.write(message(frame))
            await self.until(lambda: self.has_text)

    def type(self) -> None:
        """Send the next of its updates."""
        typed = self._one.typed
        assert typed is not None
        update, _ = typed.updates[self.sent]
        self.sent += 1
        self._writer.write(message(update_frame(self._server, self._one, self.sent, typed.party, update)))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what the server will tell; whoever calls bounds the time."""
        while not condition() and not self.over:
            self._news.clear()
            await self._news.wait()

    @property
    def over(self) -> bool:
        """Whether the connection has ended."""
        return self._task is not None and self._task.done()

    async def ended(self) -> None:
        """Wait for the end of the connection: all that was under way is read."""
        if self._task is not None:
            await asyncio.wait((self._task,), timeout=CONNECT_SECONDS)

    def leave(self) -> None:
        """Go."""
        if self._task is not None:
            self._task.cancel()
            self._writer.close()

    @property
    def seen(self) -> dict[int, int]:
        """The next clock of each client, in the text as it was shown here."""
        return decode_state_vector(self._text.state_vector())

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                first, second = await reader.readexactly(2)
                length = second & 127
                if length == 126:
                    length = int.from_bytes(await reader.readexactly(2), "big")
                elif length == 127:
                    length = int.from_bytes(await reader.readexactly(8), "big")
                payload = await reader.readexactly(length)
                match first & 15:
                    case 2:
                        self._take(payload)
                    case 8:
                        return
                    case 9:
                        self._writer.write(message(payload, opcode=10))
                self._news.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self._news.set()

    def _take(self, payload: bytes) -> None:
        reader = Reader(payload)
        if self._server.dialect is Dialect.UNBRACKET:
            self._take_ours(reader)
            return
        if self._server.dialect is Dialect.HOCUSPOCUS:
            reader.varstring()
        # Some servers put several messages into one frame.
        while not reader.at_end:
            kind = reader.varuint()
            if kind in (_SYNC, _SYNC_REPLY):
                step, data = reader.varuint(), reader.varbytes()
                if step in _UPDATES:
                    self._apply(data)
                    self.has_text = True
            elif kind == _SYNC_STATUS:
                reader.varuint()
                # The first is of what it brought when it joined.
                self._statuses += 1
                self.acknowledged = self._statuses - 1
            else:
                return

    def _take_ours(self, reader: Reader) -> None:
        match reader.varuint():
            case ServerFrame.SYNC:
                reader.varuint(), reader.varuint()
                self._apply(reader.varbytes())
                self.has_text = True
            case ServerFrame.UPDATE:
                reader.varuint(), reader.varuint()
                for _ in range(reader.varuint()):
                    self._apply(reader.varbytes())
            case ServerFrame.ACK:
                self.acknowledged = max(self.acknowledged, reader.varuint())
            case ServerFrame.REFUSED:
                raise AssertionError(f"an honest update was refused: {reader.varuint()} {reader.varstring()}")

    def _apply(self, update: bytes) -> None:
        if update not in (b"", b"\0\0"):
            self._text.apply((update,))
