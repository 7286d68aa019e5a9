"""A line between clients and the server that stalls, is slow, breaks in the middle of a frame, or swallows everything.

A relay of bytes on a port of its own; the server must know it as an origin (`BadLine.origin`). In both directions and
for all its connections alike.
"""

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field

_CHUNK = 65_536


@dataclass(eq=False)
class _Relayed:
    """One connection: both ends, the tasks that carry, and whether it has died without a word."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    dead: bool = False

    def end(self) -> None:
        for writer in (self.near, self.far):
            writer.transport.abort()


class BadLine:
    """Relays to a port once `lead_to` has named it. `mend` ends whatever is wrong; what died silently stays dead."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.seconds = 0.0
        """Delay each way, of what comes from then on."""
        self._target = 0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._swallowing = self._refusing = self._tearing = False
        self._open: set[_Relayed] = set()
        self._server: asyncio.Server

    async def lead_to(self, port: int) -> None:
        """Begin to relay."""
        self._target = port
        self._server = await asyncio.start_server(self._accept, sock=self._listener)

    async def close(self) -> None:
        """End everything."""
        self._server.close()
        self.cut()
        tasks = [task for relayed in self._open for task in relayed.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def stall(self) -> None:
        """Nothing passes, nothing is lost."""
        self._flowing.clear()

    def cut(self) -> None:
        """Every connection ends, and every new one at once."""
        self._refusing = True
        for relayed in self._open:
            relayed.end()

    def tear(self) -> None:
        """The next bytes of a client get through by half, then its connection ends; new ones are served."""
        self._tearing = True

    def swallow(self) -> None:
        """What is open dies without a word, and so does whatever is opened until the line is mended."""
        self._swallowing = True
        for relayed in self._open:
            relayed.dead = True

    def mend(self) -> None:
        """New connections, and those that still live, are served at once."""
        self.seconds = 0.0
        self._swallowing = self._refusing = self._tearing = False
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self._refusing:
            near.transport.abort()
            return
        try:
            answers, far = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            near.transport.abort()
            return
        relayed = _Relayed(near, far, dead=self._swallowing)
        self._open.add(relayed)
        relayed.tasks = [
            asyncio.create_task(self._carry(reader, far, relayed, up=True)),
            asyncio.create_task(self._carry(answers, near, relayed, up=False)),
        ]
        await asyncio.gather(*relayed.tasks, return_exceptions=True)
        relayed.end()
        self._open.discard(relayed)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, relayed: _Relayed, *, up: bool
    ) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(self._deliver(pieces, writer, relayed, up=up))
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    data = await reader.read(_CHUNK)
                except OSError:
                    data = b""
                pieces.put_nowait((loop.time() + self.seconds, data))
                if not data:
                    break
            await delivering
        finally:
            delivering.cancel()

    async def _deliver(
        self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, relayed: _Relayed, *, up: bool
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._flowing.wait()
            if relayed.dead:
                # Not even the end of it is told: the server finds out by itself, and so does the client.
                if not data:
                    return
                continue
            with suppress(OSError):
                if not data:
                    writer.write_eof()
                    return
                if up and self._tearing:
                    self._tearing = False
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    relayed.end()
                    return
                writer.write(data)
                await writer.drain()
