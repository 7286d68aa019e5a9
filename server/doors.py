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


class Stream:
    """Something open to a person: `ended` is set when it must end, `reload` then says whether its page is stale."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.reload = False

    def end(self, *, reload: bool) -> None:
        """Tell the stream to end."""
        self.reload |= reload
        self.ended.set()


class Doors:
    """The open streams by member, and the way to the sockets. Belongs to one event loop."""

    def __init__(self, revoke: Revoke) -> None:
        self._revoke = revoke
        self._streams: dict[str, set[Stream]] = {}

    def shut(self, member: str, closing: Closing) -> None:
        """Close everything a member has open. Call it after the transaction that took the rights away."""
        self._revoke(member, closing.code, closing.reason)
        self.shut_streams_of(member)

    def shut_streams_of(self, member: str) -> None:
        """End a member's streams; the pages are loaded anew."""
        for stream in self._streams.get(member, ()):
            stream.end(reload=True)

    def shut_streams(self, *, reload: bool) -> None:
        """End every stream. With `reload` their pages are loaded anew: what they may show has changed."""
        for streams in self._streams.values():
            for stream in streams:
                stream.end(reload=reload)

    def shut_all(self) -> None:
        """End every stream, for the server stops; they come back by themselves. Sockets are the hub's to close."""
        self.shut_streams(reload=False)

    @contextmanager
    def stream(self, member: str) -> Iterator["Stream"]:
        """A stream of this member, while it lasts."""
        stream = Stream()
        self._streams.setdefault(member, set()).add(stream)
        try:
            yield stream
        finally:
            self._streams[member].discard(stream)
            if not self._streams[member]:
                del self._streams[member]

    def streams_of(self, member: str) -> int:
        """How many streams a member has open."""
        return len(self._streams.get(member, ()))
