"""Who comes in by a socket: one look at the database for all who come while the last one is under way, then a place.

What is looked up is as of a moment after each of them asked, so nobody gets in on rights that were gone by then.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.requests import cookie_parser
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server import auth
from server.auth import Asking, Standing
from server.deflate import ANSWER, is_offered
from server.fanout import FanoutSocket, Pulse
from server.half_open import Waiting
from server.sockets import seated
from server.visit import Services

MOST_AT_ONCE = 256
"""Callers looked up in one transaction: others wait for the database, too."""
MOST_WAITING = 2048
"""Callers who wait for that at once, a hall twice over; more are told to come again."""
_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
_EXTENDED = b"\r\nSec-WebSocket-Extensions: " + ANSWER
_NOT_NOW = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

_log = logging.getLogger("unbracket.socket")


class _Arrival(NamedTuple):
    socket: FanoutSocket
    asking: Asking
    answer: bytes
    deflates: bool
    looked_up: int
    forwarded: str = ""
    """What the proxies say of where it comes from."""


class Reception:
    """Everybody who has asked for a socket and has no place yet. Belongs to one event loop."""

    def __init__(self, services: Callable[[], Services | None]) -> None:
        """`services` are the app's, None before it has started."""
        self.pulse = Pulse()
        self.waiting = Waiting()
        self._services = services
        self._arrivals: list[_Arrival] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking = False

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a handshake comes from one of our own pages, and all that it rests on is in these headers."""
        services = self._services()
        if services is None:
            return False
        origins, host = services.origins, headers["host"]
        if services.settings.trusted_proxies and not origins.any_https and "x-forwarded-proto" in headers:
            return False
        return origins.knows(host) and origins.admits(headers["origin"], host)

    def receive(self, socket: FanoutSocket, opinion: str, headers: Mapping[str, str], accepted: bytes) -> None:
        """Look up who this is, answer the handshake, and give the peer its place; admitted before."""
        services = self._services()
        assert services is not None
        if len(self._arrivals) >= MOST_WAITING:
            socket.refuse(_NOT_NOW)
            return
        host = headers["host"]
        cookie = auth.cookie_for(host, services.origins.any_https)
        token = cookie_parser(headers.get("cookie", "")).get(cookie, "")
        deflates = is_offered(headers.get("sec-websocket-extensions", ""))
        answer = b"".join((_SWITCHING, accepted, _EXTENDED if deflates else b"", b"\r\n\r\n"))
        forwarded = headers.get("x-forwarded-for", "") if services.settings.trusted_proxies else ""
        arrival = _Arrival(socket, Asking(token, host, opinion), answer, deflates, services.hub.revocations, forwarded)
        self._arrivals.append(arrival)
        if not self._looking:
            self._looking = True
            self._begin(self._look(services))

    def _begin(self, doing: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self, services: Services) -> None:
        """Look up all who wait, as often as somebody does."""
        try:
            while self._arrivals:
                arrivals, self._arrivals = self._arrivals[:MOST_AT_ONCE], self._arrivals[MOST_AT_ONCE:]
                try:
                    standings = await services.standings([one.asking for one in arrivals])
                    found = list(zip(arrivals, standings, strict=True))
                except Exception as error:
                    _log.error("nobody can be looked up", extra={"waiting": len(arrivals)}, exc_info=error)
                    for one in arrivals:
                        one.socket.refuse(_NOT_NOW)
                    continue
                for one, standing in found:
                    try:
                        self._let_in(services, one, standing)
                    except Exception as error:
                        _log.error("a socket is not let in", exc_info=error)
                        one.socket.give_up()
        finally:
            self._looking = False

    def _let_in(self, services: Services, arrival: _Arrival, standing: Standing) -> None:
        arrival.socket.accept(arrival.answer, deflates=arrival.deflates)
        if standing.actor is None:
            self.waiting.strangers.wait(arrival.socket)
        self._begin(self._seat(services, arrival, standing))

    async def _seat(self, services: Services, arrival: _Arrival, standing: Standing) -> None:
        socket = arrival.socket
        address = socket.remote
        if arrival.forwarded:
            address = await forwarded_for(address, arrival.forwarded, services.settings.trusted_proxies)
        stay = await seated(services, standing, arrival.looked_up, socket, address)
        if stay is None:
            socket.open(None, lambda _: self.waiting.strangers.came(socket))
        else:
            socket.open(stay.place, stay.ended)


async def forwarded_for(address: str, forwarded: str, trusted: str) -> str:
    """The network address that the proxies which are believed say a socket comes from: as of every other request."""
    scope: Scope = {
        "type": "websocket",
        "scheme": "ws",
        "client": (address, 0),
        "headers": [(b"x-forwarded-for", forwarded.encode("latin-1", "replace"))],
    }

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        pass

    async def never() -> dict[str, object]:
        raise AssertionError("no body is asked for")

    async def nowhere(message: object) -> None:
        pass

    await ProxyHeadersMiddleware(nothing, trusted)(scope, never, nowhere)  # type: ignore[arg-type]
    return str(scope["client"][0])
