"""A relay before Redis that loses some of the messages which subscribers should get, and nothing else."""

import asyncio
import socket
from random import Random

LINE_END = b"\r\n"


class LossyRedis:
    """Listens on a port of its own while the block lasts; `lost` counts what it kept back."""

    def __init__(self, redis_port: int, chance: Random) -> None:
        self.share = 0.0
        """Of the messages that are lost, from now on."""
        self.lost = self.passed = 0
        self._redis_port = redis_port
        self._chance = chance
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._server: asyncio.Server
        self._open: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "LossyRedis":
        self._server = await asyncio.start_server(self._accept, sock=self._listener)
        return self

    async def __aexit__(self, *failure: object) -> None:
        self._server.close()
        for writer in self._open:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self._open.add(near)
        try:
            answers, far = await asyncio.open_connection("127.0.0.1", self._redis_port)
            self._open.add(far)
            try:
                _, waiting = await asyncio.wait(
                    [asyncio.create_task(_copy(reader, far)), asyncio.create_task(self._told(answers, near))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                for task in waiting:
                    task.cancel()
            finally:
                self._open.discard(far)
                far.transport.abort()
        except OSError:
            pass  # Redis is away: the line ends, as it would without us.
        finally:
            self._open.discard(near)
            near.transport.abort()

    async def _told(self, answers: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        try:
            while True:
                told = await _value(answers)
                if told.startswith(b"*3\r\n$7\r\nmessage\r\n"):
                    if self._chance.random() < self.share:
                        self.lost += 1
                        continue
                    self.passed += 1
                near.write(told)
                await near.drain()
        except (OSError, asyncio.IncompleteReadError):
            return


async def _value(reader: asyncio.StreamReader) -> bytes:
    """One value of Redis' protocol, as it came."""
    head = await reader.readuntil(LINE_END)
    length = int(head[1:]) if head[:1] in b"*$" else -1
    if length < 0:
        return head
    if head[:1] == b"$":
        return head + await reader.readexactly(length + len(LINE_END))
    return b"".join([head, *[await _value(reader) for _ in range(length)]])


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        return
