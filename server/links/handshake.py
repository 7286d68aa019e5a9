"""Who may speak over a link between nodes: both sides show that they hold the cluster's key, or nothing is said.

The key is derived from the signing key that all nodes of a deployment share. Each side answers the other's random
challenge with an HMAC-SHA-256 that names who speaks to whom, so an answer serves nobody else and no second time. What
is said afterwards is not encrypted: links belong into a private network (server/SPEC.md, N6).
"""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.errors import LinkBroken, ServerError
from server.links.messages import LINK_VERSION, Kind, message, packed, unpacked
from server.links.stream import MAX_MESSAGE, End, Link
from server.signing import SigningKey

HANDSHAKE_SECONDS = 3.0
"""Longest from the first byte to the last of a handshake."""
MAX_GREETING = 1024
"""Bytes of a message of somebody who has not shown the key yet."""
MAX_STRANGERS = 64
"""Connections at once that have not shown the key yet; further ones are cut."""


class LinkRefused(ServerError):
    """Raised when no link to a node can be made."""


@dataclass(frozen=True, slots=True)
class _Greeting:
    version: int
    speaker: str
    spoken_to: str
    challenge: bytes


@dataclass(frozen=True, slots=True)
class _Challenge:
    challenge: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class _Proof:
    proof: bytes


def link_secret(key: SigningKey) -> bytes:
    """The 32 bytes that nodes with this signing key share."""
    raw = key.private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"unbracket links 1").derive(raw)


def _proof(secret: bytes, act: bytes, greeting: _Greeting, challenge: bytes) -> bytes:
    said = (act, greeting.speaker.encode(), greeting.spoken_to.encode(), greeting.challenge, challenge)
    return hmac.digest(secret, b"".join(len(part).to_bytes(4, "big") + part for part in said), "sha256")


def _require(is_so: bool) -> None:
    if not is_so:
        raise LinkBroken("The other side does not hold the cluster's key, or is another node.")


class _Stranger:
    """An end before the handshake is done."""

    def __init__(self, secret: bytes) -> None:
        self.link: Link
        self._secret = secret
        self._mine = secrets.token_bytes(32)
        self._deadline = asyncio.get_running_loop().call_later(HANDSHAKE_SECONDS, self._late)

    def _late(self) -> None:
        self.link.drop()

    def congested(self, is_congested: bool) -> None:
        """Nothing is sent that could wait."""

    def _done(self, end: End) -> None:
        self._deadline.cancel()
        self.link.trusted(end, MAX_MESSAGE)


class _Caller(_Stranger):
    """The side that opened the connection."""

    def __init__(self, secret: bytes, speaker: str, spoken_to: str, end: End) -> None:
        super().__init__(secret)
        self.greeting = _Greeting(LINK_VERSION, speaker, spoken_to, self._mine)
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._end = end
        self._proven = False

    def received(self, kind: Kind, body: bytes) -> None:
        if kind is Kind.CHALLENGE:
            told = unpacked(_Challenge, body)
            expected = _proof(self._secret, b"answers", self.greeting, told.challenge)
            _require(hmac.compare_digest(told.proof, expected))
            mine = _proof(self._secret, b"calls", self.greeting, told.challenge)
            self.link.send(packed(Kind.PROOF, _Proof(mine)))
            self._proven = True
        elif kind is Kind.WELCOME and self._proven:
            self._done(self._end)
            if not self.done.done():
                self.done.set_result(None)
        else:
            raise LinkBroken("That is no handshake.")

    def lost(self) -> None:
        self._deadline.cancel()
        if not self.done.done():
            self.done.set_exception(LinkRefused("The other node does not answer as one of this deployment."))


class _Answerer(_Stranger):
    """The side that was called."""

    def __init__(self, listener: "LinkListener") -> None:
        super().__init__(listener.secret)
        self._listener = listener
        self._greeting: _Greeting | None = None
        listener.strangers.add(self)

    def received(self, kind: Kind, body: bytes) -> None:
        if kind is Kind.GREETING and self._greeting is None:
            greeting = unpacked(_Greeting, body)
            _require(greeting.version == LINK_VERSION and greeting.spoken_to == self._listener.node)
            _require(len(greeting.challenge) == 32)
            self._greeting = greeting
            proof = _proof(self._secret, b"answers", greeting, self._mine)
            self.link.send(packed(Kind.CHALLENGE, _Challenge(self._mine, proof)))
        elif kind is Kind.PROOF and self._greeting is not None:
            expected = _proof(self._secret, b"calls", self._greeting, self._mine)
            _require(hmac.compare_digest(unpacked(_Proof, body).proof, expected))
            self._listener.strangers.discard(self)
            self.link.send(message(Kind.WELCOME))
            self._done(self._listener.welcomed(self.link, self._greeting.speaker))
        else:
            raise LinkBroken("That is no handshake.")

    def lost(self) -> None:
        self._deadline.cancel()
        self._listener.strangers.discard(self)


class LinkListener:
    """Where other nodes call this one. `welcomed(link, node)` gives each of them its end."""

    def __init__(self, secret: bytes, node: str, welcomed: Callable[[Link, str], End]) -> None:
        self.secret = secret
        self.node = node
        self.welcomed = welcomed
        self.strangers: set[_Answerer] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Begin; the port, which is a free one when 0 was asked for."""
        self._server = await asyncio.get_running_loop().create_server(self._link, host, port)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    def close(self) -> None:
        """Take no more calls."""
        if self._server is not None:
            self._server.close()

    def _link(self) -> Link:
        stranger = _Answerer(self)
        stranger.link = Link(stranger, MAX_GREETING)
        if len(self.strangers) > MAX_STRANGERS:
            asyncio.get_running_loop().call_soon(stranger.link.drop)
        return stranger.link


async def call(secret: bytes, speaker: str, spoken_to: str, address: str, end: End) -> Link:
    """A link to a node at `host:port`, with both sides known to each other; `end` has it from then on.

    Raises `LinkRefused` when there is none to be had.
    """
    host, _, port = address.rpartition(":")
    caller = _Caller(secret, speaker, spoken_to, end)
    caller.link = link = Link(caller, MAX_GREETING)
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            await asyncio.get_running_loop().create_connection(lambda: link, host.strip("[]"), int(port))
            link.send(packed(Kind.GREETING, caller.greeting))
            await caller.done
    except (OSError, TimeoutError, ValueError) as error:
        link.drop()
        caller.lost()
        caller.done.exception()
        raise LinkRefused(f"The node at {address} cannot be reached ({type(error).__name__}).") from None
    return link
