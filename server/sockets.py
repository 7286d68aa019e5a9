"""The socket of an Opinion, `/ws/opinions/{opinion}`: who opens it, a place in the room, frames both ways until it
ends.

Host and Origin were checked before (`server.security`). A person who may not come in is told so by a close code after
the handshake, for browsers hide the status of a refused one. Under our own server a plain handshake does not come this
way at all (`server.entrance`, `server.fanout`); `StarletteSocket` does the same for any other, more slowly.
"""

import asyncio
import logging
import time
from collections import deque

from starlette.websockets import WebSocket, WebSocketDisconnect
from typing_extensions import override

from crdt.errors import DocumentError
from opinions.roles import Act
from server import auth, metrics
from server.auth import Standing
from server.errors import ServerError
from server.hub import Place
from server.peers import CLOSE_SECONDS, Bundle, Peer, Placed
from server.visit import Services, services_of

_log = logging.getLogger("unbracket.socket")


class Stay:
    """A peer that has its place, until its socket is gone."""

    __slots__ = ("_fields", "_opened", "place")

    def __init__(self, place: Place, fields: dict[str, object]) -> None:
        self.place = place
        self._fields = fields
        self._opened = time.monotonic()
        _log.info("socket open", extra=fields)

    def ended(self, code: int) -> None:
        """The socket is gone, with this close code."""
        seconds = round(time.monotonic() - self._opened, 1)
        _log.info("socket closed", extra={**self._fields, "code": code, "seconds": seconds})


async def opinion_socket(websocket: WebSocket) -> None:
    """Seat whoever may join the Opinion, and stay until the socket is gone."""
    services = services_of(websocket)
    looked_up = services.hub.revocations
    standing = await services.standing(websocket, admit_personas=False)
    await websocket.accept()
    socket = StarletteSocket(websocket)
    stay = await seated(services, standing, looked_up, socket, auth.address_of(websocket))
    if stay is None:
        await socket.serve(None)
        return
    code = 1006
    try:
        code = await socket.serve(stay.place)
    finally:
        stay.place.leave()
        stay.ended(code)


async def seated(
    services: Services, standing: Standing, looked_up: int, socket: Peer, address: str = ""
) -> Stay | None:
    """Give a peer whose handshake was answered its place, by what was looked up of it: `looked_up` is the hub's count
    of revocations before that. None for who may not come in: the socket is told why, and closed.
    """
    actor, caller, opinion = standing.actor, standing.caller, standing.opinion
    if actor is None or caller is None:
        socket.close(4401, "You are signed out.")
        return None
    if opinion is None or not standing.may(Act.OPINION_JOIN):
        _log.info("refused", extra={"member": actor.member, "act": Act.OPINION_JOIN.value})
        subject = "" if opinion is None else opinion.id
        services.refused(standing, Act.OPINION_JOIN.value, subject, address)
        if standing.withheld:
            socket.close(4403, "Your role needs a passkey here. Load the page again and confirm that it is you.")
        else:
            socket.close(4403, "You may not open this draft Opinion.")
        return None
    fields: dict[str, object] = {"opinion": opinion.id, "member": actor.member}
    try:
        place = await services.hub.seat(opinion.id, actor, caller.member.version, socket, looked_up)
    except (ServerError, DocumentError) as error:
        _log.warning("socket refused", extra={**fields, "reason": type(error).__name__})
        socket.close(1013, str(error))
        return None
    except Exception as error:
        # It was told 101 already, and would wait for a WELCOME that never comes.
        metrics.FAULTS.inc()
        _log.error("no place for a socket", extra=fields, exc_info=error)
        socket.close(1013, "The draft Opinion cannot be opened now. Try again in a moment.")
        return None
    services.watch(standing, address, place, socket)
    return Stay(place, fields)


class StarletteSocket(Peer):
    """A peer on Starlette's own WebSocket: a task that reads, a task that writes."""

    def __init__(self, websocket: WebSocket) -> None:
        super().__init__(asyncio.get_running_loop().time)
        self._websocket = websocket
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closing: tuple[int, str] | None = None
        self._something = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()

    async def serve(self, place: Placed | None) -> int:
        """Hand what arrives to a place in a room (None: nowhere) until the socket is gone; its close code."""
        writer = asyncio.create_task(self._write_all())
        reader = asyncio.create_task(self._read_all(place))
        try:
            await asyncio.wait((writer, reader), return_when=asyncio.FIRST_COMPLETED)
            return reader.result() if reader.done() else writer.result()
        finally:
            for task in (writer, reader):
                task.cancel()
            await asyncio.gather(writer, reader, return_exceptions=True)

    async def _read_all(self, place: Placed | None) -> int:
        while True:
            await self._reading.wait()
            message = await self._websocket.receive()
            if message["type"] != "websocket.receive":
                return int(message.get("code") or 1005)
            data = message.get("bytes")
            if data is None:
                self.close(4400, "Frames are binary.")
            elif place is not None and self._closing is None:
                place.submit(data)

    async def _write_all(self) -> int:
        while True:
            await self._something.wait()
            while self._waiting:
                frame = self._waiting.popleft()
                try:
                    await self._websocket.send_bytes(frame)
                except (WebSocketDisconnect, RuntimeError):
                    return 1006
                self._bytes -= len(frame)
            if self._closing is not None:
                code, reason = self._closing
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._websocket.close(code, reason)
                return code
            self._something.clear()

    @override
    def waiting_bytes(self) -> int:
        return self._bytes

    @override
    def write(self, bundle: Bundle) -> None:
        if self._closing is None:
            self._waiting.extend(bundle.frames)
            self._bytes += bundle.size
            self._something.set()

    @override
    def close(self, code: int, reason: str) -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._something.set()

    @override
    def pause(self) -> None:
        self._reading.clear()

    @override
    def resume(self) -> None:
        self._reading.set()
