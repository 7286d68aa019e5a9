"""The stream of a room's screen: what changed on it, as server-sent events, a moment after it was committed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from server.doors import Stream
from server.errors import RoomClosed
from server.html_view import Regions
from server.live_feed import GAP_SECONDS, RETRY_MS, Gallery, Presentation, difference, event, moved_on, paused
from server.placement import Readable
from server.projecting.screen import Names, Screen, Screens

STILL = b": still here\n\n"


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a screen is: how it shows the text, and whether it goes dark when the sitting is closed to observers."""

    presentation: Presentation
    regions: Regions
    names: Names
    zone: ZoneInfo
    since: int = -1
    is_observer: bool = False


async def events(
    room: Readable,
    stream: Stream,
    gallery: Gallery,
    screens: Screens,
    audience: Audience,
    now: Callable[[], datetime],
    still_open: Callable[[], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """The stream of one screen, until it goes, its link ends, or the room does. `still_open` is asked with every
    heartbeat, should word of the end be lost between processes.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    before: Screen | None = None
    first = True
    while not stream.ended.is_set():
        if audience.is_observer and not room.document.record.opinion.observers_admitted:
            yield event("reload", {})
            return
        after = screens.screen(room, gallery, audience.presentation, audience.regions, audience.names)
        if first and after.text.seq == audience.since:
            yield b": up to date\n\n"
        else:
            yield told(before, after, now())
        before, first = after, False
        if await paused(stream.ended, GAP_SECONDS):
            break
        try:
            while not await moved_on(room, after.text.seq, stream.ended):
                if not await still_open():
                    yield event("reload", {})
                    return
                yield STILL
        except RoomClosed:
            return
    if stream.reload:
        yield event("reload", {})


async def dark(stream: Stream, still_open: Callable[[], Awaitable[bool]], heartbeat: float) -> AsyncIterator[bytes]:
    """The stream of a screen that shows nothing: it only waits for its page to be loaded again."""
    yield f"retry: {RETRY_MS}\n\n".encode()
    while not await paused(stream.ended, heartbeat):
        if not await still_open():
            yield event("reload", {})
            return
        yield STILL
    if stream.reload:
        yield event("reload", {})


def told(before: Screen | None, after: Screen, now: datetime) -> bytes:
    """The event by which a page that shows `before` comes to show `after`."""
    left = after.result_left(now)
    return event(
        "screen",
        {
            **difference(None if before is None else before.text, after.text),
            "here": after.here,
            "cited": after.cited,
            "brackets": after.brackets,
            "bar": after.bar,
            "until": None if after.bar_until is None else after.bar_until.isoformat(),
            "result": after.result if left else "",
            "left": left,
            "now": now.isoformat(),
        },
        after.text.seq,
    )
