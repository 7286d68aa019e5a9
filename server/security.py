"""What holds for every request before anybody asks who sent it: host, origin, size, headers, rate.

One ASGI layer around the whole app. A request for a host that is not ours is refused (DNS rebinding), so is
an unsafe method or a socket that does not come from one of our own pages (CSRF, cross-site WebSocket
hijacking); bodies are bounded; every answer carries the security headers. Who may do what is
`server.routes`'s.

Trusted Types are not asked for yet: ProseMirror's clipboard creates a pass-through policy of its own, so the
editor needs a default policy first.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 12 * 1024 * 1024
"""Bytes of any request body; single routes ask for far less (`routes.Entry.max_body`). An import is the
largest.
"""
SIGN_IN_ATTEMPTS = 20
"""Invitation links one address may try to use within `SIGN_IN_WINDOW_SECONDS`. A token has 256 random bits,
so this bounds load and noise in the log rather than guessing; a conference room shares one address, hence not
fewer.
"""
SIGN_IN_WINDOW_SECONDS = 300.0
ADDRESSES_REMEMBERED = 10_000
"""Addresses whose attempts are counted; the longest unseen one is forgotten first."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_UNCHECKED = ("/healthz", "/readyz", "/static/")
"""Paths answered under any host name: nothing of anybody's is behind them, and load balancers ask by address.
"""
_BY_KEY = ("/api/v1/", "/letters/stop/")
"""Paths that look at no cookie: a program shows its key there, which no page can make a browser do (`server.api`), and
a mail program the signature of the letter that it stops (RFC 8058).
"""
_PERSONA_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\.localhost")

