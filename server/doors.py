"""Shutting people out at once: every open socket and stream of a person ends when his or her standing changes.

Pages ask the database at each request; what stays open (sockets, the live page's stream) is told here.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closing:
    """Why something open is closed, as its browser is told (crdt/SPEC.md, W11)."""

    code: int
    reason: str


SIGNED_OUT = Closing(4401, "You were signed out.")
CHANGED = Closing(4409, "What you may do here has changed. The page is loaded again.")
CHECK_AGAIN = Closing(1012, "Your sign-in is looked up again.")
"""For the other browsers of somebody who ended one session: they come back by themselves, the ended one does not."""

Revoke = Callable[[str, int, str], None]
"""Closes the sockets of a member with a close code and a reason: the hub's."""


class Doors:
    """The open streams by member, and the way to the sockets. Belongs to one event loop."""

    def __init__(self, revoke: Revoke) -> None:
        self._revoke = revoke
        self._streams: dict[str, set[asyncio.Event]] = {}

    def shut(self, member: str, closing: Closing) -> None:
        """Close everything a member has open. Call it after the transaction that took the rights away."""
        self._revoke(member, closing.code, closing.reason)
        for ended in self._streams.get(member, ()):
            ended.set()

    def shut_all(self) -> None:
        """End every stream, for the server stops; sockets are the hub's to close."""
        for streams in self._streams.values():
            for ended in streams:
                ended.set()

    @contextmanager
    def stream(self, member: str) -> Iterator[asyncio.Event]:
        """An event that is set when a stream of this member must end; kept while the stream lasts."""
        ended = asyncio.Event()
        self._streams.setdefault(member, set()).add(ended)
        try:
            yield ended
        finally:
            self._streams[member].discard(ended)
            if not self._streams[member]:
                del self._streams[member]

    def streams_of(self, member: str) -> int:
        """How many streams a member has open."""
        return len(self._streams.get(member, ()))