_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), display-capture=()",
    "cache-control": "no-store",
}
"""Put on every answer that does not say otherwise. Pages are private unless their route says they are not."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where our pages live. `demo` admits `http://NAME.localhost` on the same port, one host name per
    persona.

    `any_host` (the demonstration beyond loopback) takes whatever host the request names as ours; an origin
    must then still equal that host. A port of 0 stands for any: it is not known before the server listens.
    """

    allowed: frozenset[str]
    demo: bool = False
    any_host: bool = False
    parts: frozenset["Parts"] = field(init=False)
    any_https: bool = field(init=False)
    """Whether people reach the server by https: then they all do."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "any_https", any(origin.startswith("https://") for origin in self.allowed))
        object.__setattr__(self, "parts", frozenset(_parts(origin) for origin in self.allowed))

    def serves(self, host: str, scheme: str) -> bool:
        """Whether a Host header, asked by this scheme, is one of ours."""
        try:
            asked = _parts(f"{scheme}://{host}")
        except ValueError:
            return False
        if self.any_host:
            return bool(host)
        ours = self.parts
        if self.demo and _PERSONA_HOST.fullmatch(asked[1]):
            ours = frozenset((known, asked[1], port) for known, _, port in ours)
        return asked in ours or (asked[0], asked[1], 0) in ours

    def knows(self, host: str) -> bool:
        """Whether a Host header is one of ours; behind a proxy that ends TLS nothing says by which scheme."""
        return self.serves(host, "http") or self.serves(host, "https")

    def admits(self, origin: str, host: str) -> bool:
        """Whether an Origin header is that of one of our own pages: exact in scheme, host and port.

        In the demonstration it must be that of the very host asked, for each persona has a host name of its
        own and one persona's page must not act as another.
        """
        scheme, colon, authority = origin.partition("://")
        if colon and scheme in {"http", "https"} and authority == host and self.serves(host, scheme):
            return True
        return origin in self.allowed and not self.demo and not self.any_host


Parts = tuple[str, str, int]
"""Scheme, host name, port."""


@lru_cache(maxsize=256)
def _parts(origin: str) -> Parts:
    parts = urlsplit(origin)
    default = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), default if parts.port is None else parts.port


def content_policy(host: str, secure: bool) -> str:
    """The Content-Security-Policy of a page. The socket is spelled out: older browsers leave it out of
    'self'.
    """
    socket = f" {'wss' if secure else 'ws'}://{host}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{socket}; worker-src 'self'; manifest-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


class Security:
    """The ASGI layer. `origins` is called per request, for the port is known only once the server listens."""

    def __init__(self, app: ASGIApp, origins: Callable[[], Origins]) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origins = self._origins()
        host = headers.get("host", "")
        secure = scope["scheme"] in {"https", "wss"} or any(o.startswith("https://") for o in origins.allowed)
        if scope["type"] == "websocket":
            if not (origins.knows(host) and origins.admits(headers.get("origin", ""), host)):
                await receive()
                await send({"type": "websocket.close", "code": 4403, "reason": "wrong origin"})
                return
            await self._app(scope, receive, send)
            return

        guarded_send = _with_headers(send, host, secure)
        refusal = self._refusal(scope, headers, origins, host)
        if refusal is not None:
            await refusal(scope, receive, guarded_send)
            return
        await self._app(scope, limited(receive, MAX_BODY), guarded_send)

    def _refusal(self, scope: Scope, headers: Headers, origins: Origins, host: str) -> PlainTextResponse | None:
        path: str = scope["path"]
        if not path.startswith(_UNCHECKED) and not origins.knows(host):
            return PlainTextResponse(
                f"This server is not set up to answer as {host[:200]!r}. Open it at an address it knows, "
                "or have its operator add this one to UNBRACKET_ORIGINS.\n",
                HTTPStatus.MISDIRECTED_REQUEST,
            )
        foreign = scope["method"] not in SAFE_METHODS and not from_our_own_page(headers, origins)
        if foreign and not path.startswith(_BY_KEY):
            return PlainTextResponse(
                "This request did not come from one of our own pages, so nothing was done. "
                "Open the page again and repeat it there.\n",
                HTTPStatus.FORBIDDEN,
            )
        try:
            length = int(headers.get("content-length", "0"))
        except ValueError:
            return PlainTextResponse("The length of the request is not a number.\n", HTTPStatus.BAD_REQUEST)
        if length > MAX_BODY:
            return PlainTextResponse(
                f"The request is larger than {MAX_BODY // 2**20} MiB. Send less.\n",
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        return None


def from_our_own_page(headers: Headers, origins: Origins) -> bool:
    """Whether a request of an unsafe method was made by one of our pages, as the browser tells it.

    `Sec-Fetch-Site` decides where the browser sends it (`none` is the person's own doing: a reload, a
    bookmark); elsewhere `Origin` must be the server's own. A request that says neither is refused.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    return origins.admits(headers.get("origin", ""), headers.get("host", ""))


class BodyTooLarge(Exception):
    """Raised while a body is read that passes its bound."""


def limited(receive: Receive, most: int) -> Receive:
    """`receive` that raises `BodyTooLarge` once more than `most` bytes of body have come."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise BodyTooLarge
        return message

    return bounded


def _with_headers(send: Send, host: str, secure: bool) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("content-security-policy", content_policy(host, secure))
            if secure:
                headers.setdefault("strict-transport-security", "max-age=31536000")
        await send(message)

    return with_headers


class RateLimit:
    """At most `most` times per address within `window` seconds; memory is bounded."""

    def __init__(self, most: int = SIGN_IN_ATTEMPTS, window: float = SIGN_IN_WINDOW_SECONDS) -> None:
        self._most = most
        self._window = window
        self._times: OrderedDict[str, list[float]] = OrderedDict()

    def admits(self, address: str, now: float) -> bool:
        """Whether it may be done once more now; `now` is any steady clock's seconds. Counts the attempt if
        so.
        """
        recent = [at for at in self._times.pop(address, []) if now - at < self._window]
        allowed = len(recent) < self._most
        self._times[address] = [*recent, now] if allowed else recent
        while len(self._times) > ADDRESSES_REMEMBERED:
            self._times.popitem(last=False)
        return allowed

    def wait_seconds(self, address: str, now: float) -> int:
        """Seconds until the address may try again; 0 when it may now."""
        recent = [at for at in self._times.get(address, []) if now - at < self._window]
        return 0 if len(recent) < self._most else max(1, round(recent[0] + self._window - now))
